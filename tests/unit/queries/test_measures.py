from math import comb, log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queries.measures import (
    MEASURES,
    SEED,
    average_precision,
    compare,
    hit,
    interval,
    measured,
    ndcg,
    recall,
    sign_test,
)
from queries.measures import reciprocal_rank as reciprocal

ids = st.sampled_from("abcdefghijkl")
ranked_lists = st.lists(ids, max_size=14)
graded = st.dictionaries(ids, st.integers(0, 4).map(float), max_size=6)
unit_values = st.lists(st.floats(0, 1), min_size=1, max_size=30)


def test_one_answer_by_hand() -> None:
    ranked, grades = ["x", "a", "y", "b"], {"a": 2.0, "b": 1.0, "c": 1.0}
    assert (hit(ranked, grades, 1), hit(ranked, grades, 2)) == (0.0, 1.0)
    assert reciprocal(ranked, grades) == 1 / 2
    assert recall(ranked, grades, 2) == pytest.approx(1 / 3)
    assert average_precision(ranked, grades) == pytest.approx((1 / 2 + 2 / 4) / 3)
    gained = 3 / log2(3) + 1 / log2(5)
    best = 3 / log2(2) + 1 / log2(3) + 1 / log2(4)
    assert ndcg(ranked, grades, 10) == pytest.approx(gained / best)
    assert measured([], grades) == dict.fromkeys(MEASURES, 0.0)
    assert measured(ranked, {}) == dict.fromkeys(MEASURES, 0.0)


@given(ranked_lists, graded)
def test_measures_lie_between_0_and_1_and_repeats_count_once(ranked: list[str], grades: dict[str, float]) -> None:
    found = measured(ranked, grades)
    assert all(0 <= value <= 1 + 1e-12 for value in found.values())
    assert found == measured(list(dict.fromkeys(ranked)), grades)


@given(graded)
def test_the_perfect_order_has_1_everywhere(grades: dict[str, float]) -> None:
    best = sorted(grades, key=lambda each: -grades[each])
    expected = 1.0 if any(grade > 0 for grade in grades.values()) else 0.0
    assert all(value == pytest.approx(expected) for value in measured(best, grades).values())


@given(ranked_lists, graded, st.permutations("abcdefghijkl"))
def test_names_do_not_matter(ranked: list[str], grades: dict[str, float], other: list[str]) -> None:
    renamed = dict(zip("abcdefghijkl", other, strict=True))
    assert measured(ranked, grades) == pytest.approx(
        measured([renamed[each] for each in ranked], {renamed[each]: grade for each, grade in grades.items()})
    )


@given(ranked_lists, graded)
def test_moving_a_better_one_up_lowers_nothing(ranked: list[str], grades: dict[str, float]) -> None:
    order = list(dict.fromkeys(ranked))
    for place in range(len(order) - 1):
        if grades.get(order[place], 0) < grades.get(order[place + 1], 0):
            swapped = [*order[:place], order[place + 1], order[place], *order[place + 2 :]]
            before, after = measured(order, grades), measured(swapped, grades)
            assert all(after[name] >= before[name] - 1e-12 for name in MEASURES)


@given(ranked_lists, graded)
def test_map_is_the_mean_of_the_precisions(ranked: list[str], grades: dict[str, float]) -> None:
    order = list(dict.fromkeys(ranked))
    wanted = [each for each, grade in grades.items() if grade > 0]
    precisions = [
        sum(grades.get(each, 0) > 0 for each in order[: place + 1]) / (place + 1)
        for place, one in enumerate(order)
        if one in wanted
    ]
    assert average_precision(order, grades) == pytest.approx(sum(precisions) / len(wanted) if wanted else 0.0)


@given(unit_values, st.randoms(use_true_random=False))
def test_an_interval_holds_the_mean_and_ignores_the_order(values: list[float], random: object) -> None:
    found = interval(values, resamples=200)
    mixed = list(values)
    random.shuffle(mixed)  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    assert found == interval(mixed, resamples=200)
    assert found.mean == pytest.approx(sum(values) / len(values))
    assert min(values) - 1e-12 <= found.low <= found.high <= max(values) + 1e-12
    assert found.low <= found.mean + 0.2
    assert interval([values[0]] * 5).low == pytest.approx(values[0])


def test_of_nothing_everything_is_0() -> None:
    assert interval([]) == interval([], seed=SEED + 1)
    assert compare([], []).permutation_p == 1.0


def test_the_interval_is_as_wide_as_the_theory_says() -> None:
    found = interval([0.0, 1.0] * 200)
    assert found.mean == 0.5
    assert found.high - found.low == pytest.approx(2 * 1.96 * 0.5 / 400**0.5, rel=0.1)


@given(st.integers(0, 12), st.integers(0, 12))
def test_the_sign_test_is_the_binomial_one(wins: int, losses: int) -> None:
    number = wins + losses
    below = sum(comb(number, k) for k in range(min(wins, losses) + 1)) / 2**number if number else 1.0
    assert sign_test(wins, losses) == pytest.approx(min(1.0, 2 * below) if number else 1.0)
    assert sign_test(wins, losses) == sign_test(losses, wins)


def test_the_permutation_test_counts_every_pattern_of_signs() -> None:
    found = compare([0.5, 0.7, 0.9], [0.4, 0.5, 0.6])
    # Only all plus and all minus are as far from 0 as .1 + .2 + .3.
    assert found.permutation_p == pytest.approx(2 / 8)
    assert (found.wins, found.losses, found.ties) == (3, 0, 0)


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=25))
def test_comparing_turned_round_changes_the_sign_only(pairs: list[tuple[float, float]]) -> None:
    ours, theirs = [one for one, _ in pairs], [other for _, other in pairs]
    found, turned = compare(ours, theirs), compare(theirs, ours)
    assert found.difference.mean == pytest.approx(-turned.difference.mean)
    assert (found.wins, found.losses, found.ties) == (turned.losses, turned.wins, turned.ties)
    assert found.sign_p == turned.sign_p
    assert found.permutation_p == pytest.approx(turned.permutation_p, abs=0.02)
    assert 0 < found.permutation_p <= 1
    same = compare(ours, ours)
    assert (same.difference.mean, same.sign_p, same.permutation_p) == (0.0, 1.0, 1.0)


def test_a_clear_difference_over_many_questions_is_found() -> None:
    found = compare([0.6] * 40, [0.5] * 40)
    assert found.permutation_p < 0.001
    assert found.sign_p < 0.001
    with pytest.raises(ValueError, match="broadcast"):
        compare([0.1, 0.2], [0.1, 0.2, 0.3])
