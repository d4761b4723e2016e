"""What differs between two lists, and between a list and its question asked again today."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from graph.database import Database
from graph.errors import ConflictError
from graph.textindex import TextIndex
from queries.answers import Answer
from queries.experts import experts_for_topic
from queries.exposed_experts import times_listed
from queries.exposure import EXPOSURE_FIELDS, exposure_kept
from queries.kept_questions import ORGANISATION_FILTERS, kept_question
from queries.organisations import organisations_for_topic
from queries.posts import today
from queries.retrieval import MOST_ANSWERS
from queries.saved_lists import ListedMember, SavedListAnswer, saved_list


class Placed(Answer):
    """One member of either list: its rank in each, None where it is not; `change` = left rank minus right rank."""

    id: str
    name: str
    unit: str
    left_rank: int | None
    right_rank: int | None
    change: int | None


class ListComparison(Answer):
    """Two lists side by side: who is on one only, whose rank moved (the greatest moves first), how many stay."""

    left: str
    right: str
    only_left: tuple[Placed, ...]
    only_right: tuple[Placed, ...]
    moved: tuple[Placed, ...]
    same: int
    notes: tuple[str, ...]


def compare_lists(db: Database, *, left: str, right: str, on: date | None = None) -> ListComparison:
    """Who is on one of two lists only, and whose rank differs?

    Lists by id or exact name. Members are compared as whom they are today, merges followed; of members that are one
    today the best rank counts. Raises `NotFoundError`, `ConflictError` for a list of people against one of bodies.
    """
    one, other = saved_list(db, id=left, on=on), saved_list(db, id=right, on=on)
    if one.card.kind != other.card.kind:
        raise ConflictError("一个名单列的是专家，另一个列的是机构，不能比较")
    notes = () if one.card.ranking == other.card.ranking else (
        f"两个名单的排序版本不同：{one.card.ranking or '无'}、{other.card.ranking or '无'}",
    )  # fmt: skip
    return compared(one.card.name, one.members, other.card.name, other.members, notes=notes)


def list_asked_again(db: Database, index: TextIndex, *, id: str, on: date | None = None) -> ListComparison:
    """What has changed since the list was saved: the same question with the same filters, asked today?

    The left side is the list, the right side as many answers as it has members (at most 200). Members put in by hand
    are not compared. Declared exposure options of the question are asked for again; the list itself does not count as
    an appearance then. Filters that this version does not know are named in a note and not used.

    Raises `NotFoundError`, `ConflictError` for a list that keeps no question.
    """
    kept = saved_list(db, id=id, on=on)
    if not kept.card.question:
        raise ConflictError("这个名单没有记下问题，无法重新查询", hint="按名单手工加入的成员没有对应的问题")
    found = tuple(member for member in kept.members if not member.by_hand)
    limit = max(1, min(MOST_ANSWERS, len(found)))
    now, ranking, notes = _asked(db, index, kept, limit, on)
    if ranking != kept.card.ranking:
        notes = (*notes, f"排序版本已由 {kept.card.ranking or '无'} 变为 {ranking}")
    return compared(kept.card.name, found, f"今天再问：{kept.card.name}", now, notes=notes)


def compared(
    left: str, one: Sequence[ListedMember], right: str, other: Sequence[ListedMember], *, notes: Sequence[str] = ()
) -> ListComparison:
    """Compare the members of two lists by whom they are today. Pure."""
    before, after = _by_person(one), _by_person(other)
    both = [
        _placed(after[key], before[key].rank, after[key].rank)
        for key in before.keys() & after.keys()
    ]  # fmt: skip
    moved = sorted((row for row in both if row.change), key=lambda row: (-abs(row.change or 0), row.id))
    return ListComparison(
        left=left,
        right=right,
        only_left=tuple(_placed(member, member.rank, None) for key, member in before.items() if key not in after),
        only_right=tuple(_placed(member, None, member.rank) for key, member in after.items() if key not in before),
        moved=tuple(moved),
        same=len(both) - len(moved),
        notes=tuple(notes),
    )


def _by_person(members: Sequence[ListedMember]) -> dict[str, ListedMember]:
    found: dict[str, ListedMember] = {}
    for member in sorted(members, key=lambda member: (member.rank, member.id)):
        found.setdefault(member.current or member.id, member)
    return found


def _placed(member: ListedMember, left: int | None, right: int | None) -> Placed:
    return Placed(
        id=member.current or member.id,
        name=member.name,
        unit=member.unit,
        left_rank=left,
        right_rank=right,
        change=None if left is None or right is None else left - right,
    )


def _asked(
    db: Database, index: TextIndex, kept: SavedListAnswer, limit: int, on: date | None
) -> tuple[list[ListedMember], str, tuple[str, ...]]:
    wanted = kept_question(kept.filters, organisations=kept.card.kind == "organisations")
    options = exposure_kept(kept.filters, on=on or today()) if kept.card.kind == "experts" else None
    # A list may keep more, saved by a later version, which is then said.
    unknown = [name for name in wanted.unknown if name not in EXPOSURE_FIELDS or not options]
    notes = (f"这些筛选条件本版本不认识，没有使用：{'、'.join(unknown)}",) if unknown else ()
    text = kept.card.question
    if kept.card.kind == "experts":
        shown = None
        if options and options.cap is not None:
            shown = times_listed(db, days=options.days, on=on or today(), leaving=kept.card.id)
        experts = experts_for_topic(
            db,
            index,
            text=text,
            limit=limit,
            evidence=0,
            on=on,
            filters=wanted.filters,
            discipline=wanted.discipline,
            expand=wanted.expand,
            exposure=options,
            shown=shown,
        )
        if options:
            notes = (*experts.notes, *notes)
        rows = [
            (e.id, e.name, next((p.name for p in e.posts if p.standing != "former"), ""), e.score)
            for e in experts.experts
        ]
        return [_answered(place, *row) for place, row in enumerate(rows, 1)], experts.ranking, notes
    given = {name: getattr(wanted.filters, name) for name in ORGANISATION_FILTERS}
    bodies = organisations_for_topic(db, index, text=text, limit=limit, evidence=0, on=on, **given)
    found = [_answered(o.rank, o.id, o.name, "", o.score) for o in bodies.organisations]
    return found, bodies.ranking, notes


def _answered(rank: int, id: str, name: str, unit: str, score: float) -> ListedMember:
    return ListedMember(
        rank=rank, id=id, current=id, name=name, unit=unit, title="", score=score, note="", by_hand=False, reason="",
        added_by="", added_on="", change="", same_as=None,
    )  # fmt: skip
