"""Workbooks (XLSX, XLS, ODS) by python-calamine, behind guards: what they may unpack to, how far a sheet may span."""

import re
import struct
import zipfile
import zlib
from collections.abc import Collection, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import IO, cast
from xml.etree import ElementTree

import python_calamine
from python_calamine import CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from graph.errors import InputError

from .reader_records import (
    HEADER_SEARCH,
    Limits,
    Place,
    Record,
    Row,
    Unreadable,
    header_key,
    header_names,
    tabulate,
)

_CHUNK = 1 << 20
# A cell element that has content: an empty formatted cell closes itself.
_CELL = re.compile(rb"<(?:\w+:)?c\b[^>]*?\br=[\"']([A-Z]{1,3})(\d{1,7})[\"'][^>]*(?<!/)>")
_SPREAD = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_BAD_ZIP = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    OSError,
    EOFError,
    ValueError,
    NotImplementedError,
    RuntimeError,
)
_SAVE_AGAIN = "请在 Excel 或 WPS 里打开后另存为 .xlsx"


def read_sheet(
    path: Path,
    stream: IO[bytes],
    *,
    sheet: str | None,
    expected: Collection[str],
    header_row: int | None,
    limits: Limits,
) -> Iterator[Record | Unreadable]:
    """Give the rows of one sheet of a workbook: the one named, else the visible one whose header fits best.

    Dates come as date or datetime, whole numbers as int, formulas as their last value. A cell merged over several rows
    counts for each of them. Raises `InputError` before the first row for anything wrong with the workbook.
    """
    _check(Place(path.name), stream, limits)
    stream.seek(0)
    with _workbook(path.name, stream) as workbook:
        chosen = _choose(path.name, workbook, sheet, expected)
        yield from _records(Place(path.name, chosen.name), chosen, expected, header_row, limits)


def _records(
    place: Place, sheet: CalamineSheet, expected: Collection[str], header_row: int | None, limits: Limits
) -> Iterator[Record | Unreadable]:
    left = sheet.start[1] if sheet.start else 0
    if sheet.end and sheet.end[1] >= 2 * limits.columns:
        raise InputError(f"{place}有 {sheet.end[1] + 1} 列，最多 {limits.columns} 列", hint="请删去右侧多余的内容")
    merged = _merged(sheet, left)
    rows = _rows(sheet, merged)
    header, rest = tabulate(place, rows, expected, header_row)
    names = header_names(place, header, expected, limits)
    width = len(names)
    banners = {first: last - start for (first, start), (_, last) in sheet.merged_cell_ranges or ()}
    for row in chain(rest, rows):
        if isinstance(row, Unreadable):
            yield row
            continue
        number, cells = row
        filled = [cell for cell in cells if cell != ""]
        if len(filled) == 1 and width > 2 and banners.get(number - 1, 0) >= width // 2:
            yield place.unreadable(number, "整行合并的说明或小标题，不是数据", filled[0])
            continue
        values: dict[str, object] = {
            name: int(cell) if isinstance(cell, float) and cell.is_integer() else cell
            for name, cell in zip(names, cells, strict=False)
        }
        for position, cell in enumerate(cells[width:], width + 1):
            if cell != "":
                values[f"第{position}列"] = cell
        yield Record(place.file, place.sheet, number, values)


def _rows(sheet: CalamineSheet, merged: Mapping[int, list[tuple[int, int]]]) -> Iterator[Row | Unreadable]:
    held: dict[tuple[int, int], object] = {}
    for index, cells in enumerate(sheet.iter_rows()):
        filled: list[object] = [*cells]
        for column, top in merged.get(index, ()):
            if column >= len(filled):
                continue
            if top == index:
                held[top, column] = filled[column]
            elif filled[column] == "":
                filled[column] = held.get((top, column), "")
        if any(cell != "" for cell in filled):
            yield Row(index + 1, filled)


def _merged(sheet: CalamineSheet, left: int) -> dict[int, list[tuple[int, int]]]:
    """Return, for each row that a cell merged downwards covers, its (column from the left edge, top row)."""
    rows: dict[int, list[tuple[int, int]]] = {}
    end = sheet.end[0] if sheet.end else 0
    for (top, column), (bottom, _) in sheet.merged_cell_ranges or ():
        if bottom > top:
            for row in range(top, min(bottom, end) + 1):
                rows.setdefault(row, []).append((column - left, top))
    return rows


def _choose(file: str, workbook: CalamineWorkbook, sheet: str | None, expected: Collection[str]) -> CalamineSheet:
    visible = [
        meta.name
        for meta in workbook.sheets_metadata
        if meta.typ == SheetTypeEnum.WorkSheet and meta.visible == SheetVisibleEnum.Visible
    ]
    if sheet is not None:
        if sheet not in workbook.sheet_names:
            raise InputError(
                f"文件“{file}”里没有工作表“{sheet}”", hint=f"现有工作表：{'、'.join(workbook.sheet_names[:10])}"
            )
        return _sheet(file, workbook, sheet)
    wanted = {header_key(name) for name in expected}
    best: tuple[int, CalamineSheet] | None = None
    for name in visible:
        found = _sheet(file, workbook, name)
        if found.start is None:
            continue
        head = found.to_python(nrows=HEADER_SEARCH)
        score = max((len(wanted.intersection(map(header_key, row))) for row in head), default=0)
        if best is None or score > best[0]:
            best = score, found
    if best is None:
        raise InputError(f"文件“{file}”里没有内容", hint="请检查是否选对了文件")
    return best[1]


