"""The cover core against brute force: bounds, optimality, what is said of the team is true of it."""

from __future__ import annotations

from itertools import combinations, pairwise
from math import e
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queries.aspects import MOST_ASPECTS, aspects_of
from queries.team_cover import (
    LEAST_GAIN,
    LEAST_MEMBERS,
    MOST_MEMBERS,
    Candidate,
    best_cover,
    cover_of,
    coverage,
    enough_members,
)

EQUAL: Final = 1e-9
Problem = tuple[list[float], list[Candidate]]


@st.composite
def problems(draw: st.DrawFn, *, most: int = 8) -> Problem:
    """Weights, and candidates with fits (many of them 0 or equal, as in life) in a few bodies."""
    aspects = draw(st.integers(1, 4))
    weights = draw(st.lists(st.floats(0.1, 5), min_size=aspects, max_size=aspects))
    fit = st.one_of(st.just(0.0), st.just(1.0), st.floats(0, 1))
    fits = st.lists(fit, min_size=aspects, max_size=aspects).map(tuple)
    bodies = st.frozensets(st.sampled_from("甲乙丙"), max_size=2)
    drawn = draw(st.lists(st.tuples(fits, bodies), min_size=1, max_size=most))
    return weights, [Candidate(f"P{number}", *each) for number, each in enumerate(drawn)]


def by_hand(weights: list[float], fits: list[tuple[float, ...]]) -> float:
    """Σ w (best + ½ second best) / 1.5 ÷ Σ w, written down once more."""
    total = 0.0
    for aspect, weight in enumerate(weights):
        first, second = sorted([0.0, 0.0, *(each[aspect] for each in fits)], reverse=True)[:2]
        total += weight * (first + second / 2) / 1.5
    return total / sum(weights)


def apart(team: tuple[Candidate, ...]) -> bool:
    return all(one.organisations.isdisjoint(other.organisations) for one, other in combinations(team, 2))


def best_by_hand(problem: Problem, size: int, *, one_per_organisation: bool) -> float:
    weights, candidates = problem
    teams = (team for number in range(size + 1) for team in combinations(candidates, number))
    allowed = (team for team in teams if not one_per_organisation or apart(team))
    return max(by_hand(weights, [each.fits for each in team]) for team in allowed)


@given(problems())
def test_coverage_is_the_formula_and_grows_with_members(problem: Problem) -> None:
    weights, candidates = problem
    fits = [each.fits for each in candidates]
    values = [coverage(weights, fits[:number]) for number in range(len(fits) + 1)]
    assert values[-1] == pytest.approx(by_hand(weights, fits))  # pyright: ignore[reportUnknownMemberType]
    assert values == sorted(values)
    assert 0 <= values[0] <= values[-1] <= 1 + EQUAL
    # Submodular: whoever is added adds no more to more people.
    gains = [coverage(weights, [*fits[:number], fits[-1]]) - values[number] for number in range(len(fits))]
    assert all(later <= earlier + EQUAL for earlier, later in pairwise(gains))


@given(problems(), st.integers(1, 5), st.booleans())
def test_the_team_is_the_best_there_is(problem: Problem, size: int, one_per_organisation: bool) -> None:
    weights, candidates = problem
    cover = best_cover(weights, candidates, size=size, one_per_organisation=one_per_organisation)
    best = best_by_hand(problem, size, one_per_organisation=one_per_organisation)
    assert cover.proven
    assert cover.coverage == pytest.approx(best, abs=EQUAL)  # pyright: ignore[reportUnknownMemberType]
    known = {each.id: each for each in candidates}
    team = tuple(known[id_] for id_ in cover.members)
    assert len(set(cover.members)) == len(team) <= size
    assert not one_per_organisation or apart(team)


