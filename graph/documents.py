"""What the text index holds of the graph: documents, their stored form, and how they are read for changed nodes.

A document depends on its own node and on relationships whose writing gives that node a new `seq` (`touches` in the
model), so that what changed since a number is found by number. Hierarchies (department in body) are therefore kept as
direct parents and walked when asked: a body that moves under another changes one document, not those of all below it.
The one exception, the text of a Name node, is followed to its owners here.

Nodes whose visibility is `restricted`, tombstones and stubs with MERGED_INTO have no document. No restricted property
is read; of e-mail and telephone only whether there is one. Pages go by audit number: on ArcadeDB an equality on the
indexed `seq` takes 1 ms where a range scans the label (50 ms at 20,000 nodes), and a keyset page by id sorts the whole
label (250 ms).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, Literal, LiteralString, NamedTuple, cast

from graph.database import Database, Record
from graph.document_texts import NODE_TEXTS, RELATED_TEXTS, Label
from graph.text import fold, tokens
from graph.work_mentions import Mention, packed_mentions

WorkKind = Literal["output", "project"]
HIDDEN: Final = "restricted"
# 1,000 works with their mentions are 1.5 MB on the wire; larger pages were not faster and held more memory.
_PAGE: Final = 1_000
_NUMBERS: Final = 500
# No token and no id holds these two control characters (ASCII record and unit separator).
FIELD: Final = "\x1e"
ITEM: Final = "\x1f"


class WorkDocument(NamedTuple):
    """One output or project: `tokens` is all of title, keywords, abstract by one space; `vector` of graph.encoding.

    `type` is what the graph calls its kind: paper, patent, standard, basic research …; `mentions` say what each of
    `people` did in it (`graph.work_mentions`).
    """

    id: str
    kind: WorkKind
    year: int | None
    has_abstract: bool
    length: int
    people: tuple[str, ...]
    organisations: tuple[str, ...]
    tokens: str
    type: str = ""
    vector: bytes = b""
    mentions: str = ""

    def packed(self) -> bytes:
        """Return the stored form: one field, since reading a stored document costs per field."""
        facts = (
            self.id,
            self.kind,
            "" if self.year is None else str(self.year),
            "1" if self.has_abstract else "",
            str(self.length),
            ITEM.join(self.people),
            ITEM.join(self.organisations),
            self.tokens,
            self.type.replace(FIELD, " "),
            self.mentions,
        )
        return len(self.vector).to_bytes(2, "big") + self.vector + FIELD.join(facts).encode()

    @classmethod
    def unpacked(cls, stored: bytes) -> WorkDocument:
        """Read what `packed` wrote."""
        vector, facts = unpacked_work(stored)
        key, kind, year, abstract, length, people, organisations, words, sort, mentions = facts
        return cls(
            key,
            cast("WorkKind", kind),
            int(year) if year else None,
            bool(abstract),
            int(length),
            tuple(people.split(ITEM)) if people else (),
            tuple(organisations.split(ITEM)) if organisations else (),
            words,
            sort,
            vector,
            mentions,
        )


def unpacked_work(stored: bytes) -> tuple[bytes, list[str]]:
    """Return the vector (behind its length in two bytes) and the texts of a stored work."""
    begins = 2 + int.from_bytes(stored[:2], "big")
    return stored[2:begins], stored[begins:].decode().split(FIELD)


class Tie(NamedTuple):
    """A post (`AFFILIATED_WITH`) or membership (`MEMBER_OF`) with its validity as ISO dates, "" when unknown."""

    kind: Literal["post", "membership"]
    organisation: str
    since: str
    until: str
    role: str = ""


class PersonDocument(NamedTuple):
    """One person: `names` with the shown one first; `honours` and `topics` are ids; `fields` are search tokens.

    `declared` are the declared fields as they are compared (`graph.text.fold`); days are ISO dates, "" when unknown.
    """

    id: str
    names: tuple[str, ...]
    expert: bool
    title: str
    ties: tuple[Tie, ...]
    honours: tuple[str, ...]
    topics: tuple[str, ...]
    fields: str
    tier: str = ""
    expert_kind: str = ""
    status: str = ""
    verified_on: str = ""
    admitted_on: str = ""
    has_contact: bool = False
    declared: tuple[str, ...] = ()

    def packed(self) -> bytes:
        """Return the stored form."""
        return json.dumps(self, ensure_ascii=False, separators=(",", ":")).encode()

    @classmethod
    def unpacked(cls, stored: bytes) -> PersonDocument:
        """Read what `packed` wrote."""
        key, names, expert, title, ties, honours, topics, fields, *facts, declared = json.loads(stored)
        ties = tuple(Tie(*tie) for tie in ties)
        own = (key, tuple(names), expert, title, ties, tuple(honours), tuple(topics), fields)
        return cls._make((*own, *facts, tuple(declared)))


class OrganisationDocument(NamedTuple):
    """One body: `names` with the shown one first; `regions` are codes it lies in, `parents` what it is part of."""

    id: str
    names: tuple[str, ...]
    kind: str
    society: bool
    verified: bool
    regions: tuple[str, ...]
    parents: tuple[str, ...]
    level: str = ""

    def packed(self) -> bytes:
        """Return the stored form."""
        return json.dumps(self, ensure_ascii=False, separators=(",", ":")).encode()

    @classmethod
    def unpacked(cls, stored: bytes) -> OrganisationDocument:
        """Read what `packed` wrote."""
        key, names, kind, society, verified, regions, parents, level = json.loads(stored)
        return cls(key, tuple(names), kind, society, verified, tuple(regions), tuple(parents), level)


Document = WorkDocument | PersonDocument | OrganisationDocument
LABELS: Final[tuple[Label, ...]] = ("Project", "Output", "Organisation", "Person")


# --- what changed ----------------------------------------------------------------------------------------------------

_CHANGED: Final[dict[Label, tuple[LiteralString, ...]]] = {
    "Output": ("UNWIND range($first, $last) AS number MATCH (n:Output {seq: number}) RETURN collect(n.id) AS ids",),
    "Project": ("UNWIND range($first, $last) AS number MATCH (n:Project {seq: number}) RETURN collect(n.id) AS ids",),
    "Person": (
        """UNWIND range($first, $last) AS number MATCH (n:Person {seq: number})
           RETURN collect(n.id) AS ids""",
        """UNWIND range($first, $last) AS number MATCH (m:Name {seq: number})<-[:HAS_NAME]-(n:Person)
           RETURN collect(DISTINCT n.id) AS ids""",
    ),
    "Organisation": (
        """UNWIND range($first, $last) AS number MATCH (n:Organisation {seq: number})
           RETURN collect(n.id) AS ids""",
        """UNWIND range($first, $last) AS number MATCH (m:Name {seq: number})<-[:HAS_NAME]-(n:Organisation)
           RETURN collect(DISTINCT n.id) AS ids""",
    ),
}


def changed(database: Database, after: int, until: int) -> dict[Label, list[str]]:
    """Which nodes were last changed by a write numbered in (after, until]?  Ids by label, ascending.

    `until` must be a committed number. A node that is written again meanwhile has a greater number: it is left out here
    and found by the next call.
    """
    found: dict[Label, set[str]] = {label: set() for label in LABELS}
    for first in range(after + 1, until + 1, _NUMBERS):
        last = min(until, first + _NUMBERS - 1)
        for label, texts in _CHANGED.items():
            for text in texts:
                for row in database.records("index_changed", text, first=first, last=last):
                    found[label].update(row["ids"])
    return {label: sorted(ids) for label, ids in found.items()}


class Change(NamedTuple):
    """The document of a node now; None when it has none (gone, merged, restricted). `written`: title and abstract."""

    id: str
    document: Document | None
    written: str = ""


def read_documents(database: Database, ids: Mapping[Label, Sequence[str]]) -> Iterator[Change]:
    """Read the documents of nodes, in the order given, label by label; the next page is asked for while one is used."""
    pages: list[tuple[Label, Sequence[str]]] = []
    for label in LABELS:
        for start in range(0, len(ids.get(label, ())), _PAGE):
            pages.append((label, ids[label][start : start + _PAGE]))
    with ThreadPoolExecutor(1, "zhiku-index-reader") as reader:
        ahead = [reader.submit(_read_page, database, *page) for page in pages[:1]]
        for number in range(len(pages)):
            documents = ahead.pop().result()
            if number + 1 < len(pages):
                ahead.append(reader.submit(_read_page, database, *pages[number + 1]))
            for key in pages[number][1]:
                row = documents.get(key)
                yield Change(key, None) if row is None else Change(key, row.document(), row.written())


class _Facts:
    """What was read of one node; the document is made from it by the thread that writes the index."""

    __slots__ = ("label", "node", "related")

    def __init__(self, label: Label, node: Record) -> None:
        self.label = label
        self.node = node
        self.related: defaultdict[str, list[Record]] = defaultdict(list)

    def document(self) -> Document | None:
        if self.node["tombstone"] or self.node["visibility"] == HIDDEN or self.related["merged"]:
            return None
        if self.label == "Person":
            return _person(self.node, self.related)
        if self.label == "Organisation":
            return _organisation(self.node, self.related)
        return _work("output" if self.label == "Output" else "project", self.node, self.related)

    def written(self) -> str:
        return "\n".join(text for text in (self.node.get("title"), self.node.get("abstract")) if text)


def _read_page(database: Database, label: Label, ids: Sequence[str]) -> dict[str, _Facts]:
    facts = {row["id"]: _Facts(label, row) for row in database.records("index_nodes", NODE_TEXTS[label], ids=ids)}
    for name, text in RELATED_TEXTS[label]:
        for row in database.records(f"index_{name}", text, ids=ids):
            if row["id"] in facts:
                facts[row["id"]].related[name].append(row)
    return facts


# --- documents from facts --------------------------------------------------------------------------------------------


def _work(kind: WorkKind, node: Record, related: Mapping[str, list[Record]]) -> WorkDocument:
    mentions = sorted(
        related["mentions"], key=lambda row: (row["position"] or 0, row["person"], _texts(row["organisations"]))
    )
    said: defaultdict[str, list[Mention]] = defaultdict(list)
    for row in mentions:
        said[row["person"]].append(Mention(row["type"], row["position"], row["corresponding"], row["role"]))
    abstract = node["abstract"] or ""
    words = tokens(" ".join([node["title"] or "", *_texts(node["keywords"]), abstract]))
    return WorkDocument(
        node["id"],
        kind,
        node["year"],
        bool(abstract),
        len(words),
        tuple(said),
        tuple(dict.fromkeys(body for row in mentions for body in _texts(row["organisations"]))),
        " ".join(words),
        node["kind"] or "",
        mentions=packed_mentions(said.values()),
    )


def _person(node: Record, related: Mapping[str, list[Record]]) -> PersonDocument:
    ties = {_tie("post", row) for row in related["posts"]} | {_tie("membership", row) for row in related["memberships"]}
    declared = tokens(" ".join([*_texts(node["fields"]), node["summary"] or ""]))
    return PersonDocument(
        node["id"],
        _names(node, related),
        "Expert" in node["labels"],
        node["professional_title"] or "",
        tuple(sorted(ties)),
        _ends(related["honours"]),
        _ends(related["topics"]),
        " ".join(declared),
        node["tier"] or "",
        node["expert_kind"] or "",
        node["status"] or "",
        node["verified_on"] or "",
        node["admitted_on"] or "",
        bool(node["has_contact"]),
        tuple(sorted({folded for field in _texts(node["fields"]) if (folded := fold(field))})),
    )


def _tie(kind: Literal["post", "membership"], row: Record) -> Tie:
    return Tie(kind, row["to"], row["since"] or "", row["until"] or "", row["role"] or "")


def _organisation(node: Record, related: Mapping[str, list[Record]]) -> OrganisationDocument:
    return OrganisationDocument(
        node["id"],
        _names(node, related),
        node["kind"] or "",
        "Society" in node["labels"],
        bool(node["verified"]),
        _ends(related["regions"]),
        _ends(related["parents"]),
        node["level"] or "",
    )


def _names(node: Record, related: Mapping[str, list[Record]]) -> tuple[str, ...]:
    further = sorted(row["text"] for row in related["names"] if row["text"] and not row["gone"])
    return tuple(dict.fromkeys([node["name"] or "", *further]))


def _ends(rows: Iterable[Record]) -> tuple[str, ...]:
    return tuple(sorted({row["to"] for row in rows}))


def _texts(value: list[str] | None) -> list[str]:
    return value or []
