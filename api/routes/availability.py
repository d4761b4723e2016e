"""Who can go, when people are free, who was nominated, how cohorts come on, who is always shown."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Path, Query

from api.deps import Editor, Open
from api.examples_lists import (
    COHORT_TRACKING,
    EXPOSURE_REPORT,
    NOMINATIONS,
    PERIODS,
    PERIODS_CLEARED,
    SAID_OF,
    SNAPSHOT_MADE,
    WHO_CAN_GO,
)
from api.lists import (
    JobsSaid,
    NominationDecided,
    NominationGiven,
    Nominations,
    PeriodSaid,
    PeriodsCleared,
    SaidOf,
    SnapshotMade,
    SnapshotWanted,
    WhoCanGo,
)
from api.problems import WRITES, documented
from api.routes.lists import ListId
from ingest.commands.availability import clear_availability, set_availability, set_most_jobs
from ingest.commands.cohorts import cohort_snapshot
from ingest.commands.nominations import decide_nomination, nominate
from queries.availability import StatedPeriod, WhoCanGoAnswer, availability_of, experts_who_can_go
from queries.cohorts import CohortTracking, cohort_tracking
from queries.exposure_report import ExposureReport, exposure_report, listed_between
from queries.merges import current_person
from queries.nominations import nominations
from queries.posts import today
from queries.saved_lists import Purpose

router = APIRouter(tags=["谁能去与跟踪 Availability and follow-up"])

_YEAR: Final = timedelta(days=364)
PersonPath = Annotated[str, Path(min_length=1, max_length=64, description="人员编号 (person id)")]


@router.get(
    "/availability/experts",
    summary="谁能去",
    operation_id="whoCanGo",
    responses={200: WHO_CAN_GO, **documented(401, 422, 503)},
)
def who_can_go(held: Open, wanted: Annotated[WhoCanGo, Query()]) -> WhoCanGoAnswer:
    """Who knows this topic, is in this place, and can go on these days?  Unknown ones are listed apart, to be asked."""
    return experts_who_can_go(
        held.store.database,
        held.index,
        text=wanted.q,
        from_day=wanted.from_day,
        until_day=wanted.until_day,
        count=wanted.limit,
        region=wanted.region,
        society=wanted.society,
        professional_title=wanted.professional_title,
        exclude=wanted.exclude,
    )


@router.get(
    "/availability/people/{id}",
    summary="一个人登记的时段",
    operation_id="showAvailability",
    responses={200: PERIODS, **documented(401, 404, 422, 503)},
)
def periods(held: Open, id: PersonPath) -> list[StatedPeriod]:
    """When did this person say to be free or busy?"""
    return availability_of(held.store.database, id=current_person(held.store.database, id=id))


@router.post(
    "/availability/people/{id}",
    summary="登记有空或没空",
    operation_id="setAvailability",
    responses={200: SAID_OF, **WRITES},
)
def say(held: Open, actor: Editor, id: PersonPath, said: PeriodSaid) -> SaidOf:
    """Say that somebody is free or busy between two days; what is said later is believed."""
    who = set_availability(
        held.store,
        person=id,
        from_day=said.from_day,
        until_day=said.until_day,
        state=said.state,
        note=said.note,
        actor=actor.name,
    )
    return SaidOf(person=who)


@router.post(
    "/availability/people/{id}/jobs",
    summary="登记任务数上限",
    operation_id="setMostJobs",
    responses={200: SAID_OF, **WRITES},
)
def jobs(held: Open, actor: Editor, id: PersonPath, said: JobsSaid) -> SaidOf:
    """Say how many jobs at a time somebody takes on."""
    return SaidOf(person=set_most_jobs(held.store, person=id, most=said.most, actor=actor.name))


@router.post(
    "/availability/people/{id}/clear",
    summary="撤掉手工登记的时段",
    operation_id="clearAvailability",
    responses={200: PERIODS_CLEARED, **WRITES},
)
def clear(held: Open, actor: Editor, id: PersonPath) -> PeriodsCleared:
    """Take back what was said by hand; what files say stands."""
    done = clear_availability(held.store, person=id, actor=actor.name)
    return PeriodsCleared(person=done.person, removed=done.removed, others=done.others)


@router.get(
    "/nominations",
    summary="举荐",
    operation_id="listNominations",
    responses={200: NOMINATIONS, **documented(401, 404, 422, 503)},
)
def nominated(
    held: Open,
    person: Annotated[str, Query(max_length=64, description="只看这个人 (only of this person)")] = "",
    status: Annotated[
        Literal["proposed", "accepted", "declined", "withdrawn"] | None, Query(description="只看这种结果 (outcome)")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=1_000, description="最多几条 (at most so many)")] = 100,
) -> Nominations:
    """Who was nominated, by whom, on which works, and what became of it?"""
    found = nominations(held.store.database, person=person, status=status or "", limit=limit)
    return Nominations(nominations=found)


@router.post("/nominations", summary="举荐一个人", operation_id="nominate", responses={200: NOMINATIONS, **WRITES})
def put_forward(held: Open, actor: Editor, given: NominationGiven) -> Nominations:
    """Put a person forward, with reason and works; answers with the person's nominations."""
    nominate(
        held.store,
        person=given.person,
        nominator=given.nominator,
        programme=given.programme,
        reason=given.reason,
        works=given.works,
        actor=actor.name,
    )
    return Nominations(nominations=nominations(held.store.database, person=given.person))


