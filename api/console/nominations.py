"""The pages on nominations: who was put forward and what became of it, and the forms to record both."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from fastapi import APIRouter, Form, Path, Query
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from api.access import Session
from api.console.demands import Text
from api.console.rendering import page
from api.deps import ConfirmedEditor, Open, SignedIn
from api.problems import of_error
from api.service import Holdings
from graph.errors import ConflictError, InputError, NotFoundError, ZhikuError
from ingest.commands.nominations import LONGEST, MOST_WORKS, decide_nomination, nominate
from queries.nominations import STATUSES, nominations

router = APIRouter(default_response_class=HTMLResponse)

NOMINATIONS_SHOWN: Final = 200
_LONGEST_WORKS: Final = 65 * MOST_WORKS


class NominationsForm(BaseModel):
    """Which nominations are wanted, and what the last form did."""

    model_config = ConfigDict(frozen=True, str_strip_whitespace=True)

    status: Literal["", "proposed", "accepted", "declined", "withdrawn"] = ""
    person: str = Field("", max_length=64)
    done: Literal["", "nominated", "decided"] = ""


class NominateForm(BaseModel):
    """What the form of a new nomination sends; `works` are ids with blanks between."""

    model_config = ConfigDict(frozen=True)

    person: str = Field("", max_length=64)
    nominator: str = Field("", max_length=LONGEST["举荐人"])
    programme: str = Field("", max_length=LONGEST["举荐到"])
    reason: Text = Field("", max_length=LONGEST["理由"])
    works: str = Field("", max_length=_LONGEST_WORKS)


class DecisionForm(BaseModel):
    """What became of a nomination, and why."""

    model_config = ConfigDict(frozen=True)

    outcome: Literal["accepted", "declined", "withdrawn", "proposed"]
    reason: Text = Field("", max_length=LONGEST["理由"])


@router.get("/nominations")
def listed(session: SignedIn, held: Open, form: Annotated[NominationsForm, Query()]) -> HTMLResponse:
    """The nominations, the latest first, and the form to record one."""
    return _page(session, held, form, NominateForm.model_validate({}))


@router.post("/nominations")
def put_forward(session: ConfirmedEditor, held: Open, form: Annotated[NominateForm, Form()]) -> Response:
    """Record a nomination; one that cannot be kept comes back with what was written."""
    try:
        nominate(
            held.store,
            person=form.person,
            nominator=form.nominator,
            programme=form.programme,
            reason=form.reason,
            works=form.works.split(),
            actor=session.actor.name,
        )
    except (InputError, NotFoundError, ConflictError) as error:
        return _page(session, held, NominationsForm.model_validate({}), form, refused=error)
    return RedirectResponse("/nominations?done=nominated", status_code=303)


@router.post("/nominations/{id}/decision")
def decide(
    session: ConfirmedEditor,
    held: Open,
    id: Annotated[str, Path(min_length=1, max_length=64)],
    form: Annotated[DecisionForm, Form()],
) -> Response:
    """Say what became of a nomination."""
    try:
        decide_nomination(held.store, id=id, outcome=form.outcome, reason=form.reason, actor=session.actor.name)
    except (InputError, NotFoundError, ConflictError) as error:
        return _page(session, held, NominationsForm.model_validate({}), NominateForm.model_validate({}), refused=error)
    return RedirectResponse("/nominations?done=decided", status_code=303)


def _page(
    session: Session,
    held: Holdings,
    form: NominationsForm,
    new: NominateForm,
    *,
    refused: ZhikuError | None = None,
) -> HTMLResponse:
    database = held.store.database
    try:
        found = nominations(database, person=form.person, status=form.status, limit=NOMINATIONS_SHOWN)
    except NotFoundError as error:
        found, refused = [], refused or error
    context: dict[str, object] = {
        "found": found,
        "form": form,
        "new": new,
        "statuses": STATUSES,
        "longest": LONGEST,
        "most": NOMINATIONS_SHOWN,
        "refused": refused,
    }
    status = 200 if refused is None else of_error(refused).problem.status
    return page("nominations.html", context, session=session, status=status)
