"""Everybody of the judged questions stands in the shared corpora, under an organisation of that name."""

import csv
import gzip
import json
from collections import defaultdict
from typing import IO, Any, Final, cast

import pytest

from bench.questions import read_questions
from bench.report import SHARED
from graph.text import fold, name_key

_PAPERS: Final = ("chinaxiv_zh/papers.jsonl.gz", "acl_anthology_2016_2021/papers.jsonl.gz")
_PROJECTS: Final = {
    "nssfc_projects/projects.csv.gz": ("项目负责人", "工作单位"),
    "nsfc_mgmt_projects/projects.csv.gz": ("负责人", "依托单位"),
}


def _opened(file: str) -> IO[str]:
    return gzip.open(SHARED / file, "rt", encoding="utf-8-sig", newline="")


def _people() -> dict[str, set[str]]:
    """Name key → the folded organisation names written beside it, in all corpora."""
    people: defaultdict[str, set[str]] = defaultdict(set)
    for file in _PAPERS:
        with _opened(file) as lines:
            for line in lines:
                paper = cast("dict[str, Any]", json.loads(line))
                places = [fold(f"{place['org'] or ''} {place['raw'] or ''}") for place in paper.get("affiliations", ())]
                for author in cast("list[dict[str, Any]]", paper["authors"]):
                    name = author.get("name") or f"{author.get('first') or ''} {author.get('last') or ''}"
                    written = cast("list[int]", author.get("aff", []))
                    people[name_key(name)].update([places[place] for place in written])
    for file, (leader, unit) in _PROJECTS.items():
        with _opened(file) as lines:
            for row in csv.DictReader(lines):
                people[name_key(row[leader])].add(fold(row[unit]))
    return people


def test_everybody_named_stands_in_the_corpora() -> None:
    missing = [file for file in (*_PAPERS, *_PROJECTS) if not (SHARED / file).is_file()]
    if missing:
        pytest.skip(f"共享数据 {'、'.join(missing)} 不在")
    people = _people()
    unknown = [
        (question.id, *person)
        for question in read_questions()
        for person in (*question.fits, *question.partly, *question.does_not, *question.missing)
        if not any(fold(person.organisation) in place for place in people.get(name_key(person.name), ()))
        and not (not person.organisation and name_key(person.name) in people)
    ]
    assert unknown == []
