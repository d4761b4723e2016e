"""How a cohort has come on: the figures of its members, frozen year by year, and what changed between (S45)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Any, Final

from pydantic import BaseModel, ConfigDict

from graph.database import Database, Query
from graph.errors import InputError
from queries.answers import Answer
from queries.freezing import content_hash
from queries.posts import Affiliation, posts_and_memberships
from queries.saved_lists import SavedListAnswer, saved_list

FIGURES: Final[dict[str, str]] = {
    "outputs": "成果", "projects": "项目", "honours": "荣誉", "outputs_total": "累计成果", "projects_total": "累计项目",
    "honours_total": "累计荣誉",
}  # fmt: skip
FIRST_YEAR, LAST_YEAR = 1900, 2200


class CohortFigures(Answer):
    """One member in one year: works and honours of that year and up to it, posts that held on its last day.

    `adopted` counts adopted outputs; None: the graph keeps no adoptions yet.
    """

    id: str
    name: str
    outputs: int
    projects: int
    honours: int
    outputs_total: int
    projects_total: int
    honours_total: int
    adopted: int | None
    posts: tuple[str, ...]


class TrackedYear(Answer):
    """A member's figures of one year, and the change of each against the snapshot before (None: the first)."""

    year: int
    figures: CohortFigures
    change: dict[str, int] | None


class TrackedMember(Answer):
    """A member over the years; `left` when no longer on the list, `id` is of today."""

    id: str
    name: str
    left: bool
    years: tuple[TrackedYear, ...]


class CohortTracking(Answer):
    """A cohort over its snapshots; `hashes` are those of the snapshots by year, each verified as it was read."""

    list: str
    name: str
    years: tuple[int, ...]
    hashes: dict[int, str]
    members: tuple[TrackedMember, ...]
    notes: tuple[str, ...]


class MemberWorks(BaseModel):
    """What one person has, as the graph has it: years of works, years of honours, posts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    outputs: list[int | None]
    projects: list[int | None]
    honours: list[list[Any]]
    affiliations: list[Affiliation]


class SnapshotRow(BaseModel):
    """A snapshot as it was frozen."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    year: int
    made_on: str
    content: str
    hash: str


MEMBER_WORKS: Final = Query(
    "member_works",
    """
UNWIND $people AS wanted
MATCH (p:Person {id: wanted})
RETURN p.id AS id,
  COLLECT {
    MATCH (p)-[:AUTHORED]->(w:Output)
    WHERE w.tombstone IS NULL AND coalesce(w.visibility, '') <> 'restricted'
    WITH DISTINCT w
    RETURN w.year
  } AS outputs,
  COLLECT {
    MATCH (p)-[:LED|PARTICIPATED_IN]->(w:Project)
    WHERE w.tombstone IS NULL AND coalesce(w.visibility, '') <> 'restricted'
    WITH DISTINCT w
    RETURN w.year
  } AS projects,
  [(p)-[r:HAS_HONOUR]->(h:Honour) WHERE h.tombstone IS NULL | [h.id, r.year]] AS honours,
  [(p)-[r:AFFILIATED_WITH]->(o:Organisation)
    WHERE o.tombstone IS NULL AND coalesce(o.visibility, '') <> 'restricted' | {
    organisation: o.id, name: coalesce(o.name, ''), society: o:Society, member: false, role: r.role,
    department: r.department, observed_year: r.observed_year, valid_from: r.valid_from,
    valid_from_precision: r.valid_from_precision, valid_to: r.valid_to, valid_to_precision: r.valid_to_precision
  }] AS affiliations
""",
    MemberWorks,
)
COHORT_SNAPSHOTS: Final = Query(
    "cohort_snapshots",
    """
MATCH (s:CohortSnapshot {list: $id})
RETURN s.year AS year, s.made_on AS made_on, s.content AS content, s.hash AS hash
ORDER BY year
""",
    SnapshotRow,
)


