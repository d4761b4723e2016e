"""`zhiku demand`: the library of problems and proposed topics; raised, diagnosed, matched, followed up, answered."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final, Literal

import typer

from cli.exits import ExitCode
from cli.matches import show_matches
from cli.options import AsJson, Limit
from cli.output import emit, note, say, utf8_text
from cli.place import place
from cli.tables import table
from graph.dates import parse_day
from graph.errors import InputError
from graph.store import local_actor
from ingest.commands.demands import answer_demand, close_demand, diagnose_demand, log_follow_up, raise_demand
from ingest.commands.local_writes import Written
from queries.demand_matches import demand_matches, matches_for_text
from queries.demand_rows import DemandsAnswer, DemandTrace, LogEntry, ShownDemand
from queries.demand_topics import topics_suggested
from queries.demands import demand_trace, demands_listed, demands_overdue, response_times

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="需求（问题库、选题库）：登记、诊断、匹配、跟进、答复"
)

KIND_WORDS: Final = {"problem": "问题", "topic": "选题", "need": "需求"}
URGENCY_WORDS: Final = {"urgent": "特急", "high": "紧急", "normal": "一般"}
STATUS_WORDS: Final = {"open": "待办", "diagnosed": "已诊断", "answered": "已答复", "closed": "已办结"}
_LOG_WORDS: Final = {"raised": "提出", "diagnosed": "诊断", "follow-up": "跟进", "answered": "答复", "closed": "办结"}

Id = Annotated[str, typer.Argument(help="需求编号（zhiku demand list 的最后一列）", metavar="编号", show_default=False)]
On = Annotated[str, typer.Option("--on", help="哪一天（默认今天）", show_default=False)]
Region = Annotated[
    str | None, typer.Option("--region", help="行政区划代码，含下级（如 13 为河北省）", show_default=False)
]
Public = Annotated[bool, typer.Option("--public", help="只列可以公开发布的")]


@app.command("raise", help="登记一个问题、选题或需求")
def raised(
    ctx: typer.Context,
    *,
    title: Annotated[str, typer.Argument(help="一句话说清要解决什么", metavar="题目", show_default=False)],
    description: Annotated[str, typer.Option("--description", help="背景和希望得到什么", show_default=False)] = "",
    kind: Annotated[Literal["problem", "topic", "need"], typer.Option("--kind", help="问题、选题、需求")] = "need",
    from_whom: Annotated[str, typer.Option("--from", help="提出方：机构或人的编号，或名称", show_default=False)] = "",
    urgency: Annotated[
        Literal["urgent", "high", "normal"], typer.Option("--urgency", help="特急、紧急、一般")
    ] = "normal",
    service: Annotated[
        str, typer.Option("--service", help="需要的服务：论证、评估、标准、资格认定、咨询", show_default=False)
    ] = "",
    deadline: Annotated[str, typer.Option("--deadline", help="期限：最后一天", show_default=False)] = "",
    on: On = "",
    visibility: Annotated[
        Literal["public", "members", "staff"], typer.Option("--visibility", help="公开、会员、工作人员")
    ] = "public",
    topic: Annotated[list[str] | None, typer.Option("--topic", help="主题编号（可重复）", show_default=False)] = None,
    as_json: AsJson = False,
) -> None:
    """Put a demand into the library."""
    with place(ctx).open() as store:
        done = raise_demand(
            store,
            title=utf8_text(title),
            actor=local_actor(),
            description=utf8_text(description),
            kind=kind,
            from_whom=utf8_text(from_whom),
            urgency=urgency,
            service_kind=utf8_text(service),
            deadline=_last_day(deadline),
            raised_on=_day(on),
            visibility=visibility,
            topics=topic or (),
        )
    _told(done, f"已登记，编号 {done.id}", as_json=as_json)


@app.command("list", help="列出需求：默认只列待办的，期限近的在前")
def listed(
    ctx: typer.Context,
    *,
    status: Annotated[
        Literal["waiting", "all", "open", "diagnosed", "answered", "closed"],
        typer.Option("--status", help="待办（waiting）、全部（all）或某一状态"),
    ] = "waiting",
    raiser: Annotated[str | None, typer.Option("--from", help="提出方的编号或名称", show_default=False)] = None,
    urgency: Annotated[str | None, typer.Option("--urgency", help="urgent、high、normal", show_default=False)] = None,
    public: Public = False,
    limit: Limit = 50,
    on: On = "",
    as_json: AsJson = False,
) -> None:
    """Which demands are there?"""
    with place(ctx).open() as store:
        found = demands_listed(
            store.database,
            status=status,
            raiser=None if raiser is None else utf8_text(raiser),
            urgency=urgency,
            seen_by="public" if public else "staff",
            limit=limit,
            on=_day(on),
        )
    _list(found, "需求", as_json=as_json)


@app.command(help="列出过了期限还没有答复的，拖得久的在前")
def overdue(
    ctx: typer.Context, *, on: On = "", public: Public = False, limit: Limit = 50, as_json: AsJson = False
) -> None:
    """Which demands are past their deadline without an answer?"""
    with place(ctx).open() as store:
        found = demands_overdue(store.database, on=_day(on), seen_by="public" if public else "staff", limit=limit)
    _list(found, "超期未答复的需求", as_json=as_json)


@app.command(help="看一个需求的全过程")
def show(ctx: typer.Context, *, identifier: Id, as_json: AsJson = False) -> None:
    """What became of this demand?"""
    with place(ctx).open() as store:
        found = demand_trace(store.database, id=identifier)
    if as_json:
        emit(found.model_dump(mode="json"))
        return
    _show(found)


@app.command(help="诊断：真正需要什么；不写 --diagnosis 时只列出建议的主题，供选用")
def diagnose(
    ctx: typer.Context,
    *,
    identifier: Id,
    diagnosis: Annotated[str, typer.Option("--diagnosis", help="诊断意见", show_default=False)] = "",
    topic: Annotated[list[str] | None, typer.Option("--topic", help="确认的主题编号（可重复）")] = None,
    service: Annotated[list[str] | None, typer.Option("--needs", help="需要的服务编号（可重复）")] = None,
    kind: Annotated[str, typer.Option("--service", help="需要的服务种类", show_default=False)] = "",
    on: On = "",
    as_json: AsJson = False,
) -> None:
    """Say what a demand really needs, or see which topics its text suggests."""
    if not diagnosis:
        if topic or service or kind:
            raise InputError("没有写诊断意见，没有保存", hint="用 --diagnosis 写一两句话")
        _suggest(ctx, identifier, as_json=as_json)
        return
    with place(ctx).open() as store:
        done = diagnose_demand(
            store,
            identifier,
            diagnosis=utf8_text(diagnosis),
            actor=local_actor(),
            topics=topic or (),
            services=service or (),
            service_kind=utf8_text(kind),
            on=_day(on),
        )
    _told(done, f"已保存 {identifier} 的诊断", as_json=as_json)


def _suggest(ctx: typer.Context, identifier: str, *, as_json: bool) -> None:
    with place(ctx).opened() as (store, index):
        found = demand_trace(store.database, id=identifier)
        topics = topics_suggested(store.database, index, text=f"{found.demand.title}\n{found.description}")
    if as_json:
        emit([row.model_dump(mode="json") for row in topics])
    elif topics:
        rows = [(t.name, t.scheme, "题目里写明" if t.named else "", t.works, f"{t.share:.0%}", t.id) for t in topics]
        table(
            f"“{found.demand.title}”可能的主题",
            ("主题", "体系", "依据", "相近成果", "占相近程度", "编号"),
            rows,
        )
        say(f"选定后：zhiku demand diagnose {identifier} --diagnosis 意见 --topic 编号 --topic 编号")
    if not topics:
        note("没有建议的主题")
        raise typer.Exit(ExitCode.NOTHING)


@app.command(help="匹配：谁能解决这个需求——专家、机构、服务、成果、团队，或新组一个团队")
def match(
    ctx: typer.Context,
    *,
    identifier: Annotated[
        str, typer.Argument(help="需求编号；用 --text 时不写", metavar="编号", show_default=False)
    ] = "",
    text: Annotated[str, typer.Option("--text", help="不登记，直接按一段文字匹配", show_default=False)] = "",
    region: Region = None,
    size: Annotated[
        int | None, typer.Option("--size", min=3, max=7, help="新团队的人数（默认够用即止）", show_default=False)
    ] = None,
    apart: Annotated[bool, typer.Option("--one-per-organisation", help="新团队每个法人单位最多一人")] = False,
    exclude: Annotated[list[str] | None, typer.Option("--exclude", help="不要这些人（编号，可重复）")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=50, help="每类最多列出多少条")] = 5,
    as_json: AsJson = False,
) -> None:
    """Who and what can answer a demand?"""
    if bool(identifier) == bool(text):
        raise InputError("要么给出需求编号，要么用 --text 给出一段文字")
    with place(ctx).opened() as (store, index):
        if identifier:
            found = demand_matches(
                store.database, index, demand=identifier, region=region, size=size, one_per_organisation=apart,
                exclude=exclude or (), limit=limit,
            )  # fmt: skip
        else:
            found = matches_for_text(
                store.database, index, text=utf8_text(text), region=region, size=size, one_per_organisation=apart,
                exclude=exclude or (), limit=limit,
            )  # fmt: skip
    if as_json:
        emit(found.model_dump(mode="json"))
        return
    show_matches(found)


@app.command("follow-up", help="记一条跟进")
def follow_up(
    ctx: typer.Context,
    *,
    identifier: Id,
    text: Annotated[str, typer.Argument(help="做了什么、对方说了什么", metavar="内容", show_default=False)],
    channel: Annotated[str, typer.Option("--channel", help="方式：电话、走访、会议…", show_default=False)] = "",
    on: On = "",
    as_json: AsJson = False,
) -> None:
    """Record what was done about a demand."""
    with place(ctx).open() as store:
        done = log_follow_up(
            store, identifier, note=utf8_text(text), actor=local_actor(), channel=utf8_text(channel), on=_day(on)
        )
    _told(done, "已记下", as_json=as_json)


@app.command(help="答复：用哪些成果、课题、人、机构或团队")
def answer(
    ctx: typer.Context,
    *,
    identifier: Id,
    by: Annotated[list[str], typer.Option("--by", help="答复它的成果、人、机构……的编号（可重复）")],
    text: Annotated[str, typer.Option("--note", help="说明", show_default=False)] = "",
    on: On = "",
    as_json: AsJson = False,
) -> None:
    """Say what or who answered a demand."""
    with place(ctx).open() as store:
        done = answer_demand(store, identifier, by=by, actor=local_actor(), note=utf8_text(text), on=_day(on))
    _told(done, f"已记下对 {identifier} 的答复", as_json=as_json)


@app.command(help="办结")
def close(
    ctx: typer.Context,
    *,
    identifier: Id,
    outcome: Annotated[str, typer.Option("--outcome", help="办结说明（必填）", show_default=False)] = "",
    on: On = "",
    as_json: AsJson = False,
) -> None:
    """Close a demand."""
    with place(ctx).open() as store:
        done = close_demand(store, identifier, outcome=utf8_text(outcome), actor=local_actor(), on=_day(on))
    _told(done, f"已办结 {identifier}", as_json=as_json)


@app.command(help="答复用了多少天：按月、按提出方或合计")
def stats(
    ctx: typer.Context,
    *,
    by: Annotated[Literal["month", "raiser", "all"], typer.Option("--by", help="按月、按提出方、合计")] = "month",
    since: Annotated[str, typer.Option("--since", help="从哪一天提出的起", show_default=False)] = "",
    until: Annotated[str, typer.Option("--until", help="到哪一天提出的止", show_default=False)] = "",
    as_json: AsJson = False,
) -> None:
    """How long did answers take?"""
    with place(ctx).open() as store:
        found = response_times(store.database, by=by, since=_day(since), until=_last_day(until))
    if as_json:
        emit([row.model_dump(mode="json") for row in found])
    elif found:
        rows = [
            (
                r.name,
                r.raised,
                r.answered,
                "" if r.median_days is None else f"{r.median_days:g}",
                r.p90_days,
                f"{r.in_time}/{r.with_deadline}" if r.with_deadline else "",
            )
            for r in found
        ]
        columns = ("月份或提出方", "提出", "已答复", "天数中位数", "天数九成以内", "按期/有期限")
        table("答复用时", columns, rows)
    if not found:
        note("这段时间没有需求")
        raise typer.Exit(ExitCode.NOTHING)


def _list(found: DemandsAnswer, title: str, *, as_json: bool) -> None:
    if as_json:
        emit(found.model_dump(mode="json"))
    elif found.demands:
        rows = [
            (
                d.title,
                KIND_WORDS.get(d.kind, d.kind),
                who_raised(d),
                URGENCY_WORDS.get(d.urgency, d.urgency),
                STATUS_WORDS.get(d.status, d.status),
                d.raised_on,
                d.deadline,
                days_left(d),
                d.id,
            )
            for d in found.demands
        ]
        columns = ("题目", "种类", "提出方", "紧急", "状态", "提出日期", "期限", "还剩", "编号")
        table(f"{title}（{found.on}）：共 {found.total} 项，列出 {len(rows)} 项", columns, rows)
        if any(d.fictional for d in found.demands):
            say("※ 含虚构示例数据。")
    if not found.demands:
        note("没有这样的需求")
        raise typer.Exit(ExitCode.NOTHING)


def who_raised(demand: ShownDemand) -> str:
    """Return who raised a demand, as it is shown."""
    return "、".join(each.name for each in demand.raised_by) or demand.from_whom


def days_left(demand: ShownDemand) -> str:
    """Return how many days are left, as it is shown."""
    if demand.days_left is None:
        return ""
    return f"{demand.days_left} 天" if demand.days_left >= 0 else f"超期 {-demand.days_left} 天"


def _show(found: DemandTrace) -> None:
    demand = found.demand
    facts = (
        ("题目", demand.title),
        ("种类", KIND_WORDS.get(demand.kind, demand.kind)),
        ("提出方", who_raised(demand)),
        ("说明", found.description),
        ("紧急程度", URGENCY_WORDS.get(demand.urgency, demand.urgency)),
        ("需要的服务", demand.service_kind),
        ("状态", STATUS_WORDS.get(demand.status, demand.status)),
        ("期限", " ".join(part for part in (demand.deadline or "", days_left(demand)) if part)),
        ("主题", "、".join(f"{topic.name}（{topic.id}）" for topic in demand.topics)),
        ("对应的服务", "、".join(each.name for each in found.services)),
        ("诊断意见", found.diagnosis),
        ("答复用时", "" if found.response_days is None else f"{found.response_days} 天"),
        ("来源", [claim.source for claim in found.sources]),
    )
    table(f"需求 {demand.id}", ("项目", "内容"), [row for row in facts if row[1]])
    table("过程", ("日期", "事项", "谁", "方式", "内容"), [_entry(entry) for entry in found.log], lines=True)
    if demand.fictional:
        say("※ 虚构示例数据。")


def _entry(entry: LogEntry) -> tuple[object, ...]:
    text = [entry.note, *(f"{name}（{id_}）" for id_, _, name in entry.what)]
    return entry.on, _LOG_WORDS[entry.kind], entry.actor, entry.channel, [line for line in text if line]


def _told(done: Written, sentence: str, *, as_json: bool) -> None:
    if as_json:
        emit({"id": done.id, "batch": done.batch})
        return
    say(f"{sentence}。要撤销：zhiku batch undo {done.batch}")


def _day(text: str) -> date | None:
    return date.fromisoformat(parse_day(utf8_text(text)).first) if text.strip() else None


def _last_day(text: str) -> date | None:
    if not text.strip():
        return None
    return date.fromordinal(date.fromisoformat(parse_day(utf8_text(text)).after_last).toordinal() - 1)
