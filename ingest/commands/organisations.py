"""What a person says of an organisation's name: this string means that body, or it does not. Reversible, audited.

A decision outlives undo and import (`graph.decisions`). Where the string stands in the graph as a body of its own, made
from bare strings, that body becomes a stub which leads to the one it means; saying "different" later brings it back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from graph.audit import Effect
from graph.changes import LOCAL, RelationshipChange
from graph.claims import RelationshipClaim, relationship_claim
from graph.database import Database, Record, Transaction
from graph.decisions import ORGANISATION_NAMES, Decision, decision, decisions_in, keep_decision
from graph.errors import ConflictError, InputError, NotFoundError
from graph.merge import apply_changes
from graph.model import MERGED_INTO
from graph.store import Store
from graph.text import fold
from ingest.bodies.scoring import Part
from ingest.bodies.spelling import clean
from ingest.organisations import Organisations
from queries.unverified import unverified_organisations

RUN: Final = "identity"
_MOST_READ: Final = 20_000
_LONGEST_NAME: Final = 200

_BODY: Final = """
MATCH (o:Organisation {id: $id})
WHERE o.tombstone IS NULL
RETURN o.id AS id, o.name AS name, o.name_key AS name_key, coalesce(o.verified, false) AS verified,
       [(o)-[m:MERGED_INTO]->(t:Organisation) | [t.id, m.source]] AS merged
"""
_OF_STRINGS: Final = """
MATCH (o:Organisation {name_key: $key})
WHERE o.tombstone IS NULL AND coalesce(o.verified, false) = false
RETURN o.id AS id, [(o)-[m:MERGED_INTO]->(t:Organisation) | [t.id, m.source]] AS merged
ORDER BY id
"""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A body that an unknown string may mean: id, name, points, and every part with its sentence."""

    id: str
    name: str
    points: float
    department: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class NameQuestion:
    """Is this body, known from strings only, one of those?  `people` says how much an answer decides."""

    id: str
    name: str
    people: int
    proposals: tuple[Proposal, ...]


@dataclass(frozen=True, slots=True)
class Decided:
    """What a decision did: the folded string, the body, the outcome, and the bodies made from strings it touched."""

    subject: str
    body: str
    outcome: Literal["same", "different"]
    bodies: tuple[str, ...]


def name_questions(database: Database, *, limit: int = 20) -> list[NameQuestion]:
    """Which bodies known from strings only may be registered ones, those of most people first?

    Nothing is stored: the questions follow from the graph, the registers and what was decided, so that none is stale.
    `limit` is 1 to 200. Raises `InputError`, `StoreUnavailableError`.
    """
    if not 1 <= limit <= 200:
        raise InputError("limit 应在 1 到 200 之间")
    known = Organisations.load(database)
    found: list[NameQuestion] = []
    for body in unverified_organisations(database, limit=_MOST_READ):
        judged = known.doubts(clean(body.name))
        # "same" too: the register came after the string.
        proposals = [
            Proposal(c.id, known.name_of(c.id), c.points, c.department, c.parts)
            for c in judged.candidates
            if c.id != body.id
        ]
        if proposals:
            found.append(NameQuestion(body.id, body.name, body.people, tuple(proposals[:5])))
            if len(found) == limit:
                break
    return found


def same_organisation(store: Store, *, written: str, body: str, actor: str, reason: str) -> Decided:
    """Say that `written` means a body: a string, or the id of a body that is the same as this one.

    Raises `InputError` without a reason or name, `NotFoundError` for an unknown body, `ConflictError` when `written`
    was said to mean another one, or `body` itself leads to another one (so that redirects never form a circle).
    """
    subject = _subject(store.database, written, body)
    made = decision(ORGANISATION_NAMES, subject.key, body, "same", decided_by=actor, reason=reason)

    def work(transaction: Transaction, seq: int) -> Effect[Decided]:
        if led := _existing(transaction, body)["merged"]:
            raise ConflictError(f"机构 {body} 已并入 {led[0][0]}", hint=f"改用 {led[0][0]}")
        for earlier in decisions_in(transaction, ORGANISATION_NAMES, subject.key):
            if earlier.outcome == "same" and earlier.object != body:
                raise _said_otherwise(subject.key, earlier)
        stubs = _stubs(transaction, subject, body)
        for id_, merged in stubs.items():
            if others := [target for target, _ in merged if target != body]:
                raise ConflictError(f"机构 {id_} 已并入 {others[0]}", hint="先用 different 撤销原来的决定")
        keep_decision(transaction, made)
        changes = [RelationshipChange(_merge_claim(id_, body), {}) for id_ in stubs]
        return _applied(transaction, seq, changes, Decided(subject.key, body, "same", tuple(stubs)))

    return _write(store, "organisation_same", made, work)


