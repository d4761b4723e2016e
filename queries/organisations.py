"""Which organisations know about a topic?  Ranked by the works of their people, under their legal entities."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import Final

from pydantic import BaseModel, ConfigDict

from graph.database import Database, Query
from graph.identity import region_code
from graph.text import fold
from graph.textindex import TextIndex
from queries.answers import FoundOrganisation, OrganisationsAnswer, PersonCount
from queries.evidence import WorkShown, shown_evidence
from queries.legal_entities import legal_entities
from queries.posts import today
from queries.ranking import BODIES, Hit, Ranked, rank
from queries.retrieval import (
    EVIDENCE_SHOWN,
    MOST_EVIDENCE,
    RANKING,
    Asked,
    Reasons,
    answers_with_facts,
    asked,
    check_limit,
    collection_of,
    nothing_found,
    ranking_hits,
    works_found,
)
from queries.services import services_matching

# Of an organisation's people in the works shown, those with most of them.
PEOPLE_SHOWN: Final = 10
_AUTHORS: Final = "作者单位"
_LEADERS: Final = "承担单位"


class MentionedPerson(BaseModel):
    """A person in a work, with the organisations that the affiliation written there was matched to."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    organisations: list[str]


class OrganisationWork(BaseModel):
    """One evidence work of an organisation, with everybody in it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    title: str
    year: int | None
    venue: str
    people: list[MentionedPerson]


class Place(BaseModel):
    """A region in which a body lies."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    name: str


class OrganisationFacts(BaseModel):
    """What the graph knows of one organisation shown, with the evidence works asked for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    kind: str
    verified: bool
    fictional: bool
    regions: list[Place]
    outputs: list[OrganisationWork]
    projects: list[OrganisationWork]


ORGANISATION_FACTS: Final = Query(
    "organisation_facts",
    """
UNWIND $organisations AS wanted
MATCH (o:Organisation {id: wanted.id})
WHERE o.tombstone IS NULL AND coalesce(o.visibility, '') <> 'restricted'
  AND NOT EXISTS { (o)-[:MERGED_INTO]->(:Organisation) }
RETURN o.id AS id,
  coalesce(o.name, '') AS name,
  coalesce(o.kind, '') AS kind,
  coalesce(o.verified, false) AS verified,
  coalesce(o.fictional, false) AS fictional,
  [(o)-[:LOCATED_IN]->(r:Region) WHERE r.tombstone IS NULL | {code: r.code, name: coalesce(r.name, r.code)}]
    AS regions,
  COLLECT {
    UNWIND wanted.outputs AS work
    MATCH (w:Output {id: work})
    WHERE w.tombstone IS NULL AND coalesce(w.visibility, '') <> 'restricted'
    RETURN {
      id: w.id, title: coalesce(w.title, ''), year: w.year, venue: coalesce(w.venue, ''),
      people: [(w)<-[m:AUTHORED]-(p:Person)
        WHERE p.tombstone IS NULL AND coalesce(p.visibility, '') <> 'restricted'
          AND NOT EXISTS { (p)-[:MERGED_INTO]->(:Person) } | {
        id: p.id, name: coalesce(p.name, ''), organisations: coalesce(m.organisations, [])
      }]
    }
  } AS outputs,
  COLLECT {
    UNWIND wanted.projects AS work
    MATCH (w:Project {id: work})
    WHERE w.tombstone IS NULL AND coalesce(w.visibility, '') <> 'restricted'
    RETURN {
      id: w.id, title: coalesce(w.title, ''), year: w.year, venue: coalesce(w.programme, ''),
      people: [(w)<-[m:LED|PARTICIPATED_IN]-(p:Person)
        WHERE p.tombstone IS NULL AND coalesce(p.visibility, '') <> 'restricted'
          AND NOT EXISTS { (p)-[:MERGED_INTO]->(:Person) } | {
        id: p.id, name: coalesce(p.name, ''), organisations: coalesce(m.organisations, [])
      }]
    }
  } AS projects
