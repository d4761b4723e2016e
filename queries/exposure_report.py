"""Who is always shown, who never?  Appearances in answers or lists against the whole library, by unit and region."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple

from pydantic import BaseModel, ConfigDict

from graph.database import Database, Query
from graph.errors import InputError
from queries.answers import Answer
from queries.exposure import gini
from queries.merges import current_people
from queries.posts import today
from queries.region_names import REGION_NAMES
from queries.retrieval import check_limit

UNKNOWN: Final = "（不详）"
MOST_SHOWN: Final = 1_000
_PROVINCE: Final = 2
_STEPS: Final = 16


class Appearance(NamedTuple):
    """A person shown once: by which question or list, at which rank."""

    question: str
    person: str
    rank: int


class ExposedPerson(Answer):
    """One person of the library: how often shown, in what share of the questions, at which place on average."""

    id: str
    name: str
    unit: str
    region: str
    works: int
    times: int
    share: float
    mean_rank: float | None


class ExposedGroup(Answer):
    """People of a unit or region: shares (0 to 1) of the library and of all appearances; ratio 1 is even."""

    id: str
    name: str
    library: int
    shown: int
    times: int
    library_share: float
    shown_share: float
    ratio: float | None


class ExposureReport(Answer):
    """How attention was spread: `gini` over everybody in the library, never shown included (0 even, 1 all to one)."""

    questions: int
    appearances: int
    library: int
    shown: int
    never: int
    gini: float
    most: tuple[ExposedPerson, ...]
    never_shown: tuple[ExposedPerson, ...]
    units: tuple[ExposedGroup, ...]
    regions: tuple[ExposedGroup, ...]
    notes: tuple[str, ...]


class LibraryPerson(BaseModel):
    """Somebody whom an answer can show: number of works, and posts as [unit, from, to, seen in year]."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    works: int
    posts: list[tuple[str, str | None, str | None, int | None]]


class LibraryUnit(BaseModel):
    """A body with what it is part of or merged into, and where it lies."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    legal: bool
    above: list[str]
    merged: list[str]
    regions: list[str]


class ListedRow(BaseModel):
    """A person on a list saved in a period."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    list: str
    person: str
    rank: int


LIBRARY_PEOPLE: Final = Query(
    "library_people",
    """
MATCH (p:Person)
WHERE p.tombstone IS NULL AND coalesce(p.visibility, '') <> 'restricted'
  AND NOT EXISTS { (p)-[:MERGED_INTO]->(:Person) }
WITH p, COUNT {
    MATCH (p)-[:AUTHORED|LED|PARTICIPATED_IN]->(w)
    WHERE w.tombstone IS NULL AND coalesce(w.visibility, '') <> 'restricted'
    RETURN DISTINCT w
  } AS works
WHERE works > 0
RETURN p.id AS id, coalesce(p.name, '') AS name, works AS works,
  [(p)-[r:AFFILIATED_WITH]->(o:Organisation)
    WHERE o.tombstone IS NULL AND coalesce(o.visibility, '') <> 'restricted' |
    [o.id, r.valid_from, r.valid_to, r.observed_year]] AS posts
ORDER BY id
""",
    LibraryPerson,
)
LIBRARY_UNITS: Final = Query(
    "library_units",
    """
MATCH (o:Organisation)
WHERE o.tombstone IS NULL AND coalesce(o.visibility, '') <> 'restricted'
RETURN o.id AS id, coalesce(o.name, '') AS name, coalesce(o.is_legal_entity, false) AS legal,
  [(o)-[r:PART_OF]->(u:Organisation) WHERE r.valid_to IS NULL | u.id] AS above,
  [(o)-[:MERGED_INTO]->(u:Organisation) | u.id] AS merged,
  [(o)-[:LOCATED_IN]->(g:Region) | g.code] AS regions
ORDER BY id
""",
    LibraryUnit,
)
LISTED_IN_PERIOD: Final = Query(
    "listed_in_period",
    """
MATCH (l:SavedList)
WHERE l.kind = 'experts' AND l.saved_on >= $first AND l.saved_on <= $last
  AND ($purpose = '' OR l.purpose = $purpose)
MATCH (l)-[m:LISTS]->(p:Person)
RETURN l.id AS list, p.id AS person, min(m.rank) AS rank
ORDER BY list, rank, person
""",
    ListedRow,
)


def listed_between(db: Database, *, from_day: date, until_day: date, purpose: str = "") -> list[Appearance]:
    """Who stands on the expert lists saved between two days (both included), as whom they are today?

    Raises `InputError` for a period that ends before it begins.
    """
    if until_day < from_day:
        raise InputError("时段的结束日早于起始日")
    rows = db.read(LISTED_IN_PERIOD, first=from_day.isoformat(), last=until_day.isoformat(), purpose=purpose)
    current = current_people(db, people=[row.person for row in rows])
    best: dict[tuple[str, str], int] = {}
    for row in rows:
        key = row.list, current.get(row.person, row.person)
        best[key] = min(row.rank, best.get(key, row.rank))
    ordered = sorted((list_, rank, person) for (list_, person), rank in best.items())
    return [Appearance(list_, person, rank) for list_, rank, person in ordered]


