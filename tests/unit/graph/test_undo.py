"""Undo on the real engine: exact restoration, hand-over to later batches, every order of undoing, kills in between."""

import tempfile
from collections.abc import Iterable
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.claims import NodeClaim, RelationshipClaim, node_claim, relationship_claim
from graph.database import Endpoint
from graph.errors import ConflictError, NotFoundError
from graph.merge import Counts, SourceRef, upsert
from graph.model import AUTHORED, ORGANISATION, OUTPUT, PERSON
from graph.store import Store
from graph.undo import batches, runs, undo
from tests.graph_dump import dump, run
from tests.graph_fixtures import empty_store

ROSTER = SourceRef("table", "roster", 100)
PAPERS = SourceRef("works", "papers", 500)


def write(
    store: Store,
    source: SourceRef,
    nodes: Iterable[NodeClaim],
    relationships: Iterable[RelationshipClaim] = (),
    run: str = "R1",
) -> Counts:
    return upsert(store.audit, source, list(nodes), list(relationships), run=run, actor="test")


def person(key: str, *labels: str, **properties: object) -> NodeClaim:
    return node_claim(PERSON, key, properties, labels)


def output(key: str, **properties: object) -> NodeClaim:
    return node_claim(OUTPUT, key, properties)


def authored(who: str, what: str, **properties: object) -> RelationshipClaim:
    return relationship_claim(AUTHORED, ("Person", who), ("Output", what), key="1", properties=properties)


def last(store: Store) -> str:
    return str(store.audit.head().number)


def test_undoing_the_last_batch_restores_the_state_before(store: Store) -> None:
    write(
        store,
        ROSTER,
        [person("P1", "Expert", name="甲", tier="院士"), output("W1", title="题")],
        [authored("P1", "W1")],
    )
    write(store, PAPERS, [person("P1", name="甲某", orcid="0000-0002-1825-0097")], run="R2")
    before = dump(store.database)
    write(
        store,
        ROSTER,
        [person("P1", "Expert", name="甲甲", summary="新"), person("P2", name="乙"), output("W1", title="题二")],
        [authored("P1", "W1", position=2), authored("P2", "W1")],
        run="R3",
    )
    assert dump(store.database) != before
    report = undo(store, last(store), actor="test")
    assert (report.batches, report.restored, report.removed, report.kept) == (1, 3, 2, 0)
    assert dump(store.database) == before
    assert store.audit.verify().ok


def test_created_nodes_become_tombstones_that_the_index_is_told_of(store: Store) -> None:
    write(store, ROSTER, [person("P1", name="甲"), output("W1", title="题")], [authored("P1", "W1")])
    undo(store, "R1", actor="test")
    rows = store.database.records(
        "t", "MATCH (n) WHERE n.tombstone RETURN n.id AS id, n.seq AS seq, n.name AS name ORDER BY id"
    )
    number = store.audit.head().number
    assert rows == [{"id": "P1", "seq": number, "name": None}, {"id": "W1", "seq": number, "name": None}]
    assert dump(store.database) == {"nodes": [], "claims": [], "relationships": []}


def test_a_tombstone_comes_back_when_claimed_again(store: Store) -> None:
    write(store, ROSTER, [person("P1", "Expert", name="甲", tier="院士")])
    before = dump(store.database)["nodes"]
    undo(store, "R1", actor="test")
    write(store, ROSTER, [person("P1", "Expert", name="甲", tier="院士")], run="R2")
    assert dump(store.database)["nodes"] == before
    assert store.database.records("t", "MATCH (n:Expert) RETURN n.tombstone AS t") == [{"t": None}]


def test_what_a_later_batch_touched_stays_and_is_listed(store: Store) -> None:
    write(store, ROSTER, [person("P1", name="甲"), person("P2", name="乙")])
    first = last(store)
    write(store, ROSTER, [person("P1", name="甲二")], run="R2")
    before = dump(store.database)
    report = undo(store, first, actor="test")
    assert (report.removed, report.kept) == (1, 1)
    assert [(kept.element, kept.batch) for kept in report.kept_elements] == [("Person P1", last_batch(store, "R2"))]
    assert [row for row in before["nodes"] if "P1" in row] == dump(store.database)["nodes"]
    assert store.audit.verify().ok, store.audit.verify().faults
    # The later batch now leads back to where the first one began: to nothing.
    undo(store, "R2", actor="test")
    assert dump(store.database)["claims"] == []
    assert store.audit.verify().ok


def last_batch(store: Store, run_id: str) -> str:
    return batches(store.database, run_id)[0].id


def test_another_sources_later_claim_does_not_hold_an_element(store: Store) -> None:
    write(store, ROSTER, [person("P1", name="甲")])
    write(store, PAPERS, [person("P1", name="甲某")], run="R2")
    report = undo(store, "R1", actor="test")
    assert (report.removed, report.kept) == (1, 0)
    assert store.database.records("t", "MATCH (n:Person) RETURN n.name AS name") == [{"name": "甲某"}]


