"""Undo: take back what a run or one batch wrote, by the before-images it kept.

Settled "Undo". An element (one source's claim of a node, or one relationship) that no later batch touched gets its
before-image back; otherwise the before-image goes into the next later batch that touched it, in the place of that
one's, and the element stays as it is and is listed: undoing that later batch then leads to where this one began. A
run's batches are undone newest first, each in a transaction with an event of its own, so that a killed undo is simply
called again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import BaseModel

from graph import statements
from graph.audit import Effect
from graph.changes import Counts, NodeChange, RelationshipChange, SourceRef
from graph.claims import (
    RelationshipClaim,
    Said,
    image_identity,
    images_digest,
    pack_images,
    unpack_images,
)
from graph.database import Database, Query, RollbackRequest, Transaction
from graph.errors import ConflictError, NotFoundError
from graph.merge import apply_changes, read_states
from graph.model import NODE_BY_LABEL, RELATIONSHIP_BY_NAME, RELATIONSHIP_SYSTEM
from graph.store import Store

Identity = tuple[str, ...]
Image = list[Any]
# As many kept elements are named in a report; their number is always told.
_MOST_LISTED: Final = 1_000


class RunRow(BaseModel, frozen=True):
    """One ingest as `zhiku batch list` shows it; counts are of claims and relationships, `batches` those not undone."""

    id: str
    source: str | None
    file: str | None
    status: str | None
    actor: str | None
    started_at: str | None
    finished_at: str | None
    created: int | None
    changed: int | None
    unchanged: int | None
    rejected: int | None
    batches: int


class BatchRow(BaseModel, frozen=True):
    """One write transaction; `id` is its audit number as text, `undone_by` the number of the write that undid it."""

    id: str
    seq: int
    run: str
    source: str
    elements: int
    undone_by: int | None


_RUNS: Final = Query(
    "runs",
    """
MATCH (r:Run)
OPTIONAL MATCH (b:Batch {run: r.id})
WHERE b.undone_by IS NULL
WITH r, count(b) AS batches
RETURN r.id AS id, r.source AS source, r.file AS file, r.status AS status, r.actor AS actor,
       r.started_at AS started_at, r.finished_at AS finished_at, r.created AS created, r.changed AS changed,
       r.unchanged AS unchanged, r.rejected AS rejected, batches
ORDER BY started_at DESC, id""",
    RunRow,
)
_BATCHES: Final = Query(
    "batches",
    """
MATCH (b:Batch {run: $run})
RETURN b.id AS id, b.seq AS seq, b.run AS run, b.source AS source, b.elements AS elements, b.undone_by AS undone_by
ORDER BY seq DESC""",
    BatchRow,
)
_BATCH: Final = Query(
    "batch",
    """
MATCH (b:Batch {id: $id})
RETURN b.id AS id, b.seq AS seq, b.run AS run, b.source AS source, b.elements AS elements, b.undone_by AS undone_by""",
    BatchRow,
)
_RUN_STATUS: Final = """
MATCH (r:Run {id: $id})
RETURN r.status AS status
"""
_READ: Final = """
MATCH (b:Batch {id: $id})
OPTIONAL MATCH (s:Source {id: b.source})
RETURN b.seq AS seq, b.source AS source, b.images AS images, b.undone_by AS undone_by, s.kind AS kind,
       s.dataset AS dataset, s.precedence AS precedence
"""
_LATER: Final = """
MATCH (b:Batch)
WHERE b.seq > $seq AND b.source = $source AND b.undone_by IS NULL
RETURN b.id AS id, b.seq AS seq
ORDER BY seq
"""
_IMAGES: Final = """
MATCH (b:Batch {id: $id})
RETURN b.images AS images
"""
_REWRITE: Final = """
MATCH (b:Batch {id: $id})
SET b.images = $images
"""
_UNDONE: Final = """
MATCH (b:Batch {id: $id})
SET b.undone_by = $seq
"""
_FINISH: Final = """
MATCH (r:Run {id: $run})
OPTIONAL MATCH (b:Batch {run: $run})
WHERE b.undone_by IS NULL
WITH r, count(b) AS batches
WHERE batches = 0
SET r.status = 'undone'
"""


@dataclass(frozen=True, slots=True)
class Kept:
    """An element that stays because a later batch touched it: what it is, and that batch's audit number."""

    element: str
    batch: str


