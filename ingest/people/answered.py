"""A question that is answered: out of the queue as long as its answer stands, and of two answers the first counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from graph.database import Database, Transaction
from graph.errors import ConflictError

_ANSWERED: Final = """
MATCH (q:ReviewQuestion {id: $id})
WHERE q.answered_by IS NOT NULL
RETURN q.answered_by AS batch
"""
_CLOSE: Final = """
MATCH (q:ReviewQuestion {id: $id})
SET q.answered_by = $batch
"""
_OPEN_AGAIN: Final = """
MATCH (q:ReviewQuestion)
WHERE q.answered_by = $batch
REMOVE q.answered_by
"""


def close_question(transaction: Transaction, id_: str, batch: str) -> None:
    """Take an answered question out of the queue, inside the write that keeps the answer, whose number is `batch`.

    Raises `ConflictError` when somebody answered it before: of two who look at one question, the first is heard.
    """
    if before := _answered(id_, transaction.run(_ANSWERED, {"id": id_})):
        raise before
    transaction.run(_CLOSE, {"id": id_, "batch": batch})


def answered_before(database: Database, id_: str) -> ConflictError | None:
    """Return what to tell whoever answers a question that is answered already; None while it is open or unknown."""
    return _answered(id_, database.records("review_answered", _ANSWERED, id=id_))


def _answered(id_: str, rows: Sequence[dict[str, Any]]) -> ConflictError | None:
    if not rows:
        return None
    batch = rows[0]["batch"]
    return ConflictError(
        f"问题 {id_} 已经回答过（编号 {batch}），这次的回答没有保存",
        hint=f"如要改变，先撤回：zhiku identity undo {batch}",
    )


def open_again(transaction: Transaction, batch: str) -> None:
    """Put the question of an answer back into the queue, inside the write that takes the answer back.

    Settling would not ask it: no fact of its names has changed.
    """
    transaction.run(_OPEN_AGAIN, {"batch": batch})