def test_a_run_is_undone_batch_by_batch_and_only_once(store: Store) -> None:
    run(
        store.database, "CREATE (:Run {id: 'R1', status: 'complete', source: 'table:roster', started_at: '2026-01-01'})"
    )
    for number in range(3):
        write(store, ROSTER, [person(f"P{number}", name="甲"), person("PX", birth_year=1950 + number)])
    assert [row.batches for row in runs(store.database)] == [3]
    head = store.audit.head().number
    seen: list[tuple[int, int]] = []
    report = undo(store, "R1", actor="test", progress=lambda done, total: seen.append((done, total)))
    assert (report.batches, report.kept) == (3, 0)
    assert seen == [(0, 3), (1, 3), (2, 3), (3, 3)]
    assert store.audit.head().number == head + 3, "one event a batch"
    assert [(row.status, row.batches) for row in runs(store.database)] == [("undone", 0)]
    assert [row.undone_by for row in batches(store.database, "R1")] == [head + 1, head + 2, head + 3]
    for again in ("R1", last_batch(store, "R1")):
        with pytest.raises(ConflictError, match="已经撤销"):
            undo(store, again, actor="test")
    with pytest.raises(NotFoundError):
        undo(store, "R9", actor="test")
    run(store.database, "CREATE (:Run {id: 'R2', status: 'complete'})")
    with pytest.raises(ConflictError, match="没有写入"):
        undo(store, "R2", actor="test")


def test_an_interrupted_undo_goes_on_where_it_stopped(store: Store) -> None:
    before = dump(store.database)
    for number in range(4):
        write(store, ROSTER, [person(f"P{number}", name="甲"), person("PX", birth_year=1950 + number)])

    class KilledError(Exception):
        pass

    def killed(done: int, _total: int) -> None:
        if done == 2:
            raise KilledError

    with pytest.raises(KilledError):
        undo(store, "R1", actor="test", progress=killed)
    assert undo(store, "R1", actor="test").batches == 2
    assert dump(store.database) == before
    assert store.audit.verify().ok


def test_changed_before_images_are_seen_after_they_were_rewritten(store: Store) -> None:
    write(store, ROSTER, [person("P1", name="甲")])
    first = last(store)
    write(store, ROSTER, [person("P1", name="甲二")], run="R2")
    old = store.database.records("t", "MATCH (b:Batch {run: 'R2'}) RETURN b.images AS images")[0]["images"]
    undo(store, first, actor="test")
    assert store.audit.verify().ok
    run(store.database, "MATCH (b:Batch {run: 'R2'}) SET b.images = $images", images=old)
    assert "前像被改动" in " ".join(store.audit.verify().faults), "putting the old images back is tampering"
    run(store.database, "MATCH (b:Batch {run: 'R2'}) DELETE b")
    assert "前像被删除" in " ".join(store.audit.verify().faults)


Write = tuple[SourceRef, list[NodeClaim], list[tuple[str, int]]]
KEYS = ("1", "2", "3")
values = st.sampled_from(["甲", "乙", "丙"])


def drawn_person(key: str, name: str, tier: str | None, expert: bool) -> NodeClaim:
    return person(f"P{key}", *(["Expert"] if expert else []), name=name, **({"tier": tier} if expert and tier else {}))


def drawn_body(key: str, name: str) -> NodeClaim:
    return node_claim(ORGANISATION, f"O{key}", {"name": name})


tiers = st.sampled_from([None, "院士", "leading"])
people = st.builds(drawn_person, st.sampled_from(KEYS), values, tiers, st.booleans())
bodies = st.builds(drawn_body, st.sampled_from(KEYS), values)
writes = st.tuples(
    st.sampled_from([ROSTER, PAPERS]),
    st.lists(st.one_of(people, bodies), min_size=1, max_size=4),
    st.lists(st.tuples(st.sampled_from(KEYS), st.integers(1, 2)), max_size=2),
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.lists(writes, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_any_order_of_undoing_ends_with_nothing(engine: Endpoint, plan: list[Write], random: Random) -> None:
    with tempfile.TemporaryDirectory() as folder, empty_store(engine, Path(folder)) as store:
        made: list[str] = []
        for number, (source, nodes, mentions) in enumerate(plan):
            before = dump(store.database)
            # Every author must exist, claimed by the same source.
            authors = [
                person(f"P{key}", name="作者") for key, _ in mentions if not any(n.key == f"P{key}" for n in nodes)
            ]
            works = [output("W1", title="题")] if mentions else []
            relationships = [authored(f"P{key}", "W1", position=place) for key, place in mentions]
            counts = write(store, source, [*nodes, *authors, *works], relationships, run=f"R{number}")
            if not counts.touched:
                continue
            after = dump(store.database)
            undo(store, last(store), actor="test")
            assert dump(store.database) == before
            write(store, source, [*nodes, *authors, *works], relationships, run=f"R{number}")
            assert dump(store.database)["nodes"] == after["nodes"]
            made.append(last(store))
        random.shuffle(made)
        for batch in made:
            undo(store, batch, actor="test")
        assert dump(store.database) == {"nodes": [], "claims": [], "relationships": []}
        verified = store.audit.verify()
        assert verified.ok, verified.faults
