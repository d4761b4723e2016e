"""Same person or organisation as one we have?  Drafts in, claims with final ids out.

People, in this order: the person this very mention belongs to already; an ORCID; the id made from this row; the same
normalised name at the same legal-entity root. Without organisation and identifier a row's person is its own, never joined.
Two mentions on one work are two people. The identity issue replaces the recipe behind `Resolver.resolve`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, cast

from graph.claims import NodeClaim, RelationshipClaim, node_claim, relationship_claim
from graph.errors import InputError
from graph.identity import mention_id, new_id
from graph.model import Value
from graph.store import Store
from graph.text import fold
from ingest.organisations import Match, Organisations, split_hint
from ingest.source import Draft, Entity, Link

_MENTIONS: Final = """
UNWIND $keys AS key
MATCH (w:Output {id: key})<-[r:AUTHORED]-(p:Person)
WHERE r.source = $source
RETURN r.mention AS mention, p.id AS person
UNION ALL
UNWIND $keys AS key
MATCH (w:Project {id: key})<-[r:LED|PARTICIPATED_IN]-(p:Person)
WHERE r.source = $source
RETURN r.mention AS mention, p.id AS person
"""
_PEOPLE_BY_NAME: Final = """
UNWIND $keys AS key
MATCH (p:Person {name_key: key})-[:AFFILIATED_WITH]->(o:Organisation)
WHERE p.tombstone IS NULL
RETURN DISTINCT key, p.id AS person, p.orcid AS orcid, o.id AS organisation
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
_OUTPUTS_BY_DOI: Final = """
UNWIND $keys AS key
MATCH (w:Output {doi: key})
WHERE w.tombstone IS NULL
RETURN key, w.id AS work
"""
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


@dataclass(slots=True)
class Resolved:
    """The claims of one draft, and the links whose other end is not there yet."""

    nodes: list[NodeClaim] = field(default_factory=list[NodeClaim])
    relationships: list[RelationshipClaim] = field(default_factory=list[RelationshipClaim])
    pending: list[tuple[Draft, Link, dict[int, str]]] = field(default_factory=list[tuple[Draft, Link, dict[int, str]]])


