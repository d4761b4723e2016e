"""From filters to people: each filter as truth values over everybody of the text index, all of them together.

People are chosen before the search (settled: never after a top-k); filters on works go into the search itself.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import MAXYEAR, date
from functools import cached_property, reduce
from typing import Final

import numpy as np
from pydantic import BaseModel, ConfigDict

from graph.database import Database, Query
from graph.identity import region_code
from graph.index_folder import day_number, work_type
from graph.people_columns import Coded, Mask, PeopleColumns, TieKind
from graph.text import fold
from graph.textindex import TextIndex, WorkHit
from queries.bodies import organisations_named
from queries.filters import ExpertFilters, given
from queries.legal_entities import legal_entities
from queries.merges import all_ids
from queries.topic_tree import TopicTree, topic_tree

# Filters that say which works count; the others say which people.
OF_WORKS: Final = frozenset({"since_year", "until_year", "output_kinds", "project_kinds"})
# Proposed, suspended or gone: in the library's records without being in the library.
NOT_MEMBERS: Final = ("candidate", "suspended", "left")
_BOTH: Final[tuple[TieKind, ...]] = ("post", "membership")
_CODES: Final[Mapping[str, Coded]] = {"tier": "tier", "professional_title": "title", "expert_kind": "expert_kind"}


class UnitBelow(BaseModel):
    """A body that may belong to a legal entity."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str


# Twelve steps, as `queries.legal_entities` takes them upwards.
UNITS_OF_LEGAL_ENTITY: Final = Query(
    "units_of_legal_entity",
    """
UNWIND $roots AS root
MATCH (r:Organisation {id: root})
WITH r
MATCH (r)<-[:PART_OF|HOSTED_BY|MERGED_INTO|SUCCEEDED_BY*0..12]-(u:Organisation)
RETURN DISTINCT u.id AS id
ORDER BY id
""",
    UnitBelow,
)


class ChosenPeople(AbstractSet[str]):
    """The ids of chosen rows, without making a set of 100,000 texts for each question."""

    def __init__(self, people: PeopleColumns, chosen: Mask) -> None:
        self._people, self._chosen = people, chosen
        self._size = int(chosen.sum())

    def __contains__(self, id: object) -> bool:
        row = self._people.row_of.get(id, -1) if isinstance(id, str) else -1
        return row >= 0 and bool(self._chosen[row])

    def __iter__(self) -> Iterator[str]:
        return iter(self._people.ids_of(self._chosen))

    def __len__(self) -> int:
        return self._size


@dataclass(frozen=True)
class Selection:
    """What filters mean in one state of the index: who is wanted by each, and which works count."""

    people: PeopleColumns
    filters: ExpertFilters
    wanted_by: Mapping[str, Mask]

    @cached_property
    def mask(self) -> Mask:
        """Who is wanted by all filters on people?"""
        return reduce(np.logical_and, self.wanted_by.values(), self.people.everybody())

    @cached_property
    def chosen(self) -> ChosenPeople:
        """Return those people as ids."""
        return ChosenPeople(self.people, self.mask)

    @property
    def searched(self) -> Collection[str] | None:
        """Return what goes into the search: None = works of anybody."""
        return self.chosen if self.wanted_by else None

    @property
    def types(self) -> list[str] | None:
        """Return the kinds of works that count, as the index has them; None = all."""
        wanted = [work_type("output", kind) for kind in self.filters.output_kinds]
        wanted += [work_type("project", kind) for kind in self.filters.project_kinds]
        return wanted or None

    @property
    def on_works(self) -> bool:
        """Does any filter say which works count?"""
        return not OF_WORKS.isdisjoint(given(self.filters))

    def counts(self, work: WorkHit) -> bool:
        """Is this work of a kind and year that counts?"""
        filters = self.filters
        if filters.since_year is not None or filters.until_year is not None:
            first, last = filters.since_year or 0, filters.until_year or MAXYEAR
            if work.year is None or not first <= work.year <= last:
                return False
        return self.types is None or work_type(work.kind, work.type) in self.types


def selected(db: Database, index: TextIndex, *, filters: ExpertFilters, on: date) -> Selection:
    """Who do these filters want on a day?

    Raises `InputError` for a region that is no code, `StoreUnavailableError`.
    """
    people = index.people
    chooser = _Chooser(db, index, people, filters, on)
    wanted = {name: chooser.wanted(name) for name in given(filters) if name not in OF_WORKS}
    return Selection(people, filters, {name: mask for name, mask in wanted.items() if mask is not None})


def field_mask(people: PeopleColumns, tree: TopicTree, topics: Collection[str]) -> Mask:
    """Who is an expert in one of these topics or a narrower one, by EXPERT_IN or by a declared field of its name?"""
    below = tree.subtree(topics)
    return people.in_topics(below) | people.declaring(tree.spellings(below))


