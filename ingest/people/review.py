"""The questions a person is asked about people: what settling left open, kept in the graph until it is looked at anew.

A question names two people (are they one?) or one person and some mentions (are these somebody else?). It is derived:
settling writes the questions of the names it looked at anew. One that an answer, a merge or an undo made pointless
is passed over when the queue is read. An answered one is kept closed as long as its answer, so that it comes back with
the answer taken back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Any, Final, Literal, LiteralString

from pydantic import BaseModel

from graph.audit import Effect
from graph.database import Database, Query, Transaction
from graph.errors import NotFoundError
from graph.store import Store
from ingest.people.clusters import Resolution
from ingest.people.known import Known, by_group, home_of

_PAGE: Final = 1_000
_PAIRS_PAGE: Final = 5_000
_POSTS_SHOWN: Final = 2


class ReviewQuestion(BaseModel, frozen=True):
    """Are `left` and `right` one person (kind same)? Is whoever stands at `mentions` not `left` (kind split)?

    `left_mention` and `right_mention` speak most for it, with `points`; `average` is over all pairs of the two, and
    `decides` the number of pairs of mentions an answer settles.
    """

    id: str
    kind: Literal["same", "split"]
    name_key: str
    left: str
    right: str = ""
    left_mention: str
    right_mention: str
    mentions: list[str] = []
    points: float
    average: float
    decides: int
    postponed_by: str | None = None


class _Asked(ReviewQuestion, frozen=True):
    """A question as it stands, with what may have become of its people: who they are now, and may they be shown."""

    open: bool
    left_name: str | None = None
    right_name: str | None = None


class OpenQuestion(ReviewQuestion, frozen=True):
    """A question with the people it is about today (merged ones are followed), their names and where they work.

    `left_posts` and `right_posts` are the bodies said most often of each, at most two, those that may be shown.
    """

    left_name: str
    right_name: str = ""
    left_posts: list[str] = []
    right_posts: list[str] = []


class QuestionCount(BaseModel, frozen=True):
    """How many questions the queue lists, and how many more with those put off."""

    questions: int
    postponed: int


class _Post(BaseModel, frozen=True):
    id: str
    name: str


class _AskedPair(BaseModel, frozen=True):
    id: str
    left_mention: str
    right_mention: str
    open: bool


# Who the people of the questions `q` are today: `a` (left) and `b` (right).
_TODAY: Final[LiteralString] = """
OPTIONAL MATCH (l:Person {id: q.left})
OPTIONAL MATCH (l)-[:MERGED_INTO*1..16]->(m)
WHERE NOT EXISTS { (m)-[:MERGED_INTO]->(:Person) }
OPTIONAL MATCH (r:Person {id: q.right})
OPTIONAL MATCH (r)-[:MERGED_INTO*1..16]->(n)
WHERE NOT EXISTS { (n)-[:MERGED_INTO]->(:Person) }
WITH q, coalesce(m, l) AS a, coalesce(n, r) AS b
"""
_OPEN: Final[LiteralString] = """
       a.id IS NOT NULL AND a.tombstone IS NULL AND coalesce(a.visibility, '') <> 'restricted' AND
       (q.kind = 'split' OR b.id IS NOT NULL AND b.tombstone IS NULL AND coalesce(b.visibility, '') <> 'restricted'
                            AND b.id <> a.id) AS open
"""
_QUEUE: Final = Query(
    "review_questions",
    """
MATCH (q:ReviewQuestion)
WHERE q.answered_by IS NULL AND ($later OR q.postponed_by IS NULL)
  AND ($name = '' OR q.name_key = $name) AND ($id = '' OR q.id = $id)
WITH q ORDER BY q.decides DESC, q.average DESC, q.id SKIP $skip LIMIT $limit"""
    + _TODAY
    + """
RETURN q.id AS id, q.kind AS kind, q.name_key AS name_key, coalesce(a.id, q.left) AS left,
       coalesce(b.id, q.right, '') AS right, a.name AS left_name, b.name AS right_name,
       q.left_mention AS left_mention, q.right_mention AS right_mention, coalesce(q.mentions, []) AS mentions,
       q.points AS points, q.average AS average, q.decides AS decides, q.postponed_by AS postponed_by,"""
    + _OPEN
    + """
ORDER BY decides DESC, average DESC, id""",
    _Asked,
)
_COUNT: Final = Query(
    "review_count",
    """