def exposure_report(
    db: Database,
    *,
    appearances: Sequence[Appearance],
    questions: int | None = None,
    top: int = 50,
    on: date | None = None,
) -> ExposureReport:
    """Who was always shown and who never, and which units and regions more than their share of the library?

    The library is everybody whom an answer can show: people with a work. `questions` is how many were asked (default:
    those that showed somebody); `top` (1 to 1000) bounds each table; posts hold on the day `on` (today by default), a
    unit is the legal entity above it, a region a province. Appearances of people not in the library are counted in a
    note only. Raises `InputError`.
    """
    check_limit(top, name="top", most=MOST_SHOWN)
    places, day = _Places.read(db), (on or today()).isoformat()
    people = {
        row.id: (row, places.of(row, day)) for row in db.read(LIBRARY_PEOPLE)
    }  # fmt: skip
    counted = list(dict.fromkeys(appearances))
    known = [each for each in counted if each.person in people]
    asked = max(questions or 0, len({each.question for each in counted}))
    ranks: dict[str, list[int]] = defaultdict(list)
    for each in known:
        ranks[each.person].append(each.rank)
    rows = [_person(row, where, ranks.get(row.id, []), asked, places) for row, where in people.values()]
    notes = [] if len(known) == len(counted) else [f"有 {len(counted) - len(known)} 次出现的人不在库内，没有计入"]
    never = [row for row in rows if not row.times]
    shown = list(zip(rows, people.values(), strict=True))
    return ExposureReport(
        questions=asked,
        appearances=len(known),
        library=len(rows),
        shown=len(rows) - len(never),
        never=len(never),
        gini=gini([row.times for row in rows]),
        most=tuple(sorted((r for r in rows if r.times), key=lambda r: (-r.times, r.mean_rank or 0, r.id))[:top]),
        never_shown=tuple(sorted(never, key=lambda row: (-row.works, row.id))[:top]),
        units=_groups([(w[0], r.times) for r, (_, w) in shown], places.names)[:top],
        regions=_groups([(w[1], r.times) for r, (_, w) in shown], places.regions)[:top],
        notes=tuple(notes),
    )


class _Places:
    """Where people belong: names of units and provinces, and the way up from a unit."""

    def __init__(self, units: Iterable[LibraryUnit], regions: Mapping[str, str]) -> None:
        self.units = {unit.id: unit for unit in units}
        self.names = {unit.id: unit.name for unit in self.units.values()}
        self.regions = regions

    @classmethod
    def read(cls, db: Database) -> _Places:
        units = db.read(LIBRARY_UNITS)
        codes = sorted({code[:_PROVINCE] for unit in units for code in unit.regions})
        names = {row.code: row.name for row in db.read(REGION_NAMES, codes=codes)}
        return cls(units, names)

    def of(self, person: LibraryPerson, on: str) -> tuple[str, str]:
        """The legal entity of the latest post that holds, and its province; "" where unknown."""
        current = [post for post in person.posts if (post[1] or "") <= on and (post[2] is None or on < post[2])]
        if not current:
            return "", ""
        unit, *_ = max(current, key=lambda post: (post[1] or str(post[3] or ""), post[0]))
        return self._entity(unit)

    def _entity(self, unit: str) -> tuple[str, str]:
        region = ""
        for _ in range(_STEPS):
            here = self.units.get(unit)
            if here is None:
                break
            region = region or min((code[:_PROVINCE] for code in here.regions), default="")
            above = [up for up in (here.merged or ([] if here.legal else here.above)) if up in self.units]
            if not above:
                break
            unit = min(above)
        return unit, region


def _person(
    row: LibraryPerson, where: tuple[str, str], ranks: Sequence[int], asked: int, places: _Places
) -> ExposedPerson:
    unit, region = where
    return ExposedPerson(
        id=row.id,
        name=row.name,
        unit=places.names.get(unit, UNKNOWN),
        region=places.regions.get(region, region or UNKNOWN),
        works=row.works,
        times=len(ranks),
        share=len(ranks) / asked if asked else 0.0,
        mean_rank=sum(ranks) / len(ranks) if ranks else None,
    )


def _groups(members: Iterable[tuple[str, int]], names: Mapping[str, str]) -> tuple[ExposedGroup, ...]:
    """Groups with their shares, those shown most beyond their share first, then the largest."""
    library, shown, times = Counter[str](), Counter[str](), Counter[str]()
    for key, count in members:
        library[key] += 1
        shown[key] += count > 0
        times[key] += count
    everybody, total = library.total(), times.total()
    groups = [
        ExposedGroup(
            id=key,
            name=names.get(key, key or UNKNOWN),
            library=number,
            shown=shown[key],
            times=times[key],
            library_share=number / everybody,
            shown_share=times[key] / total if total else 0.0,
            ratio=(times[key] / total) / (number / everybody) if total else None,
        )
        for key, number in library.items()
    ]
    return tuple(sorted(groups, key=lambda g: (-(g.shown_share - g.library_share), -g.library, g.id)))


def last_days(days: int, *, on: date) -> tuple[date, date]:
    """Return the period of the last `days` days, `on` included; raises `InputError`."""
    check_limit(days, name="days", most=36_500)
    return on - timedelta(days=days - 1), on