@dataclass(frozen=True)
class _Chooser:
    db: Database
    index: TextIndex
    people: PeopleColumns
    filters: ExpertFilters
    on: date

    @property
    def day(self) -> int:
        return day_number(self.on.isoformat(), 0)

    def wanted(self, name: str) -> Mask | None:
        """Who is wanted by one filter?  None when it says nothing by itself."""
        if name in _CODES:
            return self.people.of(_CODES[name], [getattr(self.filters, name)])
        return getattr(self, f"_{name}")()

    def _members_only(self) -> Mask:
        return self.people.expert & ~self.people.of("status", NOT_MEMBERS)

    def _has_contact(self) -> Mask:
        return self.people.contact if self.filters.has_contact else ~self.people.contact

    def _among(self) -> Mask:
        return self.people.of_ids(self.filters.among or ())

    def _exclude(self) -> Mask:
        return ~self.people.of_ids(all_ids(self.db, people=self.filters.exclude))

    def _organisation_level(self) -> Mask:
        return self._posts_of(self.people.bodies.levels, self.filters.organisation_level)

    def _organisation_kind(self) -> Mask:
        return self._posts_of(self.people.bodies.kinds, self.filters.organisation_kind)

    def _region(self) -> Mask:
        return self.people.tied(self.people.bodies.within(region_code(self.filters.region or "")), self.day)

    def _organisation(self) -> Mask:
        return self._tied(self._named(self.filters.organisation), ("post",))

    def _legal_entity(self) -> Mask:
        named = sorted(self._named(self.filters.legal_entity))
        roots = set(legal_entities(self.db, organisations=named, on=self.on).values())
        below = [row.id for row in self.db.read(UNITS_OF_LEGAL_ENTITY, roots=sorted(roots))] if roots else []
        counts_as = legal_entities(self.db, organisations=below, on=self.on)
        return self.people.tied({unit for unit, root in counts_as.items() if root in roots}, self.day)

    def _society(self) -> Mask:
        # A post in a society counts as belonging to it, as in the memberships shown.
        return self._tied(self._named(self.filters.society), _BOTH, self.filters.society_role or "")

    def _society_role(self) -> Mask | None:
        if self.filters.society is not None:
            return None
        bodies = self.people.bodies
        societies = [id for id in bodies.bodies if bodies.societies(id)]
        return self.people.tied(societies, self.day, kinds=_BOTH, role=self.filters.society_role or "")

    def _posts_of(self, of: Callable[[str], Collection[str]], written: str | None) -> Mask:
        value = fold(written or "")
        return self.people.tied([id for id in self.people.bodies.bodies if value in map(fold, of(id))], self.day)

    def _field(self) -> Mask:
        written = self.filters.field or ""
        tree = topic_tree(self.db, self.index)
        meant = tree.meant(written)
        if meant:
            return field_mask(self.people, tree, meant)
        part = fold(written)
        texts = self.people.codes["declared"].texts
        return self.people.declaring([text for text in list(texts) if part and part in text])

    def _verified_since(self) -> Mask:
        since = self.filters.verified_since or date.max
        return self.people.verified_on >= day_number(since.isoformat(), 0)

    def _newcomer_years(self) -> Mask:
        years = self.filters.newcomer_years or 0
        admitted = self.people.admitted_on > self.day - years * 10_000
        first = self.on.year - years + 1
        recent = self.people.of_ids(self.index.people_with_works(since_year=first))
        return admitted | recent & ~self.people.of_ids(self.index.people_with_works(until_year=first - 1))

    def _exclude_units(self) -> Mask:
        units = {id for name in self.filters.exclude_units for id in self._named(name)}
        return ~self._tied(units, ("post",))

    def _exclude_coauthors_of(self) -> Mask:
        left_out = set(all_ids(self.db, people=self.filters.exclude_coauthors_of))
        years = self.filters.coauthor_years
        first = 0 if years is None else self.on.year - years
        for work in self.index.works_of(left_out.copy(), limit=_MOST_WORKS):
            # Nobody knows when: it may have been within these years.
            if work.year is None or work.year >= first:
                left_out.update(work.people)
        return ~self.people.of_ids(left_out)

    def _named(self, name: str | None) -> set[str]:
        return organisations_named(self.index, name) if name else set()

    def _tied(self, bodies: Collection[str], kinds: Collection[TieKind], role: str = "") -> Mask:
        return self.people.tied(self.people.bodies.below(bodies), self.day, kinds=kinds, role=role)


# Works of the people whose co-authors are left out: nobody, and no fifty people, wrote more.
_MOST_WORKS: Final = 1_000_000
