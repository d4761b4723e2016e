"""The corpora that `bench.retrieval` divides: how each is read, and how its visible part is loaded into a store."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, cast

from bench.report import SHARED
from bench.retrieval_split import Person, Work
from graph.text import fold, name_key
from ingest.registry import open_source
from ingest.source import Source

MAPPINGS = Path(__file__).resolve().parents[1] / "docs" / "examples" / "mappings"
People = dict[str, Person]


@dataclass(frozen=True, slots=True)
class Corpus:
    """One corpus: its file, what may be asked of it, its reader, and the source that loads it.

    `kinds` are of people with three or more works, `few_kinds` of those with two or three.
    """

    file: str
    kinds: tuple[str, ...]
    few_kinds: tuple[str, ...]
    read: Callable[[Path], tuple[list[Work], People]]
    mapping: str = ""
    dataset: str = ""
    header: bool = False

    @property
    def path(self) -> Path:
        """Where the corpus lies."""
        return SHARED / self.file

    def written(self, works: Iterable[Work], folder: Path) -> Path:
        """Write the visible works as the corpus writes them."""
        path = folder / ("visible.csv" if self.file.endswith(".csv.gz") else "visible.jsonl")
        header = ""
        if self.header:
            with gzip.open(self.path, "rt", encoding="utf-8-sig", newline="") as file:
                header = file.readline()
        path.write_text(header + "".join(line for work in works for line in work.lines), encoding="utf-8", newline="")
        return path

    def source(self) -> Source:
        """Return the shipped source that understands the file."""
        if not self.mapping:
            return open_source("works", dataset=self.dataset)
        return open_source("table", mapping=str(MAPPINGS / f"{self.mapping}.toml"))


def read_chinaxiv(path: Path) -> tuple[list[Work], People]:
    """Read the papers and join mentions of one name that share an organisation root."""
    lines = _lines(path)
    papers = cast("list[dict[str, Any]]", [json.loads(line) for line in lines])
    leaders: dict[str, str] = {}

    def leader(key: str) -> str:
        while leaders.setdefault(key, key) != key:
            key = leaders[key]
        return key

    keys_of: list[list[str]] = []
    for paper in papers:
        keys_of.append([])
        for keys in _keys(paper):
            for key in keys:
                leaders[leader(key)] = leader(keys[0])
            if len(keys[0].split("|", 1)[0]) > 1:
                keys_of[-1].append(keys[0])
    roots_of: defaultdict[str, set[str]] = defaultdict(set)
    for key in leaders:
        roots_of[leader(key)].add(key.split("|", 1)[1])
    people = {
        key: Person(key.split("|", 1)[0], frozenset(root for root in roots if not root.startswith("#")))
        for key, roots in roots_of.items()
    }
    works = [
        Work(
            paper["id"],
            paper["posted"],
            paper["title"] or "",
            tuple(paper["keywords"]),
            paper["abstract"] or "",
            tuple(dict.fromkeys(leader(key) for key in keys)),
            (line,),
        )
        for paper, keys, line in zip(papers, keys_of, lines, strict=True)
    ]
    return works, people


def _keys(paper: dict[str, Any]) -> list[list[str]]:
    """Return name|root for every root of every author; without one, nobody is joined: the position stands in."""
    roots = [fold(place["org_root"] or place["org"] or "") for place in paper["affiliations"]]
    found: list[list[str]] = []
    for position, author in enumerate(paper["authors"]):
        name = name_key(author["name"])
        keys = [f"{name}|{roots[place]}" for place in author["aff"] if roots[place]]
        found.append(keys or [f"{name}|#{paper['id']}/{position}"])
    return found


def read_acl(path: Path) -> tuple[list[Work], People]:
    """Read the papers; a person is a name, since the anthology has no affiliations."""
    works: list[Work] = []
    people: People = {}
    for line in _lines(path):
        paper: dict[str, Any] = json.loads(line)
        names = [name_key(f"{author['first'] or ''} {author['last'] or ''}") for author in paper["authors"]]
        for name in names:
            people.setdefault(name, Person(name, frozenset()))
        authors = tuple(dict.fromkeys(name for name in names if name))
        posted, title, abstract = str(paper["year"]), paper["title"] or "", paper["abstract"] or ""
        works.append(Work(paper["id"], posted, title, (), abstract, authors, (line,)))
    return works, people


class _Columns(NamedTuple):
    number: str
    title: str
    leader: str
    unit: str
    year: str
    discipline: str = ""


def _projects(columns: _Columns) -> Callable[[Path], tuple[list[Work], People]]:
    def read(path: Path) -> tuple[list[Work], People]:
        """Read the projects; rows of one number and title are one, whose leaders are a name with an organisation."""
        rows: defaultdict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
        with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                rows[row[columns.number], row[columns.title]].append(row)
        people: People = {}
        works: list[Work] = []
        for (code, name), group in rows.items():
            keys = [f"{name_key(row[columns.leader])}|{fold(row[columns.unit])}" for row in group]
            for key in keys:
                person, _, body = key.partition("|")
                people.setdefault(key, Person(person, frozenset({body} - {""})))
            first = group[0]
            field = first[columns.discipline] if columns.discipline else ""
            lines = tuple(_csv_line(row.values()) for row in group)
            leaders = tuple(dict.fromkeys(keys))
            works.append(Work(f"{code}/{name}", first[columns.year] or "0", name, (), "", leaders, lines, field))
        return works, people

    return read


def _csv_line(values: Iterable[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(values)
    return out.getvalue()


def _lines(path: Path) -> list[str]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [line for line in file if line.strip()]


_NSSFC = _projects(_Columns("项目批准号", "项目名称", "项目负责人", "工作单位", "立项年份", "学科分类"))
_NSFC = _projects(_Columns("项目批准号", "项目名称", "负责人", "依托单位", "起始年份"))
CORPORA: dict[str, Corpus] = {
    "chinaxiv_zh": Corpus(
        "chinaxiv_zh/papers.jsonl.gz",
        ("paragraph", "title", "keywords", "keyword"),
        ("paragraph", "title"),
        read_chinaxiv,
        dataset="chinaxiv_zh",
    ),
    "acl_anthology": Corpus(
        "acl_anthology_2016_2021/papers.jsonl.gz",
        ("paragraph", "title"),
        ("paragraph",),
        read_acl,
        mapping="acl_anthology",
    ),
    "nssfc": Corpus(
        "nssfc_projects/projects.csv.gz",
        ("title", "title, discipline"),
        ("title", "title, discipline"),
        _NSSFC,
        mapping="nssfc_projects",
        header=True,
    ),
    "nsfc_mgmt": Corpus(
        "nsfc_mgmt_projects/projects.csv.gz", ("title",), ("title",), _NSFC, mapping="nsfc_mgmt_projects", header=True
    ),
}
