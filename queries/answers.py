"""What questions answer with: frozen rows that HTTP, command line and pictures show as they are.

No row has a restricted field (contact, gender, birth): those are asked for by purpose elsewhere.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from queries.understood import Understanding


class Answer(BaseModel):
    """Base of all rows: frozen, nothing beside the declared fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ScorePart(Answer):
    """How much of the score one term of the question gives: `share` of the person's score, 0 to 1."""

    term: str
    share: float


class Evidence(Answer):
    """One work that counts for an answer: who did what in it, and its share (0 to 1) of the score.

    `rank_without`: the place without this work (for its other people neither), 0 = not in the answer; None = not known.
    """

    work: str
    kind: Literal["output", "project"]
    title: str
    year: int | None
    role: str
    venue: str
    share: float
    matched: tuple[str, ...]
    rank_without: int | None = None


class Post(Answer):
    """A dated post or membership; `standing` says whether it holds today (unknown end = unconfirmed, as current)."""

    organisation: str
    name: str
    role: str
    department: str
    since: str | None
    until: str | None
    standing: Literal["current", "former", "unconfirmed"]


class MovedExpert(Answer):
    """What declared options (`ExposureShown`) did to one shown: the place without them, and why it differs.

    `boost` is the factor that is in the score (None: none), `first_year` the year of the first work that gave it.
    """

    rank_without: int
    boost: float | None
    first_year: int | None
    reason: str


class LeftOutExpert(Answer):
    """One not listed because of the exposure cap: how often shown before, the place without the options."""

    id: str
    name: str
    shown: int
    rank: int


class ExposureShown(Answer):
    """The declared options that an answer follows, named, and whom the cap left out, by place without the options.

    `left_out_further` counts those left out whom the answer would not have listed, or who are too many to be named.
    """

    statement: str
    cap: int | None
    days: int
    boost: float
    newcomer_years: int
    year: int | None
    left_out: tuple[LeftOutExpert, ...]
    left_out_further: int


class FoundExpert(Answer):
    """One ranked expert with the reasons: score parts, evidence with shares, posts, topics, what is missing.

    `moved` is there when declared options changed the score or the place.
    """

    rank: int
    id: str
    name: str
    score: float
    coverage: float
    parts: tuple[ScorePart, ...]
    evidence: tuple[Evidence, ...]
    evidence_total: int
    posts: tuple[Post, ...]
    memberships: tuple[Post, ...]
    topics: tuple[str, ...]
    fields: tuple[str, ...]
    professional_title: str
    honours: tuple[str, ...]
    works_without_abstract: int
    fictional: bool
    moved: MovedExpert | None = Field(default=None, exclude_if=lambda value: value is None)


class DeclaredExpert(Answer):
    """Somebody who says to know the topic: `fields` are the declared fields and topics that fit.

    `share` is the part of the question (0 to 1) that the best of them holds; it is no score (`queries.declared`).
    """

    id: str
    name: str
    share: float
    fields: tuple[str, ...]
    posts: tuple[Post, ...]
    professional_title: str
    fictional: bool


class DeclaredAnswer(Answer):
    """Who says to know the topic of a question, and how many more do (`total` counts everybody)."""

    question: str
    total: int
    experts: tuple[DeclaredExpert, ...]
    sequence: int


class ExpertsAnswer(Answer):
    """The ranked experts for a question; `candidates` counts all people the evidence led to, before the limit.

    `exposure` names the declared options, when any was on.
    """

    question: str
    terms: tuple[str, ...]
    candidates: int
    experts: tuple[FoundExpert, ...]
    notes: tuple[str, ...]
    ranking: str
    sequence: int
    understanding: Understanding | None = Field(default=None, exclude_if=lambda value: value is None)
    declared: tuple[DeclaredExpert, ...] = Field(default=(), exclude_if=lambda value: not value)
    exposure: ExposureShown | None = Field(default=None, exclude_if=lambda value: value is None)


class PersonCount(Answer):
    """A person and how many of the works shown are theirs."""

    id: str
    name: str
    works: int


class ServiceEvidence(Answer):
    """A service that a body or person offers or has done; `verified` says that somebody saw the evidence for it.

    `matched` are the words of the question that it holds, `share` their part of the question's weight (0 to 1; 1 where
    no words were asked for).
    """

    id: str
    kind: str
    title: str
    client: str
    evidence: str
    verified: bool
    since: str | None
    until: str | None
    matched: tuple[str, ...]
    share: float


class FoundOrganisation(Answer):
    """One ranked organisation with its evidence and people.

    `services` are the registered services that hold words of the question; they are reasons, and not in the score.
    """

    rank: int
    id: str
    name: str
    kind: str
    region: str
    verified: bool
    score: float
    coverage: float
    parts: tuple[ScorePart, ...]
    evidence: tuple[Evidence, ...]
    evidence_total: int
    people: tuple[PersonCount, ...]
    fictional: bool
    services: tuple[ServiceEvidence, ...] = ()


class OrganisationsAnswer(Answer):
    """The ranked organisations for a question."""

    question: str
    terms: tuple[str, ...]
    candidates: int
    organisations: tuple[FoundOrganisation, ...]
    notes: tuple[str, ...]
    ranking: str
    sequence: int


class FoundWork(Answer):
    """One output or project that answers a question, with its people."""

    rank: int
    id: str
    kind: Literal["output", "project"]
    type: str
    title: str
    year: int | None
    venue: str
    score: float
    matched: tuple[str, ...]
    people: tuple[PersonCount, ...]
    organisations: tuple[str, ...]
    fictional: bool


class WorksAnswer(Answer):
    """The outputs or projects nearest to a question ("was this proposed topic done before?")."""

    question: str
    terms: tuple[str, ...]
    works: tuple[FoundWork, ...]
    notes: tuple[str, ...]
    sequence: int


class Collaborator(Answer):
    """Somebody who worked with the person: shared works, first and last year."""

    id: str
    name: str
    organisation: str
    works: int
    first_year: int | None
    last_year: int | None


class SourceClaim(Answer):
    """A source that claims this record, and the run that said so last."""

    source: str
    run: str


class ExpertProfile(Answer):
    """All that is public of one person, and where it comes from."""

    id: str
    redirected_from: str | None
    name: str
    other_names: tuple[str, ...]
    is_expert: bool
    professional_title: str
    tier: str
    expert_kind: str
    summary: str
    fields: tuple[str, ...]
    orcid: str
    posts: tuple[Post, ...]
    memberships: tuple[Post, ...]
    honours: tuple[str, ...]
    topics: tuple[str, ...]
    works: tuple[Evidence, ...]
    works_total: int
    collaborators: tuple[Collaborator, ...]
    collaborators_total: int
    sources: tuple[SourceClaim, ...]
    fictional: bool
