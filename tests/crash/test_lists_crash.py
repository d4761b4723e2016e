"""`kill -9` while lists are written: each is as before a change or as after it, and what was acknowledged is there."""

import random
import subprocess
import sys
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path
from typing import Final, Literal

import psutil
import pytest

from graph.embedded import EmbeddedEngine
from graph.store import Store, connect
from queries.saved_lists import list_verification, saved_list, saved_lists
from tests.crash.lister import PEOPLE
from tests.graph_claims import person, put

ROOT: Final = Path(__file__).resolve().parents[2]
STEPS: Final = ("saved", "shortened", "frozen")


@pytest.fixture
def home(tmp_path: Path) -> Generator[Path]:
    """A home folder of its own; its engine is stopped at the end."""
    yield tmp_path
    EmbeddedEngine(tmp_path).stop()


def check(store: Store, acknowledged: set[tuple[str, str]]) -> None:
    """Every list whole, in one of its states, and none behind what was acknowledged."""
    reached: dict[str, int] = {}
    for card in saved_lists(store.database, limit=1_000):
        shown = saved_list(store.database, id=card.id)
        ids = [member.id for member in shown.members]
        assert [member.rank for member in shown.members] == list(range(1, len(ids) + 1)), "ranks by half"
        assert ids in ([f"P{n}" for n in range(PEOPLE)], [f"P{n}" for n in range(1, PEOPLE)])
        reached[card.name] = 0 if len(ids) == PEOPLE else 2 if card.frozen_hash else 1
        if card.frozen_hash:
            assert list_verification(store.database, id=card.id).faults == ()
    for step, name in acknowledged:
        assert reached[name] >= STEPS.index(step), "lost though acknowledged"
    assert store.audit.verify().faults == ()


@pytest.mark.timeout(7_200)
@pytest.mark.parametrize("victim", ["engine", "lister"])
def test_killed_while_lists_are_written(home: Path, crash_rounds: int, victim: Literal["engine", "lister"]) -> None:
    engine = EmbeddedEngine(home, heap_mb=256)
    with connect(engine.ensure_running(), home) as store:
        put(store, *(person(f"P{n}", f"示例{n}") for n in range(PEOPLE)))
    dice = random.Random(victim)
    acknowledged: set[tuple[str, str]] = set()
    for number in range(crash_rounds):
        endpoint = engine.ensure_running()
        command = [sys.executable, "-m", "tests.crash.lister", home, endpoint.uri, engine.folder / "password"]
        process = subprocess.Popen(
            [*map(str, command), f"名单{number}"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert process.stdout is not None
        for _ in range(1 + dice.randrange(7)):
            _note(process.stdout.readline(), acknowledged)
        if victim == "engine":
            pid = engine.status().pid
            assert pid is not None
            engine_process = psutil.Process(pid)
            engine_process.kill()
            with suppress(psutil.NoSuchProcess):
                engine_process.wait(20)
        process.kill()
        for line in process.stdout:
            _note(line, acknowledged)
        process.stdout.close()
        process.wait(60)
        with connect(engine.ensure_running(), home) as store:
            check(store, acknowledged)
    assert len(acknowledged) >= crash_rounds


def _note(line: str, acknowledged: set[tuple[str, str]]) -> None:
    # A line cut by the kill is no acknowledgement that anybody could have read.
    if line.endswith("\n"):
        step, name = line.split()
        acknowledged.add((step, name))
