import math
from collections import Counter
from collections.abc import Sequence
from operator import attrgetter
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.text import tokens
from queries.nearness import (
    LITTLE,
    OF_SENTENCES,
    PARAGRAPH,
    NearnessWeights,
    nearness_factors,
    nearness_weights,
)
from queries.ranking import (
    BODIES,
    DISCIPLINE,
    PEOPLE,
    CollectionStatistics,
    Hit,
    Question,
    Ranked,
    Standing,
    rank,
)

QUESTION = Question.from_text("地震 地震 预警 network 滑坡")
WORDS = ["地震", "预警", "network", "滑坡", "水文", "模型", "net", "networks", "地", "滑坡体"]
FREQUENCIES = {"地震": 40, "预警": 3, "network": 200, "水文": 9}
COLLECTION = CollectionStatistics(10_000, lambda term: FREQUENCIES.get(term, 0))

people = st.lists(st.sampled_from(["p1", "p2", "p3", "p4"]), max_size=3).map(tuple)
work_tokens = st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join)
one_work = st.tuples(st.integers(1, 4).map(float), work_tokens, people, st.booleans())
hits_of_works = st.lists(one_work, min_size=1, max_size=8).map(
    lambda works: [
        Hit(f"w{number}", bm25, words, who, tuple(f"org-{each}" for each in who), abstract)
        for number, (bm25, words, who, abstract) in enumerate(works)
    ]
)
cosines = st.dictionaries(st.sampled_from(["w0", "w1", "w2", "w3", "w4"]), st.floats(-1, 1))
near_weights = st.sampled_from([LITTLE, OF_SENTENCES])
disciplines = st.sets(st.sampled_from(["w0", "w1", "w2", "w3", "w4"]))


def by_the_formula(  # noqa: PLR0917 - what `rank` takes, in its order
    question: Question,
    hits: list[Hit],
    collection: CollectionStatistics,
    discipline: set[str],
    nearness: dict[str, float],
    weights: NearnessWeights = LITTLE,
) -> dict[str, float]:
    """The docstring of `rank`, written down word for word."""
    length = sum(question.weights)
    matched = [hit for hit in hits if set(hit.tokens.split()) & set(question.terms)]
    greatest = max((hit.bm25 for hit in matched), default=1.0)
    scores: dict[str, float] = {}
    for each in {person for hit in matched for person in hit.people}:
        own = [hit for hit in sorted(matched, key=lambda hit: (-hit.bm25, hit.work_id)) if each in hit.people]
        texts = [(hit.bm25, hit.tokens) for hit in own]
        own = [hit for place, hit in enumerate(own) if texts.index((hit.bm25, hit.tokens)) == place]
        counted = [math.prod(PEOPLE[not hit.has_abstract] for hit in own[:place]) for place in range(len(own))]
        words = perfect = 0.0
        for term, weight in zip(question.terms, question.weights, strict=True):
            chance = (collection.frequency(term) + 0.001) / collection.total_tokens
            mass = sum(
                value * Counter(hit.tokens.split())[term] / len(hit.tokens.split())
                for value, hit in zip(counted, own, strict=True)
            )
            words += weight * math.log(1 + mass / chance)
            perfect += weight * math.log(1 + weight / length / chance)
        bm25 = sum(value * hit.bm25 for value, hit in zip(counted, own, strict=True)) / greatest
        inside = sum(hit.work_id in discipline for hit in own) / len(own)
        near = sorted((max(0.0, nearness.get(hit.work_id, 0.0)) for hit in own), reverse=True)
        together = sum(cosine / 2**place for place, cosine in enumerate(near, 1))
        factor = (1 + weights.best * near[0]) * (1 + weights.together * together)
        scores[each] = math.sqrt(words / perfect * bm25) * (1 + DISCIPLINE * inside) * factor
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


@given(hits_of_works, disciplines, cosines, near_weights)
def test_scores_are_those_of_the_formula(
    hits: list[Hit], discipline: set[str], nearness: dict[str, float], weights: NearnessWeights
) -> None:
    expected = by_the_formula(QUESTION, hits, COLLECTION, discipline, nearness, weights)
    answers = rank(QUESTION, hits, COLLECTION, discipline=discipline, nearness=nearness, nearness_weights=weights)
    assert {found.id: found.score for found in answers} == pytest.approx(expected)
    assert [(-found.score, found.id) for found in answers] == sorted((-found.score, found.id) for found in answers)


@given(hits_of_works, disciplines, cosines, near_weights)
def test_the_parts_explain_the_whole(
    hits: list[Hit], discipline: set[str], nearness: dict[str, float], weights: NearnessWeights
) -> None:
    work_of = {hit.work_id: hit for hit in hits}
    for found in rank(QUESTION, hits, COLLECTION, discipline=discipline, nearness=nearness, nearness_weights=weights):
        assert sum(work.share for work in found.evidence) == pytest.approx(1)
        assert sum(term.score for term in found.terms) + found.discipline + found.nearness == pytest.approx(found.score)
        assert (found.discipline > 0) == any(work.work_id in discipline for work in found.evidence)
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
    after = score_of(rank(QUESTION, [*hits, Hit("z", 0.5, words, (person,))], COLLECTION), person)
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
    # A softer discount can only add.
    softer = {
        one.id: one.score for one in rank(QUESTION, hits, COLLECTION, discounts=PEOPLE._replace(after_abstract=1))
    }
    assert all(softer[one.id] >= one.score * (1 - 1e-12) for one in rank(QUESTION, hits, COLLECTION))


@given(hits_of_works)
def test_a_second_posting_of_every_work_changes_nothing(hits: list[Hit]) -> None:
    copies = [hit._replace(work_id=hit.work_id + "z") for hit in hits]
    twice = rank(QUESTION, [*hits, *copies], COLLECTION)
    assert [(one.id, one.score) for one in twice] == [(one.id, one.score) for one in rank(QUESTION, hits, COLLECTION)]


