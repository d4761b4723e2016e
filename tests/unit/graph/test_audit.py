"""The audit chain on the real engine: tampering is found at every position, writers at once leave no hole."""

import shutil
import threading
from collections.abc import Callable
from typing import Final

import pytest

from graph.audit import Audit, Effect, event_hash
from graph.claims import node_claim
from graph.database import RollbackRequest, Transaction
from graph.merge import SourceRef, upsert
from graph.model import PERSON
from graph.store import Store
from tests.graph_dump import run

LENGTH: Final = 6
ROSTER: Final = SourceRef("table", "roster")


@pytest.fixture
def chain(store: Store) -> Store:
    """A store with a chain of six events, each with a batch."""
    for number in range(1, LENGTH + 1):
        upsert(store.audit, ROSTER, [node_claim(PERSON, f"P{number}", {"name": "甲"})], [], run="R", actor=f"a{number}")
    verified = store.audit.verify()
    assert (verified.ok, verified.events) == (True, LENGTH)
    return store


def change(store: Store, position: int) -> None:
    run(store.database, "MATCH (e:AuditEvent {number: $n}) SET e.actor = 'x'", n=position)


def change_and_rehash(store: Store, position: int) -> None:
    event = run(store.database, "MATCH (e:AuditEvent {number: $n}) RETURN properties(e) AS e", n=position)[0]["e"]
    event["subject"] = "x"
    text = "MATCH (e:AuditEvent {number: $n}) SET e.subject = 'x', e.hash = $h"
    run(store.database, text, n=position, h=event_hash(event))


def remove(store: Store, position: int) -> None:
    run(store.database, "MATCH (e:AuditEvent {number: $n}) DETACH DELETE e", n=position)


def remove_and_close_the_gap(store: Store, position: int) -> None:
    remove(store, position)
    for number in range(position + 1, LENGTH + 1):
        run(store.database, "MATCH (e:AuditEvent {number: $n}) SET e.number = $n - 1", n=number)
    run(store.database, "MATCH (h:AuditHead) SET h.number = $n", n=LENGTH - 1)


def swap_with_next(store: Store, position: int) -> None:
    after = position % LENGTH + 1
    for old, new in ((position, 999), (after, position), (999, after)):
        run(store.database, "MATCH (e:AuditEvent {number: $old}) SET e.number = $new", old=old, new=new)


def cut_off(store: Store, position: int) -> None:
    """Cut everything from here on and set the head back, as if it had never been."""
    run(store.database, "MATCH (e:AuditEvent) WHERE e.number >= $n DETACH DELETE e", n=position)
    run(store.database, "MATCH (b:Batch) WHERE b.seq >= $n DETACH DELETE b", n=position)
    rows = run(store.database, "MATCH (e:AuditEvent {number: $n}) RETURN e.hash AS hash", n=position - 1)
    digest = rows[0]["hash"] if rows else "0" * 64
    run(store.database, "MATCH (h:AuditHead) SET h.number = $n, h.hash = $hash", n=position - 1, hash=digest)


def change_images(store: Store, position: int) -> None:
    run(store.database, "MATCH (b:Batch {seq: $n}) SET b.images = $images", n=position, images=b"x")


def remove_batch(store: Store, position: int) -> None:
    run(store.database, "MATCH (b:Batch {seq: $n}) DETACH DELETE b", n=position)


def add_batch(store: Store, position: int) -> None:
    text = "CREATE (:Batch {id: 'x', seq: $n, run: 'R', source: 's', images: $images})"
    run(store.database, text, n=position, images=b"x")


def set_the_head_back(store: Store, position: int) -> None:
    rows = run(store.database, "MATCH (e:AuditEvent {number: $n}) RETURN e.previous AS hash", n=position)
    run(store.database, "MATCH (h:AuditHead) SET h.number = $n - 1, h.hash = $hash", n=position, hash=rows[0]["hash"])


TAMPERING: Final[tuple[Callable[[Store, int], None], ...]] = (
    change, change_and_rehash, remove, remove_and_close_the_gap, swap_with_next, cut_off, change_images, remove_batch,
    add_batch, set_the_head_back,
)  # fmt: skip


