"""Which mentions of the graph do labels mean?  Works are known by id, DOI, project number, row key or a platform's id.

Ids, DOIs and numbers are looked up by index. Row keys stand inside mention ids and platforms' ids inside lists, which
no index helps with: what is still unknown is looked for in one pass over all works, by audit number, whatever the
number of labels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final, LiteralString, NamedTuple

from graph.errors import InputError
from graph.identity import MentionParts, doi, mention_parts
from graph.store import Store
from graph.text import name_key
from ingest.people.labels import Labelled
from ingest.people.names import block_key
from ingest.people.stored import same_place
from ingest.source import bounded_row_key

Progress = Callable[[int, str], None]
"""Told how far it has come (works looked up or read, or audit numbers passed) and the phase."""

_KEYS: Final = 1_000
# A write touches at most 2,000 elements, so a page holds at most some ten thousand works and their mentions.
_NUMBERS: Final = 50
_MOST_LISTED: Final = 1_000
# A row key or platform's id that stands on more works than this says nothing.
_MOST_WORKS: Final = 20
_LONGEST_CHAIN: Final = 16

_BY_INDEX: Final = """
UNWIND $keys AS key MATCH (w:Output {id: key})
RETURN key, 'Output' AS label, w.id AS id
UNION ALL
UNWIND $keys AS key MATCH (w:Project {id: key})
RETURN key, 'Project' AS label, w.id AS id
UNION ALL
UNWIND $keys AS key MATCH (w:Project {number: key})
WHERE w.tombstone IS NULL
RETURN key, 'Project' AS label, w.id AS id
UNION ALL
UNWIND $dois AS key MATCH (w:Output {doi: key})
WHERE w.tombstone IS NULL
RETURN key, 'Output' AS label, w.id AS id
"""
_SCANS: Final[dict[str, LiteralString]] = {
    "Output": """
UNWIND range($first, $last) AS number
MATCH (w:Output {seq: number})
WHERE w.tombstone IS NULL
RETURN w.id AS id, w.external_ids AS external, [(w)<-[r:AUTHORED]-(:Person) | r.mention] AS mentions
""",
    "Project": """
UNWIND range($first, $last) AS number
MATCH (w:Project {seq: number})
WHERE w.tombstone IS NULL
RETURN w.id AS id, null AS external, [(w)<-[r:LED|PARTICIPATED_IN]-(:Person) | r.mention] AS mentions
""",
    "Person": """
UNWIND range($first, $last) AS number
MATCH (p:Person {seq: number})
WHERE p.tombstone IS NULL AND p.records IS NOT NULL
RETURN p.id AS id, null AS external, p.records AS mentions
""",
}
_MENTIONS: Final[dict[str, LiteralString]] = {
    "Output": """
UNWIND $keys AS key
MATCH (w:Output {id: key})
RETURN w.id AS id, coalesce(w.visibility, '') AS visibility, [(w)<-[r:AUTHORED]-(p:Person) | {
  id: r.mention, source: r.source, key: r.key, position: r.position, written: r.name_as_written, person: p.id,
  name: p.name, block: p.name_key, visibility: coalesce(p.visibility, '')
}] AS mentions
""",
    "Project": """
UNWIND $keys AS key
MATCH (w:Project {id: key})
RETURN w.id AS id, coalesce(w.visibility, '') AS visibility, [(w)<-[r:LED|PARTICIPATED_IN]-(p:Person) | {
  id: r.mention, source: r.source, key: r.key, position: r.position, written: r.name_as_written, person: p.id,
  name: p.name, block: p.name_key, visibility: coalesce(p.visibility, '')
}] AS mentions
""",
    "Person": """
