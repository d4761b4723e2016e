"""Works as evidence: what is read of a work and who did what in it, and how a person reads that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict

from graph.database import Database, Query
from graph.textindex import WorkHit
from graph.work_mentions import Mention
from queries.answers import Evidence
from queries.ranking import Ranked
from queries.retrieval import Reasons

Kind = Literal["output", "project"]


class EvidenceWork(BaseModel):
    """What the graph knows of a work shown."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    title: str
    year: int | None
    venue: str


class WorkShown(NamedTuple):
    """What is shown of an evidence work beside its share."""

    kind: Kind
    role: str
    title: str
    year: int | None
    venue: str


EVIDENCE_OUTPUTS: Final = Query(
    "evidence_outputs",
    """
UNWIND $works AS work
MATCH (w:Output {id: work})
WHERE w.tombstone IS NULL AND coalesce(w.visibility, '') <> 'restricted'
RETURN w.id AS id, coalesce(w.title, '') AS title, w.year AS year, coalesce(w.venue, '') AS venue
""",
    EvidenceWork,
)

EVIDENCE_PROJECTS: Final = Query(
    "evidence_projects",
    """
UNWIND $works AS work
MATCH (w:Project {id: work})
WHERE w.tombstone IS NULL AND coalesce(w.visibility, '') <> 'restricted'
RETURN w.id AS id, coalesce(w.title, '') AS title, w.year AS year, coalesce(w.programme, '') AS venue
""",
    EvidenceWork,
)


class WorksRead:
    """The evidence works of one answer, each read from the graph once; hidden works and tombstones are missing.

    What a person did in a work is said by the text index, from the same state as the ranking: on the embedded engine
    the mentions of a hundred works took 12 ms of the 24 that an answer cost it (bench/lookup_scale.py).
    """

    def __init__(self, db: Database, works: Iterable[WorkHit]) -> None:
        self._hits = {hit.id: hit for hit in works}
        projects = [id for id, hit in self._hits.items() if hit.kind == "project"]
        outputs = [id for id, hit in self._hits.items() if hit.kind != "project"]
        rows = db.read(EVIDENCE_OUTPUTS, works=outputs) if outputs else []
        rows += db.read(EVIDENCE_PROJECTS, works=projects) if projects else []
        self._read = {row.id: row for row in rows}

    def of(self, person: str, works: Iterable[str]) -> dict[str, WorkShown]:
        """Return those of the works that are shown, with what the person did in each."""
        return {id: self._shown(person, id) for id in works if id in self._read}

    def _shown(self, person: str, id: str) -> WorkShown:
        hit, work = self._hits[id], self._read[id]
        kind: Kind = "project" if hit.kind == "project" else "output"
        return WorkShown(kind, role_of(hit.mentions(person)), work.title, work.year, work.venue)


def role_of(mentions: Iterable[Mention]) -> str:
    """What did the person do in the work?  In Chinese; "" when no source says it.

    Leading comes before taking part; of two sources with different positions the smaller one stands.
    """
    stated = list(mentions)
    for kind, plain in (("LED", "主持"), ("PARTICIPATED_IN", "参加")):
        named = [mention.role or "" for mention in stated if mention.type == kind]
        if named:
            return max(named) or plain
    positions = [mention.position for mention in stated if mention.position]
    if not stated:
        return ""
    first = min(positions, default=None)
    role = "作者" if first is None else "第一作者" if first == 1 else f"第{first}作者"
    return role + ("、通讯作者" if any(mention.corresponding for mention in stated) else "")


def shown_evidence(ranked: Ranked, works: Mapping[str, WorkShown], reasons: Reasons) -> tuple[Evidence, ...]:
    """Return the evidence of one answer for the `works` read, greatest share first."""
    return tuple(
        Evidence(
            work=share.work_id,
            **works[share.work_id]._asdict(),
            share=share.share,
            matched=reasons.matched(share.work_id),
            rank_without=share.rank_without,
        )
        for share in ranked.evidence
        if share.work_id in works
    )
