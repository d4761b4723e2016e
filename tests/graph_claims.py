"""Short ways to write to a real store in tests: claims of works, people, bodies and what relates them."""

from collections.abc import Mapping, Sequence
from typing import Final

from graph.changes import NodeChange, RelationshipChange
from graph.claims import NodeClaim, RelationshipClaim, node_claim, relationship_claim
from graph.merge import SourceRef, apply_changes, upsert
from graph.model import (
    AFFILIATED_WITH,
    AUTHORED,
    HAS_NAME,
    LOCATED_IN,
    MERGED_INTO,
    ORGANISATION,
    OUTPUT,
    PART_OF,
    PERSON,
)
from graph.store import Store

SOURCE: Final = SourceRef("table", "test", 100)
OTHER: Final = SourceRef("table", "other", 200)

Claim = NodeClaim | RelationshipClaim


def put(store: Store, *claims: Claim, source: SourceRef = SOURCE) -> None:
    """Write these claims in one transaction."""
    nodes = [claim for claim in claims if isinstance(claim, NodeClaim)]
    relationships = [claim for claim in claims if isinstance(claim, RelationshipClaim)]
    upsert(store.audit, source, nodes, relationships, run="R1", actor="test")


def take(store: Store, *claims: Claim, source: SourceRef = SOURCE) -> None:
    """Take these claims away in one transaction."""
    nodes = [NodeChange(claim.type, claim.key, None) for claim in claims if isinstance(claim, NodeClaim)]
    ended = [RelationshipChange(claim, None) for claim in claims if isinstance(claim, RelationshipClaim)]
    store.audit.write(
        actor="test",
        action="take",
        subject="R1",
        work=lambda tx, seq: apply_changes(tx, seq, source, nodes, ended, run="R1", adding=False),
    )


def work(key: str, title: str, **more: object) -> NodeClaim:
    """An output."""
    return node_claim(OUTPUT, key, {"title": title, **more})


def person(key: str, name: str, **more: object) -> NodeClaim:
    """An expert."""
    return node_claim(PERSON, key, {"name": name, **more}, ["Expert"])


def body(key: str, name: str, **more: object) -> NodeClaim:
    """An organisation."""
    return node_claim(ORGANISATION, key, {"name": name, **more})


def authored(who: str, what: str, position: int = 1, bodies: Sequence[str] = ()) -> RelationshipClaim:
    """A mention in an output, with the bodies its affiliation was matched to."""
    properties: Mapping[str, object] = {"position": position, "organisations": list(bodies)}
    return relationship_claim(AUTHORED, ("Person", who), ("Output", what), key=str(position), properties=properties)


def post(who: str, where: str, **more: object) -> RelationshipClaim:
    """A post."""
    return relationship_claim(AFFILIATED_WITH, ("Person", who), ("Organisation", where), properties=more)


def expert_at(key: str, name: str, where: str) -> tuple[NodeClaim, RelationshipClaim]:
    """An expert with a post."""
    return person(key, name), post(key, where)


def part_of(lower: str, upper: str) -> RelationshipClaim:
    """A department in a body."""
    return relationship_claim(PART_OF, ("Organisation", lower), ("Organisation", upper))


def located(organisation: str, region: str) -> RelationshipClaim:
    """A body in a region."""
    return relationship_claim(LOCATED_IN, ("Organisation", organisation), ("Region", region))


def named(label: str, key: str, name: str) -> RelationshipClaim:
    """A further name of a Person or Organisation."""
    return relationship_claim(HAS_NAME, (label, key), ("Name", name))


def merged(label: str, key: str, into: str) -> RelationshipClaim:
    """A stub and what its id redirects to."""
    return relationship_claim(MERGED_INTO, (label, key), (label, into))
