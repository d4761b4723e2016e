"""`zhiku identity`, the part on people, run for real: asked, shown, answered, taken back, refused in words."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from graph.embedded import EmbeddedEngine
from tests.contract.test_people_review import PAPERS
from tests.ingest_runs import works_file
from tests.unit.cli.conftest import CommandLine

HOSTILE = "=cmd|'/C calc'!A1<script>alert(1)</script>\u202e' OR 1=1 //"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Generator[Path]:
    """A home of its own: what is asked depends on everything that is in it."""
    folder = tmp_path_factory.mktemp("review-home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ZHIKU_DB_HEAP_MB", "384")
        patch.delenv("ZHIKU_DB_URI", raising=False)
        yield folder
        EmbeddedEngine(folder).stop()


@pytest.fixture
def zhiku(home: Path, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    return CommandLine(capsys, "--home", str(home))


def loaded(zhiku: CommandLine, folder: Path) -> Any:
    return zhiku("ingest", "works", works_file(folder / "papers.jsonl", PAPERS), "--json").json


def asked(zhiku: CommandLine, name: str = "王伟") -> list[Any]:
    ended = zhiku("identity", "queue", "--name", name, "--json")
    assert ended.code in (0, 3) or ended.out == "[]\n"
    return list(ended.json)


def test_import_merges_and_asks(zhiku: CommandLine, tmp_path: Path) -> None:
    report = loaded(zhiku, tmp_path)
    assert report["people"]["merged"] >= 8
    again = loaded(zhiku, tmp_path)
    assert (again["written"], again["people"]["merged"], again["people"]["parted"]) == (0, 0, 0)
    ended = zhiku("identity", "queue")
    assert "王伟" in ended.out
    assert "是同一人吗" in ended.out
    stats = zhiku("identity", "stats", "--json").json
    assert stats["mentions"] == 19
    assert "还没有整理过" not in zhiku("identity", "stats").out


def test_a_question_is_shown_answered_and_taken_back(zhiku: CommandLine, tmp_path: Path) -> None:
    loaded(zhiku, tmp_path)
    (question,) = asked(zhiku)
    shown = zhiku("identity", "show", question["id"])
    for words in ("单位不同", "支持", "反对", "★张三", "盐碱地土壤改良d", "甲大学"):
        assert words in shown.out
    assert zhiku("identity", "show", question["id"], "--json").json["reasons"]
    done = zhiku("identity", "different", question["id"], "--reason", "不是一个单位", "--json").json[0]
    assert asked(zhiku) == []
    refused = zhiku("identity", "same", done["person"], done["other"], "--reason", "像")
    assert refused.code != 0
    assert "不是一个单位" in refused.err
    assert f"zhiku identity undo {done['batch']}" in refused.err
    assert "撤回" in zhiku("identity", "undo", done["batch"]).out
    joined = zhiku("identity", "same", done["person"], done["other"], "--reason", "同一课题组")
    assert "并入" in joined.out
    record = zhiku("identity", "show", done["person"], "--json").json
    assert record["works"] == 4
    (mention,) = [one["mention"] for one in record["mentions"] if "|d|" in one["mention"]]
    split = zhiku("identity", "split", done["person"], mention, "--reason", "认错了", "--json").json[0]
    assert split["outcome"] == "split"
    # By the store's key either of the two ids leads to the other; the one that stays is named.
    assert zhiku("identity", "show", split["person"], "--json").json["works"] == 3
    assert zhiku("identity", "show", split["other"], "--json").json["works"] == 1
    assert "已撤回" in zhiku("identity", "undo", split["batch"]).out


def test_all_questions_of_a_name_are_answered_at_once_and_later_is_later(zhiku: CommandLine, tmp_path: Path) -> None:
    loaded(zhiku, tmp_path)
    zhiku("identity", "settle", "--again")
    if names := [one["left_name"] for one in zhiku("identity", "queue", "--json").json]:
        put_off = zhiku("identity", "later", "--name", names[0], "--json").json["postponed"]
        assert put_off
        listed = zhiku("identity", "queue", "--later", "--json").json
        assert {one["id"] for one in listed if one["postponed_by"]} == set(put_off)
        answered = zhiku("identity", "different", *put_off, "--reason", "都不是", "--json").json
        assert [one["outcome"] for one in answered] == ["different"] * len(put_off)
    settled = zhiku("identity", "settle", "--again", "--json").json
    assert settled["recounted"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("same",), "没有说明回答哪个问题"),
        (("same", "Q123", "--reason", "x"), "没有编号为 Q123"),
        (("same", "P1", "--reason", "x"), "应给两个"),
        (("same", "P1", "Q2", "--reason", "x"), "应给两个"),
        (("different", "P1", "P2", "--reason", "x"), "没有编号为 P1 的人"),
        (("different", "--name", "无此人", "--reason", "x"), "没有待确认的问题"),
        (("different", "Q1", "--name", "王伟", "--reason", "x"), "只能给一样"),
        (("split", "P1", "m", "--reason", "x"), "没有编号为 P1 的人"),
        (("undo", "999999"), "没有编号为 999999"),
        (("show", "Q123"), "没有编号为 Q123"),
        (("same", f"Q{HOSTILE}", "--reason", "x"), "没有编号为"),
        (("split", HOSTILE, HOSTILE, "--reason", HOSTILE), "没有编号为"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(
    zhiku: CommandLine, tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    ended = zhiku("identity", *arguments)
    assert ended.code != 0
    assert words in ended.err


def test_an_answer_without_a_reason_is_refused(zhiku: CommandLine, tmp_path: Path) -> None:
    loaded(zhiku, tmp_path)
    people = zhiku("find", "experts", "盐碱地", "--json")
    assert people.code == 0
    one, other = [expert["id"] for expert in people.json["experts"][:2]]
    for arguments in (("same", one, other), ("different", one, other, "--reason", "  ")):
        ended = zhiku("identity", *arguments)
        assert ended.code != 0
        assert "理由" in ended.err
