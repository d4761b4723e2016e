"""Who stands for an id today?  Merges are followed in one way by everything that keeps an id for longer than an answer.

A merged person or body stays as a stub that leads on, and may be merged again later: chains have at most 16 steps
(`graph.joining` does not make longer ones).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Final

from pydantic import BaseModel, ConfigDict

from graph.database import Database, Query
from graph.errors import NotFoundError

_PAGE: Final = 1_000


class CurrentId(BaseModel):
    """Who an id stands for now, merges followed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    asked: str
    id: str


CURRENT_PEOPLE: Final = Query(
    "current_people",
    """
UNWIND $ids AS asked
MATCH (a:Person {id: asked})
MATCH (a)-[:MERGED_INTO*0..16]->(p:Person)
WHERE p.tombstone IS NULL AND coalesce(p.visibility, '') <> 'restricted'
  AND NOT EXISTS { (p)-[:MERGED_INTO]->(:Person) }
RETURN asked AS asked, min(p.id) AS id
ORDER BY asked
""",
    CurrentId,
)

CURRENT_BODIES: Final = Query(
    "current_bodies",
    """
UNWIND $ids AS asked
MATCH (a:Organisation {id: asked})
MATCH (a)-[:MERGED_INTO*0..16]->(o:Organisation)
WHERE o.tombstone IS NULL AND coalesce(o.visibility, '') <> 'restricted'
  AND NOT EXISTS { (o)-[:MERGED_INTO]->(:Organisation) }
RETURN asked AS asked, min(o.id) AS id
ORDER BY asked
""",
    CurrentId,
)


def current_people(db: Database, *, people: Iterable[str]) -> dict[str, str]:
    """Who do these ids stand for now?  Asked id → id; unknown and restricted ones are left out.

    Raises `StoreUnavailableError`.
    """
    return {row.asked: row.id for page in pages(people) for row in db.read(CURRENT_PEOPLE, ids=page)}


def current_bodies(db: Database, *, organisations: Iterable[str]) -> dict[str, str]:
    """Which bodies do these ids stand for now?  As `current_people`."""
    return {row.asked: row.id for page in pages(organisations) for row in db.read(CURRENT_BODIES, ids=page)}


def current_person(db: Database, *, id: str) -> str:
    """Which person does this id stand for today, merges followed?  Raises `NotFoundError` when it stands for nobody."""
    found = current_people(db, people=[id])
    if id not in found:
        raise NotFoundError("图谱里没有这个编号的人", hint="用 zhiku find experts 查找，编号见结果")
    return found[id]


def all_ids(db: Database, *, people: Collection[str]) -> frozenset[str]:
    """Which ids stand for these people: theirs, and those that merges lead from them to?  Unknown ones stay."""
    return frozenset(people) | frozenset(current_people(db, people=people).values())


def pages(ids: Iterable[str]) -> Iterator[list[str]]:
    """Return distinct ids in pieces that one read takes."""
    distinct = sorted(set(ids))
    for start in range(0, len(distinct), _PAGE):
        yield distinct[start : start + _PAGE]
