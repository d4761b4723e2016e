"""Which teams (专家组, 服务团, 咨询委员会) are there, and how much of a demand's topics does each cover?"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

from graph.database import Database, Query
from graph.textindex import TextIndex
from queries.answers import Answer
from queries.expert_facts import NamedThing
from queries.team_cover import Candidate, Cover, cover_of
from queries.topic_tree import topic_tree

# A team that covers a part of a topic (something below it) covers it by half; one that covers it, or what it is part
# of, covers it whole (a choice).
PART: Final = 0.5


class Seat(BaseModel):
    """A place in a team."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    role: str
    valid_from: str | None
    valid_to: str | None


class TeamFacts(BaseModel):
    """A team as the graph has it; several sources of one relationship are several entries."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    kind: str
    valid_from: str | None
    valid_to: str | None
    fictional: bool
    seats: list[Seat]
    topics: list[NamedThing]
    regions: list[NamedThing]


TEAMS: Final = Query(
    "teams",
    """
MATCH (t:Team)
WHERE t.tombstone IS NULL AND coalesce(t.visibility, '') <> 'restricted'
RETURN t.id AS id, coalesce(t.name, '') AS name, coalesce(t.kind, '') AS kind, t.valid_from AS valid_from,
  t.valid_to AS valid_to, coalesce(t.fictional, false) AS fictional,
  [(t)<-[m:ON_TEAM]-(p:Person) WHERE p.tombstone IS NULL AND coalesce(p.visibility, '') <> 'restricted' | {
    id: p.id, name: coalesce(p.name, ''), role: coalesce(m.role, ''), valid_from: m.valid_from, valid_to: m.valid_to
  }] AS seats,
  [(t)-[:COVERS]->(c:Topic) WHERE c.tombstone IS NULL | {id: c.id, name: coalesce(c.name, c.id)}] AS topics,
  [(t)-[:SERVES]->(r:Region) WHERE r.tombstone IS NULL | {id: r.code, name: coalesce(r.name, r.code)}] AS regions
""",
    TeamFacts,
)


class MatchedTeam(Answer):
    """An existing team beside a demand.

    `topics_covered` is the share of the demand's topics that it covers (None when the demand has none), `coverage` what
    its members' works cover of the demand's aspects, as for a team suggested anew. `standing` says whether its term
    holds on the day asked for.
    """

    rank: int
    id: str
    name: str
    kind: str
    standing: Literal["current", "former", "unconfirmed"]
    members: tuple[NamedThing, ...]
    topics_covered: float | None
    covers: tuple[str, ...]
    lacks: tuple[str, ...]
    coverage: float
    regions: tuple[NamedThing, ...]
    fictional: bool


def teams_matching(
    db: Database,
    index: TextIndex,
    *,
    topics: Sequence[str],
    weights: Sequence[float],
    fits: Mapping[str, tuple[float, ...]],
    region: str | None,
    limit: int,
    on: date,
) -> list[MatchedTeam]:
    """Which existing teams cover these topics, or have members whose works do?  Most topics first, then most works.

    `weights` and `fits` (person → fit to each aspect) are those of `queries.team_cover`; `region` keeps teams that
    serve it, a part of it or what it is part of (or say nothing of regions). Teams whose term is over come last. Raises
    `StoreUnavailableError`.
    """
    rows = [row for row in db.read(TEAMS) if _serves(row, region)]
    above = broader_topics(db, index, [*topics, *(each.id for row in rows for each in row.topics)])
    names = {topic: name for topic, (name, _) in above.items()}
    found: list[MatchedTeam] = []
    for row in rows:
        members = _members(row, on)
        own = [each.id for each in row.topics]
        covered = [(names.get(topic, topic), _covered(topic, own, above)) for topic in topics]
        nothing = (0.0,) * len(weights)
        cover = cover_of(weights, [Candidate(each.id, fits.get(each.id, nothing)) for each in members])
        if cover.coverage > 0 or any(share for _, share in covered):
            found.append(_matched(row, members, covered, cover, on))
    found.sort(key=lambda team: (team.name, team.id))
    found.sort(key=lambda team: (team.topics_covered or 0.0, team.coverage), reverse=True)
    found.sort(key=lambda team: team.standing == "former")
    return [team.model_copy(update={"rank": place}) for place, team in enumerate(found[:limit], start=1)]


def broader_topics(db: Database, index: TextIndex, topics: Collection[str]) -> dict[str, tuple[str, frozenset[str]]]:
    """What are these topics called, and what are they part of (themselves included)?  Unknown ids are left out."""
    tree = topic_tree(db, index) if topics else None
    return {
        topic: (tree.names[topic], frozenset(tree.above(topic)))
        for topic in sorted(set(topics))
        if tree is not None and topic in tree.names
    }


def _covered(topic: str, of_team: Iterable[str], above: Mapping[str, tuple[str, frozenset[str]]]) -> float:
    best = 0.0
    for own in of_team:
        if topic in above and own in above[topic][1]:
            return 1.0
        if own in above and topic in above[own][1]:
            best = PART
    return best


def _matched(
    row: TeamFacts,
    members: tuple[NamedThing, ...],
    covered: Sequence[tuple[str, float]],
    cover: Cover,
    on: date,
) -> MatchedTeam:
    return MatchedTeam(
        rank=0,
        id=row.id,
        name=row.name,
        kind=row.kind,
        standing=_standing(row.valid_from, row.valid_to, on),
        members=members,
        topics_covered=sum(share for _, share in covered) / len(covered) if covered else None,
        covers=tuple(name for name, share in covered if share > 0),
        lacks=tuple(name for name, share in covered if share == 0),
        coverage=cover.coverage,
        regions=_distinct(row.regions),
        fictional=row.fictional,
    )


def _members(row: TeamFacts, on: date) -> tuple[NamedThing, ...]:
    # Of two sources the one that still sees somebody there stands.
    here = [seat for seat in row.seats if _standing(seat.valid_from, seat.valid_to, on) != "former"]
    return _distinct(NamedThing(id=seat.id, name=seat.name) for seat in here)


def _standing(since: str | None, until: str | None, on: date) -> Literal["current", "former", "unconfirmed"]:
    day = on.isoformat()
    if until is not None and until <= day:
        return "former"
    return "unconfirmed" if until is None or (since is not None and since > day) else "current"


def _serves(row: TeamFacts, region: str | None) -> bool:
    if region is None or not row.regions:
        return True
    return any(each.id.startswith(region) or region.startswith(each.id) for each in row.regions)


def _distinct(things: Iterable[NamedThing]) -> tuple[NamedThing, ...]:
    found = {thing.id: thing for thing in things}
    return tuple(sorted(found.values(), key=lambda thing: (thing.name, thing.id)))
