"""Same person or organisation as one we have?  Drafts in, claims with final ids out.

People, in this order: the person this very mention belongs to already; an ORCID; the id made from this row; the same
normalised name at the same legal-entity root. Without organisation and identifier a row's person is its own, never
joined. Two mentions on one work are two people. The identity issue replaces the recipe behind `Resolver.resolve`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, cast

from graph.claims import NodeClaim, RelationshipClaim, Said, node_claim, relationship_claim
from graph.errors import InputError
from graph.identity import mention_id, new_id
from graph.model import Value
from graph.store import Store
from graph.text import fold
from ingest.organisations import Match, Organisations
from ingest.readers import Record
from ingest.references import References
from ingest.source import Draft, Entity, Link
from ingest.works_by_doi import WorksByDoi

_MENTIONS: Final = """
UNWIND $keys AS key MATCH (w:Output {id: key})
WITH w MATCH (w)<-[r:AUTHORED]-(p:Person)
WHERE r.source = $source
RETURN r.mention AS mention, p.id AS person, w.id AS work, r.key AS key, r.name_as_written AS name
UNION ALL
UNWIND $keys AS key MATCH (w:Project {id: key})
WITH w MATCH (w)<-[r:LED|PARTICIPATED_IN]-(p:Person)
WHERE r.source = $source
RETURN r.mention AS mention, p.id AS person, w.id AS work, r.key AS key, r.name_as_written AS name
"""
_PEOPLE_BY_NAME: Final = """
UNWIND $keys AS key MATCH (p:Person {name_key: key})
WHERE p.tombstone IS NULL
WITH key, p MATCH (p)-[:AFFILIATED_WITH]->(o:Organisation)
RETURN DISTINCT key, p.id AS person, p.orcid AS orcid, o.id AS organisation, p.external_ids AS external,
       [(p)<-[a:ASSERTS]-(s:Source) | [s.id, a.said]] AS claims
"""
_PEOPLE_BY_ORCID: Final = """
UNWIND $keys AS key
MATCH (p:Person {orcid: key})
WHERE p.tombstone IS NULL
RETURN key, p.id AS person
"""
_PEOPLE_BY_ID: Final = """
UNWIND $keys AS key
MATCH (p:Person {id: key})
RETURN key
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
    names: set[str] = field(default_factory=set[str])
    orcids: set[str] = field(default_factory=set[str])
    people: set[str] = field(default_factory=set[str])
    bodies: set[str] = field(default_factory=set[str])