""",
    OrganisationFacts,
)


@dataclass(frozen=True, slots=True)
class _Units:
    """Works with the legal entities of their mentions in place of the units written there."""

    hits: list[Hit]
    root_of: Mapping[str, str]
    candidates: int


def organisations_for_topic(
    db: Database,
    index: TextIndex,
    *,
    text: str,
    limit: int = 20,
    region: str | None = None,
    since_year: int | None = None,
    evidence: int = EVIDENCE_SHOWN,
    on: date | None = None,
    until_year: int | None = None,
    organisation_level: str | None = None,
    organisation_kind: str | None = None,
) -> OrganisationsAnswer:
    """Which organisations know about this topic, best first, and by whose works?

    A work counts for the organisations that its authors' or leaders' written affiliations were matched to, each rolled
    up to the legal entity it counts as on the day `on` (`queries.legal_entities`), once however many of its
    people wrote it. The score is that of people (`queries.ranking`), and orders this answer only. `region` is a code
    (subtree included) of where the unit or the body above it lies, `organisation_level` and `organisation_kind` what
    it, or the body above it, is; `since_year` and `until_year` the first and last year of the works that count, `limit`
    1 to 200, `evidence` (0 to 50) the works shown of each; `people` counts each person's works among those shown.
    `services` of the register that hold words of the question stand beside the works as reasons; they weigh nothing in
    the score (`queries.services.organisations_offering` ranks by them).

    Raises `InputError` for a number out of bounds, `StoreUnavailableError` when the graph does not answer.
    """
    check_limit(limit)
    check_limit(evidence, name="evidence", least=0, most=MOST_EVIDENCE)
    question = asked(text)
    inside = index.organisations_within(region=region_code(region)) if region and region.strip() else None
    inside = _of_kind(index, inside, organisation_level, organisation_kind)
    found = works_found(index, question, since_year=since_year, until_year=until_year, organisations=inside)
    units = _rolled_up(db, ranking_hits(found), inside, on or today())
    if not units.candidates:
        return _answer(index, question, 0, (), _why_empty(index, question, region))
    collection, reasons = collection_of(index), Reasons(question, found)
    facts: dict[str, OrganisationFacts] = {}

    def best(hidden: Collection[str]) -> list[Ranked]:
        by = attrgetter("organisations")
        return rank(
            question.question,
            units.hits,
            collection,
            by=by,
            limit=limit,
            exclude=hidden,
            discounts=BODIES,
            what_if=evidence,
        )

    def known(ranked: Sequence[Ranked]) -> dict[str, OrganisationFacts]:
        wanted = reasons.wanted(ranked, evidence)
        facts.update((row.id, row) for row in db.read(ORGANISATION_FACTS, organisations=wanted))
        return facts

    ranked, hidden = answers_with_facts(best, known)
    services = services_matching(db, organisations=[each.id for each in ranked], question=question)
    shown = tuple(
        _organisation(place, each, facts[each.id], units.root_of, reasons).model_copy(
            update={"services": services.get(each.id, ())}
        )
        for place, each in enumerate(ranked, start=1)
    )
    return _answer(index, question, units.candidates - hidden, shown, "")


def _of_kind(index: TextIndex, inside: set[str] | None, level: str | None, kind: str | None) -> set[str] | None:
    wanted = [fold(each or "") for each in (level, kind)]
    if not any(wanted):
        return inside
    bodies = index.people.bodies
    for of, value in zip((bodies.levels, bodies.kinds), wanted, strict=True):
        if value:
            inside = {id for id in (bodies.bodies if inside is None else inside) if value in map(fold, of(id))}
    return inside


def _rolled_up(db: Database, hits: Sequence[Hit], inside: Collection[str] | None, on: date) -> _Units:
    mentioned = {id for hit in hits for id in hit.organisations if inside is None or id in inside}
    root_of = legal_entities(db, organisations=mentioned, on=on)
    rolled = [
        hit._replace(organisations=tuple(dict.fromkeys(root_of[id] for id in hit.organisations if id in root_of)))
        for hit in hits
    ]
    candidates = {root for hit in rolled for root in hit.organisations}
    return _Units([hit for hit in rolled if hit.organisations], root_of, len(candidates))


def _why_empty(index: TextIndex, question: Asked, region: str | None) -> str:
    if not question.question.terms:
        return ""
    if region and region.strip():
        return f"地区 {region.strip()} 的单位里没有找到含有这些词的成果或项目：换一个地区代码或去掉地区条件"
    return nothing_found(index)


def _organisation(
    place: int, ranked: Ranked, body: OrganisationFacts, root_of: Mapping[str, str], reasons: Reasons
) -> FoundOrganisation:
    return FoundOrganisation(
        rank=place,
        id=ranked.id,
        name=body.name,
        kind=body.kind,
        region=_region(body.regions),
        verified=body.verified,
        score=ranked.score,
        coverage=ranked.coverage,
        parts=reasons.parts(ranked),
        evidence=shown_evidence(ranked, _works(body), reasons),
        evidence_total=len(ranked.evidence),
        people=_people(body, root_of),
        fictional=body.fictional,
    )


def _region(places: Sequence[Place]) -> str:
    """The name of the narrowest region: the longest code, of equal ones the smaller."""
    return min(places, key=lambda place: (-len(place.code), place.code)).name if places else ""


def _works(body: OrganisationFacts) -> dict[str, WorkShown]:
    outputs = {work.id: WorkShown("output", _AUTHORS, work.title, work.year, work.venue) for work in body.outputs}
    projects = {work.id: WorkShown("project", _LEADERS, work.title, work.year, work.venue) for work in body.projects}
    return {**outputs, **projects}


def _people(body: OrganisationFacts, root_of: Mapping[str, str]) -> tuple[PersonCount, ...]:
    names: dict[str, str] = {}
    works: Counter[str] = Counter()
    for work in body.outputs + body.projects:
        here = {
            person.id: person.name
            for person in work.people
            if any(root_of.get(organisation) == body.id for organisation in person.organisations)
        }
        names.update(here)
        works.update(here.keys())
    best = sorted(names, key=lambda id: (-works[id], names[id], id))[:PEOPLE_SHOWN]
    return tuple(PersonCount(id=id, name=names[id], works=works[id]) for id in best)


def _answer(
    index: TextIndex, question: Asked, candidates: int, found: tuple[FoundOrganisation, ...], note: str
) -> OrganisationsAnswer:
    return OrganisationsAnswer(
        question=question.text,
        terms=question.question.terms,
        candidates=candidates,
        organisations=found,
        notes=(*question.notes, note) if note else question.notes,
        ranking=RANKING,
        sequence=index.sequence,
    )
