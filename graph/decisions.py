"""What people decided about identity: this is that, this is not that. Kept apart from facts, so that it outlives them.

A decision stands between a subject and an object that no import and no undo changes: for organisations the folded
string and the id of a body, for people two mention ids. Sources come and go; what a person once said of the pair holds
until a person says otherwise, and every change of mind is an audited write.

A decision that comes with a batch only covers what was said of the pair before (`replaced_by`): when the later answer
is taken back, the earlier one holds again. Covered ones are seen by nothing but that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final, Literal

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
    batch: str = ""
    """The write it came with: undoing that takes the decision back."""


DECISIONS_ABOUT: Final = Query(
    "decisions_about",
    """
MATCH (d:Decision {kind: $kind})
WHERE d.replaced_by IS NULL
RETURN d.kind AS kind, d.subject AS subject, d.object AS object, d.outcome AS outcome, d.decided_by AS decided_by,
       d.reason AS reason, d.decided_at AS decided_at, coalesce(d.batch, '') AS batch
ORDER BY subject, object""",
    Decision,
)
_ON: Final = """
MATCH (d:Decision {subject: $subject})
WHERE d.kind = $kind AND d.replaced_by IS NULL
RETURN d.kind AS kind, d.subject AS subject, d.object AS object, d.outcome AS outcome, d.decided_by AS decided_by,
       d.reason AS reason, d.decided_at AS decided_at, coalesce(d.batch, '') AS batch
ORDER BY object
"""
_KEEP: Final = """
UNWIND $rows AS row
MERGE (d:Decision {id: row.id})
SET d += row
"""
_BETWEEN: Final = """
UNWIND $ones AS one
MATCH (d:Decision {subject: one})
WHERE d.kind = $kind AND d.object IN $others AND d.replaced_by IS NULL
RETURN d.kind AS kind, d.subject AS subject, d.object AS object, d.outcome AS outcome, d.decided_by AS decided_by,
       d.reason AS reason, d.decided_at AS decided_at, coalesce(d.batch, '') AS batch
ORDER BY subject, object
"""
_SO_FAR: Final = """
MATCH (d:Decision)
WHERE d.kind = $kind AND d.replaced_by IS NULL
RETURN count(d) AS number, coalesce(max(d.decided_at), '') AS latest
"""
_FORGET: Final = """
MATCH (d:Decision {batch: $batch})
WITH collect(d) AS decisions
UNWIND decisions AS d
DELETE d
"""
_FORGET_THESE: Final = """
UNWIND $ids AS id
MATCH (d:Decision {id: id})
DELETE d
"""
_THESE: Final = """
UNWIND $ids AS id
MATCH (d:Decision {id: id})
RETURN properties(d) AS decision
"""
_COVERED_BY: Final = """
MATCH (d:Decision {replaced_by: $batch})
RETURN properties(d) AS decision
"""
_ON_PAIRS: Final = """
UNWIND $rows AS row
MATCH (d:Decision {subject: row.subject})
WHERE d.kind = row.kind AND d.object = row.object
RETURN row.id AS covered, coalesce(d.batch, '') AS batch
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
    keep_decisions(transaction, [made])


def keep_decisions(transaction: Transaction, made: Sequence[Decision]) -> None:
    """Write decisions inside an audited write, each in the place of an earlier one on the same pair.

    An earlier one of another batch is kept below one that has a batch, and holds again when that is taken back.
    """
    by_batch: defaultdict[str, list[Decision]] = defaultdict(list)
    for one in made:
        by_batch[one.batch].append(one)
    for batch, several in by_batch.items():
        if batch:
            _cover(transaction, several, batch)
    _write(transaction, [{"id": _key(one), **one.model_dump()} for one in made])


def forget_decisions(transaction: Transaction, batch: str) -> None:
    """Take back, inside an audited write, what was decided with this batch; what that covered holds again.

    Where a still later answer stands on the pair, it covers the earlier one from now on.
    """
    transaction.run(_FORGET, {"batch": batch})
    covered = [row["decision"] for row in transaction.run(_COVERED_BY, {"batch": batch})]
    if not covered:
        return
    later: defaultdict[str, list[str]] = defaultdict(list)
    for row in transaction.run(_ON_PAIRS, {"rows": covered}):
        if _number(row["batch"]) > _number(batch):
            later[row["covered"]].append(row["batch"])
    still = [{**one, "replaced_by": min(later[one["id"]], key=_number)} for one in covered if one["id"] in later]
    again = [Decision.model_validate(one) for one in covered if one["id"] not in later]
    _write(transaction, [*still, *({"id": _key(one), **one.model_dump()} for one in again)])
    transaction.run(_FORGET_THESE, {"ids": [one["id"] for one in covered if one["id"] not in later]})


def drop_decisions(transaction: Transaction, decisions: Sequence[Decision], *, batch: str) -> None:
    """Let these decisions hold no more, inside an audited write, until this batch is taken back."""
    _cover(transaction, decisions, batch)
    transaction.run(_FORGET_THESE, {"ids": [_key(one) for one in decisions]})


def _cover(transaction: Transaction, decisions: Sequence[Decision], batch: str) -> None:
    """Keep what holds on the pairs of these, below this batch."""
    held = [row["decision"] for row in transaction.run(_THESE, {"ids": [_key(one) for one in decisions]})]
    rows = [
        {**one, "id": f"{one['id']}|{one.get('batch', '')}", "replaced_by": batch}
        for one in held
        if one.get("batch") != batch
    ]
    _write(transaction, rows)


def _write(transaction: Transaction, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        transaction.run(_KEEP, {"rows": list(rows)})


def _number(batch: str) -> int:
    """Batches are numbers of writes; decisions from before they had one came first."""
    return int(batch) if batch.isdecimal() else 0


def _key(made: Decision) -> str:
    # The escaped triple, like a mention id: no two pairs have one.
    return mention_id(made.kind, made.subject, made.object)


def decisions_about(database: Database, kind: str) -> list[Decision]:
    """Which decisions of this kind were made, by subject and object?"""
    return database.read(DECISIONS_ABOUT, kind=kind)


def decisions_in(transaction: Transaction, kind: str, subject: str) -> list[Decision]:
    """What was decided on this subject, as seen inside a write?"""
    return [Decision.model_validate(row) for row in transaction.run(_ON, {"kind": kind, "subject": subject})]


def decided_at(decisions: Sequence[Decision]) -> tuple[int, str]:
    """How many decisions are these, and of when is the last?  As `decided_so_far` says it of those in the store."""
    return len(decisions), max((one.decided_at for one in decisions), default="")


def decided_so_far(transaction: Transaction, kind: str) -> tuple[int, str]:
    """How many decisions of a kind are there, and of when is the last, as seen inside a write?"""
    row = transaction.run(_SO_FAR, {"kind": kind})[0]
    return int(row["number"]), str(row["latest"])


def decisions_between(
    transaction: Transaction, kind: str, ones: Sequence[str], others: Sequence[str]
) -> list[Decision]:
    """What was decided between one of these and one of those, whichever is the subject, as seen inside a write?"""
    ends = (list(ones), list(others)), (list(others), list(ones))
    rows = (transaction.run(_BETWEEN, {"kind": kind, "ones": one, "others": other}) for one, other in ends)
    return [Decision.model_validate(row) for found in rows for row in found]
