"""`zhiku team`: forming an expert group, a service corps or an advisory committee."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from cli.options import AsJson
from cli.output import utf8_text
from cli.place import place
from cli.service import told
from graph.store import local_actor
from ingest.commands.teams import Seat, form_team

app = typer.Typer(add_completion=False, no_args_is_help=True, help="专家团队：专家组、服务团、咨询委员会")


@app.callback()
def teams() -> None:
    """Keeps `form` a command of its own while it is the only one."""


@app.command(help="组成一个团队")
def form(
    ctx: typer.Context,
    *,
    name: Annotated[str, typer.Argument(help="团队名称", metavar="名称", show_default=False)],
    member: Annotated[list[str], typer.Option("--member", help="成员编号，可带角色：编号:组长（可重复）")],
    kind: Annotated[
        Literal["group", "corps", "committee"], typer.Option("--kind", help="专家组、服务团、咨询委员会")
    ] = "group",
    topic: Annotated[list[str] | None, typer.Option("--topic", help="覆盖的主题编号（可重复）")] = None,
    region: Annotated[list[str] | None, typer.Option("--region", help="服务地区的区划代码（可重复）")] = None,
    since: Annotated[str, typer.Option("--since", help="成立日期", show_default=False)] = "",
    until: Annotated[str, typer.Option("--until", help="届满日期", show_default=False)] = "",
    as_json: AsJson = False,
) -> None:
    """Form a team of people known to the graph."""
    seats = [Seat(*(part.strip() for part in utf8_text(each).replace("：", ":").split(":", 1))) for each in member]
    with place(ctx).open() as store:
        done = form_team(
            store,
            name=utf8_text(name),
            members=seats,
            actor=local_actor(),
            kind=kind,
            topics=topic or (),
            regions=region or (),
            since=utf8_text(since),
            until=utf8_text(until),
        )
    told(done, f"已组成，编号 {done.id}", as_json=as_json)
