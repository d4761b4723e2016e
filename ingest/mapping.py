"""A mapping: a TOML file that says what the columns or paths of somebody's table mean. Compiled once, then pure.

The language is described in `docs/mappings.md`; every name in a mapping is checked against the model when it is loaded.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib import resources
from pathlib import Path
from typing import Any, Final, cast

from graph.dates import parse_day, parse_period
from graph.errors import InputError
from graph.model import NODE_BY_LABEL, RELATIONSHIP_BY_NAME, NodeType, Property, RelationshipType, Value, check_value
from graph.text import fold, name_key
from ingest.readers import Record
from ingest.source import Draft, Entity, Link, Reject, RejectedRecordError
from ingest.values import Context, ValueRejectError, ValueSpec, plain_text

MENTIONS: Final = frozenset({"AUTHORED", "LED", "PARTICIPATED_IN"})
# A name longer than this is a column of running text in the wrong place, not a name (longest in the real corpora: 43).
LONGEST_NAME: Final = 200
_TOP: Final = {
    "zh", "kind", "dataset", "precedence", "format", "sheet", "encoding", "header_row", "row_key", "unique", "complete",
    "aliases", "entity", "link",
}  # fmt: skip
_ENTITY: Final = {
    "as", "type", "key", "own", "labels", "each", "written", "hint", "employers", "reference", "register", "when", "set",
    "period", "issued", "names", "optional", "second",
}  # fmt: skip
_LINK: Final = {"type", "start", "end", "key", "set", "period", "when"}


@dataclass(frozen=True, slots=True)
class _Setter:
    prop: Property
    spec: ValueSpec


class _EntitySpec:
    def __init__(self, table: Mapping[str, object], number: int) -> None:
        place = f"第 {number} 个 entity"
        _known(table, _ENTITY, place)
        label = str(table.get("type", ""))
        node = NODE_BY_LABEL.get(label)
        if node is None or node.working:
            raise InputError(f"映射的 {place}：图模型中没有类型 {label or '（未写）'}")
        self.node: NodeType = node
        self.alias = str(table.get("as", label.lower()))
        self.place = f"entity {self.alias}"
        self.key = _optional(table, "key", self.place)
        self.written = _optional(table, "written", self.place)
        self.hint = _optional(table, "hint", self.place)
        self.when = _optional(table, "when", self.place)
        self.each = _optional(table, "each", self.place)
        self.own = [ValueSpec(spec, f"{self.place}.own") for spec in _list(table.get("own"))]
        self.labels = tuple(str(name) for name in _list(table.get("labels")))
        self.employers = tuple(str(name) for name in _list(table.get("employers")))
        self.register = bool(table.get("register", False))
        self.reference = str(table.get("reference", ""))
        self.optional = bool(table.get("optional", False))
        # A second label that a row gets when its value is not empty.
        self.second = {n: ValueSpec(v, f"{self.place}.second") for n, v in _mapping(table.get("second")).items()}
        self.setters = _setters(_mapping(table.get("set")), node.by_name, self.place)
        self.period = [ValueSpec(spec, f"{self.place}.period") for spec in _list(table.get("period"))]
        self.issued = _optional(table, "issued", self.place)
        self.names = [(_mapping(n), ValueSpec(_value_part(_mapping(n)), f"{self.place}.names")) for n in _list(table.get("names"))]
        seconds = {second.label for second in node.seconds}
        for name in (*self.labels, *self.second):
            if name not in seconds:
                raise InputError(f"映射的 {self.place}：{label} 没有附加标签 {name}")
        if self.reference not in {"", "key", "name"}:
            raise InputError(f"映射的 {self.place}：reference 只能是 key 或 name")
        if label in {"Region", "Topic"} and self.key is None and self.reference != "name":
            raise InputError(f"映射的 {self.place}：{label} 要写 key")
        if label == "Person" and self.written is None:
            raise InputError(f"映射的 {self.place}：Person 要写 written（姓名）")

    def columns(self) -> Iterator[str]:
        for spec in (self.key, self.written, self.hint, self.when, self.each, self.issued):
            if spec is not None:
                yield from spec.columns()
        setters = (s.spec for s in self.setters)
        for spec in (*self.own, *self.period, *setters, *(s for _, s in self.names), *self.second.values()):
            yield from spec.columns()

    def items(self, values: Mapping[str, object]) -> list[Context]:
        """The contexts in which this entity is made: one, or one an item of `each`."""
        base = Context(values)
        if self.when is not None and not self.when.texts(base):
            return []
        if self.each is None:
            return [base]
        raw = self.each.raw(base)
        if self.each.split is None and isinstance(raw, list):
            return [Context(values, item) for item in cast(list[object], raw)]
        return [Context(values, item) for item in self.each.texts(base)]


class _LinkSpec:
    def __init__(self, table: Mapping[str, object], number: int, entities: Mapping[str, _EntitySpec]) -> None:
        place = f"第 {number} 个 link"
        _known(table, _LINK, place)
        name = str(table.get("type", ""))
        relationship = RELATIONSHIP_BY_NAME.get(name)
        if relationship is None or relationship.working:
            raise InputError(f"映射的 {place}：图模型中没有关系 {name or '（未写）'}")
        self.type: RelationshipType = relationship
        self.start, self.end = str(table.get("start", "")), str(table.get("end", ""))
        for alias in (self.start, self.end):
            if alias not in entities:
                raise InputError(f"映射的 {place}（{name}）：没有名为 {alias or '（未写）'} 的 entity")
        pair = (entities[self.start].node.label, entities[self.end].node.label)
        if pair not in relationship.ends:
            raise InputError(f"映射的 {place}：关系 {name} 不能从 {pair[0]} 到 {pair[1]}")
        self.key = _optional(table, "key", place)
        self.when = _optional(table, "when", place)
        self.setters = _setters(_mapping(table.get("set")), relationship.by_name, f"link {name}")
        self.period = [ValueSpec(spec, f"{place}.period") for spec in _list(table.get("period"))]
        each_start, each_end = entities[self.start].each, entities[self.end].each
        # Two lists walk side by side when they come from the same place; otherwise each goes with each.
        self.paired = each_start is not None and each_end is not None and each_start.sources == each_end.sources

    def columns(self) -> Iterator[str]:
        for spec in (self.key, self.when, *self.period, *(s.spec for s in self.setters)):
            if spec is not None:
                yield from spec.columns()


class TableMapping:
    """A compiled mapping; `draft` turns one record into what it means."""

    def __init__(self, table: Mapping[str, Any], text: str, name: str) -> None:
        _known(table, _TOP, "顶层")
        self.name = name
        self.digest = sha256(text.encode()).hexdigest()
        self.zh = str(table.get("zh", name))
        self.kind = str(table.get("kind", name))
        self.dataset = str(table.get("dataset", ""))
        self.precedence = int(table.get("precedence", 500))
        self.format = str(table.get("format", "auto"))
        self.sheet = cast(str | None, table.get("sheet"))
        self.encoding = str(table.get("encoding", "auto"))
        self.header_row = cast(int | None, table.get("header_row"))
        self.unique = bool(table.get("unique", False))
        self.complete = bool(table.get("complete", False))
        self.row_key = [ValueSpec(spec, "row_key") for spec in _list(table.get("row_key"))]
        self.aliases: dict[str, list[str]] = {
            str(column): [str(a) for a in cast(list[object], others)] for column, others in _mapping(table.get("aliases")).items()
        }
        specs = [_EntitySpec(_mapping(entity), i) for i, entity in enumerate(_list(table.get("entity")), 1)]
        if not specs:
            raise InputError(f"映射 {name} 没有任何 entity")
        self.entities = {spec.alias: spec for spec in specs}
        if len(self.entities) != len(specs):
            raise InputError(f"映射 {name} 有两个同名的 entity")
        for spec in specs:
            for alias in spec.employers:
                if alias not in self.entities or self.entities[alias].node.label != "Organisation":
                    raise InputError(f"映射的 {spec.place}：employers 中的 {alias} 不是 Organisation")
        self.links = [_LinkSpec(_mapping(link), i, self.entities) for i, link in enumerate(_list(table.get("link")), 1)]

    def columns(self) -> list[str]:
        """Which columns does the mapping read?"""
        named = [c for spec in (*self.entities.values(), *self.links) for c in spec.columns()]
        named += [c for spec in self.row_key for c in spec.columns()]
        return list(dict.fromkeys(named))

    def expected(self) -> list[str]:
        """Which headers may a table have?  The columns read and their other names."""
        return [*self.columns(), *(other for others in self.aliases.values() for other in others)]

    def missing_columns(self, present: Mapping[str, object]) -> list[str]:
        """Which columns of the mapping does a table with these headers lack?  Optional ones may be absent."""
        values = self._values(present)
        needed = [c for c in self._required() if c.partition(".")[0] not in values]
        return list(dict.fromkeys(needed))

    def _required(self) -> Iterator[str]:
        for spec in self.entities.values():
            for value in (*(s.spec for s in spec.setters), spec.written, spec.key):
                if value is not None and value.required:
                    yield from value.columns()[:1]

    def _values(self, values: Mapping[str, object]) -> Mapping[str, object]:
        if not self.aliases:
            return values
        renamed = dict(values)
        for column, others in self.aliases.items():
            if column not in renamed:
                for other in others:
                    if other in renamed:
                        renamed[column] = renamed[other]
                        break
        return renamed

    def draft(self, record: Record) -> Draft:
        """Return what a record means; raises `RejectedRecordError` when a required value is missing or wrong."""
        values = self._values(record.values)
        draft = Draft(record, self._row_key(values, record))
        made: dict[str, list[tuple[int, int, Context]]] = {}
        for alias, spec in self.entities.items():
            made[alias] = []
            try:
                contexts = spec.items(values)
            except ValueRejectError as error:
                draft.reject(error.column, error.value, str(error))
                continue
            for number, context in enumerate(contexts):
                entity = self._entity(spec, number, context, draft)
                if entity is not None:
                    made[alias].append((len(draft.entities), number, context))
                    draft.entities.append(entity)
                    _add_names(spec, entity, context, draft)
        self._employers(draft, made)
        for link in self.links:
            _add_links(link, self.entities, made, draft)
        return draft

    def _row_key(self, values: Mapping[str, object], record: Record) -> str:
        if self.row_key:
            context = Context(values)
            parts = [plain_text(spec.raw(context)) for spec in self.row_key]
            if not any(parts):
                raise RejectedRecordError(self.row_key[0].column, "", "行键为空")
            return "|".join(part.replace("|", "/") for part in parts)[:200]
        content = "\x1f".join(f"{name}={plain_text(value)}" for name, value in record.values.items())
        return sha256(content.encode("utf-8", "replace")).hexdigest()[:32]

    def _entity(self, spec: _EntitySpec, number: int, context: Context, draft: Draft) -> Entity | None:
        entity = Entity(spec.node, f"{spec.alias}{number + 1}" if spec.each or spec.alias else str(number + 1))
        entity.labels, entity.reference, entity.optional = spec.labels, spec.reference, spec.optional
        try:
            if spec.key is not None:
                entity.key = _converted_key(spec.key, context)
                entity.column = spec.key.column
                if not entity.key:
                    return None
            if spec.written is not None:
                entity.written = spec.written.text(context)
                entity.column = spec.written.column
                if not entity.written:
                    return None
                _check_written(spec, entity.written)
            entity.hint = spec.hint.text(context) if spec.hint is not None else ""
            entity.own = "|".join(s.text(context).replace("|", "/") for s in spec.own)
            if spec.own and not entity.own.strip("|") and not entity.written:
                return None
            entity.own = entity.own if entity.own.strip("|") else ""
            entity.labels += tuple(name for name, value in spec.second.items() if value.texts(context))
        except ValueRejectError as error:
            if error.value == "" and not _is_required(spec):
                return None
            if _is_required(spec):
                raise RejectedRecordError(error.column, _public(spec, error), str(error)) from error
            draft.reject(error.column, error.value, str(error))
            return None
        if not spec.reference:
            _fill(entity.properties, spec.setters, spec.node.label, context, draft)
            _fill_dates(entity.properties, spec.period, spec.issued, context, draft)
            _name_keys(spec, entity)
        return entity

    def _employers(self, draft: Draft, made: Mapping[str, list[tuple[int, int, Context]]]) -> None:
        for alias, spec in self.entities.items():
            for employer in spec.employers:
                # Two lists (people; their units) walk side by side, one unit serves all people of a row.
                same_list = spec.each is not None and self.entities[employer].each is not None
                for index, number, _ in made[alias]:
                    draft.entities[index].employers += [
                        other for other, position, _ in made[employer] if not same_list or position == number
                    ]


def load_mapping(path: Path) -> TableMapping:
    """Read a mapping file; raises `InputError` saying what in it is wrong."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"读不到映射文件 {path}", hint="映射是 UTF-8 的 TOML 文件，用 zhiku mapping list 看自带的") from error
    return parse_mapping(text, path.stem)