@given(problems(), st.integers(1, 5))
def test_without_looks_it_is_still_a_good_team_and_does_not_boast(problem: Problem, size: int) -> None:
    weights, candidates = problem
    cover = best_cover(weights, candidates, size=size, most_looks=0)
    assert not cover.proven
    assert cover.coverage >= (1 - 1 / e) * best_by_hand(problem, size, one_per_organisation=False) - EQUAL


@given(problems(), st.integers(1, 5))
def test_what_is_said_of_a_team_is_true_of_it(problem: Problem, size: int) -> None:
    weights, candidates = problem
    cover = best_cover(weights, candidates, size=size)
    team = [next(each for each in candidates if each.id == id_) for id_ in cover.members]
    told = cover_of(weights, team)
    assert (told.coverage, told.aspects) == (cover.coverage, cover.aspects)
    assert cover.single >= cover.coverage - EQUAL
    assert cover.weakest is not None
    assert cover.aspects[cover.weakest] == min(cover.aspects)
    left = [by_hand(weights, [other.fits for other in team if other is not one]) for one in team]
    assert cover.after_loss == pytest.approx(min(left, default=0.0), abs=EQUAL)  # pyright: ignore[reportUnknownMemberType]
    assert (cover.dearest in cover.members) == bool(team)


@given(problems(), st.integers(1, 5), st.randoms())
def test_the_order_of_candidates_does_not_change_the_coverage(problem: Problem, size: int, random: object) -> None:
    weights, candidates = problem
    shuffled = list(candidates)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    one, other = (best_cover(weights, each, size=size).coverage for each in (candidates, shuffled))
    assert one == pytest.approx(other, abs=EQUAL)  # pyright: ignore[reportUnknownMemberType]


@given(problems(most=12))
def test_enough_members_are_three_to_seven_and_one_more_adds_little(problem: Problem) -> None:
    weights, candidates = problem
    size = enough_members(weights, candidates)
    assert LEAST_MEMBERS <= size <= MOST_MEMBERS
    if size < MOST_MEMBERS:
        now, more = (best_cover(weights, candidates, size=each, most_looks=0).coverage for each in (size, size + 1))
        # Exchanges may find a little more than the greedy order that `enough_members` walks.
        assert more - now < LEAST_GAIN + 0.1


def test_fits_that_do_not_belong_are_refused() -> None:
    with pytest.raises(ValueError, match="one fit for each weight"):
        best_cover([1.0, 1.0], [Candidate("P", (1.0,))], size=3)
    with pytest.raises(ValueError, match="within 0 and 1"):
        best_cover([1.0], [Candidate("P", (float("nan"),))], size=3)


def test_nobody_covers_nothing() -> None:
    empty = best_cover([1.0, 2.0], [], size=3)
    assert (empty.members, empty.coverage, empty.aspects, empty.dearest) == ((), 0.0, (0.0, 0.0), "")
    assert best_cover([], [Candidate("P", ())], size=3).members == ()


@pytest.mark.parametrize(
    ("text", "aspects"),
    [
        ("平原区地下水超采治理与生态补偿机制研究", ("平原区地下水超采治理", "生态补偿机制")),
        ("关于人工智能 与 中医", ("人工智能", "中医")),
        ("县域托育服务供给、电商发展和光伏发电消纳问题研究", ("县域托育服务供给", "电商发展", "光伏发电消纳")),
        ("Soil remediation and water quality", ("Soil remediation", "water quality")),
        ("盐碱地；盐碱地改良", ("盐碱地改良",)),
        ("研究问题、对策", ()),
        ("！？", ()),
    ],
)
def test_a_title_is_cut_into_what_can_be_looked_up(text: str, aspects: tuple[str, ...]) -> None:
    assert aspects_of([text]) == aspects


@given(st.lists(st.text(), max_size=4))
def test_any_text_gives_few_distinct_phrases(texts: list[str]) -> None:
    found = aspects_of(texts)
    assert len(set(found)) == len(found) <= MOST_ASPECTS
    assert all(phrase.strip() for phrase in found)
