"""What a write is asked to do, and what it did: sources, changes of claims and relationships, counts. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from graph.claims import Properties, RelationshipClaim, Said
from graph.model import NodeType

Stamp = tuple[str, int]
"""Run and audit number of the write that said something last."""


@dataclass(frozen=True, slots=True)
class SourceRef:
    """A source is (kind, dataset name); `precedence` decides whose claim is shown, smaller first."""

    kind: str
    dataset: str
    precedence: int = 500

    @property
    def id(self) -> str:
        """`kind:dataset`."""
        return f"{self.kind}:{self.dataset}"


# A person's correction comes first (settled).
LOCAL: Final = SourceRef("local", "manual", 0)
# Says which people became one, and of those the strictest visibility and status: before everything, a person's
# correction of one of them too.
IDENTITY: Final = SourceRef("identity", "people", -1)


@dataclass(frozen=True, slots=True)
class NodeChange:
    """Put this claim of the source in the place of its old one; `said` None takes the claim away.

    `stamp` (run, audit number) is that of a claim which undo brings back; otherwise the write sets its own.
    """

    type: NodeType
    key: str
    said: Said | None
    stamp: Stamp | None = None


@dataclass(frozen=True, slots=True)
class RelationshipChange:
    """Put these properties on the source's relationship; None takes the relationship away. `stamp` as above."""

    claim: RelationshipClaim
    properties: Properties | None
    stamp: Stamp | None = None


@dataclass(frozen=True, slots=True)
class SourceChanges:
    """What is to change of one source's claims and relationships."""

    source: SourceRef
    nodes: Sequence[NodeChange] = ()
    relationships: Sequence[RelationshipChange] = ()


@dataclass(slots=True)
class Counts:
    """What a write did to claims and relationships."""

    created: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0

    @property
    def touched(self) -> int:
        """Everything that is different now."""
        return self.created + self.changed + self.removed

    def add(self, other: Counts) -> None:
        """Add another write's counts to these."""
        self.created += other.created
        self.changed += other.changed
        self.removed += other.removed
        self.unchanged += other.unchanged
