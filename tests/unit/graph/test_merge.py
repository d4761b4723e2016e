"""Claims on each real engine: what is visible with one, two and three sources; relationships, ends, counts,
sequence."""

from typing import Any

import pytest

from graph.claims import node_claim, relationship_claim
from graph.errors import ConflictError, InputError
from graph.merge import LOCAL, SourceRef, upsert
from graph.model import AFFILIATED_WITH, AUTHORED, LONGEST_TEXT, ORGANISATION, OUTPUT, PERSON
from graph.store import Store
from graph.undo import undo
from tests.graph_dump import dump

FIRST = SourceRef("table", "first", 100)
SECOND = SourceRef("table", "second", 200)
THIRD = SourceRef("works", "third", 300)


def say(store: Store, source: SourceRef, key: str = "P1", *labels: str, **properties: object) -> int:
    """Let a source say something of a person; return how many elements changed."""
    claim = node_claim(PERSON, key, properties, labels)
    return upsert(store.audit, source, [claim], [], run=f"run-{source.dataset}", actor="test").touched


def seen(store: Store, key: str = "P1") -> dict[str, Any]:
    """Visible properties and second labels, without those every node has."""
    text = "MATCH (p:Person {id: $key}) RETURN properties(p) AS p, labels(p) AS l"
    row = store.database.records("t", text, key=key)[0]
    assert (row["p"].pop("library"), row["p"].pop("visibility"), row["p"].pop("id")) == ("main", "public", key)
    del row["p"]["seq"]
    return {**row["p"], **({"labels": sorted(row["l"])} if len(row["l"]) > 1 else {})}


def said(store: Store) -> dict[str, bool]:
    """Which sources claim the person, and whether their text is written out."""
    rows = store.database.records("t", "MATCH (s:Source)-[a:ASSERTS]->(:Person) RETURN s.id AS s, a.said AS said")
    return {row["s"]: bool(row["said"]) for row in rows}


def test_one_two_and_three_sources(any_store: Store) -> None:
    say(any_store, SECOND, name="乙", orcid="0000-0002-1825-0097")
    assert seen(any_store) == {"name": "乙", "orcid": "0000-0002-1825-0097"}
    assert said(any_store) == {"table:second": False}, "a sole claim is what is visible and is not written twice"
    say(any_store, THIRD, name="丙", work_kind="研究")
    assert seen(any_store) == {"name": "乙", "orcid": "0000-0002-1825-0097", "work_kind": "研究"}
    assert said(any_store) == {"table:second": True, "works:third": True}
    say(any_store, FIRST, name="甲")
    assert seen(any_store) == {"name": "甲", "orcid": "0000-0002-1825-0097", "work_kind": "研究"}
    assert all(said(any_store).values())
    assert len(said(any_store)) == 3


def test_the_order_of_arrival_does_not_matter(any_store: Store) -> None:
    plans = ((FIRST, SECOND, THIRD), (THIRD, SECOND, FIRST), (SECOND, THIRD, FIRST))
    for number, order in enumerate(plans):
        for source in order:
            say(any_store, source, f"P{number}", name=source.dataset, work_kind=source.kind)
    assert [seen(any_store, f"P{number}") for number in range(3)] == [{"name": "first", "work_kind": "table"}] * 3


def test_a_persons_correction_comes_first(any_store: Store) -> None:
    say(any_store, FIRST, name="甲", work_kind="研究")
    say(any_store, LOCAL, name="甲（更正）")
    assert seen(any_store) == {"name": "甲（更正）", "work_kind": "研究"}
    say(any_store, FIRST, name="甲二")
    assert seen(any_store) == {"name": "甲（更正）", "work_kind": "研究"}, "a later import does not undo it"


