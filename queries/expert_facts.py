"""What the graph knows of the people whom an answer shows, read at once for all of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel, ConfigDict

from graph.database import Database, Query
from queries.evidence import EvidenceWork, Kind, WorkShown, role_of
from queries.posts import Affiliation
from queries.retrieval import FactsWanted


class NamedThing(BaseModel):
    """A topic or honour: its id tells two of one name apart, and makes one of two sources' relationships."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str


class ExpertRow(BaseModel):
    """What the query returns of one person, with the works that were asked for in this row."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    professional_title: str
    fields: list[str]
    fictional: bool
    affiliations: list[Affiliation]
    topics: list[NamedThing]
    honours: list[NamedThing]
    outputs: list[EvidenceWork]
    projects: list[EvidenceWork]


@dataclass(frozen=True, slots=True)
class ExpertFacts:
    """What the graph knows of one person shown, with the evidence works asked for by id."""

    id: str
    name: str
    professional_title: str
    fields: Sequence[str]
    fictional: bool
    affiliations: Sequence[Affiliation]
    topics: Sequence[NamedThing]
    honours: Sequence[NamedThing]
    works: Mapping[str, WorkShown]


# The works are looked up by their ids (a person may have thousands), mentions from the work's side, where they are
# few. A work of several people is asked for once, in the row of the first: 55 rows of works instead of 93 for a
# question; the engines take as long as before (ArcadeDB 18 to 20 ms either way). Of the years in which works name one
# body, the first and the last say all that a post is made of: 12 ms against 30 for twenty people with 16 years each on
# Neo4j, a fifth of the rows.
EXPERT_FACTS: Final = Query(
    "expert_facts",
    """
UNWIND $people AS wanted
MATCH (p:Person {id: wanted.id})
WHERE p.tombstone IS NULL AND coalesce(p.visibility, '') <> 'restricted'
  AND NOT EXISTS { (p)-[:MERGED_INTO]->(:Person) }
RETURN p.id AS id,
  coalesce(p.name, '') AS name,
  coalesce(p.professional_title, '') AS professional_title,
  coalesce(p.fields, []) AS fields,
  coalesce(p.fictional, false) AS fictional,
  COLLECT {
    MATCH (p)-[r:AFFILIATED_WITH|MEMBER_OF]->(o:Organisation)
    WHERE o.tombstone IS NULL AND coalesce(o.visibility, '') <> 'restricted'
    WITH o, type(r) = 'MEMBER_OF' AS member, r.role AS role, r.department AS department,
      r.valid_from AS valid_from, r.valid_from_precision AS valid_from_precision,
      r.valid_to AS valid_to, r.valid_to_precision AS valid_to_precision, r.observed_year IS NULL AS stated,
      min(r.observed_year) AS first, max(r.observed_year) AS last
    UNWIND CASE WHEN stated OR first = last THEN [last] ELSE [first, last] END AS year
    RETURN {
      organisation: o.id, name: coalesce(o.name, ''), society: o:Society, member: member, role: role,
      department: department, observed_year: year, valid_from: valid_from, valid_from_precision: valid_from_precision,
      valid_to: valid_to, valid_to_precision: valid_to_precision
    }
  } AS affiliations,
  [(p)-[:EXPERT_IN]->(t:Topic) WHERE t.tombstone IS NULL | {id: t.id, name: coalesce(t.name, t.id)}] AS topics,
  [(p)-[:HAS_HONOUR]->(h:Honour) WHERE h.tombstone IS NULL | {id: h.id, name: coalesce(h.name, '')}] AS honours,
  COLLECT {
    UNWIND wanted.outputs AS work
    MATCH (w:Output {id: work.id})
    WHERE w.tombstone IS NULL AND coalesce(w.visibility, '') <> 'restricted'
    RETURN {
      id: w.id, title: coalesce(w.title, ''), year: w.year, venue: coalesce(w.venue, ''),
      mentions: [(w)<-[m:AUTHORED]-(q:Person) WHERE q.id IN work.people | {
        person: q.id, type: type(m), position: m.position, corresponding: m.corresponding, role: null
      }]
    }
  } AS outputs,
  COLLECT {
    UNWIND wanted.projects AS work
    MATCH (w:Project {id: work.id})
    WHERE w.tombstone IS NULL AND coalesce(w.visibility, '') <> 'restricted'
    RETURN {
      id: w.id, title: coalesce(w.title, ''), year: w.year, venue: coalesce(w.programme, ''),
      mentions: [(w)<-[m:LED|PARTICIPATED_IN]-(q:Person) WHERE q.id IN work.people | {
        person: q.id, type: type(m), position: m.position, corresponding: null, role: m.role
      }]
    }
  } AS projects
""",
    ExpertRow,
)


def without_works(ids: Iterable[str]) -> list[FactsWanted]:
    """Return people of whom no work is wanted."""
    return [{"id": id, "outputs": (), "projects": ()} for id in ids]


def expert_facts(db: Database, people: Iterable[FactsWanted]) -> dict[str, ExpertFacts]:
    """What does the graph know of these people?  By id; stubs, tombstones and hidden people are missing."""
    wanted = list(people)
    while True:
        rows = {row.id: row for row in db.read(EXPERT_FACTS, people=each_work_once(wanted))} if wanted else {}
        shown = [each for each in wanted if each["id"] in rows]
        if len(shown) == len(wanted) or not any(each["outputs"] or each["projects"] for each in wanted):
            break
        # A work in the row of somebody missing may be evidence for others.
        wanted = shown
    works = _works(rows.values())
    return {each["id"]: _facts(rows[each["id"]], each, works) for each in shown}


def each_work_once(wanted: Sequence[FactsWanted]) -> list[dict[str, object]]:
    """Return the parameter of `EXPERT_FACTS`: each work with the people it is evidence for, in the row of the first."""
    people: dict[str, list[str]] = {}
    for each in wanted:
        for work in (*each["outputs"], *each["projects"]):
            people.setdefault(work, []).append(each["id"])

    def first_here(person: str, works: Sequence[str]) -> list[dict[str, object]]:
        return [{"id": work, "people": people[work]} for work in works if people[work][0] == person]

    return [
        {
            "id": each["id"],
            "outputs": first_here(each["id"], each["outputs"]),
            "projects": first_here(each["id"], each["projects"]),
        }
        for each in wanted
    ]


def _works(rows: Iterable[ExpertRow]) -> dict[str, tuple[Kind, EvidenceWork]]:
    found: dict[str, tuple[Kind, EvidenceWork]] = {}
    for row in rows:
        found.update((work.id, ("output", work)) for work in row.outputs)
        found.update((work.id, ("project", work)) for work in row.projects)
    return found


def _facts(row: ExpertRow, wanted: FactsWanted, works: Mapping[str, tuple[Kind, EvidenceWork]]) -> ExpertFacts:
    shown: dict[str, WorkShown] = {}
    for id in (*wanted["outputs"], *wanted["projects"]):
        if id in works:
            kind, work = works[id]
            role = role_of(mention for mention in work.mentions if mention.person == row.id)
            shown[id] = WorkShown(kind, role, work.title, work.year, work.venue)
    return ExpertFacts(
        row.id,
        row.name,
        row.professional_title,
        row.fields,
        row.fictional,
        row.affiliations,
        row.topics,
        row.honours,
        shown,
    )


def distinct_names(things: Sequence[NamedThing]) -> tuple[str, ...]:
    """Return the names of distinct things, in the order of the names."""
    return tuple(sorted({thing.id: thing.name for thing in things}.values()))
