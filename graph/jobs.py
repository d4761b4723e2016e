"""Long work: a Job node claimed by a lease, with progress, cancel and a place to resume at.

The service's worker thread and the command line run the same code. A holder renews its lease while it lives; who finds
a lease run out, or held by a process of this machine that is gone, takes the job over and goes on at its cursor.

Asking for, claiming, cancelling and ending a job are audited, for they say who did what. Heartbeats (progress, renewal)
are not: they come every few seconds, carry no fact, and would bury the chain; they are transactions of their own that
touch nothing but the Job, and only while its lease is theirs.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Collection, Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, LiteralString

import psutil
from pydantic import BaseModel

from graph.audit import Effect
from graph.database import Database, Query, RollbackRequest, Transaction
from graph.errors import ConflictError, InputError, NotFoundError, ZhikuError
from graph.store import Store

# A killed holder of another machine is waited for as long; clocks of machines that share a store may differ by less.
LEASE_S: Final = 60.0
_RENEWALS_PER_LEASE: Final = 4
_POLL_S: Final = 0.5


class JobRow(BaseModel, frozen=True):
    """One job as the service shows it; `parameters` and `result` are JSON objects as text."""

    id: str
    kind: str
    status: str
    parameters: str | None
    actor: str | None
    holder: str | None
    expires_at: str | None
    done: int | None
    total: int | None
    cursor: str | None
    cancel_requested: bool | None
    result: str | None
    error: str | None
    created_at: str | None


_FIELDS: Final[LiteralString] = """
RETURN j.id AS id, j.kind AS kind, j.status AS status, j.parameters AS parameters, j.actor AS actor,
       j.holder AS holder, j.expires_at AS expires_at, j.done AS done, j.total AS total, j.cursor AS cursor,
       j.cancel_requested AS cancel_requested, j.result AS result, j.error AS error, j.created_at AS created_at
"""
_ONE: Final = Query("job", "\nMATCH (j:Job {id: $id})" + _FIELDS, JobRow)
_ALL: Final = Query("jobs", "\nMATCH (j:Job)" + _FIELDS + "ORDER BY created_at DESC, id\nLIMIT $limit\n", JobRow)
_OPEN: Final = Query(
    "open_jobs",
    "\nMATCH (j:Job)\nWHERE j.status IN ['queued', 'running'] AND j.kind IN $kinds"
    + _FIELDS
    + "ORDER BY created_at, id\n",
    JobRow,
)
_CREATE: Final = """
CREATE (j:Job)
SET j = $job
"""
_TAKE: Final = """
MERGE (j:Job {id: $id})
SET j += $taken
"""
_UPDATE: Final = """
MATCH (j:Job {id: $id})
WHERE j.holder = $holder AND j.status = 'running'
SET j += $changed
RETURN j.cancel_requested AS cancel_requested
"""
_CANCEL: Final = """
MATCH (j:Job {id: $id})
WHERE j.status IN ['queued', 'running']
SET j.cancel_requested = true, j.status = CASE j.status WHEN 'queued' THEN 'cancelled' ELSE j.status END
RETURN j.status AS status
"""


class CancelledError(ZhikuError):
    """Somebody asked for the job to be stopped; what it has written so far stands."""


class LeaseLostError(ConflictError):
    """Another process holds the job now: this one must stop at once."""


Work = Callable[["Lease", Mapping[str, Any]], Mapping[str, Any]]
"""What a kind of job does: lease and parameters in, result out (both JSON objects)."""

_KINDS: Final[dict[str, Work]] = {}


def register(kind: str, work: Work) -> None:
    """Make a kind of job known; each package registers its own. Raises `ValueError` for a second one of that name."""
    if _KINDS.setdefault(kind, work) is not work:
        raise ValueError(f"job kind registered twice: {kind}")


def kinds() -> tuple[str, ...]:
    """Which kinds of job can be run here?"""
    return tuple(sorted(_KINDS))


@cache
def _machine() -> str:
    """This boot of this machine, and its process ids: what makes a pid mean something."""
    parts = [socket.gethostname()]
    for place in ("/proc/sys/kernel/random/boot_id", "/proc/self/ns/pid"):
        path = Path(place)
        if path.is_symlink():
            parts.append(os.readlink(path))
        elif path.exists():
            parts.append(path.read_text(encoding="ascii").strip())
    return sha256("|".join(parts).encode()).hexdigest()[:16]


def new_holder() -> str:
    """Return a name for a holder in this process: machine, pid, its start time, and something random."""
    started = psutil.Process().create_time()
    return f"{_machine()}:{os.getpid()}:{started:.2f}:{secrets.token_hex(4)}"


def _gone(holder: str) -> bool:
    """Is this the name of a process of this machine that has ended?  False for every other machine's."""
    machine, pid, started, _ = (*holder.split(":"), "", "", "", "")[:4]
    if machine != _machine() or not pid.isdigit():
        return False
    try:
        process = psutil.Process(int(pid))
        return process.status() == psutil.STATUS_ZOMBIE or abs(process.create_time() - float(started)) > 1
    except (psutil.NoSuchProcess, ValueError):
        return True
    except psutil.AccessDenied:
        return False


