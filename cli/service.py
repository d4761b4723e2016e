"""`zhiku service`: the register of services (论证, 评估, 标准, 资格认定, 咨询), and who has done what."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.exits import ExitCode
from cli.matches import service_line
from cli.options import AsJson, Limit
from cli.output import emit, note, say, utf8_text
from cli.place import place
from cli.tables import table
from graph.store import local_actor
from ingest.commands.local_writes import Written
from ingest.commands.services import offer_service, verify_service
from queries.services import organisations_offering, services_listed

app = typer.Typer(add_completion=False, no_args_is_help=True, help="科技服务登记：论证、评估、标准、资格认定、咨询")

Kind = Annotated[str | None, typer.Option("--kind", help="种类：论证、评估、标准、资格认定、咨询", show_default=False)]
Since = Annotated[int | None, typer.Option("--since-year", help="只看这一年及以后的", show_default=False)]
Verified = Annotated[bool, typer.Option("--verified", help="只看依据已核实的")]
Text = Annotated[str, typer.Argument(help="服务内容里的词，可不写", metavar="文字", show_default=False)]


@app.command("list", help="列出登记的服务")
def listed(
    ctx: typer.Context,
    *,
    text: Text = "",
    kind: Kind = None,
    since_year: Since = None,
    verified: Verified = False,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """Which services are in the register?"""
    with place(ctx).open() as store:
        found = services_listed(
            store.database,
            kind=_kind(kind),
            text=utf8_text(text),
            since_year=since_year,
            verified_only=verified,
            limit=limit,
        )
    if as_json:
        emit(found.model_dump(mode="json"))
    elif found.services:
        rows = [
            (
                service_line(row.service),
                "、".join(name for _, name in (*row.organisations, *row.people)),
                row.service.evidence,
                row.service.id,
            )
            for row in found.services
        ]
        title = f"服务：共 {found.total} 项（已核实 {found.verified} 项），列出 {len(rows)} 项"
        table(title, ("服务", "承担方", "依据", "编号"), rows, lines=True)
    note(*(f"注：{each}" for each in found.notes))
    if not found.services:
        raise typer.Exit(ExitCode.NOTHING)


@app.command(help="谁做过：按服务登记找机构，已核实的分量重一倍")
def find(
    ctx: typer.Context,
    *,
    text: Text = "",
    kind: Kind = None,
    region: Annotated[str | None, typer.Option("--region", help="行政区划代码，含下级", show_default=False)] = None,
    since_year: Since = None,
    verified: Verified = False,
    limit: Limit = 20,
    as_json: AsJson = False,
) -> None:
    """Which organisations offer or have done such a service?"""
    with place(ctx).opened() as (store, index):
        found = organisations_offering(
            store.database,
            index,
            kind=_kind(kind),
            text=utf8_text(text),
            region=region,
            since_year=since_year,
            verified_only=verified,
            limit=limit,
        )
    if as_json:
        emit(found.model_dump(mode="json"))
    elif found.organisations:
        rows = [
            (
                o.rank,
                o.name,
                o.region,
                f"{o.services_verified}/{o.services_total}",
                [service_line(each) for each in o.services],
                o.id,
            )
            for o in found.organisations
        ]
        title = f"找到 {found.candidates} 个机构，列出 {len(rows)} 个"
        table(title, ("名次", "机构", "地区", "已核实/全部", "服务", "编号"), rows, lines=True)
    note(*(f"注：{each}" for each in found.notes))
    if not found.organisations:
        raise typer.Exit(ExitCode.NOTHING)


@app.command(help="登记一项服务")
def offer(
    ctx: typer.Context,
    *,
    provider: Annotated[str, typer.Argument(help="承担的机构或人的编号", metavar="承担方", show_default=False)],
    title: Annotated[str, typer.Argument(help="服务名称", metavar="名称", show_default=False)],
    kind: Annotated[str, typer.Option("--kind", help="论证、评估、标准、资格认定、咨询", show_default=False)],
    client: Annotated[str, typer.Option("--client", help="委托方", show_default=False)] = "",
    evidence: Annotated[str, typer.Option("--evidence", help="依据：合同、批文、验收意见", show_default=False)] = "",
    since: Annotated[str, typer.Option("--since", help="起始日期", show_default=False)] = "",
    until: Annotated[str, typer.Option("--until", help="结束日期", show_default=False)] = "",
    as_json: AsJson = False,
) -> None:
    """Enter a service in the register."""
    with place(ctx).open() as store:
        done = offer_service(
            store,
            provider=utf8_text(provider),
            title=utf8_text(title),
            kind=utf8_text(kind),
            actor=local_actor(),
            client=utf8_text(client),
            evidence=utf8_text(evidence),
            since=utf8_text(since),
            until=utf8_text(until),
        )
    told(done, f"已登记，编号 {done.id}；看过依据后用 zhiku service verify {done.id} 记为已核实", as_json=as_json)


@app.command(help="记下：已看过这项服务的依据")
def verify(
    ctx: typer.Context,
    *,
    identifier: Annotated[str, typer.Argument(help="服务编号", metavar="编号", show_default=False)],
    evidence: Annotated[str, typer.Option("--evidence", help="看过的合同、批文或验收意见", show_default=False)] = "",
    as_json: AsJson = False,
) -> None:
    """Say that one has seen the evidence."""
    with place(ctx).open() as store:
        done = verify_service(store, identifier, actor=local_actor(), evidence=utf8_text(evidence))
    told(done, "已记为核实", as_json=as_json)


def told(done: Written, sentence: str, *, as_json: bool) -> None:
    """Say what was written and how to take it back."""
    if as_json:
        emit({"id": done.id, "batch": done.batch})
        return
    say(f"{sentence}。要撤销：zhiku batch undo {done.batch}")


def _kind(kind: str | None) -> str | None:
    return None if kind is None else utf8_text(kind)
