"""Mentions as the graph holds them, read into a mention table: all of a store, or those of some names.

A mention of a work is a relationship to it. A row about a person (roster, honour, list of posts) is a mention without
a work: its id stands in `Person.records`, its facts are what its source claims of the person. Two sources that post
one work name the same people: their mentions at the same place under the same name are one row of the table.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Final, LiteralString, cast

from graph.database import Database, Record
from ingest.people.mentions import Kind, MentionTable, MentionTableBuilder, Named, Work
from ingest.people.registered import claims_of

_PAGE: Final = 500
_OUTPUTS: Final = """
UNWIND $ids AS id MATCH (w:Output {id: id})
WHERE w.tombstone IS NULL
RETURN w.id AS id, w.title AS title, w.abstract AS abstract, w.keywords AS keywords, w.year AS year, w.venue AS venue,
  [(w)<-[r:AUTHORED]-(p:Person) | {
    id: r.mention, person: p.id, block: p.name_key, source: r.source, key: r.key, position: r.position,
    name: r.name_as_written, affiliation: r.affiliation_as_written, organisations: r.organisations, orcid: p.orcid
  }] AS mentions
"""
_PROJECTS: Final = """
UNWIND $ids AS id MATCH (w:Project {id: id})
WHERE w.tombstone IS NULL
RETURN w.id AS id, w.title AS title, w.abstract AS abstract, w.keywords AS keywords, w.year AS year, '' AS venue,
  [(w)<-[r:LED|PARTICIPATED_IN]-(p:Person) | {
    id: r.mention, person: p.id, block: p.name_key, source: r.source, key: r.key, position: r.position,
    name: r.name_as_written, affiliation: r.affiliation_as_written, organisations: r.organisations, orcid: p.orcid
  }] AS mentions
"""
_OF_NAMES: Final = """
UNWIND $names AS name MATCH (p:Person {name_key: name})
WHERE p.tombstone IS NULL
RETURN p.id AS id, p.records IS NOT NULL AS recorded,
  [(p)-[:AUTHORED]->(w) | w.id] AS outputs, [(p)-[:LED|PARTICIPATED_IN]->(w) | w.id] AS projects
"""
_RECORDED: Final = """
UNWIND $ids AS id MATCH (p:Person {id: id})
WHERE p.tombstone IS NULL AND p.records IS NOT NULL
RETURN p.id AS id, properties(p) AS props,
  [(p)<-[a:ASSERTS]-(s:Source) | [s.id, a.said]] AS claims,
  [(p)-[r:AFFILIATED_WITH]->(o:Organisation) | [r.source, o.id]] AS posts,
  [(p)-[r:EXPERT_IN]->(t:Topic) | [r.source, t.name]] AS topics
