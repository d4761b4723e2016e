"""`python -m bench.memory`: how much memory does the service hold after 1,000 questions, without the engine?

Asks the store of ZHIKU_HOME (after `make corpora`) through a real `zhiku serve` process: titles, keywords and abstracts
of chinaxiv_zh, one client. Prints the resident memory of that process at the start and at the end.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

import httpx2
import psutil

from bench.report import SHARED, finish
from graph.accounts import add_account
from graph.store import open_store

_PAPERS = SHARED / "chinaxiv_zh" / "papers.jsonl.gz"


def questions(count: int) -> list[str]:
    """Titles, keywords and abstracts, mixed."""
    with gzip.open(_PAPERS, "rt", encoding="utf-8") as lines:
        papers = [json.loads(line) for line in lines]
    rng = random.Random(7)
    chosen = rng.sample(papers, count)
    texts: list[str] = []
    for number, paper in enumerate(chosen):
        shapes = (
            paper["title"],
            " ".join(paper["keywords"][:2]) or paper["title"],
            f"{paper['title']} {paper['abstract']}",
        )
        texts.append(shapes[number % 3])
    return texts


def main() -> int:
    """Ask and weigh."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, default=1_000)
    options = parser.parse_args()
    if not _PAPERS.exists():
        sys.stderr.write(f"共享数据不在 {SHARED}\n")
        return 2
    with open_store() as store:
        token = add_account(store, f"bench-memory-{time.time_ns()}", ["reader"], actor="bench")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    zhiku = Path(sys.executable).with_name("zhiku")
    service = subprocess.Popen([zhiku, "serve", "--port", str(port)], stdout=subprocess.DEVNULL, env=os.environ)
    try:
        with httpx2.Client(
            base_url=f"http://127.0.0.1:{port}", headers={"Authorization": f"Bearer {token}"}, timeout=60
        ) as client:
            _wait(client)
            process = psutil.Process(service.pid)
            started = process.memory_info().rss / 2**20
            taken: list[float] = []
            for text in questions(options.questions):
                began = time.perf_counter()
                client.post("/api/v1/experts/search", json={"q": text}).raise_for_status()
                taken.append((time.perf_counter() - began) * 1000)
            ended = process.memory_info().rss / 2**20
    finally:
        service.terminate()
        service.wait(20)
    finish(
        {
            "questions": options.questions,
            "started_mib": started,
            "service_mib": ended,
            "p50_ms": statistics.median(taken),
            "p95_ms": statistics.quantiles(taken, n=20)[18],
        }
    )
    return 0


def _wait(client: httpx2.Client) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if client.get("/readyz").status_code == 200:
                return
        except httpx2.TransportError:
            pass
        time.sleep(0.2)
    raise SystemExit("the service did not get ready in 60 s")


if __name__ == "__main__":
    raise SystemExit(main())
