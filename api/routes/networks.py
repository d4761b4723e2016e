"""Who works with whom?"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from api.deps import Open
from api.examples import NETWORK
from api.problems import documented
from api.questions import LONGEST_ID
from queries.networks import Network, collaboration_network

router = APIRouter(prefix="/networks", tags=["合作网络 Networks"])

MOST_STEPS = 2
MOST_NODES = 500


@router.get(
    "/experts/{id}",
    summary="一位专家的合作网络",
    operation_id="showExpertNetwork",
    responses={200: NETWORK, **documented(401, 404, 422, 503)},
)
def around_expert(
    held: Open,
    id: Annotated[str, Path(min_length=1, max_length=LONGEST_ID, description="专家编号 (person id)")],
    steps: Annotated[int, Query(ge=1, le=MOST_STEPS, description="走几步 (steps from the person)")] = 1,
    limit: Annotated[int, Query(ge=1, le=MOST_NODES, description="最多几个节点 (most nodes)")] = 60,
) -> Network:
    """Who works with this person, and with each other?  Nodes and edges as rows."""
    return collaboration_network(held.store.database, id=id, steps=1 if steps == 1 else 2, limit=limit)
