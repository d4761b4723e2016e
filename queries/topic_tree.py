"""The topics of all schemes and what is broader than what, in memory: fields as filters, and counts per field."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Final
from weakref import WeakKeyDictionary

from pydantic import BaseModel, ConfigDict

from graph.database import Database, Query
from graph.text import fold
from graph.textindex import TextIndex


class TopicLine(BaseModel):
    """One topic with the topics directly above it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    scheme: str
    broader: list[str]


TOPIC_TREE: Final = Query(
    "topic_tree",
    """
MATCH (t:Topic)
WHERE t.tombstone IS NULL AND coalesce(t.visibility, '') <> 'restricted'
RETURN t.id AS id, coalesce(t.name, t.id) AS name, coalesce(t.scheme, '') AS scheme,
  [(t)-[:BROADER]->(b:Topic) WHERE b.tombstone IS NULL | b.id] AS broader
""",
    TopicLine,
)


@dataclass(frozen=True, slots=True)
class TopicTree:
    """Topics by id, their schemes, the broader and narrower ones of each, and ids by name as names are compared."""

    names: Mapping[str, str]
    schemes: Mapping[str, str]
    broader: Mapping[str, tuple[str, ...]]
    narrower: Mapping[str, tuple[str, ...]]
    roots: tuple[str, ...]
    by_name: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, lines: Collection[TopicLine]) -> TopicTree:
        """Make the tree; a topic that is only part of a circle is below no root."""
        names = {line.id: line.name for line in lines}
        broader: dict[str, tuple[str, ...]] = {}
        narrower: defaultdict[str, set[str]] = defaultdict(set)
        by_name: defaultdict[str, set[str]] = defaultdict(set)
        roots: list[str] = []
        for line in lines:
            by_name[fold(line.name)].add(line.id)
            above = {id for id in line.broader if id in names and id != line.id}
            broader[line.id] = tuple(sorted(above))
            for id in above:
                narrower[id].add(line.id)
            if not above:
                roots.append(line.id)
        return cls(
            names,
            {line.id: line.scheme for line in lines},
            broader,
            {id: tuple(sorted(below)) for id, below in narrower.items()},
            tuple(sorted(roots)),
            {name: tuple(sorted(ids)) for name, ids in by_name.items()},
        )

    def meant(self, written: str) -> tuple[str, ...]:
        """Which topics does an id or a name (in any spelling) stand for?  None when there is no such topic."""
        return (written,) if written in self.names else self.by_name.get(fold(written), ())

    def subtree(self, ids: Collection[str]) -> set[str]:
        """Return these topics and all narrower ones; a circle ends where it closes."""
        return _reached(ids, self.narrower)

    def above(self, id: str) -> set[str]:
        """Return a topic and all broader ones; a circle ends where it closes."""
        return _reached([id], self.broader)

    def spellings(self, ids: Collection[str]) -> set[str]:
        """Return the names of these topics as declared fields are compared."""
        return {fold(self.names[id]) for id in ids if id in self.names}


def _reached(ids: Collection[str], steps: Mapping[str, tuple[str, ...]]) -> set[str]:
    found = set(ids)
    level = list(found)
    while level:
        level = [next_ for id in level for next_ in steps.get(id, ()) if next_ not in found]
        found.update(level)
    return found


_kept: WeakKeyDictionary[TextIndex, tuple[int, TopicTree]] = WeakKeyDictionary()
_one_at_a_time = Lock()


def topic_tree(db: Database, index: TextIndex) -> TopicTree:
    """Return all topics: read once for every write that the index has seen (5,000 topics take some 50 ms)."""
    sequence = index.sequence
    with _one_at_a_time:
        known = _kept.get(index)
    if known is not None and known[0] == sequence:
        return known[1]
    tree = TopicTree.of(db.read(TOPIC_TREE))
    with _one_at_a_time:
        _kept[index] = (sequence, tree)
    return tree
