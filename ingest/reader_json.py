"""JSON Lines: one object a line; numbers, depth and characters that the stores cannot hold are rejects."""

import json
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import cast

from graph.errors import InputError

from .reader_records import Limits, Place, Record, Unreadable
from .reader_text import Encoding, Lines, decoded, drain, find_encoding, open_bytes

# So many digits always fit into 64 bits.
_LONGEST_NUMBER = 18


def read_jsonl(path: Path, encoding: Encoding, limits: Limits) -> Iterator[Record | Unreadable]:
    """Give the objects of a JSON Lines file."""
    place = Place(path.name)
    encoded = find_encoding(path, encoding)
    empty = True
    with open_bytes(path) as raw, decoded(raw, encoded, newline="\n") as stream:
        lines = Lines(place, stream, limits, damaged=encoded.damaged)
        for line in lines:
            if lines.rejects:
                yield from drain(lines)
            lines.taken.clear()
            text = line.strip(" \t\r\n\ufeff")
            if not text:
                continue
            if empty and (text == "[" or text.startswith("[{")):
                raise InputError(f"{place}是一个 JSON 数组，不是 JSON Lines", hint="请改成每行一个对象，不要外层方括号")
            empty = False
            value = _decoded(text)
            if isinstance(value, str):
                yield place.unreadable(lines.number, value, text)
            else:
                yield Record(place.file, "", lines.number, value)
        empty = empty and not lines.rejects
        yield from drain(lines)
    if empty:
        raise InputError(f"{place}里没有可读的内容", hint="请检查是否选对了文件")


def _decoded(text: str) -> dict[str, object] | str:
    """Return the object of a line, or why it has none."""
    try:
        value: object = _DECODE(text)
    except RecursionError:
        return "嵌套太深"
    except json.JSONDecodeError as error:
        return f"不是有效的 JSON：第 {error.pos + 1} 个字符附近"
    except ValueError as error:
        return str(error) if isinstance(error, _NumberError) else "数字太长"
    if not isinstance(value, dict):
        return "这一行不是 JSON 对象"
    found = cast("dict[str, object]", value)
    return (_ESCAPED.search(text) and _bad_text(found)) or found


def _bad_text(value: dict[str, object]) -> str:
    text = "".join(_strings(value))
    try:
        text.encode()
    except UnicodeEncodeError:
        return "含有不完整的 Unicode 字符（\\ud800 之类）"
    return "含有空字符（NUL）" if "\0" in text else ""


def _strings(value: object) -> Iterator[str]:
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            pairs = cast("dict[str, object]", item)
            waiting.extend(pairs)
            waiting.extend(pairs.values())
        elif isinstance(item, list):
            waiting.extend(cast("list[object]", item))


class _NumberError(ValueError):
    """A number that JSON or the stores cannot hold."""


def _refuse(name: str) -> float:
    raise _NumberError(f"含有 {name}，不是有效的 JSON 数值")


def _integer(text: str) -> int:
    if len(text) > _LONGEST_NUMBER:
        number = int(text)
        if not -(2**63) <= number < 2**63:
            raise _NumberError("整数太大（超过 64 位）")
        return number
    return int(text)


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise _NumberError("数值太大")
    return number


_DECODE = json.JSONDecoder(parse_constant=_refuse, parse_int=_integer, parse_float=_finite).decode
_ESCAPED = re.compile(r"\\u(?:[dD][89a-fA-F]|0000)")
