"""From the text of a cell to the value a property holds. Pure; what cannot be converted raises `InputError`."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal, DecimalException, Overflow
from typing import Any, Final

from graph.dates import parse_day
from graph.errors import InputError
from graph.identity import doi, orcid, region_code, ror, uscc
from graph.model import Kind

_YES: Final = {"是", "有", "真", "1", "yes", "true", "y", "t", "√", "对"}
_NO: Final = {"否", "无", "假", "0", "no", "false", "n", "f", "×", "不是"}
_LARGEST: Final = Decimal(10) ** 15
_SHORTEST_SUFFIX: Final = 2
_ADDRESS: Final = re.compile(r"https?://[^\s<>\"']+\Z", re.IGNORECASE)


def as_text(text: str) -> str:
    """Return a text as it is."""
    return text


def as_number(text: str, *, times: Decimal, whole: bool) -> int | float:
    """Return a number of at most 10^15 with its factor; "1,234" and "１２" are numbers, "nan" is none."""
    try:
        number = Decimal(text.replace(",", "").replace("，", "").strip()) * times
    except Overflow as error:
        raise InputError("数字超出范围") from error
    except DecimalException as error:
        raise InputError("不是数字") from error
    if not number.is_finite() or abs(number) > _LARGEST:
        raise InputError("数字超出范围")
    return round(number) if whole else float(number)


def as_year(text: str) -> int:
    """Return the year of a date in any notation `graph.dates` knows."""
    return int(parse_day(text).first[:4])


def as_flag(text: str) -> bool:
    """Return whether a word means yes or no."""
    lowered = text.strip().lower()
    if lowered in _YES:
        return True
    if lowered in _NO:
        return False
    raise InputError("看不出是或否")


def as_first_day(value: object) -> str:
    """Return the first possible day of a date, ISO text."""
    return parse_day(value).first


def as_last_day(value: object) -> str:
    """Return the last possible day of a date, ISO text: a deadline of "2026-06" is the 30th."""
    return (date.fromisoformat(parse_day(value).after_last) - timedelta(days=1)).isoformat()


def as_doi(text: str) -> str:
    """Return the bare DOI; one cut off in its suffix names a publisher, and would make all its papers one.

    (ChinaXiv has `10.15918/j` and `10.13266/j` on papers that have nothing to do with each other.)
    """
    bare = doi(text)
    if len(bare.partition("/")[2]) < _SHORTEST_SUFFIX:
        raise InputError("DOI 不完整")
    return bare


def as_address(text: str) -> str:
    """Return an http or https address; nothing else may become a link on a page (`javascript:` …)."""
    if not _ADDRESS.match(text):
        raise InputError("不是 http 或 https 网址")
    return text


BY_KIND: Final[dict[Kind, Callable[[str], object]]] = {Kind.FLAG: as_flag, Kind.DATE: as_first_day}
"""What converts when the mapping does not say how."""
CONVERSIONS: Final[dict[str, Callable[[Any], object]]] = {
    "year": as_year,
    "date": as_first_day,
    "last_day": as_last_day,
    "flag": as_flag,
    "doi": as_doi,
    "orcid": orcid,
    "ror": ror,
    "uscc": uscc,
    "region": region_code,
    "url": as_address,
}
"""What a mapping may ask for by `as`."""
