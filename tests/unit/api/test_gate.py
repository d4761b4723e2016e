"""Headers on every answer, names the service does not answer to, limits, and rubbish of all kinds."""

import re
import socket
from collections.abc import Generator, Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from api.gate import HEADERS, PAGE_POLICY, Gate
from tests.api_fixtures import EXPERTS, HOSTILE_NAME, SUBJECTS, Served

EVERYWHERE = [
    "/",
    "/search?q=地下水",
    f"/experts/{EXPERTS[0]}",
    f"/experts/{EXPERTS[0]}/network.html",
    f"/experts/{EXPERTS[0]}/network.svg",
    "/experts/nobody",
    "/nowhere",
    "/enter",
    "/docs",
    "/openapi.json",
    "/healthz",
    "/readyz",
    "/version",
    "/static/console.css",
    "/static/nothing",
    "/api/v1/experts/search?q=x",
]


@pytest.fixture(scope="module")
def browser(served: Served) -> Generator[httpx2.Client]:
    with served.browser() as client:
        yield client


@pytest.mark.parametrize("address", EVERYWHERE)
def test_every_answer_has_the_headers(browser: httpx2.Client, address: str) -> None:
    headers = browser.get(address).headers
    for name in ("X-Content-Type-Options", "Referrer-Policy", "Cross-Origin-Opener-Policy", "Permissions-Policy"):
        assert headers[name] == HEADERS[name], name
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "'unsafe-eval'" not in policy
    assert "http" not in policy
    assert "server" not in headers
    if not address.startswith("/static"):
        assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("address", ["/", "/search?q=地下水", f"/experts/{EXPERTS[0]}", "/experts/nobody", "/enter"])
def test_pages_run_and_load_nothing_but_the_service_s_own_files(browser: httpx2.Client, address: str) -> None:
    response = browser.get(address)
    assert response.headers["Content-Security-Policy"] == PAGE_POLICY
    assert "style=" not in response.text
    assert "<style" not in response.text
    assert "onclick" not in response.text
    assert "http://" not in response.text
    assert "https://" not in response.text


def test_the_picture_may_be_framed_by_our_pages_alone(browser: httpx2.Client) -> None:
    headers = browser.get(f"/experts/{EXPERTS[0]}/network.html").headers
    assert "frame-ancestors 'self'" in headers["Content-Security-Policy"]
    assert "'unsafe-inline'" not in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "SAMEORIGIN"


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1", 200),
        ("127.0.0.1:8000", 200),
        ("LOCALHOST", 200),
        ("[::1]:99", 200),
        ("evil.example", 421),
        ("evil.example:8000", 421),
        ("127.0.0.1.evil.example", 421),
        ("127.0.0.1@evil.example", 421),
        ("localhost, evil.example", 421),
        ("[::2]", 421),
        ("", 421),
        ("127.0.0.1:x", 421),
    ],
)
def test_only_names_of_this_service_are_answered_to(served: Served, host: str, status: int) -> None:
    with served.client() as client:
        response = client.get("/healthz", headers={"Host": host})
    assert response.status_code == status
    if status == 421:
        assert response.json()["type"] == "urn:zhiku:problem:wrong-host"


def test_a_large_body_is_refused_before_and_while_it_comes(served: Served) -> None:
    large = b'{"q":"' + b"x" * 1_100_000 + b'"}'
    headers = {"Content-Type": "application/json"}

    def chunks() -> Iterator[bytes]:
        for start in range(0, len(large), 100_000):
            yield large[start : start + 100_000]

    with served.reader() as client:
        for content in (large, chunks()):
            response = client.post("/api/v1/experts/search", content=content, headers=headers)
            assert response.status_code == 413
            assert response.headers["content-type"] == "application/problem+json"
            assert response.json()["type"] == "urn:zhiku:problem:too-large"


def test_a_question_of_the_longest_length_is_answered_and_a_longer_one_is_refused(served: Served) -> None:
    with served.reader() as client:
        assert client.post("/api/v1/experts/search", json={"q": "水" * 50_000}).status_code == 200
        assert client.post("/api/v1/experts/search", json={"q": "水" * 50_001}).status_code == 422


