"""Model → constraints and indexes. `apply` is idempotent; there is no DDL anywhere else."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Final

from graph.audit import genesis
from graph.database import Database, Transaction
from graph.errors import StoreDamagedError
from graph.model import NODES, SYSTEM

_INDEXES: Final = """
SHOW INDEXES YIELD labelsOrTypes, properties, type RETURN labelsOrTypes AS labels, properties AS properties, type AS
type
"""
_HEADS: Final = """
MATCH (h:AuditHead {id: 'head'})
RETURN count(h) AS heads
"""
_EVENTS: Final = """
MATCH (e:AuditEvent)
RETURN count(e) AS events
"""
_PLANT: Final = """
MERGE (h:AuditHead {id: 'head'})
ON CREATE SET h.number = 0, h.hash = $genesis, h.store_id = $store_id, h.store_key = $store_key, h.schema = 1
RETURN h.store_id AS store_id
"""


@dataclass(frozen=True, slots=True, order=True)
class Index:
    """An index as both engines can be compared by: label, property, whether it is unique (names differ)."""

    label: str
    property: str
    unique: bool


def declared() -> list[Index]:
    """Which indexes does the model ask for?  One unique key per label; further ones never beside it."""
    wanted: list[Index] = []
    for node in NODES:
        wanted.append(Index(node.label, node.key, unique=True))
        indexed = [p.name for p in node.by_name.values() if p.indexed]
        if not node.working:
            indexed += [p.name for p in SYSTEM if p.indexed]
        wanted.extend(Index(node.label, name, unique=False) for name in indexed if name != node.key)
    return sorted(wanted)


def present(database: Database) -> list[Index]:
    """Which indexes are there?  Compared by (label, property), because index names differ between the engines."""
    unique = {(index.label, index.property) for index in declared() if index.unique}
    found: set[Index] = set()
    for row in database.records("show_indexes", _INDEXES):
        if row["type"] == "RANGE" and row["labels"] and row["properties"]:
            pair = (str(row["labels"][0]), str(row["properties"][0]))
            found.add(Index(*pair, unique=pair in unique))
    return sorted(found)


def missing(database: Database) -> list[Index]:
    """Which declared indexes are not there yet?  A new store lacks all of them, and its audit head."""
    there = {(index.label, index.property) for index in present(database)}
    return [index for index in declared() if (index.label, index.property) not in there]


def complete(database: Database) -> bool:
    """Is everything there: every declared index and the audit head?  False also when its making was interrupted."""
    return not missing(database) and database.records("audit_heads", _HEADS)[0]["heads"] == 1


def apply(database: Database, *, store_key: bytes | None = None) -> int:
    """Make what is missing and plant the audit head; return how many indexes were made (0 the second time).

    `store_key` fixes the key that ids are made with (tests, moves between stores); otherwise it is random. Raises
    `StoreDamagedError` when there are audit events but no head: a new head would hide that one was removed.
    """
    absent = missing(database)
    for index in absent:
        database.define("schema", _statement(index))
    store_id = secrets.token_hex(8)

    def plant(transaction: Transaction) -> None:
        if transaction.run(_EVENTS)[0]["events"] and not transaction.run(_HEADS)[0]["heads"]:
            raise StoreDamagedError("图数据库中有审计事件而没有审计链头", hint="请从备份恢复，不要继续写入")
        transaction.run(
            _PLANT,
            {
                "store_id": store_id,
                "genesis": genesis(store_id),
                "store_key": (store_key or secrets.token_bytes(32)).hex(),
            },
        )

    database.write("schema", plant)
    return len(absent)


def _statement(index: Index) -> str:
    name = f"{index.label.lower()}_{index.property}"
    if index.unique:
        return f"CREATE CONSTRAINT {name} IF NOT EXISTS FOR (n:{index.label}) REQUIRE n.{index.property} IS UNIQUE"
    return f"CREATE INDEX {name} IF NOT EXISTS FOR (n:{index.label}) ON (n.{index.property})"
