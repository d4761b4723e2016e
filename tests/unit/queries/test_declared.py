"""Shares of a question that declared fields hold."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from graph.text import tokens
from queries.declared import shares_of
from queries.ranking import Question

TEXTS = st.text(alphabet="水文学资源土壤修复 ab", max_size=12)


@given(TEXTS, st.lists(TEXTS, max_size=6))
def test_a_share_lies_between_nothing_and_the_whole(text: str, fields: list[str]) -> None:
    question = Question.from_text(text)
    shares = shares_of(question, [1.0] * len(question.terms), fields)
    asked = set(tokens(text))
    for share, field in zip(shares.tolist(), fields, strict=True):
        held = set(tokens(field))
        related = bool(held and asked) and (held <= asked or asked <= held)
        assert (share > 0) == related
        assert share <= 1 + 1e-9
        if related and asked <= held:
            assert abs(share - 1) < 1e-9


def test_the_rarer_word_counts_for_more() -> None:
    question = Question.from_text("水文 ab")
    assert question.terms == ("水文", "ab")
    rare, common = shares_of(question, [9.0, 1.0], ["水文", "ab"]).tolist()
    assert (rare, common) == (0.9, 0.1)


def test_words_that_stand_everywhere_still_answer() -> None:
    question = Question.from_text("水文")
    assert shares_of(question, [0.0], ["水文", "土壤"]).tolist() == [1.0, 0.0]


def test_a_broken_field_does_not_count() -> None:
    question = Question.from_text("水资源与土壤")
    assert shares_of(question, [1.0] * len(question.terms), ["水资源化", "土壤", ""]).tolist()[0] == 0
