"""The filters of `zhiku find experts` as options, and what counts and lists look like on a terminal.

The options are made from one table and put into the command's signature, so that the command itself stays short.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Annotated, Any, Final, cast

import typer

from cli.output import mark_fictional, note, utf8_text
from cli.tables import table
from queries.facet_rows import FacetsAnswer, ListAnswer
from queries.filters import given, put_together

_TEXT: Final = str | None
_NUMBER: Final = int | None
_TEXTS: Final = list[str] | None

# Filter → type, option, help.
OPTIONS: Final[Mapping[str, tuple[Any, str, str]]] = {
    "region": (_TEXT, "--region", "行政区划代码，含下级（如 13 为河北省）"),
    "organisation": (_TEXT, "--organisation", "任职机构的编号或全名，含下属部门"),
    "society": (_TEXT, "--society", "所属学会（或其分支机构）的编号或全名"),
    "since_year": (_NUMBER, "--since-year", "只看这一年及以后的成果和课题"),
    "professional_title": (_TEXT, "--title", "职称，如 教授"),
    "exclude": (_TEXTS, "--exclude", "不要这些人（编号，可重复）"),
    "legal_entity": (_TEXT, "--legal-entity", "与此单位属同一法人的所有单位（编号或全名）"),
    "society_role": (_TEXT, "--society-role", "学会职务含此文字，如 理事"),
    "organisation_level": (_TEXT, "--level", "单位层级：national、province、city、county、township"),
    "organisation_kind": (_TEXT, "--kind", "单位类别，如 university、institute、enterprise"),
    "tier": (_TEXT, "--tier", "层次，如 院士、leading、backbone、young"),
    "expert_kind": (_TEXT, "--expert-kind", "专家类别，如 researcher、engineer"),
    "field": (_TEXT, "--field", "学科或研究方向：主题编号或名称，含下级"),
    "output_kinds": (_TEXTS, "--output-kind", "只计这种成果，如 paper、patent（可重复）"),
    "project_kinds": (_TEXTS, "--project-kind", "只计这种项目（可重复）"),
    "until_year": (_NUMBER, "--until-year", "只看这一年及以前的成果和课题"),
    "verified_since": (_TEXT, "--verified-since", "这一天及以后核实过，如 2025-01-01"),
    "newcomer_years": (_NUMBER, "--newcomer", "近几年入库或首次有成果的新人"),
    "members_only": (bool, "--members/--everybody", "只要已入库专家"),
    "has_contact": (bool | None, "--contact/--no-contact", "登记有（没有）联系方式；不显示联系方式本身"),
    "exclude_units": (_TEXTS, "--exclude-unit", "回避单位，含下属机构（可重复）"),
    "exclude_coauthors_of": (_TEXTS, "--exclude-coauthors-of", "回避此人（编号）及其合作者（可重复）"),
    "coauthor_years": (_NUMBER, "--coauthor-years", "只回避近几年的合作者"),
}

Expand = Annotated[list[str] | None, typer.Option("--expand", help="一并检索这个扩展词（可重复；可选的词见答案）")]
Discipline = Annotated[
    str | None,
    typer.Option("--discipline", help="学科的编号或名称：相关成果属于它的人靠前，不筛除任何人", show_default=False),
]


def option_of(name: str) -> str:
    """Return the option by which a filter, or an option of the question, is given."""
    return OPTIONS[name][1] if name in OPTIONS else f"--{name}"


def with_filters(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command that takes `filters` an option for each filter of the table."""
    signature = inspect.signature(command, eval_str=True)
    own = [parameter for name, parameter in signature.parameters.items() if name != "filters"]
    options = [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=False if type_ is bool else None,
            annotation=Annotated[type_, typer.Option(option, help=help_zh, show_default=False)],
        )
        for name, (type_, option, help_zh) in OPTIONS.items()
    ]

    @wraps(command)
    def filtered(*arguments: object, **options: object) -> None:
        said = {name: options.pop(name) for name in OPTIONS}
        texts = {name: utf8_text(value) for name, value in said.items() if isinstance(value, str)}
        lists = {name: tuple(map(utf8_text, cast("list[str]", v))) for name, v in said.items() if isinstance(v, list)}
        filters = put_together(None, {**said, **texts, **lists})
        command(*arguments, filters=filters if given(filters) else None, **options)

    parameters = [*own, *options]
    filtered.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    filtered.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return filtered


def show_list(answer: ListAnswer) -> None:
    """Print people by name."""
    if not answer.experts:
        return
    rows = [
        (
            [person.name, person.professional_title],
            list(dict.fromkeys(post.name for post in person.posts if post.standing != "former")),
            "、".join(person.fields or person.topics),
            person.id,
        )
        for person in answer.experts
    ]
    first = answer.offset + 1
    title = f"符合条件的共 {answer.total} 人，列出第 {first} 至 {answer.offset + len(rows)} 位（按姓名）"
    table(title, ("专家", "单位", "研究方向", "编号"), rows, lines=True)
    mark_fictional(any(person.fictional for person in answer.experts))


def show_facets(answer: FacetsAnswer) -> None:
    """Print how many people there are by each value."""
    rows = [
        (facet.title, [f"{value.label}（{value.count}）" for value in facet.values], facet.more or "")
        for facet in answer.facets
    ]
    table(f"共 {answer.total} 人", ("分面", "值（人数）", "其余"), rows, lines=True)
    for cost in answer.too_few:
        note(f"去掉“{cost.title}：{cost.value}”后有 {cost.people} 人")
