"""What `bench.retrieval` asks: papers of known people, divided into those it may see and the newest ones, hidden.

A person of the split is a normalised name with a shared organisation root, whatever the identities of the graph are.
The newest work of a person is hidden with every other posting of it (same title); people are divided into a half to
choose on and a half to report by a hash of their name.
"""

from __future__ import annotations

import gzip
import json
import random
import zlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, cast

from graph.text import fold, name_key, tokens

KINDS = ("paragraph", "title", "keywords", "keyword")


class Person(NamedTuple):
    """A normalised name and every organisation string known with it."""

    name: str
    organisations: frozenset[str]

    def is_same(self, other: Person) -> bool:
        """Same name, and one organisation string contains the other (ranking.md section 4)."""
        return self.name == other.name and any(
            one in another or another in one for one in self.organisations for another in other.organisations
        )


@dataclass(frozen=True, slots=True)
class Work:
    """One paper; `people` are keys of the people of the corpus, `line` is how the corpus writes it."""

    id: str
    posted: str
    title: str
    keywords: tuple[str, ...]
    abstract: str
    people: tuple[str, ...]
    line: str

    @property
    def posting(self) -> str:
        """What all postings of one paper share: the words of its title."""
        return "".join(tokens(self.title)) or self.id

    def question(self, kind: str) -> str:
        """Return the text of a question of one of `KINDS`."""
        texts = {"title": self.title, "keywords": " ".join(self.keywords), "keyword": self.keywords[0]}
        return texts.get(kind, " ".join([self.title, *self.keywords, self.abstract]))


@dataclass(frozen=True, slots=True)
class Split:
    """What may be seen, and the hidden works with the person each stands for."""

    visible: list[Work]
    asked: list[tuple[Work, Person]]


def read(path: Path) -> tuple[list[Work], dict[str, Person]]:
    """Read the papers and join mentions of one name that share an organisation root."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        lines = [line for line in file if line.strip()]
    papers = cast("list[dict[str, Any]]", [json.loads(line) for line in lines])
    leaders: dict[str, str] = {}

    def leader(key: str) -> str:
        while leaders.setdefault(key, key) != key:
            key = leaders[key]
        return key

    keys_of: list[list[str]] = []
    for paper in papers:
        keys_of.append([])
        for keys in _keys(paper):
            for key in keys:
                leaders[leader(key)] = leader(keys[0])
            if len(keys[0].split("|", 1)[0]) > 1:
                keys_of[-1].append(keys[0])
    roots_of: defaultdict[str, set[str]] = defaultdict(set)
    for key in leaders:
        roots_of[leader(key)].add(key.split("|", 1)[1])
    people = {
        key: Person(key.split("|", 1)[0], frozenset(root for root in roots if not root.startswith("#")))
        for key, roots in roots_of.items()
    }
    works = [
        Work(
            paper["id"],
            paper["posted"],
            paper["title"] or "",
            tuple(paper["keywords"]),
            paper["abstract"] or "",
            tuple(dict.fromkeys(leader(key) for key in keys)),
            line,
        )
        for paper, keys, line in zip(papers, keys_of, lines, strict=True)
    ]
    return works, people


def _keys(paper: dict[str, Any]) -> list[list[str]]:
    """Return name|root for every root of every author; without one, nobody is joined: the position stands in."""
    roots = [fold(place["org_root"] or place["org"] or "") for place in paper["affiliations"]]
    found: list[list[str]] = []
    for position, author in enumerate(paper["authors"]):
        name = name_key(author["name"])
        keys = [f"{name}|{roots[place]}" for place in author["aff"] if roots[place]]
        found.append(keys or [f"{name}|#{paper['id']}/{position}"])
    return found


def split(
    works: Sequence[Work], people: dict[str, Person], *, half: str, questions: int, seed: int, fewest: int, most: int
) -> Split:
    """Hide the newest work of up to `questions` people who have `fewest` to `most` distinct works."""
    posting = {work.id: work.posting for work in works}
    works_of: defaultdict[str, dict[str, Work]] = defaultdict(dict)
    for work in sorted(works, key=lambda work: (work.posted, work.id)):
        for person in work.people:
            works_of[person][posting[work.id]] = work
    candidates = sorted(
        person
        for person, own in works_of.items()
        if people[person].organisations
        and fewest <= len(own) <= most
        and zlib.crc32(people[person].name.encode()) % 2 == (half == "report")
    )
    random.Random(seed).shuffle(candidates)
    hidden: set[str] = set()
    asked: list[tuple[Work, Person]] = []
    for person in candidates:
        newest = max(works_of[person].values(), key=lambda work: (work.posted, work.id))
        if len(asked) < questions and posting[newest.id] not in hidden and newest.abstract and newest.keywords:
            hidden.add(posting[newest.id])
            asked.append((newest, people[person]))
    return Split([work for work in works if posting[work.id] not in hidden], asked)
