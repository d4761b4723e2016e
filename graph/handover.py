"""Handing over: what a later batch must know when an earlier one is undone, and how elements stand now.

Part of `graph.undo`, inside its transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from graph import statements
from graph.batches import read_states
from graph.changes import IDENTITY
from graph.claims import (
    Identity,
    Image,
    image_identity,
    image_of,
    images_digest,
    name_source,
    pack_images,
    people_of,
    unpack_images,
)
from graph.database import Transaction
from graph.model import NODE_BY_LABEL, RELATIONSHIP_BY_NAME

_LATER: Final = """
MATCH (b:Batch)
WHERE b.seq > $seq AND b.source IN $sources AND b.undone_by IS NULL
RETURN b.id AS id, b.seq AS seq
ORDER BY seq
"""
_IMAGES: Final = """
MATCH (b:Batch {id: $id})
RETURN b.images AS images
"""
_STUBS: Final = """
UNWIND $keys AS key
MATCH (p:Person {id: key})
MATCH (p)-[r:MERGED_INTO]->(q)
WHERE r.source = $source
RETURN key, r.seq AS seq
"""
_REWRITE: Final = """
MATCH (b:Batch {id: $id})
SET b.images = $images
"""


def returning(
    images: dict[Identity, Image], open_ones: dict[Identity, Image], stamps: dict[Identity, int]
) -> dict[Identity, Identity]:
    """Which mentions did the batch move, that were changed at their new person since?  New identity → old one."""
    left: dict[Identity, list[Identity]] = {}
    for name, image in images.items():
        if name[0] == "r" and image[-1] is not None and image[-1].get("mention") and name not in stamps:
            left.setdefault(_apart_from_people(name), []).append(name)
    came = [name for name in open_ones if name[0] == "r" and images[name][-1] is None]
    pairs = {name: left.get(_apart_from_people(name), []) for name in came}
    return {name: old[0] for name, old in pairs.items() if len(old) == 1}


def _apart_from_people(name: Identity) -> Identity:
    """A relationship's identity without the people at its ends."""
    start = "" if name[2] == "Person" else name[3]
    end = "" if name[4] == "Person" else name[5]
    return (name[1], name[2], start, name[4], end, *name[6:])


@dataclass(slots=True)
class Handed:
    """Elements given to later batches (each with that batch), digests of the batches rewritten, mentions led back."""

    kept: dict[Identity, str] = field(default_factory=dict[Identity, str])
    rewritten: dict[str, str] = field(default_factory=dict[str, str])
    returned: dict[Identity, Identity] = field(default_factory=dict[Identity, Identity])


def hand_over(
    transaction: Transaction, seq: int, images: dict[Identity, Image], returns: dict[Identity, Identity]
) -> Handed:
    """Put before-images in the place of those of the next later batch that touched the element.

    A claim and a relationship belong to one source each, so that only batches of these sources can have touched them,
    and those of the identity source, which move what others claim. Every later batch that touched a mention of
    `returns` is made to have touched it at its old person.
    """
    handed = Handed()
    if not images:
        return handed
    returns = dict(returns)
    sources = sorted({name_source(name) for name in images} | {IDENTITY.id})
    for batch, theirs in later_batches(transaction, seq, sources):
        if len(handed.kept) == len(images):
            break
        names = {image_identity(image) for image in theirs}
        # Said again at the old person meanwhile: then both stay where they are.
        returns = {new: old for new, old in returns.items() if new in handed.returned or old not in names}
        renamed = {new: old for new, old in returns.items() if new in names}
        spoken_for = handed.kept.keys() | returns.keys() | {*handed.returned.values()}
        shared = names & (images.keys() - spoken_for)
        if not shared and not renamed:
            continue
        packed = pack_images([_rewritten(image, images, shared, renamed, handed.returned) for image in theirs])
        transaction.run(_REWRITE, {"id": batch, "images": packed})
        handed.rewritten[batch] = images_digest(packed)
        handed.kept.update(dict.fromkeys(shared, batch))
        handed.returned.update(renamed)
    return handed


def later_batches(transaction: Transaction, seq: int, sources: Sequence[str]) -> Iterator[tuple[str, list[Image]]]:
    """Give the batches of these sources after a number that are not undone, oldest first: id and before-images."""
    for row in transaction.run(_LATER, {"seq": seq, "sources": list(sources)}):
        yield str(row["id"]), unpack_images(transaction.run(_IMAGES, {"id": row["id"]})[0]["images"])


