"""Free or busy on which days: what several statements about one person come to for a period. Pure.

Whoever spoke last is believed for the days he spoke of; of statements of one day busy stands, for an invitation that is
declined costs less than a seat that stays empty. Days nobody spoke of are unknown.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from graph.dates import LAST_YEAR, parse_period
from graph.errors import InputError

Standing = Literal["free", "busy", "partly", "unknown"]

# A plan for more than a year is no plan; it also bounds the work for one person.
MOST_DAYS: Final = 366
_LONGEST: Final = 40
_NUMERALS: Final = "一二三四五六日天"
_WEEKS: Final = {"本": 0, "这": 0, "下": 1, "下下": 2}
_RELATIVE: Final = {"今天": (0, 1), "明天": (1, 2), "后天": (2, 3)}
_WEEK: Final = re.compile(rf"(下下|下|本|这)(?:个)?(?:周|星期|礼拜)([{_NUMERALS}])?\Z")
_MONTH: Final = re.compile(r"(下|本|这)(?:个)?月\Z")
_COMING: Final = re.compile(r"(?:今后|未来|接下来)([0-9]{1,3})(天|日|周|个?星期|个?月)(?:内|里)?\Z")
_DAY: Final = re.compile(r"(?:([0-9]{4})年|(今年|明年))?([0-9]{1,2})月(?:([0-9]{1,2})[日号]?)?\Z")
_BETWEEN: Final = re.compile(r"[—–~〜至到-]+")
_HINT: Final = "可写 下周、下周三、本月、明天、未来10天、12月1日至5日、2026-12-01至2026-12-05"


@dataclass(frozen=True, slots=True)
class Said:
    """One statement: free or busy from `first` until before `after_last` (ISO days, None: open), said on a day."""

    state: Literal["free", "busy"]
    first: str | None
    after_last: str | None
    said_on: str | None = None

    def covers(self, day: str) -> bool:
        """Does it speak of this day?"""
        return (self.first is None or self.first <= day) and (self.after_last is None or day < self.after_last)


def standing_in(said: Sequence[Said], first: date, last: date) -> Standing:
    """Is somebody who said this free on every day of a period (both ends included), busy on one, or unknown?

    partly: free on some days and nothing known of the others. Raises `InputError` for a period that ends before it
    begins or is longer than a year.
    """
    days = days_between(first, last)
    states = {_on(said, day) for day in days}
    if "busy" in states:
        return "busy"
    if states == {"free"}:
        return "free"
    return "partly" if "free" in states else "unknown"


def days_between(first: date, last: date) -> list[str]:
    """Return the ISO days of a period, both ends included; raises `InputError` when it is none or over a year."""
    span = (last - first).days + 1
    if span < 1:
        raise InputError("时段的结束日早于起始日", hint=_HINT)
    if span > MOST_DAYS:
        raise InputError(f"时段长达 {span} 天，最多 {MOST_DAYS} 天")
    if last.year > LAST_YEAR:
        raise InputError("时段的日期太远")
    return [(first + timedelta(days=number)).isoformat() for number in range(span)]


def _on(said: Iterable[Said], day: str) -> Literal["free", "busy", "unknown"]:
    found = [each for each in said if each.covers(day)]
    if not found:
        return "unknown"
    latest = max(each.said_on or "" for each in found)
    return "busy" if any(each.state == "busy" for each in found if (each.said_on or "") == latest) else "free"


def period_written(text: str, *, today: date) -> tuple[date, date]:
    """Which days are meant by a period as people write it?  First and last day, both included.

    Relative words (今天, 下周, 下周三, 本月, 下个月, 未来10天) are counted from `today`; 下周 is Monday to Sunday of
    the week after this one. 12月1日至5日 without a year is the next one that is not over. Otherwise as
    `graph.dates.parse_period`. Raises `InputError`.
    """
    written = "".join(unicodedata.normalize("NFKC", text).split())
    if not written or len(written) > _LONGEST:
        raise InputError("没有写时段，或写得太长", hint=_HINT)
    try:
        found = _relative(written, today) or _without_year(written, today) or _absolute(written)
    except (OverflowError, ValueError):
        raise InputError("没有这样的日期", hint=_HINT) from None
    days_between(*found)
    return found


def _relative(text: str, today: date) -> tuple[date, date] | None:
    if text in _RELATIVE:
        day = today + timedelta(days=_RELATIVE[text][0])
        return day, day
    if match := _WEEK.match(text):
        monday = today - timedelta(days=today.weekday()) + timedelta(weeks=_WEEKS[match[1]])
        if match[2] is None:
            return monday, monday + timedelta(days=6)
        day = monday + timedelta(days=min(_NUMERALS.index(match[2]), 6))
        return day, day
    if match := _MONTH.match(text):
        return _month_of(today.year, today.month + (match[1] == "下"))
    if match := _COMING.match(text):
        days = int(match[1]) * {"天": 1, "日": 1}.get(match[2], 30 if "月" in match[2] else 7)
        return today, today + timedelta(days=days - 1)
    return None


def _without_year(text: str, today: date) -> tuple[date, date] | None:
    """12月1日, 12月1日至5日, 12月1日—1月3日, 12月: of this year, or of the next one when it is over."""
    first, *rest = _BETWEEN.split(text)
    begin = _DAY.match(first)
    if begin is None or len(rest) > 1 or begin[1]:
        return None
    year = today.year + (begin[2] == "明年")
    if (found := _in_year(begin, rest, year)) is None:
        return None
    return (_in_year(begin, rest, year + 1) or found) if not begin[2] and found[1] < today else found


def _in_year(begin: re.Match[str], rest: Sequence[str], year: int) -> tuple[date, date] | None:
    month = int(begin[3])
    if not begin[4]:
        return _month_of(year, month) if not rest and 1 <= month <= 12 else None
    first = date(year, month, int(begin[4]))
    if not rest:
        return first, first
    if day := re.fullmatch(r"([0-9]{1,2})[日号]?", rest[0]):
        return first, date(year, month, int(day[1]))
    end = _DAY.match(rest[0])
    if end is None or not end[4] or end[2]:
        return None
    later = int(end[1]) if end[1] else year + ((int(end[3]), int(end[4])) < (month, int(begin[4])))
    return first, date(later, int(end[3]), int(end[4]))


def _absolute(text: str) -> tuple[date, date]:
    try:
        found = parse_period(text)
    except InputError as error:
        raise InputError(f"看不懂这个时段：{error.message}", hint=_HINT) from None
    if found.valid_from is None or found.valid_to is None:
        raise InputError("时段要有起有止", hint=_HINT)
    return date.fromisoformat(found.valid_from), date.fromisoformat(found.valid_to) - timedelta(days=1)


def _month_of(year: int, month: int) -> tuple[date, date]:
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    after = date(year + month // 12, month % 12 + 1, 1)
    return date(year, month, 1), after - timedelta(days=1)
