"""Questions with known answers from files of every kind: what is read, what is refused and why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter  # pyright: ignore[reportMissingTypeStubs]
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.errors import InputError
from ingest.judged_questions import JudgedQuestions, judged_questions, read_judged_questions
from ingest.kept_answers import KeptAnswers, answers_text, read_answers
from ingest.reader_records import Record
from queries.filters import ExpertFilters
from queries.known_people import Described, described

ID = "P7h2k4m6q8s0u2w4y6a8c0e2g4i"
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def read(*values: dict[str, Any]) -> JudgedQuestions:
    return judged_questions(Record("f.jsonl", "", line, each) for line, each in enumerate(values, 1))


def test_a_question_with_everything() -> None:
    found = read(
        {
            "id": 7,
            "text": " 土壤修复 ",
            "relevant": [ID, {"name": "王伟", "organisation": "冀北大学", "grade": 3}, {"id": "P2"}],
            "filters": {"region": "13", "since_year": 2018, "professional_title": "教授"},
        }
    )
    (question,) = found.questions
    assert (question.id, question.text, question.line) == ("7", "土壤修复", 1)
    assert question.relevant == (
        (Described(id=ID), 1.0),
        (Described(name="王伟", organisation="冀北大学"), 3.0),
        (Described(id="P2"), 1.0),
    )
    assert question.filters == ExpertFilters(region="13", since_year=2018, professional_title="教授")


def test_every_filter_of_the_question_may_be_written() -> None:
    said = {
        "tier": "院士", "until_year": 2020.0, "has_contact": "有", "members_only": False, "output_kinds": ["paper"],
        "exclude_units": "冀北大学；水利厅", "region": 13, "verified_since": "2026-01-01", "newcomer_years": "5",
    }  # fmt: skip
    (question,) = read({"id": 1, "text": "一", "relevant": [ID], "filters": said}).questions
    assert question.filters == ExpertFilters.model_validate(
        {**said, "has_contact": True, "exclude_units": ("冀北大学", "水利厅"), "region": "13"}
    )
    (row,) = read(
        {"编号": "1", "问题": "一", "正确的人": ID, "层次": "院士", "已入库": "是", "截止年份": "2020"}
    ).questions
    assert row.filters == ExpertFilters(tier="院士", members_only=True, until_year=2020)


BAD: list[tuple[dict[str, Any], str]] = [
    ({"text": "一", "relevant": [ID]}, "缺少 id"),
    ({"id": True, "text": "一", "relevant": [ID]}, "缺少 id"),
    ({"id": "1", "relevant": [ID]}, "缺少 text"),
    ({"id": "1", "text": "一"}, "缺少 relevant"),
    ({"id": "1", "text": "一", "relevant": []}, "relevant（正确的人）是空的"),
    ({"id": "1", "text": "一", "relevant": [{}]}, "缺少 relevant 的 id 或 name"),
    ({"id": "1", "text": "一", "relevant": [[ID]]}, "应是一个 JSON 对象"),
    ({"id": "1", "text": "一", "relevant": [ID], "grades": [1, 2]}, "grades（等级）有 2 个，正确的人有 1 个"),
    ({"id": "1", "text": "一", "relevant": [ID], "grades": [0]}, "等级应是大于 0"),
    ({"id": "1", "text": "一", "relevant": [ID], "grades": [float("inf")]}, "等级应是大于 0"),
    ({"id": "1", "text": "一", "relevant": [ID], "filters": {"colour": "红"}}, "没有这样的筛选条件：colour"),
    ({"id": "1", "text": "一", "relevant": [ID], "filters": {"region": "河北"}}, "行政区划代码"),
    ({"id": "1", "text": "一", "relevant": [ID], "filters": {"since_year": "去年"}}, "since_year"),
    ({"id": "1", "text": "一\ud800", "relevant": [ID]}, "残缺的字符"),
]


@pytest.mark.parametrize(("values", "reason"), BAD)
def test_a_bad_line_is_refused_with_its_reason(values: dict[str, Any], reason: str) -> None:
    found = read(values, {"id": "2", "text": "二", "relevant": [ID]})
    assert [question.id for question in found.questions] == ["2"]
    assert found.rejected == 1
    assert found.errors[0].line == 1
    assert reason in found.errors[0].reason


def test_an_id_is_used_once() -> None:
    found = read(*({"id": "1", "text": text, "relevant": [ID]} for text in "一二"))
    assert [question.text for question in found.questions] == ["一"]
    assert "已经用过" in found.errors[0].reason


@given(st.dictionaries(st.sampled_from(["id", "text", "relevant", "filters", "grades", "编号", "地区"]), json_values))
def test_any_object_is_read_or_refused(values: dict[str, Any]) -> None:
    found = read(values)
    assert len(found.questions) + found.rejected == 1
    assert all(grade > 0 for question in found.questions for _, grade in question.relevant)


def test_a_table_and_a_workbook_are_read_alike(tmp_path: Path) -> None:
    header = ["编号", "问题", "正确的人", "等级", "地区", "起始年"]
    row = ["甲1", "地下水超采", f"王伟（冀北大学）；{ID}；李娜", "3；1；1", "13", "2019"]
    table = tmp_path / "问题.csv"
    table.write_text(",".join(header) + "\n" + ",".join(row) + "\n", encoding="utf-8")
    book = tmp_path / "问题.xlsx"
    written: Any = xlsxwriter.Workbook(str(book))
    sheet = written.add_worksheet("问题")
    for line, cells in enumerate([header, row]):
        for place, cell in enumerate(cells):
            sheet.write(line, place, 2019 if cell == "2019" else cell)
    written.close()
    for path in (table, book):
        (question,) = read_judged_questions(path).questions
        assert [person for person, _ in question.relevant] == [
            Described(name="王伟", organisation="冀北大学"),
            Described(id=ID),
            Described(name="李娜"),
        ]
        assert [grade for _, grade in question.relevant] == [3.0, 1.0, 1.0]
        assert question.filters == ExpertFilters(region="13", since_year=2019)


def test_a_file_without_a_question_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text('{"id": 1}\nnot json\n', encoding="utf-8")
    with pytest.raises(InputError, match="没有可用的问题；第 1 行"):
        read_judged_questions(path)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ID, Described(id=ID)),
        (" 王伟 ", Described(name="王伟")),
        ("王伟(冀北大学)", Described(name="王伟", organisation="冀北大学")),
        ("王伟（中国科学院（北京））", Described(name="王伟", organisation="中国科学院（北京）")),
    ],
)
def test_a_person_as_people_write_one(text: str, expected: Described) -> None:
    assert described(text) == expected


names = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=8)


@settings(max_examples=25)
@given(names, st.integers(0, 10**6), st.dictionaries(names, st.lists(names, max_size=4).map(tuple), min_size=1))
def test_answers_kept_are_read_again(
    tmp_path_factory: pytest.TempPathFactory, version: str, sequence: int, answers: dict[str, tuple[str, ...]]
) -> None:
    path = tmp_path_factory.mktemp("kept") / "answers.jsonl"
    kept = KeptAnswers(version, sequence, answers)
    path.write_text(answers_text(kept), encoding="utf-8")
    assert read_answers(path) == kept


@pytest.mark.parametrize(
    "line",
    [
        '{"version": "v", "sequence": 1, "id": "1"}',
        '{"version": "", "sequence": 1, "id": "1", "people": []}',
        '{"version": "v", "sequence": 1, "id": "1", "people": [1]}',
        '{"version": "w", "sequence": 1, "id": "2", "people": []}',
        '{"version": "v", "sequence": 1, "id": "0", "people": []}',
        "nonsense",
    ],
)
def test_what_is_no_kept_answer_is_refused(tmp_path: Path, line: str) -> None:
    path = tmp_path / "answers.jsonl"
    path.write_text(json.dumps({"version": "v", "sequence": 1, "id": "0", "people": []}) + f"\n{line}\n")
    with pytest.raises(InputError, match="第 2 行不是保存的答案"):
        read_answers(path)