def _workbook(file: str, stream: IO[bytes]) -> CalamineWorkbook:
    try:
        return CalamineWorkbook.from_filelike(stream)
    except python_calamine.PasswordError as error:
        raise InputError(f"文件“{file}”有密码保护，无法读取", hint="请在 Excel 里取消密码后再导入") from error
    except BaseException as error:
        raise _damaged(file, error) from error


def _sheet(file: str, workbook: CalamineWorkbook, name: str) -> CalamineSheet:
    try:
        return workbook.get_sheet_by_name(name)
    except BaseException as error:
        raise _damaged(file, error) from error


def _damaged(file: str, error: BaseException) -> BaseException:
    """Return what to raise: a panic of the Rust library derives from BaseException and has no importable class."""
    known = isinstance(error, (python_calamine.CalamineError, OSError, ValueError, OverflowError))
    if known or type(error).__name__ == "PanicException":
        return InputError(f"文件“{file}”已损坏，或不是 XLSX、XLS、ODS 工作簿", hint=_SAVE_AGAIN)
    return error


def _check(place: Place, stream: IO[bytes], limits: Limits) -> None:
    """Read every part of a workbook once; raise `InputError` if it is damaged, locked or larger than the limits."""
    head = stream.read(8)
    stream.seek(0)
    if not head.startswith(b"PK"):
        if b"E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e" in stream.read(limits.unpacked):
            raise InputError(f"{place}有密码保护，无法读取", hint="请在 Excel 里取消密码后再导入")
        return
    try:
        with zipfile.ZipFile(stream) as parts:
            _check_parts(place, parts, limits)
    except _BAD_ZIP as error:
        raise InputError(f"{place}已损坏，或不是 XLSX、ODS 工作簿", hint=_SAVE_AGAIN) from error


def _check_parts(place: Place, parts: zipfile.ZipFile, limits: Limits) -> None:
    names = parts.namelist()
    if "xl/workbook.bin" in names or not any(name in names for name in ("xl/workbook.xml", "content.xml")):
        raise InputError(f"{place}不是 XLSX、XLS 或 ODS 工作簿", hint=_SAVE_AGAIN)
    if sum(part.file_size for part in parts.infolist()) > limits.unpacked:
        raise InputError(
            f"{place}解压后超过 {limits.unpacked // 2**20} MiB，没有读入", hint="请拆成几个文件，或改用 CSV"
        )
    for part in parts.infolist():
        with parts.open(part) as stream:
            if part.filename.startswith("xl/worksheets/") and part.filename.endswith(".xml"):
                cells = _span(stream)
            elif part.filename == "content.xml":
                cells = _open_document_span(place, stream)
            else:
                cells = 0
                while stream.read(_CHUNK):  # the checksum is compared at the end: a part that lies about its size fails
                    pass
        if cells > limits.cells:
            raise InputError(
                f"{place}有一张表的范围达到 {cells} 格，最多 {limits.cells} 格",
                hint="请删去离数据很远的单元格，或改用 CSV",
            )


def _span(stream: IO[bytes]) -> int:
    """Return the number of cells in the rectangle from the first cell to the farthest one with content."""
    row = column = 0
    rest = b""
    while data := stream.read(_CHUNK):
        data = rest + data
        cut = data.rfind(b">") + 1
        found = cast("list[tuple[bytes, bytes]]", _CELL.findall(data, 0, cut))
        if found:
            letters = max((letters for letters, _ in found), key=lambda name: (len(name), name))
            place = 0
            for letter in letters:
                place = place * 26 + letter - 64
            column = max(column, place)
            row = max(row, *(int(number) for _, number in found))
        rest = data[cut:][-1000:]
    return row * column


def _open_document_span(place: Place, stream: IO[bytes]) -> int:
    """Return the number of cells in the rectangle that an OpenDocument table with its repetitions comes to."""
    rows = width = cells = 0
    most = 0
    try:
        for _, element in ElementTree.iterparse(stream):  # noqa: S314 - expat 2.4 and later stop entity bombs
            if element.tag in {_SPREAD + "table-cell", _SPREAD + "covered-table-cell"}:
                repeated = int(element.get(_SPREAD + "number-columns-repeated") or 1)
                cells += repeated
                if len(element) or any(name.startswith(_OFFICE) for name in element.attrib):
                    width = max(width, cells)
            elif element.tag == _SPREAD + "table-row":
                rows += int(element.get(_SPREAD + "number-rows-repeated") or 1)
                if width:
                    most = max(most, rows * width)
                cells = 0
                element.clear()
            elif element.tag == _SPREAD + "table":
                rows = width = 0
                element.clear()
    except ElementTree.ParseError as error:
        raise InputError(f"{place}已损坏，或不是 ODS 工作簿", hint=_SAVE_AGAIN) from error
    return most
