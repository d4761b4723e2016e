"""The pages on people of one name: the open questions, both records side by side, the answer and taking it back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Final, Literal, NamedTuple
from urllib.parse import quote

from fastapi import APIRouter, Form, Path, Query
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from api.access import Session
from api.console.rendering import page
from api.deps import ConfirmedEditor, Open, SignedIn
from api.identity import LONGEST_NAME, LONGEST_NUMBER, LONGEST_REASON, Answer, Word, answered, listed
from api.problems import of_error
from api.service import Holdings
from graph.errors import ConflictError, InputError, ZhikuError
from ingest.commands.people import take_back
from ingest.commands.people_records import MentionShown, PersonRecord, QuestionShown, Reason, question_shown
from ingest.people.review import review_question
from ingest.people.weights import ASK, CUT

router = APIRouter(default_response_class=HTMLResponse)

QUESTIONS_SHOWN: Final = 100
_WORKS_OPEN: Final = 6
_PEOPLE_OF_A_WORK: Final = 12

Id = Annotated[str, Path(min_length=1, max_length=LONGEST_NUMBER)]


def _one_line_end(value: object) -> object:
    """A browser counts a new line of a text field as one character and sends two."""
    return value.replace("\r\n", "\n") if isinstance(value, str) else value


class QueueForm(BaseModel):
    """What the page of open questions is asked for; `done` and `number` say what the last form did."""

    model_config = ConfigDict(frozen=True, str_strip_whitespace=True)

    name: str = Field("", max_length=LONGEST_NAME)
    later: bool = False
    done: Literal["", "same", "different", "split", "later", "undone"] = ""
    number: str = Field("", max_length=LONGEST_NUMBER, pattern=r"^[0-9A-Za-z-]*$")


class AnswerForm(BaseModel):
    """What the form of a question sends."""

    model_config = ConfigDict(frozen=True)

    answer: Word
    reason: Annotated[str, BeforeValidator(_one_line_end)] = Field("", max_length=LONGEST_REASON)


class ShownWork(NamedTuple):
    """A mention with the further people of its work, those of both sides first; `more` are left out."""

    mention: MentionShown
    people: tuple[tuple[str, bool], ...]
    more: int


class Side(NamedTuple):
    """One of the two records, with what both have in common known for each collaborator."""

    record: PersonRecord
    collaborators: tuple[tuple[str, bool], ...]
    first: tuple[ShownWork, ...]
    rest: tuple[ShownWork, ...]


@router.get("/identity")
def queue(session: SignedIn, held: Open, form: Annotated[QueueForm, Query()]) -> HTMLResponse:
    """The open questions, the one whose answer settles most first."""
    store = held.store
    found = listed(store, limit=QUESTIONS_SHOWN, later=form.later, name=form.name)
    context = {"form": form, "questions": found, "most": QUESTIONS_SHOWN}
    return page("identity.html", context, session=session)


@router.get("/identity/{id}")
def question(session: SignedIn, held: Open, id: Id) -> HTMLResponse:
    """Both records side by side, what speaks for and against, and the form for an answer."""
    return _question_page(session, held, id)


@router.post("/identity/{id}")
def answer(session: ConfirmedEditor, held: Open, id: Id, form: Annotated[AnswerForm, Form()]) -> Response:
    """Keep an answer and go back to the queue; one that cannot be kept comes back with what was written."""
    try:
        said = Answer(answer=form.answer, reason=form.reason)
        done = answered(held.store, id, said, actor=session.actor.name)
    except (InputError, ConflictError) as error:
        return _question_page(session, held, id, reason=form.reason, refused=error)
    return RedirectResponse(f"/identity?done={done.outcome}&number={done.number}", status_code=303)


@router.post("/identity/answers/{number}/undo")
def undo(
    session: ConfirmedEditor, held: Open, number: Annotated[str, Path(min_length=1, max_length=LONGEST_NUMBER)]
) -> Response:
    """Take an answer back and go back to the queue."""
    take_back(held.store, number, actor=session.actor.name)
    return RedirectResponse(f"/identity?done=undone&number={quote(number)}", status_code=303)


def _question_page(
    session: Session, held: Holdings, id_: str, *, reason: str = "", refused: ZhikuError | None = None
) -> HTMLResponse:
    shown = question_shown(held.store, review_question(held.store.database, id_))
    both = _names(shown.left) & _names(shown.right)
    context = {
        "shown": shown,
        "left": _side(shown.left, both),
        "right": _side(shown.right, both),
        "both": len(both),
        "speaks_for": [part for part in _by_weight(shown) if part.points > 0],
        "speaks_against": [part for part in _by_weight(shown) if part.points < 0],
        "limits": (ASK, CUT),
        "reason": reason,
        "longest_reason": LONGEST_REASON,
        "refused": refused,
    }
    status = 200 if refused is None else of_error(refused).problem.status
    return page("identity_question.html", context, session=session, status=status)


def _by_weight(shown: QuestionShown) -> list[Reason]:
    return sorted(shown.reasons, key=lambda part: -abs(part.points))


def _names(record: PersonRecord) -> set[str]:
    return {name for one in record.mentions for name in one.others if name} | set(record.collaborators)


def _side(record: PersonRecord, both: set[str]) -> Side:
    works = tuple(_work(mention, both) for mention in record.mentions)
    return Side(record, _marked(record.collaborators, both), works[:_WORKS_OPEN], works[_WORKS_OPEN:])


def _work(mention: MentionShown, both: set[str]) -> ShownWork:
    people = _marked((name for name in mention.others if name), both)
    return ShownWork(mention, people[:_PEOPLE_OF_A_WORK], max(0, len(people) - _PEOPLE_OF_A_WORK))


def _marked(names: Iterable[str], both: set[str]) -> tuple[tuple[str, bool], ...]:
    """Names with whether both sides have them, those first."""
    return tuple(sorted(((name, name in both) for name in names), key=lambda one: not one[1]))
