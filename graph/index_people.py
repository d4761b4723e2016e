"""Reading people and bodies out of the text index at once: as columns, and who has works of some kind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, cast

import tantivy
from tantivy import FieldType, Occur, Query

from graph.index_folder import NAMES, WORKS
from graph.people_columns import PeopleColumns

# Read as one list, 100,000 people left 400 MB with the process; the columns themselves are some 40 MB.
_PAGE: Final = 5_000


def read_columns(names: tantivy.Searcher, written: int, earlier: PeopleColumns | None) -> PeopleColumns:
    """Return everybody as of a write; only what is newer than the `earlier` columns (of the same index) is read.

    A document taken away leaves no trace that is newer, only a count that does not agree: then all is read.
    """
    if earlier is not None:
        newer = _columns(names, written, earlier)
        if len(newer) == _count(names, "person") and len(newer.bodies.bodies) == _count(names, "organisation"):
            return newer
    return _columns(names, written, None)


def _columns(names: tantivy.Searcher, written: int, earlier: PeopleColumns | None) -> PeopleColumns:
    after = None if earlier is None else earlier.written
    columns = earlier or PeopleColumns.empty()
    bodies = columns.bodies.updated(each for page in _pages(names, "organisation", after) for each in page)
    for page in _pages(names, "person", after):
        columns = columns.updated(page)
    return columns.with_bodies(bodies, written)


def _pages(names: tantivy.Searcher, kind: str, after: int | None) -> Iterator[list[bytes]]:
    query = _of_type(kind)
    if after is not None:
        newer = Query.range_query(NAMES, "written", FieldType.Unsigned, lower_bound=after, include_lower=False)
        query = Query.boolean_query([(Occur.Must, query), (Occur.Must, newer)])
    silent = Query.const_score_query(query, 0.0)
    hits = names.search(silent, limit=max(1, names.num_docs), count=False).hits
    for start in range(0, len(hits), _PAGE):
        yield [cast("bytes", names.doc(address).get_first("stored")) for _, address in hits[start : start + _PAGE]]


def _of_type(kind: str) -> Query:
    return Query.term_query(NAMES, "type", kind, index_option="basic")


def _count(names: tantivy.Searcher, kind: str) -> int:
    # The package leaves its dictionaries without types.
    counted = cast(
        "dict[str, dict[str, float]]",
        names.aggregate(_of_type(kind), {"all": {"value_count": {"field": "written"}}}),  # pyright: ignore[reportUnknownMemberType]
    )
    return int(counted["all"]["value"])


def people_of_works(works: tantivy.Searcher, filters: Sequence[Query]) -> frozenset[str]:
    """Who has a work for which all of these hold?  Ids, those of people without a document of their own included."""
    of_works = Query.term_query(WORKS, "type", "work", index_option="basic")
    query = Query.boolean_query([(Occur.Must, each) for each in (of_works, *filters)])
    return frozenset(person for person, works_ in works.terms_with_prefix("person", "", filter_query=query) if works_)
