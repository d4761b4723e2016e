"""run(): fetch → transform → resolve → merge → sweep, with progress, counts, rejects, resume and dry run."""

from __future__ import annotations

import csv
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from graph.audit import Effect
from graph.claims import NodeClaim, RelationshipClaim
from graph.database import Transaction
from graph.errors import InputError
from graph.jobs import exclusive
from graph.merge import MOST_ELEMENTS, Counts, SourceRef, upsert
from graph.store import Store
from graph.sweep import sweep
from ingest.hierarchy import Hierarchy
from ingest.readers import Record, Unreadable, file_digest
from ingest.resolve import Resolved, Resolver
from ingest.source import Draft, Link, Reject, RejectedRecordError, Source

# Records whose people and works are looked up in the graph at once; a write takes as many of them as fit into 2,000.
_CHUNK: Final = 400
# Beyond this many rejects the report keeps counting but no longer lists: the file is of another kind altogether.
_MOST_REJECTS: Final = 100_000

_START: Final = """
MERGE (r:Run {id: $id})
SET r += $run
"""
_UNFINISHED: Final = """
MATCH (r:Run {digest: $digest})
WHERE r.status = 'running' AND r.source = $source
RETURN r.id AS id, r.cursor AS cursor
ORDER BY r.started_at DESC
LIMIT 1
"""
_REJECTED: Final = """
UNWIND $rows AS row
CREATE (x:Rejected)
SET x = row
"""

Progress = Callable[[int, str], None]


@dataclass(slots=True)
class RunReport:
    """What an ingest did: records read, claims written, what was rejected and where the list lies.

    `written` counts claims and relationships created or changed; 0 on a second run of the same file.
    """

    run: str
    source: str
    read: int = 0
    created: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    rejected_records: int = 0
    rejected_values: int = 0
    conflicts: int = 0
    resumed_at: int = 0
    seconds: float = 0.0
    dry_run: bool = False
    rejects: list[Reject] = field(default_factory=list[Reject])
    rejects_file: Path | None = None

    @property
    def written(self) -> int:
        """Claims and relationships that are different now."""
        return self.created + self.changed + self.removed

    def reject(self, reject: Reject) -> None:
        """Count and list a reject."""
        if reject.whole:
            self.rejected_records += 1
        else:
            self.rejected_values += 1
        if len(self.rejects) < _MOST_REJECTS:
            self.rejects.append(reject)

    def add(self, counts: Counts) -> None:
        """Count a write."""
        self.created += counts.created
        self.changed += counts.changed
        self.removed += counts.removed
        self.unchanged += counts.unchanged


def run(
    store: Store,
    source: Source,
    path: Path,
    *,
    actor: str,
    dry_run: bool = False,
    complete: bool | None = None,
    confirm_sweep: bool = False,
    progress: Progress | None = None,
    after_batch: Callable[[], object] | None = None,
) -> RunReport:
    """Bring a file's facts into the graph; one ingest at a time in a store, others wait.

    `progress(records, phase)` is called as work goes on, `after_batch` after every write (the text index follows).
    A run that was interrupted goes on where its last write ended when the same file comes with the same mapping.
    `complete` (default: what the mapping says) takes away, after a complete run, what this source no longer says; more
    than a tenth of it only with `confirm_sweep`. Raises `InputError` when the file cannot be read to its end (what was
    written until then stays and is resumed), `StoreUnavailableError`, `ConflictError`.
    """
    digest = sha256(f"{file_digest(path)} {source.fingerprint()}".encode()).hexdigest()
    whole = source.complete if complete is None else complete
    with exclusive(store, "ingest", actor=actor):
        return _Run(store, source, path, digest, actor=actor, dry_run=dry_run, progress=progress, after_batch=after_batch).go(
            whole, confirm_sweep
        )


