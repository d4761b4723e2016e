"""`zhiku find`: experts, organisations, outputs and projects for a topic, each with its evidence."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from cli.exits import ExitCode, emit_answer
from cli.expert_filters import Discipline, Expand, show_facets, show_list, with_filters
from cli.exposure_options import with_exposure_options
from cli.many import answer_file, asking
from cli.options import AsJson, Limit
from cli.output import mark_fictional, note, percent, utf8_text
from cli.place import place
from cli.tables import table
from cli.understanding import between, bridges, show_between, show_understanding
from graph.errors import InputError
from queries.answers import (
    DeclaredExpert,
    Evidence,
    ExpertsAnswer,
    FoundExpert,
    FoundOrganisation,
    Post,
    WorksAnswer,
)
from queries.commissions import CommissionsAnswer, projects_commissioned
from queries.experts import experts_for_topic
from queries.exposure import ExposureFields, exposure_options, exposure_said
from queries.facet_rows import FacetsAnswer, ListAnswer
from queries.facets import expert_facets
from queries.filters import ExpertFilters
from queries.listing import experts_by_facets
from queries.organisations import organisations_for_topic
from queries.posts import today
from queries.understanding import with_understanding
from queries.works import outputs_for_topic, projects_for_topic

app = typer.Typer(add_completion=False, no_args_is_help=True, help="按主题找专家、机构、成果、课题，每个答案都带依据")

# A question longer than this is refused by the questions themselves; reading more of stdin would only cost memory.
_LONGEST_STDIN = 1_000_000
# What fits under an eye; `--json` has all that the answer holds.
EVIDENCE_SHOWN = 3

Text = Annotated[str, typer.Argument(help="主题词或整段文字；- 表示从标准输入读", metavar="文字", show_default=False)]
SinceYear = Annotated[int | None, typer.Option("--since-year", help="只看这一年及以后的成果和课题", show_default=False)]
UntilYear = Annotated[int | None, typer.Option("--until-year", help="只看这一年及以前的成果和课题", show_default=False)]
Kinds = Annotated[list[str] | None, typer.Option("--kind", help="只要这种，如 paper（可重复）", show_default=False)]
Region = Annotated[
    str | None, typer.Option("--region", help="行政区划代码，含下级（如 13 为河北省）", show_default=False)
]


Queries = Annotated[
    Path | None,
    typer.Option(
        "--queries",
        help='一次问许多：每行一个 {"id","text"} 的 JSON Lines 文件，或有“问题”一列的 Excel',
        show_default=False,
    ),
]
Out = Annotated[
    Path | None,
    typer.Option("--out", help="--queries 的答案写到这个文件（默认标准输出；.xlsx 写成 Excel）", show_default=False),
]


@app.command(help="按主题找专家；不给主题时按筛选条件列出")
@with_exposure_options
@with_filters
def experts(
    ctx: typer.Context,
    *,
    text: Annotated[
        str, typer.Argument(help="主题词或整段文字；- 表示从标准输入读", metavar="文字", show_default=False)
    ] = "",
    limit: Limit = 20,
    expand: Expand = None,
    discipline: Discipline = None,
    queries: Queries = None,
    out: Out = None,
    facets: Annotated[bool, typer.Option("--facets", help="不列专家，按地区、单位类别、学科等统计人数")] = False,
    offset: Annotated[int, typer.Option("--offset", min=0, help="不给主题时从第几位之后列起")] = 0,
    as_json: AsJson = False,
    exposure: ExposureFields,
    filters: ExpertFilters | None,
) -> None:
    """Which experts know this topic, and why?  Without a topic: whom do the filters want?"""
    alone = filters is not None or facets
    if bool(text) == (queries is not None) and not (alone and queries is None):
        raise InputError(
            "要么给出一个问题或筛选条件，要么用 --queries 给出问题文件", hint='例如 zhiku find experts "土壤修复"'
        )
    if exposure_said(exposure) and not text and queries is None:
        raise InputError("曝光上限和新人加权改变的是排序，要有主题才能用", hint="写上主题，或去掉这两项")
    if out is not None and queries is None:
        raise InputError("--out 只与 --queries 一起用", hint="单个问题可用 --json 再重定向到文件")
    further = tuple(utf8_text(term) for term in expand or ())
    with place(ctx).opened() as (store, index):
        database, options = store.database, exposure_options(exposure, on=today())
        ask = partial(experts_for_topic, database, index, limit=limit, filters=filters, discipline=discipline)
        asked = asking(database, partial(ask, expand=further, declared=queries is None), exposure=options)
        if queries is not None:
            raise typer.Exit(answer_file(queries, out, asked))
        if facets:
            counted = expert_facets(store.database, index, text=_question(text), filters=filters, wanted=limit)
            _show(counted, bool(counted.total), show_facets, as_json=as_json)
        elif text:
            answer = with_understanding(store.database, index, asked(_question(text)), expand=further)
            if not as_json:
                show_understanding(answer.understanding)
                show_between(bridges(store, index, answer))
            _show(answer, bool(answer.experts or answer.declared), show_experts, as_json=as_json)
        else:
            listed = experts_by_facets(store.database, index, filters=filters, limit=limit, offset=offset)
            _show(listed, bool(listed.experts), show_list, as_json=as_json)


_Found = TypeVar("_Found", ExpertsAnswer, ListAnswer, FacetsAnswer)


def _show(answer: _Found, found: bool, show: Callable[[_Found], None], *, as_json: bool) -> None:
    if as_json:
        emit_answer(answer, found)
    show(answer)
    _end(found, answer.notes)


def show_experts(answer: ExpertsAnswer) -> None:
    """Print the ranked experts with their evidence, and after them those who only declare the topic."""
    if answer.experts:
        _show_ranked(answer)
    if answer.declared:
        rows = [
            ([d.name, d.professional_title], workplaces(d), "、".join(d.fields), percent(d.share), d.id)
            for d in answer.declared
        ]
        title = f"另有 {len(rows)} 位自报研究方向相符（只凭自报，不参与上面的排序）"
        table(title, ("专家", "单位", "自报方向", "含问题用词", "编号"), rows)
    mark_fictional(any(e.fictional for e in (*answer.experts, *answer.declared)))


def _show_ranked(answer: ExpertsAnswer) -> None:
    rows = [
        (
            e.rank,
            [e.name, e.professional_title],
            workplaces(e),
            f"{e.score:.2f}",
            [*([e.moved.reason] if e.moved else []), *evidence_lines(e.evidence, e.evidence_total)],
            e.id,
        )
        for e in answer.experts
    ]
    title = f"找到 {answer.candidates} 位相关专家，列出 {len(rows)} 位"
    table(title, ("名次", "专家", "单位", "得分", "依据（占得分的比例）", "编号"), rows, lines=True)


def workplaces(expert: FoundExpert | DeclaredExpert) -> list[str]:
    """Return the names of the organisations where the person is now, or was last when no post holds today."""
    current = [p for p in expert.posts if p.standing != "former"] or list(expert.posts[:1])
    return list(dict.fromkeys(_post_name(p) for p in current))


def _post_name(post: Post) -> str:
    return f"{post.name}（曾任）" if post.standing == "former" else post.name


def evidence_lines(evidence: tuple[Evidence, ...], total: int) -> list[str]:
    """Return the strongest works as lines for a table, and how many more there are."""
    lines = [
        f"{percent(e.share)} 《{e.title}》{'，'.join(x for x in (str(e.year or ''), e.role, _without(e)) if x)}"
        for e in evidence[:EVIDENCE_SHOWN]
    ]
    more = total - len(lines)
    return [*lines, f"……另有 {more} 项"] if more > 0 else lines


def _without(work: Evidence) -> str:
    if work.rank_without is None:
        return ""
    return f"没有它排第 {work.rank_without}" if work.rank_without else "只有它相关"


@app.command(help="按主题找机构")
def organisations(
    ctx: typer.Context,
    *,
    text: Text,
    limit: Limit = 20,
    region: Region = None,
    level: Annotated[str | None, typer.Option("--level", help="单位层级，如 province", show_default=False)] = None,
    kind: Annotated[str | None, typer.Option("--kind", help="单位类别，如 university", show_default=False)] = None,
    since_year: SinceYear = None,
    until_year: UntilYear = None,
    as_json: AsJson = False,
) -> None:
    """Which organisations work on this topic, and why?"""
    with place(ctx).opened() as (store, index):
        answer = organisations_for_topic(
            store.database,
            index,
            text=_question(text),
            limit=limit,
            region=region,
            since_year=since_year,
            until_year=until_year,
            organisation_level=level,
            organisation_kind=kind,
        )
    if as_json:
        emit_answer(answer, bool(answer.organisations))
    if answer.organisations:
        rows = [
            (o.rank, _organisation(o), o.region, f"{o.score:.2f}", _people(o), _works(o), o.id)
            for o in answer.organisations
        ]
        title = f"找到 {answer.candidates} 个相关机构，列出 {len(rows)} 个"
        table(title, ("名次", "机构", "地区", "得分", "人员", "依据（占得分的比例）", "编号"), rows, lines=True)
        mark_fictional(any(o.fictional for o in answer.organisations))
    _end(bool(answer.organisations), answer.notes)


def _organisation(found: FoundOrganisation) -> str:
    return found.name if found.verified else f"{found.name}（未核实）"


def _people(found: FoundOrganisation) -> list[str]:
    return [f"{p.name}（{p.works}）" for p in found.people[:EVIDENCE_SHOWN]]


def _works(found: FoundOrganisation) -> list[str]:
    return evidence_lines(found.evidence, found.evidence_total)


@app.command(help="按主题找成果（论文、报告等）")
def outputs(
    ctx: typer.Context,
    *,
    text: Text,
    limit: Limit = 20,
    since_year: SinceYear = None,
    until_year: UntilYear = None,
    kind: Kinds = None,
    as_json: AsJson = False,
) -> None:
    """Which outputs are nearest to this topic?"""
    with place(ctx).opened() as (store, index):
        answer = outputs_for_topic(
            store.database,
            index,
            text=_question(text),
            limit=limit,
            since_year=since_year,
            until_year=until_year,
            types=tuple(kind or ()),
        )
    _show_works(answer, "成果", as_json=as_json)


@app.command(help="按主题找课题：这个选题以前做过吗？")
def projects(
    ctx: typer.Context,
    *,
    text: Annotated[
        str, typer.Argument(help="主题词或整段文字；- 表示从标准输入读", metavar="文字", show_default=False)
    ] = "",
    limit: Limit = 20,
    since_year: SinceYear = None,
    until_year: UntilYear = None,
    kind: Kinds = None,
    commissioner: Annotated[
        str | None,
        typer.Option("--commissioner", help="只看这个机构委托的（编号或全名），可不写文字", show_default=False),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Was this proposed topic done before?  Which projects did this body commission?"""
    if commissioner is None and not text:
        raise InputError("没有写主题", hint='例如 zhiku find projects "土壤修复"，或 --commissioner 机构名称')
    if commissioner is not None:
        with place(ctx).opened() as (store, index):
            commissioned = projects_commissioned(
                store.database, index, commissioner=utf8_text(commissioner), text=_question(text), limit=limit,
                since_year=since_year,
            )  # fmt: skip
        _show_commissioned(commissioned, as_json=as_json)
        return
    with place(ctx).opened() as (store, index):
        answer = projects_for_topic(
            store.database,
            index,
            text=_question(text),
            limit=limit,
            since_year=since_year,
            until_year=until_year,
            types=tuple(kind or ()),
        )
    _show_works(answer, "课题", as_json=as_json)


