"""`kill -9` around every step of indexing: after the next start the documents equal those of one built from scratch.

Run as a program it is the process that gets killed: `python -m tests.crash.test_index_crash FOLDER WHERE` with the
endpoint in the environment. It writes works, lets the index follow, and dies at WHERE (or when the parent kills it).
"""

import dataclasses
import itertools
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from pydantic import SecretStr

from graph import index_folder
from graph.database import Endpoint
from graph.documents import Document, WorkDocument
from graph.latent import FEWEST_WORKS
from graph.store import Store, connect
from graph.textindex import TextIndex
from tests.graph_claims import authored, person, put, take, work

_ENDPOINT: Final = "ZHIKU_TEST_ENDPOINT"
_ROOT: Final = Path(__file__).parents[2]
MOMENTS: Final = ("committed", "half-put", "between-commits", "before-swap", "after-swap")


def die() -> None:
    """End this process as a power cut would."""
    os.kill(os.getpid(), signal.SIGKILL)


def arrange_to_die(where: str) -> None:
    """Let the real code run up to this moment of its work."""
    if where == "half-put":
        fields, count = index_folder.work_fields, itertools.count()

        def counted(document: WorkDocument, record: int) -> Any:
            if next(count) == 3:
                die()
            return fields(document, record)

        index_folder.work_fields = counted
    elif where == "between-commits":
        dumps, markers = json.dumps, itertools.count()

        def marked(value: Any, **options: Any) -> str:
            if isinstance(value, index_folder.Marker) and next(markers) == 1:
                die()
            return dumps(value, **options)

        json.dumps = marked
    elif where in {"before-swap", "after-swap"}:
        swap = index_folder.IndexFolder.swap

        def swapped(self: index_folder.IndexFolder, generation: index_folder.Generation) -> None:
            if where == "after-swap":
                swap(self, generation)
            die()

        index_folder.IndexFolder.swap = swapped
    elif where == "half-model":

        def saved(*_: Any, **__: Any) -> None:
            die()

        np.save = saved


def write_some(store: Store, number: int) -> None:
    """One transaction of new, changed and taken works."""
    fresh = [work(f"W{number}-{n}", f"土壤改良第{n}期") for n in range(6)]
    put(store, *fresh, *[authored("P1", claim.key) for claim in fresh])
    put(store, work(f"W{number}-0", f"改了题目的{number}"))
    take(store, work(f"W{number}-1", "土壤改良第1期"))


def live(folder: Path, where: str) -> None:
    """What the killed process does."""
    told = json.loads(os.environ[_ENDPOINT])
    endpoint = Endpoint(told["uri"], told["user"], SecretStr(told["password"]), told["database"])
    with connect(endpoint, folder) as connected:
        store = dataclasses.replace(connected, encoder=os.environ.get("ZHIKU_INDEX_ENCODER", "none"))
        index = TextIndex.open(store)
        number = store.audit.head().number
        write_some(store, number)
        if where == "committed":
            die()
        arrange_to_die(where)
        if where.endswith("swap") or where == "half-model":
            index.rebuild()
        print("ready", flush=True)  # noqa: T201 - the parent waits for it
        while True:
            index.follow()
            number += 10_000
            write_some(store, number)


def started(store: Store, where: str) -> subprocess.Popen[str]:
    """Start the process that is to die."""
    endpoint = store.database.endpoint
    told = dataclasses.asdict(endpoint) | {"password": endpoint.password.get_secret_value()}
    return subprocess.Popen(
        [sys.executable, "-m", "tests.crash.test_index_crash", str(store.folder), where],
        cwd=_ROOT,
        env={**os.environ, _ENDPOINT: json.dumps(told)},
        stdout=subprocess.PIPE,
        text=True,
    )


def from_scratch(store: Store) -> dict[str, Document]:
    """What an index built anew in another folder holds."""
    with tempfile.TemporaryDirectory() as folder:
        return TextIndex.open(dataclasses.replace(store, folder=Path(folder))).documents()


def check(store: Store) -> None:
    """The next start catches up, leaves no half-built generation in use, and nobody keeps the writer's lock."""
    index = TextIndex.open(store, wait_s=5)
    while True:
        # The engine may still commit what the dead process sent last: compare states of one audit number.
        seen = index.follow()
        scratch = from_scratch(store)
        if seen == store.audit.head().number:
            break
    assert index.documents() == scratch
    assert store.audit.verify().ok


@pytest.mark.parametrize("where", MOMENTS)
def test_killed_at_a_moment_of_indexing(store: Store, where: str, crash_rounds: int) -> None:
    put(store, person("P1", "王伟"))
    for _ in range(crash_rounds):
        with started(store, where) as child:
            child.communicate(timeout=120)
        assert child.returncode == -signal.SIGKILL, "it was to die there"
        check(store)


@pytest.mark.parametrize("where", ["half-model", "before-swap"])
def test_killed_while_a_model_is_made(store: Store, where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # For the child, too.
    monkeypatch.setenv("ZHIKU_INDEX_ENCODER", "latent")
    store = dataclasses.replace(store, encoder="latent")
    put(store, person("P1", "王伟"))
    titles = ("土壤改良", "量子计算", "肿瘤免疫")
    put(store, *(work(f"V{number}", f"{titles[number % 3]}的研究") for number in range(FEWEST_WORKS)))
    index = TextIndex.open(store)
    before = index_folder.IndexFolder(store.folder, store.id).current()
    names = [fact.name for fact in index.encoders.facts]
    assert names
    with started(store, where) as child:
        child.communicate(timeout=120)
    assert child.returncode == -signal.SIGKILL, "it was to die there"
    assert index_folder.IndexFolder(store.folder, store.id).current() == before
    assert [fact.name for fact in TextIndex.open(store, wait_s=5).encoders.facts] == names
    assert TextIndex.open(store).encode("土壤改良") is not None


def test_killed_at_any_time(store: Store, crash_rounds: int) -> None:
    put(store, person("P1", "王伟"))
    for _ in range(crash_rounds):
        with started(store, "any") as child:
            assert child.stdout is not None
            assert child.stdout.readline() == "ready\n"
            time.sleep(random.uniform(0, 0.5))
            child.kill()
        check(store)


def test_a_file_left_by_a_killed_commit(store: Store) -> None:
    # Seen once in 20 kills: the file that the next commit wants to write is there already, and no commit can go on.
    put(store, work("W1", "土壤改良"), work("W2", "水盐调控"))
    index = TextIndex.open(store)
    text, before = store.folder / "text", store.folder / "text-before"
    shutil.copytree(text, before)
    put(store, work("W1", "盐碱地改良"))
    index.follow()
    (wanted,) = [
        path.relative_to(text) for path in text.rglob("*.del") if not (before / path.relative_to(text)).exists()
    ]
    shutil.rmtree(text)
    before.rename(text)
    (text / wanted).write_bytes(b"half")
    check(store)
    assert index_folder.IndexFolder(store.folder, store.id).current() != (text / wanted).parent.parent, "not built anew"


def test_two_processes_that_write_and_index_at_once(store: Store) -> None:
    put(store, person("P1", "王伟"))
    children = [started(store, "any") for _ in range(2)]
    index = TextIndex.open(store)
    for child in children:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
    seen = [index.follow() for _ in range(10)]
    assert seen == sorted(seen)
    for child in children:
        child.kill()
        child.communicate(timeout=60)
    check(store)


if __name__ == "__main__":
    live(Path(sys.argv[1]), sys.argv[2])
