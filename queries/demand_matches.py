"""Who and what can answer a demand?  Experts, organisations, services, works, existing teams, or a team made for it.

A demand is looked at as a whole, and aspect by aspect: its confirmed topics when it has two or more, else the phrases
of its text (`queries.aspects`). The fit of a person to an aspect is the person's score for it ÷ the best person's, so 1
is the best there is, not perfection. A topic is looked up by its name, and by those works near the whole text that are
tagged with it or a part of it; a declared field is worth ½. Scores of two questions are not compared, only shares of
the best within each.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from graph.database import Database
from graph.identity import region_code
from graph.textindex import TextIndex
from queries.aspects import MOST_ASPECTS, aspects_of
from queries.demand_topics import TOPICS_OF_WORKS
from queries.demands import Seen, demand_trace
from queries.expert_facts import NamedThing
from queries.experts import experts_for_topic
from queries.legal_entities import legal_entities
from queries.match_rows import TEAM_CANDIDATES, Aspect, Matches, ProposedMember, ProposedTeam, TeamCandidate
from queries.merges import all_ids
from queries.organisations import organisations_for_topic
from queries.posts import posts_and_memberships, today
from queries.ranking import Hit, rank
from queries.retrieval import RANKING, Asked, asked, check_limit, collection_of, ranking_hits, works_found
from queries.services import organisations_offering
from queries.team_cover import LEAST_MEMBERS, MOST_MEMBERS, Candidate, Cover, best_cover, enough_members
from queries.teams import broader_topics, teams_matching
from queries.works import outputs_for_topic, projects_for_topic

# People whose fit to an aspect is known; those beyond stand far behind.
_RANKED: Final = 200
# Of each aspect the best are proposed for a team.
_CANDIDATES: Final = 30
MOST_MATCHES: Final = 50
# Who holds no more of an aspect's words than this shares a common word with it ("智能" of "人工智能").
_COMMON_WORDS: Final = 0.34
# A field that a person declared, of a confirmed topic or part of it, counts half of the best works (a choice).
DECLARED: Final = 0.5
NO_ASPECT: Final = "没有找到做过“{}”的人：建议的团队难以覆盖这一方面，可换个说法或另请人"
NO_TEAM: Final = "没有找到能组成团队的人"
FROM_TEXT: Final = "需求没有两个以上确认过的主题，按题目里的短语分方面；先诊断（zhiku demand diagnose）会更准"


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
    seen_by: Seen = "staff",
    on: date | None = None,
) -> Matches:
    """Who and what can answer this demand?  Its title, text, diagnosis, confirmed topics and kind of service are asked.

    Otherwise as `matches_for_text` (`region` as there). Raises `NotFoundError` for an unknown demand or one that
    `seen_by` may not see, and as that does.
    """
    found = demand_trace(db, id=demand, seen_by=seen_by, on=on)
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
    enough = sum(aspect.topic is not None for aspect in matches.aspects) >= 2
    notes = matches.notes if enough else (*matches.notes, FROM_TEXT)
    return matches.model_copy(update={"demand": demand, "notes": notes})


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
    known = broader_topics(db, index, topics)
    confirmed = [topic for topic in dict.fromkeys(topics) if topic in known]
    parts = _parts(text, [(known[topic][0], topic) for topic in confirmed])
    allowed = None if place is None else index.people_matching(region=place, on=day.isoformat())
    outputs = outputs_for_topic(db, index, text=text, limit=limit)
    projects = projects_for_topic(db, index, text=text, limit=limit)
    experts = experts_for_topic(db, index, text=text, limit=limit, region=place, exclude=exclude, on=day)
    organisations = organisations_for_topic(db, index, text=text, limit=limit, region=place, on=day)
    search = _Search(db, index, allowed, all_ids(db, people=exclude))
    fitting = _fitting(search, asked(text), parts, also=[each.id for each in experts.experts])
    proposed, aspects, notes = _proposed(db, index, fitting, parts, size=size, apart=one_per_organisation, day=day)
    offering = organisations_offering(db, index, kind=service_kind, text=text, region=place, limit=limit, on=day)
    teams = teams_matching(
        db,
        index,
        topics=confirmed,
        weights=[1.0] * len(parts),
        fits=fitting.fits,
        region=place,
        limit=limit,
        on=day,
    )
    notes = (*experts.notes, *notes)
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
        return [*topics[:MOST_ASPECTS]]
    lines = asked(text).text.splitlines()
    phrases = aspects_of([*lines[:1], "\n".join(lines[1:])])
    # The one topic stands beside the phrases, unless one of them says the same.
    parts: list[tuple[str, str | None]] = [(name, topic) for name, topic in topics if name not in phrases]
    parts += [(phrase, None) for phrase in phrases]
    return parts[:MOST_ASPECTS]


@dataclass(frozen=True, slots=True)
class _Search:
    """Who may be found, and how: those allowed (None = anybody) without those excluded."""

    db: Database
    index: TextIndex
    allowed: Collection[str] | None
    excluded: Collection[str]

    def hits(self, question: Asked) -> list[Hit]:
        """The works that hold words of a question, with only those people who may be found."""
        hits = ranking_hits(works_found(self.index, question, people=self.allowed))
        if self.allowed is None:
            return hits
        allowed = self.allowed
        return [hit._replace(people=[id_ for id_ in hit.people if id_ in allowed]) for hit in hits]

    def shares(self, question: Asked, hits: Sequence[Hit], least: float) -> dict[str, float]:
        """Person → score ÷ the best score; those who hold no more than `least` of the words are left out."""
        if not hits:
            return {}
        collection = collection_of(self.index)
        ranked = rank(question.question, hits, collection, limit=_RANKED, exclude=self.excluded)
        kept = [each for each in ranked if each.coverage > least]
        best = max((each.score for each in kept), default=1.0)
        return {each.id: min(1.0, each.score / best) for each in kept}


def _fitting(
    search: _Search, question: Asked, parts: Sequence[tuple[str, str | None]], *, also: Collection[str]
) -> _Fitting:
    """Ask for each aspect by its words; a topic also by the works near the whole text that are tagged with it."""
    tagged = _tagged(search, question) if any(topic for _, topic in parts) else {}
    shares: list[dict[str, float]] = []
    for name, topic in parts:
        words = asked(name)
        found = search.shares(words, search.hits(words), _COMMON_WORDS)
        for id_, share in search.shares(question, tagged.get(topic or "", ()), 0.0).items():
            found[id_] = max(share, found.get(id_, 0.0))
        shares.append(found)
    everybody = {id_ for each in shares for id_ in each} | set(also)
    fits = {id_: tuple(each.get(id_, 0.0) for each in shares) for id_ in everybody}
    chosen = {id_ for each in shares for id_ in sorted(each, key=lambda one: (-each[one], one))[:_CANDIDATES]}
    chosen |= set(also) if parts else set()
    order = sorted(chosen, key=lambda id_: (-sum(fits[id_]), id_))
    return _Fitting(fits, tuple(order), tuple(len(each) for each in shares))


def _tagged(search: _Search, question: Asked) -> dict[str, list[Hit]]:
    """Topic → the works near a text that are about it, or about a part of it."""
    found = search.hits(question)
    ids = [hit.work_id for hit in found]
    about: dict[str, set[str]] = defaultdict(set)
    # Which of the two a work is, the graph knows.
    for row in search.db.read(TOPICS_OF_WORKS, outputs=ids, projects=ids) if ids else ():
        about[row.work].add(row.topic)
    above = broader_topics(search.db, search.index, {topic for topics in about.values() for topic in topics})
    tagged: dict[str, list[Hit]] = defaultdict(list)
    for hit in found:
        for topic in {wide for own in about[hit.work_id] if own in above for wide in above[own][1]}:
            tagged[topic].append(hit)
    return tagged


def _proposed(
    db: Database,
    index: TextIndex,
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
    fits = _with_declared(db, index, fitting.fits, facts, [topic for _, topic in parts])
    units = {body.id for each in bodies.values() for body in each} if apart else set[str]()
    root_of = legal_entities(db, organisations=units, on=day)
    candidates = [
        Candidate(id_, fits[id_], frozenset(root_of.get(body.id, body.id) for body in bodies[id_]))
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
        team = _team(cover, [name for name, _ in parts], fits, facts, bodies)
    elif parts:
        notes = (*notes, NO_TEAM)
    aspects = tuple(
        Aspect(name=name, topic=topic, people=people, coverage=share)
        for (name, topic), people, share in zip(parts, fitting.people, covered, strict=True)
    )
    return team, aspects, notes


def _with_declared(
    db: Database,
    index: TextIndex,
    fits: Mapping[str, tuple[float, ...]],
    facts: Mapping[str, TeamCandidate],
    topics: Sequence[str | None],
) -> dict[str, tuple[float, ...]]:
    """The candidates' fits, where somebody declared a confirmed topic, or part of it, at least half."""
    declared_at_all = {topic for row in facts.values() for topic in row.topics} if any(topics) else set[str]()
    above = broader_topics(db, index, declared_at_all)
    found: dict[str, tuple[float, ...]] = {}
    for id_, row in facts.items():
        declared = frozenset[str]().union(*(above[topic][1] for topic in row.topics if topic in above))
        found[id_] = tuple(
            max(fit, DECLARED) if topic in declared else fit for fit, topic in zip(fits[id_], topics, strict=True)
        )
    return found


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