def parse_mapping(text: str, name: str) -> TableMapping:
    """Compile the text of a mapping; raises `InputError`."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"映射 {name} 不是正确的 TOML：{error}") from error
    return TableMapping(table, text, name)


def shipped_mappings() -> dict[str, Path]:
    """Which mappings come with the program?  Name → file."""
    folder = Path(str(resources.files("ingest") / "mappings"))
    return {path.stem: path for path in sorted(folder.glob("*.toml"))}


def _known(table: Mapping[str, object], known: set[str], place: str) -> None:
    unknown = set(table) - known
    if unknown:
        raise InputError(
            f"映射的 {place} 有不认识的项：{'、'.join(sorted(unknown))}", hint=f"可用：{'、'.join(sorted(known))}"
        )


def _optional(table: Mapping[str, object], name: str, place: str) -> ValueSpec | None:
    return ValueSpec(table[name], f"{place}.{name}") if name in table else None


def _list(value: object) -> list[object]:
    if value is None:
        return []
    return cast(list[object], value) if isinstance(value, list) else [value]


def _mapping(value: object) -> Mapping[str, object]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise InputError("映射中应为一个表的地方写了别的东西")
    return cast(Mapping[str, object], value)


def _value_part(table: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in table.items() if name not in {"kind", "lang", "script"}}


def _setters(table: Mapping[str, object], known: Mapping[str, Property], place: str) -> list[_Setter]:
    setters: list[_Setter] = []
    for name, spec in table.items():
        if name not in known:
            raise InputError(f"映射的 {place}：图模型中没有属性 {name}", hint=f"可用：{'、'.join(known)}")
        setters.append(_Setter(known[name], ValueSpec(spec, f"{place}.{name}")))
    return setters


def _is_required(spec: _EntitySpec) -> bool:
    return any(value is not None and value.required for value in (spec.key, spec.written))


def _public(spec: _EntitySpec, error: ValueRejectError) -> object:
    hidden = {c for s in spec.setters if s.prop.restricted for c in s.spec.columns()}
    return "（受限字段，不显示）" if error.column in hidden else error.value


def _converted_key(spec: ValueSpec, context: Context) -> str:
    text = spec.text(context)
    if not text or spec.convert is None:
        return text
    try:
        return str(spec.convert(text))
    except InputError as error:
        raise ValueRejectError(spec.column, text, error.message) from error


def _check_written(spec: _EntitySpec, written: str) -> None:
    assert spec.written is not None
    if len(written) > LONGEST_NAME:
        raise ValueRejectError(spec.written.column, written, f"名称长达 {len(written)} 字，超过上限 {LONGEST_NAME}")
    if spec.node.label == "Person" and not name_key(written):
        raise ValueRejectError(spec.written.column, written, "看不出姓名")
    if spec.node.label == "Organisation" and not fold(written):
        raise ValueRejectError(spec.written.column, written, "看不出机构名称")


def _name_keys(spec: _EntitySpec, entity: Entity) -> None:
    if not entity.written:
        return
    if spec.node.label == "Person":
        entity.properties.setdefault("name", entity.written)
        entity.properties["name_key"] = name_key(entity.written)
    elif spec.node.label == "Organisation" and spec.register:
        entity.properties.setdefault("name", entity.written)
        entity.properties["name_key"] = fold(entity.written)


def _fill(
    target: dict[str, Value], setters: list[_Setter], owner: str, context: Context, draft: Draft
) -> None:
    for setter in setters:
        try:
            value = setter.spec.value(context, setter.prop)
            if value is None:
                continue
            check_value(owner, setter.prop, value)
            target[setter.prop.name] = cast(Value, value)
        except ValueRejectError as error:
            if setter.spec.required:
                raise RejectedRecordError(error.column, error.value, str(error)) from error
            shown = "（受限字段，不显示）" if setter.prop.restricted else error.value
            draft.reject(error.column, shown, str(error))
        except InputError as error:
            draft.reject(setter.spec.column, "", error.message)


def _fill_dates(
    target: dict[str, Value], period: list[ValueSpec], issued: ValueSpec | None, context: Context, draft: Draft
) -> None:
    ends = [(spec, spec.raw(context)) for spec in period]
    for number, (spec, raw) in enumerate(ends):
        if raw is None or raw == "":
            continue
        try:
            found = parse_period(raw)
            single = len(ends) > 1 or _is_day(raw)
        except InputError as error:
            draft.reject(spec.column, raw, error.message)
            continue
        if number == 0:
            _put(target, valid_from=found.valid_from, valid_from_precision=found.from_precision)
        # One column with one date says when something began, not that it lasted a day.
        if number == 1 or not single:
            _put(target, valid_to=found.valid_to, valid_to_precision=found.to_precision)
    if issued is not None and (raw := issued.raw(context)) not in (None, ""):
        try:
            found = parse_period(raw)
        except InputError as error:
            draft.reject(issued.column, raw, error.message)
            return
        _put(target, issued_on=found.valid_from, issued_precision=found.from_precision)
        if found.valid_from:
            target.setdefault("year", int(found.valid_from[:4]))


def _is_day(raw: object) -> bool:
    try:
        parse_day(raw)
    except InputError:
        return False
    return True


def _put(target: dict[str, Value], **values: str | None) -> None:
    target.update({name: value for name, value in values.items() if value})


def _add_names(spec: _EntitySpec, entity: Entity, context: Context, draft: Draft) -> None:
    owner = len(draft.entities) - 1
    seen = {fold(entity.written)}
    for table, value in spec.names:
        try:
            texts = value.texts(context)
        except ValueRejectError as error:
            draft.reject(error.column, error.value, str(error))
            continue
        for text in texts:
            if len(text) > LONGEST_NAME or fold(text) in seen:
                continue
            seen.add(fold(text))
            properties: dict[str, Value] = {"text": text, "text_key": fold(text)}
            properties.update({name: str(table[name]) for name in ("kind", "lang", "script") if name in table})
            draft.links.append(Link(RELATIONSHIP_BY_NAME["HAS_NAME"], owner, len(draft.entities)))
            draft.entities.append(Entity(NODE_BY_LABEL["Name"], f"{entity.position}/{text}", own=draft.row_key, properties=properties))


def _add_links(
    spec: _LinkSpec,
    entities: Mapping[str, _EntitySpec],
    made: Mapping[str, list[tuple[int, int, Context]]],
    draft: Draft,
) -> None:
    for start, start_number, start_context in made[spec.start]:
        for end, end_number, end_context in made[spec.end]:
            if start == end or (spec.paired and start_number != end_number):
                continue
            context = start_context if start_context.item is not None else end_context
            try:
                if spec.when is not None and not spec.when.texts(context):
                    continue
                key = _converted_key(spec.key, context) if spec.key is not None else ""
            except ValueRejectError as error:
                draft.reject(error.column, error.value, str(error))
                continue
            link = Link(spec.type, start, end, key, mention=spec.type.name in MENTIONS)
            _fill(link.properties, spec.setters, spec.type.name, context, draft)
            _fill_dates(link.properties, spec.period, None, context, draft)
            if link.mention:
                link.key = draft.entities[start].position
                link.properties["name_as_written"] = draft.entities[start].written
                if entities[spec.start].each is not None:
                    link.properties.setdefault("position", start_number + 1)
            draft.links.append(link)


__all__ = ["TableMapping", "Reject", "load_mapping", "parse_mapping", "shipped_mappings"]
