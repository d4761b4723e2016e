"""A mapping: a TOML file that says what the columns or paths of somebody's table mean. Compiled once, then pure.

The language is described in `docs/mappings.md`; every name in a mapping is checked against the model when it is loaded.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from hashlib import sha256
from importlib import resources
from pathlib import Path
from typing import Any, Final

from graph.errors import InputError
from graph.model import check_text
from ingest.drafting import draft_record
from ingest.mapping_specs import EntitySpec, LinkSpec, common_setters
from ingest.readers import Record
from ingest.source import Draft
from ingest.toml_tables import choice_of, flag_of, integer_of, known_only, list_of, table_of, text_of, texts_of
from ingest.values import ValueSpec

_TOP: Final = (
    "zh", "kind", "dataset", "precedence", "format", "sheet", "encoding", "header_row", "row_key", "unique", "complete",
    "aliases", "set", "entity", "link",
)  # fmt: skip
_FORMATS: Final = ("auto", "csv", "xlsx", "jsonl")
_ENCODINGS: Final = ("auto", "utf-8", "gb18030", "gbk", "utf-16", "big5")
# 0 is a person's correction, which no file may overrule (settled).
_PRECEDENCE: Final = (1, 1_000)
_LONGEST_MAPPING: Final = 1_000_000


class TableMapping:
    """A compiled mapping; `draft` turns one record into what it means. Raises `InputError` for a wrong description."""

    def __init__(self, table: Mapping[str, Any], text: str, name: str) -> None:
        top = "顶层"
        known_only(table, _TOP, top)
        self.name: Final = name
        self.digest: Final = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        self.zh: Final = text_of(table, "zh", top, name)
        self.kind: Final = _source_word(table, "kind", name)
        self.dataset: Final = _source_word(table, "dataset", "")
        self.precedence: Final = integer_of(table, "precedence", top, _PRECEDENCE) or 500
        self.format: Final = choice_of(table, "format", top, _FORMATS, "auto")
        self.encoding: Final = choice_of(table, "encoding", top, _ENCODINGS, "auto")
        self.sheet: Final = text_of(table, "sheet", top) or None
        self.header_row: Final = integer_of(table, "header_row", top, (1, 1_000))
        self.unique: Final = flag_of(table, "unique", top)
        self.complete: Final = flag_of(table, "complete", top)
        self.row_key: Final = [ValueSpec(spec, "row_key") for spec in list_of(table.get("row_key"))]
        aliases = table_of(table.get("aliases"), " aliases ")
        self.aliases: Final = {column: texts_of(aliases, column, " aliases ") for column in aliases}
        self.common: Final = common_setters(table_of(table.get("set"), "顶层 set "))
        self.entities: Final = _entities(table, name)
        links = [table_of(item, " link ") for item in list_of(table.get("link"))]
        self.links: Final = [LinkSpec(link, number, self.entities) for number, link in enumerate(links, 1)]
        self._check_employers()
        self.hidden: Final = frozenset(path for spec in self.entities.values() for path in spec.hidden())
        """Columns that feed a restricted property: their values stand in no list of rejects."""
        self.makes: Final = frozenset(s.node.label for s in self.entities.values() if not s.reference)
        """Labels of the nodes it makes."""

    def columns(self) -> list[str]:
        """Which columns does the mapping read?"""
        specs = [spec for part in (*self.entities.values(), *self.links) for spec in part.specs()]
        specs += [*(setter.spec for setter in self.common), *self.row_key]
        return list(dict.fromkeys(column for spec in specs for column in spec.columns()))

    def expected(self) -> list[str]:
        """Which headers may a table have?  The columns read and their other names."""
        return [*self.columns(), *(other for others in self.aliases.values() for other in others)]

    def missing_columns(self, present: Mapping[str, object]) -> list[str]:
        """Which columns of the mapping does a table with these headers lack?  Optional ones may be absent."""
        values = self._values(present)
        needed = [c for c in self._required() if c.partition(".")[0] not in values and c not in values]
        keys = [column for spec in self.row_key for column in spec.columns()]
        if keys and not any(key.partition(".")[0] in values or key in values for key in keys):
            needed.append(keys[0])
        return list(dict.fromkeys(needed))

    def draft(self, record: Record) -> Draft:
        """Return what a record means; raises `RejectedRecordError` when a required value is missing or wrong."""
        return draft_record(self, self._values(record.values), record)

    def _required(self) -> Iterator[str]:
        for spec in self.entities.values():
            for value in (*(s.spec for s in spec.setters), spec.written, spec.key):
                # A second source may be there when the first is not; inside a list nothing is missing.
                if value is not None and value.required and len(value.sources) < 2 and spec.each is None:
                    yield from value.columns()

    def _values(self, values: Mapping[str, object]) -> Mapping[str, object]:
        """The record under the names the mapping uses."""
        if not self.aliases:
            return values
        renamed = dict(values)
        for column, others in self.aliases.items():
            if column not in renamed:
                other = next((other for other in others if other in renamed), None)
                if other is not None:
                    renamed[column] = renamed[other]
        return renamed

    def _check_employers(self) -> None:
        related = {(link.start, link.end) for link in self.links if link.type.name == "AFFILIATED_WITH"}
        for spec in self.entities.values():
            for alias in spec.employers:
                if alias not in self.entities or self.entities[alias].node.label != "Organisation":
                    raise InputError(f"映射的{spec.place}：employers 中的 {alias} 不是 Organisation")
                # Who a person is depends on where they work: what a run knew, the next one must find in the graph.
                if (spec.alias, alias) not in related:
                    raise InputError(
                        f"映射的{spec.place}：employers 中的 {alias} 没有对应的 AFFILIATED_WITH",
                        hint=f'加 [[link]] type = "AFFILIATED_WITH"，start = "{spec.alias}"，end = "{alias}"',
                    )


def load_mapping(path: Path) -> TableMapping:
    """Read a mapping file; raises `InputError` saying what in it is wrong."""
    try:
        if path.stat().st_size > _LONGEST_MAPPING:
            raise InputError(f"{path.name} 太大，不是映射文件")
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise InputError(
            f"读不到映射文件 {path}", hint="映射是 UTF-8 的 TOML 文件，用 zhiku mapping list 看自带的"
        ) from error
    return parse_mapping(text, path.stem)


def parse_mapping(text: str, name: str) -> TableMapping:
    """Compile the text of a mapping; raises `InputError`."""
    try:
        table = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, ValueError, RecursionError) as error:
        raise InputError(f"映射 {name} 不是正确的 TOML：{error}") from error
    return TableMapping(table, text, name)


def shipped_mappings() -> dict[str, Path]:
    """Which mappings come with the program?  Name → file."""
    folder = Path(str(resources.files("ingest") / "mappings"))
    return {path.stem: path for path in sorted(folder.glob("*.toml"))}


def _entities(table: Mapping[str, Any], name: str) -> dict[str, EntitySpec]:
    found: dict[str, EntitySpec] = {}
    for number, item in enumerate(list_of(table.get("entity")), 1):
        spec = EntitySpec(table_of(item, " entity "), number)
        if spec.alias in found:
            raise InputError(f"映射 {name} 有两个名为 {spec.alias} 的 entity", hint="用 as 给它们不同的名字")
        found[spec.alias] = spec
    if not found:
        raise InputError(f"映射 {name} 没有任何 entity")
    return found


def _source_word(table: Mapping[str, Any], name: str, default: str) -> str:
    word = text_of(table, name, "顶层", default)
    if len(word) > 100:
        raise InputError(f"映射的顶层：{name} 太长（最多 100 字）")
    check_text(f"映射的 {name}", word)
    return word


__all__ = ["TableMapping", "load_mapping", "parse_mapping", "shipped_mappings"]
