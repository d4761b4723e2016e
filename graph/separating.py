"""`separate_people`: some mentions of a person turn out to be somebody else's. They become another person.

One transaction, one event, one Batch, as a join; undo restores what was.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, cast

from graph.audit import Effect
from graph.batches import apply_changes_of_sources
from graph.changes import IDENTITY
from graph.claims import Image, Properties, Said, image_identity, people_of, unpack_images
from graph.database import Transaction
from graph.errors import ConflictError, InputError
from graph.identity import mention_parts, new_id
from graph.model import AFFILIATED_WITH, COMMON_DEFAULTS, MERGED_INTO, PERSON
from graph.people import Also, Moves, People, Tie, leads_on, read_people
from graph.store import Store

# Ids tried for the new person: those of its mentions, then as many made apart from them.
_MOST_IDS: Final = 1_000

_STUBS: Final = """
MATCH (p:Person {id: $id})
MATCH (p)<-[:MERGED_INTO*1..16]-(x)
RETURN DISTINCT x.id AS id
"""
_IMAGES: Final = """
UNWIND $ids AS id
MATCH (b:Batch {id: id})
WHERE b.undone_by IS NULL
RETURN b.id AS id, b.images AS images
"""


@dataclass(frozen=True, slots=True)
class Separated:
    """`new` are the mentions taken from `person`; `batch` is the id to undo it by."""

    person: str
    new: str
    batch: str


@dataclass(slots=True)
class _Parting:
    """What of a person leaves: by source, the mention relationships and records on either side."""

    people: People
    person: str
    leaving: frozenset[str]
    goes: dict[str, list[Tie]] = field(default_factory=lambda: defaultdict[str, list[Tie]](list))
    stays: dict[str, list[Tie]] = field(default_factory=lambda: defaultdict[str, list[Tie]](list))
    others: list[Tie] = field(default_factory=list[Tie])
    records_go: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    records_stay: dict[str, list[str]] = field(default_factory=dict[str, list[str]])

    @property
    def sources(self) -> set[str]:
        """Sources with a mention or record that leaves."""
        return {*self.goes, *(source for source, records in self.records_go.items() if records)}

    def leaves_whole(self, source: str) -> bool:
        """Do all mentions and records of this source leave?"""
        return source in self.sources and not self.stays.get(source) and not self.records_stay.get(source)


def separate_people(
    store: Store,
    *,
    person: str,
    mentions: Sequence[str],
    actor: str,
    run: str,
    name_key: Callable[[str], str] | None = None,
    also: Also | None = None,
) -> Separated:
    """Let the named mentions (of relationships, or `records`) of a person be another person's, in one transaction.

    The other one is the stub that once stood for exactly these, which is revived, or a new person. A source all of
    whose mentions leave takes its claim and relationships along. One with mentions on both sides keeps them; the new
    person gets what that source had said of the stub, or else the name as written (with its block key by `name_key`, by
    default that of the person), and posts go to the side whose mentions name the body, to both where both do. `also`
    writes into the same transaction, as at `join_people`.

    Raises `NotFoundError` for an unknown person, `InputError` for mentions that are not the person's or when all would
    leave, `ConflictError` where a source has two records on the person and only some leave: the graph does not know
    which facts are whose.
    """
    if not mentions:
        raise InputError("没有说明要拆出的提及")

    def work(transaction: Transaction, seq: int) -> Effect[Separated]:
        people = read_people(transaction, [person])
        current = people.chain(person)[-1]
        people.check(current)
        parting = _parting(people, current, frozenset(mentions))
        _check(parting)
        stub = _stub_of(transaction, parting)
        new = stub.id if stub else _unused_id(transaction, store.key, parting)
        moves = Moves(run, seq)
        if stub:
            moves.end(stub.redirect)
        _move_ties(parting, moves, new)
        _move_claims(parting, moves, new, stub.claims if stub else {}, name_key)
        parts = moves.parts(transaction)
        effect = apply_changes_of_sources(transaction, seq, parts, batch=IDENTITY, run=run)
        if also:
            also(transaction, f"{seq}")
        return Effect(Separated(current, new, f"{seq}"), effect.images)

    committed = store.audit.write(actor=actor, action="separate", subject=person, work=work)
    if committed is None:
        raise RuntimeError("a separation is never rolled back on request")
    return committed.result


def _parting(people: People, person: str, leaving: frozenset[str]) -> _Parting:
    parting = _Parting(people, person, leaving)
    for tie in people.ties[person]:
        if not tie.mention:
            parting.others.append(tie)
        elif tie.mention in leaving:
            parting.goes[tie.source].append(tie)
        else:
            parting.stays[tie.source].append(tie)
    for source, claim in people.states[person].claims.items():
        records = _records(claim.said)
        parting.records_go[source] = [record for record in records if record in leaving]
        parting.records_stay[source] = [record for record in records if record not in leaving]
    return parting


def _records(said: Said) -> list[str]:
    return cast(list[str], said.properties.get("records") or [])


def _check(parting: _Parting) -> None:
    known = {tie.mention for ties in parting.goes.values() for tie in ties}
    known.update(record for records in parting.records_go.values() for record in records)
    if unknown := sorted(parting.leaving - known):
        raise InputError(
            f"{len(unknown)} 条提及不是这个人的：{unknown[0]}", hint="用 zhiku identity show 查看这个人的提及"
        )
    if not any(parting.stays.values()) and not any(parting.records_stay.values()):
        raise InputError("这个人的全部提及都要拆出，没有剩下的", hint="只列出属于另一个人的提及")
    for source in sorted(parting.records_go):
        if parting.records_go[source] and parting.records_stay[source]:
            raise ConflictError(
                f"来源 {source} 有几条登记在这个人名下，其中只拆出一部分：图中分不清哪些内容属于哪一条",
                hint="改为撤销当初的合并（zhiku batch undo 批次）",
            )


# --- who the new person is -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Stub:
    """A stub, its redirect, and what each source had claimed of it when it was joined."""

    id: str
    redirect: Tie
    claims: Mapping[str, Said]


def _stub_of(transaction: Transaction, parting: _Parting) -> _Stub | None:
    """Which stub stood for exactly the leaving mentions when it was joined?  The before-images of the joins know."""
    ids = sorted(str(row["id"]) for row in transaction.run(_STUBS, {"id": parting.person}))
    stubs = read_people(transaction, ids)
    redirects: dict[str, Tie] = {}
    for id in ids:
        ways = [tie for tie in stubs.ties[id] if leads_on(tie, id)]
        if len(ways) == 1 and ways[0].source == IDENTITY.id and not stubs.states[id].claims:
            redirects[id] = ways[0]
    joins = sorted({f"{tie.seq}" for tie in redirects.values()})
    images = {
        str(row["id"]): unpack_images(row["images"]) for row in transaction.run(_IMAGES, {"ids": joins}) if redirects
    }
    for id, redirect in redirects.items():
        mentions, claims = _stood_for(id, images.get(f"{redirect.seq}", []))
        if mentions == parting.leaving:
            return _Stub(id, redirect, claims)
    return None


def _stood_for(person: str, images: Sequence[Image]) -> tuple[frozenset[str], dict[str, Said]]:
    """Which mentions did a person have before a join, and what did each source claim?"""
    mentions: set[str] = set()
    claims: dict[str, Said] = {}
    for image in images:
        before = image[-1]
        if before is None or person not in people_of(image_identity(image)):
            continue
        if image[0] == "n":
            claims[image[3]] = Said(before[0], tuple(before[1]))
            mentions.update(_records(claims[image[3]]))
        elif before.get("mention"):
            mentions.add(before["mention"])
    return frozenset(mentions), claims


def _unused_id(transaction: Transaction, store_key: bytes, parting: _Parting) -> str:
    """Return the id made from the smallest mention whose id nobody has or had."""
    for number, (source, row_key, position) in enumerate(_id_parts(sorted(parting.leaving))):
        id = new_id(PERSON.prefix, store_key, source, row_key, position)
        there = read_people(transaction, [id])
        # A separation that was undone leaves its person behind without a claim.
        if id not in there.states or not (there.states[id].claims or there.ties[id]):
            return id
        if number == _MOST_IDS:
            break
    raise ConflictError("这些提及能作的编号都已有人使用", hint="请把这些提及报给维护者")


def _id_parts(mentions: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    parts = [mention_parts(mention) for mention in mentions]
    yield from parts
    for number in range(2, _MOST_IDS):
        source, row_key, position = parts[0]
        yield source, row_key, f"{position}/{number}"


# --- what goes where -------------------------------------------------------------------------------------------------


def _move_ties(parting: _Parting, moves: Moves, new: str) -> None:
    to = {parting.person: new}
    for tie in (tie for ties in parting.goes.values() for tie in ties):
        moves.end(tie)
        moves.put(tie.at(to))
    for tie in parting.others:
        if tie.claim.type is MERGED_INTO:
            continue
        goes, stays = _sides(parting, tie)
        if goes:
            moves.put(tie.at(to))
        if not stays:
            moves.end(tie)


def _sides(parting: _Parting, tie: Tie) -> tuple[bool, bool]:
    """Does a relationship that is no mention go along, and does it stay?"""
    source = tie.source
    if source not in parting.sources:
        return False, True
    if parting.leaves_whole(source):
        return True, False
    record_goes = bool(parting.records_go.get(source))
    if tie.claim.type is not AFFILIATED_WITH:
        return record_goes, not record_goes
    body = tie.claim.end[1]
    goes, stays = _named(parting.goes[source], body), _named(parting.stays[source], body)
    return (goes, stays) if goes or stays else (record_goes, not record_goes)


def _named(mentions: Collection[Tie], body: str) -> bool:
    return any(body in cast(list[str], tie.claim.properties.get("organisations") or []) for tie in mentions)


def _move_claims(
    parting: _Parting, moves: Moves, new: str, before: Mapping[str, Said], name_key: Callable[[str], str] | None
) -> None:
    state = parting.people.states[parting.person]
    gone: set[str] = set()
    for source in sorted(parting.sources):
        claim = state.claims.get(source)
        if claim is not None and parting.leaves_whole(source):
            moves.claim(source, parting.person, None)
            moves.claim(source, new, claim.said, claim.run)
            gone.add(source)
            continue
        records = parting.records_go.get(source) or []
        said = before.get(source) or _name_claim(parting, source, name_key)
        moves.claim(source, new, Said({**said.properties, **({"records": records} if records else {})}, said.labels))
        if records and claim is not None:
            rest: Properties = {name: value for name, value in claim.said.properties.items() if name != "records"}
            moves.claim(source, parting.person, Said(rest, claim.said.labels), claim.run)
    _release(parting, moves, gone, before)


def _name_claim(parting: _Parting, source: str, name_key: Callable[[str], str] | None) -> Said:
    """What a source with mentions on both sides says of the new person: the name as the first of them has it."""
    shown = parting.people.states[parting.person].visible.properties
    mentions = sorted(parting.goes[source], key=lambda tie: tie.mention)
    written = (str(tie.claim.properties.get("name_as_written") or "") for tie in mentions)
    name = next((name for name in written if name), str(shown.get("name") or ""))
    key = name_key(name) if name_key and name else str(shown.get("name_key") or "")
    said: Properties = {"name": name, "name_key": key, "visibility": shown.get("visibility")}
    return Said({n: value for n, value in said.items() if value and COMMON_DEFAULTS.get(n) != value})


def _release(parting: _Parting, moves: Moves, gone: Collection[str], before: Mapping[str, Said]) -> None:
    """Take back the strict value that the identity source says of the person, when its reason goes along."""
    claims = parting.people.states[parting.person].claims
    guard = claims.get(IDENTITY.id)
    if guard is None:
        return
    leaving = [*before.values(), *(claims[source].said for source in gone)]
    staying = [claim.said for source, claim in claims.items() if source != IDENTITY.id and source not in gone]
    released = {
        name
        for name, value in guard.said.properties.items()
        if any(said.properties.get(name) == value for said in leaving)
        and not any(said.properties.get(name) == value for said in staying)
    }
    if released:
        rest: Properties = {name: value for name, value in guard.said.properties.items() if name not in released}
        moves.claim(IDENTITY.id, parting.person, Said(rest) if rest else None, guard.run)


__all__ = ["Separated", "separate_people"]
