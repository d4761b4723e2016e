"""`zhiku audit`: was anything in the record of writes changed, removed, reordered or cut off?"""

from __future__ import annotations

import typer

from cli.exits import ExitCode
from cli.options import AsJson
from cli.output import complain, emit, say
from cli.place import place

app = typer.Typer(add_completion=False, no_args_is_help=True, help="校验审计链")


@app.callback()
def audit() -> None:
    """Keeps `verify` a command of its own while it is the only one."""


@app.command(help="重新计算整条审计链，并与库外锚点比对；发现问题时退出码为 6")
def verify(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Is the audit chain whole?"""
    with place(ctx).open() as store:
        found = store.audit.verify()
    if as_json:
        emit({"ok": found.ok, "events": found.events, "faults": list(found.faults)})
    elif found.ok:
        say(f"审计链完好：{found.events} 个事件全部相符")
    else:
        complain(
            f"审计链校验不通过：检查了 {found.events} 个事件，发现 {len(found.faults)} 处问题",
            "停止写入，保留数据目录，与备份比对",
        )
        say(*found.faults)
    raise typer.Exit(ExitCode.DONE if found.ok else ExitCode.DAMAGED)