def different_organisation(store: Store, *, written: str, body: str, actor: str, reason: str) -> Decided:
    """Say that `written` (a string, or the id of a body) does not mean a body.

    What was merged into it by an earlier decision on `written` stands by itself again. Raises `InputError`,
    `NotFoundError` as `same_organisation` does.
    """
    subject = _subject(store.database, written, body)
    made = decision(ORGANISATION_NAMES, subject.key, body, "different", decided_by=actor, reason=reason)

    def work(transaction: Transaction, seq: int) -> Effect[Decided]:
        _existing(transaction, body)
        keep_decision(transaction, made)
        merged = _stubs(transaction, subject, body)
        ended = [id_ for id_, targets in merged.items() if [body, LOCAL.id] in targets]
        changes = [RelationshipChange(_merge_claim(id_, body), None) for id_ in ended]
        return _applied(transaction, seq, changes, Decided(subject.key, body, "different", tuple(ended)))

    return _write(store, "organisation_different", made, work)


@dataclass(frozen=True, slots=True)
class _Subject:
    """What is decided on: a folded string, or the id of a registered body."""

    key: str
    registered: bool


def _subject(database: Database, written: str, body: str) -> _Subject:
    rows = database.records("organisation", _BODY, id=written.strip())
    if rows and written.strip() == body:
        raise InputError("两端是同一个机构")
    if rows and rows[0]["verified"]:
        return _Subject(str(rows[0]["id"]), registered=True)
    name = str(rows[0]["name_key"] or "") if rows else fold(clean(written))
    if not name or len(name) > _LONGEST_NAME:
        raise InputError("看不出机构名称", hint="写出现在资料里的单位名，或机构编号")
    return _Subject(name, registered=False)


def _existing(transaction: Transaction, body: str) -> Record:
    rows = transaction.run(_BODY, {"id": body})
    if not rows:
        raise NotFoundError(f"没有编号为 {body} 的机构")
    return rows[0]


def _stubs(transaction: Transaction, subject: _Subject, body: str) -> dict[str, list[list[str]]]:
    """The bodies that stand for the subject in the graph, each with what it was merged into and by which source."""
    if subject.registered:
        rows = transaction.run(_BODY, {"id": subject.key})
    else:
        rows = transaction.run(_OF_STRINGS, {"key": subject.key})
    return {str(row["id"]): row["merged"] for row in rows if row["id"] != body}


def _said_otherwise(key: str, earlier: Decision) -> ConflictError:
    return ConflictError(
        f"“{key}”已由 {earlier.decided_by} 认定为另一个机构 {earlier.object}（理由：{earlier.reason}）",
        hint=f"确实认错时，先说明不是它：zhiku identity organisations different {key} {earlier.object} --reason …",
    )


def _merge_claim(stub: str, body: str) -> RelationshipClaim:
    return relationship_claim(MERGED_INTO, ("Organisation", stub), ("Organisation", body))


def _applied(transaction: Transaction, seq: int, changes: list[RelationshipChange], done: Decided) -> Effect[Decided]:
    effect = apply_changes(transaction, seq, LOCAL, [], changes, run=RUN, adding=False)
    return Effect(done, effect.images)


def _write(store: Store, action: str, made: Decision, work: Callable[[Transaction, int], Effect[Decided]]) -> Decided:
    subject = f"{made.subject} → {made.object}"
    written = store.audit.write(actor=made.decided_by, action=action, subject=subject, work=work)
    if written is None:
        raise RuntimeError("a decision is never rolled back on request")
    return written.result
