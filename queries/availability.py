"""Who can go: the best experts for a topic who are free in a period, live in a place and have no job too many."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

from graph.database import Database, Query
from graph.textindex import TextIndex
from queries.answers import Answer, ExpertsAnswer, FoundExpert
from queries.experts import experts_for_topic
from queries.filters import ExpertFilters
from queries.merges import current_people
from queries.periods import Said, Standing, days_between, standing_in
from queries.retrieval import EVIDENCE_SHOWN, check_limit

MOST_WANTED: Final = 50
STATES_ZH: Final[dict[str, str]] = {
    "free": "有空", "busy": "没空", "full": "任务已满", "partly": "部分日期有空，其余未知", "unknown": "未知，需询问",
}  # fmt: skip
CanGo = Literal["free", "busy", "full", "partly", "unknown"]


class StatedPeriod(Answer):
    """One statement: free or busy between two days (both included, None: open), said by which sources and when."""

    person: str
    id: str
    state: Literal["free", "busy"]
    from_day: str | None
    until_day: str | None
    note: str
    said_on: str | None
    sources: tuple[str, ...]


class GoingExpert(Answer):
    """A ranked expert and whether they can go: `jobs` recorded in the period of at most `max_jobs` (None: unsaid)."""

    expert: FoundExpert
    standing: CanGo
    jobs: int
    max_jobs: int | None
    periods: tuple[StatedPeriod, ...]
    reasons: tuple[str, ...]


class WhoCanGoAnswer(Answer):
    """Who can go: free ones in the order of the ranking, those to be asked apart, and the best who cannot.

    `missing` is how many of the `count` wanted are not found among the free.
    """

    question: str
    from_day: str
    until_day: str
    count: int
    missing: int
    can_go: tuple[GoingExpert, ...]
    to_ask: tuple[GoingExpert, ...]
    cannot_go: tuple[GoingExpert, ...]
    notes: tuple[str, ...]
    ranking: str
    sequence: int


class PeriodRow(BaseModel):
    """One statement as the graph has it; `valid_to` is the day after the last one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    person: str
    id: str
    state: Literal["free", "busy"]
    valid_from: str | None
    valid_to: str | None
    note: str
    said_on: str | None
    sources: list[str]


class JobsRow(BaseModel):
    """The recorded jobs of a period that a person, as listed, is on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    person: str
    jobs: list[str]


class LoadRow(BaseModel):
    """How many jobs at a time a person declared to take."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    person: str
    max_jobs: int


PERIODS_STATED: Final = Query(
    "periods_stated",
    """
MATCH (a:Availability)
WHERE a.tombstone IS NULL AND coalesce(a.visibility, '') <> 'restricted' AND a.state IN ['free', 'busy']
  AND coalesce(a.valid_from, '') <= $last AND coalesce(a.valid_to, '9999') > $first
MATCH (a)<-[:HAS_AVAILABILITY]-(p:Person)
WHERE p.tombstone IS NULL AND coalesce(p.visibility, '') <> 'restricted'
  AND NOT EXISTS { (p)-[:MERGED_INTO]->(:Person) }
RETURN DISTINCT p.id AS person, a.id AS id, a.state AS state, a.valid_from AS valid_from, a.valid_to AS valid_to,
  coalesce(a.note, '') AS note, a.said_on AS said_on, [] AS sources
ORDER BY person, valid_from, id
""",
    PeriodRow,
)
PERIODS_OF_PERSON: Final = Query(
    "periods_of_person",
    """
MATCH (p:Person {id: $id})-[:HAS_AVAILABILITY]->(a:Availability)
WHERE a.tombstone IS NULL AND coalesce(a.visibility, '') <> 'restricted' AND a.state IN ['free', 'busy']
WITH DISTINCT p, a
RETURN p.id AS person, a.id AS id, a.state AS state, a.valid_from AS valid_from, a.valid_to AS valid_to,
  coalesce(a.note, '') AS note, a.said_on AS said_on, [(a)<-[:ASSERTS]-(s:Source) | s.id] AS sources
ORDER BY valid_from, id
""",
    PeriodRow,
)
JOB_LOADS: Final = Query(
    "job_loads",
    """
MATCH (l:SavedList {purpose: 'job'})
WHERE coalesce(l.valid_from, '') <= $last AND coalesce(l.valid_to, '9999') > $first
MATCH (l)-[:LISTS]->(e:Person)
RETURN e.id AS person, collect(DISTINCT l.name) AS jobs
ORDER BY person
""",
    JobsRow,
)
DECLARED_LOADS: Final = Query(
    "declared_loads",
    """
UNWIND $people AS id
MATCH (p:Person {id: id})
WHERE p.max_jobs IS NOT NULL
RETURN p.id AS person, p.max_jobs AS max_jobs
""",
    LoadRow,
)