app.command("between", help="找两个领域之间的专家，如 人工智能 与 中医")(between)


def _show_works(answer: WorksAnswer, what: str, *, as_json: bool) -> None:
    if as_json:
        emit_answer(answer, bool(answer.works))
    if answer.works:
        rows = [
            (
                w.rank,
                w.title,
                w.year,
                w.venue,
                "、".join(p.name for p in w.people),
                list(w.organisations),
                f"{w.score:.2f}",
                w.id,
            )
            for w in answer.works
        ]
        columns = ("名次", "题名", "年份", "刊物或计划", "人员", "机构", "得分", "编号")
        table(f"最接近的{what}", columns, rows, lines=True)
        mark_fictional(any(w.fictional for w in answer.works))
    _end(bool(answer.works), answer.notes)


def _show_commissioned(answer: CommissionsAnswer, *, as_json: bool) -> None:
    if as_json:
        emit_answer(answer, bool(answer.projects))
    if answer.projects:
        rows = [
            (
                w.rank,
                w.title,
                w.year,
                w.programme,
                "、".join(p.name for p in w.leaders),
                [c.name for c in w.commissioners],
                w.id,
            )
            for w in answer.projects
        ]
        title = f"委托的课题：共 {answer.total} 项，列出 {len(rows)} 项"
        table(title, ("名次", "题名", "年份", "计划", "负责人", "委托单位", "编号"), rows, lines=True)
        mark_fictional(any(w.fictional for w in answer.projects))
    _end(bool(answer.projects), answer.notes)


def _question(text: str) -> str:
    if text == "-":
        return sys.stdin.read(_LONGEST_STDIN)
    return utf8_text(text)


def _end(found: bool, notes: tuple[str, ...]) -> None:
    note(*(f"注：{text}" for text in notes))
    if not found:
        note("没有找到。换一个更常用的词，或少用几个条件再试。")
        raise typer.Exit(ExitCode.NOTHING)