@dataclass(slots=True)
class UndoReport:
    """What an undo did: batches undone, claims and relationships given back or taken away, elements that stay."""

    batches: int = 0
    restored: int = 0
    removed: int = 0
    kept: int = 0
    kept_elements: list[Kept] = field(default_factory=list[Kept])

    def add(self, other: UndoReport) -> None:
        """Add another batch's report to this one."""
        self.batches += other.batches
        self.restored += other.restored
        self.removed += other.removed
        self.kept += other.kept
        self.kept_elements.extend(other.kept_elements[: _MOST_LISTED - len(self.kept_elements)])


def runs(database: Database) -> list[RunRow]:
    """Which ingests were there, newest first?"""
    return database.read(_RUNS)


def batches(database: Database, run: str) -> list[BatchRow]:
    """Which batches did a run write, newest first?"""
    return database.read(_BATCHES, run=run)


def undo(
    store: Store, run_or_batch: str, *, actor: str, progress: Callable[[int, int], None] | None = None
) -> UndoReport:
    """Undo a run (by its id) or one batch (by its audit number); `progress(done, total)` counts batches.

    Raises `NotFoundError` when neither is there, `ConflictError` when it is undone already or wrote nothing.
    """
    waiting = _waiting(store.database, run_or_batch)
    report = UndoReport()
    for done, batch in enumerate(waiting):
        if progress:
            progress(done, len(waiting))
        # None: another undo of the same run was faster with this batch; the end is the same.
        if one := _undo_batch(store, batch, actor=actor):
            report.add(one)
    if progress:
        progress(len(waiting), len(waiting))
    return report


def _waiting(database: Database, run_or_batch: str) -> list[BatchRow]:
    """The batches to undo, newest first."""
    if found := database.read(_BATCH, id=run_or_batch):
        if found[0].undone_by is not None:
            raise ConflictError(f"批次 {run_or_batch} 已经撤销（第 {found[0].undone_by} 号写入），没有再次撤销")
        return found
    status = database.records("run_status", _RUN_STATUS, id=run_or_batch)
    all_of_run = batches(database, run_or_batch)
    if not status and not all_of_run:
        raise NotFoundError(f"没有编号为 {run_or_batch} 的导入或批次", hint="用 zhiku batch list 查看编号")
    open_ones = [batch for batch in all_of_run if batch.undone_by is None]
    if not open_ones:
        if all_of_run:
            raise ConflictError(f"导入 {run_or_batch} 已经撤销，没有再次撤销")
        raise ConflictError(f"导入 {run_or_batch} 没有写入任何改动，无可撤销")
    return open_ones


def _undo_batch(store: Store, batch: BatchRow, *, actor: str) -> UndoReport | None:
    def work(transaction: Transaction, seq: int) -> Effect[UndoReport]:
        row = transaction.run(_READ, {"id": batch.id})[0]
        if row["undone_by"] is not None:
            raise RollbackRequest
        source = SourceRef(row["kind"], row["dataset"], int(row["precedence"]))
        images = {image_identity(image): image for image in unpack_images(row["images"])}
        stamps = _current_stamps(transaction, source, images)
        open_ones = {name for name in images if stamps.get(name) != batch.seq}
        found, rewritten = _hand_over(transaction, source, batch.seq, {name: images[name] for name in open_ones})
        counts = _restore(transaction, seq, source, [i for name, i in images.items() if name not in found])
        transaction.run(_UNDONE, {"id": batch.id, "seq": seq})
        transaction.run(_FINISH, {"run": batch.run})
        listed = [Kept(_told(name), later) for name, later in list(found.items())[:_MOST_LISTED]]
        report = UndoReport(1, counts.created + counts.changed, counts.removed, len(found), listed)
        return Effect(report, rewritten=rewritten)

    committed = store.audit.write(actor=actor, action="undo", subject=batch.id, work=work)
    return None if committed is None else committed.result


