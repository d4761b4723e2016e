"""What settling found suspicious, in sentences: groups too large or contradictory, which a person should look at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from graph.database import Database
from ingest.people.clusters import TOO_MANY, Flag
from ingest.people.known import Known
from ingest.people.mentions import MentionTable

# More sentences than this nobody reads in a report; the number of all stands beside them.
MOST_SAID: Final = 20
_HIDDEN_NAME: Final = "（不公开的姓名）"
_PAGE: Final = 2_000
_RESTRICTED: Final = """
UNWIND $ids AS id MATCH (p:Person {id: id})
WHERE p.visibility = 'restricted'
RETURN p.id AS id
"""


def flags_said(database: Database, known: Known, flags: Sequence[Flag]) -> tuple[str, ...]:
    """Which groups of mentions should a person look at, and why?  The largest first, at most `MOST_SAID` sentences.

    Each is "name: reason" with the name as most of the mentions write it. Where a person of the group is restricted the
    name is not said; one that more than `TOO_MANY` mentions bear is nobody's in particular, and said if somebody who is
    not restricted bears it. Asked before the people are joined: it looks up who is restricted now.
    """
    ids = known.table.ids
    chosen = sorted(flags, key=lambda flag: (-len(flag.rows), ids[flag.rows[0]], flag.reason))[:MOST_SAID]
    wanted = {row for flag in chosen for row in flag.rows}
    holders: dict[int, list[str]] = {}
    for person, rows in known.mentions_of.items():
        for row in rows.keys() & wanted:
            holders.setdefault(row, []).append(person)
    hidden = _restricted(database, {person for people in holders.values() for person in people})
    sentences: list[str] = []
    for flag in chosen:
        shown = [row for row in flag.rows if hidden.isdisjoint(holders.get(row, ()))]
        nameable = shown and (len(shown) == len(flag.rows) or len(flag.rows) > TOO_MANY)
        name = _usual(known.table, shown) if nameable else _HIDDEN_NAME
        sentences.append(f"{name}：{flag.reason}")
    return tuple(sentences)


def _usual(table: MentionTable, rows: Iterable[int]) -> str:
    """How most of these mentions write the name; of equally frequent ones the first in the order of characters."""
    counted = Counter(table.written[int(table.name_written[row])] for row in rows)
    return min(counted, key=lambda name: (-counted[name], name))


def _restricted(database: Database, people: Iterable[str]) -> frozenset[str]:
    found: set[str] = set()
    listed = sorted(people)
    for start in range(0, len(listed), _PAGE):
        rows = database.records("identity_restricted", _RESTRICTED, ids=listed[start : start + _PAGE])
        found.update(str(row["id"]) for row in rows)
    return frozenset(found)
