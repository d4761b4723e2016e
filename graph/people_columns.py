"""Everybody of the text index as columns in memory: what filters on people and counts per value are answered from.

Read once from the stored documents of people (100,000: about a second), then carried along from commit to commit: the
documents say with which write they came (`written`), so only newer ones are read again. A filter is an array of truth
values over the rows; at 100,000 people with 200,000 posts one takes 0.1 to 2 ms (bench/filters.py).

Rows never move: a changed person keeps its row. Codes of values only grow, so older states stay readable while a newer
one is made.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import repeat
from threading import Lock
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from graph.bodies_tree import BodiesTree
from graph.index_folder import EVER, day_number
from graph.text import fold, tokens

Mask = NDArray[np.bool_]
Rows = NDArray[np.int32]
TieKind = Literal["post", "membership"]
Coded = Literal["title", "tier", "expert_kind", "status"]

CODED: Final[tuple[Coded, ...]] = ("title", "tier", "expert_kind", "status")
_KINDS: Final[tuple[TieKind, ...]] = ("post", "membership")


class Codes:
    """A number for each distinct text, from 0 on; numbers are only ever added."""

    __slots__ = ("_read", "_reading", "_with_term", "numbers", "texts")

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.numbers: dict[str, int] = {}
        self._with_term: dict[str, list[int]] = {}
        self._read = 0
        self._reading = Lock()

    def of(self, text: str) -> int:
        """Return the number of a text, giving it one."""
        known = self.numbers.get(text)
        if known is None:
            known = self.numbers[text] = len(self.texts)
            self.texts.append(text)
        return known

    def holding(self, terms: Iterable[str]) -> set[int]:
        """Return the numbers of the texts that hold at least one of these terms (`graph.text.tokens`)."""
        with self._reading:
            for number in range(self._read, len(self.texts)):
                for term in set(tokens(self.texts[number])):
                    self._with_term.setdefault(term, []).append(number)
            self._read = len(self.texts)
        return {number for term in terms for number in self._with_term.get(term, ())}

    def table(self, texts: Iterable[str]) -> Mask:
        """Return which numbers are those of these texts."""
        wanted = np.zeros(len(self.texts) + 1, dtype=np.bool_)
        for text in texts:
            number = self.numbers.get(text)
            if number is not None:
                wanted[number] = True
        return wanted


@dataclass(frozen=True, slots=True)
class Pairs:
    """Things that a person may have several of: `rows[i]` has `values[i]`."""

    rows: Rows
    values: Rows

    def replaced(self, changed: Mask, rows: Sequence[int], values: Sequence[int]) -> Pairs:
        """Return the pairs with those of changed rows taken away and new ones put to them."""
        kept = ~changed[self.rows]
        return Pairs(_joined(self.rows[kept], rows), _joined(self.values[kept], values))


@dataclass(frozen=True, slots=True)
class Ties:
    """Posts and memberships, one line each: whose, where, which kind, from and until which day, in which role."""

    rows: Rows
    bodies: Rows
    kinds: Rows
    since: Rows
    until: Rows
    roles: Rows


@dataclass(frozen=True, slots=True)
class PeopleColumns:
    """Everybody in one state of the index."""

    ids: list[str]
    row_of: dict[str, int]
    names: list[str]
    expert: Mask
    contact: Mask
    verified_on: Rows
    admitted_on: Rows
    coded: dict[Coded, Rows]
    ties: Ties
    topics: Pairs
    declared: Pairs
    honours: Pairs
    codes: dict[str, Codes]
    bodies: BodiesTree
    written: int = 0
    _kept: dict[object, Any] = field(default_factory=dict[object, Any])

    @classmethod
    def empty(cls) -> PeopleColumns:
        """Nobody."""
        no, flags = _numbers(()), np.zeros(0, dtype=np.bool_)
        codes = {name: Codes() for name in (*CODED, "body", "role", "topic", "declared", "honour")}
        ties = Ties(no, no, no, no, no, no)
        nothing = Pairs(no, no)
        columns = dict.fromkeys(CODED, no)
        return cls([], {}, [], flags, flags, no, no, columns, ties, nothing, nothing, nothing, codes, BodiesTree.of({}))

    def __len__(self) -> int:
        return len(self.ids)

    def with_bodies(self, bodies: BodiesTree, written: int) -> PeopleColumns:
        """Return these people beside other bodies, as of a write."""
        return replace(self, bodies=bodies, written=written, _kept={})

    def updated(self, stored: Iterable[bytes]) -> PeopleColumns:
        """Return the columns with these people (as `PersonDocument.packed` wrote them) put in or changed."""
        found = [json.loads(each) for each in stored]
        if not found:
            return self
        ids, row_of, names = list(self.ids), dict(self.row_of), list(self.names)
        rows: list[int] = []
        for person in found:
            row = row_of.setdefault(person[0], len(ids))
            if row == len(ids):
                ids.append(person[0])
                names.append("")
            names[row] = person[1][0]
            rows.append(row)
        size = len(ids)
        changed = np.zeros(size, dtype=np.bool_)
        changed[rows] = True
        at = np.array(rows, dtype=np.intp)
        coded: dict[Coded, Rows] = {
            name: _put(self.coded[name], size, at, [self.codes[name].of(fold(p[_PLACE[name]])) for p in found])
            for name in CODED
        }
        return PeopleColumns(
            ids,
            row_of,
            names,
            _put(self.expert, size, at, [p[2] for p in found]),
            _put(self.contact, size, at, [p[_PLACE["contact"]] for p in found]),
            _put(self.verified_on, size, at, [day_number(p[_PLACE["verified_on"]], 0) for p in found]),
            _put(self.admitted_on, size, at, [day_number(p[_PLACE["admitted_on"]], 0) for p in found]),
            coded,
            self._with_ties(changed, rows, found),
            self._pairs(self.topics, "topic", changed, rows, [p[6] for p in found]),
            self._pairs(self.declared, "declared", changed, rows, [p[_PLACE["declared"]] for p in found]),
            self._pairs(self.honours, "honour", changed, rows, [p[5] for p in found]),
            self.codes,
            self.bodies,
            self.written,
        )

    def _with_ties(self, changed: Mask, rows: Sequence[int], found: Sequence[Any]) -> Ties:
        body, role = self.codes["body"].of, self.codes["role"].of
        lines = [
            (row, body(to), _KINDS.index(kind), day_number(since, 0), day_number(until, EVER), role(as_what))
            for row, person in zip(rows, found, strict=True)
            for kind, to, since, until, as_what in person[4]
        ]
        kept = ~changed[self.ties.rows]
        columns = list(zip(*lines, strict=True)) if lines else [()] * 6
        old = (
            self.ties.rows,
            self.ties.bodies,
            self.ties.kinds,
            self.ties.since,
            self.ties.until,
            self.ties.roles,
        )
        return Ties(*[_joined(before[kept], new) for before, new in zip(old, columns, strict=True)])

    def _pairs(
        self, old: Pairs, name: str, changed: Mask, rows: Sequence[int], values: Sequence[Sequence[str]]
    ) -> Pairs:
        of = self.codes[name].of
        lines = [(row, of(value)) for row, several in zip(rows, values, strict=True) for value in several]
        return old.replaced(changed, [row for row, _ in lines], [value for _, value in lines])

    # --- who is wanted ---------------------------------------------------------------------------------------------

    def everybody(self) -> Mask:
        """Return all rows."""
        return np.ones(len(self.ids), dtype=np.bool_)

    def of_ids(self, ids: Iterable[str]) -> Mask:
        """Who has one of these ids?  Unknown ones are nobody's."""
        large = ids if isinstance(ids, frozenset) and len(ids) > _LARGE else None
        known: Mask | None = None if large is None else self._kept.get(large)
        if known is None:
            known = np.zeros(len(self.ids), dtype=np.bool_)
            known[[row for row in map(self.row_of.get, ids, repeat(-1)) if row >= 0]] = True
            if large is not None:
                self._keep(large, known)
        return known.copy()

    def of(self, column: Coded, values: Collection[str]) -> Mask:
        """Whose title (tier, kind, status) is one of these, spelling normalised?"""
        return self.codes[column].table(map(fold, values))[self.coded[column]]

    def with_honour(self, honours: Collection[str]) -> Mask:
        """Who holds one of these honours (ids)?"""
        return self._having(self.honours, self.codes["honour"].table(honours))

    def in_topics(self, topics: Collection[str]) -> Mask:
        """Who is said to be an expert in one of these topics (ids)?"""
        return self._having(self.topics, self.codes["topic"].table(topics))

    def declaring(self, names: Collection[str]) -> Mask:
        """Whose declared fields are one of these names (folded)?"""
        return self._having(self.declared, self.codes["declared"].table(names))

    def tied(
        self,
        bodies: Collection[str],
        day: int,
        *,
        kinds: Collection[TieKind] = ("post",),
        role: str = "",
    ) -> Mask:
        """Who has a post (membership) in one of these bodies on a day (20240131), unknown ends counting as holding?

        `role`: only where the role holds this text ("理事" finds 常务理事), spelling normalised.
        """
        holding = self.holding(day, kinds) & self.codes["body"].table(bodies)[self.ties.bodies]
        if role:
            part = fold(role)
            texts = [text for text in list(self.codes["role"].texts) if part in fold(text)]
            holding &= self.codes["role"].table(texts)[self.ties.roles]
        return self._rows(self.ties.rows[holding])

    def placed(self, day: int) -> Mask:
        """Who has a post on a day in a body whose region is known?  Not to be written to."""
        key = f"{day} placed"
        known: Mask | None = self._kept.get(key)
        if known is None:
            # Every code begins with no digits at all.
            known = self.tied(self.bodies.within(""), day)
            self._keep(key, known)
        return known

    def holding(self, day: int, kinds: Collection[TieKind]) -> Mask:
        """Which lines of `ties` hold on a day?"""
        key = f"{day} {sorted(kinds)}"
        known: Mask | None = self._kept.get(key)
        if known is None:
            wanted = np.array([kind in kinds for kind in _KINDS])
            known = wanted[self.ties.kinds] & (self.ties.since <= day) & (day < self.ties.until)
            self._keep(key, known)
        return known

    def _keep(self, key: object, value: NDArray[Any]) -> None:
        if len(self._kept) >= _KEPT:
            self._kept.clear()
        self._kept[key] = value

    def _having(self, pairs: Pairs, wanted: Mask) -> Mask:
        return self._rows(pairs.rows[wanted[pairs.values]])

    def _rows(self, rows: Rows) -> Mask:
        found = np.zeros(len(self.ids), dtype=np.bool_)
        found[rows] = True
        return found

    @property
    def by_name(self) -> NDArray[np.intp]:
        """Return the rows in the order of names, then of ids; sorted once (100,000 people: some 0.1 s)."""
        known: NDArray[np.intp] | None = self._kept.get("by name")
        if known is None:
            order = sorted(range(len(self.ids)), key=lambda row: (self.names[row], self.ids[row]))
            known = np.array(order, dtype=np.intp)
            self._keep("by name", known)
        return known

    @property
    def by_id(self) -> NDArray[np.intp]:
        """Return the place of each row in the order of ids; sorted once (100,000 people: some 0.1 s)."""
        known: NDArray[np.intp] | None = self._kept.get("by id")
        if known is None:
            known = np.empty(len(self.ids), dtype=np.intp)
            known[sorted(range(len(self.ids)), key=self.ids.__getitem__)] = np.arange(len(self.ids))
            self._keep("by id", known)
        return known

    def ids_of(self, wanted: Mask) -> list[str]:
        """Return the ids of the people wanted, in the order of the rows."""
        ids = self.ids
        return [ids[row] for row in np.flatnonzero(wanted).tolist()]


# What is kept of the last questions, each a truth value for each tie or person: who has a post on a day, large sets.
_KEPT: Final = 16
_LARGE: Final = 1_000
# Where `PersonDocument` has what is not among its first eight.
_PLACE: Final[dict[str, int]] = {
    "title": 3,
    "tier": 8,
    "expert_kind": 9,
    "status": 10,
    "verified_on": 11,
    "admitted_on": 12,
    "contact": 13,
    "declared": 14,
}


def _numbers(values: Sequence[int]) -> Rows:
    return np.array(values, dtype=np.int32)


def _joined(old: Rows, new: Sequence[int]) -> Rows:
    return np.concatenate([old, _numbers(new)])


def _put(old: NDArray[Any], size: int, at: NDArray[np.intp], values: Sequence[Any]) -> NDArray[Any]:
    column = np.zeros(size, dtype=old.dtype)
    column[: len(old)] = old
    column[at] = values
    return column
