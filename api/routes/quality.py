"""What is wrong, doubtful or missing in the graph?"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from api.deps import Open
from api.examples import QUALITY_CASES, QUALITY_COUNTS
from api.problems import documented
from api.questions import MOST_ROWS
from queries.quality import (
    MOST_STALE_YEARS,
    STALE_YEARS,
    QualityCases,
    QualityCounts,
    QualityKind,
    quality_cases,
    quality_counts,
)

router = APIRouter(prefix="/quality", tags=["数据质量 Quality"])

StaleYears = Annotated[
    int,
    Query(
        ge=1,
        le=MOST_STALE_YEARS,
        description="任职多少年没有依据算过时 (years without a sign after which an open post is stale)",
    ),
]


@router.get(
    "",
    summary="数据质量：各项数量",
    operation_id="countQuality",
    responses={200: QUALITY_COUNTS, **documented(401, 422, 503)},
)
def count(held: Open, stale_years: StaleYears = STALE_YEARS) -> QualityCounts:
    """How much is wrong, doubtful or missing?  One figure for each kind."""
    return quality_counts(held.store.database, stale_years=stale_years)


@router.get(
    "/{kind}",
    summary="数据质量：一项的具体情况",
    operation_id="listQuality",
    responses={200: QUALITY_CASES, **documented(401, 422, 503)},
)
def cases(
    held: Open,
    kind: Annotated[QualityKind, Path(description="哪一项 (which kind)")],
    limit: Annotated[int, Query(ge=1, le=MOST_ROWS, description="最多返回几条 (at most so many cases)")] = 20,
    stale_years: StaleYears = STALE_YEARS,
) -> QualityCases:
    """Which are the worst cases of one kind, and why?"""
    return quality_cases(held.store.database, kind=kind, limit=limit, stale_years=stale_years)
