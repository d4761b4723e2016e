"""`zhiku template`: workbooks to fill in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.options import AsJson
from cli.output import emit, say
from cli.place import told, write_whole
from graph.errors import InputError
from viz.workbooks import AVAILABILITY, DEMANDS, HISTORY, ROSTER, SERVICES, TEAMS, EntryForm, entry_form

app = typer.Typer(add_completion=False, no_args_is_help=True, help="生成可以填写的 Excel 模板")


Force = Annotated[bool, typer.Option("--force", help="覆盖已有的文件")]


@app.command(help="专家与学会名册的 Excel 模板，填好后用 zhiku ingest table 文件 --mapping roster 导入")
def roster(
    out: Annotated[Path, typer.Option("--out", "-o", help="写到这个 .xlsx 文件")] = Path("专家名册模板.xlsx"),
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Write the workbook in which a clerk lists experts."""
    _write(ROSTER, "roster", "一人一行", out, force=force, as_json=as_json)


@app.command(
    "organisation-history",
    help="机构沿革的 Excel 模板，填好后用 zhiku ingest table 文件 --mapping organisation_history 导入",
)
def organisation_history(
    out: Annotated[Path, typer.Option("--out", "-o", help="写到这个 .xlsx 文件")] = Path("机构沿革模板.xlsx"),
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Write the workbook in which a clerk lists what became of organisations."""
    _write(HISTORY, "organisation_history", "一件事一行", out, force=force, as_json=as_json)


@app.command(help="科技服务登记的 Excel 模板，填好后用 zhiku ingest table 文件 --mapping services 导入")
def services(
    out: Annotated[Path, typer.Option("--out", "-o", help="写到这个 .xlsx 文件")] = Path("科技服务模板.xlsx"),
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Write the workbook in which a clerk lists services done or offered."""
    _write(SERVICES, "services", "一项服务一行", out, force=force, as_json=as_json)


@app.command(help="需求清单（问题库、选题库）的 Excel 模板，填好后用 zhiku ingest table 文件 --mapping demands 导入")
def demands(
    out: Annotated[Path, typer.Option("--out", "-o", help="写到这个 .xlsx 文件")] = Path("需求清单模板.xlsx"),
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Write the workbook in which a clerk lists problems, proposed topics and needs."""
    _write(DEMANDS, "demands", "一个需求一行", out, force=force, as_json=as_json)


@app.command(help="专家团队的 Excel 模板，填好后用 zhiku ingest table 文件 --mapping teams 导入")
def teams(
    out: Annotated[Path, typer.Option("--out", "-o", help="写到这个 .xlsx 文件")] = Path("专家团队模板.xlsx"),
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Write the workbook in which a clerk lists expert groups and service corps."""
    _write(TEAMS, "teams", "一个团队一行", out, force=force, as_json=as_json)


@app.command("availability", help="可用时间的 Excel 模板，填好后用 zhiku ingest table 文件 --mapping availability 导入")
def availability(
    out: Annotated[Path, typer.Option("--out", "-o", help="写到这个 .xlsx 文件")] = Path("可用时间模板.xlsx"),
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Write the workbook in which a clerk lists who is free when."""
    _write(AVAILABILITY, "availability", "一段时间一行", out, force=force, as_json=as_json)


def _write(form: EntryForm, mapping: str, how: str, out: Path, *, force: bool, as_json: bool) -> None:
    if out.exists() and not force:
        raise InputError(f"文件 {out} 已经存在，没有动它", hint="用 --out 换一个名字；确要覆盖时加 --force")
    write_whole(out, entry_form(form))
    if as_json:
        emit({"file": str(out.resolve()), "sheet": form.sheet, "columns": [c.header for c in form.columns]})
        return
    told(out)
    say(
        f"用 Excel 或 WPS 打开 {out}，在“{form.sheet}”里{how}填写，第二张表是填写说明。",
        f"填好后：zhiku ingest table {out} --mapping {mapping}",
    )
