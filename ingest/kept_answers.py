"""Answers of one version of the ranking, kept in a file so that a later version can be compared with it.

JSON Lines, one question a line: {"version", "sequence", "id", "people": [ids, best first]}.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from graph.errors import InputError
from ingest.reader_records import Record
from ingest.readers import open_records

_MOST_PEOPLE: Final = 10_000


@dataclass(frozen=True, slots=True)
class KeptAnswers:
    """What a version answered: question id → person ids, best first; `sequence` is the write the index had seen."""

    version: str
    sequence: int
    answers: Mapping[str, tuple[str, ...]]


def answers_text(kept: KeptAnswers) -> str:
    """Return the lines of the file."""
    lines = (
        {"version": kept.version, "sequence": kept.sequence, "id": id, "people": people}
        for id, people in kept.answers.items()
    )
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def read_answers(path: Path) -> KeptAnswers:
    """Read a file that `answers_text` wrote; raises `InputError` for any line that is none of its."""
    version, sequence = "", 0
    answers: dict[str, tuple[str, ...]] = {}
    for record in open_records(path, format="jsonl"):
        if not isinstance(record, Record):
            raise _damaged(path, record.row, record.reason)
        values = record.values
        name, number, id, people = (values.get(key) for key in ("version", "sequence", "id", "people"))
        if not isinstance(name, str) or not name or not isinstance(number, int) or not isinstance(id, str):
            raise _damaged(path, record.row, "缺少 version、sequence 或 id")
        if not isinstance(people, list) or len(cast(list[object], people)) > _MOST_PEOPLE:
            raise _damaged(path, record.row, "people 应是编号的列表")
        ids = cast(list[object], people)
        if not all(isinstance(each, str) for each in ids):
            raise _damaged(path, record.row, "people 应是编号的列表")
        if version not in ("", name) or id in answers:
            raise _damaged(path, record.row, "一个文件只放一个版本的答案，每个问题一行")
        version, sequence = name, number
        answers[id] = tuple(cast(list[str], ids))
    if not answers:
        raise InputError(f"文件“{path.name}”里没有答案", hint="用 zhiku evaluate retrieval … --keep 文件 保存答案")
    return KeptAnswers(version, sequence, answers)


def _damaged(path: Path, line: int, reason: str) -> InputError:
    return InputError(
        f"文件“{path.name}”第 {line} 行不是保存的答案：{reason}",
        hint="用 zhiku evaluate retrieval … --keep 文件 保存答案",
    )
