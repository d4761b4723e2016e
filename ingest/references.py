"""What a record refers to without describing it: regions and topics by key or by name."""

from __future__ import annotations

from collections import defaultdict
from typing import Final

from graph.database import Database
from graph.text import fold

_REGIONS: Final = """
MATCH (r:Region)
WHERE r.tombstone IS NULL
RETURN r.code AS code, r.name AS name, r.level AS level
"""
_TOPICS: Final = """
MATCH (t:Topic)
WHERE t.tombstone IS NULL
RETURN t.id AS id, t.name AS name
"""
_REGION_SUFFIXES: Final = ("特别行政区", "维吾尔自治区", "壮族自治区", "回族自治区", "自治区", "省", "市")
# Where several schemes have a topic of one name, the association's own is meant.
_OWN_SCHEME: Final = "local:"


class References:
    """All regions and topics of a store by key and name, kept up to date while a run adds to them."""

    def __init__(self, database: Database) -> None:
        self._keys: dict[str, set[str]] = defaultdict(set)
        self._regions: dict[str, set[str]] = defaultdict(set)
        self._topics: dict[str, set[str]] = defaultdict(set)
        for row in database.records("known_regions", _REGIONS):
            self.note("Region", str(row["code"]), row["name"] or "", row["level"] or "")
        for row in database.records("known_topics", _TOPICS):
            self.note("Topic", str(row["id"]), row["name"] or "")

    def note(self, label: str, key: str, name: str, level: str = "") -> None:
        """Make a region or topic known."""
        self._keys[label].add(key)
        if label == "Topic" and name:
            self._topics[fold(name)].add(key)
        elif label == "Region" and name and level in {"province", "city"}:
            self._regions[_short_region(name)].add(key)

    def by_key(self, label: str, key: str) -> str | None:
        """Return the key when there is such a region or topic."""
        return key if key in self._keys[label] else None

    def by_name(self, label: str, name: str) -> str | None:
        """Return the one region or topic of this name, None when there is none or more than one could be meant."""
        if label == "Topic":
            named = self._topics.get(fold(name), set())
            return _only({t for t in named if t.startswith(_OWN_SCHEME)} or named)
        found = self._regions.get(_short_region(name), set())
        # 吉林 is a province and a city: the wider one is meant where only a name stands.
        return _only({code for code in found if len(code) == 2} or found)


def _only(found: set[str]) -> str | None:
    return next(iter(found)) if len(found) == 1 else None


def _short_region(name: str) -> str:
    folded = fold(name)
    for suffix in _REGION_SUFFIXES:
        if folded.endswith(suffix) and len(folded) > len(suffix) + 1:
            return folded[: -len(suffix)]
    return folded
