"""Are these known people expert enough for this text?"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from api.deps import Open
from api.problems import documented
from api.questions import LONGEST_QUESTION, PersonId
from api.trend_examples import EXPERTISE_ANSWER, EXPERTISE_QUESTION
from queries.expertise import ExpertiseAnswer, expertise_of

router = APIRouter(prefix="/experts", tags=["专家 Experts"])


class ExpertiseQuestion(BaseModel):
    """A text and the people to be judged on it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    q: str = Field(min_length=1, max_length=LONGEST_QUESTION, description="要评的文字 (the text)")
    people: Annotated[tuple[PersonId, ...], Field(min_length=1, max_length=200, description="专家编号 (person ids)")]


@router.post(
    "/expertise",
    summary="已知的人对一段文字是否内行",
    operation_id="judgeExpertise",
    responses={200: EXPERTISE_ANSWER, **documented(400, 401, 413, 422, 503)},
    openapi_extra={"requestBody": {"content": {"application/json": {"example": EXPERTISE_QUESTION}}}},
)
def judge(held: Open, question: ExpertiseQuestion) -> ExpertiseAnswer:
    """How expert is each of these people in this text?  Scores may be compared between people and questions."""
    return expertise_of(held.store.database, held.index, people=question.people, text=question.q)
