"""What is wrong, doubtful or missing in the graph: one figure for each kind, and the cases behind each figure.

The kinds are those of issue 4; each is counted and listed by a module of its own subject, this one puts them together
for the command line, the HTTP interface and the pages.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, get_args

from pydantic import BaseModel, ConfigDict

from graph.database import Database
from graph.errors import InputError
from queries import gaps
from queries.namesakes import same_name_pairs, same_name_pairs_count
from queries.parallel_posts import parallel_employers, parallel_employers_count
from queries.posts import today
from queries.retrieval import check_limit
from queries.unverified import unverified_count, unverified_organisations

QualityKind = Literal[
    "same-name-pairs",
    "parallel-employers",
    "mentions-without-organisation",
    "people-without-organisation",
    "unverified-organisations",
    "stale-posts",
    "experts-without-evidence",
    "works-without-abstract",
]
KINDS: Final[tuple[QualityKind, ...]] = get_args(QualityKind)

# The longest term of a society's council (民政部《社会团体章程示范文本》: 每届最长不超过五年): after it a post is over,
# or was renewed and somebody should have said so.
STALE_YEARS: Final = 5
MOST_STALE_YEARS: Final = 100
# Of what a pair shares, so many are named in its reason; the figure beside them is of all.
_NAMED: Final = 3

Label = Literal["person", "organisation", "output"]


class Named(BaseModel):
    """Something beside a case: the other person of a pair, the bodies in question."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    label: Label


class QualityCase(BaseModel):
    """One case: what it is about, why it is listed (Chinese, one sentence), and what else has part in it.

    `weight` is what the list is ordered by, where that is a number: things shared, years, people, works.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    label: Label
    why: str
    weight: int | None
    others: tuple[Named, ...]


class QualityFigure(BaseModel):
    """How many cases of a kind there are; `title` names it, `meaning` says what is counted, in Chinese."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: QualityKind
    title: str
    meaning: str
    number: int


class QualityCounts(BaseModel):
    """All figures, as of the day `on`; posts are stale that nothing confirmed for more than `stale_years`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    on: date
    stale_years: int
    figures: tuple[QualityFigure, ...]


class QualityCases(BaseModel):
    """The worst cases of one kind, as of the day `on`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: QualityKind
    title: str
    meaning: str
    on: date
    stale_years: int
    cases: tuple[QualityCase, ...]


@dataclass(frozen=True, slots=True)
class _Asked:
    """The day, and the first year that confirms a post."""

    on: date
    since: int


@dataclass(frozen=True, slots=True)
class _Kind:
    """How a kind is called, counted and listed."""

    title: str
    meaning: str
    count: Callable[[Database, _Asked], int]
    cases: Callable[[Database, _Asked, int], list[QualityCase]]


def quality_counts(db: Database, *, on: date | None = None, stale_years: int = STALE_YEARS) -> QualityCounts:
    """What is wrong, doubtful or missing in the graph, and how much of it?

    One figure for each kind; `quality_cases` lists what is behind it. `on` is the day against which posts and legal
    entities are held (today by default); `stale_years` (1 to 100) is how many calendar years without a sign make an
    open post stale. Restricted records are in no figure. Raises `InputError` for years out of bounds,
    `StoreUnavailableError` when the graph does not answer.
    """
    asked = _asked(on, stale_years)
    figures = tuple(
        QualityFigure(kind=kind, title=each.title, meaning=each.meaning, number=each.count(db, asked))
        for kind, each in _KINDS.items()
    )
    return QualityCounts(on=asked.on, stale_years=stale_years, figures=figures)


def quality_cases(
    db: Database, *, kind: QualityKind, limit: int = 20, on: date | None = None, stale_years: int = STALE_YEARS
) -> QualityCases:
    """Which are the worst cases of one kind, and why?

    `kind` as in `quality_counts`, `limit` 1 to 200. No restricted record is listed or named. Raises `InputError` for an
    unknown kind or a number out of bounds, `StoreUnavailableError` when the graph does not answer.
    """
    if kind not in _KINDS:
        raise InputError(f"没有这一项：{kind}", hint=f"可以查的有 {'、'.join(KINDS)}")
    check_limit(limit)
    asked = _asked(on, stale_years)
    each = _KINDS[kind]
    return QualityCases(
        kind=kind,
        title=each.title,
        meaning=each.meaning,
        on=asked.on,
        stale_years=stale_years,
        cases=tuple(each.cases(db, asked, limit)),
    )


def _asked(on: date | None, stale_years: int) -> _Asked:
    if not 1 <= stale_years <= MOST_STALE_YEARS:
        raise InputError(f"stale_years 应在 1 到 {MOST_STALE_YEARS} 之间，现为 {stale_years}")
    day = on or today()
    return _Asked(day, day.year - stale_years)


# --- the cases of each kind -------------------------------------------------------------------------------------------


def _case(id: str, name: str, label: Label, why: str, weight: int | None, *others: Named) -> QualityCase:
    return QualityCase(id=id, name=name, label=label, why=why, weight=weight, others=others)


