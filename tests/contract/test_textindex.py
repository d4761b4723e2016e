"""The same graph gives the same documents, hits and scores on every engine; each text of `graph.documents` runs."""

from math import log

import pytest

from graph.claims import node_claim, relationship_claim
from graph.documents import OrganisationDocument, PersonDocument, Tie, WorkDocument
from graph.model import (
    EXPERT_IN,
    HAS_HONOUR,
    HONOUR,
    LED,
    MEMBER_OF,
    NAME,
    ORGANISATION,
    PARTICIPATED_IN,
    PROJECT,
    REGION,
    TOPIC,
)
from graph.store import Store
from graph.text import tokens
from graph.textindex import TextIndex
from tests.graph_claims import (
    OTHER,
    SOURCE,
    authored,
    body,
    located,
    merged,
    named,
    part_of,
    person,
    post,
    put,
    take,
    work,
)

EXPECTED = {
    "W1": WorkDocument(
        "W1",
        "output",
        2020,
        True,
        6,
        ("P1", "P2"),
        ("O1", "O2"),
        "土壤 壤改 改良 耕地 地质 质量",
        "paper",
        mentions='[[["A",1]],[["A",2]]]',
    ),
    "J1": WorkDocument(
        "J1", "project", None, False, 3, ("P1", "P2"), (), "土壤 壤普 普查", mentions='[[["L",1]],[["P",2]]]'
    ),
    "P1": PersonDocument(
        "P1",
        ("王伟", "Wang Wei"),
        True,
        "研究员",
        (
            Tie("membership", "S1", "2019-01-01", "", "理事"),
            Tie("post", "O1", "", "2020-01-01"),
            Tie("post", "O2", "", ""),
        ),
        ("H1",),
        ("gbt13745:210",),
        "土壤 壤学",
        "leading",
        "researcher",
        "admitted",
        "2025-06-01",
        "2020-01-01",
        True,
        ("土壤学",),
    ),
    "P2": PersonDocument("P2", ("李娜",), True, "", (), (), (), ""),
    "O1": OrganisationDocument("O1", ("虚构大学",), "university", False, True, ("130102",), (), "province"),
    "O2": OrganisationDocument("O2", ("土壤系", "土壤学系"), "department", False, False, (), ("O1",)),
    "S1": OrganisationDocument("S1", ("虚构土壤学会",), "society", True, False, (), ()),
}


def load(store: Store) -> None:
    """Write the expected documents' facts, each twice from two sources, and some that must not be seen."""
    nodes = [
        node_claim(REGION, "130102", {"name": "虚构区"}),
        node_claim(TOPIC, "gbt13745:210", {"scheme": "gbt13745", "code": "210", "name": "农学"}),
        node_claim(HONOUR, "H1", {"name": "称号"}),
        node_claim(NAME, "N1", {"text": "Wang Wei"}),
        node_claim(NAME, "N2", {"text": "土壤学系"}),
        body("O1", "虚构大学", kind="university", level="province", verified=True),
        body("O2", "土壤系", kind="department"),
        node_claim(ORGANISATION, "S1", {"name": "虚构土壤学会", "kind": "society"}, ["Society"]),
        person(
            "P1",
            "王伟",
            professional_title="研究员",
            fields=["土壤学"],
            tier="leading",
            expert_kind="researcher",
            status="admitted",
            verified_on="2025-06-01",
            admitted_on="2020-01-01",
            phone="0311-00000000",
        ),
        person("P2", "李娜"),
        person("P9", "王玮"),
        work("W1", "土壤改良", abstract="耕地质量", year=2020, kind="paper"),
        work("W8", "土壤", visibility="restricted"),
        work("W9", "土壤"),
        node_claim(PROJECT, "J1", {"title": "土壤普查"}),
    ]
    relationships = [
        located("O1", "130102"),
        part_of("O2", "O1"),
        named("Person", "P1", "N1"),
        named("Organisation", "O2", "N2"),
        merged("Person", "P9", "P1"),
        post("P1", "O1", valid_to="2020-01-01"),
        post("P1", "O2"),
        relationship_claim(
            MEMBER_OF, ("Person", "P1"), ("Organisation", "S1"), properties={"valid_from": "2019-01-01", "role": "理事"}
        ),
        relationship_claim(HAS_HONOUR, ("Person", "P1"), ("Honour", "H1")),
        relationship_claim(EXPERT_IN, ("Person", "P1"), ("Topic", "gbt13745:210")),
        authored("P1", "W1", 1, ["O1"]),
        authored("P2", "W1", 2, ["O2", "O1"]),
        relationship_claim(LED, ("Person", "P1"), ("Project", "J1"), key="1", properties={"position": 1}),
        relationship_claim(PARTICIPATED_IN, ("Person", "P2"), ("Project", "J1"), key="2", properties={"position": 2}),
    ]
    put(store, *nodes, *relationships)
    put(store, *nodes, *relationships, source=OTHER)
    for source in (SOURCE, OTHER):
        take(store, work("W9", "土壤"), source=source)


def test_the_documents_are_the_same_on_every_engine(any_store: Store) -> None:
    early = TextIndex.open(any_store)
    load(any_store)
    early.follow()
    assert early.documents() == EXPECTED
    early.rebuild()
    assert early.documents() == EXPECTED
    hits = early.search_works(dict.fromkeys(tokens("土壤改良"), 1.0))
    # By hand: BM25 with k1 = 1.2, b = .75 over 3 documents (the marker is one) of 3 tokens on average.
    common, rare, long = log(1 + 1.5 / 2.5), log(1 + 2.5 / 1.5), 2.2 / (1 + 1.2 * (0.25 + 0.75 * 6 / 3))
    assert [hit.id for hit in hits] == ["W1", "J1"]
    assert [hit.score for hit in hits] == pytest.approx([(common + 2 * rare) * long, common], rel=1e-5)
    assert early.people_matching(region="13") == {"P1"}
    assert [hit.id for hit in early.find_organisations("土壤学系")][:1] == ["O2"]


def test_a_contact_is_known_to_be_there_and_is_not_in_the_index(any_store: Store) -> None:
    load(any_store)
    index = TextIndex.open(any_store)
    assert index.people.ids_of(index.people.contact) == ["P1"]
    assert "0311" not in str(index.documents())


def test_one_changed_node_is_found_by_its_number(any_store: Store) -> None:
    load(any_store)
    index = TextIndex.open(any_store)
    put(any_store, work("W1", "土壤改良", year=2021))
    assert index.follow() == any_store.audit.head().number
    changed = {key for key, document in index.documents().items() if document != EXPECTED[key]}
    assert changed == {"W1"}
