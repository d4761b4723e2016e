"""How does a subject develop?  Works and people by year and region; what rises faster than the rest, beyond chance.

A subject is a topic of a scheme with everything below it, or a keyword. Only whole years are compared: the last year is
often not over, or not yet loaded (`queries.significance.last_whole_year`); every answer says which.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from graph.database import Database
from graph.errors import InputError, NotFoundError
from graph.identity import region_code
from queries.answers import Answer
from queries.posts import today
from queries.region_names import REGION_NAMES
from queries.retrieval import check_limit
from queries.significance import false_discovery, growth, increase_p, last_whole_year
from queries.trend_rows import RegionYear, TwoWindows
from queries.trend_texts import (
    KEYWORD_TOTALS,
    RISING_KEYWORDS,
    RISING_TOPICS,
    TOPIC_TOTALS,
    TOPICS_BELOW,
    TREND_REGIONS,
    TREND_YEARS,
)

SubjectKind = Literal["topic", "keyword"]
FIRST_YEAR: Final = 1000
LAST_YEAR: Final = 2999
# Three years against the three before: long enough for a project's cycle, short enough to be news.
WINDOW_YEARS: Final = 3
MOST_WINDOW_YEARS: Final = 20
# Fewer works in both windows together can hardly reach p < .05 (five of five: 1/32), and would only cost the others
# power in the control of false discoveries.
FEWEST_WORKS: Final = 5
FALSE_DISCOVERIES: Final = 0.05
LONGEST_SUBJECT: Final = 500


class TrendYear(Answer):
    """Works and people of one year (None: unknown); `whole` = the year can be compared with others."""

    year: int | None
    works: int
    people: int
    whole: bool


class TrendRegion(Answer):
    """Works in a region, all years together and by year (year, works, people)."""

    code: str
    name: str
    works: int
    years: tuple[tuple[int | None, int, int], ...]


class Subject(Answer):
    """What was asked about; `topics` are the topics of that id or name, `below` how many topics count with them."""

    kind: SubjectKind
    name: str
    topics: tuple[str, ...]
    below: int


class TopicTrend(Answer):
    """A subject by year and region; `until` is the last whole year (None: none), `notes` say what is uncertain."""

    subject: Subject
    region: str
    years: tuple[TrendYear, ...]
    regions: tuple[TrendRegion, ...]
    until: int | None
    notes: tuple[str, ...]


class RisingTopic(Answer):
    """A topic or keyword in both windows: works, share among all works (0 to 1), growth of the share, p and q."""

    id: str
    name: str
    recent: int
    before: int
    recent_share: float
    before_share: float
    growth: float
    p: float
    q: float
    significant: bool


class RisingScheme(Answer):
    """The rising topics of one scheme ("" = keywords), compared within it: windows, works in them, topics tested."""

    scheme: str
    recent_years: tuple[int, int]
    before_years: tuple[int, int]
    recent_works: int
    before_works: int
    tested: int
    topics: tuple[RisingTopic, ...]


class RisingTopics(Answer):
    """What rises, by scheme; `notes` say which years were left out."""

    window_years: int
    schemes: tuple[RisingScheme, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A subject as the texts take it."""

    subject: Subject
    topics: list[str]
    keyword: str


def find_subject(db: Database, topic: str | None, keyword: str | None) -> Found:
    """Which topics, or which keyword, is meant?

    Exactly one of `topic` (id or exact name) and `keyword` must be given. Raises `InputError` otherwise, and
    `NotFoundError` for an unknown topic.
    """
    given = [each.strip() for each in (topic, keyword) if each is not None]
    if len(given) != 1 or len(given[0]) > LONGEST_SUBJECT:
        raise InputError("主题（topic）和关键词（keyword）要给出其中一个，不超过 500 字")
    if keyword is not None:
        subject = Subject(kind="keyword", name=given[0], topics=(), below=0)
        return Found(subject, [], given[0].lower())
    rows = db.read(TOPICS_BELOW, topic=given[0])
    if not rows:
        raise NotFoundError(f"没有这个主题：{given[0]}", hint="写主题的编号（体系:代码）或准确名称，也可改用关键词")
    names = {row.id: row.name for row in rows}
    below = sorted({row.below for row in rows})
    topics = tuple(sorted(names))
    return Found(Subject(kind="topic", name=names[topics[0]], topics=topics, below=len(below)), below, "")


