import math
from collections import Counter
from operator import attrgetter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.text import tokens
from queries.ranking import DISCOUNT, CollectionStatistics, Hit, Question, Ranked, rank

QUESTION = Question.from_text("地震 地震 预警 network 滑坡")
WORDS = ["地震", "预警", "network", "滑坡", "水文", "模型", "net", "networks", "地", "滑坡体"]
FREQUENCIES = {"地震": 40, "预警": 3, "network": 200, "水文": 9}
COLLECTION = CollectionStatistics(10_000, lambda term: FREQUENCIES.get(term, 0))

people = st.lists(st.sampled_from(["p1", "p2", "p3", "p4"]), max_size=3).map(tuple)
work_tokens = st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join)
hits_of_works = st.lists(st.tuples(st.integers(0, 3).map(float), work_tokens, people), min_size=1, max_size=8).map(
    lambda works: [
        Hit(f"w{number}", bm25, words, who, tuple(f"org-{each}" for each in who))
        for number, (bm25, words, who) in enumerate(works)
    ]
)


def by_the_formula(question: Question, hits: list[Hit], collection: CollectionStatistics) -> dict[str, float]:
    """Section 1 of ranking.md, written down word for word."""
    length = sum(question.weights)
    scores: dict[str, float] = {}
    for each in {person for hit in hits for person in hit.people}:
        own = [hit for hit in sorted(hits, key=lambda hit: (-hit.bm25, hit.work_id)) if each in hit.people]
        own = [hit for hit in own if set(hit.tokens.split()) & set(question.terms)]
        score = perfect = 0.0
        for term, weight in zip(question.terms, question.weights, strict=True):
            chance = (collection.frequency(term) + 0.001) / collection.total_tokens
            mass = sum(
                DISCOUNT**place * Counter(hit.tokens.split())[term] / len(hit.tokens.split())
                for place, hit in enumerate(own)
            )
            score += weight * math.log(1 + mass / chance)
            perfect += weight * math.log(1 + weight / length / chance)
        if score > 0:
            scores[each] = score / perfect
    return scores


def score_of(answers: list[Ranked], each: str) -> float:
    return next((found.score for found in answers if found.id == each), 0.0)


def test_question_weights_repeats_by_the_logarithm() -> None:
    assert QUESTION.terms == ("地震", "预警", "network", "滑坡")
    assert QUESTION.weights == (math.log2(3), 1.0, 1.0, 1.0)
    assert QUESTION.length == math.log2(3) + 3


def test_a_very_long_question_keeps_its_most_frequent_terms() -> None:
    question = Question.from_text("水文 " + "地震 " * 3 + "预警 " * 2 + "滑坡", most_terms=3)
    assert question.terms == ("水文", "地震", "预警")


@given(hits_of_works)
def test_scores_are_those_of_the_formula(hits: list[Hit]) -> None:
    expected = by_the_formula(QUESTION, hits, COLLECTION)
    answers = rank(QUESTION, hits, COLLECTION)
    assert {found.id: found.score for found in answers} == pytest.approx(expected)
    assert [(-found.score, found.id) for found in answers] == sorted((-found.score, found.id) for found in answers)


@given(hits_of_works)
def test_the_parts_explain_the_whole(hits: list[Hit]) -> None:
    work_of = {hit.work_id: hit for hit in hits}
    for found in rank(QUESTION, hits, COLLECTION):
        assert sum(work.share for work in found.evidence) == pytest.approx(1)
        assert sum(term.score for term in found.terms) == pytest.approx(found.score)
        assert found.coverage == pytest.approx(sum(term.weight for term in found.terms) / QUESTION.length)
        assert 0 < found.coverage <= 1
        held = {word for work in found.evidence for word in work_of[work.work_id].tokens.split()}
        assert {term.term for term in found.terms} == held & set(QUESTION.terms)
        assert all(work.share > 0 and found.id in work_of[work.work_id].people for work in found.evidence)


@given(hits_of_works, st.randoms(use_true_random=False))
def test_the_order_of_hits_and_ids_changes_nothing(hits: list[Hit], random: Random) -> None:
    shuffled = [hit._replace(people=(*reversed(hit.people), *hit.people)) for hit in hits]
    random.shuffle(shuffled)
    assert rank(QUESTION, shuffled, COLLECTION) == rank(QUESTION, hits, COLLECTION)


