"""How a question is read, and how an answer names what matched."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.errors import InputError
from graph.text import tokens
from queries.retrieval import LONGEST_QUESTION, PHRASES_SHOWN, asked, check_limit, phrase_finder, written_words


def stored(text: str) -> str:
    """A text as the index keeps it."""
    return " ".join(tokens(text))


@given(st.text(st.characters(codec=None), max_size=300))
def test_any_text_is_read(text: str) -> None:
    question = asked(text)
    assert question.text.encode("utf-8").decode("utf-8") == question.text
    assert bool(question.question.terms) != any("没有可检索的词" in note for note in question.notes)
    assert set(question.boosts) == set(question.question.terms)


def test_a_very_long_text_is_cut_with_a_note() -> None:
    question = asked("知识图谱" * 20_000)
    assert len(question.text) == LONGEST_QUESTION
    assert question.notes == ("问题长达 80000 字，只用了前 50000 字",)


def test_so_many_words_that_some_are_left_out_are_noted() -> None:
    question = asked(" ".join(f"w{number}" for number in range(5_000)))
    assert question.notes == ("问题里不同的词太多，只用了其中最常出现的 1024 个",)


@pytest.mark.parametrize(
    ("question", "work", "phrases"),
    [
        ("人工智能在医疗中的应用", "医疗人工智能", ("人工智能", "医疗")),
        ("人工智能", "人工智造", ("人工智",)),
        ("能源，源头", "能源与源头", ("能源", "源头")),
        ("Batteries for electric vehicles", "battery vehicle", ("Batteries", "vehicles")),
        ("AI芯片", "芯片与AI", ("AI", "芯片")),
        ("图谱", "电池", ()),
    ],
)
def test_what_matched_is_said_in_the_words_of_the_question(question: str, work: str, phrases: tuple[str, ...]) -> None:
    assert set(phrase_finder(asked(question))(stored(work))) == set(phrases)


@given(st.text("知识图谱 a专,b家ab", max_size=40), st.text("知识图谱 a专,b家ab", max_size=40))
def test_a_phrase_is_made_of_terms_that_both_hold(question: str, work: str) -> None:
    found = phrase_finder(asked(question))(stored(work))
    assert len(found) <= PHRASES_SHOWN
    assert bool(found) == bool(set(tokens(question)) & set(tokens(work)))
    for phrase in found:
        assert set(tokens(phrase)) <= set(tokens(work))
        assert phrase in question


def test_stems_are_shown_as_written() -> None:
    assert written_words("Networks of batteries; networking 网络") == {"network": "Networks", "batteri": "batteries"}


def test_a_number_out_of_bounds_is_named() -> None:
    with pytest.raises(InputError, match="works 应在 0 到 5 之间，收到 6"):
        check_limit(6, name="works", least=0, most=5)
