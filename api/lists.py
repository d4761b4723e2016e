"""What can be asked and said about lists, who can go, nominations and cohorts: the same for programs and pages."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.filters import filters_of
from api.questions import BodyName, ExpertsText, PersonId, Question
from graph.store import Store
from graph.textindex import TextIndex
from ingest.commands.lists import (
    LONGEST_NAME,
    LONGEST_NOTE,
    MOST_MEMBERS,
    Member,
    save_answer,
    save_list,
)
from queries.answers import ExpertsAnswer
from queries.experts import experts_for_topic
from queries.exposure import exposure_options, exposure_said
from queries.kept_questions import question_kept
from queries.nominations import NominationShown
from queries.posts import today
from queries.saved_lists import ListCard, ListKind, Purpose

LONGEST_LIST_ID: Final = 100
_STRICT: Final = ConfigDict(frozen=True, extra="forbid")
# A letter, digit or Han character: a name of marks only could not be told from another.
_NAMED: Final = r"[0-9A-Za-z\u4e00-\u9fff]"

Name = Annotated[
    str, Field(min_length=1, max_length=LONGEST_NAME, pattern=_NAMED, description="名单的名称 (name of the list)")
]
MemberId = Annotated[str, Field(pattern=r"^[0-9A-Za-z_\u4e00-\u9fff-]{1,64}$", description="人员或机构编号 (id)")]
Why = Annotated[str, Field(min_length=1, max_length=LONGEST_NOTE, pattern=_NAMED, description="为什么 (why)")]
Note = Annotated[str, Field(max_length=LONGEST_NOTE, description="批注 (note)")]


class _Kept(BaseModel):
    model_config = _STRICT

    name: Name
    purpose: Purpose = Field("selection", description="用途：备选、任务、跟踪梯队 (what it is for)")
    from_day: date | None = Field(None, description="任务的第一天 (first day of a job)")
    until_day: date | None = Field(None, description="任务的最后一天 (last day of a job)")


class QuestionKept(_Kept):
    """A question whose answer is kept as a list."""

    question: ExpertsText


class MemberGiven(BaseModel):
    """Somebody to put on a list."""

    model_config = _STRICT

    id: MemberId
    note: Note = ""


class MembersKept(_Kept):
    """Members that are kept as a list, in their order."""

    kind: ListKind = Field("experts", description="列的是什么 (what it lists)")
    members: list[MemberGiven] = Field(max_length=MOST_MEMBERS, description="成员，按次序 (members in order)")


class Annotation(BaseModel):
    """A note beside a member."""

    model_config = _STRICT

    member: MemberId
    note: Note = Field(description="批注；空则去掉 (note; empty takes it away)")


class Change(BaseModel):
    """A member put on or taken off by hand."""

    model_config = _STRICT

    member: MemberId
    reason: Why


class Copy(BaseModel):
    """The name of a copy."""

    model_config = _STRICT

    name: Name


class SavedLists(BaseModel):
    """The lists, the newest first."""

    lists: list[ListCard]


class Discarded(BaseModel):
    """The list that is no more."""

    id: str


class WhoCanGo(Question):
    """A topic, a place and days."""

    limit: int = Field(3, ge=1, le=50, description="要几位 (how many are wanted)")
    from_day: date = Field(description="第一天 (first day)", examples=["2026-12-01"])
    until_day: date = Field(description="最后一天 (last day)", examples=["2026-12-05"])
    region: str | None = Field(
        None,
        pattern=r"^[1-9][0-9]([0-9]{2}|[0-9]{4}|[0-9]{7}|[0-9]{10})?$",
        description="行政区划代码，含下级 (region code, with its subtree)",
    )
    society: BodyName | None = Field(None, description="学会编号或准确名称 (id or exact name of a society)")
    professional_title: str | None = Field(None, max_length=64, description="职称 (professional title)")
    exclude: tuple[PersonId, ...] = Field((), max_length=30, description="不要列出的专家编号 (ids to leave out)")


class PeriodSaid(BaseModel):
    """Free or busy between two days."""

    model_config = _STRICT

    from_day: date = Field(description="第一天 (first day)")
    until_day: date = Field(description="最后一天 (last day)")
    state: Literal["free", "busy"] = Field(description="有空或没空 (free or busy)")
    note: str = Field("", max_length=200, description="说明，不写个人隐私 (note)")


class JobsSaid(BaseModel):
    """How many jobs at a time."""

    model_config = _STRICT

    most: int = Field(ge=0, le=100, description="同时最多承担的任务数 (jobs at a time)")


class SaidOf(BaseModel):
    """Whom something was said of: the person of today."""

    person: str


class PeriodsCleared(BaseModel):
    """How many statements were taken back; `others` are those of files, which stand."""

    person: str
    removed: int
    others: int


class NominationGiven(BaseModel):
    """Somebody is put forward."""

    model_config = _STRICT

    person: MemberId
    nominator: str = Field(min_length=1, max_length=200, pattern=_NAMED, description="举荐人或单位 (who nominates)")
    programme: str = Field("", max_length=200, description="举荐到 (for what)")
    reason: str = Field(min_length=1, max_length=2_000, pattern=_NAMED, description="理由 (reason)")
    works: list[MemberId] = Field([], max_length=50, description="依据的成果或项目编号 (works)")


class NominationDecided(BaseModel):
    """What became of a nomination."""

    model_config = _STRICT

    outcome: Literal["accepted", "declined", "withdrawn", "proposed"] = Field(description="结果 (outcome)")
    reason: str = Field(min_length=1, max_length=2_000, pattern=_NAMED, description="理由 (reason)")


class Nominations(BaseModel):
    """Nominations, the latest first."""

    nominations: list[NominationShown]


class SnapshotMade(BaseModel):
    """A yearly snapshot: the SHA-256 of its content."""

    list: str
    year: int
    hash: str
    members: int


class SnapshotWanted(BaseModel):
    """The year to freeze."""

    model_config = _STRICT

    year: int = Field(ge=1900, le=2200, description="年份 (year)")


def kept_question(store: Store, index: TextIndex, wanted: QuestionKept, *, actor: str) -> str:
    """Ask a question and keep its answer; returns the list's id. Raises as the question and `save_answer` do."""
    answer, filters = asked(store, index, wanted.question)
    return save_answer(
        store,
        answer,
        name=wanted.name,
        actor=actor,
        filters=filters,
        purpose=wanted.purpose,
        from_day=wanted.from_day,
        until_day=wanted.until_day,
    )


def asked(store: Store, index: TextIndex, question: ExpertsText) -> tuple[ExpertsAnswer, dict[str, Any]]:
    """Ask a question; returns the answer, and what is kept of how it was asked."""
    filters = filters_of(question)
    answer = experts_for_topic(
        store.database,
        index,
        text=question.q,
        limit=question.limit,
        filters=filters,
        discipline=question.discipline,
        expand=question.expand,
        exposure=exposure_options(question, on=today()),
    )
    kept = question_kept(filters, discipline=question.discipline, expand=question.expand)
    return answer, kept | exposure_said(question)


def kept_members(store: Store, wanted: MembersKept, *, actor: str) -> str:
    """Keep members as a list, each once; returns its id. Raises as `save_list`."""
    once = {member.id: member for member in reversed(wanted.members)}
    return save_list(
        store,
        name=wanted.name,
        actor=actor,
        members=[Member(member.id, note=member.note) for member in reversed(once.values())],
        kind=wanted.kind,
        purpose=wanted.purpose,
        from_day=wanted.from_day,
        until_day=wanted.until_day,
    )
