"""The fictional sample: deterministic, complete, clustered as real co-authorship is, and marked as fictional."""

import csv
import json
import re
import zipfile
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from graph.errors import InputError
from ingest.readers import Record, file_digest, open_records
from ingest.sample import (
    ORGANISATION_COLUMNS,
    PROJECT_COLUMNS,
    REGION_COLUMNS,
    ROSTER_COLUMNS,
    TOPIC_COLUMNS,
    SampleFiles,
    sample_records,
    write_sample,
)

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> SampleFiles:
    return write_sample(tmp_path_factory.mktemp("sample"))


def rows(path: Path) -> list[dict[str, Any]]:
    items = list(open_records(path))
    assert all(isinstance(item, Record) for item in items)
    return [dict(item.values) for item in items if isinstance(item, Record)]


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path, files: SampleFiles) -> None:
    again = write_sample(tmp_path / "again")
    other = write_sample(tmp_path / "other", seed=7)
    for name in files.counts:
        digest = file_digest(files.folder / name)
        assert digest == file_digest(again.folder / name)
        if name in {"roster.xlsx", "works.jsonl", "projects.csv"}:
            assert digest != file_digest(other.folder / name)
    with zipfile.ZipFile(files.roster) as parts:
        assert {part.date_time[0] for part in parts.infolist()} == {1980}


def test_files_have_the_counts_and_columns_that_are_promised(files: SampleFiles) -> None:
    columns = {
        files.regions: REGION_COLUMNS,
        files.organisations: ORGANISATION_COLUMNS,
        files.societies: ORGANISATION_COLUMNS,
        files.topics: TOPIC_COLUMNS,
        files.roster: ROSTER_COLUMNS,
        files.projects: PROJECT_COLUMNS,
    }
    for path, names in columns.items():
        found = rows(path)
        assert len(found) == files.counts[path.name]
        assert tuple(found[0]) == names
    assert files.counts["roster.xlsx"] == 400
    assert files.counts["works.jsonl"] == 2000
    assert files.counts["projects.csv"] == 500
    assert files.counts["societies.csv"] == 12
    assert 35 <= sum(row["kind"] != "department" for row in rows(files.organisations)) <= 45
    assert Counter(row["level"] for row in rows(files.topics))["1"] == 10
    levels = Counter(row["level"] for row in rows(files.regions))
    assert levels["province"] == 1
    assert levels["city"] == 8


def test_every_reference_resolves(files: SampleFiles) -> None:
    regions = {row["code"]: row for row in rows(files.regions)}
    assert all(row["parent"] in regions or row["level"] == "province" for row in regions.values())
    bodies = {row["code"]: row for path in (files.organisations, files.societies) for row in rows(path)}
    for row in bodies.values():
        assert row["region"] in regions
        for column in ("parent", "hosted_by", "guided_by"):
            assert not row[column] or row[column] in bodies
        assert row["is_legal_entity"] == ("否" if row["kind"] == "department" else "是")
    topics = {row["code"]: row["name"] for row in rows(files.topics)}
    assert all(not row["parent"] or row["parent"] in topics for row in rows(files.topics))
    names = {row["name"] for row in bodies.values()} | {row["alias"] for row in bodies.values()}
    for row in rows(files.roster):
        assert row["单位"] in names
        assert row["单位"] + row["部门"] in names
        assert not row["曾任单位"] or row["曾任单位"] in names
        assert row["行政区划代码"] in regions
        assert set(row["研究方向"].split("；")) <= set(topics.values())
        assert 1 <= len(row["研究方向"].split("；")) <= 3
        assert all(post.split("：")[0] in names for post in row["学会任职"].split("；") if post)
        assert isinstance(row["入库时间"], date)
        assert isinstance(row["出生年"], int)
    for row in rows(files.projects):
        units = [row["工作单位"], *filter(None, row["参与人单位"].split("；"))]
        assert set(units) <= names
        assert len(row["参与人"].split("；")) == len(row["参与人单位"].split("；"))
    unknown = [work for work in rows(files.works) if any(place not in names for place in work["affiliations"])]
    assert 0.005 < len(unknown) / 2000 < 0.04
    assert all("（虚构）" in place for work in unknown for place in work["affiliations"] if place not in names)


def test_works_have_the_interchange_shape(files: SampleFiles) -> None:
    identifiers: set[str] = set()
    for work in rows(files.works):
        identifiers.add(work["id"])
        used = {place for author in work["authors"] for place in author["affiliations"]}
        assert used == set(range(len(work["affiliations"])))
        assert len({author["name"] for author in work["authors"]}) >= len(work["authors"]) - 1
        assert re.fullmatch(r"20[12]\d-[01]\d(-[0-3]\d)?", work["date"])
        assert 10 <= len(work["title"]) <= 60 or work["kind"] in {"book", "standard", "survey_report", "patent"}
        assert 2 <= work["abstract"].count("。") <= 6
        assert 3 <= len(work["keywords"]) <= 6
    assert len(identifiers) == 2000


def test_few_titles_repeat_and_words_are_rich(files: SampleFiles) -> None:
    titles = [work["title"] for work in rows(files.works)]
    assert len(set(titles)) > 0.95 * len(titles)
    words = Counter(word for work in rows(files.works) for word in work["keywords"])
    assert len(words) > 600
    assert all(words[row["name"]] > 3 for row in rows(files.topics) if row["level"] == "2")


def _root(place: str, roots: list[str]) -> str:
    return next((root for root in roots if place.startswith(root)), place)


