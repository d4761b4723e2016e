"""Who fits a text best: the score of people (or organisations) from the works that the text index found. Pure, lexical.

Two measured scores of the same works are multiplied. M is Model 1 of Balog, Azzopardi and de Rijke (2006, "Formal
models for expert finding in enterprise corpora", SIGIR) with a rank-discounted sum in place of the mean; B is the
discounted sum of BM25 (section 1 of ../shared/design/ranking.md). M is the better one for paragraphs, B for titles and
single words; the geometric mean is as good as the better one everywhere and better than both for titles and keywords.
MRR on choosing halves as of `bench/retrieval.py` (400 questions of chinaxiv_zh, 300, 350 and 400 of the others):

                               M with .8^r   BM25 with .8^r   this
    Chinese papers, paragraph     .434           .408         .449
    title                         .354           .373         .383
    keywords                      .330           .329         .338
    one keyword                   .199           .213         .215
    one or two works: paragraph      -           .282         .348
    English papers, paragraph     .279           .259         .353
    title                         .209           .200         .241
    projects, NSFC and NSSFC     .216 .076       .221 .072   .224 .075

The score orders the answers to one question; it must not be compared between questions or with a threshold.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from math import log2
from operator import attrgetter
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from graph.text import tokens
from queries.mentioned import Hit, Rows, told_apart, twins, whose, works_of_each
from queries.nearness import LITTLE, NearnessWeights, nearness_factors
from queries.rank_without import places_without
from queries.term_counts import term_counts

_Matrix = NDArray[np.float64]
_Vector = NDArray[np.float64]

# Works asked of the text index for one question (200 to 1000 measured equal), and what keeps p(t|C) above zero for a
# term no work holds (ranking.md section 1).
WORKS_RETRIEVED: Final = 500
UNSEEN: Final = 0.001
# Distinct terms of one question: Lucene's limit of clauses; an abstract has about 150, a 50,000-character text 10,000.
MOST_TERMS: Final = 1024
# A person with works in the given discipline only counts half more. NSSFC projects of people with one or two others
# left, gain in MRR with .25, .5, 1: +.011, +.014, +.014 on the choosing half (500), +.006, +.011, +.007 on the other.
DISCIPLINE: Final = 0.5
# BM25's constants in Tantivy (and Lucene); here they only divide a work's BM25 among its terms.
_K1, _B = 1.2, 0.75
_TINY: Final = float(np.finfo(np.float64).tiny)


class Discounts(NamedTuple):
    """What the next work of the same person counts after a work with an abstract, and after one without."""

    after_abstract: float
    after_title: float


# An abstract says enough for a work to speak for itself, titles must add up: .4 to .6 were alike for papers with
# abstracts (.8 was .01 to .08 lower), .7 to .8 best for projects, on the choosing halves.
PEOPLE: Final = Discounts(0.5, 0.8)
# Bodies have more works. Right organisation first, 250 questions: .7 gives MRR .589 / .520 / .513 for paragraph, title
# and keywords of papers and .393 for projects, .8 gives .571 / .520 / .513 and .374.
BODIES: Final = Discounts(0.7, 0.7)


@dataclass(frozen=True, slots=True)
class Question:
    """A text as the ranking sees it: distinct terms in order of first appearance, weights n'(t) = log2(1 + n)."""

    terms: tuple[str, ...]
    weights: tuple[float, ...]

    @classmethod
    def from_text(cls, text: str, *, most_terms: int = MOST_TERMS) -> "Question":
        """Make the question of any text; of a very long one the `most_terms` most frequent terms, earlier first."""
        counts = Counter(tokens(text))
        if len(counts) > most_terms:
            kept = frozenset(term for term, _ in counts.most_common(most_terms))
            counts = {term: count for term, count in counts.items() if term in kept}
        return cls(tuple(counts), tuple(log2(1 + count) for count in counts.values()))

    @property
    def length(self) -> float:
        """L = Σ n'(t)."""
        return sum(self.weights)


