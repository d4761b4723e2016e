"""`kill -9`, two writers at once, a full disk, a read-only folder: what was acknowledged is there, nothing by half."""

import contextlib
import os
import random
import subprocess
import sys
import time
from collections.abc import Generator, Iterable
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Literal

import psutil
import pytest

from graph import audit
from graph.claims import node_claim
from graph.embedded import EmbeddedEngine
from graph.errors import StoreUnavailableError, ZhikuError
from graph.merge import SourceRef, upsert
from graph.model import OUTPUT
from graph.store import Store, connect
from tests.crash.writer import WORKS, write_batch
from tests.unit.graph.test_embedded import read_only

ROOT: Final = Path(__file__).resolve().parents[2]


class Writers:
    """Writing processes and what they have acknowledged."""

    def __init__(self, home: Path, engine: EmbeddedEngine) -> None:
        self.home = home
        self.engine = engine
        self.acknowledged: set[str] = set()
        self.running: list[subprocess.Popen[str]] = []

    def start(self, name: str, count: int) -> subprocess.Popen[str]:
        endpoint = self.engine.ensure_running()
        command = [sys.executable, "-m", "tests.crash.writer", str(self.home), endpoint.uri]
        process = subprocess.Popen(
            [*command, str(self.engine.folder / "password"), name, str(count)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.running.append(process)
        return process

    def read_until(self, process: subprocess.Popen[str], lines: int) -> None:
        """Wait for so many lines (`ready` included), noting what is acknowledged."""
        assert process.stdout is not None
        for _ in range(lines):
            line = process.stdout.readline()
            assert line.endswith("\n"), "the writer ended before its time"
            self.note([line])

    def drain(self, process: subprocess.Popen[str]) -> int:
        """Read to the end and wait; the return code."""
        assert process.stdout is not None
        self.note(process.stdout.readlines())
        process.stdout.close()
        return process.wait(timeout=60)

    def note(self, lines: Iterable[str]) -> None:
        # A line cut by the kill is no acknowledgement that anybody could have read.
        self.acknowledged.update(line.strip() for line in lines if line.endswith("\n") and line != "ready\n")


@pytest.fixture
def home(tmp_path: Path) -> Generator[Path]:
    """A home folder of its own; its engine is stopped at the end."""
    yield tmp_path
    EmbeddedEngine(tmp_path).stop()


def check(store: Store, acknowledged: set[str]) -> int:
    """Are all acknowledged batches there, none by half, and does the chain verify?  Returns how many are there."""
    rows = store.database.records(
        "check",
        """
        MATCH (p:Person)
        OPTIONAL MATCH (p)-[r:AUTHORED]->(w:Output)
        RETURN p.id AS id, count(r) AS mentions, count(w.title) AS titles
        """,
    )
    there = {str(row["id"]).removeprefix("P-"): (row["mentions"], row["titles"]) for row in rows}
    assert acknowledged - there.keys() == set(), "lost though acknowledged"
    assert {name: found for name, found in there.items() if found != (WORKS, WORKS)} == {}, "by half"
    outputs = store.database.records("check", "MATCH (w:Output) RETURN count(w) AS n")[0]["n"]
    claims = store.database.records("check", "MATCH (:Source)-[a:ASSERTS]->() RETURN count(a) AS n")[0]["n"]
    assert (outputs, claims) == (len(there) * WORKS, len(there) * (WORKS + 1))
    verified = store.audit.verify()
    assert verified.faults == ()
    assert verified.events == len(there), "one event a batch"
    return len(there)


@pytest.mark.timeout(7_200)  # twenty rounds on a busy machine
@pytest.mark.parametrize("victim", ["engine", "writer"])
def test_killed_during_writes(home: Path, crash_rounds: int, victim: Literal["engine", "writer"]) -> None:
    engine = EmbeddedEngine(home, heap_mb=256)
    connect(engine.ensure_running(), home).close()
    writers = Writers(home, engine)
    dice = random.Random(victim)
    for number in range(crash_rounds):
        writer = writers.start(f"{victim}{number}", 100_000)
        writers.read_until(writer, 2 + dice.randrange(8))
        time.sleep(dice.random() * 0.2)
        if victim == "engine":
            pid = engine.status().pid
            assert pid is not None
            psutil.Process(pid).kill()
            with suppress(psutil.NoSuchProcess):
                psutil.Process(pid).wait(20)
        writer.kill()
        writers.drain(writer)
        with connect(engine.ensure_running(), home) as store:
            check(store, writers.acknowledged)
            # It is not only readable: the next write works too.
            write_batch(store, "after", f"after.{number}")
            writers.acknowledged.add(f"after.{number}")
    assert len(writers.acknowledged) >= crash_rounds * 2


@pytest.mark.timeout(7_200)
def test_two_processes_write_at_once(home: Path, crash_rounds: int) -> None:
    """2 × 500 writes in `make crash`, fewer in `make test`."""
    count = 500 if crash_rounds >= 20 else 60
    engine = EmbeddedEngine(home, heap_mb=512)
    connect(engine.ensure_running(), home).close()
    writers = Writers(home, engine)
    processes = [writers.start(name, count) for name in ("one", "two")]
    assert [writers.drain(process) for process in processes] == [0, 0]
    assert len(writers.acknowledged) == 2 * count
    with connect(engine.ensure_running(), home) as store:
        assert check(store, writers.acknowledged) == 2 * count


@contextmanager
def small_disk(folder: Path, size_mb: int) -> Generator[None]:
    """Mount a tmpfs of that size."""
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size_mb}m", "tmpfs", str(folder)], check=True)
    try:
        yield
    finally:
        EmbeddedEngine(folder).stop()
        subprocess.run(["umount", "-l", str(folder)], check=True)


def inside_namespace() -> None:
    """Run this module's disk tests again as root of a user namespace, where a plain user may mount."""
    done = subprocess.run(
        ["unshare", "-rm", sys.executable, "-m", "pytest", "-q", "-k", "disk", str(Path(__file__))],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("warned", [True, False])
def test_a_full_disk_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, warned: bool) -> None:
    """With our own look at the free space, and without it: then the engine itself meets the end of the disk."""
    if os.getuid() != 0:
        inside_namespace()
        return
    if not warned:
        monkeypatch.setattr(audit, "LEAST_FREE_BYTES", 0)
    home = tmp_path / "disk"
    with small_disk(home, 160):
        engine = EmbeddedEngine(home, heap_mb=256)
        acknowledged, error = fill(engine, home)
        assert acknowledged
        assert ("磁盘空间不足" in error.message) == warned
        engine.stop()
        if not warned:
            # A stop may give back some of what the failed write had taken.
            filler = home / "filler"
            with contextlib.suppress(OSError), filler.open("wb", buffering=0) as out:
                while out.write(b"0" * 65_536):
                    pass
            os.truncate(filler, max(0, filler.stat().st_size - 2**21))
            with pytest.raises(StoreUnavailableError, match="磁盘空间不足"):
                engine.ensure_running()
            filler.unlink()
        subprocess.run(["mount", "-o", "remount,size=512m", str(home)], check=True)
        with connect(engine.ensure_running(), home) as store:
            there = {row["id"] for row in store.database.records("check", "MATCH (w:Output) RETURN w.id AS id")}
            assert acknowledged <= there
            assert len(there) % 50 == 0, "by half"
            assert store.audit.verify().faults == ()
            write_batch(store, "after", "after")


def fill(engine: EmbeddedEngine, home: Path) -> tuple[set[str], ZhikuError]:
    """Write batches of fifty long outputs until the disk is full; return what was acknowledged, and the error."""
    acknowledged: set[str] = set()
    with connect(engine.ensure_running(), home) as store:
        for batch in range(1_000):
            keys = [f"W{batch}.{n}" for n in range(50)]
            text = "".join(chr(0x4E00 + (batch * 7 + n) % 20_000) for n in range(10_000))
            nodes = [node_claim(OUTPUT, key, {"title": "题", "abstract": key + text}) for key in keys]
            try:
                upsert(store.audit, SourceRef("crash", "full"), nodes, [], run="R", actor="t")
            except ZhikuError as error:
                return acknowledged, error
            acknowledged.update(keys)
    raise AssertionError("the disk never became full")


def test_a_read_only_folder_loses_nothing(home: Path) -> None:
    engine = EmbeddedEngine(home, heap_mb=256)
    endpoint = engine.ensure_running()
    with connect(endpoint, home) as store:
        write_batch(store, "w", "w.0")
        with read_only(home), pytest.raises(StoreUnavailableError, match=r"不可写|写不进去"):
            write_batch(store, "w", "w.1")
        check(store, {"w.0"})
        write_batch(store, "w", "w.2")
        check(store, {"w.0", "w.2"})
