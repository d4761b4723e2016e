"""`zhiku trends`: how a topic develops, what rises, who is coming up, who works where."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from cli.exits import ExitCode, emit_answer
from cli.options import AsJson, Limit
from cli.output import mark_fictional, note, percent, utf8_text
from cli.place import place, told, write_whole
from cli.tables import table
from queries.rising_experts import CAREER_YEARS, FEWEST_RECENT, RisingExpert, rising_experts
from queries.topic_map import TopicMap, topic_map
from queries.trends import FEWEST_WORKS, WINDOW_YEARS, RisingScheme, TopicTrend, rising_topics, topic_trend
from viz.chart import YearBar, years_svg

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="主题的趋势：逐年逐地区的数量、上升的主题、新锐专家、谁在哪里"
)

_SUBTOPICS_SHOWN: Final = 12

Topic = Annotated[str, typer.Argument(help="主题的编号（体系:代码）或准确名称", metavar="主题", show_default=False)]
Keyword = Annotated[
    str | None, typer.Option("--keyword", help="改按关键词，照成果里的写法，不分大小写", show_default=False)
]
Since = Annotated[int | None, typer.Option("--since-year", help="从这一年起", show_default=False)]
Until = Annotated[int | None, typer.Option("--until-year", help="到这一年为止", show_default=False)]
LastYear = Annotated[
    int | None, typer.Option("--until-year", help="最后一年（默认：最近一个资料完整的年份）", show_default=False)
]
Window = Annotated[int, typer.Option("--window", help="最近多少年与此前同样长的时间比较")]


@app.command(help="一个主题逐年、逐地区有多少成果和人")
def topics(
    ctx: typer.Context,
    topic: Topic = "",
    *,
    keyword: Keyword = None,
    region: Annotated[
        str | None, typer.Option("--region", help="行政区划代码，含下级（如 13 为河北省）", show_default=False)
    ] = None,
    since_year: Since = None,
    until_year: Until = None,
    out: Annotated[Path | None, typer.Option("--out", help="把逐年的图存成 SVG 文件", show_default=False)] = None,
    as_json: AsJson = False,
) -> None:
    """How many works and people, by year and region?"""
    with place(ctx).open() as store:
        found = topic_trend(
            store.database,
            topic=utf8_text(topic) or None,
            keyword=keyword,
            region=region,
            since_year=since_year,
            until_year=until_year,
        )
    if out is not None:
        told(write_whole(out, trend_svg(found).encode()))
    if as_json:
        emit_answer(found, bool(found.years))
    if found.years:
        rows = [
            (each.year or "不详", each.works, each.people, "" if each.whole or each.year is None else "资料不完整")
            for each in found.years
        ]
        table(f"{found.subject.name}：逐年", ("年份", "成果和课题", "人员", ""), rows)
        shown = [(each.code, each.name, each.works) for each in found.regions]
        table("逐地区（一项成果有几个地区的单位，各算一次）", ("代码", "地区", "成果和课题"), shown)
    _end(found.notes, bool(found.years))


def trend_svg(found: TopicTrend) -> str:
    """Return the picture of a trend's years."""
    bars = [YearBar(each.year, each.works, each.people, each.whole) for each in found.years if each.year is not None]
    return years_svg(bars, title=f"{found.subject.name}：逐年的成果和人员")


@app.command(help="哪些主题（或关键词）在成果中的份额明显上升")
def rising(
    ctx: typer.Context,
    *,
    keywords: Annotated[bool, typer.Option("--keywords", help="比较关键词，而不是主题")] = False,
    window: Window = WINDOW_YEARS,
    fewest: Annotated[int, typer.Option("--fewest", help="两段时间合起来至少有多少项才比较")] = FEWEST_WORKS,
    until_year: LastYear = None,
    limit: Limit = 20,
    as_json: AsJson = False,
) -> None:
    """Which topics take a greater share than before, beyond chance?"""
    with place(ctx).open() as store:
        found = rising_topics(
            store.database,
            of="keyword" if keywords else "topic",
            window_years=window,
            fewest=fewest,
            until_year=until_year,
            limit=limit,
        )
    risen = any(scheme.topics for scheme in found.schemes)
    if as_json:
        emit_answer(found, risen)
    for scheme in found.schemes:
        _show_scheme(scheme)
    _end(found.notes, risen)


