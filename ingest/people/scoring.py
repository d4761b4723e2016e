"""How likely are two mentions of one name the same person? An additive log-odds score, every part a named column.

Pure: the points depend on the two mentions, the background snapshot and the weights (identity.md, recipe 3).
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ingest.people.mentions import Codes, Floats, Ints, Kind, Lists, MentionTable
from ingest.people.pairs import PairSet
from ingest.people.statistics import Background
from ingest.people.topics import Dense, token_weights
from ingest.people.weights import DEFAULT, Weights

PARTS: Final = (
    "start", "name", "coauthors", "coauthor_rarity", "coauthor_share", "circle", "no_coauthor", "organisation",
    "all_organisations", "topic", "words", "venue", "years", "record", "cap",
)  # fmt: skip
# Points are rounded so that the order of a sum cannot move a pair over a cut.
_DIGITS: Final = 4
# How the two affiliations compare.
MISSING, DIFFERENT, ELSEWHERE, ALIKE, SAME = 0, 1, 2, 3, 4
# Characters of a short Han name.
_SHORT: Final = 2
_TRIGRAM_SLOTS: Final = 1 << 22


@dataclass(frozen=True)
class Scores:
    """Pairs of mention rows with their points; `parts` is (pairs × PARTS), `total` its row sums."""

    left: Ints
    right: Ints
    total: Floats
    parts: Floats
    coauthors: NDArray[np.int32]
    organisation: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.total)


class Scorer:
    """Scores pairs of one table against one background. What is the same for all pairs is looked up once."""

    def __init__(self, table: MentionTable, background: Background, weights: Weights = DEFAULT) -> None:
        self.table, self.background, self.weights = table, background, weights
        frequency = background.names.of(table.names)
        self._name_rarity = np.log(max(background.works, 1) / np.maximum(frequency, 1e-9))
        slope, free = weights.name_slope, weights.name_free
        self._name_points = -slope * np.maximum(0, np.log(np.maximum(frequency, 1)) - free)
        bodies = np.maximum(background.organisations.of(table.organisations), 1e-9)
        rarity = np.minimum(np.log(max(background.mentions, 1) / bodies), weights.organisation_most)
        self._organisation_points = weights.same_organisation + weights.organisation_slope * (
            rarity - weights.organisation_zero
        )

        alone = (np.diff(table.work_people.starts) <= 1) & (table.work_kind == Kind.PROJECT)
        self._lone = alone[table.work]
        self._record = np.isin(table.work_kind, (Kind.ROSTER, Kind.HONOUR))[table.work]
        self._record_base = np.array(
            [
                weights.record_latin if name.isascii() else weights.record if len(name) > _SHORT else weights.record_two
                for name in table.names
            ]
        )

    @cached_property
    def _trigrams(self) -> tuple[Lists, NDArray[np.int16]]:
        """Trigrams of every affiliation string."""
        return _trigrams(self.table.affiliations)

    def score(self, pairs: PairSet, *, met: bool = False) -> Scores:
        """Return the points of every pair of a set; `met` leaves out those that share no co-author or organisation.

        Of 10,000 mentions of one name that are nearly all of the 50 million pairs.
        """
        left, right = pairs.rows
        shared, rarity = self._coauthors(pairs)
        organisation, body_points, cosine = self._organisations(pairs)
        kept: Ints | None = None
        if met:
            kept = np.flatnonzero((shared > 0) | (organisation >= ELSEWHERE))
            left, right, shared, rarity = left[kept], right[kept], shared[kept], rarity[kept]
            organisation, body_points, cosine = organisation[kept], body_points[kept], cosine[kept]
        words, topic = self._topics(pairs, kept)
        weights = self.weights
        near = (organisation >= ELSEWHERE) | (cosine > 0)
        venue, years = self._venue_and_years(left, right)
        parts = (
            np.full(len(left), weights.start),
            self._name_points[self.table.block[left]],
            *self._coauthor_points(left, right, shared, rarity, near),
            body_points,
            weights.all_organisations * cosine,
            weights.topic * np.maximum(0, topic),
            weights.words * np.minimum(words, weights.words_most),
            venue,
            years,
            self._record_points(left, right, organisation, body_points, weights.all_organisations * cosine),
            np.zeros(len(left)),
        )
        columns: Floats = np.round(np.column_stack(parts), _DIGITS)
        cap = np.where(near, weights.cap_alone, weights.cap)
        without = self._record[left] | self._record[right] | self._lone[left] | self._lone[right]
        capped = (shared == 0) & ~(near & without)
        columns[:, -1] = np.round(np.where(capped, np.minimum(0, cap - np.sum(columns, axis=1)), 0), _DIGITS)
        total = np.asarray(np.sum(columns, axis=1), dtype=np.float64).round(_DIGITS)
        return Scores(left, right, total, columns, shared.astype(np.int32), organisation)

    def _record_points(
        self, left: Ints, right: Ints, organisation: NDArray[np.int8], body_points: Floats, all_bodies: Floats
    ) -> Floats:
        """What brings the sum of the other signs to that of `Weights.record` where a record and a post agree.

        Of a project that names its leader alone there is nothing but name and employer either; the same employer is
        then not counted a second time as one of all employers of the work.
        """
        weights = self.weights
        record = self._record[left] | self._record[right]
        lone = (self._lone[left] | self._lone[right]) & ~record
        wanted = self._record_base[self.table.block[left]] - np.where(lone, all_bodies, 0)
        return np.where((record | lone) & (organisation == SAME), wanted - weights.start - body_points, 0)

    def _coauthor_points(
        self, left: Ints, right: Ints, shared: Ints, rarity: Floats, near: NDArray[np.bool_]
    ) -> tuple[Floats, Floats, Floats, Floats, Floats]:
        """Points for how many co-authors are shared, how rare, how many of all, in one circle; and for none."""
        weights, table = self.weights, self.table
        some, grade = shared > 0, np.minimum(shared, 3)
        number = np.array([0, weights.one_coauthor, weights.two_coauthors, weights.three_coauthors])[grade]
        mean = np.clip(rarity / np.maximum(shared, 1) - weights.rarity_zero, weights.rarity_least, weights.rarity_most)
        others = np.diff(table.work_people.starts)[table.work] - 1
        product = np.maximum(1, others[left]) * np.maximum(1, others[right])
        share = np.clip(1 + np.log(np.maximum(shared, 1) / np.sqrt(product)), weights.share_least, weights.share_most)
        enough = np.minimum(others[left], others[right]) >= weights.enough_coauthors
        return (
            number,
            np.where(some, weights.rarity_slope * mean, 0),
            np.where(some, weights.share_slope * share, 0),
            np.where(near, np.array([0, *weights.circle])[grade], 0),
            np.where(~some & enough, weights.no_coauthor, 0),
        )

    def _coauthors(self, pairs: PairSet) -> tuple[Ints, Floats]:
        """Number of shared co-authors and the sum of their ln(N / df)."""
        table = self.table

        def entries(rows: Ints) -> tuple[Ints, Codes]:
            owners, names = table.work_people.take(table.work[rows].astype(np.int64))
            others = names != table.block[rows][owners]
            return owners[others], names[others]

        left = entries(pairs.left)
        right = None if pairs.triangular else entries(pairs.right)
        shared = np.zeros(len(pairs), dtype=np.int64)
        rarity = np.zeros(len(pairs))
        for number, here, _ in pairs.matches(left, right):
            shared += np.bincount(number, minlength=len(shared))
            rarity += np.bincount(number, self._name_rarity[left[1][here]], minlength=len(shared))
        return shared, rarity

    def _organisations(self, pairs: PairSet) -> tuple[NDArray[np.int8], Floats, Floats]:
        """How the affiliations compare, the points for it, and the cosine of all organisations of the two works."""
        table, weights = self.table, self.weights

        def entries(rows: Ints) -> tuple[Ints, Codes, NDArray[np.bool_]]:
            owners, bodies = table.work_orgs.take(table.work[rows].astype(np.int64))
            mine, own = table.mention_orgs.take(rows)
            held = np.isin((owners << 32) | bodies, (mine << 32) | own)
            return owners, bodies, held

        left = entries(pairs.left)
        right = left if pairs.triangular else entries(pairs.right)
        count = len(pairs)
        shared = np.zeros(count, dtype=np.int64)
        best = np.full(count, -np.inf)
        elsewhere = np.zeros(count, dtype=np.bool_)
        for number, here, there in pairs.matches(left[:2], None if pairs.triangular else right[:2]):
            shared += np.bincount(number, minlength=count)
            both = left[2][here] & right[2][there]
            np.maximum.at(best, number[both], self._organisation_points[left[1][here[both]]])
            elsewhere[number[left[2][here] | right[2][there]]] = True
        rows_left, rows_right = pairs.rows
        sizes = np.diff(table.work_orgs.starts)[table.work]
        cosine = shared / np.sqrt(np.maximum(1, sizes[rows_left]) * np.maximum(1, sizes[rows_right]))
        known = np.diff(table.mention_orgs.starts) > 0
        both_known = known[rows_left] & known[rows_right]
        same = np.isfinite(best)
        state = np.where(both_known, DIFFERENT, MISSING).astype(np.int8)
        state[elsewhere & ~same] = ELSEWHERE
        state[both_known & ~same & (self._likeness(pairs) >= weights.alike_from)] = ALIKE
        state[same] = SAME
        points = np.array(
            [
                weights.missing_organisation,
                weights.different_organisation,
                weights.elsewhere_organisation,
                weights.alike_organisation,
                0,
            ]
        )[state]
        points[same] = best[same]
        return state, points, cosine

    def _likeness(self, pairs: PairSet) -> Floats:
        """Trigram cosine of the affiliation strings."""
        lists, sizes = self._trigrams
        table = self.table

        def entries(rows: Ints) -> tuple[Ints, Codes]:
            return lists.take(table.affiliation[rows].astype(np.int64))

        left = entries(pairs.left)
        right = None if pairs.triangular else entries(pairs.right)
        shared = np.zeros(len(pairs), dtype=np.int64)
        for number, _, _ in pairs.matches(left, right):
            shared += np.bincount(number, minlength=len(shared))
        rows_left, rows_right = pairs.rows
        length = np.maximum(1, sizes[table.affiliation]).astype(np.float64)
        return shared / np.sqrt(length[rows_left] * length[rows_right])

    def _topics(self, pairs: PairSet, kept: Ints | None) -> tuple[Floats, Floats]:
        """TF-IDF cosine and mean-centred LSA cosine of the two works, of all pairs or only those numbers."""
        count = len(pairs)
        words = np.zeros(count)
        left, left_vectors = self._vectors(pairs.left)
        right, right_vectors = (left, left_vectors) if pairs.triangular else self._vectors(pairs.right)
        for number, here, there in pairs.matches(left[:2], None if pairs.triangular else right[:2]):
            words += np.bincount(number, left[2][here] * right[2][there], minlength=count)
        positions_left, positions_right = pairs.positions
        if kept is not None:
            words, positions_left, positions_right = words[kept], positions_left[kept], positions_right[kept]
        if not left_vectors.shape[1]:
            return words, np.zeros(len(words))
        topic = np.einsum("ij,ij->i", left_vectors[positions_left], right_vectors[positions_right])
        return words, topic.astype(np.float64)

    def _vectors(self, rows: Ints) -> tuple[tuple[Ints, Codes, Dense], Dense]:
        """Unit TF-IDF rows (position, slot, weight) and topic vectors of the works of some mentions."""
        works = self.table.work[rows].astype(np.int64)
        owners, slots, weights = token_weights(self.table, works, self.background.idf)
        vectors = self.background.topics.vectors(owners, slots, weights, len(rows))
        lengths = np.sqrt(np.bincount(owners, weights.astype(np.float64) ** 2, minlength=len(rows)))
        return (owners, slots, (weights / lengths[owners]).astype(np.float32)), vectors

    def _venue_and_years(self, left: Ints, right: Ints) -> tuple[Floats, Floats]:
        table, weights = self.table, self.weights
        venue, year = table.work_venue[table.work], table.work_year[table.work].astype(np.int64)
        same = (venue[left] == venue[right]) & (venue[left] != 0)
        known = (year[left] > 0) & (year[right] > 0)
        gap = np.minimum(np.abs(year[left] - year[right]), weights.years_most)
        years = np.where(known, -weights.years_slope * (gap / 5 - 1), 0)
        return np.where(same, weights.same_venue, 0), years


def _trigrams(texts: list[str]) -> tuple[Lists, NDArray[np.int16]]:
    """Return the distinct character trigrams of some strings as hashes, and how many each has."""
    starts, items = [0], list[int]()
    for text in texts:
        padded = f" {text.lower()[:200]} "
        grams = {zlib.crc32(padded[i : i + 3].encode("utf-8", "surrogatepass")) for i in range(len(padded) - 2)}
        items.extend(sorted({gram & (_TRIGRAM_SLOTS - 1) for gram in grams} if text else ()))
        starts.append(len(items))
    lists = Lists(np.array(starts, dtype=np.int64), np.array(items, dtype=np.int32))
    return lists, np.diff(lists.starts).astype(np.int16)