def _rewritten(
    image: Image,
    images: dict[Identity, Image],
    shared: set[Identity],
    renamed: dict[Identity, Identity],
    returned: dict[Identity, Identity],
) -> Image:
    name = image_identity(image)
    if name in shared:
        return images[name]
    if (old := renamed.get(name)) is None:
        return image
    # The first later batch found it as the one undone left it: without that one, as it was before.
    return image_of(old, image[-1]) if name in returned else images[old]


def led_back(
    transaction: Transaction, images: dict[Identity, Image], returned: dict[Identity, Identity]
) -> dict[Identity, Image]:
    """What to put in the place of before-images where mentions go back as later batches left them."""
    back: dict[Identity, Image] = {}
    now = _current_ties(transaction, returned)
    for name, old in returned.items():
        back[name] = images[name]
        back[old] = image_of(old, now.get(name))
    return back


def current_stamps(transaction: Transaction, images: Iterable[Identity]) -> dict[Identity, int]:
    """Audit numbers of the writes that last said these elements; absent ones are left out."""
    stamps: dict[Identity, int] = {}
    wanted = list(images)
    nodes: dict[str, dict[str, list[Identity]]] = {}
    for name in wanted:
        if name[0] == "n":
            nodes.setdefault(name[1], {}).setdefault(name[2], []).append(name)
    for label, keys in nodes.items():
        states, _ = read_states(transaction, NODE_BY_LABEL[label], keys)
        for key, state in states.items():
            for name in keys[key]:
                if claim := state.claims.get(name_source(name)):
                    stamps[name] = claim.seq
    ties = _current_ties(transaction, (name for name in wanted if name[0] == "r"))
    stamps.update((name, int(props["seq"])) for name, props in ties.items())
    return stamps


def _current_ties(transaction: Transaction, names: Iterable[Identity]) -> dict[Identity, dict[str, Any]]:
    """Properties of these relationships; absent ones are left out."""
    groups: dict[tuple[str, str, str, str], list[Identity]] = {}
    for name in names:
        groups.setdefault((name[1], name[2], name[4], name_source(name)), []).append(name)
    found: dict[Identity, dict[str, Any]] = {}
    for (type_name, start, end, source), group in groups.items():
        text = statements.find_relationship(RELATIONSHIP_BY_NAME[type_name], NODE_BY_LABEL[start], NODE_BY_LABEL[end])
        rows = [{"start": name[3], "end": name[5], "key": name[6]} for name in group]
        for row in transaction.run(text, {"rows": rows, "source": source}):
            found["r", type_name, start, row["start"], end, row["end"], row["key"], source] = row["props"]
    return found


def keep_for_stubs(
    transaction: Transaction, images: Iterable[Image], rewritten: Mapping[str, str]
) -> tuple[dict[Identity, str], dict[str, str]]:
    """Which of these before-images belong to people who were joined into others since?  They wait in that join's batch.

    Given back now they would stand at a stub, where nobody sees them. Returns which batch each waits in, and the
    digests of all batches rewritten, those given included.
    """
    waiting: dict[str, list[Image]] = {}
    for image in images:
        for person in people_of(image_identity(image)) if image[-1] is not None else ():
            waiting.setdefault(person, []).append(image)
    digests = dict(rewritten)
    kept: dict[Identity, str] = {}
    rows = transaction.run(_STUBS, {"keys": sorted(waiting), "source": IDENTITY.id}) if waiting else []
    for row in rows:
        batch = str(row["seq"])
        mine = {image_identity(image): image for image in waiting[str(row["key"])]}
        found = transaction.run(_IMAGES, {"id": batch})
        if not found:
            continue
        theirs = {image_identity(image): image for image in unpack_images(found[0]["images"])}
        packed = pack_images([*{**theirs, **mine}.values()])
        transaction.run(_REWRITE, {"id": batch, "images": packed})
        digests[batch] = images_digest(packed)
        kept.update(dict.fromkeys(mine, batch))
    return kept, digests


__all__ = ["Handed", "current_stamps", "hand_over", "keep_for_stubs", "later_batches", "led_back", "returning"]