def topic_trend(
    db: Database,
    *,
    topic: str | None = None,
    keyword: str | None = None,
    region: str | None = None,
    since_year: int | None = None,
    until_year: int | None = None,
) -> TopicTrend:
    """How many works and people does a subject have, by year and by region?

    `topic` (id or exact name, everything below it included) or `keyword` (as works write it, whatever the case);
    `since_year` and `until_year` bound the years, inclusive. With `region` (code) the years are those of works with a
    mention in a body there, and the regions are the next level below. A work counts once in every region of its
    mentions' bodies; works whose mentions name no placed body are in no region. Raises `InputError` for a wrong
    region, year or subject, `NotFoundError` for an unknown topic, `StoreUnavailableError`.
    """
    found = find_subject(db, topic, keyword)
    place = region_code(region) if region and region.strip() else ""
    first, last = year_bounds(since_year, until_year)
    topics, word = found.topics, found.keyword

    def by_region(digits: int) -> list[RegionYear]:
        return db.read(TREND_REGIONS, topics=topics, keyword=word, first=first, last=last, region=place, digits=digits)

    totals = _whole_years(db, found)
    until = None if totals is None else totals[0]
    if place:
        years = [(row.year, row.works, row.people) for row in by_region(len(place))]
    else:
        rows = db.read(TREND_YEARS, topics=topics, keyword=word, first=first, last=last)
        years = [(row.year, row.works, row.people) for row in rows]
    return TopicTrend(
        subject=found.subject,
        region=place,
        years=tuple(
            TrendYear(
                year=year, works=works, people=people, whole=year is not None and until is not None and year <= until
            )
            for year, works, people in sorted(years, key=lambda row: (row[0] is None, row[0] or 0))
        ),
        regions=_regions(db, by_region({0: 2, 2: 4}.get(len(place), 6))),
        until=until,
        notes=tuple(_notes(years, until)),
    )


def year_bounds(since_year: int | None, until_year: int | None) -> tuple[int, int]:
    """Return first and last year for the texts (0 = unknown years too); raises `InputError` for what is no year."""
    for year in (since_year, until_year):
        if year is not None and not FIRST_YEAR <= year <= LAST_YEAR:
            raise InputError(f"年份应在 {FIRST_YEAR} 到 {LAST_YEAR} 之间，收到 {year}")
    return since_year or 0, until_year or LAST_YEAR


def _whole_years(db: Database, found: Found) -> tuple[int | None, Mapping[int, int]] | None:
    """The last whole year of the works that the subject is compared with, and their number by year."""
    if found.subject.kind == "keyword":
        rows = db.read(KEYWORD_TOTALS, first=FIRST_YEAR, last=LAST_YEAR)
    else:
        schemes = {id.partition(":")[0] for id in found.subject.topics}
        rows = [row for row in db.read(TOPIC_TOTALS) if row.scheme in schemes]
    counts: defaultdict[int, int] = defaultdict(int)
    for row in rows:
        counts[row.year] += row.works
    return (last_whole_year(counts, today().year), counts) if counts else None


def _regions(db: Database, rows: Sequence[RegionYear]) -> tuple[TrendRegion, ...]:
    of_region: defaultdict[str, list[RegionYear]] = defaultdict(list)
    for row in rows:
        of_region[row.region].append(row)
    names = {row.code: row.name for row in db.read(REGION_NAMES, codes=sorted(of_region))} if of_region else {}
    found = [
        TrendRegion(
            code=code,
            name=names.get(code, code),
            works=sum(row.works for row in own),
            years=tuple(
                (row.year, row.works, row.people)
                for row in sorted(own, key=lambda row: (row.year is None, row.year or 0))
            ),
        )
        for code, own in of_region.items()
    ]
    return tuple(sorted(found, key=lambda each: (-each.works, each.code)))


def _notes(years: Iterable[tuple[int | None, int, int]], until: int | None) -> list[str]:
    known = list(years)
    if not known:
        return ["没有找到成果和课题：换一个主题、地区或年份，或先导入"]
    notes: list[str] = []
    partial = sorted(year for year, _, _ in known if year is not None and (until is None or year > until))
    if partial:
        notes.append(
            f"{'、'.join(map(str, partial))} 年的资料还不完整（未过完，或不到前三年平均的一半），不宜与前几年比较"
        )
    unknown = sum(works for year, works, _ in known if year is None)
    if unknown:
        notes.append(f"有 {unknown} 项年份不详")
    return notes


