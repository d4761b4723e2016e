"""What people's files may hold: a clear sentence or a listed reject, never a traceback, nothing lost, nothing run."""

import os
from pathlib import Path

import pytest

from graph.errors import InputError
from graph.store import Store
from tests.ingest_runs import REGISTER, bodies, names, rows, run_table, run_works, table_file, works_file

RUBBISH = (
    '=HYPERLINK("http://x","点我")',
    "+1+cmd|' /C calc'!A0",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "MATCH (n) DETACH DELETE n",
    "'}) DETACH DELETE n //",
    "$name {name} `x` \\u0027 \\",
    "\u202e反转\u200b零宽\ufeff",
    "🧪𠮷𠀀",
    "-- ; DROP TABLE",
    "长" * 199,
)


def test_hostile_text_in_every_field_is_text(store: Store, tmp_path: Path) -> None:
    works = [
        {
            "id": f"w{number}",
            "title": text,
            "abstract": text,
            "keywords": [text],
            "venue": text,
            "authors": [{"name": f"甲{text}"[:200], "affiliations": [f"乙{text}"[:200]]}],
        }
        for number, text in enumerate(RUBBISH)
    ]
    path = works_file(tmp_path / "w.jsonl", works)
    report = run_works(store, path)
    assert (report.read, report.taken, report.rejected_values) == (len(RUBBISH), len(RUBBISH), 0)
    found = rows(
        store,
        """
        MATCH (p:Person)-[r:AUTHORED]->(w:Output)
        RETURN w.title AS t, w.abstract AS a, w.keywords AS k, w.venue AS v, r.name_as_written AS n,
               r.affiliation_as_written AS o
        """,
    )
    assert sorted((r["t"], r["a"], tuple(r["k"]), r["v"], r["n"], r["o"]) for r in found) == sorted(
        (t, t, (t,), t, f"甲{t}"[:200], f"乙{t}"[:200]) for t in RUBBISH
    )
    assert run_works(store, path).written == 0


def test_names_of_10000_characters_are_rejected_where_they_stand(store: Store, tmp_path: Path) -> None:
    long = "长" * 10_000
    report = run_table(
        store, REGISTER, table_file(tmp_path / "a.csv", [*bodies(1), {"code": "9", "name": long, "kind": ""}])
    )
    assert (report.taken, report.rejected_records, names(store)) == (1, 1, {"第0研究院"})
    reject = report.rejects[0]
    assert (reject.row, reject.column, len(reject.value)) == (3, "name", 61)
    assert "10000 字" in reject.reason


def test_a_hierarchy_that_bites_its_tail_stays_a_tree(store: Store, tmp_path: Path) -> None:
    circle = [
        {"code": n, "name": f"{n}院", "kind": "", "parent": f"{p}院"}
        for n, p in (("甲", "乙"), ("乙", "丙"), ("丙", "甲"), ("丁", "丁"))
    ]
    report = run_table(store, REGISTER, table_file(tmp_path / "a.csv", circle))
    assert (report.taken, report.rejected_values) == (4, 1)
    assert "成环" in report.rejects[0].reason
    assert rows(store, "MATCH ()-[r:PART_OF]->() RETURN count(r) AS n")[0]["n"] == 2


def test_a_reference_to_nothing_is_told(store: Store, tmp_path: Path) -> None:
    report = run_table(
        store, REGISTER, table_file(tmp_path / "a.csv", [{"code": "1", "name": "甲院", "kind": "", "parent": "无"}])
    )
    assert [r.reason for r in report.rejects] == ["图中没有这个组织机构，未建立“隶属”关系"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "是空的"),
        (b"\xff\xfe\xfa\x00\x01" * 50, "文件"),
        ("代码,名称\n1,甲\n".encode(), "没有任何一列"),
        ("name,kind\n甲院,x\n".encode(), "缺少映射 probe 需要的列：code"),
        (b"code,kind\n1,x\n", "缺少映射 probe 需要的列：name"),
        ("code,name,name\n1,甲,乙\n".encode(), "重复的列"),
        (b"PK\x03\x04rubbish", "文件"),
        (b"\x1f\x8bnot gzip", "文件"),
    ],
)
def test_files_that_are_no_table_give_one_sentence_and_write_nothing(
    store: Store, tmp_path: Path, content: bytes, said: str
) -> None:
    path = tmp_path / "坏.csv"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        run_table(store, REGISTER, path)
    assert said in str(caught.value)
    assert names(store) == set()


def test_a_huge_line_is_a_reject_and_the_rest_is_taken(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "w.jsonl"
    with path.open("w", encoding="utf-8") as stream:
        stream.write('{"id": "1", "title": "甲"}\n{"id": "2", "title": "')
        for _ in range(40):
            stream.write("x" * 2**20)
        stream.write('"}\n{"id": "3", "title": "丙"}\n')
    report = run_works(store, path)
    assert (report.read, report.taken, report.rejected_records) == (3, 2, 1)
    assert len(report.rejects[0].value) < 100


def test_more_rejects_than_are_listed_all_stand_in_the_file(store: Store, tmp_path: Path) -> None:
    path = works_file(tmp_path / "w.jsonl", ({"id": str(n)} for n in range(1_500)))
    report = run_works(store, path)
    assert (report.read, report.rejected_records, len(report.rejects)) == (1_500, 1_500, 1_000)
    assert report.rejects_file is not None
    assert len(report.rejects_file.read_text(encoding="utf-8-sig").splitlines()) == 1_501
    assert rows(store, "MATCH (x:Rejected) RETURN count(x) AS n")[0]["n"] == 1_000


def test_a_file_name_that_is_no_text_is_a_dataset_all_the_same(store: Store, tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\xfe.jsonl"))
    works_file(path, [{"id": "1", "title": "甲"}])
    report = run_works(store, path, dataset="")
    assert report.created > 0
    assert report.source == "works:??"
