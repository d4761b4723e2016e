"""Who knows about this topic, and who is this person?"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from api.deps import TURN, Open
from api.examples import EXPERT_PROFILE, EXPERTS_ANSWER, EXPERTS_QUESTION
from api.facet_examples import EXPERTS_FACETS, EXPERTS_LIST
from api.filters import FacetsQuestion, ListQuestion, filters_of
from api.problems import documented
from api.questions import LONGEST_ID, MOST_ROWS, ExpertsQuestion, ExpertsText
from api.service import Holdings
from queries.answers import ExpertProfile, ExpertsAnswer
from queries.experts import experts_for_topic
from queries.exposure import exposure_options
from queries.facet_rows import FacetsAnswer, ListAnswer
from queries.facets import expert_facets
from queries.listing import experts_by_facets
from queries.posts import today
from queries.profiles import expert_profile
from queries.understanding import with_understanding

router = APIRouter(prefix="/experts", tags=["专家 Experts"])


@router.get(
    "/search",
    summary="按主题找专家",
    operation_id="searchExperts",
    dependencies=[TURN],
    responses={200: EXPERTS_ANSWER, **documented(401, 422, 503)},
)
def search(held: Open, question: Annotated[ExpertsQuestion, Query()]) -> ExpertsAnswer:
    """Who are the experts for this topic?  Ranked, each with score parts, evidence and posts."""
    return _experts(held, question)


@router.post(
    "/search",
    summary="按一段文字找专家",
    operation_id="searchExpertsByText",
    dependencies=[TURN],
    responses={200: EXPERTS_ANSWER, **documented(400, 401, 413, 422, 503)},
    openapi_extra={"requestBody": {"content": {"application/json": {"example": EXPERTS_QUESTION}}}},
)
def search_by_text(held: Open, question: ExpertsText) -> ExpertsAnswer:
    """Who are the experts for this text?  For a paragraph (up to 50,000 characters) that no address can hold."""
    return _experts(held, question)


@router.get(
    "",
    summary="按筛选条件列出专家",
    operation_id="listExperts",
    responses={200: EXPERTS_LIST, **documented(401, 422, 503)},
)
def listed(held: Open, question: Annotated[ListQuestion, Query()]) -> ListAnswer:
    """Whom do these filters want, without any text?  By name, page by page."""
    return experts_by_facets(
        held.store.database,
        held.index,
        filters=filters_of(question),
        limit=question.limit,
        offset=question.offset,
    )


@router.get(
    "/facets",
    summary="专家的分面统计",
    operation_id="countExperts",
    dependencies=[TURN],
    responses={200: EXPERTS_FACETS, **documented(401, 422, 503)},
)
def facets(held: Open, question: Annotated[FacetsQuestion, Query()]) -> FacetsAnswer:
    """How many matching people are there by region, kind, field …, and which filter leaves too few?"""
    return expert_facets(
        held.store.database,
        held.index,
        text=question.q,
        filters=filters_of(question),
        wanted=question.wanted,
        values=question.values,
    )


@router.get(
    "/{id}",
    summary="专家详情",
    operation_id="showExpert",
    responses={200: EXPERT_PROFILE, **documented(401, 404, 422, 503)},
)
def show(
    held: Open,
    id: Annotated[str, Path(min_length=1, max_length=LONGEST_ID, description="专家编号 (person id)")],
    works: Annotated[int, Query(ge=1, le=MOST_ROWS, description="最多列出几项成果 (works shown)")] = 50,
) -> ExpertProfile:
    """Who is this person?  Posts, works, collaborators and sources; an id merged into another one is followed."""
    return expert_profile(held.store.database, id=id, works=works)


def _experts(held: Holdings, question: ExpertsQuestion) -> ExpertsAnswer:
    answer = experts_for_topic(
        held.store.database,
        held.index,
        text=question.q,
        limit=question.limit,
        filters=filters_of(question),
        discipline=question.discipline,
        expand=question.expand,
        exposure=exposure_options(question, on=today()),
        declared=True,
    )
    return with_understanding(held.store.database, held.index, answer, expand=question.expand)
