"""`zhiku identity queue | show | same | different | later | split | undo | stats | settle`: which people are one?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Annotated, Any, Final

import typer

from cli.exits import ExitCode
from cli.ingest import settle_shown, settled_lines
from cli.options import AsJson, Limit
from cli.output import emit, note, say, utf8_text
from cli.place import place
from cli.show import TIERS
from cli.tables import progress_bar, table
from graph.errors import InputError, ZhikuError
from graph.store import Store, local_actor
from graph.textindex import TextIndex
from ingest.commands.people import (
    Answered,
    answer_different,
    answer_same,
    different_people,
    identity_stats,
    same_person,
    split_person,
    take_back,
)
from ingest.commands.people_records import PersonRecord, QuestionShown, person_record, question_shown
from ingest.people.names import person_name
from ingest.people.registered import RecordShown
from ingest.people.review import OpenQuestion, postpone, review_question, review_questions

MOST_AT_ONCE: Final = 1_000

Ids = Annotated[
    list[str] | None,
    typer.Argument(help="问题编号（Q…），可以给几个；或两个人的编号", metavar="编号…", show_default=False),
]
Name = Annotated[str, typer.Option("--name", help="这个姓名的全部待确认问题", show_default=False)]
Reason = Annotated[str, typer.Option("--reason", help="为什么（必填，留在记录里）", show_default=False)]

Answer = Callable[..., Answered]


def queue(
    ctx: typer.Context,
    limit: Limit = 20,
    name: Annotated[str, typer.Option("--name", help="只看这个姓名", show_default=False)] = "",
    later: Annotated[bool, typer.Option("--later", help="也列出暂缓的")] = False,
    as_json: AsJson = False,
) -> None:
    """Which people may be one, or two?"""
    with place(ctx).open() as store:
        found = review_questions(store.database, limit=limit, later=later, name_key=_key(name))
    if as_json:
        emit([question.model_dump() for question in found])
    elif found:
        rows = [
            (
                question.id,
                question.left_name,
                "是同一人吗" if question.kind == "same" else "该拆开吗",
                _who(question),
                question.decides,
                f"{question.points:.1f}",
                f"{question.average:.1f}",
            )
            for question in found
        ]
        table("待确认的人", ("编号", "姓名", "问题", "谁", "决定几对署名", "最像的一对", "平均"), rows)
        say(
            "看证据：zhiku identity show 编号",
            "回答：zhiku identity same|different|later 编号… --reason 理由（也可以 --name 姓名，一次回答全部）",
        )
    if not found:
        note("没有待确认的人")
        raise typer.Exit(ExitCode.NOTHING)


def _who(question: OpenQuestion) -> str:
    """Where each works, for two of one name are told apart by nothing else; the id of one of whom that is not known."""
    sides = [(question.left, question.left_posts), (question.right, question.right_posts)]
    return " / ".join("；".join(posts) or id_ for id_, posts in sides if id_)


def show(
    ctx: typer.Context,
    id_: Annotated[str, typer.Argument(help="问题编号（Q…）或人的编号", metavar="编号", show_default=False)],
    as_json: AsJson = False,
) -> None:
    """Both records side by side, with what speaks for and against."""
    with place(ctx).open() as store:
        if not _is_question(id_):
            record = person_record(store.database, id_.strip())
            if as_json:
                emit(record.model_dump())
            else:
                _show_record(record)
            raise typer.Exit(ExitCode.DONE if record.name else ExitCode.NOTHING)
        shown = question_shown(store, review_question(store.database, id_.strip()))
    if as_json:
        emit(shown.model_dump())
    else:
        _show_question(shown)


def same(ctx: typer.Context, ids: Ids = None, name: Name = "", reason: Reason = "", as_json: AsJson = False) -> None:
    """Say that they are one person."""
    _answer(ctx, ids or [], name, reason, (answer_same, same_person), as_json=as_json)


def different(
    ctx: typer.Context, ids: Ids = None, name: Name = "", reason: Reason = "", as_json: AsJson = False
) -> None:
    """Say that they are not one person."""
    _answer(ctx, ids or [], name, reason, (answer_different, different_people), as_json=as_json)


def later(ctx: typer.Context, ids: Ids = None, name: Name = "", as_json: AsJson = False) -> None:
    """Put questions off."""
    with place(ctx).open() as store:
        asked = _questions(store, ids or [], name)
        for id_ in asked:
            postpone(store, id_, actor=local_actor())
    if as_json:
        emit({"postponed": asked})
    else:
        say(f"暂缓了 {len(asked)} 个问题；同名的人有新资料时会再问。查看：zhiku identity queue --later")


def split(
    ctx: typer.Context,
    person: Annotated[str, typer.Argument(help="人的编号", metavar="人", show_default=False)],
    mentions: Annotated[
        list[str], typer.Argument(help="不是这个人的署名（用 show 查看编号）", metavar="署名…", show_default=False)
    ],
    reason: Reason = "",
    as_json: AsJson = False,
) -> None:
    """Say that some mentions are somebody else's."""
    with place(ctx).open() as store:
        done = split_person(
            store,
            person.strip(),
            [utf8_text(mention) for mention in mentions],
            actor=local_actor(),
            reason=utf8_text(reason),
        )
    _tell([done], as_json=as_json)


