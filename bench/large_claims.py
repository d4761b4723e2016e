"""The fictional country as claims: what an import of its files and a settling of all names would leave in a graph.

The generator knows who is who, so that each person is one node from the start; nothing is resolved or asked. Chunks
hold at most 2,000 claims and relationships, nodes before what refers to them, and are the same for every engine.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, NamedTuple

from graph.changes import SourceRef
from graph.claims import NodeClaim, Properties, RelationshipClaim
from graph.identity import mention_id, new_id
from graph.model import (
    AFFILIATED_WITH,
    AUTHORED,
    BROADER,
    EXPERT_IN,
    GUIDES,
    HAS_HONOUR,
    HAS_NAME,
    HONOUR,
    HOSTED_BY,
    LED,
    LOCATED_IN,
    MEMBER_OF,
    NAME,
    ORGANISATION,
    OUTPUT,
    PART_OF,
    PARTICIPATED_IN,
    PERSON,
    PROJECT,
    REGION,
    TOPIC,
    NodeType,
    RelationshipType,
)
from graph.text import fold, name_key
from ingest.sample import TOPIC_SCHEME
from ingest.sample.country import Written, country_people, country_written
from ingest.sample.files import PROJECT_SHARE
from ingest.sample.people import DISCIPLINES, Person, World
from ingest.sample.places import Body, employer
from ingest.sample.roster import ROSTER_COLUMNS, roster_rows

KEY = b"large" * 6 + b"zh"
_LARGEST = 1_900
_PLACES = SourceRef("regions", "country-regions", 120)
_TOPICS = SourceRef("topics", "country-topics", 120)
_BODIES = SourceRef("organisations", "country-organisations", 200)
_ROSTER = SourceRef("roster", "country-roster", 300)
_PROJECTS = SourceRef("projects", "country-projects", 400)
_WORKS = SourceRef("works", "country-works", 600)
_TIERS = {"领军": "leading", "骨干": "backbone", "青年": "young"}


class Chunk(NamedTuple):
    """What one write transaction says."""

    source: SourceRef
    nodes: list[NodeClaim]
    relationships: list[RelationshipClaim]

    @property
    def elements(self) -> int:
        """Nodes and relationships in it."""
        return len(self.nodes) + len(self.relationships)


def chunks(experts: int, outputs: int, seed: int) -> Iterator[Chunk]:
    """Give all claims of a country of this size; one output in five is a project."""
    yield from Country(country_people(experts, seed)).chunks(outputs, seed)


class Country:
    """A world with the ids its people and bodies have in the graph; `people` are those of the world, in its order."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._bodies: dict[str, str] = {}
        self.people = [self.person_id(person) for person in world.people]
        # Person → employer and year as one number: some 1.3 million at full size.
        self._seen: dict[int, set[int]] = {}
        self._employers: list[str] = []
        self._numbers: dict[str, int] = {}

    def person_id(self, person: Person) -> str:
        """Return the id of a person."""
        source = _ROSTER if person.expert else _WORKS
        return new_id(PERSON.prefix, KEY, source.id, f"{person.number}", "person")

    def chunks(self, outputs: int, seed: int) -> Iterator[Chunk]:
        """Give everything, in an order in which ends of relationships exist."""
        projects = round(outputs * PROJECT_SHARE)
        yield from _cut(_PLACES, self._regions())
        yield from _cut(_TOPICS, _topics())
        yield from _cut(_BODIES, self._organisations())
        yield from _cut(_ROSTER, self._experts(seed))
        yield from _cut(_WORKS, self._associates())
        written = country_written(self._world, outputs - projects, projects, seed)
        last: list[Written] = []
        yield from _cut(_WORKS, self._written(_until_project(written, last)))
        yield from _cut(_PROJECTS, self._written(_with_first(last, written)))
        yield from _cut(_WORKS, self._observed())

    def _regions(self) -> Iterator[list[Claims]]:
        regions = self._world.places.regions
        for region in regions:
            props: Properties = {"name": region.name, "level": region.level, "scheme": "GB/T 2260", "fictional": True}
            yield [NodeClaim(REGION, region.code, props)]
        for region in regions:
            if region.parent:
                yield [_relation(PART_OF, (REGION, region.code), (REGION, region.parent))]

    def _organisations(self) -> Iterator[list[Claims]]:
        bodies = (*self._world.places.organisations, *self._world.places.societies)
        for body in bodies:
            id = self._bodies[body.name] = new_id(ORGANISATION.prefix, KEY, _BODIES.id, body.code, "organisation")
            self._bodies[body.code] = id
            yield _body_claims(body, id)
        for body in bodies:
            id = self._bodies[body.code]
            ties = [_relation(LOCATED_IN, (ORGANISATION, id), (REGION, body.region))]
            for type, other in ((PART_OF, body.parent), (HOSTED_BY, body.host)):
                if other:
                    ties.append(_relation(type, (ORGANISATION, id), (ORGANISATION, self._bodies[other])))
            if body.guide:
                ties.append(_relation(GUIDES, (ORGANISATION, self._bodies[body.guide]), (ORGANISATION, id)))
            yield list(ties)

    def _experts(self, seed: int) -> Iterator[list[Claims]]:
        experts = self._world.experts
        topics = {topic.name: f"{TOPIC_SCHEME}:{topic.code}" for each in DISCIPLINES for topic in each.topics}
        honours: set[str] = set()
        rows = roster_rows(random.Random(f"{seed}/roster"), experts, self._world.places)
        for person, values in zip(experts, rows, strict=True):
            row: dict[str, Any] = dict(zip(ROSTER_COLUMNS, values, strict=True))
            id = self.people[person.number]
            fields = row["研究方向"].split("；")
            claims: list[Claims] = [_expert(person, id, row, fields)]
            claims.append(_post(id, self._bodies[row["单位"]], row))
            if row["曾任单位"]:
                dates: Properties = {"valid_from": f"{row['曾任起始']}-01", "valid_to": f"{row['曾任结束']}-01"}
                there = self._bodies[row["曾任单位"]]
                claims.append(_relation(AFFILIATED_WITH, (PERSON, id), (ORGANISATION, there), "former", dates))
            for field in dict.fromkeys(fields):
                claims.append(_relation(EXPERT_IN, (PERSON, id), (TOPIC, topics[field]), "", {"declared": True}))
            for held in filter(None, row["学会任职"].split("；")):
                society, _, role = held.partition("：")
                there = self._bodies[society]
                claims.append(_relation(MEMBER_OF, (PERSON, id), (ORGANISATION, there), "", {"role": role}))
            for held in filter(None, row["称号"].split("；")):
                name = held.partition("（")[0]
                key = new_id(HONOUR.prefix, KEY, _ROSTER.id, name, "honour")
                if key not in honours:
                    honours.add(key)
                    claims.insert(0, NodeClaim(HONOUR, key, {"name": name, "fictional": True}))
                year = int(held[-5:-1])
                claims.append(_relation(HAS_HONOUR, (PERSON, id), (HONOUR, key), "", {"year": year}))
            yield claims

    def _associates(self) -> Iterator[list[Claims]]:
        for person in self._world.people:
            if not person.expert:
                props: Properties = {"name": person.name, "name_key": name_key(person.name), "fictional": True}
                if person.orcid:
                    props["orcid"] = person.orcid
                yield [NodeClaim(PERSON, self.people[person.number], props)]

    def _written(self, written: Iterable[Written]) -> Iterator[list[Claims]]:
        for each in written:
            yield self._output(each) if each.kind == "work" else self._project(each)

    def _output(self, written: Written) -> list[Claims]:
        row = written.row
        key = new_id(OUTPUT.prefix, KEY, _WORKS.id, row["id"], "work")
        day = row["date"]
        props: Properties = {
            "title": row["title"],
            "abstract": row["abstract"],
            "keywords": row["keywords"],
            "kind": row["kind"],
            "year": int(day[:4]),
            "issued_on": day if len(day) == 10 else f"{day}-01",
            "issued_precision": "day" if len(day) == 10 else "month",
            "venue": row["venue"],
            "external_ids": [f"country-works:{row['id']}"],
            "fictional": True,
        }
        if row["doi"]:
            props["doi"] = row["doi"]
        claims: list[Claims] = [NodeClaim(OUTPUT, key, props)]
        for position, (author, person) in enumerate(zip(row["authors"], written.people, strict=True), 1):
            place = row["affiliations"][author["affiliations"][0]]
            claims.append(
                self._mention(
                    AUTHORED, (OUTPUT, key), person, row_key=row["id"], position=position, place=place, day=written.day
                )
            )
        return claims

    def _project(self, written: Written) -> list[Claims]:
        row = written.row
        number = row["项目编号"]
        key = new_id(PROJECT.prefix, KEY, _PROJECTS.id, number, "project")
        props: Properties = {
            "title": row["项目名称"],
            "number": number,
            "kind": row["项目类别"],
            "programme": row["项目类别"],
            "discipline": row["学科"],
            "year": written.day.year,
            "funding_yuan": round(float(row["经费(万元)"]) * 10_000),
            "valid_from": row["立项时间"],
            "valid_from_precision": "day",
            "fictional": True,
        }
        claims: list[Claims] = [NodeClaim(PROJECT, key, props)]
        for position, person in enumerate(written.people, 1):
            place = employer(person.post_on(written.day).body).name
            type = LED if position == 1 else PARTICIPATED_IN
            claims.append(
                self._mention(
                    type, (PROJECT, key), person, row_key=number, position=position, place=place, day=written.day
                )
            )
        return claims

    def _mention(
        self,
        type: RelationshipType,
        end: tuple[NodeType, str],
        person: Person,
        *,
        row_key: str,
        position: int,
        place: str,
        day: date,
    ) -> RelationshipClaim:
        post = person.post_on(day)
        body = self._bodies.get(place) or self._bodies[employer(post.body).code]
        self._see(person, body, day.year)
        source = _WORKS if end[0] is OUTPUT else _PROJECTS
        props: Properties = {
            "mention": mention_id(source.id, row_key, position),
            "name_as_written": person.name,
            "affiliation_as_written": place,
            "organisations": [body],
            "position": position,
        }
        if type is LED:
            props["role"] = "负责人"
        return _relation(type, (PERSON, self.people[person.number]), end, str(position), props)

    def _see(self, person: Person, body: str, year: int) -> None:
        number = self._numbers.get(body)
        if number is None:
            number = self._numbers[body] = len(self._employers)
            self._employers.append(body)
        self._seen.setdefault(person.number, set()).add(number * 10_000 + year)

    def _observed(self) -> Iterator[list[Claims]]:
        """The posts that works tell of: one for each body and year, as an import leaves them."""
        for person, places in sorted(self._seen.items()):
            ties: list[Claims] = []
            for each in sorted(places):
                number, year = divmod(each, 10_000)
                props: Properties = {"observed_year": year}
                there = self._employers[number]
                ties.append(
                    _relation(AFFILIATED_WITH, (PERSON, self.people[person]), (ORGANISATION, there), str(year), props)
                )
            yield ties