def _show_scheme(scheme: RisingScheme) -> None:
    recent, before = ("—".join(map(str, years)) for years in (scheme.recent_years, scheme.before_years))
    rows = [
        (
            each.name,
            f"{each.recent}（{percent(each.recent_share)}）",
            f"{each.before}（{percent(each.before_share)}）",
            f"{each.growth:.1f} 倍",
            f"{each.p:.2g}",
            f"{each.q:.2g}",
            "显著" if each.significant else "",
            each.id,
        )
        for each in scheme.topics
    ]
    title = f"{scheme.scheme or '关键词'}：{recent} 年与 {before} 年比较，检验了 {scheme.tested} 个"
    table(title, ("主题", recent, before, "份额的变化", "p", "q", "", "编号"), rows)


@app.command(help="新锐专家：近年才有成果、成果又在增加的人，附理由")
def experts(
    ctx: typer.Context,
    topic: Topic = "",
    *,
    keyword: Keyword = None,
    window: Window = WINDOW_YEARS,
    career: Annotated[int, typer.Option("--career", help="首项成果在多少年以内")] = CAREER_YEARS,
    fewest: Annotated[int, typer.Option("--fewest", help="最近这段时间至少多少项")] = FEWEST_RECENT,
    until_year: LastYear = None,
    limit: Limit = 20,
    as_json: AsJson = False,
) -> None:
    """Who began recently and does more and more?"""
    with place(ctx).open() as store:
        found = rising_experts(
            store.database,
            topic=utf8_text(topic) or None,
            keyword=keyword,
            window_years=window,
            career_years=career,
            fewest=fewest,
            until_year=until_year,
            limit=limit,
        )
    if as_json:
        emit_answer(found, bool(found.experts))
    if found.experts:
        name = "全部主题" if found.subject is None else found.subject.name
        title = (
            f"{name}：{found.first_since} 年以后才有成果的人，共 {found.candidates} 位，列出 {len(found.experts)} 位"
        )
        rows = [(e.rank, e.name, _where(e), list(e.reasons), e.id) for e in found.experts]
        table(title, ("名次", "姓名", "单位", "理由", "编号"), rows, lines=True)
        mark_fictional(any(e.fictional for e in found.experts))
    _end(found.notes, bool(found.experts))


def _where(expert: RisingExpert) -> list[str]:
    current = [post.name for post in expert.posts if post.standing != "former"]
    return list(dict.fromkeys(current or [post.name for post in expert.posts[:1]]))


@app.command(name="map", help="谁在哪里做这个主题：下级主题、机构、地区、人员")
def who_where(
    ctx: typer.Context,
    topic: Topic = "",
    *,
    keyword: Keyword = None,
    since_year: Since = None,
    until_year: Until = None,
    limit: Limit = 20,
    as_json: AsJson = False,
) -> None:
    """Who works where on this topic?"""
    with place(ctx).open() as store:
        found = topic_map(
            store.database,
            topic=utf8_text(topic) or None,
            keyword=keyword,
            since_year=since_year,
            until_year=until_year,
            limit=limit,
        )
    if as_json:
        emit_answer(found, bool(found.people))
    if found.people:
        _show_map(found)
    _end(found.notes, bool(found.people))


def _show_map(found: TopicMap) -> None:
    if found.topics:
        below = [(each.name, each.works, each.id) for each in found.topics[:_SUBTOPICS_SHOWN]]
        table(f"{found.subject.name}：下级主题", ("主题", "成果和课题", "编号"), below)
    bodies = [(each.name, each.region, each.works, each.people, each.id) for each in found.organisations]
    table(f"机构（共 {found.organisations_total} 家）", ("机构", "省", "成果和课题", "人员", "编号"), bodies)
    regions = [(each.code, each.name, each.works, each.people, each.organisations) for each in found.regions]
    table("地区", ("代码", "地区", "成果和课题", "人员", "机构"), regions)
    people = [
        (
            each.name,
            "、".join(each.organisations),
            each.works,
            each.leads,
            _years(each.first_year, each.last_year),
            each.id,
        )
        for each in found.people
    ]
    table("人员", ("姓名", "单位", "成果和课题", "第一作者或主持", "年份", "编号"), people)


def _years(first: int | None, last: int | None) -> str:
    return "" if first is None else f"{first}" if first == last else f"{first}—{last}"


def _end(notes: tuple[str, ...], found: bool) -> None:
    note(*(f"注：{text}" for text in notes))
    if not found:
        raise typer.Exit(ExitCode.NOTHING)
