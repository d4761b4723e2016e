"""`zhiku doctor`: is everything in order, and what is in the graph?"""

from __future__ import annotations

import platform
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final, LiteralString

import typer

from cli.database import engine_state
from cli.exits import ExitCode
from cli.options import AsJson
from cli.output import emit, say
from cli.place import Place, place
from cli.quality import StaleYears, listed
from cli.tables import table
from graph.errors import StoreUnavailableError, ZhikuError
from graph.store import Store
from graph.textindex import TextIndex
from queries.quality import STALE_YEARS, QualityCounts, quality_counts

app = typer.Typer(add_completion=False)

_HELP: Final = "检查安装、数据目录、图数据库、文本索引和数据质量；有问题时退出码为 1，图数据库不可用时为 4"

_PACKAGES: Final = ("zhiku", "neo4j", "arcadedb-embedded", "tantivy", "fastapi")
# An import of 100,000 outputs with its before-images and index took less than this; below it the next one may not fit.
_LITTLE_SPACE: Final = 2 * 2**30

# Nodes without claims are invisible everywhere, so they are not counted; a merged stub is not a person of its own.
_COUNTS: Final[tuple[tuple[str, LiteralString], ...]] = (
    ("人", "MATCH (n:Person) WHERE coalesce(n.tombstone, false) = false RETURN count(n) AS number"),
    ("其中专家", "MATCH (n:Expert) WHERE coalesce(n.tombstone, false) = false RETURN count(n) AS number"),
    ("组织机构", "MATCH (n:Organisation) WHERE coalesce(n.tombstone, false) = false RETURN count(n) AS number"),
    ("其中学会", "MATCH (n:Society) WHERE coalesce(n.tombstone, false) = false RETURN count(n) AS number"),
    ("行政区划", "MATCH (n:Region) WHERE coalesce(n.tombstone, false) = false RETURN count(n) AS number"),
    ("主题/学科", "MATCH (n:Topic) WHERE coalesce(n.tombstone, false) = false RETURN count(n) AS number"),
    ("成果", "MATCH (n:Output) WHERE coalesce(n.tombstone, false) = false RETURN count(n) AS number"),
    ("课题/项目", "MATCH (n:Project) WHERE coalesce(n.tombstone, false) = false RETURN count(n) AS number"),
    ("荣誉/称号", "MATCH (n:Honour) WHERE coalesce(n.tombstone, false) = false RETURN count(n) AS number"),
    ("科技服务", "MATCH (n:Service) WHERE coalesce(n.tombstone, false) = false RETURN count(n) AS number"),
    ("需求", "MATCH (n:Demand) WHERE coalesce(n.tombstone, false) = false RETURN count(n) AS number"),
    ("专家团队", "MATCH (n:Team) WHERE coalesce(n.tombstone, false) = false RETURN count(n) AS number"),
)
_UNFINISHED: Final[tuple[tuple[str, LiteralString], ...]] = (
    ("未完成的导入", "MATCH (n:Run) WHERE n.status = 'running' RETURN count(n) AS number"),
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: `ok` False needs somebody to act, `hint` says how; None is for information."""

    name: str
    value: str
    ok: bool | None = None
    hint: str = ""


@app.callback(invoke_without_command=True, help=_HELP)
def doctor(ctx: typer.Context, stale_years: StaleYears = STALE_YEARS, as_json: AsJson = False) -> None:
    """Is everything in order?"""
    if ctx.invoked_subcommand is not None:
        return
    here = place(ctx)
    findings = [*_installation(), *_home(here)]
    counts: dict[str, int] = {}
    unfinished: dict[str, int] = {}
    quality: QualityCounts | None = None
    code = ExitCode.DONE
    try:
        with here.open() as store:
            findings += _store(here, store)
            counts = _numbers(store, _COUNTS)
            unfinished = _numbers(store, _UNFINISHED)
            quality = quality_counts(store.database, stale_years=stale_years)
    except ZhikuError as error:
        findings.append(Finding("图数据库", error.message, ok=False, hint=error.hint or ""))
        code = ExitCode.UNAVAILABLE if isinstance(error, StoreUnavailableError) else ExitCode.FAILED
    if code is ExitCode.DONE and any(f.ok is False for f in findings):
        code = ExitCode.FAILED
    if as_json:
        figures = {} if quality is None else {each.kind: each.number for each in quality.figures}
        checked = [asdict(f) for f in findings]
        emit({"findings": checked, "counts": counts, "unfinished": unfinished, "quality": figures})
    else:
        _show(findings, counts, unfinished, quality)
    raise typer.Exit(code)


app.command("list", help="列出某一项数据质量问题的具体情况，最要紧的在前（没有时退出码为 3）")(listed)


def _show(
    findings: list[Finding], counts: dict[str, int], unfinished: dict[str, int], quality: QualityCounts | None
) -> None:
    marks = {True: "正常", False: "有问题", None: ""}
    table("检查", ("项目", "结果", "内容", "怎么办"), [(f.name, marks[f.ok], f.value, f.hint) for f in findings])
    if counts:
        table("图谱里有什么", ("种类", "数量"), [*counts.items(), *unfinished.items()])
    if quality is not None:
        rows = [(each.title, each.number, each.meaning, each.kind) for each in quality.figures]
        table("数据质量：可以查的、可以补的", ("项目", "数量", "算的是什么", "项目编号"), rows)
        say("看具体是哪些：zhiku doctor list 项目编号")
    problems = sum(f.ok is False for f in findings)
    say(f"发现 {problems} 个问题" if problems else "一切正常")


def _installation() -> Iterator[Finding]:
    yield Finding("Python", platform.python_version())
    for name in _PACKAGES:
        try:
            yield Finding(name, version(name))
        except PackageNotFoundError:
            yield Finding(name, "没有安装", hint="没有内嵌引擎的平台请设置 ZHIKU_DB_URI" if "arcadedb" in name else "")


def _home(here: Place) -> Iterator[Finding]:
    yield Finding("数据目录", str(here.home) + ("（虚构样例）" if here.demo else ""))
    existing = next((p for p in (here.home, *here.home.absolute().parents) if p.exists()), Path("/"))
    free = shutil.disk_usage(existing).free
    shown = f"剩余 {free / 2**30:.1f} GiB"
    yield Finding("磁盘", shown, ok=free >= _LITTLE_SPACE, hint="" if free >= _LITTLE_SPACE else "腾出空间再导入")


def _store(here: Place, store: Store) -> Iterator[Finding]:
    state = engine_state(here)
    yield Finding(
        "图数据库", f"{state['engine']} {state.get('version', '')} {state['address']}", ok=bool(state["answers"])
    )
    head = store.audit.head()
    anchors = store.audit.anchors()
    last = max(anchors, default=0)
    # The whole chain is for `zhiku audit verify`; a cut tail or an exchanged store shows here already.
    whole = last <= head.number and anchors.get(head.number, head.hash) == head.hash
    yield Finding(
        "审计链尾",
        f"第 {head.number} 号，库外锚点到第 {last} 号",
        ok=whole,
        hint="" if whole else "用 zhiku audit verify 细查，与备份比对",
    )
    index = TextIndex.open(store)
    behind = head.number - index.sequence
    hint = "" if behind == 0 else "下次查询时自动跟上；也可用 zhiku index rebuild"
    yield Finding("文本索引", f"跟到第 {index.sequence} 号，落后 {behind} 号", ok=behind >= 0, hint=hint)


def _numbers(store: Store, questions: tuple[tuple[str, LiteralString], ...]) -> dict[str, int]:
    return {name: int(store.database.records("doctor", text)[0]["number"]) for name, text in questions}