UNWIND $keys AS key
MATCH (p:Person {id: key})
RETURN p.id AS id, coalesce(p.visibility, '') AS visibility, [record IN coalesce(p.records, []) | {
  id: record, source: record, key: '', position: null, written: null, person: p.id, name: p.name, block: p.name_key,
  visibility: ''
}] AS mentions
""",
}
_LEADS: Final[dict[str, LiteralString]] = {
    "Output": "UNWIND $keys AS key MATCH (s:Output {id: key})-[:MERGED_INTO]->(t:Output) RETURN key, t.id AS id",
    "Person": "UNWIND $keys AS key MATCH (s:Person {id: key})-[:MERGED_INTO]->(t:Person) RETURN key, t.id AS id",
}


class GraphMention(NamedTuple):
    """A mention of the graph with a label: its id, the known person, the Person found behind it, its name.

    `work` is the id of the output or project, "" for a row about the person itself. `shown` is False where the work or
    the person is restricted: such mentions count, and are not shown. `place` is the mention id that questions have for
    it: of a work posted twice that of one posting stands for both.
    """

    mention: str
    person: str
    found: str
    name: str
    work: str
    shown: bool
    place: str


class Unlocated(NamedTuple):
    """A label that names no mention of the graph, or not one alone; the reason is a Chinese sentence part."""

    mention: str
    reason: str


@dataclass
class LabelledMentions:
    """Mentions found; of the labels that were not, the first thousand and the number of all; labels said twice."""

    mentions: list[GraphMention] = field(default_factory=list[GraphMention])
    unlocated: list[Unlocated] = field(default_factory=list[Unlocated])
    not_found: int = 0
    repeated: int = 0


class _Place(NamedTuple):
    """Where a text was found: a node, and how surely (0 = its row, or its own id; 2 = a platform's bare number)."""

    label: str
    id: str
    row: str
    rank: int


def labelled_mentions(
    store: Store, labels: Sequence[Labelled], progress: Progress = lambda _done, _phase: None
) -> LabelledMentions:
    """Find the mentions that labels name; every label is found, repeated, or listed with the reason.

    Two postings of one paper in one work are two mentions, and both have the label's person. Raises
    `StoreUnavailableError`.
    """
    by_work: dict[str, list[Labelled]] = {}
    for label in labels:
        by_work.setdefault(label.work, []).append(label)
    places = _by_index(store, list(by_work), progress)
    if missing := [work for work in by_work if work not in places]:
        places |= _by_scan(store, missing, progress)
    found = _Found(LabelledMentions())
    for number, texts in enumerate(_pages(list(by_work), _KEYS)):
        progress(number * _KEYS, "读取署名")
        wanted = {place for text in texts for place in places.get(text, ())}
        mentions = _mentions(store, wanted)
        for text in texts:
            near = [(place, mentions.get((place.label, place.id), [])) for place in places.get(text, ())]
            for label in by_work[text]:
                found.take(label, near)
    return found.result


# --- works ------------------------------------------------------------------------------------------------------------


def _by_index(store: Store, texts: Sequence[str], progress: Progress) -> dict[str, list[_Place]]:
    places: dict[str, list[_Place]] = {}
    done = 0
    for page in _pages(texts, _KEYS):
        dois: dict[str, list[str]] = {}
        for text in page:
            if bare := _doi(text):
                dois.setdefault(bare, []).append(text)
        rows = store.database.records("labelled_works", _BY_INDEX, keys=page, dois=list(dois))
        outputs = [str(row["id"]) for row in rows if row["label"] == "Output"]
        leads = _survivors(store, "Output", outputs)
        asked = set(page)
        for row in rows:
            key, label, id_ = str(row["key"]), str(row["label"]), str(row["id"])
            for text in {*dois.get(key, ()), *([key] if key in asked else [])}:
                _note(places, text, _Place(label, leads.get(id_, id_), "", 0))
        done += len(page)
        progress(done, "按编号查找")
    return places


def _doi(text: str) -> str:
    try:
        return doi(text)
    except InputError:
        return ""


def _by_scan(store: Store, texts: Sequence[str], progress: Progress) -> dict[str, list[_Place]]:
    """One pass over all works and all rows about people, for any number of texts."""
    wanted: dict[str, list[str]] = {}
    for text in texts:
        # As the works source makes a row key of an id.
        for key in dict.fromkeys([text, bounded_row_key(text.replace("|", "/"))]):
            wanted.setdefault(key, []).append(text)
    found: dict[str, list[_Place]] = {}
    for label, row in _scanned(store, progress):
        id_ = str(row["id"])
        for row_id, key in dict.fromkeys(_rows(row["mentions"])):
            for text in [*wanted.get(key, ()), *wanted.get(row_id, ())]:
                _note(found, text, _Place(label, id_, row_id, 0))
        for external in row["external"] or ():
            for text in wanted.get(external, ()):
                _note(found, text, _Place(label, id_, "", 1))
            for text in wanted.get(external.partition(":")[2], ()):
                _note(found, text, _Place(label, id_, "", 2))
    return {text: [p for p in places if p.rank == min(places, key=_rank).rank] for text, places in found.items()}


def _rank(place: _Place) -> int:
    return place.rank


def _scanned(store: Store, progress: Progress) -> Iterator[tuple[str, Mapping[str, Any]]]:
    first, head = 1, store.audit.head().number
    while first <= head:
        last = min(head, first + _NUMBERS - 1)
        for label, text in _SCANS.items():
            for row in store.database.records("labelled_rows", text, first=first, last=last):
                yield label, row
        progress(last, f"按行号逐段查找，共 {head} 段")
        # What is written meanwhile moves to a greater number.
        first, head = last + 1, store.audit.head().number if last == head else head


def _rows(mentions: Sequence[str | None]) -> Iterator[tuple[str, str]]:
    """`source|row key` and the row key alone of mention ids."""
    for mention in mentions:
        if mention:
            parts = _parts(mention)
            yield f"{parts.source}|{parts.row_key}", parts.row_key


def _parts(mention: str) -> MentionParts:
    """One odd mention id must not end the work for all."""
    try:
        return mention_parts(mention)
    except InputError:
        return MentionParts("", mention, "")


def _note(places: dict[str, list[_Place]], text: str, place: _Place) -> None:
    known = places.setdefault(text, [])
    if place not in known and len(known) <= _MOST_WORKS:
        known.append(place)


# --- mentions ---------------------------------------------------------------------------------------------------------


class _Mention(NamedTuple):
    id: str
    row: str
    alias: str
    position: str
    person: str
    name: str
    shown: bool
    place: str


def _mentions(store: Store, places: set[_Place]) -> dict[tuple[str, str], list[_Mention]]:
    """The mentions of nodes, with the people that stand behind them now."""
    found: dict[tuple[str, str], list[_Mention]] = {}
    for label, text in _MENTIONS.items():
        for page in _pages(sorted({place.id for place in places if place.label == label}), _KEYS):
            rows = store.database.records("labelled_mentions", text, keys=page)
            people = sorted({str(mention["person"]) for row in rows for mention in row["mentions"]})
            leads = _survivors(store, "Person", people)
            for row in rows:
                open_ = row["visibility"] != "restricted"
                found[label, str(row["id"])] = sorted(
                    _mention(mention, leads, str(group[0]["id"]), shown=open_)
                    for group in _places(label, row["mentions"])
                    for mention in group
                )
    return found


def _places(label: str, mentions: Sequence[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Mentions of a work together that settling takes for one; rows about a person are each their own."""
    known = [mention for mention in mentions if mention["id"]]
    return [[mention] for mention in known] if label == "Person" else same_place(known)


def _mention(row: Mapping[str, Any], leads: Mapping[str, str], place: str, *, shown: bool) -> _Mention:
    parts = _parts(str(row["id"]))
    written = str(row["written"] or "")
    name = block_key(written) or str(row["block"] or "") or name_key(str(row["name"] or ""))
    person = str(row["person"])
    return _Mention(
        str(row["id"]),
        f"{parts.source}|{parts.row_key}",
        parts.position,
        "" if row["position"] is None else str(row["position"]),
        leads.get(person, person),
        name,
        shown and row["visibility"] != "restricted",
        place,
    )


def _survivors(store: Store, label: str, ids: Sequence[str]) -> dict[str, str]:
    """What merged nodes lead to, to the end of the chain."""
    leads: dict[str, str] = {}
    asked: Mapping[str, list[str]] = {id_: [id_] for id_ in ids}
    for _ in range(_LONGEST_CHAIN):
        following: dict[str, list[str]] = {}
        for page in _pages(list(asked), _KEYS):
            for row in store.database.records("labelled_survivors", _LEADS[label], keys=page):
                following.setdefault(str(row["id"]), []).extend(asked[str(row["key"])])
        for target, origins in following.items():
            leads.update(dict.fromkeys(origins, target))
        if not following:
            break
        asked = following
    return leads


class _Found:
    """Puts labels and mentions together."""

    def __init__(self, result: LabelledMentions) -> None:
        self.result = result
        self._person: dict[str, str] = {}

    def take(self, label: Labelled, near: Sequence[tuple[_Place, Sequence[_Mention]]]) -> None:
        """Note what a label means, given where its work was found."""
        fitting: dict[str, tuple[_Place, _Mention]] = {}
        for place, mentions in near:
            for mention in mentions:
                if label.position in {mention.alias, mention.position} and place.row in {"", mention.row}:
                    fitting[mention.id] = place, mention
        if reason := _why_not(label, near, fitting):
            self._refuse(label, reason)
            return
        said = {self._person.get(id_, label.person) for id_ in fitting}
        if said != {label.person}:
            self._refuse(label, "另一条标注指的是同一处署名，却标为另一人")
            return
        new = [entry for id_, entry in fitting.items() if id_ not in self._person]
        self.result.repeated += not new
        for place, mention in new:
            self._person[mention.id] = label.person
            work = "" if place.label == "Person" else place.id
            self.result.mentions.append(
                GraphMention(mention.id, label.person, mention.person, mention.name, work, mention.shown, mention.place)
            )

    def _refuse(self, label: Labelled, reason: str) -> None:
        self.result.not_found += 1
        if len(self.result.unlocated) < _MOST_LISTED:
            self.result.unlocated.append(Unlocated(label.mention, reason))


def _why_not(
    label: Labelled,
    near: Sequence[tuple[_Place, Sequence[_Mention]]],
    fitting: Mapping[str, tuple[_Place, _Mention]],
) -> str:
    if not near:
        return "图中没有这项成果"
    if not fitting:
        places = {m.position or m.alias for _, mentions in near for m in mentions}
        shown = "、".join(islice(sorted(places, key=lambda p: (len(p), p)), 5))
        return (
            f"成果在图中，但没有位置 {label.position} 的署名（有 {shown or '零个'}{' 等' if len(places) > 5 else ''}）"
        )
    if len({place[:2] for place, _ in fitting.values()}) > 1:
        return "图中有几项成果是这个编号，分不清是哪一项（行号前可加来源：来源|行号）"
    if len({mention.name for _, mention in fitting.values()}) > 1:
        return "几个来源在这个位置写了不同的姓名（行号前可加来源：来源|行号）"
    return ""


def _pages(items: Sequence[str], size: int) -> Iterator[list[str]]:
    for start in range(0, len(items), size):
        yield list(items[start : start + size])
