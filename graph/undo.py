"""Undo: take back what a run or one batch wrote, by the before-images it kept.

Settled "Undo". An element (one source's claim of a node, or one relationship) that no later batch touched gets its
before-image back; otherwise the before-image goes into the next later batch that touched it, in the place of that
one's, and the element stays as it is and is listed: undoing that later batch then leads to where this one began. A
run's batches are undone newest first, each in a transaction with an event of its own, so that a killed undo is simply
called again.

What joined or separated people (source `identity:people`) holds images of several sources. It is undone person by
person in the opposite order only: of two such batches on one person the later one first, else a mention would stand at
two people. Where an import changed a mention that a join had moved, undoing the join leads the mention, as it is now,
back to its person, and the import's before-image with it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from pydantic import BaseModel

from graph.audit import Effect
from graph.batches import apply_changes_of_sources, read_sources
from graph.changes import IDENTITY, Counts, NodeChange, RelationshipChange, SourceChanges, SourceRef
from graph.claims import Identity, Image, RelationshipClaim, Said, image_identity, name_source, people_of, unpack_images
from graph.database import Database, Query, RollbackRequest, Transaction
from graph.decisions import forget_decisions
from graph.errors import ConflictError, NotFoundError
from graph.handover import current_stamps, hand_over, keep_for_stubs, later_batches, led_back, returning
from graph.model import NODE_BY_LABEL, RELATIONSHIP_BY_NAME, RELATIONSHIP_SYSTEM
from graph.store import Store

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
RETURN b.images AS images, b.undone_by AS undone_by
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


def batch_with(database: Database, id_: str) -> BatchRow | None:
    """Which batch has this audit number?  None when there is none."""
    return next(iter(database.read(_BATCH, id=id_)), None)


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
        images = {image_identity(image): image for image in unpack_images(row["images"])}
        if batch.source == IDENTITY.id:
            _check_people_untouched(transaction, batch, images)
        sources = {IDENTITY.id: IDENTITY, **read_sources(transaction, {name_source(name) for name in images})}
        stamps = current_stamps(transaction, images)
        open_ones = {name: image for name, image in images.items() if stamps.get(name) != batch.seq}
        returns = returning(images, open_ones, stamps) if batch.source == IDENTITY.id else {}
        handed = hand_over(transaction, batch.seq, open_ones, returns)
        back = led_back(transaction, images, handed.returned)
        restored = {name: image for name, image in {**images, **back}.items() if name not in handed.kept}
        if batch.source != IDENTITY.id:
            waiting, handed.rewritten = keep_for_stubs(transaction, restored.values(), handed.rewritten)
            handed.kept.update(waiting)
            restored = {name: image for name, image in restored.items() if name not in waiting}
        counts = _restore(transaction, seq, sources, restored.values())
        transaction.run(_UNDONE, {"id": batch.id, "seq": seq})
        transaction.run(_FINISH, {"run": batch.run})
        forget_decisions(transaction, batch.id)
        listed = [Kept(_told(name), later) for name, later in list(handed.kept.items())[:_MOST_LISTED]]
        report = UndoReport(1, counts.created + counts.changed, counts.removed, len(handed.kept), listed)
        return Effect(report, rewritten=handed.rewritten)

    committed = store.audit.write(actor=actor, action="undo", subject=batch.id, work=work)
    return None if committed is None else committed.result


def _check_people_untouched(transaction: Transaction, batch: BatchRow, images: Iterable[Identity]) -> None:
    """Raise `ConflictError` when a later batch joined or separated one of the people of this one."""
    mine = {person for name in images for person in people_of(name)}
    for later, touched in later_batches(transaction, batch.seq, [IDENTITY.id]):
        theirs = (image_identity(image) for image in touched)
        if both := mine & {person for name in theirs for person in people_of(name)}:
            raise ConflictError(
                f"批次 {batch.id} 之后，批次 {later} 又合并或拆分过其中的人（{min(both)}），没有撤销",
                hint=f"先撤销批次 {later}，再撤销批次 {batch.id}",
            )


def _restore(transaction: Transaction, seq: int, sources: dict[str, SourceRef], images: Iterable[Image]) -> Counts:
    nodes: dict[str, list[NodeChange]] = defaultdict(list)
    relationships: dict[str, list[RelationshipChange]] = defaultdict(list)
    for image in images:
        if image[0] == "n":
            nodes[image[3]].append(_node_change(image))
        else:
            relationships[image[7]].append(_relationship_change(image))
    parts = [SourceChanges(sources[id], nodes[id], relationships[id]) for id in sorted({*nodes, *relationships})]
    effect = apply_changes_of_sources(transaction, seq, parts, batch=IDENTITY, run=f"undo-{seq}", images=False)
    return effect.result


def _node_change(image: Image) -> NodeChange:
    node, before = NODE_BY_LABEL[image[1]], image[-1]
    if before is None:
        return NodeChange(node, image[2], None)
    return NodeChange(node, image[2], Said(before[0], tuple(before[1])), (before[2], int(before[3])))


def _relationship_change(image: Image) -> RelationshipChange:
    before = image[-1]
    claim = RelationshipClaim(RELATIONSHIP_BY_NAME[image[1]], (image[2], image[3]), (image[4], image[5]), image[6])
    if before is None:
        return RelationshipChange(claim, None)
    own = {name: value for name, value in before.items() if name not in RELATIONSHIP_SYSTEM}
    return RelationshipChange(claim, own, (before["run"], int(before["seq"])))


def _told(name: Identity) -> str:
    """An element in words: keys only, no values."""
    return f"{name[1]} {name[2]}" if name[0] == "n" else f"{name[2]} {name[3]} -{name[1]}→ {name[4]} {name[5]}"


__all__ = ["BatchRow", "Kept", "RunRow", "UndoReport", "batch_with", "batches", "runs", "undo"]