Claims = NodeClaim | RelationshipClaim


def _relation(
    type: RelationshipType,
    start: tuple[NodeType, str],
    end: tuple[NodeType, str],
    key: str = "",
    properties: Properties | None = None,
) -> RelationshipClaim:
    return RelationshipClaim(type, (start[0].label, start[1]), (end[0].label, end[1]), key, properties or {})


def _cut(source: SourceRef, groups: Iterable[list[Claims]]) -> Iterator[Chunk]:
    """Cut claims into chunks; a group (a work with its mentions) stays together."""
    chunk = Chunk(source, [], [])
    for group in groups:
        if chunk.elements + len(group) > _LARGEST:
            yield chunk
            chunk = Chunk(source, [], [])
        for claim in group:
            if isinstance(claim, NodeClaim):
                chunk.nodes.append(claim)
            else:
                chunk.relationships.append(claim)
    if chunk.elements:
        yield chunk


def _until_project(written: Iterator[Written], last: list[Written]) -> Iterator[Written]:
    for each in written:
        if each.kind != "work":
            last.append(each)
            return
        yield each


def _with_first(last: list[Written], written: Iterator[Written]) -> Iterator[Written]:
    yield from last
    yield from written


def _topics() -> Iterator[list[Claims]]:
    for science in DISCIPLINES:
        parent = f"{TOPIC_SCHEME}:{science.code}"
        yield [_topic(science.code, science.name, 1)]
        for topic in science.topics:
            key = f"{TOPIC_SCHEME}:{topic.code}"
            yield [_topic(topic.code, topic.name, 2), _relation(BROADER, (TOPIC, key), (TOPIC, parent))]


