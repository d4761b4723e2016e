"""What is missing or has grown old in the graph, one kind at a time: how many, and which first?

Every kind is a pair of statements that count and list what one pattern finds. It begins at one label and looks at each
of its nodes once. What no source claims any more, what was merged away and what is restricted is neither counted nor
listed.
"""

from __future__ import annotations

from typing import Final, LiteralString

from pydantic import BaseModel, ConfigDict

from graph.database import Database, Query


class Number(BaseModel):
    """How many there are."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: int


class WorkWithoutAbstract(BaseModel):
    """An output that is found by its title and keywords only."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    title: str
    year: int | None


class ExpertWithoutEvidence(BaseModel):
    """An expert for whom no work, project or honour speaks; `status` is that in the library, "" when not said."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    status: str


class PersonWithoutOrganisation(BaseModel):
    """A person without any post, and in how many works."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    works: int


class PersonMentions(BaseModel):
    """A person in `works` works, in `missing` of whom no source says from where."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    missing: int
    works: int


class StalePost(BaseModel):
    """An open post of a person in a body, last seen in the year `seen`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    organisation: str
    organisation_name: str
    seen: int


_NO_ABSTRACT: Final[LiteralString] = """
MATCH (w:Output)
WHERE coalesce(w.abstract, '') = '' AND w.tombstone IS NULL AND coalesce(w.visibility, '') <> 'restricted'
  AND NOT EXISTS { (w)-[:MERGED_INTO]->(:Output) }"""
WORKS_WITHOUT_ABSTRACT_COUNT: Final = Query(
    "works_without_abstract_count",
    _NO_ABSTRACT
    + """
RETURN count(w) AS number
""",
    Number,
)
WORKS_WITHOUT_ABSTRACT: Final = Query(
    "works_without_abstract",
    _NO_ABSTRACT
    + """
RETURN w.id AS id, coalesce(w.title, '') AS title, w.year AS year
ORDER BY coalesce(w.year, 0) DESC, w.id
LIMIT $limit
""",
    WorkWithoutAbstract,
)
_NO_EVIDENCE: Final[LiteralString] = """
MATCH (p:Expert)
WHERE p.tombstone IS NULL AND coalesce(p.visibility, '') <> 'restricted'
  AND NOT EXISTS { (p)-[:AUTHORED|LED|PARTICIPATED_IN|HAS_HONOUR]->(e) WHERE e.tombstone IS NULL }
  AND NOT EXISTS { (p)-[:MERGED_INTO]->(:Person) }"""
EXPERTS_WITHOUT_EVIDENCE_COUNT: Final = Query(
    "experts_without_evidence_count",
    _NO_EVIDENCE
    + """
RETURN count(p) AS number
""",
    Number,
)
EXPERTS_WITHOUT_EVIDENCE: Final = Query(
    "experts_without_evidence",
    _NO_EVIDENCE
    + """
RETURN p.id AS id, coalesce(p.name, '') AS name, coalesce(p.status, '') AS status
ORDER BY CASE WHEN coalesce(p.status, '') = 'admitted' THEN 0 ELSE 1 END, p.id
LIMIT $limit
""",
    ExpertWithoutEvidence,
)
_NO_ORGANISATION: Final[LiteralString] = """
MATCH (p:Person)
WHERE p.tombstone IS NULL AND coalesce(p.visibility, '') <> 'restricted'
  AND NOT EXISTS { (p)-[:AFFILIATED_WITH]->(:Organisation) }
  AND NOT EXISTS { (p)-[:MERGED_INTO]->(:Person) }"""
