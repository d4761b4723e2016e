"""Readers: real encodings and formats round-trip; every broken file gives a reject or an InputError, never more."""

import csv
import datetime
import gzip
import io
import json
import os
import random
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter  # pyright: ignore[reportMissingTypeStubs]
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from graph.errors import InputError
from ingest.readers import Limits, Record, Unreadable, file_digest, open_records

ROSTER = ["姓名", "单位", "职称", "经费(万元)"]
PEOPLE = [["张三", "云溟大学", "教授", "12"], ["李四", "云溟省水利科学研究院", "研究员", "3.5"]]
SAFE = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def table(header: Iterable[str], rows: Iterable[Iterable[object]], delimiter: str = ",") -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()


def read(path: Path, **options: Any) -> list[Record | Unreadable]:
    return list(open_records(path, **options))


def rejects(items: list[Record | Unreadable]) -> list[Unreadable]:
    return [item for item in items if isinstance(item, Unreadable)]


def rows(items: list[Record | Unreadable]) -> list[list[object]]:
    return [list(item.values.values()) for item in items if isinstance(item, Record)]


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def workbook(path: Path, fill: Callable[[Any, Any], object]) -> Path:
    book: Any = xlsxwriter.Workbook(str(path))
    fill(book, book.add_worksheet("名册"))
    book.close()
    return path


def open_document(path: Path, body: str) -> Path:
    names = " ".join(
        f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for short, name in (("office", "office"), ("table", "table"), ("text", "text"))
    )
    content = (
        f'<?xml version="1.0"?><office:document-content {names}><office:body><office:spreadsheet>'
        f'<table:table table:name="表">{body}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w") as parts:
        parts.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        parts.writestr("content.xml", content)
        parts.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("packed", [False, True])
def test_delimited_text_reads_the_same_in_every_encoding(
    tmp_path: Path, encoding: str, delimiter: str, packed: bool
) -> None:
    data = table(ROSTER, PEOPLE, delimiter).encode(encoding)
    path = written(tmp_path / "名册.csv", gzip.compress(data) if packed else data)
    found = read(path)
    assert rows(found) == PEOPLE
    assert found[1] == Record("名册.csv", "", 3, dict(zip(ROSTER, PEOPLE[1], strict=True)))


@SAFE
@given(
    st.lists(
        st.lists(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=20),
            min_size=3,
            max_size=3,
        ),
        max_size=8,
    ),
    st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]),
)
@example([["a\nb", 'c"d', "，"]], "gb18030")
def test_cells_survive_encoding_and_quoting(tmp_path: Path, cells: list[list[str]], encoding: str) -> None:
    header = ["姓名汉字", "单位汉字", "职称汉字"]
    path = written(tmp_path / "a.csv", table(header, cells).encode(encoding))
    kept = [row for row in cells if "".join(row).strip()]
    assert rows(read(path, expected=header)) == kept


def test_headers_match_whatever_their_spelling_and_title_rows_are_passed_over(tmp_path: Path) -> None:
    text = "云溟省专家名册（虚构）,,,\n,,,\n *姓 名 ,单　位,职称*,经费（万元）\n张三,云溟大学,教授,1\n"
    found = read(written(tmp_path / "a.csv", text.encode()), expected=ROSTER)
    assert found == [Record("a.csv", "", 4, dict(zip(ROSTER, ["张三", "云溟大学", "教授", "1"], strict=True)))]


def test_english_headers_keep_the_callers_spelling(tmp_path: Path) -> None:
    found = read(written(tmp_path / "a.csv", b"orcid,Full  Name,other\n1,2,3\n"), expected=["ORCID", "full name"])
    assert isinstance(found[0], Record)
    assert found[0].values == {"ORCID": "1", "full name": "2", "other": "3"}


def test_header_row_can_be_given(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", b"x,y\na,b\n1,2\n")
    assert read(path, header_row=2) == [Record("a.csv", "", 3, {"a": "1", "b": "2"})]
    with pytest.raises(InputError, match="第 9 行"):
        read(path, header_row=9)
    with pytest.raises(InputError, match="从 1 开始"):
        open_records(path, header_row=0)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "空的"),
        ("\n \n,,\n", "没有可读的内容"),
        ("\ufeff", "没有可读的内容"),
        ("姓名,单位, 姓 名\n张三,a,b\n", "重复的列“姓名”（第 1 列和第 3 列）"),
        (",".join(f"c{n}" for n in range(1001)) + "\n", "1001 列"),
        ("甲,乙\n1,2\n", "没有找到表头"),
    ],
)
def test_unusable_tables_are_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read(written(tmp_path / "a.csv", text.encode()), expected=["姓名"] if "甲" in text else [])


