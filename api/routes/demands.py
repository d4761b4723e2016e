"""The library of problems and proposed topics: raised, diagnosed, matched, followed up, answered, closed."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query

from api.demand_examples import (
    DEMAND_TRACE,
    DEMANDS_ANSWER,
    MATCHES,
    RESPONSE_TIMES,
    SAVED,
    SUGGESTED_TOPICS,
)
from api.demands import (
    LONGEST_NAME,
    DemandAnswer,
    DemandClosed,
    DemandRaised,
    Diagnosis,
    FollowUp,
    MatchOptions,
    ResponseTimes,
    Saved,
    SuggestedTopics,
    TextToMatch,
    seen_by,
)
from api.deps import Editor, Open, Reader
from api.problems import WRITES, documented
from api.questions import MOST_ROWS
from ingest.commands import demands as commands
from queries.demand_matches import demand_matches, matches_for_text
from queries.demand_rows import DemandsAnswer, DemandTrace
from queries.demand_topics import topics_suggested
from queries.demands import demand_trace, demands_listed, demands_open, demands_overdue, response_times
from queries.match_rows import Matches

router = APIRouter(prefix="/demands", tags=["需求 Demands"])

DemandId = Annotated[str, Path(min_length=1, max_length=64, description="需求编号 (demand id)")]
Rows = Annotated[int, Query(ge=1, le=MOST_ROWS, description="最多返回几条 (at most so many demands)")]
On = Annotated[date | None, Query(description="哪一天，默认今天 (day; today by default)")]
Raiser = Annotated[
    str | None, Query(max_length=LONGEST_NAME, description="提出方的编号或名称 (id or name of who raised it)")
]


@router.get(
    "",
    summary="列出需求",
    operation_id="listDemands",
    responses={200: DEMANDS_ANSWER, **documented(401, 422, 503)},
)
def listed(
    held: Open,
    actor: Reader,
    status: Annotated[
        Literal["waiting", "all", "open", "diagnosed", "answered", "closed"],
        Query(description="待办、全部或某一状态 (waiting, all, or one status)"),
    ] = "waiting",
    raiser: Raiser = None,
    limit: Rows = 50,
) -> DemandsAnswer:
    """Which demands are there?"""
    return demands_listed(held.store.database, status=status, raiser=raiser, seen_by=seen_by(actor), limit=limit)


@router.get(
    "/open",
    summary="待办的需求",
    operation_id="listOpenDemands",
    responses={200: DEMANDS_ANSWER, **documented(401, 422, 503)},
)
def waiting(
    held: Open,
    actor: Reader,
    public: Annotated[bool, Query(description="只列可以公开发布的 (those that may be published)")] = False,
    limit: Rows = 50,
    on: On = None,
) -> DemandsAnswer:
    """Which demands wait for an answer?  The next deadline first."""
    return demands_open(held.store.database, seen_by="public" if public else seen_by(actor), limit=limit, on=on)


@router.get(
    "/overdue",
    summary="超期未答复的需求",
    operation_id="listOverdueDemands",
    responses={200: DEMANDS_ANSWER, **documented(401, 422, 503)},
)
def overdue(held: Open, actor: Reader, limit: Rows = 50, on: On = None) -> DemandsAnswer:
    """Which demands are past their deadline without an answer?"""
    return demands_overdue(held.store.database, seen_by=seen_by(actor), limit=limit, on=on)


@router.get(
    "/response-times",
    summary="答复用时",
    operation_id="countResponseTimes",
    responses={200: RESPONSE_TIMES, **documented(401, 422, 503)},
)
def times(
    held: Open,
    actor: Reader,
    by: Annotated[
        Literal["month", "raiser", "all"], Query(description="按月、按提出方、合计 (by month, by raiser, all)")
    ] = "month",
    since: Annotated[date | None, Query(description="从哪一天提出的起 (raised on or after)")] = None,
    until: Annotated[date | None, Query(description="到哪一天提出的止 (raised on or before)")] = None,
) -> ResponseTimes:
    """How long did answers take?"""
    rows = response_times(held.store.database, by=by, since=since, until=until, seen_by=seen_by(actor))
    return ResponseTimes(groups=tuple(rows))


@router.post(
    "",
    summary="登记一个需求",
    operation_id="raiseDemand",
    responses={200: SAVED, **documented(400, 401, 403, 404, 413, 422, 503)},
)
def raised(held: Open, actor: Editor, said: DemandRaised) -> Saved:
    """Put a problem, a proposed topic or a need into the library."""
    given: dict[str, Any] = said.model_dump() | {"service_kind": said.service_kind or ""}
    return Saved(**asdict(commands.raise_demand(held.store, actor=actor.name, **given)))


@router.post(
    "/match",
    summary="按一段文字匹配",
    operation_id="matchText",
    responses={200: MATCHES, **documented(400, 401, 413, 422, 503)},
)
def match_text(held: Open, wanted: TextToMatch) -> Matches:
    """Who and what can answer this text?"""
    return matches_for_text(held.store.database, held.index, **wanted.model_dump())


@router.get(
    "/{id}",
    summary="一个需求的全过程",
    operation_id="showDemand",
    responses={200: DEMAND_TRACE, **documented(401, 404, 422, 503)},
)
def show(held: Open, actor: Reader, id: DemandId) -> DemandTrace:
    """What is this demand, and what became of it?"""
    return demand_trace(held.store.database, id=id, seen_by=seen_by(actor))


@router.get(
    "/{id}/trace",
    summary="一个需求的过程记录",
    operation_id="traceDemand",
    responses={200: DEMAND_TRACE, **documented(401, 404, 422, 503)},
)
def trace(held: Open, actor: Reader, id: DemandId, on: On = None) -> DemandTrace:
    """What became of this demand as of a day: log, answers, days to the answer, days overdue."""
    return demand_trace(held.store.database, id=id, seen_by=seen_by(actor), on=on)


@router.get(
    "/{id}/topics",
    summary="诊断时建议的主题",
    operation_id="suggestDemandTopics",
    responses={200: SUGGESTED_TOPICS, **documented(401, 404, 422, 503)},
)
def topics(held: Open, actor: Reader, id: DemandId, limit: Rows = 10) -> SuggestedTopics:
    """Which topics may this demand be about?  A person confirms them in the diagnosis."""
    found = demand_trace(held.store.database, id=id, seen_by=seen_by(actor))
    text = f"{found.demand.title}\n{found.description}"
    return SuggestedTopics(topics=tuple(topics_suggested(held.store.database, held.index, text=text, limit=limit)))


@router.post(
    "/{id}/match",
    summary="匹配：谁能解决这个需求",
    operation_id="matchDemand",
    responses={200: MATCHES, **documented(400, 401, 404, 413, 422, 503)},
)
def match(held: Open, actor: Reader, id: DemandId, options: MatchOptions) -> Matches:
    """Who and what can answer this demand: experts, organisations, services, works, teams, or a team made for it?"""
    return demand_matches(held.store.database, held.index, demand=id, seen_by=seen_by(actor), **options.model_dump())


@router.post(
    "/{id}/diagnose",
    summary="诊断一个需求",
    operation_id="diagnoseDemand",
    responses={200: SAVED, **WRITES},
)
def diagnose(held: Open, actor: Editor, id: DemandId, said: Diagnosis) -> Saved:
    """Say what a demand really needs: in words, and as confirmed topics and services."""
    given: dict[str, Any] = said.model_dump() | {"service_kind": said.service_kind or ""}
    return Saved(**asdict(commands.diagnose_demand(held.store, id, actor=actor.name, **given)))


@router.post(
    "/{id}/follow-ups",
    summary="记一条跟进",
    operation_id="followUpDemand",
    responses={200: SAVED, **WRITES},
)
def follow_up(held: Open, actor: Editor, id: DemandId, said: FollowUp) -> Saved:
    """Record what was done or said about a demand."""
    return Saved(**asdict(commands.log_follow_up(held.store, id, actor=actor.name, **said.model_dump())))


@router.post(
    "/{id}/answers",
    summary="答复一个需求",
    operation_id="answerDemand",
    responses={200: SAVED, **WRITES},
)
def answer(held: Open, actor: Editor, id: DemandId, said: DemandAnswer) -> Saved:
    """Say what or who answered a demand."""
    return Saved(**asdict(commands.answer_demand(held.store, id, actor=actor.name, **said.model_dump())))


@router.post(
    "/{id}/close",
    summary="办结一个需求",
    operation_id="closeDemand",
    responses={200: SAVED, **WRITES},
)
def close(held: Open, actor: Editor, id: DemandId, said: DemandClosed) -> Saved:
    """Close a demand, answered or not, saying why."""
    return Saved(**asdict(commands.close_demand(held.store, id, actor=actor.name, **said.model_dump())))
