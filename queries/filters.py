"""What people may be asked for beside a text: the filters of `experts_for_topic`, as one frozen value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from graph.errors import InputError

LONGEST_NAME: Final = 256
MOST_LISTED: Final = 50
MOST_YEARS: Final = 100
# Filters that take several names or ids.
LISTS: Final = ("exclude_units", "exclude_coauthors_of", "output_kinds", "project_kinds", "exclude")
_BETWEEN: Final = re.compile(r"[、，,；;\n]+")


def _none_if_blank(value: object) -> object:
    """An empty field of a form, or blanks, mean that nothing was asked for; too many are refused as any text."""
    return (value.strip() or None) if isinstance(value, str) and len(value) <= LONGEST_NAME else value


# The length is that of the text inside: the library cannot compare None with it.
_Text = Annotated[Annotated[str, Field(max_length=LONGEST_NAME)] | None, BeforeValidator(_none_if_blank)]
_Year = Annotated[int, Field(ge=1000, le=2999)] | None
_Years = Annotated[int, Field(ge=1, le=MOST_YEARS)] | None
_Each = Annotated[str, Field(max_length=LONGEST_NAME)]
_Several = Annotated[tuple[_Each, ...], Field(max_length=MOST_LISTED)]


class FilterFields(BaseModel):
    """The filters that a form, an address or a command line can carry.

    Posts and memberships count when they hold on the day asked about, unknown ends as holding. Codes (`tier`,
    `expert_kind` …) are compared with spelling normalised. Bodies are named by id or exact name.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    region: _Text = Field(default=None, description="行政区划代码，含下级 (region code, with its subtree)")
    organisation: _Text = Field(
        default=None, description="单位编号或准确名称，含下属机构 (id or exact name of an organisation, with all below)"
    )
    legal_entity: _Text = Field(
        default=None,
        description="与此单位属同一法人的所有单位 (everybody under the legal entity of this body)",
    )
    society: _Text = Field(
        default=None,
        description="学会或其分支机构的编号或准确名称 (id or exact name of a society or organ, with all below)",
    )
    society_role: _Text = Field(
        default=None, description="学会职务含此文字，如 理事 (role in the society, or any society, holds this text)"
    )
    organisation_level: _Text = Field(
        default=None, description="单位层级：national、province、city、county、township (level of the organisation)"
    )
    organisation_kind: _Text = Field(default=None, description="单位类别，如 university (kind of the organisation)")
    tier: _Text = Field(default=None, description="层次，如 院士、leading (tier of talent)")
    professional_title: _Text = Field(default=None, description="职称 (professional title)")
    expert_kind: _Text = Field(default=None, description="专家类别，如 researcher (kind of expert)")
    field: _Text = Field(
        default=None,
        description="学科或研究方向：主题编号或名称，含下级 (topic id or name with subtree, or declared field)",
    )
    output_kinds: _Several = Field(default=(), description="只计这些种类的成果，如 paper (kinds of outputs that count)")
    project_kinds: _Several = Field(default=(), description="只计这些种类的项目 (kinds of projects that count)")
    since_year: _Year = Field(default=None, description="只计这一年及以后的成果 (works since this year)")
    until_year: _Year = Field(default=None, description="只计这一年及以前的成果 (works until this year)")
    verified_since: date | None = Field(default=None, description="这一天及以后核实过 (verified on this day or later)")
    newcomer_years: _Years = Field(
        default=None, description="近几年入库或首次有成果 (admitted, or first work, within so many years)"
    )
    members_only: bool = Field(default=False, description="只要已入库专家 (admitted to the expert library only)")
    has_contact: bool | None = Field(
        default=None, description="是否登记有联系方式 (whether a contact is on record; never which)"
    )
    exclude_units: _Several = Field(
        default=(), description="回避单位，含下属机构 (leave out everybody with a post in these units or below)"
    )
    exclude_coauthors_of: _Several = Field(
        default=(), description="回避这些人及其合作者：编号 (leave out these people and their co-authors)"
    )
    coauthor_years: _Years = Field(
        default=None, description="只回避近几年的合作者，不填为所有年份 (co-authors of the last so many years only)"
    )


class ExpertFilters(FilterFields):
    """All filters: `among` are the only ids wanted (None = anybody), `exclude` those not wanted, merges followed.

    `among` is what another question found, as it is.
    """

    among: frozenset[str] | None = None
    exclude: tuple[str, ...] = ()


# In the order in which they are shown.
FILTER_NAMES: Final[Mapping[str, str]] = {
    "region": "地区",
    "organisation": "单位",
    "legal_entity": "同一法人",
    "society": "学会",
    "society_role": "学会职务",
    "organisation_level": "单位层级",
    "organisation_kind": "单位类别",
    "tier": "层次",
    "professional_title": "职称",
    "expert_kind": "专家类别",
    "field": "学科方向",
    "output_kinds": "成果种类",
    "project_kinds": "项目种类",
    "since_year": "起始年份",
    "until_year": "截止年份",
    "verified_since": "核实日期",
    "newcomer_years": "新人",
    "members_only": "已入库",
    "has_contact": "联系方式",
    "among": "限定名单",
    "exclude_units": "回避单位",
    "exclude_coauthors_of": "回避合作者",
    "exclude": "排除名单",
}
# Also of what says nothing by itself.
FILTER_TITLES: Final[Mapping[str, str]] = {**FILTER_NAMES, "coauthor_years": "合作者年限"}


def given(filters: FilterFields) -> dict[str, str]:
    """Which filters are set, and to what, as a person reads it?  In the order of `FILTER_NAMES`."""
    found: dict[str, str] = {}
    for name in FILTER_NAMES:
        value: object = getattr(filters, name, None)
        if value is None or (value is False and name != "has_contact") or value == ():
            continue
        found[name] = _written(name, value)
    return found


def _written(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "是" if value else "无"
    if isinstance(value, frozenset):
        return f"{len(value)} 人"  # pyright: ignore[reportUnknownArgumentType]
    if name == "exclude":
        return f"{len(value)} 人"  # pyright: ignore[reportArgumentType]
    if name == "newcomer_years":
        return f"近 {value} 年"
    return "、".join(value) if isinstance(value, tuple) else str(value)  # pyright: ignore[reportUnknownArgumentType]


def several(written: str) -> tuple[str, ...]:
    """Which names or ids were written, one after the other, in one text?"""
    return tuple(each.strip() for each in _BETWEEN.split(written) if each.strip())


def said_of_people(filters: ExpertFilters) -> tuple[str, ...]:
    """Which filters say something of people, as a person reads them?"""
    set_ = given(filters)
    works = {"since_year", "until_year", "output_kinds", "project_kinds", "exclude"}
    return tuple(f"{FILTER_NAMES[name]}：{value}" for name, value in set_.items() if name not in works)


def put_together(filters: ExpertFilters | None, others: Mapping[str, Any]) -> ExpertFilters:
    """Return the filters with others, those that say something, in their place.

    Raises `InputError` for a value out of bounds, naming the filter.
    """
    said = {name: value for name, value in others.items() if value not in (None, (), "")}
    known = {} if filters is None else {name: getattr(filters, name) for name in filters.model_fields_set}
    try:
        return ExpertFilters.model_validate({**known, **said})
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]) if first["loc"] else ""
        raise InputError(
            f"筛选条件“{FILTER_NAMES.get(name, name)}”的值不能用（{first['msg']}）", hint="改正或去掉这一项再试"
        ) from None
