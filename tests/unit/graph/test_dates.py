"""Dates as people write them: every form of one day is that day, wrong ones are refused with a reason, nothing
crashes."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.dates import FIRST_YEAR, LAST_YEAR, Day, Period, parse_day, parse_period
from graph.errors import InputError

YEAR_2019 = Day("2019-01-01", "2020-01-01", "year")
JANUARY = Day("2019-01-01", "2019-02-01", "month")
FIFTH = Day("2019-01-05", "2019-01-06", "day")


@pytest.mark.parametrize(
    ("written", "day"),
    [
        *((w, YEAR_2019) for w in ("2019", "2019年", " 2019 ", "2019", "2019 年", 2019, 2019.0, 2019.1)),
        *((w, JANUARY) for w in ("2019.1", "2019.01", "2019-01", "2019/1", "2019年1月", "2019 年 1 月")),
        *((w, JANUARY) for w in ("201901", 201901, 2019.01)),
        *(
            (w, FIFTH)
            for w in (
                "2019-01-05", "2019/1/5", "2019.1.5", "2019年1月5日", "2019年01月05号", "2019年1月5",
                "20190105", 20190105,
                20190105.0, date(2019, 1, 5), datetime(2019, 1, 5, 23, 59, tzinfo=UTC), "2019-01-05 00:00:00",
                datetime(2019, 1, 5),  # noqa: DTZ001
                "2019-01-05T10:00:00+08:00", "2019-01-05T10:00:00.123Z", "2019/1/5 8:00", "2019年1月5日",
            )
        ),
        ("2019.10", Day("2019-10-01", "2019-11-01", "month")),
        ("2019-12", Day("2019-12-01", "2020-01-01", "month")),
        ("2020-02-29", Day("2020-02-29", "2020-03-01", "day")),
        ("2019-12-31", Day("2019-12-31", "2020-01-01", "day")),
    ],
)  # fmt: skip
def test_forms_of_a_date(written: object, day: Day) -> None:
    assert parse_day(written) == day
    assert parse_period(written) == Period(day.first, day.after_last, day.precision, day.precision)


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ("2019.13", "月份 13"), ("2019-00", "月份 0"), ("2019-02-30", "2 月没有 30 日"),
        ("2019年2月29日", "没有 29 日"),
        ("2019-01-00", "没有 0 日"), ("0000", "年份 0"), (0, "不是日期"), ("0", "不是日期"), ("3019", "年份 3019"),
        (3019, "年份 3019"),
        ("20191301", "月份 13"), ("", "不是日期"), ("未知", "不是日期"), ("98.5", "不是日期"),
        ("2019.1-5", "不是日期"),
        ("2019-1/5", "不是日期"), ("9" * 65, "太长"), (None, "不是日期"), (True, "不是日期"),
        (float("nan"), "不是日期"),
        (float("inf"), "不是日期"), (-2019, "不是日期"), (10**30, "不是日期"), ([2019], "不是日期"),
        (date(1, 1, 1), "年份 1"),
        ("=DATE(2019,1,1)", "不是日期"), ("２０１９.１３", "月份 13"),
    ],
)  # fmt: skip
def test_wrong_dates_are_refused_with_the_reason(wrong: object, reason: str) -> None:
    for parse in (parse_day, parse_period):
        with pytest.raises(InputError) as caught:
            parse(wrong)
        assert reason in caught.value.message


@pytest.mark.parametrize(
    ("written", "period"),
    [
        ("2018.01-2020.12", Period("2018-01-01", "2021-01-01", "month", "month")),
        ("2018-2020", Period("2018-01-01", "2021-01-01", "year", "year")),
        ("2018-01-2020-12", Period("2018-01-01", "2021-01-01", "month", "month")),
        ("2018-01-05-2020-12-30", Period("2018-01-05", "2020-12-31", "day", "day")),
        ("2018-01-05 至 2020-12-30", Period("2018-01-05", "2020-12-31", "day", "day")),
        ("2018.9~2020.6", Period("2018-09-01", "2020-07-01", "month", "month")),
        ("2018.9～2020.6", Period("2018-09-01", "2020-07-01", "month", "month")),
        ("2018.9——2020.6", Period("2018-09-01", "2020-07-01", "month", "month")),
        ("2018.9—2020.6", Period("2018-09-01", "2020-07-01", "month", "month")),
        ("2018.9 -- 2020.6", Period("2018-09-01", "2020-07-01", "month", "month")),
        ("201809-202006", Period("2018-09-01", "2020-07-01", "month", "month")),
        ("2018年9月到2020年", Period("2018-09-01", "2021-01-01", "month", "year")),
        ("2019年1月至5月", Period("2019-01-01", "2019-06-01", "month", "month")),
        ("2019年1月5日至2月3日", Period("2019-01-05", "2019-02-04", "day", "day")),
        ("2019至今", Period("2019-01-01", None, "year", None)),
        ("2019年至今", Period("2019-01-01", None, "year", None)),
        ("2019-至今", Period("2019-01-01", None, "year", None)),
        ("2019.3-今", Period("2019-03-01", None, "month", None)),
        ("2019-03-Present", Period("2019-03-01", None, "month", None)),
        ("2019~现在", Period("2019-01-01", None, "year", None)),
        ("2019年起", Period("2019-01-01", None, "year", None)),
        ("2019年以来", Period("2019-01-01", None, "year", None)),
        ("2019-", Period("2019-01-01", None, "year", None)),
        ("2019~", Period("2019-01-01", None, "year", None)),
        ("至2020", Period(None, "2021-01-01", None, "year")),
        ("截至2020年6月", Period(None, "2020-07-01", None, "month")),
        ("2019-2019.1", Period("2019-01-01", "2019-02-01", "year", "month")),
    ],
)
def test_forms_of_a_period(written: str, period: Period) -> None:
    assert parse_period(written) == period


@pytest.mark.parametrize(
    "wrong",
    [
        "2020-2018",
        "2020.1至2019.12",
        "至今",
        "至",
        "-",
        "~",
        "2019至未知",
        "2018-2019-2020",
        "2018至2019至2020",
        "今-2019",
    ],
)
def test_wrong_periods(wrong: str) -> None:
    with pytest.raises(InputError):
        parse_period(wrong)


days = st.dates(date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31))
FULL_WIDTH = str.maketrans("0123456789-/.", "0123456789－／．")


@given(days, st.sampled_from(["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d"]), st.booleans())
def test_every_day_in_every_form(day: date, form: str, wide: bool) -> None:
    written = day.strftime(form)
    parsed = parse_day(written.translate(FULL_WIDTH) if wide else written)
    assert parsed == parse_day(day) == Day(day.isoformat(), (day + timedelta(days=1)).isoformat(), "day")


@given(
    days, days, st.sampled_from(["-", "~", "至", " - ", "—"]), st.sampled_from(["%Y", "%Y.%m", "%Y-%m-%d", "%Y年%m月"])
)
def test_a_period_spans_both_its_dates(one: date, two: date, between: str, form: str) -> None:
    first, second = sorted((one, two))
    period = parse_period(first.strftime(form) + between + second.strftime(form))
    assert period.valid_from == parse_day(first.strftime(form)).first
    assert period.valid_to == parse_day(second.strftime(form)).after_last
    assert (
        period.properties()["valid_from"] <= first.isoformat() <= second.isoformat() < period.properties()["valid_to"]
    )


@given(days)
def test_coarser_spans_hold_finer_ones(day: date) -> None:
    exact, month, year = parse_day(day), parse_day(f"{day:%Y-%m}"), parse_day(f"{day:%Y}")
    assert year.first <= month.first <= exact.first < exact.after_last <= month.after_last <= year.after_last


cells = st.one_of(
    st.text(max_size=80),
    st.text(st.sampled_from("0129.-/年月日至今~ ——T:Z２"), max_size=24),
    st.integers(),
    st.floats(),
    st.dates(),
    st.datetimes(),
    st.none(),
    st.booleans(),
)


@given(cells)
def test_any_cell_gives_a_date_or_a_reason(cell: object) -> None:
    for parse in (parse_day, parse_period):
        try:
            parsed = parse(cell)
        except InputError:
            continue
        if isinstance(parsed, Day):
            assert date.fromisoformat(parsed.first) < date.fromisoformat(parsed.after_last)
        else:
            known = [date.fromisoformat(d) for d in (parsed.valid_from, parsed.valid_to) if d]
            assert known
            assert len(known) == 1 or known[0] < known[1]
