"""Organisations as others refer to them: by name, and by the legal entity that a department belongs to."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Final

from pydantic import BaseModel, ConfigDict

from graph.database import Database, Query
from graph.text import fold
from graph.textindex import TextIndex
from queries.posts import today

# More bodies of one very name than this are not told apart by a name anyway.
_SAME_NAME: Final = 50
# `graph.textindex.NameHit.score` of the very name or alias.
_VERY_NAME: Final = 5.0


class Unit(BaseModel):
    """One step of the way up from an organisation: the body itself (depth 0) or one that is part of, or has become."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    depth: int
    legal: bool
    department: bool
    stub: bool


class UnitsAbove(BaseModel):
    """An organisation with everything is part of, or has become."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    units: list[Unit]


# Twelve levels: ministry, bureau, university, campus, faculty, school, department, laboratory … and as many to spare;
# a cycle in the data ends where it meets a relationship for the second time. A plain MATCH: ArcadeDB 26.10 finds
# nothing when a pattern comprehension asks for the relationships of its path.
UNITS_ABOVE: Final = Query(
    "units_above",
    """
UNWIND $organisations AS wanted
MATCH path = (o:Organisation {id: wanted})-[:PART_OF|MERGED_INTO*0..12]->(u:Organisation)
WHERE u.tombstone IS NULL AND coalesce(u.visibility, '') <> 'restricted' AND all(r IN relationships(path) WHERE
  coalesce(r.valid_from, $on) <= $on AND (r.valid_to IS NULL OR $on < r.valid_to))
RETURN o.id AS id,
  collect({
    id: u.id, depth: length(path), legal: coalesce(u.is_legal_entity, false),
    department: coalesce(u.kind, '') = 'department', stub: EXISTS { (u)-[:MERGED_INTO]->(:Organisation) }
  }) AS units
""",
    UnitsAbove,
)


def organisations_named(index: TextIndex, name: str) -> set[str]:
    """Which organisations bear this id or exact name (further names included, spelling normalised)?

    What is no known name is taken for an id: an unknown one belongs to nobody.
    """
    key = fold(name)
    hits = index.find_organisations(name, _SAME_NAME)
    return {hit.id for hit in hits if hit.score >= _VERY_NAME or fold(hit.name) == key} | {name.strip()}


def legal_entities(db: Database, *, organisations: Collection[str], on: date | None = None) -> dict[str, str]:
    """To which legal entity does each organisation belong on a day (today by default)?

    Up PART_OF relationships valid that day, to the nearest body that is a legal entity (the body itself may be one).
    Where the sources name none on the way, to the nearest that is no department; else the body itself. Of two at the
    same distance the smaller id. Ids that are unknown or tombstones are left out. Raises `StoreUnavailableError`.
    """
    if not organisations:
        return {}
    day = (on or today()).isoformat()
    rows = db.read(UNITS_ABOVE, organisations=sorted(organisations), on=day)
    return {row.id: _root(row.id, row.units) for row in rows}


def _root(organisation: str, units: Sequence[Unit]) -> str:
    nearest = sorted((unit for unit in units if not unit.stub), key=lambda unit: (unit.depth, unit.id))
    for unit in nearest:
        if unit.legal:
            return unit.id
    return next((unit.id for unit in nearest if not unit.department), organisation)
