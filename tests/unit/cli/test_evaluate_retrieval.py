"""`zhiku evaluate retrieval`, `evaluate reviewers`, `judge` and `trends` as people and programs call them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from queries.baselines import BASELINES
from queries.measures import MEASURES
from queries.retrieval import RANKING
from tests.unit.cli.conftest import CommandLine
from tests.unit.ingest.test_reviewer_benchmark import RATED, data_folder, ratings_file, row

Find = Callable[[str], list[dict[str, Any]]]


@pytest.fixture
def found(demo: CommandLine) -> list[dict[str, Any]]:
    """The experts of the sample for one question."""
    return demo("find", "experts", "地下水超采治理", "--json", "--limit", "5").json["experts"]


def questions(folder: Path, *lines: object) -> Path:
    path = folder / "questions.jsonl"
    texts = [line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines]
    path.write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")
    return path


def test_figures_of_known_answers_with_both_kinds_of_comparison(
    demo: CommandLine, found: list[dict[str, Any]], tmp_path: Path
) -> None:
    second, body = found[1], found[1]["posts"][0]["name"]
    file = questions(
        tmp_path,
        {"id": "一", "text": "地下水超采治理", "relevant": [found[0]["id"]]},
        {"id": "二", "text": "地下水超采治理", "relevant": [{"name": second["name"], "organisation": body}]},
        {"id": "三", "text": "地下水超采治理", "relevant": ["P查无此人"]},
    )
    kept, book = tmp_path / "kept.jsonl", tmp_path / "book.xlsx"
    asked = ("evaluate", "retrieval", file, "--json", "--against", "bm25-summed", "--keep", kept, "--excel", book)
    ended = demo(*asked, "--against", "bm25-discounted")
    assert ended.code == 5, "one right person is unknown"
    told = ended.json
    assert (told["version"], told["questions"], told["relevant"], told["unknown"]) == (RANKING, 3, 3, 1)
    assert told["unknown_people"] == [{"line": 3, "described": "P查无此人"}]
    assert [each["version"] for each in told["versions"]] == [RANKING, "bm25-summed", "bm25-discounted"]
    figures = {each["measure"]: each for each in told["versions"][0]["figures"]}
    assert figures.keys() == MEASURES.keys()
    assert [each["first"] for each in told["rows"]] == [1, 2, None]
    assert figures["MRR"]["mean"] == pytest.approx((1 + 1 / 2 + 0) / 3)
    assert figures["hit@1"]["mean"] == pytest.approx(1 / 3)
    assert book.read_bytes().startswith(b"PK")
    again = demo("evaluate", "retrieval", file, "--name", "新版", "--against", kept, "--json").json
    assert {each["against"] for each in again["differences"]} == {RANKING}
    assert all(each["mean"] == 0 and each["ties"] == 3 and each["permutation_p"] == 1 for each in again["differences"])


def test_a_person_reads_a_table_and_why_lines_were_left_out(
    demo: CommandLine, found: list[dict[str, Any]], tmp_path: Path
) -> None:
    file = questions(tmp_path, "not json", {"id": 1, "text": "地下水", "relevant": [found[0]["id"]]}, {"id": 2})
    ended = demo("evaluate", "retrieval", file, "--against", "bm25-same-works")
    assert ended.code == 5
    for told in ("1 个问题", "nDCG@10", RANKING, "bm25-same-works", "逐题比较"):
        assert told in ended.out
    assert "2 行读不懂" in ended.err
    assert "第 3 行" in ended.err


def test_what_cannot_be_compared_is_refused(demo: CommandLine, found: list[dict[str, Any]], tmp_path: Path) -> None:
    file = questions(tmp_path, {"id": "1", "text": "地下水", "relevant": [found[0]["id"]]})
    for against, told in (
        (tmp_path / "nothing.jsonl", "打不开文件"),
        (questions(tmp_path, {"id": "1", "text": "地下水", "relevant": [found[0]["id"]]}), "不是保存的答案"),
    ):
        ended = demo("evaluate", "retrieval", file, "--against", against)
        assert (ended.code, ended.out) == (1, "")
        assert told in ended.err
    kept = tmp_path / "kept.jsonl"
    kept.write_text('{"version": "旧", "sequence": 1, "id": "别的", "people": []}\n', encoding="utf-8")
    assert "里没有问题 1 的答案" in demo("evaluate", "retrieval", file, "--against", kept).err
    twice = demo("evaluate", "retrieval", file, "--name", "bm25-summed", "--against", "bm25-summed")
    assert "两个版本同名" in twice.err
    assert len(BASELINES) == 3


def test_filters_hold_for_the_baselines_too(demo: CommandLine, found: list[dict[str, Any]], tmp_path: Path) -> None:
    body = found[1]["posts"][0]["organisation"]
    file = questions(
        tmp_path,
        {
            "id": "1",
            "text": "地下水",
            "relevant": [found[1]["id"]],
            "filters": {"organisation": body, "since_year": 1990},
        },
        {"id": "2", "text": "地下水", "relevant": [found[1]["id"]], "filters": {"society": "没有这个学会"}},
    )
    told = demo("evaluate", "retrieval", file, "--json", "--against", "bm25-discounted").json
    first, second = told["rows"]
    assert first["measures"]["bm25-discounted"]["recall@100"] == 1
    assert second["best"] == []
    assert second["measures"]["bm25-discounted"]["recall@100"] == 0


def test_the_reviewer_benchmark_from_files(zhiku: CommandLine, tmp_path: Path) -> None:
    ratings = ratings_file(tmp_path, row("11", RATED), row("22", {"near": 4.0, "far": 3.0}), "bad")
    scores = tmp_path / "other.json"
    scores.write_text(json.dumps({"~11": {"near": 0.1, "half": 0.2, "far": 0.0}}))
    asked = ("evaluate", "reviewers", ratings, "--archives", data_folder(tmp_path), "--predictions", scores)
    ended = zhiku(*asked, "--json")
    assert ended.code == 5
    own, other = ended.json["methods"]
    assert (own["loss"], own["reviewers"], own["ratings"], own["unscored"]) == (0.0, 1, 3, 2)
    assert other["loss"] == pytest.approx(2.5 / 8)
    assert other["easy"] == {"correct": 1, "pairs": 1, "share": 1.0}
    shown = zhiku(*asked)
    assert "加权 Kendall 损失" in shown.out
    assert "2 个评分没有对应的分数" in shown.err
    assert "没有可检验的分数" in zhiku("evaluate", "reviewers", ratings).err


def test_known_people_are_judged_by_id_and_by_name(demo: CommandLine, found: list[dict[str, Any]]) -> None:
    first, second = found[0], found[1]
    named = f"{second['name']}（{second['posts'][0]['name']}）"
    ended = demo("judge", "地下水超采治理", "--person", first["id"], "--person", named, "--json")
    assert ended.code == 0, ended.err
    people = {each["id"]: each for each in ended.json["people"]}
    assert people.keys() == {first["id"], second["id"]}
    assert all(each["score"] > 0 and each["works"] for each in people.values())
    shown = demo("judge", "地下水超采治理", "-p", first["id"], "-p", "P查无此人")
    assert shown.code == 5
    assert first["name"] in shown.out
    assert "没有这个编号的人：P查无此人" in shown.err
    assert demo("judge", "地下水", "-p", "P查无此人").code == 3


def test_trends_are_told_and_drawn(demo: CommandLine, tmp_path: Path) -> None:
    rising = demo("trends", "rising", "--keywords", "--fewest", "1", "--json")
    assert rising.code in (0, 3)
    drawn = tmp_path / "trend.svg"
    works = demo("find", "outputs", "地下水", "--json").json["works"]
    assert works
    unknown = demo("trends", "topics", "没有这个主题")
    assert (unknown.code, unknown.out) == (3, "")
    assert "没有这个主题" in unknown.err
    assert "主题（topic）和关键词（keyword）要给出其中一个" in demo("trends", "topics").err
    word = rising.json["schemes"][0]["topics"][0]["id"] if rising.code == 0 else "地下水"
    ended = demo("trends", "topics", "--keyword", word, "--out", drawn)
    assert ended.code in (0, 3)
    assert drawn.read_text(encoding="utf-8").startswith("<svg")
    for command in (
        ("trends", "experts"),
        ("trends", "experts", "--keyword", word),
        ("trends", "map", "--keyword", word),
    ):
        for form in ((), ("--json",)):
            assert demo(*command, *form).code in (0, 3), (command, form)
