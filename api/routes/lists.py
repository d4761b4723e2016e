"""Lists that people keep: saved, annotated, compared, frozen so that a panel can cite them."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Path, Query

from api.deps import Editor, Open
from api.examples_lists import DISCARDED, LIST_COMPARISON, LIST_VERIFICATION, SAVED_LIST, SAVED_LISTS
from api.lists import (
    LONGEST_LIST_ID,
    Annotation,
    Change,
    Copy,
    Discarded,
    MembersKept,
    QuestionKept,
    SavedLists,
    kept_members,
    kept_question,
)
from api.problems import WRITES, documented
from api.service import Holdings
from ingest.commands.lists import add_member, annotate_member, copy_list, discard_list, freeze_list, remove_member
from queries.list_comparison import ListComparison, compare_lists, list_asked_again
from queries.saved_lists import ListVerification, Purpose, SavedListAnswer, list_verification, saved_list, saved_lists

router = APIRouter(prefix="/lists", tags=["名单 Lists"])

ListId = Annotated[
    str, Path(min_length=1, max_length=LONGEST_LIST_ID, description="名单的编号或全名 (id or exact name of a list)")
]
_READ: Final = documented(401, 404, 409, 422, 503)


@router.get(
    "", summary="有哪些名单", operation_id="listSavedLists", responses={200: SAVED_LISTS, **documented(401, 422, 503)}
)
def lists(
    held: Open,
    purpose: Annotated[Purpose | None, Query(description="只看这种用途 (only this purpose)")] = None,
    limit: Annotated[int, Query(ge=1, le=1_000, description="最多几个 (at most so many)")] = 100,
) -> SavedLists:
    """Which lists were saved, the newest first?"""
    return SavedLists(lists=saved_lists(held.store.database, purpose=purpose or "", limit=limit))


@router.post("", summary="按编号保存名单", operation_id="saveList", responses={200: SAVED_LIST, **WRITES})
def save(held: Open, actor: Editor, wanted: MembersKept) -> SavedListAnswer:
    """Keep these people or organisations, in this order, under a name."""
    return _shown(held, kept_members(held.store, wanted, actor=actor.name))


@router.post(
    "/from-question",
    summary="把一个问题的答案存为名单",
    operation_id="saveListOfQuestion",
    responses={200: SAVED_LIST, **WRITES},
)
def save_question(held: Open, actor: Editor, wanted: QuestionKept) -> SavedListAnswer:
    """Ask a question and keep its answer: the list remembers question, filters, ranking version and sequence."""
    return _shown(held, kept_question(held.store, held.index, wanted, actor=actor.name))


@router.get("/{id}", summary="一个名单", operation_id="showSavedList", responses={200: SAVED_LIST, **_READ})
def show(held: Open, id: ListId) -> SavedListAnswer:
    """Who is on this list, and who are they today?  Merged people are followed; a frozen list stays as frozen."""
    return _shown(held, id)


@router.post(
    "/{id}/notes", summary="给成员写批注", operation_id="annotateMember", responses={200: SAVED_LIST, **WRITES}
)
def annotate(held: Open, actor: Editor, id: ListId, said: Annotation) -> SavedListAnswer:
    """Write a note beside a member, in the place of an earlier one."""
    annotate_member(held.store, id=id, member=said.member, note=said.note, actor=actor.name)
    return _shown(held, id)


@router.post("/{id}/members", summary="人工加入成员", operation_id="addMember", responses={200: SAVED_LIST, **WRITES})
def add(held: Open, actor: Editor, id: ListId, change: Change) -> SavedListAnswer:
    """Put somebody on a list by hand, at its end."""
    add_member(held.store, id=id, member=change.member, reason=change.reason, actor=actor.name)
    return _shown(held, id)


@router.post(
    "/{id}/members/remove", summary="去掉成员", operation_id="removeMember", responses={200: SAVED_LIST, **WRITES}
)
def remove(held: Open, actor: Editor, id: ListId, change: Change) -> SavedListAnswer:
    """Take somebody off a list; the ranks below move up."""
    remove_member(held.store, id=id, member=change.member, reason=change.reason, actor=actor.name)
    return _shown(held, id)


@router.post("/{id}/freeze", summary="冻结名单", operation_id="freezeList", responses={200: SAVED_LIST, **WRITES})
def freeze(held: Open, actor: Editor, id: ListId) -> SavedListAnswer:
    """Freeze a list: from now on only a copy can change; its SHA-256 can be cited."""
    freeze_list(held.store, id=id, actor=actor.name)
    return _shown(held, id)


@router.get(
    "/{id}/verification",
    summary="核对冻结的名单",
    operation_id="verifyList",
    responses={200: LIST_VERIFICATION, **_READ},
)
def verification(held: Open, id: ListId) -> ListVerification:
    """Is this frozen list as it was frozen?  Hash, content, members and audit event are compared."""
    return list_verification(held.store.database, id=id)


@router.get(
    "/{id}/comparison",
    summary="与另一个名单比较",
    operation_id="compareLists",
    responses={200: LIST_COMPARISON, **documented(401, 404, 409, 422, 503)},
)
def comparison(
    held: Open,
    id: ListId,
    other: Annotated[
        str, Query(min_length=1, max_length=LONGEST_LIST_ID, description="另一个名单的编号或全名 (the other list)")
    ],
) -> ListComparison:
    """Who is on one of two lists only, and whose rank differs?"""
    return compare_lists(held.store.database, left=id, right=other)


@router.get(
    "/{id}/again", summary="同样的问题今天再问", operation_id="askListAgain", responses={200: LIST_COMPARISON, **_READ}
)
def again(held: Open, id: ListId) -> ListComparison:
    """What has changed since the list was saved: its question with its filters, asked today?"""
    return list_asked_again(held.store.database, held.index, id=id)


@router.post("/{id}/copy", summary="复制名单", operation_id="copyList", responses={200: SAVED_LIST, **WRITES})
def copy(held: Open, actor: Editor, id: ListId, wanted: Copy) -> SavedListAnswer:
    """Copy a list, frozen or not, under another name; the copy can change."""
    return _shown(held, copy_list(held.store, id=id, name=wanted.name, actor=actor.name))


@router.post("/{id}/discard", summary="删除名单", operation_id="discardList", responses={200: DISCARDED, **WRITES})
def discard(held: Open, actor: Editor, id: ListId) -> Discarded:
    """Delete a list that is not frozen."""
    return Discarded(id=discard_list(held.store, id=id, actor=actor.name))


def _shown(held: Holdings, id: str) -> SavedListAnswer:
    return saved_list(held.store.database, id=id)
