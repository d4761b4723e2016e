"""Every write passes here: one transaction, one number, one hash-chained event, written together.

The first statement increments the one AuditHead, which also puts writers in order: numbers are gapless and in commit
order (200 of 200 contending writes on every engine). The chain is checked against itself and against the last (number,
hash) lines kept in a file outside the store, without which a cut tail could not be seen.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

from filelock import FileLock, Timeout

from graph.claims import images_digest
from graph.database import Database, RollbackRequest, Transaction
from graph.errors import StoreDamagedError, StoreUnavailableError

Result = TypeVar("Result")

NO_IMAGES: Final = sha256(b"").hexdigest()
_ANCHORS_KEPT: Final = 2_000
_PAGE: Final = 5_000
# Images of 2,000 elements take up to some 100 KB, so few of them are held at a time.
_IMAGE_PAGE: Final = 50
_LAST: Final = 2**62
_LOOKS: Final = 3
_LONGEST_WAIT_S: Final = 300
# A write of 2,000 elements takes some megabytes in the engine's log and pages.
LEAST_FREE_BYTES: Final = 32 * 1024 * 1024

_NEXT: Final = """
MATCH (h:AuditHead {id: 'head'})
SET h.number = h.number + 1
RETURN h.number AS number, h.hash AS previous
"""
_EVENT: Final = """
CREATE (e:AuditEvent)
SET e = $event
WITH e
MATCH (h:AuditHead {id: 'head'})
SET h.hash = e.hash
RETURN h.number AS number
"""
_HEAD: Final = """
MATCH (h:AuditHead {id: 'head'})
RETURN h.number AS number, h.hash AS hash, h.store_id AS store_id, h.store_key AS store_key, h.schema AS schema
"""
_EVENTS: Final = """
MATCH (e:AuditEvent)
WHERE e.number > $after AND e.number <= $until
RETURN e.number AS number, e.at AS at, e.actor AS actor, e.action AS action, e.subject AS subject,
       e.images_sha256 AS images_sha256, e.rewritten AS rewritten, e.previous AS previous, e.hash AS hash
ORDER BY number
LIMIT $page
"""
_IMAGES: Final = """
MATCH (b:Batch)
WHERE b.seq > $after AND b.seq <= $until
RETURN b.id AS id, b.seq AS seq, b.images AS images
ORDER BY seq
LIMIT $page
"""


@dataclass(frozen=True, slots=True)
class Effect(Generic[Result]):
    """What a write did: its result, and the packed before-images of what it replaced.

    `rewritten` names the earlier batches whose images this write replaced (by undo), each with their new SHA-256.
    """

    result: Result
    images: bytes = b""
    rewritten: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Committed(Generic[Result]):
    """A write that is in the store: its audit number and result."""

    number: int
    result: Result


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain and the identity of the store."""

    number: int
    hash: str
    store_id: str
    store_key: bytes


@dataclass(frozen=True, slots=True)
class Verification:
    """What `zhiku audit verify` found: how many events were checked, and each fault as a sentence."""

    events: int
    faults: tuple[str, ...] = field(default=())

    @property
    def ok(self) -> bool:
        """True when nothing was found."""
        return not self.faults


