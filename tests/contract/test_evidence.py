"""Evidence is the graph's of this moment, also where the text index is behind; roles are the ranking's."""

import pytest

from graph.claims import RelationshipClaim, node_claim, relationship_claim
from graph.model import LED, PARTICIPATED_IN, PROJECT
from graph.store import Store
from graph.textindex import TextIndex
from queries.answers import FoundExpert
from queries.experts import experts_for_topic
from tests.graph_claims import OTHER, authored, person, put, work


def _led(who: str, what: str, **properties: object) -> RelationshipClaim:
    return relationship_claim(LED, ("Person", who), ("Project", what), key="1", properties=properties)


def _loaded(store: Store) -> TextIndex:
    joined = {"role": "骨干"}
    put(
        store,
        person("P1", "王伟"),
        person("P2", "李娜"),
        work("W1", "土壤改良", year=2020),
        node_claim(PROJECT, "J1", {"title": "土壤普查", "year": 2021}),
        authored("P1", "W1", 1),
        authored("P2", "W1", 2),
        _led("P1", "J1"),
        relationship_claim(PARTICIPATED_IN, ("Person", "P2"), ("Project", "J1"), key="2", properties=joined),
    )
    return TextIndex.open(store)


def _experts(store: Store, index: TextIndex) -> dict[str, FoundExpert]:
    return {expert.id: expert for expert in experts_for_topic(store.database, index, text="土壤").experts}


def _roles(expert: FoundExpert) -> dict[str, str]:
    return {work.work: work.role for work in expert.evidence}


def test_a_work_of_two_people_says_what_each_did(any_store: Store) -> None:
    found = _experts(any_store, _loaded(any_store))
    assert _roles(found["P1"]) == {"W1": "第一作者", "J1": "主持"}
    assert _roles(found["P2"]) == {"W1": "第2作者", "J1": "骨干"}
    assert {(work.work, work.kind, work.title, work.year) for work in found["P2"].evidence} == {
        ("W1", "output", "土壤改良", 2020),
        ("J1", "project", "土壤普查", 2021),
    }


@pytest.mark.parametrize("hidden", ["W1", "J1"])
def test_a_work_hidden_since_the_index_was_written_is_not_shown(any_store: Store, hidden: str) -> None:
    index = _loaded(any_store)
    title, visibility = "土壤（不公开）", "restricted"
    put(
        any_store,
        work("W1", title, visibility=visibility)
        if hidden == "W1"
        else node_claim(PROJECT, "J1", {"title": title, "visibility": visibility}),
    )
    for expert in _experts(any_store, index).values():
        assert _roles(expert).keys() == {"W1", "J1"} - {hidden}
        assert expert.evidence_total == 2, "the ranking's state counts it until the index follows"
    index.follow()
    assert all(expert.evidence_total == 1 for expert in _experts(any_store, index).values())


def test_a_role_that_a_second_source_states_is_seen_when_the_index_follows(any_store: Store) -> None:
    index = _loaded(any_store)
    put(any_store, _led("P1", "J1", role="首席科学家"), source=OTHER)
    assert _roles(_experts(any_store, index)["P1"])["J1"] == "主持"
    index.follow()
    assert _roles(_experts(any_store, index)["P1"])["J1"] == "首席科学家"
