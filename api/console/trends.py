"""The pages on trends: one topic by year and region with its picture, what rises, who is coming up, who works where."""

from __future__ import annotations

from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse
from markupsafe import Markup
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from api.console.filter_form import none_if_empty
from api.console.rendering import page
from api.deps import Open, SignedIn
from graph.errors import InputError, NotFoundError
from queries.rising_experts import rising_experts
from queries.topic_map import topic_map
from queries.trends import rising_topics, topic_trend
from viz.chart import YearBar, years_svg

router = APIRouter(default_response_class=HTMLResponse)

ROWS_SHOWN: Final = 20

_Word = Annotated[str | None, BeforeValidator(none_if_empty)]


class TrendForm(BaseModel):
    """What the form on trends sends: a topic (id or name) or keyword, and a region."""

    model_config = ConfigDict(frozen=True, str_strip_whitespace=True)

    topic: _Word = Field(None, max_length=200)
    keyword: _Word = Field(None, max_length=200)
    region: _Word = Field(None, max_length=64)

    @property
    def address(self) -> str:
        """The subject as the query part of an address."""
        return urlencode({name: value for name, value in self.model_dump(exclude={"region"}).items() if value})


@router.get("/trends")
def trends(session: SignedIn, held: Open, form: Annotated[TrendForm, Query()]) -> HTMLResponse:
    """One subject by year and region; without one, what rises."""
    database = held.store.database
    context: dict[str, object] = {"form": form, "found": None, "picture": "", "message": "", "rising": ()}
    if form.topic is None and form.keyword is None:
        context["rising"] = (
            ("主题", "topic", rising_topics(database, limit=ROWS_SHOWN)),
            ("关键词", "keyword", rising_topics(database, of="keyword", limit=ROWS_SHOWN)),
        )
        return page("trends.html", context, session=session)
    try:
        found = topic_trend(database, topic=form.topic, keyword=form.keyword, region=form.region)
    except (InputError, NotFoundError) as error:
        context["message"] = f"{error.message}。{error.hint or ''}"
        return page("trends.html", context, session=session)
    bars = [YearBar(each.year, each.works, each.people, each.whole) for each in found.years if each.year is not None]
    # The picture escapes every text itself.
    picture = Markup(years_svg(bars, title=f"{found.subject.name}：逐年的成果和人员")) if bars else ""  # noqa: S704
    return page("trends.html", {**context, "found": found, "picture": picture}, session=session)


@router.get("/trends/map")
def who_where(session: SignedIn, held: Open, form: Annotated[TrendForm, Query()]) -> HTMLResponse:
    """Who works where on a subject."""
    found = topic_map(held.store.database, topic=form.topic, keyword=form.keyword, limit=ROWS_SHOWN)
    return page("trend_map.html", {"form": form, "found": found}, session=session)


@router.get("/trends/experts")
def coming_up(session: SignedIn, held: Open, form: Annotated[TrendForm, Query()]) -> HTMLResponse:
    """Who is coming up, on a subject or on any."""
    found = rising_experts(held.store.database, topic=form.topic, keyword=form.keyword, limit=ROWS_SHOWN)
    return page("trend_experts.html", {"form": form, "found": found}, session=session)
