"""A large Neo4j store by `neo4j-admin database import full`, and a server on a store that is kept.

The files say what `graph.merge.upsert` would have written: numbered nodes, claims, an audit chain with one event for
each chunk. Left out are the before-images (Batch), which a first load would only need to be undone.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import subprocess
from collections.abc import Generator, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from io import TextIOWrapper
from pathlib import Path
from typing import Any, Final, cast

from pydantic import SecretStr

from bench.large_claims import KEY, Chunk
from graph.audit import NO_IMAGES, event_hash, genesis
from graph.claims import NodeClaim, RelationshipClaim, Said, with_defaults
from graph.database import Endpoint
from graph.model import (
    AUDIT_EVENT,
    AUDIT_HEAD,
    RELATIONSHIP_BY_NAME,
    RELATIONSHIP_SYSTEM,
    SOURCE,
    SYSTEM,
    Kind,
    NodeType,
    Property,
)
from tests.engines import jars, java, neo4j_server

VERSION: Final = "5.26.30"
HEAP_MB: Final = 1_024
# Page cache ≥ store size (engines.md, "Rules that follow").
PAGE_CACHE_MB: Final = 2_560
_RUN: Final = "bench-large"
_LIST: Final = "\x1f"
_TYPES: Final = {Kind.TEXTS: "string[]", Kind.INTEGER: "long", Kind.NUMBER: "double", Kind.FLAG: "boolean"}


@contextlib.contextmanager
def server(home: Path) -> Generator[Endpoint]:
    """A real Neo4j 5.26 on the store under `home`, as long as the block runs."""
    secret = home / "password"
    if not secret.exists():
        home.mkdir(parents=True, exist_ok=True)
        secret.write_text(secrets.token_hex(16))
    password = secret.read_text()
    with neo4j_server(VERSION, home, heap_mb=HEAP_MB, page_cache_mb=PAGE_CACHE_MB, password=password) as running:
        yield Endpoint(running.uri, running.user, SecretStr(running.password), "neo4j")


def load(home: Path, chunks: Iterable[Chunk]) -> int:
    """Write the files and import them into an empty store; returns the number of nodes and relationships claimed."""
    folder = home / "csv"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with _Files(folder) as files:
        elements = files.write(chunks)
    _import(home, files.arguments())
    shutil.rmtree(folder)
    return elements


class _Files:
    """One file for each label, and one for each type between two labels; headers apart."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: dict[str, TextIOWrapper] = {}
        self._arguments: list[str] = []
        self._people: dict[str, list[str]] = {}
        self._people_seq: dict[str, int] = {}
        self._sources: set[str] = set()

    def __enter__(self) -> _Files:
        return self

    def __exit__(self, *_: object) -> None:
        for file in self._open.values():
            file.close()

    def arguments(self) -> list[str]:
        """What the import is told of the files."""
        return self._arguments

    def write(self, chunks: Iterable[Chunk]) -> int:
        """Write everything; returns the number of claims."""
        elements = number = 0
        store_id = secrets.token_hex(8)
        previous = genesis(store_id)
        for number, chunk in enumerate(chunks, 1):
            elements += chunk.elements
            self._chunk(chunk, number)
            previous = self._event(number, previous)
        for key, cells in self._people.items():
            self._line("Person", [*cells, str(self._people_seq[key])])
        head = {
            "id": "head",
            "number": number,
            "hash": previous,
            "store_id": store_id,
            "store_key": KEY.hex(),
            "schema": 1,
        }
        self._node(AUDIT_HEAD, "head", head)
        return elements

    def _chunk(self, chunk: Chunk, number: int) -> None:
        source = chunk.source
        if source.id not in self._sources:
            self._sources.add(source.id)
            props = {"kind": source.kind, "dataset": source.dataset, "precedence": source.precedence}
            self._node(SOURCE, source.id, {"id": source.id, **props})
        asserted = ["", "", _cell(_RUN), _cell(""), str(number)]
        for claim in chunk.nodes:
            self._claimed(claim, number)
            name = f"ASSERTS-Source-{claim.type.label}"
            self._header_of_relationship(name, ("run:string", "said:string", "seq:long"))
            self._line(name, [_cell(source.id), _cell(claim.key), *asserted[2:]])
        for relationship in chunk.relationships:
            self._relationship(relationship, source.id, number)

    def _claimed(self, claim: NodeClaim, number: int) -> None:
        props = {claim.type.key: claim.key, **with_defaults(Said(claim.properties, claim.labels))}
        if claim.type.label == "Person":
            # Written at the end: a post that a later chunk tells of gives the person that chunk's number.
            self._people[claim.key] = self._cells(claim.type, claim.key, props, claim.labels)
            self._people_seq[claim.key] = number
            return
        self._node(claim.type, claim.key, {**props, "seq": number}, claim.labels)

    def _relationship(self, claim: RelationshipClaim, source: str, number: int) -> None:
        known = RELATIONSHIP_BY_NAME[claim.type.name]
        if known.touches == "start" and claim.start[0] == "Person":
            self._people_seq[claim.start[1]] = number
        name = f"{known.name}-{claim.start[0]}-{claim.end[0]}"
        own = list(known.properties)
        columns = (*(_column(each) for each in own), *("seq:long" if n == "seq" else n for n in RELATIONSHIP_SYSTEM))
        self._header_of_relationship(name, columns)
        stamp = {"source": source, "key": claim.key, "run": _RUN, "seq": number}
        values = [claim.properties.get(each.name) for each in own]
        cells = map(_cell, [claim.start[1], claim.end[1], *values, *stamp.values()])
        self._line(name, list(cells))

    def _event(self, number: int, previous: str) -> str:
        event: dict[str, Any] = {
            "number": number,
            "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "actor": "bench",
            "action": "upsert",
            "subject": _RUN,
            "images_sha256": NO_IMAGES,
            "rewritten": "",
            "previous": previous,
        }
        event["hash"] = event_hash(event)
        self._node(AUDIT_EVENT, str(number), event)
        return str(event["hash"])

    def _node(self, node: NodeType, key: str, props: Mapping[str, Any], labels: Sequence[str] = ()) -> None:
        seq = props.get("seq")
        self._line(node.label, [*self._cells(node, key, props, labels), *([] if node.working else [_cell(seq)])])

    def _cells(self, node: NodeType, key: str, props: Mapping[str, Any], labels: Sequence[str]) -> list[str]:
        names = self._header_of_node(node)
        # The last column of a node of the domain is its number.
        return [
            _cell(key),
            _cell(_LIST.join((node.label, *labels))),
            *(_cell(props.get(name)) for name in names),
        ]

    def _header_of_node(self, node: NodeType) -> list[str]:
        names = [node.key, *(name for name in node.by_name if name != node.key)]
        if node.label not in self._open:
            kinds = {p.name: _column(p) for p in node.by_name.values()}
            key = f"{node.key}:long" if node is AUDIT_EVENT else f"{node.key}:string"
            columns = [f":ID({node.label})", ":LABEL", key, *(kinds[name] for name in names[1:])]
            if not node.working:
                columns.append(_column(SYSTEM[0]))
            self._begin(node.label, columns, "nodes", "")
        return names

    def _header_of_relationship(self, name: str, columns: Sequence[str]) -> None:
        if name not in self._open:
            type, start, end = name.split("-")
            self._begin(name, [f":START_ID({start})", f":END_ID({end})", *columns], "relationships", f"{type}=")

    def _begin(self, name: str, columns: Sequence[str], what: str, prefix: str) -> None:
        header, data = self._folder / f"{name}.header", self._folder / f"{name}.csv"
        header.write_text(",".join(columns) + "\n")
        self._open[name] = data.open("w", encoding="utf-8", newline="")
        self._arguments.append(f"--{what}={prefix}{header},{data}")

    def _line(self, name: str, cells: Sequence[str]) -> None:
        self._open[name].write(",".join(cells) + "\n")


