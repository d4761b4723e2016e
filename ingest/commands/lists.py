"""Lists written by hand: saved from an answer, annotated, changed with a reason, frozen so that a panel can cite them.

Each change is one audited transaction: killed in between, the list is as before or as after. A list is working data of
its own (no source claims it), so no import and no undo changes it; the audit says who did what.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, LiteralString

from graph.audit import Effect
from graph.database import Record, Transaction
from graph.errors import ConflictError, InputError, NotFoundError
from graph.identity import new_id
from graph.model import SAVED_LIST, check_text
from graph.store import Store
from ingest.commands.list_checks import (
    LONGEST_FILTERS,
    LONGEST_NAME,
    LONGEST_NOTE,
    LONGEST_QUESTION,
    MOST_MEMBERS,
    Member,
    check_members,
    check_purpose,
    list_name,
    written,
)
from ingest.commands.list_statements import (
    ANNOTATE,
    BODIES,
    CREATE,
    DISCARD,
    FREEZE,
    LIST_BODIES,
    LIST_PEOPLE,
    MEMBERS,
    PEOPLE,
    REMOVE,
    RERANK,
    STATE,
)
from queries.answers import ExpertsAnswer, OrganisationsAnswer
from queries.freezing import canonical_json, content_hash
from queries.posts import today
from queries.saved_lists import (
    FREEZE_ACTION,
    ListedMember,
    ListKind,
    Purpose,
    SavedListAnswer,
    frozen_subject,
    list_id,
    saved_list,
)

FORMAT: Final = "zhiku-list-1"


@dataclass(frozen=True, slots=True)
class Frozen:
    """A frozen list: its id, the SHA-256 to cite, how many members."""

    id: str
    name: str
    hash: str
    members: int


def save_list(
    store: Store,
    *,
    name: str,
    actor: str,
    members: Sequence[Member],
    kind: ListKind = "experts",
    purpose: Purpose = "selection",
    question: str = "",
    filters: Mapping[str, object] | None = None,
    ranking: str = "",
    sequence: int = 0,
    from_day: date | None = None,
    until_day: date | None = None,
    copied_from: str = "",
    on: date | None = None,
) -> str:
    """Keep a list under a name, members in the order given, and return its id.

    `filters` are kept as JSON. A job (`purpose`) has its days, the last one included: its members count as busy with
    one job then. `on` is the day of saving, today by default. Raises `InputError` for a name, note or number of members
    out of bounds, `NotFoundError` for a member that is not there or may not be shown, `ConflictError` when another list
    has the name.
    """
    title = list_name(name)
    check_purpose(kind, purpose, from_day, until_day)
    if len(question) > LONGEST_QUESTION:
        raise InputError(f"问题长达 {len(question)} 字，超过上限 {LONGEST_QUESTION}")
    check_text("问题", question)
    kept = canonical_json(dict(filters or {}))
    if len(kept) > LONGEST_FILTERS:
        raise InputError("筛选条件太长，没有保存")
    check_members(members)
    day = (on or today()).isoformat()
    id = new_id(SAVED_LIST.prefix, store.key, "list", title, 1)
    facts: dict[str, object] = {
        "id": id, "name": title, "kind": kind, "purpose": purpose, "question": question, "filters": kept,
        "ranking": ranking, "sequence": sequence, "saved_on": day, "saved_by": actor, "copied_from": copied_from,
        "valid_from": from_day.isoformat() if from_day else None,
        "valid_to": (until_day + timedelta(days=1)).isoformat() if until_day else None,
    }  # fmt: skip

    def work(transaction: Transaction, _seq: int) -> Effect[None]:
        if transaction.run(STATE, {"id": id}):
            raise ConflictError(f"已经有名为“{title}”的名单", hint="换一个名称，或用 zhiku list add 往里加人")
        transaction.run(CREATE, {"list": {key: value for key, value in facts.items() if value is not None}})
        rows = [_row(member, place, actor, day) for place, member in enumerate(members, 1)]
        _put(transaction, id, kind, rows)
        return Effect(None)

    store.audit.write(actor=actor, action="list_save", subject=id, work=work)
    return id


def save_answer(
    store: Store,
    answer: ExpertsAnswer | OrganisationsAnswer,
    *,
    name: str,
    actor: str,
    filters: Mapping[str, object] | None = None,
    purpose: Purpose = "selection",
    from_day: date | None = None,
    until_day: date | None = None,
    on: date | None = None,
) -> str:
    """Keep an answer under a name: question, filters, ranking version, sequence and members.

    Raises as `save_list`, and `NotFoundError` for an empty answer.
    """
    experts = isinstance(answer, ExpertsAnswer)
    found = answer.experts if experts else answer.organisations
    if not found:
        raise NotFoundError("这个问题没有答案，没有保存名单", hint="换一个更常用的词，或少用几个条件再试")
    return save_list(
        store,
        name=name,
        actor=actor,
        members=[Member(row.id, row.score) for row in found],
        kind="experts" if experts else "organisations",
        purpose=purpose,
        question=answer.question,
        filters=filters,
        ranking=answer.ranking,
        sequence=answer.sequence,
        from_day=from_day,
        until_day=until_day,
        on=on,
    )


def annotate_member(store: Store, *, id: str, member: str, note: str, actor: str) -> None:
    """Write a note beside a member, in the place of an earlier one; an empty note takes it away.

    Raises `NotFoundError` for an unknown list or member, `ConflictError` for a frozen list, `InputError`.
    """
    text = written("批注", note)
    shown = _found(store, id, member)

    def work(transaction: Transaction, _seq: int) -> Effect[None]:
        _open(transaction, shown.card)
        if not transaction.run(ANNOTATE, {"id": shown.card, "member": shown.member.id, "note": text})[0]["done"]:
            raise _no_member()
        return Effect(None)

    store.audit.write(actor=actor, action="list_annotate", subject=f"{shown.card} {shown.member.id}", work=work)


def add_member(store: Store, *, id: str, member: str, reason: str, actor: str, on: date | None = None) -> int:
    """Put somebody on a list by hand, at its end, with the reason; returns the rank.

    Raises `NotFoundError`, `ConflictError` for a frozen list or one who is on it, `InputError` without a reason.
    """
    why = written("理由", reason, needed=True)
    card = saved_list(store.database, id=id).card
    day, wanted = (on or today()).isoformat(), member.strip()

    def work(transaction: Transaction, _seq: int) -> Effect[int]:
        kind = _open(transaction, card.id)
        rows = transaction.run(MEMBERS, {"id": card.id})
        if any(row["id"] == wanted for row in rows):
            raise ConflictError("已经在这个名单上")
        if len(rows) >= MOST_MEMBERS:
            raise InputError(f"一个名单最多 {MOST_MEMBERS} 个成员")
        place = max((int(row["rank"]) for row in rows), default=0) + 1
        row = _row(Member(wanted), place, actor, day)
        row["facts"] |= {"by_hand": True, "reason": why}
        _put(transaction, card.id, kind, [row])
        return Effect(place)

    return _done(store, actor=actor, action="list_add", subject=f"{card.id} {wanted}", work=work)


def remove_member(store: Store, *, id: str, member: str, reason: str, actor: str) -> None:
    """Take somebody off a list; the ranks below move up. The reason stands in the audit event.

    Raises `NotFoundError`, `ConflictError` for a frozen list, `InputError` without a reason.
    """
    why = written("理由", reason, needed=True)
    shown = _found(store, id, member)

    def work(transaction: Transaction, _seq: int) -> Effect[None]:
        _open(transaction, shown.card)
        rows = [row for row in transaction.run(MEMBERS, {"id": shown.card}) if row["id"] == shown.member.id]
        if not rows:
            raise _no_member()
        transaction.run(REMOVE, {"id": shown.card, "member": shown.member.id})
        transaction.run(RERANK, {"id": shown.card, "after": int(rows[0]["rank"])})
        return Effect(None)

    subject = f"{shown.card} {shown.member.id}：{why}"
    store.audit.write(actor=actor, action="list_remove", subject=subject, work=work)


def freeze_list(store: Store, *, id: str, actor: str, on: date | None = None) -> Frozen:
    """Freeze a list: its content as one canonical text whose SHA-256 a panel can cite; nothing on it changes any more.

    Names and units are kept as shown on the day `on` (today by default). Raises `NotFoundError`, `ConflictError` when
    it is empty or frozen already, or somebody changed it meanwhile.
    """
    day = on or today()
    shown = saved_list(store.database, id=id, on=day)
    if not shown.members:
        raise ConflictError("空名单不能冻结", hint="先用 zhiku list add 加入成员")
    if hidden := [member.rank for member in shown.members if not member.current]:
        raise ConflictError(
            f"第 {'、'.join(map(str, hidden))} 位现在不可显示，名单没有冻结", hint="先用 zhiku list remove 去掉"
        )
    text = canonical_json(frozen_content(shown, on=day, actor=actor))
    digest = content_hash(text)
    standing = [(member.id, member.rank, member.score, member.note) for member in shown.members]

    def work(transaction: Transaction, seq: int) -> Effect[Frozen]:
        _open(transaction, shown.card.id)
        rows = transaction.run(MEMBERS, {"id": shown.card.id})
        if [(row["id"], row["rank"], row["score"], row["note"]) for row in rows] != standing:
            raise ConflictError("名单刚刚被别人改动，没有冻结", hint="看过改动后再冻结一次")
        facts = {"content": text, "hash": digest, "day": day.isoformat(), "actor": actor, "seq": seq}
        transaction.run(FREEZE, {"id": shown.card.id, **facts})
        return Effect(Frozen(shown.card.id, shown.card.name, digest, len(standing)))

    return _done(store, actor=actor, action=FREEZE_ACTION, subject=frozen_subject(shown.card.id, digest), work=work)


def frozen_content(shown: SavedListAnswer, *, on: date, actor: str) -> dict[str, Any]:
    """Return what is frozen of a list: question, filters, ranking version, sequence, members with notes. Pure."""
    card = shown.card
    members = [
        member.model_dump(include={"id", "rank", "score", "name", "unit", "title", "note", "by_hand", "reason"})
        for member in shown.members
    ]
    return {
        "format": FORMAT,
        **card.model_dump(include={"id", "name", "kind", "purpose", "question", "ranking", "sequence"}),
        **card.model_dump(include={"saved_on", "saved_by", "from_day", "until_day", "copied_from"}),
        "filters": shown.filters,
        "frozen_on": on.isoformat(),
        "frozen_by": actor,
        "members": members,
    }


def copy_list(store: Store, *, id: str, name: str, actor: str, on: date | None = None) -> str:
    """Copy a list, frozen or not, under another name; the copy can be changed. Returns its id; raises as `save_list`.

    Members follow merges; who may not be shown any more is left out.
    """
    kept = saved_list(store.database, id=id, on=on)
    card = kept.card
    members = [Member(m.current, m.score, m.note) for m in kept.members if m.current and m.same_as is None]
    return save_list(
        store,
        name=name,
        actor=actor,
        members=members,
        kind=card.kind,
        purpose=card.purpose,
        question=card.question,
        filters=kept.filters,
        ranking=card.ranking,
        sequence=card.sequence,
        from_day=date.fromisoformat(card.from_day) if card.from_day else None,
        until_day=date.fromisoformat(card.until_day) if card.until_day else None,
        copied_from=card.id,
        on=on,
    )


def discard_list(store: Store, *, id: str, actor: str) -> str:
    """Delete a list that is not frozen; returns its id. Raises `NotFoundError`, `ConflictError` for a frozen one."""
    card = saved_list(store.database, id=id).card

    def work(transaction: Transaction, _seq: int) -> Effect[str]:
        _open(transaction, card.id)
        transaction.run(DISCARD, {"id": card.id})
        return Effect(card.id)

    return _done(store, actor=actor, action="list_discard", subject=card.id, work=work)


@dataclass(frozen=True, slots=True)
class _OnList:
    card: str
    member: ListedMember


def _found(store: Store, id: str, member: str) -> _OnList:
    shown, wanted = saved_list(store.database, id=id), member.strip()
    for listed in shown.members:
        if wanted in (listed.id, listed.current):
            return _OnList(shown.card.id, listed)
    list_id(store.database, id=id)
    raise _no_member()


def _no_member() -> NotFoundError:
    return NotFoundError("名单上没有这个成员", hint="用 zhiku list show 查看成员编号")


def _open(transaction: Transaction, id: str) -> ListKind:
    rows = transaction.run(STATE, {"id": id})
    if not rows:
        raise NotFoundError("没有这个名单")
    if rows[0]["hash"]:
        raise ConflictError("名单已经冻结，不能再改动", hint="用 zhiku list copy 复制一份再改")
    return rows[0]["kind"]


def _put(transaction: Transaction, id: str, kind: ListKind, rows: Sequence[Record]) -> None:
    if not rows:
        return
    looked_up: LiteralString = PEOPLE if kind == "experts" else BODIES
    there = {row["id"] for row in transaction.run(looked_up, {"ids": [row["id"] for row in rows]})}
    if missing := [str(row["id"]) for row in rows if row["id"] not in there]:
        what = "人" if kind == "experts" else "机构"
        raise NotFoundError(f"图谱里没有这个编号的{what}：{missing[0][:64]}", hint="编号见 zhiku find 的结果")
    transaction.run(LIST_PEOPLE if kind == "experts" else LIST_BODIES, {"id": id, "rows": list(rows)})


def _row(member: Member, rank: int, actor: str, day: str) -> Record:
    facts = {"rank": rank, "score": member.score, "note": member.note, "added_by": actor, "added_on": day}
    return {"id": member.id.strip(), "facts": {key: value for key, value in facts.items() if value not in (None, "")}}


def _done(store: Store, *, actor: str, action: str, subject: str, work: Any) -> Any:  # noqa: ANN401 - whatever the work gives
    committed = store.audit.write(actor=actor, action=action, subject=subject, work=work)
    if committed is None:
        raise RuntimeError("a list is never rolled back on request")
    return committed.result


__all__ = [
    "FORMAT", "LONGEST_NAME", "LONGEST_NOTE", "MOST_MEMBERS", "Frozen", "Member", "add_member", "annotate_member",
    "copy_list", "discard_list", "freeze_list", "frozen_content", "remove_member", "save_answer", "save_list",
]  # fmt: skip
