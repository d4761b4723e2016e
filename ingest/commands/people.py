"""What a person says of people: these two are one, those two are not, these mentions are somebody else's.

Each answer is one transaction with its decision, actor and reason, and can be taken back by its number. A decision is
about mentions, so that it outlives imports, undo and whatever becomes of the people meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from typing import Final, Literal

from pydantic import BaseModel

from graph.audit import Effect
from graph.changes import IDENTITY
from graph.database import Database, Query, Transaction
from graph.decisions import (
    PERSON_MENTIONS,
    Decision,
    decision,
    decisions_between,
    drop_decisions,
    forget_decisions,
    keep_decisions,
)
from graph.errors import ConflictError, InputError, NotFoundError, ZhikuError
from graph.joining import join_people
from graph.people import Also
from graph.separating import separate_people
from graph.store import Store
from graph.undo import batch_with, undo
from ingest.people.answered import answered_before, close_question, open_again
from ingest.people.holding import check_holds, check_holds_still, holder, two_holders
from ingest.people.names import person_name
from ingest.people.review import OpenQuestion, count_questions, review_question

RUN: Final = "identity"
# Of two people with more pairs of mentions than this, each mention is told apart from the other's best one only.
_MOST_PAIRS: Final = 400


@dataclass(frozen=True, slots=True)
class Answered:
    """What an answer did; `batch` takes it back. `person` stays, `other` was merged into it or was taken out."""

    outcome: Literal["same", "different", "split"]
    batch: str
    person: str
    other: str
    decisions: int


class _Counts(BaseModel):
    people: int
    mentions: int
    merged: int
    decided_same: int
    decided_different: int
    settled_on: str


class IdentityStats(_Counts):
    """How far it has come: people, how many of them stand for several mentions, what is open, what was decided."""

    questions: int
    postponed: int


_STATS: Final = Query(
    "identity_stats",
    """
OPTIONAL MATCH (s:Analysis {id: 'identity:people'})
RETURN COUNT { MATCH (p:Person) WHERE p.tombstone IS NULL } AS people,
  COUNT { MATCH (:Person)-[:AUTHORED|LED|PARTICIPATED_IN]->() } AS mentions,
  COUNT { MATCH (:Person)-[:MERGED_INTO]->(:Person) } AS merged,
  COUNT {
    MATCH (d:Decision) WHERE d.kind = 'person_mention' AND d.outcome = 'same' AND d.replaced_by IS NULL
  } AS decided_same,
  COUNT {
    MATCH (d:Decision) WHERE d.kind = 'person_mention' AND d.outcome = 'different' AND d.replaced_by IS NULL
  } AS decided_different,
  coalesce(s.made_on, '') AS settled_on""",
    _Counts,
)


def identity_stats(database: Database) -> IdentityStats:
    """How many people and mentions are there, how many were merged, what is open and what was decided?"""
    counts, asked = database.read(_STATS)[0], count_questions(database)
    return IdentityStats(**counts.model_dump(), questions=asked.questions, postponed=asked.postponed)


def answer_same(store: Store, question: str | OpenQuestion, *, actor: str, reason: str) -> Answered:
    """Say yes to a question (its id, or as it was read): the two are one, or whoever was proposed to leave stays.

    Raises `NotFoundError`, `InputError` without a reason, `ConflictError` where a person said no before, or the
    question was answered or its people changed since it was read.
    """
    asked = _asked(store.database, question)
    with _first_heard(store.database, asked):
        if asked.kind == "split":
            return _stays_one(store, asked, actor=actor, reason=reason)
        pair = asked.left_mention, asked.right_mention
        return same_person(store, asked.left, asked.right, actor=actor, reason=reason, pair=pair, question=asked)


def answer_different(store: Store, question: str | OpenQuestion, *, actor: str, reason: str) -> Answered:
    """Say no to a question: the two are not one person, or the mentions in question are somebody else's.

    Raises as `answer_same`.
    """
    asked = _asked(store.database, question)
    with _first_heard(store.database, asked):
        if asked.kind == "split":
            return split_person(store, asked.left, asked.mentions, actor=actor, reason=reason, question=asked)
        return different_people(store, asked.left, asked.right, actor=actor, reason=reason, question=asked)


def _asked(database: Database, question: str | OpenQuestion) -> OpenQuestion:
    return question if isinstance(question, OpenQuestion) else review_question(database, question)


@contextmanager
def _first_heard(database: Database, asked: OpenQuestion) -> Generator[None]:
    """Of two who answer one question at a time the second is told so, not that its people are not what they were."""
    try:
        yield
    except ZhikuError as error:
        if before := answered_before(database, asked.id):
            raise before from error
        raise


def _stays_one(store: Store, asked: OpenQuestion, *, actor: str, reason: str) -> Answered:
    """Keep that the mentions of a split question are the person's."""
    made = [_said(asked.left_mention, mention, "same", actor, reason) for mention in asked.mentions]
    done = Answered("same", "", asked.left, "", len(made))

    def whole(transaction: Transaction, _batch: str) -> None:
        check_holds_still(transaction, asked.left, {asked.left_mention, *asked.mentions})

    return _decide(store, done, made, whole, actor=actor, question=asked)