@dataclass(slots=True)
class _Open:
    """A draft being resolved: what its entities turned out to be."""

    draft: Draft
    ids: dict[int, str] = field(default_factory=dict[int, str])
    matches: dict[int, Match] = field(default_factory=dict[int, Match])
    used: set[str] = field(default_factory=set[str])


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
        # Normalised name → legal-entity root → people.
        self._people: dict[str, dict[str, set[str]]] = {}
        self._orcids: dict[str, str] = {}
        self._orcid_of: dict[str, str] = {}
        # People this source speaks of, and the source's own identifiers of them.
        self._mine: dict[str, set[str]] = {}
        self._mentions: dict[str, str] = {}
        # Two postings of one paper are one work: who stands at a place of it under a name, whichever posting said so.
        self._places: dict[tuple[str, str, str], str] = {}
        self._works = WorksByDoi()
        self._existing: set[str] = set()

    # --- one read of each kind for a chunk of drafts ------------------------------------------------------------------

    def prepare(self, drafts: Sequence[Draft]) -> None:
        """Ask the graph at once for all that the drafts of a chunk may mean."""
        records = self._store.database.records
        asked = self._asked(drafts)
        self._works.load(self._store.database, asked.dois)
        works = sorted(asked.works | self._works.bearing(asked.dois))
        self._mentions.clear()
        self._places.clear()
        if works:
            for row in records("known_mentions", _MENTIONS, keys=works, source=self._source):
                self._mentions[str(row["mention"])] = str(row["person"])
                self._places[str(row["work"]), str(row["key"]), str(row["name"])] = str(row["person"])
        if new := sorted(asked.names - self._people.keys() - {""}):
            self._load_people(new)
        if new := sorted(asked.orcids - self._orcids.keys()):
            rows = records("people_by_orcid", _PEOPLE_BY_ORCID, keys=new)
            for key, person in sorted((str(row["key"]), str(row["person"])) for row in rows):
                self._orcids.setdefault(key, person)
                self._orcid_of[person] = key
        self._existing.clear()
        if asked.people:
            rows = records("people_by_id", _PEOPLE_BY_ID, keys=sorted(asked.people))
            self._existing.update(str(row["key"]) for row in rows)
        if asked.bodies:
            rows = records("organisations_by_id", _ORGANISATIONS_BY_ID, keys=sorted(asked.bodies))
            self._existing.update(str(row["key"]) for row in rows)

    def _asked(self, drafts: Sequence[Draft]) -> _Asked:
        asked = _Asked()
        for draft in drafts:
            for entity in draft.entities:
                label, properties = entity.type.label, entity.properties
                if label == "Person":
                    asked.names.add(str(properties["name_key"]))
                    asked.people.add(self._own_id(draft, entity))
                    asked.orcids.update(_given(properties, "orcid"))
                elif label in {"Output", "Project"}:
                    asked.works.add(self._own_id(draft, entity))
                    asked.dois.update(_given(properties, "doi"))
                elif label == "Organisation" and "name_key" in properties:
                    asked.bodies.add(self._own_id(draft, entity))
        return asked

    def _load_people(self, names: list[str]) -> None:
        for name in names:
            self._people[name] = defaultdict(set)
        for row in self._store.database.records("people_by_name", _PEOPLE_BY_NAME, keys=names):
            person = str(row["person"])
            self._people[str(row["key"])][self.organisations.root(str(row["organisation"]))].add(person)
            if row["orcid"]:
                self._orcid_of[person] = str(row["orcid"])
            for source, said in row["claims"]:
                if source == self._source:
                    named = Said.from_json(said).properties.get("external_ids") if said else row["external"]
                    self._mine.setdefault(person, set()).update(cast(list[str], named or []))

    # --- one draft ----------------------------------------------------------------------------------------------------

    def resolve(self, draft: Draft) -> Resolved:
        """Return the claims of a draft; links to things that are not there (yet) are `pending`."""
        result = Resolved()
        work = _Open(draft)
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
            key = self._person(work, entity)
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

    def _person(self, work: _Open, entity: Entity) -> str:
        draft, used = work.draft, work.used
        employers = [work.ids[i] for i in entity.employers if i in work.ids]
        name = str(entity.properties.get("name_key", ""))
        orcid = str(entity.properties.get("orcid", ""))
        own = self._own_id(draft, entity)
        roots = list(dict.fromkeys(self.organisations.root(e) for e in employers))
        by_root = self._people.setdefault(name, defaultdict(set))
        found = self._mentions.get(mention_id(self._source, draft.row_key, entity.position)) or self._at_place(
            work, entity
        )
        if found is None and orcid:
            found = self._orcids.get(orcid)
        if found is None and own in self._existing:
            found = own
        identifier = f"{self._source}:{entity.own}" if entity.own else ""
        if found is None:
            candidates = {person for root in roots for person in by_root.get(root, ())} - used
            found = self._best(candidates, orcid, identifier)
        if found is None or found in used:
            found = own
        for root in roots:
            by_root[root].add(found)
        if orcid:
            self._orcids.setdefault(orcid, found)
            self._orcid_of.setdefault(found, orcid)
        mine = self._mine.setdefault(found, set())
        if identifier:
            mine.add(identifier)
            listed = cast(list[str], entity.properties.get("external_ids", []))
            entity.properties["external_ids"] = list(dict.fromkeys([*listed, identifier]))
        return found

    def _at_place(self, work: _Open, entity: Entity) -> str | None:
        for index, other in enumerate(work.draft.entities):
            if other.type.label in {"Output", "Project"} and index in work.ids:
                found = self._places.get((work.ids[index], entity.position, entity.written))
                if found is not None:
                    return found
        return None

    def _best(self, candidates: set[str], orcid: str, identifier: str) -> str | None:
        """Which of the people of this name at this legal entity?  None when all of them are somebody else.

        Nobody who has another ORCID or another identifier of this source; who has the same one first, then who this
        source speaks of already, then the smallest id: the order of arrival must not decide, for an interrupted run
        goes on in another one.
        """
        ranked: list[tuple[bool, bool, str]] = []
        for person in candidates:
            mine = self._mine.get(person)
            if orcid and self._orcid_of.get(person, orcid) != orcid:
                continue
            if identifier and mine and identifier not in mine:
                continue
            ranked.append((not (mine and identifier in mine), mine is None, person))
        return min(ranked)[2] if ranked else None

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
        if link.mention:
            properties["mention"] = mention_id(self._source, draft.row_key, start.position)
            properties["organisations"] = list(dict.fromkeys(ids[i] for i in start.employers if i in ids))
            written = "；".join(dict.fromkeys(draft.entities[i].written for i in start.employers))
            properties["affiliation_as_written"] = written
        elif link.end in matches and matches[link.end].department and "department" in link.type.by_name:
            properties.setdefault("department", matches[link.end].department)
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
                key=link.key,
                properties=properties,
            )
        except InputError as error:
            draft.reject(end.column or start.column, "", error.message)
            return
        if claim.start != claim.end:
            result.relationships.append(claim)

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
