"""What do I fill in?  Excel workbooks for people to write data into, made so that the program can read them again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any, Final

import xlsxwriter  # pyright: ignore[reportMissingTypeStubs]

# xlsxwriter ships no types.
_Untyped = Any

FICTIONAL: Final = "虚构示例"
# Rows that get the drop-down lists and checks; Excel keeps one rule for the range, so many rows cost nothing.
CHECKED_ROWS: Final = 5000


@dataclass(frozen=True, slots=True)
class Column:
    """One column of an entry form: header, what to write there, an example, the allowed words, width in characters.

    `required` columns are coloured. `text` cells keep what is typed (leading zeros, long digits) as it is.
    """

    header: str
    note: str
    example: str | int | date = ""
    choices: tuple[str, ...] = ()
    width: int = 14
    required: bool = False
    text: bool = False


@dataclass(frozen=True, slots=True)
class EntryForm:
    """A workbook to fill in: the sheet's name, its columns, and sentences for the help sheet."""

    sheet: str
    columns: tuple[Column, ...]
    help: tuple[str, ...] = field(default=())


ROSTER: Final = EntryForm(
    "专家名册",
    (
        Column("专家编号", "本单位自己的编号；有它，同一个人再导入时一定认得出", "示例-001", text=True),
        Column("姓名", "必填", "示例甲（虚构）", width=16, required=True),
        Column("性别", "受限字段：只在说明用途后才显示", "女", ("男", "女"), 8),
        Column("出生年", "四位年份；受限字段", 1970, width=10),
        Column("单位", "全称，有统一社会信用代码的法人单位", "虚构省示例大学", width=28, required=True),
        Column("部门", "学院、研究室、处室", "示例学院", width=18),
        Column("职务", "在单位的行政职务", "系主任"),
        Column("职称", "专业技术职称", "教授"),
        Column("研究方向", "几项之间用分号隔开", "土壤修复；水环境治理", width=28),
        Column("层次", "人才层次", "骨干", ("院士", "领军", "骨干", "青年"), 10),
        Column("专家类型", "", "科研人员", ("科研人员", "工程技术人员", "技术经理人", "一线科技工作者")),
        Column("称号", "荣誉与称号，括号里写年份，用分号隔开", "虚构省优秀科技工作者（2020）", width=28),
        Column("学会任职", "学会：职务，用分号隔开", "虚构省示例学会：理事", width=28),
        Column("任职起始", "到现单位的时间，年或年月", "2015-09", text=True),
        Column("曾任单位", "上一个单位的全称", "虚构市示例研究所", width=24),
        Column("曾任起始", "年或年月", "2008", text=True),
        Column("曾任结束", "年或年月", "2015-08", text=True),
        Column("手机", "受限字段", "000-00000000", width=16, text=True),
        Column("邮箱", "受限字段", "shili@example.org", width=22, text=True),
        Column("ORCID", "如有，16 位，带连字符", "", width=22, text=True),
        Column("简介", "几句话", "虚构人物，仅作填写示范。", width=36),
        Column("入库时间", "年月日", date(2026, 1, 1)),
        Column("状态", "在专家库中的状态", "在库", ("在库", "候选", "暂停", "离库"), 10),
        Column("备注", f"写“{FICTIONAL}”的行会标为虚构数据；其他备注不导入", FICTIONAL),
    ),
    (
        "第一行是表头，请不要改动；列的次序可以变，不用的列可以删（姓名、单位除外）。",
        f"第二行是填写示范，人物和单位都不存在（备注为“{FICTIONAL}”）。填好自己的数据后请删除这一行。",
        "一人一行。拿不准的格留空，不要写“无”“不详”。",
        "性别、出生年、手机、邮箱是受限字段：可以不填；填了也不会出现在查询结果、图和导出里。",
        "先试一遍（什么都不写入）：zhiku ingest table 文件.xlsx --mapping roster --dry-run",
        "正式导入：zhiku ingest table 文件.xlsx --mapping roster",
        "导错了可以整批撤销：zhiku batch list，再 zhiku batch undo 编号",
    ),
)


