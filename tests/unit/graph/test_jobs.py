"""Jobs and leases on the real engine: claimed once, renewed, cancelled, resumed, taken over from the dead."""

import subprocess
import sys
import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from graph import jobs
from graph.errors import ConflictError, InputError, NotFoundError
from graph.jobs import CancelledError, Lease, LeaseLostError
from graph.store import Store
from tests.graph_dump import run

KIND = "test_count"


def count(lease: Lease, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
    """Count from the cursor; fail or be cancelled on the way, as the parameters say."""
    begin = int(lease.cursor or 0)
    for number in range(begin, int(parameters["to"])):
        if number == parameters.get("fail_at") and begin == 0:
            raise InputError(f"第 {number} 行不对")
        if number == parameters.get("cancel_at"):
            jobs.cancel(lease.store, lease.id, actor="other")
        lease.progress(number + 1, int(parameters["to"]), str(number + 1))
    return {"from": begin, "to": parameters["to"]}


jobs.register(KIND, count)


def test_a_job_is_done_and_audited_but_its_heartbeats_are_not(store: Store) -> None:
    job_id = jobs.enqueue(store, KIND, {"to": 20}, actor="clerk")
    assert jobs.job(store.database, job_id).status == "queued"
    head = store.audit.head().number
    assert jobs.work_once(store) == job_id
    row = jobs.job(store.database, job_id)
    assert (row.status, row.done, row.total, row.cursor, row.holder) == ("done", 20, 20, "20", None)
    assert row.result == '{"from": 0, "to": 20}'
    assert store.audit.head().number == head + 2, "claim and finish, no heartbeat"
    assert store.audit.verify().ok
    assert jobs.work_once(store) is None
    assert [j.id for j in jobs.jobs(store.database)] == [job_id]


def test_unknown_kinds_and_jobs(store: Store) -> None:
    with pytest.raises(InputError):
        jobs.enqueue(store, "no_such", {}, actor="clerk")
    with pytest.raises(NotFoundError):
        jobs.job(store.database, "J0")
    with pytest.raises(ValueError, match="twice"):
        jobs.register(KIND, lambda lease, parameters: {})
    assert KIND in jobs.kinds()


def test_errors_and_cancel_end_a_job(store: Store) -> None:
    failing = jobs.enqueue(store, KIND, {"to": 3, "fail_at": 1}, actor="clerk")
    jobs.work_once(store)
    assert (jobs.job(store.database, failing).status, jobs.job(store.database, failing).error) == (
        "failed",
        "第 1 行不对",
    )
    cancelled = jobs.enqueue(store, KIND, {"to": 9, "cancel_at": 4}, actor="clerk")
    jobs.work_once(store)
    row = jobs.job(store.database, cancelled)
    assert (row.status, row.done) == ("cancelled", 5)
    waiting = jobs.enqueue(store, KIND, {"to": 9}, actor="clerk")
    assert jobs.cancel(store, waiting, actor="clerk") == "cancelled"
    assert jobs.work_once(store) is None
    with pytest.raises(ConflictError, match="已经结束"):
        jobs.cancel(store, waiting, actor="clerk")


def test_only_one_of_many_claims_a_job(store: Store) -> None:
    jobs.enqueue(store, KIND, {"to": 1}, actor="clerk")
    got: list[Lease | None] = []

    def contend() -> None:
        got.append(jobs.claim(store, [KIND]))

    threads = [threading.Thread(target=contend) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 6
    assert sum(lease is not None for lease in got) == 1


def expire(store: Store, job_id: str) -> None:
    past = (datetime.now(UTC) - timedelta(seconds=1)).isoformat(timespec="milliseconds")
    run(store.database, "MATCH (j:Job {id: $id}) SET j.expires_at = $past", id=job_id, past=past)


def test_an_expired_lease_is_taken_over_at_its_cursor(store: Store) -> None:
    job_id = jobs.enqueue(store, KIND, {"to": 9}, actor="clerk")
    first = jobs.claim(store, [KIND], holder="elsewhere:1:0:x")
    assert first is not None
    first.progress(4, 9, "4")
    assert jobs.claim(store, [KIND]) is None
    expire(store, job_id)
    second = jobs.claim(store, [KIND])
    assert second is not None
    assert second.cursor == "4"
    for use in (lambda: first.progress(5), first.renew, first.finish, lambda: first.fail("x")):
        with pytest.raises(LeaseLostError):
            use()
    second.finish()
    assert jobs.job(store.database, job_id).status == "done"


def test_a_dead_process_of_this_machine_is_taken_over_at_once(store: Store) -> None:
    jobs.enqueue(store, KIND, {"to": 9}, actor="clerk")
    printed = subprocess.run(
        [sys.executable, "-c", "from graph.jobs import new_holder; print(new_holder())"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    holder = printed.stdout.strip()
    assert holder.split(":")[0] == jobs.new_holder().split(":")[0], "the same machine"
    assert jobs.claim(store, [KIND], holder=holder) is not None
    assert jobs.claim(store, [KIND]) is not None


def test_exclusive_lets_one_in_at_a_time(store: Store) -> None:
    inside: list[int] = []
    most: list[int] = []
    waited: list[str] = []

    def worker(number: int) -> None:
        with jobs.exclusive(store, "ingest", actor=f"w{number}", waiting=lambda row: waited.append(row.id)):
            inside.append(number)
            most.append(len(inside))
            threading.Event().wait(0.05)
            inside.remove(number)

    threads = [threading.Thread(target=worker, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1, 1, 1, 1]
    assert set(waited) <= {"exclusive:ingest"}
    assert store.audit.verify().ok


def test_exclusive_gives_up_and_takes_over(store: Store) -> None:
    with (
        jobs.exclusive(store, "ingest", actor="a"),
        pytest.raises(ConflictError, match="正在进行"),
        jobs.exclusive(store, "ingest", actor="b", wait_s=0),
    ):
        pass
    with jobs.exclusive(store, "ingest", actor="b", wait_s=0):
        run(store.database, "MATCH (j:Job {id: 'exclusive:ingest'}) SET j.holder = 'elsewhere:1:0:x'")
        expire(store, "exclusive:ingest")
        with jobs.exclusive(store, "ingest", actor="c", wait_s=0):
            pass
    assert jobs.claim(store, ["ingest"]) is None, "the gate is no job to be worked on"


def test_the_lease_is_kept_alive_while_the_work_is_silent(store: Store) -> None:
    with jobs.exclusive(store, "ingest", actor="a", lease_s=0.4):
        first = jobs.job(store.database, "exclusive:ingest").expires_at or ""
        later = threading.Event()
        for _ in range(100):
            if (jobs.job(store.database, "exclusive:ingest").expires_at or "") > first:
                later.set()
                break
            threading.Event().wait(0.05)
        assert later.is_set()


def test_progress_after_cancel_raises(store: Store) -> None:
    job_id = jobs.enqueue(store, KIND, {"to": 9}, actor="clerk")
    lease = jobs.claim(store, [KIND])
    assert lease is not None
    assert jobs.cancel(store, job_id, actor="clerk") == "running"
    with pytest.raises(CancelledError):
        lease.progress(1)
