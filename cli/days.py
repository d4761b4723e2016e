"""Days on the command line: 下周, 12月1日至5日, 2026-12-01 …, counted from today."""

from __future__ import annotations

from datetime import date

from cli.output import utf8_text
from queries.periods import period_written
from queries.posts import today


def when_of(text: str) -> tuple[date, date]:
    """Return first and last day of a period as written; raises `InputError` with examples."""
    return period_written(utf8_text(text), today=today())
