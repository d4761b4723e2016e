"""What a person writes by hand: one transaction of claims of the source `local`, audited, taken back by its batch."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal, LiteralString

from graph.audit import Effect
from graph.changes import LOCAL, NodeChange, RelationshipChange
from graph.claims import NodeClaim, RelationshipClaim, Said
from graph.database import Transaction
from graph.dates import Period, parse_day
from graph.errors import ConflictError, InputError, NotFoundError
from graph.identity import new_id
from graph.merge import apply_changes
from graph.model import NODE_BY_LABEL, check_text
from graph.store import Store

LONGEST_TITLE: Final = 500
LONGEST_TEXT: Final = 50_000
LONGEST_NOTE: Final = 10_000
MOST_ENDS: Final = 200

Label = Literal["Person", "Organisation", "Output", "Project", "Topic", "Region", "Service", "Team"]

# Ids that were merged lead to what they are part of now; what may not be shown is as if it were not there.
_THERE: Final[dict[Label, LiteralString]] = {
    "Person": """
UNWIND $ids AS id MATCH (n:Person {id: id})
OPTIONAL MATCH (n)-[:MERGED_INTO*1..16]->(s) WHERE NOT EXISTS { (s)-[:MERGED_INTO]->(:Person) }
WITH id, coalesce(s, n) AS n WHERE n.tombstone IS NULL AND coalesce(n.visibility, '') <> 'restricted'
RETURN id, min(n.id) AS key""",
    "Organisation": """
UNWIND $ids AS id MATCH (n:Organisation {id: id})
OPTIONAL MATCH (n)-[:MERGED_INTO*1..16]->(s) WHERE NOT EXISTS { (s)-[:MERGED_INTO]->(:Organisation) }
WITH id, coalesce(s, n) AS n WHERE n.tombstone IS NULL AND coalesce(n.visibility, '') <> 'restricted'
RETURN id, min(n.id) AS key""",
    "Output": """
UNWIND $ids AS id MATCH (n:Output {id: id})
OPTIONAL MATCH (n)-[:MERGED_INTO*1..16]->(s) WHERE NOT EXISTS { (s)-[:MERGED_INTO]->(:Output) }
WITH id, coalesce(s, n) AS n WHERE n.tombstone IS NULL AND coalesce(n.visibility, '') <> 'restricted'
RETURN id, min(n.id) AS key""",
    "Project": """
UNWIND $ids AS id MATCH (n:Project {id: id})
WHERE n.tombstone IS NULL AND coalesce(n.visibility, '') <> 'restricted'
RETURN id, n.id AS key""",
    "Topic": """
UNWIND $ids AS id MATCH (n:Topic {id: id})
WHERE n.tombstone IS NULL
RETURN id, n.id AS key""",
    "Region": """
UNWIND $ids AS id MATCH (n:Region {code: id})
WHERE n.tombstone IS NULL
RETURN id, n.code AS key""",
    "Service": """
UNWIND $ids AS id MATCH (n:Service {id: id})
WHERE n.tombstone IS NULL AND coalesce(n.visibility, '') <> 'restricted'
RETURN id, n.id AS key""",
    "Team": """
