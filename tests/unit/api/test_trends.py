"""Trends and expertise over HTTP and on pages: true rows, problems, the picture, hostile names as text."""

from collections.abc import Generator

import httpx2
import pytest
from pydantic import BaseModel

from queries.expertise import ExpertiseAnswer
from queries.rising_experts import RisingExperts
from queries.topic_map import TopicMap
from queries.trends import RisingTopics, TopicTrend
from tests.api_fixtures import EXPERTS, SUBJECTS, UNIVERSITY, Served
from tests.unit.api.test_routes import fits, problem

WORD = SUBJECTS[2]


@pytest.fixture(scope="module")
def reader(served: Served) -> Generator[httpx2.Client]:
    with served.reader() as client:
        yield client


@pytest.fixture
def browser(served: Served) -> Generator[httpx2.Client]:
    with served.browser() as client:
        yield client


def test_known_people_are_judged_best_first(reader: httpx2.Client) -> None:
    asked = {"q": f"{SUBJECTS[0]}的对策", "people": [*EXPERTS[:6], "nobody"]}
    answer = fits(reader.post("/api/v1/experts/expertise", json=asked), ExpertiseAnswer)
    assert isinstance(answer, ExpertiseAnswer)
    assert answer.unknown == ("nobody",)
    assert {person.id for person in answer.people} == set(EXPERTS[:6])
    scores = [person.score for person in answer.people]
    assert None not in scores
    assert scores == sorted(scores, key=lambda score: -(score or 0.0))
    for person in answer.people:
        assert sum(part.share for part in person.parts) == pytest.approx(1.0 if person.score else 0.0)
        assert sum(work.share for work in person.works) <= 1 + 1e-9
    # A short question and a long one give scores on the same scale.
    twice = reader.post("/api/v1/experts/expertise", json=asked | {"q": asked["q"] * 2}).json()["people"]
    assert twice[0]["score"] == pytest.approx(scores[0], rel=0.5)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"q": "水"}, 422),
        ({"q": "水", "people": []}, 422),
        ({"q": "水", "people": ["P"] * 201}, 422),
        ({"q": "水", "people": "P"}, 422),
        ({"q": "", "people": ["P"]}, 422),
        ({"q": "水", "people": ["x" * 65]}, 422),
        ({"q": "水", "people": ["P"], "more": 1}, 422),
    ],
)
def test_what_cannot_be_judged_is_a_problem(reader: httpx2.Client, body: dict[str, object], status: int) -> None:
    problem(reader.post("/api/v1/experts/expertise", json=body), status)


def test_a_keyword_by_year_and_region_adds_up(reader: httpx2.Client) -> None:
    found = fits(reader.get("/api/v1/topics/trends", params={"q": WORD, "of": "keyword"}), TopicTrend)
    assert isinstance(found, TopicTrend)
    works = sum(year.works for year in found.years)
    assert works == 6, "every fifth of the thirty works"
    assert {region.code for region in found.regions} == {"13"}
    assert found.regions[0].works <= works
    inside = reader.get("/api/v1/topics/trends", params={"q": WORD, "of": "keyword", "region": "13"}).json()
    assert [region["code"] for region in inside["regions"]] == ["1301"]
    early = reader.get("/api/v1/topics/trends", params={"q": WORD, "of": "keyword", "until_year": 1500}).json()
    assert (early["years"], bool(early["notes"])) == ([], True)


def test_what_rises_who_comes_up_and_who_works_where(reader: httpx2.Client) -> None:
    rising = fits(reader.get("/api/v1/topics/rising", params={"of": "keyword", "fewest": 1}), RisingTopics)
    assert isinstance(rising, RisingTopics)
    assert [scheme.scheme for scheme in rising.schemes] == [""]
    assert {topic.id for topic in rising.schemes[0].topics} <= set(SUBJECTS)
    assert all(topic.recent_share > topic.before_share for topic in rising.schemes[0].topics)
    experts = fits(
        reader.get("/api/v1/discover/rising-experts", params={"fewest": 1, "career_years": 50}), RisingExperts
    )
    assert isinstance(experts, RisingExperts)
    assert all(expert.recent > expert.before and expert.reasons for expert in experts.experts)
    assert [expert.p for expert in experts.experts] == sorted(expert.p for expert in experts.experts)
    page = reader.get("/api/v1/topics/gbt13745:570/map")
    problem(page, 404)


def test_an_unknown_topic_and_wrong_numbers_are_problems(reader: httpx2.Client) -> None:
    for address, status in (
        ("/api/v1/topics/trends?q=没有这个主题", 404),
        ("/api/v1/topics/trends", 422),
        ("/api/v1/topics/trends?q=水&of=word", 422),
        ("/api/v1/topics/trends?q=水&of=keyword&region=河北", 422),
        ("/api/v1/topics/rising?window_years=0", 422),
        ("/api/v1/topics/rising?window_years=21", 422),
        ("/api/v1/topics/none/map", 404),
        ("/api/v1/discover/rising-experts?q=none", 404),
        ("/api/v1/discover/rising-experts?career_years=0", 422),
    ):
        problem(reader.get(address), status)


def test_the_map_row_type_is_the_documented_one() -> None:
    assert issubclass(TopicMap, BaseModel)
    assert {"organisations", "regions", "people", "topics"} <= TopicMap.model_fields.keys()


def test_the_page_has_the_picture_the_regions_and_ways_on(browser: httpx2.Client) -> None:
    assert 'href="/trends"' in browser.get("/").text
    front = browser.get("/trends")
    assert front.status_code == 200
    assert "上升的关键词" in front.text
    page = browser.get("/trends", params={"keyword": WORD}).text
    assert "<svg" in page
    assert "示例省" in page
    found = browser.get("/trends/map", params={"keyword": WORD})
    assert found.status_code == 200
    assert "燕北理工大学" in found.text
    assert "虚构示例" in found.text
    assert browser.get("/trends/experts", params={"keyword": WORD}).status_code == 200
    assert browser.get("/trends/experts").status_code == 200
    assert UNIVERSITY not in page


def test_what_makes_no_sense_is_said_in_place(browser: httpx2.Client) -> None:
    hostile = '"><script>alert(1)</script>'
    for asked in (
        {"topic": hostile},
        {"keyword": hostile},
        {"topic": "x", "keyword": "y"},
        {"keyword": "水", "region": "x"},
    ):
        page = browser.get("/trends", params=asked)
        assert page.status_code == 200
        assert "<script>alert" not in page.text
    unknown = browser.get("/trends", params={"topic": "没有这个主题"})
    assert "没有这个主题：没有这个主题" in unknown.text
    assert browser.get("/trends/map", params={"topic": "none"}).status_code == 404
    assert browser.get("/trends/map").status_code == 422
