"""What sources claim, and what the graph shows of it. Pure.

A node's visible properties are derived from its claims by a fixed source precedence; while a node has one claim, that
claim *is* what is visible and is not written a second time (settled: halves what a first load writes).
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final, NamedTuple, cast

from graph.errors import InputError
from graph.model import (
    ADDING,
    COMMON_DEFAULTS,
    NodeType,
    Property,
    RelationshipType,
    Value,
    check_text,
    check_value,
    is_whole,
)

Properties = dict[str, Value]
EMPTY: Final[Properties] = {}
Image = list[Any]
"""A before-image: identity of a claim or relationship, then what it was; null when it was not there."""
Identity = tuple[str, ...]
"""Kind, label or type and ends, key, source: which claim or relationship an image is of."""


@dataclass(frozen=True, slots=True)
class Said:
    """What one source says of one node: properties and second labels."""

    properties: Properties
    labels: tuple[str, ...] = ()

    def to_json(self) -> str:
        """Return the text kept on the ASSERTS relationship."""
        return json.dumps({"p": self.properties, "l": self.labels}, ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Said:
        """Read what `to_json` wrote."""
        loaded = json.loads(text)
        return cls(loaded["p"], tuple(loaded["l"]))

    def extended(self, newer: Said) -> Said:
        """Return this claim with everything the newer one says put over it: uploads add, they do not take away."""
        said = {**self.properties, **newer.properties}
        for name in ADDING & self.properties.keys() & newer.properties.keys():
            lists = cast(list[str], self.properties[name]), cast(list[str], newer.properties[name])
            said[name] = sorted({*lists[0], *lists[1]})
        return Said(said, tuple(sorted({*self.labels, *newer.labels})))


class NodeClaim(NamedTuple):
    """A source says that this node exists and has these properties; `key` is the value of the type's key property."""

    type: NodeType
    key: str
    properties: Properties
    labels: tuple[str, ...] = ()


class RelationshipClaim(NamedTuple):
    """A source says that start and end are related; `key` tells two such relationships of one source apart."""

    type: RelationshipType
    start: tuple[str, str]
    end: tuple[str, str]
    key: str = ""
    properties: Properties = EMPTY

    @property
    def identity(self) -> tuple[str, str, str, str, str, str]:
        """Type, start label and key, end label and key, own key: what makes it the same relationship."""
        return (self.type.name, *self.start, *self.end, self.key)


def node_claim(node: NodeType, key: str, properties: Mapping[str, object], labels: Iterable[str] = ()) -> NodeClaim:
    """Build a checked claim: properties named and typed as the model says, nothing empty.

    Raises `InputError` for an unknown property or second label, a wrong type, or an empty or over-long key.
    """
    _check_key(node.label, key)
    allowed = {second.label for second in node.seconds}
    chosen = tuple(sorted(set(labels)))
    for label in chosen:
        if label not in allowed:
            raise InputError(f"{node.label} 没有附加标签 {label}")
    return NodeClaim(node, key, _checked(node.label, node.by_name, properties), chosen)


def relationship_claim(
    relationship: RelationshipType,
    start: tuple[str, str],
    end: tuple[str, str],
    *,
    key: str = "",
    properties: Mapping[str, object] | None = None,
) -> RelationshipClaim:
    """Build a checked claim of a relationship between (label, key) pairs; raises `InputError` as `node_claim` does."""
    if (start[0], end[0]) not in relationship.ends:
        raise InputError(f"关系 {relationship.name} 不能从 {start[0]} 到 {end[0]}")
    _check_key(start[0], start[1])
    _check_key(end[0], end[1])
    if not key.isascii():
        check_text(f"{relationship.name} 的区分键", key)
    checked = _checked(relationship.name, relationship.by_name, properties or EMPTY)
    return RelationshipClaim(relationship, start, end, key, checked)


def _check_key(owner: str, key: object) -> None:
    if not isinstance(key, str) or not key or len(key) > 256:
        raise InputError(f"{owner} 的键为空、不是文本或超过 256 字")
    if not key.isascii():
        check_text(f"{owner} 的键", key)


