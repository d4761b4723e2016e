"""Which outputs or projects are nearest to a text?  "Was this proposed topic done before?" """

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict

from graph.database import Database, Query
from graph.index_folder import work_type
from graph.textindex import TextIndex, WorkHit
from queries.answers import FoundWork, PersonCount, WorksAnswer
from queries.retrieval import Asked, asked, check_limit, nothing_found, phrase_finder, works_found


class WorkPerson(BaseModel):
    """A person in a work, at a position (None = unknown); the same one may come from two sources."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    led: bool
    position: int | None


class WorkFacts(BaseModel):
    """What the graph knows of one work shown; `organisations` are the names of those that the index names."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    type: str
    title: str
    year: int | None
    venue: str
    fictional: bool
    people: list[WorkPerson]
    organisations: list[str]


OUTPUTS_FOUND: Final = Query(
    "outputs_found",
    """
UNWIND $works AS wanted
MATCH (w:Output {id: wanted.id})
WHERE w.tombstone IS NULL AND coalesce(w.visibility, '') <> 'restricted'
  AND NOT EXISTS { (w)-[:MERGED_INTO]->(:Output) }
RETURN w.id AS id,
  coalesce(w.kind, '') AS type,
  coalesce(w.title, '') AS title,
  w.year AS year,
  coalesce(w.venue, '') AS venue,
  coalesce(w.fictional, false) AS fictional,
  [(w)<-[m:AUTHORED]-(p:Person)
    WHERE p.tombstone IS NULL AND coalesce(p.visibility, '') <> 'restricted'
      AND NOT EXISTS { (p)-[:MERGED_INTO]->(:Person) } | {
    id: p.id, name: coalesce(p.name, ''), led: false, position: m.position
  }] AS people,
  COLLECT {
    UNWIND wanted.organisations AS body
    MATCH (o:Organisation {id: body})
    WHERE o.tombstone IS NULL AND coalesce(o.visibility, '') <> 'restricted'
    RETURN coalesce(o.name, '')
  } AS organisations
""",
    WorkFacts,
)

PROJECTS_FOUND: Final = Query(
    "projects_found",
    """
UNWIND $works AS wanted
MATCH (w:Project {id: wanted.id})
WHERE w.tombstone IS NULL AND coalesce(w.visibility, '') <> 'restricted'
RETURN w.id AS id,
  coalesce(w.kind, '') AS type,
  coalesce(w.title, '') AS title,
  w.year AS year,
  coalesce(w.programme, '') AS venue,
  coalesce(w.fictional, false) AS fictional,
  [(w)<-[m:LED|PARTICIPATED_IN]-(p:Person)
    WHERE p.tombstone IS NULL AND coalesce(p.visibility, '') <> 'restricted'
      AND NOT EXISTS { (p)-[:MERGED_INTO]->(:Person) } | {
    id: p.id, name: coalesce(p.name, ''), led: type(m) = 'LED', position: m.position
  }] AS people,
  COLLECT {
    UNWIND wanted.organisations AS body
    MATCH (o:Organisation {id: body})
    WHERE o.tombstone IS NULL AND coalesce(o.visibility, '') <> 'restricted'
    RETURN coalesce(o.name, '')
  } AS organisations
""",
    WorkFacts,
)


def outputs_for_topic(
    db: Database,
    index: TextIndex,
    *,
    text: str,
    limit: int = 20,
    since_year: int | None = None,
    until_year: int | None = None,
    types: Collection[str] = (),
) -> WorksAnswer:
    """Which outputs (papers, reports, patents …) are nearest to this text?

    Ordered by BM25 over the tokens of title, keywords and abstract; the score orders this answer only. `matched` are
    the phrases of the question that the work holds; the number beside a person is how many of the works shown are
    theirs. `limit` 1 to 200, `since_year` and `until_year` the first and last year, `types` the kinds that count
    (paper, patent …; all when empty). A question without words, or that nothing matches, gives an empty answer whose
    notes say what to do.

    Raises `InputError` for a limit out of bounds, `StoreUnavailableError` when the graph does not answer.
    """
    question, found = _search(index, text, "output", limit, (since_year, until_year), types)
    rows = db.read(OUTPUTS_FOUND, works=_wanted(found)) if found else []
    return _answer(index, question, found, rows, "output")


def projects_for_topic(
    db: Database,
    index: TextIndex,
    *,
    text: str,
    limit: int = 20,
    since_year: int | None = None,
    until_year: int | None = None,
    types: Collection[str] = (),
) -> WorksAnswer:
    """Was this proposed topic done before?  The projects nearest to a text, as `outputs_for_topic` orders them.

    People are those who led or took part, leaders first. `limit`, `since_year`, `until_year`, `types` as there.

    Raises `InputError` for a limit out of bounds, `StoreUnavailableError` when the graph does not answer.
    """
    question, found = _search(index, text, "project", limit, (since_year, until_year), types)
    rows = db.read(PROJECTS_FOUND, works=_wanted(found)) if found else []
    return _answer(index, question, found, rows, "project")


def _search(  # noqa: PLR0917 - the two questions' own parameters
    index: TextIndex, text: str, kind: str, limit: int, years: tuple[int | None, int | None], types: Collection[str]
) -> tuple[Asked, list[WorkHit]]:
    check_limit(limit)
    question = asked(text)
    terms = [work_type(kind, each) for each in types] or None
    since, until = years
    return question, works_found(
        index, question, limit=limit, kind=kind, since_year=since, until_year=until, types=terms
    )


def _wanted(found: Sequence[WorkHit]) -> list[dict[str, Any]]:
    return [{"id": hit.id, "organisations": sorted(set(hit.organisations))} for hit in found]


def _answer(
    index: TextIndex,
    question: Asked,
    found: Sequence[WorkHit],
    rows: Sequence[WorkFacts],
    kind: Literal["output", "project"],
) -> WorksAnswer:
    facts = {row.id: row for row in rows}
    phrases = phrase_finder(question)
    counts = Counter(person for row in facts.values() for person in {person.id for person in row.people})
    works: list[FoundWork] = []
    for hit in sorted(found, key=lambda hit: (-hit.score, hit.id)):
        row = facts.get(hit.id)
        if row is None:
            continue  # taken away since the index last followed
        works.append(
            FoundWork(
                rank=len(works) + 1,
                id=row.id,
                kind=kind,
                type=row.type,
                title=row.title,
                year=row.year,
                venue=row.venue,
                score=hit.score,
                matched=phrases(hit.tokens),
                people=_people(row, counts),
                organisations=tuple(sorted(set(row.organisations))),
                fictional=row.fictional,
            )
        )
    note = "" if works or not question.question.terms else nothing_found(index)
    return WorksAnswer(
        question=question.text,
        terms=question.question.terms,
        works=tuple(works),
        notes=(*question.notes, note) if note else question.notes,
        sequence=index.sequence,
    )


def _people(row: WorkFacts, counts: Counter[str]) -> tuple[PersonCount, ...]:
    """Leaders first, then by position, unknown positions last."""
    places: dict[str, tuple[bool, float, str, str]] = {}
    for person in row.people:
        place = (not person.led, float(person.position or "inf"), person.name, person.id)
        places[person.id] = min(place, places.get(person.id, place))
    return tuple(PersonCount(id=id, name=name, works=counts[id]) for _, _, name, id in sorted(places.values()))
