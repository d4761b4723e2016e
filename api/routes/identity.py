"""Which people of one name are one person?  The open questions, their evidence, and what a person answers."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from api.deps import Editor, Open
from api.examples import ANSWER_GIVEN, ANSWER_TAKEN_BACK, IDENTITY_STATS, OPEN_QUESTIONS, QUESTION_SHOWN
from api.identity import (
    LONGEST_NAME,
    LONGEST_NUMBER,
    Answer,
    AnswerGiven,
    AnswerTakenBack,
    OpenQuestions,
    Pair,
    Split,
    answered,
    given,
    listed,
)
from api.problems import WRITES, documented
from api.questions import MOST_ROWS
from ingest.commands.people import (
    IdentityStats,
    different_people,
    identity_stats,
    same_person,
    split_person,
    take_back,
)
from ingest.commands.people_records import QuestionShown, question_shown
from ingest.people.review import review_question

router = APIRouter(prefix="/identity", tags=["同名辨认 Identity"])

QuestionId = Annotated[str, Path(min_length=1, max_length=LONGEST_NUMBER, description="问题编号 (question id)")]


@router.get(
    "/questions",
    summary="待确认的同名问题",
    operation_id="listIdentityQuestions",
    responses={200: OPEN_QUESTIONS, **documented(401, 422, 503)},
)
def questions(
    held: Open,
    limit: Annotated[int, Query(ge=1, le=MOST_ROWS, description="最多返回几条 (at most so many questions)")] = 20,
    later: Annotated[bool, Query(description="也列出“以后再说”的 (those put off as well)")] = False,
    name: Annotated[
        str, Query(max_length=LONGEST_NAME, description="只看这个姓名，写法不限 (only this name, in any spelling)")
    ] = "",
) -> OpenQuestions:
    """Which questions about people are open?  The one whose answer settles most first."""
    return OpenQuestions(questions=listed(held.store, limit=limit, later=later, name=name))


@router.get(
    "/questions/{id}",
    summary="一个同名问题：双方记录与依据",
    operation_id="showIdentityQuestion",
    responses={200: QUESTION_SHOWN, **documented(401, 404, 422, 503)},
)
def question(held: Open, id: QuestionId) -> QuestionShown:
    """Are these two one person?  Both records with works, posts and collaborators, and what speaks for and against."""
    return question_shown(held.store, review_question(held.store.database, id))


@router.post(
    "/questions/{id}/answer",
    summary="回答一个同名问题",
    operation_id="answerIdentityQuestion",
    responses={200: ANSWER_GIVEN, **WRITES},
)
def answer(held: Open, actor: Editor, id: QuestionId, said: Answer) -> AnswerGiven:
    """Say that they are one person, that they are not, or put the question off."""
    return answered(held.store, id, said, actor=actor.name)


@router.post(
    "/people/same",
    summary="两个编号是同一人",
    operation_id="sayPeopleAreOne",
    responses={200: ANSWER_GIVEN, **WRITES},
)
def same(held: Open, actor: Editor, pair: Pair) -> AnswerGiven:
    """Say that two people are one: they are merged, the id of the one with fewer mentions leads to the other."""
    return given(same_person(held.store, pair.left, pair.right, actor=actor.name, reason=pair.reason))


@router.post(
    "/people/different",
    summary="两个编号不是同一人",
    operation_id="sayPeopleAreDifferent",
    responses={200: ANSWER_GIVEN, **WRITES},
)
def different(held: Open, actor: Editor, pair: Pair) -> AnswerGiven:
    """Say that two people are not one: no import will join them."""
    return given(different_people(held.store, pair.left, pair.right, actor=actor.name, reason=pair.reason))


@router.post(
    "/people/split",
    summary="把一些提及拆给另一人",
    operation_id="splitPerson",
    responses={200: ANSWER_GIVEN, **WRITES},
)
def split(held: Open, actor: Editor, wanted: Split) -> AnswerGiven:
    """Say that some mentions of a person are somebody else's: they become another person."""
    return given(split_person(held.store, wanted.person, wanted.mentions, actor=actor.name, reason=wanted.reason))


@router.post(
    "/answers/{number}/undo",
    summary="撤回一个回答",
    operation_id="takeBackIdentityAnswer",
    responses={200: ANSWER_TAKEN_BACK, **documented(401, 403, 404, 409, 422, 503)},
)
def undo(
    held: Open,
    actor: Editor,
    number: Annotated[
        str, Path(min_length=1, max_length=LONGEST_NUMBER, description="回答的编号 (number of the answer)")
    ],
) -> AnswerTakenBack:
    """Take an answer back: people and decisions are as they were before it."""
    return AnswerTakenBack(number=number, restored=take_back(held.store, number, actor=actor.name))


@router.get(
    "/stats",
    summary="同名辨认的进度",
    operation_id="countIdentity",
    responses={200: IDENTITY_STATS, **documented(401, 422, 503)},
)
def stats(held: Open) -> IdentityStats:
    """How many people are there, how many were merged, how many questions are open, what was decided?"""
    return identity_stats(held.store.database)
