"""Who was put forward, by whom, for what, on which works, and what became of it (S39)."""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel, ConfigDict

from graph.database import Database, Query
from queries.answers import Answer
from queries.merges import current_person
from queries.retrieval import check_limit

STATUSES: Final[dict[str, str]] = {
    "proposed": "待定", "accepted": "采纳", "declined": "未采纳", "withdrawn": "撤回",
}  # fmt: skip
MOST_NOMINATIONS: Final = 1_000


class CitedWork(Answer):
    """A work that speaks for the nominated."""

    id: str
    title: str
    year: int | None


class NominationStep(Answer):
    """What became of a nomination: when (ISO moment), by whom, which status, why."""

    at: str
    actor: str
    status: str
    reason: str


class NominationShown(Answer):
    """One nomination with its whole record; `person` is whom the nominated is today."""

    id: str
    person: str
    name: str
    nominator: str
    programme: str
    reason: str
    nominated_on: str
    status: str
    entered_by: str
    works: tuple[CitedWork, ...]
    history: tuple[NominationStep, ...]


class NominationRow(BaseModel):
    """A nomination as the graph has it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    person: str
    name: str
    nominator: str
    programme: str
    reason: str
    nominated_on: str
    status: str
    entered_by: str
    works: list[dict[str, Any]]
    history: list[str]


# Begins at the person where one is named: the other nominations are not read then.
NOMINATIONS: Final = Query(
    "nominations",
    """
MATCH (n:Nomination)
WHERE n.tombstone IS NULL AND coalesce(n.visibility, '') <> 'restricted'
  AND ($status = '' OR coalesce(n.status, 'proposed') = $status)
MATCH (n)-[:NOMINATES]->(p:Person)
WHERE p.tombstone IS NULL AND coalesce(p.visibility, '') <> 'restricted' AND ($person = '' OR p.id = $person)
  AND NOT EXISTS { (p)-[:MERGED_INTO]->(:Person) }
WITH DISTINCT n, p
RETURN n.id AS id, p.id AS person, coalesce(p.name, '') AS name, coalesce(n.nominator, '') AS nominator,
  coalesce(n.programme, '') AS programme, coalesce(n.reason, '') AS reason,
  coalesce(n.nominated_on, '') AS nominated_on, coalesce(n.status, 'proposed') AS status,
  coalesce(n.entered_by, '') AS entered_by,
  [(n)-[:CITES_WORK]->(w) WHERE w.tombstone IS NULL AND coalesce(w.visibility, '') <> 'restricted' |
    {id: w.id, title: coalesce(w.title, ''), year: w.year}] AS works,
  coalesce(n.history, []) AS history
ORDER BY nominated_on DESC, id
LIMIT $limit
""",
    NominationRow,
)


def nominations(db: Database, *, person: str = "", status: str = "", limit: int = 100) -> list[NominationShown]:
    """Who was nominated, the latest first, with reasons, works and what became of it?

    `person`: of one person only (merges followed); `status`: proposed, accepted, declined, withdrawn, "" for all;
    `limit` 1 to 1000. Raises `NotFoundError` for an unknown person, `InputError`.
    """
    check_limit(limit, most=MOST_NOMINATIONS)
    who = current_person(db, id=person.strip()) if person.strip() else ""
    return [_shown(row) for row in db.read(NOMINATIONS, person=who, status=status, limit=limit)]


def _shown(row: NominationRow) -> NominationShown:
    works = {work["id"]: CitedWork.model_validate(work) for work in row.works}
    steps = [line.split("|", 3) for line in sorted(row.history)]
    return NominationShown(
        **row.model_dump(exclude={"works", "history"}),
        works=tuple(sorted(works.values(), key=lambda work: (-(work.year or 0), work.id))),
        history=tuple(
            NominationStep(at=step[0], actor=step[1], status=step[2], reason=step[3])
            for step in steps
            if len(step) == 4
        ),
    )
