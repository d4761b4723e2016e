"""What a person does with a demand (问题库, 选题库): raise it, diagnose it, log a follow-up, answer it, close it.

Each is one audited transaction of the source `local`, taken back by its batch. What a table said of a demand stays; a
person's word is shown before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from graph.changes import LOCAL
from graph.claims import RelationshipClaim, node_claim, relationship_claim
from graph.database import Transaction
from graph.errors import ConflictError, InputError, NotFoundError
from graph.model import ABOUT, ANSWERS, DEMAND, INTERACTION, NEEDS, RAISED_BY
from graph.store import Store
from graph.text import fold
from graph.undo import batch_with, undo
from ingest.commands.local_writes import (
    LONGEST_NOTE,
    LONGEST_TEXT,
    LONGEST_TITLE,
    MOST_ENDS,
    Label,
    LocalChange,
    Written,
    chosen,
    cleaned,
    day_of,
    fresh_id,
    required,
    standing,
    write_local,
)

KINDS: Final = ("problem", "topic", "need")
URGENCIES: Final = ("urgent", "high", "normal")
SERVICE_KINDS: Final = ("论证", "评估", "标准", "资格认定", "咨询")
# A restricted record is in no answer, so nobody could work on it: such demands come from a table of their own only.
VISIBILITIES: Final = ("public", "members", "staff")
_LONGEST_NAME: Final = 200
# What may answer a demand, in the order in which an id is looked for.
_ANSWERING: Final[tuple[Label, ...]] = ("Output", "Project", "Person", "Organisation", "Team", "Service")

_DEMAND: Final = """
MATCH (d:Demand {id: $id})
WHERE d.tombstone IS NULL AND coalesce(d.visibility, '') <> 'restricted'
RETURN d.id AS id, coalesce(d.status, 'open') AS status, coalesce(d.raised_on, '') AS raised_on,
       coalesce(d.answered_on, '') AS answered_on
