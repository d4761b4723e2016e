"""Does the ranking find the right people? The newest works of known people are hidden and asked for.

    python -m bench.retrieval [--half report|tune] [--questions 500] [--seed 3]

Data: ../shared/data/chinaxiv_zh (`ZHIKU_SHARED` names another shared folder). A person is a normalised name with a shared
organisation root. The newest work of people with three or more works is hidden, with every other posting of it; the question is made
of its text; an answer is right when its name is the same and one organisation string contains the other.
People are divided into a half to choose on and a half to report by a hash of their name; the constants of `queries.ranking` come from the
design page and nothing was chosen on the reported half. The ranking and "BM25 summed over a person's works" read the
very same hits. The last line is a JSON object.
"""

import argparse
import gzip
import json
import os
import random
import sys
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np
import tantivy
from numpy.typing import NDArray

from graph.text import fold, name_key, tokens
from queries.ranking import WORKS_RETRIEVED, CollectionStatistics, Hit, Question, rank

SHARED = Path(os.environ.get("ZHIKU_SHARED", Path(__file__).resolve().parents[2] / "shared"))
KINDS = ("paragraph", "title", "keywords", "keyword")
RESAMPLES = 2000


class Person(NamedTuple):
    """A person of the split: normalised name and every organisation root seen with it."""

    id: str
    name: str
    organisations: frozenset[str]


@dataclass(frozen=True, slots=True)
class Work:
    """One paper; `people` are ids of `Person`."""

    id: str
    posted: str
    title: str
    keywords: tuple[str, ...]
    abstract: str
    people: tuple[str, ...]

    @property
    def text(self) -> str:
        """Return what is indexed and what a paragraph question consists of."""
        return " ".join([self.title, *self.keywords, self.abstract])

    def question(self, kind: str) -> str:
        """Return the text of a question of one of `KINDS`."""
        texts = {"title": self.title, "keywords": " ".join(self.keywords), "keyword": self.keywords[0]}
        return texts.get(kind, self.text)


class TextIndex:
    """A Tantivy index of the works of one split, in memory; `graph.textindex` does the same for the service."""

    def __init__(self, works: Sequence[Work], text_of: Callable[[Work], str]) -> None:
        builder = tantivy.SchemaBuilder()
        builder.add_text_field("tokens", stored=True, tokenizer_name="whitespace", index_option="freq")
        builder.add_unsigned_field("row", stored=True)
        self._schema = builder.build()
        index = tantivy.Index(self._schema)
        self._works = sorted(works, key=lambda work: work.id)
        self.frequencies: Counter[str] = Counter()
        with index.writer(num_threads=1) as writer:
            for row, work in enumerate(self._works):
                words = tokens(text_of(work))
                self.frequencies.update(words)
                document = tantivy.Document()
                document.add_text("tokens", " ".join(words))
                document.add_unsigned("row", row)
                writer.add_document(document)
            writer.commit()
        index.reload()
        self._searcher = index.searcher()

    def document_frequency(self, term: str) -> int:
        """Return df(t)."""
        return self._searcher.doc_freq("tokens", term)

    def hits(self, question: Question, limit: int) -> list[Hit]:
        """Return the best works by BM25, each term boosted by its weight."""
        clauses: list[tuple[tantivy.Occur, tantivy.Query]] = []
        for term, weight in zip(question.terms, question.weights, strict=True):
            query = tantivy.Query.term_query(self._schema, "tokens", term, index_option="freq")
            clauses.append((tantivy.Occur.Should, tantivy.Query.boost_query(query, weight)))
        found = self._searcher.search(tantivy.Query.boolean_query(clauses), limit=limit, count=False)
        hits: list[Hit] = []
        for score, address in found.hits:
            document = self._searcher.doc(address)
            work = self._works[cast("int", document.get_first("row"))]
            hits.append(Hit(work.id, float(score), cast("str", document.get_first("tokens")), work.people))
        return hits


def bm25_summed(hits: Sequence[Hit], discount: float = 1.0) -> list[str]:
    """Return people by the sum of their works' BM25, the i-th best counting discount^(i−1): the usual default at 1.0."""
    scores: defaultdict[str, float] = defaultdict(float)
    seen: Counter[str] = Counter()
    for hit in sorted(hits, key=lambda hit: (-hit.bm25, hit.work_id)):
        for person in dict.fromkeys(hit.people):
            scores[person] += hit.bm25 * discount ** seen[person]
            seen[person] += 1
    return sorted(scores, key=lambda person: (-scores[person], person))


