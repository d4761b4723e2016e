"""What a search in very many works costs, and how the dear parts are gone round. Pure; see bench/lookup_scale.py."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import sqrt
from typing import Final

# Tantivy goes through every posting of a question of many words. In a collection of so many works, a long one is asked
# without the words that stand in 15 of 100 (idf < 1.9): 61 → 19 ms for 120 words and 1,000,000 works; the ranking
# weighs them in the works found all the same. Done in the smaller real collections, 94 % of the first ten people of a
# paragraph stay (Chinese papers; English ones 78 %), MRR −.002 of 400 questions and +.006 of 359 (choosing halves).
MANY_WORKS: Final = 200_000
MANY_TERMS: Final = 48
_COMMON_SHARE: Final = 0.15
_FEWEST_TERMS: Final = 16
# Milliseconds measured at 1,000,000 works and 150,000 people: a set sent into the search takes 20 + .011 for each
# person; compared with each hit, .015 ÷ (its share of everybody) for each work wanted. 20,000 people: 238 against 50.
_SENT_MS: Final = 20.0
_SENT_PERSON_MS: Final = 0.011
_COMPARED_MS: Final = 0.015


def telling_terms(terms: Mapping[str, float], frequency: Callable[[str], int], works: int) -> Mapping[str, float]:
    """Return the terms of a question without those that stand in most works, when it is long and the works are many."""
    if len(terms) <= MANY_TERMS or works < MANY_WORKS:
        return terms
    most = _COMMON_SHARE * works
    telling = {term: boost for term, boost in terms.items() if frequency(term) <= most}
    return telling if len(telling) >= _FEWEST_TERMS else terms


def largest_sent(everybody: int, wanted: int) -> float:
    """Up to how many of all people is a set quicker inside the search for so many works?  Where both take the same."""
    # n (20 + .011 n) = .015 · wanted · everybody, for n.
    product = _COMPARED_MS * wanted * everybody
    return (sqrt(_SENT_MS**2 + 4 * _SENT_PERSON_MS * product) - _SENT_MS) / (2 * _SENT_PERSON_MS)
