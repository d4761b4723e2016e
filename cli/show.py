"""`zhiku show`: all that is public of one expert; who works with whom, as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.body import show_organisation
from cli.options import AsJson
from cli.output import emit, say
from cli.place import place, told, write_whole
from cli.tables import table
from queries.answers import ExpertProfile, Post
from queries.networks import collaboration_network
from queries.organisation_profiles import organisation_profile
from queries.profiles import expert_profile
from viz.network import network_html

app = typer.Typer(add_completion=False, no_args_is_help=True, help="看一位专家、一个机构；画合作网络图")

Id = Annotated[
    str, typer.Argument(help="专家编号（zhiku find experts 表格的最后一列）", metavar="编号", show_default=False)
]
TIERS = {"leading": "领军", "backbone": "骨干", "young": "青年"}
_KINDS = {
    "researcher": "科研人员",
    "engineer": "工程技术人员",
    "technology_manager": "技术经理人",
    "front_line": "一线科技工作者",
}
_STANDING = {"current": "现任", "former": "曾任", "unconfirmed": "待确认"}


@app.command(help="看一位专家")
def expert(
    ctx: typer.Context,
    *,
    identifier: Id,
    works: Annotated[int, typer.Option("--works", min=0, max=500, help="最多列出多少项成果和课题")] = 50,
    as_json: AsJson = False,
) -> None:
    """What is publicly known of this person, and from where?"""
    with place(ctx).open() as store:
        profile = expert_profile(store.database, id=identifier, works=works)
    if as_json:
        emit(profile.model_dump(mode="json"))
        return
    _show(profile)


def _show(profile: ExpertProfile) -> None:
    facts = (
        ("姓名", profile.name),
        ("又名", "、".join(profile.other_names)),
        ("职称", profile.professional_title),
        ("层次", TIERS.get(profile.tier, profile.tier)),
        ("类别", _KINDS.get(profile.expert_kind, profile.expert_kind)),
        ("研究方向", "、".join(profile.fields)),
        ("主题", "、".join(profile.topics)),
        ("荣誉", "、".join(profile.honours)),
        ("ORCID", profile.orcid),
        ("简介", profile.summary),
        ("任职", [_post(p) for p in profile.posts]),
        ("学会任职", [_post(p) for p in profile.memberships]),
        ("来源", [f"{claim.source}（导入 {claim.run}）" for claim in profile.sources]),
    )
    heading = f"专家 {profile.id}"
    if profile.redirected_from:
        heading += f"（原编号 {profile.redirected_from} 已并入）"
    table(heading, ("项目", "内容"), [row for row in facts if row[1]])
    if profile.works:
        rows = [(w.year, w.title, w.role, w.venue) for w in profile.works]
        table(
            f"成果与课题：共 {profile.works_total} 项，列出 {len(rows)} 项",
            ("年份", "题名", "角色", "刊物或计划"),
            rows,
        )
    if profile.collaborators:
        rows = [
            (c.name, c.organisation, c.works, "–".join(str(y) for y in (c.first_year, c.last_year) if y), c.id)
            for c in profile.collaborators
        ]
        heading = f"合作者：共 {profile.collaborators_total} 位，列出 {len(rows)} 位"
        table(heading, ("姓名", "单位", "合作项数", "年份", "编号"), rows)
    if profile.fictional:
        say("※ 虚构示例数据：此人不存在。")


def _post(post: Post) -> str:
    time = "–".join((post.since or "", post.until or "")) if post.since or post.until else ""
    return " ".join(x for x in (post.name, post.department, post.role, time, f"（{_STANDING[post.standing]}）") if x)


@app.command(help="画一位专家的合作网络图（一个可离线打开的网页文件）")
def network(
    ctx: typer.Context,
    *,
    identifier: Id,
    out: Annotated[Path, typer.Option("--out", "-o", help="写到这个 .html 文件", show_default=False)],
    steps: Annotated[int, typer.Option("--steps", min=1, max=2, help="隔几层合作（1 或 2）")] = 1,
    limit: Annotated[int, typer.Option("--limit", "-n", min=2, max=500, help="最多画多少人")] = 60,
    as_json: AsJson = False,
) -> None:
    """Who works with this person?"""
    with place(ctx).open() as store:
        profile = expert_profile(store.database, id=identifier, works=0)
        drawn = collaboration_network(store.database, id=identifier, steps=2 if steps == 2 else 1, limit=limit)
    write_whole(out, network_html(drawn, title=f"{profile.name}的合作网络").html)
    if as_json:
        emit({"file": str(out.resolve()), "network": drawn.model_dump(mode="json")})
        return
    told(out)
    say(
        f"{profile.name}：图中 {len(drawn.nodes)} 人（共 {drawn.total_nodes} 人）、{len(drawn.edges)} 条合作",
        f"用浏览器打开 {out}",
    )


@app.command(help="看一个机构：沿革、人员、成果、服务、所办平台")
def organisation(
    ctx: typer.Context,
    *,
    identifier: Annotated[
        str,
        typer.Argument(help="机构编号（zhiku find organisations 表格的最后一列）", metavar="编号", show_default=False),
    ],
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=200, help="每类最多列出多少条")] = 20,
    as_json: AsJson = False,
) -> None:
    """What is publicly known of this body, and from where?"""
    with place(ctx).open() as store:
        profile = organisation_profile(store.database, id=identifier, shown=limit)
    if as_json:
        emit(profile.model_dump(mode="json"))
        return
    show_organisation(profile)
