"""`zhiku doctor list`: the cases behind one figure of the doctor's, the worst first."""

from __future__ import annotations

from typing import Annotated, cast

import typer

from cli.exits import ExitCode
from cli.options import AsJson, Limit
from cli.output import emit, note, say, utf8_text
from cli.place import place
from cli.tables import table
from queries.quality import KINDS, MOST_STALE_YEARS, STALE_YEARS, QualityCase, QualityKind, quality_cases

Kind = Annotated[str, typer.Argument(help=f"哪一项：{'、'.join(KINDS)}", metavar="项目", show_default=False)]
StaleYears = Annotated[
    int,
    typer.Option("--stale-years", min=1, max=MOST_STALE_YEARS, help="任职多少年没有依据算过时"),
]


def listed(
    ctx: typer.Context,
    kind: Kind,
    limit: Limit = 20,
    stale_years: StaleYears = STALE_YEARS,
    as_json: AsJson = False,
) -> None:
    """Which are the worst cases of one kind, and why?"""
    asked = cast(QualityKind, utf8_text(kind).strip())
    with place(ctx).open() as store:
        found = quality_cases(store.database, kind=asked, limit=limit, stale_years=stale_years)
    if as_json:
        emit(found.model_dump(mode="json"))
    elif found.cases:
        rows = [(case.name, case.id, case.why, _others(case)) for case in found.cases]
        table(f"{found.title}：{found.meaning}", ("名称", "编号", "为什么", "涉及"), rows, lines=True)
        say(f"列出 {len(rows)} 条；总数见 zhiku doctor，更多用 --limit")
    if not found.cases:
        note(f"没有这样的情况：{found.title}")
        raise typer.Exit(ExitCode.NOTHING)


def _others(case: QualityCase) -> list[str]:
    return [f"{other.name}（{other.id}）" for other in case.others]
