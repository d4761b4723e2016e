"""Which works are of some people, as marks on the addresses of the index: a filter that is asked again and again.

The staff of a province ask for their province's experts all day. A set of thousands of people inside a search costs
.011 ms for each, reading works only to look at their people .015 ms for each; a mark is looked at in .0003 ms. At
1,000,000 works and 100,000 people (bench/lookup_scale.py) the marks of a province (7,500 people) take a quarter of a
second to make and 1 MB, once for every state of the index.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

import tantivy
from tantivy import Query

from graph.index_folder import WORKS

# Fewer people are quicker inside the search (of 1.5 % a question looks at 50,000 works to find 500); the works of more
# are so many that reading them is no detour, and a list of their addresses is long.
_FEWEST: Final = 1_500
_SMALLEST_SHARE: Final = 0.04
_MOST: Final = 25_000
_LARGEST_SHARE: Final = 0.2
_KEPT: Final = 8


def is_marked(people: int, everybody: int) -> bool:
    """Are so many of all people looked for by marks?"""
    return max(_FEWEST, _SMALLEST_SHARE * everybody) <= people <= min(_MOST, _LARGEST_SHARE * everybody)


class Marks(NamedTuple):
    """A byte for each work of each segment, up to the last one marked: 1 where it is of the people.

    `share` is that of all works.
    """

    segments: Sequence[bytearray]
    share: float

    def among(self, hits: Iterable[tuple[float, tantivy.DocAddress]]) -> Iterator[tuple[float, tantivy.DocAddress]]:
        """Return the hits that are marked, in their order."""
        segments = self.segments
        for hit in hits:
            address = hit[1]
            marked, doc = segments[address.segment_ord], address.doc
            if doc < len(marked) and marked[doc]:
                yield hit


class KeptMarks:
    """The marks of the last sets of people, in one state of the index."""

    def __init__(self) -> None:
        self._kept: dict[frozenset[str], Marks] = {}
        self._one_at_a_time = threading.Lock()

    def of(self, works: tantivy.Searcher, people: frozenset[str]) -> Marks:
        """Return the marks of these people, making them at the first use."""
        known = self._kept.get(people)
        if known is None:
            with self._one_at_a_time:
                known = self._kept.get(people)
                if known is None:
                    known = _marks(works, people)
                    if len(self._kept) >= _KEPT:
                        del self._kept[next(iter(self._kept))]
                    self._kept[people] = known
        return known


def _marks(works: tantivy.Searcher, people: frozenset[str]) -> Marks:
    query = Query.const_score_query(Query.term_set_query(WORKS, "person", sorted(people)), 0.0)
    hits = works.search(query, limit=max(1, works.num_docs), count=False).hits
    sizes = [0] * max(1, works.num_segments)
    for _, address in hits:
        sizes[address.segment_ord] = max(sizes[address.segment_ord], address.doc + 1)
    segments = [bytearray(size) for size in sizes]
    for _, address in hits:
        segments[address.segment_ord][address.doc] = 1
    return Marks(segments, len(hits) / max(1, works.num_docs))