def _hand_over(
    transaction: Transaction, source: SourceRef, seq: int, images: dict[Identity, Image]
) -> tuple[dict[Identity, str], dict[str, str]]:
    """Put before-images in the place of those of the next later batch that touched the element.

    Returns which batch each was handed to, and the new digest of every batch rewritten. Only batches of the same source
    can have touched them, for a claim and a relationship belong to one source each.
    """
    found: dict[Identity, str] = {}
    rewritten: dict[str, str] = {}
    if not images:
        return found, rewritten
    for later in transaction.run(_LATER, {"seq": seq, "source": source.id}):
        if len(found) == len(images):
            break
        batch = str(later["id"])
        theirs = unpack_images(transaction.run(_IMAGES, {"id": batch})[0]["images"])
        shared = {image_identity(image) for image in theirs} & (images.keys() - found.keys())
        if not shared:
            continue
        packed = pack_images([images[name] if (name := image_identity(i)) in shared else i for i in theirs])
        transaction.run(_REWRITE, {"id": batch, "images": packed})
        rewritten[batch] = images_digest(packed)
        found.update(dict.fromkeys(shared, batch))
    return found, rewritten


def _current_stamps(transaction: Transaction, source: SourceRef, images: Iterable[Identity]) -> dict[Identity, int]:
    """Audit numbers of the writes that last said these elements; absent ones are left out."""
    stamps: dict[Identity, int] = {}
    nodes: dict[str, list[str]] = {}
    relationships: dict[tuple[str, str, str], list[Identity]] = {}
    for name in images:
        if name[0] == "n":
            nodes.setdefault(name[1], []).append(name[2])
        else:
            relationships.setdefault((name[1], name[2], name[4]), []).append(name)
    for label, keys in nodes.items():
        states, _ = read_states(transaction, NODE_BY_LABEL[label], keys)
        for key, state in states.items():
            if claim := state.claims.get(source.id):
                stamps["n", label, key, source.id] = claim.seq
    for (type_name, start, end), names in relationships.items():
        relationship = RELATIONSHIP_BY_NAME[type_name]
        text = statements.find_relationship(relationship, NODE_BY_LABEL[start], NODE_BY_LABEL[end])
        rows = [{"start": name[3], "end": name[5], "key": name[6]} for name in names]
        for row in transaction.run(text, {"rows": rows, "source": source.id}):
            name = ("r", type_name, start, row["start"], end, row["end"], row["key"], source.id)
            stamps[name] = int(row["props"]["seq"])
    return stamps


def _restore(transaction: Transaction, seq: int, source: SourceRef, images: Sequence[Image]) -> Counts:
    nodes: list[NodeChange] = []
    relationships: list[RelationshipChange] = []
    for image in images:
        before = image[-1]
        if image[0] == "n":
            node = NODE_BY_LABEL[image[1]]
            if before is None:
                nodes.append(NodeChange(node, image[2], None))
            else:
                said = Said(before[0], tuple(before[1]))
                nodes.append(NodeChange(node, image[2], said, (before[2], int(before[3]))))
            continue
        relationship = RELATIONSHIP_BY_NAME[image[1]]
        claim = RelationshipClaim(relationship, (image[2], image[3]), (image[4], image[5]), image[6])
        if before is None:
            relationships.append(RelationshipChange(claim, None))
        else:
            own = {name: value for name, value in before.items() if name not in RELATIONSHIP_SYSTEM}
            relationships.append(RelationshipChange(claim, own, (before["run"], int(before["seq"]))))
    effect = apply_changes(
        transaction, seq, source, nodes, relationships, run=f"undo-{seq}", adding=False, images=False
    )
    return effect.result


def _told(name: Identity) -> str:
    """An element in words: keys only, no values."""
    return f"{name[1]} {name[2]}" if name[0] == "n" else f"{name[2]} {name[3]} -{name[1]}→ {name[4]} {name[5]}"


__all__ = ["BatchRow", "Kept", "RunRow", "UndoReport", "batches", "runs", "undo"]
