"""Does the ranking find the right people? The newest works of known people are hidden and asked for.

    python -m bench.retrieval [--half report|tune] [--questions 500] [--seed 3]

Data: ../shared/data/chinaxiv_zh (`ZHIKU_SHARED` names another shared folder). A person is a normalised name with a
shared organisation root. The newest work of people with three or more works is hidden, with every other posting of it;
the question is made of its text. An answer is right when it has the name of an author of the hidden work and one
organisation string contains the other; `_strict` counts only the person whose newest work it is. `_few`: people with
two or three works, of which one or two are left. People are divided into a half to choose on and a half to report by a
hash of their name; the constants of `queries.ranking` come from the design page, nothing was chosen on the reported
half. The ranking and "BM25 summed over a person's works" read the very same hits. The last line is a JSON object.
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
from queries.ranking import DISCOUNT, WORKS_RETRIEVED, CollectionStatistics, Hit, Question, rank

SHARED = Path(os.environ.get("ZHIKU_SHARED", Path(__file__).resolve().parents[2] / "shared"))
BASELINE = "BM25 summed"
KINDS = ("paragraph", "title", "keywords", "keyword")
RESAMPLES = 2000
# A right answer below this rank counts 0 in every method.
DEPTH = 100

Ranks = dict[str, NDArray[np.float64]]


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
    """Return people by summed BM25 of their works, the i-th best times discount^(i−1): the usual default at 1.0."""
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


def answers(question: Question, index: TextIndex, people: int) -> dict[str, list[str]]:
    """Return the person ids each method gives, best first, from the same hits."""
    hits = index.hits(question, WORKS_RETRIEVED)
    total = index.frequencies.total()
    by_cf = CollectionStatistics(total, index.frequencies.__getitem__)
    by_df = CollectionStatistics(total, index.document_frequency)
    return {
        BASELINE: bm25_summed(hits)[:people],
        "BM25 .8^r": bm25_summed(hits, DISCOUNT)[:people],
        "M": [found.id for found in rank(question, hits, by_df, limit=people)],
        "M with cf": [found.id for found in rank(question, hits, by_cf, limit=people)],
    }


def reciprocal_rank(ids: Sequence[str], wanted: Sequence[Person], people: dict[str, Person]) -> float:
    """Return 1 / place of the first right answer, 0 when there is none."""
    for place, each in enumerate(ids, 1):
        if any(is_right(person, people[each]) for person in wanted):
            return 1 / place
    return 0.0


def ask(parts: Split, index: TextIndex, people: dict[str, Person], kind: str) -> tuple[Ranks, Ranks]:
    """Return one reciprocal rank a question for every method: any author is right; only the asked person is."""
    found: defaultdict[str, list[float]] = defaultdict(list)
    strict: defaultdict[str, list[float]] = defaultdict(list)
    for work, person in parts.asked:
        authors = [people[each] for each in work.people]
        for method, ids in answers(Question.from_text(work.question(kind)), index, DEPTH).items():
            found[method].append(reciprocal_rank(ids, authors, people))
            strict[method].append(reciprocal_rank(ids, [person], people))
    return _arrays(found), _arrays(strict)


def _arrays(ranks: dict[str, list[float]]) -> Ranks:
    return {method: np.array(values, dtype=np.float64) for method, values in ranks.items()}


def interval(values: NDArray[np.float64]) -> tuple[float, float, float]:
    """Return mean and the bootstrap 95 % interval of the mean."""
    draws = np.random.default_rng(0).integers(0, len(values), (RESAMPLES, len(values)))
    low, high = np.quantile(values[draws].mean(axis=1), (0.025, 0.975))
    return float(values.mean()), float(low), float(high)


def table(name: str, ranks: Ranks) -> None:
    """Print one row a method: hit@1, hit@10, MRR and the paired gain in MRR over the baseline, with intervals."""
    print(f"\n{name} ({len(ranks[BASELINE])} questions)")
    print(f"{'':<12}{'hit@1':<20}{'hit@10':<20}{'MRR':<20}gain in MRR over {BASELINE}")
    for method, values in ranks.items():
        hit_1 = (values == 1).astype(np.float64)
        hit_10 = (values >= 0.1).astype(np.float64)
        cells = [f"{_shown(interval(each)):<20}" for each in (hit_1, hit_10, values)]
        print(f"{method:<12}{''.join(cells)}{_shown(interval(values - ranks[BASELINE]))}")


def _shown(estimate: tuple[float, float, float]) -> str:
    return "{:.3f} [{:.3f}, {:.3f}]".format(*estimate).replace("0.", ".")


def figures(kind: str, ranks: Ranks, ending: str = "") -> dict[str, float]:
    """Return the figures of one kind of question for the last line."""
    gain, low, high = interval(ranks["M"] - ranks[BASELINE])
    shown = {
        f"gain_{kind}": gain,
        f"gain_low_{kind}": low,
        f"gain_high_{kind}": high,
        f"mrr_{kind}": float(ranks["M"].mean()),
        f"hit1_{kind}": float((ranks["M"] == 1).mean()),
        f"hit10_{kind}": float((ranks["M"] >= 0.1).mean()),
        f"baseline_mrr_{kind}": float(ranks[BASELINE].mean()),
        f"gain_over_discounted_bm25_{kind}": float((ranks["M"] - ranks["BM25 .8^r"]).mean()),
        f"df_minus_cf_{kind}": float((ranks["M"] - ranks["M with cf"]).mean()),
    }
    return {key + ending: round(value, 4) for key, value in shown.items()}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; exit code 2 when the corpus is absent."""
    parser = argparse.ArgumentParser(description="find the authors of hidden works")
    parser.add_argument("--half", choices=("report", "tune"), default="report")
    parser.add_argument("--questions", type=int, default=500)
    parser.add_argument("--seed", type=int, default=3)
    options = parser.parse_args(arguments)
    path = SHARED / "data" / "chinaxiv_zh" / "papers.jsonl.gz"
    if not path.is_file():
        print(f"语料不存在：{path}；请设置 ZHIKU_SHARED。", file=sys.stderr)
        return 2
    works, people = read(path)
    result: dict[str, float | str] = {"half": options.half, "seed": options.seed}
    for ending, fewest, most in (("", 3, len(works)), ("_few", 2, 3)):
        parts = split(
            works,
            people,
            half=options.half,
            questions=options.questions,
            seed=options.seed,
            fewest=fewest,
            most=most,
        )
        index = TextIndex(parts.visible, lambda work: work.text)
        result["questions" + ending] = len(parts.asked)
        for kind in KINDS:
            ranks, strict = ask(parts, index, people, kind)
            table(f"{kind}{ending}", ranks)
            table(f"{kind}{ending}, asked person only", strict)
            result |= figures(kind, ranks, ending) | figures(kind, strict, ending + "_strict")
    print(json.dumps(result, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
