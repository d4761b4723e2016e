"""`python -m bench.lookup`: what does `experts_for_topic` cost beside its bare parts, at 100,000 outputs?

Baseline ("bare"): one Tantivy search for the same weighted terms, the stored fields of its 500 hits, and one read of
the same Cypher for the same people through the bare driver. `ratio` = p50 of `experts_for_topic` (evidence included) ÷
p50 of bare, over all questions, each pair measured back to back. HTTP: the same questions through the running service,
one client; `http_adds_ms` = difference of the medians. The store (generated, fictional) is built once and kept in the
user's cache folder; `--fresh` builds it again.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

import httpx2
import neo4j
import psutil
import tantivy
import uvicorn
from platformdirs import user_cache_path

from bench.report import finish, table
from graph.accounts import add_account
from graph.index_folder import WORKS
from graph.index_works import StoredWorks
from graph.model import __file__ as model_file
from graph.store import Store, open_store
from graph.textindex import TextIndex
from ingest.sample import load, sample_records
from queries.evidence import EVIDENCE_OUTPUTS, EVIDENCE_PROJECTS
from queries.expert_facts import EXPERT_FACTS
from queries.experts import experts_for_topic
from queries.retrieval import asked

_LIMIT = 20
_Taken = dict[str, list[float]]


def questions(outputs: int, experts: int, *, count: int, seed: int = 7) -> dict[str, list[str]]:
    """Return keyword, title and paragraph questions in the words of the sample's own works."""
    rng = random.Random(seed)
    kinds: dict[str, list[str]] = {"keyword": [], "title": [], "paragraph": []}
    rows = [row for kind, row in sample_records(experts=experts, outputs=outputs) if kind == "work"]
    for row in rng.sample(rows, count):
        kinds["keyword"].append(" ".join(row["keywords"][:2]))
        kinds["title"].append(str(row["title"]))
        kinds["paragraph"].append(f"{row['title']}。{row['abstract']}")
    return kinds


def built(outputs: int, experts: int, *, fresh: bool) -> Store:
    """Open the cached store of this size, building it when it is not there or made for another model."""
    home = user_cache_path("zhiku") / f"bench-lookup-{outputs}"
    marker, wanted = home / "complete", sha256(Path(model_file).read_bytes()).hexdigest()
    store = open_store(home=home)
    if fresh or not marker.exists() or marker.read_text() != wanted:
        marker.unlink(missing_ok=True)
        began = time.monotonic()
        load(store, experts=experts, outputs=outputs, actor="bench")
        loaded = time.monotonic() - began
        TextIndex.open(store).follow()
        sys.stderr.write(f"loaded in {loaded:.0f} s, indexed in {time.monotonic() - began - loaded:.0f} s\n")
        marker.write_text(wanted)
    return store


class Bare:
    """The parts that no implementation can do without, called directly."""

    def __init__(self, store: Store, index: TextIndex) -> None:
        self._index = index
        self._works = _works(index)
        where = store.database.endpoint
        self._database = where.database
        auth = (where.user, where.password.get_secret_value())
        self._driver = neo4j.GraphDatabase.driver(where.uri, auth=auth)  # pyright: ignore[reportUnknownMemberType]

    def ask(self, text: str, people: list[str], works: dict[str, list[str]]) -> None:
        """Search, fetch, read."""
        clauses = [
            (
                tantivy.Occur.Should,
                tantivy.Query.boost_query(tantivy.Query.term_query(WORKS, "tokens", term, index_option="freq"), boost),
            )
            for term, boost in asked(text).boosts.items()
        ]
        hits = self._works.searcher.search(tantivy.Query.boolean_query(clauses), limit=500, count=False).hits
        self._works.at([address for _, address in hits])
        run = partial(self._driver.execute_query, database_=self._database)
        records = [*run(EXPERT_FACTS.text, people=people).records]
        for kind, query in (("output", EVIDENCE_OUTPUTS), ("project", EVIDENCE_PROJECTS)):
            if works[kind]:
                records += run(query.text, works=works[kind]).records
        for record in records:
            record.data()


def _works(index: TextIndex) -> StoredWorks:
    snapshot = cast(Any, index)._reading()  # the bench looks behind the seam to call Tantivy bare
    return StoredWorks(snapshot.generation.works.searcher(), snapshot.generation.records)


