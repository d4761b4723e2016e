"""Workbooks: types and positions, guards, and every kind of broken file."""

import datetime
import gzip
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.errors import InputError
from ingest.readers import Limits, Record, Unreadable
from tests.reader_files import ROSTER, SAFE, open_document, read, rejects, rows, workbook, written


def test_workbook_types_positions_and_merged_cells(tmp_path: Path) -> None:
    def fill(book: Any, sheet: Any) -> None:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.merge_range(3, 2, 3, 6, "云溟省专家名册（虚构）")
        sheet.write_row(5, 2, ["姓 名", "单位", "出生年", "入库", "值"])
        sheet.write_row(6, 2, ["张三", "云溟大学", 1970])
        sheet.write_datetime(6, 5, datetime.date(2020, 1, 2), day)
        sheet.write_formula(6, 6, "=1+1", None, 2)
        sheet.merge_range(7, 3, 8, 3, "研究院")
        sheet.write_row(7, 2, ["李四"])
        sheet.write_row(8, 2, ["王五"])
        sheet.write_number(8, 4, 1.5)
        sheet.write_boolean(8, 6, True)
        sheet.merge_range(10, 2, 10, 6, "二、企业")
        sheet.write_row(11, 2, ["赵六", "", "", "", "", "备注外"])

    found = read(workbook(tmp_path / "a.xlsx", fill), expected=["姓名", "单位"])
    assert [item.row for item in found] == [7, 8, 9, 11, 12]
    assert all(item.sheet == "名册" for item in found)
    assert rows(found) == [
        ["张三", "云溟大学", 1970, datetime.date(2020, 1, 2), 2],
        ["李四", "研究院", "", "", ""],
        ["王五", "研究院", 1.5, "", True],
        ["赵六", "", "", "", "", "备注外"],
    ]
    assert isinstance(rows(found)[0][2], int)
    (banner,) = rejects(found)
    assert (banner.value, banner.row) == ("二、企业", 11)


def test_the_sheet_whose_header_fits_is_read(tmp_path: Path) -> None:
    def fill(book: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, ["填表说明", "请勿修改"])
        sheet.write_row(1, 0, ["一", "二"])
        other = book.add_worksheet("数据")
        other.write_row(0, 0, ["姓名", "单位"])
        other.write_row(1, 0, ["张三", "甲"])
        hidden = book.add_worksheet("隐藏")
        hidden.write_row(0, 0, ["姓名", "单位", "职称"])
        hidden.hide()

    path = workbook(tmp_path / "a.xlsx", fill)
    assert rows(read(path, expected=ROSTER)) == [["张三", "甲"]]
    assert rows(read(path, sheet="名册")) == [["一", "二"]]
    with pytest.raises(InputError, match="没有工作表“无”"):
        read(path, sheet="无")
    packed = written(tmp_path / "b.xlsx.gz", gzip.compress(path.read_bytes()))
    assert rows(read(packed, expected=ROSTER)) == [["张三", "甲"]]
    renamed = written(tmp_path / "c.csv", path.read_bytes())
    assert rows(read(renamed, expected=ROSTER)) == [["张三", "甲"]]


def test_an_empty_workbook_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="没有内容"):
        read(workbook(tmp_path / "a.xlsx", lambda _book, _sheet: None))


def test_workbook_guards(tmp_path: Path) -> None:
    def far(_book: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, ["姓名", "单位"])
        sheet.write_string(1_000_000, 500, "远")

    with pytest.raises(InputError, match="范围达到"):
        read(workbook(tmp_path / "far.xlsx", far))
    bomb = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/workbook.xml", "<workbook/>")
        parts.writestr("xl/worksheets/sheet1.xml", b"\0" * (8 * 2**20))
    with pytest.raises(InputError, match="解压后超过 4 MiB"):
        read(bomb, limits=Limits(unpacked=4 * 2**20))
    data = bytearray(bomb.read_bytes())
    size = (8 * 2**20).to_bytes(4, "little")
    assert data.count(size) == 2
    with pytest.raises(InputError, match="损坏"):
        read(written(bomb, bytes(data).replace(size, b"\x10\0\0\0")))
    repeated = '<table:table-row table:number-rows-repeated="1000000">{}</table:table-row>'.format(
        '<table:table-cell table:number-columns-repeated="900" office:value-type="float" office:value="1"/>'
    )
    with pytest.raises(InputError, match="范围达到"):
        read(open_document(tmp_path / "bomb.ods", repeated))


def test_an_unmarked_cell_far_away_is_no_obstacle(tmp_path: Path) -> None:
    def fill(book: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, ["姓名", "单位"])
        sheet.write_row(1, 0, ["张三", "甲"])
        sheet.write_blank(1_048_575, 16_383, None, book.add_format({"bold": True}))

    assert rows(read(workbook(tmp_path / "a.xlsx", fill))) == [["张三", "甲"]]


