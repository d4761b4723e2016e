"""How one organisation is printed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from cli.matches import service_line
from cli.output import say
from cli.tables import table
from queries.organisation_rows import BodyTie, OrganisationProfile

_STANDING: Final = {"current": "", "former": "（已终止）", "unconfirmed": ""}
_HISTORY: Final = {"renamed": "更名", "merged": "并入", "split": "拆分", "abolished": "撤销", "": ""}
_NAMES: Final = {"former": "曾用名", "alias": "别名", "english": "英文名", "abbreviation": "简称"}


def show_organisation(body: OrganisationProfile) -> None:
    """Print all that is public of a body."""
    facts = (
        ("名称", body.name if body.verified else f"{body.name}（未核实）"),
        ("其他名称", [_named(name.text, name.kind, name.since, name.until) for name in body.names]),
        ("统一社会信用代码", body.uscc),
        ("ROR", body.ror),
        ("网址", body.website),
        ("地区", "、".join(region.name for region in body.regions)),
        ("法人单位", "" if body.legal_entity.id == body.id else body.legal_entity.name),
        ("前身", _ties(body.predecessors)),
        ("后继", _ties(body.successors)),
        ("隶属", _ties(body.part_of)),
        ("挂靠", _ties(body.hosted_by)),
        ("业务指导", _ties(body.guided_by)),
        (f"下属（共 {body.parts_total}）", _ties(body.parts)),
        (f"承办的基地、平台、学会（共 {body.hosts_total}）", _ties(body.hosts)),
        ("指导的机构", f"{body.guides_total} 个" if body.guides_total else ""),
        ("人员", f"{body.people_total} 人" if body.people_total else ""),
        ("成果与课题", _works(body)),
        ("来源", [f"{claim.source}（导入 {claim.run}）" for claim in body.sources]),
    )
    heading = f"机构 {body.id}" + (f"（原编号 {body.redirected_from} 已并入）" if body.redirected_from else "")
    table(heading, ("项目", "内容"), [row for row in facts if row[1]])
    if body.people:
        table("成果多的人", ("姓名", "项数", "编号"), [(p.name, p.works, p.id) for p in body.people])
    if body.works_by_year:
        rows = [(row.year or "不详", row.outputs, row.projects) for row in body.works_by_year]
        table("逐年", ("年份", "成果", "课题"), rows)
    if body.services:
        title = f"做过的服务：共 {body.services_total} 项，已核实 {body.services_verified} 项"
        table(title, ("服务", "依据", "编号"), [(service_line(s), s.evidence, s.id) for s in body.services])
    if body.commissioned:
        rows = [(work.year, work.title, work.programme, work.id) for work in body.commissioned]
        table(f"委托的课题：共 {body.commissioned_total} 项", ("年份", "题名", "计划", "编号"), rows)
    if body.fictional:
        say("※ 虚构示例数据：这个机构不存在。")


def _named(text: str, kind: str, since: str | None, until: str | None) -> str:
    time = f"{since or ''}–{until or ''}" if since or until else ""
    return " ".join(part for part in (text, f"（{_NAMES.get(kind, kind)}）" if kind else "", time) if part)


def _ties(ties: Sequence[BodyTie]) -> list[str]:
    return [
        " ".join(
            part for part in (tie.name + _STANDING[tie.standing], _HISTORY.get(tie.how, tie.how), tie.on or "") if part
        )
        for tie in ties
    ]


def _works(body: OrganisationProfile) -> str:
    if not body.outputs_total and not body.projects_total:
        return ""
    return f"成果 {body.outputs_total} 项，课题 {body.projects_total} 项（主持 {body.projects_led} 项）"
