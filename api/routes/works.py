"""Which outputs and projects are nearest to this text, and was this topic done before?"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.deps import TURN, Open
from api.examples import WORKS_ANSWER
from api.problems import documented
from api.questions import KindsQuestion
from queries.answers import WorksAnswer
from queries.works import outputs_for_topic, projects_for_topic

router = APIRouter(tags=["成果与项目 Outputs and projects"])


@router.get(
    "/outputs/search",
    summary="按主题找成果",
    operation_id="searchOutputs",
    dependencies=[TURN],
    responses={200: WORKS_ANSWER, **documented(401, 422, 503)},
)
def search_outputs(held: Open, question: Annotated[KindsQuestion, Query()]) -> WorksAnswer:
    """Which papers, reports and other outputs are nearest to this text?"""
    return outputs_for_topic(
        held.store.database,
        held.index,
        text=question.q,
        limit=question.limit,
        since_year=question.since_year,
        until_year=question.until_year,
        types=question.types,
    )


@router.get(
    "/projects/search",
    summary="按主题找项目（查重）",
    operation_id="searchProjects",
    dependencies=[TURN],
    responses={200: WORKS_ANSWER, **documented(401, 422, 503)},
)
def search_projects(held: Open, question: Annotated[KindsQuestion, Query()]) -> WorksAnswer:
    """Was this proposed topic done before?  The projects nearest to the text."""
    return projects_for_topic(
        held.store.database,
        held.index,
        text=question.q,
        limit=question.limit,
        since_year=question.since_year,
        until_year=question.until_year,
        types=question.types,
    )