"""


@dataclass(slots=True)
class StoredMentions:
    """A table under construction; `holder` says for every mention id which person of the graph stands there.

    `alias` leads from the further mention ids of a row (two postings of one work) to the one that names it.
    """

    database: Database
    root: Callable[[str], str]
    builder: MentionTableBuilder = field(default_factory=MentionTableBuilder)
    holder: dict[str, str] = field(default_factory=dict[str, str])
    alias: dict[str, str] = field(default_factory=dict[str, str])

    def table(self) -> MentionTable:
        """Return what was read so far."""
        return self.builder.table()

    def read_all(
        self,
        outputs: Sequence[str],
        projects: Sequence[str],
        people: Sequence[str],
        progress: Callable[[int], None] | None = None,
    ) -> None:
        """Read these works with everyone on them, and the records of these people; `progress(works)` goes along."""
        done = 0
        wanted: tuple[tuple[LiteralString, Sequence[str]], ...] = ((_OUTPUTS, outputs), (_PROJECTS, projects))
        for text, ids in wanted:
            for rows in self._pages("identity_works", text, ids):
                for row in rows:
                    self._work(row, None)
                done += len(rows)
                if progress:
                    progress(done)
        self._records(people)

    def read_names(self, names: Iterable[str]) -> None:
        """Read every mention of people whose block key is one of these; whom they worked with comes as names."""
        wanted = sorted(set(names))
        outputs: set[str] = set()
        projects: set[str] = set()
        recorded: list[str] = []
        for start in range(0, len(wanted), _PAGE):
            page = wanted[start : start + _PAGE]
            for row in self.database.records("identity_people", _OF_NAMES, names=page):
                outputs.update(row["outputs"])
                projects.update(row["projects"])
                if row["recorded"]:
                    recorded.append(str(row["id"]))
        blocks = frozenset(wanted)
        works: tuple[tuple[LiteralString, set[str]], ...] = ((_OUTPUTS, outputs), (_PROJECTS, projects))
        for text, ids in works:
            for rows in self._pages("identity_works", text, sorted(ids)):
                for row in rows:
                    self._work(row, blocks)
        self._records(recorded)

    def _pages(self, name: str, text: LiteralString, ids: Sequence[str]) -> Iterator[list[Record]]:
        for start in range(0, len(ids), _PAGE):
            yield self.database.records(name, text, ids=list(ids[start : start + _PAGE]))

    def _work(self, row: Record, blocks: frozenset[str] | None) -> None:
        mentions = cast(list[dict[str, Any]], row["mentions"])
        inside = [m for m in mentions if blocks is None or m["block"] in blocks]
        outside = [m for m in mentions if blocks is not None and m["block"] not in blocks]
        text = " ".join([row["title"] or "", *(row["keywords"] or ()), row["abstract"] or ""])
        work = Work(
            str(row["id"]),
            tuple(self._named(group) for group in same_place(inside)),
            Kind.PAPER if row["venue"] != "" else Kind.PROJECT,
            row["year"],
            row["venue"] or "",
            text,
            tuple(sorted({str(m["block"]) for m in outside})),
            tuple(sorted({self.root(o) for m in outside for o in m["organisations"] or ()})),
        )
        self.builder.add(work)

    def _named(self, group: Sequence[dict[str, Any]]) -> Named:
        first = group[0]
        key = str(first["id"])
        self.holder.update({str(m["id"]): str(m["person"]) for m in group})
        self.alias.update({str(m["id"]): key for m in group[1:]})
        roots = dict.fromkeys(self.root(o) for m in group for o in m["organisations"] or ())
        strong = dict.fromkeys(f"orcid:{m['orcid']}" for m in group if m["orcid"])
        return Named(key, first["name"] or "", tuple(roots), first["affiliation"] or "", tuple(strong))

    def _records(self, people: Sequence[str]) -> None:
        for rows in self._pages("identity_records", _RECORDED, people):
            for row in rows:
                for work in self._of_record(row):
                    self.builder.add(work)

    def _of_record(self, row: Record) -> Iterator[Work]:
        shown = cast(dict[str, Any], row["props"])
        for source, claim in sorted(claims_of(row).items()):
            records = cast(list[str], claim.get("records") or ())
            fields = [*cast(list[str], claim.get("fields") or ()), str(claim.get("summary") or "")]
            topics = [name for of, name in row["topics"] if of == source and name]
            roots = dict.fromkeys(self.root(body) for of, body in row["posts"] if of == source)
            strong = _strong(claim)
            if len(records) > 1:
                # Two rows that one claim holds cannot be told apart by the graph: what joined them holds.
                strong.append(f"rows:{source}:{row['id']}")
            for record in records:
                self.holder[record] = str(row["id"])
                name = str(claim.get("name") or shown.get("name") or "")
                named = Named(record, name, tuple(roots), "", tuple(strong))
                yield Work(record, (named,), Kind.ROSTER, None, "", " ".join([*fields, *topics]))


def _strong(claim: dict[str, Any]) -> list[str]:
    strong = [f"orcid:{claim['orcid']}"] if claim.get("orcid") else []
    if claim.get("email"):
        # The address itself stays where it is: an equal digest says as much.
        strong.append(f"mail:{blake2b(str(claim['email']).strip().lower().encode(), digest_size=12).hexdigest()}")
    return strong + [f"id:{identifier}" for identifier in claim.get("external_ids") or ()]


def same_place(mentions: Sequence[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Bring together what several sources say of one place of a work: the k-th mention of a name in each of them.

    A mention has id, block, source, position and key. The first id of a group names it: in the mention table, and in
    questions.
    """
    groups: defaultdict[tuple[str, int], list[dict[str, Any]]] = defaultdict(list)
    counted: defaultdict[tuple[str, str], int] = defaultdict(int)
    for mention in sorted(mentions, key=lambda m: (m["position"] or 0, m["key"], m["id"])):
        block, source = str(mention["block"]), str(mention["source"])
        # LED and PARTICIPATED_IN may both stand for one person of a source: one id, one mention.
        group = groups[block, counted[block, source]]
        if group and group[-1]["id"] == mention["id"]:
            continue
        counted[block, source] += 1
        group.append(mention)
    return [sorted(group, key=lambda m: str(m["id"])) for group in groups.values()]
