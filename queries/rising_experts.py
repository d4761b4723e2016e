"""Who is coming up?  People whose first work is recent and whose share of the works grows, with the reasons.

For "发现、举荐优秀拔尖人才" (row S39): a pointer to look at, not a judgement; who is missing from the data is missing
here.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Final

from graph.database import Database
from queries.answers import Answer, Post
from queries.expert_facts import ExpertFacts, expert_facts
from queries.posts import posts_and_memberships, today
from queries.retrieval import check_limit
from queries.significance import growth, increase_p, last_whole_year
from queries.trend_rows import PersonWork, RisingPerson
from queries.trend_texts import PERSON_WORKS, RISING_ANYBODY, RISING_PEOPLE, WORK_TOTALS
from queries.trends import MOST_WINDOW_YEARS, WINDOW_YEARS, Subject, find_subject, year_bounds

# A doctorate and the first years after it; the design's "within n years" left n to us.
CAREER_YEARS: Final = 6
FEWEST_RECENT: Final = 3
# Of more candidates those with the greatest increase are looked at; one answer shows 200 at most.
_MOST_CANDIDATES: Final = 2_000


class RisingExpert(Answer):
    """One person: works in both windows and by year, growth of the share among all works, why, and where.

    `p` orders the answer: the one-sided p of the increase against all works (`significance.increase_p`). It is no
    proof, since whoever is listed was picked for having increased.
    """

    rank: int
    id: str
    name: str
    first_year: int
    recent: int
    before: int
    total: int
    growth: float
    p: float
    leads: int
    years: tuple[tuple[int, int], ...]
    reasons: tuple[str, ...]
    posts: tuple[Post, ...]
    professional_title: str
    fictional: bool


class RisingExperts(Answer):
    """The people coming up, on a subject or on any; the windows compared, and how many there were."""

    subject: Subject | None
    recent_years: tuple[int, int]
    before_years: tuple[int, int]
    first_since: int
    candidates: int
    experts: tuple[RisingExpert, ...]
    notes: tuple[str, ...]


def rising_experts(
    db: Database,
    *,
    topic: str | None = None,
    keyword: str | None = None,
    window_years: int = WINDOW_YEARS,
    career_years: int = CAREER_YEARS,
    fewest: int = FEWEST_RECENT,
    until_year: int | None = None,
    limit: int = 20,
) -> RisingExperts:
    """Who began within `career_years` and does more now than before?

    In the last `window_years` (1 to 20) whole years at least `fewest` (1 to 1000) works, and more than in as many years
    before; the first work of all not earlier than `career_years` (1 to 50) before the end. With `topic` or `keyword`
    both windows count works on it only. The year of the first work is that of the graph's data: somebody whose early
    works are not in it seems younger, which the notes say. Raises `InputError` for a number out of bounds or two
    subjects, `NotFoundError` for an unknown topic, `StoreUnavailableError`.
    """
    check_limit(limit)
    check_limit(window_years, name="window_years", most=MOST_WINDOW_YEARS)
    check_limit(career_years, name="career_years", most=50)
    check_limit(fewest, name="fewest", most=1000)
    year_bounds(None, until_year)
    found = None if topic is None and keyword is None else find_subject(db, topic, keyword)
    totals: Counter[int] = Counter()
    for row in db.read(WORK_TOTALS):
        totals[row.year] += row.works
    last = until_year or last_whole_year(totals, today().year) or today().year
    since, first = last - window_years + 1, last - 2 * window_years + 1
    newcomer = last - career_years + 1
    if found is None:
        rows = db.read(
            RISING_ANYBODY,
            first=first,
            since=since,
            last=last,
            minimum=fewest,
            newcomer=newcomer,
            most=_MOST_CANDIDATES,
        )
    else:
        rows = db.read(
            RISING_PEOPLE,
            topics=found.topics,
            keyword=found.keyword,
            first=first,
            since=since,
            last=last,
            minimum=fewest,
            newcomer=newcomer,
            most=_MOST_CANDIDATES,
        )
    works = (sum(totals[year] for year in range(since, last + 1)), sum(totals[year] for year in range(first, since)))
    p_of = {row.id: increase_p(row.recent, row.before, *works) for row in rows}
    ordered = sorted(rows, key=lambda row: (p_of[row.id], -row.recent, row.id))
    return RisingExperts(
        subject=None if found is None else found.subject,
        recent_years=(since, last),
        before_years=(first, since - 1),
        first_since=newcomer,
        candidates=len(rows),
        experts=_shown(db, ordered[:limit], works, (since, last)),
        notes=tuple(_notes(rows, totals, newcomer)),
    )


def _notes(rows: Sequence[RisingPerson], totals: Counter[int], newcomer: int) -> list[str]:
    if not rows:
        return ["没有找到这样的人：放宽起始年限、窗口年数或最少成果数，或换一个主题"]
    notes = ["首项成果的年份以图谱里的资料为准：早年成果没有导入的人会显得年轻，举荐前请核实"]
    if len(rows) == _MOST_CANDIDATES:
        notes.append(f"符合条件的人太多，只比较了增加最多的 {_MOST_CANDIDATES} 人")
    years = [year for year, count in totals.items() if count]
    if years and min(years) >= newcomer:
        notes.append(f"资料从 {min(years)} 年才开始，无法判断谁是新人")
    return notes


def _shown(
    db: Database, rows: Sequence[RisingPerson], works: tuple[int, int], window: tuple[int, int]
) -> tuple[RisingExpert, ...]:
    if not rows:
        return ()
    ids = [row.id for row in rows]
    facts = expert_facts(db, ids)
    of_person: defaultdict[str, list[PersonWork]] = defaultdict(list)
    for work in db.read(PERSON_WORKS, people=ids):
        of_person[work.id].append(work)
    kept = [row for row in rows if row.id in facts]
    return tuple(
        _expert(row, facts[row.id], of_person[row.id], works, window).model_copy(update={"rank": place})
        for place, row in enumerate(kept, start=1)
    )


def _expert(
    row: RisingPerson,
    person: ExpertFacts,
    own: Sequence[PersonWork],
    works: tuple[int, int],
    window: tuple[int, int],
) -> RisingExpert:
    times = growth(row.recent, row.before, *works)
    years = Counter(work.year for work in own if work.year is not None)
    leads = sum(work.leads for work in own if work.year is not None and window[0] <= work.year <= window[1])
    posts, _ = posts_and_memberships(person.affiliations, today())
    span = f"{window[0]}—{window[1]} 年"
    reasons = [
        f"图谱里的首项成果在 {row.first_year} 年",
        f"{span} {row.recent} 项，此前同样长的时间 {row.before} 项",
        f"在全部成果中的份额约为此前的 {times:.1f} 倍",
    ]
    if leads:
        reasons.append(f"{span}第一作者、通讯作者或主持 {leads} 项（全部主题）")
    return RisingExpert(
        rank=0,
        id=row.id,
        name=person.name,
        first_year=row.first_year,
        recent=row.recent,
        before=row.before,
        total=row.total,
        growth=times,
        p=increase_p(row.recent, row.before, *works),
        leads=leads,
        years=tuple(sorted(years.items())),
        reasons=tuple(reasons),
        posts=posts,
        professional_title=person.professional_title,
        fictional=person.fictional,
    )