class Resolver:
    """Finds out who the people and organisations of drafts are; remembers what a run has added so far."""

    def __init__(self, store: Store, source_id: str) -> None:
        self._store, self._source = store, source_id
        self.organisations = Organisations.load(store.database)
        self._keys: dict[str, set[str]] = defaultdict(set)
        self._region_names: dict[str, set[str]] = defaultdict(set)
        for row in store.database.records("known_regions", _REGIONS):
            self._note_region(str(row["code"]), row["name"] or "", row["level"] or "")
        self._topic_names: dict[str, set[str]] = defaultdict(set)
        for row in store.database.records("known_topics", _TOPICS):
            self._note_topic(str(row["id"]), row["name"] or "")
        self._people: dict[str, dict[str, list[tuple[str, str]]]] = {}
        self._orcids: dict[str, str] = {}
        self._mentions: dict[str, str] = {}
        self._dois: dict[str, str] = {}
        self._existing: set[str] = set()

    # --- one read of each kind for a chunk of drafts ------------------------------------------------------------------

    def prepare(self, drafts: Sequence[Draft]) -> None:
        """Ask the graph at once for all that the drafts of a chunk may mean."""
        records = self._store.database.records
        works: list[str] = []
        names: set[str] = set()
        orcids: set[str] = set()
        dois: set[str] = set()
        own: set[str] = set()
        bodies: set[str] = set()
        for draft in drafts:
            for entity in draft.entities:
                label = entity.type.label
                if label == "Person":
                    names.add(str(entity.properties.get("name_key", "")))
                    own.add(self._own_id(draft, entity))
                    if orcid := entity.properties.get("orcid"):
                        orcids.add(str(orcid))
                elif label == "Output" or label == "Project":
                    works.append(self._own_id(draft, entity))
                    if doi := entity.properties.get("doi"):
                        dois.add(str(doi))
                elif label == "Organisation" and "name_key" in entity.properties:
                    bodies.add(self._own_id(draft, entity))
        if new := sorted(dois - self._dois.keys()):
            rows = records("works_by_doi", _OUTPUTS_BY_DOI, keys=new)
            self._dois.update((str(row["key"]), str(row["work"])) for row in rows)
            works.extend(self._dois[doi] for doi in dois if doi in self._dois)
        self._mentions.clear()
        if works:
            for row in records("known_mentions", _MENTIONS, keys=works, source=self._source):
                self._mentions[str(row["mention"])] = str(row["person"])
        if new := sorted(names - self._people.keys() - {""}):
            self._load_people(new)
        if new := sorted(orcids - self._orcids.keys()):
            for row in records("people_by_orcid", _PEOPLE_BY_ORCID, keys=new):
                self._orcids[str(row["key"])] = str(row["person"])
        self._existing = {str(row["key"]) for row in records("people_by_id", _PEOPLE_BY_ID, keys=sorted(own))} if own else set()
        if bodies:
            rows = records("organisations_by_id", _ORGANISATIONS_BY_ID, keys=sorted(bodies))
            self._existing.update(str(row["key"]) for row in rows)

    def _load_people(self, names: list[str]) -> None:
        for name in names:
            self._people[name] = defaultdict(list)
        for row in self._store.database.records("people_by_name", _PEOPLE_BY_NAME, keys=names):
            root = self.organisations.root(str(row["organisation"]))
            pair = (str(row["person"]), str(row["orcid"] or ""))
            known = self._people[str(row["key"])][root]
            if pair not in known:
                known.append(pair)
                known.sort()

    # --- one draft ----------------------------------------------------------------------------------------------------

    def resolve(self, draft: Draft) -> Resolved:
        """Return the claims of a draft; links to things that are not there (yet) are `pending`."""
        result = Resolved()
        ids: dict[int, str] = {}
        matches: dict[int, Match] = {}
        order = {"Organisation": 0, "Person": 2}
        used: set[str] = set()
        for index in sorted(range(len(draft.entities)), key=lambda i: (order.get(draft.entities[i].type.label, 1), i)):
            entity = draft.entities[index]
            try:
                claim = self._identify(draft, index, entity, ids, matches, used)
            except InputError as error:
                draft.reject(entity.column, entity.written or entity.key, error.message)
                continue
            if claim is not None:
                result.nodes.append(claim)
        for link in draft.links:
            if link.start in ids and link.end in ids:
                self._add_link(draft, link, ids, matches, result)
            elif self._may_come(draft, link, ids):
                result.pending.append((draft, link, ids))
        return result

    def _identify(
        self, draft: Draft, index: int, entity: Entity, ids: dict[int, str], matches: dict[int, Match], used: set[str]
    ) -> NodeClaim | None:
        label = entity.type.label
        if entity.reference:
            if found := self.find_reference(entity):
                ids[index] = found
            return None
        if label == "Organisation":
            return self._organisation(draft, index, entity, ids, matches)
        if label == "Person":
            key = self._person(draft, entity, [ids[i] for i in entity.employers if i in ids], used)
            used.add(key)
        elif entity.key:
            key = entity.key
        else:
            doi = str(entity.properties.get("doi", ""))
            key = self._dois.get(doi) or self._own_id(draft, entity)
            if doi:
                self._dois[doi] = key
        ids[index] = key
        self._keys[label].add(key)
        if label == "Region":
            self._note_region(key, str(entity.properties.get("name", "")), str(entity.properties.get("level", "")))
        elif label == "Topic":
            self._note_topic(key, str(entity.properties.get("name", "")))
        return node_claim(entity.type, key, entity.properties, entity.labels)

    def _organisation(
        self, draft: Draft, index: int, entity: Entity, ids: dict[int, str], matches: dict[int, Match]
    ) -> NodeClaim | None:
        properties = entity.properties
        if "name_key" in properties:
            own = self._own_id(draft, entity)
            ror, uscc = str(properties.get("ror", "")), str(properties.get("uscc", ""))
            known = own if own in self._existing else self.organisations.by_register(entity.written, ror=ror, uscc=uscc)
            key = known or own
            ids[index], matches[index] = key, Match(key)
            self.organisations.add(
                key,
                name_key=str(properties["name_key"]),
                verified=bool(properties.get("verified")),
                legal=cast(bool | None, properties.get("is_legal_entity")),
                kind=str(properties.get("kind", "")),
                ror=ror,
                uscc=uscc,
                external=cast(list[str], properties.get("external_ids", [])),
            )
            return node_claim(entity.type, key, properties, entity.labels)
        match = self.organisations.match(entity.written, entity.hint)
        if match is not None:
            ids[index], matches[index] = match.id, match
            # A string that matched claims nothing: the organisation's own sources speak for it.
            return None
        name, department = split_hint(entity.written, entity.hint)
        key = self._own_id(draft, entity)
        if self.organisations.knows(key):
            key = new_id(entity.type.prefix, self._store.key, self._source, draft.row_key, f"{entity.position}/{name}")
        self.organisations.add(key, name_key=fold(name))
        ids[index], matches[index] = key, Match(key, department)
        return node_claim(entity.type, key, {**properties, "name": name, "name_key": fold(name)}, entity.labels)

    def _person(self, draft: Draft, entity: Entity, employers: Sequence[str], used: set[str]) -> str:
        name = str(entity.properties.get("name_key", ""))
        orcid = str(entity.properties.get("orcid", ""))
        own = self._own_id(draft, entity)
        roots = list(dict.fromkeys(self.organisations.root(e) for e in employers))
        by_root = self._people.setdefault(name, defaultdict(list))
        mention = mention_id(self._source, draft.row_key, entity.position)
        found = self._mentions.get(mention) or (self._orcids.get(orcid) if orcid else None)
        if found is None and own in self._existing:
            found = own
        if found is None:
            candidates = [pair for root in roots for pair in by_root.get(root, ())]
            agreeing = [p for p, o in candidates if p not in used and not (o and orcid and o != orcid)]
            found = agreeing[0] if agreeing else None
        if found is None or found in used:
            found = own
        for root in roots:
            if all(person != found for person, _ in by_root[root]):
                by_root[root].append((found, orcid))
        if orcid:
            self._orcids.setdefault(orcid, found)
        return found

    def _own_id(self, draft: Draft, entity: Entity) -> str:
        row_key = entity.own or draft.row_key
        return new_id(entity.type.prefix, self._store.key, self._source, row_key, entity.position)

    # --- links --------------------------------------------------------------------------------------------------------

    def _add_link(
        self, draft: Draft, link: Link, ids: dict[int, str], matches: dict[int, Match], result: Resolved
    ) -> None:
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

    def _may_come(self, draft: Draft, link: Link, ids: dict[int, str]) -> bool:
        missing = [i for i in (link.start, link.end) if i not in ids]
        return all(draft.entities[i].reference for i in missing)

    def retry(self, draft: Draft, link: Link, ids: dict[int, str]) -> RelationshipClaim | None:
        """Try a pending link again at the end of a run; notes the reject when its end is still unknown."""
        for index in (link.start, link.end):
            if index in ids:
                continue
            entity = draft.entities[index]
            found = self.find_reference(entity)
            if found is None:
                if entity.optional:
                    return None
                shown = entity.written or entity.key
                draft.reject(entity.column, shown, f"图中没有这个{entity.type.zh}，未建立“{link.type.zh}”关系")
                return None
            ids[index] = found
        result = Resolved()
        self._add_link(draft, link, ids, {}, result)
        return result.relationships[0] if result.relationships else None

    def find_reference(self, entity: Entity) -> str | None:
        """Return the key of the thing a reference names, None when it is not there."""
        label = entity.type.label
        if label == "Organisation":
            if entity.reference == "key":
                return self.organisations.by_strong(entity.key)
            return self.organisations.by_name(entity.written)
        if label == "Region" and entity.reference == "name":
            found = self._region_names.get(_short_region(entity.written), set())
            # 吉林 is a province and a city: the wider one is meant where only a name stands.
            provinces = {code for code in found if len(code) == 2} or found
            return next(iter(provinces)) if len(provinces) == 1 else None
        if label == "Topic" and entity.reference == "name":
            named = self._topic_names.get(fold(entity.written), set())
            return next(iter(named)) if len(named) == 1 else None
        return entity.key if entity.key in self._keys[label] else None

    def _note_topic(self, id_: str, name: str) -> None:
        self._keys["Topic"].add(id_)
        if name:
            self._topic_names[fold(name)].add(id_)

    def _note_region(self, code: str, name: str, level: str) -> None:
        self._keys["Region"].add(code)
        if name and level in {"province", "city"}:
            self._region_names[_short_region(name)].add(code)


def _short_region(name: str) -> str:
    folded = fold(name)
    for suffix in _REGION_SUFFIXES:
        if folded.endswith(suffix) and len(folded) > len(suffix) + 1:
            return folded[: -len(suffix)]
    return folded

