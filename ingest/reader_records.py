"""What every reader gives: positioned records, or the place and reason why there is none; and the header of a table."""

import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from graph.errors import InputError
from graph.text import fold

# A value is shown in a reject list, never kept whole there.
SHOWN = 60
HEADER_SEARCH = 10


@dataclass(frozen=True, slots=True)
class Record:
    """One row or line of somebody's file, as it was read.

    `row` is the number the person sees (Excel's row number, the line number of a text file, from 1); `sheet` is ""
    where there are no sheets. `values` has every column of the header, an empty cell being "" (in JSON Lines: the
    object's own keys; null is None). Cells of sheets are str, int, float, bool, date, datetime, time or timedelta.
    """

    file: str
    sheet: str
    row: int
    values: dict[str, object]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A row or line that cannot be read: where it stands, the beginning of it, and why (Chinese)."""

    file: str
    sheet: str
    row: int
    column: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a file is accepted, so that no file can exhaust the memory.

    `line`: characters of one line (16 Mi: a thousand times the longest abstract). `columns`: of a table. `unpacked`:
    bytes of the parts of a workbook together (1 GiB). `cells`: of the rectangle a sheet spans; the reader of sheets
    holds it whole, at about 32 bytes a cell. `faults`: broken quotations after which a text table is given up.
    """

    line: int = 16 * 2**20
    columns: int = 1000
    unpacked: int = 2**30
    cells: int = 20_000_000
    faults: int = 1000


@dataclass(frozen=True, slots=True)
class Place:
    """The file and sheet that are being read; makes the positioned results and the words for messages."""

    file: str
    sheet: str = ""

    def __str__(self) -> str:
        return f"文件“{self.file}”的工作表“{self.sheet}”" if self.sheet else f"文件“{self.file}”"

    def unreadable(self, row: int, reason: str, value: object = "", column: str = "") -> Unreadable:
        """Return the reject for a row (from 1)."""
        return Unreadable(self.file, self.sheet, row, column, shorten(value), reason)


class Row(NamedTuple):
    """A row of cells with its number."""

    number: int
    cells: Sequence[object]


def shorten(value: object) -> str:
    """Return a value as it may stand in a message: one line, at most `SHOWN` characters, printable."""
    text = value if isinstance(value, str) else str(value)
    shown = "".join(char if char.isprintable() else "�" for char in text[:SHOWN])
    return shown + "…" if len(text) > SHOWN else shown


def clean_header(value: object) -> str:
    """Return a header cell as it is shown: full-width forms folded, white space and marks of obligation ("*") removed.

    White space between Han characters goes ("姓  名" → "姓名"), other white space becomes one space.
    """
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = unicodedata.normalize("NFKC", str(value)[:1000]).replace("\ufeff", "").replace("\u200b", "")
    words = text.replace("*", " ").split()
    out = words[0] if words else ""
    for word in words[1:]:
        loose = out[-1].isascii() and word[0].isascii()
        out += f" {word}" if loose else word
    return out


def header_key(value: object) -> str:
    """Return the form in which two spellings of one column name are equal (case, width, spaces, brackets, "*")."""
    return fold(clean_header(value))


def find_header(place: Place, rows: Sequence[Row], expected: Collection[str], header_row: int | None) -> int:
    """Return which of the first rows is the header: the one asked for, or the one that matches most expected names.

    Without expected names: the first row that is at least half as wide as the widest (a title above stands in one
    cell). Raises `InputError` when no row can be the header.
    """
    if header_row is not None:
        found = next((index for index, row in enumerate(rows) if row.number == header_row), None)
        if found is None:
            raise InputError(f"{place}的第 {header_row} 行是空的，不能作为表头", hint="请检查表头行号")
        return found
    if expected:
        wanted = {header_key(name) for name in expected}
        scores = [len(wanted.intersection(map(header_key, row.cells))) for row in rows]
        if not max(scores):
            names = "、".join(list(expected)[:8])
            first = "、".join(clean_header(cell) for cell in rows[0].cells if cell)
            raise InputError(
                f"{place}的前 {HEADER_SEARCH} 行里没有找到表头：没有任何一列名为“{shorten(names)}”，"
                f"第 {rows[0].number} 行是“{shorten(first)}”",
                hint="请改列名，或换一个映射文件",
            )
    else:
        widths = [sum(1 for cell in row.cells if clean_header(cell)) for row in rows]
        scores = [int(2 * width >= max(widths)) for width in widths]
    return scores.index(max(scores))


def header_names(place: Place, row: Row, expected: Collection[str], limits: Limits) -> list[str]:
    """Return the names of the columns: as the caller spells the expected ones, as cleaned the others, "第3列" if empty.

    Raises `InputError` for a name that stands twice and for more columns than the limit.
    """
    cells = list(row.cells)
    while cells and not clean_header(cells[-1]):
        cells.pop()
    if len(cells) > limits.columns:
        raise InputError(f"{place}有 {len(cells)} 列，最多 {limits.columns} 列", hint="请检查分隔符，或删去多余的列")
    spelled = {header_key(name): name for name in expected}
    names: list[str] = []
    seen: dict[str, int] = {}
    for position, cell in enumerate(cells, 1):
        key = header_key(cell) or f"第{position}列"
        if key in seen:
            raise InputError(
                f"{place}第 {row.number} 行的表头有重复的列“{shorten(clean_header(cell))}”"
                f"（第 {seen[key]} 列和第 {position} 列）",
                hint="请给其中一列改名",
            )
        seen[key] = position
        names.append(spelled.get(key) or clean_header(cell) or key)
    return names


def tabulate(
    place: Place, rows: Iterator[Row | Unreadable], expected: Collection[str], header_row: int | None
) -> tuple[Row, list[Row | Unreadable]]:
    """Take the first rows and return the header with what was read beyond it (rejects before it included).

    Raises `InputError` for a table without any row, or without a header.
    """
    head: list[Row | Unreadable] = []
    candidates: list[Row] = []
    for row in rows:
        head.append(row)
        if isinstance(row, Row):
            candidates.append(row)
            if len(candidates) >= HEADER_SEARCH and (header_row is None or row.number >= header_row):
                break
        elif len(head) > 10 * HEADER_SEARCH:
            break
    if not candidates:
        raise InputError(f"{place}里没有可读的内容", hint="请检查是否选对了文件")
    header = candidates[find_header(place, candidates, expected, header_row)]
    rest = [row for row in head if isinstance(row, Unreadable) or row.number > header.number]
    return header, rest
