import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queries.expertise import LAMBDA, Model1, combined, dense_part, model1_mean
from queries.ranking import CollectionStatistics

WORDS = ["地震", "预警", "network", "滑坡", "水文"]
FREQUENCIES = {"地震": 40, "预警": 3, "network": 200}
COLLECTION = CollectionStatistics(10_000, lambda term: FREQUENCIES.get(term, 0))

counts = st.dictionaries(st.sampled_from(WORDS), st.integers(1, 5), max_size=5)
works = st.lists(st.lists(st.sampled_from([*WORDS, "别的"]), max_size=8).map(" ".join), max_size=6)


def by_the_formula(counted: dict[str, int], texts: list[str]) -> float:
    """Section 2 of ranking.md, written down word for word."""
    total = 0.0
    for term, number in counted.items():
        chance = (FREQUENCIES.get(term, 0) + 0.001) / 10_000
        shares = [Counter(text.split())[term] / len(text.split()) if text else 0.0 for text in texts]
        mean = sum(shares) / len(shares)
        total += number * math.log(1 + (1 - LAMBDA) / LAMBDA * mean / chance)
    return total / sum(counted.values())


def score(counted: dict[str, int], texts: list[str]) -> float:
    return model1_mean(counted, texts, COLLECTION).score


@given(counts, works)
def test_the_score_is_the_formula(counted: dict[str, int], texts: list[str]) -> None:
    expected = by_the_formula(counted, texts) if counted and texts else 0.0
    assert score(counted, texts) == pytest.approx(expected)


@given(counts, works)
def test_shares_of_terms_and_works_add_up(counted: dict[str, int], texts: list[str]) -> None:
    found = model1_mean(counted, texts, COLLECTION)
    assert len(found.works) == len(texts)
    total = 1.0 if found.score > 0 else 0.0
    assert sum(share for _, share in found.terms) == pytest.approx(total)
    assert sum(found.works) == pytest.approx(total)
    assert 0 <= found.coverage <= 1
    held = {word for text in texts for word in text.split()}
    assert {term for term, _ in found.terms} == held & counted.keys() if texts else not found.terms
    for text, share in zip(texts, found.works, strict=True):
        assert (share > 0) == bool(set(text.split()) & counted.keys())


@given(counts, works, st.randoms(use_true_random=False))
def test_the_order_of_works_changes_nothing(counted: dict[str, int], texts: list[str], random: object) -> None:
    mixed = list(texts)
    random.shuffle(mixed)  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    assert score(counted, mixed) == pytest.approx(score(counted, texts))


@given(counts, works)
def test_a_work_that_says_nothing_never_helps(counted: dict[str, int], texts: list[str]) -> None:
    assert score(counted, [*texts, "别的"]) <= score(counted, texts) + 1e-12


@given(counts, works)
def test_a_question_asked_twice_has_the_same_score(counted: dict[str, int], texts: list[str]) -> None:
    # So scores of short and long questions may be compared.
    assert score({term: 2 * number for term, number in counted.items()}, texts) == pytest.approx(score(counted, texts))


def test_a_rare_word_tells_more_than_a_frequent_one() -> None:
    assert score({"预警": 1}, ["预警 别的"]) > score({"network": 1}, ["network 别的"]) > 0
    assert model1_mean({}, ["预警"], COLLECTION) == Model1(0.0, 0.0, (), (0.0,))


def test_the_dense_part_and_the_sum_by_hand() -> None:
    assert dense_part([0.2, 0.6]) == pytest.approx(0.3 * 0.6 + 0.7 * 0.4)
    assert combined(0.728, 0.415) == pytest.approx(0.0)
    assert combined(0.728 + 0.273, 0.415) == pytest.approx(0.4)
    assert combined(0.728, 0.415 + 0.107) == pytest.approx(0.6)
