"""Whom do filters want, where nobody wrote a text?  People by name, page by page."""

from __future__ import annotations

from datetime import date
from typing import Final

from graph.database import Database
from graph.errors import InputError
from graph.textindex import TextIndex
from queries.expert_facts import ExpertFacts, distinct_names, expert_facts
from queries.facet_rows import ListAnswer, ListedExpert
from queries.facets import filter_costs, too_few_note
from queries.filters import ExpertFilters
from queries.posts import posts_and_memberships, today
from queries.reached import listed
from queries.retrieval import asked, check_limit
from queries.selection import selected
from queries.unplaced import unplaced_note

MOST_OFFSET: Final = 10_000_000


def experts_by_facets(
    db: Database,
    index: TextIndex,
    *,
    filters: ExpertFilters | None = None,
    limit: int = 20,
    offset: int = 0,
    on: date | None = None,
) -> ListAnswer:
    """Whom do these filters want, without any text?  People by name, then by id, `limit` (1 to 200) from `offset` on.

    Filters on works (kinds, years) want people with such a work. Without filters everybody is listed. When fewer than
    `limit` people remain, a note says which filter costs most; another, how many people a region passes
    over because nobody says where they are. `expert_facets` counts the same people.

    Raises `InputError` for a number or region out of bounds, `StoreUnavailableError`.
    """
    check_limit(limit)
    if not 0 <= offset <= MOST_OFFSET:
        raise InputError(f"offset 应在 0 到 {MOST_OFFSET} 之间，收到 {offset}")
    filters, day = filters or ExpertFilters(), on or today()
    selection = selected(db, index, filters=filters, on=day)
    wanted = listed(index, selection)
    people = selection.people
    order = people.by_name
    rows: list[int] = order[wanted[order]][offset : offset + limit].tolist()
    ids = [people.ids[row] for row in rows]
    facts = expert_facts(db, ids)
    total = int(wanted.sum())
    unplaced = unplaced_note(index, asked(""), selection, total, wanted=limit, on=day)
    costs = filter_costs(db, index, asked(""), filters, found=total, wanted=limit, on=day)
    return ListAnswer(
        total=total,
        offset=offset,
        experts=tuple(_listed(facts[id], day) for id in ids if id in facts),
        notes=tuple(filter(None, (too_few_note(costs, total, limit) if costs else "", unplaced))),
        sequence=index.sequence,
    )


def _listed(person: ExpertFacts, on: date) -> ListedExpert:
    posts, memberships = posts_and_memberships(person.affiliations, on)
    return ListedExpert(
        id=person.id,
        name=person.name,
        professional_title=person.professional_title,
        posts=posts,
        memberships=memberships,
        topics=distinct_names(person.topics),
        fields=tuple(person.fields),
        honours=distinct_names(person.honours),
        fictional=person.fictional,
    )
