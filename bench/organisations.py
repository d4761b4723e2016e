"""How well and how fast are real affiliation strings matched?  `python -m bench.organisations [folder of the corpora]`

The 9,509 strings of chinaxiv_zh against ror_china and cn_universities: share of each outcome, seconds per 10,000
strings, and precision and recall on strings judged by eye (`organisation_labels.tsv`, where "" means that no registered
body is meant, or none without asking). Nothing is written to a graph.
"""

from __future__ import annotations

import csv
import gzip
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from bench.report import SHARED, finish, machine, table
from graph.text import fold
from ingest.bodies import spelling
from ingest.organisations import Organisations

LABELS: Final = Path(__file__).with_name("organisation_labels.tsv")
_KINDS: Final = {
    "education": "university",
    "facility": "institute",
    "company": "enterprise",
    "healthcare": "hospital",
    "government": "government",
}


def registers(folder: Path) -> Organisations:
    """All bodies of the two registers, as their mappings read them."""
    found = Organisations()
    listed = list(_lines(folder / "ror_china" / "organisations.jsonl.gz"))
    for row in listed:
        _add(found, row)
    for row in listed:
        id_ = found.by_strong(f"ror:{_bare(row['ror'])}")
        for tie in row["relationships"]:
            parent = found.by_strong(f"ror:{_bare(tie['ror'])}")
            if tie["type"] == "parent" and id_ and parent and parent != id_:
                found.add_parent(id_, parent)
    with (folder / "cn_universities" / "universities.csv").open(encoding="utf-8-sig", newline="") as stream:
        for row in csv.DictReader(stream):
            name = row["name"]
            known = found.by_register(name, ror="", uscc="") or f"U{row['province']}{name}"
            found.add(known, name_key=fold(name), verified=True, legal=True, kind="university")
    return found


def _add(found: Organisations, row: dict[str, Any]) -> None:
    name, ror = row["name_zh"] or row["name"], _bare(row["ror"])
    id_ = found.by_register(name, ror=ror, uscc="") or f"R{ror}"
    kind = _KINDS.get(next(iter(row["types"]), ""), "")
    found.add(id_, name_key=fold(name), verified=True, kind=kind, ror=ror)
    for english in (row["name_en"], row["name"]):
        if english:
            found.add_alias(id_, fold(english), "english")
    for alias in (*row["aliases"], *row["other_zh"]):
        found.add_alias(id_, fold(alias), "alias")
    for acronym in row["acronyms"]:
        found.add_alias(id_, fold(acronym), "abbreviation")


def strings(folder: Path) -> dict[str, str]:
    """Every affiliation string of chinaxiv_zh with the root that its makers guessed."""
    found: dict[str, str] = {}
    for paper in _lines(folder / "chinaxiv_zh" / "papers.jsonl.gz"):
        for place in paper["affiliations"]:
            found.setdefault(place["org"], place["org_root"])
    return found


def labels() -> dict[str, str]:
    """Judged strings with the name of the body they mean."""
    lines = LABELS.read_text(encoding="utf-8").splitlines()
    return dict(line.split("\t") for line in lines if line and not line.startswith("#"))


def judged(known: Organisations) -> tuple[dict[str, float], list[list[object]]]:
    """Precision and recall on the labels, and the strings that went wrong."""
    counts: Counter[str] = Counter()
    wrong: list[list[object]] = []
    for written, name in labels().items():
        found = known.match(written)
        said = known.name_of(found.id) if found else ""
        counts["same"] += bool(found)
        counts["meant"] += bool(name)
        counts["right"] += bool(found) and said == fold(name)
        if said != fold(name):
            wrong.append([written, said, name])
    figures = {
        "labels": len(labels()),
        "precision": counts["right"] / max(counts["same"], 1),
        "recall": counts["right"] / max(counts["meant"], 1),
    }
    return figures, wrong


def main() -> int:
    """Measure; 2 when the corpora are not there."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else SHARED
    if not (folder / "ror_china").is_dir():
        sys.stderr.write(f"共享数据不在 {folder}，没有可测的语料\n")
        return 2
    known, found = registers(folder), strings(folder)
    began = time.perf_counter()
    matched = sum(known.match(written, hint) is not None for written, hint in found.items())
    first = time.perf_counter() - began
    began = time.perf_counter()
    for written, hint in found.items():
        known.match(written, hint)
    again = time.perf_counter() - began
    began = time.perf_counter()
    outcomes = Counter(known.doubts(spelling.clean(written)).outcome for written in found)
    doubting = time.perf_counter() - began
    figures, wrong = judged(known)
    table("judged by eye, gone wrong", ["written", "matched", "meant"], wrong)
    table("outcomes without the source's hint", ["outcome", "strings"], [[k, n] for k, n in outcomes.most_common()])
    per = 10_000 / len(found)
    finish(
        {
            "machine": machine(),
            "strings": len(found),
            "matched_share": matched / len(found),
            **{f"{outcome}_share": outcomes[outcome] / len(found) for outcome in ("same", "ask", "new")},
            "seconds_per_10000": first * per,
            "seconds_per_10000_again": again * per,
            "seconds_per_10000_questions": doubting * per,
            **figures,
        }
    )
    return 0


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        for line in stream:
            yield json.loads(line)


def _bare(ror: str) -> str:
    return ror.removeprefix("https://ror.org/")


if __name__ == "__main__":
    raise SystemExit(main())
