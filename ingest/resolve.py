"""Which person or organisation of the graph is the one of a record?  Drafts in, claims with final ids out.

A mention that is known keeps its person; a second posting of one work names the people of the first; a row about a
person is that person wherever a merge has led it. Every other mention becomes a person of its own: whether two people
are one is decided over all mentions of a name at once (`people/settling.py`), never by who came first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, cast

from graph.claims import NodeClaim, RelationshipClaim, node_claim, relationship_claim
from graph.errors import InputError
from graph.identity import mention_id, new_id
from graph.model import Value
from graph.store import Store
from graph.text import fold
from ingest.mentioned import Mentioned, Spot, Spots, spots_of
from ingest.organisations import Match, Organisations
from ingest.readers import Record
from ingest.references import References
from ingest.source import Draft, Entity, Link, bounded_row_key
from ingest.works_by_doi import WorksByDoi

_MENTIONS: Final = """
UNWIND $keys AS key MATCH (w:Output {id: key})
WITH w MATCH (w)<-[r:AUTHORED]-(p:Person)
WHERE r.source = $source
RETURN r.mention AS mention, p.id AS person, p.name_key AS name_key, w.id AS work, r.key AS key,
       r.name_as_written AS name, type(r) AS type, r.organisations AS organisations, p.orcid AS orcid
UNION ALL
UNWIND $keys AS key MATCH (w:Project {id: key})
WITH w MATCH (w)<-[r:LED|PARTICIPATED_IN]-(p:Person)
WHERE r.source = $source
RETURN r.mention AS mention, p.id AS person, p.name_key AS name_key, w.id AS work, r.key AS key,
       r.name_as_written AS name, type(r) AS type, r.organisations AS organisations, p.orcid AS orcid
