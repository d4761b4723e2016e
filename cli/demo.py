"""`zhiku demo`: from nothing to a ranked table with evidence and a picture, on a fictional province."""

from __future__ import annotations

import os
import shlex
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from cli.find import show_experts
from cli.ingest import settle_shown
from cli.options import AsJson, GlobalOptions
from cli.output import emit, say
from cli.place import place, write_whole
from cli.tables import progress_bar
from graph.errors import ConflictError
from graph.store import Store, local_actor
from graph.textindex import TextIndex
from ingest.run import run, run_digest
from ingest.sample import SampleFiles, sample_sources, write_sample
from ingest.source import Source
from queries.answers import ExpertsAnswer
from queries.experts import experts_for_topic
from queries.networks import collaboration_network
from viz.network import network_html

app = typer.Typer(add_completion=False)

QUESTION: Final = "内陆盐碱地土壤改良与水盐调控"
EXPERTS_SHOWN: Final = 10
PICTURE: Final = Path("demo-out") / "network.html"

_LOADED: Final = """
MATCH (r:Run {digest: $digest})
WHERE r.status = 'complete'
RETURN count(r) AS number
"""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What the demo's store was given this time: files read and skipped, claims and relationships written."""

    files: int
    skipped: int
    written: int
    rejected: int


@app.command(help="载入虚构样例（另放一个文件夹，不碰自己的数据），提一个问题，列出专家和依据，画一张合作网络图")
def demo(
    ctx: typer.Context,
    question: Annotated[str, typer.Option("--question", help="要问的问题")] = QUESTION,
    out: Annotated[Path, typer.Option("--out", "-o", help="网络图写到这个 .html 文件")] = PICTURE,
    as_json: AsJson = False,
) -> None:
    """Show in one command what the program does."""
    began = time.monotonic()
    options: GlobalOptions = ctx.obj
    options.demo = True
    here = place(ctx)
    if not as_json:
        say("智库图谱演示：以下人物、单位、成果均为虚构。", f"演示数据单独放在 {here.home}", "")
    with progress_bar("启动图数据库"):
        store = here.open()
    with store:
        loaded = load_sample(store, write_sample(here.home / "sample"))
        settle_shown(store)
        index = TextIndex.open(store)
        index.follow()
        answer = experts_for_topic(store.database, index, text=question, limit=EXPERTS_SHOWN)
        picture = _picture(store, answer, out)
    seconds = time.monotonic() - began
    if as_json:
        emit(_as_json(loaded, answer, picture, seconds))
        return
    _show(loaded, answer, picture, seconds)


def load_sample(store: Store, files: SampleFiles) -> Loaded:
    """Bring the sample into the store; a file that is there whole already is not read again.

    Raises `ConflictError` when the sample itself is rejected in part, which it never should be.
    """
    skipped = written = rejected = 0
    plan = list(sample_sources(files))
    with progress_bar("载入虚构样例", total=len(plan)) as moved:
        for done, (path, source) in enumerate(plan):
            moved(done, path.name)
            if _there(store, path, source):
                skipped += 1
                continue
            report = run(store, source, path, actor=local_actor())
            written += report.written
            rejected += report.rejected_records + report.rejected_values
            if report.rejected_records:
                raise ConflictError(
                    f"样例 {path.name} 有 {report.rejected_records} 条记录没有收下",
                    hint=f"清单在 {report.rejects_file}；请告诉开发者",
                )
    return Loaded(len(plan), skipped, written, rejected)


def _there(store: Store, path: Path, source: Source) -> bool:
    return int(store.database.records("demo_loaded", _LOADED, digest=run_digest(path, source))[0]["number"]) > 0


def _picture(store: Store, answer: ExpertsAnswer, out: Path) -> Path | None:
    if not answer.experts:
        return None
    first = answer.experts[0]
    drawn = collaboration_network(store.database, id=first.id, steps=2)
    return write_whole(out, network_html(drawn, title=f"{first.name}的合作网络").html).resolve()


def _show(loaded: Loaded, answer: ExpertsAnswer, picture: Path | None, seconds: float) -> None:
    if loaded.skipped == loaded.files:
        say(f"样例已在图谱中，没有重新载入（0 changes）；问题：{answer.question}", "")
    else:
        say(f"已载入 {loaded.files - loaded.skipped} 个样例文件，写入 {loaded.written} 项；问题：{answer.question}", "")
    show_experts(answer)
    say(*(f"注：{text}" for text in answer.notes))
    if picture is not None:
        say("", f"合作网络图（用浏览器打开，不需要联网）：{picture.as_uri()}")
    zhiku = _command()
    say(
        f"用时 {seconds:.0f} 秒。接下来：",
        f"  再问一个问题    {zhiku} --demo find experts 大坝安全监测",
        f"  打开网页        {zhiku} --demo serve     然后在浏览器里打开它给出的链接",
        f"  导入自己的名册  {zhiku} template roster   填好后 {zhiku} ingest table 专家名册模板.xlsx --mapping roster",
        f"  停止            {zhiku} --demo db stop    （网页按 Ctrl+C）",
        "说明：docs/guide-import.md",
    )


def _command() -> str:
    """The program as this person called it, so that the lines can be copied."""
    called = Path(sys.argv[0])
    if called.name != "zhiku" or str(called.parent) in os.environ.get("PATH", "").split(os.pathsep):
        return "zhiku"
    try:
        called = called.resolve().relative_to(Path.cwd())
    except ValueError:
        called = called.resolve()
    return shlex.quote(str(called))


def _as_json(loaded: Loaded, answer: ExpertsAnswer, picture: Path | None, seconds: float) -> dict[str, Any]:
    return {
        "loaded": {
            "files": loaded.files,
            "skipped": loaded.skipped,
            "written": loaded.written,
            "rejected": loaded.rejected,
        },
        "answer": answer.model_dump(mode="json"),
        "picture": None if picture is None else str(picture),
        "seconds": round(seconds, 2),
    }
