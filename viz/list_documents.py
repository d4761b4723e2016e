"""A saved list, a cohort and an exposure report as documents: Excel workbooks, and a page to print on A4."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import date
from typing import Final

from markupsafe import Markup, escape

from queries.cohorts import FIGURES, CohortTracking
from queries.exposure import EXPOSURE_FIELDS, exposure_kept
from queries.exposure_report import ExposedGroup, ExposedPerson, ExposureReport
from queries.kept_questions import said_of_question
from queries.saved_lists import PURPOSES, SavedListAnswer
from viz.answer_workbooks import Cell, Sheet, table_workbook

_LONGEST_QUESTION_SHOWN: Final = 300
_MEMBERS: Final = (
    ("名次", 6), ("姓名或名称", 16), ("单位", 28), ("职称或类别", 12), ("得分", 9), ("批注", 36),
    ("人工添加的理由", 24), ("保存以后的变化", 24), ("编号", 30),
)  # fmt: skip
PRINT_STYLE: Final = """\
@page { size: A4; margin: 18mm 16mm 20mm; }
body { font-family: "Songti SC", "SimSun", "Noto Serif CJK SC", serif; font-size: 11pt; line-height: 1.5; color: #000;
  background: #fff; max-width: 178mm; margin: 0 auto; padding: 8mm 0; }
h1 { font-family: "Heiti SC", "SimHei", "Noto Sans CJK SC", sans-serif; font-size: 17pt; text-align: center;
  margin: 0 0 4mm; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 1mm 4mm; margin: 0 0 5mm; }
dt { font-weight: bold; } dd { margin: 0; overflow-wrap: anywhere; }
table { width: 100%; border-collapse: collapse; } thead { display: table-header-group; }
tr { break-inside: avoid; }
th, td { border: 0.5pt solid #000; padding: 1mm 1.5mm; vertical-align: top; text-align: left; overflow-wrap: anywhere; }
th { background: #eee; } .figure { text-align: right; white-space: nowrap; }
.hash { font-family: ui-monospace, Consolas, monospace; font-size: 8.5pt; overflow-wrap: anywhere; }
footer { margin-top: 6mm; font-size: 9pt; }
@media print { body { max-width: none; padding: 0; } .screen { display: none; } }
"""
_PAGE: Final = Markup("""\
<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<title>{title}</title>
{style}
</head>
<body>
<h1>{heading}</h1>
<dl>
{facts}
</dl>
<table>
<thead><tr><th>名次</th><th>姓名或名称</th><th>单位</th><th>职称或类别</th><th>批注</th></tr></thead>
<tbody>
{rows}
</tbody>
</table>
<footer>
{notes}
<p>共 {count} 位。智库图谱生成，仅供遴选参考。</p>
</footer>
</body>
</html>
""")


def list_facts(answer: SavedListAnswer) -> list[tuple[str, str]]:
    """Return what a list is, line by line, in Chinese: purpose, question, filters, how and when made, hash."""
    card = answer.card
    question = card.question
    if len(question) > _LONGEST_QUESTION_SHOWN:
        question = f"{question[:_LONGEST_QUESTION_SHOWN]}……（共 {len(card.question)} 字）"
    days = f"{card.from_day or ''} 至 {card.until_day or ''}" if card.from_day or card.until_day else ""
    options = exposure_kept(answer.filters, on=date.fromisoformat(card.saved_on))
    kept = {name: value for name, value in answer.filters.items() if not options or name not in EXPOSURE_FIELDS}
    filters = "；".join(f"{name}：{value}" for name, value in said_of_question(kept))
    facts = [
        ("用途", PURPOSES[card.purpose]),
        ("任务日期", days),
        ("问题", question),
        ("筛选条件", filters),
        ("声明选项", options.statement if options else ""),
        ("排序版本", f"{card.ranking}（数据到第 {card.sequence} 次写入）" if card.ranking else ""),
        ("保存", f"{card.saved_on}，{card.saved_by}"),
        ("复制自", card.copied_from),
        ("冻结", f"{card.frozen_on}，{card.frozen_by}" if card.frozen_hash else "未冻结，仍可改动"),
        ("SHA-256", card.frozen_hash),
        ("名单编号", card.id),
    ]
    return [(name, text) for name, text in facts if text]


def list_workbook(answer: SavedListAnswer) -> bytes:
    """Return a saved list as a workbook: the members, and what the list is."""
    rows: list[Sequence[Cell]] = [
        (m.rank, m.name, m.unit, m.title, m.score, m.note, m.reason if m.by_hand else "", m.change, m.id)
        for m in answer.members
    ]
    facts: list[Sequence[Cell]] = [*list_facts(answer), *(("说明", note) for note in answer.notes)]
    return table_workbook(
        answer.card.name,
        (Sheet("名单", _MEMBERS, rows, (answer.card.name,)), Sheet("说明", (("项目", 14), ("内容", 80)), facts)),
    )


def printed_list(answer: SavedListAnswer, *, stylesheet: str | None = None) -> str:
    """Return a saved list as an HTML page to print on A4, head of the table on every sheet; every value is escaped.

    `stylesheet` is the address of the style where the page is served; without one the style stands in the page, so that
    the file opens by itself.
    """
    inside = Markup("<style>\n{}</style>").format(Markup(PRINT_STYLE))  # noqa: S704 - our own constant
    style = Markup('<link rel="stylesheet" href="{}">').format(stylesheet) if stylesheet else inside
    facts = Markup("\n").join(
        Markup('<dt>{}</dt><dd class="{}">{}</dd>').format(name, "hash" if name == "SHA-256" else "", _line(text))
        for name, text in list_facts(answer)
    )
    rows = Markup("\n").join(
        Markup('<tr><td class="figure">{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>').format(
            m.rank, _line(m.name), _line(m.unit), _line(m.title), _note(m.note, m.reason if m.by_hand else "", m.change)
        )
        for m in answer.members
    )
    notes = Markup("\n").join(Markup("<p>{}</p>").format(_line(note)) for note in answer.notes)
    parts = {"style": style, "facts": facts, "rows": rows, "notes": notes, "count": len(answer.members)}
    return _PAGE.format(title=_plain(answer.card.name), heading=_line(answer.card.name), **parts)


def cohort_workbook(tracking: CohortTracking) -> bytes:
    """Return a cohort over its years as a workbook: every figure with its change against the snapshot before."""
    columns = [("姓名", 14), ("年份", 8)]
    for zh in FIGURES.values():
        columns += [(zh, 9), (f"{zh}变化", 9)]
    columns += [("被采纳", 9), ("任职", 40), ("在名单上", 9), ("编号", 30)]
    rows: list[Sequence[Cell]] = []
    for member in tracking.members:
        for year in member.years:
            row: list[Cell] = [member.name, year.year]
            for name in FIGURES:
                row += [getattr(year.figures, name), None if year.change is None else year.change[name]]
            posts = "；".join(year.figures.posts)
            rows.append([*row, year.figures.adopted, posts, "否" if member.left else "是", member.id])
    hashes: list[Sequence[Cell]] = [(year, digest) for year, digest in tracking.hashes.items()]
    return table_workbook(
        tracking.name,
        (
            Sheet("跟踪", tuple(columns), rows, (f"跟踪梯队：{tracking.name}", *tracking.notes)),
            Sheet("快照", (("年份", 8), ("SHA-256", 70)), hashes),
        ),
    )


def exposure_workbook(report: ExposureReport) -> bytes:
    """Return an exposure report as a workbook: figures, who is shown most, who never, units, regions."""
    figures: list[Sequence[Cell]] = [
        ("问题或名单", report.questions),
        ("出现人次", report.appearances),
        ("库内的人", report.library),
        ("出现过的人", report.shown),
        ("从未出现的人", report.never),
        ("基尼系数（0 均匀，1 集中于一人）", report.gini),
        *(("说明", note) for note in report.notes),
    ]
    return table_workbook(
        "曝光报告",
        (
            Sheet("概况", (("项目", 36), ("数值", 16)), figures),
            _people("出现最多", report.most),
            _people("从未出现", report.never_shown),
            _groups("单位", report.units),
            _groups("地区", report.regions),
        ),
    )


def _people(name: str, people: Sequence[ExposedPerson]) -> Sheet:
    columns = (("姓名", 14), ("单位", 30), ("地区", 14), ("成果", 8), ("出现次数", 9), ("占问题", 9), ("平均名次", 9),
               ("编号", 30))  # fmt: skip
    return Sheet(
        name, columns, [(p.name, p.unit, p.region, p.works, p.times, p.share, p.mean_rank, p.id) for p in people]
    )


def _groups(name: str, groups: Sequence[ExposedGroup]) -> Sheet:
    columns = ((name, 30), ("库内人数", 9), ("出现过", 9), ("出现人次", 9), ("占库", 9), ("占出现", 9),
               ("出现/在库", 9), ("编号", 30))  # fmt: skip
    rows = [
        (g.name, g.library, g.shown, g.times, g.library_share, g.shown_share, g.ratio, g.id) for g in groups
    ]  # fmt: skip
    return Sheet(name, columns, rows)


def _note(*parts: str) -> Markup:
    return Markup("<br>").join(_line(part) for part in parts if part)


def _line(text: str) -> Markup:
    """Text on one line, escaped, without characters that turn the direction of what stands around it."""
    return Markup("<bdi>{}</bdi>").format(escape(_plain(text)))


def _plain(text: str) -> str:
    kept = (" " if unicodedata.category(c) in {"Cc", "Zl", "Zp"} else c for c in text if not _turns(c))
    return " ".join("".join(kept).encode("utf-8", "replace").decode().split())


def _turns(character: str) -> bool:
    return character in "\u200e\u200f\u061c" or "\u202a" <= character <= "\u202e" or "\u2066" <= character <= "\u2069"