def _topic(code: str, name: str, level: int) -> NodeClaim:
    props: Properties = {"scheme": TOPIC_SCHEME, "code": code, "name": name, "level": level, "fictional": True}
    return NodeClaim(TOPIC, f"{TOPIC_SCHEME}:{code}", props)


def _body_claims(body: Body, id: str) -> list[Claims]:
    society = body.kind == "society"
    props: Properties = {
        "name": body.name,
        "name_key": fold(body.name),
        "kind": body.kind,
        "level": body.level,
        "is_legal_entity": body.is_legal_entity,
        "verified": True,
        "external_ids": [f"code:{body.code}"],
        "fictional": True,
    }
    claims: list[Claims] = [NodeClaim(ORGANISATION, id, props, ("Society",) if society else ())]
    for number, alias in enumerate(body.alias):
        key = new_id(NAME.prefix, KEY, _BODIES.id, body.code, f"alias{number}")
        named: Properties = {"text": alias, "text_key": fold(alias), "kind": "alias", "fictional": True}
        claims += [NodeClaim(NAME, key, named), _relation(HAS_NAME, (ORGANISATION, id), (NAME, key))]
    return claims


def _expert(person: Person, id: str, row: dict[str, Any], fields: list[str]) -> NodeClaim:
    props: Properties = {
        "name": person.name,
        "name_key": name_key(person.name),
        "professional_title": row["职称"],
        "fields": fields,
        "expert_kind": "researcher",
        "status": "admitted" if row["状态"] == "在库" else "suspended",
        "admitted_on": row["入库时间"].isoformat(),
        "gender": person.gender,
        "birth_year": person.born,
        "phone": row["手机"],
        "email": row["邮箱"],
        "external_ids": [f"roster:{row['专家编号']}"],
        "fictional": True,
    }
    if row["层次"] in _TIERS:
        props["tier"] = _TIERS[row["层次"]]
    if person.orcid:
        props["orcid"] = person.orcid
    return NodeClaim(PERSON, id, props, ("Expert",))


def _post(id: str, unit: str, row: dict[str, Any]) -> RelationshipClaim:
    props: Properties = {"valid_from": f"{row['任职起始']}-01", "valid_from_precision": "month"}
    if row["职务"]:
        props["role"] = row["职务"]
    if row["部门"]:
        props["department"] = row["部门"]
    return _relation(AFFILIATED_WITH, (PERSON, id), (ORGANISATION, unit), "", props)
