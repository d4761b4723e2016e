"""Demands as the graph has them and as answers show them: rows and the texts that read them."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

from graph.database import Query
from queries.answers import Answer, SourceClaim
from queries.expert_facts import NamedThing


class DemandFacts(BaseModel):
    """One demand as the graph has it; several sources of one relationship are several entries."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    kind: str
    title: str
    from_whom: str
    urgency: str
    service_kind: str
    status: str
    visibility: str
    raised_on: str | None
    deadline: str | None
    answered_on: str | None
    closed_on: str | None
    fictional: bool
    raisers: list[NamedThing]
    topics: list[NamedThing]


DEMANDS_OF_STATUS: Final = Query(
    "demands_of_status",
    """
UNWIND $statuses AS wanted
MATCH (d:Demand {status: wanted})
WHERE d.tombstone IS NULL AND coalesce(d.visibility, 'public') IN $visible
RETURN d.id AS id, coalesce(d.kind, '') AS kind, coalesce(d.title, '') AS title,
  coalesce(d.from_whom, '') AS from_whom, coalesce(d.urgency, 'normal') AS urgency,
  coalesce(d.service_kind, '') AS service_kind, d.status AS status, coalesce(d.visibility, 'public') AS visibility,
  d.raised_on AS raised_on, d.deadline AS deadline, d.answered_on AS answered_on, d.closed_on AS closed_on,
  coalesce(d.fictional, false) AS fictional,
  [(d)-[:RAISED_BY]->(w) WHERE w.tombstone IS NULL AND coalesce(w.visibility, '') <> 'restricted' | {
    id: w.id, name: coalesce(w.name, '')
  }] AS raisers,
  [(d)-[:NEEDS]->(t:Topic) WHERE t.tombstone IS NULL | {id: t.id, name: coalesce(t.name, t.id)}] AS topics
""",
    DemandFacts,
)


class LoggedFollowUp(BaseModel):
    """A follow-up as the graph has it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    on: str | None
    channel: str
    actor: str
    note: str


class GivenAnswer(BaseModel):
    """What answered, and when; the same from two sources is two entries."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    kind: str
    name: str
    on: str | None
    note: str
    actor: str


class TraceFacts(DemandFacts):
    """One demand with all that happened to it."""

    description: str
    diagnosis: str
    diagnosed_on: str | None
    diagnosed_by: str
    outcome: str
    services: list[NamedThing]
    follow_ups: list[LoggedFollowUp]
    answers: list[GivenAnswer]
    sources: list[SourceClaim]


DEMAND_TRACED: Final = Query(
    "demand_traced",
    """
MATCH (d:Demand {id: $id})
WHERE d.tombstone IS NULL AND coalesce(d.visibility, 'public') IN $visible
RETURN d.id AS id, coalesce(d.kind, '') AS kind, coalesce(d.title, '') AS title,
  coalesce(d.from_whom, '') AS from_whom, coalesce(d.urgency, 'normal') AS urgency,
  coalesce(d.service_kind, '') AS service_kind, coalesce(d.status, 'open') AS status,
  coalesce(d.visibility, 'public') AS visibility, d.raised_on AS raised_on, d.deadline AS deadline,
  d.answered_on AS answered_on, d.closed_on AS closed_on, coalesce(d.fictional, false) AS fictional,
  [(d)-[:RAISED_BY]->(w) WHERE w.tombstone IS NULL AND coalesce(w.visibility, '') <> 'restricted' | {
    id: w.id, name: coalesce(w.name, '')
  }] AS raisers,
  [(d)-[:NEEDS]->(t:Topic) WHERE t.tombstone IS NULL | {id: t.id, name: coalesce(t.name, t.id)}] AS topics,
  coalesce(d.description, '') AS description, coalesce(d.diagnosis, '') AS diagnosis,
  d.diagnosed_on AS diagnosed_on, coalesce(d.diagnosed_by, '') AS diagnosed_by, coalesce(d.outcome, '') AS outcome,
  [(d)-[:NEEDS]->(s:Service) WHERE s.tombstone IS NULL AND coalesce(s.visibility, '') <> 'restricted' | {
    id: s.id, name: coalesce(s.title, '')
  }] AS services,
  [(d)<-[:ABOUT]-(i:Interaction) WHERE i.tombstone IS NULL AND coalesce(i.visibility, '') <> 'restricted' | {
    id: i.id, on: i.on, channel: coalesce(i.channel, ''), actor: coalesce(i.actor, ''), note: coalesce(i.note, '')
  }] AS follow_ups,
  [(d)<-[a:ANSWERS]-(x) WHERE x.tombstone IS NULL AND coalesce(x.visibility, '') <> 'restricted' | {
    id: x.id, name: coalesce(x.title, x.name, ''), on: a.on, note: coalesce(a.note, ''), actor: coalesce(a.actor, ''),
    kind: CASE WHEN x:Output THEN 'output' WHEN x:Project THEN 'project' WHEN x:Person THEN 'person'
      WHEN x:Organisation THEN 'organisation' WHEN x:Team THEN 'team' ELSE 'service' END
  }] AS answers,
  [(d)<-[a:ASSERTS]-(o:Source) | {source: o.id, run: coalesce(a.run, '')}] AS sources
""",
    TraceFacts,
)


class ShownDemand(Answer):
    """One demand in a list.

    `days_open` counts from the day it was raised to its answer (or the day asked for); `days_left` to the deadline, the
    last day being 0, negative when it has passed, None when it is answered or has none.
    """

    id: str
    kind: str
    title: str
    raised_by: tuple[NamedThing, ...]
    from_whom: str
    urgency: str
    service_kind: str
    status: str
    visibility: str
    topics: tuple[NamedThing, ...]
    raised_on: str | None
    deadline: str | None
    answered_on: str | None
    closed_on: str | None
    days_open: int | None
    days_left: int | None
    fictional: bool


class DemandsAnswer(Answer):
    """The demands asked for on a day; `total` counts all before the limit."""

    on: str
    total: int
    demands: tuple[ShownDemand, ...]


class LogEntry(Answer):
    """One entry of a demand's log; `what` are the ids, kinds and names of what answered."""

    on: str | None
    kind: Literal["raised", "diagnosed", "follow-up", "answered", "closed"]
    actor: str
    channel: str
    note: str
    what: tuple[tuple[str, str, str], ...] = ()


class DemandTrace(Answer):
    """One demand with its whole course: text, diagnosis, log in order of days, and the days its answer took."""

    demand: ShownDemand
    description: str
    diagnosis: str
    diagnosed_by: str
    services: tuple[NamedThing, ...]
    log: tuple[LogEntry, ...]
    response_days: int | None
    overdue_days: int
    sources: tuple[SourceClaim, ...]


class ResponseTime(Answer):
    """How long answers took for the demands of one month or raiser, in days; percentiles by nearest rank.

    `answered` of `raised` have an answer; `in_time` of those with both an answer and a deadline (`with_deadline`).
    """

    group: str
    name: str
    raised: int
    answered: int
    median_days: float | None
    p90_days: int | None
    with_deadline: int
    in_time: int