PEOPLE_WITHOUT_JOBS: Final = Query(
    "people_without_jobs",
    """
MATCH (p:Person {max_jobs: 0})
WHERE p.tombstone IS NULL
RETURN p.id AS person, p.max_jobs AS max_jobs
""",
    LoadRow,
)


def people_available(db: Database, *, from_day: date, until_day: date) -> set[str]:
    """Who said to be free on every day of a period (both ends included), and has no job too many in it?

    Ids of people as they are today. Raises `InputError` for a period that ends before it begins or is over a year.
    """
    known = _known(db, from_day, until_day)
    return {person for person, standing in known.standing.items() if standing == "free"}


def availability_of(db: Database, *, id: str) -> list[StatedPeriod]:
    """When did this person say to be free or busy, the earliest period first?

    `id` is one of today; an unknown one has said nothing. Raises `StoreUnavailableError`.
    """
    return [_stated(row) for row in db.read(PERIODS_OF_PERSON, id=id)]


def experts_who_can_go(
    db: Database,
    index: TextIndex,
    *,
    text: str,
    from_day: date,
    until_day: date,
    count: int = 3,
    region: str | None = None,
    organisation: str | None = None,
    society: str | None = None,
    professional_title: str | None = None,
    since_year: int | None = None,
    exclude: Collection[str] = (),
    evidence: int = EVIDENCE_SHOWN,
) -> WhoCanGoAnswer:
    """Who knows this topic, is in this place, and can go on these days (both ends included)?

    Up to `count` (1 to 50) people who said to be free on all of them and are on fewer recorded jobs (lists of the
    purpose job) than they declared to take; as many of whom nothing or not all is known, to be asked; and the best who
    cannot. `region` is the place of the posts that hold on `from_day`; it, `organisation`, `society`, `since_year`,
    `professional_title`, `exclude`, `evidence`, ranking and shares are those of `queries.experts.experts_for_topic`.
    Raises `InputError` for a count or period out of bounds.
    """
    check_limit(count, name="count", most=MOST_WANTED)
    known = _known(db, from_day, until_day)

    answers: list[ExpertsAnswer] = []

    def best(among: frozenset[str] | None, leaving: Collection[str]) -> tuple[FoundExpert, ...]:
        if among is not None and not among:
            return ()
        answer = experts_for_topic(
            db,
            index,
            text=text,
            limit=count,
            region=region,
            organisation=organisation,
            society=society,
            since_year=since_year,
            professional_title=professional_title,
            exclude=(*exclude, *leaving),
            evidence=evidence,
            on=from_day,
            filters=None if among is None else ExpertFilters(among=among),
        )
        answers.append(answer)
        return answer.experts

    by_standing = {state: frozenset(p for p, s in known.standing.items() if s == state) for state in STATES_ZH}
    away = by_standing["busy"] | by_standing["full"]
    to_ask = best(None, by_standing["free"] | away)
    can_go, cannot = best(by_standing["free"], ()), best(away, ())
    declared = _declared(db, [expert.id for expert in (*can_go, *to_ask, *cannot)])
    return WhoCanGoAnswer(
        question=answers[0].question,
        from_day=from_day.isoformat(),
        until_day=until_day.isoformat(),
        count=count,
        missing=count - len(can_go),
        can_go=known.shown(can_go, declared),
        to_ask=known.shown(to_ask, declared),
        cannot_go=known.shown(cannot, declared),
        notes=_notes(answers[0], count, len(can_go), len(to_ask)),
        ranking=answers[0].ranking,
        sequence=answers[0].sequence,
    )


