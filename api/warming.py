"""A few questions before the first person asks: engines, drivers and files are slow until they have been used once.

Measured at 1,000,000 outputs (bench/lookup_scale): see `bench/RESULTS.md`, "lookup at scale".
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Final

from graph.errors import ZhikuError
from graph.index_warming import read_index_files
from graph.store import Store
from graph.textindex import TextIndex
from queries.experts import experts_for_topic
from queries.facets import expert_facets
from queries.listing import experts_by_facets
from queries.organisations import organisations_for_topic
from queries.understanding import understanding

_log = logging.getLogger("zhiku.service")

# One title from writes spread over the whole history: their people lie in different parts of the store.
_TITLES: Final = """
UNWIND $numbers AS number
MATCH (n:Output {seq: number})
WHERE n.tombstone IS NULL AND coalesce(n.visibility, '') <> 'restricted'
RETURN number, head(collect(n.title)) AS title
"""
_MOST_WRITES: Final = 4
# What filters need is read after so many questions: whoever asks without one is not kept waiting for it.
_BEFORE_FILTERS: Final = 4


def warm_up(
    store: Store, index: TextIndex, *, questions: int, longest_s: float, stopped: Callable[[], bool] = lambda: False
) -> int:
    """Ask up to `questions` questions made of titles in the graph, for at most about `longest_s` seconds.

    Returns how many were asked; none in an empty graph. Nothing is written, answers are thrown away. An error ends it
    and is only logged: whoever asks next is told by the answer itself.
    """
    began, asked = time.monotonic(), 0
    try:
        read_index_files(store, stopped=stopped)
        titles = _titles(store, index.sequence, questions)
        for title in titles:
            if stopped() or time.monotonic() - began > longest_s:
                break
            experts_for_topic(store.database, index, text=title)
            if asked % 4 == 0:
                organisations_for_topic(store.database, index, text=title)
            asked += 1
            if asked == min(len(titles), _BEFORE_FILTERS) and not stopped():
                _warm_filters(store, index, title, stopped)
    except ZhikuError as error:
        _log.info("warm-up ended early: %s", error)
    if asked:
        _log.info("warmed up with %d questions in %.1f s", asked, time.monotonic() - began)
    return asked


def _warm_filters(store: Store, index: TextIndex, title: str, stopped: Callable[[], bool]) -> None:
    """Read what filters and counts need: everybody's columns, the topics, who is first by name."""
    steps: tuple[Callable[[], object], ...] = (
        lambda: index.people,
        lambda: expert_facets(store.database, index, text=title),
        lambda: experts_by_facets(store.database, index, limit=1),
        lambda: understanding(store.database, index, text=title),
    )
    for step in steps:
        if stopped():
            return
        step()


def _titles(store: Store, until: int, wanted: int) -> list[str]:
    """Return titles from writes spread over 1 … `until`, at most `wanted`."""
    numbers = sorted({1 + until * place // (wanted * _MOST_WRITES) for place in range(wanted * _MOST_WRITES)})
    rows = store.database.records("warm_up_titles", _TITLES, numbers=numbers) if wanted > 0 and until > 0 else []
    titles = [row["title"] for row in rows if row["title"]]
    return titles[:: max(1, len(titles) // max(1, wanted))][:wanted]
