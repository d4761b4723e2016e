"""From the search form to the rows that a page shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, NamedTuple
from urllib.parse import urlencode

from pydantic import BeforeValidator, Field

from api.console.filter_form import Chip, FacetLinks, FilterForm, chips, facet_links, none_if_empty
from api.console.understood import BETWEEN_TERMS, bridges
from api.questions import LONGEST_ID, LONGEST_QUESTION, MOST_ROWS
from api.service import Holdings
from queries.answers import ExpertsAnswer, OrganisationsAnswer, WorksAnswer
from queries.bridging import BridgingAnswer
from queries.expansion import PROPOSALS_SHOWN
from queries.experts import experts_for_topic
from queries.exposure import (
    EXPOSURE_FIELDS,
    MOST_BOOST,
    MOST_CAP,
    MOST_DAYS,
    ExposureFields,
    exposure_options,
    exposure_said,
)
from queries.exposure import MOST_YEARS as EXPOSURE_YEARS
from queries.facet_rows import ListAnswer
from queries.facets import facets_reached
from queries.filters import ExpertFilters
from queries.listing import MOST_OFFSET, experts_by_facets
from queries.organisations import organisations_for_topic
from queries.posts import today
from queries.reached import Reached
from queries.understanding import with_understanding
from queries.works import outputs_for_topic, projects_for_topic

View = Literal["experts", "organisations", "outputs", "projects"]
VIEW_NAMES: Mapping[View, str] = {"experts": "专家", "organisations": "机构", "outputs": "成果", "projects": "项目"}
ROWS = 20
# The score of `TextIndex.find_organisations` for the very name or alias.
EXACT_NAME = 5.0
SIMILAR_SHOWN = 5
FACET_VALUES: Final = 8
# A longer question fits into no address, so that its counts would lead nowhere.
LONGEST_LINKED: Final = 150


class SearchForm(FilterForm):
    """What the search form sends; the declared options are off when their fields are empty."""

    q: str = Field("", max_length=LONGEST_QUESTION)
    view: View = "experts"
    limit: int = Field(ROWS, ge=1, le=MOST_ROWS)
    offset: int = Field(0, ge=0, le=MOST_OFFSET)
    expand: str = Field("", max_length=800)
    discipline: str = Field("", max_length=LONGEST_ID)
    exposure_cap: Annotated[Annotated[int, Field(ge=1, le=MOST_CAP)] | None, BeforeValidator(none_if_empty)] = None
    exposure_days: Annotated[Annotated[int, Field(ge=1, le=MOST_DAYS)] | None, BeforeValidator(none_if_empty)] = None
    newcomer_boost: Annotated[Annotated[float, Field(ge=1, le=MOST_BOOST)] | None, BeforeValidator(none_if_empty)] = (
        None
    )
    newcomer_boost_years: Annotated[
        Annotated[int, Field(ge=1, le=EXPOSURE_YEARS)] | None, BeforeValidator(none_if_empty)
    ] = None

    @property
    def exposure(self) -> ExposureFields:
        """The declared options as the question takes them."""
        return ExposureFields.model_validate(self.model_dump(include=set(EXPOSURE_FIELDS), exclude_none=True))

    @property
    def exposed(self) -> bool:
        """Whether a declared option is on."""
        return bool(exposure_said(self.exposure))

    @property
    def expansions(self) -> tuple[str, ...]:
        """The further terms that are switched on."""
        return tuple(term for term in self.expand.split(BETWEEN_TERMS) if term.strip())[:PROPOSALS_SHOWN]


class Tab(NamedTuple):
    """One of the four views; `address` is None when the question is too long for one and a button must send it."""

    view: View
    name: str
    current: bool
    address: str | None


def as_address(form: SearchForm) -> dict[str, Any]:
    """Return what an address must say so that the form is as it is."""
    return form.model_dump(mode="json", exclude_defaults=True, exclude={"view", "limit", "offset"})


def tabs(form: SearchForm, longest_address: int) -> tuple[Tab, ...]:
    """Return the four views of the same question."""
    asked = as_address(form)
    found: list[Tab] = []
    for view, name in VIEW_NAMES.items():
        address = "/search?" + urlencode({"view": view, **asked})
        found.append(Tab(view, name, view == form.view, address if len(address) <= longest_address else None))
    return tuple(found)


class Shown(NamedTuple):
    """The rows of an answer, the best score among them, against which bars are drawn, and how names were taken.

    Of experts also the filters set and the counts per value, as links; `plain` is the address without declared options.
    """

    rows: ExpertsAnswer | OrganisationsAnswer | WorksAnswer | ListAnswer
    top: float
    choices: tuple[str, ...] = ()
    chips: tuple[Chip, ...] = ()
    facets: tuple[FacetLinks, ...] = ()
    next: str = ""
    between: BridgingAnswer | None = None
    plain: str = ""


def answer(held: Holdings, form: SearchForm) -> Shown:
    """Ask the question of the form's view."""
    db, index = held.store.database, held.index
    if form.view == "experts":
        return _experts(held, form)
    if form.view == "organisations":
        bodies = organisations_for_topic(
            db,
            index,
            text=form.q,
            limit=form.limit,
            region=form.region,
            since_year=form.since_year,
            until_year=form.until_year,
            organisation_level=form.organisation_level,
            organisation_kind=form.organisation_kind,
        )
        return Shown(bodies, max((row.score for row in bodies.organisations), default=0.0))
    ask = projects_for_topic if form.view == "projects" else outputs_for_topic
    types = form.filters.project_kinds if form.view == "projects" else form.filters.output_kinds
    years = {"since_year": form.since_year, "until_year": form.until_year}
    return Shown(ask(db, index, text=form.q, limit=form.limit, types=types, **years), 0.0)


