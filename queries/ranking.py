"""Who fits a text best: the score of people (or organisations) from the works that the text index found. Pure, lexical.

It is Model 1 of Balog, Azzopardi and de Rijke (2006, "Formal models for expert finding in enterprise corpora", SIGIR)
with a rank-discounted sum in place of the mean, over retrieved works only. Recipe and constants: section 1 of
../shared/design/ranking.md, measured on 9,300 Chinese papers; `bench/retrieval.py` repeats the comparison with
summed BM25.

One rule for every length of question: BM25 with the same discount was .006 to .014 MRR better for keywords on
chinaxiv_zh, within the noise (paired 95 % intervals ± .018), .027 [.011, .043] worse for paragraphs, and gives no parts
by term.

The normalised score orders the answers to one question. It must not be compared between questions or with a threshold.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from heapq import nsmallest
from itertools import repeat
from math import log2
from operator import attrgetter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from graph.text import tokens

_Matrix = NDArray[np.float64]
_Places = NDArray[np.intp]
_Codes = NDArray[np.uint32]
_Vector = NDArray[np.float64]

# Works asked of the text index for one question (200 to 1000 measured equal, ranking.md section 1).
WORKS_RETRIEVED = 500
# A work counts .8 of the one before it (ranking.md section 1).
DISCOUNT = 0.8
# Keeps p(t|C) above zero for a term no work holds (ranking.md section 1).
UNSEEN = 0.001
# Distinct terms of one question: Lucene's limit of clauses; an abstract has about 150, a 50,000-character text 10,000.
MOST_TERMS = 1024

_LOOKS = 1 << 16


class Hit(NamedTuple):
    """One work found by the text index.

    `bm25` orders the works of a person and enters no sum. `tokens` is the stored text: every token of the work with its
    repeats, separated by one space, as `graph.text.tokens` makes them.
    """

    work_id: str
    bm25: float
    tokens: str
    people: Sequence[str] = ()
    organisations: Sequence[str] = ()


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


class TermMatch(NamedTuple):
    """One term of the question that the person's works hold: its weight n'(t) and its part of the score."""

    term: str
    weight: float
    score: float


class WorkShare(NamedTuple):
    """One work and the part of the score it stands for; the shares of a person add up to 1."""

    work_id: str
    share: float


@dataclass(frozen=True, slots=True)
class Ranked:
    """One answer: `score` = Σ of the terms' scores, greatest term first; `evidence`, greatest share first.

    `coverage` is the weight of the matched terms ÷ the weight of all terms (0 to 1).
    """

    id: str
    score: float
    coverage: float
    terms: tuple[TermMatch, ...] = field(repr=False)
    evidence: tuple[WorkShare, ...]


def rank(
    question: Question,
    hits: Iterable[Hit],
    collection: CollectionStatistics,
    *,
    by: Callable[[Hit], Iterable[str]] = attrgetter("people"),
    limit: int = 20,
    exclude: Collection[str] = (),
) -> list[Ranked]:
    """Return the `limit` best people (or whatever ids `by` reads from a hit), best first, equal scores by id.

        p(t|e) = Σ_i .8^(i−1) · tf(t, d_i) / |d_i|       the retrieved works of e, best bm25 first, equal ones by id
        M(e)   = Σ_t n'(t) · ln(1 + p(t|e) / p(t|C)) ÷ Σ_t n'(t) · ln(1 + (n'(t)/L) / p(t|C))

    A term's score is its summand of M; it is divided among the works in proportion to .8^(i−1) · tf / |d_i|, which
    gives the shares. Bounds: M > 0 (who matches no term is not in the answer); one work whose text has the very term
    distribution of the question has M = 1; many such works may exceed 1 (Σ .8^(i−1) < 5). A further work ranked after
    the others never lowers M; one ranked before them may, since it discounts them. The order of `hits` and of ids
    within a hit, a repeated id, and works without a term of the question change nothing. Ids in `exclude` are left out
    before the limit.
    """
    if not question.terms or limit <= 0:
        return []
    ordered = sorted((hit for hit in hits if hit.tokens), key=lambda hit: (-hit.bm25, hit.work_id))
    if not ordered:
        return []
    shares = _term_shares(question, ordered)
    works = _works_of_each(ordered, np.asarray(shares.any(axis=1)), by, frozenset(exclude))
    if not works:
        return []
    chance = collection.probabilities(question.terms)
    weights = np.array(question.weights)
    weights /= np.sum(weights * np.log1p(weights / question.length / chance))
    groups = {group: row for row, group in enumerate(dict.fromkeys(works.values()))}
    summands = np.log1p(_discounted_sums(shares, list(groups)) / chance) * weights
    scores = summands.sum(axis=1).tolist()
    best = nsmallest(limit, [(-scores[groups[rows]], each) for each, rows in works.items()])
    answers: list[Ranked] = []
    for score, each in best:
        rows = works[each]
        terms, coverage = _terms(question, summands[groups[rows]])
        evidence = _evidence(summands[groups[rows]], shares[list(rows)], [ordered[row].work_id for row in rows])
        answers.append(Ranked(each, -score, coverage, terms, evidence))
    return answers


def _term_shares(question: Question, ordered: Sequence[Hit]) -> _Matrix:
    """Return tf(t, d) / |d|, works by terms; every work holds a token.

    500 works are 160,000 tokens, of which a question's terms are a tenth: making a string of each took 16 ms, those
    that look like a term (first two characters, last one, length) are compared as numbers when they are short.
    """
    joined = " ".join([hit.tokens for hit in ordered]) + " "
    starts, ends, looks, codes = _looks(joined)
    own_starts, own_ends, own_looks, own_codes = _looks(" ".join(question.terms) + " ")
    wanted = np.zeros(_LOOKS, dtype=np.bool_)
    wanted[own_looks] = True
    alike = np.flatnonzero(wanted[looks])
    columns = np.full(len(alike), -1, dtype=np.intp)
    short = ends[alike] - starts[alike] <= 2
    own_short = np.flatnonzero(own_ends - own_starts <= 2)
    columns[short] = _places(_pairs(codes, starts[alike[short]]), _pairs(own_codes, own_starts[own_short]), own_short)
    column = {term: index for index, term in enumerate(question.terms)}
    long = alike[~short]
    words = map(joined.__getitem__, map(slice, starts[long].tolist(), ends[long].tolist()))
    columns[~short] = np.fromiter(map(column.get, words, repeat(-1)), dtype=np.intp, count=len(long))
    sizes = np.array([len(hit.tokens) + 1 for hit in ordered])
    first_tokens = np.searchsorted(starts, np.cumsum(sizes) - sizes)
    lengths = np.diff(first_tokens, append=len(starts))
    rows = np.repeat(np.arange(len(ordered)), lengths)[alike]
    cells = (rows * len(column) + columns)[columns >= 0]
    counts = np.bincount(cells, minlength=len(ordered) * len(column))
    return counts.reshape(len(ordered), len(column)) / lengths.reshape(-1, 1)


def _looks(joined: str) -> tuple[_Places, _Places, _Codes, _Codes]:
    """Return start, end and a 16-bit digest of each token (one space ends every one), and the text as code points."""
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    ends = np.flatnonzero(codes == ord(" "))
    starts = np.zeros_like(ends)
    starts[1:] = ends[:-1] + 1
    digest = codes[starts] * np.uint32(0x9E3779B1) + codes[starts + 1] * np.uint32(0x85EBCA77)
    digest += codes[ends - 1] * np.uint32(0xC2B2AE3D) + (ends - starts).astype(np.uint32) * np.uint32(0x27D4EB2F)
    return starts, ends, digest >> np.uint32(16), codes


def _pairs(codes: _Codes, starts: _Places) -> NDArray[np.uint64]:
    """Return tokens of one or two characters as numbers: equal numbers are equal tokens."""
    return codes[starts].astype(np.uint64) << np.uint64(32) | codes[starts + 1]


def _places(sought: NDArray[np.uint64], known: NDArray[np.uint64], columns: _Places) -> _Places:
    """Return the column of each sought number, -1 where it is not known."""
    if not len(known):
        return np.full(len(sought), -1, dtype=np.intp)
    order = np.argsort(known)
    found = order[np.searchsorted(known, sought, sorter=order).clip(max=len(known) - 1)]
    return np.where(known[found] == sought, columns[found], -1)


def _works_of_each(
    ordered: Sequence[Hit],
    matched: NDArray[np.bool_],
    by: Callable[[Hit], Iterable[str]],
    exclude: Collection[str],
) -> dict[str, tuple[int, ...]]:
    works: dict[str, list[int]] = {}
    for row, hit in enumerate(ordered):
        if matched[row]:
            for each in dict.fromkeys(by(hit)):
                if each not in exclude:
                    works.setdefault(each, []).append(row)
    return {each: tuple(rows) for each, rows in works.items()}


def _discounted_sums(shares: _Matrix, groups: Sequence[tuple[int, ...]]) -> _Matrix:
    """Return p(t|e), one row for each distinct list of works: co-authors with the same works are counted once."""
    sizes = np.array([len(group) for group in groups])
    starts = np.cumsum(sizes) - sizes
    rows = np.fromiter((row for group in groups for row in group), dtype=np.intp)
    places = np.arange(len(rows)) - np.repeat(starts, sizes)
    return np.add.reduceat(shares[rows] * (DISCOUNT**places).reshape(-1, 1), starts, axis=0)


def _terms(question: Question, summands: _Vector) -> tuple[tuple[TermMatch, ...], float]:
    order = np.argsort(-summands, kind="stable")[: np.count_nonzero(summands)].tolist()
    terms = tuple(
        [TermMatch(question.terms[index], question.weights[index], float(summands[index])) for index in order]
    )
    return terms, min(1.0, sum([term.weight for term in terms]) / question.length)


def _evidence(summands: _Vector, shares: _Matrix, work_ids: Sequence[str]) -> tuple[WorkShare, ...]:
    discounted = shares * (DISCOUNT ** np.arange(len(work_ids))).reshape(-1, 1)
    per_work = discounted @ (summands / np.maximum(discounted.sum(axis=0), np.finfo(np.float64).tiny))
    per_work /= per_work.sum()
    evidence = [WorkShare(work_id, share) for work_id, share in zip(work_ids, per_work.tolist(), strict=True)]
    return tuple(sorted(evidence, key=lambda work: (-work.share, work.work_id)))
