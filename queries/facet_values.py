"""Which values of each facet do people have: pairs of row and value, from the columns of the text index. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import chain
from typing import Final

import numpy as np
from numpy.typing import NDArray

from graph.people_columns import Coded, Mask, PeopleColumns, TieKind
from queries.topic_tree import TopicTree

Rows = NDArray[np.int32]
# Value → the rows of those who have it.
Holders = Mapping[str, Rows]

_COLUMNS: Final[Mapping[str, Coded]] = {
    "tier": "tier",
    "professional_title": "title",
    "expert_kind": "expert_kind",
}


def coded_holders(people: PeopleColumns, name: str, among: Mask) -> Holders:
    """Who has which tier, title or kind of expert?  "" is no value."""
    column = _COLUMNS[name]
    rows = np.flatnonzero(among).astype(np.int32)
    return _holders(rows, people.coded[column][rows], people.codes[column].texts, "")


def post_holders(
    people: PeopleColumns,
    values_of: Callable[[str], Collection[str]],
    among: Mask,
    day: int,
    kinds: Collection[TieKind] = ("post",),
) -> Holders:
    """Who has a post (or membership) on a day in a body of which a value holds?  Several of one value are one."""
    chosen = people.holding(day, kinds) & among[people.ties.rows]
    bodies = people.codes["body"].texts
    return _expanded(people.ties.rows[chosen], people.ties.bodies[chosen], lambda code: values_of(bodies[code]))


def topic_holders(people: PeopleColumns, tree: TopicTree, topics: Sequence[str], among: Mask) -> Holders:
    """Who is an expert in which of these topics, or a narrower one, or declares a field of such a name?"""
    tops: dict[str, set[str]] = {}
    for top in topics:
        for topic in tree.subtree([top]):
            tops.setdefault(topic, set()).add(top)
    by_spelling: dict[str, set[str]] = {}
    for topic, above in tops.items():
        for spelling in tree.spellings([topic]):
            by_spelling.setdefault(spelling, set()).update(above)
    said, declared = among[people.topics.rows], among[people.declared.rows]
    ids, texts = people.codes["topic"].texts, people.codes["declared"].texts
    by_topic = _expanded(people.topics.rows[said], people.topics.values[said], lambda code: tops.get(ids[code], ()))
    by_field = _expanded(
        people.declared.rows[declared],
        people.declared.values[declared],
        lambda code: by_spelling.get(texts[code], ()),
    )
    nobody = np.zeros(0, dtype=np.int32)
    return {
        top: np.unique(np.concatenate([by_topic.get(top, nobody), by_field.get(top, nobody)]))
        for top in {*by_topic, *by_field}
    }


def largest(holders: Holders, most: int) -> list[str]:
    """Return the values that most people have, at most so many; equal ones by value."""
    counts = Counter({value: len(rows) for value, rows in holders.items() if len(rows)})
    return sorted(counts, key=lambda value: (-counts[value], value))[:most]


def _expanded(rows: Rows, codes: Rows, values_of: Callable[[int], Collection[str]]) -> Holders:
    """Return value → rows, each once, where a code stands for several values."""
    used, places = np.unique(codes, return_inverse=True)
    several = [tuple(values_of(code)) for code in used.tolist()]
    numbers = {value: number for number, value in enumerate(dict.fromkeys(chain.from_iterable(several)))}
    sizes = np.array([len(each) for each in several], dtype=np.int64)
    flat = np.array([numbers[value] for each in several for value in each], dtype=np.int64)
    starts = np.cumsum(sizes) - sizes
    each_has = sizes[places] if len(places) else np.zeros(0, dtype=np.int64)
    begun = np.repeat(np.cumsum(each_has) - each_has, each_has)
    steps = np.arange(int(each_has.sum())) - begun
    values = flat[np.repeat(starts[places], each_has) + steps] if len(steps) else np.zeros(0, dtype=np.int64)
    pairs = np.unique(np.repeat(rows.astype(np.int64), each_has) * max(1, len(numbers)) + values)
    owners, values = pairs // max(1, len(numbers)), pairs % max(1, len(numbers))
    return _holders(owners.astype(np.int32), values, list(numbers))


def _holders(rows: Rows, values: NDArray[np.integer], texts: Sequence[str], left_out: str | None = None) -> Holders:
    order = np.argsort(values, kind="stable")
    used, starts = np.unique(values[order], return_index=True)
    groups = np.split(rows[order], starts[1:])
    numbers: list[int] = used.tolist()
    found = {texts[number]: group for number, group in zip(numbers, groups, strict=False)}
    return {value: group for value, group in found.items() if value != left_out}
