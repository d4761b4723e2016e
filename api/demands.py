"""What can be asked and said about demands and services over HTTP; the pages use the same."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.access import Actor
from api.questions import LONGEST_QUESTION
from ingest.commands.local_writes import LONGEST_NOTE, LONGEST_TEXT, LONGEST_TITLE
from queries.answers import Answer
from queries.demand_rows import ResponseTime
from queries.demand_topics import SuggestedTopic
from queries.demands import Seen

MOST_IDS: Final = 50
LONGEST_NAME: Final = 200
_STRICT: Final = ConfigDict(frozen=True, extra="forbid")

DemandId = Annotated[str, Field(min_length=1, max_length=64)]
AnyId = Annotated[str, Field(min_length=1, max_length=256)]
ServiceKind = Literal["论证", "评估", "标准", "资格认定", "咨询"]
Words = Annotated[str, Field(min_length=1, max_length=LONGEST_NOTE, pattern=r"\S")]
Day = Annotated[date | None, Field(description="哪一天，默认今天 (day; today by default)")]
RegionCode = Annotated[
    str | None,
    Field(
        pattern=r"^[1-9][0-9]([0-9]{2}|[0-9]{4}|[0-9]{7}|[0-9]{10})?$",
        description="行政区划代码，含下级 (region code, with its subtree)",
    ),
]


class DemandRaised(BaseModel):
    """A problem, proposed topic or need."""

    model_config = _STRICT

    title: str = Field(min_length=1, max_length=LONGEST_TITLE, pattern=r"\S", description="题目 (title)")
    description: str = Field("", max_length=LONGEST_TEXT, description="说明 (description)")
    kind: Literal["problem", "topic", "need"] = Field("need", description="问题、选题、需求 (kind)")
    from_whom: str = Field(
        "", max_length=LONGEST_NAME, description="提出方：机构或人的编号，或名称 (who raised it: id or name)"
    )
    urgency: Literal["urgent", "high", "normal"] = Field("normal", description="特急、紧急、一般 (urgency)")
    service_kind: ServiceKind | None = Field(None, description="需要的服务 (kind of service asked for)")
    deadline: date | None = Field(None, description="期限：最后一天 (last day)")
    visibility: Literal["public", "members", "staff"] = Field("public", description="可见范围 (who may see it)")
    topics: list[AnyId] = Field([], max_length=MOST_IDS, description="主题编号 (topic ids)")


class Diagnosis(BaseModel):
    """What a demand really needs."""

    model_config = _STRICT

    diagnosis: str = Field(min_length=1, max_length=LONGEST_TEXT, pattern=r"\S", description="诊断意见 (in words)")
    topics: list[AnyId] = Field([], max_length=MOST_IDS, description="确认的主题编号 (confirmed topics)")
    services: list[AnyId] = Field([], max_length=MOST_IDS, description="需要的服务编号 (services needed)")
    service_kind: ServiceKind | None = Field(None, description="需要的服务种类 (kind of service)")
    on: Day = None


class FollowUp(BaseModel):
    """What was done or said about a demand."""

    model_config = _STRICT

    note: Words = Field(description="内容 (what happened)")
    channel: str = Field("", max_length=LONGEST_NAME, description="方式 (channel)")
    on: Day = None


class DemandAnswer(BaseModel):
    """What or who answered a demand."""

    model_config = _STRICT

    by: list[AnyId] = Field(
        min_length=1, max_length=MOST_IDS, description="成果、课题、人、机构、团队或服务的编号 (ids of what answers it)"
    )
    note: str = Field("", max_length=LONGEST_NOTE, description="说明 (note)")
    on: Day = None


class DemandClosed(BaseModel):
    """Why a demand is closed."""

    model_config = _STRICT

    outcome: Words = Field(description="办结说明 (why)")
    on: Day = None


class MatchOptions(BaseModel):
    """How matches are looked for."""

    model_config = _STRICT

    region: RegionCode = None
    size: int | None = Field(None, ge=3, le=7, description="新团队的人数，默认够用即止 (members of a new team)")
    one_per_organisation: bool = Field(False, description="每个法人单位最多一人 (at most one of a legal entity)")
    exclude: list[AnyId] = Field([], max_length=1000, description="不要列出的人 (person ids to leave out)")
    limit: int = Field(10, ge=1, le=50, description="每类最多几条 (at most so many of each sort)")


class TextToMatch(MatchOptions):
    """A text that is no demand (yet)."""

    text: str = Field(min_length=1, max_length=LONGEST_QUESTION, description="一段文字 (a text)")
    topics: list[AnyId] = Field([], max_length=MOST_IDS, description="主题编号 (topic ids)")
    service_kind: ServiceKind | None = Field(None, description="需要的服务种类 (kind of service)")


class ServiceOffered(BaseModel):
    """A service that a body or person offers or has done."""

    model_config = _STRICT

    provider: AnyId = Field(description="承担的机构或人的编号 (id of the body or person)")
    title: str = Field(min_length=1, max_length=LONGEST_TITLE, pattern=r"\S", description="服务名称 (title)")
    kind: ServiceKind = Field(description="种类 (kind)")
    client: str = Field("", max_length=LONGEST_TITLE, description="委托方 (client)")
    evidence: str = Field("", max_length=LONGEST_NOTE, description="依据 (contract, document or report)")
    description: str = Field("", max_length=LONGEST_TEXT, description="说明 (description)")
    since: date | None = Field(None, description="起始 (first day)")
    until: date | None = Field(None, description="结束 (last day)")


class EvidenceSeen(BaseModel):
    """Somebody has seen the evidence of a service."""

    model_config = _STRICT

    evidence: str = Field("", max_length=LONGEST_NOTE, description="看过的合同、批文或验收意见 (what was seen)")


class Saved(Answer):
    """What was written: the id it is about, and the batch that takes it back (`zhiku batch undo`)."""

    id: str
    batch: str


class SuggestedTopics(Answer):
    """Topics that the text of a demand may be about; a person confirms them."""

    topics: tuple[SuggestedTopic, ...]


class ResponseTimes(Answer):
    """How long answers took, group by group."""

    groups: tuple[ResponseTime, ...]


def seen_by(actor: Actor) -> Seen:
    """Return whose demands somebody may see: those who edit are staff, other accounts are members."""
    return "staff" if actor.may_edit else "members"
