"""Who is meant?  People as labels name them: by id, or by name and organisation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from pydantic import BaseModel, ConfigDict

from graph.database import Database, Query
from graph.errors import InputError
from graph.text import fold, name_key
from graph.textindex import TextIndex
from queries.merges import current_people, pages

# More namesakes than the commonest Chinese name has in the measured corpora.
_MOST_NAMESAKES: Final = 200
_VERY_NAME: Final = 5.0


class NamedPerson(BaseModel):
    """A person with every string that says where: names of posts' bodies, departments, affiliations as written."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    posts: list[list[str]]
    written: list[str]


PEOPLE_AND_BODIES: Final = Query(
    "people_and_bodies",
    """
UNWIND $people AS wanted
MATCH (p:Person {id: wanted})
WHERE p.tombstone IS NULL AND coalesce(p.visibility, '') <> 'restricted'
  AND NOT EXISTS { (p)-[:MERGED_INTO]->(:Person) }
RETURN p.id AS id, coalesce(p.name, '') AS name,
  [(p)-[r:AFFILIATED_WITH|MEMBER_OF]->(o:Organisation)
    WHERE o.tombstone IS NULL AND coalesce(o.visibility, '') <> 'restricted' |
    [coalesce(o.name, ''), coalesce(r.department, '')]] AS posts,
  [(p)-[m:AUTHORED|LED|PARTICIPATED_IN]->(w)
    WHERE w.tombstone IS NULL AND coalesce(w.visibility, '') <> 'restricted' |
    coalesce(m.affiliation_as_written, '')] AS written
""",
    NamedPerson,
)


class Described(NamedTuple):
    """A person as a label says it: `id`, or `name` and `organisation` ("" = of any organisation)."""

    id: str = ""
    name: str = ""
    organisation: str = ""

    def __str__(self) -> str:
        return self.id or (f"{self.name}（{self.organisation}）" if self.organisation else self.name)


_WITH_BODY: Final = re.compile(r"(?P<name>[^（(]+)[（(](?P<body>.+)[）)]\Z")
_AN_ID: Final = re.compile(r"P[0-9a-z]{20,}\Z")


def described(text: str) -> Described:
    """Read a person as people write one: an id, 姓名, or 姓名（单位）."""
    if with_body := _WITH_BODY.match(text.strip()):
        return Described(name=with_body["name"].strip(), organisation=with_body["body"].strip())
    return Described(id=text.strip()) if _AN_ID.match(text.strip()) else Described(name=text.strip())


class KnownPerson(BaseModel):
    """Which people of the graph a label may mean: none, one, or several records not told apart by it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    described: str
    people: tuple[str, ...]


def known_people(db: Database, index: TextIndex, *, people: Sequence[Described]) -> list[KnownPerson]:
    """Whom do these descriptions mean, in their order?

    An id stands for the person it was merged into. A name means everybody of that very name one of whose organisation
    strings contains the other (the rule of ranking.md section 4), so that a person whom the graph has twice is right
    twice. Nobody restricted. Raises `StoreUnavailableError` when the graph does not answer.
    """
    current = current_people(db, people=[each.id for each in people if each.id])
    namesakes: dict[str, list[str]] = {}
    for each in people:
        if not each.id and each.name not in namesakes:
            hits = index.find_people(each.name, _MOST_NAMESAKES)
            namesakes[each.name] = [hit.id for hit in hits if hit.score >= _VERY_NAME]
    found = _bodies(db, [id for ids in namesakes.values() for id in ids])
    answers: list[KnownPerson] = []
    for each in people:
        if each.id:
            ids = [current[each.id]] if each.id in current else []
        else:
            ids = [id for id in namesakes[each.name] if id in found and _is_meant(each, found[id])]
        answers.append(KnownPerson(described=str(each), people=tuple(sorted(ids))))
    return answers


def _bodies(db: Database, people: Sequence[str]) -> dict[str, NamedPerson]:
    return {row.id: row for page in pages(people) for row in db.read(PEOPLE_AND_BODIES, people=page)}


def _is_meant(described: Described, person: NamedPerson) -> bool:
    wanted = fold(described.organisation)
    if not wanted:
        return True
    strings = [name for name, _ in person.posts] + [name + part for name, part in person.posts]
    strings += [each for text in person.written for each in text.split("；")]
    known = {fold(each) for each in strings} - {""}
    return name_key(person.name) != "" and any(wanted in each or each in wanted for each in known)


def people_meant(db: Database, index: TextIndex, *, people: Sequence[str]) -> list[str]:
    """Which ids are meant by these ids or names, like 张三（某某大学）?  What nobody is called stays as it was written.

    Raises `InputError` for a name of several people.
    """
    known = current_people(db, people=people)
    named = [each for each in people if each not in known]
    found = dict(zip(named, known_people(db, index, people=[described(each) for each in named]), strict=True))
    ids: list[str] = []
    for each in people:
        several = found[each].people if each in found else (each,)
        if len(several) > 1:
            raise InputError(
                f"叫“{each}”的有 {len(several)} 人：{'、'.join(several[:5])}",
                hint="写明单位，如 张三（某某大学），或改用编号",
            )
        ids.append(several[0] if several else each)
    return ids
