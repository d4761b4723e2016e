"""`python -m bench.lookup_scale`: is a lookup still quick with 100,000 experts and 1,000,000 outputs on one machine?

Asks the stores of `bench.large` (built when absent: about 20 minutes and 10 GB of disk) on the embedded engine and on
Neo4j 5.26: keywords, titles and paragraphs of works by the same people that no store holds (the generator's next
works), plain and with filters, 20 people with 5 evidence works each; then the same through `zhiku serve`, one client
and eight at once, its memory, a restart of engine and service with the first answers after it, one changed work, and
with `--rebuild` the text index from nothing. Beside it, in the same run: SQLite's FTS5 and Neo4j's own full-text index
over the same works.

Quality: of how many unseen works is an author within the first 10? Questions and corpus come from one grammar, so that
the figures compare methods and say nothing of real texts (`bench.retrieval` does that).
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

import psutil

from bench import lookup_rivals
from bench.large import ENGINES, SIZES, Engine, home_of, opened, timed
from bench.large_claims import Country
from bench.lookup_rivals import told
from bench.lookup_service import ServiceFigures, over_http
from bench.report import finish, table
from graph.changes import SourceRef
from graph.claims import node_claim
from graph.merge import upsert
from graph.model import OUTPUT
from graph.store import Store
from graph.textindex import TextIndex
from ingest.sample import SEED
from ingest.sample.country import country_people, country_written
from queries.experts import experts_for_topic

LIMIT: Final = 20
_FILTERS: Final[dict[str, dict[str, Any]]] = {
    "none": {},
    "province": {"region": "87"},
    "title, since 2020": {"professional_title": "教授", "since_year": 2020},
    "organisation": {"organisation": "沧浪大学"},
}
_UPDATES: Final = 5


@dataclass(frozen=True)
class Question:
    """A text and the ids of those who wrote the work it is taken from."""

    kind: str
    text: str
    right: frozenset[str]


def questions(experts: int, count: int) -> list[Question]:
    """Return questions from works that the generator would write next: none of them is in a store."""
    world = country_people(experts, SEED)
    ids = Country(world).people
    asked: list[Question] = []
    for written in islice(country_written(world, 10 * count, 0, SEED + 1), 0, None, 10):
        row = written.row
        right = frozenset(ids[person.number] for person in written.people)
        asked.append(Question("keyword", " ".join(row["keywords"][:2]), right))
        asked.append(Question("title", row["title"], right))
        asked.append(Question("paragraph", f"{row['title']}。{row['abstract']}", right))
    return asked


@dataclass
class Taken:
    """Milliseconds by kind of question and filter; where the first right person stood (0: not among the first 10)."""

    milliseconds: dict[tuple[str, str], list[float]]
    ranks: dict[str, list[int]]

    def all(self, *, filters: bool) -> list[float]:
        """Every figure, of questions with filters or without."""
        return [ms for (_, name), each in self.milliseconds.items() if (name != "none") == filters for ms in each]


def measure(ask: Callable[[str, dict[str, Any]], list[str]], asked: list[Question], *, filters: bool) -> Taken:
    """Ask everything once to warm up and once by the clock."""
    taken = Taken({}, {})
    names = list(_FILTERS) if filters else ["none"]
    for warm in (True, False):
        for question in asked:
            for name in names:
                began = time.perf_counter()
                found = ask(question.text, _FILTERS[name])
                if not warm:
                    milliseconds = (time.perf_counter() - began) * 1_000
                    taken.milliseconds.setdefault((question.kind, name), []).append(milliseconds)
                    if name == "none":
                        place = next((n for n, id in enumerate(found[:10], 1) if id in question.right), 0)
                        taken.ranks.setdefault(question.kind, []).append(place)
    return taken


def ours(store: Store, index: TextIndex) -> Callable[[str, dict[str, Any]], list[str]]:
    """Return how this software is asked."""

    def ask(text: str, filters: dict[str, Any]) -> list[str]:
        answer = experts_for_topic(store.database, index, text=text, limit=LIMIT, **filters)
        return [expert.id for expert in answer.experts]

    return ask


def updates(store: Store, index: TextIndex) -> list[float]:
    """Seconds in which the index follows one changed work, several times."""
    rows = store.database.records("bench_works", "MATCH (n:Output) RETURN n.id AS id LIMIT $limit", limit=_UPDATES)
    # A note of the bench's own: the title that everybody sees is that of the source which said it first.
    note = SourceRef("works", "bench-note", 900)
    seconds: list[float] = []
    for row in rows:
        claim = node_claim(OUTPUT, row["id"], {"lang": "zh" if time.time_ns() % 2 else "zh-Hans"})
        upsert(store.audit, note, [claim], [], run="bench", actor="bench")
        seconds.append(timed(index.follow))
    return seconds


@dataclass
class Measured:
    """Everything of one engine at one size."""

    taken: Taken
    build_s: float = 0.0
    update_s: float = 0.0
    service: ServiceFigures | None = None


def measure_engine(
    engine: Engine, size: tuple[int, int], asked: list[Question], options: argparse.Namespace, rivals: list[Row]
) -> Measured:
    """Measure one engine; at full size also the service, an update and the rivals."""
    experts, outputs = size
    with opened(experts, outputs, engine) as store:
        told(f"{engine} {outputs}: opening the index")
        opening = timed(lambda: TextIndex.open(store))
        index = TextIndex.open(store)
        told(f"  opened in {opening:.1f} s; asking {len(asked)} questions")
        found = Measured(measure(ours(store, index), asked, filters=size == SIZES[-1]))
        if size != SIZES[-1]:
            return found
        found.update_s = max(updates(store, index))
        if options.rebuild:
            told("  rebuilding the index")
            found.build_s = timed(index.rebuild)
        if options.rivals:
            rivals.extend(_rivals(engine, store, index, asked, home_of(outputs, engine)))
    if options.service:
        told("  restarting engine and service")
        found.service = over_http(home_of(outputs, engine), engine, [question.text for question in asked])
    return found


Row = list[object]


def _rivals(engine: Engine, store: Store, index: TextIndex, asked: list[Question], home: Path) -> Iterator[Row]:
    if engine == "arcadedb":
        if not lookup_rivals.has_fts5():
            told("  this Python's SQLite has no FTS5: left out")
            return
        told("  SQLite FTS5")
        rival, seconds = lookup_rivals.fts5(home / "fts5.sqlite", index)
        name = "SQLite FTS5"
    else:
        told("  Neo4j full text")
        rival, seconds = lookup_rivals.neo4j_fulltext(store)
        name = "Neo4j full text (cjk)"
    few = asked[: 3 * 20]
    # A paragraph takes seconds there: a few of each kind are enough.
    taken = measure(lambda text, _: rival(text, LIMIT), few, filters=False)
    told(f"  {name} built in {seconds:.0f} s")
    yield from _rows(name, taken)
    yield from _rows(
        f"Zhiku on {engine}, the same questions", measure(ours(store, index), asked[: 3 * 20], filters=False)
    )


def _rows(name: str, taken: Taken) -> Iterator[Row]:
    for (kind, filters), each in taken.milliseconds.items():
        ranks = taken.ranks.get(kind, []) if filters == "none" else []
        hit = sum(place > 0 for place in ranks) / len(ranks) if ranks else ""
        mrr = sum(1 / place for place in ranks if place) / len(ranks) if ranks else ""
        yield [name, kind, filters, statistics.median(each), p95(each), hit, mrr]


def p95(each: list[float]) -> float:
    """The 95th percentile."""
    return statistics.quantiles(each, n=20)[18] if len(each) > 1 else each[0]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, default=60, help="of each kind")
    parser.add_argument("--engines", nargs="*", choices=ENGINES, default=ENGINES)
    parser.add_argument("--rebuild", action="store_true", help="also build the text index from nothing (minutes)")
    parser.add_argument("--no-rivals", dest="rivals", action="store_false")
    parser.add_argument("--no-service", dest="service", action="store_false")
    options = parser.parse_args()
    rows: list[Row] = []
    rivals: list[Row] = []
    figures: dict[str, object] = {"load_average_before": os.getloadavg()[0]}
    everything: list[float] = []
    growth: list[float] = []
    for engine in options.engines:
        small = measure_engine(engine, SIZES[0], questions(SIZES[0][0], options.questions), options, rivals).taken
        whole = measure_engine(engine, SIZES[-1], questions(SIZES[-1][0], options.questions), options, rivals)
        rows.extend(_rows(f"{engine} {SIZES[0][1]}", small))
        rows.extend(_rows(f"{engine} {SIZES[-1][1]}", whole.taken))
        both = whole.taken.all(filters=False) + whole.taken.all(filters=True)
        everything += both
        growth.append(statistics.median(whole.taken.all(filters=False)) / statistics.median(small.all(filters=False)))
        figures[f"p50_ms_{engine}"], figures[f"p95_ms_{engine}"] = statistics.median(both), p95(both)
        figures[f"growth_{engine}"], figures[f"update_s_{engine}"] = growth[-1], whole.update_s
        if options.rebuild:
            figures[f"build_s_{engine}"] = whole.build_s
        if whole.service is not None:
            figures.update({f"{name}_{engine}": value for name, value in whole.service.figures().items()})
    columns = ["store", "question", "filter", "p50 ms", "p95 ms", "hit@10", "MRR"]
    table("lookup at scale", columns, rows)
    if rivals:
        table("side by side, the same questions", columns, rivals)
    figures["p50_ms"], figures["p95_ms"], figures["growth"] = (
        statistics.median(everything),
        p95(everything),
        max(growth),
    )
    if options.service:
        figures["throughput_per_s"] = min(float(str(figures[f"throughput_per_s_{each}"])) for each in options.engines)
    figures["load_average_after"] = os.getloadavg()[0]
    figures["memory_available_gib"] = psutil.virtual_memory().available / 2**30
    finish(figures)


if __name__ == "__main__":
    main()
