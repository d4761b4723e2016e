"""What the HTTP interface answers, on a real graph, and to whom."""

from collections.abc import Generator

import httpx2
import pytest
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel
from starlette.routing import Mount

from api.problems import Problem
from queries.answers import ExpertProfile, ExpertsAnswer, OrganisationsAnswer, WorksAnswer
from queries.facet_rows import FacetsAnswer, ListAnswer
from queries.networks import Network
from queries.quality import KINDS, QualityCases, QualityCounts
from tests.api_fixtures import EXPERTS, HOSTILE_NAME, INSTITUTE, SOCIETY, SUBJECTS, UNIVERSITY, Served

OPEN_TO_ALL = {"/healthz", "/readyz", "/version", "/openapi.json", "/docs", "/enter"}
QUESTION = {"q": SUBJECTS[0]}


@pytest.fixture(scope="module")
def reader(served: Served) -> Generator[httpx2.Client]:
    with served.reader() as client:
        yield client


def fits(response: httpx2.Response, row: type[BaseModel]) -> BaseModel:
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/json"
    return row.model_validate_json(response.content)


def problem(response: httpx2.Response, status: int) -> Problem:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    found = Problem.model_validate_json(response.content)
    assert found.status == status
    assert "Traceback" not in response.text
    return found


def test_experts_come_ranked_with_their_reasons(reader: httpx2.Client) -> None:
    answer = fits(reader.get("/api/v1/experts/search", params={**QUESTION, "limit": 5}), ExpertsAnswer)
    assert isinstance(answer, ExpertsAnswer)
    assert [expert.rank for expert in answer.experts] == [1, 2, 3, 4, 5]
    assert answer.candidates >= 5
    for expert in answer.experts:
        assert expert.fictional
        assert expert.evidence
        assert any(SUBJECTS[0] in work.title or "超采治理" in work.title for work in expert.evidence)


def test_a_paragraph_is_asked_by_post_and_answered_alike(reader: httpx2.Client) -> None:
    paragraph = "拟研究平原区地下水超采治理的成因与对策。" * 2000
    assert len(paragraph) == 40_000
    answer = fits(reader.post("/api/v1/experts/search", json={"q": paragraph, "limit": 3}), ExpertsAnswer)
    assert isinstance(answer, ExpertsAnswer)
    assert len(answer.experts) == 3
    short = fits(reader.post("/api/v1/experts/search", json=QUESTION), ExpertsAnswer)
    assert short == fits(reader.get("/api/v1/experts/search", params=QUESTION), ExpertsAnswer)


def test_filters_reach_the_question(reader: httpx2.Client) -> None:
    def found(**filters: object) -> set[str]:
        response = reader.post("/api/v1/experts/search", json={**QUESTION, "limit": 100, **filters})
        answer = fits(response, ExpertsAnswer)
        assert isinstance(answer, ExpertsAnswer)
        return {expert.id for expert in answer.experts}

    everybody = found()
    assert found(professional_title="教授") == {one for one in everybody if int(one[-2:]) % 2}
    assert found(society=SOCIETY) == {one for one in everybody if int(one[-2:]) % 4 == 0}
    assert found(organisation=UNIVERSITY) == {one for one in everybody if int(one[-2:]) % 3}
    assert found(region="1301") == found(organisation="燕北理工大学")
    assert found(since_year=2999) == set()
    assert found(exclude=sorted(everybody)[:2]) == everybody - set(sorted(everybody)[:2])


def test_organisations_works_profile_and_network(reader: httpx2.Client) -> None:
    bodies = fits(reader.get("/api/v1/organisations/search", params=QUESTION), OrganisationsAnswer)
    assert isinstance(bodies, OrganisationsAnswer)
    assert bodies.organisations[0].id == UNIVERSITY
    outputs = fits(reader.get("/api/v1/outputs/search", params=QUESTION), WorksAnswer)
    assert isinstance(outputs, WorksAnswer)
    assert {work.kind for work in outputs.works} == {"output"}
    projects = fits(reader.get("/api/v1/projects/search", params={"q": SUBJECTS[4]}), WorksAnswer)
    assert isinstance(projects, WorksAnswer)
    assert {work.kind for work in projects.works} == {"project"}
    profile = fits(reader.get(f"/api/v1/experts/{EXPERTS[1]}"), ExpertProfile)
    assert isinstance(profile, ExpertProfile)
    assert profile.posts[0].name == "燕北理工大学"
    network = fits(reader.get(f"/api/v1/networks/experts/{EXPERTS[1]}", params={"steps": 2}), Network)
    assert isinstance(network, Network)
    assert network.centre == EXPERTS[1]
    assert {other.id for other in profile.collaborators} < {node.id for node in network.nodes}


