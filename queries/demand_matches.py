"""Who and what can answer a demand?  Experts, organisations, services, works, existing teams, or a team made for it.

A demand is looked at as a whole, and aspect by aspect: its confirmed topics when it has two or more, else the phrases
of its text (`queries.aspects`). The fit of a person to an aspect is the person's score for it ÷ the best person's, so 1
is the best there is, not perfection. Scores of two questions are not compared, only shares of the best within each.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from pydantic import BaseModel, ConfigDict

from graph.database import Database, Query
from graph.identity import region_code
from graph.textindex import TextIndex
from queries.answers import Answer, FoundExpert, FoundOrganisation, FoundWork
from queries.aspects import MOST_ASPECTS, aspects_of
from queries.demands import demand_trace
from queries.experts import NamedThing, experts_for_topic
from queries.legal_entities import legal_entities
from queries.networks import all_ids
from queries.organisations import organisations_for_topic
from queries.posts import Affiliation, posts_and_memberships, today
from queries.ranking import rank
from queries.retrieval import RANKING, asked, check_limit, collection_of, ranking_hits, works_found
from queries.services import OfferingOrganisation, organisations_offering
from queries.team_cover import LEAST_MEMBERS, MOST_MEMBERS, Candidate, Cover, best_cover, enough_members
from queries.teams import MatchedTeam, broader_topics, teams_matching
from queries.works import outputs_for_topic, projects_for_topic

# People whose fit to an aspect is known; those beyond stand far behind.
_RANKED: Final = 200
# Of each aspect the best are proposed for a team.
_CANDIDATES: Final = 30
MOST_MATCHES: Final = 50
NO_ASPECT: Final = "没有人写过“{}”：建议的团队覆盖不到这一方面，可换个说法或另请人"
NO_TEAM: Final = "没有找到能组成团队的人"
FROM_TEXT: Final = "需求没有两个以上确认过的主题，按题目里的短语分方面；先诊断（zhiku demand diagnose）会更准"


class TeamCandidate(BaseModel):
    """Somebody who may be proposed for a team."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    professional_title: str
    expert: bool
    fictional: bool
    affiliations: list[Affiliation]


TEAM_CANDIDATES: Final = Query(
    "team_candidates",
    """
UNWIND $people AS wanted
MATCH (p:Person {id: wanted})
WHERE p.tombstone IS NULL AND coalesce(p.visibility, '') <> 'restricted'
  AND NOT EXISTS { (p)-[:MERGED_INTO]->(:Person) }
RETURN p.id AS id, coalesce(p.name, '') AS name, coalesce(p.professional_title, '') AS professional_title,
  p:Expert AS expert, coalesce(p.fictional, false) AS fictional,
  [(p)-[r:AFFILIATED_WITH]->(o:Organisation)
    WHERE o.tombstone IS NULL AND coalesce(o.visibility, '') <> 'restricted' | {
    organisation: o.id, name: coalesce(o.name, ''), society: o:Society, member: false, role: r.role,
    department: r.department, observed_year: r.observed_year, valid_from: r.valid_from,
    valid_from_precision: r.valid_from_precision, valid_to: r.valid_to, valid_to_precision: r.valid_to_precision
  }] AS affiliations
""",
    TeamCandidate,
)


class Aspect(Answer):
    """One side of a demand: a confirmed topic (`topic` its id) or a phrase; `people` who have works on it."""

    name: str
    topic: str | None
    people: int
    coverage: float


class ProposedMember(Answer):
    """A member of the team proposed; `best_for` are the aspects of which nobody in the team knows more."""

    id: str
    name: str
    professional_title: str
    organisation: str
    in_library: bool
    best_for: tuple[str, ...]
    fits: tuple[float, ...]
    fictional: bool


class ProposedTeam(Answer):
    """A team made for the demand: 0 to 1 shares of what the best people there are would cover.

    `coverage` counts the best and half the second best of each aspect, `single` the best alone; `weakest` is the aspect
    covered least; `after_loss` what is left without `dearest`, the member whose loss costs most; `proven` says that no
    team of this size out of those looked at covers more.
    """

    members: tuple[ProposedMember, ...]
    coverage: float
    single: float
    weakest: str
    weakest_coverage: float
    dearest: str
    after_loss: float
    proven: bool
    looked_at: int


class Matches(Answer):
    """What and who can answer a demand, each list best first with its own reasons.

    `demand` is None for a free text. `organisations` are found by the works of their people, `providers` by what the
    register of services says they have done, `projects` show whether it was done before.
    """

    demand: str | None
    text: str
    aspects: tuple[Aspect, ...]
    experts: tuple[FoundExpert, ...]
    organisations: tuple[FoundOrganisation, ...]
    providers: tuple[OfferingOrganisation, ...]
    outputs: tuple[FoundWork, ...]
    projects: tuple[FoundWork, ...]
    teams: tuple[MatchedTeam, ...]
    proposed: ProposedTeam | None
    notes: tuple[str, ...]
    ranking: str
    sequence: int


