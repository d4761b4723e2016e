"""How a question was understood, on the command line; people between two fields; disciplines of a text."""

from __future__ import annotations

import sys
from typing import Annotated, Final

import typer

from cli.exits import ExitCode
from cli.options import AsJson, Limit
from cli.output import emit, note, percent, say, utf8_text
from cli.place import place
from cli.tables import table
from graph.store import Store
from graph.textindex import TextIndex
from queries.answers import Evidence, ExpertsAnswer
from queries.bridging import BridgingAnswer, SideExpert, experts_between_fields
from queries.expansion import RELATION_WORDS
from queries.topics import MOST_TAGS, topic_tags
from queries.understood import Understanding

app = typer.Typer(add_completion=False, no_args_is_help=True, help="主题与学科")

_LONGEST_STDIN: Final = 1_000_000
_BRIDGES_SHOWN: Final = 5


@app.callback()
def topics() -> None:
    """What is a text about?"""


def bridges(store: Store, index: TextIndex, answer: ExpertsAnswer) -> BridgingAnswer | None:
    """Return who stands between the two fields of a question; None when it has not two."""
    read = answer.understanding
    if read is None or len(read.fields) < 2:
        return None
    one, other = read.fields
    return experts_between_fields(store.database, index, text=one, other=other, limit=_BRIDGES_SHOWN)


def show_understanding(read: Understanding | None) -> None:
    """Say beside the answer (on stderr) what the question names and what else could be asked."""
    if read is None:
        return
    if read.did_you_mean:
        note(f"您是不是要找：{'、'.join(read.did_you_mean)}")
    if read.simplified:
        note(f"繁体字同时按简体查找：{read.simplified}")
    for person in read.people:
        who = "，".join(part for part in (person.organisation, person.professional_title) if part)
        note(f"题目里有人名：{person.name}{f'（{who}）' if who else ''}，详情见 zhiku show expert {person.id}")
    if read.people_total > len(read.people):
        note(f"图谱里叫这个名字的共有 {read.people_total} 人")
    for body in read.organisations:
        if body.rest:
            note(f"题目里有单位：{body.name}；只在该单位里找用 --organisation {body.id} “{body.rest}”")
    offered = [f"{each.term}（{each.topic_name}的{RELATION_WORDS[each.relation]}）" for each in read.expansions]
    if offered:
        note(f"可用 --expand 加上的扩展词：{'、'.join(offered[:6])}")


def between(
    ctx: typer.Context,
    text: Annotated[str, typer.Argument(help="两个领域，或第一个领域", metavar="领域", show_default=False)],
    other: Annotated[str, typer.Argument(help="第二个领域", metavar="另一领域", show_default=False)] = "",
    limit: Limit = 10,
    as_json: AsJson = False,
) -> None:
    """Who works in both of two fields, and with which works?"""
    with place(ctx).opened() as (store, index):
        answer = experts_between_fields(
            store.database, index, text=utf8_text(text), other=utf8_text(other), limit=limit
        )
    if as_json:
        emit(answer.model_dump(mode="json"))
    else:
        show_between(answer)
        note(*(f"注：{each}" for each in answer.notes))
    if not answer.experts:
        raise typer.Exit(ExitCode.NOTHING)


def show_between(answer: BridgingAnswer | None) -> None:
    """Print the bridging people with their works, and the best of each field."""
    if answer is None or not answer.fields:
        return
    one, other = answer.fields
    if answer.experts:
        rows = [
            (
                each.rank,
                [each.name, each.professional_title],
                list(each.organisations),
                [f"{one} {percent(each.one_score)}", f"{other} {percent(each.other_score)}"],
                [_work("两者", work) for work in each.works_in_both]
                or [_work(one, work) for work in each.one[:1]] + [_work(other, work) for work in each.other[:1]],
                each.id,
            )
            for each in answer.experts
        ]
        table(f"在“{one}”与“{other}”都有成果的 {answer.candidates} 人", _COLUMNS, rows, lines=True)
    for field, people in ((one, answer.one), (other, answer.other)):
        if people:
            say(f"“{field}”最相关：{'、'.join(_side(person) for person in people)}")


_COLUMNS: Final = ("名次", "专家", "单位", "相当于该领域首位的", "成果", "编号")


def _work(field: str, work: Evidence) -> str:
    return f"{field}：《{work.title}》{work.year or ''}"


def _side(person: SideExpert) -> str:
    where = f"（{person.organisations[0]}）" if person.organisations else ""
    return f"{person.name}{where}"


@app.command("tag", help="一段文字属于哪些学科，各有几成把握")
def tag(
    ctx: typer.Context,
    text: Annotated[str, typer.Argument(help="题目或摘要；- 表示从标准输入读", metavar="文字", show_default=False)],
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=MOST_TAGS, help="每个体系最多几个学科")] = 3,
    as_json: AsJson = False,
) -> None:
    """Which disciplines is a text about, learnt from the graph's own tagged works?"""
    given = sys.stdin.read(_LONGEST_STDIN) if text == "-" else utf8_text(text)
    with place(ctx).opened() as (store, index):
        answer = topic_tags(store.database, index, text=given, limit=limit)
    if as_json:
        emit(answer.model_dump(mode="json"))
    elif answer.tags:
        rows = [
            (each.scheme, each.name, percent(each.confidence), "、".join(each.words), each.topic)
            for each in answer.tags
        ]
        table(f"学科（学自 {answer.learnt_from} 项已标学科的成果）", ("体系", "学科", "把握", "依据的词", "编号"), rows)
    note(*(f"注：{each}" for each in answer.notes))
    if not answer.tags:
        raise typer.Exit(ExitCode.NOTHING)
