"""What a run has said so far: the first record to say a property decides, later ones only add.

Otherwise a file that says two things of one person would flip between them at every import. Sixteen bytes stand for
each relationship and four for each value, so that a million records fit into a laptop's memory.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from hashlib import blake2b
from typing import Final, cast
from zlib import crc32

from graph.claims import NodeClaim, Properties, RelationshipClaim
from graph.model import ADDING
from graph.sweep import NodeName, RelationshipName

# Every mention writes a name a little differently, and its own spelling is kept with it.
_SPELLINGS: Final = frozenset({"name"})


class Ledger:
    """Which nodes and relationships did this run claim, and with which values?"""

    def __init__(self) -> None:
        # Label → key → names of the properties said and a checksum of each value.
        self._nodes: dict[str, dict[str, tuple[tuple[str, ...], bytes]]] = {}
        self._shapes: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._labels: dict[str, tuple[str, ...]] = {}
        self._relationships: set[bytes] = set()
        self._conflicts: set[bytes] = set()

    def node(self, claim: NodeClaim) -> tuple[NodeClaim | None, list[str]]:
        """Return what is new in a claim (None if nothing), and which properties contradict what was said before."""
        known = self._nodes.setdefault(claim.type.label, {})
        said = known.get(claim.key)
        if said is None:
            known[claim.key] = self._entry(claim.properties)
            if claim.labels:
                self._labels[claim.key] = claim.labels
            return claim, []
        names, sums = said
        place = {name: number for number, name in enumerate(names)}
        new: Properties = {}
        conflicts: list[str] = []
        for name, value in claim.properties.items():
            number = place.get(name)
            if number is None or (name in ADDING and sums[4 * number : 4 * number + 4] != _checksum(value)):
                new[name] = value
            elif sums[4 * number : 4 * number + 4] != (checksum := _checksum(value)) and name not in _SPELLINGS:
                mark = _digest((claim.type.label, claim.key, name, checksum.hex()))
                if mark not in self._conflicts:
                    self._conflicts.add(mark)
                    conflicts.append(name)
        labels = tuple(sorted({*self._labels.get(claim.key, ()), *claim.labels}))
        if not new and labels == self._labels.get(claim.key, ()):
            return None, conflicts
        self._labels[claim.key] = labels
        added_names, added_sums = self._entry(new)
        joined = names + added_names
        known[claim.key] = (self._shapes.setdefault(joined, joined), sums + added_sums)
        return NodeClaim(claim.type, claim.key, new, claim.labels), conflicts

    def relationship(self, claim: RelationshipClaim) -> bool:
        """Is this the first time the run says it?"""
        mark = _digest(claim.identity)
        if mark in self._relationships:
            return False
        self._relationships.add(mark)
        return True

    def nodes(self) -> Collection[NodeName]:
        """All nodes this run claimed, by label and key."""
        return _Nodes(self._nodes)

    def relationships(self) -> Collection[RelationshipName]:
        """All relationships this run claimed; it can be asked for one, not listed."""
        return _Relationships(self._relationships)

    def _entry(self, properties: Properties) -> tuple[tuple[str, ...], bytes]:
        names = tuple(properties)
        return self._shapes.setdefault(names, names), b"".join(map(_checksum, properties.values()))


class _Nodes(Collection[NodeName]):
    def __init__(self, said: dict[str, dict[str, tuple[tuple[str, ...], bytes]]]) -> None:
        self._said = said

    def __contains__(self, name: object) -> bool:
        label, key = cast(NodeName, name)
        return key in self._said.get(label, {})

    def __iter__(self) -> Iterator[NodeName]:
        return ((label, key) for label, keys in self._said.items() for key in keys)

    def __len__(self) -> int:
        return sum(map(len, self._said.values()))


class _Relationships(Collection[RelationshipName]):
    def __init__(self, marks: set[bytes]) -> None:
        self._marks = marks

    def __contains__(self, name: object) -> bool:
        return _digest(cast(RelationshipName, name)) in self._marks

    def __iter__(self) -> Iterator[RelationshipName]:
        raise TypeError("only their digests are kept")

    def __len__(self) -> int:
        return len(self._marks)


def _checksum(value: object) -> bytes:
    return crc32(repr(value).encode("utf-8", "surrogatepass")).to_bytes(4, "big")


def _digest(name: tuple[object, ...]) -> bytes:
    return blake2b("\x1f".join(map(str, name)).encode("utf-8", "surrogatepass"), digest_size=16).digest()
