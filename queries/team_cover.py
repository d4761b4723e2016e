"""Which few people cover what a demand needs?  A small team chosen for coverage. Pure.

Coverage of a team is Σ_a w_a · (best + ½ second best) / 1.5 over the aspects a of the demand (weights w, Σ w = 1; best
and second best of the members' fits, 0 to 1): section 3 of ../shared/design/ranking.md. The sum of the two best of a
set and its maximum are monotone and submodular, so is their mean; hence

- the greedy team has at least 1 − 1/e of the best coverage (Nemhauser, Wolsey, Fisher 1978, Math. Programming 14), and
- the value of a part plus the greatest single gains left is an upper bound, by which the exact search cuts branches.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

LEAST_MEMBERS: Final = 3
MOST_MEMBERS: Final = 7
# A further member who adds less than this share of full coverage is not worth a place (a choice, not a measurement).
LEAST_GAIN: Final = 0.02
# Looks of the exact search; one takes some 40 µs for 200 candidates and 8 aspects.
_MOST_LOOKS: Final = 5_000
_SECOND: Final = 0.5
_WHOLE: Final = 1.0 + _SECOND
_EQUAL: Final = 1e-12

_Vector = NDArray[np.float64]
_Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may be chosen: fit to each aspect (0 to 1), and the bodies that count for one-per-body."""

    id: str
    fits: tuple[float, ...]
    organisations: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Cover:
    """A chosen team: members in the order of their gains, its coverage, and what it hangs on.

    `single` counts the best member of each aspect only; `aspects` is the coverage of each aspect; `weakest` the aspect
    covered least (None without aspects); `dearest` the member whose loss costs most and `after_loss` the coverage then.
    `proven` says that no team of this size covers more.
    """

    members: tuple[str, ...]
    coverage: float
    single: float
    aspects: tuple[float, ...]
    weakest: int | None
    dearest: str
    after_loss: float
    proven: bool


def coverage(weights: Sequence[float], fits: Sequence[Sequence[float]]) -> float:
    """How much of the aspects do people with these fits cover, 0 to 1?  `weights` need not add up to 1."""
    return float(_shares(weights) @ _per_aspect(_matrix(fits, len(weights)))) if weights else 0.0


def enough_members(
    weights: Sequence[float], candidates: Sequence[Candidate], *, one_per_organisation: bool = False
) -> int:
    """How many members are worth their place?  3 to 7: the first size after which one more adds less than .02."""
    search = _Search(weights, candidates, one_per_organisation)
    gains = search.greedy(MOST_MEMBERS)[1]
    for size in range(LEAST_MEMBERS, len(gains)):
        if gains[size] < LEAST_GAIN:
            return size
    return max(LEAST_MEMBERS, len(gains))


def best_cover(
    weights: Sequence[float],
    candidates: Sequence[Candidate],
    *,
    size: int,
    one_per_organisation: bool = False,
    most_looks: int = _MOST_LOOKS,
) -> Cover:
    """Choose `size` people (fewer when there are not so many who may sit together) who cover most.

    Greedy, improved by exchanges, then an exact search that ends after `most_looks` looks; of equal teams the one whose
    members come earlier in `candidates`. Nobody who adds nothing is chosen. Raises `ValueError` when a candidate has
    not one fit for each weight or a fit is not within 0 and 1.
    """
    search = _Search(weights, candidates, one_per_organisation)
    chosen = search.improved(search.greedy(size)[0])
    chosen, proven = search.exact(chosen, size, most_looks)
    return search.told(chosen, proven)


def cover_of(weights: Sequence[float], members: Sequence[Candidate]) -> Cover:
    """What does a team that exists cover?  As `best_cover` tells it; `proven` is False."""
    search = _Search(weights, members, one_per_organisation=False)
    return search.told(list(range(len(members))), proven=False)


@dataclass(slots=True)
class _Best:
    """The best team seen by the exact search, and the looks it has left."""

    value: float
    chosen: list[int]
    looks: int
    whole: bool = True
    seats: list[int] = field(default_factory=list[int])


