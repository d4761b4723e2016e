"""The page on known people: how expert is each of them in a text?  Reading only."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict, Field

from api.access import Session
from api.console.demands import Text
from api.console.rendering import page
from api.deps import Confirmed, Open, SignedIn
from api.problems import of_error
from api.questions import LONGEST_QUESTION
from graph.errors import InputError, ZhikuError
from queries.expertise import ExpertiseAnswer, expertise_of
from queries.known_people import people_meant

router = APIRouter(default_response_class=HTMLResponse)

MOST_PEOPLE: Final = 50
_LONGEST_PEOPLE: Final = 10_000


class JudgeForm(BaseModel):
    """What the form sends: a text, and people one a line, by id or as 张三（某某大学）."""

    model_config = ConfigDict(frozen=True)

    q: Text = Field("", max_length=LONGEST_QUESTION)
    people: Text = Field("", max_length=_LONGEST_PEOPLE)

    @property
    def wanted(self) -> list[str]:
        """The people, each once."""
        return list(dict.fromkeys(line.strip() for line in self.people.splitlines() if line.strip()))


@router.get("/judge")
def form(session: SignedIn) -> HTMLResponse:
    """The form."""
    return _page(session, JudgeForm.model_validate({}), None)


@router.post("/judge")
def judged(session: Confirmed, held: Open, form: Annotated[JudgeForm, Form()]) -> HTMLResponse:
    """How expert these people are in this text, the best first; answered in place, since a text fits no address."""
    try:
        if not form.q.strip() or not form.wanted:
            raise InputError("要写一段文字，并至少写一个人")
        if len(form.wanted) > MOST_PEOPLE:
            raise InputError(f"一次最多 {MOST_PEOPLE} 人，写了 {len(form.wanted)} 人")
        people = people_meant(held.store.database, held.index, people=form.wanted)
        found = expertise_of(held.store.database, held.index, people=people, text=form.q)
    except InputError as error:
        return _page(session, form, None, refused=error)
    return _page(session, form, found)


def _page(
    session: Session, form: JudgeForm, found: ExpertiseAnswer | None, *, refused: ZhikuError | None = None
) -> HTMLResponse:
    top = max((each.score or 0.0 for each in found.people), default=0.0) if found else 0.0
    context: dict[str, object] = {"form": form, "found": found, "top": top, "refused": refused, "most": MOST_PEOPLE}
    return page(
        "judge.html", context, session=session, status=200 if refused is None else of_error(refused).problem.status
    )
