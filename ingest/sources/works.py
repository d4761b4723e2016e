"""Papers, reports and other outputs in the documented JSON Lines interchange (`docs/interchange-works.md`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from graph.dates import parse_day
from graph.errors import InputError
from graph.identity import orcid as canonical_orcid
from graph.model import AFFILIATED_WITH, AUTHORED, LONGEST_TEXT, ORGANISATION, OUTPUT, PERSON, Value
from graph.text import fold, name_key
from ingest.conversions import as_doi
from ingest.people.names import block_key
from ingest.readers import Record, Unreadable, open_records
from ingest.source import LONGEST_NAME, Draft, Entity, Link, RejectedRecordError, bounded_row_key
from ingest.values import plain_text

_VERSION: Final = "works 2"
# A collaboration of thousands is one line of names, not thousands of acquaintances (largest real paper here: 98).
_MOST_AUTHORS: Final = 5_000
_LONGEST_TITLE: Final = 2_000
_MOST_KEYWORDS: Final = 200
_MOST_IDS: Final = 50
# Longest short field (venue); a kind or language is a word.
_LONGEST_FIELD: Final = {"kind": 100, "venue": 500, "lang": 35}
_MAKES: Final = frozenset({"Output", "Person", "Organisation"})


@dataclass(frozen=True)
class WorksSource:
    """Outputs with authors in order and affiliations by index or by name; satisfies `Source`."""

    dataset: str = ""
    kind: str = "works"
    mapping: str = ""
    precedence: int = 600
    complete: bool = False
    unique: bool = True
    makes: frozenset[str] = _MAKES

    def fetch(self, path: Path) -> Iterator[Record | Unreadable]:
        """Read the lines; raises `InputError` when the file is no JSON Lines."""
        return open_records(path, format="jsonl")

    def transform(self, record: Record) -> Draft:
        """Say what a line means; raises `RejectedRecordError` when it has no title, or an id that is none."""
        try:
            title, identifier = plain_text(record.values.get("title")), plain_text(record.values.get("id"))
        except InputError as error:
            raise RejectedRecordError("title / id", "", error.message) from error
        if not title:
            raise RejectedRecordError("title", "", "没有题名")
        if len(title) > _LONGEST_TITLE:
            raise RejectedRecordError("title", title, f"题名长达 {len(title)} 字，超过上限 {_LONGEST_TITLE}")
        draft = Draft(record, "")
        byline = _Byline(draft, record.values)
        output = Entity(OUTPUT, "work", column="title")
        output.properties = _properties(byline, title, identifier, self.dataset or self.kind)
        draft.entities.append(output)
        byline.read()
        # Works without an id: two of one title ("前言") are one only with the same date and first author.
        first = draft.entities[draft.links[0].start].written if draft.links else ""
        parts = (identifier,) if identifier else (fold(title), str(output.properties.get("issued_on", "")), fold(first))
        draft.row_key = bounded_row_key("|".join(part.replace("|", "/") for part in parts))
        return draft

    def fingerprint(self) -> str:
        """Version of this source."""
        return _VERSION


def _properties(byline: _Byline, title: str, identifier: str, platform: str) -> dict[str, Value]:
    draft, values = byline.draft, byline.values
    properties: dict[str, Value] = {"title": title, "kind": byline.text("kind") or "paper", **byline.common}
    if abstract := byline.text("abstract"):
        properties["abstract"] = abstract
    if keywords := byline.texts("keywords", _MOST_KEYWORDS):
        properties["keywords"] = keywords
    if venue := byline.text("venue") or byline.text("journal"):
        properties["venue"] = venue
    if lang := byline.text("lang"):
        properties["lang"] = lang
    _add_date(draft, properties, values)
    if doi := byline.converted(values, "doi", "doi", as_doi):
        properties["doi"] = doi
    ids = [f"{platform}:{identifier}"] if identifier else []
    extra = values.get("ids")
    if isinstance(extra, Mapping):
        for name, value in cast(Mapping[str, object], extra).items():
            if text := byline.plain(f"ids.{name}", value):
                ids.append(f"{name}:{text}")
    elif extra is not None:
        draft.reject("ids", "", "ids 应是一个对象（平台 → 编号）")
    kept = [item for item in dict.fromkeys(ids) if len(item) <= LONGEST_NAME]
    if len(kept) < len(ids) or len(kept) > _MOST_IDS:
        draft.reject("ids", "", f"编号最长 {LONGEST_NAME} 字、最多 {_MOST_IDS} 个，其余未采用")
    if kept:
        properties["external_ids"] = kept[:_MOST_IDS]
    return properties


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


class _Byline:
    """The authors of one record and where they worked, read into its draft."""

    def __init__(self, draft: Draft, values: Mapping[str, object]) -> None:
        self.draft, self.values = draft, values
        # Whoever stands only in fictional records is fictional.
        self.common: dict[str, Value] = {"fictional": True} if values.get("fictional") is True else {}
        self._places = 0
        self._listed: dict[int, int] = {}
        self._named: dict[tuple[str, str], int] = {}

    def plain(self, column: str, value: object) -> str:
        """Return a value as text, noting the reject of what is none."""
        try:
            return plain_text(value)
        except InputError as error:
            self.draft.reject(column, "", error.message)
            return ""

    def text(self, name: str) -> str:
        """Return a field as text, noting the reject of one that is too long."""
        text = self.plain(name, self.values.get(name))
        longest = _LONGEST_FIELD.get(name, LONGEST_TEXT)
        if len(text) > longest:
            self.draft.reject(name, text, f"长达 {len(text)} 字，超过上限 {longest}")
            return ""
        return text

    def texts(self, name: str, most: int) -> list[str]:
        """Return a field that is a list of texts, without repeats."""
        listed = self.values.get(name)
        if listed is None or listed == "":
            return []
        if not isinstance(listed, list):
            self.draft.reject(name, listed, "应是列表")
            return []
        words = dict.fromkeys(self.plain(name, item) for item in cast(list[object], listed))
        found = [word for word in words if word and len(word) <= LONGEST_NAME]
        if len(found) > most or any(len(word) > LONGEST_NAME for word in words):
            self.draft.reject(name, "", f"最多 {most} 个、每个最长 {LONGEST_NAME} 字，其余未采用")
        return found[:most]

    def converted(self, table: Mapping[str, object], name: str, column: str, convert: Callable[[str], str]) -> str:
        """Return a strong identifier in its one form, noting the reject of one that is none."""
        raw = self.plain(column, table.get(name))
        try:
            return convert(raw) if raw else ""
        except InputError as error:
            self.draft.reject(column, raw, error.message)
            return ""

    def read(self) -> None:
        """Read affiliations and authors."""
        places = self._list("affiliations", "单位")
        self._places = len(places)
        for number, item in enumerate(places):
            index = self._body(item, f"aff{number}")
            if index is not None:
                self._listed[number] = index
        authors = self._list("authors", "作者")
        if len(authors) > _MOST_AUTHORS:
            self.draft.reject("authors", len(authors), f"作者超过 {_MOST_AUTHORS} 人，只取前 {_MOST_AUTHORS} 人")
        for number, item in enumerate(authors[:_MOST_AUTHORS], 1):
            if isinstance(item, Mapping):
                self._author(cast(Mapping[str, object], item), number)
            else:
                self._author({"name": item}, number)

    def _list(self, name: str, zh: str) -> list[object]:
        listed = self.values.get(name)
        if listed is None:
            return []
        if not isinstance(listed, list):
            self.draft.reject(name, listed, f"{zh}应是列表")
            return []
        return cast(list[object], listed)

    def _author(self, author: Mapping[str, object], number: int) -> None:
        person = self._person(author, number)
        if person is None:
            return
        draft = self.draft
        person.employers = self._employers(author.get("affiliations", author.get("aff")), number)
        index = len(draft.entities)
        draft.entities.append(person)
        properties: dict[str, Value] = {"position": number, "name_as_written": person.written}
        if author.get("corresponding") is True:
            properties["corresponding"] = True
        draft.links.append(Link(AUTHORED, index, 0, str(number), properties, mention=True))
        year = draft.entities[0].properties.get("year")
        seen: dict[str, Value] = {"observed_year": year} if isinstance(year, int) else {}
        for employer in person.employers:
            draft.links.append(Link(AFFILIATED_WITH, index, employer, str(year or ""), dict(seen)))

    def _person(self, author: Mapping[str, object], number: int) -> Entity | None:
        column = f"authors[{number}]"
        written = author.get("name")
        name = plain_text(written) if isinstance(written, str) else ""
        key = name_key(name)
        if not key or len(name) > LONGEST_NAME:
            self.draft.reject(f"{column}.name", name, f"姓名长达 {len(name)} 字" if key else "看不出姓名")
            return None
        person = Entity(PERSON, str(number), written=name, column=column)
        person.properties = {"name": name, "name_key": block_key(name) or key, **self.common}
        if orcid := self.converted(author, "orcid", f"{column}.orcid", canonical_orcid):
            person.properties["orcid"] = orcid
        return person

    def _employers(self, written: object, number: int) -> list[int]:
        if written is None:
            return []
        column = f"authors[{number}].affiliations"
        found: list[int] = []
        for item in cast(list[object], written) if isinstance(written, list) else [written]:
            if isinstance(item, int) and not isinstance(item, bool):
                if item in self._listed:
                    found.append(self._listed[item])
                elif not 0 <= item < self._places:
                    self.draft.reject(column, item, "单位列表中没有这个序号")
                continue
            name = self._body_name(item)
            if name not in self._named:
                index = self._body(item, f"aff-{number}-{len(found)}")
                if index is None:
                    continue
                self._named[name] = index
            found.append(self._named[name])
        return list(dict.fromkeys(found))

    def _body_name(self, item: object) -> tuple[str, str]:
        """Return name and guessed legal entity of a string, or of {name or org, root or org_root}."""
        if not isinstance(item, Mapping):
            return self.plain("affiliations", item), ""
        table = cast(Mapping[str, object], item)
        name = table.get("name") or table.get("org") or table.get("raw")
        return self.plain("affiliations", name), self.plain("affiliations", table.get("root") or table.get("org_root"))

    def _body(self, item: object, position: str) -> int | None:
        """Make an organisation; None for what names nothing, which is noted unless it is simply empty."""
        written, hint = self._body_name(item)
        key = fold(written)
        if not key or len(written) > LONGEST_NAME:
            if written:
                self.draft.reject("affiliations", written, f"单位名长达 {len(written)} 字" if key else "看不出机构名称")
            return None
        body = Entity(ORGANISATION, position, written=written, hint=hint, column="affiliations")
        body.properties = dict(self.common)
        self.draft.entities.append(body)
        return len(self.draft.entities) - 1
