"""Questions whose right answers are known, from anybody's file: JSON Lines, CSV or Excel.

A line of JSON: {"id": …, "text": …, "relevant": [person id | {"id"} | {"name", "organisation"}, …], "filters"?: {…},
"grades"?: [number, …]}; "grade" may also stand in an entry of "relevant". A table has the columns of `COLUMNS`, people
separated by "；", written as id or as 姓名（单位）.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import Final, NamedTuple, cast

from graph.errors import InputError, ZhikuError
from graph.identity import region_code
from graph.model import is_whole
from ingest.reader_records import Record, Unreadable
from ingest.readers import open_records
from queries.known_people import Described, described

# Column (or key of JSON) → the names it may have in a table.
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "id": ("编号", "id"),
    "text": ("问题", "text"),
    "relevant": ("正确的人", "relevant"),
    "grades": ("等级", "grades"),
    "region": ("地区", "region"),
    "organisation": ("单位", "organisation"),
    "society": ("学会", "society"),
    "since_year": ("起始年", "since_year"),
    "professional_title": ("职称", "professional_title"),
}
_FILTERS: Final = ("region", "organisation", "society", "since_year", "professional_title")
_MOST_QUESTIONS: Final = 100_000
_MOST_RELEVANT: Final = 10_000
_MOST_ERRORS: Final = 1_000
_LONGEST_TEXT: Final = 1_000_000
_LONGEST_NAME: Final = 500
_GREATEST_GRADE: Final = 100.0
_SEPARATOR: Final = re.compile(r"[；;\n]")


class Filters(NamedTuple):
    """The filters that a question is asked with; None = not given."""

    region: str | None = None
    organisation: str | None = None
    society: str | None = None
    since_year: int | None = None
    professional_title: str | None = None


@dataclass(frozen=True, slots=True)
class JudgedQuestion:
    """One question: where it stands, its id and text, filters, and who is right with what grade (above 0)."""

    line: int
    id: str
    text: str
    filters: Filters
    relevant: tuple[tuple[Described, float], ...]


class LineError(NamedTuple):
    """A line that is no question, with the reason in Chinese."""

    line: int
    reason: str


@dataclass
class JudgedQuestions:
    """What was read; of the lines that were not, the first thousand and the number of all."""

    questions: list[JudgedQuestion] = field(default_factory=list[JudgedQuestion])
    errors: list[LineError] = field(default_factory=list[LineError])
    rejected: int = 0

    def refuse(self, line: int, reason: str) -> None:
        """Note a line that was not taken."""
        self.rejected += 1
        if len(self.errors) < _MOST_ERRORS:
            self.errors.append(LineError(line, reason))


def read_judged_questions(path: Path) -> JudgedQuestions:
    """Read a file of any of the formats; raises `InputError` when it cannot be read or holds no question."""
    expected = [name for names in COLUMNS.values() for name in names]
    found = judged_questions(open_records(path, expected=expected))
    if not found.questions:
        first = f"；第 {found.errors[0].line} 行：{found.errors[0].reason}" if found.errors else ""
        raise InputError(
            f"{path.name} 中没有可用的问题{first}",
            hint='每行写 {"id": …, "text": "…", "relevant": ["P…", {"name": "…", "organisation": "…"}]}',
        )
    return found


def judged_questions(records: Iterable[Record | Unreadable]) -> JudgedQuestions:
    """Read records; a second question of an id that was used before is an error."""
    found = JudgedQuestions()
    known: set[str] = set()
    for record in records:
        if len(known) >= _MOST_QUESTIONS:
            found.refuse(record.row, f"超过 {_MOST_QUESTIONS} 个问题，其余未读")
            break
        if isinstance(record, Unreadable):
            found.refuse(record.row, record.reason)
            continue
        try:
            question = _question(record)
        except ValueError as error:
            found.refuse(record.row, str(error))
            continue
        if question.id in known:
            found.refuse(record.row, f"编号 {question.id} 在前面已经用过")
            continue
        known.add(question.id)
        found.questions.append(question)
    return found


def _question(record: Record) -> JudgedQuestion:
    given = {name: _first(record.values, names) for name, names in COLUMNS.items()}
    table = any(name in record.values for name in ("编号", "问题", "正确的人")) or isinstance(given["relevant"], str)
    asked_with = given if table else _mapping(record.values.get("filters"), "filters")
    listed = given["relevant"]
    relevant = _people(cast(list[object], listed)) if isinstance(listed, list) else _written(listed)
    return JudgedQuestion(
        record.row,
        _text(given["id"], "id（编号）", _LONGEST_NAME),
        _text(given["text"], "text（问题）", _LONGEST_TEXT),
        _filters(asked_with, strict=not table),
        _graded(relevant, given["grades"]),
    )


def _first(values: Mapping[str, object], names: Iterable[str]) -> object:
    return next((values[name] for name in names if values.get(name) not in (None, "")), None)


def _text(value: object, name: str, longest: int) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"缺少 {name}，或不是文字")
    if len(value) > longest:
        raise ValueError(f"{name} 超过 {longest} 字")
    if not is_whole(value):
        raise ValueError(f"{name} 含有残缺的字符")
    return value.strip()


def _mapping(value: object, name: str) -> Mapping[str, object]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise ValueError(f"{name} 应是一个 JSON 对象")
    return cast(Mapping[str, object], value)


def _filters(given: Mapping[str, object], *, strict: bool) -> Filters:
    if strict and (unknown := [name for name in given if name not in _FILTERS]):
        raise ValueError(f"没有这样的筛选条件：{_text(unknown[0], 'filters', _LONGEST_NAME)}")
    words = {
        name: _text(given[name], name, _LONGEST_NAME)
        for name in _FILTERS
        if name != "since_year" and given.get(name) not in (None, "")
    }
    if "region" in words:
        try:
            region_code(words["region"])
        except ZhikuError as error:
            raise ValueError(error.message) from None
    year = given.get("since_year")
    chosen = Filters(
        words.get("region"),
        words.get("organisation"),
        words.get("society"),
        None,
        words.get("professional_title"),
    )
    if year in (None, ""):
        return chosen
    if isinstance(year, str) and year.strip().isascii() and year.strip().isdigit() and len(year) < 10:
        year = int(year)
    if isinstance(year, bool) or not isinstance(year, int | float) or not 1000 <= year <= 2999 or year != int(year):
        raise ValueError("since_year（起始年）应是 1000 到 2999 的年份")
    return chosen._replace(since_year=int(year))


def _people(listed: list[object]) -> list[tuple[Described, object]]:
    if len(listed) > _MOST_RELEVANT:
        raise ValueError(f"relevant 超过 {_MOST_RELEVANT} 人")
    return [_person(entry) for entry in listed]


def _person(entry: object) -> tuple[Described, object]:
    if isinstance(entry, str | int) and not isinstance(entry, bool):
        return Described(id=_text(entry, "relevant", _LONGEST_NAME)), None
    fields: Mapping[str, object] = _mapping(entry, "relevant 的每一项")
    if fields.get("id") not in (None, ""):
        return Described(id=_text(fields["id"], "relevant 的 id", _LONGEST_NAME)), fields.get("grade")
    name = _text(fields.get("name"), "relevant 的 id 或 name", _LONGEST_NAME)
    body = fields.get("organisation")
    where = "" if body in (None, "") else _text(body, "organisation", _LONGEST_NAME)
    return Described(name=name, organisation=where), fields.get("grade")


def _written(cell: object) -> list[tuple[Described, object]]:
    people: list[tuple[Described, object]] = []
    for part in _SEPARATOR.split(_text(cell, "relevant（正确的人）", _LONGEST_TEXT)):
        if part.strip():
            people.append((described(part), None))
    return people


def _graded(people: list[tuple[Described, object]], grades: object) -> tuple[tuple[Described, float], ...]:
    if not people:
        raise ValueError("relevant（正确的人）是空的")
    given: list[object] = [grade for _, grade in people]
    if isinstance(grades, str):
        given = [*(part.strip() for part in _SEPARATOR.split(grades))]
    elif isinstance(grades, list):
        given = cast(list[object], grades)
    elif grades is not None:
        given = [grades]
    if len(given) != len(people):
        raise ValueError(f"grades（等级）有 {len(given)} 个，正确的人有 {len(people)} 个")
    best: dict[Described, float] = {}
    for (person, _), grade in zip(people, given, strict=True):
        best[person] = max(best.get(person, 0.0), _grade(grade))
    return tuple(best.items())


def _grade(value: object) -> float:
    if value is None:
        return 1.0
    try:
        grade = float(cast(str, value)) if not isinstance(value, bool) else -1.0
    except (TypeError, ValueError, OverflowError):
        grade = -1.0
    if not isfinite(grade) or not 0 < grade <= _GREATEST_GRADE:
        raise ValueError(f"等级应是大于 0、不超过 {_GREATEST_GRADE:g} 的数")
    return grade
