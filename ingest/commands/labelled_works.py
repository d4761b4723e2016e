"""The works that some mentions stand on, read whole: for showing two records side by side and comparing them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, LiteralString, NamedTuple

from graph.store import Store
from ingest.organisations import Organisations
from ingest.people.mentions import Kind, Named, Work

# A work with its abstract is a few kilobytes.
_PAGE: Final = 500

_WORKS: Final[tuple[tuple[Kind, LiteralString], ...]] = (
    (
        Kind.PAPER,
        """
UNWIND $keys AS key
MATCH (w:Output {id: key})
RETURN w.id AS id, w.title AS title, w.keywords AS keywords, w.abstract AS abstract, w.year AS year, w.venue AS venue,
  [(w)<-[r:AUTHORED]-(p:Person) | {
    mention: r.mention, position: r.position, written: coalesce(r.name_as_written, p.name),
    affiliation: r.affiliation_as_written, organisations: r.organisations, orcid: p.orcid,
    hidden: coalesce(p.visibility, '') = 'restricted'
  }] AS people
""",
    ),
    (
        Kind.PROJECT,
        """
UNWIND $keys AS key
MATCH (w:Project {id: key})
RETURN w.id AS id, w.title AS title, w.keywords AS keywords, w.abstract AS abstract, w.year AS year,
  w.programme AS venue,
  [(w)<-[r:LED|PARTICIPATED_IN]-(p:Person) | {
    mention: r.mention, position: r.position, written: coalesce(r.name_as_written, p.name),
    affiliation: r.affiliation_as_written, organisations: r.organisations, orcid: p.orcid,
    hidden: coalesce(p.visibility, '') = 'restricted'
  }] AS people
""",
    ),
)
_ORGANISATIONS: Final = """
UNWIND $keys AS key
MATCH (o:Organisation {id: key})
RETURN key, o.name AS name
"""


class TitledWork(NamedTuple):
    """A work as the scorer takes it, and its title."""

    work: Work
    title: str


class WorksRead(NamedTuple):
    """Works, and the names of the legal entities their people belong to, by id."""

    works: list[TitledWork]
    organisations: dict[str, str]


def read_works(store: Store, ids: Collection[str], *, identified: Collection[str] = ()) -> WorksRead:
    """Read outputs and projects with their mentions; people with restricted visibility are left out.

    `identified` are mentions whose ORCID is told: it is the Person's, so it says something about two people only,
    nothing about two mentions of one. Raises `StoreUnavailableError`.
    """
    keys, told = sorted(set(ids)), frozenset(identified)
    if not keys:
        return WorksRead([], {})
    bodies = Organisations.load(store.database)
    works: list[TitledWork] = []
    for start in range(0, len(keys), _PAGE):
        for kind, text in _WORKS:
            for row in store.database.records("labelled_work_texts", text, keys=keys[start : start + _PAGE]):
                works.append(_work(kind, row, bodies, told))
    roots = {root for work in works for named in work.work.people for root in named.organisations}
    rows = store.database.records("labelled_organisations", _ORGANISATIONS, keys=sorted(roots))
    return WorksRead(works, {str(row["key"]): str(row["name"] or row["key"]) for row in rows})


def _work(kind: Kind, row: Mapping[str, Any], bodies: Organisations, told: frozenset[str]) -> TitledWork:
    listed: Sequence[Mapping[str, Any]] = [p for p in row["people"] if p["mention"] and not p["hidden"]]
    people = tuple(
        Named(
            str(person["mention"]),
            str(person["written"] or ""),
            tuple(dict.fromkeys(bodies.root(str(body)) for body in person["organisations"] or ())),
            str(person["affiliation"] or ""),
            (f"orcid:{person['orcid']}",) if person["orcid"] and person["mention"] in told else (),
        )
        for person in sorted(listed, key=lambda p: (p["position"] or 0, p["mention"]))
    )
    title = str(row["title"] or "")
    text = "\n".join([title, *(row["keywords"] or ()), str(row["abstract"] or "")])
    work = Work(str(row["id"]), people, kind, year=row["year"], venue=str(row["venue"] or ""), text=text)
    return TitledWork(work, title)
