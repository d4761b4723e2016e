"""At which place would an answer stand if one of its works had not been found?  Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from queries.mentioned import Rows


def places_without(
    scores_of: Callable[[Sequence[Rows]], list[float]],
    left: Mapping[tuple[int, str], Rows],
    everybody: Sequence[tuple[float, str]],
    factors: Mapping[str, float],
) -> Callable[[str, int], int]:
    """Return a function from an id and a work (its place among the works found) to the id's place without that work.

    `left` are the works that remain to the people of a work when it goes, `everybody` their scores below zero and ids,
    best first, `factors` what the score of each is multiplied by. Only the people of the work move, so that their new
    scores are put among the old ones of all others. The place is 0 for one to whom no work remains.
    """
    groups = {group: place for place, group in enumerate(dict.fromkeys(rest for rest in left.values() if rest))}
    scores = scores_of(list(groups)) if groups else []
    standing = {each: score for score, each in everybody}
    before: defaultdict[int, list[tuple[float, str]]] = defaultdict(list)
    after: defaultdict[int, dict[str, tuple[float, str]]] = defaultdict(dict)
    for (row, each), rest in left.items():
        before[row].append((standing[each], each))
        if rest:
            after[row][each] = (-scores[groups[rest]] * factors[each], each)

    def place(each: str, row: int) -> int:
        mine = after[row].get(each)
        if mine is None:
            return 0
        ahead = bisect_left(everybody, mine) - sum([one < mine for one in before[row]])
        return 1 + ahead + sum([one < mine for one in after[row].values()])

    return place
