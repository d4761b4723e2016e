"""People as a write sees them: all that every source claims of them, whom they redirect to, and how it is put together.

A person is a cluster of mentions (settled). Moving mentions from one person to another is moving claims and
relationships of each source, which keep their source, key, properties and run, so that re-import finds them as its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, cast

from graph import statements
from graph.batches import read_sources, read_states
from graph.changes import IDENTITY, NodeChange, RelationshipChange, SourceChanges, SourceRef, Stamp
from graph.claims import NodeState, Properties, RelationshipClaim, Said
from graph.database import Transaction
from graph.errors import NotFoundError, StoreDamagedError
from graph.model import ADDING, MERGED_INTO, PERSON, RELATIONSHIP_BY_NAME, RELATIONSHIP_SYSTEM, RelationshipType

TieName = tuple[str, tuple[str, ...]]
"""Source id and identity of a relationship."""
Also = Callable[[Transaction, str], None]
"""Writes what belongs to a join or separation into its transaction, given the id of its batch."""


@dataclass(frozen=True, slots=True)
class Tie:
    """One source's relationship at a person, with the run and audit number that said it last."""

    claim: RelationshipClaim
    source: str
    run: str
    seq: int = 0

    @property
    def name(self) -> TieName:
        """Source id and identity: what makes it the same relationship."""
        return self.source, self.claim.identity

    @property
    def mention(self) -> str:
        """Its mention id, "" when it is of another kind."""
        return str(self.claim.properties.get("mention") or "")

    def at(self, to: Mapping[str, str]) -> Tie:
        """Return the same with people in the place of people."""
        claim = self.claim
        start = ("Person", to.get(claim.start[1], claim.start[1])) if claim.start[0] == "Person" else claim.start
        end = ("Person", to.get(claim.end[1], claim.end[1])) if claim.end[0] == "Person" else claim.end
        return Tie(claim._replace(start=start, end=end), self.source, self.run)


@dataclass(slots=True)
class People:
    """People read inside a write, each with claims, relationships and the person that it was merged into."""

    states: dict[str, NodeState] = field(default_factory=dict[str, NodeState])
    precedence: dict[str, int] = field(default_factory=dict[str, int])
    ties: dict[str, list[Tie]] = field(default_factory=lambda: defaultdict[str, list[Tie]](list))
    into: dict[str, str] = field(default_factory=dict[str, str])

    def chain(self, person: str) -> list[str]:
        """Which ids lie between this one and the person it stands for today, both included?"""
        chain = [person]
        while (following := self.into.get(chain[-1])) is not None:
            if following in chain:
                raise StoreDamagedError(f"人员编号 {person} 的并入关系成环", hint="用 zhiku batch list 查看最近的改动")
            chain.append(following)
        return chain

    def check(self, person: str) -> None:
        """Raise `NotFoundError` unless somebody says that this person exists."""
        if person not in self.states or not self.states[person].claims:
            raise NotFoundError(f"图谱里没有编号为 {person} 的人", hint="用 zhiku find experts 查找，编号见结果")


def read_people(transaction: Transaction, ids: Iterable[str]) -> People:
    """Read people and all whom they redirect to, with few statements however many they are."""
    people = People()
    wanted = sorted(set(ids))
    while wanted:
        states, precedence = read_states(transaction, PERSON, wanted)
        people.states.update(states)
        people.precedence.update(precedence)
        for row in transaction.run(statements.relationships_of(PERSON), {"keys": wanted}):
            people.ties[str(row["key"])].append(_tie(row))
        for person in wanted:
            # Several sources may lead to different ones: the smallest id, as `queries.networks` has it.
            ends = sorted(tie.claim.end[1] for tie in people.ties[person] if leads_on(tie, person))
            if ends:
                people.into[person] = ends[0]
        wanted = sorted({*people.into.values()} - people.states.keys())
    return people


def leads_on(tie: Tie, person: str) -> bool:
    """Is this the relationship by which the id of a person redirects?"""
    return tie.claim.type is MERGED_INTO and tie.claim.start[1] == person


def _tie(row: Mapping[str, Any]) -> Tie:
    relationship = RELATIONSHIP_BY_NAME[row["type"]]
    near, far = ("Person", str(row["key"])), (_far_label(relationship, row), str(row["far"]))
    start, end = (near, far) if row["outward"] else (far, near)
    props: dict[str, Any] = row["props"]
    own = {name: value for name, value in props.items() if name not in RELATIONSHIP_SYSTEM}
    return Tie(
        RelationshipClaim(relationship, start, end, props["key"], own), props["source"], props["run"], int(props["seq"])
    )


