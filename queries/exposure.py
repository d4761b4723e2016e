"""Declared options of a ranking that spread attention: an exposure cap and a newcomer boost, off by default. Pure.

Rankings by evidence show the same few again and again: who is shown is asked, and gains evidence (Singh and Joachims
2018, "Fairness of Exposure in Rankings", KDD). What is done about it must be declared: both options are named in the
answer, and nobody is left out without being named with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import isfinite
from typing import Any, Final, Generic, Protocol, TypeVar

from pydantic import BaseModel, Field, ValidationError

from graph.errors import InputError

# A boost beyond this is no longer a nudge: it would put anybody new before anybody known.
MOST_BOOST: Final = 5.0
MOST_CAP: Final = 100_000
MOST_YEARS: Final = 50
MOST_DAYS: Final = 3_650
DAYS: Final = 365
YEARS: Final = 5


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
    """`cap`: at most so many appearances on lists saved in the last `days` days and in a batch of questions (None: no).

    `boost`: the factor (1 to 5) on the score of those whose first work is of the last `newcomer_years` years (`year`
    included); 1 is off. Raises `InputError` for numbers out of bounds, or a boost without the year.
    """

    cap: int | None = None
    boost: float = 1.0
    newcomer_years: int = YEARS
    year: int | None = None
    days: int = DAYS

    def __post_init__(self) -> None:
        if self.cap is not None and not 1 <= self.cap <= MOST_CAP:
            raise InputError(f"曝光上限应在 1 到 {MOST_CAP} 之间，收到 {self.cap}")
        if not isfinite(self.boost) or not 1.0 <= self.boost <= MOST_BOOST:
            raise InputError(f"新人加权应在 1 到 {MOST_BOOST:g} 之间，收到 {self.boost:g}")
        if not 1 <= self.newcomer_years <= MOST_YEARS:
            raise InputError(f"新人年限应在 1 到 {MOST_YEARS} 之间，收到 {self.newcomer_years}")
        if not 1 <= self.days <= MOST_DAYS:
            raise InputError(f"曝光计数的天数应在 1 到 {MOST_DAYS} 之间，收到 {self.days}")
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
            parts.append(f"曝光上限：近 {self.days} 天保存的名单和同一批问题中，每人最多出现 {self.cap} 次")
        if self.boost > 1.0:
            parts.append(
                f"新人加权：首项成果在近 {self.newcomer_years} 年内（{self.year} 年起算）的，得分乘以 {self.boost:g}"
            )
        return "；".join(parts)


class ExposureFields(BaseModel):
    """The options as a form, an address or a command line carries them; all off when nothing is said."""

    exposure_cap: int | None = Field(
        default=None,
        ge=1,
        le=MOST_CAP,
        description="曝光上限：已出现这么多次的人不列出，默认关闭 (declared option: leave out who was shown so often)",
    )
    exposure_days: int = Field(
        default=DAYS, ge=1, le=MOST_DAYS, description="曝光上限计最近几天保存的名单 (lists of so many days count)"
    )
    newcomer_boost: float = Field(
        default=1.0,
        ge=1.0,
        le=MOST_BOOST,
        description="新人加权：新人的得分乘以它，1 为关闭 (declared option: factor on the score of newcomers)",
    )
    newcomer_boost_years: int = Field(
        default=YEARS,
        ge=1,
        le=MOST_YEARS,
        description="首项成果在近几年内的算新人 (newcomers: first work within so many years)",
    )


EXPOSURE_FIELDS: Final = frozenset(ExposureFields.model_fields)


def exposure_options(said: ExposureFields, *, on: date) -> ExposureOptions | None:
    """Return the options that were asked for on a day; None when they are off."""
    options = ExposureOptions(
        said.exposure_cap, said.newcomer_boost, said.newcomer_boost_years, on.year, said.exposure_days
    )
    return None if options.off else options


def exposure_kept(kept: Mapping[str, Any], *, on: date) -> ExposureOptions | None:
    """Return the options that a saved list remembers, on a day; None when off, or when this version cannot use them.

    `kept` is what `exposure_said` gave, with other names beside it.
    """
    try:
        said = ExposureFields.model_validate({name: kept[name] for name in EXPOSURE_FIELDS & kept.keys()})
    except ValidationError:
        return None
    return exposure_options(said, on=on)


def exposure_said(said: ExposureFields) -> dict[str, Any]:
    """Return what a saved list remembers of the options: nothing when they are off."""
    kept = said.model_dump(include=set(EXPOSURE_FIELDS), exclude_defaults=True)
    return kept if kept.keys() & {"exposure_cap", "newcomer_boost"} else {}


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One left out by the cap: how often shown before, the place the row had."""

    id: str
    shown: int
    rank: int


@dataclass(frozen=True, slots=True)
class Exposed(Generic[Row]):
    """A ranking with the options put to it: the rows that stay, in their new order, and everything that was done.

    `scores` are those the order follows, `places` those without the options; `boosted` the ids with more than their own
    score; `statement` names the options, `notes` are sentences for the answer.
    """

    ranked: tuple[Row, ...]
    scores: Mapping[str, float]
    places: Mapping[str, int]
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

    `shown` says how often each was shown before, `first_years` the year of each one's first work (unknown
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
    return Exposed(kept, scores, places, boosted, left, wanted.statement, tuple(notes))


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
