"""The Chinese words for the codes of the model, as the pages show them."""

from __future__ import annotations

from typing import Final

KIND_WORDS: Final[dict[str, str]] = {
    # works
    "paper": "论文",
    "report": "研究报告",
    "advice": "咨询建议",
    "book": "著作",
    "patent": "专利",
    "standard": "标准",
    "dataset": "数据集",
    "software": "软件",
    "thesis": "学位论文",
    "preprint": "预印本",
    "project": "项目",
    "output": "成果",
    # organisations
    "university": "高校",
    "institute": "科研院所",
    "society": "学会",
    "association": "科协组织",
    "hospital": "医院",
    "enterprise": "企业",
    "department": "内设机构",
    "government": "政府部门",
    "school": "学校",
    # tiers and kinds of experts
    "leading": "领军人才",
    "backbone": "骨干人才",
    "young": "青年人才",
    "researcher": "科研人员",
    "engineer": "工程技术人员",
    "technology manager": "科技管理人员",
    "front line": "一线科技工作者",
}
STANDING_WORDS: Final[dict[str, str]] = {"current": "现任", "former": "曾任", "unconfirmed": "待核实"}
