"""`zhiku nominate`: put a person forward, say what became of it, list what was said."""

from __future__ import annotations

from typing import Annotated, cast

import typer

from cli.exits import ExitCode
from cli.options import AsJson, Limit
from cli.output import emit, note, say, utf8_text
from cli.place import place
from cli.tables import table
from graph.store import local_actor
from ingest.commands.nominations import Outcome, decide_nomination, nominate
from queries.nominations import STATUSES, nominations

app = typer.Typer(add_completion=False, no_args_is_help=True, help="举荐：谁举荐了谁、依据什么、结果如何")


@app.command(help="举荐一个人")
def add(
    ctx: typer.Context,
    *,
    person: Annotated[str, typer.Argument(help="被举荐人的编号", metavar="人员编号", show_default=False)],
    nominator: Annotated[str, typer.Option("--by", help="举荐人或单位（必填）")] = "",
    reason: Annotated[str, typer.Option("--reason", help="理由（必填）")] = "",
    programme: Annotated[str, typer.Option("--for", help="举荐到哪个计划、库或称号")] = "",
    work: Annotated[list[str] | None, typer.Option("--work", help="依据的成果或项目编号（可重复）")] = None,
    as_json: AsJson = False,
) -> None:
    """Put a person forward."""
    with place(ctx).open() as store:
        id = nominate(
            store, person=utf8_text(person), nominator=utf8_text(nominator), reason=utf8_text(reason),
            programme=utf8_text(programme), works=[utf8_text(each) for each in work or ()], actor=local_actor(),
        )  # fmt: skip
    if as_json:
        emit({"id": id})
        return
    say(f"已记下举荐，编号 {id}")


@app.command(help="记下举荐的结果：accepted 采纳、declined 未采纳、withdrawn 撤回、proposed 待定")
def decide(
    ctx: typer.Context,
    id: Annotated[str, typer.Argument(help="举荐编号", metavar="举荐编号", show_default=False)],
    outcome: Annotated[str, typer.Argument(help="、".join(STATUSES), metavar="结果", show_default=False)],
    reason: Annotated[str, typer.Option("--reason", help="理由（必填）")] = "",
) -> None:
    """Say what became of a nomination."""
    code = next((code for code, zh in STATUSES.items() if zh == utf8_text(outcome)), utf8_text(outcome))
    with place(ctx).open() as store:
        decide_nomination(
            store, id=utf8_text(id), outcome=cast(Outcome, code), reason=utf8_text(reason), actor=local_actor()
        )
    say(f"已记下：{STATUSES[code]}")


@app.command("list", help="举荐与经过，新的在前")
def listed(
    ctx: typer.Context,
    person: Annotated[str, typer.Option("--person", help="只看这个人")] = "",
    status: Annotated[str, typer.Option("--status", help=f"只看：{'、'.join(STATUSES)}")] = "",
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """Who was nominated?"""
    with place(ctx).open() as store:
        found = nominations(store.database, person=utf8_text(person), status=utf8_text(status), limit=limit)
    if as_json:
        emit([row.model_dump(mode="json") for row in found])
    elif found:
        rows = [
            (
                n.name,
                n.nominator,
                n.programme,
                n.nominated_on,
                STATUSES.get(n.status, n.status),
                [n.reason, *(f"依据：《{work.title}》" for work in n.works)],
                [f"{s.at[:10]} {s.actor} {STATUSES.get(s.status, s.status)}：{s.reason}" for s in n.history],
                n.id,
            )
            for n in found
        ]
        columns = ("被举荐人", "举荐人", "举荐到", "日期", "结果", "理由", "经过", "编号")
        table("举荐", columns, rows, lines=True)
    if not found:
        note("没有这样的举荐")
        raise typer.Exit(ExitCode.NOTHING)
