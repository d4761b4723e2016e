"""How the matches of a demand are printed: list by list, then the teams and the team made for it."""

from __future__ import annotations

from cli.find import evidence_lines, workplaces
from cli.output import note, percent, say
from cli.tables import table
from queries.answers import ServiceEvidence
from queries.match_rows import Matches, ProposedTeam
from queries.teams import MatchedTeam

_TEAM_KINDS = {"group": "专家组", "corps": "服务团", "committee": "咨询委员会"}
_STANDING = {"current": "", "former": "（已届满）", "unconfirmed": "（届期待确认）"}


def show_matches(found: Matches) -> None:
    """Print what and who can answer a demand."""
    if found.aspects:
        rows = [(a.name, a.topic or "题目里的短语", a.people, percent(a.coverage)) for a in found.aspects]
        table("需要的各方面", ("方面", "来自", "有成果的人", "建议团队的覆盖"), rows)
    if found.experts:
        rows = [
            (e.rank, e.name, workplaces(e), evidence_lines(e.evidence, e.evidence_total), e.id) for e in found.experts
        ]
        table("专家", ("名次", "专家", "单位", "依据（占得分的比例）", "编号"), rows, lines=True)
    if found.organisations:
        rows = [
            (o.rank, o.name, [service_line(s) for s in o.services], evidence_lines(o.evidence, o.evidence_total), o.id)
            for o in found.organisations
        ]
        table("机构（按成果）", ("名次", "机构", "做过的服务", "依据（占得分的比例）", "编号"), rows, lines=True)
    if found.providers:
        rows = [
            (o.rank, o.name, f"{o.services_verified}/{o.services_total}", [service_line(s) for s in o.services], o.id)
            for o in found.providers
        ]
        table("机构（按服务登记）", ("名次", "机构", "已核实/全部", "做过的服务", "编号"), rows, lines=True)
    for title, works in (("相近的成果", found.outputs), ("做过的课题", found.projects)):
        if works:
            rows = [(w.rank, w.title, w.year, "、".join(p.name for p in w.people[:5]), w.id) for w in works]
            table(title, ("名次", "题名", "年份", "人员", "编号"), rows)
    if found.teams:
        table(
            "已有的团队",
            ("名次", "团队", "覆盖主题", "还缺", "成员", "编号"),
            [_team(t) for t in found.teams],
            lines=True,
        )
    if found.proposed:
        _proposed(found.proposed)
    note(*(f"注：{text}" for text in found.notes))


def service_line(service: ServiceEvidence) -> str:
    """Return a service on one line, its verification said."""
    years = "–".join(dict.fromkeys(day[:4] for day in (service.since, service.until) if day))
    parts = [f"[{service.kind}] {service.title}", years, service.client, "" if service.verified else "未核实"]
    return " ".join(part for part in parts if part)


def _team(team: MatchedTeam) -> tuple[object, ...]:
    name = f"{team.name}{_STANDING[team.standing]}"
    covers = "" if team.topics_covered is None else f"{percent(team.topics_covered)} {'、'.join(team.covers)}"
    members = "、".join(member.name for member in team.members)
    return team.rank, [name, _TEAM_KINDS.get(team.kind, team.kind)], covers, "、".join(team.lacks), members, team.id


def _proposed(team: ProposedTeam) -> None:
    rows = [
        (
            m.name if m.in_library else f"{m.name}（未入库）",
            m.professional_title,
            m.organisation,
            "、".join(m.best_for),
            m.id,
        )
        for m in team.members
    ]
    table("建议的团队", ("成员", "职称", "单位", "最懂", "编号"), rows)
    best = "在看过的人里没有更好的组合" if team.proven else "可能还有略好的组合"
    dearest = next((m.name for m in team.members if m.id == team.dearest), "")
    alone = f"各方面只看最懂的一人为 {percent(team.single)}"
    without = f"少了{dearest}还剩 {percent(team.after_loss)}"
    say(
        f"覆盖 {percent(team.coverage)}（{alone}），从 {team.looked_at} 人中选出，{best}。",
        f"最弱的方面：{team.weakest}（{percent(team.weakest_coverage)}）；{without}。",
    )
