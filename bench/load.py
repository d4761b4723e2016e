"""`python -m bench.load [--outputs N] [--engines …]`: how much of a bare driver loop's speed is left for a real load?

Baseline: the same nodes and relationships in the same batches, UNWIND + MERGE through the bare neo4j driver, one
transaction a batch, no claims, no before-images, no audit. `merge_ratio`: `graph.merge.upsert` ÷ baseline.
`path_ratio`: from files through transform, resolve and upsert to graph and text index ÷ baseline. Rates are nodes +
relationships a second; the lower engine counts. Each is measured in turn, several rounds; the medians are compared.
"""

from __future__ import annotations

import argparse
import contextlib
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, LiteralString, cast

import neo4j
from pydantic import SecretStr

import ingest.run
from bench.report import finish, table
from graph.audit import Audit
from graph.claims import NodeClaim, RelationshipClaim, Said, with_defaults
from graph.database import Endpoint
from graph.embedded import EmbeddedEngine
from graph.merge import Counts, SourceRef, upsert
from graph.model import RELATIONSHIP_BY_NAME
from graph.store import Store
from graph.textindex import TextIndex
from ingest.sample import SampleFiles, sample_sources, write_sample
from tests.engines import NEO4J_VERSIONS, neo4j_server
from tests.graph_fixtures import empty_store

# The contract tests' 512 MB make Neo4j collect garbage in the middle of a load; all engines get the same here.
_HEAP_MB = 1_024
# Neo4j 2026 took 23, 15, 9.9 and 8.1 s for the same load one after the other: only then is its code compiled.
_WARM_UP = 4


@dataclass
class Batch:
    """One upsert call, as recorded from a real load."""

    source: SourceRef
    nodes: list[NodeClaim]
    relationships: list[RelationshipClaim]
    first: bool

    @property
    def elements(self) -> int:
        """Nodes and relationships in it."""
        return len(self.nodes) + len(self.relationships)


def record(store: Store, files: SampleFiles) -> list[Batch]:
    """Load once and keep what was sent to `upsert`."""
    batches: list[Batch] = []

    @wraps(upsert)
    def recording(
        audit: Audit,
        source: SourceRef,
        nodes: Sequence[NodeClaim],
        relationships: Sequence[RelationshipClaim],
        *,
        run: str,
        actor: str,
        progress: Mapping[str, int] | None = None,
        first: bool = False,
    ) -> Counts:
        batches.append(Batch(source, list(nodes), list(relationships), first))
        return upsert(audit, source, nodes, relationships, run=run, actor=actor, progress=progress, first=first)

    setattr(ingest.run, "upsert", recording)  # noqa: B010
    try:
        path_load(store, files, index=False)
    finally:
        setattr(ingest.run, "upsert", upsert)  # noqa: B010
    return batches


def path_load(store: Store, files: SampleFiles, *, index: bool = True) -> None:
    """From files to graph and text index."""
    follower = TextIndex.open(store) if index else None
    for path, source in sample_sources(files):
        ingest.run.run(store, source, path, actor="bench")
    if follower is not None:
        follower.follow()


def bare_load(endpoint: Endpoint, batches: Sequence[Batch]) -> None:
    """Send the same nodes and relationships as a careful user of the bare driver would."""
    auth = (endpoint.user, endpoint.password.get_secret_value())
    with (
        neo4j.GraphDatabase.driver(endpoint.uri, auth=auth) as driver,  # pyright: ignore[reportUnknownMemberType]
        driver.session(database=endpoint.database) as session,  # pyright: ignore[reportUnknownMemberType]
    ):
        for batch in batches:
            session.execute_write(_send, _bare_statements(batch))


def _send(transaction: neo4j.ManagedTransaction, statements: list[tuple[str, list[dict[str, Any]]]]) -> None:
    for text, rows in statements:
        transaction.run(cast(LiteralString, text), {"rows": rows}).consume()


