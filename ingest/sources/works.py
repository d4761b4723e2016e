"""Papers, reports and other outputs in the documented JSON Lines interchange (`docs/interchange-works.md`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from graph.dates import parse_day
from graph.errors import InputError
from graph.identity import doi as canonical_doi
from graph.identity import orcid as canonical_orcid
from graph.model import AFFILIATED_WITH, AUTHORED, LONGEST_TEXT, ORGANISATION, OUTPUT, PERSON, Value
from graph.text import fold, name_key
from ingest.mapping import LONGEST_NAME
from ingest.readers import Record, Unreadable, open_records
from ingest.source import Draft, Entity, Link, RejectedRecordError
from ingest.values import plain_text

_VERSION: Final = "works 1"
# A collaboration of thousands is one line of names, not thousands of acquaintances (largest real paper here: 98).
_MOST_AUTHORS: Final = 5_000


@dataclass(frozen=True)
class WorksSource:
    """Outputs with authors in order and affiliations by index or by name; satisfies `Source`."""

    dataset: str = ""
    kind: str = "works"
    precedence: int = 600
    complete: bool = False
    unique: bool = True

    def fetch(self, path: Path) -> Iterator[Record | Unreadable]:
        """Read the lines; raises `InputError` when the file is no JSON Lines."""
        return open_records(path, format="jsonl")

    def transform(self, record: Record) -> Draft:
        """Say what a line means; raises `RejectedRecordError` when it has neither id nor title."""
        values = record.values
        title = plain_text(values.get("title"))
        if not title:
            raise RejectedRecordError("title", "", "没有题名")
        if len(title) > 2_000:
            raise RejectedRecordError("title", title, f"题名长达 {len(title)} 字")
        row_key = plain_text(values.get("id"))[:200] or fold(title)[:200]
        draft = Draft(record, row_key)
        output = Entity(OUTPUT, "work")
        output.properties = self._properties(draft, values, title)
        draft.entities.append(output)
        bodies = self._affiliations(draft, values.get("affiliations"))
        self._authors(draft, values.get("authors"), bodies)
        return draft

    def fingerprint(self) -> str:
        """Version of this source."""
        return _VERSION

    def _properties(self, draft: Draft, values: Mapping[str, object], title: str) -> dict[str, Value]:
        properties: dict[str, Value] = {"title": title, "kind": plain_text(values.get("kind")) or "paper"}
        abstract = plain_text(values.get("abstract"))
        if len(abstract) > LONGEST_TEXT:
            draft.reject("abstract", abstract, f"摘要长达 {len(abstract)} 字")
        elif abstract:
            properties["abstract"] = abstract
        keywords = values.get("keywords")
        if isinstance(keywords, list):
            words = [plain_text(word) for word in cast(list[object], keywords)]
            properties["keywords"] = [word for word in dict.fromkeys(words) if word][:200]
        elif keywords:
            draft.reject("keywords", keywords, "关键词应是列表")
        if venue := plain_text(values.get("venue") or values.get("journal")):
            properties["venue"] = venue[:500]
        if lang := plain_text(values.get("lang")):
            properties["lang"] = lang[:20]
        if values.get("fictional") is True:
            properties["fictional"] = True
        _add_date(draft, properties, values)
        if raw := plain_text(values.get("doi")):
            try:
                properties["doi"] = canonical_doi(raw)
            except InputError as error:
                draft.reject("doi", raw, error.message)
        ids = [f"{self.dataset or 'works'}:{plain_text(values.get('id'))}"] if values.get("id") else []
        extra = values.get("ids")
        if isinstance(extra, Mapping):
            ids += [f"{name}:{plain_text(value)}" for name, value in cast(Mapping[str, object], extra).items() if value]
        if ids:
            properties["external_ids"] = list(dict.fromkeys(ids))[:50]
        return properties

    def _affiliations(self, draft: Draft, listed: object) -> dict[int, int]:
        """Make the listed organisations; index in the list → index in the draft."""
        bodies: dict[int, int] = {}
        if listed is None:
            return bodies
        if not isinstance(listed, list):
            draft.reject("affiliations", listed, "单位应是列表")
            return bodies
        for number, item in enumerate(cast(list[object], listed)):
            index = _body(draft, item, f"aff{number}")
            if index is not None:
                bodies[number] = index
        return bodies

    def _authors(self, draft: Draft, listed: object, bodies: Mapping[int, int]) -> None:
        if listed is None:
            return
        if not isinstance(listed, list):
            draft.reject("authors", listed, "作者应是列表")
            return
        authors = cast(list[object], listed)
        if len(authors) > _MOST_AUTHORS:
            draft.reject("authors", len(authors), f"作者超过 {_MOST_AUTHORS} 人，只取前 {_MOST_AUTHORS} 人")
        named: dict[str, int] = {}
        year = draft.entities[0].properties.get("year")
        for number, item in enumerate(authors[:_MOST_AUTHORS], 1):
            author = cast(Mapping[str, object], item) if isinstance(item, Mapping) else {"name": item}
            person = _person(draft, author, number)
            if person is None:
                continue
            written = author.get("affiliations", author.get("aff"))
            person.employers = _employers(draft, written, number, bodies, named)
            index = len(draft.entities)
            draft.entities.append(person)
            properties: dict[str, Value] = {"position": number, "name_as_written": person.written}
            if author.get("corresponding") is True:
                properties["corresponding"] = True
            draft.links.append(Link(AUTHORED, index, 0, str(number), properties, mention=True))
            for employer in person.employers:
                seen: dict[str, Value] = {"observed_year": year} if isinstance(year, int) else {}
                draft.links.append(Link(AFFILIATED_WITH, index, employer, str(year or ""), seen))


def _add_date(draft: Draft, properties: dict[str, Value], values: Mapping[str, object]) -> None:
    for name in ("date", "posted", "year"):
        raw = values.get(name)
        if raw is None or raw == "":
            continue
        try:
            day = parse_day(raw)
        except InputError as error:
            draft.reject(name, raw, error.message)
            continue
        properties.update(issued_on=day.first, issued_precision=day.precision, year=int(day.first[:4]))
        return


def _body(draft: Draft, item: object, position: str) -> int | None:
    """Make one organisation from a string, or from {name or org, root or org_root}; None for what names nothing."""
    hint = ""
    if isinstance(item, Mapping):
        table = cast(Mapping[str, object], item)
        written = plain_text(table.get("name") or table.get("org") or table.get("raw"))
        hint = plain_text(table.get("root") or table.get("org_root"))
    else:
        written = plain_text(item)
    if not written:
        return None
    if len(written) > LONGEST_NAME or not fold(written):
        draft.reject("affiliations", written, "看不出机构名称" if not fold(written) else f"单位名长达 {len(written)} 字")
        return None
    draft.entities.append(Entity(ORGANISATION, position, written=written, hint=hint, column="affiliations"))
    return len(draft.entities) - 1


def _person(draft: Draft, author: Mapping[str, object], number: int) -> Entity | None:
    name = plain_text(author.get("name"))
    key = name_key(name)
    if not key or len(name) > LONGEST_NAME:
        reason = f"姓名长达 {len(name)} 字" if key else "看不出姓名"
        draft.reject(f"authors[{number}].name", name, reason)
        return None
    person = Entity(PERSON, str(number), written=name, column=f"authors[{number}]")
    person.properties = {"name": name, "name_key": key}
    if raw := plain_text(author.get("orcid")):
        try:
            person.properties["orcid"] = canonical_orcid(raw)
        except InputError as error:
            draft.reject(f"authors[{number}].orcid", raw, error.message)
    return person


def _employers(
    draft: Draft, written: object, number: int, bodies: Mapping[int, int], named: dict[str, int]
) -> list[int]:
    if written is None:
        return []
    items = cast(list[object], written) if isinstance(written, list) else [written]
    found: list[int] = []
    for item in items:
        if isinstance(item, int) and not isinstance(item, bool):
            if item in bodies:
                found.append(bodies[item])
            else:
                draft.reject(f"authors[{number}].affiliations", item, "单位列表中没有这个序号")
            continue
        text = plain_text(item) if not isinstance(item, Mapping) else str(cast(Mapping[str, object], item))
        if text not in named:
            index = _body(draft, item, f"aff-{number}-{len(found)}")
            if index is None:
                continue
            named[text] = index
        found.append(named[text])
    return list(dict.fromkeys(found))