HISTORY: Final = EntryForm(
    "机构沿革",
    (
        Column("原单位", "变更以前的全称", "虚构省示例师范专科学校", width=30, required=True),
        Column("新单位", "变更以后的全称；撤销而没有承接单位时留空", "虚构省示例大学", width=30),
        Column("类型", "一行一件事；拆成几个单位写几行", "合并", ("更名", "合并", "拆分", "撤销"), 10, required=True),
        Column("日期", "批准或生效的日期，年、年月或年月日", "2020-06", text=True),
        Column("依据", "批文名称和文号", "虚构省教厅函〔2020〕0号", width=36),
        Column("备注", f"写“{FICTIONAL}”的行会标为虚构数据；其他备注不导入", FICTIONAL),
    ),
    (
        "第一行是表头，请不要改动。",
        f"第二行是填写示范，单位都不存在（备注为“{FICTIONAL}”）。填好自己的数据后请删除这一行。",
        "更名：同一个单位换了名称，任何时候都算同一法人单位。",
        "合并：原单位并入新单位，自日期起算作新单位；几个单位合成一个，各写一行。",
        "拆分、撤销：只作记录，不把任何人算到新单位。",
        "单位名称写全称，与机构名录一致的会认作同一个；名录里没有的会新建。",
        "日期拿不准就留空，不要猜：留空表示不知道，回避检查时按已经变更处理，并提示待核实。",
        "先试一遍（什么都不写入）：zhiku ingest table 文件.xlsx --mapping organisation_history --dry-run",
        "正式导入：zhiku ingest table 文件.xlsx --mapping organisation_history",
    ),
)


_SAMPLE_NOTE: Final = f"写“{FICTIONAL}”的行会标为虚构数据；其他备注不导入"
_KINDS_OF_SERVICE: Final = ("论证", "评估", "标准", "资格认定", "咨询")
_SEEN_BY: Final = ("公开", "会员", "工作人员", "受限")

SERVICES: Final = EntryForm(
    "科技服务登记",
    (
        Column("编号", "本单位自己的编号；有它，再导入时一定认得出", "服-001", text=True),
        Column("服务名称", "承担过什么", "虚构省示例水库除险加固工程科学论证", width=36, required=True),
        Column("种类", "从列表中选", "论证", _KINDS_OF_SERVICE, 10, required=True),
        Column("承担单位", "全称", "虚构省示例水利学会", width=28),
        Column("承担人", "主要专家，用分号隔开", "示例甲（虚构）", width=24),
        Column("承担人单位", "与承担人一一对应，用分号隔开", "虚构省示例大学", width=28),
        Column("委托方", "谁委托的", "虚构省示例水利厅", width=28),
        Column("起始", "年、年月或年月日", "2024-03", text=True),
        Column("结束", "年、年月或年月日；还在做的留空", "2024-09", text=True),
        Column("依据", "合同、批文、验收意见的名称和文号", "虚构合同〔2024〕0号", width=32),
        Column("已核实", "看过依据原件才写“是”", "是", ("是", "否"), 8),
        Column("核实人", "谁看过依据", "示例乙（虚构）"),
        Column("核实日期", "年月日", date(2026, 1, 1)),
        Column("说明", "做了什么，几句话", "组织专家论证除险加固方案。", width=36),
        Column("可见范围", "不填为公开；“受限”的不进任何结果", "公开", _SEEN_BY, 10),
        Column("备注", _SAMPLE_NOTE, FICTIONAL),
    ),
    (
        "第一行是表头，请不要改动；不用的列可以删（服务名称、种类除外）。",
        f"第二行是填写示范，单位都不存在（备注为“{FICTIONAL}”）。填好自己的数据后请删除这一行。",
        "一项服务一行。“已核实”只在看过合同、批文或验收意见之后写“是”；没有核实的也会列出，但另行标明。",
        "先试一遍（什么都不写入）：zhiku ingest table 文件.xlsx --mapping services --dry-run",
        "正式导入：zhiku ingest table 文件.xlsx --mapping services",
    ),
)

