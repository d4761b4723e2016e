"""The page on who can go: three hydrologists within the province next week."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Final

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from api.console.filter_form import none_if_empty
from api.console.rendering import page
from api.deps import Open, SignedIn
from api.problems import of_error
from api.questions import LONGEST_IN_ADDRESS
from api.service import Holdings
from graph.errors import InputError
from queries.availability import MOST_WANTED, experts_who_can_go
from queries.periods import period_written
from queries.posts import today
from queries.region_names import REGION_NAMES

router = APIRouter(default_response_class=HTMLResponse)

# GB/T 2260: 11 is Beijing, 82 Macao.
_FIRST_PROVINCE: Final = 11
_LAST_PROVINCE: Final = 82

_Day = Annotated[date | None, BeforeValidator(none_if_empty)]
_Words = Annotated[Annotated[str, Field(max_length=256)] | None, BeforeValidator(none_if_empty)]


class WhoCanGoForm(BaseModel):
    """What the form sends: a topic, a place, days as written or by the calendar, how many."""

    model_config = ConfigDict(frozen=True, str_strip_whitespace=True)

    q: str = Field("", max_length=LONGEST_IN_ADDRESS)
    when: str = Field("", max_length=64)
    from_day: _Day = None
    until_day: _Day = None
    region: _Words = None
    organisation: _Words = None
    society: _Words = None
    limit: int = Field(3, ge=1, le=MOST_WANTED)

    @property
    def days(self) -> tuple[date, date]:
        """First and last day: by the calendar, or as written; raises `InputError`."""
        if self.from_day is not None or self.until_day is not None:
            first = self.from_day or self.until_day or today()
            return first, self.until_day or first
        return period_written(self.when or "下周", today=today())


@router.get("/availability")
def who_can_go(session: SignedIn, held: Open, form: Annotated[WhoCanGoForm, Query()]) -> HTMLResponse:
    """Who can go; without a topic, the form alone."""
    provinces = _provinces(held)
    context: dict[str, object] = {
        "form": form,
        "found": None,
        "refused": None,
        "most": MOST_WANTED,
        "provinces": provinces,
    }
    if not form.q:
        return page("availability.html", context, session=session)
    try:
        first, last = form.days
        context["found"] = experts_who_can_go(
            held.store.database,
            held.index,
            text=form.q,
            from_day=first,
            until_day=last,
            count=form.limit,
            region=_code(form.region, provinces),
            organisation=form.organisation,
            society=form.society,
        )
    except InputError as error:
        context["refused"] = error
        return page("availability.html", context, session=session, status=of_error(error).problem.status)
    return page("availability.html", context, session=session)


def _provinces(held: Holdings) -> dict[str, str]:
    """The provinces that the graph knows: code → name."""
    codes = [str(number) for number in range(_FIRST_PROVINCE, _LAST_PROVINCE + 1)]
    return {row.code: row.name for row in held.store.database.read(REGION_NAMES, codes=codes)}


def _code(written: str | None, provinces: Mapping[str, str]) -> str | None:
    """The code of a province by its name, 河北 as 河北省; anything else stands as it was written."""
    if written is None:
        return None
    named = [code for code, name in provinces.items() if name == written]
    begun = [code for code, name in provinces.items() if len(written) > 1 and name.startswith(written)]
    return next(iter([*named, *begun]), written)
