"""Samples of national size: people of the fictional country and what they write, one work at a time.

Like the sample of one province, but for what only shows at size. Works per person have a long tail (a few write
thousands, half write a handful) and 2.8 authors on average; every team studies things under a designation of its own,
which a few other teams share: a search then finds some hundred works that are close and many thousand that are not,
as it does in a national library. Memory is that of the people, some 250 MB for 150,000; works are never held.
"""

from __future__ import annotations

import random
from bisect import bisect
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import accumulate
from typing import Any, NamedTuple

from .country_places import country
from .people import ASSOCIATES, DISCIPLINES, SAME_NAME, Person, Team, World, befriend, draw_person, move
from .places import employer
from .text import compose
from .words import Discipline, Topic
from .works import (
    CROSS_BODY,
    KIND_WEIGHTS,
    KINDS,
    NOT_OF,
    PROGRAMMES,
    Author,
    as_written,
    draw_day,
    present,
    project_row,
    work_row,
)

# Authors of a work, 1 to 6: 2.8 on average.
_SIZES, _SIZE_WEIGHTS = (1, 2, 3, 4, 5, 6), (20, 27, 25, 16, 8, 4)
# Pareto's exponent for how much a team writes (1.16 is "80 % by 20 %"), and the most against the least.
_TAIL, _MOST = 1.16, 400.0
_DESIGNATIONS = 1_500
_FIRST = "澜砺岚霁屿梧垣汀溟栖朔霞霄岫渚汐沅芷蘅萤鹤鸢雁砚琅璇珩璟晏翊祺峤"
_SECOND = "泽衡坪渊麓岑泠漪澍溱潆沚洄溆瀚瑾琮璘瑜玥珂玹珺琬琰瑄瑀瑶璐瓒珝"


class Written(NamedTuple):
    """A work or project with the people who made it, in the order of the byline; `row` is as in the files."""

    kind: str
    row: dict[str, Any]
    people: tuple[Person, ...]
    day: date


def country_people(experts: int, seed: int) -> World:
    """Return the people and teams of the country for a number of experts (1 or more)."""
    rng = random.Random(f"{seed}/country")
    places = country()
    total = experts + round(experts * ASSOCIATES)
    roles = [True] * experts + [False] * (total - experts)
    rng.shuffle(roles)
    homes = _homes(places.departments)
    designations = {science.code: _designations(rng) for science in DISCIPLINES}
    people: list[Person] = []
    teams: list[Team] = []
    names: set[str] = set()
    turns: Counter[str] = Counter()
    while len(people) < total:
        science = DISCIPLINES[len(teams) % len(DISCIPLINES)]
        bodies, reach = homes[science.code]
        first = turns[science.code] % len(science.topics)
        turns[science.code] += 2
        chosen = (science.topics[first], science.topics[(first + 1) % len(science.topics)])
        own = _drawn(rng, designations[science.code], 2)
        team = Team(
            bodies[bisect(reach, rng.random() * reach[-1])],
            science,
            tuple(_designated(topic, name) for topic, name in zip(chosen, own, strict=True)),
        )
        for _ in range(min(rng.randint(5, 9), total - len(people))):
            person = draw_person(rng, len(people), team, names, expert=roles[len(people)])
            people.append(person)
            team.members.append(person)
        teams.append(team)
    move(rng, people, teams)
    _same_names(rng, [person for person in people if person.expert])
    befriend(rng, teams)
    reach = list(accumulate(min(_MOST, rng.paretovariate(_TAIL)) for _ in teams))
    return World(people, teams, reach, places, national=True)


def _homes(departments: Sequence[Any]) -> dict[str, tuple[list[Any], list[float]]]:
    """Return the departments of each discipline with their cumulated weights."""
    homes: dict[str, tuple[list[Any], list[float]]] = {}
    for science in DISCIPLINES:
        bodies = [body for body in departments if science.code in body.disciplines]
        homes[science.code] = (bodies, list(accumulate(employer(b).weight / len(b.disciplines) for b in bodies)))
    return homes


def _designations(rng: random.Random) -> list[str]:
    pairs = [first + second for first in _FIRST for second in _SECOND]
    return rng.sample(pairs, min(_DESIGNATIONS, len(pairs)))


def _drawn(rng: random.Random, names: Sequence[str], count: int) -> list[str]:
    """Draw designations, the first ones more often: some are famous, most are used by a few teams."""
    return [names[int(len(names) * rng.random() ** 1.6)] for _ in range(count)]