def _far_label(relationship: RelationshipType, row: Mapping[str, Any]) -> str:
    side = 1 if row["outward"] else 0
    labels = {ends[side] for ends in relationship.ends if ends[1 - side] == "Person"}
    return next(label for label in sorted(labels) if label in row["labels"])


def united(kept: Mapping[str, Any], other: Mapping[str, Any]) -> Properties:
    """Return both sides' properties as one: the kept side's values stand, of lists each text once."""
    result: Properties = {**other, **kept}
    for name in kept.keys() & other.keys():
        if isinstance(kept[name], list):
            texts = list(dict.fromkeys([*cast(list[str], kept[name]), *cast(list[str], other[name])]))
            # As `Said.extended` has them, so that the next import finds them as they are.
            result[name] = sorted(texts) if name in ADDING else texts
    return result


def united_said(kept: Said | None, other: Said) -> Said:
    """Return two claims of one source as one, as `united`; second labels of both."""
    if kept is None:
        return other
    labels = tuple(sorted({*kept.labels, *other.labels}))
    return Said(united(kept.properties, other.properties), labels)


@dataclass(slots=True)
class Moves:
    """Changes gathered for one transaction, each element once; the last word on it holds."""

    run: str
    seq: int
    nodes: dict[tuple[str, str], NodeChange] = field(default_factory=dict[tuple[str, str], NodeChange])
    relationships: dict[TieName, RelationshipChange] = field(default_factory=dict[TieName, RelationshipChange])

    def claim(self, source: str, person: str, said: Said | None, run: str = "") -> None:
        """Let a source say this of a person; None takes its claim away. `run` said it first, else this run."""
        self.nodes[source, person] = NodeChange(PERSON, person, said, None if said is None else self._stamp(run))

    def end(self, tie: Tie) -> None:
        """Take a relationship away."""
        self.relationships[tie.name] = RelationshipChange(tie.claim, None)

    def put(self, tie: Tie) -> None:
        """Let a relationship be there with these properties.

        Its stamp is always new: what was united here is seen to have been touched even where nothing changed, so that
        undoing the earlier write alone does not take away what the other person had brought along.
        """
        claim = tie.claim
        self.relationships[tie.name] = RelationshipChange(claim, claim.properties, self._stamp(tie.run))

    def redirect(self, stub: str, to: str) -> None:
        """Let the id of a stub lead to a person."""
        self.put(Tie(RelationshipClaim(MERGED_INTO, ("Person", stub), ("Person", to)), IDENTITY.id, self.run))

    def parts(self, transaction: Transaction) -> list[SourceChanges]:
        """Return the changes by source."""
        ids = {source for source, _ in self.nodes} | {source for source, _ in self.relationships}
        known: dict[str, SourceRef] = {IDENTITY.id: IDENTITY, **read_sources(transaction, ids)}
        return [
            SourceChanges(
                known[source],
                [change for (said_by, _), change in self.nodes.items() if said_by == source],
                [change for (said_by, _), change in self.relationships.items() if said_by == source],
            )
            for source in sorted(ids)
        ]

    def _stamp(self, run: str) -> Stamp:
        return run or self.run, self.seq


# Looser first. A word that the list does not know is stricter than all but the last: it may hide more than we know.
STRICTNESS: Final[Mapping[str, Sequence[str]]] = {
    "visibility": ("public", "members", "staff", "restricted"),
    "status": ("admitted", "candidate", "left", "suspended"),
}


def strictest(visible: Iterable[Said], derived: Said) -> Properties:
    """Which visibility and status must be claimed, so that nobody becomes less restricted by a join?

    `visible` is what was shown of each of the people before, `derived` what would be shown of the one they become.
    Returns the strictest value of each property where the derived one is looser.
    """
    needed: Properties = {}
    shown = list(visible)
    for name, order in STRICTNESS.items():
        values = [str(said.properties[name]) for said in shown if said.properties.get(name)]
        value = max(values, key=lambda word: _strictness(order, word), default="")
        if value and _strictness(order, value) > _strictness(order, str(derived.properties.get(name) or "")):
            needed[name] = value
    return needed


def _strictness(order: Sequence[str], word: str) -> float:
    """Place in the order; nothing said is -1."""
    if not word:
        return -1
    return order.index(word) if word in order else len(order) - 1.5


__all__ = [
    "STRICTNESS",
    "Also",
    "Moves",
    "People",
    "Tie",
    "leads_on",
    "read_people",
    "strictest",
    "united",
    "united_said",
]
