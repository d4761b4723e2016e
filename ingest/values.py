"""How a mapping takes one value out of a record: where from, how cut, translated and converted. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final, cast

from graph.dates import parse_day
from graph.errors import InputError
from graph.identity import doi, orcid, region_code, ror, uscc
from graph.model import Kind, Property

Values = Mapping[str, object]

_KNOWN: Final = {
    "from", "const", "template", "map", "otherwise", "split", "as", "times", "default", "required", "remove", "pattern",
}  # fmt: skip
_FIELD: Final = re.compile(r"\{([^{}]+)\}")
_SPACE: Final = re.compile(r"[\s\u3000]+")
_YES: Final = {"是", "有", "真", "1", "yes", "true", "y", "t", "√", "对"}
_NO: Final = {"否", "无", "假", "0", "no", "false", "n", "f", "×", "不是"}


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
        elif isinstance(value, list) and part.isdigit():
            items = cast(list[object], value)
            value = items[int(part)] if int(part) < len(items) else None
        else:
            return None
    return value


def plain_text(value: object) -> str:
    """Return a cell as text: trimmed, inner white space as one space, whole floats without their point."""
    if value is None:
        return ""
    if isinstance(value, str):
        return _SPACE.sub(" ", value).strip()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat(sep=" ")
    if isinstance(value, list):
        return "；".join(plain_text(item) for item in cast(list[object], value))
    return str(value)


class ValueSpec:
    """One value as a mapping describes it: `"column"` or a table with from / const / template, map, split, as, …"""

    def __init__(self, spec: object, place: str) -> None:
        table = _table(spec, place)
        unknown = set(table) - _KNOWN
        if unknown:
            raise InputError(f"映射的 {place} 有不认识的项：{'、'.join(sorted(unknown))}", hint=f"可用：{'、'.join(sorted(_KNOWN))}")
        sources = table.get("from", [])
        self.sources: list[str] = [sources] if isinstance(sources, str) else [str(s) for s in cast(list[object], sources)]
        self.const: object = table.get("const")
        self.template: str = str(table.get("template", ""))
        self.required = bool(table.get("required", False))
        self.default: object = table.get("default")
        self.translate = {str(k): v for k, v in cast(Mapping[str, object], table.get("map", {})).items()}
        self.otherwise = str(table.get("otherwise", "keep"))
        self.split = _pattern(table.get("split"), place)
        self.remove = _pattern(table.get("remove"), place)
        self.pattern = _pattern(table.get("pattern"), place)
        self.times = Decimal(str(table.get("times", 1)))
        self.convert = _conversion(str(table.get("as", "")), place)
        if not (self.sources or self.template or self.const is not None):
            raise InputError(f"映射的 {place} 没有说值从哪里来", hint="写 from、template 或 const")
        if self.otherwise not in {"keep", "drop", "reject"}:
            raise InputError(f"映射的 {place}：otherwise 只能是 keep、drop、reject")

    def columns(self) -> list[str]:
        """Which columns does it read?  (Paths into an item are none.)"""
        named = [*self.sources, *_FIELD.findall(self.template)]
        return [name for name in named if not name.startswith(".")]

    @property
    def column(self) -> str:
        """The column to name when the value is rejected."""
        return (self.columns() or self.sources or _FIELD.findall(self.template) or [""])[0]

    def raw(self, context: Context) -> object:
        """Return the first source that is not empty, before any conversion."""
        if self.const is not None:
            return self.const
        if self.template:
            parts = {name: plain_text(context.look(name)) for name in _FIELD.findall(self.template)}
            if not any(parts.values()):
                return None
            return _FIELD.sub(lambda found: parts[found[1]], self.template).strip()
        for source in self.sources:
            value = context.look(source)
            if value is not None and value != "" and value != []:
                return value
        return None

    def texts(self, context: Context) -> list[str]:
        """Return the value as a list of texts: split, trimmed, translated, without repeats."""
        raw = self.raw(context)
        if raw is None:
            raw = self.default
        if raw is None:
            return []
        if isinstance(raw, list):
            pieces = [plain_text(item) for item in cast(list[object], raw)]
        else:
            pieces = [plain_text(raw)]
        if self.split is not None:
            pieces = [part for piece in pieces for part in self.split.split(piece)]
        cleaned: dict[str, None] = {}
        for piece in pieces:
            text = self._cleaned(piece)
            if text:
                cleaned.setdefault(text)
        return list(cleaned)

    def text(self, context: Context) -> str:
        """Return the value as one text, "" when there is none; raises `ValueRejectError`."""
        raw = self.raw(context)
        text = self._cleaned(plain_text(raw)) if raw is not None else ""
        if not text and self.default is not None:
            text = plain_text(self.default)
        if not text and self.required:
            raise ValueRejectError(self.column, "", "必填项为空")
        return text

    def _cleaned(self, piece: str) -> str:
        text = _SPACE.sub(" ", self.remove.sub("", piece)).strip() if self.remove else piece.strip()
        if not text:
            return ""
        if self.translate:
            if text in self.translate:
                return plain_text(self.translate[text])
            if self.otherwise == "drop":
                return ""
            if self.otherwise == "reject":
                raise ValueRejectError(self.column, piece, f"不在可接受的值之内（{'、'.join(list(self.translate)[:8])}…）")
        if self.pattern and not self.pattern.fullmatch(text):
            raise ValueRejectError(self.column, piece, "格式不符合要求")
        return text

    def value(self, context: Context, prop: Property) -> object:
        """Return the value as the property's kind wants it, None when there is none; raises `ValueRejectError`."""
        if prop.kind is Kind.TEXTS:
            texts = self.texts(context)
            if not texts and self.required:
                raise ValueRejectError(self.column, "", "必填项为空")
            return [t for t in (str(self._converted(text, prop)) for text in texts) if t] or None
        if prop.kind is Kind.DATE or (self.convert is _as_first_day and self.const is None):
            raw = self.raw(context)
            return _guarded(self.column, raw, _as_first_day) if raw not in (None, "") else None
        text = self.text(context)
        return self._converted(text, prop) if text else None

    def _converted(self, text: str, prop: Property) -> object:
        convert = self.convert or _BY_KIND.get(prop.kind, _as_text)
        if prop.kind in (Kind.INTEGER, Kind.NUMBER) and self.convert is None:
            return _guarded(self.column, text, lambda t: _as_number(t, self.times, whole=prop.kind is Kind.INTEGER))
        return _guarded(self.column, text, convert)


