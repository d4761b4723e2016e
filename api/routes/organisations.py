"""Which organisations work on this topic?"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from api.demand_examples import ORGANISATION_PROFILE
from api.deps import TURN, Open
from api.examples import ORGANISATIONS_ANSWER
from api.problems import documented
from api.questions import LONGEST_ID, MOST_ROWS, PlacedQuestion
from queries.answers import OrganisationsAnswer
from queries.organisation_profiles import organisation_profile
from queries.organisation_rows import OrganisationProfile
from queries.organisations import organisations_for_topic

router = APIRouter(prefix="/organisations", tags=["机构 Organisations"])


@router.get(
    "/search",
    summary="按主题找机构",
    operation_id="searchOrganisations",
    dependencies=[TURN],
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


@router.get(
    "/{id}",
    summary="机构详情",
    operation_id="showOrganisation",
    responses={200: ORGANISATION_PROFILE, **documented(401, 404, 422, 503)},
)
def show(
    held: Open,
    id: Annotated[str, Path(min_length=1, max_length=LONGEST_ID, description="机构编号 (organisation id)")],
    shown: Annotated[int, Query(ge=1, le=MOST_ROWS, description="每类最多几条 (at most so many of each sort)")] = 20,
) -> OrganisationProfile:
    """What is this body: names and history, people and works, services, what it houses; a merged id is followed."""
    return organisation_profile(held.store.database, id=id, shown=shown)
