"""Connected components from edges, as arrays: union–find for numpy, and the maximum spanning forest of scored edges."""

from __future__ import annotations

import numpy as np

from ingest.people.mentions import Floats, Ints


def components(size: int, left: Ints, right: Ints) -> Ints:
    """Return for every node of 0 … size − 1 the smallest node it is connected with."""
    parent = np.arange(size)
    while len(left):
        low, high = np.minimum(parent[left], parent[right]), np.maximum(parent[left], parent[right])
        open_ = low != high
        left, right, low, high = left[open_], right[open_], low[open_], high[open_]
        np.minimum.at(parent, high, low)
        while True:
            shorter = parent[parent]
            if np.array_equal(shorter, parent):
                break
            parent = shorter
    return parent


def spanning_forest(size: int, left: Ints, right: Ints, score: Floats) -> Ints:
    """Return the indexes of edges of a maximum spanning forest (Borůvka 1926).

    At every threshold it connects the same nodes as all edges do, and it has fewer edges than there are nodes.
    """
    order = np.lexsort((right, left, -score))
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    label = np.arange(size)
    chosen: list[Ints] = []
    open_ = np.arange(len(left))
    while True:
        open_ = open_[label[left[open_]] != label[right[open_]]]
        if not len(open_):
            break
        best = np.full(size, len(order))
        np.minimum.at(best, label[left[open_]], place[open_])
        np.minimum.at(best, label[right[open_]], place[open_])
        picked = order[np.unique(best[best < len(order)])]
        chosen.append(picked)
        label = components(size, label[left[picked]], label[right[picked]])[label]
    return np.concatenate(chosen) if chosen else np.zeros(0, dtype=np.int64)
