"""What do expansions and the two-field ranking do?  Hidden works of chinaxiv_zh, as in `bench.retrieval`.

    python -m bench.understanding [--half report|tune] [--questions 500] [--seed 3]

Expansion: the first keyword of a hidden work is asked plainly and with the proposals of `queries.expansion` counted at
several weights, all proposals or other names only; GB/T 13745 and the NSFC codes are loaded as topics.

Two fields: a hidden work of which two keywords belong to two disciplines (the class of the Chinese Library
Classification that most visible works with the keyword bear; two letters within T) is asked as "甲 与 乙": the plain
question against `experts_between_fields`, alone and completed by the plain answer. Right is an author of the hidden
work; gains are question by question with bootstrap 95 % intervals. The last line is a JSON object.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bench.report import SHARED, finish, table
from bench.retrieval import interval, people_of, store_of
from bench.retrieval_corpora import CORPORA, MAPPINGS
from bench.retrieval_split import Person, Split, Work, split
from graph.database import Database
from graph.store import Store, local_actor
from graph.text import fold
from graph.textindex import TextIndex
from graph.vocabulary import Vocabulary
from graph.vocabulary_keeping import follow_vocabulary
from ingest.registry import open_source
from ingest.run import run
from queries.bridging import bridges, ranked_between
from queries.expansion import proposed_expansions, widened
from queries.ranking import rank
from queries.retrieval import MOST_ANSWERS, Asked, asked, collection_of, ranking_hits, works_found

CORPUS: Final = CORPORA["chinaxiv_zh"]
TREES = {"gbt13745": "gbt13745/disciplines.csv", "nsfc_codes": "nsfc_codes/codes.csv"}
WEIGHTS = (0.1, 0.2, 0.4, 1.0)
Ranks = dict[str, list[float]]


def ranked(index: TextIndex, question: Asked) -> list[str]:
    """Return the people of a question, best first, as `experts_for_topic` ranks them without filters."""
    hits = ranking_hits(works_found(index, question))
    return [each.id for each in rank(question.question, hits, collection_of(index), limit=MOST_ANSWERS)]


def reciprocal_rank(ids: Sequence[str], wanted: Sequence[Person], known: Mapping[str, Person]) -> float:
    """Return 1 / place of the first right person among the first 200, 0 when there is none."""
    for place, each in enumerate(ids[:MOST_ANSWERS], 1):
        if any(person.is_same(known[each]) for person in wanted):
            return 1 / place
    return 0.0


def expansions(
    db: Database, index: TextIndex, words: Vocabulary, questions: Sequence[tuple[str, Callable[[Sequence[str]], float]]]
) -> tuple[Ranks, int]:
    """Ask one-word questions plainly and widened; returns reciprocal ranks and how many questions had a proposal."""
    ranks: defaultdict[str, list[float]] = defaultdict(list)
    widenable = 0
    for text, score in questions:
        question = asked(text)
        proposals = proposed_expansions(db, words, text=text)
        if not proposals:
            continue
        widenable += 1
        ranks["plain"].append(score(ranked(index, question)))
        names = [each.term for each in proposals if each.relation != "narrower"]
        for weight in WEIGHTS:
            every = widened(question, [each.term for each in proposals], weight)
            ranks[f"all, {weight}"].append(score(ranked(index, every)))
        ranks["other names, .4"].append(score(ranked(index, widened(question, names, 0.4))))
    return dict(ranks), widenable


def disciplines(works: Sequence[Work]) -> dict[str, str]:
    """Return keyword → class of the works that bear it, where most of them agree."""
    classes: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for work in works:
        clc = (json.loads(work.lines[0])["clc"] or "").strip().upper()
        if clc and "A" <= clc[0] <= "Z":
            for keyword in work.keywords:
                classes[fold(keyword)][clc[:2] if clc[0] == "T" else clc[0]] += 1
    most = {keyword: counts.most_common(1)[0] for keyword, counts in classes.items()}
    return {keyword: name for keyword, (name, count) in most.items() if 2 * count > classes[keyword].total()}


def two_field_questions(asked_works: Sequence[Work], classes: Mapping[str, str]) -> list[tuple[Work, str, str]]:
    """Return the hidden works with their first two keywords of different disciplines."""
    found: list[tuple[Work, str, str]] = []
    for work in asked_works:
        known = [(keyword, classes[fold(keyword)]) for keyword in work.keywords if fold(keyword) in classes]
        pair = next(((a, b) for i, (a, x) in enumerate(known) for b, y in known[i + 1 :] if x != y), None)
        if pair:
            found.append((work, *pair))
    return found


def fields(
    index: TextIndex, questions: Sequence[tuple[str, str, Callable[[Sequence[str]], float]]]
) -> dict[str, list[float]]:
    """Ask two-field questions plainly and as two fields; returns reciprocal ranks."""
    ranks: defaultdict[str, list[float]] = defaultdict(list)
    for one, other, score in questions:
        plain = ranked(index, asked(f"{one} 与 {other}"))
        ranking = ranked_between(index, asked(one), asked(other))
        sides = [{id: each.score for id, each in side.items()} for side in ranking[:2]]
        between = [bridge.id for bridge in bridges(*sides)]
        ranks["plain"].append(score(plain))
        ranks["two fields"].append(score(between))
        first = set(between)
        weakest = {each: min(side[each] for side in shares) for each in first} if (shares := _shares(sides)) else {}
        ranks["weaker side"].append(score(sorted(first, key=lambda each: (-weakest[each], each))))
        ranks["plain order, both sides"].append(score([each for each in plain if each in first]))
        ranks["two fields, then plain"].append(score([*between, *(id for id in plain if id not in first)]))
    return dict(ranks)


def _shares(sides: Sequence[Mapping[str, float]]) -> list[dict[str, float]]:
    best = [max(side.values(), default=1.0) for side in sides]
    return [{each: score / top for each, score in side.items()} for side, top in zip(sides, best, strict=True)]


def show(title: str, ranks: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """Print MRR, hits and the paired gain over the plain question; return them for the last line."""
    arrays: dict[str, NDArray[np.float64]] = {name: np.array(values) for name, values in ranks.items()}
    rows: list[list[object]] = []
    figures: dict[str, float] = {}
    for name, values in arrays.items():
        gain, low, high = interval(values - arrays["plain"])
        rows.append([name, float((values == 1).mean()), float((values >= 0.1).mean()), float(values.mean())])
        rows[-1].append("" if name == "plain" else f"{gain:+.3f} [{low:+.3f}, {high:+.3f}]")
        figures |= {f"{title}: {name}": float(values.mean()), f"{title}: {name}, gain": gain}
    table(f"{title} ({len(arrays['plain'])} questions)", ["", "hit@1", "hit@10", "MRR", "gain over plain"], rows)
    return figures


def measure(store: Store, parts: Split, corpus: Mapping[str, Person]) -> dict[str, object]:
    """Ask both kinds of questions of a loaded store."""
    index = TextIndex.open(store)
    words = follow_vocabulary(store.database, index)
    known = people_of(store.database)

    def right(work: Work) -> Callable[[Sequence[str]], float]:
        authors = [corpus[each] for each in work.people]
        return lambda ids: reciprocal_rank(ids, authors, known)

    one_word = [(work.keywords[0], right(work)) for work, _ in parts.asked]
    ranks, widenable = expansions(store.database, index, words, one_word)
    figures: dict[str, object] = {"questions": len(one_word), "with_proposals": widenable}
    if widenable:
        figures |= show("expansion", ranks)
    crossing = two_field_questions([work for work, _ in parts.asked], disciplines(parts.visible))
    figures["two_fields"] = len(crossing)
    if crossing:
        figures |= show("two fields", fields(index, [(one, other, right(work)) for work, one, other in crossing]))
    return figures


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; exit code 2 when the corpus is absent."""
    parser = argparse.ArgumentParser(description="expansions and two-field questions on hidden works")
    parser.add_argument("--half", choices=("report", "tune"), default="report")
    parser.add_argument("--questions", type=int, default=500)
    parser.add_argument("--seed", type=int, default=3)
    options = parser.parse_args(arguments)
    if not CORPUS.path.is_file():
        sys.stderr.write(f"语料不在 {CORPUS.path}，无法测量\n")
        return 2
    works, corpus = CORPUS.read(CORPUS.path)
    parts = split(
        works, corpus, half=options.half, questions=options.questions, seed=options.seed, fewest=3, most=10**9
    )
    with store_of(CORPUS, parts.visible) as store:
        for mapping, file in TREES.items():
            run(
                store,
                open_source("table", mapping=str(MAPPINGS / f"{mapping}.toml")),
                SHARED / file,
                actor=local_actor(),
            )
        figures = measure(store, parts, corpus)
    finish({"half": options.half, "seed": options.seed, **figures})
    return 0


if __name__ == "__main__":
    sys.exit(main())