def _free(job: JobRow | None) -> bool:
    """May this job be claimed now?"""
    if job is None or job.status != "running" or not job.holder:
        return True
    return (job.expires_at or "") < _moment() or _gone(job.holder)


def _moment(after_s: float = 0.0) -> str:
    return (datetime.now(UTC) + timedelta(seconds=after_s)).isoformat(timespec="milliseconds")


@dataclass(slots=True)
class Lease:
    """The right to work on a job; `cursor` is where an earlier holder got to."""

    store: Store
    id: str
    kind: str
    holder: str
    actor: str
    cursor: str = ""
    seconds: float = LEASE_S

    def progress(self, done: int, total: int | None = None, cursor: str | None = None) -> None:
        """Say how far the work is and renew the lease; not audited.

        Raises `CancelledError` when somebody asked for that, `LeaseLostError` when another process took over.
        """
        changed: dict[str, object] = {"done": done}
        if total is not None:
            changed["total"] = total
        if cursor is not None:
            changed["cursor"] = self.cursor = cursor
        if self._heartbeat(changed):
            raise CancelledError("任务已按请求取消", hint="已写入的部分保留，可用 zhiku batch undo 撤销")

    def renew(self) -> None:
        """Keep the lease without saying anything; raises `LeaseLostError`."""
        self._heartbeat({})

    def finish(self, result: Mapping[str, Any] | None = None) -> None:
        """End the job as done, with its result; raises `LeaseLostError` and changes nothing when it is no longer
        ours."""
        text = json.dumps(dict(result or {}), ensure_ascii=False, sort_keys=True)
        self._end("done", {"result": text, "error": None})

    def fail(self, error: str) -> None:
        """End the job as failed, with a sentence for the person who asked for it."""
        self._end("failed", {"error": error[:2_000]})

    def cancelled(self) -> None:
        """End the job as cancelled."""
        self._end("cancelled", {})

    def _heartbeat(self, changed: Mapping[str, object]) -> bool:
        row = self.store.database.write(
            "job_heartbeat",
            lambda transaction: self._update(transaction, {**changed, "expires_at": _moment(self.seconds)}),
        )
        return bool(row and row["cancel_requested"])

    def _end(self, status: str, changed: Mapping[str, object]) -> None:
        def work(transaction: Transaction, _seq: int) -> Effect[None]:
            self._update(transaction, {**changed, "status": status, "holder": None, "expires_at": None})
            return Effect(None)

        self.store.audit.write(actor=self.actor, action=f"job_{status}", subject=self.id, work=work)

    def _update(self, transaction: Transaction, changed: Mapping[str, object]) -> dict[str, Any]:
        rows = transaction.run(_UPDATE, {"id": self.id, "holder": self.holder, "changed": dict(changed)})
        if not rows:
            raise LeaseLostError(f"任务 {self.id} 已由另一个进程接管", hint="本进程停止处理；结果以接管者为准")
        return rows[0]


def enqueue(store: Store, kind: str, parameters: Mapping[str, Any], *, actor: str) -> str:
    """Ask for a job and return its id; raises `InputError` for an unknown kind."""
    if kind not in _KINDS:
        raise InputError(f"没有名为 {kind} 的任务种类")
    job = {
        "id": f"J{secrets.token_hex(8)}",
        "kind": kind,
        "status": "queued",
        "parameters": json.dumps(dict(parameters), ensure_ascii=False, sort_keys=True),
        "actor": actor,
        "created_at": _moment(),
    }

    def work(transaction: Transaction, _seq: int) -> Effect[None]:
        transaction.run(_CREATE, {"job": job})
        return Effect(None)

    store.audit.write(actor=actor, action="job_queued", subject=job["id"], work=work)
    return job["id"]


def claim(
    store: Store, wanted: Collection[str], *, holder: str | None = None, lease_s: float = LEASE_S
) -> Lease | None:
    """Claim the oldest job of these kinds that nobody works on; None when there is none."""
    for job in store.database.read(_OPEN, kinds=sorted(wanted)):
        if not _free(job):
            continue
        lease = Lease(store, job.id, job.kind, holder or new_holder(), job.actor or "", seconds=lease_s)
        if _take(lease, open_states=("queued", "running")):
            return lease
    return None


