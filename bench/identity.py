"""`python -m bench.identity [--data DIR] [--seeds N]`: "same person or namesake", measured on real corpora.

Labelled by construction (`bench.identity_sets`); settings were chosen on one half of the groups, the figures are of the
other. Beside the recipe: name + organisation, a shared co-author or organisation, and Splink 5 (extra `[splink]`).
`precision` is the lower of the two corpora (mean over names), `recall` and `questions_per_1000` their means.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from bench.identity_sets import CORPORA, LabelledSet, build_set, read_works
from bench.report import SHARED, finish, table
from graph.errors import InputError
from ingest.people import splink_link
from ingest.people.clusters import resolve_blocks
from ingest.people.evaluation import IdentityReport, evaluate_identity
from ingest.people.labels import Labelled
from ingest.people.linkage import components
from ingest.people.mentions import Ints, MentionTable, build_table
from ingest.people.pairs import PairSet
from ingest.people.scoring import SAME, Scorer, Scores
from ingest.people.statistics import Background, count_background
from ingest.people.weights import IDENTITY_PAGE

Grouping = Callable[[MentionTable, Background, Scores, Ints], Ints]


def _by_pairs(test: Callable[[Scores], np.ndarray[tuple[int], np.dtype[np.bool_]]]) -> Grouping:
    def group(mentions: MentionTable, _: Background, scores: Scores, rows: Ints) -> Ints:
        chosen = test(scores)
        whole = components(len(mentions), scores.left[chosen], scores.right[chosen])
        return whole[rows]

    return group


def _splink(least: float) -> Grouping:
    def group(mentions: MentionTable, background: Background, _: Scores, rows: Ints) -> Ints:
        return splink_link.cluster(mentions, background, rows, least=least)

    return group


BASELINES: dict[str, Grouping] = {
    "name + organisation": _by_pairs(lambda scores: scores.organisation == SAME),
    "co-author or organisation": _by_pairs(lambda scores: (scores.organisation == SAME) | (scores.coauthors > 0)),
    "Splink 5, probability 0.99": _splink(0.99),
    "Splink 5, probability 0.9": _splink(0.9),
}


def evaluate(
    labels: list[Labelled], mentions: MentionTable, group: dict[str, int], questions: int = 0
) -> IdentityReport:
    """Compare groups of mentions with the labels."""
    names = {id_: mentions.names[block] for id_, block in zip(mentions.ids, map(int, mentions.block), strict=True)}
    return evaluate_identity(labels, group, names, questions=questions)


def measure(made: LabelledSet) -> dict[str, IdentityReport]:
    """Return the report of every method on the second half of the groups."""
    mentions = build_table(made.works)
    background = count_background(mentions)
    asked = {label.mention for label in made.report}
    found: dict[str, IdentityReport] = {}
    settings = {"recipe": {}, "identity page, 4.5": {"weights": IDENTITY_PAGE, "bridge": -1.0}}
    for name, options in settings.items():
        result = resolve_blocks(mentions, background, **options)  # pyright: ignore[reportArgumentType]
        group = dict(zip(mentions.ids, result.component.tolist(), strict=True))
        questions = sum(mentions.ids[question.pair[0]] in asked for question in result.questions)
        found[name] = evaluate(made.report, mentions, group, questions)
        answered = _answered(result.component, [q.pair for q in result.questions], made, mentions)
        if name == "recipe":
            found["recipe + answers"] = evaluate(made.report, mentions, answered)
    rows = np.array([row for row, id_ in enumerate(mentions.ids) if id_ in asked], dtype=np.int64)
    rows = rows[np.argsort(mentions.block[rows], kind="stable")]
    scores = Scorer(mentions, background).score(PairSet.within(rows, mentions.block[rows].astype(np.int64)))
    for name, grouping in BASELINES.items():
        try:
            labels = grouping(mentions, background, scores, rows)
        except InputError as error:
            sys.stderr.write(f"{name}: {error}\n")
            continue
        group = {mentions.ids[int(row)]: int(label) for row, label in zip(rows, labels, strict=True)}
        found[name] = evaluate(made.report, mentions, group)
    return found


def _answered(
    component: Ints, pairs: list[tuple[int, int]], made: LabelledSet, mentions: MentionTable
) -> dict[str, int]:
    """Return the groups after every question was answered truly."""
    person = {label.mention: label.person for label in [*made.choose, *made.report]}
    ids = mentions.ids
    yes = [(i, j) for i, j in pairs if ids[i] in person and person[ids[i]] == person.get(ids[j])]
    said = np.array(yes, dtype=np.int64).reshape(-1, 2)
    joined = components(len(component), component[said[:, 0]], component[said[:, 1]])[component]
    return dict(zip(ids, joined.tolist(), strict=True))


def main() -> int:
    """Measure both corpora over the seeds and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=SHARED)
    parser.add_argument("--seeds", type=int, default=5)
    options = parser.parse_args()
    if not options.data.is_dir():
        sys.stderr.write(f"共享数据不在 {options.data}，没有可评测的语料\n")
        return 2
    figures: dict[str, object] = {}
    recipe: list[dict[str, float]] = []
    for corpus in CORPORA:
        began = time.perf_counter()
        works = read_works(corpus, options.data)
        reports: dict[str, list[IdentityReport]] = {}
        for seed in range(101, 101 + options.seeds):
            for name, report in measure(build_set(corpus, works, seed)).items():
                reports.setdefault(name, []).append(report)
        rows = {name: _average(own) for name, own in reports.items()}
        columns = list(rows["recipe"])
        shown = [[name, *(row[column] for column in columns)] for name, row in rows.items()]
        table(
            f"{corpus}: second halves, {options.seeds} seeds, {time.perf_counter() - began:.0f} s",
            ["method", *columns],
            shown,
        )
        for name, row in rows.items():
            short = name.replace(" ", "_").replace(",", "")
            figures |= {f"{corpus}/{short}/{column}": row[column] for column in ("P", "R", "P pooled", "R pooled")}
        recipe.append(rows["recipe"])
    figures["precision"] = min(row["P"] for row in recipe)
    figures["recall"] = float(np.mean([row["R"] for row in recipe]))
    figures["questions_per_1000"] = float(np.mean([row["questions/1000"] for row in recipe]))
    finish(figures)
    return 0


def _average(reports: list[IdentityReport]) -> dict[str, float]:
    """Means over seeds; names weigh alike inside a seed."""

    def mean(get: Callable[[IdentityReport], float]) -> float:
        return float(np.mean([get(report) for report in reports]))

    return {
        "P": mean(lambda r: r.mean.precision),
        "R": mean(lambda r: r.mean.recall),
        "F": mean(lambda r: r.mean.f),
        "B3": mean(lambda r: r.mean_bcubed.f),
        "P pooled": mean(lambda r: r.pooled.precision),
        "R pooled": mean(lambda r: r.pooled.recall),
        "least P": min(report.mean.precision for report in reports),
        "questions/1000": mean(lambda r: r.questions_per_1000 or 0.0),
        "mentions": mean(lambda r: r.mentions),
    }


if __name__ == "__main__":
    sys.exit(main())
