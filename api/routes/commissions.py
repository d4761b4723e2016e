"""Which projects did a body commission?"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.demand_examples import COMMISSIONS_ANSWER
from api.deps import Open
from api.problems import documented
from api.questions import LONGEST_ID, LONGEST_IN_ADDRESS, MOST_ROWS
from queries.commissions import CommissionsAnswer, projects_commissioned

router = APIRouter(prefix="/projects", tags=["成果与项目 Outputs and projects"])


@router.get(
    "/commissioned",
    summary="某机构委托的项目",
    operation_id="listCommissionedProjects",
    responses={200: COMMISSIONS_ANSWER, **documented(401, 422, 503)},
)
def commissioned(
    held: Open,
    commissioner: Annotated[
        str,
        Query(
            min_length=1,
            max_length=LONGEST_ID,
            pattern=r"\S",
            description="委托单位的编号或准确名称 (id or exact name of the body)",
        ),
    ],
    q: Annotated[str, Query(max_length=LONGEST_IN_ADDRESS, description="题目里的词，可不写 (words; optional)")] = "",
    since_year: Annotated[
        int | None, Query(ge=1000, le=2999, description="只计这一年及以后的 (since this year)")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_ROWS, description="最多返回几条 (at most so many projects)")] = 20,
) -> CommissionsAnswer:
    """Which projects did this body, or what is below it, commission?"""
    return projects_commissioned(
        held.store.database, held.index, commissioner=commissioner, text=q, since_year=since_year, limit=limit
    )
