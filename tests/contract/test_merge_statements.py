"""Every merge statement, for every node type and every pair of ends in the model, does the same on all engines."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pytest

from graph import statements
from graph.changes import Counts, NodeChange, RelationshipChange, SourceRef
from graph.claims import NodeClaim, RelationshipClaim, Said, node_claim, relationship_claim
from graph.merge import apply_changes, upsert
from graph.model import COMMON_DEFAULTS, DOMAIN, RELATIONSHIPS, Kind, NodeType, Property, RelationshipType
from graph.store import Store

ONE: Final = SourceRef("table", "甲", 100)
OTHER: Final = SourceRef("works", "乙", 200)
EACH: Final = 3  # nodes of every type, relationships of every pair of ends
ACTOR: Final = "contract"
_RELATED: Final = tuple(r for r in RELATIONSHIPS if not r.working)
PAIRS: Final = tuple((r, start, end) for r in _RELATED for start, end in r.ends)
BY_LABEL: Final = {node.label: node for node in DOMAIN}

_TOTALS: Final = """
MATCH (n) WHERE n.tombstone IS NULL
RETURN labels(n) AS labels, count(n) AS nodes
"""
_RELATIONSHIPS: Final = """
MATCH (a)-[r]->(b) WHERE r.source IS NOT NULL
RETURN type(r) AS type, count(r) AS relationships
"""


def _value(prop: Property, salt: str) -> object:
    values: dict[Kind, object] = {
        Kind.TEXT: f"{prop.zh}{salt}",
        Kind.TEXTS: ["‘’\"\\$'", f"{prop.zh}{salt}"],
        Kind.INTEGER: 1900 + len(salt),
        Kind.NUMBER: 0.25,
        Kind.FLAG: True,
        Kind.DATE: "2019-01-01",
        Kind.MOMENT: "2019-01-01T00:00:00+00:00",
    }
    return values[prop.kind]


def _facts(properties: Mapping[str, Property], salt: str) -> dict[str, object]:
    # A restricted record would be as good; public ones are what the other tests read.
    return {name: _value(prop, salt) for name, prop in properties.items() if name not in ("visibility", "library")}


def _nodes(salt: str) -> list[NodeClaim]:
    """Every node type, with every property, without and with its second labels."""
    claims: list[NodeClaim] = []
    for node in DOMAIN:
        for number in range(EACH):
            seconds = [second.label for second in node.seconds] if number else []
            claims.append(node_claim(node, f"{node.label}{number}", _facts(node.by_name, salt), seconds))
    return claims


def _relationships(salt: str) -> list[RelationshipClaim]:
    """Every type between every pair of ends, with every property, twice between the same two by different keys."""
    return [
        relationship_claim(
            relationship,
            (start, f"{start}{number}"),
            (end, f"{end}{(number + 1) % EACH}"),
            key=key,
            properties=_facts(relationship.by_name, salt),
        )
        for relationship, start, end in PAIRS
        for number in range(EACH)
        for key in ("", "二")
    ]


NODES: Final = len(DOMAIN) * EACH
EDGES: Final = len(PAIRS) * EACH * 2


def _say(store: Store, source: SourceRef, salt: str) -> tuple[int, int, int]:
    counts = upsert(store.audit, source, _nodes(salt), _relationships(salt), run="R1", actor=ACTOR)
    return counts.created, counts.changed, counts.unchanged


def _apply(store: Store, source: SourceRef, nodes: list[NodeChange], relationships: list[RelationshipChange]) -> Counts:
    committed = store.audit.write(
        actor=ACTOR,
        action="test",
        subject=source.id,
        work=lambda tx, seq: apply_changes(tx, seq, source, nodes, relationships, run="R2", adding=False),
    )
    assert committed is not None
    return committed.result


def _totals(store: Store) -> tuple[dict[str, int], dict[str, int]]:
    database = store.database
    nodes: Counter[str] = Counter()
    for row in database.records("totals", _TOTALS):
        nodes.update({label: row["nodes"] for label in row["labels"] if label in BY_LABEL})
    edges = {row["type"]: row["relationships"] for row in database.records("totals", _RELATIONSHIPS)}
    return dict(nodes), edges


def _expected_edges(sources: int) -> dict[str, int]:
    return {r.name: len(r.ends) * EACH * 2 * sources for r in _RELATED if sources}


def test_everything_in_the_model_is_written_changed_and_taken_away(any_store: Store) -> None:
    everything = {node.label: EACH for node in DOMAIN}

    assert _say(any_store, ONE, "a") == (NODES + EDGES, 0, 0)
    assert _totals(any_store) == (everything, _expected_edges(1))
    assert _say(any_store, ONE, "a") == (0, 0, NODES + EDGES)
    differing = NODES + sum(
        one.properties != two.properties for one, two in zip(_relationships("a"), _relationships("bb"), strict=True)
    )
    assert _say(any_store, ONE, "bb") == (0, differing, NODES + EDGES - differing)
    assert _say(any_store, OTHER, "ccc") == (NODES + EDGES, 0, 0)
    assert _totals(any_store) == (everything, _expected_edges(2))

    withdrawn = [NodeChange(claim.type, claim.key, None) for claim in _nodes("")]
    ended = [RelationshipChange(claim, None) for claim in _relationships("")]
    assert _apply(any_store, ONE, withdrawn, ended).removed == NODES + EDGES
    assert _totals(any_store) == (everything, _expected_edges(1))
    assert _apply(any_store, OTHER, withdrawn, ended).removed == NODES + EDGES
    assert _totals(any_store) == ({}, {})


def test_what_is_shown_is_what_the_first_source_says(any_store: Store) -> None:
    _say(any_store, OTHER, "ccc")
    _say(any_store, ONE, "a")
    for node in DOMAIN:
        for row in _read(any_store, node):
            said = {name: value for name, value in row["props"].items() if name in node.by_name}
            defaults = {name: value for name, value in COMMON_DEFAULTS.items() if name in node.by_name}
            assert said == {**defaults, **_facts(node.by_name, "a")}, node.label
            assert row["source"] in (ONE.id, OTHER.id)
    change = Said(dict(_nodes("dddd")[0].properties))
    first = _nodes("")[0]
    assert _apply(any_store, ONE, [NodeChange(first.type, first.key, change)], []).changed == 1
    shown = next(row["props"] for row in _read(any_store, first.type) if row["key"] == first.key)
    assert {name: shown[name] for name in change.properties} == change.properties


def test_keys_that_a_source_claims_are_found(any_store: Store) -> None:
    _say(any_store, ONE, "a")
    for node in DOMAIN:
        rows = any_store.database.records("claimed", statements.claimed_keys(node), source=ONE.id)
        assert sorted(row["key"] for row in rows) == [f"{node.label}{number}" for number in range(EACH)]
    for relationship, start, end in PAIRS:
        text = statements.related_keys(relationship, BY_LABEL[start], BY_LABEL[end])
        rows = any_store.database.records("related", text, source=ONE.id)
        wanted = {claim.identity for claim in _relationships("") if claim.identity[:2] == (relationship.name, start)}
        found = {(relationship.name, start, row["start"], end, row["end"], row["key"]) for row in rows}
        assert found == {identity for identity in wanted if identity[3] == end}


def _read(store: Store, node: NodeType) -> list[dict[str, Any]]:
    keys = [f"{node.label}{number}" for number in range(EACH)]
    return store.database.records("read", statements.read_node(node), keys=keys)


def _merges() -> Iterator[tuple[str, str]]:
    for node in DOMAIN:
        yield node.label, statements.merge_node(node)
        yield node.label, statements.merge_node(node, tuple(second.label for second in node.seconds))
        yield node.label, statements.merge_claim(node)
    for relationship, start, end in PAIRS:
        yield relationship.name, statements.merge_relationship(relationship, BY_LABEL[start], BY_LABEL[end])


def test_no_merge_pattern_holds_a_property_that_may_be_null() -> None:
    """Neo4j refuses a null there, ArcadeDB makes a new relationship every time: only key and source may stand there."""
    for name, text in _merges():
        for pattern in re.findall(r"\bMERGE\s+(\(.*?)(?:\bSET\b|\bMERGE\b|\bRETURN\b|\Z)", text, flags=re.S):
            for inside in re.findall(r"\{(.*?)\}", pattern):
                values = {part.split(":")[1].strip() for part in inside.split(",")}
                assert values <= {"row.key", "row.start", "row.end", "$source"}, (name, pattern)


@pytest.mark.parametrize("relationship", _RELATED, ids=lambda relationship: relationship.name)
def test_a_relationship_is_merged_from_its_end_with_few(relationship: RelationshipType) -> None:
    for start, end in relationship.ends:
        text = statements.merge_relationship(relationship, BY_LABEL[start], BY_LABEL[end])
        begins = re.findall(r"MERGE \((\w)\)", text)
        assert begins == ["a" if relationship.few == "start" else "b"], text
