"""The contract of a source: fetch positioned records, transform each (purely) into a draft of facts or a reject.

A draft speaks of people and organisations as they are written; `resolve` finds out who they are, `run` writes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Final, Protocol

from graph.model import NodeType, RelationshipType, Value
from ingest.readers import Record, Unreadable

# A name longer than this is a column of running text in the wrong place, not a name (longest in the real corpora: 43).
LONGEST_NAME: Final = 200
HIDDEN: Final = "（受限字段，不显示）"
_SHOWN: Final = 60
# Mention ids carry the row key; what is longer is told apart by a digest of all of it.
_LONGEST_ROW_KEY: Final = 200


@dataclass(frozen=True, slots=True)
class Reject:
    """A value (`column` named) or a whole record that was not taken: where it stands and why, in Chinese."""

    file: str
    sheet: str
    row: int
    column: str
    value: str
    reason: str
    whole: bool = False


@dataclass(slots=True)
class Entity:
    """One thing a record speaks of.

    `key` is the final key where the record itself decides it (a region's code, a topic's scheme:code). Otherwise the id
    is made from the source and from (`own`, `slot`) where the mapping names an own identifier, (row key, `position`)
    where not. `written` is an organisation or person as written, `hint` a legal entity the source guesses for it.
    `employers` are the indexes of a person's organisations in the draft. `reference` claims nothing: the thing must
    exist already, or the links to it are rejected (silently, if `optional`). `made_id` is the id that `resolve` made.
    """

    type: NodeType
    position: str
    key: str = ""
    own: str = ""
    slot: str = ""
    properties: dict[str, Value] = field(default_factory=dict[str, Value])
    labels: tuple[str, ...] = ()
    written: str = ""
    hint: str = ""
    employers: list[int] = field(default_factory=list[int])
    reference: str = ""
    optional: bool = False
    column: str = ""
    made_id: str = ""


@dataclass(slots=True)
class Link:
    """A relationship between two entities of a draft, by their indexes."""

    type: RelationshipType
    start: int
    end: int
    key: str = ""
    properties: dict[str, Value] = field(default_factory=dict[str, Value])
    mention: bool = False


@dataclass(slots=True)
class Draft:
    """What one record says: entities, links between them, and the values that were not taken.

    `hidden` are the columns whose values are restricted; `number` counts the records read, from 1.
    """

    record: Record
    row_key: str
    hidden: frozenset[str] = frozenset()
    number: int = 0
    entities: list[Entity] = field(default_factory=list[Entity])
    links: list[Link] = field(default_factory=list[Link])
    rejects: list[Reject] = field(default_factory=list[Reject])

    def reject(self, column: str, value: object, reason: str) -> None:
        """Note a value that is left out, the rest of the record being taken; what is restricted is not repeated."""
        record = self.record
        shown, reason = shown_value(value, reason, hidden=column in self.hidden)
        self.rejects.append(Reject(record.file, record.sheet, record.row, column, shown, reason))


class RejectedRecordError(Exception):
    """Raised by `transform`: nothing of this record can be taken."""

    def __init__(self, column: str, value: object, reason: str, *, hidden: bool = False) -> None:
        super().__init__(reason)
        self.column = column
        self.value, self.reason = shown_value(value, reason, hidden=hidden)


class Source(Protocol):
    """Where facts come from. One file in `ingest/sources/` and one word in the registry each."""

    @property
    def kind(self) -> str:
        """Kind of source."""
        ...

    @property
    def dataset(self) -> str:
        """Name of the dataset, "" to take it from the file."""
        ...

    @property
    def mapping(self) -> str:
        """Name of the mapping."""
        ...

    @property
    def precedence(self) -> int:
        """Whose claim is shown, smaller first."""
        ...

    @property
    def complete(self) -> bool:
        """Does it take away what the file no longer says?"""
        ...

    @property
    def unique(self) -> bool:
        """Are two records of one row key a mistake?"""
        ...

    @property
    def makes(self) -> frozenset[str]:
        """Labels of the nodes it can make."""
        ...

    def fetch(self, path: Path) -> Iterator[Record | Unreadable]:
        """Read the file; raises `InputError` when it cannot be read to its end."""
        ...

    def transform(self, record: Record) -> Draft:
        """Say what a record means; raises `RejectedRecordError` when it means nothing."""
        ...

    def fingerprint(self) -> str:
        """Text that differs when the same file would be understood differently (mapping, version)."""
        ...


def shown_value(value: object, reason: str, *, hidden: bool) -> tuple[str, str]:
    """Return value and reason as a list of rejects may show them: shortened, nothing restricted in either."""
    if hidden and value not in ("", None):
        # Reasons may quote the value ("年份 3019 不在…").
        return HIDDEN, "值不符合要求"
    shown = "" if value is None else str(value)
    return shown[:_SHOWN] + "…" * (len(shown) > _SHOWN), reason


def bounded_row_key(key: str) -> str:
    """Return a row key of at most 200 characters; two long ones stay different."""
    if len(key) <= _LONGEST_ROW_KEY:
        return key
    return f"{key[: _LONGEST_ROW_KEY - 33]}…{sha256(key.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"
