"""All that is public of one person, and which sources say so."""

from __future__ import annotations

from datetime import date
from typing import Final

from pydantic import BaseModel, ConfigDict

from graph.database import Database, Query
from graph.work_mentions import Mention
from queries.answers import Evidence, ExpertProfile, SourceClaim
from queries.evidence import Kind, role_of
from queries.expert_facts import NamedThing, distinct_names
from queries.merges import current_person
from queries.networks import collaborators_of
from queries.posts import Affiliation, posts_and_memberships, today
from queries.retrieval import check_limit

MOST_WORKS: Final = 1_000
COLLABORATORS_SHOWN: Final = 20


class ProfileFacts(BaseModel):
    """What the graph knows of one person beside works and collaborators."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    other_names: list[str]
    is_expert: bool
    professional_title: str
    tier: str
    expert_kind: str
    summary: str
    fields: list[str]
    orcid: str
    fictional: bool
    affiliations: list[Affiliation]
    honours: list[NamedThing]
    topics: list[NamedThing]
    sources: list[SourceClaim]
    works_total: int


class ProfileWork(BaseModel):
    """One work of a person, with the person's mentions in it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    kind: Kind
    title: str
    year: int | None
    venue: str
    mentions: list[Mention]


PROFILE_FACTS: Final = Query(
    "profile_facts",
    """
MATCH (p:Person {id: $id})
WHERE p.tombstone IS NULL AND coalesce(p.visibility, '') <> 'restricted'
RETURN p.id AS id,
  coalesce(p.name, '') AS name,
  [(p)-[:HAS_NAME]->(n:Name) WHERE n.tombstone IS NULL | coalesce(n.text, '')] AS other_names,
  p:Expert AS is_expert,
  coalesce(p.professional_title, '') AS professional_title,
  coalesce(p.tier, '') AS tier,
  coalesce(p.expert_kind, '') AS expert_kind,
  coalesce(p.summary, '') AS summary,
  coalesce(p.fields, []) AS fields,
  coalesce(p.orcid, '') AS orcid,
  coalesce(p.fictional, false) AS fictional,
  [(p)-[r:AFFILIATED_WITH|MEMBER_OF]->(o:Organisation)
    WHERE o.tombstone IS NULL AND coalesce(o.visibility, '') <> 'restricted' | {
    organisation: o.id, name: coalesce(o.name, ''), society: o:Society, member: type(r) = 'MEMBER_OF', role: r.role,
    department: r.department, observed_year: r.observed_year, valid_from: r.valid_from,
    valid_from_precision: r.valid_from_precision, valid_to: r.valid_to, valid_to_precision: r.valid_to_precision
  }] AS affiliations,
  [(p)-[:HAS_HONOUR]->(h:Honour) WHERE h.tombstone IS NULL | {id: h.id, name: coalesce(h.name, '')}] AS honours,
  [(p)-[:EXPERT_IN]->(t:Topic) WHERE t.tombstone IS NULL | {id: t.id, name: coalesce(t.name, t.id)}] AS topics,
  [(p)<-[a:ASSERTS]-(s:Source) | {source: s.id, run: coalesce(a.run, '')}] AS sources,
  COUNT {
    MATCH (p)-[:AUTHORED|LED|PARTICIPATED_IN]->(w)
    WHERE w.tombstone IS NULL AND coalesce(w.visibility, '') <> 'restricted'
    RETURN DISTINCT w
  } AS works_total
""",
    ProfileFacts,
)

PROFILE_WORKS: Final = Query(
    "profile_works",
    """
MATCH (p:Person {id: $id})-[m:AUTHORED|LED|PARTICIPATED_IN]->(w)
WHERE w.tombstone IS NULL AND coalesce(w.visibility, '') <> 'restricted'
WITH w, collect({type: type(m), position: m.position, corresponding: m.corresponding, role: m.role}) AS mentions
ORDER BY coalesce(w.year, 0) DESC, w.id
LIMIT $works
RETURN w.id AS id,
  CASE WHEN w:Output THEN 'output' ELSE 'project' END AS kind,
  coalesce(w.title, '') AS title,
  w.year AS year,
  coalesce(w.venue, w.programme, '') AS venue,
  mentions AS mentions
""",
    ProfileWork,
)


def expert_profile(db: Database, *, id: str, works: int = 50, on: date | None = None) -> ExpertProfile:
    """Who is this person, what have they done, with whom, and who says so?

    An id that was merged leads to the person it is now part of (`redirected_from` then names it). At most `works` (0
    to 1000) works, newest first, with share 0 (no question was asked), and 20 collaborators; the totals count all.
    Posts hold on the day `on`, today by default.

    Raises `NotFoundError` for an unknown person, `InputError` for a number out of bounds, `StoreUnavailableError`.
    """
    check_limit(works, name="works", least=0, most=MOST_WORKS)
    person = current_person(db, id=id)
    facts = db.read(PROFILE_FACTS, id=person)[0]
    rows = db.read(PROFILE_WORKS, id=person, works=works) if works else []
    day = on or today()
    posts, memberships = posts_and_memberships(facts.affiliations, day)
    others, total = collaborators_of(db, person=person, limit=COLLABORATORS_SHOWN, on=day)
    return ExpertProfile(
        id=person,
        redirected_from=None if person == id else id,
        name=facts.name,
        other_names=tuple(sorted({name for name in facts.other_names if name} - {facts.name})),
        is_expert=facts.is_expert,
        professional_title=facts.professional_title,
        tier=facts.tier,
        expert_kind=facts.expert_kind,
        summary=facts.summary,
        fields=tuple(facts.fields),
        orcid=facts.orcid,
        posts=posts,
        memberships=memberships,
        honours=distinct_names(facts.honours),
        topics=distinct_names(facts.topics),
        works=tuple(_work(row) for row in rows),
        works_total=facts.works_total,
        collaborators=tuple(others),
        collaborators_total=total,
        sources=tuple(sorted(set(facts.sources), key=lambda claim: (claim.source, claim.run))),
        fictional=facts.fictional,
    )


def _work(row: ProfileWork) -> Evidence:
    return Evidence(
        work=row.id,
        kind=row.kind,
        title=row.title,
        year=row.year,
        role=role_of(row.mentions),
        venue=row.venue,
        share=0.0,
        matched=(),
    )
