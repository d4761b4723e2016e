"""From the search form to the rows that a page shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, NamedTuple
from urllib.parse import urlencode

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from api.questions import LONGEST_ID, LONGEST_QUESTION, MOST_ROWS
from api.service import Holdings
from queries.answers import ExpertsAnswer, OrganisationsAnswer, WorksAnswer
from queries.experts import experts_for_topic
from queries.organisations import organisations_for_topic
from queries.works import outputs_for_topic, projects_for_topic

View = Literal["experts", "organisations", "outputs", "projects"]
VIEW_NAMES: Mapping[View, str] = {"experts": "专家", "organisations": "机构", "outputs": "成果", "projects": "项目"}
ROWS = 20
# The score of `TextIndex.find_organisations` for the very name or alias.
EXACT_NAME = 5.0
SIMILAR_SHOWN = 5


def none_if_empty(value: object) -> object:
    """An empty field of a form means that nothing was asked for."""
    return None if isinstance(value, str) and not value.strip() else value


_Code = Annotated[str | None, BeforeValidator(none_if_empty)]


class SearchForm(BaseModel):
    """What the search form sends."""

    model_config = ConfigDict(frozen=True, str_strip_whitespace=True)

    q: str = Field("", max_length=LONGEST_QUESTION)
    view: View = "experts"
    region: _Code = Field(None, max_length=64)
    organisation: _Code = Field(None, max_length=LONGEST_ID)
    society: _Code = Field(None, max_length=LONGEST_ID)
    since_year: Annotated[int | None, BeforeValidator(none_if_empty)] = Field(None, ge=1000, le=2999)
    professional_title: _Code = Field(None, max_length=64)
    limit: int = Field(ROWS, ge=1, le=MOST_ROWS)

    @property
    def filtered(self) -> bool:
        """Whether any filter is set."""
        values = (self.region, self.organisation, self.society, self.since_year, self.professional_title)
        return any(value is not None for value in values)


class Tab(NamedTuple):
    """One of the four views; `address` is None when the question is too long for one and a button must send it."""

    view: View
    name: str
    current: bool
    address: str | None


def tabs(form: SearchForm, longest_address: int) -> tuple[Tab, ...]:
    """Return the four views of the same question."""
    asked = form.model_dump(exclude_defaults=True, exclude={"view", "limit"})
    found: list[Tab] = []
    for view, name in VIEW_NAMES.items():
        address = "/search?" + urlencode({"view": view, **asked})
        found.append(Tab(view, name, view == form.view, address if len(address) <= longest_address else None))
    return tuple(found)


class Shown(NamedTuple):
    """The rows of an answer, the best score among them, against which bars are drawn, and how names were taken."""

    rows: ExpertsAnswer | OrganisationsAnswer | WorksAnswer
    top: float
    choices: tuple[str, ...] = ()


def answer(held: Holdings, form: SearchForm) -> Shown:
    """Ask the question of the form's view."""
    db, index = held.store.database, held.index
    if form.view == "experts":
        body, body_note = _body(held, "单位", form.organisation)
        society, society_note = _body(held, "学会", form.society)
        experts = experts_for_topic(
            db,
            index,
            text=form.q,
            limit=form.limit,
            region=form.region,
            organisation=body,
            society=society,
            since_year=form.since_year,
            professional_title=form.professional_title,
        )
        top = max((row.score for row in experts.experts), default=0.0)
        return Shown(experts, top, tuple(note for note in (body_note, society_note) if note))
    if form.view == "organisations":
        bodies = organisations_for_topic(
            db, index, text=form.q, limit=form.limit, region=form.region, since_year=form.since_year
        )
        return Shown(bodies, max((row.score for row in bodies.organisations), default=0.0))
    ask = projects_for_topic if form.view == "projects" else outputs_for_topic
    return Shown(ask(db, index, text=form.q, limit=form.limit, since_year=form.since_year), 0.0)


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
