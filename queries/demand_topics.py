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
from queries.topic_tree import topic_tree

# Works whose topics are asked: those nearest to the text.
NEAREST_WORKS: Final = 50
# A one-letter name would stand in every text.
_SHORTEST_NAME: Final = 2


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
    tree = topic_tree(db, index)
    written = fold(question.text)
    names = [name for name in tree.by_name if len(name) >= _SHORTEST_NAME and name in written]
    named = {id_ for name in names for id_ in tree.by_name[name]}
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
            id=id_,
            name=tree.names[id_],
            scheme=tree.schemes[id_],
            named=id_ in named,
            works=len(works.get(id_, ())),
            share=sum(score[work] for work in sorted(works.get(id_, ()))) / whole,
        )
        for id_ in sorted(named | (works.keys() & tree.names.keys()))
    ]
    suggested.sort(key=lambda each: (not each.named, -len(each.name) if each.named else 0, -each.share, each.id))
    return suggested[:limit]
