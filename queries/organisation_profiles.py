"""All that is public of one body: names and history, people and works, services, what it houses, who says so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta
from typing import Final, Literal

from graph.database import Database
from graph.errors import NotFoundError
from queries.answers import ServiceEvidence
from queries.commissions import COMMISSIONED_PROJECTS
from queries.expert_facts import NamedThing
from queries.legal_entities import legal_entity_root
from queries.merges import current_bodies
from queries.organisation_rows import (
    ORGANISATION_PEOPLE,
    ORGANISATION_PEOPLE_TOTAL,
    ORGANISATION_PROFILE_FACTS,
    ORGANISATION_YEARS,
    UNITS_UNDER,
    BodyTie,
    CommissionedWork,
    NameShown,
    OrganisationProfile,
    OrganisationProfileFacts,
    OtherBody,
    UnitTie,
)
from queries.posts import today
from queries.retrieval import check_limit
from queries.services import SERVICES_OF_BODIES, service_shown

MOST_SHOWN: Final = 200


def organisation_profile(db: Database, *, id: str, shown: int = 20, on: date | None = None) -> OrganisationProfile:
    """What is this body: its names and history, its people and works, what it has done for others, what it houses?

    A merged id leads to the body it is part of now (`redirected_from` then names it). Lists hold the first `shown` (1
    to 200), totals count all. What is below the body on the day `on` (today by default) counts as the body's own;
    people are those with a post there whose work names it, most works first. Raises `NotFoundError` for an unknown or
    restricted body, `InputError` for a number out of bounds, `StoreUnavailableError`.
    """
    check_limit(shown, name="shown", most=MOST_SHOWN)
    current = current_bodies(db, organisations=[id])
    if id not in current:
        raise NotFoundError(f"没有这个编号的机构：{id[:80]}", hint="用 zhiku find organisations 查编号")
    body, day = current[id], on or today()
    facts = db.read(ORGANISATION_PROFILE_FACTS, id=body)[0]
    units = _units(db, body, day)
    years = db.read(ORGANISATION_YEARS, units=units)
    ties = {how: _ties(facts.related, how, day) for how in _TIES}
    services = _services(db, body)
    commissioned = sorted(
        db.read(COMMISSIONED_PROJECTS, organisations=units), key=lambda row: (-(row.year or 0), row.title, row.id)
    )
    legal = legal_entity_root(db, unit=body, on=day)
    return OrganisationProfile(
        **facts.model_dump(
            include={"id", "name", "kind", "level", "status", "grade", "website", "uscc", "ror", "founded_year",
                     "verified", "society", "fictional"}
        ),
        redirected_from=None if body == id else id,
        names=_names(facts),
        legal_entity=NamedThing(id=legal.id, name=legal.name),
        counts_as=legal.counts_as,
        regions=_distinct(facts.regions),
        predecessors=ties["predecessor"],
        successors=ties["successor"],
        part_of=ties["part_of"],
        parts=ties["part"][:shown],
        parts_total=len(ties["part"]),
        hosted_by=ties["hosted_by"],
        hosts=ties["hosted"][:shown],
        hosts_total=len(ties["hosted"]),
        guided_by=ties["guided_by"],
        guides_total=len(ties["guided"]),
        people=tuple(db.read(ORGANISATION_PEOPLE, units=units, people=shown)),
        people_total=db.read(ORGANISATION_PEOPLE_TOTAL, units=units)[0].people,
        works_by_year=tuple(sorted(years, key=lambda row: (row.year is None, row.year or 0))),
        outputs_total=sum(row.outputs for row in years),
        projects_total=sum(row.projects for row in years),
        projects_led=sum(row.led for row in years),
        services=services[:shown],
        services_total=len(services),
        services_verified=sum(each.verified for each in services),
        commissioned=tuple(
            CommissionedWork(id=row.id, title=row.title, year=row.year, programme=row.programme)
            for row in commissioned[:shown]
        ),
        commissioned_total=len(commissioned),
        sources=tuple(sorted(set(facts.sources), key=lambda claim: (claim.source, claim.run))),
    )  # fmt: skip


# How a body stands to the one asked for: the relationship, and whether it starts (>) or ends (<) there.
_TIES: Final = {
    "predecessor": "SUCCEEDED_BY<",
    "successor": "SUCCEEDED_BY>",
    "part_of": "PART_OF>",
    "part": "PART_OF<",
    "hosted_by": "HOSTED_BY>",
    "hosted": "HOSTED_BY<",
    "guided_by": "GUIDES<",
    "guided": "GUIDES>",
}


def _units(db: Database, body: str, day: date) -> list[str]:
    """The body and all below it on a day, stubs merged into them as well."""
    rows = db.read(UNITS_UNDER, body=body)
    units: set[str] = {body}
    grown = True
    while grown:
        here = {row.id for row in rows if row.id not in units and any(_holds(tie, units, day) for tie in row.ties)}
        units |= here
        grown = bool(here)
    return sorted(units)


def _holds(tie: UnitTie, units: Collection[str], day: date) -> bool:
    return tie.to in units and (tie.merged or _standing(tie.valid_from, tie.valid_to, day) != "former")


def _services(db: Database, body: str) -> tuple[ServiceEvidence, ...]:
    rows = {row.id: row for row in db.read(SERVICES_OF_BODIES, organisations=[body])}
    found = sorted(rows.values(), key=lambda row: row.id)
    found.sort(key=lambda row: row.valid_from or "", reverse=True)
    found.sort(key=lambda row: row.verified, reverse=True)
    return tuple(service_shown(row) for row in found)


def _ties(related: Iterable[OtherBody], how: str, day: date) -> tuple[BodyTie, ...]:
    """Ties of one sort, two sources of one being one: the later end stands, an unknown one after all."""
    of_body: dict[tuple[str, str], list[OtherBody]] = defaultdict(list)
    for each in related:
        if each.tie.startswith(_TIES[how]):
            of_body[each.id, each.tie.removeprefix(_TIES[how])].append(each)
    found = [_tie(rows, kind, day) for (_, kind), rows in of_body.items()]
    found.sort(key=lambda tie: (tie.standing == "former", tie.on or "", tie.name, tie.id))
    return tuple(found)


def _tie(rows: Sequence[OtherBody], kind: str, day: date) -> BodyTie:
    ends = [row.valid_to for row in rows]
    until = None if None in ends else max(end for end in ends if end is not None)
    since = min((row.valid_from for row in rows if row.valid_from), default=None)
    return BodyTie(
        id=rows[0].id,
        name=rows[0].name,
        kind=rows[0].kind,
        how=kind,
        on=min((row.on for row in rows if row.on), default=None),
        since=since,
        until=_day_before(until),
        standing=_standing(since, until, day),
    )


def _names(facts: OrganisationProfileFacts) -> tuple[NameShown, ...]:
    found = [
        NameShown(text=name.text, kind=name.kind, since=name.valid_from, until=_day_before(name.valid_to))
        for name in facts.names
        if name.text and name.text != facts.name
    ]
    distinct = {(name.kind, name.since or "", name.until or "", name.text): name for name in found}
    return tuple(distinct[key] for key in sorted(distinct))


def _standing(since: str | None, until: str | None, day: date) -> Literal["current", "former", "unconfirmed"]:
    on = day.isoformat()
    if until is not None and until <= on:
        return "former"
    # What has not begun yet is not below it either.
    if since is not None and since > on:
        return "former"
    return "unconfirmed" if until is None else "current"


def _day_before(day: str | None) -> str | None:
    return None if day is None else (date.fromisoformat(day) - timedelta(days=1)).isoformat()


def _distinct(things: Iterable[NamedThing]) -> tuple[NamedThing, ...]:
    found = {thing.id: thing for thing in things}
    return tuple(sorted(found.values(), key=lambda thing: (-len(thing.id), thing.id)))
