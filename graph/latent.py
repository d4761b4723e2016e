"""Which texts speak of the same things in other words?  Latent semantic analysis of the graph's own works. Pure, numpy.

Deerwester et al. 1990 ("Indexing by latent semantic analysis", JASIS 41): the matrix of works by tokens, weighted
log2(1 + tf) · log2(N / df) and each work scaled to length 1, is cut to its greatest singular values; a text's vector is
its weighted tokens times the right singular vectors. They are found by the randomised method of Halko, Martinsson and
Tropp 2011 (SIAM Review 53(2), algorithm 4.4: subspace iteration), from a fixed seed.

The product of 9,877 works (201 distinct tokens each) with 310 columns takes .35 s by rows in numpy: no need for scipy.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits  # pyright: ignore[reportMissingTypeStubs]

Floats = NDArray[np.float32]

DIMENSIONS: Final = 300
# Fewer works than this are learnt by heart: no model.
FEWEST_WORKS: Final = 300
# The tokens of most works are kept; a token of one work connects nothing.
MOST_TOKENS: Final = 60_000
_FEWEST_HOLDERS: Final = 2
_OVERSAMPLING: Final = 10
_ITERATIONS: Final = 2
_SEED: Final = 2011
# Squares of singular values below this share of the greatest are rounding errors of float32.
_NOISE: Final = 1e-9
_BLOCK: Final = 8_192


@dataclass(frozen=True, slots=True)
class Sparse:
    """A matrix by rows: row i has `values[starts[i]:starts[i + 1]]` in the `columns` of the same places."""

    starts: NDArray[np.int64]
    columns: NDArray[np.int32]
    values: Floats
    width: int

    @property
    def height(self) -> int:
        """How many rows?"""
        return len(self.starts) - 1

    def times(self, dense: Floats) -> Floats:
        """Return the product with a dense matrix (width, k), shape (height, k)."""
        result = np.zeros((self.height, dense.shape[1]), dtype=np.float32)
        bounds = self.starts.tolist()
        # Row by row: the few hundred rows of `dense` that one row needs fit the cache.
        for row, (first, last) in enumerate(pairwise(bounds)):
            if last > first:
                result[row] = self.values[first:last] @ dense[self.columns[first:last]]
        return result

    def transposed(self) -> Sparse:
        """Return the matrix with columns as rows."""
        order = np.argsort(self.columns, kind="stable")
        rows = np.repeat(np.arange(self.height, dtype=np.int32), np.diff(self.starts))
        counts = np.bincount(self.columns, minlength=self.width)
        starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts, dtype=np.int64)])
        return Sparse(starts, rows[order], self.values[order], self.height)


@dataclass(frozen=True, slots=True)
class LatentModel:
    """What turns tokens into a vector: a row of `basis` (tokens, dimensions) for each of `terms`, its idf included.

    `trained_on` is the number of works it was trained on.
    """

    terms: Mapping[str, int]
    basis: Floats
    trained_on: int

    @property
    def dimensions(self) -> int:
        """How many numbers is a vector?"""
        return self.basis.shape[1]

    def encode(self, texts: Sequence[str]) -> Floats:
        """Return a vector of length 1 for each text (its tokens, separated by spaces), shape (texts, dimensions).

        A text without a token the model knows has the vector 0.
        """
        return _unit(_counted(texts, self.terms).times(self.basis))


def train(
    texts: Iterable[str], *, dimensions: int = DIMENSIONS, most_tokens: int = MOST_TOKENS, fewest: int = FEWEST_WORKS
) -> LatentModel | None:
    """Learn from texts (tokens separated by spaces); None when fewer than `fewest` of them have any.

    Equal texts in equal order give an equal model. Of fewer tokens or texts than `dimensions` it has fewer dimensions.
    What is held: the counts (12 bytes for each distinct token of a work), the vocabulary, and three dense matrices of
    (works or tokens) × dimensions.
    """
    counted = _Counting()
    works = sum(counted.add(text) for text in texts)
    if works < fewest:
        return None
    terms, matrix, rarity = counted.weighted(works, most_tokens)
    if not terms:
        return None
    # Threads of BLAS that wait for each other on a busy machine made 5 s into 26 s (measured on two cores).
    with threadpool_limits(1, "blas"):
        vectors = right_singular_vectors(matrix, dimensions)
    return LatentModel(terms, np.ascontiguousarray(vectors * rarity[:, None]), works)


def right_singular_vectors(matrix: Sparse, rank: int) -> Floats:
    """Return the right singular vectors of the `rank` greatest singular values, greatest first, as orthonormal columns.

    Fewer when the matrix has a smaller rank. The sign of each is such that its greatest component is positive.
    """
    across = matrix.transposed()
    wide = min(rank + _OVERSAMPLING, matrix.height, matrix.width)
    found = np.random.default_rng(_SEED).standard_normal((matrix.width, wide), dtype=np.float32)
    for _ in range(_ITERATIONS):
        found = _orthonormal(across.times(_orthonormal(matrix.times(found))))
    # With Q of A·found, A ≈ Q·(Aᵀ·Q)ᵀ: its right singular vectors are the left ones of Aᵀ·Q.
    return _left_singular_vectors(across.times(_orthonormal(matrix.times(found))), rank)


def _orthonormal(matrix: Floats) -> Floats:
    """Return an orthonormal basis of the columns."""
    # Through the Gram matrix: Householder QR of 60,000 × 310 takes 2.5 s, threaded on a busy machine 20 s; this .2 s.
    return _left_singular_vectors(matrix, matrix.shape[1])


def _left_singular_vectors(matrix: Floats, rank: int) -> Floats:
    gram = _gram(matrix)
    if not gram.any():
        return matrix[:, :0]
    squares, turn = np.linalg.eigh(gram)
    kept = np.arange(len(squares))[::-1][:rank]
    kept = kept[squares[kept] > squares[-1] * _NOISE]
    vectors = matrix @ (turn[:, kept] / np.sqrt(squares[kept])).astype(np.float32)
    # A second time, since the Gram matrix squares the errors of the first (Yamamoto et al. 2015, CholeskyQR2).
    squares, turn = np.linalg.eigh(_gram(vectors))
    vectors = vectors @ ((turn / np.sqrt(squares)) @ turn.T).astype(np.float32)
    greatest = np.abs(vectors).argmax(axis=0)
    signs = np.where(vectors[greatest, np.arange(len(kept))] < 0, -1, 1)
    return (vectors * signs).astype(np.float32)


def _gram(matrix: Floats) -> NDArray[np.float64]:
    total = np.zeros((matrix.shape[1], matrix.shape[1]))
    for first in range(0, len(matrix), _BLOCK):
        block = matrix[first : first + _BLOCK].astype(np.float64)
        total += block.T @ block
    return total


def _unit(rows: Floats) -> Floats:
    lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows)).astype(np.float32)
    lengths[lengths == 0] = 1
    return (rows / lengths[:, None]).astype(np.float32, copy=False)


class _Counting:
    """Texts as they come, held as numbers."""

    def __init__(self) -> None:
        self._terms: dict[str, int] = {}
        self._starts = array("q", [0])
        self._columns = array("i")
        self._counts = array("i")

    def add(self, text: str) -> bool:
        """Count a text; False when it has no token."""
        counts = Counter(text.split())
        number = self._terms.setdefault
        self._columns.extend([number(term, len(self._terms)) for term in counts])
        self._counts.extend(counts.values())
        self._starts.append(len(self._columns))
        return bool(counts)

    def weighted(self, works: int, most_tokens: int) -> tuple[dict[str, int], Sparse, Floats]:
        """Return the tokens kept, most frequent first, the weighted matrix of them, and their idf."""
        columns = np.frombuffer(self._columns, dtype=np.int32)
        frequency = np.bincount(columns, minlength=len(self._terms))
        names = list(self._terms)
        order = sorted(range(len(names)), key=lambda each: (-int(frequency[each]), names[each]))
        kept = [each for each in order[:most_tokens] if frequency[each] >= _FEWEST_HOLDERS]
        rarity = np.log2(works / frequency[kept]).astype(np.float32)
        new = np.full(len(names), -1, dtype=np.int32)
        new[kept] = np.arange(len(kept), dtype=np.int32)
        columns = new[columns]
        known = columns >= 0
        starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(known, dtype=np.int64)])
        starts = starts[np.frombuffer(self._starts, dtype=np.int64)]
        columns = columns[known]
        values = np.log2(1 + np.frombuffer(self._counts, dtype=np.int32)[known]).astype(np.float32) * rarity[columns]
        rows = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
        lengths = np.sqrt(np.bincount(rows, weights=values.astype(np.float64) ** 2, minlength=len(starts) - 1))
        values /= np.maximum(lengths, np.finfo(np.float32).tiny)[rows].astype(np.float32)
        return (
            {names[each]: place for place, each in enumerate(kept)},
            Sparse(starts, columns, values, len(kept)),
            rarity,
        )


def _counted(texts: Sequence[str], terms: Mapping[str, int]) -> Sparse:
    """Return log2(1 + tf) of the known tokens of each text."""
    starts, columns, counts = [0], list[int](), list[int]()
    for text in texts:
        for term, count in Counter(text.split()).items():
            column = terms.get(term)
            if column is not None:
                columns.append(column)
                counts.append(count)
        starts.append(len(columns))
    values = np.log2(1 + np.array(counts, dtype=np.float32))
    return Sparse(np.array(starts, dtype=np.int64), np.array(columns, dtype=np.int32), values, len(terms))
