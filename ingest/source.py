"""The contract of a source: fetch positioned records, transform each (purely) into a draft of facts or a reject.

A draft speaks of people and organisations as they are written; `resolve` finds out who they are, `run` writes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from graph.model import NodeType, RelationshipType, Value
from ingest.readers import Record, Unreadable


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

    `key` is the final key where the record itself decides it (a region's code, a topic's scheme:code); otherwise `own`
    is what the id is made from (with source and position). `written` is an organisation or person as written, `hint` a
    legal entity the source guesses for it. `employers` are the indexes of a person's organisations in the draft.
    `reference` claims nothing: the thing must exist already, or the links to it are rejected (silently, if `optional`).
    """

    type: NodeType
    position: str
    key: str = ""
    own: str = ""
    properties: dict[str, Value] = field(default_factory=dict[str, Value])
    labels: tuple[str, ...] = ()
    written: str = ""
    hint: str = ""
    employers: list[int] = field(default_factory=list[int])
    reference: str = ""
    optional: bool = False
    column: str = ""


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
    """What one record says: entities, links between them, and the values that were not taken."""

    record: Record
    row_key: str
    entities: list[Entity] = field(default_factory=list[Entity])
    links: list[Link] = field(default_factory=list[Link])
    rejects: list[Reject] = field(default_factory=list[Reject])

    def reject(self, column: str, value: object, reason: str) -> None:
        """Note a value that is left out, the rest of the record being taken."""
        shown = str(value)
        record = self.record
        self.rejects.append(
            Reject(record.file, record.sheet, record.row, column, shown[:60] + "…" * (len(shown) > 60), reason)
        )


class RejectedRecordError(Exception):
    """Raised by `transform`: nothing of this record can be taken."""

    def __init__(self, column: str, value: object, reason: str) -> None:
        super().__init__(reason)
        self.column, self.value, self.reason = column, str(value)[:60], reason


class Source(Protocol):
    """Where facts come from. One file in `ingest/sources/` and one word in the registry each."""

    kind: str
    dataset: str
    precedence: int
    complete: bool
    unique: bool

    def fetch(self, path: Path) -> Iterator[Record | Unreadable]:
        """Read the file; raises `InputError` when it cannot be read to its end."""
        ...

    def transform(self, record: Record) -> Draft:
        """Say what a record means; raises `RejectedRecordError` when it means nothing."""
        ...

    def fingerprint(self) -> str:
        """Text that differs when the same file would be understood differently (mapping, version)."""
        ...
