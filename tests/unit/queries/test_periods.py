"""Free or busy on which days, and periods as people write them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.errors import InputError
from queries.periods import MOST_DAYS, Said, days_between, period_written, standing_in

# A Monday.
TODAY = date(2026, 11, 23)
DAYS = st.integers(0, 40).map(lambda n: date(2026, 11, 20) + timedelta(days=n))


@st.composite
def said(draw: st.DrawFn) -> Said:
    first, last = draw(st.none() | DAYS), draw(st.none() | DAYS)
    if first and last and last < first:
        first, last = last, first
    return Said(
        draw(st.sampled_from(["free", "busy"])),
        first.isoformat() if first else None,
        (last + timedelta(days=1)).isoformat() if last else None,
        draw(st.none() | st.sampled_from(["2026-01-01", "2026-06-01"])),
    )


@st.composite
def period(draw: st.DrawFn) -> tuple[date, date]:
    one, other = draw(DAYS), draw(DAYS)
    return min(one, other), max(one, other)


@given(statements=st.lists(said(), max_size=5), days=period())
def test_a_period_is_what_its_days_are(statements: list[Said], days: tuple[date, date]) -> None:
    whole = standing_in(statements, *days)
    single = [standing_in(statements, day, day) for day in map(date.fromisoformat, days_between(*days))]
    assert "partly" not in single
    if "busy" in single:
        assert whole == "busy"
    elif set(single) == {"free"}:
        assert whole == "free"
    else:
        assert whole == ("partly" if "free" in single else "unknown")


@given(statements=st.lists(said(), max_size=5), days=period())
def test_the_order_and_repetition_of_statements_do_not_matter(statements: list[Said], days: tuple[date, date]) -> None:
    assert standing_in([*reversed(statements), *statements], *days) == standing_in(statements, *days)


@given(statements=st.lists(said(), max_size=5), days=period(), state=st.sampled_from(["free", "busy"]))
def test_whoever_speaks_last_of_all_days_is_believed(
    statements: list[Said], days: tuple[date, date], state: str
) -> None:
    last = Said("free" if state == "free" else "busy", None, None, "2026-11-20")
    assert standing_in([*statements, last], *days) == state


def test_busy_stands_where_nobody_was_later() -> None:
    free, busy = Said("free", "2026-12-01", "2026-12-11"), Said("busy", "2026-12-05", "2026-12-06")
    assert standing_in([free, busy], date(2026, 12, 1), date(2026, 12, 4)) == "free"
    assert standing_in([free, busy], date(2026, 12, 5), date(2026, 12, 5)) == "busy"
    assert standing_in([free, busy], date(2026, 12, 10), date(2026, 12, 11)) == "partly"
    assert standing_in([free, busy], date(2026, 12, 11), date(2026, 12, 11)) == "unknown"
    assert standing_in([], date(2026, 12, 1), date(2026, 12, 1)) == "unknown"


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("今天", "2026-11-23", "2026-11-23"),
        ("明天", "2026-11-24", "2026-11-24"),
        ("后天", "2026-11-25", "2026-11-25"),
        ("本周", "2026-11-23", "2026-11-29"),
        ("下周", "2026-11-30", "2026-12-06"),
        ("下星期", "2026-11-30", "2026-12-06"),
        ("下周三", "2026-12-02", "2026-12-02"),
        ("下周日", "2026-12-06", "2026-12-06"),
        ("下下周", "2026-12-07", "2026-12-13"),
        ("本月", "2026-11-01", "2026-11-30"),
        ("下个月", "2026-12-01", "2026-12-31"),
        ("未来10天", "2026-11-23", "2026-12-02"),
        ("未来两周", "", ""),
        ("未来2周", "2026-11-23", "2026-12-06"),
        ("12月1日至5日", "2026-12-01", "2026-12-05"),
        ("12月1日—5日", "2026-12-01", "2026-12-05"),
        ("12月30日至1月2日", "2026-12-30", "2027-01-02"),
        ("１２月１日", "2026-12-01", "2026-12-01"),
        ("3月", "2027-03-01", "2027-03-31"),
        ("11月20日", "2027-11-20", "2027-11-20"),
        ("11月20日至25日", "2026-11-20", "2026-11-25"),
        ("明年3月", "2027-03-01", "2027-03-31"),
        ("2026-12-01至2026-12-05", "2026-12-01", "2026-12-05"),
        ("2026年12月", "2026-12-01", "2026-12-31"),
        ("2026年", "2026-01-01", "2026-12-31"),
        ("2月29日", "", ""),
        ("13月1日", "", ""),
        ("12月5日至1日", "", ""),
        ("2026-12-05至2026-12-01", "", ""),
        ("2026年至今", "", ""),
        ("2020至2026", "", ""),
        ("很快", "", ""),
        ("", "", ""),
        ("下周" * 40, "", ""),
    ],
)
def test_periods_are_read_as_people_write_them(text: str, first: str, last: str) -> None:
    if not first:
        with pytest.raises(InputError):
            period_written(text, today=TODAY)
    else:
        assert period_written(text, today=TODAY) == (date.fromisoformat(first), date.fromisoformat(last))


@given(
    text=st.text(max_size=60)
    | st.text("0123456789年月日至—-下周本天未来今明星期三 ", max_size=16)
    | st.tuples(st.integers(0, 99), st.integers(0, 99), st.integers(0, 99)).map(
        lambda p: f"{p[0]}月{p[1]}日至{p[2]}日"
    ),
    today=st.dates(date(1000, 1, 1), date(2199, 12, 31)),
)
def test_any_text_gives_a_period_or_a_clear_error(text: str, today: date) -> None:
    try:
        first, last = period_written(text, today=today)
    except InputError as error:
        assert error.message  # noqa: PT017 - the error is the answer here
    else:
        assert first <= last
        assert (last - first).days < MOST_DAYS


@pytest.mark.parametrize(("first", "days"), [(TODAY, 0), (TODAY, -5), (TODAY, 367), (date(9999, 12, 31), 1)])
def test_a_period_that_is_none_or_too_long_is_refused(first: date, days: int) -> None:
    with pytest.raises(InputError, match="时段"):
        days_between(first, first + timedelta(days=days - 1))