DEMANDS: Final = EntryForm(
    "需求清单",
    (
        Column("编号", "本单位自己的编号；有它，再导入时一定认得出", "需-001", text=True),
        Column("题目", "一句话说清要解决什么", "虚构省平原区地下水超采怎样治理", width=36, required=True),
        Column("种类", "不填为需求", "问题", ("问题", "选题", "需求"), 8),
        Column("说明", "背景、已经试过什么、希望得到什么", "连年超采，水位下降，需要可操作的建议。", width=48),
        Column("提出单位", "全称", "虚构省示例水利厅", width=28),
        Column("紧急程度", "不填为一般", "紧急", ("特急", "紧急", "一般"), 10),
        Column("提出日期", "年月日", date(2026, 1, 1)),
        Column("期限", "最后一天；只写年月的算到月底", "2026-06", text=True),
        Column("需要的服务", "要请人做什么，可不填", "咨询", _KINDS_OF_SERVICE, 10),
        Column("主题", "学科或主题的名称，用分号隔开；诊断时还可以改", "水利工程；生态学", width=28),
        Column("状态", "不填为待办", "待办", ("待办", "已诊断", "已答复", "已办结"), 10),
        Column("答复日期", "已答复的写首次答复的日期", "", text=True),
        Column("可见范围", "不填为公开；“受限”的不进任何结果", "公开", _SEEN_BY, 10),
        Column("备注", _SAMPLE_NOTE, FICTIONAL),
    ),
    (
        "第一行是表头，请不要改动；不用的列可以删（题目除外）。",
        f"第二行是填写示范，单位都不存在（备注为“{FICTIONAL}”）。填好自己的数据后请删除这一行。",
        "一个问题、选题或需求一行。涉密的内容不要写进来。",
        "先试一遍（什么都不写入）：zhiku ingest table 文件.xlsx --mapping demands --dry-run",
        "正式导入：zhiku ingest table 文件.xlsx --mapping demands",
        "之后用 zhiku demand list 查看，用 zhiku demand match 编号 找能解决它的人、机构、成果和团队。",
    ),
)

TEAMS: Final = EntryForm(
    "专家团队",
    (
        Column("编号", "本单位自己的编号；有它，再导入时一定认得出", "团-001", text=True),
        Column("团队名称", "全称", "虚构省水资源专家服务团", width=30, required=True),
        Column("种类", "不填为专家组", "服务团", ("专家组", "服务团", "咨询委员会"), 12),
        Column("负责人", "一人", "示例甲（虚构）", width=16),
        Column("负责人单位", "全称", "虚构省示例大学", width=28),
        Column("成员", "用分号隔开", "示例乙（虚构）；示例丙（虚构）", width=36),
        Column("成员单位", "与成员一一对应，用分号隔开；只写一个时算全体的", "虚构省示例大学", width=28),
        Column("主题", "覆盖的学科或主题的名称，用分号隔开", "水利工程", width=28),
        Column("服务地区", "省、市的名称，用分号隔开", "河北省", width=18),
        Column("起始", "成立时间，年、年月或年月日", "2025-01", text=True),
        Column("结束", "届满时间；没有定的留空", "2027-12", text=True),
        Column("备注", _SAMPLE_NOTE, FICTIONAL),
    ),
    (
        "第一行是表头，请不要改动；不用的列可以删（团队名称除外）。",
        f"第二行是填写示范，人物和单位都不存在（备注为“{FICTIONAL}”）。填好自己的数据后请删除这一行。",
        "一个团队一行。主题和地区要与图谱里的名称一致，对不上的会列在拒收清单里。",
        "先试一遍（什么都不写入）：zhiku ingest table 文件.xlsx --mapping teams --dry-run",
        "正式导入：zhiku ingest table 文件.xlsx --mapping teams",
    ),
)

