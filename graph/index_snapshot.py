"""Searches in one committed state of the text index. Nothing here writes, and nothing changes while it is used.

Terms go in as term queries, never through a query parser: operators and punctuation of a question mean nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import UTC, datetime
from typing import Final, NamedTuple, cast

import tantivy
from tantivy import FieldType, Occur, Query

from graph.documents import FIELD, ITEM, Document, OrganisationDocument, PersonDocument, WorkDocument
from graph.index_costs import largest_sent, telling_terms
from graph.index_folder import LONGEST_NAME, NAMES, WORKS, Generation, Marker, day_number
from graph.text import fold, name_key, tokens

# A question's distinct terms beyond these are left out, the most frequent in the index first (Lucene's clause limit).
MOST_TERMS: Final = 1024
# A set larger than this is compared with each hit instead of being sent into the search; of people often a smaller one.
_LARGEST_SET: Final = 50_000
# Works with equal scores at the cut are put in order by id; the search is asked for this many beyond it.
_SLACK: Final = 16
_LARGEST_PAGE: Final = 20_000
_MOST_NAMES: Final = 1_000
_FREQUENCIES_KEPT: Final = 65_536


class WorkHit(NamedTuple):
    """One work found: BM25 `score`, ids of its people and of the bodies in its mentions, its tokens by one space."""

    id: str
    score: float
    kind: str
    year: int | None
    people: tuple[str, ...]
    organisations: tuple[str, ...]
    tokens: str
    length: int
    has_abstract: bool


class NameHit(NamedTuple):
    """A person or body found by name; `score` only orders the hits of one call (5 = the very name … 0 = shares words).

    `listed`: an Expert, or a body known from a register.
    """

    id: str
    name: str
    score: float
    listed: bool


class Statistics(NamedTuple):
    """Σ of the lengths of all works, and df(t): in how many works a term stands (deleted ones count up to 5 %)."""

    total_tokens: int
    frequency: Callable[[str], int]


class Snapshot:
    """One state of both indexes."""

    def __init__(self, generation: Generation) -> None:
        self.generation = generation
        generation.works.reload()
        generation.names.reload()
        self._works = generation.works.searcher()
        self._names = generation.names.searcher()
        self._frequencies: dict[str, int] = {}
        self._total: int | None = None
        self.markers = (_marker(self._works, WORKS), _marker(self._names, NAMES))
        self.marker = min(self.markers, key=lambda marker: marker.seq)

    def search_works(
        self,
        terms: Mapping[str, float],
        *,
        limit: int,
        kinds: Collection[str] | None = None,
        since_year: int | None = None,
        people: Collection[str] | None = None,
        organisations: Collection[str] | None = None,
        exclude_people: Collection[str] = (),
    ) -> list[WorkHit]:
        """See `TextIndex.search_works`."""
        clauses = [
            (Occur.Should, Query.boost_query(Query.term_query(WORKS, "tokens", term, index_option="freq"), boost))
            for term, boost in self.rarest(terms).items()
        ]
        if not clauses or limit <= 0 or any(each is not None and not each for each in (kinds, people, organisations)):
            return []
        query = Query.boolean_query(clauses)
        largest = min(_LARGEST_SET, largest_sent(self._names.doc_freq("type", "person"), limit))
        filters, accept = _work_filters(
            kinds, since_year, people, organisations, excluded=frozenset(exclude_people), largest=largest
        )
        if filters:
            silent = [(Occur.Must, Query.const_score_query(each, 0.0)) for each in filters]
            query = Query.boolean_query([(Occur.Must, query), *silent])
        return self._best_works(query, limit, accept)

    def rarest(self, terms: Mapping[str, float]) -> Mapping[str, float]:
        """Return the terms of a search: at most `MOST_TERMS`, the rarest that occur in a work."""
        terms = telling_terms(terms, self.frequency, self.works)
        if len(terms) <= MOST_TERMS:
            return terms
        found = sorted((frequency, term) for term in terms if (frequency := self.frequency(term)))
        return {term: terms[term] for _, term in found[:MOST_TERMS]}

    def _best_works(self, query: Query, limit: int, accept: Callable[[WorkHit], bool] | None) -> list[WorkHit]:
        """Return the first `limit` accepted works by score, equal scores by id; pages on until there are so many."""
        best: list[WorkHit] = []
        page, offset = limit + _SLACK, 0
        while True:
            hits = self._works.search(query, limit=page, offset=offset, count=False).hits
            full = len(hits) == page
            if accept is None and offset == 0 and len(hits) > limit and hits[limit - 1][0] > hits[limit][0]:
                hits, full = hits[:limit], False
            doc = self._works.doc
            found = [_work_hit(score, cast("bytes", doc(address).get_first("stored"))) for score, address in hits]
            best += found if accept is None else filter(accept, found)
            # A run of equal scores across the cut is read to its end, so that the ids decide.
            if not full or (len(best) > limit and best[limit - 1].score > best[-1].score):
                break
            offset += page
            page = min(2 * page, _LARGEST_PAGE)
        best.sort(key=lambda hit: (-hit.score, hit.id))
        return best[:limit]

    def frequency(self, term: str) -> int:
        """Return in how many works a term stands."""
        known = self._frequencies.get(term)
        if known is None:
            if len(self._frequencies) >= _FREQUENCIES_KEPT:
                self._frequencies.clear()
            known = self._frequencies[term] = self._works.doc_freq("tokens", term)
        return known

    @property
    def statistics(self) -> Statistics:
        """Return what p(t|C) is made of."""
        if self._total is None:
            # The package leaves its dictionaries without types.
            found = cast(
                "dict[str, dict[str, float | None]]",
                self._works.aggregate(Query.all_query(), {"total": {"sum": {"field": "length"}}}),  # pyright: ignore[reportUnknownMemberType]
            )
            self._total = int(found["total"]["value"] or 0)
        return Statistics(self._total, self.frequency)

    @property
    def works(self) -> int:
        """How many works are indexed?"""
        return self._works.num_docs - 1

    @property
    def empty(self) -> bool:
        """Is there no document but the two markers?"""
        return self._works.num_docs + self._names.num_docs <= 2

    @property
    def deleted_works(self) -> int:
        """How many replaced documents of works still count in document frequencies?"""
        return self._works.doc_freq("type", "work") - self.works

    def people_matching(
        self,
        *,
        region: str | None = None,
        organisations: Collection[str] | None = None,
        societies: Collection[str] | None = None,
        professional_title: str | None = None,
        honours: Collection[str] | None = None,
        experts_only: bool = False,
        on: str | None = None,
    ) -> set[str]:
        """See `TextIndex.people_matching`."""
        day = day_number(on or "", 0) or int(datetime.now(UTC).astimezone().strftime("%Y%m%d"))
        wanted: list[set[str]] = []
        if region is not None:
            wanted.append(self._tied("post", self.organisations_within(region=region), day))
        if organisations is not None:
            wanted.append(self._tied("post", self.organisations_within(organisations=organisations), day))
        if societies is not None:
            wanted.append(self._tied("membership", self.organisations_within(organisations=societies), day))
        own: list[Query] = []
        if professional_title is not None:
            own.append(Query.term_query(NAMES, "title", fold(professional_title), index_option="basic"))
        if honours is not None:
            own.append(Query.term_set_query(NAMES, "honour", list(honours)))
        if experts_only:
            own.append(Query.term_query(NAMES, "expert", "1", index_option="basic"))
        if own or not wanted:
            people = Query.term_query(NAMES, "type", "person", index_option="basic")
            found = self._all_stored(_all_of([people, *own]))
            wanted.append({PersonDocument.unpacked(stored).id for stored in found})
        return wanted[0].intersection(*wanted[1:])

    def organisations_within(
        self, *, region: str | None = None, organisations: Collection[str] | None = None
    ) -> set[str]:
        """See `TextIndex.organisations_within`."""
        wanted: list[set[str]] = []
        if region is not None:
            begun = Query.term_query(NAMES, "region", region, index_option="basic")
            # A department without a place of its own is where its body is.
            unplaced = Query.term_query(NAMES, "region", "", index_option="basic")
            wanted.append(self._below(self._organisation_ids(begun), unplaced))
        if organisations is not None:
            wanted.append(self._below(set(organisations), None))
        if not wanted:
            return self._organisation_ids(_of_type("organisation"))
        return wanted[0].intersection(*wanted[1:])

    def _below(self, found: set[str], only: Query | None) -> set[str]:
        """Return these bodies and everything below them, level by level; a circle ends where it closes."""
        level = found
        while level:
            children = Query.term_set_query(NAMES, "parent", sorted(level))
            level = self._organisation_ids(children if only is None else _all_of([children, only])) - found
            found = found | level
        return found

    def _organisation_ids(self, query: Query) -> set[str]:
        return {OrganisationDocument.unpacked(stored).id for stored in self._all_stored(query)}

    def _tied(self, kind: str, organisations: set[str], day: int) -> set[str]:
        """Whose post or membership in these bodies holds on a day, unknown ends counting as holding?"""
        if not organisations:
            return set()
        query = _all_of(
            [
                Query.term_set_query(NAMES, "organisation", sorted(organisations)),
                _of_type(kind),
                Query.range_query(NAMES, "since", FieldType.Unsigned, upper_bound=day),
                Query.range_query(NAMES, "until", FieldType.Unsigned, lower_bound=day, include_lower=False),
            ]
        )
        return {stored.decode() for stored in self._all_stored(query)}

    def _all_stored(self, query: Query) -> list[bytes]:
        silent = Query.const_score_query(query, 0.0)
        hits = self._names.search(silent, limit=max(1, self._names.num_docs), count=False).hits
        return [cast("bytes", self._names.doc(address).get_first("stored")) for _, address in hits]

    def find_people(self, name: str, limit: int) -> list[NameHit]:
        """See `TextIndex.find_people`."""

        def hit(score: float, stored: bytes) -> NameHit:
            person = PersonDocument.unpacked(stored)
            return NameHit(person.id, person.names[0], score, person.expert)

        return self._find("person", name_key(name), name, limit, hit)

    def find_organisations(self, name: str, limit: int) -> list[NameHit]:
        """See `TextIndex.find_organisations`."""

        def hit(score: float, stored: bytes) -> NameHit:
            body = OrganisationDocument.unpacked(stored)
            return NameHit(body.id, body.names[0], score, body.verified)

        return self._find("organisation", fold(name), name, limit, hit)

    def _find(
        self, kind: str, key: str, text: str, limit: int, hit: Callable[[float, bytes], NameHit]
    ) -> list[NameHit]:
        """Ask from the narrowest to the widest until there are enough; within a step listed ones first, then by id."""
        found: dict[str, NameHit] = {}
        steps = _name_queries(key[:LONGEST_NAME], text) if limit > 0 else []
        for step, query in steps:
            wanted = _all_of([Query.const_score_query(_of_type(kind), 0.0), query])
            hits = self._names.search(wanted, limit=max(limit, _MOST_NAMES), count=False).hits
            fresh: list[NameHit] = []
            for score, address in hits:
                stored = cast("bytes", self._names.doc(address).get_first("stored"))
                each = hit(step or score / (1.0 + score), stored)
                if each.id not in found:
                    fresh.append(each)
            fresh.sort(key=lambda each: (-each.score, not each.listed, len(each.name), each.id))
            found.update((each.id, each) for each in fresh)
            if len(found) >= limit:
                break
        return list(found.values())[:limit]

    def documents(self) -> Iterator[tuple[str, Document]]:
        """Give back every document as it was put in: works, bodies, people, each by id; only addresses are held."""
        for stored in _by_id(self._works, WORKS, "work", WorkDocument.unpacked):
            work = WorkDocument.unpacked(stored)
            yield work.id, work
        for stored in _by_id(self._names, NAMES, "organisation", OrganisationDocument.unpacked):
            body = OrganisationDocument.unpacked(stored)
            yield body.id, body
        for stored in _by_id(self._names, NAMES, "person", PersonDocument.unpacked):
            person = PersonDocument.unpacked(stored)
            yield person.id, person


# --- parts of queries ------------------------------------------------------------------------------------------------


def _of_type(kind: str) -> Query:
    return Query.term_query(NAMES, "type", kind, index_option="basic")


def _all_of(queries: list[Query]) -> Query:
    return Query.boolean_query([(Occur.Must, query) for query in queries])


def _work_filters(
    kinds: Collection[str] | None,
    since_year: int | None,
    people: Collection[str] | None,
    organisations: Collection[str] | None,
    *,
    excluded: frozenset[str],
    largest: float,
) -> tuple[list[Query], Callable[[WorkHit], bool] | None]:
    """Return what goes into the search, and what each hit is asked (never after a cut: the search pages on)."""
    filters: list[Query] = []
    tests: list[Callable[[WorkHit], bool]] = []
    if kinds is not None:
        filters.append(Query.term_set_query(WORKS, "kind", sorted(kinds)))
    if since_year is not None:
        filters.append(Query.range_query(WORKS, "year", FieldType.Unsigned, lower_bound=max(0, since_year)))
    if people is not None and len(people) <= largest:
        filters.append(Query.term_set_query(WORKS, "person", sorted(people)))
    elif people is not None:
        wanted = frozenset(people)
        tests.append(lambda hit: not wanted.isdisjoint(hit.people))
    if organisations is not None and len(organisations) <= _LARGEST_SET:
        filters.append(Query.term_set_query(WORKS, "organisation", sorted(organisations)))
    elif organisations is not None:
        bodies = frozenset(organisations)
        tests.append(lambda hit: not bodies.isdisjoint(hit.organisations))
    if excluded:
        tests.append(lambda hit: not hit.people or not excluded.issuperset(hit.people))
    return filters, (lambda hit: all(test(hit) for test in tests)) if tests else None


def _name_queries(key: str, text: str) -> list[tuple[int, Query]]:
    """Return the steps of a look-up by name: the very name, its beginning, its sound, the sound's beginning, words."""
    steps: list[tuple[int, Query]] = []
    if key:
        steps.append((5, Query.term_query(NAMES, "name", key, index_option="basic")))
        steps.append((4, _beginning("name", key)))
    latin = name_key(text[:LONGEST_NAME])
    if latin and latin.isascii():
        words = latin.split()
        sounds = sorted({"".join(words), "".join([*words[1:], *words[:1]])})
        steps.append((3, Query.term_set_query(NAMES, "sound", sounds)))
        steps.append((2, Query.boolean_query([(Occur.Should, _beginning("sound", sound)) for sound in sounds])))
    shared = list(dict.fromkeys(tokens(text[:LONGEST_NAME])))
    if shared:
        words_of = [Query.term_query(NAMES, "words", word, index_option="freq") for word in shared]
        steps.append((1, _all_of(words_of)))
        steps.append((0, Query.boolean_query([(Occur.Should, word) for word in words_of])))
    return steps


