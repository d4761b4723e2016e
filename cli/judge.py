"""`zhiku judge`: are these known people expert enough for this text?"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from cli.exits import ExitCode
from cli.options import AsJson
from cli.output import emit, mark_fictional, note, percent, utf8_text
from cli.place import place
from cli.tables import table
from queries.expertise import PersonExpertise, expertise_of
from queries.known_people import people_meant

_LONGEST_STDIN = 1_000_000

Text = Annotated[
    str, typer.Argument(help="课题、申报书或题目的文字；- 表示从标准输入读", metavar="文字", show_default=False)
]
People = Annotated[
    list[str],
    typer.Option("--person", "-p", help="要判断的人：编号，或 姓名（单位）；可重复", show_default=False),
]


app = typer.Typer(add_completion=False)


@app.command(help="判断已知的人对一段文字是否内行：分数、依据、还缺什么；分数可以互相比较")
def judge(ctx: typer.Context, text: Text, *, person: People, as_json: AsJson = False) -> None:
    """How expert is each of these people in this text, and why?"""
    question = sys.stdin.read(_LONGEST_STDIN) if text == "-" else utf8_text(text)
    with place(ctx).opened() as (store, index):
        people = people_meant(store.database, index, people=[utf8_text(each).strip() for each in person])
        answer = expertise_of(store.database, index, people=people, text=question)
    if as_json:
        emit(answer.model_dump(mode="json"))
    elif answer.people:
        rows = [(each.name, _score(each), percent(each.coverage), _why(each), each.id) for each in answer.people]
        title = "分数可以在不同题目、不同的人之间比较（M₁，越大越内行）"
        table(title, ("姓名", "分数", "词的覆盖", "依据与缺少的", "编号"), rows, lines=True)
        mark_fictional(any(each.fictional for each in answer.people))
    note(*(f"注：{told}" for told in answer.notes))
    note(*(f"没有这个编号的人：{each}" for each in answer.unknown))
    if not answer.people:
        raise typer.Exit(ExitCode.NOTHING)
    raise typer.Exit(ExitCode.PARTLY if answer.unknown else ExitCode.DONE)


def _score(found: PersonExpertise) -> str:
    return "无法判断" if found.score is None else f"{found.score:.3f}"


def _why(found: PersonExpertise) -> list[str]:
    works = [f"{percent(each.share)} 《{each.title}》{each.year or ''}" for each in found.works[:3]]
    return [*works, *(f"（{missing}）" for missing in found.missing)]
