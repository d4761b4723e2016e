"""How many people does a question reach under filters: exactly as many as the ranked answer has candidates.

The ranking looks at the best `WORKS_RETRIEVED` works of the people wanted. Counting under a further filter takes the
best works of fewer people, which are the next ones of the same order. So one deeper search (`DEPTH` works) answers for
every value with enough works in it; the rest are asked one by one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from graph.database import Database
from graph.people_columns import Mask
from graph.textindex import TextIndex, WorkHit
from queries.filters import ExpertFilters
from queries.ranking import WORKS_RETRIEVED
from queries.retrieval import Asked, works_found
from queries.selection import Selection, selected

# 4,000 works are read in some 40 ms; a value that holds an eighth of them needs no search of its own.
DEPTH: Final = 4_000


def works_wanted(
    index: TextIndex,
    question: Asked,
    selection: Selection | None,
    limit: int = WORKS_RETRIEVED,
    *,
    counted: Reached | None = None,
) -> list[WorkHit]:
    """Which works hold the words of the question, of the people and of the kinds and years wanted?  The best ones.

    `counted` is what a deeper search found before, whose first works are the same when it was for the same question.
    """
    if counted is not None and limit <= DEPTH and counted.answers(index, question, selection):
        return list(counted.works[:limit])
    if selection is None:
        return works_found(index, question, limit=limit)
    return works_holding(index, question.boosts if question.question.terms else {}, selection, limit)


def works_holding(
    index: TextIndex, boosts: Mapping[str, float], selection: Selection | None, limit: int
) -> list[WorkHit]:
    """As `works_wanted`, for terms with their weights."""
    if not boosts:
        return []
    if selection is None:
        return index.search_works(boosts, limit=limit)
    if selection.wanted_by and not selection.chosen:
        return []
    filters = selection.filters
    return index.search_works(
        boosts,
        limit=limit,
        people=selection.searched,
        types=selection.types,
        since_year=filters.since_year,
        until_year=filters.until_year,
    )


def people_reached(index: TextIndex, question: Asked, selection: Selection) -> int:
    """How many people does the question reach?  Without words: whom the filters want."""
    if not question.question.terms:
        return int(listed(index, selection).sum())
    return Reached(selection, tuple(works_wanted(index, question, selection))).count()


def listed(index: TextIndex, selection: Selection) -> Mask:
    """Whom do the filters want, where there is no text?  Filters on works: who has such a work."""
    if not selection.on_works:
        return selection.mask
    filters = selection.filters
    authors = index.people_with_works(
        types=selection.types, since_year=filters.since_year, until_year=filters.until_year
    )
    return selection.mask & selection.people.of_ids(authors)


@dataclass(frozen=True)
class Reached:
    """The works found, best first, and whose they are; `question` is what was searched for (None: nothing was)."""

    selection: Selection
    works: tuple[WorkHit, ...]
    question: Asked | None = None

    def answers(self, index: TextIndex, question: Asked, selection: Selection | None) -> bool:
        """Are these the works of this question, with these filters, in the present state of the index?"""
        filters = ExpertFilters() if selection is None else selection.filters
        return (
            self.question is not None
            and self.question.boosts == question.boosts
            and self.selection.filters == filters
            and self.selection.people is index.people
        )

    @cached_property
    def _mentions(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        row_of, mask = self.selection.people.row_of, self.selection.mask
        lines = [
            (place, row)
            for place, work in enumerate(self.works)
            for person in work.people
            if (row := row_of.get(person, -1)) >= 0 and mask[row]
        ]
        places, rows = zip(*lines, strict=True) if lines else ((), ())
        return np.array(places, dtype=np.int32), np.array(rows, dtype=np.int32)

    @property
    def rows(self) -> NDArray[np.int32]:
        """Return the rows of everybody in these works, each once."""
        return np.unique(self._mentions[1])

    def count(self, people: Mask | None = None, works: Mask | None = None) -> int:
        """How many people are in the first `WORKS_RETRIEVED` of the works of these people, or of these works?"""
        return self._counted(people, works)[0]

    def sure(self, people: Mask | None = None, works: Mask | None = None) -> int | None:
        """As `count`; None when works that were not read may count."""
        found, enough = self._counted(people, works)
        return found if enough or len(self.works) < DEPTH else None

    def everybody_in(self, works: Mask | None) -> int:
        """How many people are in these of the works, however many they are?"""
        places, rows = self._mentions
        return len(np.unique(rows if works is None else rows[works[places]]))

    def _counted(self, people: Mask | None, works: Mask | None) -> tuple[int, bool]:
        places, rows = self._mentions
        kept = np.ones(len(places), dtype=np.bool_)
        if people is not None:
            kept &= people[rows]
        if works is not None:
            kept &= works[places]
        places, rows = places[kept], rows[kept]
        distinct = np.unique(places)
        # Works that no person of the index is in take a place of the search all the same, where it is for anybody.
        if not self.selection.wanted_by and people is None:
            distinct = np.flatnonzero(works) if works is not None else np.arange(len(self.works))
        enough = len(distinct) >= WORKS_RETRIEVED
        if enough:
            rows = rows[places <= distinct[WORKS_RETRIEVED - 1]]
        return len(np.unique(rows)), enough


def people_with(db: Database, index: TextIndex, question: Asked, filters: ExpertFilters, on: date) -> int:
    """How many people does a question reach under these filters?"""
    return people_reached(index, question, selected(db, index, filters=filters, on=on))
