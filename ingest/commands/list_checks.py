"""What a list may be called and hold: names, notes, reasons, members, days of a job. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, get_args

from graph.dates import LAST_YEAR
from graph.errors import InputError
from graph.model import check_text
from queries.saved_lists import ListKind, Purpose

LONGEST_NAME: Final = 100
LONGEST_NOTE: Final = 1_000
LONGEST_QUESTION: Final = 50_000
LONGEST_FILTERS: Final = 50_000
MOST_MEMBERS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody to put on a list: id, score in the answer (None: by hand), a note."""

    id: str
    score: float | None = None
    note: str = ""


def list_name(name: str) -> str:
    """Return a list's name as it is kept: one line of what can be seen; raises `InputError`."""
    check_text("名单名称", name)
    # What cannot be seen would make two names look alike.
    title = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    if not any(c.isalnum() for c in title) or len(title) > LONGEST_NAME:
        raise InputError(f"名单名称应为 1 到 {LONGEST_NAME} 字，至少有一个字或数字")
    return title


def written(what: str, text: str, *, needed: bool = False) -> str:
    """Return a note or reason without the space around it; raises `InputError` when too long, or needed and empty."""
    kept = text.strip()
    if needed and not kept:
        raise InputError(f"没有写{what}", hint="写一句为什么，以后的人才看得懂")
    if len(kept) > LONGEST_NOTE:
        raise InputError(f"{what}长达 {len(kept)} 字，超过上限 {LONGEST_NOTE}")
    check_text(what, kept)
    return kept


def check_purpose(kind: ListKind, purpose: Purpose, from_day: date | None, until_day: date | None) -> None:
    """Raise `InputError` for an unknown kind or purpose, or days that are no period."""
    if kind not in get_args(ListKind) or purpose not in get_args(Purpose):
        raise InputError("名单的种类应为 experts 或 organisations，用途应为 selection、job 或 cohort")
    if from_day and until_day and until_day < from_day:
        raise InputError("任务时段的结束日早于起始日")
    if until_day and until_day.year > LAST_YEAR:
        raise InputError("任务时段的日期太远")


def check_members(members: Sequence[Member]) -> None:
    """Raise `InputError` for too many members, one without an id or named twice, or a note that cannot be kept."""
    if len(members) > MOST_MEMBERS:
        raise InputError(f"一个名单最多 {MOST_MEMBERS} 个成员，收到 {len(members)} 个")
    seen: set[str] = set()
    for member in members:
        id = member.id.strip()
        if not id or id in seen:
            raise InputError(f"成员编号为空或重复：{id[:64]}")
        check_text("成员编号", id)
        written("批注", member.note)
        seen.add(id)