def test_rows_of_other_width_are_padded_or_rejected(tmp_path: Path) -> None:
    found = read(written(tmp_path / "a.csv", b"a,b,c\n1\n1,2,3,,\n1,2,3,4\n\n5,6,7\n"))
    assert rows(found) == [["1", "", ""], ["1", "2", "3"], ["5", "6", "7"]]
    (bad,) = rejects(found)
    assert (bad.row, bad.value) == (4, "1,2,3,4")
    assert "4 列" in bad.reason


@pytest.mark.parametrize("tail", ["", "9,9\n" * 3])
def test_an_unclosed_quotation_costs_one_line(tmp_path: Path, tail: str) -> None:
    text = 'a,b\n1,2\n3,"4\n5,6\n"7\n8","multi\nline"\n' + tail
    found = read(written(tmp_path / "a.csv", text.encode()))
    lines = tail.count("\n")
    assert ["1", "2"] in rows(found)
    assert [row for row in rows(found) if row == ["9", "9"]] == [["9", "9"]] * lines
    whole = "".join(bad.value for bad in rejects(found)) + "".join(str(row) for row in rows(found))
    assert all(digit in whole for digit in "12345678")


def test_an_unclosed_quotation_far_from_the_end_loses_nothing_after_it(tmp_path: Path) -> None:
    lines = [f"{n},{n}" for n in range(20_000)]
    lines[7] = '7,"7'
    found = read(written(tmp_path / "a.csv", ("a,b\n" + "\n".join(lines) + "\n").encode()))
    (bad,) = rejects(found)
    assert (bad.row, bad.value) == (9, '7,"7')
    assert len(rows(found)) == 19_999
    assert found[-1] == Record("a.csv", "", 20_001, {"a": "19999", "b": "19999"})


def test_two_stray_quotation_marks_far_apart_swallow_no_rows(tmp_path: Path) -> None:
    lines = [f"{n},{n}" for n in range(3000)]
    lines[10], lines[2000] = '10,"10', '2000,"2000'
    found = read(written(tmp_path / "a.csv", ("a,b\n" + "\n".join(lines) + "\n").encode()))
    assert [bad.row for bad in rejects(found)] == [12, 2002]
    assert len(rows(found)) == 2998


def test_cells_of_many_lines_are_whole(tmp_path: Path) -> None:
    prose = "\n".join(f"第{n}行，{'一,二' if n % 3 else '三'}" for n in range(40))
    assert rows(read(written(tmp_path / "a.csv", table(["a", "b"], [["1", prose]] * 3).encode()))) == [["1", prose]] * 3


def test_too_many_unclosed_quotations_give_up(tmp_path: Path) -> None:
    text = "a,b\n" + 'x,"y,z\n' * 21
    with pytest.raises(InputError, match="引号没有闭合"):
        read(written(tmp_path / "a.csv", text.encode()), limits=Limits(faults=5))


def test_a_line_beyond_the_limit_is_rejected_in_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with path.open("wb") as file:
        file.write("姓名,单位\n张三,甲\n".encode())
        for _ in range(64):
            file.write(b"x" * 2**20)
        file.write(b",\n")
        file.write("李四,乙\n".encode())
    import tracemalloc

    tracemalloc.start()
    found = read(path, limits=Limits(line=2**20))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert rows(found) == [["张三", "甲"], ["李四", "乙"]]
    assert [(bad.row, len(bad.value)) for bad in rejects(found)] == [(3, 61)]
    assert peak < 24 * 2**20


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
def test_one_endless_line_is_no_table(tmp_path: Path, name: str) -> None:
    found: list[Record | Unreadable] = []
    try:
        found = read(written(tmp_path / name, b"{" * 3_000_000), limits=Limits(line=2**20))
    except InputError:
        return
    assert len(rejects(found)) == 1


def test_long_cells_are_kept(tmp_path: Path) -> None:
    found = read(written(tmp_path / "a.csv", f"a,b\n{'字' * 40_000},{'名' * 10_000}\n".encode()))
    assert [len(str(cell)) for cell in rows(found)[0]] == [40_000, 10_000]


def test_nul_characters_cost_their_line(tmp_path: Path) -> None:
    found = read(written(tmp_path / "a.csv", b'a,b\n1,2\n3,\x004\n5,6\n7,"8\n\x00\n9"\n10,11\n'))
    assert ["1", "2"] in rows(found)
    assert ["5", "6"] in rows(found)
    assert ["10", "11"] in rows(found)
    assert {bad.row for bad in rejects(found)} >= {3, 5, 6}


def test_one_damaged_byte_in_utf8_costs_its_line(tmp_path: Path) -> None:
    data = table(ROSTER, PEOPLE * 5).encode().replace("李四".encode(), "李四".encode()[:-1], 1)
    found = read(written(tmp_path / "a.csv", data))
    (bad,) = rejects(found)
    assert bad.row == 3
    assert "UTF-8" in bad.reason
    assert len(rows(found)) == 9


