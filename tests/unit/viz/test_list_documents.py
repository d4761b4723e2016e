"""Workbooks and pages of lists: hostile texts stay text, nothing is computed, equal lists give equal files."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import python_calamine
from hypothesis import given, settings
from hypothesis import strategies as st

from queries.saved_lists import ListCard, ListedMember, SavedListAnswer
from viz.answer_workbooks import LONGEST_CELL, Sheet, cell_text, table_workbook
from viz.list_documents import PRINT_STYLE, list_workbook, printed_list

HOSTILE = [
    "=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "=HYPERLINK(\"http://x\",\"y\")", "http://example.com", "\t=1",
    "<script>alert(1)</script>", "</title><img src=x onerror=alert(1)>", "'}) DETACH DELETE n //", "\u202e反向\u2066",
    "\x00\x07控制", "\ud800半个", "{0.__class__}", "1e5", "00123",
]  # fmt: skip

CELLS = st.text(max_size=30) | st.integers(-(2**40), 2**40) | st.none()


def shown(text: str) -> SavedListAnswer:
    card = ListCard(
        id="Lx", name=text, kind="experts", purpose="selection", question=text, filters="{}", ranking="r", sequence=1,
        saved_on="2026-06-01", saved_by=text, from_day=None, until_day=None, copied_from="", frozen_hash="",
        frozen_on="", frozen_by="", members=1,
    )  # fmt: skip
    member = ListedMember(
        rank=1, id="P1", current="P1", name=text, unit=text, title=text, score=0.5, note=text, by_hand=True,
        reason=text, added_by=text, added_on="2026-06-01", change="", same_as=None,
    )  # fmt: skip
    return SavedListAnswer(card=card, filters={"region": text}, members=(member,), notes=(text,))


def cells(content: bytes) -> list[list[Any]]:
    book = python_calamine.CalamineWorkbook.from_filelike(BytesIO(content))
    return [row for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python()]


def test_hostile_texts_are_text_in_the_workbook() -> None:
    for text in HOSTILE:
        content = list_workbook(shown(text))
        assert content == list_workbook(shown(text))
        (row,) = [row for row in cells(content) if row and row[0] == 1]
        assert row[1] == cell_text(text), "as written, not computed"
        assert row[5] == cell_text(text)
        assert isinstance(row[1], str)
        assert b"<f>" not in _sheet_xml(content)


def _sheet_xml(content: bytes) -> bytes:
    import zipfile

    with zipfile.ZipFile(BytesIO(content)) as parts:
        return b"".join(parts.read(name) for name in parts.namelist() if "worksheets/sheet" in name)


def test_hostile_texts_are_text_on_the_page() -> None:
    for text in HOSTILE:
        for page in (printed_list(shown(text)), printed_list(shown(text), stylesheet="/static/print.css")):
            page.encode("utf-8")
            assert "<script" not in page
            assert "<img" not in page
            assert page.count("<title>") == page.count("</title>") == 1
            assert not set(page) & set("\u202e\u2066\x00\x07")
    assert "<style>" not in printed_list(shown("x"), stylesheet="/static/print.css")


def test_the_served_style_is_that_of_the_file() -> None:
    served = Path(__file__).parents[3] / "api" / "console" / "static" / "print.css"
    assert served.read_text(encoding="utf-8") == PRINT_STYLE
    assert "size: A4" in PRINT_STYLE


@settings(max_examples=40)
@given(
    rows=st.lists(
        st.lists(st.text(max_size=30) | st.integers(-(2**40), 2**40) | st.none(), min_size=2, max_size=2), max_size=5
    ),
    name=st.text(max_size=50),
)
def test_any_table_becomes_a_workbook(rows: list[list[Any]], name: str) -> None:
    columns = (("甲", 10), ("乙", 10))
    content = table_workbook(name, (Sheet(name, columns, rows), Sheet(name, columns, rows)))
    assert content[:2] == b"PK"
    assert b"<f>" not in _sheet_xml(content)
    assert len(python_calamine.CalamineWorkbook.from_filelike(BytesIO(content)).sheet_names) == 2


def test_what_no_cell_takes_is_cut_and_says_so() -> None:
    (row, *_) = cells(table_workbook("t", (Sheet("s", (("x" * 40_000, 10),), ()),)))
    assert len(row[0]) == LONGEST_CELL
    assert row[0].endswith("…")
