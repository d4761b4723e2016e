"""What is a person asked? Average link between components, each pair counting at least −1; most decisive first.

The floor matters more than the weights (identity.md, recipe 4): somebody who moved has many pairs without any sign.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from ingest.people.constraints import Rules
from ingest.people.mentions import Floats, Ints
from ingest.people.weights import FLOOR

# A queue longer than this for one name is no queue: the most decisive come first, the rest after the answers.
MOST_OF_A_BATCH: Final = 20_000


@dataclass(frozen=True, slots=True)
class Question:
    """Are these two groups of mentions one person?

    `left` and `right` are rows of the table (the groups as they would be if the questions before were answered yes),
    `pair` the two mentions that speak most for it, `score` their points, `average` the floored average of all pairs,
    `decides` the number of pairs of mentions an answer settles.
    """

    left: tuple[int, ...]
    right: tuple[int, ...]
    pair: tuple[int, int]
    score: float
    average: float

    @property
    def decides(self) -> int:
        """Pairs of mentions that an answer settles."""
        return len(self.left) * len(self.right)


@dataclass(slots=True)
class _Link:
    """Pairs between two groups that score above the floor: their sum above it, and the best."""

    above: float
    score: float
    pair: tuple[int, int]

    def plus(self, other: _Link | None) -> _Link:
        if other is None:
            return self
        best = max((self, other), key=lambda link: (link.score, link.pair))
        return _Link(self.above + other.above, best.score, best.pair)


def ask_about(members: Mapping[int, list[int]], pairs: tuple[Ints, Ints, Floats, Ints, Ints], rules: Rules, *, ask: float) -> list[Question]:
    """Return the questions between components; `members` are their rows.

    `pairs` are (row, row, points, component, component) of pairs above the floor between different components.
    """
    links = _links(pairs)
    groups = {label: list(rows) for label, rows in members.items()}
    version = dict.fromkeys(groups, 0)
    heap: list[tuple[float, int, int, int, int]] = []

    def push(one: int, other: int) -> None:
        low, high = min(one, other), max(one, other)
        average = FLOOR + links[low][high].above / (len(groups[low]) * len(groups[high]))
        if average >= ask:
            heapq.heappush(heap, (-round(average, 6), low, high, version[low], version[high]))

    for low, others in list(links.items()):
        for high in others:
            if low < high:
                push(low, high)
    found: list[Question] = []
    while heap and len(found) < MOST_OF_A_BATCH:
        average, low, high, one, other = heapq.heappop(heap)
        if version.get(low) != one or version.get(high) != other:
            continue
        link = links[low].pop(high)
        del links[high][low]
        if not rules.may_join(groups[low], groups[high]):
            continue
        found.append(Question(tuple(groups[low]), tuple(groups[high]), link.pair, link.score, -average))
        _merge(low, high, links, groups)
        version[low] += 1
        del version[high], groups[high]
        for neighbour in links[low]:
            push(low, neighbour)
    return found


def _merge(low: int, high: int, links: dict[int, dict[int, _Link]], groups: dict[int, list[int]]) -> None:
    groups[low] = sorted(groups[low] + groups[high])
    for neighbour, link in links.pop(high).items():
        del links[neighbour][high]
        joined = link.plus(links[low].get(neighbour))
        links[low][neighbour] = links[neighbour][low] = joined


def _links(pairs: tuple[Ints, Ints, Floats, Ints, Ints]) -> dict[int, dict[int, _Link]]:
    left, right, score, one, other = pairs
    low, high = np.minimum(one, other), np.maximum(one, other)
    order = np.lexsort((right, left, score, high, low))
    low, high, left, right, score = low[order], high[order], left[order], right[order], score[order]
    links: dict[int, dict[int, _Link]] = {}
    if not len(low):
        return links
    first = np.flatnonzero(np.r_[True, (low[1:] != low[:-1]) | (high[1:] != high[:-1])])
    last = np.r_[first[1:], len(low)] - 1
    above = np.add.reduceat(score - FLOOR, first)
    for a, b, total, best in zip(low[first].tolist(), high[first].tolist(), above.tolist(), last.tolist(), strict=True):
        link = _Link(total, float(score[best]), (int(left[best]), int(right[best])))
        links.setdefault(a, {})[b] = link
        links.setdefault(b, {})[a] = link
    return links
