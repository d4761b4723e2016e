"""Which of the works found are in the discipline that the asker gave?"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from pydantic import BaseModel, ConfigDict

from graph.database import Database, Query
from graph.text import fold
from graph.textindex import TextIndex, WorkHit
from queries.topic_tree import topic_tree


class WorkInDiscipline(BaseModel):
    """The id of a work."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str


OUTPUTS_IN_DISCIPLINE: Final = Query(
    "outputs_in_discipline",
    """
UNWIND $works AS id
MATCH (w:Output {id: id})
WHERE EXISTS { (w)-[:ABOUT]->(t:Topic) WHERE t.id IN $topics }
RETURN w.id AS id
""",
    WorkInDiscipline,
)

PROJECTS_IN_DISCIPLINE: Final = Query(
    "projects_in_discipline",
    """
UNWIND $works AS id
MATCH (w:Project {id: id})
WHERE w.discipline IN $names OR EXISTS { (w)-[:ABOUT]->(t:Topic) WHERE t.id IN $topics }
RETURN w.id AS id
""",
    WorkInDiscipline,
)


class Discipline:
    """A discipline as it was given: topics of any scheme with that id or name and all narrower ones, and the name."""

    def __init__(self, db: Database, index: TextIndex, written: str) -> None:
        self._db = db
        tree = topic_tree(db, index)
        self.topics = sorted(tree.subtree(tree.meant(written.strip())))
        known = {tree.names[id] for id in self.topics if id in tree.names}
        self.name = next((tree.names[id] for id in tree.meant(written.strip())), written.strip())
        self._names = sorted({written.strip(), fold(written), *known})

    def works(self, found: Iterable[WorkHit]) -> Collection[str]:
        """Which of the works are about one of the topics, or projects of a discipline of one of the names?"""
        ids: dict[str, list[str]] = {"output": [], "project": []}
        for hit in found:
            ids[hit.kind].append(hit.id)
        inside = self._db.read(PROJECTS_IN_DISCIPLINE, works=ids["project"], topics=self.topics, names=self._names)
        if self.topics:
            inside += self._db.read(OUTPUTS_IN_DISCIPLINE, works=ids["output"], topics=self.topics)
        return {row.id for row in inside}
