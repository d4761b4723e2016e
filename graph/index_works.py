"""The first works of a search: how a work found is read, and how far a search is looked at until there are enough."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, cast

import tantivy
from tantivy import Query

from graph.documents import ITEM, unpacked_work
from graph.index_marks import Marks
from graph.index_records import Records
from graph.work_mentions import Mention, unpacked_mentions

# Works with equal scores at the cut are put in order by id; the search is asked for this many beyond it.
_SLACK: Final = 16
# Of a page the accepted may be fewer than their share; a fifth more than that is looked at.
_MARGIN: Final = 1.2
_LARGEST_PAGE: Final = 20_000
# A search that goes on does all its work again: better too far than twice (1,000,000 works, 100 words: the first 500
# take 30 ms, the first 20,000 take 45). Each further page is at least twice this, four times …: a run of equal scores
# may be long.
_SMALLEST_PAGE: Final = 512
# Of a first page none may be accepted; the next one is not to be the whole index for that.
_SMALLEST_SHARE: Final = 1 / 16
# By marks no further than this: a search that holds the people (at most .3 s, `index_costs`) is quicker then.
_MOST_LOOKED_AT: Final = 60_000


class WorkHit(NamedTuple):
    """One work found: BM25 `score`, ids of its people and bodies, its tokens by one space, its stored `vector`."""

    id: str
    score: float
    kind: str
    year: int | None
    people: tuple[str, ...]
    organisations: tuple[str, ...]
    tokens: str
    length: int
    has_abstract: bool
    type: str = ""
    vector: bytes = b""
    packed_mentions: str = ""

    def mentions(self, person: str) -> Sequence[Mention]:
        """Return what one of its people did in it; of others nothing."""
        return unpacked_mentions(self.packed_mentions, self.people.index(person)) if person in self.people else ()


# A work as the search gives it, read or not yet.
_Found = tuple[float, tantivy.DocAddress, WorkHit | None]


class StoredWorks(NamedTuple):
    """The works of one state of the index: their searcher, and where their stored forms are."""

    searcher: tantivy.Searcher
    records: Records

    def begins(self, addresses: list[tantivy.DocAddress]) -> list[int]:
        """Return where the records of these addresses begin; of the marker, where all end."""
        return cast("list[int]", self.searcher.fast_field_values("record", addresses))

    def at(self, addresses: list[tantivy.DocAddress]) -> list[bytes]:
        """Return the stored works (`WorkDocument.packed`) of these addresses."""
        return self.records.read(self.begins(addresses))


def first_works(
    works: StoredWorks,
    query: Query,
    limit: int,
    accept: Callable[[WorkHit], bool] | None = None,
    marks: Marks | None = None,
) -> list[WorkHit] | None:
    """Return the first `limit` (at least 1) accepted works by score, equal scores by id.

    Of the works looked at only those marked are read, and only those that may be among the first. None when so few are
    marked that the search is better made with the people inside it; never without `marks`.
    """
    share = 1.0 if marks is None else marks.share
    if marks is not None and _MARGIN * limit > share * _MOST_LOOKED_AT:
        return None
    size, least = _page(limit, share), _SMALLEST_PAGE
    while True:
        # From the first work on, not from where the page before ended: of equal scores Tantivy leaves out others when
        # it is asked for more, so that pages would miss works and have some twice.
        hits = works.searcher.search(query, limit=size, count=False).hits
        looked_at = hits if marks is None else list(marks.among(hits))
        best: list[_Found] = [(score, address, None) for score, address in looked_at]
        if accept is not None:
            read = zip(looked_at, work_hits(works, looked_at), strict=True)
            best = [(score, address, hit) for (score, address), hit in read if accept(hit)]
        # A run of equal scores across the cut is read to its end, so that the ids decide.
        if len(hits) < size or (len(best) > limit and best[limit - 1][0] > hits[-1][0]):
            return _in_order(works, best, limit)
        if marks is not None and size >= _MOST_LOOKED_AT:
            return None
        size += max(least, _page(limit - len(best), len(best) / size))
        least = min(2 * least, _LARGEST_PAGE)


def _page(wanted: int, share: float) -> int:
    """Return how many works to look at next, when this share of them is accepted."""
    if share < 1:
        return min(_LARGEST_PAGE, int(_MARGIN * max(0, wanted) / max(share, _SMALLEST_SHARE)) + _SLACK)
    return min(_LARGEST_PAGE, max(0, wanted) + _SLACK)


def _in_order(works: StoredWorks, best: list[_Found], limit: int) -> list[WorkHit]:
    """Return the first of works by score, equal scores by id; `best` is in the order of the scores."""
    count = len(best)
    if count > limit:
        last = best[limit - 1][0]
        count = next((place for place in range(limit, count) if best[place][0] < last), count)
    del best[count:]
    found = [hit for _, _, hit in best if hit is not None]
    if len(found) < len(best):
        found = work_hits(works, [(score, address) for score, address, _ in best])
    found.sort(key=lambda hit: (-hit.score, hit.id))
    return found[:limit]


def work_hits(works: StoredWorks, hits: Sequence[tuple[float, tantivy.DocAddress]]) -> list[WorkHit]:
    """Read the works of these hits, in their order."""
    stored = works.at([address for _, address in hits])
    return [_work_hit(score, each) for (score, _), each in zip(hits, stored, strict=True)]


def _work_hit(score: float, stored: bytes) -> WorkHit:
    """Read a stored work (`WorkDocument.packed`) as found with this score."""
    # Not through `WorkDocument`: 500 times a question, a second tuple is a sixth of this function's time.
    vector, (key, kind, year, abstract, length, people, bodies, words, sort, said) = unpacked_work(stored)
    number = int(year) if year else None
    who, where = tuple(people.split(ITEM)) if people else (), tuple(bodies.split(ITEM)) if bodies else ()
    return WorkHit(key, score, kind, number, who, where, words, int(length), bool(abstract), sort, vector, said)


def stored_bytes(searcher: tantivy.Searcher, address: tantivy.DocAddress) -> bytes:
    """Return what was stored of a document that is not a work."""
    return cast("bytes", searcher.doc(address).get_first("stored"))