def demand_matches(
    db: Database,
    index: TextIndex,
    *,
    demand: str,
    region: str | None = None,
    size: int | None = None,
    one_per_organisation: bool = False,
    exclude: Collection[str] = (),
    limit: int = 10,
    on: date | None = None,
) -> Matches:
    """Who and what can answer this demand?  Its title, text, diagnosis, confirmed topics and kind of service are asked.

    Otherwise as `matches_for_text` (`region` as there). Raises `NotFoundError` for an unknown demand, and as that does.
    """
    found = demand_trace(db, id=demand, on=on)
    kind = found.demand.service_kind or None
    matches = matches_for_text(
        db,
        index,
        text="\n".join(part for part in (found.demand.title, found.diagnosis, found.description) if part),
        topics=[topic.id for topic in found.demand.topics],
        service_kind=kind,
        region=region,
        size=size,
        one_per_organisation=one_per_organisation,
        exclude=exclude,
        limit=limit,
        on=on,
    )
    return matches.model_copy(update={"demand": demand})


def matches_for_text(
    db: Database,
    index: TextIndex,
    *,
    text: str,
    topics: Sequence[str] = (),
    service_kind: str | None = None,
    region: str | None = None,
    size: int | None = None,
    one_per_organisation: bool = False,
    exclude: Collection[str] = (),
    limit: int = 10,
    on: date | None = None,
) -> Matches:
    """Who and what can answer this text, and which few people together would cover it?

    `topics` are ids of confirmed topics: two or more of them are the aspects, else the phrases of the text, its first
    line before the others. `region` (a code, subtree included) keeps experts, providers and members who are there and
    teams that serve it. `size` is the number of members (3 to 7; None = as many as are worth their place);
    `one_per_organisation` takes no two with current posts in one legal entity. `exclude` are person ids. `limit` (1 to
    50) holds for each list. Raises `InputError` for a number out of bounds or an unknown kind of service,
    `StoreUnavailableError`.
    """
    check_limit(limit, most=MOST_MATCHES)
    if size is not None:
        check_limit(size, name="size", least=LEAST_MEMBERS, most=MOST_MEMBERS)
    day = on or today()
    place = region_code(region) if region and region.strip() else None
    known = broader_topics(db, topics)
    confirmed = [topic for topic in dict.fromkeys(topics) if topic in known]
    parts = _parts(text, [(known[topic][0], topic) for topic in confirmed])
    allowed = None if place is None else index.people_matching(region=place, on=day.isoformat())
    fitting = _fitting(index, [name for name, _ in parts], allowed, all_ids(db, people=exclude))
    proposed, aspects, notes = _proposed(db, fitting, parts, size=size, apart=one_per_organisation, day=day)
    works = {"text": text, "limit": limit}
    outputs, projects = outputs_for_topic(db, index, **works), projects_for_topic(db, index, **works)
    experts = experts_for_topic(db, index, **works, region=place, exclude=exclude, on=day)
    organisations = organisations_for_topic(db, index, **works, region=place, on=day)
    offering = organisations_offering(db, index, kind=service_kind, text=text, region=place, limit=limit, on=day)
    teams = teams_matching(
        db,
        topics=confirmed,
        weights=[1.0] * len(parts),
        fits=fitting.fits,
        region=place,
        limit=limit,
        on=day,
    )
    notes = (*experts.notes, *notes, *(() if len(confirmed) >= 2 else (FROM_TEXT,)))
    return Matches(
        demand=None,
        text=asked(text).text,
        aspects=aspects,
        experts=experts.experts,
        organisations=organisations.organisations,
        providers=offering.organisations,
        outputs=outputs.works,
        projects=projects.works,
        teams=tuple(teams),
        proposed=proposed,
        notes=notes,
        ranking=RANKING,
        sequence=experts.sequence,
    )


@dataclass(frozen=True, slots=True)
class _Fitting:
    """Person → fit to each aspect; who is proposed, best first; how many people each aspect has."""

    fits: dict[str, tuple[float, ...]]
    order: tuple[str, ...]
    people: tuple[int, ...]


def _parts(text: str, topics: Sequence[tuple[str, str]]) -> list[tuple[str, str | None]]:
    if len(topics) >= 2:
        return list(topics[:MOST_ASPECTS])
    lines = asked(text).text.splitlines()
    phrases = aspects_of([*lines[:1], "\n".join(lines[1:])])
    # The one topic stands beside the phrases, unless one of them says the same.
    named = [(name, topic) for name, topic in topics if name not in phrases]
    return [*named, *((phrase, None) for phrase in phrases)][:MOST_ASPECTS]