def read(path: Path) -> tuple[list[Work], dict[str, Person]]:
    """Read the papers and join mentions of one name that share an organisation root."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        papers = cast("list[dict[str, Any]]", [json.loads(line) for line in lines])
    leaders: dict[str, str] = {}

    def leader(key: str) -> str:
        while leaders.setdefault(key, key) != key:
            key = leaders[key]
        return key

    keys_of: dict[str, list[list[str]]] = {}
    for paper in papers:
        roots = [fold(place["org_root"] or place["org"] or "") for place in paper["affiliations"]]
        keys_of[paper["id"]] = []
        for position, author in enumerate(paper["authors"]):
            name = name_key(author["name"])
            keys = [f"{name}|{roots[place]}" for place in author["aff"] if roots[place]]
            # Without an organisation nobody is joined: the position in the paper stands in for it.
            keys = keys or [f"{name}|#{paper['id']}/{position}"]
            for key in keys:
                leaders[leader(key)] = leader(keys[0])
            if len(name) > 1:
                keys_of[paper["id"]].append(keys)
    roots_of: defaultdict[str, set[str]] = defaultdict(set)
    for key in leaders:
        roots_of[leader(key)].add(key.split("|", 1)[1])
    people = {
        key: Person(key, key.split("|", 1)[0], frozenset(root for root in roots if not root.startswith("#")))
        for key, roots in roots_of.items()
    }
    works = [
        Work(
            paper["id"],
            paper["posted"],
            paper["title"] or "",
            tuple(paper["keywords"]),
            paper["abstract"] or "",
            tuple(dict.fromkeys(leader(keys[0]) for keys in keys_of[paper["id"]])),
        )
        for paper in papers
    ]
    return works, people


def is_right(asked: Person, answer: Person) -> bool:
    """Same name, and one organisation string contains the other."""
    return asked.name == answer.name and any(
        one in other or other in one for one in asked.organisations for other in answer.organisations
    )


@dataclass(frozen=True, slots=True)
class Split:
    """What is indexed, and the hidden works with the person each stands for."""

    visible: list[Work]
    asked: list[tuple[Work, Person]]


def split(
    works: Sequence[Work], people: dict[str, Person], *, half: str, questions: int, seed: int, fewest: int, most: int
) -> Split:
    """Hide the newest work of up to `questions` people who have `fewest` to `most` distinct works."""
    title_of = {work.id: "".join(tokens(work.title)) or work.id for work in works}
    works_of: defaultdict[str, dict[str, Work]] = defaultdict(dict)
    for work in sorted(works, key=lambda work: (work.posted, work.id)):
        for person in work.people:
            works_of[person][title_of[work.id]] = work
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
        if len(asked) < questions and title_of[newest.id] not in hidden and newest.abstract and newest.keywords:
            hidden.add(title_of[newest.id])
            asked.append((newest, people[person]))
    return Split([work for work in works if title_of[work.id] not in hidden], asked)


def reciprocal_ranks(
    question: Work, asked: Person, kind: str, index: TextIndex, people: dict[str, Person], depth: int
) -> dict[str, float]:
    """Return 1 / rank of the first right answer of every method, 0 when there is none."""
    parsed = Question.from_text(question.question(kind))
    hits = index.hits(parsed, depth)
    total = index.frequencies.total()
    by_cf = CollectionStatistics(total, index.frequencies.__getitem__)
    by_df = CollectionStatistics(total, index.document_frequency)
    answers = {
        "BM25 summed": bm25_summed(hits),
        "BM25, .8^r": bm25_summed(hits, 0.8),
        "M (df)": [found.id for found in rank(parsed, hits, by_df, limit=len(people))],
        "M (cf)": [found.id for found in rank(parsed, hits, by_cf, limit=len(people))],
    }
    return {
        method: next((1 / place for place, each in enumerate(ids, 1) if is_right(asked, people[each])), 0.0)
        for method, ids in answers.items()
    }


def interval(values: NDArray[np.float64]) -> tuple[float, float, float]:
    """Return mean and the bootstrap 95 % interval of the mean."""
    draws = np.random.default_rng(0).integers(0, len(values), (RESAMPLES, len(values)))
    low, high = np.quantile(values[draws].mean(axis=1), (0.025, 0.975))
    return float(values.mean()), float(low), float(high)