class Audit:
    """The gate of all writes to one store."""

    def __init__(self, database: Database, anchors: Path) -> None:
        self._database = database
        self._anchors = anchors
        # Measured on ArcadeDB: four threads that write at once lose whole runs of races on the audit number, which it
        # reports as a broken constraint. One writer at a time is also the fastest; writers of other machines can only
        # be on a Neo4j, whose lock on the head makes them wait.
        self._lock = FileLock(anchors.with_suffix(".lock"), poll_interval=0.005, timeout=_LONGEST_WAIT_S)

    def write(
        self, *, actor: str, action: str, subject: str, work: Callable[[Transaction, int], Effect[Result]]
    ) -> Committed[Result] | None:
        """Run `work(transaction, number)` and commit it with its event; None when `work` raised `RollbackRequest`.

        Raises what `work` raises, `StoreUnavailableError`, or `StoreDamagedError` when the store has no head.
        """

        def whole(transaction: Transaction) -> tuple[int, str, Result]:
            rows = transaction.run(_NEXT)
            if len(rows) != 1:
                raise StoreDamagedError(
                    "图数据库中没有审计链头", hint="用 zhiku db schema 建立；若原来有，请从备份恢复"
                )
            number, previous = int(rows[0]["number"]), str(rows[0]["previous"])
            effect = work(transaction, number)
            event = {
                "number": number,
                "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
                "actor": actor,
                "action": action,
                "subject": subject,
                "images_sha256": images_digest(effect.images),
                "rewritten": "\n".join(f"{batch} {digest}" for batch, digest in sorted(effect.rewritten.items())),
                "previous": previous,
            }
            event["hash"] = event_hash(event)
            transaction.run(_EVENT, {"event": event})
            return number, str(event["hash"]), effect.result

        with self._alone():
            self._check_space()
            done = self._database.write(action, whole)
            if done is None:
                return None
            self._anchor(done[0], done[1])
            return Committed(done[0], done[2])

    def _check_space(self) -> None:
        """Refuse while there is still room to refuse in: the embedded engine's files lie on the same disk."""
        free = shutil.disk_usage(self._anchors.parent).free
        if free < LEAST_FREE_BYTES:
            raise StoreUnavailableError(
                f"磁盘空间不足：{self._anchors.parent} 只剩 {free // 2**20} MiB，本次没有写入",
                hint="腾出空间后再试；已写入的数据没有丢失",
            )

    @contextmanager
    def _alone(self) -> Generator[None]:
        """Let one writer at a time of this home folder through."""
        try:
            self._lock.acquire()
        except Timeout as error:
            raise StoreUnavailableError(
                "等待另一个写入结束超时", hint="用 zhiku db status 查看；若有进程停住不动，结束它再试"
            ) from error
        except OSError as error:
            raise StoreUnavailableError(
                f"数据目录不可写：{self._anchors.parent}（{error.strerror}）",
                hint="改正权限或腾出磁盘空间；本次没有写入任何内容",
            ) from error
        try:
            yield
        finally:
            self._lock.release()

    def head(self) -> Head:
        """Return the end of the chain; raises `StoreDamagedError` when there is none."""
        rows = self._database.records("audit_head", _HEAD)
        if len(rows) != 1:
            raise StoreDamagedError("图数据库中没有审计链头", hint="用 zhiku db schema 建立；若原来有，请从备份恢复")
        row = rows[0]
        return Head(int(row["number"]), row["hash"], row["store_id"], bytes.fromhex(row["store_key"]))

    def verify(self) -> Verification:
        """Recompute the whole chain, and compare it with head, before-images and anchors.

        May run beside writers: when something was committed meanwhile and a fault was found, it looks again.
        """
        looks = 0
        while True:
            # In this order: an event is anchored after its commit, so the head read later is never behind an anchor.
            anchors = self.anchors()
            head = self.head()
            found = self._verified(head, anchors)
            looks += 1
            if found.ok or looks == _LOOKS or self.head().number == head.number:
                return found

    def _verified(self, head: Head, anchors: dict[int, str]) -> Verification:
        faults: list[str] = []
        images: dict[str, str] = {}
        hash_before, expected = genesis(head.store_id), 1
        while page := self._database.records(
            "audit_events", _EVENTS, after=expected - 1, until=head.number, page=_PAGE
        ):
            for event in page:
                faults.extend(_event_faults(event, expected, hash_before, anchors))
                images.update(_images_named(event))
                hash_before, expected = str(event["hash"]), int(event["number"]) + 1
        checked = expected - 1
        if head.number != checked:
            faults.append(f"链头记 {head.number} 个事件，实有到第 {checked} 个：尾部被删或链头被改")
        elif head.hash != hash_before:
            faults.append("链头散列与最后一个事件不符")
        beyond = self._database.records("audit_events", _EVENTS, after=head.number, until=_LAST, page=1)
        # Written meanwhile is no fault: then the head has moved beyond it too.
        if beyond and self.head().number < int(beyond[0]["number"]):
            faults.append(f"链头记 {head.number} 个事件，其后还有事件：链头被改")
        if anchors and max(anchors) > checked:
            faults.append(f"库外锚点记到第 {max(anchors)} 个事件，库中只到第 {checked} 个：尾部被截断")
        faults.extend(self._image_faults(images, head.number))
        return Verification(checked, tuple(faults))

    def anchors(self) -> dict[int, str]:
        """Return the last (number, hash) pairs kept outside the store."""
        try:
            lines = self._anchors.read_text(encoding="ascii").splitlines()
        except FileNotFoundError:
            return {}
        pairs = (line.split(" ") for line in lines)
        return {int(pair[0]): pair[1] for pair in pairs if len(pair) == 2 and pair[0].isdigit() and len(pair[1]) == 64}

    def _image_faults(self, expected: dict[str, str], until: int) -> list[str]:
        """Compare the batches' before-images with the digests that the chain names last for each of them."""
        faults: list[str] = []
        after = 0
        while page := self._database.records("audit_images", _IMAGES, after=after, until=until, page=_IMAGE_PAGE):
            after = int(page[-1]["seq"])
            for row in page:
                digest = expected.pop(str(row["id"]), None)
                if digest is None:
                    faults.append(f"批次 {row['id']} 不在审计链中")
                elif row["images"] is None or digest != images_digest(bytes(row["images"])):
                    faults.append(f"批次 {row['id']} 的前像被改动")
        faults.extend(f"批次 {batch} 的前像被删除" for batch in expected)
        return faults

    def _anchor(self, number: int, digest: str) -> None:
        try:
            with self._anchors.open("a", encoding="ascii") as out:
                # The line end comes first: a line cut by a full disk then spoils no other.
                out.write(f"\n{number} {digest}")
            if number % _ANCHORS_KEPT == 0:
                kept = self._anchors.read_text(encoding="ascii").splitlines()[-_ANCHORS_KEPT:]
                temporary = self._anchors.with_suffix(".new")
                temporary.write_text("\n".join(kept), encoding="ascii")
                temporary.replace(self._anchors)
        except OSError as error:
            raise StoreUnavailableError(
                f"写入已提交（第 {number} 号），但库外审计锚点 {self._anchors} 写不进去", hint="腾出磁盘空间或改正权限"
            ) from error


