"""People whose works of one year come from two employers that nothing ties: two people under one name?

The graph gives the people whose works of one year name several legal entities; which of them belong together is pure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from itertools import combinations
from typing import Final

from pydantic import BaseModel, ConfigDict

from graph.database import Database, Query
from queries.legal_entities import legal_entity_roots


class UnitBelow(BaseModel):
    """A body that is part of, housed by, merged into or followed by another."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str


class BodiesOfWork(BaseModel):
    """The bodies that one source names for a person in a work."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    work: str
    year: int | None
    organisations: list[str] | None


class SeveralBodies(BaseModel):
    """A person with more than one body in a year: all works, and the bodies of posts that records say."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    works: list[BodiesOfWork]
    posts: list[str]


class ParallelEmployers(BaseModel):
    """A person and two legal entities for which they published in the same `years`; nothing ties the two."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    first: str
    first_name: str
    second: str
    second_name: str
    years: tuple[int, ...]


# What is not named here is its own legal entity.
UNITS_BELOW: Final = Query(
    "units_below",
    """
MATCH (o:Organisation)-[:PART_OF|HOSTED_BY|MERGED_INTO|SUCCEEDED_BY]->(:Organisation)
RETURN DISTINCT o.id AS id
""",
    UnitBelow,
)
# Every body of a mention is also a post (`ingest.mapping` insists on it), and walking posts costs a third of walking
# mentions; most people have one employer and end there.
SEVERAL_BODIES: Final = Query(
    "several_bodies",
    """
MATCH (p:Person)
WHERE COUNT { MATCH (p)-[:AFFILIATED_WITH]->(o:Organisation) RETURN DISTINCT coalesce($entities[o.id], o.id) } > 1
  AND p.tombstone IS NULL AND coalesce(p.visibility, '') <> 'restricted'
  AND NOT EXISTS { (p)-[:MERGED_INTO]->(:Person) }
  AND COUNT {
    MATCH (p)-[m:AUTHORED|LED|PARTICIPATED_IN]->(w)
    WHERE w.year IS NOT NULL AND w.tombstone IS NULL AND coalesce(w.visibility, '') <> 'restricted'
    UNWIND coalesce(m.organisations, []) AS body
    WITH w.year AS year, count(DISTINCT coalesce($entities[body], body)) AS number
    WHERE number > 1
    RETURN year
  } > 0
RETURN p.id AS id, coalesce(p.name, '') AS name,
  [(p)-[m:AUTHORED|LED|PARTICIPATED_IN]->(w)
    WHERE w.tombstone IS NULL AND coalesce(w.visibility, '') <> 'restricted' | {
    work: w.id, year: w.year, organisations: m.organisations
  }] AS works,
  [(p)-[r:AFFILIATED_WITH]->(o:Organisation) WHERE r.observed_year IS NULL | o.id] AS posts
""",
    SeveralBodies,
)


def parallel_employers_count(db: Database, *, on: date) -> int:
    """How many people published for two untied legal entities in one year?  Raises `StoreUnavailableError`."""
    return len({person.id for person, _, _ in _untied_people(db, on)})


def parallel_employers(db: Database, *, limit: int, on: date) -> list[ParallelEmployers]:
    """Who published for two untied legal entities in one year, those with most such years first?

    Bodies are those of `organisations` on the mentions in works with a year; each counts as its legal entity on the
    day `on` (`legal_entity_root`), so a department and its university, or an old name and the new one, are one. Two are
    tied when any work of the person names both, or when records about the person (not works) say a post in each. Bodies
    that the graph does not know, or must not show, are left out. One row for each pair of entities. Raises
    `StoreUnavailableError`.
    """
    found = _untied_people(db, on)[:limit]
    # What a body was merged into is an entity of its own: its name is asked for by its own id.
    bodies = {body for _, pair, _ in found for body in pair}
    names = {unit: entity.name for unit, entity in legal_entity_roots(db, units=bodies, on=on).items()}
    return [
        ParallelEmployers(
            id=person.id,
            name=person.name,
            first=first,
            first_name=names.get(first, first),
            second=second,
            second_name=names.get(second, second),
            years=years,
        )
        for person, (first, second), years in found
    ]


def _untied_people(db: Database, on: date) -> list[tuple[SeveralBodies, tuple[str, str], tuple[int, ...]]]:
    units = [row.id for row in db.read(UNITS_BELOW)]
    roots = {unit: found.counts_as for unit, found in legal_entity_roots(db, units=units, on=on).items()}
    people = db.read(SEVERAL_BODIES, entities=roots)
    bodies = {body for row in people for body in (*row.posts, *_named(row.works))}
    entities = legal_entity_roots(db, units=bodies - roots.keys(), on=on)
    counts_as = roots | {unit: found.counts_as for unit, found in entities.items()}
    found = [(row, pair, years) for row in people for pair, years in untied(row.works, row.posts, counts_as).items()]
    return sorted(found, key=lambda each: (-len(each[2]), each[0].id, each[1]))


def _named(works: Iterable[BodiesOfWork]) -> Iterable[str]:
    return (body for work in works for body in work.organisations or ())


def untied(
    works: Iterable[BodiesOfWork], posts: Iterable[str], counts_as: Mapping[str, str]
) -> dict[tuple[str, str], tuple[int, ...]]:
    """Which two legal entities has a person in one year, tied by no work and no posts, and in which years?

    `counts_as` is the legal entity of each body; a body without one is left out.
    """
    of_work: dict[str, set[str]] = defaultdict(set)
    of_year: dict[int, set[str]] = defaultdict(set)
    for work in works:
        entities = {counts_as[body] for body in work.organisations or () if body in counts_as}
        of_work[work.work] |= entities
        if work.year is not None:
            of_year[work.year] |= entities
    held = {counts_as[body] for body in posts if body in counts_as}
    tied = {pair for group in (held, *of_work.values()) for pair in combinations(sorted(group), 2)}
    found: dict[tuple[str, str], set[int]] = defaultdict(set)
    for year, entities in of_year.items():
        for pair in combinations(sorted(entities), 2):
            if pair not in tied:
                found[pair].add(year)
    return {pair: tuple(sorted(years)) for pair, years in sorted(found.items())}