def _guarded(column: str, value: object, convert: Callable[[Any], object]) -> object:
    try:
        return convert(value)
    except InputError as error:
        raise ValueRejectError(column, value, error.message) from error


def _table(spec: object, place: str) -> Mapping[str, object]:
    if isinstance(spec, str):
        return {"from": spec}
    if isinstance(spec, Mapping):
        return cast(Mapping[str, object], spec)
    return {"const": spec} if isinstance(spec, bool | int | float) else _wrong(place)


def _wrong(place: str) -> Mapping[str, object]:
    raise InputError(f"映射的 {place} 应是列名或一个表")


def _pattern(value: object, place: str) -> re.Pattern[str] | None:
    if value is None:
        return None
    try:
        return re.compile(str(value))
    except re.error as error:
        raise InputError(f"映射的 {place} 的正则表达式不对：{error}") from error


def _as_text(text: str) -> str:
    return text


def _as_number(text: str, times: Decimal, *, whole: bool) -> int | float:
    cleaned = text.replace(",", "").replace("，", "").strip()
    try:
        number = Decimal(cleaned) * times
    except InvalidOperation as error:
        raise InputError("不是数字") from error
    if not number.is_finite() or abs(number) > Decimal(10) ** 15:
        raise InputError("数字超出范围")
    return round(number) if whole else float(number)


def _as_year(text: str) -> int:
    return int(parse_day(text).first[:4])


def _as_flag(text: str) -> bool:
    lowered = text.strip().lower()
    if lowered in _YES:
        return True
    if lowered in _NO:
        return False
    raise InputError("看不出是或否")


def _as_first_day(value: object) -> str:
    return parse_day(value).first


def _as_bare_url(text: str) -> str:
    if not re.match(r"https?://[^\s<>\"']+\Z", text):
        raise InputError("不是 http 或 https 网址")
    return text


_BY_KIND: Final[dict[Kind, Callable[[str], object]]] = {Kind.FLAG: _as_flag, Kind.DATE: _as_first_day}
_CONVERSIONS: Final[dict[str, Callable[[Any], object]]] = {
    "year": _as_year,
    "date": _as_first_day,
    "flag": _as_flag,
    "doi": doi,
    "orcid": orcid,
    "ror": ror,
    "uscc": uscc,
    "region": region_code,
    "url": _as_bare_url,
}


def _conversion(name: str, place: str) -> Callable[[Any], object] | None:
    if not name:
        return None
    if name not in _CONVERSIONS:
        raise InputError(f"映射的 {place}：不认识 as = \"{name}\"", hint=f"可用：{'、'.join(_CONVERSIONS)}")
    return _CONVERSIONS[name]
