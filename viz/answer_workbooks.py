"""Answers as Excel workbooks: plain tables whose cells are text or numbers, never formulas."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from typing import Any, Final

import xlsxwriter  # pyright: ignore[reportMissingTypeStubs]

# xlsxwriter ships no types.
_Untyped = Any

Cell = str | int | float | None
# Excel's own limit of a cell; XlsxWriter leaves a longer text out without a word.
LONGEST_CELL: Final = 32_767
LONGEST_SHEET_NAME: Final = 31
MOST_ROWS: Final = 1_048_000
_NOT_IN_SHEET_NAMES: Final = re.compile(r"[\[\]:*?/\\\x00-\x1f\x7f]")
_HALVES: Final = re.compile("[\ud800-\udfff]")
_CONTROLS: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its name, (header, width in characters) of each column, rows, and lines above the table."""

    name: str
    columns: tuple[tuple[str, int], ...]
    rows: Iterable[Sequence[Cell]]
    above: tuple[str, ...] = field(default=())


def table_workbook(title: str, sheets: Sequence[Sheet]) -> bytes:
    """Return an XLSX workbook of tables; equal tables give equal bytes.

    Every text is written as text, whatever it begins with (=, +, -, @), so that nothing in it is ever computed; what is
    longer than a cell takes is cut and ends with an ellipsis.
    """
    content = BytesIO()
    book: Any = xlsxwriter.Workbook(
        content, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    book.set_properties({"title": cell_text(title)[:250], "created": datetime(2026, 1, 1, tzinfo=UTC)})
    header = book.add_format({"bold": True, "bg_color": "#E8EEF7", "border": 1, "text_wrap": True, "valign": "top"})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    above = book.add_format({"italic": True})
    names: set[str] = set()
    for number, sheet in enumerate(sheets, 1):
        page = book.add_worksheet(_sheet_name(sheet.name, number, names))
        for row, line in enumerate(sheet.above):
            page.write_string(row, 0, cell_text(line), above)
        first = len(sheet.above)
        for place, (name, width) in enumerate(sheet.columns):
            page.set_column(place, place, width, wrapped)
            page.write_string(first, place, cell_text(name), header)
        page.freeze_panes(first + 1, 0)
        _rows(page, first + 1, sheet.rows)
        # A4, one page wide: the table is printed as it is read.
        page.set_paper(9)
        page.set_landscape()
        page.fit_to_pages(1, 0)
        page.repeat_rows(first)
    book.close()
    return content.getvalue()


def cell_text(text: str) -> str:
    """Return text as a cell can hold it: no control characters, no half characters, not too long."""
    kept = _CONTROLS.sub("", _HALVES.sub("?", text))
    return kept if _length(kept) <= LONGEST_CELL else _cut(kept, LONGEST_CELL - 1) + "…"


def _length(text: str) -> int:
    # Excel counts UTF-16 units: a rare character is two.
    return len(text.encode("utf-16-le")) // 2


def _cut(text: str, units: int) -> str:
    return text.encode("utf-16-le")[: 2 * units].decode("utf-16-le", "ignore")


def _rows(page: _Untyped, first: int, rows: Iterable[Sequence[Cell]]) -> None:
    for number, row in enumerate(rows, first):
        if number > MOST_ROWS:
            page.write_string(number, 0, "……行数超过一张表能装下的，其余未列出")
            return
        for place, value in enumerate(row):
            if isinstance(value, str):
                page.write_string(number, place, cell_text(value))
            elif value is not None:
                page.write_number(number, place, value)


def _sheet_name(name: str, number: int, taken: set[str]) -> str:
    kept = _cut(_NOT_IN_SHEET_NAMES.sub(" ", cell_text(name)).strip(" '"), LONGEST_SHEET_NAME).strip(" '")
    kept = kept or f"表{number}"
    if kept.casefold() in taken or kept.casefold() == "history":
        kept = f"{_cut(kept, LONGEST_SHEET_NAME - 4)} {number}"
    taken.add(kept.casefold())
    return kept
