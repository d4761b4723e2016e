"""Getting facts in and looking after the store: ingest, batches, tokens, index, audit, db, doctor, templates."""

import io
import json
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from cli.template import ROSTER
from graph.database import Transaction
from graph.settings import DatabaseSettings
from graph.store import open_store
from ingest.mapping import load_mapping, shipped_mappings
from tests.unit.cli.conftest import CommandLine

_NAME = "[bold red]欧阳试[/]"


@pytest.fixture
def roster(zhiku: CommandLine, tmp_path: Path) -> Path:
    out = tmp_path / "名册 模板.xlsx"
    assert zhiku("template", "roster", "--out", out).code == 0
    return out


def test_the_template_is_what_the_roster_mapping_reads(roster: Path) -> None:
    book = CalamineWorkbook.from_filelike(io.BytesIO(roster.read_bytes()))
    rows = book.get_sheet_by_name(ROSTER.sheet).to_python()
    assert rows[0] == [column.header for column in ROSTER.columns]
    assert len(rows) == 2
    assert rows[1][-1] == "虚构示例"
    mapping = load_mapping(shipped_mappings()["roster"])
    assert [column.header for column in ROSTER.columns if column.header not in mapping.columns()] == []


def test_the_template_is_not_written_over_a_file(zhiku: CommandLine, roster: Path) -> None:
    roster.write_text("mine")
    assert zhiku("template", "roster", "--out", roster).code == 1
    assert roster.read_text() == "mine"
    assert zhiku("template", "roster", "--out", roster, "--force", "--json").json["sheet"] == ROSTER.sheet


def test_a_roster_goes_in_is_found_and_is_taken_back(zhiku: CommandLine, roster: Path) -> None:
    source = ("ingest", "table", roster, "--mapping", "roster", "--dataset", "t-roster", "--json")
    tried = zhiku(*source, "--dry-run")
    assert (tried.code, tried.json["dry_run"], tried.json["rejects"]) == (0, True, [])
    first = zhiku(*source).json
    assert first["read"] == 1
    assert first["created"] > 3
    assert zhiku(*source).json["written"] == 0
    assert "0 changes" in zhiku(*source[:-1]).out
    field = str(next(column.example for column in ROSTER.columns if column.header == "研究方向")).split("；")[0]
    asked = ("find", "experts", field)
    answer = zhiku(*asked, "--json")
    declared = answer.json["declared"]
    assert (answer.code, answer.json["experts"]) == (0, [])
    assert [(row["fields"], row["share"]) for row in declared] == [([field], 1.0)]
    shown = zhiku(*asked)
    assert shown.code == 0
    assert declared[0]["name"] in shown.out
    assert "自报" in shown.out
    assert "declared" not in zhiku(*asked, "--title", "没有这个职称", "--json").json
    listed = zhiku("batch", "list", "--json").json
    assert first["run"] in {run["id"] for run in listed}
    assert first["run"] in zhiku("batch", "list").out
    assert zhiku("batch", "list", first["run"], "--json").json
    undone = zhiku("batch", "undo", first["run"], "--json").json
    assert undone["removed"] > 3
    assert zhiku("batch", "undo", first["run"]).code == 1
    assert zhiku("batch", "undo", "R-none").code == 3
    assert zhiku("batch", "list", "R-none").code == 3


def test_rejects_are_shown_listed_and_end_with_5(zhiku: CommandLine, tmp_path: Path) -> None:
    lines = ["姓名,单位,性别,出生年", "钱测,虚构测试大学,不明,", ",虚构测试大学,女,1970", "孙测,虚构测试大学,女,1971"]
    (tmp_path / "r.csv").write_text("\n".join(lines), encoding="utf-8")
    ended = zhiku("ingest", "table", tmp_path / "r.csv", "-m", "roster")
    assert ended.code == 5
    assert "性别" in ended.out
    assert "不明" not in ended.out, "a restricted value on screen"
    found = zhiku("ingest", "table", tmp_path / "r.csv", "-m", "roster", "--json").json
    assert (found["rejected_records"], found["rejected_values"], len(found["rejects"])) == (1, 1, 2)
    assert Path(found["rejects_file"]).read_text(encoding="utf-8-sig").count("r.csv") == 2


