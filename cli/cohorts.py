"""`zhiku cohort`: a list followed over the years, with yearly snapshots that stay as they were made."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.exits import ExitCode
from cli.lists import free
from cli.options import AsJson
from cli.output import emit, note, say, utf8_text
from cli.place import place, told, write_whole
from cli.tables import table
from graph.store import local_actor
from ingest.commands.cohorts import cohort_snapshot
from queries.cohorts import FIGURES, TrackedYear, cohort_tracking
from queries.posts import today
from viz.list_documents import cohort_workbook

app = typer.Typer(add_completion=False, no_args_is_help=True, help="跟踪梯队：年度快照与历年变化")

Name = Annotated[str, typer.Argument(help="名单的编号或全名", metavar="名单", show_default=False)]


@app.command(help="冻结这一年的数据（成果、项目、荣誉、任职），每年一次")
def snapshot(
    ctx: typer.Context,
    name: Name,
    year: Annotated[int | None, typer.Option("--year", help="年份（默认今年）", show_default=False)] = None,
    as_json: AsJson = False,
) -> None:
    """Freeze the figures of a year."""
    with place(ctx).open() as store:
        wanted = today().year if year is None else year
        done = cohort_snapshot(store, id=utf8_text(name), year=wanted, actor=local_actor())
    if as_json:
        emit({"list": done.list, "year": done.year, "hash": done.hash, "members": done.members})
        return
    say(f"已建立 {done.year} 年的快照，{done.members} 人，sha256:{done.hash}")


@app.command(help="历年数据与变化")
def tracking(
    ctx: typer.Context,
    name: Name,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="写成 Excel", show_default=False)] = None,
    force: Annotated[bool, typer.Option("--force", help="覆盖已有的文件")] = False,
    as_json: AsJson = False,
) -> None:
    """How has a cohort come on?"""
    with place(ctx).open() as store:
        found = cohort_tracking(store.database, id=utf8_text(name))
    if out is not None:
        told(write_whole(free(out, force=force), cohort_workbook(found)))
    if as_json:
        emit(found.model_dump(mode="json"))
    elif found.years:
        rows = [
            (
                member.name,
                year.year,
                *(_figure(year, figure) for figure in FIGURES),
                list(year.figures.posts),
                member.id,
            )
            for member in found.members
            for year in member.years
        ]
        table(f"跟踪梯队：{found.name}", ("姓名", "年份", *FIGURES.values(), "任职", "编号"), rows)
    note(*(f"注：{text}" for text in found.notes))
    if not found.years:
        raise typer.Exit(ExitCode.NOTHING)


def _figure(year: TrackedYear, name: str) -> str:
    change = None if year.change is None else year.change[name]
    number = getattr(year.figures, name)
    return f"{number}（{change:+d}）" if change else str(number)
