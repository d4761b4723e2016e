"""Which problems, proposed topics and needs wait for an answer, which are overdue, and how long did answers take?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from math import ceil
from statistics import median
from typing import Final, Literal

from graph.database import Database
from graph.errors import InputError, NotFoundError
from queries.demand_rows import (
    DEMAND_TRACED,
    DEMANDS_OF_STATUS,
    DemandFacts,
    DemandsAnswer,
    DemandTrace,
    LogEntry,
    ResponseTime,
    ShownDemand,
    TraceFacts,
)
from queries.expert_facts import NamedThing
from queries.posts import today
from queries.retrieval import check_limit

Status = Literal["open", "diagnosed", "answered", "closed"]
Seen = Literal["public", "members", "staff"]

STATUSES: Final[tuple[Status, ...]] = ("open", "diagnosed", "answered", "closed")
WAITING: Final[tuple[Status, ...]] = ("open", "diagnosed")
MOST_DEMANDS: Final = 1_000
_VISIBLE: Final[dict[Seen, list[str]]] = {
    "public": ["public"],
    "members": ["public", "members"],
    "staff": ["public", "members", "staff"],
}
_URGENCY_ORDER: Final = {"urgent": 0, "high": 1, "normal": 2}
# Sorts after every date.
_NO_DEADLINE: Final = "9999"
_NOBODY: Final = "（未写明）"


def demands_open(
    db: Database,
    *,
    urgency: str | None = None,
    raiser: str | None = None,
    service_kind: str | None = None,
    seen_by: Seen = "staff",
    limit: int = 50,
    on: date | None = None,
) -> DemandsAnswer:
    """Which demands wait for an answer?  The next deadline first; without one by urgency, then the oldest.

    `raiser` is the id or the exact name of who raised them, `seen_by` whose eyes the list is for: "public" for what may
    be published. Raises `InputError` for a number out of bounds, `StoreUnavailableError`.
    """
    return demands_listed(
        db, status="waiting", urgency=urgency, raiser=raiser, service_kind=service_kind, seen_by=seen_by, limit=limit,
        on=on,
    )  # fmt: skip


def demands_listed(
    db: Database,
    *,
    status: Status | Literal["waiting", "all"] = "waiting",
    urgency: str | None = None,
    raiser: str | None = None,
    service_kind: str | None = None,
    seen_by: Seen = "staff",
    limit: int = 50,
    on: date | None = None,
) -> DemandsAnswer:
    """Which demands are there, of this status, urgency, raiser or kind of service?

    "waiting" is open or diagnosed. Order as `demands_open`, the answered and closed after those, newest first. `limit`
    is 1 to 1000. Raises `InputError`, `StoreUnavailableError`.
    """
    check_limit(limit, most=MOST_DEMANDS)
    wanted = WAITING if status == "waiting" else STATUSES if status == "all" else (status,)
    day = on or today()
    found = [
        row
        for row in _shown(db, wanted, seen_by, day)
        if (urgency is None or row.urgency == urgency)
        and (service_kind is None or row.service_kind == service_kind)
        and (raiser is None or _is_of(row, raiser))
    ]
    return DemandsAnswer(on=day.isoformat(), total=len(found), demands=tuple(found[:limit]))


def demands_overdue(db: Database, *, on: date | None = None, seen_by: Seen = "staff", limit: int = 50) -> DemandsAnswer:
    """Which demands are past their deadline without an answer on a day (today by default)?  The longest overdue first.

    The deadline's own day is still in time. A demand that was answered after the day asked for counts as unanswered
    then; a closed one without an answer does not (somebody said why). Raises `InputError`, `StoreUnavailableError`.
    """
    check_limit(limit, most=MOST_DEMANDS)
    day = on or today()
    late = [
        row
        for row in _shown(db, (*WAITING, "answered"), seen_by, day)
        if row.days_left is not None and row.days_left < 0
    ]
    late.sort(key=lambda row: (row.deadline or "", row.id))
    return DemandsAnswer(on=day.isoformat(), total=len(late), demands=tuple(late[:limit]))


def demand_trace(db: Database, *, id: str, seen_by: Seen = "staff", on: date | None = None) -> DemandTrace:
    """What became of this demand: who raised it, its diagnosis, every follow-up, what answered it and after how long?

    Raises `NotFoundError` for an unknown demand or one that `seen_by` may not see, `StoreUnavailableError`.
    """
    rows = db.read(DEMAND_TRACED, id=id, visible=_VISIBLE[seen_by])
    if not rows:
        raise NotFoundError(f"没有这个编号的需求：{id[:80]}", hint="用 zhiku demand list 查看编号")
    facts, day = rows[0], on or today()
    shown = _demand(facts, day)
    overdue = -shown.days_left if shown.days_left is not None and shown.days_left < 0 else 0
    return DemandTrace(
        demand=shown,
        description=facts.description,
        diagnosis=facts.diagnosis,
        diagnosed_by=facts.diagnosed_by,
        services=_distinct(facts.services),
        log=_log(facts),
        response_days=_days(facts.raised_on, facts.answered_on),
        overdue_days=overdue,
        sources=tuple(sorted(set(facts.sources), key=lambda claim: (claim.source, claim.run))),
    )


def response_times(
    db: Database,
    *,
    by: Literal["month", "raiser", "all"] = "month",
    since: date | None = None,
    until: date | None = None,
    seen_by: Seen = "staff",
) -> list[ResponseTime]:
    """How long did answers take: by the month in which demands were raised, by who raised them, or all together?

    Demands raised from `since` to `until` (both included; those without a day are counted under "" only when neither is
    given). Median and nearest-rank 90th percentile of the days to the first answer. Raises `StoreUnavailableError`.
    """
    groups: dict[str, list[ShownDemand]] = defaultdict(list)
    names: dict[str, str] = {}
    first, last = (None if day is None else day.isoformat() for day in (since, until))
    for row in _shown(db, STATUSES, seen_by, until or today()):
        if (first or last) and not ((first or "") <= (row.raised_on or "") <= (last or _NO_DEADLINE)):
            continue
        for key, name in _groups(row, by):
            groups[key].append(row)
            names[key] = name
    return [_response(key, names[key], groups[key]) for key in sorted(groups)]


def _groups(row: ShownDemand, by: str) -> Iterable[tuple[str, str]]:
    if by == "all":
        return [("all", "全部")]
    if by == "month":
        month = (row.raised_on or "")[:7]
        return [(month, month or "（日期不详）")]
    # One raised by two bodies counts for both.
    written = row.from_whom or _NOBODY
    return [(each.id, each.name) for each in row.raised_by] or [(f"written:{written}", written)]


def _response(group: str, name: str, rows: Sequence[ShownDemand]) -> ResponseTime:
    answered = [row for row in rows if row.answered_on]
    days = sorted(took for row in answered if (took := _days(row.raised_on, row.answered_on)) is not None)
    dated = [row for row in answered if row.deadline]
    return ResponseTime(
        group=group,
        name=name,
        raised=len(rows),
        answered=len(answered),
        median_days=float(median(days)) if days else None,
        p90_days=days[ceil(0.9 * len(days)) - 1] if days else None,
        with_deadline=len(dated),
        in_time=sum((row.answered_on or "") <= (row.deadline or "") for row in dated),
    )


def _shown(db: Database, statuses: Collection[str], seen_by: Seen, day: date) -> list[ShownDemand]:
    if seen_by not in _VISIBLE:
        raise InputError(f"seen_by 应为 {'、'.join(_VISIBLE)} 之一")
    rows = db.read(DEMANDS_OF_STATUS, statuses=list(statuses), visible=_VISIBLE[seen_by])
    found = [_demand(row, day) for row in rows]
    # Four stable sorts, the least important first.
    found.sort(key=lambda row: row.id)
    found.sort(key=lambda row: row.raised_on or "")
    found.sort(key=lambda row: _URGENCY_ORDER.get(row.urgency, len(_URGENCY_ORDER)))
    found.sort(key=lambda row: (row.deadline or _NO_DEADLINE) if row.status in WAITING else "~" + _backwards(row))
    return found


def _backwards(row: ShownDemand) -> str:
    """A key that puts later days first, after every waiting demand."""
    newest = row.closed_on or row.answered_on or row.raised_on or ""
    return "".join(chr(ord("9") + ord("0") - ord(digit)) if digit.isdigit() else digit for digit in newest) or "~"


def _demand(facts: DemandFacts, day: date) -> ShownDemand:
    on = day.isoformat()
    # A table may say that it was answered, or closed, and not when.
    answered = facts.answered_on <= on if facts.answered_on else facts.status == "answered"
    closed = facts.closed_on <= on if facts.closed_on else facts.status == "closed"
    end = facts.answered_on if answered else on
    return ShownDemand(
        id=facts.id,
        kind=facts.kind,
        title=facts.title,
        raised_by=_distinct(facts.raisers),
        from_whom=facts.from_whom,
        urgency=facts.urgency,
        service_kind=facts.service_kind,
        status=facts.status,
        visibility=facts.visibility,
        topics=_distinct(facts.topics),
        raised_on=facts.raised_on,
        deadline=facts.deadline,
        answered_on=facts.answered_on,
        closed_on=facts.closed_on,
        days_open=_days(facts.raised_on, facts.closed_on if closed and not answered else end),
        days_left=None if answered or closed else _days(on, facts.deadline),
        fictional=facts.fictional,
    )


def _log(facts: TraceFacts) -> tuple[LogEntry, ...]:
    who = "、".join(each.name for each in _distinct(facts.raisers)) or facts.from_whom
    entries = [LogEntry(on=facts.raised_on, kind="raised", actor=who, channel="", note=facts.title)]
    if facts.diagnosis:
        who = facts.diagnosed_by
        entries.append(LogEntry(on=facts.diagnosed_on, kind="diagnosed", actor=who, channel="", note=facts.diagnosis))
    for each in {each.id: each for each in facts.follow_ups}.values():
        entries.append(LogEntry(on=each.on, kind="follow-up", actor=each.actor, channel=each.channel, note=each.note))
    given: dict[tuple[str | None, str, str], set[tuple[str, str, str]]] = defaultdict(set)
    for each in facts.answers:
        given[each.on, each.actor, each.note].add((each.id, each.kind, each.name))
    for (on, actor, note), what in given.items():
        entries.append(LogEntry(on=on, kind="answered", actor=actor, channel="", note=note, what=tuple(sorted(what))))
    if facts.closed_on or facts.outcome:
        entries.append(LogEntry(on=facts.closed_on, kind="closed", actor="", channel="", note=facts.outcome))
    order = {"raised": 0, "diagnosed": 1, "follow-up": 2, "answered": 3, "closed": 4}
    return tuple(sorted(entries, key=lambda entry: (entry.on or "", order[entry.kind], entry.note, entry.actor)))


def _is_of(row: ShownDemand, raiser: str) -> bool:
    wanted = raiser.strip()
    return row.from_whom == wanted or any(wanted in (each.id, each.name) for each in row.raised_by)


def _days(first: str | None, last: str | None) -> int | None:
    if first is None or last is None:
        return None
    return (date.fromisoformat(last) - date.fromisoformat(first)).days


def _distinct(things: Iterable[NamedThing]) -> tuple[NamedThing, ...]:
    found = {thing.id: thing for thing in things}
    return tuple(sorted(found.values(), key=lambda thing: (thing.name, thing.id)))
