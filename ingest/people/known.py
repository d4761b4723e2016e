"""The mentions of some names, or of all, read from the graph as the recipe wants them, with counts and decisions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, LiteralString

from graph.database import Database
from graph.decisions import PERSON_MENTIONS, Decision, decided_at, decisions_about
from graph.documents import Label, changed
from graph.store import Store
from ingest.organisations import Organisations
from ingest.people.clusters import Resolution, resolve_blocks
from ingest.people.constraints import Decisions
from ingest.people.mentions import MentionTable
from ingest.people.statistics import Background, count_background
from ingest.people.stored import StoredMentions

_PAGE: Final = 2_000

WITH_MENTIONS: Final[tuple[Label, ...]] = ("Person", "Output", "Project")
_NAMES: Final[dict[Label, LiteralString]] = {
    "Person": """
UNWIND $ids AS id MATCH (p:Person {id: id})
WHERE p.tombstone IS NULL AND p.name_key IS NOT NULL
RETURN DISTINCT p.name_key AS name
""",
    "Output": """
UNWIND $ids AS id MATCH (w:Output {id: id})
WITH w MATCH (w)<-[:AUTHORED]-(p)
WHERE p.tombstone IS NULL AND p.name_key IS NOT NULL
RETURN DISTINCT p.name_key AS name
""",
    "Project": """
UNWIND $ids AS id MATCH (w:Project {id: id})
WITH w MATCH (w)<-[:LED|PARTICIPATED_IN]-(p)
WHERE p.tombstone IS NULL AND p.name_key IS NOT NULL
RETURN DISTINCT p.name_key AS name
""",
}
_ORCIDS: Final = """
UNWIND $names AS name MATCH (p:Person {name_key: name})
WHERE p.tombstone IS NULL AND p.orcid IS NOT NULL
RETURN DISTINCT p.orcid AS orcid
"""
_ORCID_NAMES: Final = """
UNWIND $orcids AS orcid MATCH (p:Person {orcid: orcid})
WHERE p.tombstone IS NULL
RETURN orcid, collect(DISTINCT p.name_key) AS names
"""


@dataclass(slots=True)
class Known:
    """The mentions read, as the recipe sees them: `mentions_of` says what of each row stands at each person.

    `decided` tells whether anything was decided since it was read (`graph.decisions.decided_so_far`).
    """

    stored: StoredMentions
    table: MentionTable
    background: Background
    decisions: Decisions
    exclusive: frozenset[str]
    names: frozenset[str]
    decided: tuple[int, str]
    mentions_of: dict[str, dict[int, list[str]]] = field(default_factory=dict[str, "dict[int, list[str]]"])

    def resolve(self) -> Resolution:
        """Group the mentions."""
        return resolve_blocks(self.table, self.background, self.decisions, exclusive=self.exclusive)


def names_known(store: Store, names: Iterable[str], background: Background) -> Known:
    """Read all mentions of these names, and of names that share an ORCID with them."""
    said = decisions_about(store.database, PERSON_MENTIONS)
    wanted = _with_orcid_names(store.database, names)
    stored = StoredMentions(store.database, Organisations.load(store.database).root)
    stored.read_names(wanted)
    return _known(stored, background, frozenset(wanted), said, stored.table())


def everything_known(store: Store, tell: Callable[[int], None]) -> Known:
    """Read all mentions of the store, and count its names, organisations and words anew."""
    said = decisions_about(store.database, PERSON_MENTIONS)
    ids = changed(store.database, 0, store.audit.head().number)
    stored = StoredMentions(store.database, Organisations.load(store.database).root)
    stored.read_all(ids["Output"], ids["Project"], ids["Person"], tell)
    table = stored.table()
    return _known(stored, count_background(table), frozenset(table.names), said, table)


def _known(
    stored: StoredMentions,
    background: Background,
    names: frozenset[str],
    said: Sequence[Decision],
    table: MentionTable,
) -> Known:
    pairs: dict[str, set[tuple[str, str]]] = {"same": set(), "different": set()}
    for decision in said:
        one, other = sorted(stored.alias.get(end, end) for end in (decision.subject, decision.object))
        pairs[decision.outcome].add((one, other))
    decisions = Decisions(frozenset(pairs["same"]), frozenset(pairs["different"]))
    listed = frozenset(item.rpartition(":")[0] for item in table.identifiers if item.startswith("id:"))
    known = Known(stored, table, background, decisions, listed | {"orcid"}, names, decided_at(said))
    row_of = {mention: row for row, mention in enumerate(table.ids)}
    for mention, person in stored.holder.items():
        row = row_of[stored.alias.get(mention, mention)]
        known.mentions_of.setdefault(person, {}).setdefault(row, []).append(mention)
    return known


def by_group(found: Resolution, rows: Iterable[int]) -> dict[int, list[int]]:
    """The rows of a person by the group that the recipe puts them in."""
    groups: dict[int, list[int]] = {}
    for row in rows:
        groups.setdefault(int(found.component[row]), []).append(row)
    return groups


def home_of(groups: Mapping[int, Sequence[int]]) -> int:
    """In which of these groups is a person at home?  Where most of the mentions are, the first of equals."""
    return min(groups, key=lambda group: (-len(groups[group]), group))


def names_of(database: Database, touched: Mapping[Label, Sequence[str]]) -> set[str]:
    """Return the block keys of these people and of everyone on these works, those without claims left out."""
    names: set[str] = set()
    for label, text in _NAMES.items():
        ids = touched[label]
        for start in range(0, len(ids), _PAGE):
            rows = database.records("identity_names", text, ids=list(ids[start : start + _PAGE]))
            names.update(str(row["name"]) for row in rows)
    return names


def _with_orcid_names(database: Database, names: Iterable[str]) -> set[str]:
    """These names, and those that an ORCID of theirs leads to."""
    wanted = set(names) - {""}
    asked = sorted(wanted)
    orcids: set[str] = set()
    for start in range(0, len(asked), _PAGE):
        rows = database.records("identity_orcids", _ORCIDS, names=asked[start : start + _PAGE])
        orcids.update(str(row["orcid"]) for row in rows)
    listed = sorted(orcids)
    for start in range(0, len(listed), _PAGE):
        for row in database.records("identity_orcid_names", _ORCID_NAMES, orcids=listed[start : start + _PAGE]):
            wanted.update(str(name) for name in row["names"] if name)
    return wanted
