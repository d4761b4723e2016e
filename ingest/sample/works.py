"""The works and projects of the fictional province, one by one, in the interchange form that users' own files have."""

import random
from bisect import bisect
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import NotRequired, TypedDict

from .people import FIRST_YEAR, LAST_YEAR, Person, Post, Team, World
from .places import MARK, PROVINCE, UNLISTED, employer
from .text import Text, compose
from .words import Discipline

PROJECT_COLUMNS = (
    "项目编号",
    "项目名称",
    "项目类别",
    "负责人",
    "工作单位",
    "参与人",
    "参与人单位",
    "立项时间",
    "结题时间",
    "经费(万元)",
    "学科",
    "备注",
)
KINDS = ("paper", "report", "patent", "suggestion", "survey_report", "standard", "book")
KIND_WEIGHTS = (74, 8, 7, 5, 3, 2, 1)
# A society's policy study gives no patent or standard, a laboratory no survey of opinions.
NOT_OF = {"S10": {"patent", "standard"}, "S05": {"survey_report"}, "S04": {"survey_report"}}
_VENUES = {
    "report": f"{PROVINCE}科技报告库（虚构）",
    "patent": f"{PROVINCE}专利文献（虚构）",
    "suggestion": "《科技工作者建议》（虚构）",
    "survey_report": f"{PROVINCE}科技工作者状况调查站点（虚构）",
    "standard": f"{PROVINCE}地方标准（虚构）",
    "book": f"{PROVINCE}科技出版社（虚构）",
}
PROGRAMMES = (
    (f"{PROVINCE}重点研发计划项目（虚构）", 80, 300),
    (f"{PROVINCE}自然科学基金面上项目（虚构）", 8, 15),
    (f"{PROVINCE}自然科学基金青年项目（虚构）", 4, 8),
    (f"{PROVINCE}科协决策咨询课题（虚构）", 3, 10),
    ("溟都市科技计划项目（虚构）", 10, 60),
)
CROSS_BODY, OUTSIDE = 0.3, 0.02


class Author(TypedDict):
    """An author of a work; `affiliations` are positions in the work's list."""

    name: str
    affiliations: list[int]
    orcid: NotRequired[str]


class Work(TypedDict):
    """A work in the interchange form of the `works` source."""

    id: str
    title: str
    abstract: str
    keywords: list[str]
    date: str
    venue: str
    kind: str
    doi: str | None
    authors: list[Author]
    affiliations: list[str]
    fictional: bool


def works(world: World, count: int, seed: int) -> Iterator[Work]:
    """Give `count` outputs by the teams of a world, in no order of time."""
    rng = random.Random(f"{seed}/works")
    for number in range(1, count + 1):
        team = _draw_team(rng, world)
        day = draw_day(rng)
        group = _group(rng, world, team, day, rng.choices((1, 2, 3, 4, 5, 6), (6, 14, 26, 26, 18, 10))[0])
        lead = group[0]
        kind = rng.choices(KINDS, KIND_WEIGHTS)[0]
        if kind in NOT_OF.get(lead.science.code, ()):
            kind = "paper"
        text = compose(rng, lead.science, rng.choice(lead.topics), kind, day.year)
        authors, affiliations = _byline(rng, group, day)
        row = work_row(rng, number, day, kind=kind, text=text, science=lead.science)
        yield {**row, "authors": authors, "affiliations": affiliations, "fictional": True}


class WorkRow(TypedDict):
    """A work in the interchange form without its byline."""

    id: str
    title: str
    abstract: str
    keywords: list[str]
    date: str
    venue: str
    kind: str
    doi: str | None


def work_row(rng: random.Random, number: int, day: date, *, kind: str, text: Text, science: Discipline) -> WorkRow:
    """Return a work without its byline."""
    return {
        "id": f"YM-W{number:06d}",
        "title": text.title,
        "abstract": text.abstract,
        "keywords": text.keywords,
        "date": day.isoformat() if rng.random() < 0.8 else f"{day:%Y-%m}",
        "venue": _VENUES.get(kind) or f"《{rng.choice(science.venues)}》（虚构）",
        "kind": kind,
        "doi": f"10.5555/yunming.{day.year}.{number:06d}" if kind == "paper" and rng.random() < 0.7 else None,
    }


