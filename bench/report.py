"""What every benchmark prints: a table for people, and one JSON object as its last line."""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

# The real corpora, where this checkout has them beside it.
SHARED = Path(__file__).resolve().parents[1].parent / "shared" / "data"


def machine() -> str:
    """Say what the figures were measured on."""
    memory = psutil.virtual_memory().total / 2**30
    cores = psutil.cpu_count()
    system = f"{platform.system()}, Python {platform.python_version()}"
    return f"{datetime.now(UTC).date()}, {cores} cores, {memory:.0f} GiB, {system}"


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table to standard error, so that standard output ends with the JSON line."""
    shown = Table(title=title)
    for column in columns:
        shown.add_column(column, justify="left" if column == columns[0] else "right")
    for row in rows:
        shown.add_row(*(f"{cell:.3g}" if isinstance(cell, float) else str(cell) for cell in row))
    Console(stderr=True).print(shown)


def finish(figures: Mapping[str, object]) -> None:
    """Print the figures as the last line."""
    sys.stderr.write(f"{machine()}\n")
    sys.stderr.flush()
    sys.stdout.write(json.dumps({k: round(v, 4) if isinstance(v, float) else v for k, v in figures.items()}) + "\n")
