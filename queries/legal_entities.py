"""The same legal entity (同一法人单位) on a day: up to a body that is one, on to what it was renamed or merged into.

One query and one pure resolution; recusal, caps on people of one unit and organisation filters all use them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from pydantic import BaseModel, ConfigDict

from graph.database import Database, Query
from graph.errors import NotFoundError
from queries.posts import today

# Kinds of body that are no legal entity by their nature, where nothing else is said of them.
WITHOUT_PERSONALITY: Final = frozenset(
    {"department", "base", "workstation", "platform", "branch", "committee", "survey_site", "consortium"}
)


class Tie(BaseModel):
    """A relationship from a body to what it is part of, housed by, merged into, or became; dates as the graph has."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    to: str
    type: str
    kind: str | None = None
    on: str | None = None
    valid_from: str | None = None
    valid_to: str | None = None


class UnitAbove(BaseModel):
    """A body that `unit` is, or leads to; `hidden` ones (tombstones, restricted) are passed, never an answer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    unit: str
    id: str
    name: str
    legal: bool | None
    kind: str
    hidden: bool
    ties: list[Tie]


class LegalEntity(BaseModel):
    """The legal entity of a unit on a day.

    `id` is the legal entity itself, `counts_as` what it was renamed or merged into by then: two units are one legal
    entity when their `counts_as` is equal. `path` are the ids from the unit to `counts_as`. `unconfirmed` says that a
    step rests on a date nobody knows.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    unit: str
    id: str
    name: str
    counts_as: str
    path: tuple[str, ...]
    unconfirmed: bool


# Twelve steps: ministry, bureau, university, campus, faculty, school, department … and as many to spare; a circle in
# the data ends where it meets a relationship for the second time.
LEGAL_UNITS: Final = Query(
    "legal_units",
    """
UNWIND $units AS wanted
MATCH (o:Organisation {id: wanted})-[:PART_OF|HOSTED_BY|MERGED_INTO|SUCCEEDED_BY*0..12]->(u:Organisation)
WITH DISTINCT wanted, u
RETURN wanted AS unit, u.id AS id, coalesce(u.name, u.id) AS name, u.is_legal_entity AS legal,
  coalesce(u.kind, '') AS kind, u.tombstone IS NOT NULL OR coalesce(u.visibility, '') = 'restricted' AS hidden,
  [(u)-[r:PART_OF|HOSTED_BY|MERGED_INTO|SUCCEEDED_BY]->(v:Organisation) | {
    to: v.id, type: type(r), kind: r.kind, on: r.on, valid_from: r.valid_from, valid_to: r.valid_to
  }] AS ties
""",
    UnitAbove,
)


def legal_entity_root(
    db: Database, *, unit: str, on: date | None = None, look_back_years: int | None = None
) -> LegalEntity:
    """Which legal entity is this unit, or does it belong to, on a day (today by default)?

    Up PART_OF valid that day to the nearest body that is a legal entity (the unit itself may be one), a unit without
    legal personality also up HOSTED_BY; where the sources name none, the nearest that is not said, and not by its kind
    known, to be none; else the unit. From there along SUCCEEDED_BY: a renamed body is the same legal person on any day;
    a merged one counts as what it became from the day of the merger on, for `look_back_years` years if given, else for
    good. A split or an abolition leads nowhere. Raises `NotFoundError` for an id that is unknown, a tombstone or
    restricted, `StoreUnavailableError`.
    """
    found = legal_entity_roots(db, units=[unit], on=on, look_back_years=look_back_years)
    if unit not in found:
        raise NotFoundError(f"没有这个编号的机构：{unit}", hint="用 zhiku find organisations 查编号")
    return found[unit]


def legal_entity_roots(
    db: Database, *, units: Collection[str], on: date | None = None, look_back_years: int | None = None
) -> dict[str, LegalEntity]:
    """Which legal entity is each of these units on a day?  As `legal_entity_root`; unknown ids are left out."""
    if not units:
        return {}
    of_unit: dict[str, dict[str, UnitAbove]] = defaultdict(dict)
    for row in db.read(LEGAL_UNITS, units=sorted(set(units))):
        of_unit[row.unit][row.id] = row
    day = on or today()
    resolved = {unit: resolve(unit, bodies, day, look_back_years) for unit, bodies in of_unit.items()}
    return {unit: found for unit, found in resolved.items() if found is not None}


def legal_entities(db: Database, *, organisations: Collection[str], on: date | None = None) -> dict[str, str]:
    """As what legal entity does each organisation count on a day (today by default)?

    `legal_entity_roots` as a plain id → id; unknown ids are left out. Raises `StoreUnavailableError`.
    """
    return {unit: found.counts_as for unit, found in legal_entity_roots(db, units=organisations, on=on).items()}


# --- resolution, pure -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Step:
    """One way on from a body: where to, and whether a date of it is unknown."""

    to: str
    unconfirmed: bool