def test_hostile_names_stay_text(zhiku: CommandLine, tmp_path: Path) -> None:
    work = {
        "id": "h1",
        "title": "<script>alert(1)</script>[link=x]恶意输入鲁棒性[/link]",
        "date": "2024",
        "kind": "paper",
        "authors": [{"name": _NAME, "affiliations": ["=cmd|' /C calc'!A0\x1b[31m研究所"]}],
    }
    (tmp_path / "w.jsonl").write_text(json.dumps(work, ensure_ascii=False), encoding="utf-8")
    assert zhiku("ingest", "works", tmp_path / "w.jsonl").code in {0, 5}
    shown = zhiku("find", "experts", "恶意输入鲁棒性")
    assert shown.code == 0
    assert _NAME in shown.out
    assert "<script>" in shown.out
    assert "\x1b" not in shown.out
    person = zhiku("find", "experts", "恶意输入鲁棒性", "--json").json["experts"][0]
    out = tmp_path / "n.html"
    assert zhiku("show", "network", person["id"], "--out", out).code == 0
    assert "<script>alert(1)" not in out.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "arguments",
    [
        ["nichts", "f.csv"],
        ["table", "f.csv"],
        ["table", "f.csv", "--mapping", "nichts"],
        ["table", "missing.csv", "--mapping", "roster"],
        ["table", ".", "--mapping", "roster"],
        ["table", "empty.csv", "--mapping", "roster"],
        ["table", "columns.csv", "--mapping", "roster"],
        ["table", "f.csv", "--mapping", "bad.toml"],
        ["works", "picture.png"],
        ["works", "nul\0.jsonl"],
    ],
)
def test_what_cannot_go_in_is_told_and_changes_nothing(
    zhiku: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("f.csv").write_text("姓名,单位\n周测,虚构大学", encoding="utf-8")
    Path("empty.csv").write_bytes(b"")
    Path("columns.csv").write_text("甲,乙\n1,2", encoding="utf-8")
    Path("bad.toml").write_text("entity = 3")
    Path("picture.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    before = zhiku("doctor", "--json").json["counts"]
    ended = zhiku("ingest", *arguments)
    assert ended.code in {1, 2, 5}
    assert ended.code == 5 or ended.err.startswith("错误：")
    assert zhiku("doctor", "--json").json["counts"] == before


def test_mappings_are_listed(zhiku: CommandLine) -> None:
    names = {mapping["name"] for mapping in zhiku("mapping", "list", "--json").json}
    assert names == set(shipped_mappings())
    assert "roster" in zhiku("mapping", "list").out


def test_tokens(zhiku: CommandLine) -> None:
    token = zhiku("token", "add", "测试员", "--role", "reader", "--role", "editor", "--json").json["token"]
    assert zhiku("token", "add", "测试员").code == 1
    assert zhiku("token", "add", "别人", "--role", "kaiser").code == 1
    plain = zhiku("token", "add", "只读员")
    assert plain.out.startswith("zhiku_")
    assert plain.out.count("\n") == 1
    listed = zhiku("token", "list", "--json")
    assert token not in listed.out
    assert {a["name"]: a["roles"] for a in listed.json}["测试员"] == ["reader", "editor"]
    assert zhiku("token", "revoke", "测试员").code == 0
    assert zhiku("token", "revoke", "测试员").code == 3
    assert "测试员" in zhiku("token", "list").out


def test_index_audit_and_doctor(zhiku: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHIKU_INDEX_ENCODER", "latent")
    assert zhiku("index", "rebuild", "--json").code == 0
    state = zhiku("index", "status", "--json").json
    assert (state["encoder"], state["wanted"]) == ("latent", "latent")
    monkeypatch.setenv("ZHIKU_INDEX_ENCODER", "none")
    assert "zhiku index rebuild 生效" in zhiku("index", "status").out
    assert "只按字词检索" in zhiku("index", "rebuild").out
    monkeypatch.setenv("ZHIKU_INDEX_ENCODER", "minlm")
    told = zhiku("index", "status")
    assert told.code != 0
    assert "ZHIKU_INDEX_ENCODER" in told.err
    monkeypatch.setenv("ZHIKU_INDEX_ENCODER", "./no-such-folder")
    told = zhiku("index", "rebuild")
    assert told.code != 0
    assert "no-such-folder" in told.err
    monkeypatch.delenv("ZHIKU_INDEX_ENCODER")
    assert state["behind"] == 0
    verified = zhiku("audit", "verify", "--json")
    assert (verified.code, verified.json["ok"], verified.json["events"]) == (0, True, state["head"])
    assert str(state["head"]) in zhiku("audit", "verify").out
    found = zhiku("doctor", "--json")
    assert found.code == 0
    assert [f["name"] for f in found.json["findings"] if f["ok"] is False] == []
    assert set(found.json["counts"]) >= {"人", "成果", "组织机构"}
    assert "一切正常" in zhiku("doctor").out


def test_a_broken_audit_chain_ends_with_6(zhiku: CommandLine, cli_home: Path) -> None:
    zhiku("token", "add", "链测", "--json")
    assert zhiku("audit", "verify").code == 0
    kept = _last_actor(cli_home, "somebody else")
    try:
        ended = zhiku("audit", "verify")
        assert ended.code == 6
        assert "内容被改动" in ended.out
        assert zhiku("audit", "verify", "--json").json["ok"] is False
    finally:
        _last_actor(cli_home, kept)
    assert zhiku("audit", "verify").code == 0


def _last_actor(home: Path, name: str) -> str:
    """Write another actor into the last event, past the audit; return who stood there."""
    with open_store(DatabaseSettings(uri="", heap_mb=384), home) as store:  # pyright: ignore[reportCallIssue]
        number = store.audit.head().number

        def work(transaction: Transaction) -> str:
            rows = transaction.run("MATCH (e:AuditEvent {number: $n}) RETURN e.actor AS actor", {"n": number})
            transaction.run("MATCH (e:AuditEvent {number: $n}) SET e.actor = $name", {"n": number, "name": name})
            return str(rows[0]["actor"])

        return store.database.write("tamper", work) or ""


def test_the_engine_is_started_stopped_and_its_state_told(zhiku: CommandLine) -> None:
    assert zhiku("db", "start", "--json").json["running"] is True
    state = zhiku("db", "status", "--json")
    assert (state.code, state.json["answers"]) == (0, True)
    assert state.json["address"] in zhiku("db", "status").out
    indexes = zhiku("db", "schema", "--json").json["indexes"]
    assert {"label": "Person", "property": "id", "unique": True} in indexes
    assert zhiku("db", "stop", "--json").json == {"stopped": True}
    assert zhiku("db", "stop", "--json").json == {"stopped": False}
    assert zhiku("db", "status").code == 4
    assert zhiku("batch", "list").code == 0, "any command starts it again"