def undo(
    ctx: typer.Context,
    number: Annotated[str, typer.Argument(help="回答的编号（回答时显示）", metavar="编号", show_default=False)],
    as_json: AsJson = False,
) -> None:
    """Take an answer back."""
    with place(ctx).open() as store:
        restored = take_back(store, number.strip(), actor=local_actor())
    if as_json:
        emit({"undone": number.strip(), "restored": restored})
    else:
        say(f"已撤回 {number.strip()}；合并、拆分和所作的决定都恢复原状")


def stats(ctx: typer.Context, as_json: AsJson = False) -> None:
    """How far has it come?"""
    with place(ctx).open() as store:
        found = identity_stats(store.database)
    if as_json:
        emit(found.model_dump())
        return
    rows = (
        ("人", found.people),
        ("署名和参与（论文、项目）", found.mentions),
        ("并入他人的编号", found.merged),
        ("待确认的问题", found.questions),
        ("暂缓的问题", found.postponed),
        ("确认为同一人（对署名）", found.decided_same),
        ("确认为不同的人（对署名）", found.decided_different),
        ("同名统计的日期", found.settled_on or "还没有整理过：zhiku identity settle"),
    )
    table("谁是谁", ("项目", "数量"), rows)


def settle(
    ctx: typer.Context,
    again: Annotated[bool, typer.Option("--again", help="重新统计，所有姓名都再比较一次")] = False,
    as_json: AsJson = False,
) -> None:
    """Bring together the people that are one."""
    with place(ctx).open() as store:
        report = settle_shown(store, again=again)
        if report.merged:
            with progress_bar("更新文本索引"):
                TextIndex.open(store).follow()
    if as_json:
        emit(asdict(report))
        return
    say(f"看了 {report.names} 个姓名、{report.mentions} 处署名，比较了 {report.pairs} 对", *settled_lines(report))
    if not report.merged:
        say("没有需要合并的人：0 changes")


def register(app: typer.Typer) -> None:
    """Add the commands to `zhiku identity`."""
    app.command("queue", help="待确认的人，决定得多的在前")(queue)
    app.command("show", help="两份记录并排，支持与反对的理由；或一个人的全部署名")(show)
    app.command("same", help="确认：是同一人（合并，可撤回）")(same)
    app.command("different", help="确认：不是同一人（今后不再合并；对“该拆开吗”就是拆开）")(different)
    app.command("later", help="暂缓：现在不回答")(later)
    app.command("split", help="把不是这个人的署名拆出去")(split)
    app.command("undo", help="撤回一个回答，恢复原状")(undo)
    app.command("stats", help="有多少人、合并了多少、还有多少待确认")(stats)
    app.command("settle", help="整理同名的人：合并有把握的，其余列为问题（导入后会自动做）")(settle)


def _answer(
    ctx: typer.Context,
    ids: Sequence[str],
    name: str,
    reason: str,
    ways: tuple[Answer, Answer],
    *,
    as_json: bool,
) -> None:
    to_question, to_people = ways
    actor, why = local_actor(), utf8_text(reason)
    done: list[Answered] = []
    with place(ctx).open() as store:
        people = [id_ for id_ in ids if not _is_question(id_)]
        if people:
            if len(ids) != 2 or len(people) != 2 or name:
                raise InputError("人的编号应给两个，不与问题编号或 --name 混用", hint="问题编号以 Q 开头")
            done.append(to_people(store, *people, actor=actor, reason=why))
        else:
            for id_ in _questions(store, ids, name):
                try:
                    done.append(to_question(store, id_, actor=actor, reason=why))
                except ZhikuError as error:
                    # What was answered before stays answered, and is told with its number.
                    if done:
                        _tell(done, as_json=as_json)
                    error.message = f"{id_}：{error.message}"
                    raise
    _tell(done, as_json=as_json)