def same_person(
    store: Store,
    left: str,
    right: str,
    *,
    actor: str,
    reason: str,
    pair: tuple[str, str] | None = None,
    question: OpenQuestion | None = None,
) -> Answered:
    """Say that two people are one: they become one, the one with fewer mentions leads to the other.

    `pair` are the mentions the decision is kept on (default: the first of each). Raises `NotFoundError`, `InputError`
    without a reason or for one and the same person, `ConflictError` where a person told them apart or they changed
    meanwhile.
    """
    one, other = two_holders(store.database, left, right)
    stays, goes = sorted((one, other), key=lambda person: (-len(person.mentions), person.id))
    made = _said(*(pair or (one.mentions[0], other.mentions[0])), "same", actor, reason)

    def also(transaction: Transaction, batch: str) -> None:
        before = decisions_between(transaction, PERSON_MENTIONS, one.mentions, other.mentions)
        if no := next((each for each in before if each.outcome == "different"), None):
            raise ConflictError(
                f"{no.decided_by} 于 {no.decided_at[:10]} 确认过这两位不是同一人（理由：{no.reason}）",
                hint=f"如要改变，先撤回：zhiku identity undo {no.batch}",
            )
        check_holds(transaction, stays.id, {*one.mentions, *other.mentions})
        keep_decisions(transaction, [made.model_copy(update={"batch": batch})])
        if question:
            close_question(transaction, question.id, batch)

    joined = join_people(store, into=stays.id, others=[goes.id], actor=actor, run=RUN, also=also)
    if joined.batch is None:
        raise InputError("这两位已经是同一人", hint="用 zhiku identity show 查看")
    return Answered("same", joined.batch, stays.id, goes.id, 1)


def different_people(
    store: Store, left: str, right: str, *, actor: str, reason: str, question: OpenQuestion | None = None
) -> Answered:
    """Say that two people are not one: no import and no new count will join their mentions.

    Raises `NotFoundError`, `InputError` without a reason or for one and the same person, `ConflictError` when they
    became one or changed meanwhile.
    """
    one, other = two_holders(store.database, left, right)
    made = _apart(one.mentions, other.mentions, actor, reason)
    done = Answered("different", "", one.id, other.id, len(made))

    def apart(transaction: Transaction, batch: str) -> None:
        for person in (one, other):
            check_holds(transaction, person.id, set(person.mentions))
        before = decisions_between(transaction, PERSON_MENTIONS, one.mentions, other.mentions)
        drop_decisions(transaction, before, batch=batch)

    return _decide(store, done, made, apart, actor=actor, question=question)