@pytest.mark.parametrize(
    "question",
    [
        "\x00",
        "地下水\x00超采",
        "'; MATCH (n) DETACH DELETE n //",
        '" OR title:* AND (',
        "+-&&||!(){}[]^~*?:\\/" * 500,
        "。，、；：？！" * 1000,
        "\u202e\u2066地下水\u200d\ufeff",
        "👨‍👩‍👧‍👦" * 100,
        "e\u0301" * 300,
        "A" * 40_000,
        "𠀀𪚥",
        "{{7*7}}${7*7}<%= 7*7 %>",
        '<script>alert(1)</script>"><img src=x onerror=alert(1)>',
    ],
)
def test_rubbish_is_answered_sensibly_and_stays_text(served: Served, browser: httpx2.Client, question: str) -> None:
    with served.reader() as client:
        response = client.post("/api/v1/experts/search", json={"q": question})
        assert response.status_code in {200, 422}, response.text
    address = browser.get("/search", params={"q": question[:300]})
    assert address.status_code == 200
    assert "<script>alert" not in address.text
    assert "<img src=x" not in address.text
    assert ">49<" not in address.text


def test_the_longest_address_that_is_declared_is_answered(served: Served) -> None:
    longest: dict[str, Any] = {"q": "𠀀" * 2000, "exclude": ["𠀀" * 64] * 30, "organisation": "𠀀" * 256}
    with served.reader() as client:
        response = client.get("/api/v1/experts/search", params={**longest, "society": "𠀀" * 256})
    assert response.status_code == 200


@pytest.mark.parametrize("view", ["experts", "organisations", "outputs", "projects"])
def test_hostile_names_and_titles_are_text_on_every_page(browser: httpx2.Client, view: str) -> None:
    text = ""
    for subject in SUBJECTS:
        text += browser.get("/search", params={"q": subject, "view": view, "limit": 100}).text
    text += browser.get(f"/experts/{EXPERTS[7]}").text
    assert HOSTILE_NAME not in text
    assert "&lt;img src=x onerror=" in text
    assert "<script>alert" not in text
    assert text.count("</title>") == 6
    assert "{{7*7}}" in text or view in {"organisations", "projects"}


@pytest.mark.parametrize(
    "path",
    [
        "/static/../pages.py",
        "/static/%2e%2e/pages.py",
        "/static/..%2fpages.py",
        "/static/....//pages.py",
        "/static//etc/passwd",
        "/static/%00",
        "/static/vendor/../../templates/base.html",
        "/static/..\\pages.py",
        "/static/" + "a" * 5000,
    ],
)
def test_no_file_outside_the_folder_is_served(served: Served, path: str) -> None:
    # Over a bare socket: a client of good manners would tidy the path up first.
    address = urlsplit(served.url)
    assert address.hostname is not None
    with socket.create_connection((address.hostname, address.port or 80), timeout=30) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode("latin-1"))
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    assert answer.split(b" ", 2)[1] in {b"404", b"400", b"405"}, answer[:200]
    assert b"router" not in answer
    assert b"root:" not in answer


@pytest.mark.parametrize(
    "id", ["%00", "a%00b", "%ff", "..%2f..%2f", "%F0%A0%80%80", "x" * 300, "'%20OR%201=1", "%0d%0aSet-Cookie:x"]
)
def test_ids_of_any_shape_are_not_found_or_refused(served: Served, browser: httpx2.Client, id: str) -> None:
    with served.reader() as client:
        for response in (client.get(f"/api/v1/experts/{id}"), browser.get(f"/experts/{id}")):
            assert response.status_code in {404, 422}, response.text
            assert "x" not in response.cookies


@pytest.mark.parametrize("path", ["/api/v1/experts/search", "/search"])
def test_a_fault_of_ours_shows_its_number_and_nothing_else(path: str, caplog: pytest.LogCaptureFixture) -> None:
    async def broken(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise ValueError("secret 13800000000")

    gate = Gate(broken, hosts=frozenset({"testserver"}), body_limit=1024)
    response = TestClient(gate).get(path)  # not entered: there is no lifespan to run
    assert response.status_code == 500
    assert response.headers["Content-Security-Policy"] == PAGE_POLICY
    assert "13800000000" not in response.text
    assert "ValueError" not in response.text
    number = re.search(r"编号 ([0-9a-f]{12})", response.text)
    assert number is not None
    assert number[1] in caplog.text
    assert response.headers["content-type"].startswith("application/problem+json" if "api" in path else "text/html")
