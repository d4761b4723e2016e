"""`upsert`: claims in, one transaction with its before-images out.

Each transaction first reads what is there, so that what is equal is not written, and everything it replaces goes into
the Batch as before-images. The audit head has put the writers in order by then: nobody changes what was read before
the commit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, LiteralString, cast

from graph import statements
from graph.audit import Audit, Effect
from graph.changes import LOCAL, Counts, NodeChange, RelationshipChange, SourceRef, Stamp
from graph.claims import (
    Claim,
    NodeClaim,
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
from graph.database import RollbackRequest, Transaction
from graph.errors import ConflictError, InputError
from graph.model import COMMON_DEFAULTS, NODE_BY_LABEL, RELATIONSHIP_BY_NAME, NodeType, RelationshipType

# Images of one transaction lie on one Batch node (settled: chunks of at most 2,000).
MOST_ELEMENTS: Final = 2_000

_BATCH: Final = """
CREATE (b:Batch)
SET b = $batch
"""


@dataclass(slots=True)
class _Write:
    """The state of one write transaction."""

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


def upsert(
    audit: Audit,
    source: SourceRef,
    nodes: Sequence[NodeClaim],
    relationships: Sequence[RelationshipClaim],
    *,
    run: str,
    actor: str,
    progress: Mapping[str, int] | None = None,
    first: bool = False,
) -> Counts:
    """Write what a source claims, adding to what it said before: one transaction, one event, one Batch.

    At most 2,000 claims and relationships at a time. Two claims of one node in a call are put together, the first
    one's values standing. `progress` is written on the Run in the same transaction, so that a resumed run knows where
    to go on. `first` promises that the source had said nothing before this run and that the run says each relationship
    once (its ledger sees to it): then none is looked for. Returns the counts; nothing at all is written (no event
    either) when all of it is there already. Raises `InputError` for too many elements, `ConflictError` when an end of a
    relationship does not exist.
    """
    if len(nodes) + len(relationships) > MOST_ELEMENTS:
        raise InputError(f"一次写入最多 {MOST_ELEMENTS} 项，收到 {len(nodes) + len(relationships)} 项")
    said: dict[tuple[str, str], NodeChange] = {}
    for claim in nodes:
        name = (claim.type.label, claim.key)
        new = Said(claim.properties, claim.labels)
        if name in said:
            earlier = cast(Said, said[name].said)
            new = new.extended(earlier)
        said[name] = NodeChange(claim.type, claim.key, new)
    related: dict[tuple[str, ...], RelationshipChange] = {}
    for claim in relationships:
        related.setdefault(claim.identity, RelationshipChange(claim, claim.properties))
    counts = Counts()

    def work(transaction: Transaction, seq: int) -> Effect[Counts]:
        return apply_changes(
            transaction,
            seq,
            source,
            list(said.values()),
            list(related.values()),
            run=run,
            adding=True,
            progress=progress,
            first=first,
        )

    committed = audit.write(actor=actor, action="upsert", subject=run, work=_remembering(work, counts))
    return counts if committed is None else committed.result


def _remembering(
    work: Callable[[Transaction, int], Effect[Counts]], counts: Counts
) -> Callable[[Transaction, int], Effect[Counts]]:
    """Keep the counts of a write that turned out empty, whose transaction is rolled back."""

    def run(transaction: Transaction, seq: int) -> Effect[Counts]:
        effect = work(transaction, seq)
        if effect.result.touched == 0:
            counts.unchanged = effect.result.unchanged
            raise RollbackRequest
        return effect

    return run


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
    if not transaction.run(statements.KNOWN_SOURCE, {"id": source.id}):
        named = {"id": source.id, "kind": source.kind, "dataset": source.dataset, "precedence": source.precedence}
        transaction.run(statements.MERGE_SOURCE, named)
    by_type: dict[str, list[NodeChange]] = defaultdict(list)
    for change in nodes:
        by_type[change.type.label].append(change)
    for changes in by_type.values():
        _write_nodes(write, changes, adding=adding)
    groups: dict[tuple[str, str, str], list[RelationshipChange]] = defaultdict(list)
    for relationship in relationships:
        claim = relationship.claim
        groups[claim.type.name, claim.start[0], claim.end[0]].append(relationship)
    for (name, start, end), rows in groups.items():
        _write_relationships(
            write, RELATIONSHIP_BY_NAME[name], NODE_BY_LABEL[start], NODE_BY_LABEL[end], rows, adding=adding
        )
    for label, keys in write.touched.items():
        stale = sorted(key for key in keys if (label, key) not in write.written)
        if stale:
            transaction.run(statements.touch_node(NODE_BY_LABEL[label]), {"keys": stale, "seq": seq})
    packed = b""
    if images and write.counts.touched:
        packed = pack_images(write.images)
        batch = {"id": f"{seq}", "seq": seq, "run": run, "source": source.id, "elements": len(write.images)}
        transaction.run(_BATCH, {"batch": {**batch, "images": packed}})
        if progress:
            transaction.run(_PROGRESS, {"run": run, "progress": dict(progress)})
    return Effect(write.counts, packed)


_PROGRESS: Final = """
MATCH (r:Run {id: $run})
SET r += $progress
"""


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


__all__ = ["LOCAL", "MOST_ELEMENTS", "Counts", "NodeChange", "RelationshipChange", "SourceRef", "apply_changes",
           "read_states", "upsert"]  # fmt: skip
