"""The yearly snapshot of a cohort: its members' figures of a year, frozen with a hash."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from graph.audit import Effect
from graph.database import Transaction
from graph.errors import ConflictError, InputError
from graph.identity import new_id
from graph.model import COHORT_SNAPSHOT
from graph.store import Store
from queries.cohorts import cohort_figures
from queries.freezing import canonical_json, content_hash
from queries.posts import today
from queries.saved_lists import saved_list

FORMAT: Final = "zhiku-cohort-1"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot that was made: list, year, SHA-256 of its content, members."""

    list: str
    year: int
    hash: str
    members: int


_THERE: Final = """
MATCH (s:CohortSnapshot {id: $id})
RETURN s.made_on AS made_on
"""
_CREATE: Final = """
CREATE (s:CohortSnapshot)
SET s = $snapshot
"""


def cohort_snapshot(store: Store, *, id: str, year: int, actor: str, on: date | None = None) -> Snapshot:
    """Freeze the figures of a list's members in a year, as known on the day `on` (today by default).

    One snapshot a year, which then stands: later imports change the next one. Raises `NotFoundError`, `InputError` for
    a year to come or an empty list, `ConflictError` when there is one of the year already.
    """
    day = on or today()
    cohort = saved_list(store.database, id=id, on=day).card
    if year > day.year:
        raise InputError(f"{year} 年还没有到")
    figures = cohort_figures(store.database, id=cohort.id, year=year)
    if not figures:
        raise InputError("名单上没有可以统计的人")
    text = canonical_json(
        {
            "format": FORMAT,
            "list": cohort.id,
            "name": cohort.name,
            "year": year,
            "made_on": day.isoformat(),
            "made_by": actor,
            "members": [member.model_dump(mode="json") for member in figures],
        }
    )
    digest = content_hash(text)
    key = new_id(COHORT_SNAPSHOT.prefix, store.key, "cohort", cohort.id, year)
    facts = {"id": key, "list": cohort.id, "year": year, "made_on": day.isoformat(), "made_by": actor}

    def work(transaction: Transaction, _seq: int) -> Effect[Snapshot]:
        if before := transaction.run(_THERE, {"id": key}):
            raise ConflictError(f"{year} 年的快照已于 {before[0]['made_on']} 建立，不再改动")
        transaction.run(_CREATE, {"snapshot": {**facts, "content": text, "hash": digest}})
        return Effect(Snapshot(cohort.id, year, digest, len(figures)))

    subject = f"{cohort.id} {year} sha256:{digest}"
    committed = store.audit.write(actor=actor, action="cohort_snapshot", subject=subject, work=work)
    if committed is None:
        raise RuntimeError("a snapshot is never rolled back on request")
    return committed.result
