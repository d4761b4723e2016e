"""A real service for the tests: the embedded engine with a small fictional graph, uvicorn on a loopback port."""

import contextlib
import threading
import time
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
import uvicorn
from fastapi import FastAPI

from api.access import Actor, Doors
from api.app import create_app
from api.server import bound, configuration
from api.settings import ServiceSettings
from graph.accounts import add_account
from graph.claims import NodeClaim, RelationshipClaim, node_claim, relationship_claim
from graph.embedded import EmbeddedEngine
from graph.merge import SourceRef, upsert
from graph.model import (
    AFFILIATED_WITH,
    AUTHORED,
    LED,
    LOCATED_IN,
    MEMBER_OF,
    ORGANISATION,
    OUTPUT,
    PART_OF,
    PERSON,
    PROJECT,
    REGION,
)
from graph.settings import DatabaseSettings
from graph.store import Store, open_store

SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许"
HOSTILE_NAME = '<img src=x onerror="alert(1)">'
HOSTILE_TITLE = "地下水</title><script>alert(document.domain)</script>超采治理{{7*7}}"
SUBJECTS = ("地下水超采治理", "托育服务供给", "县域电商发展", "光伏发电消纳", "耕地质量监测")
UNIVERSITY, INSTITUTE, SOCIETY = "Otest-university", "Otest-institute", "Otest-society"
EXPERTS = [f"Ptest-{number:02}" for number in range(20)]
STORE_KEY = b"k" * 32


@dataclass(frozen=True)
class ServedHome:
    """A data folder with the graph loaded, and the tokens of a reader and of an editor."""

    path: Path
    token: str
    editor: str = ""


@dataclass(frozen=True)
class Served:
    """A running service: its address, application, reader's and editor's token."""

    url: str
    app: FastAPI
    token: str
    editor: str = ""

    def client(self, *, token: str | None = None) -> httpx2.Client:
        """A client of its own, without a cookie; with a bearer token when given one."""
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return httpx2.Client(base_url=self.url, headers=headers, timeout=60, trust_env=False)

    def reader(self) -> httpx2.Client:
        """A client with the reader's token."""
        return self.client(token=self.token)

    def link(self, role: str = "reader") -> str:
        """The address that lets one browser in."""
        doors: Doors = self.app.state.doors
        return f"{self.url}/enter?code={doors.new_link(Actor('测试', frozenset({role})))}"

    @contextlib.contextmanager
    def browser(self, role: str = "reader") -> Generator[httpx2.Client]:
        """A client that came in by the one-time link and carries its cookie."""
        with self.client() as client:
            assert client.get(self.link(role)).status_code == 200
            yield client


def claims() -> tuple[list[NodeClaim], list[RelationshipClaim]]:
    """Twenty people, three bodies and five subjects of which everybody has written."""
    fictional = {"fictional": True}
    nodes = [
        node_claim(REGION, "13", {"name": "示例省", "level": "province", "scheme": "GB/T 2260", **fictional}),
        node_claim(REGION, "1301", {"name": "示例市", "level": "city", "scheme": "GB/T 2260", **fictional}),
        _body(UNIVERSITY, "燕北理工大学", "university"),
        _body(INSTITUTE, "示例省水利科学研究院", "institute"),
        _body(SOCIETY, "示例省水利学会", "society", ["Society"]),
    ]
    region, city = ("Region", "13"), ("Region", "1301")
    relationships = [
        relationship_claim(PART_OF, city, region),
        relationship_claim(LOCATED_IN, ("Organisation", UNIVERSITY), city),
        relationship_claim(LOCATED_IN, ("Organisation", INSTITUTE), region),
    ]
    for number, person in enumerate(EXPERTS):
        nodes.append(_expert(number, person))
        relationships += _posts(number, person)
    for number in range(30):
        work, people = _work(number)
        nodes.append(work)
        relationships += people
    return nodes, relationships


def load(store: Store) -> None:
    """Write the small graph through the one way facts get in."""
    upsert(store.audit, SourceRef("test", "console", 50), *claims(), run="Rtest", actor="test")


def with_accounts(store: Store, home: Path) -> ServedHome:
    """Make the accounts of a reader and of an editor."""
    reader, editor = (
        add_account(store, name, [role], actor="test") for name, role in (("读者", "reader"), ("编辑", "editor"))
    )
    return ServedHome(home, reader, editor)


