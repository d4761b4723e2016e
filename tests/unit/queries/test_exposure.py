"""The exposure cap and the newcomer boost: off they change nothing, on they say all that they change."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.errors import InputError
from queries.exposure import ExposureOptions, gini, with_exposure

IDS = [f"P{n}" for n in range(12)]


class Row(NamedTuple):
    id: str
    score: float


@st.composite
def ranking(draw: st.DrawFn) -> list[Row]:
    ids = draw(st.lists(st.sampled_from(IDS), unique=True, max_size=12))
    scores = sorted(draw(st.lists(st.floats(0, 10), min_size=len(ids), max_size=len(ids))), reverse=True)
    return [Row(id, score) for id, score in zip(ids, scores, strict=True)]


OPTIONS = st.builds(
    ExposureOptions,
    cap=st.none() | st.integers(1, 4),
    boost=st.floats(1, 5),
    newcomer_years=st.integers(1, 10),
    year=st.just(2026),
)
SHOWN = st.dictionaries(st.sampled_from(IDS), st.integers(0, 6))
YEARS = st.dictionaries(st.sampled_from(IDS), st.integers(1990, 2030))


@given(rows=ranking(), shown=SHOWN, years=YEARS)
def test_off_is_identity(rows: list[Row], shown: dict[str, int], years: dict[str, int]) -> None:
    for options in (None, ExposureOptions(), ExposureOptions(year=2026, newcomer_years=3)):
        done = with_exposure(rows, options=options, shown=shown, first_years=years)
        assert list(done.ranked) == rows
        assert (done.left_out, done.boosted, done.notes, done.statement) == ((), (), (), "")


@given(rows=ranking(), options=OPTIONS, shown=SHOWN, years=YEARS)
def test_nobody_is_lost_and_nobody_left_out_without_a_word(
    rows: list[Row], options: ExposureOptions, shown: dict[str, int], years: dict[str, int]
) -> None:
    done = with_exposure(rows, options=options, shown=shown, first_years=years)
    left = {each.id for each in done.left_out}
    assert sorted([*(row.id for row in done.ranked), *left]) == sorted(row.id for row in rows)
    assert left == {row.id for row in rows if options.cap is not None and shown.get(row.id, 0) >= options.cap}
    assert bool(done.notes) == (not options.off)
    for id in left:
        assert any(id in note for note in done.notes)
    assert all(rows[each.rank - 1].id == each.id and each.shown == shown[each.id] for each in done.left_out)


@given(rows=ranking(), options=OPTIONS, years=YEARS)
def test_the_boost_is_the_stated_factor_and_the_order_follows(
    rows: list[Row], options: ExposureOptions, years: dict[str, int]
) -> None:
    done = with_exposure(rows, options=options, first_years=years)
    for row in rows:
        year = years.get(row.id)
        new = year is not None and options.boost > 1 and 2026 - options.newcomer_years < year <= 2026
        assert done.scores[row.id] == (row.score * options.boost if new else row.score)
        assert (row.id in done.boosted) == new
    scores = [done.scores[row.id] for row in done.ranked]
    assert scores == sorted(scores, reverse=True)
    others = [row for row in done.ranked if row.id not in done.boosted]
    assert others == [row for row in rows if row.id not in done.boosted], "the rest keep their order"


@given(options=OPTIONS, rounds=st.integers(1, 8), rows=ranking())
def test_in_a_batch_nobody_is_shown_more_often_than_the_cap(
    options: ExposureOptions, rounds: int, rows: list[Row]
) -> None:
    shown: dict[str, int] = {}
    for _ in range(rounds):
        for row in with_exposure(rows, options=options, shown=shown).ranked:
            shown[row.id] = shown.get(row.id, 0) + 1
    assert all(count == min(rounds, options.cap or rounds) for count in shown.values())


@pytest.mark.parametrize(
    "given_",
    [{"cap": 0}, {"cap": -1}, {"boost": 0.5}, {"boost": 9.0, "year": 2026}, {"boost": float("nan"), "year": 2026},
     {"boost": 2.0}, {"newcomer_years": 0}],
)  # fmt: skip
def test_options_out_of_bounds_are_refused(given_: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        ExposureOptions(**given_)


@given(counts=st.lists(st.integers(0, 100), max_size=30))
def test_the_gini_lies_between_none_and_all(counts: list[int]) -> None:
    value = gini(counts)
    assert 0 <= value < 1
    assert gini([*counts, *counts]) == pytest.approx(value)  # pyright: ignore[reportUnknownMemberType] - of copies the same
    assert gini([7] * len(counts)) == pytest.approx(0)  # pyright: ignore[reportUnknownMemberType]


def test_the_gini_of_known_distributions() -> None:
    assert gini([0, 0, 0, 10]) == pytest.approx(0.75)  # pyright: ignore[reportUnknownMemberType]
    assert gini([1, 2, 3, 4]) == pytest.approx(0.25)  # pyright: ignore[reportUnknownMemberType]
    assert gini([]) == gini([0, 0]) == 0