UNWIND $ids AS id MATCH (n:Team {id: id})
WHERE n.tombstone IS NULL AND coalesce(n.visibility, '') <> 'restricted'
RETURN id, n.id AS key""",
}


@dataclass(frozen=True, slots=True)
class Written:
    """What a command wrote: the id it is about, and the batch that takes it back (`zhiku batch undo`)."""

    id: str
    batch: str


@dataclass(frozen=True, slots=True)
class LocalChange:
    """Claims to add and relationships to end; `id` is what they are about."""

    id: str
    nodes: Sequence[NodeClaim] = ()
    relationships: Sequence[RelationshipClaim] = ()
    ended: Sequence[RelationshipClaim] = ()


def write_local(
    store: Store, *, action: str, subject: str, actor: str, change: Callable[[Transaction, int], LocalChange]
) -> Written:
    """Write a change in one transaction with its audit event; `change` is given the transaction and its number.

    `subject` stands in the event: an id, or the label of what is made (never a text, which an erasure would not reach).
    What the person said before is extended, not replaced. Raises `ConflictError` when nothing is different afterwards,
    `StoreUnavailableError`, and what `change` raises; then nothing is written.
    """

    def work(transaction: Transaction, seq: int) -> Effect[str]:
        made = change(transaction, seq)
        effect = apply_changes(
            transaction,
            seq,
            LOCAL,
            [NodeChange(claim.type, claim.key, Said(claim.properties, claim.labels)) for claim in made.nodes],
            [
                *(RelationshipChange(claim, None) for claim in made.ended),
                *(RelationshipChange(claim, claim.properties) for claim in made.relationships),
            ],
            run=action,
            adding=True,
        )
        if not effect.result.touched:
            raise ConflictError("这些内容已经登记过，没有改动")
        return Effect(made.id, effect.images)

    committed = store.audit.write(actor=actor, action=action, subject=subject, work=work)
    if committed is None:
        raise RuntimeError("a local write is never rolled back on request")
    return Written(committed.result, f"{committed.number}")


def fresh_id(store: Store, label: str, seq: int) -> str:
    """Return the id of something made by the write of this number: one of a label in each write."""
    return new_id(NODE_BY_LABEL[label].prefix, store.key, LOCAL.id, f"{label}|{seq}", 1)


def standing(transaction: Transaction, label: Label, ids: Collection[str]) -> dict[str, str]:
    """Which of these ids are there, and what do they lead to today?  Unknown and hidden ones are left out."""
    if not ids:
        return {}
    rows = transaction.run(_THERE[label], {"ids": sorted(set(ids))})
    return {str(row["id"]): str(row["key"]) for row in rows}


def required(transaction: Transaction, label: Label, ids: Sequence[str]) -> list[str]:
    """Return what these ids lead to, each once; raises `NotFoundError` naming the first that is not there."""
    if len(ids) > MOST_ENDS:
        raise InputError(f"一次最多 {MOST_ENDS} 个编号，收到 {len(ids)} 个")
    there = standing(transaction, label, ids)
    for id_ in ids:
        if id_ not in there:
            raise NotFoundError(f"没有这个编号的{NODE_BY_LABEL[label].zh}：{id_[:80]}", hint="编号见查找结果的最后一列")
    return list(dict.fromkeys(there[id_] for id_ in ids))


def cleaned(what: str, text: str, *, longest: int, needed: bool = False) -> str:
    """Return a text without white space around it; raises `InputError` when empty though needed, too long or broken."""
    trimmed = text.strip()
    if needed and not trimmed:
        raise InputError(f"没有写{what}")
    if len(trimmed) > longest:
        raise InputError(f"{what}长达 {len(trimmed)} 字，超过上限 {longest}")
    check_text(what, trimmed)
    return trimmed


def chosen(what: str, value: str, allowed: Collection[str]) -> str:
    """Return a word of a list; raises `InputError` naming the list."""
    if value not in allowed:
        raise InputError(f"{what}应为其中之一：{'、'.join(allowed)}")
    return value


def period_properties(since: str, until: str) -> dict[str, str]:
    """Return a begin and an end in any notation of dates, "" = unknown, as the model's properties.

    Raises `InputError` for what is no date, or an end before the begin.
    """
    start = parse_day(since) if since.strip() else None
    end = parse_day(until) if until.strip() else None
    if start is not None and end is not None and start.first >= end.after_last:
        raise InputError("结束时间早于起始时间")
    period = Period(
        start.first if start else None,
        end.after_last if end else None,
        start.precision if start else None,
        end.precision if end else None,
    )
    return period.properties()


def day_of(day: date | None) -> date:
    """Return a day, today where none is said."""
    return day or datetime.now().astimezone().date()
