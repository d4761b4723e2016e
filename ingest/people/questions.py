"""What is a person asked? Average link between components, each pair counting at least −1; most decisive first.

The floor matters more than the weights (identity.md, recipe 4): somebody who moved has many pairs without any sign.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import Final

import numpy as np

from ingest.people.constraints import Rules, merged
from ingest.people.mentions import Floats, Ints
from ingest.people.weights import FLOOR

# A queue longer than this for one name is no queue: the most decisive come first, the rest after the answers.
MOST_OF_A_BATCH: Final = 20_000


@dataclass(frozen=True, slots=True)
class Question:
    """Are these two groups of mentions one person?

    `left` and `right` are the rows of the two automatic groups, `pair` the two mentions that speak most for it, `score`
    their points. `average` is the floored average of all pairs and `decides` the number of pairs of mentions an answer
    settles, both with what the questions before would join if answered yes.
    """

    left: tuple[int, ...]
    right: tuple[int, ...]
    pair: tuple[int, int]
    score: float
    average: float
    decides: int


@dataclass(slots=True)
class _Link:
    """Pairs between two groups that score above the floor: their sum above it, and the best."""

    above: float
    score: float
    pair: tuple[int, int]

    def plus(self, other: _Link | None) -> _Link:
        if other is None:
            return self
        best = max((self, other), key=lambda link: (link.score, -link.pair[0], -link.pair[1]))
        return _Link(self.above + other.above, best.score, best.pair)


def ask_about(rows: Ints, label: Ints, pairs: tuple[Ints, Ints, Floats], rules: Rules, *, ask: float) -> list[Question]:
    """Return the questions between components; `label` holds the component of each of the rows.

    `pairs` are (position, position, points) of pairs above the floor between different components, as positions in
    `rows`, which come in the order of the mention ids: of two equally good pairs the first is shown.
    """
    links = _links(label, pairs)
    concerned = np.isin(label, np.array(sorted(links), dtype=np.int64))
    members: dict[int, list[int]] = {}
    for group, row in zip(label[concerned].tolist(), rows[concerned].tolist(), strict=True):
        members.setdefault(group, []).append(row)
    own_rows = {group: tuple(own) for group, own in members.items()}
    groups = {group: rules.group_of(own) for group, own in own_rows.items()}
    version = dict.fromkeys(groups, 0)
    heap: list[tuple[float, int, int, int, int]] = []

    def push(one: int, other: int, link: _Link) -> None:
        low, high = (one, other) if one < other else (other, one)
        average = FLOOR + link.above / (len(groups[low].members) * len(groups[high].members))
        if average >= ask:
            heap.append((-round(average, 6), low, high, version[low], version[high]))

    for low, others in links.items():
        for high, link in others.items():
            if low < high:
                push(low, high, link)
    heapq.heapify(heap)
    found: list[Question] = []
    while heap and len(found) < MOST_OF_A_BATCH:
        average, low, high, one, other = heapq.heappop(heap)
        if version.get(low) != one or version.get(high) != other:
            continue
        link = links[low].pop(high)
        del links[high][low]
        if not rules.may_join(groups[low], groups[high]):
            continue
        left, right = (own_rows[int(label[position])] for position in link.pair)
        pair = int(rows[link.pair[0]]), int(rows[link.pair[1]])
        decides = len(groups[low].members) * len(groups[high].members)
        found.append(Question(left, right, pair, link.score, -average, decides))
        groups[low] = merged([groups[low], groups.pop(high)])
        _merge(low, high, links)
        version[low] += 1
        del version[high]
        fresh = len(heap)
        for neighbour, kept in links[low].items():
            push(low, neighbour, kept)
        added = heap[fresh:]
        del heap[fresh:]
        for entry in added:
            heapq.heappush(heap, entry)
    return found


def _merge(low: int, high: int, links: dict[int, dict[int, _Link]]) -> None:
    for neighbour, link in links.pop(high).items():
        del links[neighbour][high]
        joined = link.plus(links[low].get(neighbour))
        links[low][neighbour] = links[neighbour][low] = joined


def _links(label: Ints, pairs: tuple[Ints, Ints, Floats]) -> dict[int, dict[int, _Link]]:
    left, right = np.minimum(pairs[0], pairs[1]), np.maximum(pairs[0], pairs[1])
    score, one, other = pairs[2], label[left], label[right]
    low, high = np.minimum(one, other), np.maximum(one, other)
    order = np.lexsort((-right, -left, score, high, low))
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
