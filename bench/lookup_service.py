"""A restart of engine and service by the clock, then one client and eight at once, and the memory of the service."""

from __future__ import annotations

import contextlib
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Final

import httpx2
import psutil

from bench import large_neo4j
from bench.large import HEAP_MB, Engine, running
from graph.accounts import add_account
from graph.embedded import EmbeddedEngine

CLIENTS: Final = 8
_COLD: Final = 6
_BODY: Final = {"limit": 20}


@dataclass(frozen=True)
class ServiceFigures:
    """What was measured through HTTP; `restart_s` is from nothing running to the first answer."""

    restart_s: float
    engine_start_s: float
    first_answers_cold_s: list[float]
    first_answers_warmed_s: list[float]
    http_p50_ms: float
    http_p95_ms: float
    throughput_per_s: float
    eight_clients_p95_ms: float
    service_mib: float

    def figures(self) -> dict[str, object]:
        """By name, lists as their greatest value."""
        lists = {
            "first_answers_cold_s": max(self.first_answers_cold_s),
            "first_answers_warmed_s": max(self.first_answers_warmed_s),
        }
        return {**asdict(self), **lists}


def over_http(home: Path, engine: Engine, texts: Sequence[str]) -> ServiceFigures:
    """Measure the service of a kept store, everything stopped before and after."""
    with running(home, engine) as store:
        token = add_account(store, f"bench-{time.time_ns()}", ["reader"], actor="bench")
    forget_files(home)
    cold, warmed = texts[:_COLD], texts[_COLD : 2 * _COLD]
    began = time.perf_counter()
    with _engine(home, engine) as environment:
        started = time.perf_counter() - began
        with _service(home, environment, token) as (client, process):
            _until_answered(client, texts[-1])
            restart = time.perf_counter() - began
            first = [_asked(client, text) for text in cold]
            time.sleep(15)
            after = [_asked(client, text) for text in warmed]
            for text in texts[: 3 * 20]:
                _asked(client, text)
            alone = [_asked(client, text) for text in texts]
            memory = process.memory_info().rss / 2**20
            together, seconds = _together(client, texts)
            memory = max(memory, process.memory_info().rss / 2**20)
    return ServiceFigures(
        restart_s=restart,
        engine_start_s=started,
        first_answers_cold_s=first,
        first_answers_warmed_s=after,
        http_p50_ms=statistics.median(alone) * 1_000,
        http_p95_ms=statistics.quantiles(alone, n=20)[18] * 1_000,
        throughput_per_s=len(together) / seconds,
        eight_clients_p95_ms=statistics.quantiles(together, n=20)[18] * 1_000,
        service_mib=memory,
    )


def forget_files(home: Path) -> None:
    """Ask the system to drop what it holds of the files of a store (not those of others on the machine)."""
    os.sync()
    for path in home.rglob("*"):
        with contextlib.suppress(OSError):
            file = os.open(path, os.O_RDONLY)
            try:
                os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
            finally:
                os.close(file)


@contextlib.contextmanager
def _engine(home: Path, engine: Engine) -> Generator[dict[str, str]]:
    """Run the engine; gives the environment in which a service finds it."""
    base = {**os.environ, "ZHIKU_HOME": str(home), "ZHIKU_DB_HEAP_MB": str(HEAP_MB)}
    if engine == "arcadedb":
        try:
            yield base  # the service starts it
        finally:
            EmbeddedEngine(home).stop()
        return
    with large_neo4j.server(home / "neo4j") as endpoint:
        password = endpoint.password.get_secret_value()
        yield {**base, "ZHIKU_DB_URI": endpoint.uri, "ZHIKU_DB_USER": endpoint.user, "ZHIKU_DB_PASSWORD": password}


@contextlib.contextmanager
def _service(home: Path, environment: dict[str, str], token: str) -> Generator[tuple[httpx2.Client, psutil.Process]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    zhiku = Path(sys.executable).with_name("zhiku")
    with (home / "service.log").open("wb") as log:
        service = subprocess.Popen([zhiku, "serve", "--port", str(port)], stdout=log, stderr=log, env=environment)
    try:
        with httpx2.Client(
            base_url=f"http://127.0.0.1:{port}",
            headers={"Authorization": f"Bearer {token}"},
            timeout=120,
            limits=httpx2.Limits(max_connections=CLIENTS),
        ) as client:
            yield client, psutil.Process(service.pid)
    finally:
        service.terminate()
        service.wait(30)


def _until_answered(client: httpx2.Client, text: str) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        with contextlib.suppress(httpx2.TransportError):
            if client.post("/api/v1/experts/search", json={"q": text, **_BODY}).status_code == 200:
                return
        time.sleep(0.1)
    raise SystemExit("the service did not answer in 120 s")


def _asked(client: httpx2.Client, text: str) -> float:
    began = time.perf_counter()
    client.post("/api/v1/experts/search", json={"q": text, **_BODY}).raise_for_status()
    return time.perf_counter() - began


def _together(client: httpx2.Client, texts: Sequence[str]) -> tuple[list[float], float]:
    """Ask everything with eight clients at once: seconds of each answer, and of all."""
    began = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as clients:
        taken = list(clients.map(partial(_asked, client), texts))
    return taken, time.perf_counter() - began
