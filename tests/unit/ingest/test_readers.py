"""Readers: real encodings and formats round-trip; every broken file gives a reject or an InputError, never more."""

import gzip
import json
import os
import random
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from graph.errors import InputError
from ingest.readers import Limits, Record, Unreadable, file_digest, open_records
from tests.reader_files import PEOPLE, ROSTER, SAFE, read, rejects, rows, table, written


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
