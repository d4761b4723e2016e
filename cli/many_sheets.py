"""Questions from a sheet, answers to a sheet: how staff who work in Excel ask a thousand questions at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, cast

from graph.errors import InputError
from ingest.readers import Record, Unreadable, open_records
from viz.answer_workbooks import Cell, Sheet, table_workbook

SHEETS: Final = frozenset({".xlsx", ".xlsm", ".xls", ".ods", ".csv"})
TEXT_COLUMNS: Final = ("问题", "题目", "课题名称", "项目名称", "名称", "主题", "text")
ID_COLUMNS: Final = ("编号", "序号", "问题编号", "申报编号", "id")
_EVIDENCE: Final = 3
_COLUMNS: Final = (
    ("问题编号", 14), ("问题", 40), ("名次", 6), ("姓名", 14), ("单位", 28), ("得分", 9), ("依据", 60), ("编号", 30),
    ("说明", 30),
)  # fmt: skip


def is_sheet(path: Path) -> bool:
    """Is this a workbook or CSV by its name?"""
    return path.suffix.lower() in SHEETS


def sheet_questions(path: Path) -> Iterator[tuple[int, object, str | None, str]]:
    """Give row number, id (the row number where there is no such column), question, and why there is none.

    Raises `InputError` when the file cannot be read or no column holds questions.
    """
    column = ""
    for row in open_records(path, expected=(*TEXT_COLUMNS, *ID_COLUMNS)):
        if isinstance(row, Unreadable):
            yield row.row, None, None, row.reason
            continue
        if not column:
            column = _question_column(path, row)
        text = str(row.values.get(column, "")).strip()
        name = next((row.values[each] for each in ID_COLUMNS if row.values.get(each) not in (None, "")), row.row)
        known = name if isinstance(name, str | int) and not isinstance(name, bool) else str(name)
        yield row.row, known, text or None, "" if text else "这一行没有问题"


def answers_workbook(replies: Sequence[tuple[str, Mapping[str, Any]]]) -> bytes:
    """Return the answers as a workbook: a row for each expert of each question, a row with the reason where none is.

    `replies` are pairs of question and the reply as JSON has it.
    """
    rows: list[Sequence[Cell]] = []
    for question, reply in replies:
        name = str(reply.get("id") if reply.get("id") is not None else reply.get("line", ""))
        experts = cast("list[dict[str, Any]]", reply.get("experts", []))
        declared = str(cast("dict[str, Any]", reply.get("exposure") or {}).get("statement", ""))
        if not experts:
            nobody = "没有找到" if not declared else f"没有可列出的人（{declared}）"
            rows.append((name, question, None, "", "", None, "", "", str(reply.get("error") or nobody)))
        for rank, expert in enumerate(experts, 1):
            evidence = "；".join(_work(work) for work in expert["evidence"][:_EVIDENCE])
            units = "；".join(expert["organisations"])
            said = [declared] if declared and rank == 1 else []
            said += [str(expert["moved"]["reason"])] if expert.get("moved") else []
            told = "；".join(said)
            rows.append((name, question, rank, expert["name"], units, expert["score"], evidence, expert["id"], told))
    return table_workbook("批量查找专家", (Sheet("答案", _COLUMNS, rows),))


def _work(work: Mapping[str, Any]) -> str:
    year = f"，{work['year']}" if work.get("year") else ""
    return f"《{work['title']}》{year}"


def _question_column(path: Path, row: Record) -> str:
    for column in TEXT_COLUMNS:
        if column in row.values:
            return column
    # A sheet of one column can only hold the questions.
    others = [column for column in row.values if column not in ID_COLUMNS]
    if len(others) == 1:
        return others[0]
    raise InputError(
        f"文件“{path.name}”里找不到问题一列，表中的列是：{'、'.join(list(row.values)[:20])}",
        hint=f"把这一列的表头写成“问题”；编号可以放在“编号”列（也认得：{'、'.join(TEXT_COLUMNS)}）",
    )
