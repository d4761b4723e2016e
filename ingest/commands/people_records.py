"""A question with both records side by side: works, posts, collaborators, years, and what speaks for and against."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

from pydantic import BaseModel

from graph.database import Database, Query
from graph.store import Store
from ingest.organisations import Organisations
from ingest.people.explain import Explainer
from ingest.people.known import names_of
from ingest.people.progress import read_background, read_settled
from ingest.people.registered import RecordShown, records_of
from ingest.people.review import OpenQuestion
from ingest.people.statistics import default_background
from ingest.people.stored import StoredMentions

WORKS_SHOWN: Final = 40
_COLLABORATORS_SHOWN: Final = 20


class MentionShown(BaseModel):
    """A person as one work or register names them; `others` are further people of the work."""

    mention: str
    work: str
    kind: str
    title: str
    year: int | None
    venue: str
    name: str
    affiliation: str
    others: list[str]


class _Facts(BaseModel):
    id: str
    name: str
    mentions: list[MentionShown]
    posts: list[str]
    topics: list[str]
    fields: list[str]


class PersonRecord(BaseModel):
    """One side of a question: who it is, in which years, with whom, and the works (at most 40, the newest first).

    `records` are the rows about the person itself: without them who stands on a roster alone would be nobody.
    """

    id: str
    name: str
    works: int
    first_year: int | None
    last_year: int | None
    posts: list[str]
    fields: list[str]
    collaborators: list[str]
    mentions: list[MentionShown]
    records: list[RecordShown]


class Reason(BaseModel):
    """A part of the score in words, with its points."""

    points: float
    sentence: str


class QuestionShown(BaseModel):
    """A question with both sides; `hard` are signs that outrank the score, `reasons` its parts for the best pair."""

    question: OpenQuestion
    left: PersonRecord
    right: PersonRecord
    hard: list[str]
    reasons: list[Reason]


_RECORD: Final = Query(
    "identity_record",
    """
