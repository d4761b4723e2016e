"""Short ways to run an ingest of text or rows in a test."""

import csv
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from graph.store import Store
from ingest.mapping import parse_mapping
from ingest.report import RunReport
from ingest.run import run
from ingest.sources.table import TableSource
from ingest.sources.works import WorksSource

ACTOR = "local:test"


def table_file(path: Path, rows: Iterable[Mapping[str, object]]) -> Path:
    """Write rows as a CSV file."""
    listed = [dict(row) for row in rows]
    columns = list(dict.fromkeys(name for row in listed for name in row))
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, columns, restval="")
        writer.writeheader()
        writer.writerows(listed)
    return path


def works_file(path: Path, works: Iterable[Mapping[str, object]]) -> Path:
    """Write works as JSON Lines."""
    path.write_text("".join(json.dumps(work, ensure_ascii=False) + "\n" for work in works), encoding="utf-8")
    return path


def run_table(store: Store, mapping: str, path: Path, dataset: str = "probe", **options: Any) -> RunReport:
    """Run a table through the text of a mapping."""
    return run(store, TableSource(parse_mapping(mapping, "probe"), dataset), path, actor=ACTOR, **options)


def run_works(store: Store, path: Path, dataset: str = "probe", **options: Any) -> RunReport:
    """Run works."""
    return run(store, WorksSource(dataset), path, actor=ACTOR, **options)
