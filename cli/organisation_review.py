"""`zhiku identity organisations`: which bodies known from strings only are registered ones?  Questions and answers."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from cli.exits import ExitCode
from cli.options import AsJson, Limit
from cli.output import emit, note, say, utf8_text
from cli.place import place
from cli.tables import table
from graph.store import local_actor
from ingest.commands.organisations import (
    Decided,
    NameQuestion,
    different_organisation,
    name_questions,
    same_organisation,
)

organisations_app = typer.Typer(add_completion=False, no_args_is_help=True, help="单位名称：是不是登记在册的某个机构")

Written = Annotated[str, typer.Argument(help="资料里的单位名，或机构编号", metavar="名称", show_default=False)]
Body = Annotated[str, typer.Argument(help="登记在册的机构编号", metavar="机构编号", show_default=False)]
Reason = Annotated[str, typer.Option("--reason", help="为什么（必填，留在审计记录里）", show_default=False)]


@organisations_app.command(help="列出待确认的单位名，涉及的人多的在前")
def queue(ctx: typer.Context, limit: Limit = 20, as_json: AsJson = False) -> None:
    """Which names may be registered bodies?"""
    with place(ctx).open() as store:
        found = name_questions(store.database, limit=limit)
    if as_json:
        emit([_question(question) for question in found])
    elif found:
        rows = [
            (
                question.id,
                question.name,
                question.people,
                [f"{p.name}（{p.id}）{p.points:g} 分" for p in question.proposals],
                ["；".join(f"{part.sentence} {part.points:+g}" for part in p.parts) for p in question.proposals],
            )
            for question in found
        ]
        table("待确认的单位名", ("编号", "资料里的名称", "人数", "可能是", "理由"), rows, lines=True)
        say("是：zhiku identity organisations same 编号 机构编号 --reason 理由；不是：把 same 换成 different")
    if not found:
        note("没有待确认的单位名")
        raise typer.Exit(ExitCode.NOTHING)


@organisations_app.command(help="确认：这个名称就是这个机构（可用 different 撤回）")
def same(ctx: typer.Context, written: Written, body: Body, reason: Reason = "", as_json: AsJson = False) -> None:
    """Say that a name means a registered body."""
    with place(ctx).open() as store:
        done = same_organisation(
            store, written=utf8_text(written), body=body.strip(), actor=local_actor(), reason=utf8_text(reason)
        )
    _tell(done, "今后就是", as_json=as_json)


@organisations_app.command(help="确认：这个名称不是这个机构；原来并入的会恢复")
def different(ctx: typer.Context, written: Written, body: Body, reason: Reason = "", as_json: AsJson = False) -> None:
    """Say that a name does not mean a registered body."""
    with place(ctx).open() as store:
        done = different_organisation(
            store, written=utf8_text(written), body=body.strip(), actor=local_actor(), reason=utf8_text(reason)
        )
    _tell(done, "今后不再认作", as_json=as_json)


def _tell(done: Decided, verb: str, *, as_json: bool) -> None:
    if as_json:
        emit({"name": done.subject, "organisation": done.body, "outcome": done.outcome, "bodies": list(done.bodies)})
        return
    said = "并入" if done.outcome == "same" else "恢复"
    say(f"“{done.subject}”{verb} {done.body}；{said}了 {len(done.bodies)} 个由字符串建立的机构。再导入也记得。")


def _question(question: NameQuestion) -> dict[str, Any]:
    return {
        "id": question.id,
        "name": question.name,
        "people": question.people,
        "proposals": [
            {
                "id": p.id,
                "name": p.name,
                "points": p.points,
                "department": p.department,
                "parts": [{"points": part.points, "sentence": part.sentence} for part in p.parts],
            }
            for p in question.proposals
        ],
    }
