"""The pages on cohorts: which there are, one over its yearly snapshots, two years side by side, making a snapshot."""

from __future__ import annotations

from typing import Annotated, Final, Literal, NamedTuple
from urllib.parse import quote

from fastapi import APIRouter, Form, Path, Query
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from api.access import Session
from api.console.filter_form import none_if_empty
from api.console.rendering import page
from api.deps import ConfirmedEditor, Open, SignedIn
from api.lists import LONGEST_LIST_ID
from api.problems import of_error
from api.service import Holdings
from graph.errors import ConflictError, InputError, ZhikuError
from ingest.commands.cohorts import cohort_snapshot
from queries.cohorts import FIGURES, FIRST_YEAR, LAST_YEAR, CohortTracking, TrackedMember, cohort_tracking
from queries.posts import today
from queries.saved_lists import saved_lists

router = APIRouter(default_response_class=HTMLResponse)

COHORTS_SHOWN: Final = 200

Id = Annotated[str, Path(min_length=1, max_length=LONGEST_LIST_ID)]
_Year = Annotated[Annotated[int, Field(ge=FIRST_YEAR, le=LAST_YEAR)] | None, BeforeValidator(none_if_empty)]


class CohortForm(BaseModel):
    """Which two snapshots are compared, and what the last form did."""

    model_config = ConfigDict(frozen=True)

    before: _Year = None
    after: _Year = None
    done: Literal["", "made"] = ""


class SnapshotForm(BaseModel):
    """The year to freeze."""

    model_config = ConfigDict(frozen=True)

    year: int = Field(ge=FIRST_YEAR, le=LAST_YEAR)


class Change(NamedTuple):
    """A member in two snapshots: each figure before and after, None where the member is in one only."""

    member: TrackedMember
    figures: tuple[tuple[int | None, int | None], ...]


@router.get("/cohorts")
def listed(session: SignedIn, held: Open) -> HTMLResponse:
    """Which cohorts there are, and which years were frozen."""
    database = held.store.database
    cohorts = [card for card in saved_lists(database, purpose="cohort", limit=COHORTS_SHOWN) if card.kind == "experts"]
    rows = [(card, cohort_tracking(database, id=card.id)) for card in cohorts]
    return page("cohorts.html", {"rows": rows}, session=session)


@router.get("/cohorts/{id}")
def one(session: SignedIn, held: Open, id: Id, form: Annotated[CohortForm, Query()]) -> HTMLResponse:
    """One cohort, year by year."""
    return _page(session, held, id, form)


@router.post("/cohorts/{id}/snapshots")
def snapshot(session: ConfirmedEditor, held: Open, id: Id, form: Annotated[SnapshotForm, Form()]) -> Response:
    """Freeze the figures of a year."""
    try:
        done = cohort_snapshot(held.store, id=id, year=form.year, actor=session.actor.name)
    except (InputError, ConflictError) as error:
        return _page(session, held, id, CohortForm.model_validate({}), refused=error)
    return RedirectResponse(f"/cohorts/{quote(done.list, safe='')}?done=made", status_code=303)


def changes(tracking: CohortTracking, before: int, after: int) -> list[Change]:
    """Put two snapshots side by side, those first whose figures grew most. Pure."""
    found: list[Change] = []
    for member in tracking.members:
        years = {year.year: year.figures for year in member.years}
        one, other = years.get(before), years.get(after)
        if one is None and other is None:
            continue
        pairs = [(one and getattr(one, name), other and getattr(other, name)) for name in FIGURES]
        found.append(Change(member, tuple(pairs)))
    return sorted(found, key=lambda change: (-_growth(change), change.member.id))


def _growth(change: Change) -> int:
    return sum(after - before for before, after in change.figures if before is not None and after is not None)


def _page(
    session: Session, held: Holdings, id_: str, form: CohortForm, *, refused: ZhikuError | None = None
) -> HTMLResponse:
    found = cohort_tracking(held.store.database, id=id_)
    before, after = form.before, form.after
    if before is None and after is None and len(found.years) > 1:
        before, after = found.years[-2], found.years[-1]
    known = before is not None and after is not None and {before, after} <= set(found.years)
    compared = changes(found, before or 0, after or 0) if known else []
    context: dict[str, object] = {
        "found": found, "form": form, "before": before, "after": after, "compared": compared, "figures": FIGURES,
        "this_year": today().year, "refused": refused,
    }  # fmt: skip
    status = 200 if refused is None else of_error(refused).problem.status
    return page("cohort.html", context, session=session, status=status)