MATCH (q:Person {id: $id})
OPTIONAL MATCH (q)-[:MERGED_INTO*1..16]->(s)
WHERE NOT EXISTS { (s)-[:MERGED_INTO]->(:Person) }
WITH coalesce(s, q) AS p
WHERE p.tombstone IS NULL AND coalesce(p.visibility, '') <> 'restricted'
RETURN p.id AS id, coalesce(p.name, '') AS name, coalesce(p.fields, []) AS fields,
  [(p)-[r:AUTHORED|LED|PARTICIPATED_IN]->(w)
    WHERE w.tombstone IS NULL AND coalesce(w.visibility, '') <> 'restricted' AND r.mention IS NOT NULL | {
    mention: r.mention, work: w.id, kind: CASE WHEN w:Output THEN 'output' ELSE 'project' END,
    title: coalesce(w.title, ''), year: w.year, venue: coalesce(w.venue, w.programme, ''),
    name: coalesce(r.name_as_written, ''), affiliation: coalesce(r.affiliation_as_written, ''),
    others: [(w)<-[:AUTHORED|LED|PARTICIPATED_IN]-(c:Person)
      WHERE c.tombstone IS NULL AND coalesce(c.visibility, '') <> 'restricted' AND c.id <> p.id | coalesce(c.name, '')]
  }] AS mentions,
  [(p)-[:AFFILIATED_WITH]->(o:Organisation)
    WHERE o.tombstone IS NULL AND coalesce(o.visibility, '') <> 'restricted' | coalesce(o.name, '')] AS posts,
  [(p)-[:EXPERT_IN]->(t:Topic) WHERE t.tombstone IS NULL | coalesce(t.name, t.id)] AS topics""",
    _Facts,
)

# Works that may not be shown: a reason would tell of them (where they appeared, who wrote them).
_UNSHOWN: Final = """
UNWIND $ids AS id MATCH (p:Person {id: id})-[r:AUTHORED|LED|PARTICIPATED_IN]->(w)
WHERE w.visibility = 'restricted' AND r.mention IN $mentions
RETURN r.mention AS mention
LIMIT 1
"""
_HIDDEN_BODIES: Final = """
MATCH (o:Organisation)
WHERE o.visibility = 'restricted'
RETURN o.id AS id
"""
_NAMED_BODIES: Final = """
UNWIND $ids AS id MATCH (p:Person {id: id})-[r:AUTHORED|LED|PARTICIPATED_IN]->()
WHERE r.mention IN $mentions
RETURN r.mention AS mention, coalesce(r.organisations, []) AS bodies
"""
_HIDDEN: Final = """
UNWIND $ids AS id MATCH (p:Person {id: id})-[:AUTHORED|LED|PARTICIPATED_IN]->(w)
MATCH (w)<-[:AUTHORED|LED|PARTICIPATED_IN]-(c:Person)
WHERE c.visibility = 'restricted'
RETURN DISTINCT coalesce(c.name_key, '') AS name
"""


def question_shown(store: Store, question: OpenQuestion) -> QuestionShown:
    """Put both sides of a question beside each other, with the reasons of the pair that speaks most for it."""
    leaving = set(question.mentions)
    if question.kind == "split":
        left = _record(store.database, question.left, lambda mention: mention not in leaving)
        right = _record(store.database, question.left, lambda mention: mention in leaving)
    else:
        left = _record(store.database, question.left, lambda _: True)
        right = _record(store.database, question.right, lambda _: True)
    hard, reasons = _reasons(store, question)
    return QuestionShown(question=question, left=left, right=right, hard=hard, reasons=reasons)


def person_record(database: Database, id_: str) -> PersonRecord:
    """What is known of a person, mention by mention?  A merged id is followed.

    Returns an empty record for one who is not there or restricted.
    """
    return _record(database, id_, lambda _: True)


def _record(database: Database, id_: str, wanted: Callable[[str], bool]) -> PersonRecord:
    rows = database.read(_RECORD, id=id_)
    if not rows:
        return PersonRecord(
            id=id_,
            name="",
            works=0,
            first_year=None,
            last_year=None,
            posts=[],
            fields=[],
            collaborators=[],
            mentions=[],
            records=[],
        )
    facts = rows[0]
    mentions = [mention for mention in facts.mentions if wanted(mention.mention)]
    mentions.sort(key=lambda one: (-(one.year or 0), one.title, one.mention))
    years = [one.year for one in mentions if one.year]
    together = Counter(name for one in mentions for name in sorted({*one.others} - {""}))
    return PersonRecord(
        id=facts.id,
        name=facts.name,
        works=len({one.work for one in mentions}),
        first_year=min(years, default=None),
        last_year=max(years, default=None),
        posts=[name for name, _ in Counter(name for name in facts.posts if name).most_common()],
        fields=list(dict.fromkeys([*facts.fields, *sorted(set(facts.topics))])),
        collaborators=[name for name, _ in together.most_common(_COLLABORATORS_SHOWN)],
        mentions=mentions[:WORKS_SHOWN],
        records=[record for record in records_of(database, facts.id) if wanted(record.mention)],
    )


def _reasons(store: Store, question: OpenQuestion) -> tuple[list[str], list[Reason]]:
    """Compare the two mentions that the question was asked for, as they are in the graph now."""
    settled = read_settled(store)
    background = None if settled is None else read_background(store, settled.version)
    people = [person for person in (question.left, question.right) if person]
    pair = [question.left_mention, question.right_mention]
    if store.database.records("unshown_works", _UNSHOWN, ids=people, mentions=pair):
        return [], []
    bodies = Organisations.load(store.database)
    stored = StoredMentions(store.database, bodies.root)
    stored.read_names(names_of(store.database, {"Person": people, "Output": [], "Project": []}))
    table = stored.table()
    rows = {mention: row for row, mention in enumerate(table.ids)}
    ends: Sequence[int | None] = [rows.get(stored.alias.get(mention, mention)) for mention in pair]
    left, right = ends
    if left is None or right is None or left == right:
        return [], []
    hidden = frozenset(str(row["name"]) for row in store.database.records("hidden_names", _HIDDEN, ids=people))
    secret = frozenset(str(row["id"]) for row in store.database.records("hidden_bodies", _HIDDEN_BODIES))
    explainer = Explainer(
        table,
        background or default_background(),
        organisation_name=bodies.name_of,
        unnamed=hidden,
        unnamed_bodies=secret,
        unquoted=_unquoted(store.database, people, [table.ids[row] for row in (left, right)], secret),
    )
    compared = explainer.compare(left, right)
    return list(compared.hard), [Reason(points=part.points, sentence=part.sentence) for part in compared.parts]


def _unquoted(database: Database, people: Sequence[str], pair: Sequence[str], secret: frozenset[str]) -> frozenset[str]:
    """At which of these mentions does the affiliation as written name a body that may not be shown?"""
    rows = database.records("named_bodies", _NAMED_BODIES, ids=people, mentions=pair) if secret else []
    return frozenset(str(row["mention"]) for row in rows if not secret.isdisjoint(row["bodies"]))
