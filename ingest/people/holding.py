"""Which mentions does a person hold?  Read before an answer is given, and again inside the write that keeps it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from graph.claims import Said
from graph.database import Database, Transaction
from graph.errors import ConflictError, InputError, NotFoundError

_PERSON: Final = """
MATCH (q:Person {id: $id})
OPTIONAL MATCH (q)-[:MERGED_INTO*1..16]->(s)
WHERE NOT EXISTS { (s)-[:MERGED_INTO]->(:Person) }
WITH coalesce(s, q) AS p
WHERE p.tombstone IS NULL
RETURN p.id AS id, p.name AS name, coalesce(p.visibility, '') AS visibility, p.records AS records,
  [(p)-[r:AUTHORED|LED|PARTICIPATED_IN]->() | r.mention] AS mentions,
  [(p)<-[a:ASSERTS]-(:Source) | a.said] AS said
"""


@dataclass(frozen=True, slots=True)
class Holder:
    """A person with all mentions, in their order."""

    id: str
    mentions: tuple[str, ...]


def two_holders(database: Database, left: str, right: str) -> tuple[Holder, Holder]:
    """Return both; raises as `holder`, and `InputError` when they are one."""
    one, other = holder(database, left), holder(database, right)
    if one.id == other.id:
        raise InputError("这两个编号是同一个人", hint="用 zhiku identity show 查看；要拆开，用 zhiku identity split")
    return one, other


def holder(database: Database, id_: str) -> Holder:
    """Return who stands behind an id today; raises `NotFoundError`, and `InputError` for one without mentions."""
    rows = database.records("identity_person", _PERSON, id=id_)
    # A restricted person is nobody's business here: as if there were none.
    if not rows or rows[0]["visibility"] == "restricted":
        raise NotFoundError(f"图谱里没有编号为 {id_} 的人", hint="用 zhiku find experts 查找，编号见结果")
    mentions = _mentions(rows[0])
    if not mentions:
        raise InputError(f"{id_} 没有任何提及，无从判断", hint="只有来自资料的人才能合并或拆分")
    return Holder(str(rows[0]["id"]), tuple(sorted(mentions)))


def check_holds(transaction: Transaction, id_: str, mentions: Collection[str]) -> None:
    """Refuse, inside a write, an answer given looking at other mentions than the person has by now.

    Raises `ConflictError`; also when the person has become another one, or is gone.
    """
    if _held(transaction, id_) != set(mentions):
        raise _changed_meanwhile()


def check_holds_still(transaction: Transaction, id_: str, mentions: Collection[str]) -> None:
    """Refuse, inside a write, an answer about mentions that are not all the person's any more (`ConflictError`)."""
    if not set(mentions) <= _held(transaction, id_):
        raise _changed_meanwhile()


def _held(transaction: Transaction, id_: str) -> set[str]:
    rows = transaction.run(_PERSON, {"id": id_})
    return _mentions(rows[0]) if rows and rows[0]["id"] == id_ else set()


def _changed_meanwhile() -> ConflictError:
    return ConflictError(
        "其间有人合并、拆分或导入了这些人的记录，这次的回答没有保存", hint="重新看一遍再回答：zhiku identity show 编号"
    )


def _mentions(row: dict[str, Any]) -> set[str]:
    found = {str(mention) for mention in row["mentions"] if mention} | set(row["records"] or ())
    for said in row["said"]:
        if said:
            found.update(str(record) for record in Said.from_json(said).properties.get("records") or ())  # pyright: ignore
    return found
