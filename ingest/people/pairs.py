"""Which pairs of mentions are compared, as arrays; and what the two of each pair have in common.

Many small blocks make one set of pairs, so that the price of a numpy call is paid once for thousands of names. What two
mentions share is found through inverted lists (entries sorted by block and item), never by looking at every pair.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ingest.people.mentions import Ints

# Matches of entries are made in pieces of this many (8 bytes each, several arrays).
_PIECE: Final = 3_000_000


@dataclass(frozen=True)
class PairSet:
    """Pairs of rows inside blocks: all i < j of each block (`right` None), or every left with every right of a block.

    `left` and `right` are row numbers of the mention table sorted by block; `left_block` and `right_block` their
    blocks. The pairs of a set are numbered from 0, block by block and row by row.
    """

    left: Ints
    left_block: Ints
    right: Ints
    right_block: Ints
    triangular: bool

    @classmethod
    def within(cls, rows: Ints, blocks: Ints) -> PairSet:
        """Return all pairs of the rows inside each block; rows come sorted by block."""
        return cls(rows, blocks, rows, blocks, True)

    @classmethod
    def across(cls, left: Ints, left_block: Ints, right: Ints, right_block: Ints) -> PairSet:
        """Return every pair of a left row with a right row of the same block; both come sorted by block."""
        return cls(left, left_block, right, right_block, False)

    @cached_property
    def _partners(self) -> tuple[Ints, Ints]:
        """For every left row: the first position on the right it is paired with, and how many follow."""
        first = np.searchsorted(self.right_block, self.left_block, "left")
        last = np.searchsorted(self.right_block, self.left_block, "right")
        if self.triangular:
            first = np.arange(1, len(self.left) + 1)
        return first, last - first

    @cached_property
    def _numbers(self) -> Ints:
        """The number of the first pair of every left row."""
        counts = self._partners[1]
        return np.cumsum(counts) - counts

    def __len__(self) -> int:
        return int(self._partners[1].sum())

    @cached_property
    def positions(self) -> tuple[Ints, Ints]:
        """Position on the left and on the right of every pair."""
        first, counts = self._partners
        left = np.repeat(np.arange(len(self.left)), counts)
        right = np.arange(len(left)) - np.repeat(self._numbers - first, counts)
        return left, right

    @cached_property
    def rows(self) -> tuple[Ints, Ints]:
        """Row of the mention table on the left and on the right of every pair."""
        left, right = self.positions
        return self.left[left], self.right[right]

    def number(self, left: Ints, right: Ints) -> Ints:
        """Return the numbers of pairs given by their positions."""
        return self._numbers[left] + right - self._partners[0][left]

    def matches(
        self, left: tuple[Ints, NDArray[np.integer]], right: tuple[Ints, NDArray[np.integer]] | None = None
    ) -> Iterator[tuple[Ints, Ints, Ints]]:
        """Yield (pair number, left entry, right entry) wherever both rows of a pair have the same item.

        `left` and `right` are (position, item) of every entry, each item once a row; a triangular set has only `left`.
        """
        left_keys = _keys(self.left_block, left)
        order = np.argsort(left_keys, kind="stable")
        keys = left_keys[order]
        if right is None:
            right_order, right_positions = order, left[0]
            first = np.arange(1, len(keys) + 1)
            last = np.searchsorted(keys, keys, "right")
        else:
            right_keys = _keys(self.right_block, right)
            right_order, right_positions = np.argsort(right_keys, kind="stable"), right[0]
            right_sorted = right_keys[right_order]
            first = np.searchsorted(right_sorted, keys, "left")
            last = np.searchsorted(right_sorted, keys, "right")
        counts = last - first
        kept = counts > 0
        order, first, counts = order[kept], first[kept], counts[kept]
        total = np.cumsum(counts)
        start = 0
        while start < len(order):
            done = int(total[start] - counts[start])
            end = max(start + 1, int(np.searchsorted(total, done + _PIECE, "right")))
            number = counts[start:end]
            here = np.repeat(order[start:end], number)
            offset = np.repeat(total[start:end] - number - done - first[start:end], number)
            there = right_order[np.arange(len(here)) - offset]
            yield self.number(left[0][here], right_positions[there]), here, there
            start = end


def _keys(blocks: Ints, entries: tuple[Ints, NDArray[np.integer]]) -> Ints:
    positions, items = entries
    return (blocks[positions].astype(np.int64) << 32) | items.astype(np.int64)