@router.post(
    "/nominations/{id}/decision",
    summary="记下举荐的结果",
    operation_id="decideNomination",
    responses={200: NOMINATIONS, **WRITES},
)
def decide(
    held: Open,
    actor: Editor,
    id: Annotated[str, Path(min_length=1, max_length=64, description="举荐编号 (nomination id)")],
    said: NominationDecided,
) -> Nominations:
    """Say what became of a nomination; earlier steps stay in its record."""
    decide_nomination(held.store, id=id, outcome=said.outcome, reason=said.reason, actor=actor.name)
    found = [row for row in nominations(held.store.database, limit=1_000) if row.id == id]
    return Nominations(nominations=found)


@router.get(
    "/cohorts/{id}/tracking",
    summary="跟踪梯队的历年变化",
    operation_id="trackCohort",
    responses={200: COHORT_TRACKING, **documented(401, 404, 422, 503)},
)
def tracking(held: Open, id: ListId) -> CohortTracking:
    """How has this cohort come on, snapshot by snapshot?"""
    return cohort_tracking(held.store.database, id=id)


@router.post(
    "/cohorts/{id}/snapshots",
    summary="建立年度快照",
    operation_id="snapshotCohort",
    responses={200: SNAPSHOT_MADE, **WRITES},
)
def snapshot(held: Open, actor: Editor, id: ListId, wanted: SnapshotWanted) -> SnapshotMade:
    """Freeze the figures of a cohort's members in a year, once."""
    done = cohort_snapshot(held.store, id=id, year=wanted.year, actor=actor.name)
    return SnapshotMade(list=done.list, year=done.year, hash=done.hash, members=done.members)


@router.get(
    "/exposure",
    summary="曝光报告",
    operation_id="reportExposure",
    responses={200: EXPOSURE_REPORT, **documented(401, 422, 503)},
)
def exposure(
    held: Open,
    from_day: Annotated[date | None, Query(description="名单保存的第一天，默认一年前 (first day)")] = None,
    until_day: Annotated[date | None, Query(description="名单保存的最后一天，默认今天 (last day)")] = None,
    purpose: Annotated[Purpose | None, Query(description="只看这种用途的名单 (only lists of this purpose)")] = None,
    top: Annotated[int, Query(ge=1, le=200, description="每张表最多几行 (rows of a table)")] = 50,
) -> ExposureReport:
    """Who stands on all lists saved in a period, who on none, and which units and regions beyond their share?"""
    last = until_day or max(today(), from_day or date.min)
    first = from_day or last - min(_YEAR, last - date.min)
    shown = listed_between(held.store.database, from_day=first, until_day=last, purpose=purpose or "")
    return exposure_report(held.store.database, appearances=shown, top=top)