@dataclass(frozen=True, slots=True)
class CollectionStatistics:
    """What the whole index holds: `total_tokens` = Σ cf, and how often a term occurs.

    `frequency` returns cf(t) or df(t), the number of works that hold the term; 0 for an unknown one.
    """

    total_tokens: int
    frequency: Callable[[str], int]

    def probabilities(self, terms: Sequence[str]) -> NDArray[np.float64]:
        """Return p(t|C) = (cf(t) + .001) / Σ cf for each term.

        df in place of cf on 2 × 500 paragraphs of chinaxiv_zh: MRR −.004 [−.010, +.001] and +.002 [−.004, +.007];
        keywords +.002 [−.004, +.008]; no change where works have titles only.
        """
        counts = [self.frequency(term) for term in terms]
        return (np.array(counts, dtype=np.float64) + UNSEEN) / max(1, self.total_tokens)


class Standing(NamedTuple):
    """One of all who match: the score by evidence alone."""

    id: str
    score: float


class TermMatch(NamedTuple):
    """One term of the question that the person's works hold: its weight n'(t) and its part of the score."""

    term: str
    weight: float
    score: float


class WorkShare(NamedTuple):
    """One work and the part of the score it stands for; the shares of a person add up to 1.

    `rank_without`: the place if this work had not been found (for its other people neither); 0 when the person would
    not be in the answer, None when nobody asked.
    """

    work_id: str
    share: float
    rank_without: int | None = None


@dataclass(frozen=True, slots=True)
class Ranked:
    """One answer: `score` = Σ of the terms' scores + `discipline` + `nearness` + `boost`; greatest term, share first.

    `coverage` is the weight of the matched terms ÷ the weight of all terms (0 to 1). `discipline` is what the works in
    the given discipline add, `nearness` what works near in meaning add, `boost` what `reweigh` adds.
    """

    id: str
    score: float
    coverage: float
    terms: tuple[TermMatch, ...] = field(repr=False)
    evidence: tuple[WorkShare, ...]
    discipline: float = 0.0
    nearness: float = 0.0
    boost: float = 0.0


def rank(
    question: Question,
    hits: Iterable[Hit],
    collection: CollectionStatistics,
    *,
    by: Callable[[Hit], Iterable[str]] = attrgetter("people"),
    limit: int = 20,
    exclude: Collection[str] = (),
    discounts: Discounts = PEOPLE,
    discipline: Collection[str] = (),
    nearness: Mapping[str, float] | None = None,
    nearness_weights: NearnessWeights = LITTLE,
    what_if: int = 0,
    reweigh: Callable[[Sequence[Standing]], Mapping[str, float]] | None = None,
) -> list[Ranked]:
    """Return the `limit` best people (or whatever ids `by` reads from a hit), best first, equal scores by id.

        v_i    = Π_{j<i} δ_j           the retrieved works of e, best bm25 first, equal ones by id; δ of `discounts`
        p(t|e) = Σ_i v_i · tf(t, d_i) / |d_i|
        M(e)   = Σ_t n'(t) · ln(1 + p(t|e) / p(t|C)) ÷ Σ_t n'(t) · ln(1 + (n'(t)/L) / p(t|C))
        B(e)   = Σ_i v_i · bm25_i ÷ the greatest bm25 of the question
        score  = √(M · B) · (1 + ½ share of the works of e that are in `discipline`) · factor of `queries.nearness`

    The parts follow Euler's theorem (√(M · B) is homogeneous of degree one in the parts of M and of B): half the score
    is divided as M is, half as B is. In M a term has its summand, divided among the works as v_i · tf / |d_i|; in B a
    work has its summand, divided among its terms as n'(t) · (−ln p(t|C)) · tf / (tf + k₁ (1 − b + b |d| / mean |d|)).

    Bounds: the score is above 0 (who matches no term is not in the answer); the best work of a question alone, with the
    very term distribution of the question, has 1. A further work ranked after the others never lowers the score. The
    order of `hits` and of ids within a hit, a repeated id, and works without a term of the question change nothing.
    Works of one person with the very same text (a paper posted twice) count once, the first by id. `discipline` are
    ids of works, `nearness` the cosine of works with the question (below 0 counts as 0). Ids in `exclude` are left out
    before the limit. `what_if` greatest works of each answer get their `rank_without`. `reweigh` (a declared option) is
    given everybody, best first, and returns what the score of each is multiplied by; who is not in it is left out.
    """
    ordered = sorted((hit for hit in hits if hit.tokens), key=lambda hit: (-hit.bm25, hit.work_id))
    if not question.terms or limit <= 0 or not ordered:
        return []
    counts, lengths = term_counts(question.terms, [hit.tokens for hit in ordered])
    matched = np.flatnonzero(counts.any(axis=1))
    ordered = [ordered[row] for row in matched.tolist()]
    mentioned = works_of_each(ordered, by, frozenset(exclude))
    if not mentioned:
        return []
    same = twins(ordered)
    apart = {each: told_apart(mentioned[each], same) for each in whose(same, ordered, by, mentioned)}
    works = {**mentioned, **apart}
    scorer = _Scorer(question, ordered, counts[matched], lengths[matched], collection)
    scorer.weigh(discounts, frozenset(discipline), nearness or {}, nearness_weights)
    groups = {group: row for row, group in enumerate(dict.fromkeys(works.values()))}
    found = scorer.scores(list(groups))
    scores = found.total.tolist()
    plain = {each: scores[groups[rows]] for each, rows in works.items()}
    factors = _factors(plain, reweigh)
    standing = {each: (-plain[each] * factor, each) for each, factor in factors.items()}
    everybody = sorted(standing.values())
    answers = [
        scorer.explained(each, works[each], found, groups[works[each]], factors[each]) for _, each in everybody[:limit]
    ]
    if not what_if:
        return answers
    wanted = {row for answer in answers for row in scorer.rows_of(answer.evidence[:what_if])}
    left: dict[tuple[int, str], Rows] = {}
    for each in whose(wanted, ordered, by, mentioned):
        rows = mentioned[each] if each in standing else ()
        for place, row in enumerate(rows):
            if row in wanted:
                rest = rows[:place] + rows[place + 1 :]
                left[row, each] = told_apart(rest, same) if same else rest
    place = places_without(lambda lists: scorer.scores(lists).total.tolist(), left, everybody, factors)
    return [scorer.with_places(answer, what_if, place) for answer in answers]


