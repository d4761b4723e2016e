"""Labelled mentions (which person really stands behind which mention) from a JSON Lines file of anybody's making."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple, cast

from graph.errors import InputError
from graph.model import is_whole

# A line holds two or three short strings; what is longer is no label.
_LONGEST_LINE: Final = 10_000
_LONGEST_FIELD: Final = 500
_MOST_LINES: Final = 5_000_000
_MOST_ERRORS: Final = 1_000


class Labelled(NamedTuple):
    """The person known to stand behind the mention at a position of a work (as the source counts them)."""

    work: str
    position: str
    person: str

    @property
    def mention(self) -> str:
        """`work#position`, as the file may write it."""
        return f"{self.work}#{self.position}"


class LabelError(NamedTuple):
    """A line that is no label: where, and why (Chinese)."""

    file: str
    line: int
    reason: str


@dataclass
class Labels:
    """What was read; of the lines that were not, the first thousand and the number of all."""

    mentions: list[Labelled] = field(default_factory=list[Labelled])
    errors: list[LabelError] = field(default_factory=list[LabelError])
    rejected: int = 0


def read_labels(path: Path) -> Labels:
    """Read the file; raises `InputError` when it cannot be read at all or holds no label.

    A line is {"mention": "<work id>#<position>", "person": …}, {"mention": {"work": …, "position": …}, "person": …} or
    {"work": …, "position": …, "person": …}.
    """
    try:
        with path.open("rb") as file:
            labels = parse_labels(_bounded(file), path.name)
    except OSError as error:
        raise InputError(f"打不开标注文件 {path.name}", hint="请检查路径和权限") from error
    if not labels.mentions:
        first = f"；第 {labels.errors[0].line} 行：{labels.errors[0].reason}" if labels.errors else ""
        raise InputError(
            f"{path.name} 中没有可用的标注{first}", hint='每行写 {"mention": "成果编号#位置", "person": "…"}'
        )
    return labels


def parse_labels(lines: Iterable[bytes], file: str) -> Labels:
    """Read lines; a mention labelled twice counts once, with two different persons the later line is an error."""
    labels = Labels()
    known: dict[tuple[str, str], str] = {}
    for number, line in enumerate(lines, 1):
        if number > _MOST_LINES:
            _note(labels, file, number, f"超过 {_MOST_LINES} 行，其余未读")
            break
        if not line.strip():
            continue
        try:
            found = _label(line)
        except ValueError as error:
            _note(labels, file, number, str(error))
            continue
        said = known.setdefault((found.work, found.position), found.person)
        if said != found.person:
            _note(labels, file, number, f"{found.mention} 在前面已标为另一人")
        elif len(known) > len(labels.mentions):
            labels.mentions.append(found)
    return labels


def _bounded(file: Iterable[bytes] | object) -> Iterator[bytes]:
    read = cast("_Readable", file)
    while line := read.readline(_LONGEST_LINE + 1):
        long = len(line) > _LONGEST_LINE
        yield line
        while long and line and not line.endswith(b"\n"):
            line = read.readline(1 << 20)


class _Readable:
    def readline(self, size: int) -> bytes: ...  # pyright: ignore[reportReturnType]


def _note(labels: Labels, file: str, line: int, reason: str) -> None:
    labels.rejected += 1
    if len(labels.errors) < _MOST_ERRORS:
        labels.errors.append(LabelError(file, line, reason))


def _label(line: bytes) -> Labelled:
    if len(line) > _LONGEST_LINE:
        raise ValueError(f"一行超过 {_LONGEST_LINE} 字节")
    try:
        value: object = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise ValueError("不是 UTF-8 的 JSON") from error
    if not isinstance(value, Mapping):
        raise ValueError("应是一个 JSON 对象")
    row = cast(Mapping[str, object], value)
    place = row.get("mention", row)
    if isinstance(place, str):
        work, mark, position = place.rpartition("#")
        if not mark:
            raise ValueError('mention 应写作 "成果编号#位置"')
        return Labelled(_text(work, "成果编号"), _text(position, "位置"), _text(row.get("person"), "person"))
    if not isinstance(place, Mapping):
        raise ValueError("缺少 mention")
    table = cast(Mapping[str, object], place)
    return Labelled(
        _text(table.get("work"), "work"), _text(table.get("position"), "position"), _text(row.get("person"), "person")
    )


def _text(value: object, name: str) -> str:
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**18:
        return str(value)
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"缺少 {name}，或不是文字")
    if len(value) > _LONGEST_FIELD:
        raise ValueError(f"{name} 超过 {_LONGEST_FIELD} 字")
    if not is_whole(value):
        raise ValueError(f"{name} 含有残缺的字符")
    return value.strip()
