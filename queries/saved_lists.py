"""Lists that people keep: which there are, who is on one, whom its members are today, and whether it is as frozen."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final, Literal, cast

from pydantic import BaseModel, ConfigDict

from graph.database import Database, Query
from graph.errors import NotFoundError
from queries.answers import Answer
from queries.freezing import content_hash
from queries.merges import current_bodies, current_people
from queries.networks import PEOPLE_SHOWN
from queries.posts import Affiliation, posts_and_memberships, today
from queries.retrieval import check_limit
from queries.services import BODIES_SHOWN

ListKind = Literal["experts", "organisations"]
Purpose = Literal["selection", "job", "cohort"]
PURPOSES: Final[dict[str, str]] = {"selection": "备选", "job": "任务", "cohort": "跟踪梯队"}
HIDDEN_NAME: Final = "（不公开或已撤下）"
MOST_LISTS: Final = 1_000
FREEZE_ACTION: Final = "list_freeze"


class ListCard(Answer):
    """One saved list without its members; `until_day` is the last day of a job, `members` how many are on it."""

    id: str
    name: str
    kind: ListKind
    purpose: Purpose
    question: str
    filters: str
    ranking: str
    sequence: int
    saved_on: str
    saved_by: str
    from_day: str | None
    until_day: str | None
    copied_from: str
    frozen_hash: str
    frozen_on: str
    frozen_by: str
    members: int


class ListedMember(Answer):
    """One member: `id` as it was listed, `current` whom it leads to today ("" when nobody that may be shown).

    `name`, `unit` and `title` are of today, or as frozen when the list is. `change` says in Chinese what became of the
    member since; `same_as` is the rank of another member that is the same one today.
    """

    rank: int
    id: str
    current: str
    name: str
    unit: str
    title: str
    score: float | None
    note: str
    by_hand: bool
    reason: str
    added_by: str
    added_on: str
    change: str
    same_as: int | None


class SavedListAnswer(Answer):
    """A saved list: what was asked (`filters` as kept, JSON read), and its members in order."""

    card: ListCard
    filters: dict[str, Any]
    members: tuple[ListedMember, ...]
    notes: tuple[str, ...]


class ListVerification(Answer):
    """Whether a frozen list is as it was frozen: the hash cited, the hash of its content now, each fault a sentence."""

    id: str
    name: str
    frozen_hash: str
    computed_hash: str
    faults: tuple[str, ...]
    ok: bool


class ListRow(BaseModel):
    """A saved list as the graph has it; `valid_to` is the day after the last one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    kind: ListKind
    purpose: Purpose
    question: str
    filters: str
    ranking: str
    sequence: int
    saved_on: str
    saved_by: str
    valid_from: str | None
    valid_to: str | None
    copied_from: str
    frozen: str
    frozen_hash: str
    frozen_on: str
    frozen_by: str
    members: int


class MemberRow(BaseModel):
    """A member as the graph has it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    rank: int
    score: float | None
    note: str
    by_hand: bool
    reason: str
    added_by: str
    added_on: str


class CurrentMember(BaseModel):
    """Whom a listed id leads to today, when that may be shown."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    current: str
    name: str
    title: str
    affiliations: list[Affiliation]


class ListProof(BaseModel):
    """What speaks for a frozen list: the subject of the audit event that froze it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    action: str
    subject: str


class ListId(BaseModel):
    """The id of a list."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str


