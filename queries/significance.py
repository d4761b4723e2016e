"""Is more than before more than chance?  A test of two counts, control of false discoveries, whole years.  Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import exp, lgamma, log
from typing import Final

# A year with less than half of the mean of the three before it is taken as not yet loaded or not yet over: in the
# measured corpora the last years hold 12 % to 15 % of it, no year before them less than 60 %.
WHOLE_YEAR: Final = 0.5
_YEARS_BEFORE: Final = 3
_NEGLIGIBLE: Final = 1e-17


def increase_p(recent: int, before: int, recent_total: int, before_total: int) -> float:
    """How likely is it to see as many recent ones, were the share among all unchanged?  One-sided, exact.

    Given their sum, `recent` is binomial with p = recent_total ÷ (recent_total + before_total): the conditional test of
    two Poisson rates of Przyborowski and Wilenski 1940 (Biometrika 31). Counts from 0, totals above 0 where their count
    is; 1 when nothing was counted.
    """
    number, total = recent + before, recent_total + before_total
    if not number or not recent or not total:
        return 1.0
    if not before_total or not recent_total:
        return 1.0
    return _upper_tail(recent, number, recent_total / total)


def _upper_tail(least: int, number: int, share: float) -> float:
    """P(X ≥ least) of a binomial, summed from the term next to `least` away from the mode."""
    if least > number * share:
        return min(1.0, _sum(least, number, share, upwards=True))
    return max(0.0, 1.0 - _sum(least - 1, number, share, upwards=False))


def _sum(start: int, number: int, share: float, *, upwards: bool) -> float:
    place = lgamma(number + 1) - lgamma(start + 1) - lgamma(number - start + 1)
    term = exp(place + start * log(share) + (number - start) * log(1 - share))
    odds, total, k = share / (1 - share), 0.0, start
    while 0 <= k <= number:
        total += term
        if term < total * _NEGLIGIBLE:
            break
        term *= (number - k) / (k + 1) * odds if upwards else k / (number - k + 1) / odds
        k += 1 if upwards else -1
    return total


def false_discovery(p_values: Sequence[float]) -> list[float]:
    """Return q values: of all with q ≤ x at most a share x are false in expectation.

    Benjamini and Hochberg 1995 (Journal of the Royal Statistical Society B 57), as adjusted p values:
    q_(i) = min over j ≥ i of p_(j) · m ÷ j. The order of the values changes nothing.
    """
    order = sorted(range(len(p_values)), key=lambda place: p_values[place], reverse=True)
    adjusted = [1.0] * len(p_values)
    least = 1.0
    for above, place in enumerate(order):
        least = min(least, p_values[place] * len(p_values) / (len(p_values) - above))
        adjusted[place] = least
    return adjusted


def last_whole_year(counts: Mapping[int, int], this_year: int) -> int | None:
    """Which is the last year that can be compared?  None without a year.

    The last before `this_year` with works that has at least half of the mean of the three years before it (years
    without works count as 0); the first year of all is whole.
    """
    years = sorted(year for year, count in counts.items() if count and year < this_year)
    for year in reversed(years):
        usual = sum(counts.get(year - back, 0) for back in range(1, _YEARS_BEFORE + 1)) / _YEARS_BEFORE
        if counts[year] >= WHOLE_YEAR * usual:
            return year
    return None


def growth(recent: int, before: int, recent_total: int, before_total: int) -> float:
    """Return how many times the share among all grew, half a count added to each (Haldane 1956), so that 0 divides."""
    if not recent_total or not before_total:
        return 1.0
    return ((recent + 0.5) / recent_total) / ((before + 0.5) / before_total)
