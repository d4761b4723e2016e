"""`zhiku availability`: who is free when; `zhiku availability find` asks who can go."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from cli.days import when_of
from cli.exits import ExitCode
from cli.find import evidence_lines, workplaces
from cli.options import AsJson
from cli.output import emit, note, say, utf8_text
from cli.place import place
from cli.tables import table
from graph.errors import InputError
from graph.store import local_actor
from ingest.commands.availability import clear_availability, set_availability, set_most_jobs
from queries.availability import STATES_ZH, GoingExpert, availability_of, experts_who_can_go
from queries.merges import current_person

app = typer.Typer(add_completion=False, no_args_is_help=True, help="谁能去：登记有空没空，按主题、地区、时间找人")

Who = Annotated[str, typer.Argument(help="人员编号", metavar="人员编号", show_default=False)]
_STATES: dict[str, Literal["free", "busy"]] = {"free": "free", "busy": "busy", "有空": "free", "没空": "busy"}


@app.command("set", help="登记一个人某段时间有空或没空，或同时最多承担几项任务")
def set_(
    ctx: typer.Context,
    *,
    person: Who,
    when: Annotated[str, typer.Argument(help="时段：下周、12月1日至5日、2026-12-01至2026-12-05", metavar="时段")] = "",
    state: Annotated[str, typer.Option("--state", help="free（有空）或 busy（没空）")] = "free",
    text: Annotated[str, typer.Option("--note", help="说明；不要写病情等个人隐私")] = "",
    most_jobs: Annotated[
        int | None, typer.Option("--max-jobs", help="同时最多承担的任务数", show_default=False)
    ] = None,
) -> None:
    """Say that somebody is free or busy, or how many jobs they take on."""
    if not when and most_jobs is None:
        raise InputError("没有写时段，也没有写任务数", hint="例如 zhiku availability set 编号 下周 --state busy")
    days = when_of(when) if when else None
    said = _STATES.get(utf8_text(state).strip())
    if said is None:
        raise InputError("--state 应为 free（有空）或 busy（没空）")
    with place(ctx).open() as store:
        if days:
            set_availability(
                store, person=utf8_text(person), from_day=days[0], until_day=days[1], state=said,
                note=utf8_text(text), actor=local_actor(),
            )  # fmt: skip
            say(f"已登记：{days[0]} 至 {days[1]} {STATES_ZH[said]}")
        if most_jobs is not None:
            set_most_jobs(store, person=utf8_text(person), most=most_jobs, actor=local_actor())
            say(f"已登记：同时最多承担 {most_jobs} 项任务")


@app.command("list", help="一个人登记过的时段")
def listed(ctx: typer.Context, person: Who, as_json: AsJson = False) -> None:
    """When did a person say to be free or busy?"""
    with place(ctx).open() as store:
        found = availability_of(store.database, id=current_person(store.database, id=utf8_text(person)))
    if as_json:
        emit([period.model_dump(mode="json") for period in found])
    elif found:
        rows = [
            (p.from_day or "", p.until_day or "未定", STATES_ZH[p.state], p.note, p.said_on or "", list(p.sources))
            for p in found
        ]
        table("登记的时段", ("起", "止", "状态", "说明", "登记日期", "来源"), rows)
    if not found:
        note("没有登记")
        raise typer.Exit(ExitCode.NOTHING)


@app.command(help="撤掉手工登记的时段（来自文件的用 zhiku batch undo）")
def clear(
    ctx: typer.Context,
    person: Who,
    when: Annotated[str, typer.Argument(help="时段；不写则全部", metavar="时段")] = "",
) -> None:
    """Take back what was said by hand."""
    first, last = when_of(when) if when else (None, None)
    with place(ctx).open() as store:
        done = clear_availability(
            store, person=utf8_text(person), from_day=first, until_day=last, actor=local_actor()
        )  # fmt: skip
    more = f"；另有 {done.others} 条来自文件，没有动" if done.others else ""
    say(f"已撤掉 {done.removed} 条{more}")


@app.command(help="谁能去：懂这个主题、在这个地区、这段时间有空的人")
def find(
    ctx: typer.Context,
    *,
    text: Annotated[str, typer.Argument(help="主题词或一段文字", metavar="文字", show_default=False)],
    when: Annotated[str, typer.Argument(help="时段：下周、12月1日至5日", metavar="时段", show_default=False)],
    count: Annotated[int, typer.Option("--count", "-n", min=1, max=50, help="要几位")] = 3,
    region: Annotated[str | None, typer.Option("--region", help="行政区划代码，含下级", show_default=False)] = None,
    title: Annotated[str | None, typer.Option("--title", help="职称", show_default=False)] = None,
    society: Annotated[str | None, typer.Option("--society", help="所属学会", show_default=False)] = None,
    exclude: Annotated[list[str] | None, typer.Option("--exclude", help="不要这些人（编号，可重复）")] = None,
    as_json: AsJson = False,
) -> None:
    """Who knows this topic, is there, and can go?"""
    first, last = when_of(when)
    with place(ctx).opened() as (store, index):
        answer = experts_who_can_go(
            store.database, index, text=utf8_text(text), from_day=first, until_day=last, count=count, region=region,
            society=society, professional_title=title, exclude=tuple(exclude or ()),
        )  # fmt: skip
    if as_json:
        emit(answer.model_dump(mode="json"))
    else:
        for heading, rows in (
            (f"{first} 至 {last} 能去（{len(answer.can_go)}/{count}）", answer.can_go),
            ("情况未知，可以询问", answer.to_ask),
            ("这段时间去不了", answer.cannot_go),
        ):
            if rows:
                table(heading, ("专家", "单位", "得分", "时间与任务", "依据", "编号"), map(_row, rows), lines=True)
        note(*(f"注：{line}" for line in answer.notes))
    if not answer.can_go:
        raise typer.Exit(ExitCode.NOTHING)


def _row(going: GoingExpert) -> tuple[object, ...]:
    expert = going.expert
    return (
        [expert.name, expert.professional_title],
        workplaces(expert),
        f"{expert.score:.2f}",
        [STATES_ZH[going.standing], *going.reasons],
        evidence_lines(expert.evidence, expert.evidence_total),
        expert.id,
    )