SAVED_LISTS: Final = Query(
    "saved_lists",
    """
MATCH (l:SavedList)
WHERE $purpose = '' OR l.purpose = $purpose
RETURN l.id AS id, l.name AS name, l.kind AS kind, l.purpose AS purpose, coalesce(l.question, '') AS question,
  coalesce(l.filters, '{}') AS filters, coalesce(l.ranking, '') AS ranking, coalesce(l.sequence, 0) AS sequence,
  l.saved_on AS saved_on, l.saved_by AS saved_by, l.valid_from AS valid_from, l.valid_to AS valid_to,
  coalesce(l.copied_from, '') AS copied_from, '' AS frozen, coalesce(l.frozen_hash, '') AS frozen_hash,
  coalesce(l.frozen_on, '') AS frozen_on, coalesce(l.frozen_by, '') AS frozen_by,
  COUNT { MATCH (l)-[:LISTS]->() } AS members
ORDER BY saved_on DESC, id
LIMIT $limit
""",
    ListRow,
)
SAVED_LIST: Final = Query(
    "saved_list",
    """
MATCH (l:SavedList {id: $id})
RETURN l.id AS id, l.name AS name, l.kind AS kind, l.purpose AS purpose, coalesce(l.question, '') AS question,
  coalesce(l.filters, '{}') AS filters, coalesce(l.ranking, '') AS ranking, coalesce(l.sequence, 0) AS sequence,
  l.saved_on AS saved_on, l.saved_by AS saved_by, l.valid_from AS valid_from, l.valid_to AS valid_to,
  coalesce(l.copied_from, '') AS copied_from, coalesce(l.frozen, '') AS frozen,
  coalesce(l.frozen_hash, '') AS frozen_hash, coalesce(l.frozen_on, '') AS frozen_on,
  coalesce(l.frozen_by, '') AS frozen_by,
  COUNT { MATCH (l)-[:LISTS]->() } AS members
""",
    ListRow,
)
LIST_NAMED: Final = Query(
    "list_named",
    """
MATCH (l:SavedList {name: $name})
RETURN l.id AS id
ORDER BY id
LIMIT 1
""",
    ListId,
)
LIST_MEMBERS: Final = Query(
    "list_members",
    """
MATCH (l:SavedList {id: $id})
MATCH (l)-[m:LISTS]->(e)
RETURN e.id AS id, m.rank AS rank, m.score AS score, coalesce(m.note, '') AS note,
  coalesce(m.by_hand, false) AS by_hand, coalesce(m.reason, '') AS reason, coalesce(m.added_by, '') AS added_by,
  coalesce(m.added_on, '') AS added_on
ORDER BY rank, id
""",
    MemberRow,
)
LIST_PROOF: Final = Query(
    "list_proof",
    """
MATCH (l:SavedList {id: $id})
MATCH (e:AuditEvent {number: l.frozen_seq})
RETURN coalesce(e.action, '') AS action, coalesce(e.subject, '') AS subject
""",
    ListProof,
)


def saved_lists(db: Database, *, purpose: str = "", limit: int = 100) -> list[ListCard]:
    """Which lists were saved, the newest first?

    `purpose` selection, job or cohort, "" for all; `limit` 1 to 1000. Raises `InputError` for a limit out of bounds.
    """
    check_limit(limit, most=MOST_LISTS)
    return [_card(row) for row in db.read(SAVED_LISTS, purpose=purpose, limit=limit)]


def list_id(db: Database, *, id: str) -> str:
    """Which list is meant by this id or exact name?  Raises `NotFoundError`."""
    written = id.strip()
    if db.read(SAVED_LIST, id=written):
        return written
    if named := db.read(LIST_NAMED, name=written):
        return named[0].id
    raise NotFoundError("没有这个名单", hint="用 zhiku list list 查看有哪些名单；名称要写全")


def saved_list(db: Database, *, id: str, on: date | None = None) -> SavedListAnswer:
    """Who is on this list, and who are they today?

    `id` is the list's id or exact name. Members follow merges; of an open list names, units and titles are those of
    the day `on` (today by default), a frozen one keeps what was frozen and says what became of its members since.
    Whoever may not be shown any more stands there without a name. Raises `NotFoundError`.
    """
    row = db.read(SAVED_LIST, id=list_id(db, id=id))[0]
    rows = db.read(LIST_MEMBERS, id=row.id)
    ids = [member.id for member in rows]
    found = _people_today(db, ids) if row.kind == "experts" else _bodies_today(db, ids)
    frozen = _frozen_members(row.frozen)
    day = on or today()
    members: list[ListedMember] = []
    first: dict[str, int] = {}
    for member in rows:
        shown = _member(member, found.get(member.id), frozen.get(member.id), day)
        if shown.current:
            same = first.setdefault(shown.current, shown.rank)
            shown = shown if same == shown.rank else shown.model_copy(update={"same_as": same})
        members.append(shown)
    return SavedListAnswer(
        card=_card(row), filters=_filters(row.filters), members=tuple(members), notes=_notes(row, members)
    )


def _people_today(db: Database, ids: Sequence[str]) -> dict[str, CurrentMember]:
    current = current_people(db, people=ids)
    cards = {card.id: card for card in db.read(PEOPLE_SHOWN, people=sorted(set(current.values())))}
    return {
        asked: CurrentMember(
            id=asked,
            current=now,
            name=cards[now].name,
            title=cards[now].professional_title,
            affiliations=cards[now].affiliations,
        )
        for asked, now in current.items()
        if now in cards
    }


