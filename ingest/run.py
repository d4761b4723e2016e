"""run(): fetch → transform → resolve → merge → sweep, with progress, counts, rejects, resume and dry run."""

from __future__ import annotations

import secrets
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import nullcontext
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from graph.audit import Effect
from graph.claims import NodeClaim, RelationshipClaim
from graph.collecting import fewer_collections
from graph.database import Transaction
from graph.errors import ConflictError, InputError
from graph.jobs import exclusive
from graph.merge import MOST_ELEMENTS, Counts, SourceRef, upsert
from graph.statements import KNOWN_SOURCE
from graph.store import Store
from graph.sweep import sweep
from ingest.hierarchy import Hierarchy
from ingest.ledger import Ledger
from ingest.readers import Record, Unreadable, file_digest
from ingest.report import MOST_LISTED, RejectsFile, RunReport
from ingest.resolve import Resolved, Resolver
from ingest.source import HIDDEN, Draft, Link, Reject, RejectedRecordError, Source

# Records whose people and works are looked up in the graph at once; a write takes as many of them as fit into 2,000.
_CHUNK: Final = 1200
_WAITING: Final = 3  # writes that wait for the one under way
_LONGEST_DATASET: Final = 100

_START: Final = """
MERGE (r:Run {id: $id})
SET r += $run
"""
# A run of which a batch was undone starts again: what its cursor says is no longer in the graph.
_UNFINISHED: Final = """
MATCH (r:Run {digest: $digest})
WHERE r.status = 'running' AND r.source = $source
OPTIONAL MATCH (b:Batch {run: r.id})
WHERE b.undone_by IS NOT NULL
WITH r, count(b) AS undone
RETURN r.id AS id, r.cursor AS cursor, r.started_at AS started_at, undone
ORDER BY started_at DESC
LIMIT 1
"""
_REJECTED: Final = """
UNWIND $rows AS row
CREATE (x:Rejected)
SET x = row
"""

Progress = Callable[[int, str], None]


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
) -> RunReport:
    """Bring a file's facts into the graph; one ingest at a time in a store, others wait.

    `progress(records, phase)` is called as work goes on.
    A run that was interrupted goes on where its last write ended when the same file comes with the same mapping.
    `complete` (default: what the mapping says) takes away, after a complete run, what this source no longer says; more
    than a tenth of it, or after records were rejected, only with `confirm_sweep`. `dry_run` writes nothing to the
    graph. Raises `InputError` when the file cannot be read to its end (what was written until then stays and is
    resumed), `StoreUnavailableError`, `ConflictError`.
    """
    digest = run_digest(path, source)
    whole = source.complete if complete is None else complete
    with fewer_collections(), nullcontext() if dry_run else exclusive(store, "ingest", actor=actor):
        work = _Run(store, source, path, digest, actor=actor, dry_run=dry_run)
        work.progress = progress or work.progress
        return work.go(complete=whole, confirm_sweep=confirm_sweep)


def run_digest(path: Path, source: Source) -> str:
    """Which reading of which file is this?  The same bytes understood in the same way give the same digest."""
    return sha256(f"{file_digest(path)} {source.fingerprint()}".encode()).hexdigest()


def dataset_of(source: Source, path: Path) -> str:
    """Which dataset is this?  The source's own, or the name of the file without its endings."""
    name = source.dataset or path.name.strip(".").partition(".")[0] or "file"
    return name.encode("utf-8", "replace").decode()[:_LONGEST_DATASET]


