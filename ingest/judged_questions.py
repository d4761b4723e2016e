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

from pydantic import ValidationError

from graph.errors import InputError, ZhikuError
from graph.identity import region_code
from graph.model import is_whole
from ingest.reader_records import Record, Unreadable
from ingest.readers import open_records
from queries.filters import FILTER_TITLES, LISTS, ExpertFilters, several
from queries.known_people import Described, described

# Column (or key of JSON) → the names it may have in a table.
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "id": ("编号", "id"),
    "text": ("问题", "text"),
    "relevant": ("正确的人", "relevant"),
    "grades": ("等级", "grades"),
    **{name: (FILTER_TITLES[name], name) for name in ExpertFilters.model_fields},
    "since_year": ("起始年", FILTER_TITLES["since_year"], "since_year"),
}
# As people write truth values in a table.
_TRUTH: Final[Mapping[str, bool]] = {"是": True, "有": True, "否": False, "无": False}
_MOST_QUESTIONS: Final = 100_000
_MOST_RELEVANT: Final = 10_000
_MOST_ERRORS: Final = 1_000
_LONGEST_TEXT: Final = 1_000_000
_LONGEST_NAME: Final = 500
_GREATEST_GRADE: Final = 100.0
_SEPARATOR: Final = re.compile(r"[；;\n]")


@dataclass(frozen=True, slots=True)
class JudgedQuestion:
    """One question: where it stands, its id and text, filters, and who is right with what grade (above 0)."""

    line: int
    id: str
    text: str
    filters: ExpertFilters
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


def _filters(given: Mapping[str, object], *, strict: bool) -> ExpertFilters:
    known = ExpertFilters.model_fields
    if strict and (unknown := [name for name in given if name not in known]):
        raise ValueError(f"没有这样的筛选条件：{_text(unknown[0], 'filters', _LONGEST_NAME)}")
    said = {name: _said(name, given[name]) for name in known if given.get(name) not in (None, "")}
    try:
        filters = ExpertFilters.model_validate(said)
        if filters.region is not None:
            region_code(filters.region)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        raise ValueError(f"{name}（{FILTER_TITLES[name]}）的值不能用：{first['msg']}") from None
    except ZhikuError as error:
        raise ValueError(error.message) from None
    return filters


def _said(name: str, value: object) -> object:
    """A number may be a code, several names one text, a truth value a word: the filters know their types."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _text(value, name, _LONGEST_NAME)
    if isinstance(value, str):
        return several(value) if name in (*LISTS, "among") else _TRUTH.get(value.strip(), value)
    return value


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
