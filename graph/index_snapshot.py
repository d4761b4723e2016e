"""Searches in one committed state of the text index. Nothing here writes, and nothing changes while it is used.

Terms go in as term queries, never through a query parser: operators and punctuation of a question mean nothing.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Final, NamedTuple, cast

import tantivy
from tantivy import FieldType, Occur, Query

from graph.documents import Change, Document, OrganisationDocument, PersonDocument, WorkDocument
from graph.index_costs import largest_sent, telling_terms
from graph.index_folder import LONGEST_NAME, NAMES, WORKS, Generation, Marker
from graph.index_marks import KeptMarks, is_marked
from graph.index_people import people_of_works, read_columns
from graph.index_works import StoredWorks, WorkHit, first_works, stored_bytes, work_hits
from graph.people_columns import PeopleColumns
from graph.text import fold, name_key, tokens

# A question's distinct terms beyond these are left out, the most frequent in the index first (Lucene's clause limit).
MOST_TERMS: Final = 1024
# A set larger than this is compared with each hit instead of being sent into the search; of people often a smaller one.
_LARGEST_SET: Final = 50_000
_LAST_YEAR: Final = 9_999
_MOST_NAMES: Final = 1_000
_FREQUENCIES_KEPT: Final = 65_536
# Who has works of some kind and years: at 100,000 people an answer is some MB.
_ANSWERS_KEPT: Final = 16


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

    def __init__(self, generation: Generation, earlier: PeopleColumns | None = None) -> None:
        self.generation = generation
        generation.works.reload()
        generation.names.reload()
        self._works = generation.works.searcher()
        self._stored = StoredWorks(self._works, generation.records)
        self._names = generation.names.searcher()
        self._frequencies: dict[str, int] = {}
        self._total: int | None = None
        self._people: PeopleColumns | None = None
        self._earlier = earlier
        self._reading_people = threading.Lock()
        self._with_works: dict[tuple[object, ...], frozenset[str]] = {}
        self._marks = KeptMarks()
        self.markers = (_marker(self._works, WORKS), _marker(self._names, NAMES))
        generation.records.check(self._stored.begins(_addresses(self._works, WORKS, "marker"))[0])
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
        types: Collection[str] | None = None,
        until_year: int | None = None,
    ) -> list[WorkHit]:
        """See `TextIndex.search_works`."""
        clauses = [
            (Occur.Should, Query.boost_query(Query.term_query(WORKS, "tokens", term, index_option="freq"), boost))
            for term, boost in self.rarest(terms).items()
        ]
        if (
            not clauses
            or limit <= 0
            or any(each is not None and not each for each in (kinds, people, organisations, types))
        ):
            return []
        query = Query.boolean_query(clauses)
        everybody = self._names.doc_freq("type", "person")
        largest = min(_LARGEST_SET, largest_sent(everybody, limit))
        excluded, further = frozenset(exclude_people), _of_kind(types, since_year, until_year)
        if people is not None and is_marked(len(people), everybody):
            filters, accept = _work_filters(kinds, None, organisations, excluded=excluded, largest=largest)
            marks = self._marks.of(self._works, frozenset(people))
            found = first_works(self._stored, _within(query, filters + further), limit, accept, marks)
            if found is not None:
                return found
            # Nor are they compared with each hit, of which few are theirs.
            largest = _LARGEST_SET
        filters, accept = _work_filters(kinds, people, organisations, excluded=excluded, largest=largest)
        return first_works(self._stored, _within(query, filters + further), limit, accept) or []

    def rarest(self, terms: Mapping[str, float]) -> Mapping[str, float]:
        """Return the terms of a search: at most `MOST_TERMS`, the rarest that occur in a work."""
        terms = telling_terms(terms, self.frequency, self.works)
        if len(terms) <= MOST_TERMS:
            return terms
        found = sorted((frequency, term) for term in terms if (frequency := self.frequency(term)))
        return {term: terms[term] for _, term in found[:MOST_TERMS]}

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

    # --- people and organisations

    @property
    def people(self) -> PeopleColumns:
        """Everybody and every body as columns; read at the first use, later only what is new since the state before."""
        with self._reading_people:
            if self._people is None:
                self._people = read_columns(self._names, self.markers[1].seq, self._earlier)
                self._earlier = None
            return self._people

    def followed_by(self) -> Snapshot:
        """Return the next committed state of the same generation."""
        return Snapshot(self.generation, self._earlier if self._people is None else self._people)

    def people_with_works(
        self, *, types: Collection[str] | None, since_year: int | None, until_year: int | None
    ) -> frozenset[str]:
        """See `TextIndex.people_with_works`."""
        key = (None if types is None else tuple(sorted(types)), since_year, until_year)
        known = self._with_works.get(key)
        if known is None:
            if len(self._with_works) >= _ANSWERS_KEPT:
                self._with_works.clear()
            filters = _of_kind(types, since_year, until_year)
            known = self._with_works[key] = people_of_works(self._works, filters)
        return known

    def works_of(self, people: Collection[str], limit: int) -> list[WorkHit]:
        """See `TextIndex.works_of`."""
        if not people or limit <= 0:
            return []
        query = Query.const_score_query(Query.term_set_query(WORKS, "person", sorted(people)), 0.0)
        return work_hits(self._stored, self._works.search(query, limit=limit, count=False).hits)

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

    # --- everything

    def documents(self) -> Iterator[Change]:
        """Give back every document as it was put in: works, bodies, people, each by id; only addresses are held."""
        records = self._stored.records
        begins = self._stored.begins(_addresses(self._works, WORKS, "work"))
        begins.sort(key=lambda begin: WorkDocument.unpacked(*records.read([begin])).id)
        for begin in begins:
            work = WorkDocument.unpacked(*records.read([begin]))
            yield Change(work.id, work)
        for stored in _by_id(self._names, "organisation", OrganisationDocument.unpacked):
            body = OrganisationDocument.unpacked(stored)
            yield Change(body.id, body)
        for stored in _by_id(self._names, "person", PersonDocument.unpacked):
            person = PersonDocument.unpacked(stored)
            yield Change(person.id, person)


# --- parts of queries ------------------------------------------------------------------------------------------------


def _of_type(kind: str) -> Query:
    return Query.term_query(NAMES, "type", kind, index_option="basic")


def _within(query: Query, filters: list[Query]) -> Query:
    """Return the query with filters that add nothing to its scores."""
    silent = [(Occur.Must, Query.const_score_query(each, 0.0)) for each in filters]
    return Query.boolean_query([(Occur.Must, query), *silent]) if filters else query


def _all_of(queries: list[Query]) -> Query:
    return Query.boolean_query([(Occur.Must, query) for query in queries])


def _work_filters(
    kinds: Collection[str] | None,
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
    if people is not None and len(people) <= largest:
        filters.append(Query.term_set_query(WORKS, "person", sorted(people)))
    elif people is not None:
        wanted = people if isinstance(people, AbstractSet) else frozenset(people)
        tests.append(lambda hit: not wanted.isdisjoint(hit.people))
    if organisations is not None and len(organisations) <= _LARGEST_SET:
        filters.append(Query.term_set_query(WORKS, "organisation", sorted(organisations)))
    elif organisations is not None:
        bodies = frozenset(organisations)
        tests.append(lambda hit: not bodies.isdisjoint(hit.organisations))
    if excluded:
        tests.append(lambda hit: not hit.people or not excluded.issuperset(hit.people))
    return filters, (lambda hit: all(test(hit) for test in tests)) if tests else None


def _of_kind(types: Collection[str] | None, since_year: int | None, until_year: int | None) -> list[Query]:
    """Return the queries for works of one of these types (`index_folder.work_type`) and of these years."""
    filters: list[Query] = []
    if types is not None:
        filters.append(Query.term_set_query(WORKS, "work_type", sorted(types)))
    if since_year is not None or until_year is not None:
        first = max(0, since_year or 0)
        last = _LAST_YEAR if until_year is None else min(_LAST_YEAR, until_year)
        if last < first:
            return [Query.empty_query()]
        filters.append(Query.range_query(WORKS, "year", FieldType.Unsigned, lower_bound=first, upper_bound=last))
    return filters


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


def _addresses(searcher: tantivy.Searcher, schema: tantivy.Schema, kind: str) -> list[tantivy.DocAddress]:
    query = Query.const_score_query(Query.term_query(schema, "type", kind, index_option="basic"), 0.0)
    return [address for _, address in searcher.search(query, limit=max(1, searcher.num_docs), count=False).hits]


def _by_id(searcher: tantivy.Searcher, kind: str, unpacked: Callable[[bytes], Document]) -> Iterator[bytes]:
    places = _addresses(searcher, NAMES, kind)
    places.sort(key=lambda address: unpacked(stored_bytes(searcher, address)).id)
    for address in places:
        yield stored_bytes(searcher, address)


def _marker(searcher: tantivy.Searcher, schema: tantivy.Schema) -> Marker:
    """Return how far an index is; raises `ValueError` when it has no marker."""
    for address in _addresses(searcher, schema, "marker"):
        return Marker(*json.loads(stored_bytes(searcher, address)))
    raise ValueError("the index has no marker document")
