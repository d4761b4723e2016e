"""`zhiku index`: the derived text index, which can always be made again from the graph."""

from __future__ import annotations

import typer

from cli.options import AsJson
from cli.output import emit, say
from cli.place import place
from cli.tables import progress_bar
from graph.textindex import TextIndex

app = typer.Typer(add_completion=False, no_args_is_help=True, help="查看、重建文本索引（由图数据库派生，随时可以重建）")


@app.command(help="文本索引跟到哪里了")
def status(ctx: typer.Context, as_json: AsJson = False) -> None:
    """How far behind the graph is the text index?"""
    with place(ctx).open() as store:
        head, index = store.audit.head().number, TextIndex.open(store)
        found = {"sequence": index.sequence, "head": head, "behind": head - index.sequence}
    if as_json:
        emit(found)
        return
    say(
        f"文本索引跟到第 {found['sequence']} 号，图数据库在第 {head} 号；"
        + ("已是最新" if not found["behind"] else "下次查询时自动跟上")
    )


@app.command(help="从图数据库重新建立文本索引；期间查询照常")
def rebuild(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Make the text index again from the graph."""
    with place(ctx).open() as store:
        index = TextIndex.open(store)
        with progress_bar("重建文本索引") as moved:
            index.rebuild(progress=lambda done, _total: moved(done, ""))
        sequence = index.sequence
    if as_json:
        emit({"sequence": sequence})
        return
    say(f"文本索引已重建，跟到第 {sequence} 号")
