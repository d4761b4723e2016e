"""How good is a ranking?  Measures of one answer, intervals of their mean, and whether two rankings differ.  Pure.

An answer is a sequence of ids, best first (a repeated id counts where it stands first); `grades` is what is known to be
right: id → grade, above 0 relevant. What is not named is not relevant. Every measure lies between 0 and 1.

Sources: hit, recall, reciprocal rank and average precision as in Manning, Raghavan and Schütze 2008 ("Introduction to
Information Retrieval", chapter 8; the reciprocal rank: Voorhees 1999, TREC-8 question answering); nDCG: Järvelin and
Kekäläinen 2002 with the gain 2^g − 1 of Burges et al. 2005. Intervals: percentile bootstrap (Efron and Tibshirani 1993,
chapter 13). Tests of paired differences: sign test (Conover 1999, section 3.4) and Fisher's randomisation test, which
Smucker, Allan and Carterette 2007 (CIKM) recommend for comparing retrieval systems.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import comb, log2
from typing import Final

import numpy as np
from numpy.typing import NDArray

Grades = Mapping[str, float]
Values = NDArray[np.float64]

# 2,000 draws give the ends of a 95 % interval to about a hundredth of its width; the seed makes a report repeatable.
RESAMPLES: Final = 2_000
PERMUTATIONS: Final = 10_000
SEED: Final = 20_230_316
# 2^12 sign patterns are fewer than the random ones: up to here the randomisation test is exact.
_EXACT: Final = 12
_CHUNK: Final = 4_000_000
_EQUAL: Final = 1e-12


def hit(ranked: Sequence[str], grades: Grades, k: int) -> float:
    """1 when one of the first `k` is relevant, else 0."""
    return float(any(grades.get(each, 0.0) > 0 for each in _distinct(ranked)[:k]))


def recall(ranked: Sequence[str], grades: Grades, k: int) -> float:
    """Which share of what is relevant stands among the first `k`?  0 when nothing is relevant."""
    wanted = _relevant(grades)
    return len(wanted.intersection(_distinct(ranked)[:k])) / len(wanted) if wanted else 0.0


def reciprocal_rank(ranked: Sequence[str], grades: Grades) -> float:
    """1 ÷ the place of the first relevant one; 0 when there is none."""
    for place, each in enumerate(_distinct(ranked), 1):
        if grades.get(each, 0.0) > 0:
            return 1 / place
    return 0.0


def average_precision(ranked: Sequence[str], grades: Grades) -> float:
    """Σ over the relevant ones found of (relevant up to there ÷ place) ÷ number of all relevant ones."""
    wanted = _relevant(grades)
    found, total = 0, 0.0
    for place, each in enumerate(_distinct(ranked), 1):
        if each in wanted:
            found += 1
            total += found / place
    return total / len(wanted) if wanted else 0.0


def ndcg(ranked: Sequence[str], grades: Grades, k: int) -> float:
    """DCG ÷ DCG of the best order, both over `k` places: Σ (2^g − 1) ÷ log2(1 + place); 0 when nothing is relevant."""
    best = _gain(sorted(grades.values(), reverse=True)[:k])
    return _gain([grades.get(each, 0.0) for each in _distinct(ranked)[:k]]) / best if best else 0.0


MEASURES: Final[Mapping[str, Callable[[Sequence[str], Grades], float]]] = {
    "hit@1": lambda ranked, grades: hit(ranked, grades, 1),
    "hit@5": lambda ranked, grades: hit(ranked, grades, 5),
    "hit@10": lambda ranked, grades: hit(ranked, grades, 10),
    "MRR": reciprocal_rank,
    "nDCG@10": lambda ranked, grades: ndcg(ranked, grades, 10),
    "MAP": average_precision,
    "recall@100": lambda ranked, grades: recall(ranked, grades, 100),
}


def measured(ranked: Sequence[str], grades: Grades) -> dict[str, float]:
    """Return every measure of `MEASURES` of one answer, by name."""
    return {name: measure(ranked, grades) for name, measure in MEASURES.items()}


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean with its 95 % interval."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """Ours − theirs, question by question: mean with interval, wins, losses, ties, and two two-sided p values.

    `sign_p`: sign test, ties left out. `permutation_p`: randomisation test of the mean difference.
    """

    difference: Interval
    wins: int
    losses: int
    ties: int
    sign_p: float
    permutation_p: float


def interval(values: Sequence[float], *, resamples: int = RESAMPLES, seed: int = SEED) -> Interval:
    """Return mean and percentile-bootstrap 95 % interval; of no value all three are 0. The order changes nothing."""
    known = np.sort(np.asarray(values, dtype=np.float64))
    if not len(known):
        return Interval(0.0, 0.0, 0.0)
    random = np.random.default_rng(seed)
    means = np.empty(resamples)
    step = max(1, _CHUNK // len(known))
    for start in range(0, resamples, step):
        size = min(step, resamples - start)
        means[start : start + size] = known[random.integers(0, len(known), (size, len(known)))].mean(axis=1)
    low, high = np.quantile(means, (0.025, 0.975)).tolist()
    return Interval(float(known.mean()), low, high)


def compare(ours: Sequence[float], theirs: Sequence[float], *, seed: int = SEED) -> Comparison:
    """Compare two rankings on the same questions, in the same order. Raises `ValueError` for different lengths."""
    differences = np.asarray(ours, dtype=np.float64) - np.asarray(theirs, dtype=np.float64)
    differences[np.abs(differences) < _EQUAL] = 0.0
    wins, losses = int((differences > 0).sum()), int((differences < 0).sum())
    return Comparison(
        interval(differences.tolist(), seed=seed),
        wins,
        losses,
        len(differences) - wins - losses,
        sign_test(wins, losses),
        _randomised(np.sort(differences), seed),
    )


def sign_test(wins: int, losses: int) -> float:
    """Two-sided p of as uneven a division, were wins and losses equally likely; 1 when there was neither."""
    number, fewer = wins + losses, min(wins, losses)
    return min(1.0, 2 * sum(comb(number, each) for each in range(fewer + 1)) / 2**number) if number else 1.0


def _randomised(differences: Values, seed: int) -> float:
    known = differences[differences != 0]
    number = len(known)
    if not number:
        return 1.0
    observed = abs(float(known.sum())) - _EQUAL * number
    if number <= _EXACT:
        signs = np.arange(2**number, dtype=np.int64).reshape(-1, 1)
        patterns: NDArray[np.int64] = np.mod(np.floor_divide(signs, 2 ** np.arange(number, dtype=np.int64)), 2)
        return float((np.abs((1 - 2 * patterns) @ known) >= observed).mean())
    random = np.random.default_rng(seed)
    extreme = 0
    step = max(1, _CHUNK // number)
    for start in range(0, PERMUTATIONS, step):
        signs = 1 - 2 * random.integers(0, 2, (min(step, PERMUTATIONS - start), number))
        extreme += int((np.abs(signs @ known) >= observed).sum())
    # The order observed is one of the possible ones: never a p of 0 (Phipson and Smyth 2010).
    return (extreme + 1) / (PERMUTATIONS + 1)


def _distinct(ranked: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(ranked))


def _relevant(grades: Grades) -> set[str]:
    return {each for each, grade in grades.items() if grade > 0}


def _gain(grades: Sequence[float]) -> float:
    return sum((2 ** max(grade, 0.0) - 1) / log2(1 + place) for place, grade in enumerate(grades, 1))
