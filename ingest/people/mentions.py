"""Columns of mentions: who is named on which work, with whom, from where. Holds a million in about a gigabyte.

What belongs to a work (people, organisations, words, year, venue) is kept once a work; a mention points to it. Strings
are interned; lists are CSR arrays. Nothing here decides anything.
"""

from __future__ import annotations

import zlib
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from graph.text import tokens
from ingest.people.names import PersonName, person_name

Ints = NDArray[np.int64]
Codes = NDArray[np.int32]
Floats = NDArray[np.float64]

# Tokens are known by a hash of 18 bits: 262,144 slots; with the 60,000 tokens that matter, one in five shares its slot.
TOKEN_SLOTS: Final = 1 << 18
# Words are counted in the first part of a text; an abstract is shorter, a whole report is not needed.
_LONGEST_TEXT: Final = 6_000
# A collaboration of thousands says nothing about who knows whom.
MOST_PEOPLE: Final = 100


class Kind(IntEnum):
    """What the mention stands on."""

    PAPER = 0
    PROJECT = 1
    ROSTER = 2
    HONOUR = 3


@dataclass(frozen=True, slots=True)
class Named:
    """One person as a source names them on a work.

    `organisations` are keys of legal-entity roots, `affiliation` the string as written. `strong` are identifiers as
    "scheme:value" ("orcid:0000-…", "mail:<hash>", "id:<source>:<number>"). `key` overrides the block key.
    """

    id: str
    name: str
    organisations: tuple[str, ...] = ()
    affiliation: str = ""
    strong: tuple[str, ...] = ()
    key: str = ""


@dataclass(frozen=True, slots=True)
class Work:
    """A paper, project, roster row or honour with everyone on it.

    `people` are the mentions to be resolved; `others` block keys of further people of the work, `organisations` further
    roots of the work that are no mention's own. `text` is title, keywords and abstract.
    """

    id: str
    people: tuple[Named, ...]
    kind: Kind = Kind.PAPER
    year: int | None = None
    venue: str = ""
    text: str = ""
    others: tuple[str, ...] = ()
    organisations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Lists:
    """A list of codes for every row (CSR): row r has `items[starts[r]:starts[r + 1]]`."""

    starts: Ints
    items: Codes

    def take(self, rows: Ints) -> tuple[Ints, Codes]:
        """Return (position within `rows`, item) of every entry of these rows, row by row."""
        owners, entries = self.entries(rows)
        return owners, self.items[entries]

    def entries(self, rows: Ints) -> tuple[Ints, Ints]:
        """Return (position within `rows`, index into `items`) of every entry of these rows, row by row."""
        first = self.starts[rows]
        counts = self.starts[rows + 1] - first
        owners = np.repeat(np.arange(len(rows)), counts)
        offset = np.cumsum(counts) - counts
        return owners, np.arange(len(owners)) - np.repeat(offset - first, counts)

    def of(self, row: int) -> Codes:
        """Return the list of one row."""
        return self.items[self.starts[row] : self.starts[row + 1]]


@dataclass(frozen=True)
class MentionTable:
    """Mentions (one row each) and their works as columns.

    `block` is a code into `names`, as are the lists of `work_people`; `mention_orgs` and `work_orgs` hold codes into
    `organisations`; `affiliation` into `affiliations`, `strong` into `identifiers`, `work_venue` into `venues` (0 is
    "" everywhere). `alone` marks names that are no names. `rank` orders the mentions by id, whatever came first.
    """

    ids: list[str]
    block: Codes
    work: Codes
    position: Codes
    affiliation: Codes
    alone: NDArray[np.bool_]
    mention_orgs: Lists
    strong: Lists
    work_ids: list[str]
    work_kind: NDArray[np.int8]
    work_year: NDArray[np.int16]
    work_venue: Codes
    work_people: Lists
    work_orgs: Lists
    work_tokens: Lists
    token_counts: NDArray[np.uint8]
    names: list[str]
    organisations: list[str]
    affiliations: list[str]
    identifiers: list[str]
    venues: list[str]
    written: list[str]
    name_written: Codes
    rank: Ints

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def works(self) -> int:
        """Number of works."""
        return len(self.work_ids)

    def bytes_used(self) -> int:
        """Return the size of the arrays (strings not counted)."""
        total = 0
        for value in vars(self).values():
            for part in vars_of(value):
                total += part.nbytes
        return total


def vars_of(value: object) -> Iterable[NDArray[Any]]:
    """Return the arrays of a column."""
    if isinstance(value, Lists):
        return (value.starts, value.items)
    return (cast("NDArray[Any]", value),) if isinstance(value, np.ndarray) else ()


class _Interned:
    """Strings by number, in order of arrival; "" is 0."""

    def __init__(self) -> None:
        self.codes: dict[str, int] = {"": 0}

    def __call__(self, text: str) -> int:
        return self.codes.setdefault(text, len(self.codes))


class _Growing:
    """Lists being appended."""

    def __init__(self) -> None:
        self.starts, self.items = array("q", [0]), array("i")

    def add(self, items: Iterable[int]) -> None:
        self.items.extend(items)
        self.starts.append(len(self.items))

    def frozen(self) -> Lists:
        return Lists(np.array(self.starts, dtype=np.int64), np.array(self.items, dtype=np.int32))