def test_the_place_of_an_encoding_error_is_told(tmp_path: Path) -> None:
    data = b"a,b\n1,2\n" + b"\xff\xff,3\n"
    with pytest.raises(InputError, match=r"第 9 字节（第 3 行）"):
        read(written(tmp_path / "a.csv", data))
    chinese = table(ROSTER, PEOPLE).encode("gb18030")
    with pytest.raises(InputError, match=r"第 \d+ 字节（第 4 行）"):
        read(written(tmp_path / "b.csv", chinese + b"\xff\xff\n"))
    with pytest.raises(InputError, match="不是 utf-8 编码：第 1 字节（第 1 行）"):
        read(written(tmp_path / "c.csv", chinese), encoding="utf-8")


def test_utf16_without_mark_and_binary_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="UTF-16"):
        read(written(tmp_path / "a.csv", "name,unit\n1,2\n".encode("utf-16-le")))


def test_a_multibyte_character_across_chunks_is_whole(tmp_path: Path) -> None:
    for encoding in ("utf-8", "gb18030"):
        text = "列\n" + "字" * 50 + "\n"
        text = text * 12000
        data = ("a" + text).encode(encoding)
        assert len(data) > 2**20 + 100_000
        assert len(read(written(tmp_path / "a.csv", data))) == 2 * 12000 - 1


def test_separator_declared_by_excel(tmp_path: Path) -> None:
    found = read(written(tmp_path / "a.csv", b"sep=;\r\na;b\r\n1,5;2\r\n"))
    assert found == [Record("a.csv", "", 3, {"a": "1,5", "b": "2"})]


def test_json_lines_with_every_kind_of_bad_line(tmp_path: Path) -> None:
    bad = [
        "{",
        "[1]",
        '"text"',
        "null",
        '{"a": NaN}',
        '{"a": -Infinity}',
        '{"a": 1e999}',
        '{"a": 99999999999999999999}',
        '{"a": ' + "9" * 5000 + "}",
        '{"a":' + "[" * 100_000 + "]" * 100_000 + "}",
        '{"a": "\\ud800"}',
        '{"a": ["\\u0000"]}',
        "not json",
    ]
    good = [
        '{"a": 1, "a": 2}',
        '{"a": {"b": [1.5, null, true]}}',
        '{"a": "\\ud83d\\ude00 \\\\u0000"}',
        '{"a":"\u2028"}',
    ]
    path = written(tmp_path / "a.jsonl", ("\n".join([*good, "", *bad])).encode("utf-8-sig"))
    found = read(path)
    assert rows(found) == [[2], [{"b": [1.5, None, True]}], ["😀 \\u0000"], ["\u2028"]]
    assert [item.row for item in rejects(found)] == list(range(6, 6 + len(bad)))
    assert all(item.reason and len(item.value) <= 61 for item in rejects(found))


def test_a_json_array_is_named_as_such(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="JSON 数组"):
        read(written(tmp_path / "a.json", json.dumps([{"a": 1}], indent=1).encode()))


@pytest.mark.parametrize("spoil", ["cut", "checksum", "middle"])
def test_rows_before_the_break_of_a_gzip_file_are_given(tmp_path: Path, spoil: str) -> None:
    lines = [f"{n},{random.Random(n).random()}" for n in range(20_000)]
    packed = bytearray(gzip.compress(("a,b\n" + "\n".join(lines) + "\n").encode(), mtime=0))
    if spoil == "cut":
        del packed[len(packed) // 2 :]
    elif spoil == "checksum":
        packed[-6] ^= 0xFF
    else:
        packed[len(packed) // 2] ^= 0xFF
    records = open_records(written(tmp_path / "a.csv.gz", bytes(packed)))
    found: list[Record | Unreadable] = []
    with pytest.raises(InputError, match="损坏"):
        found.extend(records)
    given_rows = sum(
        f"{item.row - 2},{item.values['b']}" == lines[item.row - 2] for item in found if isinstance(item, Record)
    )
    assert given_rows > 5000


def test_paths_that_are_no_files(tmp_path: Path) -> None:
    for path, message in ((tmp_path / "无.csv", "找不到"), (tmp_path, "文件夹"), (tmp_path / ("x" * 300), "无法使用")):
        with pytest.raises(InputError, match=message):
            open_records(path)
        with pytest.raises(InputError, match=message):
            file_digest(path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="不是普通文件"):
        open_records(tmp_path / "pipe")


def test_digest_is_that_of_the_bytes(tmp_path: Path) -> None:
    path = written(tmp_path / "a", b"abc")
    assert file_digest(path) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


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
