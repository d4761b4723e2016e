"""The questions judged by eye (`tests/corpora/questions.toml`): is the set whole, and does the bench count rightly?"""

import re
from datetime import date
from pathlib import Path
from typing import Final

import pytest

from bench.corpora import CORPORA as FILES
from bench.questions import (
    CORPORA,
    QUESTIONS,
    SHOWN,
    Found,
    Judged,
    Named,
    compared,
    figures,
    is_the_person,
    read_questions,
)
from ingest.registry import open_source
from queries.answers import ExpertsAnswer, FoundExpert, Post

SET: Final = read_questions()
_HAN: Final = re.compile(r"[一-鿿]")


def _post(name: str) -> Post:
    return Post(organisation="o", name=name, role="", department="", since=None, until=None, standing="unconfirmed")


def _expert(name: str, *places: str) -> FoundExpert:
    return FoundExpert(
        rank=1,
        id=name,
        name=name,
        score=1.0,
        coverage=1.0,
        parts=(),
        evidence=(),
        evidence_total=1,
        posts=tuple(_post(place) for place in places),
        memberships=(),
        topics=(),
        fields=(),
        professional_title="",
        honours=(),
        works_without_abstract=0,
        fictional=False,
    )


def _answer(*experts: FoundExpert) -> ExpertsAnswer:
    return ExpertsAnswer(
        question="", terms=(), candidates=len(experts), experts=experts, notes=(), ranking="", sequence=0
    )


def _judged(**given: object) -> Judged:
    return Judged.model_validate(
        {"id": "a", "kind": "b", "text": "c", "day": date(2026, 11, 23), "note": "d", "precision": 0.0} | given
    )


def test_the_set_has_fifty_questions_of_many_kinds() -> None:
    assert len(SET) >= 50
    assert len({question.id for question in SET}) == len({question.text for question in SET}) == len(SET)
    assert len({question.kind for question in SET}) >= 10
    assert any(question.nobody for question in SET)
    assert sum(question.filters is not None or question.discipline is not None for question in SET) >= 5


@pytest.mark.parametrize("question", SET, ids=lambda question: question.id)
def test_every_question_is_judged_whole(question: Judged) -> None:
    fits, partly, does_not = set(question.fits), set(question.partly), set(question.does_not)
    judged = [*question.fits, *question.partly, *question.does_not]
    assert len(judged) <= SHOWN
    assert len(fits | partly | does_not) == len(judged), "somebody is judged twice"
    assert set(question.must) <= fits
    assert set(question.never) <= does_not
    assert not set(question.missing) & set(judged)
    assert len(question.must) <= 5
    right = len(fits) + len(partly) / 2
    assert question.precision == pytest.approx(right / max(len(judged), 1), abs=0.0051)
    assert all(person.name for person in judged)
    assert _HAN.search(question.note), "the note is for readers of Chinese"
    assert not question.nobody or not fits


def test_the_corpora_looked_for_are_those_that_make_corpora_loads() -> None:
    mappings = Path(__file__).resolve().parents[2] / "docs" / "examples" / "mappings"
    sources = [
        open_source("table", mapping=str(mappings / f"{file.mapping}.toml"))
        if file.mapping
        else open_source("works", dataset=file.dataset)
        for file in FILES
    ]
    assert set(CORPORA) <= {f"{source.kind}:{source.dataset}" for source in sources}


def test_the_file_holds_no_long_text_but_the_questions_and_notes() -> None:
    assert max(map(len, QUESTIONS.read_text(encoding="utf-8").splitlines())) <= 500


def test_a_person_is_met_by_name_and_a_part_of_the_organisation() -> None:
    expert = _expert("刘 伟", "河北农业大学", "中国农业科学院")
    assert is_the_person(expert, Named("刘伟", "农业科学院"))
    assert is_the_person(expert, Named("刘伟", "河北农业大学园艺学院"))
    assert is_the_person(expert, Named("刘伟", ""))
    assert not is_the_person(expert, Named("刘伟", "清华大学"))
    assert not is_the_person(expert, Named("刘玮", "河北农业大学"))
    assert not is_the_person(_expert("刘伟"), Named("刘伟", "河北农业大学"))


def test_what_is_counted_of_an_answer() -> None:
    question = _judged(
        fits=["甲某｜一所", "乙某｜一所"],
        partly=["丙某｜二所"],
        does_not=["丁某｜"],
        must=["甲某｜一所"],
        never=["丁某｜"],
        missing=["戊某｜一所", "己某｜一所"],
    )
    now = _answer(_expert("甲某", "一所"), _expert("丙某", "二所"), _expert("丁某"), _expert("戊某", "一所"))
    found = compared(question, now, 3.0)
    assert found == Found(must=1, unwanted=1, mended=1, shown=4, judged=3, precision=0.5, milliseconds=3.0)
    nobody = _judged(nobody=True, does_not=["丁某｜"])
    figured = figures([question, nobody], [found, compared(nobody, _answer(), 5.0)])
    assert figured["must_share"] == 1.0
    assert figured["judged_share"] == pytest.approx(0.75)
    assert figured["precision"] == pytest.approx(0.5)
    assert (figured["missing"], figured["mended"], figured["nobody_shown"]) == (2, 1, 0)
    assert figured["p50_ms"] == pytest.approx(4.0)
    assert compared(question, _answer(), 1.0).precision is None
