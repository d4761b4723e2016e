"""`zhiku evaluate identity` as people and programs call it: figures, exit codes, files of every kind."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Final

import pytest

from graph.embedded import EmbeddedEngine
from graph.joining import join_people
from graph.store import open_store
from ingest.people.progress import read_settled
from ingest.people.review import review_questions
from ingest.people.settling import settle
from tests.ingest_runs import run_works, works_file
from tests.unit.cli.conftest import CommandLine

TRUTH = {"e1#1": "大王", "e2#1": "大王", "e3#1": "小王", "e4#1": "大王", "e4#2": "李"}


@pytest.fixture(scope="module")
def cli_home(tmp_path_factory: pytest.TempPathFactory) -> Generator[Path]:
    """A home of its own: in the session's own other tests settle people, which one test here must see undone."""
    home = tmp_path_factory.mktemp("evaluated-home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ZHIKU_DB_HEAP_MB", "384")
        patch.delenv("ZHIKU_DB_URI", raising=False)
        yield home
        EmbeddedEngine(home).stop()


@pytest.fixture
def zhiku(zhiku: CommandLine, cli_home: Path, tmp_path: Path) -> CommandLine:
    """A home whose graph takes two people for one and one for two."""
    north, south = "评测山北工业大学", "评测海南渔业研究所"
    works = [
        {"id": "e1", "title": "水库群联合调度", "year": 2018, "authors": [{"name": "王评测", "affiliations": north}]},
        {
            "id": "e2",
            "title": "水库[red]泥沙\u202e",
            "year": 2019,
            "authors": [{"name": "王评测", "affiliations": north}],
        },
        {"id": "e3", "title": "光纤传感", "year": 2001, "authors": [{"name": "王评测", "affiliations": north}]},
        {"id": "e4", "title": "对虾", "authors": [{"name": "王评测", "affiliations": south}, {"name": "李评测"}]},
    ]
    with open_store(home=cli_home) as store:
        run_works(store, works_file(tmp_path / "works.jsonl", works), "evaluation")
        text: Final = """
        MATCH (p:Person)-[r:AUTHORED]->(:Output)
        WHERE r.mention IN ['works:evaluation|e1|1', 'works:evaluation|e2|1', 'works:evaluation|e3|1']
        RETURN DISTINCT p.id AS id ORDER BY id"""
        first, *others = (row["id"] for row in store.database.records("people", text))
        if others:
            join_people(store, into=first, others=others, actor="test", run="join")
    return zhiku


def labels(folder: Path, said: Mapping[str, str] = TRUTH, *more: str) -> Path:
    """A file of labels, and further lines as they are."""
    lines = [json.dumps({"mention": f"works:evaluation|{place}", "person": who}) for place, who in said.items()]
    path = folder / "labels.jsonl"
    path.write_text("".join(f"{line}\n" for line in [*lines, *more]), encoding="utf-8")
    return path


def test_figures_and_the_worst_names_are_shown(zhiku: CommandLine, tmp_path: Path) -> None:
    ended = zhiku("evaluate", "identity", labels(tmp_path))
    assert (ended.code, ended.err) == (0, "")
    assert "5 处署名，2 个姓名，3 人" in ended.out
    for told in (
        "王评测",
        "错合 2 对",
        "漏合 2 对",
        "不是一人，却合在一起",
        "是一人，却分开了",
        "单位相同：评测山北工业大学",
    ):
        assert told in ended.out, told
    assert "\u202e" not in ended.out


def test_json_has_the_figures_unrounded(zhiku: CommandLine, tmp_path: Path) -> None:
    ended = zhiku("evaluate", "identity", labels(tmp_path), "--json", "--limit", "1")
    found = ended.json
    assert (ended.code, found["labels"], found["mentions"], found["not_found"], found["rejected"]) == (0, 5, 5, 0, 0)
    assert found["pooled"]["precision"] == pytest.approx(1 / 3)
    assert found["pooled"]["recall"] == pytest.approx(1 / 3)
    (worst,) = found["worst"]
    assert worst["name"] == "王评测"
    assert {worst["joined"]["left"]["known"], worst["joined"]["right"]["known"]} == {"大王", "小王"}
    assert worst["joined"]["reasons"]