def test_open_document_tables(tmp_path: Path) -> None:
    def cells(*texts: str) -> str:
        inner = "".join(
            f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>' for text in texts
        )
        blank = '<table:table-cell table:number-columns-repeated="16380"/>'
        return f"<table:table-row>{inner}{blank}</table:table-row>"

    rest = '<table:table-row table:number-rows-repeated="1048570"><table:table-cell/></table:table-row>'
    path = open_document(tmp_path / "a.ods", cells("姓名", "单位") + cells("张三", "甲") + rest)
    assert read(path) == [Record("a.ods", "表", 2, {"姓名": "张三", "单位": "甲"})]


def test_locked_and_foreign_workbooks_are_named(tmp_path: Path) -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504
    with pytest.raises(InputError, match="密码"):
        read(written(tmp_path / "a.xlsx", ole + "EncryptedPackage".encode("utf-16-le") + b"\0" * 512))
    with pytest.raises(InputError, match="损坏"):
        read(written(tmp_path / "b.xls", ole + b"\1" * 1024))
    with pytest.raises(InputError, match="损坏"):
        read(written(tmp_path / "c.xlsx", b"PK\x03\x04 not a zip"))
    with zipfile.ZipFile(tmp_path / "d.xlsx", "w") as parts:
        parts.writestr("a.csv", "姓名")
    with pytest.raises(InputError, match="不是 XLSX"):
        read(tmp_path / "d.xlsx")
    with pytest.raises(InputError, match="损坏"):
        read(written(tmp_path / "e.xlsx", "姓名,单位\n".encode()))


@SAFE
@given(
    st.one_of(
        st.binary(max_size=400),
        st.text(st.sampled_from('姓名,;\t"\n\r{}[]:1e9 \\u00d8\0'), max_size=200).map(str.encode),
        st.binary(max_size=200).map(lambda data: b"\x1f\x8b" + data),
        st.binary(max_size=200).map(gzip.compress),
    ),
    st.sampled_from(["a.csv", "a.tsv", "a.jsonl", "a.xlsx", "a.xls", "a.ods", "a", "a.csv.gz"]),
    st.sampled_from([(), ("姓名",)]),
)
def test_random_bytes_never_raise_anything_else(
    tmp_path: Path, data: bytes, name: str, expected: tuple[str, ...]
) -> None:
    path = written(tmp_path / name, data)
    try:
        found = read(path, expected=expected, limits=Limits(line=100, columns=20, faults=5))
    except InputError as error:
        message = error.message
    else:
        message = "".join(item.reason for item in rejects(found)) or "好"
    assert any("\u4e00" <= char <= "\u9fff" for char in message)


@SAFE
@given(st.integers(0, 10**6), st.integers(0, 255), st.booleans())
def test_a_spoiled_workbook_never_raises_anything_else(tmp_path: Path, place: int, byte: int, cut: bool) -> None:
    path = tmp_path / "base.xlsx"
    if not path.exists():
        workbook(path, lambda _book, sheet: [sheet.write_row(n, 0, ROSTER) for n in range(30)])
    data = bytearray(path.read_bytes())
    place %= len(data)
    if cut:
        del data[place:]
    else:
        data[place] = byte
    try:
        found = read(written(tmp_path / "spoiled.xlsx", bytes(data)), limits=Limits(columns=50))
    except InputError:
        return
    assert all(isinstance(item, (Record, Unreadable)) for item in found)


@SAFE
@given(
    st.sampled_from(["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/sharedStrings.xml", "xl/styles.xml"]), st.data()
)
def test_spoiled_parts_of_a_workbook_never_raise_anything_else(tmp_path: Path, part: str, data: st.DataObject) -> None:
    base = tmp_path / "base.xlsx"
    if not base.exists():
        workbook(base, lambda _book, sheet: [sheet.write_row(n, 0, ROSTER) for n in range(5)])
    spoiled = tmp_path / "spoiled.xlsx"
    with zipfile.ZipFile(base) as source, zipfile.ZipFile(spoiled, "w") as target:
        for name in source.namelist():
            content = bytearray(source.read(name))
            if name == part:
                at = data.draw(st.integers(0, len(content) - 1))
                length = data.draw(st.integers(0, 30))
                content[at : at + length] = data.draw(
                    st.binary(max_size=12) | st.sampled_from([b"99999", b"-1", b"ZZZ9"])
                )
            target.writestr(name, bytes(content))
    try:
        read(spoiled, limits=Limits(columns=50, cells=100_000))
    except InputError:
        return
