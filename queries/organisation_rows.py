"""One body as the graph has it and as its profile shows it: rows and the texts that read them."""

from __future__ import annotations

from typing import Final, Literal, LiteralString

from pydantic import BaseModel, ConfigDict

from graph.database import Query
from queries.answers import Answer, PersonCount, ServiceEvidence, SourceClaim
from queries.expert_facts import NamedThing


class DatedName(BaseModel):
    """A further name with its kind and time."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str
    kind: str
    valid_from: str | None
    valid_to: str | None


class OtherBody(BaseModel):
    """A body related to the one asked for; `tie` says how, dates as the graph has them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    kind: str
    tie: str
    on: str | None
    valid_from: str | None
    valid_to: str | None


class OrganisationProfileFacts(BaseModel):
    """What the graph knows of one body beside people and works."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    kind: str
    level: str
    status: str
    grade: str
    website: str
    uscc: str
    ror: str
    founded_year: int | None
    verified: bool
    society: bool
    fictional: bool
    names: list[DatedName]
    regions: list[NamedThing]
    related: list[OtherBody]
    sources: list[SourceClaim]


ORGANISATION_PROFILE_FACTS: Final = Query(
    "organisation_profile_facts",
    """
MATCH (o:Organisation {id: $id})
RETURN o.id AS id, coalesce(o.name, '') AS name, coalesce(o.kind, '') AS kind, coalesce(o.level, '') AS level,
  coalesce(o.status, '') AS status, coalesce(o.grade, '') AS grade, coalesce(o.website, '') AS website,
  coalesce(o.uscc, '') AS uscc, coalesce(o.ror, '') AS ror, o.founded_year AS founded_year,
  coalesce(o.verified, false) AS verified, o:Society AS society, coalesce(o.fictional, false) AS fictional,
  [(o)-[:HAS_NAME]->(n:Name) WHERE n.tombstone IS NULL | {
    text: coalesce(n.text, ''), kind: coalesce(n.kind, ''), valid_from: n.valid_from, valid_to: n.valid_to
  }] AS names,
  [(o)-[:LOCATED_IN]->(r:Region) WHERE r.tombstone IS NULL | {id: r.code, name: coalesce(r.name, r.code)}] AS regions,
  [(o)-[r:SUCCEEDED_BY|PART_OF|HOSTED_BY|GUIDES]->(b:Organisation)
    WHERE b.tombstone IS NULL AND coalesce(b.visibility, '') <> 'restricted' | {
    id: b.id, name: coalesce(b.name, ''), kind: coalesce(b.kind, ''), tie: type(r) + '>' + coalesce(r.kind, ''),
    on: r.on, valid_from: r.valid_from, valid_to: r.valid_to
  }] + [(o)<-[r:SUCCEEDED_BY|PART_OF|HOSTED_BY|GUIDES]-(b:Organisation)
    WHERE b.tombstone IS NULL AND coalesce(b.visibility, '') <> 'restricted' | {
    id: b.id, name: coalesce(b.name, ''), kind: coalesce(b.kind, ''), tie: type(r) + '<' + coalesce(r.kind, ''),
    on: r.on, valid_from: r.valid_from, valid_to: r.valid_to
  }] AS related,
  [(o)<-[a:ASSERTS]-(s:Source) | {source: s.id, run: coalesce(a.run, '')}] AS sources
""",
    OrganisationProfileFacts,
)


class UnitTie(BaseModel):
    """What a body is part of, or was merged into."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    to: str
    merged: bool
    valid_from: str | None
    valid_to: str | None


class UnitUnder(BaseModel):
    """A body at or somewhere below another, on some day or other."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    ties: list[UnitTie]


# Departments within departments; deeper trees are circles or mistakes.
UNITS_UNDER: Final = Query(
    "units_under",
    """
MATCH (o:Organisation {id: $body})<-[:PART_OF|MERGED_INTO*0..8]-(u:Organisation)
WITH DISTINCT u
RETURN u.id AS id, [(u)-[r:PART_OF|MERGED_INTO]->(v:Organisation) | {
    to: v.id, merged: type(r) = 'MERGED_INTO', valid_from: r.valid_from, valid_to: r.valid_to
  }] AS ties
