"""Does the classifier of `queries.topics` name the right discipline, and is its confidence true?

    python -m bench.topics [--half report|tune] [--smoothing .1]

Three tagged corpora of ../shared/data: csl_sample (1,000 abstracts, 67 disciplines; 8,000 titles, 13 categories),
nssfc_projects (62,032 titles, disciplines of the fund) and chinaxiv_zh (papers with a class of the Chinese Library
Classification: first letter, two within T). Texts are divided by a hash: half are learnt from; of the others a half
each to choose on and to report. Baselines: the commonest label; the label whose name stands in the text (longest
first, else the commonest). Calibration: expected error over ten bins of confidence (ECE), and how often a statement of
confidence .2 or .8 is right. Unknown texts: English abstracts of the ACL. The last line is a JSON object.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import json
import sys
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from bench.report import SHARED, finish, table
from graph.text import tokens
from queries.topics import LEAST_CONFIDENCE, SMOOTHING, Classifier

Text = tuple[str, str]


def _lines(path: str) -> Iterator[dict[str, Any]]:
    with gzip.open(SHARED / path, "rt", encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def _rows(path: str) -> Iterator[dict[str, str]]:
    with gzip.open(SHARED / path, "rt", encoding="utf-8") as file:
        yield from csv.DictReader(io.StringIO(file.read()))


def _class(clc: str) -> str:
    clc = clc.strip().upper()
    if not clc or not "A" <= clc[0] <= "Z":
        return ""
    return clc[:2] if clc[0] == "T" else clc[0]


def corpora() -> dict[str, list[Text]]:
    """Read the tagged texts: (text, label)."""
    papers = [
        (" ".join([p["title"] or "", *p["keywords"], p["abstract"] or ""]), p)
        for p in _lines("chinaxiv_zh/papers.jsonl.gz")
    ]
    records = list(_lines("csl_sample/records.jsonl.gz"))
    return {
        "csl, 67 disciplines": [
            (" ".join([r["title"], *r["keywords"], r["abstract"]]), r["discipline"]) for r in records
        ],
        "csl titles, 13 categories": [
            (r["title"], r["category"]) for r in _rows("csl_sample/titles_with_category.csv.gz")
        ],
        "nssfc titles": [
            (r["项目名称"], r["学科分类"]) for r in _rows("nssfc_projects/projects.csv.gz") if r["学科分类"]
        ],
        "chinaxiv, CLC": [(text, _class(p["clc"] or "")) for text, p in papers if _class(p["clc"] or "")],
    }


def divided(texts: Sequence[Text], half: str) -> tuple[list[Text], list[Text]]:
    """Return what may be learnt from, and the half asked about; equal texts stay together."""
    learn: list[Text] = []
    ask: list[Text] = []
    for text, label in texts:
        part = zlib.crc32(text.encode()) % 4
        if part < 2:
            learn.append((text, label))
        elif (part == 3) == (half == "report"):
            ask.append((text, label))
    return learn, ask


def named(text: str, labels: Sequence[str], commonest: str) -> str:
    """Return the label whose name stands in the text, longest first, else the commonest."""
    return next((label for label in sorted(labels, key=len, reverse=True) if label in text), commonest)


def measure(name: str, texts: Sequence[Text], half: str, smoothing: float) -> dict[str, float]:
    """Learn, ask, print one corpus."""
    learn, ask = divided(texts, half)
    classifier = Classifier.trained(((tokens(text), label) for text, label in learn), smoothing=smoothing)
    if classifier is None:
        return {}
    commonest = Counter(label for _, label in learn).most_common(1)[0][0]
    labels = sorted({label for _, label in learn})
    guesses = [classifier.guesses(tokens(text), 3) for text, _ in ask]
    right = [label for _, label in ask]
    first = np.array([bool(g) and g[0].label == label for g, label in zip(guesses, right, strict=True)])
    third = np.array([label in [each.label for each in g] for g, label in zip(guesses, right, strict=True)])
    sure = np.array([g[0].probability if g else 0.0 for g in guesses])
    error = 0.0
    for low in np.arange(0, 1, 0.1):
        inside = (sure > low) & (sure <= low + 0.1)
        if inside.any():
            error += inside.mean() * abs(first[inside].mean() - sure[inside].mean())
    said = sure >= LEAST_CONFIDENCE
    certain = sure >= 0.8
    figures = {
        "texts": float(len(ask)),
        "acc1": float(first.mean()),
        "acc3": float(third.mean()),
        "majority": float(np.mean([label == commonest for label in right])),
        "name_match": float(np.mean([named(text, labels, commonest) == label for text, label in ask])),
        "ece": float(error),
        "said": float(said.mean()),
        "right_when_said": float(first[said].mean()) if said.any() else 0.0,
        "sure": float(certain.mean()),
        "right_when_sure": float(first[certain].mean()) if certain.any() else 0.0,
        "temperature": classifier.temperature,
    }
    table(name, list(figures), [list(figures.values())])
    return figures | {"unknown_said": unknown(classifier)}


def unknown(classifier: Classifier) -> float:
    """Return for what share of 500 English abstracts a discipline is named."""
    texts = [
        p.get("abstract") or ""
        for _, p in zip(range(500), _lines("acl_anthology_2016_2021/papers.jsonl.gz"), strict=False)
    ]
    guesses = [classifier.guesses(tokens(text), 1) for text in texts if text]
    return sum(bool(g) and g[0].probability >= LEAST_CONFIDENCE for g in guesses) / max(1, len(guesses))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; exit code 2 when the corpora are absent."""
    parser = argparse.ArgumentParser(description="name the discipline of texts")
    parser.add_argument("--half", choices=("report", "tune"), default="report")
    parser.add_argument("--smoothing", type=float, default=SMOOTHING)
    options = parser.parse_args(arguments)
    if not SHARED.is_dir():
        sys.stderr.write(f"语料不在 {SHARED}，无法测量\n")
        return 2
    figures: dict[str, object] = {"half": options.half}
    for name, texts in corpora().items():
        figures |= {
            f"{name}: {key}": value for key, value in measure(name, texts, options.half, options.smoothing).items()
        }
    finish(figures)
    return 0


if __name__ == "__main__":
    sys.exit(main())
