"""`python -m bench.large [--experts N] [--outputs N] [--engines …]`: two stores of national size, built once and kept.

100,000 experts and 1,000,000 outputs of the fictional country (and a tenth of it, for the growth), as real stores of
this software: the embedded engine through `graph.merge.upsert`, Neo4j 5.26 by `neo4j-admin database import` of the same
claims. They lie in the user's cache folder as bench-large-OUTPUTS-ENGINE; `opened` gives them to other benchmarks.
"""

from __future__ import annotations

import argparse
import contextlib
import shutil
import sys
import time
from collections.abc import Callable, Generator, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Final, Literal, get_args

from platformdirs import user_cache_path

from bench import large_neo4j
from bench.large_claims import KEY, Chunk, chunks
from bench.report import finish, table
from graph import embedded, settings, store
from graph.merge import upsert
from graph.store import Store
from graph.textindex import TextIndex
from ingest.sample import SEED

Engine = Literal["arcadedb", "neo4j-5.26.30"]
ENGINES: Final[tuple[Engine, ...]] = get_args(Engine)
SIZES: Final = ((10_000, 100_000), (100_000, 1_000_000))
# The engine keeps its pages in its heap; with the default of 1 GiB a cold question of this store reads the disk.
HEAP_MB: Final = 2_048


def home_of(outputs: int, engine: Engine) -> Path:
    """Return the folder of a kept store."""
    return user_cache_path("zhiku") / f"bench-large-{outputs}-{engine.partition('-')[0]}"


@contextlib.contextmanager
def opened(experts: int, outputs: int, engine: Engine, *, fresh: bool = False) -> Generator[Store]:
    """Give the kept store of this size, building it first when it is absent or of another model; its engine runs
    until the block ends."""
    home = home_of(outputs, engine)
    marker, begun, wanted = home / "complete", home / "begun", _version()
    if fresh or not marker.exists() or marker.read_text() != wanted:
        # A load that was interrupted goes on after its last committed chunk.
        if fresh or engine != "arcadedb" or not begun.exists() or begun.read_text() != wanted:
            shutil.rmtree(home, ignore_errors=True)
            home.mkdir(parents=True)
            begun.write_text(wanted)
        began = time.monotonic()
        elements = _build(home, engine, _told(chunks(experts, outputs, SEED)))
        seconds = time.monotonic() - began
        (home / "loaded").write_text(f"{elements} {seconds:.0f}")
        marker.write_text(wanted)
    with running(home, engine) as ready:
        yield ready


@contextlib.contextmanager
def running(home: Path, engine: Engine) -> Generator[Store]:
    """Give the store of a folder, whatever is in it; its engine runs until the block ends."""
    if engine == "arcadedb":
        own = embedded.EmbeddedEngine(home, heap_mb=HEAP_MB)
        try:
            with store.connect(own.ensure_running(), home, store_key=KEY) as ready:
                yield ready
        finally:
            own.stop()
        return
    with (
        large_neo4j.server(home / "neo4j") as endpoint,
        store.connect(endpoint, home, settings=_patient(), store_key=KEY) as ready,
    ):
        yield ready


def _patient() -> settings.DatabaseSettings:
    return settings.DatabaseSettings(timeout_s=600)  # pyright: ignore[reportCallIssue]


def _build(home: Path, engine: Engine, claims: Iterator[Chunk]) -> int:
    if engine != "arcadedb":
        elements = large_neo4j.load(home / "neo4j", claims)
        with running(home, engine) as ready:
            ready.database.records("indexes_online", "CALL db.awaitIndexes(600)")
        return elements
    elements = 0
    with running(home, engine) as ready:
        done = ready.audit.head().number
        for number, chunk in enumerate(claims, 1):
            elements += chunk.elements
            if number <= done:
                continue
            upsert(
                ready.audit,
                chunk.source,
                chunk.nodes,
                chunk.relationships,
                run="bench-large",
                actor="bench",
                first=True,
            )
    return elements


def _told(claims: Iterator[Chunk]) -> Generator[Chunk]:
    """Pass chunks on, saying now and then how far they are."""
    began, elements = time.monotonic(), 0
    for number, chunk in enumerate(claims, 1):
        yield chunk
        elements += chunk.elements
        if number % 100 == 0:
            rate = elements / (time.monotonic() - began)
            sys.stderr.write(f"  {elements:,} nodes and relationships, {rate:,.0f} a second\n")
            sys.stderr.flush()


def _version() -> str:
    """Return a digest of what a small country of the same seed claims: a kept store is good while that is the same."""
    digest = sha256()
    for chunk in chunks(40, 200, SEED):
        nodes = [(claim.type.label, claim.key, claim.properties, claim.labels) for claim in chunk.nodes]
        digest.update(
            repr((chunk.source.id, nodes, [(*r.identity, r.properties) for r in chunk.relationships])).encode()
        )
    return digest.hexdigest()


def timed(work: Callable[[], object]) -> float:
    """Seconds that `work` takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def main() -> None:
    """Build what is absent, index it, and say how long it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--experts", type=int, default=0)
    parser.add_argument("--outputs", type=int, default=0)
    parser.add_argument("--engines", nargs="*", choices=ENGINES, default=ENGINES)
    parser.add_argument("--fresh", action="store_true")
    parser.add_argument("--no-index", action="store_true", help="leave the text index to the first who opens it")
    options = parser.parse_args()
    sizes = ((options.experts, options.outputs),) if options.outputs else SIZES
    rows: list[list[object]] = []
    figures: dict[str, object] = {}
    for experts, outputs in sizes:
        for engine in options.engines:
            with opened(experts, outputs, engine, fresh=options.fresh) as ready:
                elements, seconds = (home_of(outputs, engine) / "loaded").read_text().split()
                index = 0.0 if options.no_index else timed(lambda opened=ready: TextIndex.open(opened))
                rows.append([engine, outputs, int(elements), int(seconds), index])
                figures[f"load_s_{engine}_{outputs}"] = int(seconds)
                figures[f"index_s_{engine}_{outputs}"] = index
    table("large stores: seconds", ["engine", "outputs", "elements", "load", "index (0: was there)"], rows)
    finish(figures)


if __name__ == "__main__":
    main()
