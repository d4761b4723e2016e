"""The rows about a person itself (roster, honours, posts) as they are shown: what each source says of the person."""

from __future__ import annotations

from typing import Any, Final, cast

from pydantic import BaseModel

from graph.claims import Said
from graph.database import Database, Record
from graph.model import restricted_names

_HIDDEN: Final = frozenset(name for label, name in restricted_names() if label == "Person")
_RECORDS: Final = """
MATCH (p:Person {id: $id})
WHERE p.tombstone IS NULL AND p.records IS NOT NULL AND coalesce(p.visibility, '') <> 'restricted'
RETURN properties(p) AS props,
  [(p)<-[a:ASSERTS]-(s:Source) | [s.id, a.said]] AS claims,
  [(p)-[r:AFFILIATED_WITH]->(o:Organisation)
    WHERE o.tombstone IS NULL AND coalesce(o.visibility, '') <> 'restricted' | [r.source, o.name]] AS posts
"""


class RecordShown(BaseModel):
    """A person as one row about them names them, with the posts that its source says. Nothing restricted.

    Two rows that one claim holds show the same: the graph does not know which fact is whose.
    """

    mention: str
    source: str
    name: str
    posts: list[str]
    title: str
    tier: str
    fields: list[str]


def claims_of(row: Record) -> dict[str, dict[str, Any]]:
    """What does each source say?  `row` has `props` of the node and `claims`, pairs of a source and its JSON.

    An only claim has no JSON of its own: what is shown is what it says.
    """
    shown = cast(dict[str, Any], row["props"])
    return {source: Said.from_json(text).properties if text else shown for source, text in row["claims"]}


def records_of(database: Database, id_: str) -> list[RecordShown]:
    """Which rows are about this person (no stub), by source and row?  What a source keeps restricted is left out."""
    found: list[RecordShown] = []
    for row in database.records("person_rows", _RECORDS, id=id_):
        shown = cast(dict[str, Any], row["props"])
        for source, claim in sorted(claims_of(row).items()):
            if claim.get("visibility") == "restricted":
                continue
            said = {name: value for name, value in claim.items() if name not in _HIDDEN}
            posts = sorted({str(name) for of, name in row["posts"] if of == source and name})
            found.extend(
                RecordShown(
                    mention=record,
                    source=source,
                    name=str(said.get("name") or shown.get("name") or ""),
                    posts=posts,
                    title=str(said.get("professional_title") or ""),
                    tier=str(said.get("tier") or ""),
                    fields=list(cast(list[str], said.get("fields") or ())),
                )
                for record in sorted(cast(list[str], said.get("records") or ()))
            )
    return found
