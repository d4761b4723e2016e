"""The whole graph as comparable values, for tests that say "exactly the same state"."""

from typing import Any, LiteralString

from graph.database import Database, Transaction

_NODES = """
MATCH (n)
WHERE n.library IS NOT NULL
RETURN labels(n) AS labels, coalesce(n.id, n.code) AS key, properties(n) AS props
"""
_CLAIMS = """
MATCH (s:Source)-[a:ASSERTS]->(n)
RETURN s.id AS source, labels(n) AS labels, coalesce(n.id, n.code) AS key, properties(a) AS props
"""
_RELATIONSHIPS = """
MATCH (a)-[r]->(b)
WHERE type(r) <> 'ASSERTS'
RETURN type(r) AS type, coalesce(a.id, a.code) AS start, coalesce(b.id, b.code) AS end, properties(r) AS props
"""


def dump(database: Database) -> dict[str, list[str]]:
    """What is visible, claimed and related, sorted; without working nodes, tombstones and the nodes' `seq`.

    Tombstones carry nothing, not even the library that every visible node has; `seq` tells the text index what to read
    again and only ever grows.
    """
    nodes = [
        {**row, "labels": sorted(row["labels"]), "props": {k: v for k, v in row["props"].items() if k != "seq"}}
        for row in database.records("dump", _NODES)
    ]
    claims = [{**row, "labels": sorted(row["labels"])} for row in database.records("dump", _CLAIMS)]
    return {
        "nodes": _sorted(nodes),
        "claims": _sorted(claims),
        "relationships": _sorted(database.records("dump", _RELATIONSHIPS)),
    }


def run(database: Database, text: LiteralString, **parameters: object) -> list[dict[str, Any]]:
    """Run Cypher past the audit gate, as somebody who tampers would."""

    def work(transaction: Transaction) -> list[dict[str, Any]]:
        return transaction.run(text, parameters)

    return database.write("tamper", work) or []


def _sorted(rows: list[dict[str, Any]]) -> list[str]:
    return sorted(repr({key: _stable(row[key]) for key in sorted(row)}) for row in rows)


def _stable(value: Any) -> Any:
    return dict(sorted(value.items())) if isinstance(value, dict) else value  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType, reportUnknownMemberType]