class _Run:
    def __init__(
        self,
        store: Store,
        source: Source,
        path: Path,
        digest: str,
        *,
        actor: str,
        dry_run: bool,
        progress: Progress | None,
        after_batch: Callable[[], object] | None,
    ) -> None:
        self.store, self.source, self.path, self.digest, self.actor = store, source, path, digest, actor
        self.dry_run = dry_run
        self.progress = progress or (lambda _n, _phase: None)
        self.after_batch = after_batch or (lambda: None)
        self.ref = SourceRef(source.kind, source.dataset or path.stem.partition(".")[0], source.precedence)
        self.resolver = Resolver(store, self.ref.id)
        self.hierarchy = Hierarchy(store.database)
        self.ledger = _Ledger()
        self.report = RunReport("", self.ref.id, dry_run=dry_run)
        self.nodes: list[NodeClaim] = []
        self.relationships: list[RelationshipClaim] = []
        self.pending: list[tuple[Draft, Link, dict[int, str]]] = []
        self.row_keys: dict[str, list[int]] = {}
        self.buffered = 0

    def go(self, complete: bool, confirm_sweep: bool) -> RunReport:
        began = time.monotonic()
        self._start()
        chunk: list[Draft] = []
        for draft in self._drafts():
            chunk.append(draft)
            if len(chunk) >= _CHUNK:
                self._take(chunk)
                chunk = []
        self._take(chunk)
        self._finish_pending()
        self._flush()
        if complete and not self.dry_run:
            self.progress(self.report.read, "sweep")
            swept = sweep(
                self.store,
                self.ref,
                self.report.run,
                said_nodes=self.ledger.node_keys(),
                said_relationships=self.ledger.relationship_keys(),
                actor=self.actor,
                confirm=confirm_sweep,
            )
            self.report.removed += swept.removed
            self.after_batch()
        self.report.seconds = time.monotonic() - began
        self._finish()
        return self.report

    # --- reading ------------------------------------------------------------------------------------------------------

    def _drafts(self) -> Iterator[Draft]:
        for item in self.source.fetch(self.path):
            self.report.read += 1
            if isinstance(item, Unreadable):
                self.report.reject(
                    Reject(item.file, item.sheet, item.row, item.column, item.value, item.reason, whole=True)
                )
                continue
            try:
                draft = self.source.transform(item)
            except RejectedRecordError as error:
                self._reject_record(item, error.column, error.value, str(error))
                continue
            times = self.row_keys.setdefault(draft.row_key, [item.row, 0])
            times[1] += 1
            if times[1] > 1 and self.source.unique:
                self._reject_record(item, "", draft.row_key, f"与第 {times[0]} 行的键重复")
                continue
            if times[1] > 1:
                # Two rows of one key are two mentions: one id for both would give the first row's person to the second.
                draft.row_key = f"{draft.row_key}#{times[1]}"
            if self.report.read % 200 == 0:
                self.progress(self.report.read, "read")
            yield draft

    def _reject_record(self, record: Record, column: str, value: str, reason: str) -> None:
        self.report.reject(Reject(record.file, record.sheet, record.row, column, value, reason, whole=True))

    # --- writing ------------------------------------------------------------------------------------------------------

    def _take(self, drafts: list[Draft]) -> None:
        if not drafts:
            return
        self.resolver.prepare(drafts)
        for draft in drafts:
            resolved = self.resolver.resolve(draft)
            self._buffer(resolved, draft)
            for reject in draft.rejects:
                self.report.reject(reject)
            draft.rejects.clear()

    def _buffer(self, resolved: Resolved, draft: Draft) -> None:
        kept = [claim for r in resolved.relationships if (claim := self._allowed(r, draft)) is not None]
        nodes, conflicts = self.ledger.nodes(resolved.nodes)
        relationships = self.ledger.relationships(kept)
        self.report.conflicts += conflicts
        if self.nodes and len(self.nodes) + len(self.relationships) + len(nodes) + len(relationships) > MOST_ELEMENTS:
            self._flush()
        self.nodes.extend(nodes)
        self.relationships.extend(relationships)
        self.pending.extend(resolved.pending)
        self.buffered = self.report.read

    def _allowed(self, claim: RelationshipClaim, draft: Draft) -> RelationshipClaim | None:
        circle = self.hierarchy.closes_circle(claim)
        if circle:
            draft.reject("", "", f"“{claim.type.zh}”关系成环（{circle}），未写入")
            return None
        return claim

    def _finish_pending(self) -> None:
        for draft, link, ids in self.pending:
            claim = self.resolver.retry(draft, link, ids)
            if claim is not None and (kept := self._allowed(claim, draft)) is not None:
                self.relationships.extend(self.ledger.relationships([kept]))
            for reject in draft.rejects:
                self.report.reject(reject)
            draft.rejects.clear()

    def _flush(self) -> None:
        """Write what is buffered: one transaction as a rule, several when one record alone says more than fits."""
        nodes, relationships, self.nodes, self.relationships = self.nodes, self.relationships, [], []
        if self.dry_run or not (nodes or relationships):
            return
        # A resumed run has these in the graph already: the cursor was written in the same transaction.
        if self.buffered <= self.report.resumed_at:
            return
        for part_nodes, part_relationships in _parts(nodes, relationships):
            last = part_relationships is None or (relationships[-1:] == part_relationships[-1:])
            counts = upsert(
                self.store.audit,
                self.ref,
                part_nodes,
                part_relationships or [],
                run=self.report.run,
                actor=self.actor,
                progress={"cursor": self.buffered} if last else None,
            )
            self.report.add(counts)
        self.progress(self.report.read, "write")
        self.after_batch()

    # --- the Run's own record -----------------------------------------------------------------------------------------

    def _start(self) -> None:
        self.report.run = f"R{datetime.now(UTC):%Y%m%d}-{secrets.token_hex(4)}"
        if self.dry_run:
            return
        rows = self.store.database.records("unfinished_run", _UNFINISHED, digest=self.digest, source=self.ref.id)
        if rows:
            self.report.run, self.report.resumed_at = str(rows[0]["id"]), int(rows[0]["cursor"] or 0)
        self._record(
            "ingest_start",
            {
                "source": self.ref.id,
                "file": self.path.name,
                "digest": self.digest,
                "status": "running",
                "actor": self.actor,
                "started_at": _now(),
                "cursor": self.report.resumed_at,
            },
        )

    def _finish(self) -> None:
        report = self.report
        if report.rejects:
            report.rejects_file = write_rejects(self.store.folder / "rejects" / f"{report.run}.csv", report.rejects)
        if self.dry_run:
            return
        self._record(
            "ingest_finish",
            {
                "status": "complete",
                "finished_at": _now(),
                "read": report.read,
                "created": report.created,
                "changed": report.changed,
                "unchanged": report.unchanged,
                "rejected": report.rejected_records + report.rejected_values,
                "cursor": report.read,
            },
            report.rejects[:1000],
        )

    def _record(self, action: str, properties: dict[str, Any], rejects: list[Reject] | None = None) -> None:
        run_id = self.report.run
        rows = [
            {
                "id": f"{run_id}/{number}",
                "run": run_id,
                "file": r.file,
                "sheet": r.sheet,
                "row": r.row,
                "column": r.column,
                "value": r.value,
                "reason": r.reason,
            }
            for number, r in enumerate(rejects or [])
        ]

        def work(transaction: Transaction, _number: int) -> Effect[None]:
            transaction.run(_START, {"id": run_id, "run": properties})
            if rows:
                transaction.run(_REJECTED, {"rows": rows})
            return Effect(None)

        self.store.audit.write(actor=self.actor, action=action, subject=run_id, work=work)


