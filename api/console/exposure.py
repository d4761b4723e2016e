"""The page on who is always shown and who never: the exposure report of the lists saved in a period."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, BeforeValidator, ConfigDict

from api.console.filter_form import none_if_empty
from api.console.rendering import page
from api.deps import Open, SignedIn
from api.problems import of_error
from graph.errors import InputError
from queries.exposure import DAYS
from queries.exposure_report import exposure_report, last_days, listed_between
from queries.posts import today
from queries.saved_lists import PURPOSES, Purpose

router = APIRouter(default_response_class=HTMLResponse)

ROWS_SHOWN: Final = 20
_Day = Annotated[date | None, BeforeValidator(none_if_empty)]


class ExposureForm(BaseModel):
    """Which lists count: saved between two days, for a purpose."""

    model_config = ConfigDict(frozen=True)

    from_day: _Day = None
    until_day: _Day = None
    purpose: Annotated[Purpose | None, BeforeValidator(none_if_empty)] = None


@router.get("/exposure")
def report(session: SignedIn, held: Open, form: Annotated[ExposureForm, Query()]) -> HTMLResponse:
    """Who was shown how often, by unit and region; of the last year when no day is given."""
    first, last = last_days(DAYS, on=today())
    first, last = form.from_day or (first if form.until_day is None else date.min), form.until_day or last
    context: dict[str, object] = {
        "form": form, "first": first, "last": last, "purposes": PURPOSES, "found": None, "refused": None,
        "rows": ROWS_SHOWN,
    }  # fmt: skip
    database = held.store.database
    try:
        shown = listed_between(database, from_day=first, until_day=last, purpose=form.purpose or "")
    except InputError as error:
        context["refused"] = error
        return page("exposure.html", context, session=session, status=of_error(error).problem.status)
    context["found"] = exposure_report(database, appearances=shown, top=ROWS_SHOWN)
    return page("exposure.html", context, session=session)
