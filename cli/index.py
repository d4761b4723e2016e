"""`zhiku index`: the derived text index, which can always be made again from the graph."""

from __future__ import annotations

from typing import Any

import typer

from cli.options import AsJson
from cli.output import emit, say
from cli.place import place
from cli.tables import progress_bar
from graph.encoders import NONE
from graph.latent import FEWEST_WORKS
from graph.textindex import TextIndex

app = typer.Typer(add_completion=False, no_args_is_help=True, help="查看、重建文本索引（由图数据库派生，随时可以重建）")


@app.command(help="文本索引跟到哪里了，用什么编码器按含义比较")
def status(ctx: typer.Context, as_json: AsJson = False) -> None:
    """How far behind the graph is the text index, and what were its vectors made with?"""
    with place(ctx).open() as store:
        head, index = store.audit.head().number, TextIndex.open(store)
        found = {"sequence": index.sequence, "head": head, "behind": head - index.sequence}
        found |= _encoding(index, store.encoder)
    if as_json:
        emit(found)
        return
    say(
        f"文本索引跟到第 {found['sequence']} 号，图数据库在第 {head} 号；"
        + ("已是最新" if not found["behind"] else "下次查询时自动跟上")
    )
    _say_encoding(index, store.encoder)


@app.command(help="从图数据库重新建立文本索引；期间查询照常")
def rebuild(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Make the text index again from the graph."""
    with place(ctx).open() as store:
        index = TextIndex(store)
        with progress_bar("重建文本索引") as moved:
            index.rebuild(progress=lambda done, _total: moved(done, ""))
        found = {"sequence": index.sequence} | _encoding(index, store.encoder)
    if as_json:
        emit(found)
        return
    say(f"文本索引已重建，跟到第 {found['sequence']} 号")
    _say_encoding(index, store.encoder)


def _encoding(index: TextIndex, wanted: str) -> dict[str, Any]:
    """Return what made the vectors of the index, and what the setting asks for now."""
    made = index.encoders
    return {"encoder": made.setting, "wanted": wanted, "encoders": [fact._asdict() for fact in made.facts]}


def _say_encoding(index: TextIndex, wanted: str) -> None:
    made = index.encoders
    for fact in made.facts:
        learnt = f"，由 {fact.trained_on} 项成果和项目、{fact.tokens} 个词训练" if fact.trained_on else ""
        say(f"编码器 {fact.name}：{fact.dimensions} 维{learnt}")
    if made.setting == NONE:
        say("没有使用编码器：只按字词检索（设置 ZHIKU_INDEX_ENCODER=none）")
    elif not made.facts:
        say(f"没有训练编码器：成果和项目不到 {FEWEST_WORKS} 项，只按字词检索")
    if made.setting != wanted:
        say(f"设置 ZHIKU_INDEX_ENCODER 现在是 {wanted}，索引是用 {made.setting} 建的：运行 zhiku index rebuild 生效")
