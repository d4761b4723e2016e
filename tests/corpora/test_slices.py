"""The first records of every real corpus load by its mapping, and a second time changes nothing.

`make corpora` loads them whole. The counts are those of the files described in the corpora's READMEs.
"""

import csv
import gzip
from collections.abc import Generator
from itertools import islice
from pathlib import Path
from typing import IO, NamedTuple, cast

import pytest

from bench.corpora import CORPORA, Corpus
from bench.report import SHARED
from graph.database import Endpoint
from graph.model import DOMAIN
from graph.store import Store
from ingest.registry import open_source
from ingest.report import RunReport
from ingest.run import run
from tests.graph_fixtures import empty_store
from tests.ingest_runs import ACTOR

MAPPINGS = Path(__file__).resolve().parents[2] / "docs" / "examples" / "mappings"
RECORDS = 300


class Expected(NamedTuple):
    """Of the first 300 records: read, rejected records, rejected values, claims of each label."""

    read: int
    rejected: int
    values: int
    claims: dict[str, int]


EXPECTED: dict[str, Expected] = {
    "cn_divisions/provinces.csv": Expected(31, 0, 0, {"Region": 31}),
    "cn_divisions/cities.csv": Expected(300, 0, 0, {"Region": 300}),
    "cn_divisions/counties.csv": Expected(300, 0, 0, {"Region": 300}),
    "cn_divisions/hk_mo_tw.csv": Expected(300, 0, 0, {"Region": 323}),
    "gbt13745/disciplines.csv": Expected(300, 0, 0, {"Topic": 300}),
    # Parents beyond the first 300 records.
    "ror_china/organisations.jsonl.gz": Expected(300, 0, 66, {"Name": 685, "Organisation": 300}),
    # Three stand twice, with half-width and with full-width brackets.
    "cn_universities/universities.csv": Expected(300, 0, 0, {"Organisation": 297}),
    "cast_national_societies/societies.csv": Expected(209, 0, 0, {"Organisation": 209}),
    "academicians/academicians.csv": Expected(300, 0, 0, {"Person": 300, "Honour": 1}),
    # DOIs that were cut off ("10.15918/j"). Laboratories of an academy are bodies of their own, not the academy.
    # Every mention is a person of its own until it is settled who is one.
    "chinaxiv_zh/papers.jsonl.gz": Expected(300, 0, 5, {"Organisation": 208, "Person": 1275, "Output": 300}),
    "nssfc_projects/projects.csv.gz": Expected(
        300, 0, 0, {"Person": 300, "Topic": 22, "Project": 300, "Organisation": 120}
    ),
    "nsfc_mgmt_projects/projects.csv.gz": Expected(300, 0, 0, {"Person": 300, "Project": 300, "Organisation": 111}),
    "acl_anthology_2016_2021/papers.jsonl.gz": Expected(300, 0, 0, {"Person": 1000, "Output": 300}),
}


def cut(corpus: Corpus, folder: Path) -> Path:
    """Write the first records of a corpus as a file of the same kind."""
    whole = SHARED / corpus.file
    path = folder / corpus.file.removesuffix(".gz")
    path.parent.mkdir(exist_ok=True)
    with _text(whole) as stream, path.open("w", encoding="utf-8", newline="") as out:
        if path.suffix == ".jsonl":
            out.writelines(islice(stream, RECORDS))
        else:
            csv.writer(out).writerows(islice(csv.reader(stream), RECORDS + 1))
    return path


def _text(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return cast("IO[str]", gzip.open(path, "rt", encoding="utf-8-sig", newline=""))
    return path.open(encoding="utf-8-sig", newline="")


def ingested(store: Store, corpus: Corpus, path: Path) -> RunReport:
    mapping = str(MAPPINGS / f"{corpus.mapping}.toml") if corpus.mapping else None
    source = open_source("table" if mapping else "works", mapping=mapping, dataset=corpus.dataset)
    return run(store, source, path, actor=ACTOR)


def claims(store: Store, source: str) -> dict[str, int]:
    """How many nodes of each label does a source claim?"""
    found: dict[str, int] = {}
    for row in store.database.records(
        "claims", "MATCH (s:Source {id: $id})-[:ASSERTS]->(n) RETURN labels(n) AS labels, count(n) AS number", id=source
    ):
        label = next(node.label for node in DOMAIN if node.label in row["labels"])
        found[label] = found.get(label, 0) + int(row["number"])
    return found


@pytest.fixture(scope="module")
def loaded(
    engine: Endpoint, tmp_path_factory: pytest.TempPathFactory
) -> Generator[tuple[Store, dict[str, tuple[RunReport, Path]]]]:
    """Slices of all corpora that are there, loaded in their order."""
    folder = tmp_path_factory.mktemp("corpora")
    reports: dict[str, tuple[RunReport, Path]] = {}
    with empty_store(engine, folder / "home") as store:
        for corpus in CORPORA:
            if (SHARED / corpus.file).exists():
                path = cut(corpus, folder)
                reports[corpus.file] = ingested(store, corpus, path), path
        yield store, reports


@pytest.mark.parametrize("corpus", CORPORA, ids=lambda corpus: corpus.file)
def test_a_slice_loads_with_the_expected_counts_and_only_once(
    loaded: tuple[Store, dict[str, tuple[RunReport, Path]]], corpus: Corpus
) -> None:
    store, reports = loaded
    if corpus.file not in reports:
        pytest.skip(f"共享数据 {corpus.file} 不在")
    report, path = reports[corpus.file]
    found = Expected(report.read, report.rejected_records, report.rejected_values, claims(store, report.source))
    assert found == EXPECTED[corpus.file], [r.reason for r in report.rejects[:5]]
    assert report.taken == report.read - report.rejected_records
    again = ingested(store, corpus, path)
    assert (again.written, again.unchanged) == (0, report.created + report.unchanged)


def test_every_corpus_is_expected() -> None:
    assert set(EXPECTED) == {corpus.file for corpus in CORPORA}