def _bare_statements(batch: Batch) -> list[tuple[str, list[dict[str, Any]]]]:
    nodes: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for claim in batch.nodes:
        nodes[claim.type.label, claim.type.key].append(
            {"key": claim.key, "props": with_defaults(Said(claim.properties, claim.labels))}
        )
    links: dict[tuple[str, str, str], list[dict[str, Any]]] = defaultdict(list)
    for relationship in batch.relationships:
        name = (relationship.type.name, relationship.start[0], relationship.end[0])
        ends = {"a": relationship.start[1], "b": relationship.end[1]}
        links[name].append({**ends, "k": relationship.key, "p": relationship.properties})
    statements = [
        (f"UNWIND $rows AS row MERGE (n:{label} {{{key}: row.key}}) SET n += row.props", rows)
        for (label, key), rows in nodes.items()
    ]
    for (name, start, end), rows in links.items():
        start_key, end_key = ("code" if label == "Region" else "id" for label in (start, end))
        # The bare loop gets the same advice as ours: begin at the end with few relationships.
        few_is_start = RELATIONSHIP_BY_NAME[name].few == "start"
        arrow = f"(a)-[r:{name} {{key: row.k}}]->(b)" if few_is_start else f"(b)<-[r:{name} {{key: row.k}}]-(a)"
        statements.append(
            (
                f"UNWIND $rows AS row MATCH (a:{start} {{{start_key}: row.a}}) MATCH (b:{end} {{{end_key}: row.b}}) "
                f"MERGE {arrow} SET r += row.p",
                rows,
            )
        )
    return statements


def merge_load(store: Store, batches: Sequence[Batch]) -> None:
    """Send the recorded batches through `upsert`."""
    for batch in batches:
        upsert(
            store.audit,
            batch.source,
            batch.nodes,
            batch.relationships,
            run="bench",
            actor="bench",
            first=batch.first,
        )


def timed(work: Callable[[], None]) -> float:
    """Seconds that `work` takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


@contextlib.contextmanager
def engine(name: str, folder: Path) -> Generator[Endpoint]:
    """Start an engine of this name."""
    if name == "arcadedb":
        embedded = EmbeddedEngine(folder, heap_mb=_HEAP_MB)
        try:
            yield embedded.ensure_running()
        finally:
            embedded.stop()
    else:
        with neo4j_server(cast(Any, name), folder, heap_mb=_HEAP_MB) as server:
            yield Endpoint(server.uri, server.user, SecretStr(server.password), "neo4j")


def measure(name: str, files: SampleFiles, rounds: int) -> dict[str, float]:
    """Return the rates on one engine: medians over the rounds."""
    seconds: dict[str, list[float]] = defaultdict(list)
    elements = 0
    with tempfile.TemporaryDirectory() as folder, engine(name, Path(folder)) as endpoint:
        store = empty_store(endpoint, Path(folder))
        batches = record(store, files)
        elements = sum(batch.elements for batch in batches)
        for number in range(_WARM_UP + rounds):
            order = ["bare", "merge", "path"]
            if number == _WARM_UP:
                seconds.clear()
            for what in order if number % 2 == 0 else reversed(order):
                store.close()
                store = empty_store(endpoint, Path(folder))
                if what == "bare":
                    seconds[what].append(timed(lambda: bare_load(endpoint, batches)))
                elif what == "merge":
                    seconds[what].append(timed(lambda s=store: merge_load(s, batches)))
                else:
                    seconds[what].append(timed(lambda s=store: path_load(s, files)))
        store.close()
    rates = {what: elements / statistics.median(taken) for what, taken in seconds.items()}
    return {**rates, "elements": float(elements)}


def main() -> None:
    """Measure the engines asked for and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--outputs", type=int, default=6_000)
    parser.add_argument("--experts", type=int, default=1_500)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--engines", nargs="*", default=["arcadedb", *NEO4J_VERSIONS])
    options = parser.parse_args()
    figures: dict[str, object] = {}
    rows: list[list[object]] = []
    with tempfile.TemporaryDirectory() as folder:
        files = write_sample(Path(folder), experts=options.experts, outputs=options.outputs)
        for name in options.engines:
            rates = measure(name, files, options.rounds)
            merge, path = rates["merge"] / rates["bare"], rates["path"] / rates["bare"]
            figures[f"merge_ratio_{name}"], figures[f"path_ratio_{name}"] = merge, path
            rows.append([name, int(rates["elements"]), rates["bare"], rates["merge"], rates["path"], merge, path])
    columns = ["engine", "elements", "bare", "merge", "path", "merge_ratio", "path_ratio"]
    table("load: nodes + relationships a second", columns, rows)
    figures["merge_ratio"] = min(float(cast(float, row[5])) for row in rows)
    figures["path_ratio"] = min(float(cast(float, row[6])) for row in rows)
    finish(figures)


if __name__ == "__main__":
    main()
