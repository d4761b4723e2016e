"""Who works where on a subject?  Topic → topics below, organisations, regions, people (row S175)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from graph.database import Database
from queries.answers import Answer
from queries.expert_facts import expert_facts
from queries.legal_entities import legal_entities
from queries.posts import posts_and_memberships, today
from queries.region_names import REGION_NAMES
from queries.retrieval import check_limit
from queries.trend_rows import BodyShown, BodyWorks, SubjectPerson
from queries.trend_texts import MAP_BODIES, MAP_BODIES_SHOWN, MAP_PEOPLE, MAP_SUBTOPICS
from queries.trends import Found, Subject, find_subject, year_bounds

_PROVINCE: Final = 2
_SUBTOPICS_SHOWN: Final = 100


class MapTopic(Answer):
    """A topic directly below, with everything below it."""

    id: str
    name: str
    works: int


class MapOrganisation(Answer):
    """A legal entity with the works and people of all its units; `region` is the code of its province ("" unknown)."""

    id: str
    name: str
    kind: str
    region: str
    works: int
    people: int


class MapRegion(Answer):
    """A province with the works, people and organisations in it."""

    code: str
    name: str
    works: int
    people: int
    organisations: int


class MapPerson(Answer):
    """A person: works on the subject, of them as first or corresponding author or leader, years, where now."""

    id: str
    name: str
    works: int
    leads: int
    first_year: int | None
    last_year: int | None
    organisations: tuple[str, ...]
    fictional: bool


class TopicMap(Answer):
    """Who works where; the totals count everything, the lists are cut at the limit asked for."""

    subject: Subject
    topics: tuple[MapTopic, ...]
    organisations: tuple[MapOrganisation, ...]
    organisations_total: int
    regions: tuple[MapRegion, ...]
    people: tuple[MapPerson, ...]
    notes: tuple[str, ...]


def topic_map(
    db: Database,
    *,
    topic: str | None = None,
    keyword: str | None = None,
    since_year: int | None = None,
    until_year: int | None = None,
    limit: int = 20,
) -> TopicMap:
    """Who works where on a subject?

    `topic` (id or exact name, everything below it included) or `keyword`; `since_year` and `until_year` bound the
    years. Organisations are legal entities as of today (departments count for theirs), by number of works; a work
    counts once for each. At most `limit` (1 to 200) organisations and people; all regions. Raises `InputError` for a
    wrong year, limit or subject, `NotFoundError` for an unknown topic, `StoreUnavailableError`.
    """
    check_limit(limit)
    first, last = year_bounds(since_year, until_year)
    found = find_subject(db, topic, keyword)
    bodies = db.read(MAP_BODIES, topics=found.topics, keyword=found.keyword, first=first, last=last)
    units = _units(db, bodies)
    rows = db.read(MAP_PEOPLE, topics=found.topics, keyword=found.keyword, first=first, last=last, limit=limit)
    organisations = _organisations(units)
    notes = () if rows else ("没有找到成果和课题：换一个主题或年份，或先导入",)
    return TopicMap(
        subject=found.subject,
        topics=_subtopics(db, found, first, last),
        organisations=organisations[:limit],
        organisations_total=len(organisations),
        regions=_regions(db, units),
        people=_people(db, rows),
        notes=notes,
    )


class _Unit:
    """A legal entity with everything its units did."""

    def __init__(self, shown: BodyShown) -> None:
        self.shown = shown
        self.region = shown.regions[0][:_PROVINCE] if shown.regions else ""
        self.works: set[str] = set()
        self.people: set[str] = set()


def _units(db: Database, bodies: Sequence[BodyWorks]) -> list[_Unit]:
    if not bodies:
        return []
    root_of = legal_entities(db, organisations=[row.body for row in bodies])
    shown = {row.id: row for row in db.read(MAP_BODIES_SHOWN, bodies=sorted(set(root_of.values())))}
    units: dict[str, _Unit] = {}
    for row in bodies:
        root = root_of.get(row.body)
        if root is not None and root in shown:
            unit = units.setdefault(root, _Unit(shown[root]))
            unit.works.update(row.works)
            unit.people.update(row.people)
    return list(units.values())


def _organisations(units: Sequence[_Unit]) -> tuple[MapOrganisation, ...]:
    found = [
        MapOrganisation(
            id=unit.shown.id,
            name=unit.shown.name,
            kind=unit.shown.kind,
            region=unit.region,
            works=len(unit.works),
            people=len(unit.people),
        )
        for unit in units
    ]
    return tuple(sorted(found, key=lambda each: (-each.works, -each.people, each.id)))


def _regions(db: Database, units: Sequence[_Unit]) -> tuple[MapRegion, ...]:
    of_region: defaultdict[str, list[_Unit]] = defaultdict(list)
    for unit in units:
        if unit.region:
            of_region[unit.region].append(unit)
    names = {row.code: row.name for row in db.read(REGION_NAMES, codes=sorted(of_region))} if of_region else {}
    found = [
        MapRegion(
            code=code,
            name=names.get(code, code),
            works=len(set[str]().union(*(unit.works for unit in own))),
            people=len(set[str]().union(*(unit.people for unit in own))),
            organisations=len(own),
        )
        for code, own in of_region.items()
    ]
    return tuple(sorted(found, key=lambda each: (-each.works, each.code)))


def _subtopics(db: Database, found: Found, first: int, last: int) -> tuple[MapTopic, ...]:
    if not found.topics:
        return ()
    rows = db.read(MAP_SUBTOPICS, topics=list(found.subject.topics), first=first, last=last)
    return tuple(MapTopic(id=row.id, name=row.name, works=row.recent) for row in rows[:_SUBTOPICS_SHOWN])


def _people(db: Database, rows: Sequence[SubjectPerson]) -> tuple[MapPerson, ...]:
    if not rows:
        return ()
    facts = expert_facts(db, (row.id for row in rows))
    found: list[MapPerson] = []
    for row in rows:
        if row.id in facts:
            posts, _ = posts_and_memberships(facts[row.id].affiliations, today())
            current = [post.name for post in posts if post.standing != "former"] or [post.name for post in posts[:1]]
            found.append(
                MapPerson(
                    id=row.id,
                    name=facts[row.id].name,
                    works=row.works,
                    leads=row.leads,
                    first_year=row.first_year,
                    last_year=row.last_year,
                    organisations=tuple(dict.fromkeys(current)),
                    fictional=facts[row.id].fictional,
                )
            )
    return tuple(found)