@pytest.mark.parametrize("position", range(1, LENGTH + 1))
@pytest.mark.parametrize("tamper", TAMPERING)
def test_tampering_is_found_at_every_position(
    chain: Store, tamper: Callable[[Store, int], None], position: int
) -> None:
    tamper(chain, position)
    verified = chain.audit.verify()
    assert verified.faults, f"{tamper.__name__} at {position} was not seen"


@pytest.mark.parametrize("position", range(2, LENGTH + 1))
def test_without_the_anchors_only_a_cut_tail_is_invisible(chain: Store, position: int) -> None:
    """Why the anchors are kept outside the store: a consistent cut cannot be seen from inside."""
    elsewhere = Audit(chain.database, chain.folder / "other.anchors")
    cut_off(chain, position)
    assert elsewhere.verify().ok
    assert any("截断" in fault for fault in chain.audit.verify().faults)


def test_a_whole_chain_rewritten_with_right_hashes_is_found_by_the_anchors(chain: Store) -> None:
    rows = run(chain.database, "MATCH (e:AuditEvent) RETURN properties(e) AS e, e.number AS number ORDER BY number")
    previous = rows[0]["e"]["previous"]
    for row in rows:
        event = {**row["e"], "actor": "x", "previous": previous}
        previous = event["hash"] = event_hash(event)
        run(chain.database, "MATCH (e:AuditEvent {number: $n}) SET e = $event", n=row["number"], event=event)
    run(chain.database, "MATCH (h:AuditHead) SET h.hash = $hash", hash=previous)
    assert Audit(chain.database, chain.folder / "other.anchors").verify().ok
    assert len([fault for fault in chain.audit.verify().faults if "锚点" in fault]) == LENGTH


def test_a_write_that_fails_or_asks_for_it_leaves_nothing(chain: Store) -> None:
    def failing(transaction: Transaction, _seq: int) -> Effect[None]:
        transaction.run("CREATE (:Person {id: 'half'})")
        raise ValueError("stop")

    def empty(transaction: Transaction, _seq: int) -> Effect[None]:
        transaction.run("CREATE (:Person {id: 'half'})")
        raise RollbackRequest

    with pytest.raises(ValueError, match="stop"):
        chain.audit.write(actor="a", action="x", subject="", work=failing)
    assert chain.audit.write(actor="a", action="x", subject="", work=empty) is None
    assert chain.database.records("t", "MATCH (p:Person {id: 'half'}) RETURN p.id AS id") == []
    assert chain.audit.verify().events == LENGTH


def test_writers_at_once_get_gapless_numbers_in_commit_order(any_store: Store) -> None:
    numbers: list[int] = []

    def write(name: str) -> None:
        for number in range(15):
            claim = node_claim(PERSON, f"P{name}{number}", {"name": "甲"})
            upsert(any_store.audit, ROSTER, [claim], [], run="R", actor=name)
            numbers.append(number)

    threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(numbers) == 60
    verified = any_store.audit.verify()
    assert (verified.events, verified.faults) == (60, ())
    assert any_store.database.records("t", "MATCH (p:Person) RETURN count(p) AS n") == [{"n": 60}]


def test_verifying_beside_a_writer_finds_no_fault(store: Store) -> None:
    stop = threading.Event()
    problems: list[tuple[str, ...]] = []

    def write() -> None:
        number = 0
        while not stop.is_set():
            upsert(store.audit, ROSTER, [node_claim(PERSON, f"P{number}", {"name": "甲"})], [], run="R", actor="a")
            number += 1

    thread = threading.Thread(target=write)
    thread.start()
    try:
        problems += [store.audit.verify().faults for _ in range(15)]
    finally:
        stop.set()
        thread.join()
    assert problems == [()] * 15


def test_anchors_are_kept_outside_the_store_and_only_the_last(store: Store) -> None:
    path = store.folder / f"audit-{store.id}.anchors"
    old = "\n".join(f"{number} {'0' * 64}" for number in range(-3_000, 0))
    path.write_text(old + "\n", encoding="ascii")
    shutil.copy(path, store.folder / "copy")
    for number in range(3):
        upsert(store.audit, ROSTER, [node_claim(PERSON, f"P{number}", {"name": "甲"})], [], run="R", actor="a")
    assert sorted(store.audit.anchors())[-3:] == [1, 2, 3]
    assert store.audit.verify().ok