def timed(work: Callable[[], object]) -> float:
    """Milliseconds that `work` takes."""
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def measure(store: Store, index: TextIndex, kinds: dict[str, list[str]], rounds: int) -> dict[str, _Taken]:
    """Milliseconds of both, for each kind of question; the first round only warms both up."""
    bare = Bare(store, index)
    taken: dict[str, _Taken] = {kind: {"full": [], "bare": []} for kind in kinds}
    for number in range(rounds + 1):
        for kind, texts in kinds.items():
            for text in texts:
                pair = _pair(store, index, bare, text)
                for what in ("full", "bare") if number % 2 else ("bare", "full"):
                    milliseconds = timed(pair[what])
                    if number:
                        taken[kind][what].append(milliseconds)
    return taken


def _pair(store: Store, index: TextIndex, bare: Bare, text: str) -> dict[str, Callable[[], object]]:
    answer = experts_for_topic(store.database, index, text=text, limit=_LIMIT)
    people = [expert.id for expert in answer.experts]
    works = {
        kind: list({work.work for expert in answer.experts for work in expert.evidence if work.kind == kind})
        for kind in ("output", "project")
    }
    return {
        "full": lambda: experts_for_topic(store.database, index, text=text, limit=_LIMIT),
        "bare": lambda: bare.ask(text, people, works),
    }


def over_http(store: Store, kinds: dict[str, list[str]]) -> tuple[list[float], float]:
    """Milliseconds of the same questions through the service, and the service's memory in MiB."""
    from api.app import create_app
    from api.settings import ServiceSettings

    token = add_account(store, f"bench-{time.time_ns()}", ["reader"], actor="bench")
    settings = ServiceSettings(port=0)  # pyright: ignore[reportCallIssue]
    config = uvicorn.Config(create_app(settings, home=store.folder), host="127.0.0.1", port=0, log_level="warning")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    port = server.servers[0].sockets[0].getsockname()[1]
    taken: list[float] = []
    with httpx2.Client(base_url=f"http://127.0.0.1:{port}", headers={"Authorization": f"Bearer {token}"}) as client:
        for warm in (True, False):
            for texts in kinds.values():
                for text in texts:
                    body: dict[str, object] = {"q": text, "limit": _LIMIT}
                    milliseconds = timed(partial(_post, client, body))
                    if not warm:
                        taken.append(milliseconds)
    memory = psutil.Process().memory_info().rss / 2**20
    server.should_exit = True
    thread.join(10)
    return taken, memory


def _post(client: httpx2.Client, body: dict[str, object]) -> None:
    client.post("/api/v1/experts/search", json=body).raise_for_status()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--outputs", type=int, default=100_000)
    parser.add_argument("--experts", type=int, default=10_000)
    parser.add_argument("--questions", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--fresh", action="store_true")
    options = parser.parse_args()
    kinds = questions(options.outputs, options.experts, count=options.questions)
    with built(options.outputs, options.experts, fresh=options.fresh) as store:
        index = TextIndex.open(store)
        taken = measure(store, index, kinds, options.rounds)
        http, memory = over_http(store, kinds)
    rows: list[list[object]] = []
    figures: dict[str, object] = {"outputs": options.outputs}
    for kind, both in taken.items():
        full, bare = both["full"], both["bare"]
        p95 = statistics.quantiles(full, n=20)[18]
        ratio = statistics.median(full) / statistics.median(bare)
        rows.append([kind, statistics.median(full), p95, statistics.median(bare), ratio])
        figures[f"p50_ms_{kind}"], figures[f"p95_ms_{kind}"] = statistics.median(full), p95
        figures[f"ratio_{kind}"] = ratio
    everything = [ms for both in taken.values() for ms in both["full"]]
    bare_all = [ms for both in taken.values() for ms in both["bare"]]
    table("lookup: milliseconds", ["question", "p50", "p95", "bare p50", "ratio"], rows)
    figures["p50_ms"], figures["p95_ms"] = statistics.median(everything), statistics.quantiles(everything, n=20)[18]
    figures["ratio"] = statistics.median(everything) / statistics.median(bare_all)
    figures["http_p50_ms"] = statistics.median(http)
    figures["http_adds_ms"] = statistics.median(http) - statistics.median(everything)
    figures["process_mib"] = memory
    finish(figures)


if __name__ == "__main__":
    main()
