"""The pages on demands: the list, the form to raise one, one with its log, its matches."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Form, Path, Query
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from api.access import Session
from api.console.rendering import page
from api.demands import LONGEST_NAME, seen_by
from api.deps import ConfirmedEditor, Open, SignedIn
from api.problems import of_error
from api.service import Holdings
from graph.errors import ConflictError, InputError, NotFoundError, ZhikuError
from ingest.commands import demands as commands
from ingest.commands.local_writes import LONGEST_NOTE, LONGEST_TEXT, LONGEST_TITLE, Written
from queries.demand_matches import demand_matches
from queries.demand_topics import topics_suggested
from queries.demands import demand_trace, demands_listed, demands_overdue, response_times

router = APIRouter(default_response_class=HTMLResponse)

DEMANDS_SHOWN: Final = 200
_TOPICS_SHOWN: Final = 8
_MOST_IDS: Final = 50

Id = Annotated[str, Path(min_length=1, max_length=64)]


def _one_line_end(value: object) -> object:
    """A browser counts a new line of a text field as one character and sends two."""
    return value.replace("\r\n", "\n") if isinstance(value, str) else value


def _none_if_empty(value: object) -> object:
    """A field of a form that was left empty is there all the same."""
    return None if value == "" else value


Text = Annotated[str, BeforeValidator(_one_line_end)]
Day = Annotated[date | None, BeforeValidator(_none_if_empty)]
Kind = Literal["", "论证", "评估", "标准", "资格认定", "咨询"]


class ListForm(BaseModel):
    """What the list is asked for."""

    model_config = ConfigDict(frozen=True, str_strip_whitespace=True)

    status: Literal["waiting", "overdue", "all", "open", "diagnosed", "answered", "closed"] = "waiting"
    raiser: str = Field("", max_length=LONGEST_NAME)


class RaiseForm(BaseModel):
    """What the form of a new demand sends."""

    model_config = ConfigDict(frozen=True)

    title: str = Field("", max_length=LONGEST_TITLE)
    description: Text = Field("", max_length=LONGEST_TEXT)
    kind: Literal["problem", "topic", "need"] = "need"
    from_whom: str = Field("", max_length=LONGEST_NAME)
    urgency: Literal["urgent", "high", "normal"] = "normal"
    service_kind: Kind = ""
    deadline: Day = None
    visibility: Literal["public", "members", "staff"] = "public"


class DemandForm(BaseModel):
    """What any of the forms of one demand sends; each uses its own fields."""

    model_config = ConfigDict(frozen=True)

    text: Text = Field("", max_length=LONGEST_TEXT)
    topics: list[str] = Field([], max_length=_MOST_IDS)
    ids: str = Field("", max_length=LONGEST_NOTE)
    channel: str = Field("", max_length=LONGEST_NAME)
    service_kind: Kind = ""
    on: Day = None


class DoneForm(BaseModel):
    """What the page of one demand is told of the last form."""

    model_config = ConfigDict(frozen=True)

    number: str = Field("", max_length=32, pattern=r"^[0-9]*$")
    done: Literal["", "raised", "diagnose", "follow-up", "answer", "close", "undone"] = ""


class MatchForm(BaseModel):
    """How matches are looked for."""

    model_config = ConfigDict(frozen=True, str_strip_whitespace=True)

    region: str = Field("", max_length=64)
    size: Annotated[int | None, BeforeValidator(_none_if_empty)] = Field(None, ge=3, le=7)
    apart: bool = False


@router.get("/demands")
def listed(session: SignedIn, held: Open, form: Annotated[ListForm, Query()]) -> HTMLResponse:
    """The demands that wait, the next deadline first, and the form to raise one."""
    return _list_page(session, held, form, RaiseForm.model_validate({}))


@router.post("/demands")
def raised(session: ConfirmedEditor, held: Open, form: Annotated[RaiseForm, Form()]) -> Response:
    """Put a demand into the library; one that cannot be kept comes back with what was written."""
    try:
        done = commands.raise_demand(held.store, actor=session.actor.name, **form.model_dump())
    except (InputError, NotFoundError, ConflictError) as error:
        return _list_page(session, held, ListForm.model_validate({}), form, refused=error)
    return RedirectResponse(f"/demands/{done.id}?done=raised&number={done.batch}", status_code=303)


@router.get("/demands/{id}")
def demand(session: SignedIn, held: Open, id: Id, told: Annotated[DoneForm, Query()]) -> HTMLResponse:
    """One demand with its log, and the forms to go on with it."""
    return _demand_page(session, held, id, told=told)


@router.get("/demands/{id}/match")
def matches(session: SignedIn, held: Open, id: Id, form: Annotated[MatchForm, Query()]) -> HTMLResponse:
    """Who and what can answer a demand."""
    who = seen_by(session.actor)
    try:
        found = demand_matches(
            held.store.database,
            held.index,
            demand=id,
            region=form.region or None,
            size=form.size,
            one_per_organisation=form.apart,
            seen_by=who,
        )
        refused = None
    except InputError as error:
        found = demand_matches(held.store.database, held.index, demand=id, seen_by=who)
        refused = error
    traced = demand_trace(held.store.database, id=id, seen_by=who)
    context = {"traced": traced, "found": found, "form": form, "refused": refused}
    return page("demand_matches.html", context, session=session, status=200 if refused is None else 422)


@router.post("/demands/{id}/diagnose")
def diagnose(session: ConfirmedEditor, held: Open, id: Id, form: Annotated[DemandForm, Form()]) -> Response:
    """Keep a diagnosis."""

    def said() -> Written:
        return commands.diagnose_demand(
            held.store,
            id,
            diagnosis=form.text,
            actor=session.actor.name,
            topics=[*form.topics, *form.ids.split()],
            service_kind=form.service_kind,
        )

    return _kept(session, held, id, what="diagnose", form=form, say=said)


@router.post("/demands/{id}/follow-up")
def follow_up(session: ConfirmedEditor, held: Open, id: Id, form: Annotated[DemandForm, Form()]) -> Response:
    """Keep a follow-up."""

    def said() -> Written:
        return commands.log_follow_up(
            held.store, id, note=form.text, actor=session.actor.name, channel=form.channel, on=form.on
        )

    return _kept(session, held, id, what="follow-up", form=form, say=said)


@router.post("/demands/{id}/answer")
def answer(session: ConfirmedEditor, held: Open, id: Id, form: Annotated[DemandForm, Form()]) -> Response:
    """Keep what or who answered."""

    def said() -> Written:
        return commands.answer_demand(
            held.store, id, by=form.ids.split(), actor=session.actor.name, note=form.text, on=form.on
        )

    return _kept(session, held, id, what="answer", form=form, say=said)


@router.post("/demands/{id}/close")
def close(session: ConfirmedEditor, held: Open, id: Id, form: Annotated[DemandForm, Form()]) -> Response:
    """Close a demand."""

    def said() -> Written:
        return commands.close_demand(held.store, id, outcome=form.text, actor=session.actor.name, on=form.on)

    return _kept(session, held, id, what="close", form=form, say=said)


@router.post("/demands/{id}/undo")
def undo(session: ConfirmedEditor, held: Open, id: Id, number: Annotated[str, Form(max_length=32)] = "") -> Response:
    """Take back what the last form did."""
    commands.take_back(held.store, id, number, actor=session.actor.name)
    try:
        demand_trace(held.store.database, id=id, seen_by=seen_by(session.actor))
    except NotFoundError:
        # What was taken back was the raising of it.
        return RedirectResponse("/demands", status_code=303)
    return RedirectResponse(f"/demands/{id}?done=undone", status_code=303)


def _kept(
    session: Session, held: Holdings, id_: str, *, what: str, form: DemandForm, say: Callable[[], Written]
) -> Response:
    try:
        done = say()
    except (InputError, ConflictError, NotFoundError) as error:
        return _demand_page(session, held, id_, form=form, what=what, refused=error)
    return RedirectResponse(f"/demands/{id_}?done={what}&number={done.batch}", status_code=303)


def _list_page(
    session: Session, held: Holdings, form: ListForm, new: RaiseForm, *, refused: ZhikuError | None = None
) -> HTMLResponse:
    database, who = held.store.database, seen_by(session.actor)
    if form.status == "overdue":
        found = demands_overdue(database, seen_by=who, limit=DEMANDS_SHOWN)
    else:
        raiser = form.raiser or None
        found = demands_listed(database, status=form.status, raiser=raiser, seen_by=who, limit=DEMANDS_SHOWN)
    times = response_times(database, by="all", seen_by=who)
    context: dict[str, Any] = {
        "form": form,
        "found": found,
        "new": new,
        "times": times[0] if times else None,
        "refused": refused,
        "longest": (LONGEST_TITLE, LONGEST_TEXT, LONGEST_NAME),
        "kinds": commands.SERVICE_KINDS,
    }
    return page("demands.html", context, session=session, status=_status(refused))


def _demand_page(
    session: Session,
    held: Holdings,
    id_: str,
    *,
    told: DoneForm | None = None,
    form: DemandForm | None = None,
    what: str = "",
    refused: ZhikuError | None = None,
) -> HTMLResponse:
    traced = demand_trace(held.store.database, id=id_, seen_by=seen_by(session.actor))
    text = f"{traced.demand.title}\n{traced.description}"
    confirmed = {topic.id for topic in traced.demand.topics}
    suggested = topics_suggested(held.store.database, held.index, text=text, limit=_TOPICS_SHOWN)
    context: dict[str, Any] = {
        "traced": traced,
        "told": told or DoneForm.model_validate({}),
        "form": form or DemandForm.model_validate({}),
        "what": what,
        "refused": refused,
        "suggested": [topic for topic in suggested if topic.id not in confirmed],
        "longest": LONGEST_NOTE,
        "kinds": commands.SERVICE_KINDS,
    }
    return page("demand.html", context, session=session, status=_status(refused))


def _status(refused: ZhikuError | None) -> int:
    return 200 if refused is None else of_error(refused).problem.status
