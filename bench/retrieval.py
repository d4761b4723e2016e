"""Does `experts_for_topic` find the right people? The newest works of known people are hidden and asked for.

    python -m bench.retrieval [--corpus NAME …] [--half report|tune] [--questions 500] [--seed 3]

Data: the corpora of `bench.retrieval_corpora` (Chinese papers, English papers, two sets of funded projects with titles
only), divided by `bench.retrieval_split`: the newest work of people with three or more is hidden. The other works go
through the shipped sources into a temporary embedded store, after ROR and the list of universities, and every question
is put to `experts_for_topic` with the text of a hidden work ("title, discipline": with its discipline given as well).
An answer is right when it has the name of an author of the hidden work and one organisation string contains the other
(English papers have no organisations: the name alone); `_strict` counts only the person whose newest work it is.
`_few`: people with two or three works, of which one or two are left (a store of its own).

Baselines, from the same index and the same identities: "BM25 summed" adds the BM25 of all of a person's works that
hold a word of the question (n(t) as weight of a term; 20,000 works, more than there are); "BM25, same works" adds it
over the 500 works that the ranking itself reads; ".8^r" discounts those as the ranking does. Below place 200 nothing
counts. Gains are differences question by question, with bootstrap 95 % intervals. The constants of `queries.ranking`
come from the design page; nothing was chosen on the reported half. Milliseconds are of one question for 200 people
without evidence works. The last line is a JSON object.
"""

from __future__ import annotations

import argparse
import importlib.util
import shutil
import signal
import statistics
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from platformdirs import user_cache_path

from bench.report import SHARED, finish, table
from bench.retrieval_corpora import CORPORA, MAPPINGS, Corpus
from bench.retrieval_split import Person, Split, Work, in_half, split
from bench.retrieval_topics import topics
from graph.database import Database
from graph.sentence_kept import MINILM, MINILM_PACKAGE
from graph.settings import DatabaseSettings
from graph.store import Store, embedded, local_actor, open_store
from graph.text import fold, name_key, tokens
from graph.textindex import TextIndex
from ingest.people.settling import settle
from ingest.registry import open_source
from ingest.run import run
from queries.baselines import ALL_WORKS, DISCOUNT, bm25_summed
from queries.experts import experts_for_topic
from queries.retrieval import MOST_ANSWERS, asked, works_found

# What organisation strings are matched to, as in a real store.
REGISTERS = {"ror_china": "ror_china/organisations.jsonl.gz", "cn_universities": "cn_universities/universities.csv"}
ASKED = "experts_for_topic"
BASELINE = "BM25 summed"
SAME_WORKS = "BM25, same works"
DISCOUNTED = "the same, .8^r"
WITH_MINILM = "experts_for_topic, MiniLM"
RESAMPLES = 2000

Ranks = dict[str, NDArray[np.float64]]
Figures = dict[str, object]
# Ends the name of a kind of question that is asked with the work's discipline.
WITH_DISCIPLINE = ", discipline"

# Every person with the bodies that mentions and posts give, as the graph has them.
_PEOPLE = """
MATCH (p:Person)
WHERE p.id > $after AND p.tombstone IS NULL
RETURN p.id AS id, p.name AS name,
  [(p)-[r:AFFILIATED_WITH]->(o:Organisation) | [o.name, r.department]] AS posts,
  [(p)-[m:AUTHORED|LED|PARTICIPATED_IN]->() | m.affiliation_as_written] AS written
ORDER BY id
LIMIT $page
"""
_PAGE = 5_000


