"""Tables as a workbook: what the program found, for people who go on working with it in Excel."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

import xlsxwriter  # pyright: ignore[reportMissingTypeStubs]

from viz.style import clean

# xlsxwriter ships no types.
_Untyped = Any
Cell = str | int | float | None
_LONGEST_CELL: Final = 1_000


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its name, the widths of its columns in characters, its header and rows."""

    name: str
    header: Sequence[str]
    rows: Iterable[Sequence[Cell]]
    widths: Sequence[int] = ()


def tables_book(title: str, sheets: Sequence[Sheet]) -> bytes:
    """Return an XLSX workbook of plain tables; text is text (never a formula or a link), numbers are numbers."""
    content = BytesIO()
    book: _Untyped = xlsxwriter.Workbook(content, {"in_memory": True})
    book.set_properties({"title": title})
    bold = book.add_format({"bold": True, "bg_color": "#E8EEF7", "border": 1})
    for each in sheets:
        sheet = book.add_worksheet(each.name)
        sheet.freeze_panes(1, 0)
        for place, heading in enumerate(each.header):
            width = each.widths[place] if place < len(each.widths) else 12
            sheet.set_column(place, place, width)
            sheet.write_string(0, place, clean(heading, _LONGEST_CELL), bold)
        for number, row in enumerate(each.rows, 1):
            for place, value in enumerate(row):
                if isinstance(value, str):
                    sheet.write_string(number, place, clean(value, _LONGEST_CELL))
                elif value is not None:
                    sheet.write_number(number, place, value)
    book.close()
    return content.getvalue()
