"""The filters of the search form: what a person writes, the filters it stands for, and counts as links."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Final, NamedTuple
from urllib.parse import urlencode

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from queries.facet_rows import FacetsAnswer
from queries.filters import (
    FILTER_NAMES,
    LISTS,
    LONGEST_NAME,
    MOST_LISTED,
    MOST_YEARS,
    ExpertFilters,
    given,
    put_together,
    several,
)

_SHOWN: Final = frozenset({"organisation", "society", "region", "professional_title", "since_year", "until_year"})
_LONGEST_LIST: Final = 2_000


def none_if_empty(value: object) -> object:
    """An empty field of a form means that nothing was asked for."""
    return None if isinstance(value, str) and not value.strip() else value


# The length is that of the text inside: the library cannot compare None with it.
Written = Annotated[Annotated[str, Field(max_length=LONGEST_NAME)] | None, BeforeValidator(none_if_empty)]
Several = Annotated[Annotated[str, Field(max_length=_LONGEST_LIST)] | None, BeforeValidator(none_if_empty)]
Year = Annotated[Annotated[int, Field(ge=1000, le=2999)] | None, BeforeValidator(none_if_empty)]
Years = Annotated[Annotated[int, Field(ge=1, le=MOST_YEARS)] | None, BeforeValidator(none_if_empty)]


class FilterForm(BaseModel):
    """What the filters of the form send; lists are written with commas."""

    model_config = ConfigDict(frozen=True, str_strip_whitespace=True)

    region: Annotated[Annotated[str, Field(max_length=64)] | None, BeforeValidator(none_if_empty)] = None
    organisation: Written = None
    legal_entity: Written = None
    society: Written = None
    society_role: Written = None
    organisation_level: Written = None
    organisation_kind: Written = None
    tier: Written = None
    professional_title: Written = None
    expert_kind: Written = None
    field: Written = None
    output_kinds: Several = None
    project_kinds: Several = None
    since_year: Year = None
    until_year: Year = None
    verified_since: Annotated[date | None, BeforeValidator(none_if_empty)] = None
    newcomer_years: Years = None
    members_only: Annotated[bool, BeforeValidator(lambda value: value or False)] = False
    has_contact: Annotated[bool | None, BeforeValidator(none_if_empty)] = None
    exclude_units: Several = None
    exclude_coauthors_of: Several = None
    coauthor_years: Years = None
    exclude: Several = None

    @property
    def filtered(self) -> bool:
        """Whether any filter is set."""
        return bool(self._said())

    @property
    def further(self) -> bool:
        """Whether any of the filters is set that the form shows only when asked."""
        return not _SHOWN.issuperset(self._said())

    @property
    def filters(self) -> ExpertFilters:
        """Return the filters that the form stands for; raises `InputError`."""
        said = self._said()
        lists = {name: several(said[name])[:MOST_LISTED] for name in LISTS if name in said}
        return put_together(None, {**said, **lists})

    def _said(self) -> dict[str, Any]:
        return self.model_dump(include=set(FilterForm.model_fields), exclude_defaults=True)


class Chip(NamedTuple):
    """A filter that is set, as a person reads it, and the address without it."""

    title: str
    value: str
    address: str


class CountLink(NamedTuple):
    """A value of a facet, how many people have it, and the address that filters by it."""

    value: str
    people: int
    address: str


class FacetLinks(NamedTuple):
    """A facet with its values as links; `more` others are not listed."""

    name: str
    title: str
    values: tuple[CountLink, ...]
    more: int


def chips(form: FilterForm, asked: Mapping[str, Any]) -> tuple[Chip, ...]:
    """Return the filters set, each with the address of the question (`asked`) without it."""
    return tuple(
        Chip(FILTER_NAMES[name], value, _address({key: each for key, each in asked.items() if key != name}))
        for name, value in given(form.filters).items()
    )


def facet_links(answer: FacetsAnswer, asked: Mapping[str, Any]) -> tuple[FacetLinks, ...]:
    """Return the counts as links of the question (`asked`) with one value put to it."""
    return tuple(
        FacetLinks(
            facet.name,
            facet.title,
            tuple(
                CountLink(value.label, value.count, _address({**asked, **_filter(facet.name, value.value)}))
                for value in facet.values
            ),
            facet.more,
        )
        for facet in answer.facets
    )


def _filter(name: str, value: str) -> dict[str, str]:
    return {"since_year": value, "until_year": value} if name == "year" else {name: value}


def _address(asked: Mapping[str, Any]) -> str:
    return "/search?" + urlencode({"view": "experts", **asked})