def cohort_figures(db: Database, *, id: str, year: int) -> list[CohortFigures]:
    """What have the members of a list done in a year, and up to it, as the graph knows it today?

    Works and honours without a year are in no total. Members that are one person today count once; who may not be
    shown is left out. Raises `NotFoundError`, `InputError` for a list of organisations or an impossible year.
    """
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise InputError(f"年份应在 {FIRST_YEAR} 到 {LAST_YEAR} 之间")
    return _figures(db, _cohort(db, id), year)


def cohort_tracking(db: Database, *, id: str) -> CohortTracking:
    """How has this cohort come on, snapshot by snapshot?

    Every figure is as frozen; a snapshot whose content is not that of its hash is left out and named in a note. People
    merged since are one line. Raises `NotFoundError`, `InputError` for a list of organisations.
    """
    cohort = _cohort(db, id)
    notes: list[str] = []
    frozen: dict[int, dict[str, CohortFigures]] = {}
    hashes: dict[int, str] = {}
    for row in db.read(COHORT_SNAPSHOTS, id=cohort.card.id):
        if content_hash(row.content) != row.hash:
            notes.append(f"{row.year} 年的快照被改动，没有采用")
            continue
        members = json.loads(row.content)["members"]
        frozen[row.year] = {member["id"]: CohortFigures.model_validate(member) for member in members}
        hashes[row.year] = row.hash
    if not frozen:
        notes.append("还没有年度快照：用 zhiku cohort snapshot 建立")
    standing = {member.current: member.name for member in cohort.members if member.current}
    ids = list(dict.fromkeys([*standing, *(key for year in frozen.values() for key in year)]))
    members = [_tracked(key, standing, frozen) for key in ids]
    return CohortTracking(
        list=cohort.card.id,
        name=cohort.card.name,
        years=tuple(frozen),
        hashes=hashes,
        members=tuple(members),
        notes=tuple(notes),
    )


def _cohort(db: Database, id: str) -> SavedListAnswer:
    cohort = saved_list(db, id=id)
    if cohort.card.kind != "experts":
        raise InputError("机构名单没有个人的年度数据", hint="跟踪梯队用专家名单")
    return cohort


def _figures(db: Database, cohort: SavedListAnswer, year: int) -> list[CohortFigures]:
    names = {member.current: member.name for member in cohort.members if member.current}
    rows = {row.id: row for row in db.read(MEMBER_WORKS, people=list(names))} if names else {}
    return [_of_year(rows[id], name, year) for id, name in names.items() if id in rows]


def _of_year(row: MemberWorks, name: str, year: int) -> CohortFigures:
    honours = {str(honour): when for honour, when in row.honours if when is not None}
    found: Mapping[str, Sequence[int | None]] = {
        "outputs": row.outputs,
        "projects": row.projects,
        "honours": list(honours.values()),
    }
    counts = {name: sum(when == year for when in years) for name, years in found.items()}
    totals = {
        f"{name}_total": sum(when is not None and when <= year for when in years) for name, years in found.items()
    }
    posts, _ = posts_and_memberships(_begun(row.affiliations, year), date(year, 12, 31))
    held = tuple(dict.fromkeys(f"{post.name}{post.role}" for post in posts if post.standing != "former"))
    return CohortFigures(id=row.id, name=name, **counts, **totals, adopted=None, posts=held)


def _begun(affiliations: Sequence[Affiliation], year: int) -> list[Affiliation]:
    """What had begun, or been seen, by the end of the year."""
    return [a for a in affiliations if (a.valid_from or "")[:4] <= str(year) and (a.observed_year or 0) <= year]


def _tracked(id: str, standing: Mapping[str, str], frozen: Mapping[int, Mapping[str, CohortFigures]]) -> TrackedMember:
    years = [(year, members[id]) for year, members in frozen.items() if id in members]
    changes = [
        {name: getattr(after, name) - getattr(before, name) for name in FIGURES}
        for (_, before), (_, after) in pairwise(years)
    ]
    tracked = [
        TrackedYear(year=year, figures=figures, change=change)
        for (year, figures), change in zip(years, [None, *changes], strict=False)
    ]
    name = standing.get(id) or (years[-1][1].name if years else "")
    return TrackedMember(id=id, name=name, left=id not in standing, years=tuple(tracked))
