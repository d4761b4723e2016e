"""Who knows about a topic?  Ranked experts, each with the works that speak for them and what is known of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from pydantic import BaseModel, ConfigDict

from graph.database import Database, Query
from graph.identity import region_code
from graph.textindex import TextIndex
from queries.answers import ExpertsAnswer, FoundExpert
from queries.bodies import organisations_named
from queries.evidence import EvidenceWork, WorkShown, role_of, shown_evidence
from queries.networks import all_ids
from queries.posts import Affiliation, posts_and_memberships, today
from queries.ranking import Hit, Ranked, rank
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

NOBODY_MATCHES: Final = "没有人同时符合所选的筛选条件（{}）：放宽或去掉其中一项"


class NamedThing(BaseModel):
    """A topic or honour: its id tells two of one name apart, and makes one of two sources' relationships."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str


class ExpertFacts(BaseModel):
    """What the graph knows of one person shown, with the evidence works asked for."""

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


# The works are looked up by their ids (a person may have thousands), mentions from the work's side, where they are
# few.
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
  [(p)-[r:AFFILIATED_WITH|MEMBER_OF]->(o:Organisation)
    WHERE o.tombstone IS NULL AND coalesce(o.visibility, '') <> 'restricted' | {
    organisation: o.id, name: coalesce(o.name, ''), society: o:Society, member: type(r) = 'MEMBER_OF', role: r.role,
    department: r.department, observed_year: r.observed_year, valid_from: r.valid_from,
    valid_from_precision: r.valid_from_precision, valid_to: r.valid_to, valid_to_precision: r.valid_to_precision
  }] AS affiliations,
  [(p)-[:EXPERT_IN]->(t:Topic) WHERE t.tombstone IS NULL | {id: t.id, name: coalesce(t.name, t.id)}] AS topics,
  [(p)-[:HAS_HONOUR]->(h:Honour) WHERE h.tombstone IS NULL | {id: h.id, name: coalesce(h.name, '')}] AS honours,
  COLLECT {
    UNWIND wanted.outputs AS work
    MATCH (w:Output {id: work})
    WHERE w.tombstone IS NULL AND coalesce(w.visibility, '') <> 'restricted'
    RETURN {
      id: w.id, title: coalesce(w.title, ''), year: w.year, venue: coalesce(w.venue, ''),
      mentions: [(w)<-[m:AUTHORED]-(q:Person) WHERE q.id = wanted.id | {
        type: type(m), position: m.position, corresponding: m.corresponding, role: null
      }]
    }
  } AS outputs,
  COLLECT {
    UNWIND wanted.projects AS work
    MATCH (w:Project {id: work})
    WHERE w.tombstone IS NULL AND coalesce(w.visibility, '') <> 'restricted'
    RETURN {
      id: w.id, title: coalesce(w.title, ''), year: w.year, venue: coalesce(w.programme, ''),
      mentions: [(w)<-[m:LED|PARTICIPATED_IN]-(q:Person) WHERE q.id = wanted.id | {
        type: type(m), position: m.position, corresponding: null, role: m.role
      }]
    }
  } AS projects