def test_quality_figures_have_their_cases_behind_them(reader: httpx2.Client) -> None:
    counts = fits(reader.get("/api/v1/quality"), QualityCounts)
    assert isinstance(counts, QualityCounts)
    assert tuple(figure.kind for figure in counts.figures) == KINDS
    for figure in counts.figures:
        listed = fits(reader.get(f"/api/v1/quality/{figure.kind}", params={"limit": 100}), QualityCases)
        assert isinstance(listed, QualityCases)
        assert (listed.kind, listed.title, bool(listed.cases)) == (figure.kind, figure.title, figure.number > 0)
        assert all(case.why for case in listed.cases)


def test_a_post_is_stale_that_no_work_confirms(reader: httpx2.Client) -> None:
    # All works are the university's; the posts in the institute are said for 2015 only.
    def stale(**asked: int) -> set[tuple[str, str]]:
        found = fits(reader.get("/api/v1/quality/stale-posts", params={"limit": 100, **asked}), QualityCases)
        assert isinstance(found, QualityCases)
        return {(case.id, other.id) for case in found.cases for other in case.others}

    assert {(person, INSTITUTE) for person in EXPERTS[::3]} <= stale()
    assert len(reader.get("/api/v1/quality/stale-posts", params={"limit": 2}).json()["cases"]) == 2
    assert stale(stale_years=100) == set()


def test_restricted_fields_are_in_no_answer(served: Served, reader: httpx2.Client) -> None:
    with served.browser() as browser:
        for client, address in [
            (reader, f"/api/v1/experts/{EXPERTS[7]}"),
            (reader, f"/api/v1/experts/search?q={SUBJECTS[2]}&limit=100"),
            (reader, f"/api/v1/networks/experts/{EXPERTS[7]}"),
            *((reader, f"/api/v1/quality/{kind}?limit=100") for kind in KINDS),
            *((browser, f"/quality/{kind}") for kind in KINDS),
            (browser, f"/experts/{EXPERTS[7]}"),
            (browser, f"/search?q={SUBJECTS[2]}&limit=100"),
        ]:
            response = client.get(address)
            assert response.status_code == 200
            assert "@example.cn" not in response.text


def test_hostile_names_are_json_strings(reader: httpx2.Client) -> None:
    assert reader.get(f"/api/v1/experts/{EXPERTS[7]}").json()["name"] == HOSTILE_NAME


