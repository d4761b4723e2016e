"""A service whose graph is not there answers all the same, and finds the graph again when it comes back."""

import time
from pathlib import Path

import httpx2
import pytest

from api.settings import ServiceSettings
from graph.embedded import EmbeddedEngine
from graph.errors import StoreDamagedError, StoreUnavailableError
from graph.settings import DatabaseSettings
from tests.api_fixtures import ServedHome, running

NOWHERE = DatabaseSettings(uri="bolt://127.0.0.1:1")  # pyright: ignore[reportCallIssue]
QUICK = ServiceSettings(port=0, opening_wait_s=0.2, follow_seconds=0.1)  # pyright: ignore[reportCallIssue]


def test_without_a_graph_the_process_is_alive_and_says_what_is_missing(tmp_path: Path) -> None:
    home = ServedHome(tmp_path, "zhiku_nobody")
    with running(QUICK, home, database=NOWHERE, wait=False) as service, service.reader() as client:
        assert client.get("/healthz").status_code == 200
        assert client.get("/version").status_code == 200
        for address in ("/readyz", "/api/v1/experts/search?q=x"):
            response = client.get(address)
            assert response.status_code == 503
            assert response.headers["content-type"] == "application/problem+json"
            assert response.headers["retry-after"] == "3"
            assert response.json()["type"] == "urn:zhiku:problem:store-unavailable"
        with service.browser() as browser:
            assert browser.get("/").status_code == 200
            page = browser.get("/search", params={"q": "地下水"})
            assert page.status_code == 503
            assert "图数据库暂时不可用" in page.text
            assert 'http-equiv="refresh"' in page.text


def test_a_stopped_engine_is_found_again(tmp_path: Path) -> None:
    engine = EmbeddedEngine(tmp_path, heap_mb=512)
    try:
        with running(QUICK, ServedHome(tmp_path, "")) as service, service.client() as client:
            assert engine.stop()
            assert client.get("/healthz").status_code == 200
            seen = {status(client) for _ in range(5)}
            for _ in range(600):
                if engine.status().running and status(client) == 200:
                    break
                seen.add(status(client))
                time.sleep(0.1)
            else:
                pytest.fail("the service did not find its graph again")
            assert seen <= {200, 503}
    finally:
        engine.stop()


def test_reasons_are_raised_anew_for_every_request(tmp_path: Path) -> None:
    with running(QUICK, ServedHome(tmp_path, ""), database=NOWHERE, wait=False) as service:
        held = service.app.state.service
        lengths: list[int] = []
        for _ in range(3):
            with pytest.raises((StoreUnavailableError, StoreDamagedError)) as caught:
                held.holdings()
            lengths.append(len(caught.traceback))
        assert len(set(lengths[1:])) == 1


def status(client: httpx2.Client) -> int:
    return client.get("/readyz").status_code