def _column(prop: Property) -> str:
    return f"{prop.name}:{_TYPES.get(prop.kind, 'string')}"


def _cell(value: object) -> str:
    """Return a value as the import reads it: nothing is null, a quoted nothing is the empty text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    text = _LIST.join(cast(list[str], value)) if isinstance(value, list) else str(value)
    return '"' + text.replace('"', '""') + '"'


def _import(home: Path, arguments: Sequence[str]) -> None:
    for name in ("conf", "data", "logs", "plugins", "import", "run", "lib"):
        (home / name).mkdir(parents=True, exist_ok=True)
    flags = [f"--array-delimiter={_LIST}", "--overwrite-destination", "--id-type=string", "--high-parallel-io=on"]
    command = [str(java()), "-Xmx2g", "-cp", f"{jars(VERSION)}/*", "org.neo4j.cli.AdminTool"]
    done = subprocess.run(
        [*command, "database", "import", "full", "neo4j", *flags, *arguments],
        cwd=home,
        env={**os.environ, "NEO4J_HOME": str(home), "NEO4J_CONF": str(home / "conf")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise SystemExit(f"neo4j-admin database import failed:\n{done.stdout[-4000:]}{done.stderr[-4000:]}")


__all__ = ["HEAP_MB", "PAGE_CACHE_MB", "VERSION", "load", "server"]
