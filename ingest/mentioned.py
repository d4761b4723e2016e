"""Who is named on a work by which unit: two rows of one source that say the same thing are one mention.

A project stands in a row for each of its outputs (nssfc_projects: 3,249 of 58,098 projects name leader and unit twice).
The first row names the person; the others only repeat it. Of another unit, or under another identifier, it may be a
namesake: those stay two people.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from hashlib import blake2b
from typing import Any, Final, NamedTuple

from graph.text import fold
from ingest.source import Draft

Spot = bytes
"""Digest of work, relationship, name, units, identifier, and the how-manieth of those in its row."""
Spots = dict[int, dict[tuple[int, str], Spot]]
"""By the index of a person in a draft: index of the work and type of the link → spot."""


class Mention(NamedTuple):
    """A mention that the graph has: whose it is, its id, and the key of its relationship."""

    person: str
    id: str
    key: str


class Mentioned:
    """The mentions of one source, from the graph (those of a chunk's works) and from the run so far."""

    def __init__(self) -> None:
        self._stored: dict[Spot, Mention] = {}
        self._said: dict[Spot, str] = {}

    def load(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Forget the last chunk's mentions and take in these (work, type, name, organisations, orcid, key …)."""
        self._stored.clear()
        counted: Counter[tuple[str, ...]] = Counter()
        # member2 before member10, as in a row.
        for row in sorted(rows, key=lambda r: (len(str(r["key"])), str(r["key"]), str(r["mention"]))):
            named = _named(row["work"], row["type"], row["name"], row["organisations"] or (), row["orcid"])
            mention = Mention(str(row["person"]), str(row["mention"]), str(row["key"]))
            counted[named] += 1
            self._stored[_digest(named, counted[named])] = mention

    def person_at(self, spots: Iterable[Spot]) -> str | None:
        """Whom did another row of this source name there?  None when no row did."""
        for spot in spots:
            if spot in self._said:
                return self._said[spot]
            if spot in self._stored:
                return self._stored[spot].person
        return None

    def repeats(self, spot: Spot, person: str) -> bool:
        """Did this run say it before?  If not, it is noted."""
        known = self._said.get(spot)
        if known is None:
            self._said[spot] = person
        return known == person

    def stored(self, spot: Spot, person: str) -> Mention | None:
        """Return the mention by which the graph has it, None when it has none of this person."""
        known = self._stored.get(spot)
        return known if known is not None and known.person == person else None


def spots_of(draft: Draft, ids: Mapping[int, str]) -> Spots:
    """Where does each mention of a draft stand, given the ids of its works and organisations?

    People whom the source itself numbers are left out: the number says who is who.
    """
    found: Spots = {}
    counted: Counter[tuple[str, ...]] = Counter()
    for link in draft.links:
        person = draft.entities[link.start]
        if not link.mention or link.end not in ids or person.own:
            continue
        units = [ids[index] for index in person.employers if index in ids]
        named = _named(ids[link.end], link.type.name, person.written, units, person.properties.get("orcid"))
        counted[named] += 1
        found.setdefault(link.start, {})[link.end, link.type.name] = _digest(named, counted[named])
    return found


def _named(work: object, type_: object, name: object, units: Collection[str], orcid: object) -> tuple[str, ...]:
    return str(work), str(type_), fold(str(name or "")), str(orcid or ""), *sorted(set(units))


def _digest(named: tuple[str, ...], place: int) -> Spot:
    text = _SEPARATOR.join((str(place), *named))
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


_SEPARATOR: Final = "\x1f"

__all__ = ["Mention", "Mentioned", "Spot", "Spots", "spots_of"]
