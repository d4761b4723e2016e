"""The pages on lists: which there are, one with its notes, freezing, checking, printing, Excel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Final, Literal
from urllib.parse import quote

from fastapi import APIRouter, Form, Path, Query
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from api.access import Session
from api.console.answers import SearchForm, experts_ranked, filters_meant
from api.console.rendering import page
from api.deps import ConfirmedEditor, Open, SignedIn
from api.lists import LONGEST_LIST_ID
from api.problems import of_error
from api.service import Holdings
from graph.errors import ConflictError, InputError, NotFoundError, ZhikuError
from ingest.commands.lists import (
    LONGEST_NAME,
    LONGEST_NOTE,
    add_member,
    annotate_member,
    copy_list,
    discard_list,
    freeze_list,
    remove_member,
    save_answer,
)
from queries.exposure import exposure_said
from queries.kept_questions import question_kept
from queries.list_comparison import ListComparison, list_asked_again
from queries.saved_lists import PURPOSES, ListVerification, list_verification, saved_list, saved_lists
from viz.list_documents import list_facts, list_workbook, printed_list

router = APIRouter(default_response_class=HTMLResponse)

LISTS_SHOWN: Final = 200
_SHEET: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Id = Annotated[str, Path(min_length=1, max_length=LONGEST_LIST_ID)]
Done = Literal["", "saved", "noted", "removed", "added", "frozen", "copied", "discarded"]


class ListForm(BaseModel):
    """What the last form did."""

    model_config = ConfigDict(frozen=True)

    done: Done = ""


class SaveForm(SearchForm):
    """The question of the page with the name to keep its answer under."""

    name: str = Field("", max_length=LONGEST_NAME)


class MemberForm(BaseModel):
    """A member, with a note or a reason."""

    model_config = ConfigDict(frozen=True)

    member: str = Field("", max_length=64)
    note: str = Field("", max_length=LONGEST_NOTE)
    reason: str = Field("", max_length=LONGEST_NOTE)


class CopyForm(BaseModel):
    """The name of a copy."""

    model_config = ConfigDict(frozen=True)

    name: str = Field("", max_length=LONGEST_NAME)


@router.get("/lists")
def lists(session: SignedIn, held: Open, form: Annotated[ListForm, Query()]) -> HTMLResponse:
    """Which lists there are, the newest first."""
    return _lists_page(session, held, form)


@router.post("/lists")
def save(session: ConfirmedEditor, held: Open, form: Annotated[SaveForm, Form()]) -> Response:
    """Keep the answer of the page under a name."""
    try:
        wanted = SearchForm(**form.model_dump(exclude={"name", "view"}, exclude_none=True))
        if not wanted.q:
            raise InputError("只有专家可以存为名单")
        filters, _ = filters_meant(held, wanted)
        rows = experts_ranked(held, wanted, filters)
        kept = question_kept(filters, discipline=wanted.discipline, expand=wanted.expansions)
        kept |= exposure_said(wanted.exposure)
        id = save_answer(held.store, rows, name=form.name, actor=session.actor.name, filters=kept)
    except (InputError, ConflictError, NotFoundError) as error:
        return _lists_page(session, held, ListForm(), refused=error)
    return _back(id, "saved")


@router.get("/lists/{id}")
def one(session: SignedIn, held: Open, id: Id, form: Annotated[ListForm, Query()]) -> HTMLResponse:
    """One list with its notes."""
    return _list_page(session, held, id, form=form)


@router.get("/lists/{id}/verify")
def verify(session: SignedIn, held: Open, id: Id) -> HTMLResponse:
    """The list, and whether it is as it was frozen."""
    return _list_page(session, held, id, verified=list_verification(held.store.database, id=id))


@router.get("/lists/{id}/again")
def again(session: SignedIn, held: Open, id: Id) -> HTMLResponse:
    """The list, and what its question answers today."""
    try:
        found = list_asked_again(held.store.database, held.index, id=id)
    except InputError as error:
        return _list_page(session, held, id, refused=error)
    return _list_page(session, held, id, compared=found)


@router.get("/lists/{id}/print")
def printed(_session: SignedIn, held: Open, id: Id) -> HTMLResponse:
    """The list as a page to print."""
    text = printed_list(saved_list(held.store.database, id=id), stylesheet="/static/print.css")
    return HTMLResponse(text.encode("utf-8", "replace"))


@router.get("/lists/{id}/export.xlsx")
def exported(_session: SignedIn, held: Open, id: Id) -> Response:
    """The list as a workbook."""
    shown = saved_list(held.store.database, id=id)
    name = quote(f"{shown.card.name}.xlsx", safe="")
    headers = {"Content-Disposition": f"attachment; filename=\"list.xlsx\"; filename*=UTF-8''{name}"}
    return Response(list_workbook(shown), media_type=_SHEET, headers=headers)


@router.post("/lists/{id}/notes")
def annotate(session: ConfirmedEditor, held: Open, id: Id, form: Annotated[MemberForm, Form()]) -> Response:
    """Keep a note."""
    return _changed(
        session,
        held,
        id,
        "noted",
        lambda actor: annotate_member(held.store, id=id, member=form.member, note=form.note, actor=actor),
    )


@router.post("/lists/{id}/add")
def add(session: ConfirmedEditor, held: Open, id: Id, form: Annotated[MemberForm, Form()]) -> Response:
    """Put somebody on the list."""
    return _changed(
        session,
        held,
        id,
        "added",
        lambda actor: add_member(held.store, id=id, member=form.member, reason=form.reason, actor=actor),
    )


@router.post("/lists/{id}/remove")
def remove(session: ConfirmedEditor, held: Open, id: Id, form: Annotated[MemberForm, Form()]) -> Response:
    """Take somebody off the list."""
    return _changed(
        session,
        held,
        id,
        "removed",
        lambda actor: remove_member(held.store, id=id, member=form.member, reason=form.reason, actor=actor),
    )


@router.post("/lists/{id}/freeze")
def freeze(session: ConfirmedEditor, held: Open, id: Id) -> Response:
    """Freeze the list."""
    return _changed(session, held, id, "frozen", lambda actor: freeze_list(held.store, id=id, actor=actor))


@router.post("/lists/{id}/discard")
def discard(session: ConfirmedEditor, held: Open, id: Id) -> Response:
    """Delete the list, unless it is frozen."""
    try:
        discard_list(held.store, id=id, actor=session.actor.name)
    except ConflictError as error:
        return _list_page(session, held, id, refused=error)
    return RedirectResponse("/lists?done=discarded", status_code=303)


@router.post("/lists/{id}/copy")
def copy(session: ConfirmedEditor, held: Open, id: Id, form: Annotated[CopyForm, Form()]) -> Response:
    """Copy the list under another name."""
    try:
        new = copy_list(held.store, id=id, name=form.name, actor=session.actor.name)
    except (InputError, ConflictError) as error:
        return _list_page(session, held, id, refused=error)
    return _back(new, "copied")


def _changed(session: Session, held: Holdings, id: str, done: Done, change: Callable[[str], object]) -> Response:
    """Do a change and go back to the list; what cannot be done comes back with the reason."""
    shown = saved_list(held.store.database, id=id).card.id
    try:
        change(session.actor.name)
    except (InputError, ConflictError, NotFoundError) as error:
        return _list_page(session, held, shown, refused=error)
    return _back(shown, done)


def _back(id: str, done: Done) -> Response:
    return RedirectResponse(f"/lists/{quote(id, safe='')}?done={done}", status_code=303)


def _lists_page(session: Session, held: Holdings, form: ListForm, *, refused: ZhikuError | None = None) -> HTMLResponse:
    found = saved_lists(held.store.database, limit=LISTS_SHOWN)
    context = {"lists": found, "purposes": PURPOSES, "form": form, "refused": refused}
    return page("lists.html", context, session=session, status=_status(refused))


def _list_page(
    session: Session,
    held: Holdings,
    id: str,
    *,
    form: ListForm | None = None,
    refused: ZhikuError | None = None,
    verified: ListVerification | None = None,
    compared: ListComparison | None = None,
) -> HTMLResponse:
    shown = saved_list(held.store.database, id=id)
    context = {
        "shown": shown,
        "facts": list_facts(shown),
        "form": form or ListForm(),
        "refused": refused,
        "verified": verified,
        "compared": compared,
    }
    return page("list.html", context, session=session, status=_status(refused))


def _status(refused: ZhikuError | None) -> int:
    return 200 if refused is None else of_error(refused).problem.status