def test_second_labels_come_from_every_source(any_store: Store) -> None:
    say(any_store, SECOND, name="乙")
    assert "labels" not in seen(any_store)
    say(any_store, FIRST, "P1", "Expert", name="甲", tier="院士")
    assert seen(any_store) == {"name": "甲", "tier": "院士", "labels": ["Expert", "Person"]}
    say(any_store, SECOND, name="丙", orcid="0000-0002-1825-0097")
    assert seen(any_store)["labels"] == ["Expert", "Person"], "another source's update does not take it off"
    rows = any_store.database.records("t", "MATCH (e:Expert {id: 'P1'}) RETURN e.name AS name")
    assert rows == [{"name": "甲"}]
    undo(any_store, "run-first", actor="test")
    assert seen(any_store) == {"name": "丙", "orcid": "0000-0002-1825-0097"}, "the label goes with its last claim"
    assert any_store.database.records("t", "MATCH (e:Expert) RETURN e.id AS id") == []


def test_the_same_again_writes_nothing(any_store: Store) -> None:
    claims = [node_claim(PERSON, "P1", {"name": "甲", "external_ids": ["a:1", "b:2"]}, ["Expert"])]
    claims.append(node_claim(OUTPUT, "W1", {"title": "题", "year": 2020}))
    related = [relationship_claim(AUTHORED, ("Person", "P1"), ("Output", "W1"), key="1", properties={"position": 1})]
    first = upsert(any_store.audit, FIRST, claims, related, run="R1", actor="test")
    assert (first.created, first.unchanged) == (3, 0)
    head, before = any_store.audit.head(), dump(any_store.database)
    again = upsert(any_store.audit, FIRST, claims, related, run="R2", actor="test")
    assert (again.touched, again.unchanged) == (0, 3)
    assert any_store.audit.head() == head
    assert dump(any_store.database) == before


def test_uploads_add_and_do_not_take_away(any_store: Store) -> None:
    say(any_store, FIRST, "P1", "Expert", name="甲", tier="院士")
    say(any_store, FIRST, name="甲二")
    assert seen(any_store) == {"name": "甲二", "tier": "院士", "labels": ["Expert", "Person"]}


def test_two_claims_of_one_node_in_a_call_are_put_together(any_store: Store) -> None:
    claims = [
        node_claim(PERSON, "P1", {"name": "甲"}),
        node_claim(PERSON, "P1", {"name": "乙", "work_kind": "研究"}, ["Expert"]),
    ]
    upsert(any_store.audit, FIRST, claims, [], run="R", actor="test")
    assert seen(any_store) == {"name": "甲", "work_kind": "研究", "labels": ["Expert", "Person"]}


def test_relationships_belong_to_a_source_and_are_told_apart_by_key(any_store: Store) -> None:
    ends = [node_claim(PERSON, "P1", {"name": "甲"}), node_claim(ORGANISATION, "O1", {"name": "所"})]
    for source in (FIRST, SECOND):
        for key in ("2019", "2020"):
            post = relationship_claim(
                AFFILIATED_WITH,
                ("Person", "P1"),
                ("Organisation", "O1"),
                key=key,
                properties={"observed_year": int(key)},
            )
            upsert(any_store.audit, source, ends, [post], run="R", actor="test")
            upsert(any_store.audit, source, ends, [post], run="R", actor="test")
    text = """
    MATCH (:Person {id: 'P1'})-[r:AFFILIATED_WITH]->(:Organisation {id: 'O1'})
    RETURN r.source AS source, r.key AS key, r.observed_year AS year, r.run AS run
    ORDER BY source, key"""
    assert any_store.database.records("t", text) == [
        {"source": source, "key": str(year), "year": year, "run": "R"}
        for source in ("table:first", "table:second")
        for year in (2019, 2020)
    ]


