"""What people decided about identity: this is that, this is not that. Kept apart from facts, so that it outlives them.

A decision stands between a subject and an object that no import and no undo changes: for organisations the folded
string and the id of a body, for people two mention ids. Sources come and go; what a person once said of the pair holds
until a person says otherwise, and every change of mind is an audited write.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final, Literal

from pydantic import BaseModel

from graph.database import Database, Query, Transaction
from graph.errors import InputError
from graph.identity import mention_id
from graph.model import check_text

ORGANISATION_NAMES: Final = "organisation_name"
"""Subject: a folded string; object: the id of the body it means, or does not mean."""

PERSON_MENTIONS: Final = "person_mention"
"""Subject and object: two mention ids, in their order."""

_LONGEST_REASON: Final = 1_000
_LONGEST_PART: Final = 500


class Decision(BaseModel, frozen=True):
    """A person's word on a pair: `outcome` same or different, with who, why and when (ISO, UTC)."""

    kind: str
    subject: str
    object: str
    outcome: Literal["same", "different"]
    decided_by: str
    reason: str
    decided_at: str


DECISIONS_ABOUT: Final = Query(
    "decisions_about",
    """
MATCH (d:Decision {kind: $kind})
RETURN d.kind AS kind, d.subject AS subject, d.object AS object, d.outcome AS outcome, d.decided_by AS decided_by,
       d.reason AS reason, d.decided_at AS decided_at
ORDER BY subject, object""",
    Decision,
)
_ON: Final = """
MATCH (d:Decision {subject: $subject})
WHERE d.kind = $kind
RETURN d.kind AS kind, d.subject AS subject, d.object AS object, d.outcome AS outcome, d.decided_by AS decided_by,
       d.reason AS reason, d.decided_at AS decided_at
ORDER BY object
"""
_KEEP: Final = """
MERGE (d:Decision {id: $id})
SET d += $decision
"""


def decision(
    kind: str, subject: str, object_: str, outcome: Literal["same", "different"], *, decided_by: str, reason: str
) -> Decision:
    """Make a decision of now; raises `InputError` without a reason, or for a part that is empty or over-long."""
    reason = reason.strip()
    if not reason:
        raise InputError("没有写理由", hint="用 --reason 写一句为什么，以后的人才看得懂")
    if len(reason) > _LONGEST_REASON:
        raise InputError(f"理由长达 {len(reason)} 字，超过上限 {_LONGEST_REASON}")
    check_text("理由", reason)
    for part in (subject, object_):
        if not part or len(part) > _LONGEST_PART:
            raise InputError(f"要决定的两端不能为空，也不能超过 {_LONGEST_PART} 字")
        check_text("要决定的一端", part)
    moment = datetime.now(UTC).isoformat(timespec="milliseconds")
    return Decision(
        kind=kind,
        subject=subject,
        object=object_,
        outcome=outcome,
        decided_by=decided_by,
        reason=reason,
        decided_at=moment,
    )


def keep_decision(transaction: Transaction, made: Decision) -> None:
    """Write a decision inside an audited write, in the place of an earlier one on the same pair."""
    # The escaped triple, like a mention id: no two pairs have one.
    key = mention_id(made.kind, made.subject, made.object)
    transaction.run(_KEEP, {"id": key, "decision": made.model_dump()})


def decisions_about(database: Database, kind: str) -> list[Decision]:
    """Which decisions of this kind were made, by subject and object?"""
    return database.read(DECISIONS_ABOUT, kind=kind)


def decisions_in(transaction: Transaction, kind: str, subject: str) -> list[Decision]:
    """What was decided on this subject, as seen inside a write?"""
    return [Decision.model_validate(row) for row in transaction.run(_ON, {"kind": kind, "subject": subject})]