"""
_DIAGNOSED: Final = """
MATCH (d:Demand {id: $id})-[r:NEEDS {source: $source}]->(t)
WHERE r.method = 'diagnosed'
RETURN CASE WHEN t:Topic THEN 'Topic' ELSE 'Service' END AS label, t.id AS key, r.key AS tie
ORDER BY label, key
"""
_BATCH: Final = """
MATCH (e:AuditEvent {number: $number})
RETURN e.subject AS subject
"""
_NAMED: Final = """
MATCH (o:Organisation {name_key: $key})
WHERE o.tombstone IS NULL AND coalesce(o.visibility, '') <> 'restricted'
RETURN o.id AS id
ORDER BY id LIMIT 2
"""


@dataclass(frozen=True, slots=True)
class _Demand:
    """A demand as a write finds it; days are ISO text, "" when not known."""

    id: str
    status: str
    raised_on: str
    answered_on: str


def raise_demand(
    store: Store,
    *,
    title: str,
    actor: str,
    description: str = "",
    kind: str = "need",
    from_whom: str = "",
    urgency: str = "normal",
    service_kind: str = "",
    deadline: date | None = None,
    raised_on: date | None = None,
    visibility: str = "public",
    topics: Sequence[str] = (),
) -> Written:
    """Put a problem, a proposed topic or a need into the library.

    `kind` is problem, topic or need; `from_whom` the id of a body or person, or a name (that of exactly one known body
    is tied to it, any other stays as written); `deadline` the last day; `topics` ids. Raises `InputError` for an empty
    or over-long text, a word that is not of its list or a deadline before the day it was raised, `NotFoundError` for a
    topic that is not there.
    """
    day = day_of(raised_on)
    if deadline is not None and deadline < day:
        raise InputError(f"期限 {deadline} 早于提出日期 {day}", hint="检查年份和日期")
    facts: dict[str, object] = {
        "title": cleaned("题目", title, longest=LONGEST_TITLE, needed=True),
        "description": cleaned("说明", description, longest=LONGEST_TEXT),
        "kind": chosen("种类", kind, KINDS),
        "urgency": chosen("紧急程度", urgency, URGENCIES),
        "service_kind": chosen("需要的服务", service_kind, SERVICE_KINDS) if service_kind else "",
        "visibility": chosen("可见范围", visibility, VISIBILITIES),
        "status": "open",
        "raised_on": day.isoformat(),
        "deadline": None if deadline is None else deadline.isoformat(),
    }
    written = cleaned("提出方", from_whom, longest=_LONGEST_NAME)

    def change(transaction: Transaction, seq: int) -> LocalChange:
        key = fresh_id(store, "Demand", seq)
        ties = [_needs(key, "Topic", topic, "declared") for topic in required(transaction, "Topic", topics)]
        if raiser := _raiser(transaction, written):
            ties.append(relationship_claim(RAISED_BY, ("Demand", key), raiser))
        named = {} if raiser is not None and raiser[1] == written else {"from_whom": written}
        return LocalChange(key, [node_claim(DEMAND, key, {**facts, **named})], ties)

    return write_local(store, action="demand_raise", subject="Demand", actor=actor, change=change)


def diagnose_demand(
    store: Store,
    demand: str,
    *,
    diagnosis: str,
    actor: str,
    topics: Sequence[str] = (),
    services: Sequence[str] = (),
    service_kind: str = "",
    on: date | None = None,
) -> Written:
    """Say what a demand really needs: in words, and as the topics and services that a person confirmed.

    An earlier diagnosis gives way: its topics and services are taken off, those that were declared stay. Raises
    `InputError` without words, `NotFoundError` for an unknown demand, topic or service, `ConflictError` for a closed
    demand.
    """
    words = cleaned("诊断意见", diagnosis, longest=LONGEST_TEXT, needed=True)
    day = day_of(on).isoformat()
    kind = chosen("需要的服务", service_kind, SERVICE_KINDS) if service_kind else ""

    def change(transaction: Transaction, _seq: int) -> LocalChange:
        found = _open_demand(transaction, demand, "诊断")
        wanted = [
            *(_needs(demand, "Topic", topic, "diagnosed") for topic in required(transaction, "Topic", topics)),
            *(_needs(demand, "Service", one, "diagnosed") for one in required(transaction, "Service", services)),
        ]
        kept = {claim.identity for claim in wanted}
        rows = transaction.run(_DIAGNOSED, {"id": demand, "source": LOCAL.id})
        before = [relationship_claim(NEEDS, ("Demand", demand), (r["label"], r["key"]), key=r["tie"]) for r in rows]
        facts = {
            "diagnosis": words,
            "diagnosed_on": day,
            "diagnosed_by": actor,
            "service_kind": kind,
            "status": "diagnosed" if found.status == "open" else "",
        }
        ended = [claim for claim in before if claim.identity not in kept]
        return LocalChange(demand, [node_claim(DEMAND, demand, facts)], wanted, ended)

    return write_local(store, action="demand_diagnose", subject=demand, actor=actor, change=change)


def log_follow_up(
    store: Store, demand: str, *, note: str, actor: str, channel: str = "", on: date | None = None
) -> Written:
    """Record what was done or said about a demand on a day; the id returned is that of the record.

    A closed demand can be followed up too (回访). Raises `InputError` without words, `NotFoundError`.
    """
    facts = {
        "kind": "follow-up",
        "on": day_of(on).isoformat(),
        "channel": cleaned("方式", channel, longest=_LONGEST_NAME),
        "actor": actor,
        "note": cleaned("内容", note, longest=LONGEST_NOTE, needed=True),
    }

    def change(transaction: Transaction, seq: int) -> LocalChange:
        _demand(transaction, demand)
        key = fresh_id(store, "Interaction", seq)
        tie = relationship_claim(ABOUT, ("Interaction", key), ("Demand", demand))
        return LocalChange(key, [node_claim(INTERACTION, key, facts)], [tie])

    return write_local(store, action="demand_follow_up", subject=demand, actor=actor, change=change)


def answer_demand(
    store: Store, demand: str, *, by: Sequence[str], actor: str, note: str = "", on: date | None = None
) -> Written:
    """Say what or who answered a demand: ids of outputs, projects, people, organisations, teams, services.

    The first day of an answer is that of the demand; a further answer leaves it. Raises `InputError` without an id or
    for a day before the demand was raised, `NotFoundError` for an unknown id, `ConflictError` for a closed demand.
    """
    words = cleaned("说明", note, longest=LONGEST_NOTE)
    day = day_of(on).isoformat()
    if not by:
        raise InputError("没有写用什么答复", hint="给出成果、课题、人、机构或团队的编号")

    def change(transaction: Transaction, _seq: int) -> LocalChange:
        found = _open_demand(transaction, demand, "答复")
        if day < found.raised_on:
            raise InputError(f"答复日期 {day} 早于提出日期 {found.raised_on}")
        facts = {"on": day, "note": words, "actor": actor}
        ties = [
            relationship_claim(ANSWERS, end, ("Demand", demand), properties=facts)
            for end in _answering(transaction, by)
        ]
        first = min(day, found.answered_on or day)
        said = node_claim(DEMAND, demand, {"status": "answered", "answered_on": first})
        return LocalChange(demand, [said], ties)

    return write_local(store, action="demand_answer", subject=demand, actor=actor, change=change)


def close_demand(store: Store, demand: str, *, outcome: str, actor: str, on: date | None = None) -> Written:
    """Close a demand, answered or not, saying why.

    Raises `InputError` without words or for a day before the demand was raised, `NotFoundError`, `ConflictError` when
    it is closed already.
    """
    words = cleaned("办结说明", outcome, longest=LONGEST_NOTE, needed=True)
    day = day_of(on).isoformat()

    def change(transaction: Transaction, _seq: int) -> LocalChange:
        found = _open_demand(transaction, demand, "办结")
        if day < found.raised_on:
            raise InputError(f"办结日期 {day} 早于提出日期 {found.raised_on}")
        facts = {"status": "closed", "closed_on": day, "outcome": words}
        return LocalChange(demand, [node_claim(DEMAND, demand, facts)])

    return write_local(store, action="demand_close", subject=demand, actor=actor, change=change)


def _demand(transaction: Transaction, id_: str) -> _Demand:
    rows = transaction.run(_DEMAND, {"id": id_})
    if not rows:
        raise NotFoundError(f"没有这个编号的需求：{id_[:80]}", hint="用 zhiku demand list 查看编号")
    return _Demand(**{name: str(value) for name, value in rows[0].items()})


def _open_demand(transaction: Transaction, id_: str, doing: str) -> _Demand:
    found = _demand(transaction, id_)
    if found.status == "closed":
        raise ConflictError(
            f"需求 {id_} 已经办结，不能再{doing}", hint="办错了可以撤销：zhiku audit list 查批次，zhiku batch undo 批次"
        )
    return found


def _needs(demand: str, label: str, key: str, method: str) -> RelationshipClaim:
    return relationship_claim(NEEDS, ("Demand", demand), (label, key), properties={"method": method})


def _raiser(transaction: Transaction, written: str) -> tuple[str, str] | None:
    """The body or person that an id means, or the one body of this name."""
    if not written:
        return None
    labels: tuple[Label, ...] = ("Organisation", "Person")
    for label in labels:
        if found := standing(transaction, label, [written]):
            return label, found[written]
    rows = transaction.run(_NAMED, {"key": fold(written)}) if fold(written) else []
    if len(rows) != 1:
        return None
    return "Organisation", standing(transaction, "Organisation", [str(rows[0]["id"])])[str(rows[0]["id"])]


def _answering(transaction: Transaction, ids: Sequence[str]) -> list[tuple[str, str]]:
    if len(ids) > MOST_ENDS:
        raise InputError(f"一次最多 {MOST_ENDS} 个编号，收到 {len(ids)} 个")
    found: dict[str, tuple[str, str]] = {}
    for label in _ANSWERING:
        found = {id_: (label, key) for id_, key in standing(transaction, label, ids).items()} | found
    for id_ in ids:
        if id_ not in found:
            raise NotFoundError(
                f"没有这个编号的成果、课题、人、机构、团队或服务：{id_[:80]}", hint="编号见查找结果的最后一列"
            )
    return list(dict.fromkeys(found[id_] for id_ in ids))


def take_back(store: Store, demand: str, batch: str, *, actor: str) -> None:
    """Take back what one of these commands wrote, by its batch; what was changed since stays.

    Raises `NotFoundError` for a batch that no such command wrote about this demand, `ConflictError` when it is undone
    already.
    """
    there = batch_with(store.database, batch)
    about = store.database.records("demand_batch", _BATCH, number=0 if there is None else there.seq)
    if (
        there is None
        or not there.run.startswith("demand_")
        or not about
        or about[0]["subject"] not in {demand, "Demand"}
    ):
        raise NotFoundError(f"没有编号为 {batch[:40]} 的改动", hint="编号在保存之后显示")
    undo(store, batch, actor=actor)