@pytest.mark.parametrize(
    ("method", "address", "status", "slug"),
    [
        ("GET", "/api/v1/experts/nobody", 404, "not-found"),
        ("GET", "/api/v1/networks/experts/nobody", 404, "not-found"),
        ("GET", "/api/v1/unheard-of", 404, "no-such-address"),
        ("GET", "/api/v1/experts/search/", 404, "no-such-address"),
        ("DELETE", "/api/v1/experts/search", 405, "method-not-allowed"),
        ("POST", "/healthz", 405, "method-not-allowed"),
        ("GET", "/api/v1/experts/search", 422, "invalid-input"),
        ("GET", "/api/v1/experts/search?q=", 422, "invalid-input"),
        ("GET", "/api/v1/experts/search?q=x&region=河北", 422, "invalid-input"),
        ("GET", "/api/v1/experts/search?q=x&limit=0", 422, "invalid-input"),
        ("GET", "/api/v1/experts/search?q=x&limit=101", 422, "invalid-input"),
        ("GET", "/api/v1/experts/search?q=x&limit=1e9", 422, "invalid-input"),
        ("GET", "/api/v1/experts/search?q=x&regoin=13", 422, "invalid-input"),
        ("GET", "/api/v1/experts/search?q=x&since_year=99999999999999999999", 422, "invalid-input"),
        ("GET", f"/api/v1/networks/experts/{EXPERTS[0]}?limit=501", 422, "invalid-input"),
        ("GET", f"/api/v1/networks/experts/{EXPERTS[0]}?steps=3", 422, "invalid-input"),
        ("GET", "/api/v1/quality/unheard-of", 422, "invalid-input"),
        ("GET", "/api/v1/quality/stale-posts?limit=0", 422, "invalid-input"),
        ("GET", "/api/v1/quality/stale-posts?limit=101", 422, "invalid-input"),
        ("GET", "/api/v1/quality?stale_years=0", 422, "invalid-input"),
    ],
)
def test_what_cannot_be_answered_is_a_problem(
    reader: httpx2.Client, method: str, address: str, status: int, slug: str
) -> None:
    found = problem(reader.request(method, address), status)
    assert found.type == f"urn:zhiku:problem:{slug}"
    assert any("\u4e00" <= letter <= "\u9fff" for letter in found.detail)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'"x"', b'{"q": 1}', b'{"q": "\\ud800"}', b"\xff\xfe", b'{"q":"x","exclude":"y"}']
)
def test_a_body_that_is_no_question_is_a_problem(reader: httpx2.Client, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    found = reader.post("/api/v1/experts/search", content=body, headers=headers)
    assert found.status_code in {400, 422}
    problem(found, found.status_code)


@pytest.mark.parametrize(
    "credentials",
    [None, "Bearer wrong", "Bearer 口令", "Bearer " + "x" * 5000, "Bearer a b", "Bearer \x7f", "Basic eDp5", "zhiku_x"],
)
def test_every_address_has_its_door(served: Served, credentials: str | None) -> None:
    """The access matrix: each route without a token and with ones that nobody has."""
    headers = [] if credentials is None else [(b"Authorization", credentials.encode())]
    checked: set[str] = set()
    with httpx2.Client(base_url=served.url, headers=headers, trust_env=False) as client:
        for path, method in addresses(served):
            response = client.request(method, path.replace("{id}", EXPERTS[0]))
            checked.add(path)
            if path in OPEN_TO_ALL and method == "GET":
                assert response.status_code == 200, path
            elif path.startswith("/api/v1"):
                problem(response, 401)
                assert response.headers["www-authenticate"].startswith("Bearer")
            else:
                assert response.status_code == 401, path
                assert "请先进入系统" in response.text
    assert {"/", "/search", "/leave", "/experts/{id}", "/experts/{id}/network.html"} < checked
    assert len([path for path in checked if path.startswith("/api/v1")]) == 66


def test_a_reader_s_token_opens_the_interface_and_not_the_pages(served: Served, reader: httpx2.Client) -> None:
    assert reader.get("/api/v1/experts/search", params=QUESTION).status_code == 200
    for path, method in addresses(served):
        if not path.startswith("/api/v1") and path not in OPEN_TO_ALL:
            assert reader.request(method, path.replace("{id}", EXPERTS[0])).status_code == 401


def test_a_cookie_opens_the_pages_and_not_the_interface(served: Served) -> None:
    with served.browser() as browser:
        assert browser.get("/").status_code == 200
        problem(browser.get("/api/v1/experts/search", params=QUESTION), 401)


def addresses(served: Served) -> list[tuple[str, str]]:
    """Every route as (path, method), walked from the application itself, so that a new one is tested unasked."""
    found: list[tuple[str, str]] = []
    for route in iter_route_contexts(served.app.routes):
        if not isinstance(route.original_route, Mount):
            found += [(str(route.path), method) for method in sorted((route.methods or set()) - {"HEAD"})]
    return found


def test_health_readiness_and_version(served: Served) -> None:
    with served.client() as client:
        assert client.get("/healthz").json() == {"status": "alive"}
        ready = client.get("/readyz").json()
        assert ready["status"] == "ready"
        assert ready["sequence"] >= 1
        version = client.get("/version").json()
        assert version["name"] == "zhiku"
        assert version["api"] == "v1"


def test_a_count_is_what_filtering_by_its_value_leaves(reader: httpx2.Client) -> None:
    counts = fits(reader.get("/api/v1/experts/facets", params={**QUESTION, "values": 3}), FacetsAnswer)
    assert isinstance(counts, FacetsAnswer)
    assert counts.total > 0
    for facet in counts.facets:
        value = facet.values[0]
        named = {"since_year": value.value, "until_year": value.value}
        chosen = named if facet.name == "year" else {facet.name: value.value}
        answer = fits(reader.get("/api/v1/experts/search", params={**QUESTION, **chosen}), ExpertsAnswer)
        assert isinstance(answer, ExpertsAnswer)
        assert answer.candidates == value.count, facet.name


def test_people_are_listed_without_a_text_page_by_page(reader: httpx2.Client) -> None:
    whole = fits(reader.get("/api/v1/experts", params={"limit": 100}), ListAnswer)
    assert isinstance(whole, ListAnswer)
    page = fits(reader.get("/api/v1/experts", params={"limit": 2, "offset": 2}), ListAnswer)
    assert isinstance(page, ListAnswer)
    assert page.experts == whole.experts[2:4]
    assert page.total == whole.total
    problem(reader.get("/api/v1/experts", params={"verified_since": "昨天"}), 422)
    problem(reader.get("/api/v1/experts", params={"region": "130001"}), 422)
    problem(reader.get("/api/v1/experts", params={"nonsense": "1"}), 422)
