"""`zhiku token`: who may use the service."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.exits import ExitCode
from cli.options import AsJson
from cli.output import emit, note, say
from cli.place import place
from cli.tables import table
from graph.accounts import ROLES, accounts, add_account, revoke
from graph.store import local_actor

app = typer.Typer(add_completion=False, no_args_is_help=True, help="管理访问令牌")


@app.command(help="建立账户并给出它的访问令牌；令牌只显示这一次，库里只存散列")
def add(
    ctx: typer.Context,
    *,
    name: Annotated[str, typer.Argument(help="账户名", metavar="名称", show_default=False)],
    role: Annotated[
        list[str] | None, typer.Option("--role", help=f"角色，可重复：{'、'.join(ROLES)}；不给就是 {ROLES[0]}")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make an account and show its token, once."""
    roles = role or [ROLES[0]]
    with place(ctx).open() as store:
        token = add_account(store, name, roles, actor=local_actor())
    if as_json:
        emit({"name": name.strip(), "roles": roles, "token": token})
        return
    note(f"账户 {name.strip()} 的访问令牌（只显示这一次，请存进密码库）：")
    say(token)


@app.command("list", help="列出账户（不含令牌）")
def listed(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Which accounts are there?"""
    with place(ctx).open() as store:
        found = accounts(store.database)
    if as_json:
        emit([account.model_dump(mode="json") for account in found])
    elif found:
        rows = [(a.name, "、".join(a.roles), a.created_at, a.revoked_at or "有效") for a in found]
        table("账户", ("名称", "角色", "建立时间", "撤销时间"), rows)
    if not found:
        note("还没有账户；用 zhiku token add 名称 --role reader 建立")
        raise typer.Exit(ExitCode.NOTHING)


@app.command("revoke", help="撤销一个账户的令牌，立即生效")
def revoked(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="账户名", metavar="名称", show_default=False)],
    as_json: AsJson = False,
) -> None:
    """Make an account's token worthless."""
    with place(ctx).open() as store:
        revoke(store, name, actor=local_actor())
    if as_json:
        emit({"name": name.strip(), "revoked": True})
        return
    say(f"账户 {name.strip()} 的令牌已撤销")
