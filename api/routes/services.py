"""The register of services: 论证, 评估, 标准, 资格认定, 咨询; who offers them and who has done what."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Path, Query

from api.demand_examples import OFFERING_ANSWER, SAVED, SERVICES_ANSWER
from api.demands import EvidenceSeen, RegionCode, Saved, ServiceKind, ServiceOffered
from api.deps import Editor, Open
from api.problems import WRITES, documented
from api.questions import LONGEST_IN_ADDRESS, MOST_ROWS
from ingest.commands.services import offer_service, verify_service
from queries.services import OfferingAnswer, ServicesAnswer, organisations_offering, services_listed

router = APIRouter(prefix="/services", tags=["科技服务 Services"])

Kind = Annotated[ServiceKind | None, Query(description="种类 (kind)")]
Text = Annotated[str, Query(max_length=LONGEST_IN_ADDRESS, description="服务内容里的词 (words)")]
Since = Annotated[int | None, Query(ge=1000, le=2999, description="只看这一年及以后的 (since this year)")]
Verified = Annotated[bool, Query(description="只看依据已核实的 (evidence seen)")]
Rows = Annotated[int, Query(ge=1, le=MOST_ROWS, description="最多返回几条 (at most so many)")]


@router.get(
    "",
    summary="列出登记的服务",
    operation_id="listServices",
    responses={200: SERVICES_ANSWER, **documented(401, 422, 503)},
)
def listed(
    held: Open,
    *,
    kind: Kind = None,
    q: Text = "",
    since_year: Since = None,
    verified: Verified = False,
    limit: Rows = 50,
) -> ServicesAnswer:
    """Which services are in the register?"""
    return services_listed(
        held.store.database, kind=kind, text=q, since_year=since_year, verified_only=verified, limit=limit
    )


@router.get(
    "/organisations",
    summary="谁做过这类服务",
    operation_id="findServiceProviders",
    responses={200: OFFERING_ANSWER, **documented(401, 422, 503)},
)
def organisations(
    held: Open,
    *,
    kind: Kind = None,
    q: Text = "",
    region: Annotated[RegionCode, Query()] = None,
    since_year: Since = None,
    verified: Verified = False,
    limit: Rows = 20,
) -> OfferingAnswer:
    """Which organisations offer or have done such a service?  Verified services weigh twice as much."""
    return organisations_offering(
        held.store.database,
        held.index,
        kind=kind,
        text=q,
        region=region,
        since_year=since_year,
        verified_only=verified,
        limit=limit,
    )


@router.post(
    "",
    summary="登记一项服务",
    operation_id="offerService",
    responses={200: SAVED, **documented(400, 401, 403, 404, 413, 422, 503)},
)
def offer(held: Open, actor: Editor, said: ServiceOffered) -> Saved:
    """Enter what a body or person offers or has done; it counts as verified once its evidence has been seen."""
    days = {
        "since": said.since.isoformat() if said.since else "",
        "until": said.until.isoformat() if said.until else "",
    }
    return Saved(**asdict(offer_service(held.store, actor=actor.name, **said.model_dump() | days)))


@router.post(
    "/{id}/verify",
    summary="记下：已看过依据",
    operation_id="verifyService",
    responses={200: SAVED, **WRITES},
)
def verify(
    held: Open,
    actor: Editor,
    id: Annotated[str, Path(min_length=1, max_length=64, description="服务编号 (service id)")],
    said: EvidenceSeen,
) -> Saved:
    """Say that one has seen the evidence of a service."""
    return Saved(**asdict(verify_service(held.store, id, actor=actor.name, evidence=said.evidence)))
