"""Searching the text index: works with filters, people and bodies by name and place, any question at all."""

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph import textindex
from graph.claims import node_claim, relationship_claim
from graph.database import Endpoint
from graph.documents import OrganisationDocument, PersonDocument, Tie, WorkDocument
from graph.model import HAS_HONOUR, HONOUR, MEMBER_OF, NAME, NODE_BY_LABEL, ORGANISATION, PERSON, PROJECT, REGION
from graph.store import Store
from graph.text import tokens
from graph.textindex import MOST_TERMS, TextIndex
from tests.graph_claims import authored, body, located, named, part_of, person, post, put, work
from tests.graph_fixtures import empty_store


def boosts(text: str) -> dict[str, float]:
    return dict.fromkeys(tokens(text), 1.0)


def ids(index: TextIndex, text: str, **filters: Any) -> list[str]:
    return [hit.id for hit in index.search_works(boosts(text), **filters)]


# --- searching -------------------------------------------------------------------------------------------------------


def test_filters_are_part_of_the_search(store: Store) -> None:
    everybody = [person(f"P{n}", f"王{n}") for n in range(4)]
    put(store, *everybody, body("O1", "甲"), body("O2", "乙"))
    works = [work(f"W{n:02}", "土壤改良" + "研究" * n, year=2000 + n) for n in range(20)]
    mentions = [authored(f"P{n % 4}", f"W{n:02}", 1, [f"O{1 + n % 2}"]) for n in range(20)]
    put(store, *works, *mentions, node_claim(PROJECT, "J1", {"title": "土壤改良"}))
    index = TextIndex.open(store)
    assert len(ids(index, "土壤")) == 21
    assert set(ids(index, "土壤", limit=5, people=["P3"])) == {"W03", "W07", "W11", "W15", "W19"}
    assert set(ids(index, "土壤", organisations=["O2"], since_year=2015)) == {"W15", "W17", "W19"}
    assert ids(index, "土壤", kinds=["project"]) == ["J1"]
    assert set(ids(index, "土壤", exclude_people=["P0", "P1", "P2"])) == {"J1", "W03", "W07", "W11", "W15", "W19"}
    assert ids(index, "土壤", people=[]) == []
    assert ids(index, "不在其中") == []
    assert index.search_works({}) == []
    assert ids(index, "土壤", limit=0) == []


def test_a_large_set_of_people_is_turned_round_and_loses_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    put(store, *[person(f"P{n}", f"王{n}") for n in range(9)])
    works = [work(f"W{n:03}", "土壤" * (1 + n)) for n in range(90)]
    put(store, *works, *[authored(f"P{n % 9}", f"W{n:03}") for n in range(90)])
    index = TextIndex.open(store)
    inside = index.search_works(boosts("土壤"), limit=7, people=["P7", "P8"])
    monkeypatch.setattr("graph.index_snapshot._LARGEST_SET", 1)
    turned = index.search_works(boosts("土壤"), limit=7, people=["P7", "P8"])
    assert [hit.id for hit in turned] == [hit.id for hit in inside]
    assert len(turned) == 7


def test_equal_scores_are_in_order_of_id_even_across_the_cut(store: Store) -> None:
    index = TextIndex.open(store)
    keys = [f"W{n:02}" for n in range(60)]
    for key in reversed(keys):
        put(store, work(key, "同一题名"))
        if key.endswith("0"):
            index.follow()
    index.follow()
    assert ids(index, "同一题名", limit=10) == keys[:10]
    assert ids(index, "同一题名", limit=60) == keys
    index.rebuild()
    assert ids(index, "同一题名", limit=10) == keys[:10]


def test_any_question_is_answered(store: Store) -> None:
    put(store, work("W1", "量子计算 C++ AND OR NOT"))
    index = TextIndex.open(store)
    long = "".join(chr(0x4E00 + n * 7 % 20_000) for n in range(50_000)) + "量子计算"
    assert len(boosts(long)) > MOST_TERMS
    assert ids(index, long) == ["W1"]
    assert ids(index, '+-&&||!(){}[]^"~*?:\\/' * 500) == []
    assert ids(index, '量子" OR title:* AND (') == ["W1"]


@given(st.text(max_size=60))
@settings(max_examples=60)
def test_any_name_may_be_looked_up(names: TextIndex, text: str) -> None:
    for hit in [*names.find_people(text, 5), *names.find_organisations(text, 5)]:
        assert hit.id in {"P1", "P2", "P3", "P4", "O1", "O2"}


@pytest.fixture(scope="module")
def names(engine: Endpoint, tmp_path_factory: pytest.TempPathFactory) -> Generator[TextIndex]:
    """An index of a few names, read by tests that write nothing; its graph may be gone by then."""
    with empty_store(engine, tmp_path_factory.mktemp("names")) as store:
        put(store, person("P1", "王伟"), person("P2", "王伟民"), person("P3", "曾明"), person("P4", "Smith, John"))
        put(store, body("O1", "虚构省农业大学", verified=True), body("O2", "虚构省农业科学院"))
        put(store, node_claim(NAME, "N1", {"text": "Fictional Agricultural University"}))
        put(store, named("Organisation", "O1", "N1"))
        yield TextIndex.open(store)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("王伟", ["P1", "P2"]),
        ("wangwei", ["P1", "P2"]),
        ("Wang Wei", ["P1", "P2"]),
        ("wei wang", ["P1", "P2"]),
        ("ww", ["P1", "P2"]),
        ("zengming", ["P3"]),
        ("cengming", ["P3"]),
        ("john smith", ["P4"]),
        ("伟民", ["P2"]),
        ("", []),
        ("赵", []),
    ],
)
def test_people_are_found_by_han_pinyin_initials_and_beginnings(names: TextIndex, asked: str, found: list[str]) -> None:
    assert [hit.id for hit in names.find_people(asked)] == found


