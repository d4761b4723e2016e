"""A batch: changes of claims and relationships, in one transaction with the before-images of all it replaces.

Each transaction first reads what is there, so that what is equal is not written, and everything it replaces goes into
the Batch as before-images. The audit head has put the writers in order by then: nobody changes what was read before
the commit. A batch of one source is what imports write; when people are joined or separated, one batch holds changes of
several sources, and each before-image says whose it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, LiteralString

from graph import statements
from graph.audit import Effect
from graph.changes import Counts, NodeChange, RelationshipChange, SourceChanges, SourceRef, Stamp
from graph.claims import (
    Claim,
    NodeState,
    Properties,
    RelationshipClaim,
    Said,
    derive,
    node_image,
    pack_images,
    relationship_image,
    with_defaults,
)
from graph.database import Transaction
from graph.errors import ConflictError
from graph.model import COMMON_DEFAULTS, NODE_BY_LABEL, RELATIONSHIP_BY_NAME, NodeType, RelationshipType

_BATCH: Final = """
CREATE (b:Batch)
SET b = $batch
"""
_PROGRESS: Final = """
MATCH (r:Run {id: $run})
SET r += $progress
"""
_SOURCES: Final = """
UNWIND $ids AS id
MATCH (s:Source {id: id})
RETURN id, s.kind AS kind, s.dataset AS dataset, s.precedence AS precedence
"""


@dataclass(slots=True)
class _Write:
    """The state of one write transaction; `source` is the one whose changes are being written."""

    transaction: Transaction
    source: SourceRef
    run: str
    seq: int
    first: bool = False
    counts: Counts = field(default_factory=Counts)
    images: list[list[Any]] = field(default_factory=list[list[Any]])
    created: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    written: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    touched: dict[str, set[str]] = field(default_factory=lambda: defaultdict[str, set[str]](set))


def apply_changes(
    transaction: Transaction,
    seq: int,
    source: SourceRef,
    nodes: Sequence[NodeChange],
    relationships: Sequence[RelationshipChange],
    *,
    run: str,
    adding: bool,
    progress: Mapping[str, int] | None = None,
    images: bool = True,
    first: bool = False,
) -> Effect[Counts]:
    """Bring claims and relationships of one source to the given state, inside a write transaction.

    `adding` puts new claims over the source's old ones; otherwise they replace them. `images` False is for undo, which
    itself keeps no before-images. Returns counts and packed before-images.
    """
    write = _Write(transaction, source, run, seq, first)
    _write_source(write, SourceChanges(source, nodes, relationships), adding=adding)
    return _finished(write, source, progress=progress, images=images)


def apply_changes_of_sources(
    transaction: Transaction,
    seq: int,
    changes: Sequence[SourceChanges],
    *,
    batch: SourceRef,
    run: str,
    images: bool = True,
) -> Effect[Counts]:
    """Bring claims and relationships of several sources to the given states, inside a write transaction.

    All before-images go into one Batch, of source `batch`. The changes replace what is there. Otherwise as
    `apply_changes`.
    """
    write = _Write(transaction, batch, run, seq)
    for each in [*_labelled(changes), *_others(changes)]:
        write.source = each.source
        _write_source(write, each, adding=False)
    return _finished(write, batch, images=images)


def _labelled(changes: Sequence[SourceChanges]) -> Iterator[SourceChanges]:
    """The claims with second labels, which come first.

    So a node is made with its labels, and none is taken off that another source puts on: ArcadeDB 26.10 keeps a node of
    other labels as another record, and a second one with the same key in a transaction breaks the unique key.
    """
    for each in changes:
        if nodes := [change for change in each.nodes if change.said is not None and change.said.labels]:
            yield SourceChanges(each.source, nodes)


def _others(changes: Sequence[SourceChanges]) -> Iterator[SourceChanges]:
    for each in changes:
        nodes = [change for change in each.nodes if change.said is None or not change.said.labels]
        if nodes or each.relationships:
            yield SourceChanges(each.source, nodes, each.relationships)


def read_sources(transaction: Transaction, ids: Iterable[str]) -> dict[str, SourceRef]:
    """Read sources by id, each with the precedence it has in this store; unknown ones are left out."""
    rows = transaction.run(_SOURCES, {"ids": sorted(set(ids))})
    return {str(row["id"]): SourceRef(row["kind"], row["dataset"], int(row["precedence"])) for row in rows}


def _write_source(write: _Write, changes: SourceChanges, *, adding: bool) -> None:
    source, transaction = changes.source, write.transaction
    if not transaction.run(statements.KNOWN_SOURCE, {"id": source.id}):
        named = {"id": source.id, "kind": source.kind, "dataset": source.dataset, "precedence": source.precedence}
        transaction.run(statements.MERGE_SOURCE, named)
    by_type: dict[str, list[NodeChange]] = defaultdict(list)
    for change in changes.nodes:
        by_type[change.type.label].append(change)
    for same_type in by_type.values():
        _write_nodes(write, same_type, adding=adding)
    groups: dict[tuple[str, str, str], list[RelationshipChange]] = defaultdict(list)
    for relationship in changes.relationships:
        claim = relationship.claim
        groups[claim.type.name, claim.start[0], claim.end[0]].append(relationship)
    for (name, start, end), rows in groups.items():
        _write_relationships(
            write, RELATIONSHIP_BY_NAME[name], NODE_BY_LABEL[start], NODE_BY_LABEL[end], rows, adding=adding
        )


def _finished(
    write: _Write, batch: SourceRef, *, progress: Mapping[str, int] | None = None, images: bool
) -> Effect[Counts]:
    """Mark nodes whose document changed with a relationship, and keep the before-images."""
    run, seq, transaction = write.run, write.seq, write.transaction
    for label, keys in write.touched.items():
        stale = sorted(key for key in keys if (label, key) not in write.written)
        if stale:
            transaction.run(statements.touch_node(NODE_BY_LABEL[label]), {"keys": stale, "seq": seq})
    if not images or not write.counts.touched:
        return Effect(write.counts)
    packed = pack_images(write.images)
    kept = {"id": f"{seq}", "seq": seq, "run": run, "source": batch.id, "elements": len(write.images)}
    transaction.run(_BATCH, {"batch": {**kept, "images": packed}})
    if progress:
        transaction.run(_PROGRESS, {"run": run, "progress": dict(progress)})
    return Effect(write.counts, packed)


# --- nodes -----------------------------------------------------------------------------------------------------------


def _write_nodes(write: _Write, changes: Sequence[NodeChange], *, adding: bool) -> None:
    node = changes[0].type
    states, precedence = read_states(write.transaction, node, [change.key for change in changes])
    precedence[write.source.id] = write.source.precedence
    plan = _NodePlan(node)
    for change in changes:
        state = states.get(change.key) or NodeState()
        old = state.claims.get(write.source.id)
        new = change.said
        if new is not None and old is not None and adding:
            new = old.said.extended(new)
        stamp = change.stamp or (write.run, write.seq)
        if (old.said if old else None) == new and not _stamp_differs(change.stamp, old and (old.run, old.seq)):
            write.counts.unchanged += 1
            continue
        write.images.append(node_image(node.label, change.key, write.source.id, old))
        write.written.add((node.label, change.key))
        if new is None:
            write.counts.removed += 1
        elif old is None:
            write.counts.created += 1
        else:
            write.counts.changed += 1
        if not state.exists:
            write.created.add((node.label, change.key))
        plan.add(write, change.key, state, new, stamp=stamp, precedence=precedence)
    plan.execute(write)


class _NodePlan:
    """The rows of one label's statements, gathered before any is sent."""

    def __init__(self, node: NodeType) -> None:
        self.node = node
        self.creations: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
        self.updates: list[dict[str, Any]] = []
        self.gained: dict[str, list[str]] = defaultdict(list)
        self.lost: dict[str, list[str]] = defaultdict(list)
        self.claims: list[dict[str, Any]] = []
        self.others: list[dict[str, Any]] = []
        self.withdrawn: list[str] = []

    def add(
        self,
        write: _Write,
        key: str,
        state: NodeState,
        new: Said | None,
        *,
        stamp: Stamp,
        precedence: Mapping[str, int],
    ) -> None:
        mine = write.source.id
        if not state.exists and new is not None:
            props = {**with_defaults(new), "seq": write.seq}
            self.creations[new.labels].append({"key": key, "props": props})
            return
        said = {source: claim.said for source, claim in state.claims.items() if source != mine}
        if new is None:
            self.withdrawn.append(key)
        else:
            said[mine] = new
            text = new.to_json() if len(said) > 1 else ""
            self.claims.append({"key": key, "said": text, "run": stamp[0], "seq": stamp[1]})
        for source, claim in said.items():
            # The second claim makes the first one's text necessary, the last one left makes it superfluous.
            if source != mine and len(state.claims) != len(said) and min(len(state.claims), len(said)) == 1:
                self.others.append({"key": key, "source": source, "said": claim.to_json() if len(said) > 1 else ""})
        visible = derive(said, precedence)
        shown = with_defaults(visible) if said else {}
        before = state.visible.properties
        props: dict[str, Any] = {name: None for name in before if name not in shown}
        props.update({name: value for name, value in shown.items() if before.get(name) != value})
        self.updates.append({"key": key, "props": {**props, "seq": write.seq, "tombstone": None if said else True}})
        for label in set(visible.labels) - set(state.visible.labels):
            self.gained[label].append(key)
        for label in set(state.visible.labels) - set(visible.labels):
            self.lost[label].append(key)

    def execute(self, write: _Write) -> None:
        run = write.transaction.run
        stamp = {"source": write.source.id, "run": write.run, "seq": write.seq}
        for labels, rows in self.creations.items():
            run(statements.merge_node(self.node, labels), {"rows": rows, **stamp})
        if self.updates:
            run(statements.update_node(self.node), {"rows": self.updates})
        for label, keys in self.gained.items():
            run(statements.change_label(self.node, label, "SET"), {"keys": keys})
        for label, keys in self.lost.items():
            run(statements.change_label(self.node, label, "REMOVE"), {"keys": keys})
        if self.claims:
            run(statements.merge_claim(self.node), {"rows": self.claims, "source": write.source.id})
        if self.others:
            run(statements.restate_claim(self.node), {"rows": self.others})
        if self.withdrawn:
            run(statements.withdraw_claim(self.node), {"keys": self.withdrawn, "source": write.source.id})