@contextmanager
def store_of(corpus: Corpus, works: Sequence[Work]) -> Generator[Store]:
    """A temporary embedded store of the registers and these works, loaded by the shipped sources."""
    with tempfile.TemporaryDirectory(prefix="zhiku-retrieval-") as folder:
        home = Path(folder)
        visible = corpus.written(works, home)
        # Never the configured Neo4j: the bench writes.
        settings = DatabaseSettings().model_copy(update={"uri": ""})  # pyright: ignore[reportCallIssue]
        try:
            with open_store(settings, home) as store:
                for mapping, file in REGISTERS.items():
                    source = open_source("table", mapping=str(MAPPINGS / f"{mapping}.toml"))
                    run(store, source, SHARED / file, actor=local_actor())
                report = run(store, corpus.source(), visible, actor=local_actor())
                sys.stderr.write(f"{report.read} rows, {report.rejected_records} rejected, {report.seconds:.0f} s\n")
                settle(store, actor=local_actor())
                yield store
        finally:
            embedded(settings, home).stop()


def people_of(database: Database) -> dict[str, Person]:
    """Read by what names and organisation strings the graph knows each person."""
    found: dict[str, Person] = {}
    after = ""
    while rows := database.records("bench_people", _PEOPLE, after=after, page=_PAGE):
        for row in rows:
            posts: list[list[str | None]] = row["posts"]
            strings = [name or "" for name, _ in posts] + [(name or "") + (part or "") for name, part in posts]
            written: list[str | None] = row["written"]
            strings += [each for text in written for each in (text or "").split("；")]
            folded = frozenset(fold(each) for each in strings) - {""}
            found[row["id"]] = Person(name_key(row["name"] or ""), folded)
        after = rows[-1]["id"]
    return found


@dataclass(frozen=True, slots=True)
class Bench:
    """One loaded split: what is asked, where, and who the graph's people are."""

    parts: Split
    corpus: dict[str, Person]
    store: Store
    index: TextIndex
    known: dict[str, Person]

    def answers(self, text: str, discipline: str | None) -> tuple[dict[str, list[str]], float]:
        """Return the ids each method gives, best first, and how many milliseconds `experts_for_topic` took."""
        began = time.perf_counter()
        answer = experts_for_topic(
            self.store.database, self.index, text=text, limit=MOST_ANSWERS, evidence=0, discipline=discipline
        )
        milliseconds = (time.perf_counter() - began) * 1000
        plain = {term: float(count) for term, count in Counter(tokens(text)).items()}
        same = works_found(self.index, asked(text))
        ids = {
            ASKED: [expert.id for expert in answer.experts],
            BASELINE: bm25_summed(self.index.search_works(plain, limit=ALL_WORKS)),
            SAME_WORKS: bm25_summed(same),
            DISCOUNTED: bm25_summed(same, DISCOUNT),
        }
        return ids, milliseconds

    def ask(self, kind: str) -> tuple[Ranks, Ranks, list[float]]:
        """Return one reciprocal rank a question for every method (any author; the asked person), and milliseconds."""
        found: defaultdict[str, list[float]] = defaultdict(list)
        strict: defaultdict[str, list[float]] = defaultdict(list)
        taken: list[float] = []
        for work, person in self.parts.asked:
            authors = [self.corpus[each] for each in work.people]
            discipline = work.discipline if kind.endswith(WITH_DISCIPLINE) else None
            ids_of, milliseconds = self.answers(work.question(kind.removesuffix(WITH_DISCIPLINE)), discipline)
            taken.append(milliseconds)
            for method, ids in ids_of.items():
                found[method].append(self.reciprocal_rank(ids, authors))
                strict[method].append(self.reciprocal_rank(ids, [person]))
        return _arrays(found), _arrays(strict), taken

    def reciprocal_rank(self, ids: Sequence[str], wanted: Sequence[Person]) -> float:
        """Return 1 / place of the first right answer, 0 when there is none."""
        for place, each in enumerate(ids, 1):
            if any(person.is_same(self.known[each]) for person in wanted):
                return 1 / place
        return 0.0


def _arrays(ranks: dict[str, list[float]]) -> Ranks:
    return {method: np.array(values, dtype=np.float64) for method, values in ranks.items()}