MATCH (q:ReviewQuestion)
WHERE q.answered_by IS NULL"""
    + _TODAY
    + """
WITH q,"""
    + _OPEN
    + """
WHERE open
RETURN count(CASE WHEN q.postponed_by IS NULL THEN 1 END) AS questions, count(q.postponed_by) AS postponed""",
    QuestionCount,
)
_POSTS: Final = Query(
    "review_posts",
    """
UNWIND $ids AS id MATCH (p:Person {id: id})-[r:AFFILIATED_WITH]->(o:Organisation)
WHERE o.tombstone IS NULL AND coalesce(o.visibility, '') <> 'restricted' AND coalesce(o.name, '') <> ''
WITH p.id AS id, o.name AS name, count(r) AS said
RETURN id, name
ORDER BY id, said DESC, name""",
    _Post,
)
# By id, not by rank: all are wanted, and ranking them for every page took most of the time.
_PAIRS: Final = Query(
    "review_pairs",
    """
MATCH (q:ReviewQuestion {kind: 'same'})
WHERE q.id > $after AND q.answered_by IS NULL
WITH q ORDER BY q.id LIMIT $limit"""
    + _TODAY
    + """
RETURN q.id AS id, q.left_mention AS left_mention, q.right_mention AS right_mention,"""
    + _OPEN
    + """