def _questions(store: Store, ids: Sequence[str], name: str) -> list[str]:
    if name and ids:
        raise InputError("--name 和问题编号只能给一样")
    if name:
        asked: list[OpenQuestion] = review_questions(store.database, limit=MOST_AT_ONCE, name_key=_key(name))
        if not asked:
            raise InputError(f"“{name}”没有待确认的问题", hint="用 zhiku identity queue 查看")
        return [question.id for question in asked]
    if not ids:
        raise InputError("没有说明回答哪个问题", hint="给出编号（用 zhiku identity queue 查看），或 --name 姓名")
    return [id_.strip() for id_ in dict.fromkeys(ids)]


def _key(name: str) -> str:
    return person_name(utf8_text(name)).key if name.strip() else ""


def _is_question(id_: str) -> bool:
    return id_.strip().startswith("Q")


def _tell(done: Sequence[Answered], *, as_json: bool) -> None:
    if as_json:
        emit([asdict(one) for one in done])
        return
    for one in done:
        said = {
            "same": f"{one.other} 并入 {one.person}" if one.other else f"{one.person} 不拆",
            "different": f"{one.person} 与 {one.other} 不是同一人，再导入也不会合并",
            "split": f"从 {one.person} 拆出 {one.other}",
        }[one.outcome]
        say(f"{said}。撤回：zhiku identity undo {one.batch}")


def _show_question(shown: QuestionShown) -> None:
    asked = shown.question
    heading = (
        f"{asked.id}：这两位“{asked.left_name}”是同一人吗？"
        if asked.kind == "same"
        else f"{asked.id}：“{asked.left_name}”的后一组署名是别人吗？"
    )
    facts: list[tuple[str, Any, Any]] = [
        ("编号", shown.left.id, shown.right.id),
        ("成果和项目", shown.left.works, shown.right.works),
        ("年份", _years(shown.left), _years(shown.right)),
        ("单位", shown.left.posts[:8], shown.right.posts[:8]),
        ("领域", shown.left.fields[:8], shown.right.fields[:8]),
        ("合作者", _marked(shown.left, shown.right), _marked(shown.right, shown.left)),
        ("署名", _mentions(shown.left), _mentions(shown.right)),
        ("登记", _records(shown.left), _records(shown.right)),
    ]
    table(heading, ("", "甲", "乙"), facts, lines=True)
    if shown.hard or shown.reasons:
        for sign in shown.hard:
            say(f"  定论  {sign}")
        for title, sign in (("支持", 1), ("反对", -1)):
            rows = sorted((r for r in shown.reasons if r.points * sign > 0), key=lambda r: -abs(r.points))
            for row in rows:
                say(f"  {title}  {row.points:+.1f}  {row.sentence}")
        say(f"  最像的一对合计 {asked.points:.1f} 分，全部平均 {asked.average:.1f} 分")
    say(f"回答：zhiku identity same|different|later {asked.id} --reason 理由")


def _show_record(record: PersonRecord) -> None:
    if not record.name:
        note(f"没有编号为 {record.id} 的人")
        return
    rows = [(m.mention, m.name, m.affiliation, m.year or "", m.title, m.venue, m.others[:6]) for m in record.mentions]
    title = f"{record.name} {record.id}：{record.works} 项，{_years(record)}；{'、'.join(record.posts[:6])}"
    table(title, ("署名编号", "署名", "单位", "年", "题名", "出处", "合作者"), rows, lines=True)
    if record.records:
        listed = [(r.mention, r.source, _said(r)) for r in record.records]
        table("名册、荣誉等登记", ("署名编号", "来源", "内容"), listed, lines=True)


def _marked(record: PersonRecord, other: PersonRecord) -> list[str]:
    shared = set(other.collaborators)
    return [f"★{name}" if name in shared else name for name in record.collaborators[:12]]


def _mentions(record: PersonRecord) -> list[str]:
    return [f"{m.year or '—'} {m.title}（{m.affiliation or '未写单位'}；{m.venue}）" for m in record.mentions[:8]]


def _records(record: PersonRecord) -> list[str]:
    return [f"{row.source}：{_said(row)}" for row in record.records[:8]]


def _said(row: RecordShown) -> str:
    parts = (row.name, row.title, TIERS.get(row.tier, row.tier), "、".join(row.posts), "、".join(row.fields))
    return "；".join(part for part in parts if part)


def _years(record: PersonRecord) -> str:
    if record.first_year is None:
        return "—"
    return f"{record.first_year}—{record.last_year}" if record.first_year != record.last_year else f"{record.last_year}"
