"""`zhiku template`: workbooks to fill in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.options import AsJson
from cli.output import emit, say
from cli.place import told, write_whole
from graph.errors import InputError
from viz.workbooks import ROSTER, roster_template

app = typer.Typer(add_completion=False, no_args_is_help=True, help="生成可以填写的 Excel 模板")


@app.callback()
def templates() -> None:
    """Keeps `roster` a command of its own while it is the only one."""


@app.command(help="专家与学会名册的 Excel 模板，填好后用 zhiku ingest table 文件 --mapping roster 导入")
def roster(
    out: Annotated[Path, typer.Option("--out", "-o", help="写到这个 .xlsx 文件")] = Path("专家名册模板.xlsx"),
    force: Annotated[bool, typer.Option("--force", help="覆盖已有的文件")] = False,
    as_json: AsJson = False,
) -> None:
    """Write the workbook in which a clerk lists experts."""
    if out.exists() and not force:
        raise InputError(f"文件 {out} 已经存在，没有动它", hint="用 --out 换一个名字；确要覆盖时加 --force")
    write_whole(out, roster_template())
    if as_json:
        emit({"file": str(out.resolve()), "sheet": ROSTER.sheet, "columns": [c.header for c in ROSTER.columns]})
        return
    told(out)
    say(
        f"用 Excel 或 WPS 打开 {out}，在“{ROSTER.sheet}”里一人一行填写，第二张表是填写说明。",
        f"填好后：zhiku ingest table {out} --mapping roster",
    )
