"""The files of the public reviewer-assignment benchmark (Stelmakh et al. 2023; goldstandard-reviewer-paper-match).

`evaluations.csv`, separated by tabs: ParticipantID, Paper1 … Paper10, Expertise1 … Expertise10 (1 to 5; empty = fewer).
Texts, either form: the authors' `data` folder (participants/ID.json names papers, papers/ID.json has title, abstract,
year), or the OpenReview form (archives/~ID.jsonl and submissions.json, each entry {"id", "content": {title, abstract,
year}}). Predictions: {"reviewer": {"paper": score}}. The data are not shipped: they are the authors'.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import Final, NamedTuple, cast

from graph.errors import InputError
from graph.text import tokens
from ingest.judged_questions import LineError
from ingest.reader_records import Unreadable
from ingest.readers import open_records
from queries.expertise import NEWEST_WORKS, model1_mean
from queries.ranking import CollectionStatistics

PAPERS: Final = 10
_LARGEST_FILE: Final = 256 << 20
_PLAIN_ID: Final = re.compile(r"[A-Za-z0-9_.\-]{1,200}\Z")
_WHERE: Final = "数据见 https://github.com/niharshah/goldstandard-reviewer-paper-match"


@dataclass
class Benchmark:
    """Reviewer → paper → rating, and the lines that were not taken."""

    ratings: dict[str, dict[str, float]] = field(default_factory=dict[str, dict[str, float]])
    errors: list[LineError] = field(default_factory=list[LineError])


class Paper(NamedTuple):
    """A paper with title and abstract."""

    id: str
    year: int
    text: str


@dataclass(frozen=True, slots=True)
class Archives:
    """Reviewer → papers, newest first (at most 20), and the rated papers by id."""

    of_reviewer: Mapping[str, list[Paper]]
    rated: Mapping[str, Paper]


def read_ratings(path: Path) -> Benchmark:
    """Read `evaluations.csv`; raises `InputError` when it holds no rating."""
    columns = ["ParticipantID", *(f"{name}{number}" for name in ("Paper", "Expertise") for number in _numbers())]
    found = Benchmark()
    for record in open_records(path, format="csv", expected=columns):
        if isinstance(record, Unreadable):
            found.errors.append(LineError(record.row, record.reason))
            continue
        try:
            reviewer, rated = _rated(record.values)
        except ValueError as error:
            found.errors.append(LineError(record.row, str(error)))
            continue
        if reviewer in found.ratings:
            found.errors.append(LineError(record.row, f"评审人 {reviewer} 在前面已有一行"))
        elif rated:
            found.ratings[reviewer] = rated
        else:
            found.errors.append(LineError(record.row, "这一行没有评分"))
    if not found.ratings:
        first = f"；第 {found.errors[0].line} 行：{found.errors[0].reason}" if found.errors else ""
        raise InputError(f"文件“{path.name}”里没有评分{first}", hint=f"应为基准的 evaluations.csv；{_WHERE}")
    return found


def _numbers() -> range:
    return range(1, PAPERS + 1)


def _rated(values: Mapping[str, object]) -> tuple[str, dict[str, float]]:
    reviewer = _word(values.get("ParticipantID"))
    if not reviewer:
        raise ValueError("缺少 ParticipantID")
    rated: dict[str, float] = {}
    for number in _numbers():
        paper, rating = _word(values.get(f"Paper{number}")), _word(values.get(f"Expertise{number}"))
        if not paper and not rating:
            continue
        try:
            value = float(rating)
        except ValueError:
            value = float("nan")
        if not paper or not 1 <= value <= 5:
            raise ValueError(f"Paper{number} 或 Expertise{number} 缺少，或评分不在 1 到 5 之间")
        if rated.setdefault(paper, value) != value:
            raise ValueError(f"论文 {paper} 有两个不同的评分")
    return reviewer, rated


def _word(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip() if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def read_predictions(path: Path) -> dict[str, dict[str, float]]:
    """Read predicted scores; raises `InputError` when they are no numbers by reviewer and paper."""
    table = _object(path)
    found: dict[str, dict[str, float]] = {}
    for reviewer, scores in table.items():
        if not isinstance(scores, dict):
            raise InputError(
                f"文件“{path.name}”里 {reviewer[:80]} 的值不是 JSON 对象", hint='应为 {"评审人": {"论文": 分数}}'
            )
        own: dict[str, float] = {}
        for paper, score in cast(dict[str, object], scores).items():
            if isinstance(score, bool) or not isinstance(score, int | float) or not isfinite(score):
                raise InputError(f"文件“{path.name}”里 {reviewer[:80]} 的一个分数不是有限的数")
            own[paper] = float(score)
        found[reviewer.removeprefix("~")] = own
    return found


def read_archives(folder: Path, ratings: Mapping[str, Mapping[str, float]]) -> Archives:
    """Read the papers of the reviewers rated, and the papers they rated, from either form of folder.

    Papers without title, abstract or year are left out, as the authors do; equal years go by id (the authors draw).
    Reviewers and papers that the folder lacks are missing in the answer. Raises `InputError` for a folder of neither
    form or a damaged file.
    """
    wanted = {paper for rated in ratings.values() for paper in rated}
    if (folder / "submissions.json").is_file():
        entries = _object(folder / "submissions.json")
        rated = {id: paper for id in wanted if (paper := _paper(id, _content(entries.get(id)))) is not None}
        people = {each: list(_archive(folder / "archives" / f"~{each}.jsonl")) for each in ratings if _safe(each)}
    elif (folder / "participants").is_dir() and (folder / "papers").is_dir():
        rated = {id: paper for id in wanted if (paper := _paper_file(folder, id)) is not None}
        people = {each: list(_profile(folder, each)) for each in ratings if _safe(each)}
    else:
        raise InputError(
            f"{folder} 里没有基准的论文",
            hint="应有 participants 和 papers 两个文件夹，或 submissions.json 和 archives 文件夹；" + _WHERE,
        )
    return Archives({each: _newest(papers) for each, papers in people.items() if papers}, rated)


def _newest(papers: list[Paper]) -> list[Paper]:
    distinct = {paper.id: paper for paper in papers}.values()
    return sorted(distinct, key=lambda paper: (-paper.year, paper.id))[:NEWEST_WORKS]


def _safe(id: str) -> bool:
    """A file name of its own, not a way to another folder."""
    return bool(_PLAIN_ID.match(id)) and not id.startswith(".")


def _profile(folder: Path, reviewer: str) -> Iterator[Paper]:
    path = folder / "participants" / f"{reviewer}.json"
    if not path.is_file():
        return
    listed = _object(path).get("papers")
    for entry in cast(list[object], listed) if isinstance(listed, list) else []:
        id = cast(dict[str, object], entry).get("paperId") if isinstance(entry, dict) else None
        if isinstance(id, str) and (paper := _paper_file(folder, id)) is not None:
            yield paper


def _paper_file(folder: Path, id: str) -> Paper | None:
    path = folder / "papers" / f"{id}.json"
    return _paper(id, _object(path)) if _safe(id) and path.is_file() else None


def _archive(path: Path) -> Iterator[Paper]:
    if not path.is_file():
        return
    for record in open_records(path, format="jsonl"):
        if isinstance(record, Unreadable):
            raise InputError(f"文件“{path.name}”第 {record.row} 行读不懂：{record.reason}")
        paper = _paper(_word(record.values.get("id")), _content(record.values))
        if paper is not None:
            yield paper


def _content(entry: object) -> Mapping[str, object]:
    content = cast(dict[str, object], entry).get("content") if isinstance(entry, dict) else None
    return cast(dict[str, object], content) if isinstance(content, dict) else {}


def _paper(id: str, content: Mapping[str, object]) -> Paper | None:
    title, abstract, year = (content.get(name) for name in ("title", "abstract", "year"))
    if not id or not isinstance(title, str) or not isinstance(abstract, str) or not isinstance(year, int):
        return None
    return Paper(id, year, f"{title} {abstract}")


def _object(path: Path) -> dict[str, object]:
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise InputError(f"文件“{path.name}”超过 {_LARGEST_FILE >> 20} MB")
        value: object = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise InputError(f"打不开文件 {path}（{error.strerror}）", hint="检查路径和权限") from error
    except (ValueError, RecursionError):
        raise InputError(f"文件“{path.name}”不是 UTF-8 的 JSON", hint=_WHERE) from None
    if not isinstance(value, dict):
        raise InputError(f"文件“{path.name}”应是一个 JSON 对象", hint=_WHERE)
    return cast(dict[str, object], value)


def model1_predictions(ratings: Mapping[str, Mapping[str, float]], archives: Archives) -> dict[str, dict[str, float]]:
    """Return M₁ (`queries.expertise`) of every rated paper whose text is there, of reviewers with an archive.

    p(t|C) comes from all papers of the folder that were read, each once, as collection frequencies.
    """
    stored = {paper.id: paper.text for papers in archives.of_reviewer.values() for paper in papers}
    stored |= {paper.id: paper.text for paper in archives.rated.values()}
    words = {id: tokens(text) for id, text in stored.items()}
    frequencies = Counter(word for each in words.values() for word in each)
    collection = CollectionStatistics(frequencies.total(), lambda term: frequencies[term])
    found: dict[str, dict[str, float]] = {}
    for reviewer, rated in ratings.items():
        if reviewer in archives.of_reviewer:
            works = [" ".join(words[paper.id]) for paper in archives.of_reviewer[reviewer]]
            found[reviewer] = {
                paper: model1_mean(Counter(words[paper]), works, collection).score
                for paper in rated
                if paper in archives.rated
            }
    return found
