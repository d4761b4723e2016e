"""Which projects did a body commission (委托课题), and which of them are about these words?"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from pydantic import BaseModel, ConfigDict

from graph.database import Database, Query
from graph.errors import InputError
from graph.textindex import TextIndex
from queries.answers import Answer
from queries.bodies import organisations_named
from queries.expert_facts import NamedThing
from queries.retrieval import MOST_ANSWERS, asked, check_limit, phrase_finder, works_found

# Projects that the words are looked for in before those of the body are taken out; more of them share a word at most.
_MOST_SEARCHED: Final = 5_000
NOT_A_BODY: Final = (
    "没有名为“{}”的机构委托过课题：写全称或编号（zhiku find organisations），或先在课题清单里补“委托单位”"
)


class CommissionedProject(BaseModel):
    """A project with those who commissioned and led it; several sources of one fact are several entries."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    title: str
    year: int | None
    programme: str
    kind: str
    fictional: bool
    commissioners: list[NamedThing]
    leaders: list[NamedThing]


COMMISSIONED_PROJECTS: Final = Query(
    "commissioned_projects",
    """
UNWIND $organisations AS wanted
MATCH (o:Organisation {id: wanted})<-[:COMMISSIONED_BY]-(j:Project)
WHERE j.tombstone IS NULL AND coalesce(j.visibility, '') <> 'restricted'
WITH DISTINCT j
RETURN j.id AS id, coalesce(j.title, '') AS title, j.year AS year, coalesce(j.programme, '') AS programme,
  coalesce(j.kind, '') AS kind, coalesce(j.fictional, false) AS fictional,
  [(j)-[:COMMISSIONED_BY]->(c:Organisation)
    WHERE c.tombstone IS NULL AND coalesce(c.visibility, '') <> 'restricted' | {id: c.id, name: coalesce(c.name, '')}
  ] AS commissioners,
  [(j)<-[:LED]-(p:Person)
    WHERE p.tombstone IS NULL AND coalesce(p.visibility, '') <> 'restricted' | {id: p.id, name: coalesce(p.name, '')}
  ] AS leaders
""",
    CommissionedProject,
)


class Commission(Answer):
    """A commissioned project; `score` (BM25) and `matched` are of the words asked for, 0 and empty without words."""

    rank: int
    id: str
    title: str
    year: int | None
    programme: str
    type: str
    commissioners: tuple[NamedThing, ...]
    leaders: tuple[NamedThing, ...]
    score: float
    matched: tuple[str, ...]
    fictional: bool


class CommissionsAnswer(Answer):
    """The projects that a body commissioned; `total` counts all before the limit."""

    commissioner: str
    total: int
    projects: tuple[Commission, ...]
    notes: tuple[str, ...]


def projects_commissioned(
    db: Database,
    index: TextIndex,
    *,
    commissioner: str,
    text: str = "",
    since_year: int | None = None,
    limit: int = 20,
) -> CommissionsAnswer:
    """Which projects did this body, or what is below it, commission?  With words those that hold them, best first.

    `commissioner` is an id or an exact name (further names included); without words the newest projects come first;
    `since_year` leaves out older ones and those without a year. Of a text the 5,000 best projects of all are searched.
    Raises `InputError` without a commissioner or for a limit out of bounds, `StoreUnavailableError`.
    """
    check_limit(limit, most=MOST_ANSWERS)
    if not commissioner.strip():
        raise InputError("没有写委托单位", hint="写机构全称或编号")
    bodies = index.organisations_within(organisations=organisations_named(index, commissioner))
    known = _commissioned(db, bodies, since_year)
    if not known:
        note = NOT_A_BODY.format(commissioner.strip()[:80])
        return CommissionsAnswer(commissioner=commissioner.strip(), total=0, projects=(), notes=(note,))
    question = asked(text)
    score: dict[str, float] = dict.fromkeys(known, 0.0)
    matched: dict[str, tuple[str, ...]] = {}
    if text.strip():
        hits = works_found(index, question, limit=_MOST_SEARCHED, kind="project", since_year=since_year)
        phrases = phrase_finder(question)
        found = {hit.id: hit for hit in hits if hit.id in known}
        score = {id_: hit.score for id_, hit in found.items()}
        matched = {id_: phrases(hit.tokens) for id_, hit in found.items()}
    order = sorted(score, key=lambda id_: (-score[id_], -(known[id_].year or 0), id_))
    projects = tuple(
        _commission(place, known[id_], score[id_], matched.get(id_, ())) for place, id_ in enumerate(order[:limit], 1)
    )
    return CommissionsAnswer(
        commissioner=commissioner.strip(), total=len(order), projects=projects, notes=question.notes if text else ()
    )


def _commissioned(
    db: Database, organisations: Collection[str], since_year: int | None
) -> dict[str, CommissionedProject]:
    rows = db.read(COMMISSIONED_PROJECTS, organisations=sorted(organisations)) if organisations else []
    return {row.id: row for row in rows if since_year is None or (row.year or 0) >= since_year}


def _commission(place: int, row: CommissionedProject, score: float, matched: tuple[str, ...]) -> Commission:
    return Commission(
        rank=place,
        id=row.id,
        title=row.title,
        year=row.year,
        programme=row.programme,
        type=row.kind,
        commissioners=_distinct(row.commissioners),
        leaders=_distinct(row.leaders),
        score=score,
        matched=matched,
        fictional=row.fictional,
    )


def _distinct(things: Collection[NamedThing]) -> tuple[NamedThing, ...]:
    found = {thing.id: thing for thing in things}
    return tuple(sorted(found.values(), key=lambda thing: (thing.name, thing.id)))
