"""How well do predicted scores order what reviewers rated themselves?  The measures of the public benchmark.  Pure.

Stelmakh, Wieting, Neubig and Shah 2023, "A Gold Standard Dataset for the Reviewer Assignment Problem" (arXiv
2303.16750; the authors' `scripts/scoring.py`). Over the pairs of papers (i, j) that one reviewer r rated, with ratings
e (1 to 5) and predictions s, wrong(i, j) = 1 if s orders them the other way, ½ if s is equal, else 0:

    loss = Σ_r Σ_{i<j} |e_i − e_j| · wrong(i, j) ÷ Σ_r Σ_{i<j} |e_i − e_j|

(weighted Kendall's τ as a loss: 0 best, .5 chance, 1 worst.) "Easy" pairs have one rating of 4 or more and one of 2 or
less, "hard" ones two different ratings of 4 or more; their accuracy is the share ordered rightly, a tie being wrong.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray

from queries.measures import SEED

HIGH_RATING: Final = 4.0
LOW_RATING: Final = 2.0
# As the authors' evaluation script draws: reviewers with replacement, 1,000 times.
RESAMPLES: Final = 1_000

Ratings = Mapping[str, Mapping[str, float]]
"""Reviewer → paper → rating, or predicted score."""


@dataclass(frozen=True, slots=True)
class PairAccuracy:
    """Of `pairs` so many were ordered rightly; `share` is None without a pair."""

    correct: int
    pairs: int

    @property
    def share(self) -> float | None:
        """The accuracy."""
        return self.correct / self.pairs if self.pairs else None


@dataclass(frozen=True, slots=True)
class ReviewerLoss:
    """The loss (None where no pair has different ratings) with its 95 % interval over reviewers, and accuracies."""

    loss: float | None
    low: float | None
    high: float | None
    easy: PairAccuracy
    hard: PairAccuracy
    reviewers: int
    ratings: int


def reviewer_loss(ratings: Ratings, predicted: Ratings, *, seed: int = SEED) -> ReviewerLoss:
    """Judge predictions against ratings; raises `KeyError` when a rated pair has no prediction.

    Only the order of the predictions within a reviewer matters. The order of reviewers and papers changes nothing.
    """
    parts = np.array([_weights(ratings[each], predicted[each]) for each in sorted(ratings)], dtype=np.float64)
    parts = parts.reshape(-1, 2)
    low, high = _interval(parts, seed)
    wrong, weight = parts.sum(axis=0).tolist()
    pairs = [pair for each in ratings for pair in _pairs(ratings[each], predicted[each])]
    return ReviewerLoss(
        wrong / weight if weight else None,
        low,
        high,
        _accuracy([pair for pair in pairs if max(pair[:2]) >= HIGH_RATING and min(pair[:2]) <= LOW_RATING]),
        _accuracy([pair for pair in pairs if min(pair[:2]) >= HIGH_RATING]),
        len(ratings),
        sum(len(rated) for rated in ratings.values()),
    )


def _pairs(rated: Mapping[str, float], scores: Mapping[str, float]) -> list[tuple[float, float, float]]:
    """Rating, rating, and the difference of the predictions, of every two papers."""
    return [(rated[i], rated[j], scores[i] - scores[j]) for i, j in combinations(rated, 2)]


def _weights(rated: Mapping[str, float], scores: Mapping[str, float]) -> tuple[float, float]:
    wrong = weight = 0.0
    for first, second, difference in _pairs(rated, scores):
        size = abs(first - second)
        weight += size
        if difference == 0:
            wrong += size / 2
        elif (first - second) * difference < 0:
            wrong += size
    return wrong, weight


def _accuracy(pairs: Sequence[tuple[float, float, float]]) -> PairAccuracy:
    unequal = [(first - second, difference) for first, second, difference in pairs if first != second]
    return PairAccuracy(sum(true * difference > 0 for true, difference in unequal), len(unequal))


def _interval(parts: NDArray[np.float64], seed: int) -> tuple[float | None, float | None]:
    if not parts[:, 1:].sum():
        return None, None
    drawn = np.random.default_rng(seed).integers(0, len(parts), (RESAMPLES, len(parts)))
    sums = parts[drawn].sum(axis=1)
    sums = sums[sums[:, 1] > 0]
    low, high = np.quantile(sums[:, 0] / sums[:, 1], (0.025, 0.975)).tolist()
    return low, high