def _bodies_today(db: Database, ids: Sequence[str]) -> dict[str, CurrentMember]:
    current = current_bodies(db, organisations=ids)
    shown = {body.id: body for body in db.read(BODIES_SHOWN, organisations=sorted(set(current.values())))}
    return {
        asked: CurrentMember(id=asked, current=now, name=shown[now].name, title=shown[now].kind, affiliations=[])
        for asked, now in current.items()
        if now in shown
    }


def list_verification(db: Database, *, id: str) -> ListVerification:
    """Is this frozen list as it was frozen?

    Compared are the hash, the frozen content, the members that stand in the graph, and the audit event that froze it,
    whose subject names the hash: the chain of events guards it. A list that was never frozen has that as its fault.
    Raises `NotFoundError`.
    """
    row = db.read(SAVED_LIST, id=list_id(db, id=id))[0]
    faults: list[str] = []
    computed = content_hash(row.frozen) if row.frozen else ""
    if not row.frozen_hash:
        faults.append("名单没有冻结，没有可核对的散列")
    else:
        if computed != row.frozen_hash:
            faults.append("冻结的内容被改动：算出的散列与记下的不符")
        proof = db.read(LIST_PROOF, id=row.id)
        if not proof or (proof[0].action, proof[0].subject) != (FREEZE_ACTION, frozen_subject(row.id, row.frozen_hash)):
            faults.append("审计链里没有这次冻结，或记的是另一个散列")
        frozen = _frozen_members(row.frozen)
        standing = {member.id: (member.rank, member.score, member.note) for member in db.read(LIST_MEMBERS, id=row.id)}
        if standing != {key: (m.get("rank"), m.get("score"), m.get("note")) for key, m in frozen.items()}:
            faults.append("名单的成员与冻结的内容不符")
    return ListVerification(
        id=row.id,
        name=row.name,
        frozen_hash=row.frozen_hash,
        computed_hash=computed,
        faults=tuple(faults),
        ok=not faults,
    )


def frozen_subject(id: str, digest: str) -> str:
    """Return what the audit event of a freezing is about."""
    return f"{id} sha256:{digest}"


def _card(row: ListRow) -> ListCard:
    until = None if row.valid_to is None else (date.fromisoformat(row.valid_to) - timedelta(days=1)).isoformat()
    facts = row.model_dump(exclude={"valid_from", "valid_to", "frozen"})
    return ListCard(**facts, from_day=row.valid_from, until_day=until)


def _filters(text: str) -> dict[str, Any]:
    try:
        read: object = json.loads(text)
    except ValueError:
        return {}
    return cast(dict[str, Any], read) if isinstance(read, dict) else {}


def _frozen_members(text: str) -> dict[str, dict[str, Any]]:
    listed = cast(Sequence[dict[str, Any]], _filters(text).get("members", ()))
    return {str(member.get("id")): member for member in listed}


def _member(row: MemberRow, now: CurrentMember | None, frozen: dict[str, Any] | None, on: date) -> ListedMember:
    unit = _unit(now, on) if now else ""
    shown = (HIDDEN_NAME, "", "") if now is None else (now.name, unit, now.title)
    change = ""
    if now is None:
        change = "现在不可显示"
    elif now.current != row.id:
        change = f"已并入 {now.current}"
    if now and frozen:
        shown = str(frozen.get("name", "")), str(frozen.get("unit", "")), str(frozen.get("title", ""))
        later = "、".join(
            f"{what}现为{new or '空'}"
            for what, old, new in zip(("姓名", "单位", "职称"), shown, (now.name, unit, now.title), strict=True)
            if old != new
        )
        change = "；".join(part for part in (change, later) if part)
    return ListedMember(
        **row.model_dump(),
        current=now.current if now else "",
        name=shown[0],
        unit=shown[1],
        title=shown[2],
        change=change,
        same_as=None,
    )


def _unit(member: CurrentMember, on: date) -> str:
    posts, _ = posts_and_memberships(member.affiliations, on)
    return next((post.name for post in posts if post.standing != "former"), "")


def _notes(row: ListRow, members: Sequence[ListedMember]) -> tuple[str, ...]:
    notes: list[str] = []
    if row.frozen_hash:
        notes.append(f"名单已于 {row.frozen_on} 冻结，内容保持冻结时的样子；要改动请先复制")
    if changed := [member.rank for member in members if member.change]:
        notes.append(f"保存以后有变化的：第 {'、'.join(map(str, changed))} 位")
    notes.extend(f"第 {m.rank} 位与第 {m.same_as} 位现在是同一个" for m in members if m.same_as is not None)
    return tuple(notes)