def test_questions_are_counted_once_people_were_settled(zhiku: CommandLine, cli_home: Path, tmp_path: Path) -> None:
    body = "评测天目材料研究所"
    works = [
        {"id": f"q{n}", "title": f"题{n}", "year": 2019, "authors": [{"name": "孙评测", "affiliations": body}]}
        for n in (1, 2)
    ]
    truth = {**TRUTH, "q1#1": "孙", "q2#1": "孙"}
    with open_store(home=cli_home) as store:
        run_works(store, works_file(tmp_path / "more.jsonl", works), "evaluation")
        assert read_settled(store) is None
    before = zhiku("evaluate", "identity", labels(tmp_path, truth))
    assert "每千处署名要问的问题：—" in before.out
    assert "还没有整理过同名的人：先运行 zhiku identity settle" in before.out
    unsettled = zhiku("evaluate", "identity", labels(tmp_path, truth), "--json").json
    assert (unsettled["questions"], unsettled["questions_per_1000"]) == (None, None)
    with open_store(home=cli_home) as store:
        settle(store, actor="test")
        asked = Counter((question.kind, question.name_key) for question in review_questions(store.database))
    assert asked["same", "孙评测"] == 1
    questions = asked["same", "孙评测"] + asked["same", "王评测"]
    after = zhiku("evaluate", "identity", labels(tmp_path, truth), "--json").json
    assert (after["mentions"], after["questions"]) == (7, questions)
    assert after["questions_per_1000"] == pytest.approx(1000 * questions / 7)
    only = zhiku("evaluate", "identity", labels(tmp_path, {"q1#1": "孙", "q2#1": "孙"}))
    assert "每千处署名要问的问题：500.0" in only.out
    assert "还没有整理过" not in only.out


def test_lines_that_cannot_be_used_are_told_and_the_rest_counts(zhiku: CommandLine, tmp_path: Path) -> None:
    path = labels(tmp_path, {**TRUTH, "e1#9": "x"}, "rubbish", '{"mention": "gibt-es-nicht#1", "person": "x"}')
    ended = zhiku("evaluate", "identity", path)
    assert ended.code == 5
    assert "5 处署名" in ended.out
    assert "1 行读不懂" in ended.err
    assert "第 7 行：不是 UTF-8 的 JSON" in ended.err
    assert "2 条标注在图中找不到对应的署名" in ended.err
    assert "works:evaluation|e1#9：成果在图中，但没有位置 9 的署名（有 1）" in ended.err
    asked = zhiku("evaluate", "identity", path, "--json")
    assert asked.code == 5
    assert asked.json["rejected_lines"] == [{"file": "labels.jsonl", "line": 7, "reason": "不是 UTF-8 的 JSON"}]
    assert {unused["mention"] for unused in asked.json["unlocated"]} == {"works:evaluation|e1#9", "gibt-es-nicht#1"}


def test_nothing_found_is_said_with_what_to_do(zhiku: CommandLine, tmp_path: Path) -> None:
    ended = zhiku("evaluate", "identity", labels(tmp_path, {"nichts#1": "x"}))
    assert (ended.code, ended.out) == (3, "")
    first, second = ended.err.splitlines()
    assert "没有一条能在图中找到" in first
    assert "先导入这些成果" in second


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xff\xfe\x00", b"[1, 2]\n", b'{"mention": "a#1"}\n'])
def test_a_file_without_labels_is_an_error(zhiku: CommandLine, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "labels.jsonl"
    path.write_bytes(content)
    ended = zhiku("evaluate", "identity", path)
    assert (ended.code, ended.out) == (1, "")
    assert "没有可用的标注" in ended.err


def test_a_file_that_is_not_there_and_a_wrong_limit(zhiku: CommandLine, tmp_path: Path) -> None:
    for path in (tmp_path / "missing.jsonl", tmp_path):
        ended = zhiku("evaluate", "identity", path)
        assert (ended.code, ended.out) == (1, "")
        assert "怎么办：" in ended.err
    assert zhiku("evaluate", "identity", labels(tmp_path), "--limit", "0").code == 2
    assert zhiku("evaluate", "identity").code == 2
