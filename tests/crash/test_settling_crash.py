"""`kill -9` while people are brought together: before or after each merge, never between, and the next run ends it."""

import random
import subprocess
import sys
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Literal

import psutil
import pytest

from graph.embedded import EmbeddedEngine
from graph.store import Store, connect
from ingest.people.settling import settle
from tests.graph_people import holders, redirects
from tests.ingest_runs import run_works, works_file

ROOT: Final = Path(__file__).resolve().parents[2]
# Circles of a round: enough for several transactions of 2,000 changed elements.
CIRCLES: Final = 60
SURNAMES: Final = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏"


@pytest.fixture
def home(tmp_path: Path) -> Generator[Path]:
    """A home folder of its own; its engine is stopped at the end."""
    yield tmp_path
    EmbeddedEngine(tmp_path).stop()


def circles(number: int) -> list[dict[str, Any]]:
    """Papers of circles of five who always write together, eight papers each; nobody is in two circles."""
    made: list[dict[str, Any]] = []
    for circle in range(CIRCLES):
        first = chr(0x4E10 + number * CIRCLES + circle)
        names = [SURNAMES[(circle + place) % len(SURNAMES)] + first + chr(0x5E00 + place) for place in range(5)]
        made += [
            {
                "id": f"{number}.{circle}.{paper}",
                "title": f"土壤改良{first}{paper}",
                "year": 2015 + paper,
                "authors": [{"name": name, "affiliations": "甲大学"} for name in names],
            }
            for paper in range(8)
        ]
    return made


def persons(store: Store) -> set[frozenset[str]]:
    """Who stands for which mentions; no mention stands at two people, none at a stub, no stub leads in a circle."""
    redirects(store)
    found: dict[str, set[str]] = {}
    for (_source, mention), person in holders(store).items():
        found.setdefault(person, set()).add(mention)
    return {frozenset(mentions) for mentions in found.values()}


@pytest.mark.timeout(7_200)
@pytest.mark.parametrize("victim", ["engine", "settler"])
def test_killed_while_people_are_merged(home: Path, crash_rounds: int, victim: Literal["engine", "settler"]) -> None:
    engine = EmbeddedEngine(home, heap_mb=512)
    connect(engine.ensure_running(), home).close()
    dice = random.Random(victim)
    by_half = 0
    for number in range(max(2, crash_rounds // 4)):
        with connect(engine.ensure_running(), home) as store:
            run_works(store, works_file(home / f"{number}.jsonl", circles(number)), dataset=f"papers{number}")
            before = persons(store)
        _kill(engine, home, victim, dice)
        with connect(engine.ensure_running(), home) as store:
            there = persons(store)
            assert store.audit.verify().faults == ()
            settle(store, actor="test", again=True)
            after = persons(store)
            assert store.audit.verify().faults == ()
            # Whole groups only: what a merge had brought together is together in the end too, and nothing else.
            assert all(any(part <= whole for whole in after) for part in there)
            assert {len(whole) for whole in after} == {8}
            assert len(after) == (number + 1) * CIRCLES * 5
            assert there <= before | after
            by_half += there not in (before, after)
    assert by_half, "no kill fell between two merges: nothing was tried"


def _kill(engine: EmbeddedEngine, home: Path, victim: str, dice: random.Random) -> None:
    """Let another process settle, and kill it or the engine after some of its merges."""
    endpoint = engine.ensure_running()
    command = [sys.executable, "-m", "tests.crash.settler", str(home), endpoint.uri, str(engine.folder / "password")]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    merges = dice.randrange(1, 4)
    for line in process.stdout:
        merges -= line.startswith("merge")
        if merges == 0:
            break
    if victim == "engine":
        pid = engine.status().pid
        assert pid is not None
        engine_process = psutil.Process(pid)
        engine_process.kill()
        # Until it is gone its port still takes connections.
        with suppress(psutil.NoSuchProcess):
            engine_process.wait(20)
    process.kill()
    process.stdout.close()
    process.wait(60)
