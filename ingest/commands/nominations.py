"""Nominations written by hand (S39): a person is put forward with reason and works; what becomes of it is recorded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Final, Literal

from pydantic import BaseModel

from graph.changes import LOCAL
from graph.claims import node_claim, relationship_claim
from graph.database import Query
from graph.errors import ConflictError, InputError, NotFoundError
from graph.identity import new_id
from graph.merge import upsert
from graph.model import CITES_WORK, NOMINATES, NOMINATION, check_text
from graph.store import Store
from queries.merges import current_person
from queries.nominations import STATUSES
from queries.posts import today

RUN: Final = "nominations"
LONGEST: Final = {"举荐人": 200, "举荐到": 200, "理由": 2_000}
MOST_WORKS: Final = 50
Outcome = Literal["accepted", "declined", "withdrawn", "proposed"]


class _Work(BaseModel):
    id: str
    output: bool


class _Status(BaseModel):
    status: str


_WORKS: Final = Query(
    "cited_works",
    """
UNWIND $ids AS id
OPTIONAL MATCH (o:Output {id: id})
OPTIONAL MATCH (j:Project {id: id})
WITH id, o, j
WHERE (o IS NOT NULL AND o.tombstone IS NULL AND coalesce(o.visibility, '') <> 'restricted')
   OR (j IS NOT NULL AND j.tombstone IS NULL AND coalesce(j.visibility, '') <> 'restricted')
RETURN id AS id, o IS NOT NULL AS output""",
    _Work,
)
_STATUS: Final = Query(
    "nomination_status",
    """
MATCH (n:Nomination {id: $id})
WHERE n.tombstone IS NULL
RETURN coalesce(n.status, 'proposed') AS status""",
    _Status,
)


def nominate(
    store: Store,
    *,
    person: str,
    nominator: str,
    reason: str,
    actor: str,
    programme: str = "",
    works: Sequence[str] = (),
    on: date | None = None,
) -> str:
    """Put a person forward and return the id of the nomination; undone by its batch like any import.

    `works` are ids of outputs and projects that speak for the person. Raises `NotFoundError` for an unknown person or
    work, `InputError` without a nominator or reason, `ConflictError` when the same nominator did so on the same day for
    the same programme.
    """
    who = current_person(store.database, id=person.strip())
    said = {"举荐人": nominator.strip(), "举荐到": programme.strip(), "理由": reason.strip()}
    for what, text in said.items():
        if not text and what != "举荐到":
            raise InputError(f"没有写{what}")
        if len(text) > LONGEST[what]:
            raise InputError(f"{what}长达 {len(text)} 字，超过上限 {LONGEST[what]}")
        check_text(what, text)
    cited = _works(store, works)
    day = (on or today()).isoformat()
    id = new_id(NOMINATION.prefix, store.key, LOCAL.id, f"{who}|{said['举荐人']}|{said['举荐到']}|{day}", 1)
    if store.database.read(_STATUS, id=id):
        raise ConflictError("同一举荐人当天已经举荐过这个人", hint="用 zhiku nominate list 查看")
    facts = {
        "nominator": said["举荐人"], "programme": said["举荐到"], "reason": said["理由"], "nominated_on": day,
        "status": "proposed", "entered_by": actor, "history": [_step(actor, "proposed", said["理由"])],
    }  # fmt: skip
    ties = [relationship_claim(NOMINATES, ("Nomination", id), ("Person", who))]
    ties += [relationship_claim(CITES_WORK, ("Nomination", id), (label, work)) for work, label in cited.items()]
    upsert(store.audit, LOCAL, [node_claim(NOMINATION, id, facts)], ties, run=RUN, actor=actor)
    return id


def decide_nomination(store: Store, *, id: str, outcome: Outcome, reason: str, actor: str) -> None:
    """Say what became of a nomination; earlier steps stay in its record.

    Raises `NotFoundError`, `InputError` for an unknown outcome or no reason, `ConflictError` when it is so already.
    """
    why = reason.strip()
    if outcome not in STATUSES:
        raise InputError(f"没有这种结果：{outcome[:20]}", hint=f"可用：{'、'.join(STATUSES)}")
    if not why or len(why) > LONGEST["理由"]:
        raise InputError(f"理由应为 1 到 {LONGEST['理由']} 字")
    check_text("理由", why)
    rows = store.database.read(_STATUS, id=id.strip())
    if not rows:
        raise NotFoundError("没有这个编号的举荐", hint="用 zhiku nominate list 查看")
    if rows[0].status == outcome:
        raise ConflictError(f"这个举荐已经是“{STATUSES[outcome]}”")
    facts = {"status": outcome, "history": [_step(actor, outcome, why)]}
    upsert(store.audit, LOCAL, [node_claim(NOMINATION, id.strip(), facts)], [], run=RUN, actor=actor)


def _step(actor: str, status: str, reason: str) -> str:
    moment = datetime.now(UTC).isoformat(timespec="milliseconds")
    return "|".join((moment, actor.replace("|", "/"), status, reason))


def _works(store: Store, works: Sequence[str]) -> dict[str, str]:
    ids = list(dict.fromkeys(work.strip() for work in works if work.strip()))
    if len(ids) > MOST_WORKS:
        raise InputError(f"依据的成果最多 {MOST_WORKS} 项，收到 {len(ids)} 项")
    found = {row.id: "Output" if row.output else "Project" for row in store.database.read(_WORKS, ids=ids)}
    if missing := [id for id in ids if id not in found]:
        raise NotFoundError(f"图谱里没有这个编号的成果或项目：{missing[0][:64]}")
    return found
