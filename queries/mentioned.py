"""Whose are the works found, and which of them are one and the same?  What a ranking begins with; pure."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

# Places of works among those found, best first.
Rows = tuple[int, ...]


class Hit(NamedTuple):
    """One work found by the text index.

    `bm25` (above zero) is the search's score. `tokens` is the stored text: every token of the work with its repeats,
    separated by one space, as `graph.text.tokens` makes them.
    """

    work_id: str
    bm25: float
    tokens: str
    people: Sequence[str] = ()
    organisations: Sequence[str] = ()
    has_abstract: bool = True


def works_of_each(
    ordered: Sequence[Hit], by: Callable[[Hit], Iterable[str]], exclude: Collection[str]
) -> dict[str, Rows]:
    """Return who is behind which works: their places, best first, of everybody who is not left out."""
    works: dict[str, list[int]] = {}
    for row, hit in enumerate(ordered):
        for each in by(hit):
            rows = works.get(each)
            if rows is None:
                works[each] = [row]
            elif rows[-1] != row:
                rows.append(row)
    for each in exclude:
        works.pop(each, None)
    return {each: tuple(rows) for each, rows in works.items()}


def whose(
    rows: Collection[int], ordered: Sequence[Hit], by: Callable[[Hit], Iterable[str]], mentioned: Mapping[str, Rows]
) -> list[str]:
    """Return who of those mentioned is behind any of these works, in the order of `mentioned`."""
    people = {each for row in rows for each in by(ordered[row])}
    return [each for each in mentioned if each in people] if people else []


def twins(ordered: Sequence[Hit]) -> dict[int, int]:
    """Return the place of a work → the first place of the very same text, where a text was found more than once."""
    twins: dict[int, int] = {}
    first: dict[str, int] = {}
    for row, hit in enumerate(ordered):
        # Equal texts have equal scores, so that they stand together; only those are compared.
        if not row or hit.bm25 != ordered[row - 1].bm25:
            first = {}
        earlier = first.setdefault(hit.tokens, row)
        if earlier != row:
            twins[row] = twins[earlier] = earlier
    return twins


def told_apart(rows: Rows, twins: Mapping[int, int]) -> Rows:
    """Leave out works that say the very same as a better one of the list: a paper posted twice is one paper."""
    if twins.keys().isdisjoint(rows):
        return rows
    kept: dict[int, int] = {}
    for row in rows:
        kept.setdefault(twins.get(row, row), row)
    return tuple(kept.values())
