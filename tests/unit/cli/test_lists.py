"""list, availability, cohort, nominate, exposure and batches in Excel, run on the demo's store."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import python_calamine

from queries.exposure_report import ExposureReport
from queries.saved_lists import SavedListAnswer
from tests.unit.cli.conftest import CommandLine
from viz.answer_workbooks import Sheet, table_workbook

_QUESTION = "盐碱地土壤改良"
HOSTILE = "=1+1<script>\x1b[2J'}) DETACH DELETE n //"


@pytest.fixture
def experts(loaded_demo: dict[str, Any]) -> list[str]:
    return [expert["id"] for expert in loaded_demo["answer"]["experts"]]


def rows_of(path: Path) -> list[list[Any]]:
    book = python_calamine.CalamineWorkbook.from_path(path)  # pyright: ignore[reportUnknownMemberType]
    return book.get_sheet_by_name(book.sheet_names[0]).to_python()


def test_a_list_from_saving_to_printing(demo: CommandLine, experts: list[str], tmp_path: Path) -> None:
    options = ("--since-year", "2005", "--everybody", "--discipline", "水利工程", "--exclude-unit", "不存在的单位")
    saved = demo("list", "save", "命令行名单", "--query", _QUESTION, "-n", "4", *options, "--json")
    made = SavedListAnswer.model_validate_json(saved.out)
    assert made.filters == {"since_year": 2005, "discipline": "水利工程", "exclude_units": ["不存在的单位"]}
    assert len(made.members) == 4
    assert demo("list", "save", "命令行名单", "--query", _QUESTION).code == 1
    first = made.members[0].id
    assert demo("list", "annotate", "命令行名单", first, HOSTILE).code == 0
    other = next(id for id in experts if id not in {m.id for m in made.members})
    assert demo("list", "add", made.card.id, other, "--reason", "推荐").code == 0
    assert demo("list", "remove", made.card.id, made.members[1].id, "--reason", "不便").code == 0
    assert demo("list", "remove", made.card.id, first).code == 1, "no reason"
    shown = demo("list", "show", "命令行名单")
    assert "\x1b" not in shown.out
    assert "人工加入：推荐" in shown.out
    assert demo("list", "verify", "命令行名单").code == 1, "not frozen"
    done = demo("list", "freeze", "命令行名单", "--json").json
    assert done["hash"] in demo("list", "verify", "命令行名单").out
    assert demo("list", "annotate", "命令行名单", first, "x").code == 1
    assert demo("list", "copy", "命令行名单", "复制的名单").code == 0
    compared = demo("list", "compare", "命令行名单", "复制的名单", "--json").json
    assert (compared["same"], compared["only_left"]) == (4, [])
    again = demo("list", "again", "命令行名单")
    assert again.code == 0
    assert made.members[1].name in again.out
    sheet, page = tmp_path / "单.xlsx", tmp_path / "单.html"
    assert demo("list", "export", "命令行名单", "--out", sheet).code == 0
    assert demo("list", "export", "命令行名单", "--out", sheet).code == 1, "not over a file that is there"
    assert demo("list", "export", "命令行名单", "--out", tmp_path / "单.json").code == 0
    assert any("=1+1<script>" in str(cell) for row in rows_of(sheet) for cell in row)
    assert demo("list", "print", "命令行名单", "--out", page).code == 0
    printed = page.read_text(encoding="utf-8")
    assert "&lt;script&gt;" in printed
    assert "@page" in printed
    assert done["hash"] in printed
    assert demo("list", "discard", "命令行名单").code == 1
    assert demo("list", "discard", "复制的名单").code == 0
    listed = demo("list", "list", "--json").json
    assert "命令行名单" in [card["name"] for card in listed]
    assert demo("list", "show", "没有的").code == 3


@pytest.mark.parametrize(
    "wrong",
    [
        ("list", "save", "x"),
        ("list", "save", "x", "--query", "坝", "--member", "P1"),
        ("list", "save", "！", "--member", "P1"),
        ("list", "save", "x", "--member", "P无"),
        ("list", "save", "x", "--query", "坝", "--purpose", "nichts"),
        ("list", "save", "x", "--query", "坝", "--organisations", "--title", "教授"),
        ("availability", "set", "P1"),
        ("availability", "set", "P1", "很快"),
        ("availability", "set", "P1", "下周", "--state", "也许"),
        ("availability", "set", "P无", "下周"),
        ("availability", "find", "坝", "不久"),
        ("nominate", "add", "P无", "--by", "某", "--reason", "x"),
        ("nominate", "decide", "G无", "accepted", "--reason", "x"),
        ("cohort", "snapshot", "没有的"),
        ("exposure", "--answers", "没有的.jsonl"),
        ("exposure", "--when", "很快"),
    ],
)
def test_what_is_wrong_is_told(demo: CommandLine, wrong: tuple[str, ...]) -> None:
    ended = demo(*wrong)
    assert ended.code in {1, 3}
    assert "错误：" in ended.err


def test_an_exposure_cap_counts_lists_and_the_batch(demo: CommandLine, tmp_path: Path) -> None:
    plain = demo("find", "experts", _QUESTION, "-n", "2", "--json").json
    assert "exposure" not in plain
    first, second = [expert["id"] for expert in plain["experts"]]
    assert demo("list", "save", "已露面", "--member", first).code == 0
    listed = demo("exposure", "--json").json["most"]
    times = next(person["times"] for person in listed if person["id"] == first)
    capped = ("--exposure-cap", str(times))
    answer = demo("find", "experts", _QUESTION, "-n", "2", *capped, "--json").json
    assert first in {out["id"] for out in answer["exposure"]["left_out"]}
    assert (answer["experts"][0]["id"], answer["experts"][0]["moved"]["rank_without"]) == (second, 2)
    shown = demo("find", "experts", _QUESTION, "-n", "2", *capped)
    assert "不用所选的选项排第2" in "".join(shown.out.split())
    assert "曝光上限" in shown.err
    asked, book = tmp_path / "问题.jsonl", tmp_path / "答案.xlsx"
    asked.write_text("".join(f'{{"id": {n}, "text": "{_QUESTION}"}}\n' for n in range(3)), encoding="utf-8")
    many = demo("find", "experts", "--queries", asked, "-n", "2", "--exposure-cap", "1", "--exposure-days", "1")
    replies = [json.loads(line) for line in many.out.splitlines()]
    people = [expert["id"] for reply in replies for expert in reply["experts"]]
    assert len(people) == len(set(people)) > 2, "nobody twice in the batch"
    assert first not in people
    assert all("最多出现 1 次" in reply["exposure"]["statement"] for reply in replies)
    boost = ("--newcomer-boost", "3", "--newcomer-boost-years", "50", "--out", book)
    assert demo("find", "experts", "--queries", asked, "-n", "2", *boost).code == 0
    assert "新人加权 ×3" in str(rows_of(book))
    for wrong in (("find", "experts", "--region", "13", *capped), ("list", "save", "x", "--member", first, *capped)):
        assert demo(*wrong).code == 1
    assert demo("list", "discard", "已露面").code == 0


def test_who_can_go(demo: CommandLine, experts: list[str]) -> None:
    assert demo("availability", "set", experts[1], "下周", "--note", HOSTILE, "--max-jobs", "2").code == 0
    assert demo("availability", "set", experts[0], "下周", "--state", "没空").code == 0
    found = demo("availability", "find", _QUESTION, "下周三", "--json").json
    assert [going["expert"]["id"] for going in found["can_go"]] == [experts[1]]
    assert [going["expert"]["id"] for going in found["cannot_go"]] == [experts[0]]
    assert found["missing"] == 2
    shown = demo("availability", "find", _QUESTION, "下周三")
    assert "情况未知，可以询问" in shown.out
    assert "\x1b" not in shown.out
    assert demo("availability", "list", experts[1]).code == 0
    assert demo("availability", "clear", experts[1]).code == 0
    assert demo("availability", "clear", experts[0], "下周").code == 0
    assert demo("availability", "list", experts[0]).code == 3


def test_a_cohort_and_a_nomination(demo: CommandLine, experts: list[str], tmp_path: Path) -> None:
    members = [part for id in experts[:3] for part in ("--member", id)]
    assert demo("list", "save", "命令行梯队", "--purpose", "跟踪梯队", *members).code == 0
    for year in ("2015", "2020"):
        assert demo("cohort", "snapshot", "命令行梯队", "--year", year).code == 0
    assert demo("cohort", "snapshot", "命令行梯队", "--year", "2020").code == 1
    out = tmp_path / "梯队.xlsx"
    tracked = demo("cohort", "tracking", "命令行梯队", "--out", out, "--json").json
    assert tracked["years"] == [2015, 2020]
    assert len(rows_of(out)) == 2 + 3 * 2
    made = demo("nominate", "add", experts[0], "--by", "示例大学", "--reason", HOSTILE, "--json").json["id"]
    assert demo("nominate", "decide", made, "采纳", "--reason", "评审通过").code == 0
    assert "\x1b" not in demo("nominate", "list", "--person", experts[0]).out
    assert demo("nominate", "list", "--status", "declined").code == 3


def test_questions_from_excel_answers_to_excel_and_who_was_shown(demo: CommandLine, tmp_path: Path) -> None:
    questions, answers, lines = tmp_path / "问.xlsx", tmp_path / "答.xlsx", tmp_path / "答.jsonl"
    asked = [("甲-1", _QUESTION), ("甲-2", ""), ("甲-3", "=SUM(1,2) 水库大坝"), ("甲-4", "！？")]
    questions.write_bytes(table_workbook("问", (Sheet("问", (("编号", 10), ("问题", 30)), asked),)))
    ended = demo("find", "experts", "--queries", questions, "--out", answers, "-n", "3")
    assert ended.code == 5, "a row without a question"
    shown = rows_of(answers)[1:]
    assert [row[2] for row in shown if row[0] == "甲-1"] == [1, 2, 3]
    assert [row[8] for row in shown if row[0] in {"甲-2", "甲-4"}] == ["这一行没有问题", "没有找到"]
    assert {row[1] for row in shown if row[0] == "甲-3"} == {"=SUM(1,2) 水库大坝"}
    demo("find", "experts", "--queries", questions, "--out", lines, "-n", "3")
    replies = [json.loads(line) for line in lines.read_text(encoding="utf-8").splitlines()]
    assert [reply["id"] for reply in replies] == ["甲-1", "甲-2", "甲-3", "甲-4"]
    out = tmp_path / "曝光.xlsx"
    report = demo("exposure", "--answers", lines, "--out", out, "--json")
    found = ExposureReport.model_validate(report.json)
    assert found.questions == 4
    assert found.appearances == sum(len(reply.get("experts", [])) for reply in replies)
    assert found.shown + found.never == found.library
    assert demo("exposure", "--answers", questions).code == 1
    nothing = tmp_path / "无.xlsx"
    nothing.write_bytes(table_workbook("无", (Sheet("无", (("甲", 10), ("乙", 10)), [("a", "b")]),)))
    assert "问题" in demo("find", "experts", "--queries", nothing, "--out", answers).err
