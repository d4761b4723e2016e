"""`zhiku mapping`: which mappings come with the program."""

from __future__ import annotations

import typer

from cli.options import AsJson
from cli.output import emit, say
from cli.tables import table
from ingest.mapping import load_mapping, shipped_mappings

app = typer.Typer(add_completion=False, no_args_is_help=True, help="列出自带的映射（说明表格各列是什么意思的文件）")


@app.callback()
def mappings() -> None:
    """Keeps `list` a command of its own while it is the only one."""


@app.command("list", help="列出自带的映射")
def listed(as_json: AsJson = False) -> None:
    """Which mappings come with the program, and which columns do they read?"""
    found = [(name, path, load_mapping(path)) for name, path in shipped_mappings().items()]
    if as_json:
        emit([{"name": n, "zh": m.zh, "file": str(path), "columns": m.columns()} for n, path, m in found])
        return
    rows = [(name, m.zh, "、".join(m.columns())) for name, _, m in found]
    table("自带的映射", ("名称", "说明", "读取的列"), rows, lines=True)
    say("用法：zhiku ingest table 文件 --mapping 名称；自己写映射见 docs/mappings.md")