def split_person(
    store: Store,
    person: str,
    mentions: Sequence[str],
    *,
    actor: str,
    reason: str,
    question: OpenQuestion | None = None,
) -> Answered:
    """Say that some mentions of a person are somebody else's: they become another person, for good.

    Who was looked at stays one: without that the recipe, which breaks a contradiction up at the weakest sign, might
    take the rest apart as well.

    Raises `NotFoundError`, `InputError` without a reason or for mentions that are not the person's, `ConflictError` as
    `graph.separating.separate_people` and when the person changed meanwhile.
    """
    found = holder(store.database, person)
    leaving = tuple(dict.fromkeys(mentions))
    staying = tuple(mention for mention in found.mentions if mention not in set(leaving))
    made = _apart(staying, leaving, actor, reason) if staying and leaving else []
    held = [_said(group[0], mention, "same", actor, reason) for group in (staying, leaving) for mention in group[1:]]
    # Without a reason nothing is said, not even where the mentions are wrong as well.
    _said(person, person, "different", actor, reason)

    def also(transaction: Transaction, batch: str) -> None:
        check_holds(transaction, found.id, set(staying))
        between = decisions_between(transaction, PERSON_MENTIONS, staying, leaving)
        drop_decisions(transaction, between, batch=batch)
        before = decisions_between(transaction, PERSON_MENTIONS, staying, staying)
        known = {(each.subject, each.object) for each in before}
        new = [*made, *(each for each in held if (each.subject, each.object) not in known)]
        keep_decisions(transaction, [each.model_copy(update={"batch": batch}) for each in new])
        if question:
            close_question(transaction, question.id, batch)

    done = separate_people(
        store,
        person=found.id,
        mentions=leaving,
        actor=actor,
        run=RUN,
        name_key=lambda name: person_name(name).key,
        also=also,
    )
    return Answered("split", done.batch, done.person, done.new, len(made))


def take_back(store: Store, batch: str, *, actor: str) -> int:
    """Take an answer back by its number: the graph and the decisions are as before. Returns how much was restored.

    Raises `NotFoundError` for a number that is no answer, `ConflictError` where later answers about the same people
    stand in the way, or it was taken back already.
    """
    there = batch_with(store.database, batch)
    if there is not None and there.source == IDENTITY.id:
        report = undo(store, batch, actor=actor)
        # Killed before this write, the question is asked again by the next settling: the undo has changed its names.
        _audited(store, batch, lambda transaction: open_again(transaction, batch), actor=actor)
        return report.restored + report.removed
    if not store.database.records("decisions_of", _DECIDED, batch=batch):
        raise NotFoundError(f"没有编号为 {batch} 的回答", hint="编号在回答之后显示；也可用 zhiku audit list 查看")

    def forget(transaction: Transaction) -> None:
        forget_decisions(transaction, batch)
        open_again(transaction, batch)

    _audited(store, batch, forget, actor=actor)
    return 1


def _audited(store: Store, batch: str, change: Callable[[Transaction], None], *, actor: str) -> None:
    def work(transaction: Transaction, _number: int) -> Effect[None]:
        change(transaction)
        return Effect(None)

    store.audit.write(actor=actor, action="identity_undo", subject=batch, work=work)


_DECIDED: Final = """
MATCH (d:Decision {batch: $batch})
RETURN d.id AS id
LIMIT 1
"""


def _decide(
    store: Store,
    done: Answered,
    made: Sequence[Decision],
    first: Also,
    *,
    actor: str,
    question: OpenQuestion | None,
) -> Answered:
    """Keep decisions that move nobody; `first` refuses what is not so any more, and clears the way."""

    def work(transaction: Transaction, number: int) -> Effect[str]:
        first(transaction, f"{number}")
        keep_decisions(transaction, [each.model_copy(update={"batch": f"{number}"}) for each in made])
        if question:
            close_question(transaction, question.id, f"{number}")
        return Effect(f"{number}")

    committed = store.audit.write(actor=actor, action=f"identity_{done.outcome}", subject=done.person, work=work)
    if committed is None:
        raise RuntimeError("a decision is never rolled back on request")
    return Answered(done.outcome, committed.result, done.person, done.other, done.decisions)


def _apart(one: Sequence[str], other: Sequence[str], actor: str, reason: str) -> list[Decision]:
    pairs = set(product(one, other))
    if len(pairs) > _MOST_PAIRS:
        pairs = {(one[0], mention) for mention in other} | {(mention, other[0]) for mention in one}
    return [_said(*pair, "different", actor, reason) for pair in sorted(pairs)]


def _said(one: str, other: str, outcome: Literal["same", "different"], actor: str, reason: str) -> Decision:
    low, high = sorted((one, other))
    return decision(PERSON_MENTIONS, low, high, outcome, decided_by=actor, reason=reason)
