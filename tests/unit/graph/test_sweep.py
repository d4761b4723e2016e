"""Sweep on the real engine: what a complete run no longer says goes, in batches that undo brings back."""

import pytest

from graph.claims import node_claim, relationship_claim
from graph.errors import ConflictError
from graph.merge import SourceRef, upsert
from graph.model import LOCATED_IN, ORGANISATION, REGION
from graph.store import Store
from graph.sweep import NodeName, RelationshipName, stale, sweep
from graph.undo import batches, undo
from tests.graph_dump import dump

REGISTER = SourceRef("table", "register", 100)
OTHER = SourceRef("table", "other", 200)


def load(store: Store, count: int, source: SourceRef = REGISTER) -> tuple[set[NodeName], set[RelationshipName]]:
    """Load one region and `count` bodies in it; return the names of everything said."""
    nodes = [node_claim(REGION, "13", {"name": "虚构省"})]
    nodes += [node_claim(ORGANISATION, f"O{n}", {"name": f"第{n}学会"}) for n in range(count)]
    relationships = [relationship_claim(LOCATED_IN, ("Organisation", f"O{n}"), ("Region", "13")) for n in range(count)]
    everything = [*nodes, *relationships]
    for begin in range(0, len(everything), 2_000):
        part = everything[begin : begin + 2_000]
        upsert(
            store.audit,
            source,
            [claim for claim in nodes if claim in part],
            [claim for claim in relationships if claim in part],
            run="R1",
            actor="test",
        )
    return {(claim.type.label, claim.key) for claim in nodes}, {claim.identity for claim in relationships}


def test_what_is_no_longer_said_goes_and_undo_brings_it_back(store: Store) -> None:
    nodes, relationships = load(store, 20)
    load(store, 20, OTHER)
    before = dump(store.database)
    gone_relationship = next(iter(relationships))
    report = sweep(
        store, REGISTER, "R2", said_nodes=nodes - {("Organisation", "O3")},
        said_relationships=relationships - {gone_relationship}, actor="test",
    )  # fmt: skip
    assert (report.stale, report.removed, report.batches) == (2, 2, 2)
    after = dump(store.database)
    assert len(after["claims"]) == len(before["claims"]) - 1
    assert len(after["relationships"]) == len(before["relationships"]) - 1
    assert len(after["nodes"]) == len(before["nodes"]), "the other source still claims the body"
    again = sweep(
        store, REGISTER, "R2", said_nodes=nodes - {("Organisation", "O3")},
        said_relationships=relationships - {gone_relationship}, actor="test",
    )  # fmt: skip
    assert (again.stale, again.batches) == (0, 0)
    assert len(batches(store.database, "R2")) == 2
    undo(store, "R2", actor="test")
    assert dump(store.database) == before
    assert store.audit.verify().ok


def test_the_last_claim_gone_leaves_a_tombstone(store: Store) -> None:
    nodes, relationships = load(store, 20)
    kept = {name for name in relationships if name[2] != "O3"}
    sweep(store, REGISTER, "R2", said_nodes=nodes - {("Organisation", "O3")}, said_relationships=kept, actor="test")
    rows = store.database.records("t", "MATCH (n:Organisation {id: 'O3'}) RETURN n.tombstone AS t, n.name AS name")
    assert rows == [{"t": True, "name": None}]


def test_above_a_tenth_it_stops_unless_confirmed(store: Store) -> None:
    nodes, relationships = load(store, 19)
    few = {name for name in nodes if name[1] not in {"O1", "O2", "O3"}}
    before = dump(store.database)
    head = store.audit.head().number
    preview = sweep(store, REGISTER, "R2", said_nodes=few, said_relationships=relationships, actor="test", dry_run=True)
    assert (preview.stale, preview.removed, preview.share) == (3, 0, 0.15)
    with pytest.raises(ConflictError, match="15%"):
        sweep(store, REGISTER, "R2", said_nodes=few, said_relationships=relationships, actor="test")
    assert dump(store.database) == before
    assert store.audit.head().number == head
    confirmed = sweep(
        store, REGISTER, "R2", said_nodes=few, said_relationships=relationships, actor="test", confirm=True
    )
    assert confirmed.removed == 3


def test_many_go_in_batches_of_two_thousand(store: Store) -> None:
    load(store, 2_100)
    found = stale(store.database, REGISTER.id, set(), set())
    assert (len(found.nodes), len(found.relationships), found.share) == (2_101, 2_100, 1.0)
    seen: list[tuple[int, int]] = []
    report = sweep(
        store, REGISTER, "R2", said_nodes=set(), said_relationships=set(), actor="test", confirm=True,
        progress=lambda done, total: seen.append((done, total)),
    )  # fmt: skip
    assert (report.batches, report.removed) == (4, 4_201)
    assert seen[-1] == (4_201, 4_201)
    assert dump(store.database) == {"nodes": [], "claims": [], "relationships": []}
    undo(store, "R2", actor="test")
    assert stale(store.database, REGISTER.id, set(), set()) == found