@dataclass(slots=True)
class _Columns:
    block: array[int] = field(default_factory=lambda: array("i"))
    work: array[int] = field(default_factory=lambda: array("i"))
    position: array[int] = field(default_factory=lambda: array("i"))
    affiliation: array[int] = field(default_factory=lambda: array("i"))
    written: array[int] = field(default_factory=lambda: array("i"))
    alone: array[int] = field(default_factory=lambda: array("b"))
    kind: array[int] = field(default_factory=lambda: array("b"))
    year: array[int] = field(default_factory=lambda: array("h"))
    venue: array[int] = field(default_factory=lambda: array("i"))
    counts: array[int] = field(default_factory=lambda: array("B"))


class MentionTableBuilder:
    """Takes works one by one; `table()` may be called between, and costs a copy of the columns."""

    def __init__(self) -> None:
        self._names, self._organisations, self._affiliations = _Interned(), _Interned(), _Interned()
        self._identifiers, self._venues, self._written = _Interned(), _Interned(), _Interned()
        self._ids: list[str] = []
        self._work_ids: list[str] = []
        self._columns = _Columns()
        self._mention_orgs, self._strong = _Growing(), _Growing()
        self._people, self._orgs, self._tokens = _Growing(), _Growing(), _Growing()
        self._slots: dict[str, int] = {}

    def add(self, work: Work) -> None:
        """Take one work with all its mentions."""
        columns = self._columns
        number = len(self._work_ids)
        self._work_ids.append(work.id)
        columns.kind.append(work.kind)
        columns.year.append(work.year if work.year is not None and 0 < work.year < 10_000 else 0)
        columns.venue.append(self._venues(work.venue))
        read = [self._read(named) for named in work.people]
        keys = dict.fromkeys([*(name.key for name in read if name.key), *(key for key in work.others if key)])
        people = [self._names(key) for key in keys]
        self._people.add(people if len(people) <= MOST_PEOPLE else ())
        roots = [org for named in work.people for org in named.organisations] + list(work.organisations)
        self._orgs.add(self._organisations(root) for root in dict.fromkeys(roots) if root)
        counted = Counter(self._slot(token) for token in tokens(work.text[:_LONGEST_TEXT]))
        self._tokens.add(counted)
        columns.counts.extend(min(count, 255) for count in counted.values())
        for position, (named, name) in enumerate(zip(work.people, read, strict=True)):
            self._mention(number, position, named, name)

    def _read(self, named: Named) -> PersonName:
        name = person_name(named.name)
        return PersonName(named.key, True) if named.key else name

    def _mention(self, work: int, position: int, named: Named, name: PersonName) -> None:
        columns = self._columns
        self._ids.append(named.id)
        columns.block.append(self._names(name.key))
        columns.work.append(work)
        columns.position.append(position)
        columns.affiliation.append(self._affiliations(named.affiliation))
        columns.written.append(self._written(named.name))
        columns.alone.append(not name.usable)
        roots = (self._organisations(root) for root in dict.fromkeys(named.organisations) if root)
        self._mention_orgs.add(sorted(roots))
        self._strong.add(sorted(self._identifiers(item) for item in dict.fromkeys(named.strong) if item))

    def _slot(self, token: str) -> int:
        slot = self._slots.get(token)
        if slot is None:
            slot = zlib.crc32(token.encode("utf-8", "surrogatepass")) & (TOKEN_SLOTS - 1)
            if len(self._slots) < 2_000_000:
                self._slots[token] = slot
        return slot

    def table(self) -> MentionTable:
        """Return what was added so far as columns."""
        columns = self._columns
        rank = np.empty(len(self._ids), dtype=np.int64)
        rank[sorted(range(len(self._ids)), key=self._ids.__getitem__)] = np.arange(len(self._ids))
        return MentionTable(
            ids=list(self._ids),
            block=np.array(columns.block, dtype=np.int32),
            work=np.array(columns.work, dtype=np.int32),
            position=np.array(columns.position, dtype=np.int32),
            affiliation=np.array(columns.affiliation, dtype=np.int32),
            alone=np.array(columns.alone, dtype=np.bool_),
            mention_orgs=self._mention_orgs.frozen(),
            strong=self._strong.frozen(),
            work_ids=list(self._work_ids),
            work_kind=np.array(columns.kind, dtype=np.int8),
            work_year=np.array(columns.year, dtype=np.int16),
            work_venue=np.array(columns.venue, dtype=np.int32),
            work_people=self._people.frozen(),
            work_orgs=self._orgs.frozen(),
            work_tokens=self._tokens.frozen(),
            token_counts=np.array(columns.counts, dtype=np.uint8),
            names=list(self._names.codes),
            organisations=list(self._organisations.codes),
            affiliations=list(self._affiliations.codes),
            identifiers=list(self._identifiers.codes),
            venues=list(self._venues.codes),
            written=list(self._written.codes),
            name_written=np.array(columns.written, dtype=np.int32),
            rank=rank,
        )


def build_table(works: Sequence[Work] | Iterable[Work]) -> MentionTable:
    """Return the table of some works."""
    builder = MentionTableBuilder()
    for work in works:
        builder.add(work)
    return builder.table()
