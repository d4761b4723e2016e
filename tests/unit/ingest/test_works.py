"""The interchange of works: what each field means, and records of rubbish (Hypothesis)."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.claims import node_claim
from ingest.readers import Record
from ingest.source import Draft, RejectedRecordError
from ingest.sources.works import WorksSource

SOURCE = WorksSource("probe")
DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "interchange-works.md"


def read(**values: object) -> Draft:
    return SOURCE.transform(Record("w.jsonl", "", 7, dict(values)))


def reasons(draft: Draft) -> list[tuple[str, str]]:
    return [(r.column, r.reason) for r in draft.rejects]


def test_a_full_record() -> None:
    draft = read(
        id="w1",
        title="  水库 调度 ",
        abstract="第一段。\n第二段。",
        keywords=["水库", "调度", "水库"],
        date="2019-05",
        venue="水利学报",
        kind="report",
        lang="zh",
        doi="https://doi.org/10.1000/AB",
        ids={"cnki": "X1"},
        authors=[
            {"name": "张三", "affiliations": [1, 0], "orcid": "0000-0002-1825-0097", "corresponding": True},
            {"name": "李四", "affiliations": ["丙大学"]},
            "王五",
        ],
        affiliations=["甲大学水利学院", {"org": "乙院水文所", "org_root": "乙院"}],
    )
    assert draft.rejects == []
    assert draft.row_key == "w1"
    output = draft.entities[0]
    assert output.properties == {
        "title": "水库 调度",
        "kind": "report",
        "abstract": "第一段。 第二段。",
        "keywords": ["水库", "调度"],
        "venue": "水利学报",
        "lang": "zh",
        "issued_on": "2019-05-01",
        "issued_precision": "month",
        "year": 2019,
        "doi": "10.1000/ab",
        "external_ids": ["probe:w1", "cnki:X1"],
    }
    people = [e for e in draft.entities if e.type.label == "Person"]
    assert [(p.written, [draft.entities[i].written for i in p.employers]) for p in people] == [
        ("张三", ["乙院水文所", "甲大学水利学院"]),
        ("李四", ["丙大学"]),
        ("王五", []),
    ]
    assert people[0].properties["orcid"] == "0000-0002-1825-0097"
    authored = [x for x in draft.links if x.type.name == "AUTHORED"]
    assert [(x.key, x.properties["position"], x.properties.get("corresponding")) for x in authored] == [
        ("1", 1, True),
        ("2", 2, None),
        ("3", 3, None),
    ]
    posts = [x.properties for x in draft.links if x.type.name == "AFFILIATED_WITH"]
    assert posts == [{"observed_year": 2019}] * 3


def test_a_fictional_record_marks_whoever_it_brings() -> None:
    draft = read(title="甲", fictional=True, authors=[{"name": "张三", "affiliations": "乙大学"}])
    assert all(entity.properties["fictional"] is True for entity in draft.entities)
    assert all("fictional" not in e.properties for e in read(title="甲", authors=["张三"]).entities)


def test_without_an_id_the_title_alone_does_not_make_two_works_one() -> None:
    first = read(title="前言", date="2019-01", authors=["张三"])
    assert first.row_key == read(title=" 前言 ", date="2019-01", authors=["张三"]).row_key
    assert first.row_key != read(title="前言", date="2019-02", authors=["张三"]).row_key
    assert first.row_key != read(title="前言", date="2019-01", authors=["李四"]).row_key


@pytest.mark.parametrize("values", [{}, {"id": "1"}, {"title": " "}, {"title": None}, {"title": {"zh": "甲"}}])
def test_a_record_without_a_title_is_rejected(values: dict[str, object]) -> None:
    with pytest.raises(RejectedRecordError):
        read(**values)


def test_a_title_of_10000_characters_is_rejected() -> None:
    with pytest.raises(RejectedRecordError, match="10000 字"):
        read(title="长" * 10_000)


@pytest.mark.parametrize(
    ("values", "column", "reason"),
    [
        ({"date": "2019.13"}, "date", "月份 13 不存在"),
        ({"keywords": "水库;调度"}, "keywords", "应是列表"),
        ({"keywords": ["长" * 201]}, "keywords", "每个最长 200 字"),
        ({"authors": "张三"}, "authors", "作者应是列表"),
        ({"authors": [["张三", "李四"]]}, "authors[1].name", "看不出姓名"),
        ({"authors": [{"name": "…"}]}, "authors[1].name", "看不出姓名"),
        ({"authors": [{"name": "长" * 10_000}]}, "authors[1].name", "10000 字"),
        ({"authors": [{"name": "张三", "orcid": "1"}]}, "authors[1].orcid", "ORCID"),
        ({"authors": [{"name": "张三", "affiliations": [3]}]}, "authors[1].affiliations", "没有这个序号"),
        ({"authors": [{"name": "张三", "affiliations": [0]}], "affiliations": "甲"}, "affiliations", "单位应是列表"),
        ({"affiliations": ["长" * 10_000]}, "affiliations", "10000 字"),
        ({"affiliations": [[["甲"]]]}, "affiliations", "嵌套的列表"),
        ({"doi": "10"}, "doi", "DOI"),
        ({"doi": "10.15918/j"}, "doi", "DOI 不完整"),
        ({"ids": ["x"]}, "ids", "应是一个对象"),
        ({"venue": "长" * 501}, "venue", "超过上限 500"),
        ({"abstract": "长" * 100_001}, "abstract", "超过上限 100000"),
        ({"abstract": {"zh": "甲"}}, "abstract", "嵌套的列表或对象"),
    ],
)
def test_a_bad_value_is_named_and_the_rest_is_taken(values: dict[str, Any], column: str, reason: str) -> None:
    draft = read(id="w1", title="题目", **values)
    assert any(c == column and reason in r for c, r in reasons(draft)), reasons(draft)
    assert draft.entities[0].properties["title"] == "题目"


def test_thousands_of_authors_are_cut_and_told() -> None:
    draft = read(title="题目", authors=[f"作者{n}" for n in range(5_001)])
    assert sum(e.type.label == "Person" for e in draft.entities) == 5_000
    assert reasons(draft) == [("authors", "作者超过 5000 人，只取前 5000 人")]


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
AUTHOR = JSON | st.dictionaries(st.sampled_from(["name", "orcid", "affiliations", "aff", "corresponding"]), JSON)
WORK = st.fixed_dictionaries(
    {"title": st.text(min_size=1, max_size=20) | JSON},
    optional={
        "authors": JSON | st.lists(AUTHOR, max_size=4),
        "affiliations": JSON | st.lists(JSON | st.dictionaries(st.sampled_from(["name", "org", "root"]), JSON)),
        **dict.fromkeys(("id", "abstract", "keywords", "date", "year", "venue", "kind", "doi", "ids", "lang"), JSON),
    },
)


@given(WORK)
def test_any_record_gives_a_draft_or_a_reject(values: dict[str, Any]) -> None:
    try:
        draft = read(**values)
    except RejectedRecordError:
        return
    assert 0 < len(draft.row_key) <= 200
    for entity in draft.entities:
        assert node_claim(entity.type, "key", entity.properties)
    for link in draft.links:
        assert draft.entities[link.start].type.label == "Person"
        assert 0 <= link.end < len(draft.entities)
