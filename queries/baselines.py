"""What a ranking of people is compared with: BM25 summed over a person's works, plain and discounted.

"BM25 summed per person" is the usual default of search services (votes weighted by score: CombSUM of Macdonald and
Ounis 2006, "Voting for candidates", CIKM); ".8^r" discounts a person's works (section 1 of ranking.md). Both see the
same index and the same people as the ranking itself.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Final

from graph.text import tokens
from graph.textindex import TextIndex, WorkHit
from queries.reached import works_holding, works_wanted
from queries.retrieval import MOST_ANSWERS, asked
from queries.selection import Selection

# More works than the measured corpora have: all that hold a word of the question.
ALL_WORKS: Final = 20_000
# A work counts .8 of the one before it (ranking.md section 1).
DISCOUNT: Final = 0.8


def bm25_summed(hits: Iterable[WorkHit], discount: float = 1.0, only: Collection[str] | None = None) -> list[str]:
    """Return people by summed BM25 of their works, best first, the i-th times discount^(i−1); a usual default at 1.

    At most 200, equal scores by id; with `only` nobody else.
    """
    scores: defaultdict[str, float] = defaultdict(float)
    seen: Counter[str] = Counter()
    for hit in hits:
        for person in dict.fromkeys(hit.people):
            scores[person] += hit.score * discount ** seen[person]
            seen[person] += 1
    people = scores if only is None else [person for person in scores if person in only]
    return sorted(people, key=lambda person: (-scores[person], person))[:MOST_ANSWERS]


def _only(allowed: Selection | None) -> Collection[str] | None:
    return None if allowed is None else allowed.searched


def _summed(index: TextIndex, text: str, allowed: Selection | None) -> list[str]:
    """All works that hold a word of the question, n(t) as weight of a term."""
    plain = {term: float(count) for term, count in Counter(tokens(text)).items()}
    return bm25_summed(works_holding(index, plain, allowed, ALL_WORKS), only=_only(allowed))


def _summed_same(index: TextIndex, text: str, allowed: Selection | None) -> list[str]:
    """The works that the ranking itself reads."""
    return bm25_summed(works_wanted(index, asked(text), allowed), only=_only(allowed))


def _discounted(index: TextIndex, text: str, allowed: Selection | None) -> list[str]:
    """The works that the ranking itself reads, the i-th of a person times .8^(i−1)."""
    return bm25_summed(works_wanted(index, asked(text), allowed), DISCOUNT, _only(allowed))


# Name → people for a text, best first; of those whom the filters want (None: everybody).
BASELINES: Final[Mapping[str, Callable[[TextIndex, str, Selection | None], list[str]]]] = {
    "bm25-summed": _summed,
    "bm25-same-works": _summed_same,
    "bm25-discounted": _discounted,
}
