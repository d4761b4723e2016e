"""Dates as people write them, with their precision: 2019, 2019.1, 2019年1月5日, 2018.01-2020.12, 2019至今.

Pure. A date is a span of possible days: its first possible day and the day after the last possible one (2019 →
2019-01-01 to 2020-01-01), with the precision it was written in (settled "Time"); days are ISO text, as the graph keeps
them. Everything that is no date raises `InputError` with the reason in Chinese; the value itself is not repeated.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final, Literal, NoReturn

from graph.errors import InputError

Precision = Literal["day", "month", "year"]

# Years outside are typing mistakes (0, 3019), not the lives of bodies or the plans of today.
FIRST_YEAR: Final = 1000
LAST_YEAR: Final = 2200
# Longer cells hold sentences, not dates.
_LONGEST: Final = 64
_EXAMPLES: Final = "可写 2019、2019-01、2019年1月5日、2018.01-2020.12 或 2019至今"

_NUMBERS: Final = re.compile(
    r"([0-9]{4})(?:年(?:([0-9]{1,2})月(?:([0-9]{1,2})[日号]?)?)?)?\Z"
    r"|([0-9]{4})([-./])([0-9]{1,2})(?:\5([0-9]{1,2}))?\Z"
    r"|([0-9]{4})([0-9]{2})([0-9]{2})?\Z"
)
# "2019年1月至5月": the second date takes its year from the first.
_SAME_YEAR: Final = re.compile(r"[0-9]{1,2}月(?:[0-9]{1,2}[日号]?)?\Z")
# The day of a moment counts, the clock does not.
_CLOCK: Final = re.compile(
    r"(?<=[0-9])[ T][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?\Z"
)
_BETWEEN: Final = re.compile(r"-?(?:[~〜]|至|到|[\u2010-\u2015\u2212]|--)+-?")
_SINCE: Final = re.compile(r"(?:起|以来|开始|-)\Z")
_NOW: Final = frozenset({"今", "现在", "目前", "present", "now", ""})


@dataclass(frozen=True, slots=True)
class Day:
    """A date as a span: first possible day, day after the last possible one (ISO text), precision as written."""

    first: str
    after_last: str
    precision: Precision


@dataclass(frozen=True, slots=True)
class Period:
    """From when to when something held; None where the end is not known (or has not come)."""

    valid_from: str | None = None
    valid_to: str | None = None
    from_precision: Precision | None = None
    to_precision: Precision | None = None

    def properties(self) -> dict[str, str]:
        """Return it as the model's properties (`valid_from`, `valid_from_precision` …), what is unknown left out."""
        named = {
            "valid_from": self.valid_from,
            "valid_to": self.valid_to,
            "valid_from_precision": self.from_precision,
            "valid_to_precision": self.to_precision,
        }
        return {name: value for name, value in named.items() if value is not None}


def parse_day(value: object) -> Day:
    """Which days may be meant by one date?  Text, a whole number (2019, 201901, 20190105), `date` or `datetime`.

    A *number* like 2019.1 is a spreadsheet's 2019.1 or 2019.10: of it only the year is believed. Raises `InputError`.
    """
    return _day_again(value) if isinstance(value, str) and len(value) <= _LONGEST else _day(value)


def parse_period(value: object) -> Period:
    """From when to when?  "2018.01-2020.12", "2019年1月至5月", "2019至今", "至2020", or one date, which is its own
    span.

    Raises `InputError` for what is no period, and for one that ends before it begins.
    """
    return _period_again(value) if isinstance(value, str) and len(value) <= _LONGEST else _period_of(value)


def _day(value: object) -> Day:
    day = _written(value)
    return day if isinstance(day, Day) else _day_of_text(day)


def _period_of(value: object) -> Period:
    text = _written(value)
    if isinstance(text, Day):
        return _period(text, text)
    if _NUMBERS.match(text):
        day = _day_of_text(text)
        return _period(day, day)
    first, second = _halves(text)
    start = _day_of_text(first) if first else None
    if second.lower() in _NOW:
        end = None
    elif start is not None and _SAME_YEAR.match(second):
        end = _day_of_text(f"{start.first[:4]}年{second}")
    else:
        end = _day_of_text(second)
    return _period(start, end)


def _period(start: Day | None, end: Day | None) -> Period:
    if start is None and end is None:
        _refuse("不是日期或起止时间")
    if start is not None and end is not None and start.first >= end.after_last:
        _refuse("结束时间早于起始时间")
    return Period(
        start.first if start else None,
        end.after_last if end else None,
        start.precision if start else None,
        end.precision if end else None,
    )


def _halves(text: str) -> tuple[str, str]:
    """Begin and end of a period as written; an empty begin is unknown, an empty end has not come."""
    if open_end := _SINCE.search(text):
        return text[: open_end.start()].rstrip("-~"), ""
    cuts = list(_BETWEEN.finditer(text))
    if len(cuts) == 1:
        return text[: cuts[0].start()].removesuffix("截"), text[cuts[0].end() :]
    if not cuts:
        # A short dash also stands inside dates: take the one place where both sides can be read.
        splits = [(text[:at], text[at + 1 :]) for at, sign in enumerate(text) if sign == "-"]
        fitting = [(a, b) for a, b in splits if _NUMBERS.match(a) and (_NUMBERS.match(b) or b.lower() in _NOW)]
        if len(fitting) == 1:
            return fitting[0]
    _refuse("不是日期或起止时间")


def _written(value: object) -> Day | str:
    """Bring a cell to text without spaces and full-width digits, or straight to the day it already is."""
    if isinstance(value, datetime | date):
        return _span(value.year, value.month, value.day)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        _refuse("不是日期")
    if isinstance(value, float):
        text = repr(value).removesuffix(".0")
        return text.removesuffix(".1")
    text = str(value) if isinstance(value, int) and abs(value) < 10**9 else value if isinstance(value, str) else ""
    if len(text) > _LONGEST:
        _refuse(f"太长（{len(text)} 字），不是日期")
    text = unicodedata.normalize("NFKC", text).strip()
    return "".join(_CLOCK.sub("", text).split())


def _day_of_text(text: str) -> Day:
    match = _NUMBERS.match(text)
    if not match:
        _refuse("不是日期")
    g = match.groups()
    year, month, day = (g[0], g[1], g[2]) if g[0] else (g[3], g[5], g[6]) if g[3] else (g[7], g[8], g[9])
    return _span(int(year), int(month) if month else None, int(day) if day else None)


def _span(year: int, month: int | None, day: int | None) -> Day:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        _refuse(f"年份 {year} 不在 {FIRST_YEAR} 到 {LAST_YEAR} 之间")
    if month is None:
        return Day(f"{year}-01-01", f"{year + 1}-01-01", "year")
    if not 1 <= month <= 12:
        _refuse(f"月份 {month} 不存在")
    if day is None:
        after = date(year + month // 12, month % 12 + 1, 1)
        return Day(date(year, month, 1).isoformat(), after.isoformat(), "month")
    try:
        first = date(year, month, day)
    except ValueError:
        _refuse(f"{year} 年 {month} 月没有 {day} 日")
    return Day(first.isoformat(), (first + timedelta(days=1)).isoformat(), "day")


# A file has few different dates, and says them again for each person of a row.
_day_again = lru_cache(maxsize=4_096)(_day)
_period_again = lru_cache(maxsize=4_096)(_period_of)


def _refuse(reason: str) -> NoReturn:
    raise InputError(reason, hint=_EXAMPLES)