def test_organisations_are_found_by_name_alias_and_words(names: TextIndex) -> None:
    assert next(hit.id for hit in names.find_organisations("虚构省农业大学")) == "O1"
    assert [hit.id for hit in names.find_organisations("虚构省农")] == ["O1", "O2"]
    assert [hit.id for hit in names.find_organisations("fictional agricultural")] == ["O1"]
    assert next(hit.id for hit in names.find_organisations("农业大学")) == "O1"
    assert names.find_organisations("虚构省农业大学", 1)[0].listed
    assert len(names.find_organisations("虚构省", 1)) == 1


def test_people_by_region_body_society_title_and_honour(store: Store) -> None:
    put(store, *[node_claim(REGION, code, {"name": code}) for code in ("13", "1301", "11")])
    put(
        store,
        *[body(key, key) for key in ("O1", "O1a", "O1b", "O2", "O3")],
        node_claim(ORGANISATION, "S1", {"name": "学会"}, ["Society"]),
        part_of("O1a", "O1"),
        part_of("O1b", "O1a"),
        part_of("O1", "O1b"),
        located("O1", "1301"),
        located("O2", "11"),
        located("O1b", "11"),
    )
    titles = {"P1": "教授", "P2": "副教授", "P3": "教授", "P4": "教授"}
    put(store, *[person(key, key, professional_title=title) for key, title in titles.items()])
    put(store, node_claim(HONOUR, "H1", {"name": "称号"}), node_claim(PERSON, "P5", {"name": "非专家"}))
    put(
        store,
        post("P1", "O1a"),
        post("P2", "O1b", valid_from="2010-01-01"),
        post("P3", "O2", valid_from="2010-01-01", valid_to="2020-01-01"),
        post("P4", "O2", valid_to="2015-01-01"),
        post("P5", "O3"),
        relationship_claim(MEMBER_OF, ("Person", "P4"), ("Organisation", "S1"), properties={"role": "理事"}),
        relationship_claim(HAS_HONOUR, ("Person", "P3"), ("Honour", "H1")),
    )
    index = TextIndex.open(store)
    assert index.organisations_within(region="13") == {"O1", "O1a"}, "a branch elsewhere is where it says it is"
    assert index.organisations_within(region="1") == {"O1", "O1a", "O1b", "O2"}
    assert index.organisations_within(organisations=["O1a"]) == {"O1", "O1a", "O1b"}, "a circle ends"
    assert index.people_matching(region="13") == {"P1"}
    assert index.people_matching(organisations=["O1"]) == {"P1", "P2"}
    assert index.people_matching(organisations=["O2"], on="2024-05-01") == set()
    assert index.people_matching(organisations=["O2"], on="2014-12-31") == {"P3", "P4"}
    assert index.people_matching(organisations=["O2"], on="2015-01-01") == {"P3"}
    assert index.people_matching(societies=["S1"]) == {"P4"}
    assert index.people_matching(professional_title="教授") == {"P1", "P3", "P4"}
    assert index.people_matching(professional_title="教授", region="13") == {"P1"}
    assert index.people_matching(honours=["H1"]) == {"P3"}
    assert index.people_matching(experts_only=True) == {"P1", "P2", "P3", "P4"}
    assert index.people_matching() == {"P1", "P2", "P3", "P4", "P5"}
    assert index.people_matching(region="99") == set()


# --- stored forms ----------------------------------------------------------------------------------------------------

_name = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x1e\x1f"), min_size=1, max_size=20)
_names = st.lists(_name, max_size=4).map(tuple)


@given(
    st.builds(
        WorkDocument,
        _name,
        st.sampled_from(["output", "project"]),
        st.none() | st.integers(-500, 3000),
        st.booleans(),
        st.integers(0, 10**6),
        _names,
        _names,
        st.text(st.characters(categories=["L", "N"]), max_size=50),
    )
)
def test_a_work_is_stored_and_read_back(document: WorkDocument) -> None:
    assert WorkDocument.unpacked(document.packed()) == document


@given(
    st.builds(
        PersonDocument,
        _name,
        _names,
        st.booleans(),
        _name,
        st.lists(st.builds(Tie, st.sampled_from(["post", "membership"]), _name, _name, _name)).map(tuple),
        _names,
        _names,
        _name,
    ),
    st.builds(OrganisationDocument, _name, _names, _name, st.booleans(), st.booleans(), _names, _names),
)
def test_people_and_organisations_are_stored_and_read_back(
    someone: PersonDocument, somewhere: OrganisationDocument
) -> None:
    assert PersonDocument.unpacked(someone.packed()) == someone
    assert OrganisationDocument.unpacked(somewhere.packed()) == somewhere


def test_every_label_with_a_document_is_followed() -> None:
    wanted = {label for label, node in NODE_BY_LABEL.items() if node.document}
    assert set(textindex.LABELS) == wanted


def test_the_graph_is_not_asked_for_restricted_properties() -> None:
    from graph import documents
    from graph.model import restricted_names

    text = Path(documents.__file__).read_text(encoding="utf-8")
    assert [name for _, name in restricted_names() if f"n.{name} " in text or f"n.{name}," in text] == []