# --- what rises -------------------------------------------------------------------------------------------------------


def rising_topics(
    db: Database,
    *,
    of: SubjectKind = "topic",
    window_years: int = WINDOW_YEARS,
    fewest: int = FEWEST_WORKS,
    until_year: int | None = None,
    limit: int = 20,
) -> RisingTopics:
    """Which topics, or keywords, take a greater share of the works than before, beyond chance?

    The last `window_years` (1 to 20) whole years against as many before; `until_year` sets the last one by hand. A
    topic counts with everything below it, and is compared with the works of its own scheme that have a topic; keywords
    with the works that have keywords. p: `significance.increase_p`; q: Benjamini and Hochberg over all of a scheme with
    `fewest` (1 to 1000) or more works in both windows; significant = q ≤ .05. Ordered by p, then growth; only those
    whose share grew, at most `limit` (1 to 200) a scheme. Works with several topics make the tests dependent; the
    procedure holds for positive dependence (Benjamini and Yekutieli 2001). Raises `InputError` for a number out of
    bounds, `StoreUnavailableError`.
    """
    check_limit(limit)
    check_limit(window_years, name="window_years", most=MOST_WINDOW_YEARS)
    check_limit(fewest, name="fewest", most=1000)
    year_bounds(None, until_year)
    keywords = of == "keyword"
    totals = db.read(KEYWORD_TOTALS, first=FIRST_YEAR, last=LAST_YEAR) if keywords else db.read(TOPIC_TOTALS)
    of_scheme: defaultdict[str, dict[int, int]] = defaultdict(dict)
    for row in totals:
        of_scheme[row.scheme][row.year] = row.works
    schemes: list[RisingScheme] = []
    notes: list[str] = []
    for scheme, counts in sorted(of_scheme.items()):
        last = until_year or last_whole_year(counts, today().year)
        if last is None:
            continue
        since, first = last - window_years + 1, last - 2 * window_years + 1
        if keywords:
            rows = db.read(RISING_KEYWORDS, first=first, since=since, last=last, minimum=fewest)
        else:
            rows = db.read(RISING_TOPICS, scheme=scheme, first=first, since=since, last=last, minimum=fewest)
        works = [sum(counts.get(year, 0) for year in years) for years in (range(since, last + 1), range(first, since))]
        schemes.append(
            RisingScheme(
                scheme=scheme,
                recent_years=(since, last),
                before_years=(first, since - 1),
                recent_works=works[0],
                before_works=works[1],
                tested=len(rows),
                topics=_risen(rows, works[0], works[1])[:limit],
            )
        )
        notes += _left_out(scheme, counts, last, first)
    if not schemes:
        notes.append("还没有带关键词的成果" if keywords else "还没有归到主题的成果和课题：可改看关键词")
    return RisingTopics(window_years=window_years, schemes=tuple(schemes), notes=tuple(notes))


def _risen(rows: Sequence[TwoWindows], recent_works: int, before_works: int) -> tuple[RisingTopic, ...]:
    p_values = [increase_p(row.recent, row.before, recent_works, before_works) for row in rows]
    found = [
        RisingTopic(
            id=row.id,
            name=row.name,
            recent=row.recent,
            before=row.before,
            recent_share=row.recent / recent_works if recent_works else 0.0,
            before_share=row.before / before_works if before_works else 0.0,
            growth=growth(row.recent, row.before, recent_works, before_works),
            p=p,
            q=q,
            significant=q <= FALSE_DISCOVERIES,
        )
        for row, p, q in zip(rows, p_values, false_discovery(p_values), strict=True)
    ]
    risen = [each for each in found if each.recent_share > each.before_share and before_works]
    return tuple(sorted(risen, key=lambda each: (each.p, -each.growth, each.id)))


def _left_out(scheme: str, counts: Mapping[int, int], last: int, first: int) -> list[str]:
    name = scheme or "关键词"
    notes: list[str] = []
    if partial := sorted(year for year in counts if year > last):
        shown = "、".join(f"{year} 年（{counts[year]} 项）" for year in partial)
        notes.append(f"{name}：{shown}的资料还不完整，未参加比较")
    if (earliest := min(counts)) > first:
        notes.append(f"{name}：资料从 {earliest} 年开始，前一段时间不完整，增长可能只是资料变多")
    return notes