def read_states(
    transaction: Transaction, node: NodeType, keys: Iterable[str]
) -> tuple[dict[str, NodeState], dict[str, int]]:
    """Read nodes and their claims by key; also the precedence of every source met."""
    states: dict[str, NodeState] = {}
    precedence: dict[str, int] = {}
    rows = transaction.run(statements.read_node(node), {"keys": list(keys)})
    for row in rows:
        key = str(row["key"])
        state = states.get(key)
        if state is None:
            props = {name: value for name, value in row["props"].items() if name in node.by_name}
            labels = tuple(sorted(label for label in row["labels"] if label != node.label))
            state = states[key] = NodeState(exists=True, visible=Said(props, labels))
        if row["source"] is None:
            continue
        precedence[row["source"]] = int(row["precedence"])
        said = Said.from_json(row["said"]) if row["said"] else _sole(state.visible)
        state.claims[row["source"]] = Claim(said, row["run"], int(row["seq"]))
    return states, precedence


def _stamp_differs(wanted: Stamp | None, there: Stamp | None) -> bool:
    """Must a claim be written for its stamp alone?  Undo brings claims back as they stood, run and number included."""
    return wanted is not None and wanted != there


def _sole(visible: Said) -> Said:
    """The claim behind what is visible, while it is the only one: without the defaults that nobody said."""
    own = {n: v for n, v in visible.properties.items() if COMMON_DEFAULTS.get(n) != v}
    return Said(own, visible.labels)


