"""`zhiku db`: the graph store itself: start, stop, state, schema."""

from __future__ import annotations

from typing import Any

import typer

from cli.exits import ExitCode
from cli.options import AsJson
from cli.output import emit, say
from cli.place import Place, place
from cli.tables import table
from graph import schema as graph_schema
from graph.database import Database, Endpoint
from graph.errors import InputError, StoreUnavailableError
from graph.store import embedded, endpoint

app = typer.Typer(add_completion=False, no_args_is_help=True, help="启动、停止、查看图数据库")


@app.command(help="启动内嵌引擎（平时不需要：任何命令用到时会自己启动）")
def start(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Start the embedded engine."""
    here = _own_engine(place(ctx))
    here.open().close()
    state = embedded(here.database, here.home).status()
    if as_json:
        emit({"running": state.running, "pid": state.pid, "port": state.port})
        return
    say(f"内嵌引擎正在运行：进程 {state.pid}，本机端口 {state.port}，数据在 {state.folder}")


@app.command(help="停止内嵌引擎；数据都已在盘上")
def stop(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Stop the embedded engine cleanly."""
    here = _own_engine(place(ctx))
    stopped = embedded(here.database, here.home).stop()
    if as_json:
        emit({"stopped": stopped})
        return
    say("内嵌引擎已停止" if stopped else "内嵌引擎本来就没有运行")


@app.command(help="图数据库在不在运行、在哪里；不会启动它（没有运行时退出码为 4）")
def status(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Does the graph store answer, and where is it?"""
    found = engine_state(place(ctx))
    if as_json:
        emit(found)
    else:
        table("图数据库", ("项目", "内容"), [(_NAMES[name], _shown(value)) for name, value in found.items()])
    raise typer.Exit(ExitCode.DONE if found["answers"] else ExitCode.UNAVAILABLE)


_NAMES = {
    "engine": "引擎",
    "version": "版本",
    "answers": "有应答",
    "running": "在运行",
    "pid": "进程",
    "address": "地址",
    "folder": "数据目录",
    "log": "引擎日志",
    "reason": "原因",
}


def engine_state(here: Place) -> dict[str, Any]:
    """Return the state of the configured graph store, without starting anything."""
    if here.database.uri:
        where = endpoint(here.database, here.home)
        state: dict[str, Any] = {"engine": "Neo4j", "address": where.uri}
        return state | _answers(where, here)
    engine = embedded(here.database, here.home)
    status_ = engine.status()
    state = {
        "engine": "ArcadeDB（内嵌）",
        "version": status_.version,
        "running": status_.running,
        "pid": status_.pid,
        "address": f"bolt://127.0.0.1:{status_.port}" if status_.port else None,
        "folder": str(status_.folder),
        "log": str(status_.log),
    }
    if not status_.running:
        return state | {"answers": False, "reason": "没有运行；任何命令用到时会自己启动，也可用 zhiku db start"}
    return state | _answers(engine.ensure_running(), here)


def _answers(where: Endpoint, here: Place) -> dict[str, Any]:
    try:
        with Database(where, timeout_s=min(10.0, here.database.timeout_s), pool_size=1) as database:
            database.check()
    except StoreUnavailableError as error:
        return {"answers": False, "reason": error.message}
    return {"answers": True}


@app.command(help="建立缺少的约束和索引；再来一次什么都不变")
def schema(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Make the constraints and indexes that are missing."""
    with place(ctx).open() as store:
        # Opening a store makes what is missing; asked again, so that what is said is what is there.
        graph_schema.apply(store.database)
        indexes = graph_schema.declared()
    if as_json:
        emit({"indexes": [{"label": i.label, "property": i.property, "unique": i.unique} for i in indexes]})
        return
    rows = [(i.label, i.property, "唯一键" if i.unique else "索引") for i in indexes]
    table("图模型要求的约束和索引，均已建立", ("标签", "属性", "种类"), rows)


def _own_engine(here: Place) -> Place:
    if here.database.uri:
        raise InputError(
            "当前用的是 ZHIKU_DB_URI 指定的 Neo4j，不归本程序启动和停止",
            hint="由它的管理员操作；或清空 ZHIKU_DB_URI 改用内嵌引擎",
        )
    return here


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    return "" if value is None else str(value)
