"""Terms are counted in stored tokens as anybody would count them, also when all tokens look alike."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from queries import term_counts as counting
from queries.term_counts import term_counts

# Han bigrams, single characters, words that begin alike, characters outside the basic plane and lone surrogates.
TOKENS = st.sampled_from(
    ["量子", "子计", "量", "𠮷野", "\ud800", "a", "ab", "abc", "abd", "adc", "abcabc", "1", "12", "112"]
)


def looks_by(bits: int) -> Any:
    real = counting._looks  # pyright: ignore[reportPrivateUsage]

    def looks(joined: str) -> Any:
        starts, ends, looks, codes = real(joined)
        return starts, ends, looks & np.uint32(bits), codes

    return looks


@given(
    st.lists(TOKENS, min_size=1, unique=True),
    st.lists(st.lists(TOKENS, min_size=1, max_size=12), min_size=1, max_size=6),
    st.sampled_from([0, 1, 0xFFFF]),
)
def test_terms_are_counted(terms: list[str], works: list[list[str]], bits: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("queries.term_counts._looks", looks_by(bits))
        counts, lengths = term_counts(terms, [" ".join(work) for work in works])
    assert counts.tolist() == [[Counter(work)[term] for term in terms] for work in works]
    assert lengths.tolist() == [len(work) for work in works]
