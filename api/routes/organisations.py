"""Which organisations work on this topic?"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.deps import Open
from api.examples import ORGANISATIONS_ANSWER
from api.problems import documented
from api.questions import PlacedQuestion
from queries.answers import OrganisationsAnswer
from queries.organisations import organisations_for_topic

router = APIRouter(prefix="/organisations", tags=["机构 Organisations"])


@router.get(
    "/search",
    summary="按主题找机构",
    operation_id="searchOrganisations",
    responses={200: ORGANISATIONS_ANSWER, **documented(401, 422, 503)},
)
def search(held: Open, question: Annotated[PlacedQuestion, Query()]) -> OrganisationsAnswer:
    """Which organisations work on this topic?  Ranked, each with its evidence and its people."""
    return organisations_for_topic(
        held.store.database,
        held.index,
        text=question.q,
        limit=question.limit,
        region=question.region,
        since_year=question.since_year,
        until_year=question.until_year,
        organisation_level=question.organisation_level,
        organisation_kind=question.organisation_kind,
    )
