"""How sure is it that a string means a body?  Points in parts, each with its sentence; three outcomes. Pure.

Points are a scale of our own, set by reading 300 real strings with their matches (`bench/organisations.py` measures
the precision that follows): 10 is a name as registered, `SAME` what is joined without asking, below `ASK` nobody is
asked. Each doubt costs what moves the usual case to where a careful clerk would put it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

SAME: Final = 7.0
ASK: Final = 3.5

Outcome = Literal["same", "ask", "new"]


@dataclass(frozen=True, slots=True)
class Part:
    """One reason for or against: points and a Chinese sentence."""

    points: float
    sentence: str


# How the name was found.
REGISTERED: Final = Part(10.0, "与登记名称完全一致")
ALIAS: Final = Part(9.0, "与登记的别名或曾用名一致，且只有一个单位用它")
ENGLISH: Final = Part(9.0, "与登记的英文名一致（缩写、单复数、虚词不计）")
SHORT: Final = Part(7.5, "与登记的简称一致，且只有一个单位用它")
LATIN_SHORT: Final = Part(6.0, "与登记的字母缩写一致；这样短的缩写各国都有")
SHARED: Final = Part(6.0, "这个名称登记在不止一个单位名下")
WITHOUT_UPPER: Final = Part(5.0, "比登记名称少了前面的上级单位")
ONE_CHARACTER: Final = Part(4.5, "与登记名称只差一个字，可能是识别或录入错误")
CUT_BEHIND: Final = Part(4.0, "像是登记名称被截去了后半；截断的字符串不能自动认定")
CUT_IN_FRONT: Final = Part(4.0, "像是登记名称被截去了开头；截断的字符串不能自动认定")
# What was read besides.
EXPANDED: Final = Part(-0.5, "把通用简称还原成了全称")
DEPARTMENT: Final = Part(-1.0, "名称之后还有文字，看起来是它的内设部门")
DEPARTMENT_FIRST: Final = Part(-1.5, "名称之前的文字看起来是它的部门或实验室")
ONE_OF_PARTS: Final = Part(-0.5, "是几段文字中的一段，其余是地址、部门或实验室")
JOINED: Final = Part(-0.5, "把上级单位与下属单位两段连起来读")
UPPER_AGREES: Final = Part(1.0, "所写的上级单位与登记的隶属关系相符")
UPPER_ADDED: Final = Part(-4.5, "名称前写了一个上级单位，登记中没有这层隶属关系")
UPPER_DIFFERS: Final = Part(-6.0, "所写的上级单位与登记的隶属关系不符")
GENERIC: Final = Part(-4.0, "英文名只说明做什么，不说明是哪一个，也没有写上级单位")
CAMPUS: Final = Part(-3.5, "名称后写了地名：异地办学或分院常是另一个法人，要确认")
OTHER_BODY: Final = Part(-1.0, "字符串里还写了另一个单位")
UNKNOWN_BODY_FIRST: Final = Part(-7.0, "前面先写了一个不认识的单位，说的应是它")
UNKNOWN_HOSPITAL_FIRST: Final = Part(-4.0, "紧挨着还写了一个不认识的医院或单位，可能说的是它")
UMBRELLA: Final = Part(-8.0, "登记的是上级大单位，字符串说的是它下面的某个单位")
SAID_SAME: Final = Part(100.0, "有人确认过：是这个单位")
SAID_DIFFERENT: Final = Part(-100.0, "有人确认过：不是这个单位")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A body that a string may mean: its id, the department named beside it, and why."""

    id: str
    parts: tuple[Part, ...]
    department: str = ""

    @property
    def points(self) -> float:
        """Sum of the parts."""
        return sum(part.points for part in self.parts)

    def also(self, *parts: Part) -> Candidate:
        """Return this candidate with further reasons."""
        return Candidate(self.id, (*self.parts, *parts), self.department)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is thought of a string: the outcome, and the bodies it may mean, best first."""

    outcome: Outcome
    candidates: tuple[Candidate, ...] = field(default=())

    @property
    def best(self) -> Candidate | None:
        """The first candidate."""
        return self.candidates[0] if self.candidates else None


NOTHING: Final = Judgement("new")


def judge(candidates: list[Candidate]) -> Judgement:
    """Put candidates in order and say which outcome they have; equal points of two different bodies are a question.

    Of several readings of one body the best counts. Candidates below `ASK` are left out.
    """
    best: dict[str, Candidate] = {}
    for candidate in candidates:
        known = best.get(candidate.id)
        if known is None or candidate.points > known.points:
            best[candidate.id] = candidate
    kept = sorted((c for c in best.values() if c.points >= ASK), key=lambda c: (-c.points, c.id))
    if not kept:
        return NOTHING
    sure = kept[0].points >= SAME and (len(kept) == 1 or kept[1].points < kept[0].points)
    return Judgement("same" if sure else "ask", tuple(kept))
