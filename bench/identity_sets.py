"""Labelled same-name sets made by construction from two real corpora (issue 4, "It is done when", 1).

People whose name is rare and sits in one organisation or one circle of co-authors, with three works or more, are
grouped by 2 to 40 and given one shared name; a quarter of the groups inside one organisation; the affiliation of 30 %
of their mentions is dropped. Who is who is known because each had a name of their own before.

Works come through the repository's own sources, so that names and organisations are what the product would see.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from graph.text import fold, name_key
from ingest.organisations import Organisations
from ingest.people.labels import Labelled
from ingest.people.mentions import Named, Work
from ingest.people.names import person_name
from ingest.readers import Record
from ingest.registry import open_source
from ingest.sample.names import draw_name
from ingest.source import Draft, RejectedRecordError, Source

FEWEST_WORKS, MOST_WORKS = 3, 40
SMALLEST, LARGEST = 2, 40
INSIDE_ONE_BODY, DROPPED = 0.25, 0.30
# The corpora: file, and what opens it.
CORPORA: Final = {
    "chinaxiv_zh": "chinaxiv_zh/papers.jsonl.gz",
    "acl_anthology": "acl_anthology_2016_2021/papers.jsonl.gz",
}
_NO_REGISTER: Final = Organisations()
_MAPPINGS = Path(__file__).resolve().parents[1] / "docs" / "examples" / "mappings"


@dataclass(frozen=True)
class LabelledSet:
    """A corpus with shared names put in: all works, and the labels of the two halves of the groups."""

    name: str
    works: list[Work]
    choose: list[Labelled]
    report: list[Labelled]
    groups: int


def read_works(corpus: str, data: Path) -> list[Work]:
    """Read a corpus; of several postings of one title the first stays, for copies would make the task easy."""
    source = (
        open_source("works", dataset="chinaxiv_zh")
        if corpus == "chinaxiv_zh"
        else open_source("table", mapping=str(_MAPPINGS / "acl_anthology.toml"))
    )
    works: dict[str, Work] = {}
    for draft in _drafts(source, data / CORPORA[corpus]):
        work = work_of(draft)
        works.setdefault(fold(work.text.split("\n", 1)[0]), work)
    return list(works.values())


def _drafts(source: Source, path: Path) -> Iterator[Draft]:
    for record in source.fetch(path):
        if isinstance(record, Record):
            try:
                yield source.transform(record)
            except RejectedRecordError:
                continue


def work_of(draft: Draft) -> Work:
    """Return the work of a draft with its people; the root of a body is what the source's hint cuts off."""
    entities = draft.entities
    properties = next(entity.properties for entity in entities if entity.type.label == "Output")
    roots = {
        number: fold(_NO_REGISTER.unknown_name(entity.written, entity.hint)[0])
        for number, entity in enumerate(entities)
        if entity.type.label == "Organisation"
    }
    people: list[Named] = []
    for entity in entities:
        if entity.type.label == "Person":
            written = "；".join(dict.fromkeys(entities[number].written for number in entity.employers))
            bodies = tuple(dict.fromkeys(roots[number] for number in entity.employers))
            id_ = f"{draft.row_key}#{entity.position}"
            people.append(Named(id_, str(entity.properties["name"]), bodies, written))
    words = properties.get("keywords") or []
    text = [str(properties["title"]), *(words if isinstance(words, list) else []), str(properties.get("abstract", ""))]
    year = properties.get("year")
    venue = str(properties.get("venue", ""))
    return Work(
        draft.row_key,
        tuple(people),
        year=year if isinstance(year, int) else None,
        venue=venue,
        text="\n".join(map(str, text)),
    )


def build_set(name: str, works: Sequence[Work], seed: int) -> LabelledSet:
    """Give shared names to groups of people; half of the groups to choose settings on, half to report."""
    rng = random.Random(f"{seed}/{name}")
    people = _people(works)
    groups = _groups(people, rng)
    used = {name_key(named.name) for work in works for named in work.people}
    shared: dict[str, tuple[str, int]] = {}
    for number, group in enumerate(groups):
        drawn = _fresh_name(rng, used, latin=name == "acl_anthology")
        for key in group:
            shared[key] = drawn, number
    changed: list[Work] = []
    halves: tuple[list[Labelled], list[Labelled]] = [], []
    for work in works:
        new: list[Named] = []
        for named in work.people:
            key = person_name(named.name).key
            if key not in shared:
                new.append(named)
                continue
            drawn, number = shared[key]
            dropped = rng.random() < DROPPED
            bodies = ((), "") if dropped else (named.organisations, named.affiliation)
            new.append(replace(named, name=drawn, organisations=bodies[0], affiliation=bodies[1]))
            place, _, position = named.id.rpartition("#")
            halves[number % 2].append(Labelled(place, position, key))
        changed.append(replace(work, people=tuple(new)))
    return LabelledSet(name, changed, halves[0], halves[1], len(groups))


