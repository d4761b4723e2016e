"""`zhiku serve`: the web page and the HTTP interface."""

from __future__ import annotations

import logging
from typing import Annotated

import typer

from api.server import serve as run_service
from api.settings import ServiceSettings
from cli.options import AsJson
from cli.output import json_text, say
from cli.place import place, settings

app = typer.Typer(add_completion=False)


@app.command(help="启动网页与 HTTP 接口，并给出一个只能用一次的进入链接；按 Ctrl+C 停止")
def serve(
    ctx: typer.Context,
    host: Annotated[str | None, typer.Option("--host", help="监听地址（默认只限本机）", show_default=False)] = None,
    port: Annotated[
        int | None, typer.Option("--port", min=0, max=65535, help="监听端口；0 = 任选空闲端口", show_default=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Serve until interrupted."""
    here = place(ctx)
    chosen = settings(ServiceSettings, host=host, port=port)
    shown = logging.StreamHandler()
    shown.setFormatter(logging.Formatter("%(message)s"))
    shown.setLevel(logging.WARNING)
    logging.getLogger("zhiku").addHandler(shown)

    def opened(link: str) -> None:
        if as_json:
            say(json_text({"link": link}, indent=None))
            return
        say(
            "智库图谱正在运行。在浏览器中打开（只能用一次，进入后可查看和编辑；过后用访问令牌登录）：",
            f"  {link}",
            "停止：按 Ctrl+C",
        )

    run_service(chosen, open_link=opened, database=here.database, home=here.home)