@pytest.mark.parametrize("missing", ["start", "end"])
def test_a_missing_end_leaves_nothing_half_written(any_store: Store, missing: str) -> None:
    head, before = any_store.audit.head(), dump(any_store.database)
    there = (
        node_claim(OUTPUT, "W1", {"title": "题"}) if missing == "start" else node_claim(PERSON, "P1", {"name": "甲"})
    )
    authored = relationship_claim(AUTHORED, ("Person", "P1"), ("Output", "W1"), key="1")
    with pytest.raises(ConflictError, match="整批未写入"):
        upsert(any_store.audit, FIRST, [there], [authored], run="R", actor="test")
    assert dump(any_store.database) == before
    assert any_store.audit.head() == head
    assert any_store.database.records("t", "MATCH (n) WHERE n:Batch OR n:Source RETURN n.id AS id") == []


def test_seq_says_what_the_text_index_must_read_again(any_store: Store) -> None:
    nodes = [node_claim(PERSON, "P1", {"name": "甲"}), node_claim(OUTPUT, "W1", {"title": "题"})]
    upsert(any_store.audit, FIRST, nodes, [], run="R", actor="test")
    authored = relationship_claim(AUTHORED, ("Person", "P1"), ("Output", "W1"), key="1")
    upsert(any_store.audit, FIRST, [], [authored], run="R", actor="test")
    rows = any_store.database.records(
        "t", "MATCH (n) WHERE n.seq IS NOT NULL AND n.library IS NOT NULL RETURN n.id AS id, n.seq AS seq"
    )
    assert {row["id"]: row["seq"] for row in rows} == {"P1": 1, "W1": 2}, "a mention changes the work's document"


def test_progress_is_written_with_the_facts(any_store: Store) -> None:
    any_store.database.write("t", lambda transaction: transaction.run("CREATE (:Run {id: 'R', cursor: 0})"))
    claims = [node_claim(PERSON, "P1", {"name": "甲"})]
    upsert(any_store.audit, FIRST, claims, [], run="R", actor="test", progress={"cursor": 7, "created": 1})
    rows = any_store.database.records("t", "MATCH (r:Run) RETURN r.cursor AS cursor, r.created AS created")
    assert rows == [{"cursor": 7, "created": 1}]


def test_hostile_values_stay_values(any_store: Store) -> None:
    hostile = "'}) DETACH DELETE n // \" `; <script>alert(1)</script> \u202e\x00 =1+1 $rows {x}" + "甲" * 10_000
    claims = [node_claim(PERSON, hostile[:200], {"name": hostile, "external_ids": [hostile]})]
    upsert(any_store.audit, SourceRef("table", hostile[:100]), claims, [], run=hostile[:100], actor=hostile)
    rows = any_store.database.records("t", "MATCH (p:Person) RETURN p.id AS id, p.name AS name, p.external_ids AS ids")
    assert rows == [{"id": hostile[:200], "name": hostile, "ids": [hostile]}]
    assert any_store.audit.verify().ok


@pytest.mark.parametrize(
    "properties",
    [
        {"name": "\ud800"}, {"birth_year": 2**63}, {"birth_year": -(2**63) - 1}, {"birth_year": True},
        {"external_ids": ["a", 1]},
        {"external_ids": ["\udfff"]}, {"name": "甲" * (LONGEST_TEXT + 1)}, {"nme": "甲"}, {"name": 3},
    ],
)  # fmt: skip
def test_values_that_no_engine_can_keep_are_refused_at_the_door(properties: dict[str, object]) -> None:
    with pytest.raises(InputError) as caught:
        node_claim(PERSON, "P1", properties)
    assert "甲甲" not in caught.value.message


@pytest.mark.parametrize("key", ["", "x" * 257, "\ud800"])
def test_keys_that_no_engine_can_keep_are_refused_at_the_door(key: str) -> None:
    with pytest.raises(InputError):
        node_claim(PERSON, key, {"name": "甲"})


def test_too_many_elements_are_refused(store: Store) -> None:
    claims = [node_claim(PERSON, f"P{number}", {"name": "甲"}) for number in range(2_001)]
    with pytest.raises(InputError, match="2000"):
        upsert(store.audit, FIRST, claims, [], run="R", actor="test")
    assert store.audit.head().number == 0