ORDER BY id""",
    _AskedPair,
)
_FORGET: Final = """
UNWIND $names AS name MATCH (q:ReviewQuestion {name_key: name})
WHERE q.answered_by IS NULL
WITH collect(q) AS old
UNWIND old AS q
DELETE q
"""
_FORGET_ALL: Final = """
MATCH (q:ReviewQuestion)
WHERE q.answered_by IS NULL
WITH collect(q) AS old
UNWIND old AS q
DELETE q
"""
_KEEP: Final = """
UNWIND $rows AS row
MERGE (q:ReviewQuestion {id: row.id})
SET q += row
REMOVE q.answered_by
"""
_LATER: Final = """
MATCH (q:ReviewQuestion {id: $id})
SET q.postponed_by = $actor
"""


def review_questions(
    database: Database, *, limit: int = 20, later: bool = False, name_key: str = ""
) -> list[OpenQuestion]:
    """Which questions are open, the one whose answer settles most first?

    `later` gives those put off as well, `name_key` only those of a name. Questions whose people have become one, are
    gone or may not be shown are passed over.
    """
    found: list[OpenQuestion] = []
    skip = 0
    while len(found) < limit:
        rows = database.read(_QUEUE, limit=_PAGE, skip=skip, later=later, name=name_key, id="")
        found += [_shown(row) for row in rows if row.open]
        if len(rows) < _PAGE:
            break
        skip += _PAGE
    return _with_posts(database, found[:limit])


def count_questions(database: Database) -> QuestionCount:
    """How many questions does the queue list?  Those passed over are not counted."""
    return database.read(_COUNT)[0]


def question_pairs(database: Database, *, page: int = _PAIRS_PAGE) -> list[tuple[str, str]]:
    """Which mentions are asked about in all open questions whether two people are one, those put off as well?

    Each question is the pair of mention ids that speak most for it, in the order of the questions' ids; `page` are
    read at once. Of a work posted twice the id of one posting stands for both (`ingest.people.stored.same_place`).
    """
    found: list[tuple[str, str]] = []
    after = ""
    while rows := database.read(_PAIRS, after=after, limit=page):
        found += [(row.left_mention, row.right_mention) for row in rows if row.open]
        after = rows[-1].id
    return found


def review_question(database: Database, id_: str) -> OpenQuestion:
    """Return one open question; raises `NotFoundError` when there is none (answered, or its names were looked at)."""
    rows = database.read(_QUEUE, limit=1, skip=0, later=True, name="", id=id_ or "?")
    if not rows or not rows[0].open:
        raise NotFoundError(f"没有编号为 {id_} 的待确认问题", hint="可能已经回答；用 zhiku identity queue 查看现有的")
    return _with_posts(database, [_shown(rows[0])])[0]


def _with_posts(database: Database, asked: Sequence[OpenQuestion]) -> list[OpenQuestion]:
    """Say where the people of these questions work, without which two of one name look the same."""
    ids = sorted({id_ for one in asked for id_ in (one.left, one.right) if id_})
    posts: defaultdict[str, list[str]] = defaultdict(list)
    for post in database.read(_POSTS, ids=ids) if ids else ():
        posts[post.id].append(post.name)
    shown = {id_: list(dict.fromkeys(names))[:_POSTS_SHOWN] for id_, names in posts.items()}
    return [
        one.model_copy(update={"left_posts": shown.get(one.left, []), "right_posts": shown.get(one.right, [])})
        for one in asked
    ]


def _shown(row: _Asked) -> OpenQuestion:
    return OpenQuestion(
        **row.model_dump(exclude={"open", "left_name", "right_name"}),
        left_name=row.left_name or "",
        right_name=row.right_name or "",
    )


def postpone(store: Store, id_: str, *, actor: str) -> OpenQuestion:
    """Put a question off: it leaves the queue until its names are looked at anew. Raises `NotFoundError`."""
    found = review_question(store.database, id_)

    def work(transaction: Transaction, _number: int) -> Effect[None]:
        transaction.run(_LATER, {"id": id_, "actor": actor})
        return Effect(None)

    store.audit.write(actor=actor, action="identity_later", subject=id_, work=work)
    return found


def questions_of(known: Known, found: Resolution, survivors: dict[str, str]) -> list[ReviewQuestion]:
    """Return what settling leaves open; `survivors` says into whom people were merged."""
    person_of: dict[int, str] = {}
    for person, rows in known.mentions_of.items():
        for row in rows:
            person_of[row] = survivors.get(person, person)
    asked: dict[str, ReviewQuestion] = {}
    ids, blocks = known.table.ids, known.table.block
    for question in found.questions:
        one, other = question.pair
        left, right = person_of[one], person_of[other]
        if left == right:
            continue
        if right < left:
            left, right, one, other = right, left, other, one
        kept = ReviewQuestion(
            id=_id("same", left, right),
            kind="same",
            name_key=known.table.names[int(blocks[one])],
            left=left,
            right=right,
            left_mention=ids[one],
            right_mention=ids[other],
            points=question.score,
            average=question.average,
            decides=question.decides,
        )
        asked.setdefault(kept.id, kept)
    return [*asked.values(), *_splits(known, found, person_of)]


def _splits(known: Known, found: Resolution, person_of: dict[int, str]) -> list[ReviewQuestion]:
    """A person whose mentions the recipe would not bring together (any more): is the smaller part somebody else?"""
    rows_of: defaultdict[str, list[int]] = defaultdict(list)
    for row, person in person_of.items():
        rows_of[person].append(row)
    asked: list[ReviewQuestion] = []
    for person, rows in rows_of.items():
        groups = by_group(found, rows)
        home = home_of(groups)
        for group in groups.keys() - {home}:
            leaving, staying = groups[group], groups[home]
            mentions = sorted(known.table.ids[row] for row in leaving)
            asked.append(
                ReviewQuestion(
                    id=_id("split", person, mentions[0]),
                    kind="split",
                    name_key=known.table.names[int(known.table.block[leaving[0]])],
                    left=person,
                    left_mention=min(known.table.ids[row] for row in staying),
                    right_mention=mentions[0],
                    mentions=mentions,
                    points=0.0,
                    average=0.0,
                    decides=len(leaving) * len(staying),
                )
            )
    return asked


def keep_questions(store: Store, names: Iterable[str] | None, asked: Sequence[ReviewQuestion], *, actor: str) -> None:
    """Write these questions in the place of those that the names had (None: of all that there are)."""
    rows = [question.model_dump(exclude={"postponed_by"}) for question in asked]
    if names is None:
        _write(store, _FORGET_ALL, {}, actor=actor)
    listed = sorted(set(names or ()))
    for start in range(0, len(listed), _PAGE):
        _write(store, _FORGET, {"names": listed[start : start + _PAGE]}, actor=actor)
    for start in range(0, len(rows), _PAGE):
        _write(store, _KEEP, {"rows": rows[start : start + _PAGE]}, actor=actor)


def _write(store: Store, text: LiteralString, parameters: dict[str, Any], *, actor: str) -> None:
    def work(transaction: Transaction, _number: int) -> Effect[None]:
        transaction.run(text, parameters)
        return Effect(None)

    store.audit.write(actor=actor, action="identity_questions", subject="identity:people", work=work)


def _id(kind: str, left: str, right: str) -> str:
    """Short enough to be typed; of a million questions two share an id with a chance of 5e-8 (64 bits, birthday)."""
    return f"Q{blake2b(f'{kind}|{left}|{right}'.encode(), digest_size=8).hexdigest()}"
