"""`zhiku ingest`: a file's facts into the graph, with progress, counts and the list of what was not taken."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.exits import ExitCode
from cli.options import AsJson
from cli.output import emit, note, say
from cli.place import place, readable_file
from cli.tables import progress_bar, table
from graph.store import Store, local_actor
from graph.textindex import TextIndex
from ingest.people.settling import SettleReport, settle
from ingest.registry import open_source
from ingest.run import RunReport, run

app = typer.Typer(add_completion=False)

REJECTS_SHOWN = 20
FLAGS_SHOWN = 3
_SETTLING = {"read": "读取署名", "compare": "比较同名", "merge": "合并"}
_PHASES = {"read": "读取", "write": "写入", "sweep": "清理来源不再提到的"}


@app.command(help="把文件导入图谱。来源 table：Excel、CSV、JSON Lines，按映射理解；来源 works：成果交换格式")
def ingest(
    ctx: typer.Context,
    *,
    source: Annotated[str, typer.Argument(help="来源：table 或 works", metavar="来源", show_default=False)],
    path: Annotated[Path, typer.Argument(help="要导入的文件", metavar="文件", show_default=False)],
    mapping: Annotated[
        str | None, typer.Option("--mapping", "-m", help="自带映射的名称，或 .toml 文件", show_default=False)
    ] = None,
    dataset: Annotated[
        str,
        typer.Option(
            "--dataset", help="数据集名；同名的再次导入算同一来源的更新（默认：映射所定，或文件名）", show_default=False
        ),
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只检查，什么都不写入")] = False,
    complete: Annotated[
        bool, typer.Option("--complete", help="文件是全量：这个来源以前说过、文件里没有的，收回")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="收回超过十分之一时也不再询问")] = False,
    as_json: AsJson = False,
) -> None:
    """Bring a file's facts into the graph."""
    chosen = open_source(source, mapping=mapping, dataset=dataset)
    readable_file(path)
    with place(ctx).open() as store:
        with progress_bar(path.name) as moved:
            report = run(
                store,
                chosen,
                path,
                actor=local_actor(),
                dry_run=dry_run,
                complete=True if complete else None,
                confirm_sweep=yes,
                progress=lambda records, phase: moved(records, _PHASES.get(phase, phase)),
            )
        settled = None
        if not dry_run:
            settled = settle_shown(store)
            with progress_bar("更新文本索引"):
                TextIndex.open(store).follow()
    if as_json:
        emit(report_json(report) | ({} if settled is None else {"people": asdict(settled)}))
    else:
        show_report(report)
        if settled is not None:
            say(*settled_lines(settled))
    raise typer.Exit(ExitCode.PARTLY if report.rejected_records or report.rejected_values else ExitCode.DONE)


def settle_shown(store: Store, *, again: bool = False) -> SettleReport:
    """Settle who is one person, with a progress bar."""
    with progress_bar("整理同名的人") as moved:
        return settle(
            store,
            actor=local_actor(),
            again=again,
            progress=lambda done, phase: moved(done, _SETTLING.get(phase, phase)),
        )


def settled_lines(settled: SettleReport) -> list[str]:
    """Say what settling did, if anything."""
    lines: list[str] = []
    if settled.merged:
        lines.append(f"同名整理：{settled.people} 人中有 {settled.merged} 人并入他人")
    if settled.parted:
        lines.append(f"有 {settled.parted} 人从原来合并的人中分出（新资料与原来的合并不符）")
    if settled.questions:
        lines.append(f"待确认 {settled.questions} 个问题：zhiku identity queue")
    if settled.flags:
        lines.append(f"{settled.flags} 组署名自相矛盾或过大，没有自动合并：")
        shown = settled.flagged[:FLAGS_SHOWN]
        lines.extend(f"  {sentence}" for sentence in shown)
        if settled.flags > len(shown):
            lines.append(f"  另有 {settled.flags - len(shown)} 组")
    if settled.no_names:
        lines.append(f"{settled.no_names} 处署名不是一个人的姓名（如“等”、机构、只有一个字），各自单列，不与任何人合并")
    return lines


def report_json(report: RunReport) -> dict[str, Any]:
    """Return a report as JSON holds it: the counts, the first rejects, the path of all of them."""
    found = {name: value for name, value in asdict(report).items() if name != "rejects"}
    found["written"] = report.written
    found["rejects"] = [asdict(reject) for reject in report.rejects[:REJECTS_SHOWN]]
    return found


def show_report(report: RunReport) -> None:
    """Print the counts of an ingest and the first of what was not taken."""
    counts = (
        ("读入记录", report.read),
        ("新建", report.created),
        ("改动", report.changed),
        ("收回", report.removed),
        ("未变", report.unchanged),
        ("拒收的记录", report.rejected_records),
        ("拒收的值（记录的其余部分已收）", report.rejected_values),
        ("文件自相矛盾的值（以先出现的为准）", report.conflicts),
        ("从第几条接着做", report.resumed_at),
        ("用时（秒）", f"{report.seconds:.1f}"),
    )
    heading = f"试运行（什么都没有写入）：{report.source}" if report.dry_run else f"导入 {report.run}：{report.source}"
    table(heading, ("项目", "数量"), [row for row in counts if row[1] or row[0] in {"读入记录", "新建", "改动"}])
    if report.rejects:
        rows = [
            (r.file, r.sheet, r.row, r.column, r.value, r.reason, "整条" if r.whole else "该值") for r in report.rejects
        ]
        title = f"没有收下的（前 {min(len(rows), REJECTS_SHOWN)} 项）"
        table(title, ("文件", "工作表", "行", "列", "值", "原因", "范围"), rows[:REJECTS_SHOWN])
        note(f"全部清单（可用 Excel 打开）：{report.rejects_file}")
    if not report.dry_run:
        say("没有变化：0 changes" if report.written == 0 else f"撤销这次导入：zhiku batch undo {report.run}")