Follow = Callable[[UnitAbove], Iterator[_Step]]


def resolve(
    unit: str, bodies: Mapping[str, UnitAbove], on: date, look_back_years: int | None = None
) -> LegalEntity | None:
    """Find the legal entity among what a unit leads to; the answer does not depend on the order of ties or bodies.

    None when the unit itself is not there or hidden.
    """
    if unit not in bodies or bodies[unit].hidden:
        return None
    entity, path, doubt = _legal_above(unit, bodies, on)
    counts_as, seen = entity, [entity]
    while (step := _successor(bodies.get(counts_as), bodies, on, look_back_years)) is not None:
        counts_as, further, vague = _legal_above(step.to, bodies, on)
        path, doubt = path + further, doubt or vague or step.unconfirmed
        if counts_as in seen:
            # Renamed and renamed back: all of the circle are one body, whichever of them is asked about.
            counts_as = min(seen[seen.index(counts_as) :])
            break
        seen.append(counts_as)
    return LegalEntity(
        unit=unit,
        id=entity,
        name=bodies[entity].name,
        counts_as=counts_as,
        path=tuple(dict.fromkeys(path)),
        unconfirmed=doubt,
    )


def _legal_above(unit: str, bodies: Mapping[str, UnitAbove], on: date) -> tuple[str, list[str], bool]:
    """The nearest legal entity of a unit, the way to it, and whether a date on the way is unknown."""
    came: dict[str, tuple[str, bool]] = {unit: ("", False)}
    ordered: list[str] = []
    layer = [unit]
    while layer:
        ordered += sorted(layer)
        following: dict[str, tuple[str, bool]] = {}
        for id_ in sorted(layer):
            for step in _up(bodies[id_], on) if id_ in bodies else ():
                if step.to not in came and step.to in bodies:
                    following.setdefault(step.to, (id_, step.unconfirmed))
        came.update(following)
        layer = list(following)
    answers = [id_ for id_ in ordered if not bodies[id_].hidden and not _is_stub(bodies[id_])]
    legal = next((id_ for id_ in answers if bodies[id_].legal), None)
    likely = next((id_ for id_ in answers if _may_be_legal(bodies[id_])), None)
    found = legal or likely or (answers[0] if answers else unit)
    path, doubt = [found], False
    while (before := came[path[0]])[0]:
        path.insert(0, before[0])
        doubt = doubt or before[1]
    return found, path, doubt


def _is_stub(body: UnitAbove) -> bool:
    return any(tie.type == "MERGED_INTO" for tie in body.ties)


def _may_be_legal(body: UnitAbove) -> bool:
    return body.legal is None and body.kind not in WITHOUT_PERSONALITY


def _up(body: UnitAbove, on: date) -> Iterator[_Step]:
    """What a body is part of on a day, by id; two sources of one tie are one step, unconfirmed only if both are."""
    housed = body.legal is False or (body.legal is None and body.kind in WITHOUT_PERSONALITY)
    steps: dict[str, bool] = {}
    for tie in body.ties:
        if tie.type == "MERGED_INTO":
            steps[tie.to] = False
        elif (tie.type == "PART_OF" or (tie.type == "HOSTED_BY" and housed)) and _valid(tie, on):
            steps[tie.to] = steps.get(tie.to, True) and tie.valid_to is None
    yield from (_Step(to, unconfirmed) for to, unconfirmed in sorted(steps.items()))


def _valid(tie: Tie, on: date) -> bool:
    day = on.isoformat()
    return (tie.valid_from is None or tie.valid_from <= day) and (tie.valid_to is None or day < tie.valid_to)


def _successor(
    body: UnitAbove | None, bodies: Mapping[str, UnitAbove], on: date, look_back_years: int | None
) -> _Step | None:
    """What a body became by renaming or merger; of several the smallest id."""
    steps: dict[str, bool] = {}
    for tie in body.ties if body is not None else ():
        if tie.type == "SUCCEEDED_BY" and tie.to in bodies and _goes_on(tie, on, look_back_years):
            steps[tie.to] = steps.get(tie.to, True) and tie.on is None
    return _Step(*min(steps.items())) if steps else None


def _goes_on(tie: Tie, on: date, look_back_years: int | None) -> bool:
    # A new name makes no new legal person, so the day of a renaming decides nothing.
    if tie.kind == "renamed":
        return True
    if tie.kind != "merged":
        return False
    if tie.on is None:
        return True
    ended = look_back_years is not None and on.isoformat() >= _years_after(tie.on, look_back_years)
    return tie.on <= on.isoformat() and not ended


def _years_after(day: str, years: int) -> str:
    # Compared as text: 29 February of a common year stands between 28 February and 1 March, as it should.
    return f"{int(day[:4]) + years:04d}{day[4:]}"