def test_collaboration_clusters(files: SampleFiles) -> None:
    bodies = rows(files.organisations)
    aliases = {row["alias"]: row["name"] for row in bodies if row["alias"]}
    roots = sorted((row["name"] for row in bodies if row["kind"] != "department"), key=len, reverse=True)
    inside = together = 0
    partners: dict[str, Counter[str]] = defaultdict(Counter)
    for work in rows(files.works):
        if len(work["authors"]) < 2:
            continue
        together += 1
        inside += len({_root(aliases.get(place, place), roots) for place in work["affiliations"]}) == 1
        for author in work["authors"]:
            partners[author["name"]].update(other["name"] for other in work["authors"] if other is not author)
    assert 0.6 < inside / together < 0.85
    repeated = sum(count - 1 for met in partners.values() for count in met.values())
    assert repeated / sum(sum(met.values()) for met in partners.values()) > 0.4


def test_careers_and_people_of_the_same_name(files: SampleFiles) -> None:
    people = rows(files.roster)
    assert 0.1 < sum(bool(row["曾任单位"]) for row in people) / len(people) < 0.2
    moved = next(row for row in people if row["曾任单位"])
    assert moved["曾任结束"] == moved["任职起始"]
    assert moved["曾任起始"] < moved["曾任结束"]
    pairs = [name for name, count in Counter(row["姓名"] for row in people).items() if count > 1]
    assert 3 <= len(pairs) <= 8
    for name in pairs:
        employers = [{row["单位"], row["曾任单位"]} - {""} for row in people if row["姓名"] == name]
        assert len(employers) == 2
        assert not employers[0] & employers[1]
    heads = [post for row in people for post in row["学会任职"].split("；") if post.endswith("：理事长")]
    assert len(heads) == len(set(heads)) > 6


def test_works_before_a_move_come_from_the_former_employer(files: SampleFiles) -> None:
    names = Counter(row["姓名"] for row in rows(files.roster))
    moved = {row["姓名"]: row for row in rows(files.roster) if row["曾任单位"] and names[row["姓名"]] == 1}
    aliases = {row["name"]: row["alias"] for row in rows(files.organisations)}
    before = 0
    for work in rows(files.works):
        for author in work["authors"]:
            row = moved.get(author["name"])
            if row and work["date"][:7] != row["任职起始"]:
                employer = row["单位"] if work["date"][:7] > row["任职起始"] else row["曾任单位"]
                before += employer == row["曾任单位"]
                place = work["affiliations"][author["affiliations"][0]]
                assert place.startswith(employer) or place == aliases[employer]
    assert before > 20


def test_everything_is_marked_as_fictional(files: SampleFiles) -> None:
    for path in (files.regions, files.organisations, files.societies, files.topics, files.roster, files.projects):
        assert all(row["备注"] == "虚构示例" for row in rows(path))
    assert all("（虚构）" in work["venue"] for work in rows(files.works))
    assert all("（虚构）" in row["项目类别"] for row in rows(files.projects))
    assert all(row["手机"].startswith("000-") for row in rows(files.roster))
    assert all(row["邮箱"].endswith("@example.org") for row in rows(files.roster))
    assert all(row["code"].startswith("98") for row in rows(files.regions))
    identifiers = [row["ORCID"] for row in rows(files.roster) if row["ORCID"]]
    assert identifiers
    assert all(re.fullmatch(r"0000-0000-\d{4}-\d{3}[\dX]", identifier) for identifier in identifiers)


@pytest.mark.parametrize(
    ("corpus", "column"),
    [
        ("cn_universities/universities.csv", "name"),
        ("cn_divisions/provinces.csv", "name"),
        ("cn_divisions/cities.csv", "name"),
        ("cn_divisions/counties.csv", "name"),
        ("cast_national_societies/societies.csv", "name"),
    ],
)
def test_no_place_or_body_exists(files: SampleFiles, corpus: str, column: str) -> None:
    if not (SHARED / corpus).exists():
        pytest.skip(f"共享数据 {corpus} 不在")
    with (SHARED / corpus).open(encoding="utf-8-sig", newline="") as file:
        real = {row[column] for row in csv.DictReader(file)}
    ours = {row["name"] for path in (files.regions, files.organisations, files.societies) for row in rows(path)}
    assert len(real) > 20
    assert not ours & real


def test_region_codes_are_not_assigned(files: SampleFiles) -> None:
    if not (SHARED / "cn_divisions").exists():
        pytest.skip("共享数据 cn_divisions 不在")
    real: set[str] = set()
    for name in ("provinces", "cities", "counties"):
        real |= {str(row["code"]) for row in rows(SHARED / "cn_divisions" / f"{name}.csv")}
    assert not {row["code"] for row in rows(files.regions)} & real


def test_records_without_files_are_those_of_the_files(files: SampleFiles) -> None:
    found = list(sample_records())
    assert [row for kind, row in found if kind == "project"] == rows(files.projects)
    assert [json.loads(json.dumps(row)) for kind, row in found if kind == "work"] == rows(files.works)


@pytest.mark.parametrize(("experts", "outputs"), [(1, 0), (1, 5), (30, 100), (1500, 300)])
def test_other_sizes(tmp_path: Path, experts: int, outputs: int) -> None:
    found = write_sample(tmp_path, experts=experts, outputs=outputs)
    assert found.counts["roster.xlsx"] == experts
    assert found.counts["works.jsonl"] + found.counts["projects.csv"] == outputs
    assert len(rows(found.roster)) == experts


def test_sizes_and_folders_that_cannot_be(tmp_path: Path) -> None:
    for experts, outputs in ((0, 1), (100_001, 1), (1, -1), (1, 1_000_001)):
        with pytest.raises(InputError, match="示例数据"):
            write_sample(tmp_path, experts=experts, outputs=outputs)
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="无法写入"):
        write_sample(tmp_path / "file" / "inside", experts=1, outputs=1)