@pytest.fixture(scope="session")
def served_home(tmp_path_factory: pytest.TempPathFactory) -> Generator[ServedHome]:
    """A home folder whose own embedded engine holds the small graph; the engine is stopped at the end."""
    home = tmp_path_factory.mktemp("served-home")
    engine = EmbeddedEngine(home, heap_mb=512)
    try:
        with open_store(DatabaseSettings(heap_mb=512), home, store_key=STORE_KEY) as store:  # pyright: ignore[reportCallIssue]
            load(store)
            accounts = with_accounts(store, home)
        yield accounts
    finally:
        engine.stop()


@pytest.fixture(scope="session")
def served(served_home: ServedHome) -> Generator[Served]:
    """The service on that home, ready to answer."""
    with running(ServiceSettings(port=0, follow_seconds=0.2), served_home) as service:  # pyright: ignore[reportCallIssue]
        yield service


@contextlib.contextmanager
def running(
    settings: ServiceSettings, home: ServedHome, *, database: DatabaseSettings | None = None, wait: bool = True
) -> Generator[Served]:
    """Run a service in a thread while the block lasts; with `wait`, the block begins when it answers questions."""
    database = database or DatabaseSettings(heap_mb=512)  # pyright: ignore[reportCallIssue]
    app = create_app(settings, database=database, home=home.path)
    with bound(settings) as listener:
        server = uvicorn.Server(configuration(app))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        served = Served(f"http://127.0.0.1:{listener.getsockname()[1]}", app, home.token, home.editor)
        try:
            _wait_until(served, "/readyz" if wait else "/healthz")
            yield served
        finally:
            server.should_exit = True
            thread.join()


def _wait_until(served: Served, address: str) -> None:
    with served.client() as client:
        for _ in range(600):
            if client.get(address).status_code == 200:
                return
            time.sleep(0.1)
    pytest.fail(f"the service did not answer {address}")


def _body(key: str, name: str, kind: str, labels: list[str] | None = None) -> NodeClaim:
    return node_claim(
        ORGANISATION,
        key,
        {"name": name, "name_key": name, "kind": kind, "verified": True, "fictional": True},
        labels or [],
    )


def _expert(number: int, person: str) -> NodeClaim:
    name = HOSTILE_NAME if number == 7 else f"{SURNAMES[number]}示例"
    return node_claim(
        PERSON,
        person,
        {
            "name": name,
            "name_key": name.casefold(),
            "professional_title": "教授" if number % 2 else "研究员",
            "fields": [SUBJECTS[number % 5]],
            "summary": f"从事{SUBJECTS[number % 5]}研究。",
            "email": f"secret{number}@example.cn",
            "fictional": True,
        },
        ["Expert"],
    )


def _posts(number: int, person: str) -> list[RelationshipClaim]:
    employer = UNIVERSITY if number % 3 else INSTITUTE
    start = ("Person", person)
    post = {"role": "教师", "department": "水利学院", "valid_from": "2015-01-01", "valid_from_precision": "year"}
    found = [relationship_claim(AFFILIATED_WITH, start, ("Organisation", employer), key="2015", properties=post)]
    if number % 4 == 0:
        found.append(relationship_claim(MEMBER_OF, start, ("Organisation", SOCIETY), properties={"role": "理事"}))
    return found


def _work(number: int) -> tuple[NodeClaim, list[RelationshipClaim]]:
    subject = SUBJECTS[number % 5]
    title = HOSTILE_TITLE if number == 5 else f"{subject}的第 {number} 项研究：模式、成效与建议"
    year = 2005 + number % 20
    text = {"title": title, "abstract": f"本文研究{subject}的现状与对策。", "keywords": [subject], "year": year}
    authors = [EXPERTS[(number * step + step) % 20] for step in (1, 3, 7)]
    if number % 5 == 4:
        project = f"Jtest-{number:02}"
        node = node_claim(PROJECT, project, {**text, "programme": "省软科学研究计划", "fictional": True})
        led = {"mention": f"test|{project}|1", "position": 1, "organisations": [UNIVERSITY]}
        return node, [relationship_claim(LED, ("Person", authors[0]), ("Project", project), key="1", properties=led)]
    output = f"Wtest-{number:02}"
    node = node_claim(OUTPUT, output, {**text, "kind": "paper", "venue": "示例学报", "fictional": True})
    return node, [
        relationship_claim(
            AUTHORED,
            ("Person", author),
            ("Output", output),
            key=str(place),
            properties={"mention": f"test|{output}|{place}", "position": place, "organisations": [UNIVERSITY]},
        )
        for place, author in enumerate(dict.fromkeys(authors), 1)
    ]
