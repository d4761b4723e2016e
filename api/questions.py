"""What can be asked over HTTP: the same names in an address and as JSON; only a body has room for a whole text."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from queries.exposure import ExposureFields
from queries.filters import FilterFields

LONGEST_QUESTION: Final = 50_000
# Servers and clients end an address at 64 KB, and a character may take twelve bytes: these and the filters fit.
LONGEST_IN_ADDRESS: Final = 2_000
MOST_EXCLUDED_IN_ADDRESS: Final = 30
MOST_ROWS: Final = 100
LONGEST_ID: Final = 256

BodyName = Annotated[str, Field(max_length=LONGEST_ID)]
PersonId = Annotated[str, Field(max_length=64)]


class Question(BaseModel):
    """A word or a sentence, and how many answers."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    q: str = Field(
        min_length=1,
        max_length=LONGEST_IN_ADDRESS,
        description="一个词或一句话 (a word or a sentence)",
        examples=["河北省地下水超采治理"],
    )
    limit: int = Field(20, ge=1, le=MOST_ROWS, description="最多返回几条 (at most so many answers)")


class WorksQuestion(Question):
    """A question for outputs or projects."""

    since_year: int | None = Field(None, ge=1000, le=2999, description="只计这一年及以后的成果 (works since this year)")
    until_year: int | None = Field(None, ge=1000, le=2999, description="只计这一年及以前的成果 (works until this year)")


class OrganisationsQuestion(WorksQuestion):
    """A question for organisations."""

    region: str | None = Field(
        None,
        pattern=r"^[1-9][0-9]([0-9]{2}|[0-9]{4}|[0-9]{7}|[0-9]{10})?$",
        description="行政区划代码，含下级 (region code, with its subtree)",
    )


class KindsQuestion(WorksQuestion):
    """A question for outputs or projects of some kinds."""

    types: tuple[PersonId, ...] = Field(
        (), max_length=MOST_EXCLUDED_IN_ADDRESS, description="只要这些种类，如 paper (kinds that count)"
    )


class PlacedQuestion(OrganisationsQuestion):
    """A question for organisations of a level or kind."""

    organisation_level: BodyName | None = Field(None, description="单位层级，如 province (level of the organisation)")
    organisation_kind: BodyName | None = Field(None, description="单位类别，如 university (kind of the organisation)")


class ExpertsQuestion(OrganisationsQuestion, ExposureFields, FilterFields):
    """A question for experts, with every filter and the declared options."""

    exclude: tuple[PersonId, ...] = Field(
        (), max_length=MOST_EXCLUDED_IN_ADDRESS, description="不要列出的专家编号 (ids to leave out)"
    )
    discipline: BodyName | None = Field(
        None,
        description="学科的编号或名称：相关成果属于它的人靠前，不筛除任何人 (a discipline that counts for more)",
    )
    expand: tuple[Annotated[str, Field(max_length=64)], ...] = Field(
        (), max_length=12, description="一并检索的扩展词，见答案的 understanding.expansions (further terms that count)"
    )


class ExpertsText(ExpertsQuestion):
    """A whole text that experts are looked for: an abstract, an application, a policy paper."""

    q: str = Field(
        min_length=1,
        max_length=LONGEST_QUESTION,
        description="一个词、一句话或一整段文字 (a word, a sentence or a whole text)",
        examples=["拟研究平原区地下水超采的成因、治理模式与生态补偿机制……"],
    )
    exclude: tuple[PersonId, ...] = Field((), max_length=1000, description="不要列出的专家编号 (ids to leave out)")


class WordsTyped(BaseModel):
    """What somebody has typed so far."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    q: str = Field(
        min_length=1,
        max_length=LONGEST_IN_ADDRESS,
        description="已输入的文字、拼音或首字母 (what was typed: characters, pinyin, initials)",
        examples=["rengong"],
    )
    limit: int = Field(10, ge=1, le=50, description="最多返回几条 (at most so many)")


class UnderstandingQuestion(BaseModel):
    """A question whose understanding is wanted."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    q: str = Field(
        min_length=1, max_length=LONGEST_IN_ADDRESS, description="问题 (a question)", examples=["人工智能 与 中医"]
    )


class FieldsQuestion(BaseModel):
    """Two fields in one question, or each apart."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    q: str = Field(
        min_length=1,
        max_length=LONGEST_IN_ADDRESS,
        description="两个领域，或第一个领域 (two fields, or the first one)",
        examples=["人工智能 与 中医"],
    )
    other: str = Field("", max_length=LONGEST_IN_ADDRESS, description="第二个领域 (the second field)")
    limit: int = Field(10, ge=1, le=MOST_ROWS, description="最多返回几人 (at most so many people)")


class TextToTag(BaseModel):
    """A text whose disciplines are wanted."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str = Field(
        min_length=1,
        max_length=LONGEST_QUESTION,
        description="题目或摘要 (title or abstract)",
        examples=["地下水超采治理"],
    )
    limit: int = Field(3, ge=1, le=20, description="每个体系最多几个学科 (at most so many of each scheme)")