def filters_meant(held: Holdings, form: SearchForm) -> tuple[ExpertFilters, list[str]]:
    """Return the filters of the form with bodies in the place of names that are nearly theirs, and notes on these."""
    filters, notes = form.filters, list[str]()
    for name, title in (("organisation", "单位"), ("legal_entity", "同一法人"), ("society", "学会")):
        body, note = _body(held, title, getattr(filters, name))
        if body is not None:
            filters = filters.model_copy(update={name: body})
        notes += [note] if note else []
    return filters, notes


def experts_ranked(
    held: Holdings, form: SearchForm, filters: ExpertFilters, counted: Reached | None = None
) -> ExpertsAnswer:
    """Ask the form's question for experts; `counted` are the works that were counted beside them."""
    return experts_for_topic(
        held.store.database,
        held.index,
        text=form.q,
        limit=form.limit,
        filters=filters if form.filtered else None,
        discipline=form.discipline,
        expand=form.expansions,
        counted=counted,
        exposure=exposure_options(form.exposure, on=today()),
        declared=True,
    )


def _experts(held: Holdings, form: SearchForm) -> Shown:
    """The ranked experts, or without a text those whom the filters want by name, with the counts beside them."""
    db, index = held.store.database, held.index
    filters, notes = filters_meant(held, form)
    asked = as_address(form)
    # Too few is said by the rows themselves.
    counts, counted = facets_reached(db, index, text=form.q, filters=filters, wanted=1, values=FACET_VALUES)
    if form.q:
        found = experts_ranked(held, form, filters, counted)
        rows = with_understanding(db, index, found, expand=form.expansions)
        between = bridges(held, rows)
        top = max((row.score for row in rows.experts), default=0.0)
    else:
        rows = experts_by_facets(db, index, filters=filters, limit=form.limit, offset=form.offset)
        top, between = 0.0, None
    links = facet_links(counts, asked) if len(form.q) <= LONGEST_LINKED else ()
    further = "/search?" + urlencode({"view": "experts", **asked, "offset": form.offset + form.limit})
    without = {name: value for name, value in asked.items() if name not in EXPOSURE_FIELDS}
    plain = "/search?" + urlencode({"view": "experts", **without}) if form.exposed else ""
    return Shown(rows, top, tuple(notes), chips(form, asked), links, further, between, plain)


def _body(held: Holdings, filter_name: str, written: str | None) -> tuple[str | None, str]:
    """What a name in a filter stands for, and a note when it is not the very name of a body.

    The question itself knows ids and exact names; people write "水利学会", or the beginning of a name.
    """
    hits = held.index.find_organisations(written, SIMILAR_SHOWN) if written else []
    if not hits or hits[0].score >= EXACT_NAME:
        return written, ""
    others = "、".join(hit.name for hit in hits[1:])
    note = f"{filter_name}“{written}”按“{hits[0].name}”查找"
    return hits[0].id, f"{note}；名称相近的还有：{others}。" if others else f"{note}。"
