"""`zhiku list`: people or organisations kept under a name, annotated, compared, frozen, exported, printed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from cli.days import when_of
from cli.exits import ExitCode
from cli.expert_filters import Discipline, Expand, option_of, with_filters
from cli.exposure_options import with_exposure_options
from cli.options import AsJson, Limit
from cli.output import emit, note, say, utf8_text
from cli.place import place, told, write_whole
from cli.tables import table
from graph.errors import InputError
from graph.store import local_actor
from ingest.commands.lists import (
    Member,
    add_member,
    annotate_member,
    copy_list,
    discard_list,
    freeze_list,
    remove_member,
    save_answer,
    save_list,
)
from queries.experts import experts_for_topic
from queries.exposure import ExposureFields, exposure_options, exposure_said
from queries.filters import ExpertFilters
from queries.kept_questions import ORGANISATION_FILTERS, question_kept
from queries.list_comparison import ListComparison, Placed, compare_lists, list_asked_again
from queries.organisations import organisations_for_topic
from queries.posts import today
from queries.saved_lists import PURPOSES, Purpose, SavedListAnswer, list_verification, saved_list, saved_lists
from viz.list_documents import list_facts, list_workbook, printed_list

app = typer.Typer(add_completion=False, no_args_is_help=True, help="名单：保存、批注、比较、冻结、导出、打印")

Name = Annotated[str, typer.Argument(help="名单的编号或全名", metavar="名单", show_default=False)]
Who = Annotated[str, typer.Argument(help="成员的编号", metavar="成员编号", show_default=False)]
Reason = Annotated[str, typer.Option("--reason", help="为什么（必填）", show_default=False)]
Out = Annotated[Path | None, typer.Option("--out", "-o", help="写到这个文件", show_default=False)]
Force = Annotated[bool, typer.Option("--force", help="覆盖已有的文件")]


@app.command("list", help="有哪些名单，新的在前")
def listed(
    ctx: typer.Context,
    purpose: Annotated[str, typer.Option("--purpose", help=f"只看这种用途：{'、'.join(PURPOSES)}")] = "",
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """Which lists are there?"""
    with place(ctx).open() as store:
        found = saved_lists(store.database, purpose=_purpose(purpose) if purpose else "", limit=limit)
    if as_json:
        emit([card.model_dump(mode="json") for card in found])
    elif found:
        rows = [
            (c.name, PURPOSES[c.purpose], c.members, c.question[:40], c.saved_on, c.saved_by, c.frozen_on or "否", c.id)
            for c in found
        ]
        table("名单", ("名称", "用途", "人数", "问题", "保存", "保存者", "冻结", "编号"), rows)
    if not found:
        note("还没有名单。保存一个：zhiku list save 名称 --query 主题")
        raise typer.Exit(ExitCode.NOTHING)


@app.command(help="保存名单：一个问题的答案，或所给的编号")
@with_exposure_options
@with_filters
def save(
    ctx: typer.Context,
    *,
    name: Annotated[str, typer.Argument(help="名单的名称", metavar="名称", show_default=False)],
    query: Annotated[str, typer.Option("--query", "-q", help="主题词或一段文字，保存它的答案")] = "",
    member: Annotated[list[str] | None, typer.Option("--member", help="直接写编号（可重复），不用问题")] = None,
    organisations: Annotated[bool, typer.Option("--organisations", help="保存机构，不是专家")] = False,
    purpose: Annotated[
        str, typer.Option("--purpose", help="用途：selection 备选、job 任务、cohort 跟踪梯队")
    ] = "selection",
    when: Annotated[str, typer.Option("--when", help="任务的日期，如 下周、12月1日至5日")] = "",
    limit: Limit = 20,
    expand: Expand = None,
    discipline: Discipline = None,
    as_json: AsJson = False,
    filters: ExpertFilters | None,
    exposure: ExposureFields,
) -> None:
    """Keep the answer of a question, or these ids, under a name."""
    if bool(query.strip()) == bool(member):
        raise InputError("要么用 --query 给出问题，要么用 --member 给出编号")
    if member and exposure_said(exposure):
        raise InputError("曝光上限和新人加权只用于 --query")
    days = when_of(when) if when else (None, None)
    kept: dict[str, Any] = {
        "name": utf8_text(name), "actor": local_actor(), "purpose": _purpose(purpose), "from_day": days[0],
        "until_day": days[1],
    }  # fmt: skip
    further = tuple(utf8_text(term) for term in expand or ())
    asked = question_kept(filters, discipline=discipline and utf8_text(discipline), expand=further)
    if organisations and (others := [name for name in asked if name not in ORGANISATION_FILTERS]):
        raise InputError(f"{'、'.join(option_of(name) for name in others)} 只用于专家")
    declared = exposure_said(exposure)
    if organisations and declared:
        raise InputError("曝光上限和新人加权只用于专家")
    if member:
        with place(ctx).open() as store:
            ids = [Member(utf8_text(id)) for id in member]
            id = save_list(store, members=ids, kind="organisations" if organisations else "experts", **kept)
            shown = saved_list(store.database, id=id)
    else:
        with place(ctx).opened() as (store, index):
            question: dict[str, Any] = {"text": utf8_text(query), "limit": limit}
            if organisations:
                answer = organisations_for_topic(store.database, index, **question, **asked)
            else:
                said: dict[str, Any] = {"filters": filters, "discipline": asked.get("discipline"), "expand": further}
                said["exposure"] = exposure_options(exposure, on=today())
                answer = experts_for_topic(store.database, index, **question, **said)
            id = save_answer(store, answer, filters=asked | declared, **kept)
            shown = saved_list(store.database, id=id)
    if as_json:
        emit(shown.model_dump(mode="json"))
        return
    say(f"已保存“{shown.card.name}”，{len(shown.members)} 个成员，编号 {id}", f"查看：zhiku list show {id}")


@app.command(help="看一个名单：成员、批注、保存以后的变化")
def show(ctx: typer.Context, name: Name, as_json: AsJson = False) -> None:
    """Who is on a list?"""
    with place(ctx).open() as store:
        shown = saved_list(store.database, id=utf8_text(name))
    if as_json:
        emit(shown.model_dump(mode="json"))
        return
    _show(shown)


@app.command(help="给一个成员写批注（空文字去掉批注）")
def annotate(
    ctx: typer.Context,
    name: Name,
    member: Who,
    text: Annotated[str, typer.Argument(help="批注", metavar="文字", show_default=False)],
) -> None:
    """Write a note beside a member."""
    with place(ctx).open() as store:
        annotate_member(store, id=utf8_text(name), member=utf8_text(member), note=utf8_text(text), actor=local_actor())
    say("已写下批注" if text.strip() else "已去掉批注")


@app.command(help="人工加入一个成员，写明理由")
def add(ctx: typer.Context, name: Name, member: Who, reason: Reason = "") -> None:
    """Put somebody on a list."""
    with place(ctx).open() as store:
        rank = add_member(
            store, id=utf8_text(name), member=utf8_text(member), reason=utf8_text(reason), actor=local_actor()
        )
    say(f"已加入，排在第 {rank} 位")


@app.command(help="去掉一个成员，写明理由")
def remove(ctx: typer.Context, name: Name, member: Who, reason: Reason = "") -> None:
    """Take somebody off a list."""
    with place(ctx).open() as store:
        remove_member(
            store, id=utf8_text(name), member=utf8_text(member), reason=utf8_text(reason), actor=local_actor()
        )
    say("已去掉，后面的名次上移；理由记在审计中")


@app.command(help="复制一个名单（冻结的也可以），复制品可以改动")
def copy(
    ctx: typer.Context,
    name: Name,
    new: Annotated[str, typer.Argument(help="复制品的名称", metavar="新名称", show_default=False)],
) -> None:
    """Copy a list under another name."""
    with place(ctx).open() as store:
        id = copy_list(store, id=utf8_text(name), name=utf8_text(new), actor=local_actor())
    say(f"已复制为“{utf8_text(new)}”，编号 {id}")


@app.command(help="删除一个没有冻结的名单")
def discard(ctx: typer.Context, name: Name) -> None:
    """Delete a list that is not frozen."""
    with place(ctx).open() as store:
        id = discard_list(store, id=utf8_text(name), actor=local_actor())
    say(f"已删除 {id}")


@app.command(help="比较两个名单：谁只在一边，谁的名次变了")
def compare(
    ctx: typer.Context,
    left: Annotated[str, typer.Argument(help="一个名单", metavar="名单甲", show_default=False)],
    right: Annotated[str, typer.Argument(help="另一个名单", metavar="名单乙", show_default=False)],
    as_json: AsJson = False,
) -> None:
    """What differs between two lists?"""
    with place(ctx).open() as store:
        found = compare_lists(store.database, left=utf8_text(left), right=utf8_text(right))
    _show_comparison(found, as_json=as_json)


@app.command(help="同样的问题今天再问一次，与名单比较")
def again(ctx: typer.Context, name: Name, as_json: AsJson = False) -> None:
    """What has changed since the list was saved?"""
    with place(ctx).opened() as (store, index):
        found = list_asked_again(store.database, index, id=utf8_text(name))
    _show_comparison(found, as_json=as_json)


@app.command(help="冻结名单：内容不再改动，给出可引用的 SHA-256")
def freeze(ctx: typer.Context, name: Name, as_json: AsJson = False) -> None:
    """Freeze a list so that a panel can cite it."""
    with place(ctx).open() as store:
        done = freeze_list(store, id=utf8_text(name), actor=local_actor())
    if as_json:
        emit({"id": done.id, "name": done.name, "hash": done.hash, "members": done.members})
        return
    say(f"已冻结“{done.name}”（{done.members} 个成员），引用时写：", f"{done.id} sha256:{done.hash}")


@app.command(help="核对冻结的名单：重新计算散列，对照审计链")
def verify(ctx: typer.Context, name: Name, as_json: AsJson = False) -> None:
    """Is a frozen list as it was frozen?"""
    with place(ctx).open() as store:
        found = list_verification(store.database, id=utf8_text(name))
    if as_json:
        emit(found.model_dump(mode="json"))
    elif found.ok:
        say(f"“{found.name}”与冻结时一致：sha256:{found.frozen_hash}")
    if not found.ok:
        note(*(f"“{found.name}”：{fault}" for fault in found.faults))
        raise typer.Exit(ExitCode.DAMAGED if found.frozen_hash else ExitCode.FAILED)


@app.command(help="导出为 Excel；带 .json 的文件名导出为 JSON")
def export(ctx: typer.Context, name: Name, out: Out = None, force: Force = False) -> None:
    """Write a list as a workbook, or as JSON."""
    with place(ctx).open() as store:
        shown = saved_list(store.database, id=utf8_text(name))
    path = free(out or Path(f"{shown.card.id}.xlsx"), force=force)
    if path.suffix.lower() == ".json":
        write_whole(path, (json.dumps(shown.model_dump(mode="json"), ensure_ascii=False, indent=2) + "\n").encode())
    else:
        write_whole(path, list_workbook(shown))
    told(path)


@app.command("print", help="写成可打印的网页（A4），用浏览器打开后打印")
def print_(ctx: typer.Context, name: Name, out: Out = None, force: Force = False) -> None:
    """Write a list as a page to print."""
    with place(ctx).open() as store:
        shown = saved_list(store.database, id=utf8_text(name))
    path = free(out or Path(f"{shown.card.id}.html"), force=force)
    write_whole(path, printed_list(shown).encode("utf-8", "replace"))
    told(path)


def free(path: Path, *, force: bool) -> Path:
    """Return a path where nothing is overwritten unasked; raises `InputError`."""
    if path.exists() and not force:
        raise InputError(f"文件 {path} 已经存在，没有动它", hint="用 --out 换一个名字；确要覆盖时加 --force")
    return path


def _purpose(written: str) -> Purpose:
    known = {**{code: code for code in PURPOSES}, **{zh: code for code, zh in PURPOSES.items()}}
    code = known.get(utf8_text(written).strip())
    if code is None:
        raise InputError("没有这种用途", hint=f"可用：{'、'.join(f'{code}（{zh}）' for code, zh in PURPOSES.items())}")
    return cast(Purpose, code)


def _show(shown: SavedListAnswer) -> None:
    say(shown.card.name, *(f"  {name}：{text}" for name, text in list_facts(shown)))
    rows = [
        (
            m.rank,
            m.name,
            [m.unit, m.title],
            "" if m.score is None else f"{m.score:.2f}",
            [text for text in (m.note, f"人工加入：{m.reason}" if m.by_hand else "", m.change) if text],
            m.id,
        )
        for m in shown.members
    ]
    table(f"{len(rows)} 个成员", ("名次", "姓名或名称", "单位", "得分", "批注", "编号"), rows, lines=True)
    note(*(f"注：{text}" for text in shown.notes))


def _show_comparison(found: ListComparison, *, as_json: bool) -> None:
    if as_json:
        emit(found.model_dump(mode="json"))
        return
    for title, rows in (
        (f"只在“{found.left}”", found.only_left),
        (f"只在“{found.right}”", found.only_right),
        ("名次有变", found.moved),
    ):
        if rows:
            table(f"{title}（{len(rows)}）", ("姓名或名称", "单位", "前", "后", "编号"), _placed(rows))
    say(f"名次不变的 {found.same} 个")
    note(*(f"注：{text}" for text in found.notes))


def _placed(rows: Sequence[Placed]) -> list[tuple[object, ...]]:
    return [(row.name, row.unit, row.left_rank or "—", row.right_rank or "—", row.id) for row in rows]
