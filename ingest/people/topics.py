"""What is a work about, as a vector? TF-IDF over hashed tokens, and latent semantic analysis from it. numpy only.

LSA (Deerwester et al. 1990) by the randomised SVD of Halko, Martinsson and Tropp (2011, algorithms 4.4 and 5.1).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ingest.people.mentions import TOKEN_SLOTS, Ints, MentionTable

Dense = NDArray[np.float32]
Floats = NDArray[np.float64]

# More dimensions than 64 brought nothing on the measured sets; a tenth more are computed for accuracy (Halko et al.).
DIMENSIONS: Final = 48
_EXTRA: Final = 10
_ITERATIONS: Final = 2
# A sample of works carries the vocabulary; the projection of a further work needs no more than its own tokens.
_MOST_WORKS: Final = 12_000
_MOST_SLOTS: Final = 60_000
_FEWEST_WORKS_OF_A_TOKEN: Final = 3
# A token on more works than this share says nothing of a topic.
COMMON: Final = 0.05
_CHUNK: Final = 400_000


@dataclass(frozen=True, slots=True)
class TopicModel:
    """The projection from token slots to topics: row `row_of[slot]` of `projection`, −1 where the slot is not in it."""

    row_of: NDArray[np.int32]
    projection: Dense
    mean: Dense

    @property
    def dimensions(self) -> int:
        """Number of topics; 0 when there is no model."""
        return int(self.projection.shape[1])

    def vectors(self, owners: Ints, slots: NDArray[np.int32], weights: Dense, rows: int) -> Dense:
        """Return mean-centred unit vectors of `rows` works; zero for one without a known token."""
        found = self.row_of[slots]
        known = found >= 0
        owners, found, weights = owners[known], found[known], weights[known]
        summed = _row_sums(self.projection, found, weights, owners, rows)
        length = np.linalg.norm(summed, axis=1, keepdims=True)
        empty = length[:, 0] < 1e-9
        centred = summed / np.where(length < 1e-9, 1, length) - self.mean
        size = np.linalg.norm(centred, axis=1, keepdims=True)
        vectors = centred / np.where(size < 1e-9, 1, size)
        vectors[empty] = 0
        return vectors.astype(np.float32)


def no_topics() -> TopicModel:
    """Return the model of a store that has no works yet: it knows no token."""
    return TopicModel(
        np.full(TOKEN_SLOTS, -1, dtype=np.int32), np.zeros((0, 0), dtype=np.float32), np.zeros(0, dtype=np.float32)
    )


def token_weights(table: MentionTable, works: Ints, idf: Dense) -> tuple[Ints, NDArray[np.int32], Dense]:
    """Return (position in `works`, slot, (1 + ln tf) · idf) of every token of these works; zero weights left out."""
    owners, entries = table.work_tokens.entries(works)
    slots = table.work_tokens.items[entries]
    weights = (1 + np.log(np.maximum(table.token_counts[entries], 1).astype(np.float32))) * idf[slots]
    kept = weights > 0
    return owners[kept], slots[kept], weights[kept]


def learn_topics(table: MentionTable, idf: Dense, frequency: NDArray[np.int32], seed: int = 0) -> TopicModel:
    """Return the topic model of the works of a table (a seeded sample of 12,000 where there are more)."""
    rng = np.random.default_rng(seed)
    works = np.arange(table.works)
    if len(works) > _MOST_WORKS:
        works = np.sort(rng.choice(works, _MOST_WORKS, replace=False))
    kept = np.flatnonzero((frequency >= _FEWEST_WORKS_OF_A_TOKEN) & (idf > 0))
    if len(kept) > _MOST_SLOTS:
        kept = np.sort(kept[np.argsort(-frequency[kept], kind="stable")[:_MOST_SLOTS]])
    if len(kept) < 4 * (DIMENSIONS + _EXTRA) or len(works) < 4 * (DIMENSIONS + _EXTRA):
        return no_topics()
    row_of = np.full(TOKEN_SLOTS, -1, dtype=np.int32)
    row_of[kept] = np.arange(len(kept), dtype=np.int32)
    owners, slots, weights = token_weights(table, works, idf)
    columns = row_of[slots]
    known = columns >= 0
    owners, columns, weights = owners[known], columns[known], weights[known]
    lengths = np.sqrt(np.bincount(owners, weights.astype(np.float64) ** 2, minlength=len(works)))
    weights = (weights / lengths[owners]).astype(np.float32)
    projection = _svd(owners, columns, weights, (len(works), len(kept)), rng)
    model = TopicModel(row_of, projection, np.zeros(DIMENSIONS, dtype=np.float32))
    plain: Dense = model.vectors(owners, kept[columns].astype(np.int32), weights, len(works))
    return TopicModel(row_of, projection, np.asarray(np.mean(plain, axis=0), dtype=np.float32))


def _svd(
    owners: Ints, columns: NDArray[np.int32], weights: Dense, shape: tuple[int, int], rng: np.random.Generator
) -> Dense:
    """Return the first right singular vectors (slots × dimensions) of the weight matrix."""
    turned = np.argsort(columns, kind="stable")

    def times(dense: Dense) -> Dense:
        return _row_sums(dense, columns, weights, owners, shape[0])

    def transposed_times(dense: Dense) -> Dense:
        return _row_sums(dense, owners[turned], weights[turned], columns[turned].astype(np.int64), shape[1])

    basis = times(rng.standard_normal((shape[1], DIMENSIONS + _EXTRA)).astype(np.float32))
    for _ in range(_ITERATIONS):
        basis = np.linalg.qr(basis)[0].astype(np.float32)
        basis = times(np.linalg.qr(transposed_times(basis))[0].astype(np.float32))
    basis = np.linalg.qr(basis)[0].astype(np.float32)
    right = np.linalg.svd(transposed_times(basis), full_matrices=False)[0]
    return right[:, :DIMENSIONS].astype(np.float16).astype(np.float32)


def _row_sums(dense: Dense, taken: NDArray[np.integer], weights: Dense, owners: Ints, rows: int) -> Dense:
    """Return Σ weight · dense[taken] for every owner; owners ascend. In chunks, so that memory stays bounded."""
    result: Dense = np.zeros((rows, int(dense.shape[1])), dtype=np.float32)
    start = 0
    while start < len(owners):
        end = min(start + _CHUNK, len(owners))
        if end < len(owners):
            last = int(owners[end])
            # A row is summed in one piece, so that its sum does not depend on where the chunk began.
            cut = int(np.searchsorted(owners, last, "left"))
            end = cut if cut > start else int(np.searchsorted(owners, last, "right"))
        part = owners[start:end]
        first = np.flatnonzero(np.concatenate([[True], part[1:] != part[:-1]]))
        result[part[first]] = np.add.reduceat(dense[taken[start:end]] * weights[start:end, None], first, axis=0)
        start = end
    return result