def interval(values: NDArray[np.float64]) -> tuple[float, float, float]:
    """Return mean and the bootstrap 95 % interval of the mean."""
    draws = np.random.default_rng(0).integers(0, len(values), (RESAMPLES, len(values)))
    low, high = np.quantile(values[draws].mean(axis=1), (0.025, 0.975))
    return float(values.mean()), float(low), float(high)


def _shown(values: NDArray[np.float64]) -> str:
    return "{:.3f} [{:.3f}, {:.3f}]".format(*interval(values)).replace("0.", ".")


def show(title: str, ranks: Ranks) -> None:
    """Print one row a method: hit@1, hit@10, MRR, and the gain of `experts_for_topic` over it."""
    ours = ranks[ASKED]
    rows = [
        [
            method,
            float((values == 1).mean()),
            float((values >= 0.1).mean()),
            _shown(values),
            "" if method == ASKED else _shown(ours - values),
        ]
        for method, values in ranks.items()
    ]
    table(f"{title} ({len(ours)} questions)", ["", "hit@1", "hit@10", "MRR", "gain over it"], rows)


def figures(kind: str, ranks: Ranks) -> dict[str, float]:
    """Return the figures of one kind of question for the last line."""
    ours = ranks[ASKED]
    gain, low, high = interval(ours - ranks[BASELINE])
    return {
        f"gain_{kind}": gain,
        f"gain_low_{kind}": low,
        f"gain_high_{kind}": high,
        f"mrr_{kind}": float(ours.mean()),
        f"hit1_{kind}": float((ours == 1).mean()),
        f"hit10_{kind}": float((ours >= 0.1).mean()),
        f"baseline_mrr_{kind}": float(ranks[BASELINE].mean()),
        f"gain_same_works_{kind}": float((ours - ranks[SAME_WORKS]).mean()),
        f"gain_discounted_{kind}": float((ours - ranks[DISCOUNTED]).mean()),
    }


def measure(corpus: Corpus, parts: Split, people: dict[str, Person], kinds: Sequence[str], ending: str) -> Figures:
    """Load what may be seen, ask every kind of question, print, and return the figures."""
    result: Figures = {f"questions{ending}": len(parts.asked)}
    with store_of(corpus, parts.visible) as store:
        index = TextIndex.open(store)
        bench = Bench(parts, people, store, index, people_of(store.database))
        result |= {f"works{ending}": index.works, f"people{ending}": len(bench.known)}
        everything: list[float] = []
        for kind in kinds:
            ranks, strict, taken = bench.ask(kind)
            everything += taken
            show(f"{kind}{ending}", ranks)
            show(f"{kind}{ending}, asked person only", strict)
            result |= figures(kind + ending, ranks) | figures(f"{kind}{ending}_strict", strict)
            result[f"ms_p50_{kind}{ending}"] = statistics.median(taken)
            sys.stderr.write(f"{kind}{ending}: p50 {statistics.median(taken):.0f} ms\n")
        result[f"ms_p50{ending}"] = statistics.median(everything)
    return result


