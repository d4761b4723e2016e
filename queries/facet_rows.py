"""What counts per facet and lists without a text answer with: frozen rows."""

from __future__ import annotations

from queries.answers import Answer, Post


class FacetValue(Answer):
    """One value of a facet: filtering by it leaves exactly `count` people."""

    value: str
    label: str
    count: int


class Facet(Answer):
    """One facet: `name` is the filter that its values are for ("year": both `since_year` and `until_year`)."""

    name: str
    title: str
    values: tuple[FacetValue, ...]
    more: int


class FilterCost(Answer):
    """How many people there would be (`people`) without one of the filters set."""

    name: str
    title: str
    value: str
    people: int


class FacetsAnswer(Answer):
    """The people who match a text (or any) and the filters, counted by the values of each facet not yet decided.

    `too_few` is empty unless fewer than the number wanted remain; then each filter, the one that costs most first.
    """

    question: str
    total: int
    facets: tuple[Facet, ...]
    too_few: tuple[FilterCost, ...]
    notes: tuple[str, ...]
    sequence: int


class ListedExpert(Answer):
    """One person of a list by name, with what is publicly known."""

    id: str
    name: str
    professional_title: str
    posts: tuple[Post, ...]
    memberships: tuple[Post, ...]
    topics: tuple[str, ...]
    fields: tuple[str, ...]
    honours: tuple[str, ...]
    fictional: bool


class ListAnswer(Answer):
    """The people whom filters want, by name: those from `offset` on, of `total` in all."""

    total: int
    offset: int
    experts: tuple[ListedExpert, ...]
    notes: tuple[str, ...]
    sequence: int