"""
_PEOPLE_BY_ID: Final = """
UNWIND $keys AS key
MATCH (p:Person {id: key})
OPTIONAL MATCH (p)-[:MERGED_INTO*1..16]->(s)
WHERE NOT EXISTS { (s)-[:MERGED_INTO]->(:Person) }
RETURN key, coalesce(s.id, p.id) AS person, coalesce(s.name_key, p.name_key) AS name_key
"""
_ORGANISATIONS_BY_ID: Final = """
UNWIND $keys AS key
MATCH (o:Organisation {id: key})
RETURN key
"""


@dataclass(slots=True)
class _Asked:
    """What a chunk of drafts wants to know of the graph."""

    works: set[str] = field(default_factory=set[str])
    dois: set[str] = field(default_factory=set[str])
    people: set[str] = field(default_factory=set[str])
    bodies: set[str] = field(default_factory=set[str])


@dataclass(slots=True)
class _Open:
    """A draft being resolved: what its entities turned out to be."""

    draft: Draft
    ids: dict[int, str] = field(default_factory=dict[int, str])
    matches: dict[int, Match] = field(default_factory=dict[int, Match])
    used: set[str] = field(default_factory=set[str])
    mentions: frozenset[int] = frozenset()
    spots: Spots | None = None


@dataclass(slots=True)
class Resolved:
    """The claims of one draft, and the links whose other end is not there yet."""

    nodes: list[NodeClaim] = field(default_factory=list[NodeClaim])
    relationships: list[RelationshipClaim] = field(default_factory=list[RelationshipClaim])
    pending: list[tuple[Draft, Link, dict[int, str]]] = field(default_factory=list[tuple[Draft, Link, dict[int, str]]])


class Resolver:
    """Finds out who the people and organisations of drafts are; remembers what a run has added so far."""

    def __init__(self, store: Store, source_id: str, makes: frozenset[str]) -> None:
        self._store, self._source, self._makes = store, source_id, makes
        self.organisations = Organisations.load(store.database)
        self._references = References(store.database)
        # Ids of people that are there, with the person each leads to and that one's block key.
        self._people: dict[str, tuple[str, str]] = {}
        self._name_of: dict[str, str] = {}
        self._mentions: dict[str, str] = {}
        # Two postings of one paper are one work: who stands at a place of it under a name, whichever posting said so.
        self._places: dict[tuple[str, str, str], str] = {}
        # Two rows of one project are one project: whom the first of them named on it, by which unit.
        self._mentioned = Mentioned()
        self._works = WorksByDoi()
        self._existing: set[str] = set()
        # Ids come from the source: before it has said anything, none of its own can be in the graph.
        self.first = False

    # --- one read of each kind for a chunk of drafts ------------------------------------------------------------------

    def prepare(self, drafts: Sequence[Draft]) -> None:
        """Ask the graph at once for all that the drafts of a chunk may mean."""
        records = self._store.database.records
        asked = self._asked(drafts)
        self._works.load(self._store.database, asked.dois)
        works = sorted(self._works.bearing(asked.dois) | (set() if self.first else asked.works))
        self._mentions.clear()
        self._places.clear()
        self._name_of.clear()
        rows = records("known_mentions", _MENTIONS, keys=works, source=self._source) if works else []
        self._mentioned.load(rows)
        for row in rows:
            self._mentions[str(row["mention"])] = str(row["person"])
            self._name_of[str(row["person"])] = str(row["name_key"])
            self._places[str(row["work"]), str(row["key"]), str(row["name"])] = str(row["person"])
        self._existing.clear()
        self._people.clear()
        if asked.people and not self.first:
            for row in records("people_by_id", _PEOPLE_BY_ID, keys=sorted(asked.people)):
                self._people[str(row["key"])] = str(row["person"]), str(row["name_key"])
        if asked.bodies:
            rows = records("organisations_by_id", _ORGANISATIONS_BY_ID, keys=sorted(asked.bodies))
            self._existing.update(str(row["key"]) for row in rows)

    def _asked(self, drafts: Sequence[Draft]) -> _Asked:
        asked = _Asked()
        for draft in drafts:
            for entity in draft.entities:
                label, properties = entity.type.label, entity.properties
                if label == "Person":
                    asked.people.add(self._own_id(draft, entity))
                elif label in {"Output", "Project"}:
                    asked.works.add(self._own_id(draft, entity))
                    asked.dois.update(_given(properties, "doi"))
                elif label == "Organisation" and "name_key" in properties:
                    asked.bodies.add(self._own_id(draft, entity))
        return asked

    # --- one draft ----------------------------------------------------------------------------------------------------

    def resolve(self, draft: Draft) -> Resolved:
        """Return the claims of a draft; links to things that are not there (yet) are `pending`."""
        result = Resolved()
        work = _Open(draft, mentions=frozenset(link.start for link in draft.links if link.mention))
        ids = work.ids
        order = {"Organisation": 0, "Person": 2}
        for index in sorted(range(len(draft.entities)), key=lambda i: (order.get(draft.entities[i].type.label, 1), i)):
            entity = draft.entities[index]
            try:
                claim = self._identify(work, index, entity)
            except InputError as error:
                draft.reject(entity.column, entity.written or entity.key, error.message)
                continue
            if claim is not None:
                result.nodes.append(claim)
        for link in draft.links:
            if link.start in ids and link.end in ids:
                self._add_link(work, link, result)
                continue
            missing = [draft.entities[i] for i in (link.start, link.end) if i not in ids]
            if not all(entity.reference for entity in missing):
                continue
            if all(entity.type.label in self._makes for entity in missing):
                result.pending.append((draft, link, ids))
            else:
                _reject_unknown(draft, link, missing)
        if result.pending:
            # Waits for the end of the run, maybe with a million others: without the record's own text.
            draft.record = Record(draft.record.file, draft.record.sheet, draft.record.row, {})
        return result

    def _identify(self, work: _Open, index: int, entity: Entity) -> NodeClaim | None:
        draft, ids = work.draft, work.ids
        label = entity.type.label
        if entity.reference:
            if found := self.find_reference(entity):
                ids[index] = found
            return None
        if label == "Organisation":
            return self._organisation(work, index, entity)
        if label == "Person":
            key = self._person(work, index, entity)
            work.used.add(key)
        elif entity.key:
            key = entity.key
        else:
            doi, title = str(entity.properties.get("doi", "")), str(entity.properties.get("title", ""))
            key = self._works.identify(doi, title, self._own_id(draft, entity))
        claim = node_claim(entity.type, key, entity.properties, entity.labels)
        ids[index] = key
        if label in {"Region", "Topic"}:
            name, level = str(entity.properties.get("name", "")), str(entity.properties.get("level", ""))
            self._references.note(label, key, name, level)
        return claim

    def _organisation(self, work: _Open, index: int, entity: Entity) -> NodeClaim | None:
        draft, properties = work.draft, entity.properties
        if "name_key" in properties:
            own = self._own_id(draft, entity)
            ror, uscc = str(properties.get("ror", "")), str(properties.get("uscc", ""))
            external = cast(list[str], properties.get("external_ids", []))
            registered = self.organisations.by_register(entity.written, ror=ror, uscc=uscc, external=external)
            key = own if own in self._existing else registered or own
            work.ids[index], work.matches[index] = key, Match(key)
            self.organisations.add(
                key,
                name_key=str(properties["name_key"]),
                verified=bool(properties.get("verified")),
                legal=cast(bool | None, properties.get("is_legal_entity")),
                kind=str(properties.get("kind", "")),
                ror=ror,
                uscc=uscc,
                external=external,
            )
            return node_claim(entity.type, key, properties, entity.labels)
        name, department = self.organisations.unknown_name(entity.written, entity.hint)
        match = self.organisations.match(entity.written, entity.hint)
        if match is None:
            key = self._own_id(draft, entity)
            if self.organisations.knows(key):
                key = new_id(
                    entity.type.prefix, self._store.key, self._source, draft.row_key, f"{entity.position}/{name}"
                )
            match = Match(key, department)
            self.organisations.add(key, name_key=fold(name))
        work.ids[index], work.matches[index] = match.id, match
        # A registered body's own sources speak for it. What is known from strings only is claimed by every source that
        # writes it, so that it stays while one of them does.
        if not self.organisations.is_unregistered(match.id, fold(name)):
            return None
        return node_claim(entity.type, match.id, {**properties, "name": name, "name_key": fold(name)}, entity.labels)

    def _person(self, work: _Open, index: int, entity: Entity) -> str:
        draft, properties = work.draft, entity.properties
        own = self._own_id(draft, entity)
        found = self._mentions.get(mention_id(self._source, draft.row_key, entity.position))
        if found is None:
            found = self._mentioned.person_at(self._spots(work, index).values()) or self._at_place(work, entity)
            # Two mentions of one work are two people, unless a person said otherwise: then the id leads there.
            found = None if found in work.used else found
        found, name = (found, self._name_of.get(found)) if found else self._people.get(own, (own, None))
        if found != own and name == properties["name_key"]:
            # Spellings of one name: the person keeps the one it has, the mention keeps its own.
            del properties["name"], properties["name_key"]
        if entity.own:
            listed = cast(list[str], properties.get("external_ids", []))
            properties["external_ids"] = list(dict.fromkeys([*listed, f"{self._source}:{entity.own}"]))
        if index not in work.mentions:
            where = (entity.own, entity.slot) if entity.own else (draft.row_key, entity.position)
            properties["records"] = [mention_id(self._source, bounded_row_key(where[0]), where[1])]
        return found

    def _spots(self, work: _Open, person: int) -> dict[tuple[int, str], Spot]:
        if work.spots is None:
            work.spots = spots_of(work.draft, work.ids)
        return work.spots.get(person, {})

    def _at_place(self, work: _Open, entity: Entity) -> str | None:
        """Who stands there in another posting of the work?  A second row of the same posting may name a namesake."""
        for index, other in enumerate(work.draft.entities):
            if (
                index in work.ids
                and other.type.label == "Output"
                and work.ids[index] != self._own_id(work.draft, other)
            ):
                found = self._places.get((work.ids[index], entity.position, entity.written))
                if found is not None:
                    return found
        return None

    def _own_id(self, draft: Draft, entity: Entity) -> str:
        if not entity.made_id:
            where = (entity.own, entity.slot) if entity.own else (draft.row_key, entity.position)
            entity.made_id = new_id(entity.type.prefix, self._store.key, self._source, *where)
        return entity.made_id

    # --- links --------------------------------------------------------------------------------------------------------

    def _add_link(self, work: _Open, link: Link, result: Resolved) -> None:
        draft, ids, matches = work.draft, work.ids, work.matches
        start, end = draft.entities[link.start], draft.entities[link.end]
        properties: dict[str, Value] = dict(link.properties)
        key = link.key
        if link.mention:
            mention = self._mention(work, link)
            if mention is None:
                return
            properties["mention"], key = mention
            properties["organisations"] = list(dict.fromkeys(ids[i] for i in start.employers if i in ids))
            written = "；".join(dict.fromkeys(draft.entities[i].written for i in start.employers))
            properties["affiliation_as_written"] = written
        elif link.end in matches and matches[link.end].department and "department" in link.type.by_name:
            department = str(properties.setdefault("department", matches[link.end].department))
            # Two departments of one body are two posts, also when mentions turn out to be one person's later.
            key = "/".join(part for part in (key, department) if part)
        if link.type.name == "LOCATED_IN" and self._is_registered(start, ids[link.start]):
            return
        if link.type.name == "PART_OF" and start.type.label == "Organisation":
            self.organisations.add_parent(ids[link.start], ids[link.end])
        if link.type.name == "SUCCEEDED_BY":
            self.organisations.add_successor(ids[link.start], ids[link.end], str(properties.get("kind", "")))
        if link.type.name == "HAS_NAME" and start.type.label == "Organisation":
            name = end.properties
            self.organisations.add_alias(ids[link.start], str(name.get("text_key", "")), str(name.get("kind", "")))
        try:
            claim = relationship_claim(
                link.type,
                (start.type.label, ids[link.start]),
                (end.type.label, ids[link.end]),
                key=key,
                properties=properties,
            )
        except InputError as error:
            draft.reject(end.column or start.column, "", error.message)
            return
        if claim.start != claim.end:
            result.relationships.append(claim)

    def _is_registered(self, body: Entity, id_: str) -> bool:
        """Does a register speak for a body that this record only names?

        What a list of projects has beside it may be a slip, or the place of one of its departments.
        """
        return bool(body.written) and "name_key" not in body.properties and self.organisations.is_registered(id_)

    def _mention(self, work: _Open, link: Link) -> tuple[str, str] | None:
        """Return id and key of a mention; None when an earlier row of this run is the same mention."""
        own = mention_id(self._source, work.draft.row_key, work.draft.entities[link.start].position)
        spot = self._spots(work, link.start).get((link.end, link.type.name))
        if spot is None:
            return own, link.key
        person = work.ids[link.start]
        if self._mentioned.repeats(spot, person):
            return None
        stored = None if own in self._mentions else self._mentioned.stored(spot, person)
        return (own, link.key) if stored is None else (stored.id, stored.key)

    def retry(self, draft: Draft, link: Link, ids: dict[int, str]) -> RelationshipClaim | None:
        """Try a pending link again at the end of a run; notes the reject when its end is still unknown."""
        missing: list[Entity] = []
        for index in (link.start, link.end):
            if index not in ids:
                if found := self.find_reference(draft.entities[index]):
                    ids[index] = found
                else:
                    missing.append(draft.entities[index])
        if missing:
            _reject_unknown(draft, link, missing)
            return None
        result = Resolved()
        self._add_link(_Open(draft, ids), link, result)
        return result.relationships[0] if result.relationships else None

    def find_reference(self, entity: Entity) -> str | None:
        """Return the key of the thing a reference names, None when it is not there."""
        label = entity.type.label
        if label != "Organisation":
            if entity.reference == "key":
                return self._references.by_key(label, entity.key)
            return self._references.by_name(label, entity.written)
        if entity.reference == "key":
            return self.organisations.by_strong(entity.key)
        return self.organisations.by_name(entity.written)


def _given(properties: dict[str, Value], name: str) -> list[str]:
    value = properties.get(name)
    return [str(value)] if value else []


def _reject_unknown(draft: Draft, link: Link, missing: Sequence[Entity]) -> None:
    entity = next((entity for entity in missing if not entity.optional), None)
    if entity is not None:
        shown = entity.written or entity.key
        draft.reject(entity.column, shown, f"图中没有这个{entity.type.zh}，未建立“{link.type.zh}”关系")
