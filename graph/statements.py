"""Model → Cypher: the UNWIND/MERGE statement shapes of `merge`, `undo` and `sweep`.

The only generated Cypher beside `schema.py`: labels, types and keys come from the model, whose names were checked when
the classes were made and are checked again here when text is made. Nothing from a payload ever becomes text.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final, LiteralString, cast

from graph.errors import InputError
from graph.model import DOMAIN, RELATIONSHIPS, NodeType, RelationshipType

# Asked before it is merged: on Neo4j the MERGE waits for locks of a node that all writes touch (14 ms against 1).
KNOWN_SOURCE: Final = """
MATCH (s:Source {id: $id})
RETURN s.precedence AS precedence
"""
MERGE_SOURCE: Final = """
MERGE (s:Source {id: $id})
ON CREATE SET s.kind = $kind, s.dataset = $dataset, s.precedence = $precedence
RETURN s.precedence AS precedence
"""
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")


def _literal(text: str) -> LiteralString:
    """The one place in this module where generated text becomes Cypher (settled)."""
    return cast(LiteralString, text)


def _safe(*names: str) -> None:
    for name in names:
        if not _NAME.match(name):
            raise InputError(f"不是模型中的名字：{name!r}")


@cache
def read_node(node: NodeType) -> LiteralString:
    """Text: nodes of one label by key, with all their claims."""
    _safe(node.label, node.key)
    return _literal(f"""
UNWIND $keys AS key
MATCH (n:{node.label} {{{node.key}: key}})
OPTIONAL MATCH (n)<-[a:ASSERTS]-(s:Source)
RETURN key, properties(n) AS props, labels(n) AS labels, s.id AS source, s.precedence AS precedence,
       a.run AS run, a.said AS said, a.seq AS seq""")


@cache
def merge_node(node: NodeType, labels: tuple[str, ...] = ()) -> LiteralString:
    """Text: new nodes of one label (and second labels) with their first claim.

    With second labels they are created, not merged: on ArcadeDB 26.10 a MERGE on two labels scans the label (418/s at
    6,000 nodes against 4,800/s). The write has read that they do not exist, and a race ends at the unique key and is
    retried.
    """
    _safe(node.label, node.key, *labels)
    verb = "CREATE" if labels else "MERGE"
    all_labels = ":".join((node.label, *labels))
    return _literal(f"""
MATCH (s:Source {{id: $source}})
UNWIND $rows AS row
{verb} (n:{all_labels} {{{node.key}: row.key}})
SET n += row.props
MERGE (n)<-[a:ASSERTS]-(s)
SET a.run = $run, a.said = '', a.seq = $seq""")


@cache
def update_node(node: NodeType) -> LiteralString:
    """Text: new visible properties of nodes that exist."""
    _safe(node.label, node.key)
    return _literal(f"""
UNWIND $rows AS row
MATCH (n:{node.label} {{{node.key}: row.key}})
SET n += row.props""")


@cache
def merge_claim(node: NodeType) -> LiteralString:
    """Text: a source's claim on nodes that exist."""
    _safe(node.label, node.key)
    return _literal(f"""
MATCH (s:Source {{id: $source}})
UNWIND $rows AS row
MATCH (n:{node.label} {{{node.key}: row.key}})
MERGE (n)<-[a:ASSERTS]-(s)
SET a.run = row.run, a.said = row.said, a.seq = row.seq""")


@cache
def restate_claim(node: NodeType) -> LiteralString:
    """Text: what other sources said of nodes that exist, written out or emptied.

    The far end is given without its label, here and in `_named`: Neo4j 2026.08 otherwise begins at the Source, which
    has a relationship to everything it claims (2.4 s for 1,421 rows against 0.04 s).
    """
    _safe(node.label, node.key)
    return _literal(f"""
UNWIND $rows AS row
MATCH (n:{node.label} {{{node.key}: row.key}})
MATCH (n)<-[a:ASSERTS]-(s)
WHERE s.id = row.source
SET a.said = row.said""")


@cache
def withdraw_claim(node: NodeType) -> LiteralString:
    """Text: a source's claims on nodes, taken away."""
    _safe(node.label, node.key)
    return _literal(f"""
UNWIND $keys AS key
MATCH (n:{node.label} {{{node.key}: key}})
MATCH (n)<-[a:ASSERTS]-(s)
WHERE s.id = $source
WITH collect(a) AS ended
UNWIND ended AS a
DELETE a""")


@cache
def change_label(node: NodeType, label: str, verb: str) -> LiteralString:
    """Text: a second label put on nodes (`SET`) or taken off (`REMOVE`)."""
    _safe(node.label, node.key, label, verb)
    return _literal(f"""
UNWIND $keys AS key
MATCH (n:{node.label} {{{node.key}: key}})
{verb} n:{label}""")


@cache
def touch_node(node: NodeType) -> LiteralString:
    """Text: the sequence number on nodes whose text-index document changed with a relationship."""
    _safe(node.label, node.key)
    return _literal(f"""
UNWIND $keys AS key
MATCH (n:{node.label} {{{node.key}: key}})
SET n.seq = $seq""")