@dataclass
class _Person:
    key: str
    works: list[Work]
    body: str
    partners: set[str]


def _people(works: Sequence[Work]) -> dict[str, _Person]:
    """People whose works are held together by one organisation or one circle of co-authors."""
    of_name: defaultdict[str, list[tuple[Work, Named]]] = defaultdict(list)
    double: set[str] = set()
    for work in works:
        for named in work.people:
            read = person_name(named.name)
            if not read.usable or (of_name[read.key] and of_name[read.key][-1][0] is work):
                double.add(read.key)
            of_name[read.key].append((work, named))
    keys = {named.id: person_name(named.name).key for work in works for named in work.people}
    found: dict[str, _Person] = {}
    for key, places in of_name.items():
        if key in double or not FEWEST_WORKS <= len(places) <= MOST_WORKS or _is_common(key):
            continue
        circles = [{keys[named.id] for named in work.people} - {key} for work, _ in places]
        bodies = Counter(root for _, named in places for root in dict.fromkeys(named.organisations))
        body = next((root for root, count in bodies.items() if count == len(places)), "")
        if body or _is_connected(circles):
            found[key] = _Person(key, [work for work, _ in places], body, set[str]().union(*circles))
    return found


def _is_common(key: str) -> bool:
    """Two Han characters, or two short pinyin words, are borne by many."""
    if not key.isascii():
        return len(key) == 2
    words = key.split()
    return len(words) < 2 or any(len(word) == 1 for word in words) or sum(map(len, words)) < 10


def _is_connected(circles: list[set[str]]) -> bool:
    if not all(circles):
        return False
    reached, open_ = set(circles[0]), list(circles[1:])
    while open_:
        touching = [circle for circle in open_ if circle & reached]
        if not touching:
            return False
        open_ = [circle for circle in open_ if not circle & reached]
        reached.update(*touching)
    return True


def _groups(people: dict[str, _Person], rng: random.Random) -> list[list[str]]:
    """Groups of 2 to 40 people (small ones more often) of whom no two wrote a work together."""
    free = sorted(people)
    rng.shuffle(free)
    of_body: defaultdict[str, list[str]] = defaultdict(list)
    for key in free:
        if people[key].body:
            of_body[people[key].body].append(key)
    groups: list[list[str]] = []
    taken: set[str] = set()
    bodies = sorted(body for body, own in of_body.items() if len(own) >= 2 * SMALLEST)
    while True:
        size = round(SMALLEST * (LARGEST / SMALLEST) ** rng.random())
        pool = of_body[rng.choice(bodies)] if bodies and rng.random() < INSIDE_ONE_BODY else free
        group: list[str] = []
        for key in pool:
            if len(group) == size:
                break
            if key not in taken and not any(key in people[other].partners for other in group):
                group.append(key)
                taken.add(key)
        if len(group) >= SMALLEST:
            groups.append(group)
        elif pool is free:
            return groups


_SYLLABLES: Final = [
    "an",
    "bo",
    "chen",
    "da",
    "fei",
    "gang",
    "hai",
    "jie",
    "kai",
    "lei",
    "min",
    "ning",
    "peng",
    "qing",
    "rui",
    "shan",
    "tao",
    "wen",
    "xin",
    "yan",
    "zhi",
]
_LATIN_SURNAMES: Final = [
    "Wang",
    "Li",
    "Zhang",
    "Liu",
    "Chen",
    "Yang",
    "Huang",
    "Zhao",
    "Wu",
    "Zhou",
    "Xu",
    "Sun",
    "Ma",
    "Zhu",
    "Hu",
    "Guo",
    "He",
    "Lin",
    "Gao",
    "Luo",
]


def _fresh_name(rng: random.Random, used: set[str], *, latin: bool) -> str:
    """Return a plausible name that nobody in the corpus has."""
    while True:
        if latin:
            given = "".join(rng.choice(_SYLLABLES) for _ in range(2)).capitalize()
            name = f"{given} {rng.choice(_LATIN_SURNAMES)}"
        else:
            name = draw_name(rng, rng.choice("男女"))
        if name_key(name) not in used:
            used.add(name_key(name))
            return name
