"""What the matches of a demand are made of: who may be proposed, and the rows that are shown."""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel, ConfigDict

from graph.database import Query
from queries.answers import Answer, FoundExpert, FoundOrganisation, FoundWork
from queries.posts import Affiliation
from queries.services import OfferingOrganisation
from queries.teams import MatchedTeam


class TeamCandidate(BaseModel):
    """Somebody who may be proposed for a team."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    professional_title: str
    expert: bool
    fictional: bool
    topics: list[str]
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
  [(p)-[:EXPERT_IN]->(t:Topic) WHERE t.tombstone IS NULL | t.id] AS topics,
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
