"""How are the people who match a question and filters distributed, and which filter leaves too few?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from graph.database import Database
from graph.identity import region_code
from graph.index_folder import day_number
from graph.people_columns import Mask
from graph.text import fold
from graph.textindex import TextIndex, WorkHit
from queries.facet_rows import Facet, FacetsAnswer, FacetValue, FilterCost
from queries.facet_values import Holders, coded_holders, largest, post_holders, topic_holders
from queries.filters import FILTER_NAMES, ExpertFilters, given
from queries.posts import today
from queries.reached import DEPTH, Reached, listed, people_with, works_wanted
from queries.region_names import REGION_NAMES
from queries.retrieval import MOST_ANSWERS, Asked, asked, check_limit
from queries.selection import selected
from queries.topic_tree import topic_tree
from queries.unplaced import unplaced_note

VALUES_SHOWN: Final = 12
MOST_VALUES: Final = 100
# Kinds and years of the works of more people than these are not counted where there is no text.
_MOST_PEOPLE: Final = 1_000
_MOST_WORKS: Final = 50_000
_YEAR: Final = "year"


def expert_facets(
    db: Database,
    index: TextIndex,
    *,
    text: str = "",
    filters: ExpertFilters | None = None,
    wanted: int = 20,
    values: int = VALUES_SHOWN,
    on: date | None = None,
) -> FacetsAnswer:
    """How many of the people who match this text and these filters are in each province, society, field, title …?

    Counted are all candidates of `experts_for_topic` before its limit; without a text, everybody whom the filters want.
    Filtering by a value (`filters_with`) leaves exactly its count. A facet whose filter is set is left out, but regions
    and fields go on one level further down. At most `values` (1 to 100) values of a facet, the most frequent first;
    `more` says how many others there are. Without a text, kinds and years of works are counted for at most 1,000
    people. `too_few`: when fewer than `wanted` (1 to 200) people remain, how many there would be without each filter.
    A note says how many people a region passes over because nobody says where they are.

    Raises `InputError` for a number or region out of bounds, `StoreUnavailableError`.
    """
    return facets_reached(db, index, text=text, filters=filters, wanted=wanted, values=values, on=on)[0]


def facets_reached(
    db: Database,
    index: TextIndex,
    *,
    text: str,
    filters: ExpertFilters | None,
    wanted: int,
    values: int = VALUES_SHOWN,
    on: date | None = None,
) -> tuple[FacetsAnswer, Reached | None]:
    """As `expert_facets`, with the works that were counted: `experts_for_topic` need not search for them again."""
    check_limit(wanted, name="wanted", most=MOST_ANSWERS)
    check_limit(values, name="values", most=MOST_VALUES)
    question, day, filters = asked(text), on or today(), filters or ExpertFilters()
    # Where nothing was written, no word is missing.
    notes = question.notes if question.text else ()
    total, facets, reached, unplaced = 0, tuple[Facet, ...](), None, ""
    if question.question.terms or not question.text:
        counting = _Counting.of(db, index, question, filters, on=day, values=values)
        total, facets, reached = counting.total(), counting.facets(), counting.reached
        unplaced = unplaced_note(index, question, counting.reached.selection, total, wanted=wanted, on=day)
    costs = filter_costs(db, index, question, filters, found=total, wanted=wanted, on=day)
    answer = FacetsAnswer(
        question=question.text,
        total=total,
        facets=facets,
        too_few=costs,
        notes=(*notes, *filter(None, (too_few_note(costs, total, wanted) if costs else "", unplaced))),
        sequence=index.sequence,
    )
    return answer, reached


def filters_with(filters: ExpertFilters, name: str, value: str) -> ExpertFilters:
    """Return the filters with one value of a facet put to them."""
    if name == _YEAR:
        return filters.model_copy(update={"since_year": int(value), "until_year": int(value)})
    if name in {"output_kinds", "project_kinds"}:
        return filters.model_copy(update={name: (value,)})
    return filters.model_copy(update={name: value})


def filter_costs(
    db: Database, index: TextIndex, question: Asked, filters: ExpertFilters, *, found: int, wanted: int, on: date
) -> tuple[FilterCost, ...]:
    """How many people would there be without each filter?  Asked only when fewer than wanted remain; most first.

    A filter without which there would be nobody more is left out.
    """
    if found >= wanted or (question.text and not question.question.terms):
        return ()
    costs: list[FilterCost] = []
    for name, value in given(filters).items():
        others = filters.model_copy(update={name: ExpertFilters.model_fields[name].default})
        people = people_with(db, index, question, others, on)
        if people > found:
            costs.append(FilterCost(name=name, title=FILTER_NAMES[name], value=value, people=people))
    return tuple(sorted(costs, key=lambda cost: (-cost.people, cost.name)))


def too_few_note(costs: Sequence[FilterCost], found: int, wanted: int) -> str:
    """Say which filter costs most."""
    best = costs[0]
    return f"只有 {found} 人（要 {wanted} 人）：去掉“{best.title}：{best.value}”后有 {best.people} 人"


@dataclass(frozen=True)
class _Counting:
    """One question's counts: `works` are those found, best first, or all works of the people listed (None: not read).

    `searched` tells the two apart: where a search has ended, a value may have to be asked for by itself.
    """

    db: Database
    index: TextIndex
    question: Asked
    on: date
    values: int
    reached: Reached
    everybody: Mask
    searched: bool
    works_known: bool

    @classmethod
    def of(
        cls, db: Database, index: TextIndex, question: Asked, filters: ExpertFilters, *, on: date, values: int
    ) -> _Counting:
        selection = selected(db, index, filters=filters, on=on)
        if question.question.terms:
            reached = Reached(selection, tuple(works_wanted(index, question, selection, DEPTH)), question)
            everybody = np.zeros(len(selection.people), dtype=np.bool_)
            everybody[reached.rows] = True
            return cls(db, index, question, on, values, reached, everybody, searched=True, works_known=True)
        everybody = listed(index, selection)
        works: list[WorkHit] = []
        if int(everybody.sum()) <= _MOST_PEOPLE:
            works = index.works_of(selection.people.ids_of(everybody), limit=_MOST_WORKS)
        known = bool(works) and len(works) < _MOST_WORKS
        reached = Reached(selection, tuple(work for work in works if selection.counts(work)))
        return cls(db, index, question, on, values, reached, everybody, searched=False, works_known=known)

    def total(self) -> int:
        return self.reached.count() if self.searched else int(self.everybody.sum())

    def facets(self) -> tuple[Facet, ...]:
        people, decided = self.reached.selection.people, given(self.reached.selection.filters)
        bodies, day = people.bodies, day_number(self.on.isoformat(), 0)
        ways: dict[str, Callable[[], tuple[Holders, Mapping[str, str]]]] = {
            "organisation_kind": lambda: (post_holders(people, bodies.kinds, self.everybody, day), {}),
            "organisation_level": lambda: (post_holders(people, bodies.levels, self.everybody, day), {}),
            "tier": lambda: (coded_holders(people, "tier", self.everybody), {}),
            "professional_title": lambda: (coded_holders(people, "professional_title", self.everybody), {}),
            "expert_kind": lambda: (coded_holders(people, "expert_kind", self.everybody), {}),
            "society": lambda: self._societies(day),
        }
        found = [self._of_people("region", *self._regions(day)), self._of_people("field", *self._fields())]
        found += [self._of_people(name, *way()) for name, way in ways.items() if name not in decided]
        if self.works_known:
            found += self._of_works(decided)
        return tuple(facet for facet in found if facet.values)

    def _regions(self, day: int) -> tuple[Holders, Mapping[str, str]]:
        """Provinces; within a region that is asked for, those one level further down."""
        people, filters = self.reached.selection.people, self.reached.selection.filters
        above = "" if filters.region is None else region_code(filters.region)
        size = {0: 2, 2: 4, 4: 6}.get(len(above), 0)

        def of(body: str) -> set[str]:
            codes = people.bodies.regions(body)
            return {code[:size] for code in codes if len(code) >= size and code.startswith(above)}

        if not size:
            return {}, {}
        holders = post_holders(people, of, self.everybody, day)
        return holders, {row.code: row.name for row in self.db.read(REGION_NAMES, codes=sorted(holders))}

    def _fields(self) -> tuple[Holders, Mapping[str, str]]:
        """Topics at the top of their scheme; within a field that is asked for, the next narrower ones."""
        selection, tree = self.reached.selection, topic_tree(self.db, self.index)
        asked_for = selection.filters.field
        topics = tree.roots
        if asked_for is not None:
            topics = tuple(sorted({low for id in tree.meant(asked_for) for low in tree.narrower.get(id, ())}))
        return topic_holders(selection.people, tree, topics, self.everybody), tree.names

    def _societies(self, day: int) -> tuple[Holders, Mapping[str, str]]:
        people = self.reached.selection.people
        bodies = people.bodies
        holders = post_holders(people, bodies.societies, self.everybody, day, ("post", "membership"))
        return holders, {id: bodies.bodies[id].names[0] for id in holders}

    def _of_people(self, name: str, holders: Holders, labels: Mapping[str, str]) -> Facet:
        best = largest(holders, self.values)

        def mask(value: str) -> Mask:
            having = np.zeros(len(self.everybody), dtype=np.bool_)
            having[holders[value]] = True
            return having

        counts = {value: self._count(name, value, people=mask(value)) for value in best}
        return self._facet(name, FILTER_NAMES[name], counts, labels, len(holders) - len(best))

    def _of_works(self, decided: Mapping[str, str]) -> list[Facet]:
        works = self.reached.works
        found: list[Facet] = []
        if "output_kinds" not in decided and "project_kinds" not in decided:
            for name, kind in (("output_kinds", "output"), ("project_kinds", "project")):
                # Compared as the index does; shown as the graph has it.
                labels = {fold(work.type): work.type for work in works if work.kind == kind and work.type}
                of = [fold(work.type) if work.kind == kind else "" for work in works]
                found.append(self._by_work(name, FILTER_NAMES[name], of, labels))
        filters = self.reached.selection.filters
        if filters.since_year is None or filters.since_year != filters.until_year:
            found.append(self._by_work(_YEAR, "年份", [str(work.year or "") for work in works], {}))
        return found

    def _by_work(self, name: str, title: str, of: Sequence[str], labels: Mapping[str, str]) -> Facet:
        frequent = Counter(value for value in of if value)
        best = sorted(frequent, key=lambda value: (-frequent[value], value))[: self.values]
        counts = {
            value: self._count(name, value, works=np.array([each == value for each in of], dtype=np.bool_))
            for value in best
        }
        return self._facet(name, title, counts, labels, len(frequent) - len(best))

    def _count(self, name: str, value: str, *, people: Mask | None = None, works: Mask | None = None) -> int:
        if not self.searched:
            return self.reached.everybody_in(works) if people is None else int((people & self.everybody).sum())
        sure = self.reached.sure(people, works)
        if sure is not None:
            return sure
        filters = filters_with(self.reached.selection.filters, name, value)
        return people_with(self.db, self.index, self.question, filters, self.on)

    def _facet(self, name: str, title: str, counts: Mapping[str, int], labels: Mapping[str, str], more: int) -> Facet:
        values = [
            FacetValue(value=value, label=labels.get(value) or value, count=count)
            for value, count in counts.items()
            if count
        ]
        if name == _YEAR:
            values.sort(key=lambda each: each.value, reverse=True)
        else:
            values.sort(key=lambda each: (-each.count, each.value))
        return Facet(name=name, title=title, values=tuple(values), more=more)