def _checked(owner: str, known: Mapping[str, Property], properties: Mapping[str, object]) -> Properties:
    result: Properties = {}
    for name, value in properties.items():
        prop = known.get(name)
        if prop is None:
            raise InputError(f"{owner} 没有属性 {name}")
        if not value and (value is None or value == "" or value == []):  # noqa: PLR1714 - twice as fast
            continue
        if name in COMMON_DEFAULTS and COMMON_DEFAULTS[name] == value:
            continue
        # Nine of ten values are whole texts: what else there is to check is not worth a call for them.
        if (
            isinstance(value, str)
            and prop.textual
            and len(value) <= prop.longest
            and (value.isascii() or is_whole(value))
        ):
            result[name] = value
            continue
        check_value(owner, prop, value)
        # As `extended` unites them: the same list said again is then no change.
        result[name] = sorted(set(cast(list[str], value))) if prop.adds else cast(Value, value)
    return result


@dataclass(frozen=True, slots=True)
class Claim:
    """One source's claim as it stands in the graph."""

    said: Said
    run: str
    seq: int


@dataclass(slots=True)
class NodeState:
    """A node as read for a write: what is visible and who claims what."""

    exists: bool = False
    visible: Said = field(default_factory=lambda: Said({}))
    claims: dict[str, Claim] = field(default_factory=dict[str, Claim])


def derive(claims: Mapping[str, Said], precedence: Mapping[str, int]) -> Said:
    """Return what is visible: each property from the first source that says it, labels from all.

    Sources are ordered by precedence (smaller first), then by id, so the answer does not depend on the order of
    arrival.
    """
    properties: Properties = {}
    labels: set[str] = set()
    for source in sorted(claims, key=lambda s: (precedence.get(s, 1_000), s)):
        said = claims[source]
        labels.update(said.labels)
        for name, value in said.properties.items():
            properties.setdefault(name, value)
    return Said(properties, tuple(sorted(labels)))


def with_defaults(said: Said) -> Properties:
    """Return the properties to store: what is said plus the defaults of those every node carries."""
    return {**COMMON_DEFAULTS, **said.properties}


def node_image(label: str, key: str, source: str, old: Claim | None) -> list[Any]:
    """Return the before-image of one claim; null when there was none."""
    before = None if old is None else [old.said.properties, old.said.labels, old.run, old.seq]
    return ["n", label, key, source, before]


def relationship_image(claim: RelationshipClaim, source: str, old: Mapping[str, Any] | None) -> list[Any]:
    """Return the before-image of one relationship; null when there was none."""
    return ["r", *claim.identity, source, None if old is None else dict(old)]


def pack_images(images: list[list[Any]]) -> bytes:
    """Compress before-images for their Batch."""
    return zlib.compress(json.dumps(images, ensure_ascii=False, separators=(",", ":")).encode(), 1)


def unpack_images(packed: bytes | bytearray | str) -> list[list[Any]]:
    """Read what `pack_images` wrote."""
    raw = base64.b64decode(packed) if isinstance(packed, str) else bytes(packed)
    return json.loads(zlib.decompress(raw))


def images_digest(packed: bytes) -> str:
    """Return the SHA-256 that the audit chain keeps of before-images: never the values themselves."""
    return sha256(packed).hexdigest()


def image_identity(image: Image) -> Identity:
    """Which claim or relationship is this an image of?"""
    return tuple(image[:4]) if image[0] == "n" else tuple(image[:8])


def image_of(identity: Identity, before: object) -> Image:
    """Return the image of the element with this identity: what `image_identity` took apart."""
    return [*identity, before]


def name_source(identity: Identity) -> str:
    """Which source says the element with this identity?"""
    return identity[-1]


def people_of(identity: Identity) -> tuple[str, ...]:
    """Which people does the element with this identity stand at?"""
    if identity[0] == "n":
        return (identity[2],) if identity[1] == "Person" else ()
    return tuple(identity[place + 1] for place in (2, 4) if identity[place] == "Person")