def _pairs(db: Database, _asked: _Asked, limit: int) -> list[QualityCase]:
    return [
        _case(
            row.first,
            row.first_name,
            "person",
            "；".join(
                f"{what} {len(things)} 个：{'、'.join(name for _, name in things[:_NAMED])}"
                + ("等" if len(things) > _NAMED else "")
                for what, things in (("共同的单位", row.organisations), ("共同的合作者", row.co_authors))
                if things
            ),
            len(row.organisations) + len(row.co_authors),
            Named(id=row.second, name=row.second_name, label="person"),
            *(Named(id=id, name=name, label="organisation") for id, name in row.organisations),
            *(Named(id=id, name=name, label="person") for id, name in row.co_authors),
        )
        for row in same_name_pairs(db, limit=limit)
    ]


def _parallel(db: Database, asked: _Asked, limit: int) -> list[QualityCase]:
    return [
        _case(
            row.id,
            row.name,
            "person",
            f"{'、'.join(map(str, row.years))} 年的成果分别署名{row.first_name}、{row.second_name}，看不出联系",
            len(row.years),
            Named(id=row.first, name=row.first_name, label="organisation"),
            Named(id=row.second, name=row.second_name, label="organisation"),
        )
        for row in parallel_employers(db, limit=limit, on=asked.on)
    ]


def _nowhere(db: Database, _asked: _Asked, limit: int) -> list[QualityCase]:
    return [
        _case(row.id, row.name, "person", f"{row.works} 项成果和课题中有 {row.missing} 项没有写明单位", row.missing)
        for row in gaps.mentions_without_organisation(db, limit=limit)
    ]


def _unemployed(db: Database, _asked: _Asked, limit: int) -> list[QualityCase]:
    return [
        _case(row.id, row.name, "person", f"没有任何任职记录，有 {row.works} 项成果和课题", row.works)
        for row in gaps.people_without_organisation(db, limit=limit)
    ]


def _unverified(db: Database, _asked: _Asked, limit: int) -> list[QualityCase]:
    return [
        _case(row.id, row.name, "organisation", f"只由文件里的字样建立，涉及 {row.people} 人", row.people)
        for row in unverified_organisations(db, limit=limit)
    ]


def _stale(db: Database, asked: _Asked, limit: int) -> list[QualityCase]:
    return [
        _case(
            row.id,
            row.name,
            "person",
            f"在{row.organisation_name}的任职没有写结束，{row.seen} 年以后再没有依据",
            asked.on.year - row.seen,
            Named(id=row.organisation, name=row.organisation_name, label="organisation"),
        )
        for row in gaps.stale_posts(db, limit=limit, since=asked.since)
    ]


def _unproven(db: Database, _asked: _Asked, limit: int) -> list[QualityCase]:
    standing = {"admitted": "已入库", "candidate": "候选", "suspended": "暂停", "left": "已退出"}
    return [
        _case(
            row.id,
            row.name,
            "person",
            f"没有成果、课题和荣誉，按主题找不到（{standing.get(row.status, row.status) or '状态不详'}）",
            None,
        )
        for row in gaps.experts_without_evidence(db, limit=limit)
    ]


def _bare(db: Database, _asked: _Asked, limit: int) -> list[QualityCase]:
    return [
        _case(
            row.id,
            row.title,
            "output",
            f"没有摘要，只能按题名和关键词找到（{f'{row.year} 年' if row.year else '年份不详'}）",
            None,
        )
        for row in gaps.works_without_abstract(db, limit=limit)
    ]


_KINDS: Final[Mapping[QualityKind, _Kind]] = {
    "same-name-pairs": _Kind(
        "同名、可能是同一人",
        "姓名相同、又有共同单位或共同合作者的两个人（对）",
        lambda db, _: same_name_pairs_count(db),
        _pairs,
    ),
    "parallel-employers": _Kind(
        "同一年两个单位、看不出联系",
        "同一年的成果分属两个法人单位，没有一项成果同时署两个单位，也没有任职记录说明（人）",
        lambda db, asked: parallel_employers_count(db, on=asked.on),
        _parallel,
    ),
    "mentions-without-organisation": _Kind(
        "没有写明单位的署名",
        "某人在某项成果或课题里，没有一个来源写明其单位（次）",
        lambda db, _: gaps.mentions_without_organisation_count(db),
        _nowhere,
    ),
    "people-without-organisation": _Kind(
        "没有单位的人",
        "没有任何任职记录的人（人）",
        lambda db, _: gaps.people_without_organisation_count(db),
        _unemployed,
    ),
    "unverified-organisations": _Kind(
        "未核实的机构",
        "只由文件里的字样自动建立、没有登记来源的机构（家）",
        lambda db, _: unverified_count(db).unverified,
        _unverified,
    ),
    "stale-posts": _Kind(
        "多年没有依据的任职",
        "没有写明结束、起始日和署名该单位的成果都在若干年以前的任职（条）",
        lambda db, asked: gaps.stale_posts_count(db, since=asked.since),
        _stale,
    ),
    "experts-without-evidence": _Kind(
        "没有依据的专家",
        "没有成果、课题和荣誉的专家（人）",
        lambda db, _: gaps.experts_without_evidence_count(db),
        _unproven,
    ),
    "works-without-abstract": _Kind(
        "没有摘要的成果",
        "没有摘要、只能按题名和关键词找到的成果（项）",
        lambda db, _: gaps.works_without_abstract_count(db),
        _bare,
    ),
}
