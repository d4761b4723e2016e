"""`zhiku evaluate retrieval`: does the lookup find the people known to be right, and is it better than another?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from cli.exits import ExitCode
from cli.options import AsJson, Limit
from cli.output import emit, note, say, utf8_text
from cli.place import place, readable_file, told, write_whole
from cli.tables import progress_bar, table
from ingest.commands.retrieval_evaluation import Difference, QuestionRow, RetrievalEvaluation, evaluate_retrieval
from ingest.judged_questions import JudgedQuestions, read_judged_questions
from ingest.kept_answers import answers_text, read_answers
from queries.baselines import BASELINES
from queries.measures import MEASURES
from queries.retrieval import RANKING
from viz.tables_book import Sheet, tables_book

_UNREADABLE_SHOWN: Final = 20
_HEADER: Final = ("版本", "指标", "平均", "95% 下限", "95% 上限")
_DIFFERENCES: Final = ("对照", "指标", "平均差", "95% 下限", "95% 上限", "胜", "负", "平", "符号检验 p", "置换检验 p")

File = Annotated[
    Path,
    typer.Argument(
        help='问题与正确答案：每行 {"id", "text", "relevant": [编号或 {"name","organisation"}]}，或 CSV、Excel 表',
        metavar="文件",
        show_default=False,
    ),
]
Against = Annotated[
    list[str] | None,
    typer.Option("--against", help=f"与谁比较（可重复）：{'、'.join(BASELINES)}，或 --keep 保存的答案文件"),
]
Keep = Annotated[
    Path | None, typer.Option("--keep", help="把这一次的答案存到这个文件，供以后的版本比较", show_default=False)
]
Name = Annotated[str, typer.Option("--name", help="这一次的版本叫什么")]
Excel = Annotated[Path | None, typer.Option("--excel", help="把数字和逐题的结果写成 Excel 文件", show_default=False)]


def retrieval(
    ctx: typer.Context,
    path: File,
    *,
    against: Against = None,
    name: Name = RANKING,
    keep: Keep = None,
    excel: Excel = None,
    limit: Limit = 10,
    as_json: AsJson = False,
) -> None:
    """How often, and how far up, are the right people found?"""
    asked = read_judged_questions(readable_file(path))
    baselines = [each for each in against or () if each in BASELINES]
    earlier = [read_answers(readable_file(Path(each))) for each in against or () if each not in BASELINES]
    with place(ctx).opened() as (store, index), progress_bar("检验", len(asked.questions)) as moved:
        found = evaluate_retrieval(
            store.database,
            index,
            asked.questions,
            name=utf8_text(name).strip() or RANKING,
            baselines=baselines,
            earlier=earlier,
            progress=moved,
        )
    evaluation = found.evaluation
    if keep is not None:
        told(write_whole(keep, answers_text(found.answers).encode()))
    if excel is not None:
        told(write_whole(excel, _book(evaluation)))
    if as_json:
        unread = [error._asdict() for error in asked.errors[:_UNREADABLE_SHOWN]]
        emit({**evaluation.model_dump(mode="json"), "rejected": asked.rejected, "rejected_lines": unread})
    else:
        _show(evaluation, limit)
    _tell_unused(asked, evaluation, listed=not as_json)
    raise typer.Exit(ExitCode.PARTLY if asked.rejected or evaluation.unknown else ExitCode.DONE)


def _show(found: RetrievalEvaluation, limit: int) -> None:
    rows = [
        (each.version, *(f"{figure.mean:.3f} [{figure.low:.3f}, {figure.high:.3f}]" for figure in each.figures))
        for each in found.versions
    ]
    table(f"{found.questions} 个问题，{found.relevant} 个正确答案；括号内是 95% 区间", ("版本", *MEASURES), rows)
    if found.differences:
        compared = [_difference(each) for each in found.differences]
        columns = ("对照", "指标", "平均差（95% 区间）", "胜/负/平", "符号检验 p", "置换检验 p")
        table(f"{found.version} 减去对照，逐题比较", columns, compared)
    worst = sorted(found.rows, key=lambda row: (row.measures[found.version]["nDCG@10"], row.line))[:limit]
    title = f"最差的 {len(worst)} 个问题（全部在 --json 和 --excel 里）"
    table(title, ("行", "编号", "问题", "正确的人", "首个正确名次", "nDCG@10"), [_row(found, row) for row in worst])


def _difference(each: Difference) -> tuple[object, ...]:
    span = f"{each.mean:+.3f} [{each.low:+.3f}, {each.high:+.3f}]"
    counts = f"{each.wins}/{each.losses}/{each.ties}"
    return each.against, each.measure, span, counts, f"{each.sign_p:.4f}", f"{each.permutation_p:.4f}"


def _row(found: RetrievalEvaluation, row: QuestionRow) -> tuple[object, ...]:
    known = f"{row.relevant}" if row.known == row.relevant else f"{row.relevant}（图中有 {row.known}）"
    return row.line, row.id, row.text[:40], known, row.first or "—", f"{row.measures[found.version]['nDCG@10']:.3f}"


def _book(found: RetrievalEvaluation) -> bytes:
    figures = [
        (each.version, figure.measure, figure.mean, figure.low, figure.high)
        for each in found.versions
        for figure in each.figures
    ]
    names = [each.version for each in found.versions]
    header = ["行", "编号", "问题", "正确的人", "图中有", "首个正确名次", "前十名"]
    header += [f"{measure}（{version}）" for version in names for measure in MEASURES]
    rows = [
        (
            row.line,
            row.id,
            row.text,
            row.relevant,
            row.known,
            row.first,
            "；".join(row.best),
            *(row.measures[version][measure] for version in names for measure in MEASURES),
        )
        for row in found.rows
    ]
    return tables_book(
        f"检索检验 {found.version}",
        (
            Sheet("指标", _HEADER, figures, (28, 12)),
            Sheet(
                "版本比较", _DIFFERENCES, [tuple(each.model_dump().values()) for each in found.differences], (28, 12)
            ),
            Sheet("逐题", header, rows, (6, 16, 60, 10, 10, 12, 40)),
        ),
    )


def _tell_unused(asked: JudgedQuestions, found: RetrievalEvaluation, *, listed: bool) -> None:
    if asked.rejected:
        note(f"{asked.rejected} 行读不懂，未采用" + ("：" if listed else ""))
    if listed:
        note(*(f"第 {error.line} 行：{error.reason}" for error in asked.errors[:_UNREADABLE_SHOWN]))
    if found.unknown:
        note(f"{found.unknown} 个正确答案在图中找不到，按没有找到计" + ("：" if listed else ""))
    if listed:
        note(*(f"第 {each.line} 行：{each.described}" for each in found.unknown_people))
        say(f"版本 {found.version}，图谱写到第 {found.sequence} 号")
