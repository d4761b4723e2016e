"""What can be asked over HTTP, in the address or as JSON: the same names and limits in both."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

LONGEST_QUESTION = 50_000
MOST_ROWS = 100
LONGEST_ID = 256

Identifier = Annotated[str, Field(max_length=LONGEST_ID)]


class Question(BaseModel):
    """A word or a paragraph, and how many answers."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    q: str = Field(
        min_length=1,
        max_length=LONGEST_QUESTION,
        description="一个词、一句话或一整段文字 (a word or a paragraph)",
        examples=["河北省地下水超采治理"],
    )
    limit: int = Field(20, ge=1, le=MOST_ROWS, description="最多返回几条 (at most so many answers)")


class WorksQuestion(Question):
    """A question for outputs or projects."""

    since_year: int | None = Field(None, ge=1000, le=2999, description="只计这一年及以后的成果 (works since this year)")


class OrganisationsQuestion(WorksQuestion):
    """A question for organisations."""

    region: str | None = Field(
        None,
        max_length=32,
        pattern=r"^[A-Za-z0-9:._-]+$",
        description="行政区划代码，含下级 (region code, with its subtree)",
    )


class ExpertsQuestion(OrganisationsQuestion):
    """A question for experts, with every filter."""

    organisation: Identifier | None = Field(
        None, description="单位编号或准确名称，含下属机构 (organisation, id or exact name, with all below)"
    )
    society: Identifier | None = Field(None, description="学会编号或准确名称 (society, id or exact name)")
    professional_title: str | None = Field(None, max_length=64, description="职称 (professional title)")
    exclude: tuple[Identifier, ...] = Field(
        (), max_length=1000, description="不要列出的专家编号 (ids of experts to leave out)"
    )
