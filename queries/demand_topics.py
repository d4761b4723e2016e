"""Of which topics does a text speak?  Proposals for the diagnosis of a demand; a person confirms them."""

from __future__ import annotations

from collections import defaultdict
from typing import Final

from pydantic import BaseModel, ConfigDict

from graph.database import Database, Query
from graph.text import fold
from graph.textindex import TextIndex
from queries.answers import Answer
from queries.retrieval import asked, check_limit, works_found

# Works whose topics are asked: those nearest to the text.
NEAREST_WORKS: Final = 50
# A one-letter name would stand in every text.
_SHORTEST_NAME: Final = 2


class TopicName(BaseModel):
    """A topic with its name and scheme."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    scheme: str


TOPIC_NAMES: Final = Query(
    "topic_names",
    """
MATCH (t:Topic)
WHERE t.tombstone IS NULL
RETURN t.id AS id, coalesce(t.name, t.id) AS name, coalesce(t.scheme, '') AS scheme
""",
    TopicName,
)


class WorkTopic(BaseModel):
    """A work and a topic that it is about."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    work: str
    topic: str


TOPICS_OF_WORKS: Final = Query(
    "topics_of_works",
    """
UNWIND $outputs AS id
MATCH (w:Output {id: id})-[:ABOUT]->(t:Topic)
WHERE t.tombstone IS NULL AND w.tombstone IS NULL AND coalesce(w.visibility, '') <> 'restricted'
RETURN DISTINCT w.id AS work, t.id AS topic
UNION ALL
UNWIND $projects AS id
MATCH (w:Project {id: id})-[:ABOUT]->(t:Topic)
WHERE t.tombstone IS NULL AND w.tombstone IS NULL AND coalesce(w.visibility, '') <> 'restricted'
RETURN DISTINCT w.id AS work, t.id AS topic
""",
    WorkTopic,
)


class SuggestedTopic(Answer):
    """A topic that a text may be about, and why.

    `named`: its name stands in the text; `share`: part of the retrieval score of the nearest works that are about it.
    """

    id: str
    name: str
    scheme: str
    named: bool
    works: int
    share: float


def topics_suggested(db: Database, index: TextIndex, *, text: str, limit: int = 10) -> list[SuggestedTopic]:
    """Which topics may this text be about?  Those it names first (the longest name first), then those of near works.

    Nearest are the 50 best works by BM25, whose scores are added up for each topic. Raises `InputError` for a limit out
    of bounds, `StoreUnavailableError`.
    """
    check_limit(limit)
    question = asked(text)
    topics = {row.id: row for row in db.read(TOPIC_NAMES)}
    written = fold(question.text)
    named = {id_ for id_, topic in topics.items() if len(key := fold(topic.name)) >= _SHORTEST_NAME and key in written}
    found = works_found(index, question, limit=NEAREST_WORKS)
    score = {hit.id: hit.score for hit in found}
    outputs = [hit.id for hit in found if hit.kind == "output"]
    projects = [hit.id for hit in found if hit.kind == "project"]
    works: dict[str, set[str]] = defaultdict(set)
    for row in db.read(TOPICS_OF_WORKS, outputs=outputs, projects=projects):
        works[row.topic].add(row.work)
    whole = sum(score.values()) or 1.0
    suggested = [
        SuggestedTopic(
            **topics[id_].model_dump(),
            named=id_ in named,
            works=len(works.get(id_, ())),
            share=sum(score[work] for work in sorted(works.get(id_, ()))) / whole,
        )
        for id_ in sorted(named | (works.keys() & topics.keys()))
    ]
    suggested.sort(key=lambda each: (not each.named, -len(each.name) if each.named else 0, -each.share, each.id))
    return suggested[:limit]
