"""How long does a store take to settle a batch of 1,000 works, and a first load, against the same computation alone?

A copy of the real papers (chinaxiv_zh) is loaded without its last 1,000 works and settled from nothing; then the rest
comes in. The baseline, in the same run, is the pure recipe over the same table: what remains is reading and writing
the graph.
"""

from __future__ import annotations

import gzip
import itertools
import sys
import tempfile
import time
from pathlib import Path

from bench.report import SHARED, finish, machine, table
from graph.settings import DatabaseSettings
from graph.store import Store, embedded, local_actor, open_store
from ingest.people.known import everything_known
from ingest.people.settling import SettleReport, settle
from ingest.registry import open_source
from ingest.run import run

BATCH = 1_000
PAPERS = SHARED / "chinaxiv_zh" / "papers.jsonl.gz"


def main() -> int:
    """Load, settle, add a batch, settle; print seconds and ratios."""
    if not PAPERS.is_file():
        sys.stderr.write(f"共享数据不在 {PAPERS}\n")
        return 2
    with gzip.open(PAPERS, "rt", encoding="utf-8") as file:
        lines = list(file)
    with tempfile.TemporaryDirectory(prefix="zhiku-identity-") as folder:
        home = Path(folder)
        settings = DatabaseSettings().model_copy(update={"uri": ""})  # pyright: ignore[reportCallIssue]
        try:
            with open_store(settings, home) as store:
                rows, figures = measure(store, home, lines)
        finally:
            embedded(settings, home).stop()
    table(
        "settling in a store",
        ["step", "names", "mentions", "pairs", "merged", "questions", "seconds", "recipe alone s", "ratio"],
        rows,
    )
    finish({"machine": machine(), **figures})
    return 0


def measure(store: Store, home: Path, lines: list[str]) -> tuple[list[list[object]], dict[str, float]]:
    """Settle from nothing, then after a batch."""
    load(store, home / "first.jsonl", lines[:-BATCH])
    first, first_s = timed(store)
    load(store, home / "rest.jsonl", lines[-BATCH:])
    batch, batch_s = timed(store)
    known = everything_known(store, lambda _: None)
    began = time.monotonic()
    known.resolve()
    alone = time.monotonic() - began
    rows: list[list[object]] = [
        ["from nothing", *counts(first), round(first_s, 1), round(alone, 1), round(first_s / alone, 2)],
        [f"{BATCH} works more", *counts(batch), round(batch_s, 1), "", ""],
    ]
    return rows, {"first_s": round(first_s, 1), "batch_s": round(batch_s, 1), "recipe_s": round(alone, 1)}


def load(store: Store, path: Path, lines: list[str]) -> None:
    """Import some lines of the papers."""
    path.write_text("".join(itertools.chain(lines)), encoding="utf-8")
    run(store, open_source("works", dataset="chinaxiv_zh"), path, actor=local_actor())


def timed(store: Store) -> tuple[SettleReport, float]:
    """Settle, and say how long it took."""
    began = time.monotonic()
    report = settle(store, actor=local_actor())
    return report, time.monotonic() - began


def counts(report: SettleReport) -> list[object]:
    """The columns of a report."""
    return [report.names, report.mentions, report.pairs, report.merged, report.questions]


if __name__ == "__main__":
    raise SystemExit(main())
