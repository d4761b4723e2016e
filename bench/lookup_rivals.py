"""The same corpus in two plain full-text indexes: SQLite's FTS5, and the one inside Neo4j; people by summed BM25.

Both see title, keywords and abstract in one text. FTS5 has no analyser for Chinese and gets the tokens of `graph.text`,
separated by spaces (`unicode61`), as OR of all of them; Neo4j gets its `cjk` analyser on the properties themselves.
Each takes the best 500 works and adds their scores for each person.
"""

from __future__ import annotations

import shutil
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, cast

from graph.database import Database
from graph.documents import Change, WorkDocument
from graph.model import OUTPUT, PROJECT
from graph.store import Store
from graph.text import tokens
from graph.textindex import TextIndex

_WORKS: Final = 500
Asked = Callable[[str, int], list[str]]
"""A question and how many people are wanted → their ids, best first."""

_SCHEMA: Final = """
CREATE VIRTUAL TABLE works USING fts5(text, content='', tokenize='unicode61 remove_diacritics 0');
CREATE TABLE authored (work INTEGER, person INTEGER);
CREATE TABLE people (number INTEGER PRIMARY KEY, id TEXT);
"""
_BEST: Final = """
WITH hits AS MATERIALIZED (
  SELECT rowid AS work, -bm25(works) AS score FROM works WHERE works MATCH ? ORDER BY rank LIMIT ?
)
SELECT people.id FROM hits JOIN authored ON authored.work = hits.work JOIN people ON people.number = authored.person
GROUP BY people.id ORDER BY sum(hits.score) DESC, people.id LIMIT ?
"""
_FULLTEXT: Final = f"""
CREATE FULLTEXT INDEX bench_works IF NOT EXISTS FOR (n:{OUTPUT.label}|{PROJECT.label})
ON EACH [n.title, n.keywords, n.abstract] OPTIONS {{indexConfig: {{`fulltext.analyzer`: 'cjk'}}}}
"""
_PEOPLE: Final = """
CALL db.index.fulltext.queryNodes('bench_works', $text, {limit: $works}) YIELD node, score
MATCH (node)<-[:AUTHORED|LED|PARTICIPATED_IN]-(p:Person)
WITH p.id AS id, sum(score) AS score
ORDER BY score DESC, id LIMIT $limit
RETURN id
"""


def has_fts5() -> bool:
    """Is FTS5 compiled into this Python's SQLite?"""
    with sqlite3.connect(":memory:") as probe:
        return any("ENABLE_FTS5" in row[0] for row in probe.execute("PRAGMA compile_options"))


def fts5(file: Path, index: TextIndex) -> tuple[Asked, float]:
    """Give the FTS5 index of an index's works, building it when absent; also the seconds that took (0: was there)."""
    seconds = 0.0
    if not file.exists():
        began = time.perf_counter()
        _fill(file.with_suffix(".new"), index)
        shutil.move(file.with_suffix(".new"), file)
        seconds = time.perf_counter() - began
    connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True, check_same_thread=False)
    connection.execute("PRAGMA mmap_size = 4294967296")
    connection.execute("PRAGMA cache_size = -262144")

    def ask(text: str, limit: int) -> list[str]:
        terms = list(dict.fromkeys(tokens(text)))
        match = " OR ".join(f'"{term}"' for term in terms)
        return [row[0] for row in connection.execute(_BEST, (match, _WORKS, limit))] if terms else []

    return ask, seconds


def _fill(file: Path, index: TextIndex) -> None:
    file.unlink(missing_ok=True)
    connection = sqlite3.connect(file)
    connection.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -262144;")
    connection.executescript(_SCHEMA)
    people: dict[str, int] = {}
    for number, (words, who) in enumerate(_works(index)):
        connection.execute("INSERT INTO works (rowid, text) VALUES (?, ?)", (number, words))
        rows = [(number, people.setdefault(person, len(people))) for person in who]
        connection.executemany("INSERT INTO authored VALUES (?, ?)", rows)
    connection.executemany("INSERT INTO people VALUES (?, ?)", ((number, id) for id, number in people.items()))
    connection.execute("CREATE INDEX by_work ON authored (work)")
    connection.commit()
    connection.execute("INSERT INTO works (works) VALUES ('optimize')")
    connection.commit()
    connection.close()


def _works(index: TextIndex) -> Iterator[tuple[str, tuple[str, ...]]]:
    changes: Iterator[Change] = cast(Any, index)._reading().documents()  # works come first, by id
    for change in changes:
        if not isinstance(change.document, WorkDocument):
            return
        yield change.document.tokens, change.document.people


def neo4j_fulltext(store: Store) -> tuple[Asked, float]:
    """Give Neo4j's own full-text index, building it when absent; also the seconds that took."""
    began = time.perf_counter()
    database = store.database
    database.define("bench_fulltext", _FULLTEXT)
    database.records("bench_fulltext", "CALL db.awaitIndexes(3600)")
    return _asking(database), time.perf_counter() - began


def _asking(database: Database) -> Asked:
    def ask(text: str, limit: int) -> list[str]:
        # The parser's operators mean nothing in the words of a title: each run of letters is a word of an OR.
        words = " ".join("".join(each if each.isalnum() else " " for each in text).split()).lower()
        rows = database.records("bench_fulltext", _PEOPLE, text=words, works=_WORKS, limit=limit) if words else []
        return [row["id"] for row in rows]

    return ask


def told(what: str) -> None:
    """Say on standard error what is going on."""
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {what}\n")
    sys.stderr.flush()