def _factors(
    plain: Mapping[str, float], reweigh: Callable[[Sequence[Standing]], Mapping[str, float]] | None
) -> Mapping[str, float]:
    if reweigh is None:
        return dict.fromkeys(plain, 1.0)
    return reweigh([Standing(each, score) for each, score in sorted(plain.items(), key=lambda one: (-one[1], one[0]))])


class _Scores(NamedTuple):
    """Of each distinct list of works: the summands of M by term, √(M · B), that with the discipline, and the score.

    `counted` are the v_i of all lists, one after the other; `starts` says where each begins.
    """

    counted: _Vector
    starts: NDArray[np.intp]
    summands: _Matrix
    words: _Vector
    inside: _Vector
    total: _Vector


class _Scorer:
    """The numbers of one question: what every list of its works is worth."""

    def __init__(
        self,
        question: Question,
        ordered: Sequence[Hit],
        counts: NDArray[np.intp],
        lengths: NDArray[np.intp],
        collection: CollectionStatistics,
    ) -> None:
        self._question = question
        self._ordered = ordered
        self._rows = {hit.work_id: row for row, hit in enumerate(ordered)}
        self._counts, self._lengths = counts, lengths
        self._shares = self._counts / self._lengths.reshape(-1, 1)
        self._bm25 = np.array([hit.bm25 for hit in ordered]) / max(ordered[0].bm25, _TINY)
        self._chance = collection.probabilities(question.terms)
        weights = np.array(question.weights)
        self._weights = weights / np.sum(weights * np.log1p(weights / question.length / self._chance))
        # A term that every work holds may have p(t|C) of nearly 1: it keeps a small part.
        self._rarity = np.maximum(-np.log(np.minimum(self._chance, 1.0)), 1e-9) * weights
        self._longer = _K1 * (1 - _B + _B * lengths / lengths.mean())

    def weigh(
        self, discounts: Discounts, discipline: Collection[str], near: Mapping[str, float], weights: NearnessWeights
    ) -> None:
        """Say what a work takes from the next one, which works are in the given discipline, and how near each is."""
        self._discounts = discounts
        self._abstracts = np.array([hit.has_abstract for hit in self._ordered], dtype=np.intp)
        self._inside = np.array([hit.work_id in discipline for hit in self._ordered], dtype=np.float64)
        self._near = np.array([max(0.0, near.get(hit.work_id, 0.0)) for hit in self._ordered])
        self._near_weights = weights

    def rows_of(self, evidence: Iterable[WorkShare]) -> list[int]:
        """Return the places of these works among the works found."""
        return [self._rows[share.work_id] for share in evidence]

    def scores(self, groups: Sequence[Rows]) -> _Scores:
        """Score lists of works, each a tuple of places among the works found, best first and not empty."""
        sizes = np.array([len(group) for group in groups])
        starts = np.cumsum(sizes) - sizes
        rows = np.fromiter(chain.from_iterable(groups), dtype=np.intp, count=int(sizes.sum()))
        counted = self._counted(rows, starts, sizes)
        masses = np.add.reduceat(self._shares[rows] * counted.reshape(-1, 1), starts, axis=0)
        summands = np.log1p(masses / self._chance) * self._weights
        bm25 = np.add.reduceat(self._bm25[rows] * counted, starts)
        words = np.sqrt(summands.sum(axis=1) * bm25)
        inside = words * (1 + DISCIPLINE * np.add.reduceat(self._inside[rows], starts) / sizes)
        near = nearness_factors(self._near[rows], starts, sizes, self._near_weights)
        return _Scores(counted, starts, summands, words, inside, inside * near)

    def _counted(self, rows: NDArray[np.intp], starts: NDArray[np.intp], sizes: NDArray[np.intp]) -> _Vector:
        """Return v_i of each work in its list; from whole numbers, so that a list gives the same wherever it stands."""
        own = self._abstracts[rows]
        before = np.cumsum(own) - own
        abstracts = before - np.repeat(before[starts], sizes)
        titles = np.arange(len(rows)) - np.repeat(starts, sizes) - abstracts
        return self._discounts.after_abstract**abstracts * self._discounts.after_title**titles

    def explained(self, each: str, rows: Rows, scores: _Scores, group: int, factor: float) -> Ranked:
        """Return the answer with its score divided among terms and works."""
        places, start = np.array(rows), scores.starts[group]
        counted = scores.counted[start : start + len(rows)]
        summands, words = scores.summands[group], float(scores.words[group])
        parts = self._shares[places] * counted.reshape(-1, 1)
        parts *= summands / np.maximum(parts.sum(axis=0), _TINY)
        parts /= 2 * parts.sum()
        own = self._bm25_parts(places) * (self._bm25[places] * counted).reshape(-1, 1)
        parts += own / (2 * own.sum())
        by_term, by_work = parts.sum(axis=0), parts.sum(axis=1)
        order = np.argsort(-by_term, kind="stable")[: np.count_nonzero(by_term)]
        places_of_terms: list[int] = order.tolist()
        weights = [self._question.weights[i] for i in places_of_terms]
        names = [self._question.terms[i] for i in places_of_terms]
        terms = tuple(map(TermMatch, names, weights, (by_term[order] * words).tolist()))
        coverage = min(1.0, sum(weights) / self._question.length)
        shares = [
            WorkShare(self._ordered[row].work_id, share) for row, share in zip(rows, by_work.tolist(), strict=True)
        ]
        evidence = tuple(sorted(shares, key=lambda work: (-work.share, work.work_id)))
        inside, total = float(scores.inside[group]), float(scores.total[group])
        score = total * factor
        return Ranked(each, score, coverage, terms, evidence, inside - words, total - inside, score - total)

    def with_places(self, answer: Ranked, what_if: int, place: Callable[[str, int], int]) -> Ranked:
        """Give an answer the places it would have without each of its greatest works."""
        shown = answer.evidence[:what_if]
        shares = [
            share._replace(rank_without=place(answer.id, row))
            for share, row in zip(shown, self.rows_of(shown), strict=True)
        ]
        return replace(answer, evidence=(*shares, *answer.evidence[what_if:]))

    def _bm25_parts(self, places: NDArray[np.intp]) -> _Matrix:
        """Return what part of a work's BM25 each term is; rows add up to 1."""
        counts = self._counts[places]
        parts = self._rarity * counts / (counts + self._longer[places].reshape(-1, 1))
        return parts / parts.sum(axis=1, keepdims=True)
