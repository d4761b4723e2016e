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
REGISTER = """
kind = "organisations"
precedence = 200
row_key = ["code"]
unique = true
[[entity]]
as = "body"
type = "Organisation"
register = true
own = "code"
written = { from = "name", required = true }
set.kind = "kind"
set.verified = { const = true }
[[entity]]
as = "parent"
type = "Organisation"
when = "parent"
reference = "name"
written = "parent"
[[link]]
type = "PART_OF"
start = "body"
end = "parent"
"""


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


def rows(store: Store, text: Any, **parameters: Any) -> list[dict[str, Any]]:
    """Ask the graph."""
    return store.database.records("test", text, **parameters)


def bodies(count: int) -> list[dict[str, object]]:
    """Rows of a register as `REGISTER` reads it."""
    return [{"code": f"{n:03d}", "name": f"第{n}研究院", "kind": "institute"} for n in range(count)]


def names(store: Store) -> set[str]:
    """Names of all organisations."""
    return {
        row["name"] for row in rows(store, "MATCH (o:Organisation) WHERE o.tombstone IS NULL RETURN o.name AS name")
    }