def _fitting(
    index: TextIndex, names: Sequence[str], allowed: Collection[str] | None, excluded: Collection[str]
) -> _Fitting:
    collection = collection_of(index)
    shares: list[dict[str, float]] = []
    for name in names:
        question = asked(name)
        hits = ranking_hits(works_found(index, question, people=allowed))
        if allowed is not None:
            hits = [hit._replace(people=[id_ for id_ in hit.people if id_ in allowed]) for hit in hits]
        ranked = rank(question.question, hits, collection, limit=_RANKED, exclude=excluded) if hits else []
        best = ranked[0].score if ranked else 1.0
        shares.append({each.id: min(1.0, each.score / best) for each in ranked})
    everybody = {id_ for each in shares for id_ in each}
    fits = {id_: tuple(each.get(id_, 0.0) for each in shares) for id_ in everybody}
    chosen = {id_ for each in shares for id_ in sorted(each, key=lambda one: (-each[one], one))[:_CANDIDATES]}
    order = sorted(chosen, key=lambda id_: (-sum(fits[id_]), id_))
    return _Fitting(fits, tuple(order), tuple(len(each) for each in shares))


def _proposed(
    db: Database,
    fitting: _Fitting,
    parts: Sequence[tuple[str, str | None]],
    *,
    size: int | None,
    apart: bool,
    day: date,
) -> tuple[ProposedTeam | None, tuple[Aspect, ...], tuple[str, ...]]:
    """The team, the aspects with what it covers of each, and notes on those nobody knows."""
    facts = {row.id: row for row in db.read(TEAM_CANDIDATES, people=list(fitting.order))} if fitting.order else {}
    bodies = {id_: _current_bodies(row, day) for id_, row in facts.items()}
    units = {body.id for each in bodies.values() for body in each} if apart else set[str]()
    root_of = legal_entities(db, organisations=units, on=day)
    candidates = [
        Candidate(id_, fitting.fits[id_], frozenset(root_of.get(body.id, body.id) for body in bodies[id_]))
        for id_ in fitting.order
        if id_ in facts
    ]
    weights = [1.0] * len(parts)
    notes = tuple(NO_ASPECT.format(name) for (name, _), people in zip(parts, fitting.people, strict=True) if not people)
    team: ProposedTeam | None = None
    covered: Sequence[float] = [0.0] * len(parts)
    if candidates:
        wanted = size or enough_members(weights, candidates, one_per_organisation=apart)
        cover = best_cover(weights, candidates, size=wanted, one_per_organisation=apart)
        covered = cover.aspects
        team = _team(cover, [name for name, _ in parts], fitting.fits, facts, bodies)
    elif parts:
        notes = (*notes, NO_TEAM)
    aspects = tuple(
        Aspect(name=name, topic=topic, people=people, coverage=share)
        for (name, topic), people, share in zip(parts, fitting.people, covered, strict=True)
    )
    return team, aspects, notes


def _team(
    cover: Cover,
    names: Sequence[str],
    fits: Mapping[str, tuple[float, ...]],
    facts: Mapping[str, TeamCandidate],
    bodies: Mapping[str, tuple[NamedThing, ...]],
) -> ProposedTeam:
    highest = [max(fits[id_][place] for id_ in cover.members) for place in range(len(names))]
    members = tuple(
        ProposedMember(
            id=id_,
            name=facts[id_].name,
            professional_title=facts[id_].professional_title,
            organisation=bodies[id_][0].name if bodies[id_] else "",
            in_library=facts[id_].expert,
            best_for=tuple(
                name for name, fit, most in zip(names, fits[id_], highest, strict=True) if fit > 0 and fit >= most
            ),
            fits=fits[id_],
            fictional=facts[id_].fictional,
        )
        for id_ in cover.members
    )
    weakest = cover.weakest or 0
    return ProposedTeam(
        members=members,
        coverage=cover.coverage,
        single=cover.single,
        weakest=names[weakest],
        weakest_coverage=cover.aspects[weakest],
        dearest=cover.dearest,
        after_loss=cover.after_loss,
        proven=cover.proven,
        looked_at=len(facts),
    )


def _current_bodies(row: TeamCandidate, day: date) -> tuple[NamedThing, ...]:
    posts, _ = posts_and_memberships(row.affiliations, day)
    return tuple(NamedThing(id=post.organisation, name=post.name) for post in posts if post.standing != "former")


__all__ = ["Aspect", "Matches", "ProposedMember", "ProposedTeam", "demand_matches", "matches_for_text"]