def _path(relationship: RelationshipType, start: NodeType, end: NodeType, inner: str = "") -> tuple[str, str, str]:
    """Near end, arrow and far end of a pattern that starts where few relationships are; `a` is the start, `b` the
    end."""
    if relationship.few == "start":
        return f"a:{start.label}", f"-[r:{relationship.name}{inner}]->", f"b:{end.label}"
    return f"b:{end.label}", f"<-[r:{relationship.name}{inner}]-", f"a:{start.label}"


def _put(verb: str, relationship: RelationshipType, start: NodeType, end: NodeType) -> str:
    _safe(verb, relationship.name, start.label, start.key, end.label, end.key)
    near, arrow, far = _path(relationship, start, end, " {source: $source, key: row.key}")
    return f"""
UNWIND $rows AS row
MATCH (a:{start.label} {{{start.key}: row.start}})
MATCH (b:{end.label} {{{end.key}: row.end}})
{verb} ({near[0]}){arrow}({far[0]})
SET r += row.props
RETURN count(r) AS written"""


@cache
def merge_relationship(relationship: RelationshipType, start: NodeType, end: NodeType) -> LiteralString:
    """Text: one source's relationships of one type between two labels; returns how many were `written`."""
    return _literal(_put("MERGE", relationship, start, end))


@cache
def create_relationship(relationship: RelationshipType, start: NodeType, end: NodeType) -> LiteralString:
    """Text: relationships that the write has read not to exist; returns how many were `written`.

    The head of the audit chain is held from before that read to the commit, so nobody makes them in between. ArcadeDB
    26.10 creates 18,500/s where it merges 12,600/s (ADR 17).
    """
    return _literal(_put("CREATE", relationship, start, end))


@cache
def find_relationship(relationship: RelationshipType, start: NodeType, end: NodeType) -> LiteralString:
    """Text: those of the named relationships of one source that exist; a first load gets none of them back."""
    _safe(relationship.name, start.label, start.key, end.label, end.key)
    return _literal(f"""
UNWIND $rows AS row
{_named(relationship, start, end)}
RETURN row.start AS start, row.end AS end, row.key AS key, properties(r) AS props""")


@cache
def end_relationship(relationship: RelationshipType, start: NodeType, end: NodeType) -> LiteralString:
    """Text: one source's relationships of one type, deleted.

    All are found before the first is deleted: ArcadeDB 26.10 otherwise meets deleted ones at the same node (not found).
    """
    _safe(relationship.name, start.label, start.key, end.label, end.key)
    return _literal(f"""
UNWIND $rows AS row
{_named(relationship, start, end)}
WITH collect(r) AS ended
UNWIND ended AS r
DELETE r""")


def _named(relationship: RelationshipType, start: NodeType, end: NodeType) -> str:
    ends = (("a", start, "row.start"), ("b", end, "row.end"))
    (near, node, here), (far, other, there) = ends if relationship.few == "start" else ends[::-1]
    arrow = f"-[r:{relationship.name}]->" if near == "a" else f"<-[r:{relationship.name}]-"
    return f"""MATCH ({near}:{node.label} {{{node.key}: {here}}})
MATCH ({near}){arrow}({far})
WHERE {far}.{other.key} = {there} AND r.source = $source AND r.key = row.key"""


@cache
def claimed_keys(node: NodeType) -> LiteralString:
    """Text: keys of the nodes of one label that a source claims."""
    _safe(node.label, node.key)
    return _literal(f"""
MATCH (s:Source {{id: $source}})-[:ASSERTS]->(n:{node.label})
RETURN n.{node.key} AS key""")


@cache
def related_keys(relationship: RelationshipType, start: NodeType, end: NodeType) -> LiteralString:
    """Text: start key, end key and own key of a source's relationships of one type between two labels."""
    _safe(relationship.name, start.label, start.key, end.label, end.key)
    return _literal(f"""
MATCH (a:{start.label})-[r:{relationship.name}]->(b:{end.label})
WHERE r.source = $source
RETURN a.{start.key} AS start, b.{end.key} AS end, r.key AS key""")


@cache
def relationships_of(node: NodeType) -> LiteralString:
    """Text: all relationships of the domain at nodes of one label by key, from (`outward`) and to them.

    The far end is given without its label, for the reason told at `restate_claim`.
    """
    _safe(node.label, node.key)
    keys = ", ".join(f"o.{key}" for key in sorted({each.key for each in DOMAIN}, reverse=True))
    parts: list[str] = []
    for outward, end in ((True, 0), (False, 1)):
        types = [r.name for r in RELATIONSHIPS if not r.working and any(ends[end] == node.label for ends in r.ends)]
        if not types:
            continue
        _safe(*types)
        arrow = f"-[r:{'|'.join(types)}]->" if outward else f"<-[r:{'|'.join(types)}]-"
        parts.append(f"""
UNWIND $keys AS key
MATCH (n:{node.label} {{{node.key}: key}})
MATCH (n){arrow}(o)
RETURN key, {str(outward).lower()} AS outward, type(r) AS type, labels(o) AS labels, coalesce({keys}) AS far,
       properties(r) AS props""")
    return _literal("\nUNION ALL".join(parts))
