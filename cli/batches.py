"""`zhiku batch`: which imports there were, and taking one back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer

from cli.exits import ExitCode
from cli.options import AsJson
from cli.output import emit, note, say
from cli.place import place
from cli.tables import progress_bar, table
from graph.store import local_actor
from graph.textindex import TextIndex
from graph.undo import BatchRow, RunRow, batches, runs, undo

app = typer.Typer(add_completion=False, no_args_is_help=True, help="列出、撤销导入批次")

_STATUS = {"running": "未完成（再导入同一文件会接着做）", "complete": "完成", "undone": "已撤销"}
_KEPT_SHOWN = 20


@app.command("list", help="列出导入，新的在前；给出导入编号时列出它的各个批次")
def listed(
    ctx: typer.Context,
    run: Annotated[str, typer.Argument(help="导入编号", metavar="导入编号", show_default=False)] = "",
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="最多列出多少条")] = 50,
    as_json: AsJson = False,
) -> None:
    """Which imports were there?"""
    with place(ctx).open() as store:
        found = batches(store.database, run) if run else runs(store.database)
    if as_json:
        emit([row.model_dump(mode="json") for row in found[:limit]])
    elif found:
        _show(run, found[:limit])
    if not found:
        note(f"没有编号为 {run} 的导入" if run else "还没有导入过任何文件")
        raise typer.Exit(ExitCode.NOTHING)


def _show(run: str, found: Sequence[RunRow | BatchRow]) -> None:
    parts = [(b.id, b.source, b.elements, b.undone_by) for b in found if isinstance(b, BatchRow)]
    if parts:
        table(f"导入 {run} 的批次", ("批次", "来源", "主张与关系", "被哪一号撤销"), parts)
        return
    rows = [
        (r.id, r.file, r.source, _STATUS.get(r.status or "", r.status), r.started_at, r.created, r.changed, r.rejected)
        for r in found
        if isinstance(r, RunRow)
    ]
    table("导入，新的在前", ("导入编号", "文件", "来源", "状态", "开始时间", "新建", "改动", "拒收"), rows)


@app.command("undo", help="撤销一次导入（导入编号）或其中一个批次（批次号）；后来又改动过的不动，并列出来")
def undone(
    ctx: typer.Context,
    identifier: Annotated[str, typer.Argument(help="导入编号或批次号", metavar="编号", show_default=False)],
    as_json: AsJson = False,
) -> None:
    """Take back what an import wrote."""
    with place(ctx).open() as store:
        with progress_bar("撤销") as moved:
            report = undo(store, identifier, actor=local_actor(), progress=lambda done, _total: moved(done, ""))
        TextIndex.open(store).follow()
    if as_json:
        emit(asdict(report))
        return
    say(
        f"已撤销 {report.batches} 个批次："
        f"收回 {report.removed} 项，恢复原样 {report.restored} 项，保留 {report.kept} 项"
    )
    if report.kept:
        rows = [(kept.element, kept.batch) for kept in report.kept_elements[:_KEPT_SHOWN]]
        table(f"后来的批次又改动过、因此保留的（前 {len(rows)} 项）", ("内容", "后来的批次"), rows)