def _take(lease: Lease, *, open_states: Collection[str]) -> bool:
    """Claim one job if it is still free: the audit head lets one writer at a time look and take."""

    def work(transaction: Transaction, _seq: int) -> Effect[str]:
        rows = [JobRow(**row) for row in transaction.run(_ONE.text, {"id": lease.id})]
        present = rows[0] if rows else None
        if not _free(present) or (present is not None and present.status not in open_states):
            raise RollbackRequest
        taken = {"kind": lease.kind, "status": "running", "holder": lease.holder, "actor": lease.actor}
        transaction.run(_TAKE, {"id": lease.id, "taken": {**taken, "expires_at": _moment(lease.seconds)}})
        return Effect((present.cursor if present else None) or "")

    committed = lease.store.audit.write(actor=lease.actor, action="job_claimed", subject=lease.id, work=work)
    if committed is None:
        return False
    lease.cursor = committed.result
    return True


def cancel(store: Store, job_id: str, *, actor: str) -> str:
    """Ask for a job to be stopped; return its status (a running one stops at its next progress).

    Raises `NotFoundError`; `ConflictError` when it has ended already.
    """
    found = job(store.database, job_id)

    def work(transaction: Transaction, _seq: int) -> Effect[str]:
        rows = transaction.run(_CANCEL, {"id": job_id})
        if not rows:
            raise ConflictError(f"任务 {job_id} 已经结束（{found.status}），无法取消")
        return Effect(str(rows[0]["status"]))

    committed = store.audit.write(actor=actor, action="job_cancel", subject=job_id, work=work)
    return committed.result if committed else found.status


def job(database: Database, job_id: str) -> JobRow:
    """How is this job?  Raises `NotFoundError`."""
    if rows := database.read(_ONE, id=job_id):
        return rows[0]
    raise NotFoundError(f"没有编号为 {job_id} 的任务")


def jobs(database: Database, *, limit: int = 100) -> list[JobRow]:
    """Which jobs are there, newest first?"""
    return database.read(_ALL, limit=limit)


def work_once(store: Store, *, holder: str | None = None, lease_s: float = LEASE_S) -> str | None:
    """Claim one job of a registered kind and do it here and now; return its id, None when there is nothing to do.

    What goes wrong is kept on the job: an error of ours as its sentence, any other as its type, and raised again.
    """
    lease = claim(store, _KINDS, holder=holder, lease_s=lease_s)
    if lease is None:
        return None
    parameters = json.loads(job(store.database, lease.id).parameters or "{}")
    try:
        with _kept_alive(lease):
            result = _KINDS[lease.kind](lease, parameters)
    except CancelledError:
        lease.cancelled()
    except LeaseLostError:
        pass
    except ZhikuError as error:
        lease.fail(str(error))
    except Exception as error:
        lease.fail(f"程序错误 {type(error).__name__}")
        raise
    else:
        lease.finish(result)
    return lease.id


@contextmanager
def exclusive(
    store: Store,
    kind: str,
    *,
    actor: str,
    waiting: Callable[[JobRow], None] | None = None,
    wait_s: float | None = None,
    lease_s: float = LEASE_S,
) -> Generator[Lease]:
    """Hold the one lease of `kind` in this store while the block runs: so that one ingest at a time writes.

    `waiting` is called with the present holder's row each time it looks again (twice a second). A holder of this
    machine that was killed is taken over at once, any other when its lease has run out (≤ `lease_s`). Raises
    `ConflictError` when `wait_s` seconds of waiting were not enough.
    """
    job_id = f"exclusive:{kind}"
    lease = Lease(store, job_id, job_id, new_holder(), actor, seconds=lease_s)
    given_up = None if wait_s is None else time.monotonic() + wait_s
    while True:
        rows = store.database.read(_ONE, id=job_id)
        present = rows[0] if rows else None
        if _free(present) and _take(lease, open_states=("running", "done")):
            break
        if given_up is not None and time.monotonic() >= given_up:
            raise ConflictError(f"另一个“{kind}”正在进行，没有等到它结束", hint="稍后再试，或先停掉它")
        if waiting and present:
            waiting(present)
        time.sleep(_POLL_S)
    try:
        with _kept_alive(lease):
            yield lease
    finally:
        # Taken over while this process was stopped (a suspended laptop): the new holder's lease is not ours to end.
        with suppress(LeaseLostError):
            lease.finish()


@contextmanager
def _kept_alive(lease: Lease) -> Generator[None]:
    """Renew the lease in a thread, for work that says nothing for longer than the lease lasts."""
    ended = threading.Event()

    def renew() -> None:
        while not ended.wait(lease.seconds / _RENEWALS_PER_LEASE):
            try:
                lease.renew()
            except LeaseLostError:
                return
            except ZhikuError:
                continue  # the store is away for a moment: the work itself will say so

    thread = threading.Thread(target=renew, name=f"lease-{lease.id}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
