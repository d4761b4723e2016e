from math import comb

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from queries.significance import false_discovery, growth, increase_p, last_whole_year

counts = st.integers(0, 40)
totals = st.integers(1, 400)
p_values = st.lists(st.floats(0, 1), max_size=12)


@given(counts, counts, totals, totals)
def test_the_test_is_the_binomial_tail(recent: int, before: int, recent_total: int, before_total: int) -> None:
    number, share = recent + before, recent_total / (recent_total + before_total)
    expected = sum(comb(number, k) * share**k * (1 - share) ** (number - k) for k in range(recent, number + 1))
    assert increase_p(recent, before, recent_total, before_total) == pytest.approx(
        min(1.0, expected), rel=1e-6, abs=1e-12
    )


@given(counts, counts, totals, totals)
def test_more_recent_ones_never_raise_p(recent: int, before: int, recent_total: int, before_total: int) -> None:
    now = increase_p(recent, before, recent_total, before_total)
    assert 0 <= now <= 1
    assert increase_p(recent + 1, before, recent_total, before_total) <= now + 1e-9
    assert increase_p(recent, before + 1, recent_total, before_total) >= now - 1e-9


def test_by_hand_and_at_the_edges() -> None:
    assert increase_p(5, 0, 100, 100) == pytest.approx(1 / 32)
    assert increase_p(0, 5, 100, 100) == 1.0
    assert increase_p(0, 0, 100, 100) == 1.0
    assert increase_p(3, 0, 100, 0) == 1.0
    # Large counts: the normal approximation of a share of 1/2 among 20,000, four deviations up.
    assert increase_p(10_283, 9_717, 1_000, 1_000) == pytest.approx(3.2e-5, rel=0.1)
    assert increase_p(10_000, 10_000, 1_000, 1_000) == pytest.approx(0.5, abs=0.01)


@given(p_values)
def test_q_values_are_those_of_benjamini_and_hochberg(values: list[float]) -> None:
    found = false_discovery(values)
    ordered = sorted(values)
    for p, q in zip(values, found, strict=True):
        least = min(ordered[j] * len(values) / (j + 1) for j in range(len(values)) if ordered[j] >= p)
        assert q == pytest.approx(min(1.0, least))
        assert q >= p - 1e-12


@given(p_values, st.randoms(use_true_random=False))
def test_the_order_of_p_values_changes_nothing(values: list[float], random: object) -> None:
    places = list(range(len(values)))
    random.shuffle(places)  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    found = false_discovery([values[place] for place in places])
    assert dict(zip(places, found, strict=True)) == dict(enumerate(false_discovery(values)))


@pytest.mark.parametrize(
    ("years", "expected"),
    [
        ({2018: 100, 2019: 110, 2020: 90, 2021: 14}, 2020),
        ({2018: 100, 2019: 110, 2020: 90, 2021: 50}, 2021),
        ({2018: 100, 2019: 110, 2020: 90, 2026: 300}, 2020),
        ({2018: 3}, 2018),
        ({2026: 3}, None),
        ({}, None),
        ({2010: 100, 2015: 100, 2016: 0}, 2015),
    ],
)
def test_the_last_whole_year(years: dict[int, int], expected: int | None) -> None:
    assert last_whole_year(years, 2026) == expected


@given(st.dictionaries(st.integers(1990, 2030), st.integers(0, 50), max_size=12), st.integers(1990, 2030))
def test_a_whole_year_has_works_and_is_over(years: dict[int, int], now: int) -> None:
    found = last_whole_year(years, now)
    assume(found is not None)
    assert found is not None
    assert found < now
    assert years[found] > 0


def test_growth_of_a_share() -> None:
    assert growth(9, 4, 100, 100) == pytest.approx(9.5 / 4.5)
    assert growth(0, 0, 0, 5) == 1.0