def measure_topics(corpus: Corpus, works: Sequence[Work], half: str) -> Figures:
    """Ask for topics by English names (`bench.retrieval_topics`): precision within ten, mean average precision.

    Asked of the index as it is shipped, and again of one with the vectors of MiniLM.
    """
    asked_for = [topic for topic in topics(corpus.path) if in_half(topic.name, half)]
    precision: defaultdict[str, list[float]] = defaultdict(list)
    average: defaultdict[str, list[float]] = defaultdict(list)

    def ask(bench: Bench, methods: Mapping[str, str]) -> None:
        for topic in asked_for:
            answers = bench.answers(topic.name, None)[0]
            for method, called in methods.items():
                right = np.array([bench.known[each].name in topic.people for each in answers[method]], dtype=np.float64)
                precision[called].append(float(right[:10].sum()) / 10)
                places = np.cumsum(right) / np.arange(1, len(right) + 1)
                average[called].append(float((places * right).sum()) / len(topic.people))

    with store_of(corpus, works) as store:
        known, parts = people_of(store.database), Split(list(works), [])
        ask(
            Bench(parts, {}, store, TextIndex.open(store), known),
            {each: each for each in (ASKED, BASELINE, SAME_WORKS, DISCOUNTED)},
        )
        if importlib.util.find_spec(MINILM_PACKAGE) is not None:
            with kept_vectors(store.folder / "text"):
                index = TextIndex(replace(store, encoder=MINILM))
                index.rebuild()
            ask(Bench(parts, {}, store, index, known), {ASKED: WITH_MINILM})
    arrays = {method: (np.array(precision[method]), np.array(average[method])) for method in precision}
    rows = [[method, *(_shown(each) for each in both)] for method, both in arrays.items()]
    table(f"topic names ({len(asked_for)} topics)", ["", "P@10", "MAP"], rows)
    result: Figures = {"topics": len(asked_for)}
    for method, short in ((ASKED, ""), (BASELINE, "baseline_"), (WITH_MINILM, "minilm_")):
        if method in arrays:
            p10, mean_average = arrays[method]
            result |= {f"{short}p10_topics": float(p10.mean()), f"{short}map_topics": float(mean_average.mean())}
    result["gain_map_topics"] = float((arrays[ASKED][1] - arrays[BASELINE][1]).mean())
    if WITH_MINILM in arrays:
        for place, name in enumerate(("p10", "map")):
            gain, low, high = interval(arrays[WITH_MINILM][place] - arrays[ASKED][place])
            result |= {f"minilm_gain_{name}": gain, f"minilm_gain_low_{name}": low, f"minilm_gain_high_{name}": high}
    return result


@contextmanager
def kept_vectors(folder: Path) -> Generator[None]:
    """Keep what an encoder makes of texts from run to run (23,000 abstracts take half an hour)."""
    kept = user_cache_path("zhiku") / "bench-encoders"
    kept.mkdir(parents=True, exist_ok=True)
    folder.mkdir(parents=True, exist_ok=True)
    for file in kept.glob("*.sqlite"):
        shutil.copy2(file, folder)
    yield
    for file in folder.glob("*.sqlite"):
        shutil.copy2(file, kept)


def _ended(_number: int, _frame: object) -> None:
    # As an exception, so that the engine of the temporary store is stopped.
    sys.exit(143)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; exit code 2 when the corpora are absent."""
    parser = argparse.ArgumentParser(description="find the authors of hidden works")
    parser.add_argument("--corpus", choices=tuple(CORPORA), nargs="+", default=tuple(CORPORA))
    parser.add_argument("--half", choices=("report", "tune"), default="report")
    parser.add_argument("--questions", type=int, default=500)
    parser.add_argument("--seed", type=int, default=3)
    options = parser.parse_args(arguments)
    if not SHARED.is_dir():
        sys.stderr.write(f"语料不在 {SHARED}，无法测量检索\n")
        return 2
    signal.signal(signal.SIGTERM, _ended)
    result: Figures = {"half": options.half, "seed": options.seed}
    for name in options.corpus:
        corpus = CORPORA[name]
        works, people = corpus.read(corpus.path)
        for ending, kinds, fewest, most in (("", corpus.kinds, 3, len(works)), ("_few", corpus.few_kinds, 2, 3)):
            parts = split(
                works,
                people,
                half=options.half,
                questions=options.questions,
                seed=options.seed,
                fewest=fewest,
                most=most,
            )
            found = measure(corpus, parts, people, kinds, f"{ending}_{name}")
            # The first corpus is the one whose figures had no name before there were others.
            result |= {key.removesuffix("_chinaxiv_zh"): value for key, value in found.items()}
        if name == "acl_anthology":
            result |= measure_topics(corpus, works, options.half)
    finish(result)
    return 0


if __name__ == "__main__":
    sys.exit(main())