""",
    UnitUnder,
)

# Works in which the body, or what is below it, stands beside the name of a person who has or had a post there.
_WORKS_OF_UNITS: Final[LiteralString] = """
UNWIND $units AS unit
MATCH (o:Organisation {id: unit})<-[:AFFILIATED_WITH]-(p:Person)
WHERE p.tombstone IS NULL AND coalesce(p.visibility, '') <> 'restricted'
  AND NOT EXISTS { (p)-[:MERGED_INTO]->(:Person) }
WITH DISTINCT p
MATCH (p)-[m:AUTHORED|LED|PARTICIPATED_IN]->(w)
WHERE w.tombstone IS NULL AND coalesce(w.visibility, '') <> 'restricted'
  AND any(body IN coalesce(m.organisations, []) WHERE body IN $units)
"""

ORGANISATION_PEOPLE: Final = Query(
    "organisation_people",
    _WORKS_OF_UNITS
    + """RETURN p.id AS id, coalesce(p.name, '') AS name, count(DISTINCT w.id) AS works
ORDER BY works DESC, name, id
LIMIT $people
""",
    PersonCount,
)


class WorksOfYear(BaseModel):
    """How many works people of the body wrote in a year (None: no year), naming the body."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    year: int | None
    outputs: int
    projects: int
    led: int


ORGANISATION_YEARS: Final = Query(
    "organisation_years",
    _WORKS_OF_UNITS
    + """RETURN w.year AS year,
  count(DISTINCT CASE WHEN type(m) = 'AUTHORED' THEN w.id END) AS outputs,
  count(DISTINCT CASE WHEN type(m) <> 'AUTHORED' THEN w.id END) AS projects,
  count(DISTINCT CASE WHEN type(m) = 'LED' THEN w.id END) AS led
ORDER BY year
""",
    WorksOfYear,
)


class PeopleTotal(BaseModel):
    """How many people have or had a post in the body or below it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    people: int


ORGANISATION_PEOPLE_TOTAL: Final = Query(
    "organisation_people_total",
    """
UNWIND $units AS unit
MATCH (o:Organisation {id: unit})<-[:AFFILIATED_WITH]-(p:Person)
WHERE p.tombstone IS NULL AND coalesce(p.visibility, '') <> 'restricted'
  AND NOT EXISTS { (p)-[:MERGED_INTO]->(:Person) }
RETURN count(DISTINCT p.id) AS people
""",
    PeopleTotal,
)


class BodyTie(Answer):
    """A body in the history or neighbourhood of another: `how` it is related, with days where they are known.

    `standing` says whether it holds on the day asked for; of renamings and mergers `on` is the first possible day.
    """

    id: str
    name: str
    kind: str
    how: str
    on: str | None
    since: str | None
    until: str | None
    standing: Literal["current", "former", "unconfirmed"]


class NameShown(Answer):
    """A further name: kind (former, alias, english, abbreviation) and the days in which it was borne, if known."""

    text: str
    kind: str
    since: str | None
    until: str | None


class CommissionedWork(Answer):
    """A project that the body commissioned."""

    id: str
    title: str
    year: int | None
    programme: str


class OrganisationProfile(Answer):
    """All that is public of one body, and where it comes from; lists are the first of as many as the totals say.

    Works are those in which the body, or what is below it, stands beside a name; `projects_led` are among them.
    """

    id: str
    redirected_from: str | None
    name: str
    names: tuple[NameShown, ...]
    kind: str
    level: str
    status: str
    grade: str
    website: str
    uscc: str
    ror: str
    founded_year: int | None
    verified: bool
    society: bool
    legal_entity: NamedThing
    counts_as: str
    regions: tuple[NamedThing, ...]
    predecessors: tuple[BodyTie, ...]
    successors: tuple[BodyTie, ...]
    part_of: tuple[BodyTie, ...]
    parts: tuple[BodyTie, ...]
    parts_total: int
    hosted_by: tuple[BodyTie, ...]
    hosts: tuple[BodyTie, ...]
    hosts_total: int
    guided_by: tuple[BodyTie, ...]
    guides_total: int
    people: tuple[PersonCount, ...]
    people_total: int
    works_by_year: tuple[WorksOfYear, ...]
    outputs_total: int
    projects_total: int
    projects_led: int
    services: tuple[ServiceEvidence, ...]
    services_total: int
    services_verified: int
    commissioned: tuple[CommissionedWork, ...]
    commissioned_total: int
    sources: tuple[SourceClaim, ...]
    fictional: bool