# --- relationships ---------------------------------------------------------------------------------------------------


def _write_relationships(
    write: _Write,
    relationship: RelationshipType,
    start: NodeType,
    end: NodeType,
    changes: Sequence[RelationshipChange],
    *,
    adding: bool,
) -> None:
    old = _read_relationships(write, relationship, start, end, changes)
    fresh: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    ended: list[dict[str, Any]] = []
    for change in changes:
        claim = change.claim
        row = _row(claim)
        before = old.get((claim.start[1], claim.end[1], claim.key))
        own = None if before is None else {n: v for n, v in before.items() if n in relationship.by_name}
        new = change.properties
        if new is not None and own is not None and adding:
            new = {**own, **new}
        stamp = change.stamp or (write.run, write.seq)
        if own == new and not _stamp_differs(change.stamp, None if before is None else (before["run"], before["seq"])):
            write.counts.unchanged += 1
            continue
        write.images.append(relationship_image(claim, write.source.id, before))
        if relationship.touches:
            touched = claim.start if relationship.touches == "start" else claim.end
            write.touched[touched[0]].add(touched[1])
        if new is None:
            write.counts.removed += 1
            ended.append(row)
            continue
        gone: Properties = {name: None for name in own or () if name not in new}
        (fresh if own is None else changed).append({**row, "props": {**gone, **new, "run": stamp[0], "seq": stamp[1]}})
    write.counts.created += len(fresh)
    write.counts.changed += len(changed)
    create = statements.create_relationship(relationship, start, end)
    merge = statements.merge_relationship(relationship, start, end)
    wanted: list[tuple[LiteralString, list[dict[str, Any]]]] = [(create, fresh), (merge, changed)]
    for text, rows in wanted:
        written = write.transaction.run(text, {"rows": rows, "source": write.source.id})[0]["written"] if rows else 0
        if int(written) != len(rows):
            raise ConflictError(
                f"{len(rows) - int(written)} 个 {relationship.name} 关系的一端在图中不存在，整批未写入",
                hint="先导入被引用的记录",
            )
    if ended:
        write.transaction.run(
            statements.end_relationship(relationship, start, end), {"rows": ended, "source": write.source.id}
        )


def _read_relationships(
    write: _Write,
    relationship: RelationshipType,
    start: NodeType,
    end: NodeType,
    changes: Sequence[RelationshipChange],
) -> dict[tuple[str, str, str], dict[str, Any]]:
    """What these relationships are now; one whose end this very write made cannot exist yet."""
    if write.first:
        return {}
    claims = (change.claim for change in changes)
    rows = [_row(claim) for claim in claims if claim.start not in write.created and claim.end not in write.created]
    if not rows:
        return {}
    text = statements.find_relationship(relationship, start, end)
    found = write.transaction.run(text, {"rows": rows, "source": write.source.id})
    return {(row["start"], row["end"], row["key"]): row["props"] for row in found}


def _row(claim: RelationshipClaim) -> dict[str, Any]:
    return {"start": claim.start[1], "end": claim.end[1], "key": claim.key}


__all__ = ["apply_changes", "apply_changes_of_sources", "read_sources", "read_states"]
