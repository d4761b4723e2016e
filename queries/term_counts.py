"""How often do a question's terms stand in the stored tokens of works?  Pure counting, for `queries.ranking`."""

from collections.abc import Sequence
from itertools import repeat
from typing import Final

import numpy as np
from numpy.typing import NDArray

_Places = NDArray[np.intp]
_Codes = NDArray[np.uint32]

_LOOKS: Final = 1 << 16


def term_counts(terms: Sequence[str], stored: Sequence[str]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return tf(t, d), works by terms, and |d|, tokens of each work.

    `terms` are distinct tokens; `stored` are the tokens of each work, at least one, separated by one space.

    500 works are 160,000 tokens, of which a question's terms are a tenth: making a string of each took 16 ms, those
    that look like a term (first two characters, last one, length) are compared as numbers when they are short.
    """
    joined = " ".join(stored) + " "
    starts, ends, looks, codes = _looks(joined)
    own_starts, own_ends, own_looks, own_codes = _looks(" ".join(terms) + " ")
    # Of terms that look alike the table has one; tokens that are not that one are sought among all.
    table = np.full(_LOOKS, -1, dtype=np.intp)
    table[own_looks] = np.arange(len(own_looks))
    alike = np.flatnonzero((table >= 0)[looks])
    begin, columns = starts[alike], table[looks[alike]]
    short, own_short = ends[alike] - begin <= 2, own_ends - own_starts <= 2
    pairs, own_pairs = _pairs(codes, begin), _pairs(own_codes, own_starts)
    other = np.flatnonzero(~(short & own_short[columns] & (pairs == own_pairs[columns])))
    others_short, short_columns = other[short[other]], np.flatnonzero(own_short)
    columns[others_short] = _places(pairs[others_short], own_pairs[short_columns], short_columns)
    column = {term: index for index, term in enumerate(terms)}
    others_long = other[~short[other]]
    long = alike[others_long]
    words = map(joined.__getitem__, map(slice, starts[long].tolist(), ends[long].tolist()))
    columns[others_long] = np.fromiter(map(column.get, words, repeat(-1)), dtype=np.intp, count=len(long))
    sizes = np.array([len(tokens) + 1 for tokens in stored])
    first_tokens = np.searchsorted(starts, np.cumsum(sizes) - sizes)
    lengths = np.diff(first_tokens, append=len(starts))
    rows = np.repeat(np.arange(len(stored)), lengths)[alike]
    cells = (rows * len(column) + columns)[columns >= 0]
    counts = np.bincount(cells, minlength=len(stored) * len(column))
    return counts.reshape(len(stored), len(column)), lengths


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
