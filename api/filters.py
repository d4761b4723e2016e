"""Filters over HTTP: the same names in an address, as JSON and in `queries.filters`."""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel, Field

from api.questions import LONGEST_IN_ADDRESS, MOST_EXCLUDED_IN_ADDRESS, MOST_ROWS, PersonId
from queries.facets import MOST_VALUES, VALUES_SHOWN
from queries.filters import ExpertFilters, FilterFields
from queries.listing import MOST_OFFSET

_NAMES: Final = frozenset(ExpertFilters.model_fields)


class FilteredQuestion(FilterFields):
    """Filters, with people who are not wanted."""

    exclude: tuple[PersonId, ...] = Field(
        (), max_length=MOST_EXCLUDED_IN_ADDRESS, description="不要列出的专家编号 (ids to leave out)"
    )


class ListQuestion(FilteredQuestion):
    """A page of the people whom filters want."""

    limit: int = Field(20, ge=1, le=MOST_ROWS, description="最多返回几条 (at most so many answers)")
    offset: int = Field(0, ge=0, le=MOST_OFFSET, description="从第几条之后开始 (rows to skip)")


class FacetsQuestion(FilteredQuestion):
    """What is to be counted."""

    q: str = Field(
        "", max_length=LONGEST_IN_ADDRESS, description="一个词或一句话；不填则按筛选条件统计所有人 (a text, or none)"
    )
    wanted: int = Field(
        20, ge=1, le=MOST_ROWS, description="少于几人时指出哪个条件最苛刻 (below it, say which filter costs most)"
    )
    values: int = Field(
        VALUES_SHOWN, ge=1, le=MOST_VALUES, description="每个分面最多几个值 (at most so many values of a facet)"
    )


def filters_of(question: BaseModel) -> ExpertFilters | None:
    """Return the filters that a question carries; None when it carries none."""
    said = question.model_dump(include=set(_NAMES), exclude_defaults=True)
    return ExpertFilters.model_validate(said) if said else None
