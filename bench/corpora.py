"""`make corpora`: load every real corpus of ../shared/data into the configured store, by shipped commands and mappings.

Prints what was read, written, rejected and how long it took, with the reasons of the rejects; a second run ends with
"0 changes". Where the corpora are not there it says so and ends.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from bench.report import SHARED, finish, machine, table
from graph.store import local_actor, open_store
from graph.textindex import TextIndex
from ingest.people.settling import settle
from ingest.registry import open_source
from ingest.run import RunReport, run

_MAPPINGS = Path(__file__).resolve().parents[1] / "docs" / "examples" / "mappings"


@dataclass(frozen=True)
class Corpus:
    """One file and how it is understood; the order matters: what is referred to comes first."""

    file: str
    mapping: str = ""
    dataset: str = ""


CORPORA = (
    Corpus("cn_divisions/provinces.csv", "cn_divisions_provinces"),
    Corpus("cn_divisions/cities.csv", "cn_divisions_cities"),
    Corpus("cn_divisions/counties.csv", "cn_divisions_counties"),
    Corpus("cn_divisions/hk_mo_tw.csv", "cn_divisions_hk_mo_tw"),
    Corpus("gbt13745/disciplines.csv", "gbt13745"),
    Corpus("ror_china/organisations.jsonl.gz", "ror_china"),
    Corpus("cn_universities/universities.csv", "cn_universities"),
    Corpus("cast_national_societies/societies.csv", "cast_national_societies"),
    Corpus("academicians/academicians.csv", "academicians"),
    Corpus("chinaxiv_zh/papers.jsonl.gz", dataset="chinaxiv_zh"),
    Corpus("nssfc_projects/projects.csv.gz", "nssfc_projects"),
    Corpus("nsfc_mgmt_projects/projects.csv.gz", "nsfc_mgmt_projects"),
    Corpus("acl_anthology_2016_2021/papers.jsonl.gz", "acl_anthology"),
)


def main() -> int:
    """Load what is there; 0 when every corpus was found."""
    if not SHARED.is_dir():
        sys.stderr.write(f"共享数据不在 {SHARED}，没有可导入的语料\n")
        return 2
    only = sys.argv[1:]
    rows: list[list[object]] = []
    reasons: Counter[tuple[str, str, str]] = Counter()
    total = 0
    with open_store() as store:
        for corpus in CORPORA:
            if only and not any(name in corpus.file for name in only):
                continue
            mapping = str(_MAPPINGS / f"{corpus.mapping}.toml") if corpus.mapping else None
            source = open_source("table" if mapping else "works", mapping=mapping, dataset=corpus.dataset)
            report = run(store, source, SHARED / corpus.file, actor=local_actor())
            rows.append(_row(report))
            reasons.update((report.source, r.column, r.reason) for r in report.rejects)
            total += report.written
            sys.stderr.write(f"{report.source}: {report.written} changes, {report.seconds:.1f} s\n")
        began = time.monotonic()
        settled = settle(store, actor=local_actor())
        settling = time.monotonic() - began
        total += settled.merged
        sys.stderr.write(f"people: {settled.merged} merged, {settling:.1f} s\n")
        index = TextIndex.open(store)
        index.follow()
        works = index.works
    table(
        "make corpora",
        ["source", "read", "written", "unchanged", "records rejected", "values rejected", "seconds"],
        rows,
    )
    table("rejects", ["source", "column", "reason", "times"], [[*k, n] for k, n in reasons.most_common(40)])
    table(
        "people",
        ["looked at", "merged", "left", "mentions", "pairs", "questions", "flags", "seconds"],
        [
            [
                settled.people,
                settled.merged,
                settled.people - settled.merged,
                settled.mentions,
                settled.pairs,
                settled.questions,
                settled.flags,
                round(settling, 1),
            ]
        ],
    )
    finish({"machine": machine(), "works_indexed": works, "changes": total})
    sys.stdout.write(f"{total} changes\n")
    return 0


def _row(report: RunReport) -> list[object]:
    return [
        report.source,
        report.read,
        report.written,
        report.unchanged,
        report.rejected_records,
        report.rejected_values,
        round(report.seconds, 1),
    ]


if __name__ == "__main__":
    raise SystemExit(main())
