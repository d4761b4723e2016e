"""How a mapping takes one value out of a record: where from, how cut, translated and converted. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, DecimalException
from functools import partial
from typing import Any, Final, cast

from graph.errors import InputError
from graph.model import Kind, Property
from ingest.conversions import BY_KIND, CONVERSIONS, as_first_day, as_last_day, as_number, as_text
from ingest.toml_tables import choice_of, flag_of, known_only, list_of, table_of, text_of, texts_of

Values = Mapping[str, object]

_KNOWN: Final = (
    "from", "const", "template", "map", "otherwise", "split", "remove", "find", "pattern", "as", "times", "default",
    "required",
)  # fmt: skip
_FIELD: Final = re.compile(r"\{([^{}]+)\}")
_SPACE: Final = re.compile(r"[\s\u3000]+")


class ValueRejectError(Exception):
    """This value cannot be taken; the reason is a Chinese sentence."""

    def __init__(self, column: str, value: object, reason: str) -> None:
        super().__init__(reason)
        self.column, self.value, self.reason = column, value, reason


@dataclass(frozen=True, slots=True)
class Context:
    """A record's values and, inside an `each`, the item."""

    values: Values
    item: object = None

    def look(self, path: str) -> object:
        """Return what stands at a column name or dotted path; a leading dot means the item. None when absent."""
        if path.startswith("."):
            return self.item if path == "." else _descend(self.item, path[1:])
        if path in self.values:
            return self.values[path]
        return _descend(self.values, path)


def _descend(value: object, path: str) -> object:
    for part in path.split("."):
        if isinstance(value, Mapping):
            value = cast(Mapping[str, object], value).get(part)
        elif isinstance(value, list) and part.isdecimal():
            items = cast(list[object], value)
            value = items[int(part)] if len(part) < 10 and int(part) < len(items) else None
        else:
            return None
    return value


