"""Trees stay trees: would a relationship of a hierarchy close a circle?"""

from __future__ import annotations

from collections import defaultdict
from typing import Final

from graph.claims import RelationshipClaim
from graph.database import Database

_PARENTS: Final = """
MATCH (a:Organisation)-[:PART_OF]->(b:Organisation)
RETURN 'Organisation' AS label, a.id AS child, b.id AS parent
UNION
MATCH (a:Region)-[:PART_OF]->(b:Region)
RETURN 'Region' AS label, a.code AS child, b.code AS parent
UNION
MATCH (a:Topic)-[:BROADER]->(b:Topic)
RETURN 'Topic' AS label, a.id AS child, b.id AS parent
"""
_HIERARCHIES: Final = frozenset({"PART_OF", "BROADER"})


class Hierarchy:
    """The parents of everything that is part of something, from the graph and from the run so far."""

    def __init__(self, database: Database) -> None:
        self._parents: dict[tuple[str, str], set[str]] = defaultdict(set)
        for row in database.records("hierarchies", _PARENTS):
            self._parents[row["label"], row["child"]].add(row["parent"])

    def closes_circle(self, claim: RelationshipClaim) -> str:
        """Return the circle as text ("甲 → 乙 → 甲") that this relationship would close, or "" after taking it in."""
        if claim.type.name not in _HIERARCHIES:
            return ""
        label, child = claim.start
        parent = claim.end[1]
        path = self._path(label, parent, child)
        if path:
            return " → ".join([child, *path])
        self._parents[label, child].add(parent)
        return ""

    def _path(self, label: str, start: str, goal: str) -> list[str]:
        """The way up from start to goal, or nothing."""
        if start == goal:
            return [goal]
        came_from: dict[str, str] = {start: ""}
        queue = [start]
        for node in queue:
            for parent in self._parents.get((label, node), ()):
                if parent in came_from:
                    continue
                came_from[parent] = node
                if parent == goal:
                    path = [goal]
                    while came_from[path[-1]]:
                        path.append(came_from[path[-1]])
                    return path[::-1]
                queue.append(parent)
        return []
