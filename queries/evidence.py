"""Works as evidence: what a query returns of a work and who did what in it, and how a person reads that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict

from queries.answers import Evidence
from queries.ranking import Ranked
from queries.retrieval import Reasons

Kind = Literal["output", "project"]


class Mention(BaseModel):
    """One AUTHORED, LED or PARTICIPATED_IN relationship; the same one may come from two sources."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: Literal["AUTHORED", "LED", "PARTICIPATED_IN"]
    position: int | None
    corresponding: bool | None
    role: str | None


class EvidenceWork(BaseModel):
    """One work of a person, with the person's mentions in it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    title: str
    year: int | None
    venue: str
    mentions: list[Mention]


class WorkShown(NamedTuple):
    """What is shown of an evidence work beside its share."""

    kind: Kind
    role: str
    title: str
    year: int | None
    venue: str


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
