"""At which place would an answer stand if one of its works had not been found?  Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

_Rows = tuple[int, ...]


def places_without(
    scores_of: Callable[[Sequence[_Rows]], list[float]],
    left: Mapping[tuple[int, str], _Rows],
    standing: Mapping[str, tuple[float, str]],
    factors: Mapping[str, float],
) -> Callable[[str, int], int]:
    """Return a function from an id and a work (its place among the works found) to the id's place without that work.

    `left` are the works that remain to the people of a work when it goes, `standing` everybody's (−score, id),
    `factors` what the score of each is multiplied by. Only the people of the work move, so that their new scores are
    put among the old ones of all others. The place is 0 for one to whom no work remains.
    """
    people_of: defaultdict[int, list[str]] = defaultdict(list)
    for row, each in left:
        people_of[row].append(each)
    groups = {group: place for place, group in enumerate(dict.fromkeys(rest for rest in left.values() if rest))}
    scores = scores_of(list(groups)) if groups else []
    everybody = sorted(standing.values())

    def now(each: str, rest: _Rows) -> tuple[float, str]:
        return -scores[groups[rest]] * factors.get(each, 1.0), each

    def place(each: str, row: int) -> int:
        rest = left[row, each]
        if not rest:
            return 0
        mine = now(each, rest)
        moved = people_of[row]
        ahead = bisect_left(everybody, mine) - sum(standing[one] < mine for one in moved)
        moved_to = [now(one, left[row, one]) for one in moved if left[row, one]]
        return 1 + ahead + sum(one < mine for one in moved_to)

    return place