def genesis(store_id: str) -> str:
    """Return the hash that stands before the first event of a store."""
    return sha256(f"zhiku {store_id}".encode()).hexdigest()


def event_hash(event: Mapping[str, Any]) -> str:
    """Return the SHA-256 of an event and its predecessor's hash, over canonical JSON."""
    fields = ("number", "at", "actor", "action", "subject", "images_sha256", "rewritten", "previous")
    canonical = json.dumps([event[name] for name in fields], ensure_ascii=False, separators=(",", ":"))
    return sha256(canonical.encode()).hexdigest()


def _event_faults(event: Mapping[str, Any], expected: int, hash_before: str, anchors: Mapping[int, str]) -> list[str]:
    number = int(event["number"])
    faults: list[str] = []
    if number != expected:
        faults.append(f"第 {expected} 个事件缺失，接着的是第 {number} 个")
    if event["previous"] != hash_before:
        faults.append(f"第 {number} 个事件与前一个事件接不上")
    if event_hash(event) != event["hash"]:
        faults.append(f"第 {number} 个事件的内容被改动")
    if number in anchors and anchors[number] != event["hash"]:
        faults.append(f"第 {number} 个事件与库外锚点不符")
    return faults


def _images_named(event: Mapping[str, Any]) -> dict[str, str]:
    """Which before-images does this event vouch for?  Those of its own batch, and those it rewrote: id → SHA-256."""
    lines = str(event["rewritten"] or "").splitlines()
    named = dict(line.split(" ", 1) for line in lines if " " in line)
    if event["images_sha256"] != NO_IMAGES:
        named[str(event["number"])] = str(event["images_sha256"])
    return named


__all__ = [
    "NO_IMAGES",
    "Audit",
    "Committed",
    "Effect",
    "Head",
    "RollbackRequest",
    "Verification",
    "event_hash",
    "genesis",
]
