"""`join_people`: several persons turn out to be one. All that sources claim of them moves to the one, the others stay
as stubs that redirect for ever.

One transaction, one event, one Batch of all sources' before-images: after a kill everything is there or nothing, and
undo restores what was. A redirect only ever leads to a person who leads nowhere, so that none can form a cycle.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from graph.audit import Effect
from graph.batches import apply_changes_of_sources
from graph.changes import IDENTITY
from graph.claims import Said, derive
from graph.database import Database, RollbackRequest, Transaction
from graph.errors import InputError
from graph.merge import MOST_ELEMENTS
from graph.model import COMMON_DEFAULTS, MERGED_INTO
from graph.people import Also, Moves, People, Tie, leads_on, read_people, strictest, united, united_said
from graph.store import Store

Join = tuple[str, Sequence[str]]
"""Who stays, and the others."""

_PAGE: Final = 2_000
_SIZES: Final = """
UNWIND $keys AS key
MATCH (p:Person {id: key})
OPTIONAL MATCH (p)-[r]-()
RETURN key, count(r) AS size
"""
# Queries follow a redirect 16 steps (`queries.networks`): from there on stubs are led past the one before the last.
_DEEPEST: Final = """
UNWIND $keys AS key
MATCH (p:Person {id: key})
MATCH (p)<-[:MERGED_INTO*15..15]-(x)
RETURN DISTINCT key
"""


@dataclass(frozen=True, slots=True)
class Joined:
    """Who `others` are now: the person `into`; `batch` is the id to undo it by, None when there was nothing to do."""

    into: str
    others: tuple[str, ...]
    batch: str | None


def join_people(
    store: Store, *, into: str, others: Sequence[str], actor: str, run: str, also: Also | None = None
) -> Joined:
    """Let `others` be the same person as `into`, in one transaction with one event (`join`).

    A stub stands for the person it leads to; what an import wrote to a stub meanwhile moves too. Of one source's claims
    of both the one of `into` stands, lists and second labels are united; the same holds for one source's relationships
    of the same identity. The strictest visibility and status of all is kept (`graph.people.STRICTNESS`), claimed by
    the identity source where the others' claims would show a looser one. `also` writes what belongs to it into the same
    transaction (the decision behind it), and may refuse by raising.

    Raises `InputError` without others, `NotFoundError` for an unknown person.
    """
    if not others:
        raise InputError("没有说明要并入的人")
    return _write(store, [(into, others)], subject=into, actor=actor, run=run, also=also)[0]


def join_many(
    store: Store,
    joins: Sequence[Join],
    *,
    actor: str,
    run: str,
    progress: Callable[[int, int], None] | None = None,
    also: Also | None = None,
) -> list[Joined]:
    """Do many joins as `join_people` does each, as many in a transaction as change some 2,000 elements.

    A single larger join is a transaction of its own. Joins that share people are one; the result has an entry for each
    that did something. Killed in between, what is committed stays and the rest can be asked for again: what is
    joined already is left as it is. `progress(done, total)` counts joins; `also` is called in each transaction.
    Raises as `join_people`.
    """
    if any(not others for _, others in joins):
        raise InputError("有一项合并没有说明要并入的人")
    done: list[Joined] = []
    asked = 0
    for chunk in _chunks(joins, _sizes(store.database, joins)):
        subject = chunk[0][0] if len(chunk) == 1 else run
        written = _write(store, chunk, subject=subject, actor=actor, run=run, also=also)
        done.extend(one for one in written if one.batch)
        asked += len(chunk)
        if progress:
            progress(asked, len(joins))
    return done


def _sizes(database: Database, joins: Sequence[Join]) -> dict[str, int]:
    """How many relationships and claims does each of these have?"""
    ids = sorted({id for _, others in joins for id in others})
    sizes: dict[str, int] = {}
    for begin in range(0, len(ids), _PAGE):
        rows = database.records("person_sizes", _SIZES, keys=ids[begin : begin + _PAGE])
        sizes.update((str(row["key"]), int(row["size"])) for row in rows)
    return sizes


def _chunks(joins: Sequence[Join], sizes: dict[str, int]) -> Iterator[list[Join]]:
    chunk: list[Join] = []
    elements = 0
    for join in joins:
        # Each leaves one place and comes to another; the redirect is one more.
        more = sum(2 * sizes.get(other, 0) + 1 for other in join[1])
        if chunk and elements + more > MOST_ELEMENTS:
            yield chunk
            chunk, elements = [], 0
        chunk.append(join)
        elements += more
    if chunk:
        yield chunk


def _write(
    store: Store, joins: Sequence[Join], *, subject: str, actor: str, run: str, also: Also | None = None
) -> list[Joined]:
    """Do these joins in one transaction; entries without a batch when all of it was so already."""
    nothing: list[Joined] = []

    def work(transaction: Transaction, seq: int) -> Effect[list[Joined]]:
        people = read_people(transaction, {id for into, others in joins for id in (into, *others)})
        groups = _groups(people, joins)
        moves = Moves(run, seq)
        too_deep = {str(row["key"]) for row in transaction.run(_DEEPEST, {"keys": _members(groups)})}
        made: list[Joined] = []
        for target, members in groups.items():
            if _is_done(people, target, members):
                continue
            _join(people, moves, target, members, too_deep)
            made.append(Joined(target, tuple(members), f"{seq}"))
        if not made:
            nothing[:] = [Joined(target, (), None) for target in groups]
            raise RollbackRequest
        parts = moves.parts(transaction)
        effect = apply_changes_of_sources(transaction, seq, parts, batch=IDENTITY, run=run)
        if also:
            also(transaction, f"{seq}")
        return Effect(made, effect.images)

    committed = store.audit.write(actor=actor, action="join", subject=subject, work=work)
    return nothing if committed is None else committed.result


def _members(groups: dict[str, list[str]]) -> list[str]:
    return sorted({member for members in groups.values() for member in members})


def _groups(people: People, joins: Sequence[Join]) -> dict[str, list[str]]:
    """Who becomes whom: each person who stays, with the ids that then lead there, in the order they were named."""
    root: dict[str, str] = {}

    def find(person: str) -> str:
        while (above := root.setdefault(person, person)) != person:
            person = above
        return person

    named: dict[str, None] = {}
    for into, others in joins:
        for asked in (into, *others):
            chain = people.chain(asked)
            people.check(chain[-1])
            for stub in chain[:-1]:
                root.setdefault(stub, chain[-1])
            named.update(dict.fromkeys(reversed(chain)))
            if (other := find(chain[-1])) != (target := find(people.chain(into)[-1])):
                root[other] = target
    groups: dict[str, list[str]] = defaultdict(list)
    for person in named:
        target = find(person)
        members = groups[target]
        if person != target:
            members.append(person)
    return dict(groups)


def _is_done(people: People, target: str, members: Sequence[str]) -> bool:
    """Do all of them lead there already, and have nothing of their own?"""
    return all(
        people.chain(member)[-1] == target
        and not people.states[member].claims
        and all(tie.claim.type is MERGED_INTO for tie in people.ties[member])
        for member in members
    )


def _join(people: People, moves: Moves, target: str, members: Sequence[str], too_deep: set[str]) -> None:
    _move_claims(people, moves, target, members)
    to = dict.fromkeys(members, target)
    standing = {tie.name: tie for tie in people.ties[target]}
    for member in members:
        for tie in people.ties[member]:
            if tie.claim.type is MERGED_INTO and (leads_on(tie, member) or member not in too_deep):
                continue
            moves.end(tie)
            moved = tie.at(to)
            if moved.claim.start == moved.claim.end:
                continue
            if (kept := standing.get(moved.name)) is not None:
                both = united(kept.claim.properties, tie.claim.properties)
                moved = Tie(moved.claim._replace(properties=both), kept.source, kept.run)
            standing[moved.name] = moved
            moves.put(moved)
        if member not in people.into:
            moves.redirect(member, target)


def _move_claims(people: People, moves: Moves, target: str, members: Sequence[str]) -> None:
    """Unite what each source says; the identity source says what keeps the strictest visibility and status."""
    said = {source: claim.said for source, claim in people.states[target].claims.items()}
    runs = {source: claim.run for source, claim in people.states[target].claims.items()}
    changed: set[str] = set()
    for member in members:
        for source, claim in people.states[member].claims.items():
            moves.claim(source, member, None)
            said[source] = united_said(said.get(source), claim.said)
            runs.setdefault(source, claim.run)
            changed.add(source)
    guarded = said.pop(IDENTITY.id, None)
    for source in sorted(changed - {IDENTITY.id}):
        moves.claim(source, target, said[source], runs[source])
    derived = derive(said, people.precedence)
    shown = Said({**COMMON_DEFAULTS, **derived.properties}, derived.labels)
    needed = strictest([people.states[id].visible for id in (target, *members)], shown)
    if needed:
        moves.claim(IDENTITY.id, target, Said(needed))
    elif guarded is not None and IDENTITY.id in people.states[target].claims:
        moves.claim(IDENTITY.id, target, None)


__all__ = ["Join", "Joined", "join_many", "join_people"]