""",
    ExpertFacts,
)


@dataclass(frozen=True, slots=True)
class _Filters:
    """Which people may be in the answer: None = anybody; `asked_for` names the filters for the note."""

    people: Collection[str] | None
    asked_for: tuple[str, ...] = ()


def experts_for_topic(
    db: Database,
    index: TextIndex,
    *,
    text: str,
    limit: int = 20,
    region: str | None = None,
    organisation: str | None = None,
    society: str | None = None,
    since_year: int | None = None,
    professional_title: str | None = None,
    exclude: Collection[str] = (),
    evidence: int = EVIDENCE_SHOWN,
    on: date | None = None,
    among: Collection[str] | None = None,
) -> ExpertsAnswer:
    """Who knows about this topic, best first, and why?

    `text` is a word or a paragraph (cut at 50,000 characters). At most `limit` (1 to 200) people, each with `evidence`
    (0 to 50) works, whose shares are of the whole score; `evidence_total` counts all works found. Filters: `region`
    code (13 or 130000, subtree included), `organisation` and `society` by id or exact name (departments included),
    `since_year` of the works that count, `professional_title`; they apply before the ranking. `exclude` are person
    ids, merges followed; with `among` only these people (ids of today) may be in the answer. Posts hold on the day
    `on`, today by default. `works_without_abstract` counts those of all evidence works that are a title and keywords
    only. A question without words, or with words nobody wrote about, gives
    an empty answer whose notes say what to do. Scores order one answer; they are not comparable between questions
    (`queries.ranking`).

    Raises `InputError` for a number out of bounds, `StoreUnavailableError` when the graph does not answer.
    """
    check_limit(limit)
    check_limit(evidence, name="evidence", least=0, most=MOST_EVIDENCE)
    question = asked(text)
    day = on or today()
    filters = _filters(
        index, question, region=region, organisation=organisation, society=society, title=professional_title, on=day
    )
    if among is not None:
        allowed = frozenset(among) if filters.people is None else frozenset(among).intersection(filters.people)
        filters = _Filters(allowed, (*filters.asked_for, "所给的人"))
    if filters.asked_for and not filters.people:
        return _answer(index, question, 0, (), NOBODY_MATCHES.format("、".join(filters.asked_for)))
    found = works_found(index, question, since_year=since_year, people=filters.people)
    candidates = _candidates(ranking_hits(found), filters.people, all_ids(db, people=exclude))
    if not candidates.people:
        return _answer(index, question, 0, (), nothing_found(index) if question.question.terms else "")
    collection, reasons = collection_of(index), Reasons(question, found)
    facts: dict[str, ExpertFacts] = {}

    def best(hidden: Collection[str]) -> list[Ranked]:
        return rank(question.question, candidates.hits, collection, limit=limit, exclude=hidden)

    def known(ranked: Sequence[Ranked]) -> dict[str, ExpertFacts]:
        facts.update((row.id, row) for row in db.read(EXPERT_FACTS, people=reasons.wanted(ranked, evidence)))
        return facts

    ranked, hidden = answers_with_facts(best, known)
    experts = tuple(_expert(place, each, facts[each.id], reasons, day) for place, each in enumerate(ranked, start=1))
    return _answer(index, question, len(candidates.people) - hidden, experts, "")


@dataclass(frozen=True, slots=True)
class _Candidates:
    """The works found with only those people who may be in the answer."""

    hits: list[Hit]
    people: set[str]


def _candidates(hits: Sequence[Hit], allowed: Collection[str] | None, excluded: frozenset[str]) -> _Candidates:
    kept: list[Hit] = []
    everybody: set[str] = set()
    for hit in hits:
        people = [id for id in hit.people if id not in excluded and (allowed is None or id in allowed)]
        if people:
            everybody.update(people)
            kept.append(hit._replace(people=people))
    return _Candidates(kept, everybody)


def _filters(
    index: TextIndex,
    question: Asked,
    *,
    region: str | None,
    organisation: str | None,
    society: str | None,
    title: str | None,
    on: date,
) -> _Filters:
    given = {"地区": region, "单位": organisation, "学会": society, "职称": title}
    chosen = {name: value.strip() for name, value in given.items() if value and value.strip()}
    if not chosen or not question.question.terms:
        return _Filters(None)
    day = on.isoformat()
    people = index.people_matching(
        region=region_code(chosen["地区"]) if "地区" in chosen else None,
        organisations=organisations_named(index, chosen["单位"]) if "单位" in chosen else None,
        professional_title=chosen.get("职称"),
        on=day,
    )
    if "学会" in chosen:
        # A post in a society counts as belonging to it, as in the memberships shown.
        bodies = organisations_named(index, chosen["学会"])
        people &= index.people_matching(societies=bodies, on=day) | index.people_matching(organisations=bodies, on=day)
    return _Filters(people, tuple(f"{name}：{value}" for name, value in chosen.items()))


def _expert(place: int, ranked: Ranked, person: ExpertFacts, reasons: Reasons, on: date) -> FoundExpert:
    posts, memberships = posts_and_memberships(person.affiliations, on)
    return FoundExpert(
        rank=place,
        id=ranked.id,
        name=person.name,
        score=ranked.score,
        coverage=ranked.coverage,
        parts=reasons.parts(ranked),
        evidence=shown_evidence(ranked, evidence_works(person), reasons),
        evidence_total=len(ranked.evidence),
        posts=posts,
        memberships=memberships,
        topics=distinct_names(person.topics),
        fields=tuple(person.fields),
        professional_title=person.professional_title,
        honours=distinct_names(person.honours),
        works_without_abstract=reasons.without_abstract(ranked),
        fictional=person.fictional,
    )


def evidence_works(person: ExpertFacts) -> dict[str, WorkShown]:
    """Return the evidence works of a person's facts by id."""
    outputs = {
        work.id: WorkShown("output", role_of(work.mentions), work.title, work.year, work.venue)
        for work in person.outputs
    }
    projects = {
        work.id: WorkShown("project", role_of(work.mentions), work.title, work.year, work.venue)
        for work in person.projects
    }
    return {**outputs, **projects}


def distinct_names(things: Sequence[NamedThing]) -> tuple[str, ...]:
    """Return the names of distinct things, in the order of the names."""
    return tuple(sorted({thing.id: thing.name for thing in things}.values()))


def _answer(
    index: TextIndex, question: Asked, candidates: int, experts: tuple[FoundExpert, ...], note: str
) -> ExpertsAnswer:
    return ExpertsAnswer(
        question=question.text,
        terms=question.question.terms,
        candidates=candidates,
        experts=experts,
        notes=(*question.notes, note) if note else question.notes,
        ranking=RANKING,
        sequence=index.sequence,
    )