def _beginning(field: str, text: str) -> Query:
    # A fuzzy query of distance 0 is a prefix query that knows no pattern characters.
    return Query.fuzzy_term_query(NAMES, field, text, distance=0, prefix=True)


def _work_hit(score: float, stored: bytes) -> WorkHit:
    # Not through `WorkDocument`: 500 times a question, a second tuple is a sixth of this function's time.
    key, kind, year, abstract, length, people, bodies, words = stored.decode().split(FIELD)
    number = int(year) if year else None
    who, where = tuple(people.split(ITEM)) if people else (), tuple(bodies.split(ITEM)) if bodies else ()
    return WorkHit(key, score, kind, number, who, where, words, int(length), bool(abstract))


def _stored(searcher: tantivy.Searcher, address: tantivy.DocAddress) -> bytes:
    return cast("bytes", searcher.doc(address).get_first("stored"))


def _addresses(searcher: tantivy.Searcher, schema: tantivy.Schema, kind: str) -> list[tantivy.DocAddress]:
    query = Query.const_score_query(Query.term_query(schema, "type", kind, index_option="basic"), 0.0)
    return [address for _, address in searcher.search(query, limit=max(1, searcher.num_docs), count=False).hits]


def _by_id(
    searcher: tantivy.Searcher, schema: tantivy.Schema, kind: str, unpacked: Callable[[bytes], Document]
) -> Iterator[bytes]:
    places = _addresses(searcher, schema, kind)
    places.sort(key=lambda address: unpacked(_stored(searcher, address)).id)
    for address in places:
        yield _stored(searcher, address)


def _marker(searcher: tantivy.Searcher, schema: tantivy.Schema) -> Marker:
    """Return how far an index is; raises `ValueError` when it has no marker."""
    for address in _addresses(searcher, schema, "marker"):
        return Marker(*json.loads(_stored(searcher, address)))
    raise ValueError("the index has no marker document")
