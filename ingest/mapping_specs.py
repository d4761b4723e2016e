"""The parts of a mapping, checked against the model when it is loaded: entities, links, what sets a property."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from graph.errors import InputError
from graph.model import (
    COMMON,
    NODE_BY_LABEL,
    RELATIONSHIP_BY_NAME,
    NodeType,
    Property,
    RelationshipType,
    check_value,
)
from ingest.toml_tables import Table, choice_of, flag_of, known_only, list_of, table_of, text_of, texts_of
from ingest.values import Context, ValueRejectError, ValueSpec

MENTIONS: Final = frozenset({"AUTHORED", "LED", "PARTICIPATED_IN"})
# Found again by something else than their own key, so that a mapping may refer to them.
_REFERABLE: Final = frozenset({"Organisation", "Region", "Topic"})
_ENTITY: Final = (
    "as", "type", "key", "own", "labels", "second", "each", "when", "written", "hint", "employers", "register",
    "reference", "optional", "set", "period", "issued", "names",
)  # fmt: skip
_LINK: Final = ("type", "start", "end", "key", "set", "period", "when")
_NAME_PARTS: Final = ("kind", "lang", "script")


@dataclass(frozen=True, slots=True)
class Setter:
    """A property and where its value comes from."""

    prop: Property
    spec: ValueSpec


@dataclass(frozen=True, slots=True)
class NameSpec:
    """Further names of a person or body: what they are, where they come from, whether their time stands behind them."""

    properties: dict[str, str]
    spec: ValueSpec
    dated: bool = False


class EntitySpec:
    """One `[[entity]]`; raises `InputError` for what the model does not know."""

    def __init__(self, table: Table, number: int) -> None:
        place = f"第 {number} 个 entity "
        known_only(table, _ENTITY, place)
        label = text_of(table, "type", place)
        node = NODE_BY_LABEL.get(label)
        if node is None or node.working or label == "Name":
            raise InputError(f"映射的{place}：图模型中没有可导入的类型 {label or '（未写）'}")
        self.node: NodeType = node
        self.alias = text_of(table, "as", place, label.lower())
        self.place = place = f" entity {self.alias} "
        self.key = _optional(table, "key", place)
        self.written = _optional(table, "written", place)
        self.hint = _optional(table, "hint", place)
        self.when = _optional(table, "when", place)
        self.each = _optional(table, "each", place)
        self.own = [ValueSpec(spec, f"{place.strip()}.own") for spec in list_of(table.get("own"))]
        self.labels = tuple(texts_of(table, "labels", place))
        self.employers = tuple(texts_of(table, "employers", place))
        self.register = flag_of(table, "register", place)
        self.reference = choice_of(table, "reference", place, ("", "key", "name"), "")
        self.optional = flag_of(table, "optional", place)
        second = table_of(table.get("second"), f"{place}.second ")
        self.second = {name: ValueSpec(spec, f"{place.strip()}.second") for name, spec in second.items()}
        self.setters = setters(table_of(table.get("set"), f"{place}.set "), node.by_name, place.strip())
        self.period = [ValueSpec(spec, f"{place.strip()}.period") for spec in list_of(table.get("period"))]
        self.issued = _optional(table, "issued", place)
        self.names = [_name(item, place) for item in list_of(table.get("names"))]
        self._check()

    @property
    def required(self) -> bool:
        """Is a record without it no record?"""
        return any(spec is not None and spec.required for spec in (self.key, self.written))

    def specs(self) -> Iterator[ValueSpec]:
        """All values it takes out of a record."""
        for spec in (self.key, self.written, self.hint, self.when, self.each, self.issued):
            if spec is not None:
                yield spec
        yield from (*self.own, *self.period, *self.second.values())
        yield from (*(s.spec for s in self.setters), *(n.spec for n in self.names))

    def hidden(self) -> Iterator[str]:
        """Which columns feed a restricted property?"""
        for setter in self.setters:
            if setter.prop.restricted:
                yield from setter.spec.paths

    def items(self, values: Mapping[str, object]) -> list[tuple[int, Context]]:
        """The contexts in which this entity is made, with their number in the list: one, or one an item of `each`."""
        base = Context(values)
        if self.when is not None and not self.when.texts(base):
            return []
        if self.each is None:
            return [(0, base)]
        pieces = self.each.pieces(base)
        return [(number, Context(values, piece)) for number, piece in enumerate(pieces) if piece not in ("", None)]

    def _check(self) -> None:
        label, place = self.node.label, self.place
        seconds = {second.label for second in self.node.seconds}
        for name in (*self.labels, *self.second):
            if name not in seconds:
                raise InputError(f"映射的{place}：{label} 没有附加标签 {name}")
        if self.reference and label not in _REFERABLE:
            raise InputError(f"映射的{place}：{label} 不能引用，只有 {'、'.join(sorted(_REFERABLE))} 可以")
        if self.reference == "key" and self.key is None:
            raise InputError(f'映射的{place}：reference = "key" 要写 key')
        if self.reference == "name" and self.written is None:
            raise InputError(f'映射的{place}：reference = "name" 要写 written')
        if label in {"Region", "Topic"} and self.key is None and not self.reference:
            raise InputError(f"映射的{place}：{label} 要写 key")
        if label in {"Person", "Organisation"} and self.written is None and not self.reference:
            raise InputError(f"映射的{place}：{label} 要写 written（名称）")
        if self.employers and label != "Person":
            raise InputError(f"映射的{place}：只有 Person 可写 employers")
        if (self.register and label != "Organisation") or (self.names and label not in {"Person", "Organisation"}):
            raise InputError(f"映射的{place}：{label} 不能写 {'register' if self.register else 'names'}")
        if self.period and "valid_from" not in self.node.by_name:
            raise InputError(f"映射的{place}：{label} 没有起止时间，不能写 period")
        if self.issued is not None and "issued_on" not in self.node.by_name:
            raise InputError(f"映射的{place}：{label} 没有发表日期，不能写 issued")
        if len(self.period) > 2:
            raise InputError(f"映射的{place}：period 最多两列")


class LinkSpec:
    """One `[[link]]`; raises `InputError` for what the model does not know."""

    def __init__(self, table: Table, number: int, entities: Mapping[str, EntitySpec]) -> None:
        place = f"第 {number} 个 link "
        known_only(table, _LINK, place)
        name = text_of(table, "type", place)
        relationship = RELATIONSHIP_BY_NAME.get(name)
        if relationship is None or relationship.working:
            raise InputError(f"映射的{place}：图模型中没有关系 {name or '（未写）'}")
        self.type: RelationshipType = relationship
        self.start, self.end = text_of(table, "start", place), text_of(table, "end", place)
        for alias in (self.start, self.end):
            if alias not in entities:
                raise InputError(f"映射的{place}（{name}）：没有名为 {alias or '（未写）'} 的 entity")
        start, end = entities[self.start], entities[self.end]
        if (start.node.label, end.node.label) not in relationship.ends:
            raise InputError(f"映射的{place}：关系 {name} 不能从 {start.node.label} 到 {end.node.label}")
        self.key = _optional(table, "key", place)
        self.when = _optional(table, "when", place)
        self.setters = setters(table_of(table.get("set"), f"{place}.set "), relationship.by_name, f"link {name}")
        self.period = [ValueSpec(spec, f"link {name}.period") for spec in list_of(table.get("period"))]
        if self.period and "valid_from" not in relationship.by_name:
            raise InputError(f"映射的{place}：关系 {name} 没有起止时间，不能写 period")
        if len(self.period) > 2:
            raise InputError(f"映射的{place}：period 最多两列")
        # A person goes with its employers, two lists from one place walk side by side, otherwise each goes with each.
        self.employment = self.end in start.employers
        self.paired = start.each is not None and end.each is not None and start.each.sources == end.each.sources
        self.numbered = start.each is not None

    @property
    def mention(self) -> bool:
        """Does it say who took part in a work?"""
        return self.type.name in MENTIONS

    def specs(self) -> Iterator[ValueSpec]:
        """All values it takes out of a record."""
        yield from (spec for spec in (self.key, self.when) if spec is not None)
        yield from (*self.period, *(s.spec for s in self.setters))


def setters(table: Table, known: Mapping[str, Property], place: str) -> list[Setter]:
    """Compile a `set` table; raises `InputError` for an unknown property or a constant that it cannot hold."""
    found: list[Setter] = []
    for name, value in table.items():
        prop = known.get(name)
        if prop is None:
            raise InputError(f"映射的 {place}：图模型中没有属性 {name}", hint=f"可用：{'、'.join(known)}")
        spec = ValueSpec(value, f"{place}.{name}")
        if spec.const is not None:
            _check_constant(spec, prop, place)
        found.append(Setter(prop, spec))
    return found


def common_setters(table: Table) -> list[Setter]:
    """Compile the `set` table of the whole mapping: what every node it makes carries."""
    return setters(table, {prop.name: prop for prop in COMMON}, "顶层 set")


def _check_constant(spec: ValueSpec, prop: Property, place: str) -> None:
    try:
        value = spec.value(Context({}), prop)
    except ValueRejectError as error:
        raise InputError(f"映射的 {place}.{prop.name}：const 不能用（{error}）") from error
    if value is not None:
        check_value(place, prop, value)


def _optional(table: Table, name: str, place: str) -> ValueSpec | None:
    return ValueSpec(table[name], f"{place.strip()}.{name}") if name in table else None


def _name(item: object, place: str) -> NameSpec:
    table = table_of(item, f"{place}.names ")
    described = {part: text_of(table, part, place) for part in _NAME_PARTS if part in table}
    rest = {name: value for name, value in table.items() if name not in (*_NAME_PARTS, "dated")}
    return NameSpec(described, ValueSpec(rest, f"{place.strip()}.names"), flag_of(table, "dated", f"{place}.names "))