class _Search:
    """The fits as a matrix, and what may sit together."""

    def __init__(self, weights: Sequence[float], candidates: Sequence[Candidate], one_per_organisation: bool) -> None:
        self._candidates = candidates
        self._weights = _shares(weights)
        if any(len(candidate.fits) != len(weights) for candidate in candidates):
            raise ValueError("a candidate has not one fit for each weight")
        self._fits = _matrix([candidate.fits for candidate in candidates], len(weights))
        if self._fits.size and not (self._fits.min() >= 0.0 and self._fits.max() <= 1.0):
            raise ValueError("a fit is not within 0 and 1")
        self._bodies = [
            candidate.organisations if one_per_organisation else frozenset[str]() for candidate in candidates
        ]

    def value(self, chosen: Sequence[int]) -> float:
        return float(self._weights @ _per_aspect(self._fits[list(chosen)]))

    def greedy(self, size: int) -> tuple[list[int], list[float]]:
        """The next who adds most, until nobody adds anything."""
        chosen: list[int] = []
        gains: list[float] = []
        rest = list(range(len(self._candidates)))
        while rest and len(chosen) < size:
            added = self._gains(chosen, rest)
            place = int(np.argmax(added))
            if added[place] <= _EQUAL:
                break
            chosen.append(rest[place])
            gains.append(float(added[place]))
            rest = self._beside(chosen[-1], rest)
        return chosen, gains

    def improved(self, chosen: list[int]) -> list[int]:
        """Exchange one member for an outsider while that helps; each exchange takes the greatest gain."""
        best, value = list(chosen), self.value(chosen)
        while True:
            found: tuple[float, list[int]] | None = None
            for place in range(len(best)):
                kept = best[:place] + best[place + 1 :]
                rest = [n for n in range(len(self._candidates)) if n not in best and self._may_join(n, kept)]
                if not rest:
                    continue
                gains = self._gains(kept, rest)
                which = int(np.argmax(gains))
                reached = self.value(kept) + float(gains[which])
                if reached > (value if found is None else found[0]) + _EQUAL:
                    found = reached, [*kept, rest[which]]
            if found is None:
                return best
            value, best = found

    def exact(self, chosen: list[int], size: int, most_looks: int) -> tuple[list[int], bool]:
        """Is there a better team?  Depth first, the greatest gain first, cut by the submodular bound."""
        best = _Best(self.value(chosen), list(chosen), most_looks)
        self._look(best, self._undominated(size), size)
        return best.chosen, best.whole

    def _look(self, best: _Best, rest: list[int], left: int) -> None:
        if best.looks == 0:
            best.whole = False
            return
        best.looks -= 1
        value = self.value(best.seats)
        if value > best.value + _EQUAL:
            best.value, best.chosen = value, list(best.seats)
        if not rest or left == 0:
            return
        gains = self._gains(best.seats, rest)
        order = np.argsort(-gains, kind="stable")
        ordered, added = [rest[int(place)] for place in order], gains[order]
        for place, candidate in enumerate(ordered):
            if value + float(added[place : place + left].sum()) <= best.value + _EQUAL or not best.whole:
                return
            best.seats.append(candidate)
            self._look(best, self._beside(candidate, ordered[place + 1 :]), left - 1)
            best.seats.pop()

    def told(self, chosen: Sequence[int], proven: bool) -> Cover:
        fits = self._fits[list(chosen)]
        aspects = _per_aspect(fits)
        single = float(self._weights @ fits.max(axis=0)) if len(chosen) else 0.0
        without = [(self.value([other for other in chosen if other != one]), one) for one in chosen]
        after, dearest = min(without, key=lambda pair: pair[0], default=(0.0, None))
        return Cover(
            members=tuple(self._candidates[place].id for place in chosen),
            coverage=float(self._weights @ aspects),
            single=single,
            aspects=tuple(float(value) for value in aspects),
            weakest=int(np.argmin(aspects)) if len(aspects) else None,
            dearest="" if dearest is None else self._candidates[dearest].id,
            after_loss=after,
            proven=proven,
        )

    def _gains(self, chosen: Sequence[int], rest: Sequence[int]) -> _Vector:
        """What does each of the rest add to the chosen?"""
        fits = self._fits[list(rest)]
        first, second = _two_best(self._fits[list(chosen)])
        new_first = np.maximum(first, fits)
        new_second = np.where(fits > first, first, np.maximum(second, fits))
        added = (new_first - first) + _SECOND * (new_second - second)
        return (added @ self._weights) / _WHOLE

    def _undominated(self, size: int) -> list[int]:
        """Leave out who is surpassed in every aspect by so many others that one of them can always take the place."""
        everybody = list(range(len(self._candidates)))
        if any(self._bodies):
            return everybody
        kept: list[int] = []
        for one in everybody:
            at_least = (self._fits >= self._fits[one]).all(axis=1)
            better = (self._fits > self._fits[one]).any(axis=1)
            # Of equals the earlier one stands before the later.
            before = at_least & (better | (np.arange(len(everybody)) < one))
            if int(before.sum()) < size:
                kept.append(one)
        return kept

    def _beside(self, one: int, rest: Sequence[int]) -> list[int]:
        bodies = self._bodies[one]
        return [other for other in rest if other != one and bodies.isdisjoint(self._bodies[other])]

    def _may_join(self, one: int, seated: Sequence[int]) -> bool:
        return all(self._bodies[one].isdisjoint(self._bodies[other]) for other in seated)


def _shares(weights: Sequence[float]) -> _Vector:
    found = np.array(weights, dtype=np.float64)
    total = float(found.sum())
    return found / total if total > 0 else found


def _matrix(fits: Sequence[Sequence[float]], aspects: int) -> _Matrix:
    return np.array([list(row) for row in fits], dtype=np.float64).reshape(len(fits), aspects)


def _two_best(fits: _Matrix) -> tuple[_Vector, _Vector]:
    padded = np.vstack([np.zeros((2, fits.shape[1])), fits])
    ordered = np.sort(padded, axis=0)
    return ordered[-1], ordered[-2]


def _per_aspect(fits: _Matrix) -> _Vector:
    first, second = _two_best(fits)
    return (first + _SECOND * second) / _WHOLE
