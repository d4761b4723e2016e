"""How far has the question who is who been settled, and on which counts?  A marker in the graph, a file beside it.

The counts (`Background`) are derived: without the file, or with another one than the marker names, they are made anew
from the graph and everything is scored again.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from pydantic import BaseModel

from graph.audit import Effect
from graph.database import Query, Transaction
from graph.errors import InputError, StoreUnavailableError
from graph.store import Store
from ingest.people.statistics import Background

KIND: Final = "identity"

_ID: Final = "identity:people"


class Settled(BaseModel, frozen=True):
    """All writes up to `seq` were looked at, with the counts of `version`, made when there were `works` works."""

    version: str
    made_on: str
    works: int
    seq: int


_READ: Final = Query(
    "identity_settled",
    """
MATCH (a:Analysis {id: 'identity:people'})
RETURN a.version AS version, a.made_on AS made_on, a.works AS works, a.seq AS seq""",
    Settled,
)
_KEEP: Final = """
MERGE (a:Analysis {id: $id})
SET a += $analysis
"""


def read_settled(store: Store) -> Settled | None:
    """Return the marker, None in a store that has never been settled."""
    rows = store.database.read(_READ)
    return rows[0] if rows else None


def keep_settled(store: Store, *, version: str, made_on: str, works: int, actor: str) -> None:
    """Write the marker, with its event: everything up to this very write has been looked at."""

    def work(transaction: Transaction, number: int) -> Effect[None]:
        settled = Settled(version=version, made_on=made_on, works=works, seq=number)
        transaction.run(_KEEP, {"id": _ID, "analysis": {"kind": KIND, **settled.model_dump()}})
        return Effect(None)

    store.audit.write(actor=actor, action="identity_settled", subject=_ID, work=work)


def read_background(store: Store, version: str) -> Background | None:
    """Return the counts of a version; None when the file is not there, damaged, or of other counts."""
    try:
        found = Background.from_bytes(_path(store).read_bytes())
    except (OSError, InputError):
        return None
    return found if found.version == version else None


def keep_background(store: Store, background: Background) -> None:
    """Write the counts beside the graph; raises `StoreUnavailableError` when the folder cannot be written."""
    path = _path(store)
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary.write_bytes(background.to_bytes())
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise StoreUnavailableError(
            f"同名统计写不进 {path.parent}（{error.strerror}）", hint="腾出磁盘空间或改正权限后再试"
        ) from error


def _path(store: Store) -> Path:
    return store.folder / "identity" / f"background-{store.id}.npz"
