"""What `bench.retrieval` asks: works of known people, divided into those it may see and the newest ones, hidden.

A person of the split is a normalised name with a shared organisation root (papers of chinaxiv_zh), a name with its
organisation (projects), or a name alone (the anthology has no affiliations), whatever the identities of the graph are.
The newest work of a person is hidden with every other posting of it (same title); people are divided into a half to
choose on and a half to report by a hash of their name.
"""

from __future__ import annotations

import random
import zlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from graph.text import tokens

_LONGEST_POSTING = 2_000


class Person(NamedTuple):
    """A normalised name and every organisation string known with it."""

    name: str
    organisations: frozenset[str]

    def is_same(self, other: Person) -> bool:
        """Same name, and one organisation string contains the other (ranking.md section 4); one without any agrees."""
        if self.name != other.name:
            return False
        if not self.organisations:
            return True
        return any(one in another or another in one for one in self.organisations for another in other.organisations)


@dataclass(frozen=True, slots=True)
class Work:
    """One paper or project; `people` are keys of the people of the corpus, `lines` is how the corpus writes it."""

    id: str
    posted: str
    title: str
    keywords: tuple[str, ...]
    abstract: str
    people: tuple[str, ...]
    lines: tuple[str, ...]
    discipline: str = ""

    @property
    def posting(self) -> str:
        """What all postings of one work share: the words of its title."""
        return "".join(tokens(self.title))[:_LONGEST_POSTING] or self.id

    def question(self, kind: str) -> str:
        """Return the text of a question: paragraph, title, keywords, or one keyword."""
        if kind == "keyword":
            return self.keywords[0]
        texts = {"title": self.title, "keywords": " ".join(self.keywords)}
        return texts.get(kind, " ".join(text for text in (self.title, *self.keywords, self.abstract) if text))


@dataclass(frozen=True, slots=True)
class Split:
    """What may be seen, and the hidden works with the person each stands for."""

    visible: list[Work]
    asked: list[tuple[Work, Person]]


def split(
    works: Sequence[Work], people: dict[str, Person], *, half: str, questions: int, seed: int, fewest: int, most: int
) -> Split:
    """Hide the newest work of up to `questions` people who have `fewest` to `most` distinct works.

    Where works have abstracts or keywords, a hidden one has them; where people have organisations, an asked one has.
    """
    posting = {work.id: work.posting for work in works}
    works_of: defaultdict[str, dict[str, Work]] = defaultdict(dict)
    for work in sorted(works, key=lambda work: (work.posted, work.id)):
        for person in work.people:
            works_of[person][posting[work.id]] = work
    placed = any(person.organisations for person in people.values())
    abstracts, keywords = any(work.abstract for work in works), any(work.keywords for work in works)
    candidates = sorted(
        person
        for person, own in works_of.items()
        if (people[person].organisations or not placed)
        and fewest <= len(own) <= most
        and in_half(people[person].name, half)
    )
    random.Random(seed).shuffle(candidates)
    hidden: set[str] = set()
    asked: list[tuple[Work, Person]] = []
    for person in candidates:
        newest = max(works_of[person].values(), key=lambda work: (work.posted, work.id))
        whole = (newest.abstract or not abstracts) and (newest.keywords or not keywords)
        if len(asked) < questions and posting[newest.id] not in hidden and whole:
            hidden.add(posting[newest.id])
            asked.append((newest, people[person]))
    return Split([work for work in works if posting[work.id] not in hidden], asked)


def in_half(name: str, half: str) -> bool:
    """Is a name of the half that is reported, or of that on which settings are chosen?"""
    return zlib.crc32(name.encode()) % 2 == (half == "report")
