"""`zhiku evaluate reviewers`: does a score order papers as reviewers rated their own expertise?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

import typer

from cli.exits import ExitCode
from cli.options import AsJson
from cli.output import emit, note
from cli.place import readable_file
from cli.tables import table
from graph.errors import InputError
from ingest.reviewer_benchmark import Benchmark, model1_predictions, read_archives, read_predictions, read_ratings
from queries.expertise import METHOD
from queries.reviewer_loss import PairAccuracy, Ratings, ReviewerLoss, reviewer_loss

_SHOWN: Final = 20


def reviewers(
    path: Annotated[
        Path, typer.Argument(help="基准的 evaluations.csv（评审人对论文的自评）", metavar="文件", show_default=False)
    ],
    *,
    archives: Annotated[
        Path | None,
        typer.Option("--archives", help="论文所在的文件夹：用它计算并检验本系统的 M₁", show_default=False),
    ] = None,
    predictions: Annotated[
        list[Path] | None,
        typer.Option("--predictions", help='别的算法的分数（可重复）：{"评审人": {"论文": 分数}}', show_default=False),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """How large is the weighted Kendall loss, and how many easy and hard pairs are ordered rightly?"""
    if archives is None and not predictions:
        raise InputError("没有可检验的分数", hint="用 --archives 给出论文文件夹，或用 --predictions 给出分数文件")
    benchmark = read_ratings(readable_file(path))
    scored: dict[str, dict[str, dict[str, float]]] = {}
    if archives is not None:
        scored[METHOD] = model1_predictions(benchmark.ratings, read_archives(archives, benchmark.ratings))
    for each in predictions or ():
        if each.stem in scored:
            raise InputError(f"两个分数文件同名：{each.stem}", hint="给其中一个改名")
        scored[each.stem] = read_predictions(readable_file(each))
    rows: list[dict[str, Any]] = []
    for name, scores in scored.items():
        kept, lost = _judged(benchmark.ratings, scores)
        if not kept:
            raise InputError(f"{name} 没有给任何一个评过分的论文打分", hint="检查评审人和论文的编号是否一致")
        rows.append(_row(name, reviewer_loss(kept, scores), lost))
    if as_json:
        unread = [error._asdict() for error in benchmark.errors[:_SHOWN]]
        emit({"methods": rows, "rejected": len(benchmark.errors), "rejected_lines": unread})
    else:
        _show(rows)
    _tell(benchmark, rows, listed=not as_json)
    raise typer.Exit(ExitCode.PARTLY if benchmark.errors or any(row["unscored"] for row in rows) else ExitCode.DONE)


def _judged(ratings: Ratings, scores: Ratings) -> tuple[dict[str, dict[str, float]], int]:
    """The ratings that have a score, and how many have none."""
    kept = {
        reviewer: {paper: value for paper, value in rated.items() if paper in scores.get(reviewer, {})}
        for reviewer, rated in ratings.items()
    }
    total = sum(len(rated) for rated in ratings.values())
    known = {reviewer: rated for reviewer, rated in kept.items() if rated}
    return known, total - sum(len(rated) for rated in known.values())


def _row(name: str, found: ReviewerLoss, unscored: int) -> dict[str, Any]:
    return {
        "method": name,
        "loss": found.loss,
        "low": found.low,
        "high": found.high,
        "easy": {"correct": found.easy.correct, "pairs": found.easy.pairs, "share": found.easy.share},
        "hard": {"correct": found.hard.correct, "pairs": found.hard.pairs, "share": found.hard.share},
        "reviewers": found.reviewers,
        "ratings": found.ratings,
        "unscored": unscored,
    }


def _show(rows: list[dict[str, Any]]) -> None:
    shown = [
        (
            row["method"],
            "—" if row["loss"] is None else f"{row['loss']:.3f} [{row['low']:.3f}, {row['high']:.3f}]",
            _pairs(row["easy"]),
            _pairs(row["hard"]),
            row["reviewers"],
            row["ratings"],
        )
        for row in rows
    ]
    columns = ("算法", "加权 Kendall 损失（越小越好）", "易分的对", "难分的对", "评审人", "评分")
    table("评审专家基准（Stelmakh 等，2023）；括号内是 95% 区间", columns, shown)


def _pairs(found: dict[str, Any]) -> str:
    share = PairAccuracy(found["correct"], found["pairs"]).share
    return "—" if share is None else f"{share:.3f}（{found['correct']}/{found['pairs']}）"


def _tell(benchmark: Benchmark, rows: list[dict[str, Any]], *, listed: bool) -> None:
    if benchmark.errors:
        note(f"{len(benchmark.errors)} 行读不懂，未采用" + ("：" if listed else ""))
    if listed:
        note(*(f"第 {error.line} 行：{error.reason}" for error in benchmark.errors[:_SHOWN]))
    note(
        *(
            f"{row['method']}：{row['unscored']} 个评分没有对应的分数（缺评审人，或缺论文的题名、摘要、年份）"
            for row in rows
            if row["unscored"]
        )
    )
