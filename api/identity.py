"""What can be asked and said about who is one person: the same for programs and for the pages."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from graph.errors import InputError
from graph.store import Store
from ingest.commands.people import Answered, answer_different, answer_same
from ingest.people.names import person_name
from ingest.people.review import OpenQuestion, postpone, review_question, review_questions

LONGEST_REASON: Final = 1_000
LONGEST_NUMBER: Final = 64
LONGEST_NAME: Final = 200
MOST_MENTIONS: Final = 500
# As long as a decision takes its two ends.
_LONGEST_MENTION: Final = 500
_STRICT: Final = ConfigDict(frozen=True, extra="forbid")

PersonId = Annotated[str, Field(min_length=1, max_length=64)]
Mention = Annotated[str, Field(min_length=1, max_length=_LONGEST_MENTION)]
Reason = Annotated[str, Field(min_length=1, max_length=LONGEST_REASON, pattern=r"\S", description="为什么 (why)")]
Word = Literal["same", "different", "later"]


class OpenQuestions(BaseModel):
    """The open questions, the one whose answer settles most first."""

    questions: list[OpenQuestion]


class Answer(BaseModel):
    """What a person says to a question. `reason` may be empty only for later."""

    model_config = _STRICT

    answer: Word = Field(
        description="same 是同一人；different 不是同一人（拆分的问题：拆出）；later 以后再说 (one, not one, put off)"
    )
    reason: str = Field("", max_length=LONGEST_REASON, description="为什么；later 可不写 (why; not needed for later)")


class Split(BaseModel):
    """Some mentions of a person are somebody else's."""

    model_config = _STRICT

    person: PersonId = Field(description="人员编号 (person id)")
    mentions: list[Mention] = Field(
        min_length=1, max_length=MOST_MENTIONS, description="属于另一人的提及 (mentions of somebody else)"
    )
    reason: Reason


class Pair(BaseModel):
    """Two people, about whom something is said."""

    model_config = _STRICT

    left: PersonId = Field(description="人员编号 (person id)")
    right: PersonId = Field(description="另一个人员编号 (id of the other)")
    reason: Reason


class AnswerGiven(BaseModel):
    """What an answer did: `number` takes it back (empty for later, which changes nothing).

    `person` stays; `other` was merged into it, told apart from it or taken out of it.
    """

    outcome: Literal["same", "different", "split", "later"]
    number: str
    person: str
    other: str
    decisions: int


class AnswerTakenBack(BaseModel):
    """An answer taken back, and how many entries of the graph are as before."""

    number: str
    restored: int


def listed(store: Store, *, limit: int, later: bool, name: str) -> list[OpenQuestion]:
    """Which questions are open, for a name however it is written?  A text that has no letters is nobody's name."""
    key = person_name(name).key
    if name.strip() and not key:
        return []
    return review_questions(store.database, limit=limit, later=later, name_key=key)


def answered(store: Store, id_: str, said: Answer, *, actor: str) -> AnswerGiven:
    """Give an answer to a question; raises as `answer_same`, `answer_different` and `postpone`."""
    review_question(store.database, id_)
    if said.answer != "later" and not said.reason.strip():
        raise InputError(
            "没有写理由，回答没有保存", hint="写一句为什么，以后的人才看得懂；暂时说不准可选“以后再说”(later)"
        )
    if said.answer == "later":
        found = postpone(store, id_, actor=actor)
        return AnswerGiven(outcome="later", number="", person=found.left, other=found.right, decisions=0)
    give = answer_same if said.answer == "same" else answer_different
    return given(give(store, id_, actor=actor, reason=said.reason))


def given(done: Answered) -> AnswerGiven:
    """Return what an answer did, as it is told."""
    return AnswerGiven(
        outcome=done.outcome, number=done.batch, person=done.person, other=done.other, decisions=done.decisions
    )