def projects(world: World, count: int, seed: int) -> Iterator[dict[str, str]]:
    """Give `count` projects by the teams of a world, each a row under `PROJECT_COLUMNS`."""
    rng = random.Random(f"{seed}/projects")
    for number in range(1, count + 1):
        team = _draw_team(rng, world)
        day = draw_day(rng)
        group = _group(rng, world, team, day, rng.randint(2, 7))
        lead = group[0]
        if not lead.expert:
            lead = next((person for person in group if person.expert), lead)
            group = [lead, *(person for person in group if person is not lead)]
        programme = rng.choice(PROGRAMMES)
        ends = day + timedelta(days=365 * rng.randint(1, 3))
        text = compose(rng, lead.science, rng.choice(lead.topics), "project", day.year)
        yield project_row(rng, number, (day, ends), group=group, text=text, programme=programme)


def project_row(
    rng: random.Random,
    number: int,
    period: tuple[date, date],
    *,
    group: Sequence[Person],
    text: Text,
    programme: tuple[str, int, int],
) -> dict[str, str]:
    """Return a project of a group, its leader first, under `PROJECT_COLUMNS`; `programme`: name, least, most money."""
    day, ends = period
    lead, (name, low, high) = group[0], programme
    row = (
        f"YM{day.year}{lead.science.code}{number:05d}",
        text.title,
        name,
        lead.name,
        employer(lead.post_on(day).body).name,
        "；".join(person.name for person in group[1:]),
        "；".join(employer(person.post_on(day).body).name for person in group[1:]),
        day.isoformat(),
        ends.isoformat() if ends.year <= LAST_YEAR - 1 else "",
        f"{rng.randint(low * 2, high * 2) / 2:g}",
        lead.science.name,
        MARK,
    )
    return dict(zip(PROJECT_COLUMNS, row, strict=True))


def _draw_team(rng: random.Random, world: World) -> Team:
    return world.teams[bisect(world.reach, rng.random() * world.reach[-1])]


def draw_day(rng: random.Random) -> date:
    """Return a day before November 2026; later years hold more."""
    span = (LAST_YEAR - FIRST_YEAR) * 365 + 300
    return date(FIRST_YEAR, 1, 1) + timedelta(days=int(span * rng.random() ** 0.7))


def _group(rng: random.Random, world: World, team: Team, day: date, size: int) -> list[Person]:
    """Return who writes together: most of one team, three times in ten with people of a partner team."""
    here = present(team, day) or team.members
    guests: list[Person] = []
    if size > 1 and team.partners and rng.random() < CROSS_BODY:
        partner = world.teams[team.partners[min(int(rng.expovariate(0.8)), len(team.partners) - 1)]]
        there = present(partner, day)
        guests = rng.sample(there, min(len(there), rng.randint(1, max(1, size // 2))))
    own = rng.sample(here, min(len(here), max(1, size - len(guests))))
    lead = here[min(int(rng.expovariate(0.5)), len(here) - 1)]
    group = [lead, *(person for person in own if person is not lead)][: max(1, size - len(guests))]
    return group + [person for person in guests if person not in group]


def present(team: Team, day: date) -> list[Person]:
    """Return the members of a team who work in its department on a day."""
    return [person for person in team.members if person.post_on(day).body is team.body]


def _byline(rng: random.Random, group: list[Person], day: date) -> tuple[list[Author], list[str]]:
    places: dict[str, int] = {}
    authors: list[Author] = []
    for person in group:
        written = as_written(rng, person.post_on(day))
        author: Author = {"name": person.name, "affiliations": [places.setdefault(written, len(places))]}
        if person.orcid:
            author["orcid"] = person.orcid
        authors.append(author)
    if rng.random() < OUTSIDE:
        written = rng.choice(UNLISTED)
        name = rng.choice(("海岳一", "青冥生", "陵光远", "扶摇客"))
        authors.append({"name": name, "affiliations": [places.setdefault(written, len(places))]})
    return authors, list(places)


def as_written(rng: random.Random, post: Post) -> str:
    """Return how a byline names the place of a post: with the department, without, or by an alias."""
    body = employer(post.body)
    style = rng.random()
    if style < 0.75:
        return post.body.name
    if style < 0.92 or not body.alias:
        return body.name
    return body.alias[0]
