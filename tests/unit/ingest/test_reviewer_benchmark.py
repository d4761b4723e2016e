"""The benchmark's files, hand-made: both forms of folder, what is missing, what is damaged, the loss by hand."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.errors import InputError
from graph.text import tokens
from ingest.reviewer_benchmark import model1_predictions, read_archives, read_predictions, read_ratings
from queries.expertise import model1_mean
from queries.ranking import CollectionStatistics
from queries.reviewer_loss import reviewer_loss

HEADER = "\t".join(["ParticipantID", *(f"Paper{n}" for n in range(1, 11)), *(f"Expertise{n}" for n in range(1, 11))])
PAPERS: dict[str, dict[str, Any]] = {
    "own1": {"title": "Graph networks", "abstract": "Neural graph networks for molecules.", "year": 2020},
    "own2": {"title": "Graph kernels", "abstract": "Kernels on graphs.", "year": 2018},
    "own3": {"title": "No abstract", "abstract": None, "year": 2021},
    "near": {"title": "Molecule graphs", "abstract": "Graph networks predict molecules.", "year": 2021},
    "far": {"title": "Medieval poetry", "abstract": "Rhyme in the poems of monks.", "year": 2019},
    "half": {"title": "Networks of monks", "abstract": "Social networks.", "year": 2019},
}


def row(reviewer: str, rated: dict[str, float]) -> str:
    papers, ratings = [*rated, *[""] * (10 - len(rated))], [*map(str, rated.values()), *[""] * (10 - len(rated))]
    return "\t".join([reviewer, *papers, *ratings])


def ratings_file(folder: Path, *rows: str) -> Path:
    path = folder / "evaluations.csv"
    path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    return path


def data_folder(folder: Path) -> Path:
    data = folder / "data"
    (data / "participants").mkdir(parents=True)
    (data / "papers").mkdir()
    listed = [{"paperId": id} for id in ("own1", "own2", "own3", "gone", "../own1")]
    (data / "participants" / "11.json").write_text(json.dumps({"papers": listed}))
    for id, content in PAPERS.items():
        (data / "papers" / f"{id}.json").write_text(json.dumps(content))
    return data


def open_review_folder(folder: Path) -> Path:
    data = folder / "d_20_1"
    (data / "archives").mkdir(parents=True)
    entries = [json.dumps({"id": id, "content": PAPERS[id]}) for id in ("own1", "own2", "own3")]
    (data / "archives" / "~11.jsonl").write_text("\n".join(entries) + "\n")
    rated = {id: {"id": id, "content": PAPERS[id]} for id in ("near", "far", "half")}
    (data / "submissions.json").write_text(json.dumps(rated))
    return data


RATED = {"near": 5.0, "far": 1.0, "half": 2.5}


def test_the_whole_way_by_hand_from_both_forms(tmp_path: Path) -> None:
    found = read_ratings(ratings_file(tmp_path, row("11", RATED), row("22", {"near": 4.0, "far": 3.0})))
    assert found.ratings == {"11": RATED, "22": {"near": 4.0, "far": 3.0}}
    for folder in (data_folder(tmp_path), open_review_folder(tmp_path)):
        archives = read_archives(folder, found.ratings)
        assert [paper.id for paper in archives.of_reviewer["11"]] == ["own1", "own2"]
        assert set(archives.rated) == set(RATED)
        predicted = model1_predictions(found.ratings, archives)
        assert predicted.keys() == {"11"}, "22 has no archive"
        texts = {id: f"{PAPERS[id]['title']} {PAPERS[id]['abstract']}" for id in ("own1", "own2", *RATED)}
        frequencies = Counter(word for text in texts.values() for word in tokens(text))
        collection = CollectionStatistics(frequencies.total(), lambda term, known=frequencies: known[term])
        works = [" ".join(tokens(texts[id])) for id in ("own1", "own2")]
        assert predicted["11"] == {id: model1_mean(Counter(tokens(texts[id])), works, collection).score for id in RATED}
        assert predicted["11"]["near"] > predicted["11"]["half"] > predicted["11"]["far"] == 0
        judged = reviewer_loss({"11": RATED}, predicted)
        assert judged.loss == 0.0
        assert (judged.easy.correct, judged.easy.pairs) == (1, 1)
        # The same papers with near and half turned round: 2.5 of 4 + 2.5 + 1.5.
        scores = {"11": {"near": 0.1, "half": 0.2, "far": 0.0}}
        assert reviewer_loss({"11": RATED}, scores).loss == pytest.approx(2.5 / 8)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (row("", {"a": 3.0}), "缺少 ParticipantID"),
        (row("11", {"a": 9.0}), "不在 1 到 5 之间"),
        (row("11", {"a": float("nan")}), "不在 1 到 5 之间"),
        (row("11", {}), "没有评分"),
        ("11\ta\tb" + "\t" * 8 + "\t3.0" + "\t" * 9, "Paper2 或 Expertise2 缺少"),
    ],
)
def test_a_bad_row_is_told(tmp_path: Path, line: str, reason: str) -> None:
    found = read_ratings(ratings_file(tmp_path, line, row("9", {"a": 2.0, "b": 3.0})))
    assert list(found.ratings) == ["9"]
    assert found.errors[0].line == 2
    assert reason in found.errors[0].reason


def test_a_file_without_ratings_and_a_folder_without_papers_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="没有评分"):
        read_ratings(ratings_file(tmp_path, row("", {"a": 3.0})))
    with pytest.raises(InputError, match="没有基准的论文"):
        read_archives(tmp_path, {"11": RATED})


def test_a_damaged_paper_is_an_error_and_a_way_out_of_the_folder_none(tmp_path: Path) -> None:
    data = data_folder(tmp_path)
    (data / "secret.json").write_text(json.dumps(PAPERS["near"]))
    archives = read_archives(data, {"11": {"../secret": 3.0}, "../participants/11": {"near": 2.0}})
    assert "../secret" not in archives.rated
    assert list(archives.of_reviewer) == ["11"]
    (data / "papers" / "near.json").write_text("[1")
    with pytest.raises(InputError, match="不是 UTF-8 的 JSON"):
        read_archives(data, {"11": RATED})


@pytest.mark.parametrize("content", ["[]", '{"r": 1}', '{"r": {"p": "x"}}', '{"r": {"p": NaN}}', "{", "\xff"])
def test_predictions_that_are_none_are_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "p.json"
    path.write_bytes(content.encode("latin-1"))
    with pytest.raises(InputError):
        read_predictions(path)


@settings(max_examples=25)
@given(st.binary(max_size=200))
def test_any_bytes_are_ratings_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("rubbish") / "evaluations.csv"
    path.write_bytes(content)
    with pytest.raises(InputError):
        read_ratings(path)
