"""Declared options of a ranking that spread attention: an exposure cap and a newcomer boost, off by default. Pure.

Rankings by evidence show the same few again and again: who is shown is asked, and gains evidence (Singh and Joachims
2018, "Fairness of Exposure in Rankings", KDD). What is done about it must be declared: both options are named in the
answer, and nobody is left out without being named with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Final, Generic, Protocol, TypeVar

from graph.errors import InputError

# A boost beyond this is no longer a nudge: it would put anybody new before anybody known.
MOST_BOOST: Final = 5.0
MOST_CAP: Final = 100_000
MOST_YEARS: Final = 50


class RankedRow(Protocol):
    """What a ranking gives: an id and a score."""

    @property
    def id(self) -> str:
        """Whom the row is about."""
        ...

    @property
    def score(self) -> float:
        """The greater the better."""
        ...


Row = TypeVar("Row", bound=RankedRow)


@dataclass(frozen=True, slots=True)
class ExposureOptions:
    """`cap`: at most so many appearances in a batch of questions (None: no cap).

    `boost`: the factor (1 to 5) on the score of those whose first work is of the last `newcomer_years` years (`year`
    included); 1 is off. Raises `InputError` for numbers out of bounds, or a boost without the year.
    """

    cap: int | None = None
    boost: float = 1.0
    newcomer_years: int = 5
    year: int | None = None

    def __post_init__(self) -> None:
        if self.cap is not None and not 1 <= self.cap <= MOST_CAP:
            raise InputError(f"曝光上限应在 1 到 {MOST_CAP} 之间，收到 {self.cap}")
        if not isfinite(self.boost) or not 1.0 <= self.boost <= MOST_BOOST:
            raise InputError(f"新人加权应在 1 到 {MOST_BOOST:g} 之间，收到 {self.boost:g}")
        if not 1 <= self.newcomer_years <= MOST_YEARS:
            raise InputError(f"新人年限应在 1 到 {MOST_YEARS} 之间，收到 {self.newcomer_years}")
        if self.boost > 1.0 and self.year is None:
            raise InputError("新人加权要说明按哪一年计算")

    @property
    def off(self) -> bool:
        """Whether nothing is changed."""
        return self.cap is None and self.boost == 1.0

    @property
    def statement(self) -> str:
        """What the answer says of itself; empty when nothing is changed."""
        parts: list[str] = []
        if self.cap is not None:
            parts.append(f"曝光上限：同一批问题中每人最多出现 {self.cap} 次")
        if self.boost > 1.0:
            parts.append(
                f"新人加权：首项成果在近 {self.newcomer_years} 年内（{self.year} 年起算）的，得分乘以 {self.boost:g}"
            )
        return "；".join(parts)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One left out by the cap: how often shown before, the place the row had."""

    id: str
    shown: int
    rank: int


@dataclass(frozen=True, slots=True)
class Exposed(Generic[Row]):
    """A ranking with the options put to it: the rows that stay, in their new order, and everything that was done.

    `scores` are those the order follows; `boosted` the ids with more than their own score; `statement` names the
    options, `notes` are sentences for the answer.
    """

    ranked: tuple[Row, ...]
    scores: Mapping[str, float]
    boosted: tuple[str, ...]
    left_out: tuple[LeftOut, ...]
    statement: str
    notes: tuple[str, ...]


def with_exposure(
    ranked: Sequence[Row],
    *,
    options: ExposureOptions | None = None,
    shown: Mapping[str, int] | None = None,
    first_years: Mapping[str, int] | None = None,
) -> Exposed[Row]:
    """Put the declared options to a ranking, best first, each id once.

    `shown` says how often each was shown in this batch before, `first_years` the year of each one's first work (unknown
    ones are no newcomers). Off, the rows come back as they are. The order of rows of equal score stays. Every row given
    is in `ranked` or in `left_out`.
    """
    wanted = options or ExposureOptions()
    counts, years = shown or {}, first_years or {}
    newcomers = frozenset(_newcomers(ranked, years, wanted))
    scores = {row.id: row.score * wanted.boost if row.id in newcomers else row.score for row in ranked}
    ordered = list(ranked) if not newcomers else sorted(ranked, key=lambda row: -scores[row.id])
    places = {row.id: place for place, row in enumerate(ranked, 1)}
    full = {row.id for row in ordered if wanted.cap is not None and counts.get(row.id, 0) >= wanted.cap}
    left = tuple(LeftOut(row.id, counts.get(row.id, 0), places[row.id]) for row in ranked if row.id in full)
    notes = [wanted.statement] if wanted.statement else []
    if left:
        notes.append(f"因曝光上限没有列出 {len(left)} 位：{'、'.join(each.id for each in left)}")
    kept = tuple(row for row in ordered if row.id not in full)
    boosted = tuple(row.id for row in kept if row.id in newcomers)
    if boosted:
        notes.append(f"{len(boosted)} 位因新人加权得分提高")
    return Exposed(kept, scores, boosted, left, wanted.statement, tuple(notes))


def _newcomers(ranked: Iterable[RankedRow], years: Mapping[str, int], options: ExposureOptions) -> Iterable[str]:
    if options.boost == 1.0 or options.year is None:
        return
    first = options.year - options.newcomer_years + 1
    for row in ranked:
        year = years.get(row.id)
        if year is not None and first <= year <= options.year:
            yield row.id


def gini(counts: Sequence[int]) -> float:
    """How unequal are these counts, from 0 (all alike) to almost 1 (one has all)?

    G = Σ (2 i − n − 1) x_i / (n Σ x), x ascending, i from 1 (Gini 1912, in the form of Dixon et al. 1987,
    "Bootstrapping the Gini coefficient of inequality", Ecology 68). 0 when there is nothing to share out.
    """
    total, n = sum(counts), len(counts)
    if not total:
        return 0.0
    return sum((2 * i - n - 1) * x for i, x in enumerate(sorted(counts), 1)) / (n * total)