AVAILABILITY: Final = EntryForm(
    "可用时间",
    (
        Column("姓名", "必填", "示例甲（虚构）", width=16, required=True),
        Column("单位", "全称；凭姓名和单位认出是库里的哪一位", "虚构省示例大学", width=28, required=True),
        Column("开始", "第一天，年月日；不写表示之前一直", "2026-12-01", text=True),
        Column("结束", "最后一天，年月日；不写表示未定", "2026-12-05", text=True),
        Column("状态", "这段时间有空还是没空", "有空", ("有空", "没空"), 10, required=True),
        Column("说明", "例如只能下午；不要写病情等个人隐私", "只能下午", width=28),
        Column("填报日期", "哪天说的；同一天说法不同时，后说的算", "2026-11-20", text=True),
        Column("任务上限", "同时最多承担几项任务，数字", 2, width=10),
        Column("ORCID", "如有；同名的人靠它分清", "", width=22, text=True),
        Column("备注", f"写“{FICTIONAL}”的行会标为虚构数据；其他备注不导入", FICTIONAL),
    ),
    (
        "第一行是表头，请不要改动；不用的列可以删（姓名、单位、状态除外）。",
        f"第二行是填写示范，人物和单位都不存在（备注为“{FICTIONAL}”）。填好自己的数据后请删除这一行。",
        "一段时间一行；同一个人可以有多行。没有登记的日子算“未知”，查找时另列出来，提示去询问。",
        "先试一遍（什么都不写入）：zhiku ingest table 文件.xlsx --mapping availability --dry-run",
        "正式导入：zhiku ingest table 文件.xlsx --mapping availability",
        "查找谁能去：zhiku availability find 主题 下周 --region 13",
    ),
)


def entry_form(form: EntryForm) -> bytes:
    """Return an XLSX workbook to fill in; the same form gives the same bytes."""
    content = BytesIO()
    book: Any = xlsxwriter.Workbook(content, {"in_memory": True})
    # The time of making would make two equal forms differ; a date without a time is not heard.
    book.set_properties({"title": form.sheet, "created": datetime(2026, 1, 1, tzinfo=UTC)})
    _data_sheet(book, form)
    _help_sheet(book, form)
    book.close()
    return content.getvalue()


def _data_sheet(book: _Untyped, form: EntryForm) -> None:
    sheet = book.add_worksheet(form.sheet)
    header = book.add_format({"bold": True, "bg_color": "#E8EEF7", "border": 1})
    needed = book.add_format({"bold": True, "bg_color": "#FCE4D6", "border": 1})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    as_text = book.add_format({"num_format": "@"})
    sheet.freeze_panes(1, 2)
    for place, column in enumerate(form.columns):
        sheet.set_column(place, place, column.width, as_text if column.text else None)
        sheet.write_string(0, place, column.header, needed if column.required else header)
        if isinstance(column.example, date):
            sheet.write_datetime(1, place, column.example, day)
        elif isinstance(column.example, int):
            sheet.write_number(1, place, column.example)
        elif column.example:
            sheet.write_string(1, place, column.example, as_text if column.text else None)
        if column.choices:
            _choices(sheet, place, column.choices)


def _choices(sheet: _Untyped, place: int, choices: Sequence[str]) -> None:
    sheet.data_validation(
        1,
        place,
        CHECKED_ROWS,
        place,
        {
            "validate": "list",
            "source": list(choices),
            "error_title": "请从列表中选",
            "error_message": f"可填：{'、'.join(choices)}，或留空",
        },
    )


def _help_sheet(book: _Untyped, form: EntryForm) -> None:
    sheet = book.add_worksheet("填写说明")
    bold = book.add_format({"bold": True})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 14)
    sheet.set_column(1, 1, 8)
    sheet.set_column(2, 2, 60)
    sheet.set_column(3, 3, 40)
    for row, sentence in enumerate(form.help):
        sheet.write_string(row, 0, f"{row + 1}. {sentence}")
    first = len(form.help) + 1
    for place, title in enumerate(("列名", "必填", "怎么填", "可填的值")):
        sheet.write_string(first, place, title, bold)
    for row, column in enumerate(form.columns, first + 1):
        sheet.write_string(row, 0, column.header)
        sheet.write_string(row, 1, "是" if column.required else "")
        sheet.write_string(row, 2, column.note, wrapped)
        sheet.write_string(row, 3, "、".join(column.choices), wrapped)
