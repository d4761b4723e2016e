"""Groups that hang together by a single pair are cut there: one wrong pair must not join two people.

Pairs are taken from the strongest down (single linkage, Gower and Ross 1969); where one would join two groups of two
mentions or more, all pairs between the two must average a given number of points. The outcome depends on the set of
mentions alone. Where it leaves apart what an earlier run had joined, that is a proposal to split.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ingest.people.constraints import STRONG_LEVEL
from ingest.people.mentions import Floats, Ints
from ingest.people.weights import FLOOR

# A matrix of this many rows takes 32 MB; larger groups come from decisions of people only.
_MOST: Final = 2_000


def cut_bridges(
    label: Ints, edges: tuple[Ints, Ints, Floats], pairs: tuple[Ints, Ints, Floats], least: float
) -> list[Ints]:
    """Relabel the groups that a bridge holds together; return the members each of them had.

    `label` is changed in place. `edges` (left, right, level) connect the groups, `pairs` (left, right, points) are all
    pairs above the floor; what is not among them counts as the floor.
    """
    sizes = np.bincount(label, minlength=len(label))
    wanted = (sizes[label] >= 4) & (sizes[label] <= _MOST)
    if not wanted.any():
        return []
    left, right, level = _inside(label, wanted, edges)
    one, other, points = _inside(label, wanted, pairs)
    order, pair_order = np.argsort(label[left], kind="stable"), np.argsort(label[one], kind="stable")
    left, right, level = left[order], right[order], level[order]
    one, other, points = one[pair_order], other[pair_order], points[pair_order]
    member_order = np.argsort(label, kind="stable")
    sorted_labels, edge_labels, pair_labels = label[member_order], label[left], label[one]
    cut: list[Ints] = []
    for group in np.unique(label[wanted]):
        members = member_order[_range(sorted_labels, group)]
        here, there = _range(edge_labels, group), _range(pair_labels, group)
        place = np.searchsorted(members, left[here]), np.searchsorted(members, right[here])
        matrix = _matrix(members, (one[there], other[there], points[there]))
        parts = _parts(len(members), (*place, level[here]), matrix, least)
        if parts.any():
            cut.append(members)
            label[members] = members[parts]
    return cut


def _range(values: Ints, value: np.int64) -> slice:
    return slice(int(np.searchsorted(values, value, "left")), int(np.searchsorted(values, value, "right")))


def _inside(
    label: Ints, wanted: np.ndarray[tuple[int], np.dtype[np.bool_]], edges: tuple[Ints, Ints, Floats]
) -> tuple[Ints, Ints, Floats]:
    left, right, value = edges
    kept = (label[left] == label[right]) & wanted[left]
    return left[kept], right[kept], value[kept]


def _matrix(members: Ints, pairs: tuple[Ints, Ints, Floats]) -> Floats:
    left, right = np.searchsorted(members, pairs[0]), np.searchsorted(members, pairs[1])
    matrix = np.full((len(members), len(members)), FLOOR)
    matrix[left, right] = matrix[right, left] = np.maximum(pairs[2], FLOOR)
    return matrix


def _parts(size: int, edges: tuple[Ints, Ints, Floats], sums: Floats, least: float) -> Ints:
    """Return for every member the first member of its part."""
    leader = np.arange(size)
    counts = np.ones(size)
    left, right, level = edges
    low, high = np.minimum(left, right), np.maximum(left, right)
    for edge in np.lexsort((high, low, -level)):
        a, b = int(leader[low[edge]]), int(leader[high[edge]])
        if a == b:
            continue
        both = counts[a] * counts[b]
        if level[edge] < STRONG_LEVEL and min(counts[a], counts[b]) > 1 and sums[a, b] < least * both:
            continue
        a, b = min(a, b), max(a, b)
        sums[a] += sums[b]
        sums[:, a] += sums[:, b]
        counts[a] += counts[b]
        leader[leader == b] = a
    return leader