class _Ledger:
    """What a run has said so far: the first row to say a property in a run decides, later rows only add.

    Otherwise a file that says two things of one person would flip between them at every import.
    """

    def __init__(self) -> None:
        self._nodes: dict[tuple[str, str], dict[str, int]] = {}
        self._relationships: set[tuple[str, ...]] = set()

    def nodes(self, claims: list[NodeClaim]) -> tuple[list[NodeClaim], int]:
        """Return what is new in these claims, and how many values contradict what was said before."""
        fresh: list[NodeClaim] = []
        conflicts = 0
        for claim in claims:
            said = self._nodes.get((claim.type.label, claim.key))
            if said is None:
                self._nodes[claim.type.label, claim.key] = {n: hash(str(v)) for n, v in claim.properties.items()}
                fresh.append(claim)
                continue
            new = {name: value for name, value in claim.properties.items() if name not in said}
            conflicts += sum(1 for n, v in claim.properties.items() if n in said and said[n] != hash(str(v)))
            if new or claim.labels:
                said.update({name: hash(str(value)) for name, value in new.items()})
                fresh.append(NodeClaim(claim.type, claim.key, new, claim.labels))
        return fresh, conflicts

    def relationships(self, claims: list[RelationshipClaim]) -> list[RelationshipClaim]:
        """Return the relationships not said yet in this run."""
        fresh: list[RelationshipClaim] = []
        for claim in claims:
            if claim.identity not in self._relationships:
                self._relationships.add(claim.identity)
                fresh.append(claim)
        return fresh

    def node_keys(self) -> set[tuple[str, str]]:
        """(label, key) of all nodes this run claimed."""
        return set(self._nodes)

    def relationship_keys(self) -> set[tuple[str, ...]]:
        """Identity of all relationships this run claimed."""
        return self._relationships


def _parts(
    nodes: list[NodeClaim], relationships: list[RelationshipClaim]
) -> Iterator[tuple[list[NodeClaim], list[RelationshipClaim] | None]]:
    """Cut into writes of at most 2,000; nodes go first, so that no relationship misses an end."""
    if len(nodes) + len(relationships) <= MOST_ELEMENTS:
        yield nodes, relationships
        return
    for first in range(0, len(nodes), MOST_ELEMENTS):
        yield nodes[first : first + MOST_ELEMENTS], []
    for first in range(0, len(relationships), MOST_ELEMENTS):
        yield [], relationships[first : first + MOST_ELEMENTS]


def write_rejects(path: Path, rejects: list[Reject]) -> Path:
    """Write a list of rejects that Excel opens as it is; values that Excel would run as formulas get an apostrophe."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8-sig", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(["文件", "工作表", "行", "列", "值", "原因", "范围"])
            for r in rejects:
                scope = "整条" if r.whole else "该值"
                writer.writerow([_inert(c) for c in (r.file, r.sheet, str(r.row), r.column, r.value, r.reason, scope)])
    except OSError as error:
        raise InputError(f"拒收清单写不出去：{path}（{error.strerror}）", hint="腾出磁盘空间；数据已写入") from error
    return path


def _inert(cell: str) -> str:
    return f"'{cell}" if cell[:1] in "=+-@\t\r" and cell else cell


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
