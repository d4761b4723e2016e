"""Who lives in the fictional province: people with careers, and the teams in which they write together."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import accumulate

from .country_places import Places
from .names import draw_name, orcid
from .places import BODIES, DEPARTMENTS, Body, employer
from .words import Discipline, Topic
from .words_engineering import ENGINEERING
from .words_life import LIFE
from .words_society import SOCIETY

DISCIPLINES: tuple[Discipline, ...] = tuple(sorted((*ENGINEERING, *LIFE, *SOCIETY), key=lambda science: science.code))
BY_CODE = {science.code: science for science in DISCIPLINES}
FIRST_YEAR, LAST_YEAR = 2014, 2026
# Shares: experts who changed their employer; same-name pairs to experts; other authors to experts.
MOVED, SAME_NAME, ASSOCIATES = 0.15, 1 / 80, 0.5


@dataclass(frozen=True, slots=True)
class Post:
    """A job in a body; `until` is None for the present one."""

    body: Body
    since: date
    until: date | None = None


@dataclass(slots=True)
class Person:
    """Somebody who writes; experts also stand in the roster. `posts` in order, the present one last."""

    number: int
    name: str
    gender: str
    born: int
    expert: bool
    science: Discipline
    topics: tuple[Topic, ...]
    posts: list[Post]
    orcid: str = ""

    def post_on(self, day: date) -> Post:
        """Return the job held on a day (the first one before it began)."""
        return next((post for post in reversed(self.posts) if post.since <= day), self.posts[0])

    def employers(self) -> set[str]:
        """Return the codes of all legal entities this person has worked for."""
        return {employer(post.body).code for post in self.posts}


@dataclass(slots=True)
class Team:
    """People of one department who work on the same topics; `partners` are teams elsewhere, by position."""

    body: Body
    science: Discipline
    topics: tuple[Topic, ...]
    members: list[Person] = field(default_factory=list[Person])
    partners: list[int] = field(default_factory=list[int])


@dataclass(frozen=True, slots=True)
class World:
    """All people and teams; `reach` are the cumulated weights by which teams produce works.

    `national` worlds write by the rules of `country`, others by those of `works`.
    """

    people: list[Person]
    teams: list[Team]
    reach: list[float]
    places: Places = field(default_factory=Places)
    national: bool = False

    @property
    def experts(self) -> list[Person]:
        """The people of the roster, in order."""
        return [person for person in self.people if person.expert]


def people_and_teams(experts: int, seed: int) -> World:
    """Return the world for a number of experts (1 or more); the same for the same seed on every machine."""
    rng = random.Random(f"{seed}/people")
    total = experts + round(experts * ASSOCIATES)
    roles = [True] * experts + [False] * (total - experts)
    rng.shuffle(roles)
    people: list[Person] = []
    teams: list[Team] = []
    names: set[str] = set()
    turns: Counter[str] = Counter()
    while len(people) < total:
        team = _team(rng, DISCIPLINES[len(teams) % len(DISCIPLINES)], turns)
        for _ in range(min(rng.randint(5, 9), total - len(people))):
            person = draw_person(rng, len(people), team, names, expert=roles[len(people)])
            people.append(person)
            team.members.append(person)
        teams.append(team)
    move(rng, people, teams)
    _same_names(rng, [person for person in people if person.expert])
    befriend(rng, teams)
    return World(
        people, teams, list(accumulate(1 / (1 + place // len(DISCIPLINES) % 4) ** 0.7 for place in range(len(teams))))
    )


def _team(rng: random.Random, science: Discipline, turns: Counter[str]) -> Team:
    """Return a team with the two topics of its discipline that have waited longest: none is left without people."""
    bodies = [body for body in DEPARTMENTS if science.code in body.disciplines]
    body = rng.choices(bodies, [employer(body).weight / len(body.disciplines) for body in bodies])[0]
    first = turns[science.code] % len(science.topics)
    turns[science.code] += 2
    return Team(body, science, (science.topics[first], science.topics[(first + 1) % len(science.topics)]))


def draw_person(rng: random.Random, number: int, team: Team, names: set[str], *, expert: bool) -> Person:
    """Return a member of a team whose name nobody in `names` has, which then holds it."""
    gender = "女" if rng.random() < 0.36 else "男"
    name = draw_name(rng, gender)
    while name in names:
        name = draw_name(rng, gender)
    names.add(name)
    born = rng.randint(1960, 1990) if expert else rng.randint(1985, 2000)
    topics = rng.sample(team.topics, rng.randint(1, 2))
    if rng.random() < 0.35:
        other = rng.choice(team.science.topics)
        if other not in topics:
            topics.append(other)
    since = date(min(born + rng.randint(26, 31), 2022), 7, 1)
    identifier = orcid(2_000_000 + number) if rng.random() < 0.3 else ""
    return Person(number, name, gender, born, expert, team.science, tuple(topics), [Post(team.body, since)], identifier)


def move(rng: random.Random, people: Sequence[Person], teams: Sequence[Team]) -> None:
    """Give some experts an earlier job elsewhere and a place in a team there: their earlier works are from there."""
    by_science: dict[str, list[Team]] = {}
    for team in teams:
        by_science.setdefault(team.science.code, []).append(team)
    movers = [person for person in people if person.expert and person.born < 1988]
    count = min(round(sum(person.expert for person in people) * MOVED), len(movers))
    for person in rng.sample(movers, count):
        here = employer(person.posts[0].body).code
        elsewhere = [team for team in by_science[person.science.code] if employer(team.body).code != here]
        if not elsewhere:
            continue
        old = rng.choice(elsewhere)
        moved = date(rng.randint(2017, 2023), rng.choice((1, 3, 7, 9)), 1)
        began = min(person.posts[0].since, date(moved.year - 3, 7, 1))
        person.posts = [Post(old.body, began, moved), Post(person.posts[0].body, moved)]
        old.members.append(person)


def _same_names(rng: random.Random, experts: Sequence[Person]) -> None:
    """Give pairs of experts who never had an employer in common the same name, every other pair in one discipline."""
    count = max(1, round(len(experts) * SAME_NAME)) if len(experts) > 20 else 0
    used: set[int] = set()
    for place in range(count):
        first = rng.choice([person for person in experts if person.number not in used])
        others = [
            person
            for person in experts
            if person.number not in used
            and person.gender == first.gender
            and not person.employers() & first.employers()
            and (place % 2 == 0) == (person.science is first.science)
        ]
        if not others:
            continue
        second = rng.choice(others)
        second.name = first.name
        used |= {first.number, second.number}


def befriend(rng: random.Random, teams: Sequence[Team]) -> None:
    """Tie each team to two or three teams of its discipline in other bodies; the well connected gain more."""
    by_science: dict[str, list[int]] = {}
    for place, team in enumerate(teams):
        by_science.setdefault(team.science.code, []).append(place)
    for place, team in enumerate(teams):
        near = by_science[team.science.code]
        code = employer(team.body).code
        # In a large world the count of ties is dear to sum and adds nothing to see.
        ties = [1 + len(teams[other].partners) for other in near] if len(near) < 400 else None
        drawn = rng.choices(near, ties, k=8)
        for other in drawn:
            if len(team.partners) >= 3:
                break
            if other not in team.partners and employer(teams[other].body).code != code:
                team.partners.append(other)
                if place not in teams[other].partners:
                    teams[other].partners.append(place)


def region_of(person: Person) -> str:
    """Return the region code of a person's present employer."""
    return BODIES[employer(person.posts[-1].body).code].region
