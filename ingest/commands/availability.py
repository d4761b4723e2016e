"""What a person says of when somebody can go: free or busy in a period, and how many jobs at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from graph.audit import Effect
from graph.changes import LOCAL, NodeChange, RelationshipChange
from graph.claims import node_claim, relationship_claim
from graph.database import Transaction
from graph.errors import InputError, NotFoundError
from graph.identity import new_id
from graph.merge import Counts, apply_changes, upsert
from graph.model import AVAILABILITY, HAS_AVAILABILITY, PERSON, check_text
from graph.store import Store
from queries.availability import availability_of
from queries.merges import current_person
from queries.periods import days_between
from queries.posts import today

RUN: Final = "availability"
LONGEST_NOTE: Final = 200
MOST_JOBS: Final = 100


@dataclass(frozen=True, slots=True)
class Cleared:
    """How many statements were taken back, and how many of other sources still stand in the period."""

    person: str
    removed: int
    others: int


def set_availability(
    store: Store,
    *,
    person: str,
    from_day: date,
    until_day: date,
    state: Literal["free", "busy"],
    actor: str,
    note: str = "",
    on: date | None = None,
) -> str:
    """Say that somebody is free or busy from a day to a day, both included; returns the id of the person of today.

    Said on the day `on` (today by default); what is said later of the same days is believed, so a change of mind is
    another statement. Raises `NotFoundError`, `InputError` for a period that is none or over a year, or a long note.
    """
    days_between(from_day, until_day)
    text = note.strip()
    if len(text) > LONGEST_NOTE:
        raise InputError(f"说明长达 {len(text)} 字，超过上限 {LONGEST_NOTE}")
    check_text("说明", text)
    who = current_person(store.database, id=person.strip())
    said_on = (on or today()).isoformat()
    after = (until_day + timedelta(days=1)).isoformat()
    id = new_id(AVAILABILITY.prefix, store.key, LOCAL.id, f"{who}|{from_day}|{after}|{state}", 1)
    facts = {
        "state": state,
        "valid_from": from_day.isoformat(),
        "valid_from_precision": "day",
        "valid_to": after,
        "valid_to_precision": "day",
        "said_on": said_on,
        "note": text,
    }
    tie = relationship_claim(HAS_AVAILABILITY, ("Person", who), ("Availability", id))
    upsert(store.audit, LOCAL, [node_claim(AVAILABILITY, id, facts)], [tie], run=RUN, actor=actor)
    return who


def set_most_jobs(store: Store, *, person: str, most: int, actor: str) -> str:
    """Say how many jobs at a time somebody takes on (0 to 100); returns the id of the person of today.

    Raises `NotFoundError`, `InputError`.
    """
    if not 0 <= most <= MOST_JOBS:
        raise InputError(f"任务数应在 0 到 {MOST_JOBS} 之间，收到 {most}")
    who = current_person(store.database, id=person.strip())
    upsert(store.audit, LOCAL, [node_claim(PERSON, who, {"max_jobs": most})], [], run=RUN, actor=actor)
    return who


def clear_availability(
    store: Store, *, person: str, actor: str, from_day: date | None = None, until_day: date | None = None
) -> Cleared:
    """Take back what was said by hand of a person's days, of all or of a period that it touches (both ends included).

    What files say is not touched: `others` counts it. It can be undone by the batch. Raises `NotFoundError`.
    """
    who = current_person(store.database, id=person.strip())
    first, last = (from_day or date.min).isoformat(), (until_day or date.max).isoformat()
    touched = [
        period
        for period in availability_of(store.database, id=who)
        if (period.from_day or "") <= last and (period.until_day or "9999") >= first
    ]
    own = [period.id for period in touched if LOCAL.id in period.sources]
    others = sum(any(source != LOCAL.id for source in period.sources) for period in touched)
    if own:
        nodes = [NodeChange(AVAILABILITY, id, None) for id in own]
        ends = [
            RelationshipChange(relationship_claim(HAS_AVAILABILITY, ("Person", who), ("Availability", id)), None)
            for id in own
        ]

        def work(transaction: Transaction, seq: int) -> Effect[Counts]:
            return apply_changes(transaction, seq, LOCAL, nodes, ends, run=RUN, adding=False)

        store.audit.write(actor=actor, action="availability_clear", subject=who, work=work)
    elif not touched:
        raise NotFoundError("这个人在这段时间没有登记", hint="用 zhiku availability list 查看")
    return Cleared(who, len(own), others)