@given(hits_of_works, work_tokens, st.sampled_from(["p1", "p2"]))
def test_a_further_work_ranked_last_never_lowers_a_score(hits: list[Hit], words: str, person: str) -> None:
    before = score_of(rank(QUESTION, hits, COLLECTION), person)
    after = score_of(rank(QUESTION, [*hits, Hit("z", -1.0, words, (person,))], COLLECTION), person)
    assert after >= before * (1 - 1e-12)
    if set(words.split()) & set(QUESTION.terms):
        assert after > before


@given(hits_of_works, st.lists(st.sampled_from(["水文", "模型", "net"]), max_size=4), people)
def test_works_without_a_term_of_the_question_change_nothing(
    hits: list[Hit], words: list[str], who: tuple[str, ...]
) -> None:
    assert rank(QUESTION, [Hit("a", 9.0, " ".join(words), who), *hits], COLLECTION) == rank(QUESTION, hits, COLLECTION)


@given(hits_of_works, st.sets(st.sampled_from(["p1", "p2", "p3"])))
def test_excluded_ids_leave_and_nobody_else_moves(hits: list[Hit], exclude: set[str]) -> None:
    answers = rank(QUESTION, hits, COLLECTION)
    assert rank(QUESTION, hits, COLLECTION, exclude=exclude) == [one for one in answers if one.id not in exclude]


@given(hits_of_works, st.integers(0, 5))
def test_the_limit_cuts_the_list(hits: list[Hit], limit: int) -> None:
    assert rank(QUESTION, hits, COLLECTION, limit=limit) == rank(QUESTION, hits, COLLECTION, limit=100)[:limit]


@given(hits_of_works)
def test_organisations_are_ranked_by_the_same_rule(hits: list[Hit]) -> None:
    organisations = rank(QUESTION, hits, COLLECTION, by=attrgetter("organisations"))
    assert [(f"org-{one.id}", one.score) for one in rank(QUESTION, hits, COLLECTION)] == [
        (one.id, one.score) for one in organisations
    ]


@given(st.lists(st.sampled_from(WORDS), min_size=1, unique=True))
def test_a_work_with_the_distribution_of_the_question_scores_one(words: list[str]) -> None:
    question = Question(tuple(words), (1.0,) * len(words))
    answers = rank(question, [Hit("w", 1.0, " ".join(question.terms), ("p1",))], COLLECTION)
    assert [(found.id, found.coverage) for found in answers] == [("p1", 1.0)]
    assert answers[0].score == pytest.approx(1)


@given(hits_of_works)
def test_many_works_may_exceed_one_but_not_five_times_the_masses(hits: list[Hit]) -> None:
    chances = COLLECTION.probabilities(QUESTION.terms).tolist()
    pairs = list(zip(QUESTION.weights, chances, strict=True))
    most = sum(weight * math.log(1 + 5 / chance) for weight, chance in pairs)
    perfect = sum(weight * math.log(1 + weight / QUESTION.length / chance) for weight, chance in pairs)
    assert all(0 < found.score < most / perfect for found in rank(QUESTION, hits, COLLECTION))


def test_equal_scores_are_ordered_by_id() -> None:
    hits = [Hit("w1", 2.0, "地震 模型", ("b", "a")), Hit("w2", 1.0, "地震 模型", ("c",))]
    assert [found.id for found in rank(QUESTION, hits, COLLECTION)] == ["a", "b", "c"]


def test_nothing_found_is_an_empty_answer() -> None:
    assert rank(QUESTION, [], COLLECTION) == []
    assert rank(QUESTION, [Hit("w", 1.0, "", ("p",))], COLLECTION) == []
    assert rank(QUESTION, [Hit("w", 1.0, "地震", ())], COLLECTION) == []
    assert rank(Question.from_text("，。!?"), [Hit("w", 1.0, "地震", ("p",))], COLLECTION) == []
    assert rank(QUESTION, [Hit("w", 1.0, "地震", ("p",))], CollectionStatistics(0, lambda _: 0))[0].id == "p"


@given(st.text(max_size=200), st.lists(st.text(max_size=60), min_size=1, max_size=5))
def test_any_text_is_ranked_without_complaint(text: str, works: list[str]) -> None:
    hits = [Hit(f"w{number}", 1.0, " ".join(tokens(work)), ("p",)) for number, work in enumerate(works)]
    question = Question.from_text(text)
    shared = set(question.terms) & {word for work in works for word in tokens(work)}
    assert bool(rank(question, hits, COLLECTION)) == bool(shared)
