"""The fictional country: sixteen provinces that do not exist, works with a long tail, the same for the same seed."""

import json
import random
from collections import Counter
from itertools import islice
from pathlib import Path

import pytest

from bench.large_claims import Chunk, chunks
from graph.claims import node_claim, relationship_claim
from graph.identity import region_code, region_level
from ingest.sample import SEED, sample_records, write_sample
from ingest.sample.country import Written, country_people, country_written
from ingest.sample.country_places import country, province_of
from ingest.sample.people import World
from ingest.sample.places import BODIES, employer
from ingest.sample.roster import ROSTER_COLUMNS, roster_rows

EXPERTS, OUTPUTS = 600, 4_000


@pytest.fixture(scope="module")
def world() -> World:
    return country_people(EXPERTS, SEED)


@pytest.fixture(scope="module")
def written(world: World) -> list[Written]:
    return list(country_written(world, OUTPUTS, OUTPUTS // 4, SEED))


@pytest.fixture(scope="module")
def claimed() -> list[Chunk]:
    return list(chunks(60, 300, SEED))


def test_no_province_of_the_country_has_a_code_that_is_assigned() -> None:
    places = country()
    provinces = [region for region in places.regions if region.level == "province"]
    # GB/T 2260 assigns 11 to 65, 71, 81 and 82; 83 and above are free.
    assert len(provinces) == 16
    assert all(int(region.code[:2]) >= 83 for region in places.regions)
    codes = {region.code for region in places.regions}
    assert len(codes) == len(places.regions)
    for region in places.regions:
        assert region_code(region.code) == region.code
        assert region_level(region.code) == region.level
        assert not region.parent or region.parent in codes


def test_every_body_stands_in_its_own_province_and_has_a_name_of_its_own() -> None:
    places = country()
    bodies = (*places.organisations, *places.societies)
    names = Counter(body.name for body in bodies)
    assert max(names.values()) == 1
    assert len({body.code for body in bodies}) == len(bodies)
    for body in bodies:
        assert BODIES[body.code] == body
        for other in filter(None, (body.parent, body.host, body.guide)):
            assert province_of(places, BODIES[other].region) == province_of(places, body.region)


def test_people_live_in_all_provinces_and_their_roster_resolves(world: World) -> None:
    assert len(world.experts) == EXPERTS
    places = world.places
    names = {body.name for body in (*places.organisations, *places.societies)}
    provinces: set[str] = set()
    for row in roster_rows(random.Random(1), world.experts, places):
        found = dict(zip(ROSTER_COLUMNS, row, strict=True))
        assert found["单位"] in names
        assert all(post.split("：")[0] in names for post in str(found["学会任职"]).split("；") if post)
        provinces.add(str(found["行政区划代码"])[:2])
    assert len(provinces) == 16


def test_the_same_seed_gives_the_same_works_one_at_a_time(world: World, written: list[Written]) -> None:
    again = country_written(country_people(EXPERTS, SEED), OUTPUTS, OUTPUTS // 4, SEED)
    assert [each.row for each in islice(again, 300)] == [each.row for each in written[:300]]
    other = country_written(world, 300, 0, SEED + 1)
    assert [each.row["title"] for each in other] != [each.row["title"] for each in written[:300]]


def test_works_have_a_long_tail_and_few_authors(written: list[Written]) -> None:
    outputs = [each for each in written if each.kind == "work"]
    assert len(outputs) == OUTPUTS
    assert 2.5 < sum(len(each.people) for each in outputs) / OUTPUTS < 3.1
    works = Counter(person.number for each in written for person in each.people)
    ordered = sorted(works.values(), reverse=True)
    # The first tenth wrote more than a third of all, half wrote a handful.
    assert sum(ordered[: len(ordered) // 10]) > sum(ordered) / 3
    assert ordered[len(ordered) // 2] < 12
    assert ordered[0] > 20 * ordered[len(ordered) // 2]


def test_bylines_name_the_people_of_the_work(written: list[Written]) -> None:
    for each in written:
        assert len({person.number for person in each.people}) == len(each.people)
        if each.kind == "work":
            assert [author["name"] for author in each.row["authors"]] == [person.name for person in each.people]
            assert each.row["fictional"] is True
            places = {place for author in each.row["authors"] for place in author["affiliations"]}
            assert places == set(range(len(each.row["affiliations"])))
        else:
            assert each.row["负责人"] == each.people[0].name
            assert each.row["备注"] == "虚构示例"
            assert each.row["工作单位"] == employer(each.people[0].post_on(each.day).body).name


def test_a_sample_beyond_one_province_is_written_as_the_same_files(tmp_path: Path) -> None:
    files = write_sample(tmp_path, experts=10_001, outputs=200)
    assert files.counts == {
        "regions.csv": 688,
        "organisations.csv": 1_600,
        "societies.csv": 192,
        "topics.csv": 80,
        "roster.xlsx": 10_001,
        "works.jsonl": 160,
        "projects.csv": 40,
    }
    works = [json.loads(line) for line in files.works.read_text(encoding="utf-8").splitlines()]
    again = [row for kind, row in sample_records(experts=10_001, outputs=200) if kind == "work"]
    assert works == again


def test_claims_for_the_benchmark_are_what_an_import_would_claim(claimed: list[Chunk]) -> None:
    for chunk in claimed:
        assert chunk.elements <= 2_000
        for claim in chunk.nodes:
            assert claim == node_claim(claim.type, claim.key, claim.properties, claim.labels)
            assert claim.properties.get("fictional") is True
        for each in chunk.relationships:
            assert each == relationship_claim(each.type, each.start, each.end, key=each.key, properties=each.properties)


def test_claims_come_after_what_they_refer_to_and_once(claimed: list[Chunk]) -> None:
    there: set[tuple[str, str]] = set()
    said: set[tuple[str, ...]] = set()
    for chunk in claimed:
        for claim in chunk.nodes:
            assert (claim.type.label, claim.key) not in there
            there.add((claim.type.label, claim.key))
        for each in chunk.relationships:
            assert {each.start, each.end} <= there
            assert (chunk.source.id, *each.identity) not in said
            said.add((chunk.source.id, *each.identity))
