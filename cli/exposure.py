"""`zhiku exposure`: who is always shown, who never, by unit and region."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Final, cast

import typer

from cli.days import when_of
from cli.exits import ExitCode
from cli.lists import free
from cli.options import AsJson
from cli.output import emit, note, percent, say
from cli.place import place, readable_file, told, write_whole
from cli.tables import table
from graph.errors import InputError
from queries.exposure_report import Appearance, ExposureReport, exposure_report, listed_between
from queries.posts import today
from viz.list_documents import exposure_workbook

app = typer.Typer(add_completion=False)

_LONGEST_LINE: Final = 10_000_000
_SHOWN: Final = 15
_YEAR: Final = 365


@app.command("exposure", help="曝光报告：按单位和地区看谁总被列出、谁从未被列出")
def report(
    ctx: typer.Context,
    *,
    answers: Annotated[
        Path | None,
        typer.Option("--answers", help="zhiku find experts --queries … --out 的答案（JSON Lines）", show_default=False),
    ] = None,
    when: Annotated[str, typer.Option("--when", help="这段时间保存的名单，如 2026年、2026-01至2026-06")] = "",
    purpose: Annotated[str, typer.Option("--purpose", help="只看这种用途的名单：selection、job、cohort")] = "",
    top: Annotated[int, typer.Option("--top", min=1, max=1000, help="每张表最多多少行")] = 50,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="写成 Excel", show_default=False)] = None,
    force: Annotated[bool, typer.Option("--force", help="覆盖已有的文件")] = False,
    as_json: AsJson = False,
) -> None:
    """Who is always shown, who never?  Of a file of answers, or of the lists saved in a period (default: a year)."""
    if answers is not None and (when or purpose):
        raise InputError("--answers 与 --when、--purpose 只能用一样")
    asked = None
    with place(ctx).open() as store:
        if answers is not None:
            asked, shown = answered(answers)
        else:
            days = when_of(when) if when else (today() - timedelta(days=_YEAR - 1), today())
            shown = listed_between(store.database, from_day=days[0], until_day=days[1], purpose=purpose)
        found = exposure_report(store.database, appearances=shown, questions=asked, top=top)
    if out is not None:
        told(write_whole(free(out, force=force), exposure_workbook(found)))
    if as_json:
        emit(found.model_dump(mode="json"))
    else:
        _show(found)
    if not found.appearances:
        note("没有可统计的：先用 zhiku list save 保存名单，或给出 --answers 文件")
        raise typer.Exit(ExitCode.NOTHING)


def answered(path: Path) -> tuple[int, list[Appearance]]:
    """Read the answers of a batch: how many questions, and who was shown; lines with an error showed nobody.

    Raises `InputError` for a line that is no answer.
    """
    found: list[Appearance] = []
    number = 0
    for number, experts in enumerate(_lines(path), 1):
        found += [Appearance(str(number), id, rank) for rank, id in enumerate(experts, 1)]
    return number, found


def _lines(path: Path) -> Iterator[list[str]]:
    with readable_file(path).open("rb") as source:
        number = 0
        while line := source.readline(_LONGEST_LINE + 1):
            number += 1
            if not line.strip():
                continue
            try:
                reply = cast("dict[str, Any]", json.loads(line.decode("utf-8-sig")))
                yield [str(expert["id"]) for expert in reply.get("experts", [])]
            except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
                raise InputError(
                    f"{path} 第 {number} 行不是答案", hint="应为 zhiku find experts --queries 写出的 JSON Lines"
                ) from None


def _show(found: ExposureReport) -> None:
    say(
        f"{found.questions} 个问题或名单，{found.appearances} 人次；库内 {found.library} 人，"
        f"出现过 {found.shown} 人，从未出现 {found.never} 人；基尼系数 {found.gini:.3f}"
    )
    if found.most:
        rows = [
            (p.name, p.unit, p.region, p.times, percent(p.share), f"{p.mean_rank or 0:.1f}", p.id)
            for p in found.most[:_SHOWN]
        ]
        table("出现最多", ("姓名", "单位", "地区", "次数", "占问题", "平均名次", "编号"), rows)
    if found.never_shown:
        rows = [(p.name, p.unit, p.region, p.works, p.id) for p in found.never_shown[:_SHOWN]]
        table("从未出现（成果多的在前）", ("姓名", "单位", "地区", "成果", "编号"), rows)
    for title, groups in (("单位", found.units), ("地区", found.regions)):
        rows = [(g.name, g.library, g.shown, percent(g.library_share), percent(g.shown_share)) for g in groups[:_SHOWN]]
        table(f"{title}：出现比在库多的在前", (title, "库内", "出现过", "占库", "占出现"), rows)
    note(*(f"注：{text}" for text in found.notes))
