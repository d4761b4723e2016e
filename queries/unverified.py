"""Bodies that are known from bare strings only: what registers and people have not confirmed."""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel, ConfigDict

from graph.database import Database, Query


class UnverifiedOrganisation(BaseModel):
    """A body made from strings: `people` have a post there, counted once each."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    people: int


class UnverifiedCount(BaseModel):
    """How many bodies made from strings there are, and how many of all living bodies that is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    unverified: int
    organisations: int


UNVERIFIED_ORGANISATIONS: Final = Query(
    "unverified_organisations",
    """
MATCH (o:Organisation)
WHERE o.tombstone IS NULL AND coalesce(o.verified, false) = false AND coalesce(o.visibility, '') <> 'restricted'
  AND NOT EXISTS { (o)-[:MERGED_INTO]->(:Organisation) }
OPTIONAL MATCH (o)<-[:AFFILIATED_WITH]-(p:Person)
WHERE p.tombstone IS NULL AND coalesce(p.visibility, '') <> 'restricted'
WITH o, count(DISTINCT p) AS number
RETURN o.id AS id, coalesce(o.name, o.id) AS name, number AS people
ORDER BY people DESC, id
LIMIT $limit
""",
    UnverifiedOrganisation,
)
UNVERIFIED_COUNT: Final = Query(
    "unverified_count",
    """
MATCH (o:Organisation)
WHERE o.tombstone IS NULL AND coalesce(o.visibility, '') <> 'restricted'
  AND NOT EXISTS { (o)-[:MERGED_INTO]->(:Organisation) }
RETURN sum(CASE WHEN coalesce(o.verified, false) THEN 0 ELSE 1 END) AS unverified, count(o) AS organisations
""",
    UnverifiedCount,
)


def unverified_organisations(db: Database, *, limit: int = 20) -> list[UnverifiedOrganisation]:
    """Which bodies are known from strings only, those with most people first?

    Bodies merged into others are left out. `limit` at least 1. Raises `StoreUnavailableError`.
    """
    return db.read(UNVERIFIED_ORGANISATIONS, limit=limit)


def unverified_count(db: Database) -> UnverifiedCount:
    """How many bodies are known from strings only, and how many bodies are there?  Raises `StoreUnavailableError`."""
    return db.read(UNVERIFIED_COUNT)[0]