class _Run:
    def __init__(self, store: Store, source: Source, path: Path, digest: str, *, actor: str, dry_run: bool) -> None:
        self.store, self.source, self.path, self.digest = store, source, path, digest
        self.actor, self.dry_run = actor, dry_run
        self.progress: Progress = lambda _records, _phase: None
        self.ref = SourceRef(source.kind, dataset_of(source, path), source.precedence)
        self.resolver = Resolver(store, self.ref.id, source.makes)
        self.hierarchy = Hierarchy(store.database)
        self.ledger = Ledger()
        name = path.name.encode("utf-8", "replace").decode()
        self.report = RunReport("", self.ref.id, source.mapping, name, dry_run=dry_run)
        self.nodes: list[NodeClaim] = []
        self.relationships: list[RelationshipClaim] = []
        self.pending: list[tuple[Draft, Link, dict[int, str]]] = []
        self.row_keys: dict[bytes, tuple[int, int]] = {}
        # One write is under way while the next records are understood; the engine is another process.
        self.writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="zhiku-write")
        self.writing: deque[Future[Counts]] = deque()
        self.failed = False
        self.buffered = 0

    def go(self, *, complete: bool, confirm_sweep: bool) -> RunReport:
        began = time.monotonic()
        self._start()
        self.rejects_file = RejectsFile(self.store.folder / "rejects" / f"{self.report.run}.csv")
        try:
            self._take_all()
            if complete and not self.dry_run:
                self._sweep(confirm=confirm_sweep)
        finally:
            self.writer.shutdown(wait=True)
            self.report.rejects_file = self.rejects_file.close()
        self.report.seconds = time.monotonic() - began
        self._finish()
        return self.report

    def _take_all(self) -> None:
        chunk: list[Draft] = []
        for draft in self._drafts():
            chunk.append(draft)
            if len(chunk) >= _CHUNK:
                self._take(chunk)
                chunk = []
        self._take(chunk)
        self._flush()
        self._settle()
        self._finish_pending()

    def _sweep(self, *, confirm: bool) -> None:
        if self.report.rejected_records and not confirm:
            raise ConflictError(
                f"{self.report.file} 有 {self.report.rejected_records} 条记录被拒收，不知道哪些已不在全量中，未收回",
                hint="改正被拒收的记录后再导入，或确认后加上确认选项再运行",
            )
        self.progress(self.report.read, "sweep")
        swept = sweep(
            self.store,
            self.ref,
            self.report.run,
            said_nodes=self.ledger.nodes(),
            said_relationships=self.ledger.relationships(),
            actor=self.actor,
            confirm=confirm,
        )
        self.report.removed += swept.removed

    # --- reading ------------------------------------------------------------------------------------------------------

    def _drafts(self) -> Iterator[Draft]:
        for item in self.source.fetch(self.path):
            self.report.read += 1
            if self.report.read % 200 == 0:
                self.progress(self.report.read, "read")
            if isinstance(item, Unreadable):
                self._reject(Reject(item.file, item.sheet, item.row, item.column, item.value, item.reason, whole=True))
                continue
            try:
                draft = self.source.transform(item)
            except RejectedRecordError as error:
                self._reject_record(item, error.column, error.value, error.reason)
                continue
            except InputError as error:
                self._reject_record(item, "", "", error.message)
                continue
            mark = sha256(draft.row_key.encode("utf-8", "surrogatepass")).digest()[:16]
            earlier, times = self.row_keys.get(mark, (self.report.read, 0))
            self.row_keys[mark] = (earlier, times + 1)
            if times and self.source.unique:
                shown = HIDDEN if draft.hidden else draft.row_key[:60]
                self._reject_record(item, "", shown, f"与本文件第 {earlier} 条记录的键重复")
                continue
            if times:
                # Two rows of one key are two mentions: one id for both would give the first row's person to the second.
                draft.row_key = f"{draft.row_key}#{times + 1}"
            draft.number = self.report.read
            yield draft

    def _reject_record(self, record: Record, column: str, value: str, reason: str) -> None:
        self._reject(Reject(record.file, record.sheet, record.row, column, value, reason, whole=True))

    def _reject(self, reject: Reject) -> None:
        if reject.whole:
            self.report.rejected_records += 1
        else:
            self.report.rejected_values += 1
        if len(self.report.rejects) < MOST_LISTED:
            self.report.rejects.append(reject)
        self.rejects_file.write(reject, "整条" if reject.whole else "该值")

    def _reject_values(self, draft: Draft) -> None:
        for reject in draft.rejects:
            self._reject(reject)
        draft.rejects.clear()

    # --- writing ------------------------------------------------------------------------------------------------------

    def _take(self, drafts: list[Draft]) -> None:
        if not drafts:
            return
        # What the graph is asked must hold all that was said before.
        self._settle()
        self.resolver.prepare(drafts)
        for draft in drafts:
            self._buffer(self.resolver.resolve(draft), draft)
            self._reject_values(draft)

    def _buffer(self, resolved: Resolved, draft: Draft) -> None:
        nodes: list[NodeClaim] = []
        for claim in resolved.nodes:
            fresh, conflicts = self.ledger.node(claim)
            if fresh is not None:
                nodes.append(fresh)
            for name in conflicts:
                self._note_conflict(claim, name, draft)
        relationships = [r for r in resolved.relationships if self._allowed(r, draft) and self.ledger.relationship(r)]
        self.pending.extend(resolved.pending)
        # The cursor and what stands before it were written in one transaction: a resumed run need not say it again.
        if draft.number <= self.report.resumed_at:
            return
        if len(self.nodes) + len(self.relationships) + len(nodes) + len(relationships) > MOST_ELEMENTS:
            self._flush()
        self.nodes.extend(nodes)
        self.relationships.extend(relationships)
        self.buffered = draft.number

    def _note_conflict(self, claim: NodeClaim, name: str, draft: Draft) -> None:
        self.report.conflicts += 1
        prop = claim.type.by_name[name]
        shown = HIDDEN if prop.restricted else str(claim.properties[name])[:60]
        record = draft.record
        reason = f"本文件前面的记录对同一{claim.type.zh}给出了不同的{prop.zh}，以先出现的为准"
        self.rejects_file.write(Reject(record.file, record.sheet, record.row, prop.zh, shown, reason), "与前文不同")

    def _allowed(self, claim: RelationshipClaim, draft: Draft) -> bool:
        circle = self.hierarchy.closes_circle(claim)
        if circle:
            draft.reject("", "", f"“{claim.type.zh}”关系成环（{circle}），未写入")
        return not circle

    def _finish_pending(self) -> None:
        """Write the links that waited for their other end; a resumed run says all of them again."""
        self.buffered = self.report.read
        for draft, link, ids in self.pending:
            claim = self.resolver.retry(draft, link, ids)
            if claim is not None and self._allowed(claim, draft) and self.ledger.relationship(claim):
                self.relationships.append(claim)
            self._reject_values(draft)
        self._flush()
        self._settle()

    def _flush(self) -> None:
        """Hand what is buffered to the writer, who writes in this order."""
        nodes, relationships, self.nodes, self.relationships = self.nodes, self.relationships, [], []
        if self.dry_run or not (nodes or relationships):
            return
        self._settle(_WAITING)
        self.writing.append(self.writer.submit(self._write_next, nodes, relationships, self.buffered))

    def _write_next(self, nodes: list[NodeClaim], relationships: list[RelationshipClaim], cursor: int) -> Counts:
        if self.failed:  # its cursor would step over what the failed write did not write
            raise CancelledError
        try:
            return self._write(nodes, relationships, cursor)
        except BaseException:
            self.failed = True
            raise

    def _write(self, nodes: list[NodeClaim], relationships: list[RelationshipClaim], cursor: int) -> Counts:
        """One transaction as a rule, several when one record alone says more than fits; the last has the cursor."""
        counts = Counts()
        parts = list(_parts(nodes, relationships))
        for number, (part_nodes, part_relationships) in enumerate(parts, 1):
            counts.add(
                upsert(
                    self.store.audit,
                    self.ref,
                    part_nodes,
                    part_relationships,
                    run=self.report.run,
                    actor=self.actor,
                    progress={"cursor": cursor} if number == len(parts) else None,
                    first=self.resolver.first,
                )
            )
        return counts

    def _settle(self, waiting: int = 0) -> None:
        """Wait until at most so many writes wait or are under way, and count the others; raises what they raised."""
        while len(self.writing) > waiting:
            self.report.add(self.writing.popleft().result())
            self.progress(self.report.read, "write")

    # --- the Run's own record -----------------------------------------------------------------------------------------

    def _start(self) -> None:
        self.report.run = f"R{datetime.now(UTC):%Y%m%d}-{secrets.token_hex(4)}"
        if self.dry_run:
            return
        rows = self.store.database.records("unfinished_run", _UNFINISHED, digest=self.digest, source=self.ref.id)
        started: dict[str, Any] = {}
        if rows:
            self.report.run = str(rows[0]["id"])
            self.report.resumed_at = 0 if rows[0]["undone"] else int(rows[0]["cursor"] or 0)
        else:
            self.resolver.first = not self.store.database.records("known_source", KNOWN_SOURCE, id=self.ref.id)
            started = {
                "source": self.ref.id,
                "file": self.report.file,
                "mapping": self.source.mapping,
                "digest": self.digest,
                "started_at": _now(),
            }
        self._record(
            "ingest_start",
            {**started, "status": "running", "actor": self.actor, "cursor": self.report.resumed_at},
        )

    def _finish(self) -> None:
        if self.dry_run:
            return
        report = self.report
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
            report.rejects,
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


def _parts(
    nodes: list[NodeClaim], relationships: list[RelationshipClaim]
) -> Iterator[tuple[list[NodeClaim], list[RelationshipClaim]]]:
    """Cut into writes of at most 2,000; nodes go first, so that no relationship misses an end."""
    if len(nodes) + len(relationships) <= MOST_ELEMENTS:
        yield nodes, relationships
        return
    for first in range(0, len(nodes), MOST_ELEMENTS):
        yield nodes[first : first + MOST_ELEMENTS], []
    for first in range(0, len(relationships), MOST_ELEMENTS):
        yield [], relationships[first : first + MOST_ELEMENTS]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


__all__ = ["Progress", "RunReport", "dataset_of", "run", "run_digest"]