def plain_text(value: object) -> str:
    """Return a cell as text: trimmed, inner white space as one space, whole floats without their point.

    A list becomes its members with "；" between. Raises `InputError` for an object, or a list in a list: they are no
    value.
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return " ".join(value.split())
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat(sep=" ")
    if isinstance(value, list):
        items = cast(list[object], value)
        if not any(isinstance(item, list) for item in items):
            return "；".join(plain_text(item) for item in items)
    if isinstance(value, list | Mapping):
        raise InputError("这里是嵌套的列表或对象，不是一个值")
    return str(value)


class ValueSpec:
    """One value as a mapping describes it: `"column"` or a table with from / const / template, map, split, as, …

    Raises `InputError` when the description is wrong.
    """

    def __init__(self, spec: object, place: str) -> None:
        table = _table(spec, place)
        known_only(table, _KNOWN, f" {place} ")
        self.sources = texts_of(table, "from", f" {place} ")
        self.const: object = _scalar(table, "const", place)
        self.template = text_of(table, "template", f" {place} ")
        self.required = flag_of(table, "required", f" {place} ")
        self.default: object = _scalar(table, "default", place)
        translate = table_of(table.get("map"), f" {place}.map ")
        self.translate = {key: plain_text(_scalar(translate, key, place)) for key in translate}
        self.otherwise = choice_of(table, "otherwise", f" {place} ", ("keep", "drop", "reject"), "keep")
        self.split = _pattern(table, "split", place)
        self.remove = _pattern(table, "remove", place)
        self.find = _pattern(table, "find", place)
        self.pattern = _pattern(table, "pattern", place)
        self.times = _factor(table, place)
        self.convert = _conversion(text_of(table, "as", f" {place} "), place)
        if not (self.sources or self.template or self.const is not None):
            raise InputError(f"映射的 {place} 没有说值从哪里来", hint="写 from、template 或 const")
        self._as_it_stands = not (self.remove or self.find or self.translate or self.pattern)
        self._constant: str | None = None
        named = [*self.sources, *_FIELD.findall(self.template)]
        self.paths: Final = tuple(named)
        """Columns and item paths it reads."""
        self.column: Final = next((n for n in named if not n.startswith(".")), named[0] if named else "")
        """The column to name when the value is rejected."""
        if self.const is not None and self._as_it_stands:
            self._constant = self.text(Context({}))

    def columns(self) -> list[str]:
        """Which columns does it read?  (Paths into an item are none.)"""
        return [name for name in self.paths if not name.startswith(".")]

    def raw(self, context: Context) -> object:
        """Return the first source that is not empty, before any conversion; raises `ValueRejectError`."""
        if self.const is not None:
            return self.const
        if self.template:
            parts = {name: self._plain(context.look(name)) for name in _FIELD.findall(self.template)}
            if not any(parts.values()):
                return None
            return _FIELD.sub(lambda found: parts[found[1]], self.template).strip()
        for source in self.sources:
            value = context.look(source)
            if value not in (None, "", []):
                return value
        return None

    def pieces(self, context: Context) -> list[object]:
        """Return the members of a list, empty ones kept: what stands beside them in another list has their number."""
        raw = self.raw(context)
        if raw is None:
            return []
        if isinstance(raw, Mapping):
            return [cast(object, raw)]
        if isinstance(raw, list) and self.split is None:
            return cast(list[object], raw)
        text = self._plain(cast(object, raw))
        parts = self.split.split(text) if self.split is not None else [text]
        return [self._cleaned(part or "") for part in parts]

    def texts(self, context: Context) -> list[str]:
        """Return the value as a list of texts: split, trimmed, translated, without repeats."""
        raw = self.raw(context)
        if raw is None:
            raw = self.default
        if raw is None:
            return []
        pieces = [self._plain(item) for item in list_of(raw)]
        if self.split is not None:
            pieces = [part or "" for piece in pieces for part in self.split.split(piece)]
        return list(dict.fromkeys(text for piece in pieces if (text := self._cleaned(piece))))

    def text(self, context: Context) -> str:
        """Return the value as one text, "" when there is none; raises `ValueRejectError`."""
        if self._constant is not None:
            return self._constant
        raw = self.raw(context)
        text = self._cleaned(self._plain(raw)) if raw is not None else ""
        if not text and self.default is not None:
            text = plain_text(self.default)
        if not text and self.required:
            raise ValueRejectError(self.column, "", "必填项为空")
        return text

    def written(self, context: Context) -> object:
        """Return a date as it stands in its cell (a day, a number, or text as cleaned), None when empty."""
        raw = self.raw(context)
        if isinstance(raw, str | list | Mapping) or raw is None:
            return self.text(context) or None
        return raw

    def value(self, context: Context, prop: Property) -> object:
        """Return the value as the property's kind wants it, None when there is none; raises `ValueRejectError`."""
        if prop.kind is Kind.TEXTS:
            texts = self.texts(context)
            if not texts and self.required:
                raise ValueRejectError(self.column, "", "必填项为空")
            return [t for t in (str(self._converted(text, prop)) for text in texts) if t] or None
        if prop.kind is Kind.DATE or self.convert is as_first_day:
            raw = self.written(context)
            convert = as_last_day if self.convert is as_last_day else as_first_day
            return None if raw is None else _guarded(self.column, raw, convert)
        text = self.text(context)
        return self._converted(text, prop) if text else None

    def key(self, context: Context) -> str:
        """Return the value as a key: one text, converted if the mapping says so; raises `ValueRejectError`."""
        text = self.text(context)
        return str(_guarded(self.column, text, self.convert)) if text and self.convert else text

    def _converted(self, text: str, prop: Property) -> object:
        if prop.kind in (Kind.INTEGER, Kind.NUMBER) and self.convert is None:
            return _guarded(self.column, text, partial(as_number, times=self.times, whole=prop.kind is Kind.INTEGER))
        return _guarded(self.column, text, self.convert or BY_KIND.get(prop.kind, as_text))

    def _plain(self, value: object) -> str:
        if isinstance(value, str):
            return " ".join(value.split())
        return cast(str, _guarded(self.column, value, plain_text))

    def _cleaned(self, piece: str) -> str:
        if self._as_it_stands:
            return " ".join(piece.split())
        text = self.remove.sub("", piece) if self.remove else piece
        if self.find is not None:
            found = self.find.search(text)
            text = "" if found is None else next(filter(None, found.groups()), "") if self.find.groups else found[0]
        text = _SPACE.sub(" ", text).strip()
        if not text:
            return ""
        if self.translate:
            if text in self.translate:
                return self.translate[text]
            if self.otherwise == "drop":
                return ""
            if self.otherwise == "reject":
                accepted = list(self.translate)
                shown = "、".join(accepted[:8]) + "…" * (len(accepted) > 8)
                raise ValueRejectError(self.column, piece, f"不在可接受的值之内（{shown}）")
        if self.pattern and not self.pattern.fullmatch(text):
            raise ValueRejectError(self.column, piece, "格式不符合要求")
        return text


def _guarded(column: str, value: object, convert: Callable[[Any], object]) -> object:
    try:
        return convert(value)
    except InputError as error:
        raise ValueRejectError(column, value, error.message) from error


def _table(spec: object, place: str) -> Mapping[str, object]:
    if isinstance(spec, str):
        return {"from": spec}
    if isinstance(spec, bool | int | float):
        return {"const": spec}
    if isinstance(spec, Mapping):
        return cast(Mapping[str, object], spec)
    raise InputError(f"映射的 {place} 应是列名或一个表")


def _scalar(table: Mapping[str, object], name: str, place: str) -> object:
    value = table.get(name)
    if isinstance(value, list | Mapping):
        raise InputError(f"映射的 {place}：{name} 应是一个值")
    return cast(object, value)


def _pattern(table: Mapping[str, object], name: str, place: str) -> re.Pattern[str] | None:
    if name not in table:
        return None
    try:
        return re.compile(text_of(table, name, f" {place} "))
    except (re.error, OverflowError, RecursionError) as error:
        raise InputError(f"映射的 {place}：{name} 的正则表达式不对（{error}）") from error


def _factor(table: Mapping[str, object], place: str) -> Decimal:
    value = table.get("times", 1)
    try:
        factor = Decimal(str(value))
    except DecimalException:
        factor = Decimal("NaN")
    if isinstance(value, bool) or not factor.is_finite():
        raise InputError(f"映射的 {place}：times 应是一个数")
    return factor


def _conversion(name: str, place: str) -> Callable[[Any], object] | None:
    if not name:
        return None
    if name not in CONVERSIONS:
        raise InputError(f'映射的 {place}：不认识 as = "{name}"', hint=f"可用：{'、'.join(CONVERSIONS)}")
    return CONVERSIONS[name]
