"""Real stores for the tests: `store` on the embedded engine, `any_store` on each of the three engines, always empty.

Every engine is started once a session and only when a test asks for it; between two tests all nodes are deleted, which
is some milliseconds where a new engine takes two seconds.
"""

import contextlib
import subprocess
from collections.abc import Generator
from pathlib import Path
from typing import Final

import pytest
from pydantic import SecretStr

from graph import schema
from graph.database import Database, Endpoint, Transaction
from graph.embedded import EmbeddedEngine
from graph.store import Store, connect
from tests.engines import Neo4jVersion, neo4j_server

# Ids depend on it (settled "Ids"): the same in every test, on every engine.
STORE_KEY: Final = b"k" * 32
ENGINES: Final = ("arcadedb", "neo4j-5.26.30", "neo4j-2026.08.1")


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Generator[Endpoint]:
    """Where the session's embedded engine answers; it is stopped at the end, and killed should this process die."""
    embedded = EmbeddedEngine(tmp_path_factory.mktemp("engine-home"), heap_mb=512)
    endpoint = embedded.ensure_running()
    with _killed_with_us(embedded.status().pid):
        yield endpoint
        embedded.stop()


@pytest.fixture(scope="session")
def neo4j_5(tmp_path_factory: pytest.TempPathFactory) -> Generator[Endpoint]:
    """Where a real Neo4j 5.26 answers."""
    yield from _neo4j("5.26.30", tmp_path_factory)


@pytest.fixture(scope="session")
def neo4j_2026(tmp_path_factory: pytest.TempPathFactory) -> Generator[Endpoint]:
    """Where a real Neo4j 2026 answers."""
    yield from _neo4j("2026.08.1", tmp_path_factory)


@pytest.fixture(scope="session", params=ENGINES)
def any_engine(request: pytest.FixtureRequest) -> Endpoint:
    """Each of the three engines in turn."""
    names = {"arcadedb": "engine", "neo4j-5.26.30": "neo4j_5", "neo4j-2026.08.1": "neo4j_2026"}
    endpoint = request.getfixturevalue(names[request.param])
    assert isinstance(endpoint, Endpoint)
    return endpoint


@pytest.fixture
def store(engine: Endpoint, tmp_path: Path) -> Generator[Store]:
    """An empty store on the embedded engine, its folder new, its key `STORE_KEY`."""
    with empty_store(engine, tmp_path) as empty:
        yield empty


@pytest.fixture
def any_store(any_engine: Endpoint, tmp_path: Path) -> Generator[Store]:
    """An empty store on each of the three engines in turn."""
    with empty_store(any_engine, tmp_path) as empty:
        yield empty


def empty_store(endpoint: Endpoint, folder: Path) -> Store:
    """Delete all nodes, make the schema, and return the store as new; its id is another each time."""
    with Database(endpoint) as database:
        erase(database)
        schema.apply(database, store_key=STORE_KEY)
    return connect(endpoint, folder, store_key=STORE_KEY)


def erase(database: Database) -> None:
    """Delete all nodes and relationships, in pieces that any heap can hold."""

    def piece(transaction: Transaction) -> int:
        rows = transaction.run("MATCH (n) WITH n LIMIT 5000 DETACH DELETE n RETURN count(*) AS gone")
        return int(rows[0]["gone"]) if rows else 0

    while database.write("erase", piece):
        pass


def _neo4j(version: Neo4jVersion, factory: pytest.TempPathFactory) -> Generator[Endpoint]:
    with neo4j_server(version, factory.mktemp(f"neo4j-{version}")) as server:
        yield Endpoint(server.uri, server.user, SecretStr(server.password), "neo4j")


@contextlib.contextmanager
def _killed_with_us(pid: int | None) -> Generator[None]:
    """Kill the process should this one be gone, even by `kill -9`: the engine outlives its parent on purpose."""
    watchdog = subprocess.Popen(
        ["/bin/sh", "-c", 'read _; kill -9 "$1"', "sh", str(pid)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield
    finally:
        watchdog.kill()
        watchdog.communicate()