def test_the_next_work_of_a_body_counts_seven_tenths() -> None:
    once = [Hit("w1", 2.0, "地震", ("p",))]
    twice = [*once, Hit("w2", 2.0, "预警", ("p",))]
    question = Question(("地震", "预警"), (1.0, 1.0))
    chance = COLLECTION.probabilities(question.terms)
    perfect = math.log(1 + 0.5 / chance[0]) + math.log(1 + 0.5 / chance[1])
    words = (math.log(1 + 1 / chance[0]) + math.log(1 + 0.7 / chance[1])) / perfect
    assert rank(question, twice, COLLECTION, discounts=BODIES)[0].score == pytest.approx(math.sqrt(words * 1.7))


@given(hits_of_works, disciplines, cosines)
def test_without_a_work_the_place_is_what_was_said(
    hits: list[Hit], discipline: set[str], nearness: dict[str, float]
) -> None:
    for found in rank(QUESTION, hits, COLLECTION, discipline=discipline, nearness=nearness, what_if=3):
        for number, work in enumerate(found.evidence):
            if number >= 3:
                assert work.rank_without is None
                continue
            left = [hit for hit in hits if hit.work_id != work.work_id]
            then = [one.id for one in rank(QUESTION, left, COLLECTION, discipline=discipline, nearness=nearness)]
            assert work.rank_without == (then.index(found.id) + 1 if found.id in then else 0)


@given(st.lists(st.lists(st.floats(0, 1), min_size=1, max_size=6), min_size=1, max_size=5), st.floats(0, 1))
def test_a_further_near_work_never_lowers_the_factor(lists: list[list[float]], further: float) -> None:
    def factors(of: list[list[float]]) -> list[float]:
        sizes = np.array([len(each) for each in of])
        near = np.array([cosine for each in of for cosine in each])
        return nearness_factors(near, np.cumsum(sizes) - sizes, sizes, OF_SENTENCES).tolist()

    before, after = factors(lists), factors([[*each, further] for each in lists])
    assert all(1 <= less <= more + 1e-12 for less, more in zip(before, after, strict=True))
    assert factors([sorted(each) for each in lists]) == pytest.approx(before)


def test_paragraphs_and_learnt_vectors_count_little() -> None:
    assert nearness_weights(PARAGRAPH, sentences=True) == nearness_weights(3, sentences=False) == LITTLE
    assert nearness_weights(PARAGRAPH - 1, sentences=True) == OF_SENTENCES


@given(
    hits_of_works,
    st.dictionaries(st.sampled_from(["p1", "p2", "p3", "p4"]), st.sampled_from([1.0, 1.3, 2.0, 5.0])),
    disciplines,
    st.integers(1, 4),
)
def test_a_declared_factor_is_in_the_score_and_in_every_place_said(
    hits: list[Hit], factors: dict[str, float], discipline: set[str], limit: int
) -> None:
    seen: list[list[tuple[str, float]]] = []

    def reweigh(standing: Sequence[Standing]) -> dict[str, float]:
        seen.append([(one.id, one.score) for one in standing])
        return {one.id: factors[one.id] for one in standing if one.id in factors}

    def weighed(of: list[Hit], limit: int = 100) -> list[Ranked]:
        return rank(QUESTION, of, COLLECTION, discipline=discipline, limit=limit, what_if=2, reweigh=reweigh)

    answers, plain = weighed(hits, limit), rank(QUESTION, hits, COLLECTION, discipline=discipline)
    assert seen in ([], [[(one.id, one.score) for one in plain]]), "everybody who matches, best first"
    expected = sorted((-one.score * factors[one.id], one.id) for one in plain if one.id in factors)
    assert [(-one.score, one.id) for one in answers] == expected[:limit]
    for one in answers:
        words = sum(term.score for term in one.terms)
        assert words + one.discipline + one.nearness + one.boost == pytest.approx(one.score)
        assert (one.boost > 0) == (factors[one.id] > 1)
        for work in one.evidence[:2]:
            then = [other.id for other in weighed([hit for hit in hits if hit.work_id != work.work_id])]
            assert work.rank_without == (then.index(one.id) + 1 if one.id in then else 0)


@given(hits_of_works)
def test_asking_what_if_changes_nothing_else(hits: list[Hit]) -> None:
    asked = rank(QUESTION, hits, COLLECTION, what_if=2)
    plain = [[share._replace(rank_without=None) for share in one.evidence] for one in asked]
    assert [[*one.evidence] for one in rank(QUESTION, hits, COLLECTION)] == plain


@given(st.lists(st.sampled_from(WORDS), min_size=1, unique=True))
def test_a_work_with_the_distribution_of_the_question_scores_one(words: list[str]) -> None:
    question = Question(tuple(words), (1.0,) * len(words))
    answers = rank(question, [Hit("w", 1.0, " ".join(question.terms), ("p1",))], COLLECTION)
    assert [(found.id, found.coverage) for found in answers] == [("p1", 1.0)]
    assert answers[0].score == pytest.approx(1)


@given(hits_of_works)
def test_many_works_may_exceed_one_within_a_bound(hits: list[Hit]) -> None:
    chances = COLLECTION.probabilities(QUESTION.terms).tolist()
    pairs = list(zip(QUESTION.weights, chances, strict=True))
    most = sum(weight * math.log(1 + 5 / chance) for weight, chance in pairs)
    perfect = sum(weight * math.log(1 + weight / QUESTION.length / chance) for weight, chance in pairs)
    assert all(0 < found.score < math.sqrt(5 * most / perfect) for found in rank(QUESTION, hits, COLLECTION))


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