PEOPLE_WITHOUT_ORGANISATION_COUNT: Final = Query(
    "people_without_organisation_count",
    _NO_ORGANISATION
    + """
RETURN count(p) AS number
""",
    Number,
)
PEOPLE_WITHOUT_ORGANISATION: Final = Query(
    "people_without_organisation",
    _NO_ORGANISATION
    + """
WITH p, COUNT {
  MATCH (p)-[:AUTHORED|LED|PARTICIPATED_IN]->(w)
  WHERE w.tombstone IS NULL AND coalesce(w.visibility, '') <> 'restricted'
  RETURN DISTINCT w
} AS number
RETURN p.id AS id, coalesce(p.name, '') AS name, number AS works
ORDER BY works DESC, id
LIMIT $limit
""",
    PersonWithoutOrganisation,
)
# Two sources of one work are two relationships, and one of them may name the body. Counted person by person, here and
# below: grouping all people's works at once ends at ArcadeDB's budget for a query (512 MB at 380,000 mentions).
_UNPLACED: Final[LiteralString] = """
MATCH (p:Person)
WHERE p.tombstone IS NULL AND coalesce(p.visibility, '') <> 'restricted'
  AND NOT EXISTS { (p)-[:MERGED_INTO]->(:Person) }
  AND EXISTS { (p)-[m:AUTHORED|LED|PARTICIPATED_IN]->() WHERE size(coalesce(m.organisations, [])) = 0 }
WITH p, COUNT {
  MATCH (p)-[:AUTHORED|LED|PARTICIPATED_IN]->(w)
  WHERE w.tombstone IS NULL AND coalesce(w.visibility, '') <> 'restricted'
  RETURN DISTINCT w
} AS number, COUNT {
  MATCH (p)-[m:AUTHORED|LED|PARTICIPATED_IN]->(w)
  WHERE size(coalesce(m.organisations, [])) > 0
    AND w.tombstone IS NULL AND coalesce(w.visibility, '') <> 'restricted'
  RETURN DISTINCT w
} AS placed"""
MENTIONS_WITHOUT_ORGANISATION_COUNT: Final = Query(
    "mentions_without_organisation_count",
    _UNPLACED
    + """
RETURN sum(number - placed) AS number
""",
    Number,
)
MENTIONS_WITHOUT_ORGANISATION: Final = Query(
    "mentions_without_organisation",
    _UNPLACED
    + """
WITH p, number, placed
WHERE number > placed
RETURN p.id AS id, coalesce(p.name, '') AS name, number - placed AS missing, number AS works
ORDER BY missing DESC, id
LIMIT $limit
""",
    PersonMentions,
)
# A work's year, kept on the post when the work is imported, stands first; only what seems old is looked up in the
# works, since a project's table leaves no such year. That look stands outside of COLLECT: inside, after an aggregation,
# ArcadeDB knows the person no more, and answers 0 after a minute and a half.
_STALE: Final[LiteralString] = """
MATCH (p:Person)
WHERE p.tombstone IS NULL AND coalesce(p.visibility, '') <> 'restricted'
  AND NOT EXISTS { (p)-[:MERGED_INTO]->(:Person) }
WITH p, COLLECT {
  MATCH (p)-[r:AFFILIATED_WITH]->(o:Organisation)
  WHERE o.tombstone IS NULL AND coalesce(o.visibility, '') <> 'restricted'
  WITH o, max(coalesce(r.observed_year, toInteger(left(r.valid_from, 4)))) AS seen, max(r.valid_to) AS ended,
    sum(CASE WHEN r.valid_to IS NULL THEN 1 ELSE 0 END) AS open
  WHERE open > 0 AND seen < $since AND (ended IS NULL OR toInteger(left(ended, 4)) <= seen)
  RETURN {organisation: o.id, name: coalesce(o.name, o.id), seen: seen}
} AS posts
UNWIND posts AS post
WITH p, post
WHERE NOT EXISTS {
  (p)-[m:AUTHORED|LED|PARTICIPATED_IN]->(w)
  WHERE w.year >= $since AND post.organisation IN m.organisations AND w.tombstone IS NULL
    AND coalesce(w.visibility, '') <> 'restricted'
}"""
STALE_POSTS_COUNT: Final = Query(
    "stale_posts_count",
    _STALE
    + """
RETURN count(*) AS number
""",
    Number,
)
STALE_POSTS: Final = Query(
    "stale_posts",
    _STALE
    + """
RETURN p.id AS id, coalesce(p.name, '') AS name, post.organisation AS organisation, post.name AS organisation_name,
  post.seen AS seen
ORDER BY seen, id, organisation
LIMIT $limit
""",
    StalePost,
)


def works_without_abstract_count(db: Database) -> int:
    """How many outputs can be found by title and keywords only?  Raises `StoreUnavailableError`."""
    return db.read(WORKS_WITHOUT_ABSTRACT_COUNT)[0].number


def works_without_abstract(db: Database, *, limit: int) -> list[WorkWithoutAbstract]:
    """Which outputs have no abstract, the latest first: what people do now is asked for most?

    Raises `StoreUnavailableError`.
    """
    return db.read(WORKS_WITHOUT_ABSTRACT, limit=limit)


def experts_without_evidence_count(db: Database) -> int:
    """For how many experts does no work, project or honour speak?  Raises `StoreUnavailableError`."""
    return db.read(EXPERTS_WITHOUT_EVIDENCE_COUNT)[0].number


def experts_without_evidence(db: Database, *, limit: int) -> list[ExpertWithoutEvidence]:
    """For which experts does nothing speak, those admitted to the library first?

    No question about a topic can find them. Raises `StoreUnavailableError`.
    """
    return db.read(EXPERTS_WITHOUT_EVIDENCE, limit=limit)


def people_without_organisation_count(db: Database) -> int:
    """How many people have no post in any body?  Raises `StoreUnavailableError`."""
    return db.read(PEOPLE_WITHOUT_ORGANISATION_COUNT)[0].number


def people_without_organisation(db: Database, *, limit: int) -> list[PersonWithoutOrganisation]:
    """Who has no post in any body, those with most works first?  Raises `StoreUnavailableError`."""
    return db.read(PEOPLE_WITHOUT_ORGANISATION, limit=limit)


def mentions_without_organisation_count(db: Database) -> int:
    """How often does a person stand in a work without any source saying from where?

    A person in a work counts once, however many sources name the work. Raises `StoreUnavailableError`.
    """
    return db.read(MENTIONS_WITHOUT_ORGANISATION_COUNT)[0].number


def mentions_without_organisation(db: Database, *, limit: int) -> list[PersonMentions]:
    """Who stands most often in works without a body?  Raises `StoreUnavailableError`."""
    return db.read(MENTIONS_WITHOUT_ORGANISATION, limit=limit)


def stale_posts_count(db: Database, *, since: int) -> int:
    """How many open posts has nothing confirmed in the year `since` or later?  Raises `StoreUnavailableError`."""
    return db.read(STALE_POSTS_COUNT, since=since)[0].number


def stale_posts(db: Database, *, limit: int, since: int) -> list[StalePost]:
    """Which open posts has nothing confirmed in the year `since` or later, the oldest first?

    A post of a person in a body is open while a source knows no end of it, or the person was seen there in a year after
    the end; it is confirmed by its first day and by each work of the person that names the body. Posts without any year
    are not stale: nobody can say how old they are. Raises `StoreUnavailableError`.
    """
    return db.read(STALE_POSTS, limit=limit, since=since)
