"""`zhiku evaluate`: how good are the answers, against what people know to be right?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from cli.evaluate_retrieval import retrieval
from cli.evaluate_reviewers import reviewers
from cli.exits import ExitCode
from cli.options import AsJson, Limit
from cli.output import emit, note, percent, say
from cli.place import place, readable_file
from cli.tables import progress_bar, table
from graph.store import Store
from ingest.commands.evaluation import (
    IdentityEvaluation,
    Pair,
    ShownMention,
    ShownPair,
    WorstName,
    evaluate_identity,
)
from ingest.people.evaluation import Measures
from ingest.people.labels import Labels, read_labels
from ingest.people.progress import read_background, read_settled
from ingest.people.review import question_pairs
from ingest.people.statistics import Background

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="用已知的答案检验：同名的人认得准不准，检索找得对不对"
)

_UNREADABLE_SHOWN: Final = 20
_UNSETTLED: Final = "—（还没有整理过同名的人：先运行 zhiku identity settle）"


app.command(help="检验检索：正确的人找到没有、排第几；可与别的算法或以前的答案比较。不改动图谱")(retrieval)
app.command(help="检验“是否内行”的打分：公开的评审专家基准（Stelmakh 等，2023）的格式。不用图谱")(reviewers)


@app.command(help="检验同名的人认得准不准：准确率、召回率、最差的姓名及原因。不改动图谱")
def identity(
    ctx: typer.Context,
    path: Annotated[
        Path,
        typer.Argument(
            help='标注文件（JSON Lines），每行 {"mention": "成果编号#位置", "person": "…"}',
            metavar="文件",
            show_default=False,
        ),
    ],
    limit: Limit = 10,
    as_json: AsJson = False,
) -> None:
    """How well do the people of the graph agree with labels?"""
    labels = read_labels(readable_file(path))
    with place(ctx).open() as store, progress_bar("检验") as moved:
        background, questions = _settled(store)
        found = evaluate_identity(
            store, labels.mentions, limit=limit, background=background, questions=questions, progress=moved
        )
    if as_json:
        unread = [error._asdict() for error in labels.errors[:_UNREADABLE_SHOWN]]
        emit({**found.model_dump(mode="json"), "rejected": labels.rejected, "rejected_lines": unread})
    else:
        _show(found)
    _tell_unused(labels, found, listed=not as_json)
    raise typer.Exit(ExitCode.PARTLY if labels.rejected or found.not_found else ExitCode.DONE)


def _settled(store: Store) -> tuple[Background | None, list[Pair] | None]:
    """The counts that people were settled with, and what was left open; None and none where they never were."""
    settled = read_settled(store)
    if settled is None:
        return None, None
    return read_background(store, settled.version), question_pairs(store.database)


def _show(found: IdentityEvaluation) -> None:
    rows = [
        ("每个姓名算一次，再平均", *_measures(found.mean), *_measures(found.mean_bcubed)),
        ("全部合在一起", *_measures(found.pooled), *_measures(found.pooled_bcubed)),
    ]
    title = f"{found.mentions} 处署名，{found.names} 个姓名，{found.people} 人"
    columns = ("算法", "准确率（对）", "召回率（对）", "F（对）", "准确率（B³）", "召回率（B³）", "F（B³）")
    table(title, columns, rows)
    asked = _UNSETTLED if found.questions_per_1000 is None else f"{found.questions_per_1000:.1f}"
    say(
        f"自动归到一起的署名：{percent(found.automatic_share)}；每千处署名要问的问题：{asked}",
        *([f"{found.repeated} 条标注重复指同一处署名，只算一次"] if found.repeated else []),
    )
    if found.worst:
        _show_worst(found.worst)
    if found.hidden:
        say(f"另有 {found.hidden} 个出错的姓名涉及受限的人或成果，已计入数字，不列出")


def _show_worst(worst: list[WorstName]) -> None:
    rows = [
        (
            row.name,
            [f"{row.mentions} 处署名", f"实有 {row.people} 人", f"图中 {row.groups} 人"],
            [f"错合 {row.wrong} 对", f"漏合 {row.missed} 对"],
            [*_pair("不是一人，却合在一起", row.joined), *_pair("是一人，却分开了", row.separate)],
        )
        for row in worst
    ]
    table("最差的姓名", ("姓名", "署名", "错误", "举例与理由"), rows, lines=True)


def _measures(values: Measures) -> tuple[str, str, str]:
    return f"{values.precision:.4f}", f"{values.recall:.4f}", f"{values.f:.4f}"


def _pair(title: str, pair: ShownPair | None) -> list[str]:
    if pair is None:
        return []
    points = "" if pair.score is None else f"（{pair.score:+.1f} 分）"
    return [f"{title}{points}：", *(_mention(m) for m in (pair.left, pair.right)), *(f"  {r}" for r in pair.reasons)]


def _mention(mention: ShownMention) -> str:
    where = f"《{mention.title}》" if mention.title else mention.mention
    parts = (where, str(mention.year or ""), mention.name, mention.affiliation or "未写单位", f"标注为 {mention.known}")
    return f"· {'，'.join(part for part in parts if part)}（{mention.person}）"


def _tell_unused(labels: Labels, found: IdentityEvaluation, *, listed: bool) -> None:
    if labels.rejected:
        note(f"{labels.rejected} 行读不懂，未采用" + ("：" if listed else ""))
    if found.not_found:
        note(f"{found.not_found} 条标注在图中找不到对应的署名，未计入" + ("：" if listed else ""))
    if listed:
        note(*(f"第 {error.line} 行：{error.reason}" for error in labels.errors[:_UNREADABLE_SHOWN]))
        note(*(f"{unused.mention}：{unused.reason}" for unused in found.unlocated))