def _notes(answer: ExpertsAnswer, count: int, free: int, to_ask: int) -> tuple[str, ...]:
    if free == count or not answer.terms:
        return answer.notes
    more = f"；另有 {to_ask} 位情况未知，可以询问" if to_ask else ""
    return (*answer.notes, f"要 {count} 位，登记有空的只有 {free} 位{more}")


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of everybody who spoke of the period, or has a job in it."""

    standing: dict[str, CanGo]
    periods: dict[str, list[PeriodRow]]
    jobs: dict[str, list[str]] = field(default_factory=dict[str, list[str]])

    def shown(self, experts: Iterable[FoundExpert], declared: Mapping[str, int]) -> tuple[GoingExpert, ...]:
        return tuple(self._one(expert, declared.get(expert.id)) for expert in experts)

    def _one(self, expert: FoundExpert, most: int | None) -> GoingExpert:
        standing = self.standing.get(expert.id, "unknown")
        periods = tuple(_stated(row) for row in self.periods.get(expert.id, ()))
        jobs = self.jobs.get(expert.id, [])
        return GoingExpert(
            expert=expert,
            standing=standing,
            jobs=len(jobs),
            max_jobs=most,
            periods=periods,
            reasons=_reasons(standing, periods, jobs, most),
        )


def _known(db: Database, first: date, last: date) -> _Known:
    days_between(first, last)
    begin, end = first.isoformat(), last.isoformat()
    periods: dict[str, list[PeriodRow]] = defaultdict(list)
    for row in db.read(PERIODS_STATED, first=begin, last=end):
        periods[row.person].append(row)
    jobs = _jobs(db, begin, end)
    declared = _declared(db, list(jobs))
    standing: dict[str, CanGo] = {person: _standing(rows, first, last) for person, rows in periods.items()}
    for person, names in jobs.items():
        if len(names) >= declared.get(person, len(names) + 1) and standing.get(person) != "busy":
            standing[person] = "full"
    # Whoever takes no job at all need not be on one to be full.
    for idle in db.read(PEOPLE_WITHOUT_JOBS):
        if standing.get(idle.person) != "busy":
            standing[idle.person] = "full"
    return _Known(standing, dict(periods), jobs)


def _jobs(db: Database, first: str, last: str) -> dict[str, list[str]]:
    """Return the jobs of the period by whom those listed are today."""
    rows = db.read(JOB_LOADS, first=first, last=last)
    current = current_people(db, people=[row.person for row in rows])
    found: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row.person in current:
            found[current[row.person]].update(row.jobs)
    return {person: sorted(jobs) for person, jobs in found.items()}


def _standing(rows: Iterable[PeriodRow], first: date, last: date) -> Standing:
    return standing_in([Said(row.state, row.valid_from, row.valid_to, row.said_on) for row in rows], first, last)


def _declared(db: Database, people: Collection[str]) -> dict[str, int]:
    rows = db.read(DECLARED_LOADS, people=sorted(set(people))) if people else []
    return {row.person: row.max_jobs for row in rows}


def _stated(row: PeriodRow) -> StatedPeriod:
    until = None if row.valid_to is None else (date.fromisoformat(row.valid_to) - timedelta(days=1)).isoformat()
    facts = row.model_dump(exclude={"valid_from", "valid_to", "sources"})
    return StatedPeriod(**facts, from_day=row.valid_from, until_day=until, sources=tuple(sorted(set(row.sources))))


def _reasons(
    standing: CanGo, periods: Iterable[StatedPeriod], jobs: Collection[str], most: int | None
) -> tuple[str, ...]:
    said = [_sentence(period) for period in periods]
    if standing == "full":
        said.append(f"已有 {len(jobs)} 项任务，自报最多 {most} 项" if jobs else "自报不承担任务")
    elif jobs:
        said.append(f"同期任务：{'、'.join(jobs)}")
    if standing == "unknown":
        said.append("没有登记这段时间的情况，请询问本人")
    if standing == "partly":
        said.append("只登记了部分日期，其余请询问本人")
    return tuple(dict.fromkeys(said))


def _sentence(period: StatedPeriod) -> str:
    span = f"{period.from_day or '以前'} 至 {period.until_day or '未定'}"
    said = f"（{period.said_on} 登记）" if period.said_on else ""
    note = f"，{period.note}" if period.note else ""
    return f"{span} {STATES_ZH[period.state]}{note}{said}"
