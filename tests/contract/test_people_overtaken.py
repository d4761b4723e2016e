"""Two editors, one question: whoever is heard second is told so, and writes nothing, the same on all engines."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import pytest

from graph.audit import Audit, Committed, Effect
from graph.database import Transaction
from graph.decisions import PERSON_MENTIONS, Decision, decisions_about
from graph.errors import ConflictError
from graph.store import Store
from ingest.commands.people import (
    Answered,
    answer_different,
    answer_same,
    different_people,
    same_person,
    split_person,
)
from ingest.people.review import OpenQuestion, ReviewQuestion, keep_questions, review_question, review_questions
from tests.contract.test_people_review import load
from tests.graph_dump import dump

ONE, OTHER, WHY = "甲编辑", "乙编辑", "对照过原文"
Result = TypeVar("Result")
Act = Callable[[Store], object]
Ask = Callable[[Store, Path], OpenQuestion]


class _Overtaken(Audit):
    """An audit before whose next write somebody else commits: after the reads of an answer, before it is written."""

    def __init__(self, store: Store, meanwhile: Act) -> None:
        super().__init__(store.database, store.folder / f"audit-{store.id}.anchors")
        self._meanwhile: list[Act] = [meanwhile]
        self._store = store

    def write(
        self, *, actor: str, action: str, subject: str, work: Callable[[Transaction, int], Effect[Result]]
    ) -> Committed[Result] | None:
        while self._meanwhile:
            self._meanwhile.pop()(self._store)
        return super().write(actor=actor, action=action, subject=subject, work=work)


def overtaken(store: Store, meanwhile: Act) -> Store:
    """The store of somebody whom another one overtakes."""
    return replace(store, audit=_Overtaken(store, meanwhile))


def asked_same(store: Store, folder: Path) -> OpenQuestion:
    load(store, folder)
    return review_questions(store.database, name_key="王伟")[0]


def asked_split(store: Store, folder: Path) -> OpenQuestion:
    """Is who stands on b (and only there) somebody else than who stands on a and c?"""
    same = asked_same(store, folder)
    whole = same.left if "|d|" not in same.left_mention else same.right
    question = ReviewQuestion(
        id="Qsplit",
        kind="split",
        name_key="王伟",
        left=whole,
        left_mention="works:papers|a|1",
        right_mention="works:papers|b|1",
        mentions=["works:papers|b|1"],
        points=0.0,
        average=0.0,
        decides=2,
    )
    keep_questions(store, [], [question], actor=ONE)
    return review_question(store.database, "Qsplit")


def said(store: Store) -> Sequence[Decision]:
    return decisions_about(store.database, PERSON_MENTIONS)


BOTH = pytest.mark.parametrize(
    ("first", "second"),
    [(one, other) for one in (answer_same, answer_different) for other in (answer_same, answer_different)],
)


def answer(store: Store, asked: OpenQuestion, first: Callable[..., Answered]) -> list[Any]:
    """Answer, and return the number with what the graph and the decisions are then."""
    done = first(store, asked.id, actor=ONE, reason=WHY)
    return [done.batch, dump(store.database), said(store)]


def refused(store: Store, asked: OpenQuestion, second: Callable[..., Answered], kept: list[Any]) -> None:
    with pytest.raises(ConflictError, match="已经回答过") as error:
        second(store, asked, actor=OTHER, reason="我看不是这样")
    assert f"zhiku identity undo {kept[0]}" in str(error.value.hint)
    assert (dump(store.database), said(store)) == (kept[1], kept[2])
    assert {one.decided_by for one in kept[2]} == {ONE}


@BOTH
@pytest.mark.parametrize("ask", [asked_same, asked_split])
def test_of_two_answers_at_a_time_the_first_counts(
    store: Store, tmp_path: Path, ask: Ask, first: Callable[..., Answered], second: Callable[..., Answered]
) -> None:
    asked, kept = ask(store, tmp_path), list[Any]()
    refused(overtaken(store, lambda now: kept.extend(answer(now, asked, first))), asked, second, kept)


@pytest.mark.parametrize(("first", "second"), [(answer_same, answer_different), (answer_different, answer_same)])
@pytest.mark.parametrize("ask", [asked_same, asked_split])
def test_of_two_who_read_a_question_the_first_counts(
    any_store: Store, tmp_path: Path, ask: Ask, first: Callable[..., Answered], second: Callable[..., Answered]
) -> None:
    asked = ask(any_store, tmp_path)
    refused(any_store, asked, second, answer(any_store, asked, first))


def test_two_told_apart_after_they_became_one_are_left_one(any_store: Store, tmp_path: Path) -> None:
    asked = asked_same(any_store, tmp_path)
    late = overtaken(any_store, lambda store: same_person(store, asked.left, asked.right, actor=ONE, reason=WHY))
    with pytest.raises(ConflictError, match="其间"):
        different_people(late, asked.left, asked.right, actor=OTHER, reason="单位不同")
    assert [one.outcome for one in said(any_store)] == ["same"]


def test_two_joined_after_they_were_told_apart_stay_two(any_store: Store, tmp_path: Path) -> None:
    asked = asked_same(any_store, tmp_path)
    late = overtaken(any_store, lambda store: different_people(store, asked.left, asked.right, actor=ONE, reason=WHY))
    with pytest.raises(ConflictError, match="不是同一人"):
        same_person(late, asked.left, asked.right, actor=OTHER, reason="同一课题组")
    assert {one.outcome for one in said(any_store)} == {"different"}


@pytest.mark.parametrize("way", [same_person, different_people])
def test_who_gave_mentions_away_meanwhile_is_looked_at_again(
    any_store: Store, tmp_path: Path, way: Callable[..., Answered]
) -> None:
    asked = asked_split(any_store, tmp_path)
    same = review_questions(any_store.database, name_key="王伟")[0]
    late = overtaken(any_store, lambda store: split_person(store, asked.left, asked.mentions, actor=ONE, reason=WHY))
    with pytest.raises(ConflictError, match="其间"):
        way(late, same.left, same.right, actor=OTHER, reason="看过三篇")
    assert {one.decided_by for one in said(any_store)} == {ONE}


def test_mentions_taken_out_meanwhile_are_not_said_to_stay(any_store: Store, tmp_path: Path) -> None:
    asked = asked_split(any_store, tmp_path)
    split_person(any_store, asked.left, asked.mentions, actor=ONE, reason=WHY)
    before = said(any_store)
    with pytest.raises(ConflictError, match="其间"):
        answer_same(any_store, asked, actor=OTHER, reason="同一人")
    assert said(any_store) == before


def test_who_grew_meanwhile_is_not_split_unseen(any_store: Store, tmp_path: Path) -> None:
    asked = asked_split(any_store, tmp_path)
    same = review_questions(any_store.database, name_key="王伟")[0]
    late = overtaken(any_store, lambda store: same_person(store, same.left, same.right, actor=ONE, reason=WHY))
    with pytest.raises(ConflictError, match="其间"):
        split_person(late, asked.left, asked.mentions, actor=OTHER, reason="看过三篇")
    assert [one.decided_by for one in said(any_store)] == [ONE]