def _designated(topic: Topic, name: str) -> Topic:
    """Return the topic as one team studies it: "土壤盐分" under the designation "澜泽" is "澜泽土壤盐分"."""
    return replace(topic, objects=tuple(name + thing for thing in topic.objects))


def _same_names(rng: random.Random, experts: Sequence[Person]) -> None:
    """Give pairs of experts who never had an employer in common the same name."""
    if len(experts) <= 20:
        return
    free = rng.sample(range(len(experts)), len(experts))
    for _ in range(max(1, round(len(experts) * SAME_NAME))):
        first, second = experts[free.pop()], experts[free.pop()]
        if first.gender == second.gender and not first.employers() & second.employers():
            second.name = first.name


def country_written(world: World, outputs: int, projects: int, seed: int) -> Iterator[Written]:
    """Give outputs, then projects, each with its people: names alone do not say who is who."""
    rng = random.Random(f"{seed}/country/works")
    for number in range(1, outputs + 1):
        yield _output(rng, world, number)
    rng = random.Random(f"{seed}/country/projects")
    for number in range(1, projects + 1):
        yield _project(rng, world, number)


def _output(rng: random.Random, world: World, number: int) -> Written:
    team = _team(rng, world)
    day = draw_day(rng)
    group = _group(rng, world, team, day, rng.choices(_SIZES, _SIZE_WEIGHTS)[0])
    lead = group[0]
    kind = rng.choices(KINDS, KIND_WEIGHTS)[0]
    if kind in NOT_OF.get(team.science.code, ()):
        kind = "paper"
    science, topic = _subject(rng, team, lead)
    row = work_row(rng, number, day, kind=kind, text=compose(rng, science, topic, kind, day.year), science=science)
    return Written("work", {**row, **_byline(rng, group, day), "fictional": True}, tuple(group), day)


def _project(rng: random.Random, world: World, number: int) -> Written:
    team = _team(rng, world)
    day = draw_day(rng)
    group = _group(rng, world, team, day, rng.randint(2, 5))
    lead = next((person for person in group if person.expert), group[0])
    group = [lead, *(person for person in group if person is not lead)]
    science, topic = _subject(rng, team, lead)
    text = compose(rng, science, topic, "project", day.year)
    ends = day + timedelta(days=365 * rng.randint(1, 3))
    programme = rng.choice(PROGRAMMES)
    row = project_row(rng, number, (day, ends), group=group, text=text, programme=programme)
    return Written("project", row, tuple(group), day)


def _team(rng: random.Random, world: World) -> Team:
    return world.teams[bisect(world.reach, rng.random() * world.reach[-1])]


def _subject(rng: random.Random, team: Team, lead: Person) -> tuple[Discipline, Topic]:
    """Return what a work is about: nine times in ten a topic of the team, otherwise one of the lead's own."""
    if rng.random() < 0.9:
        return team.science, rng.choice(team.topics)
    return lead.science, rng.choice(lead.topics)


def _group(rng: random.Random, world: World, team: Team, day: date, size: int) -> list[Person]:
    """Return who writes together: the heads of a team far more often than its last members, some guests."""
    here = present(team, day) or team.members
    group = _some(rng, here, size)
    if size > 1 and team.partners and rng.random() < CROSS_BODY:
        there = present(world.teams[rng.choice(team.partners)], day)
        for guest in _some(rng, there, min(size // 2, len(there))):
            if guest not in group:
                # The lead stays; guests come in the place of the last members.
                group = [*group[: max(1, size - 1)], guest]
    return group


def _some(rng: random.Random, members: Sequence[Person], size: int) -> list[Person]:
    chosen: list[Person] = []
    for _ in range(4 * size):
        if len(chosen) >= min(size, len(members)):
            break
        person = members[min(int(rng.expovariate(0.45)), len(members) - 1)]
        if person not in chosen:
            chosen.append(person)
    return chosen


def _byline(rng: random.Random, group: Sequence[Person], day: date) -> dict[str, Any]:
    written: dict[str, int] = {}
    authors: list[Author] = []
    for person in group:
        place = as_written(rng, person.post_on(day))
        author: Author = {"name": person.name, "affiliations": [written.setdefault(place, len(written))]}
        if person.orcid:
            author["orcid"] = person.orcid
        authors.append(author)
    return {"authors": authors, "affiliations": list(written)}
