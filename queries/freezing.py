"""What makes frozen content citable: one canonical text for one content, and its SHA-256. Pure.

The text is JSON with the names of objects sorted by code point, no space between the parts, characters as they are
(UTF-8) and numbers in their shortest form that reads back the same: the rules of RFC 8785 (JSON Canonicalization
Scheme) but for the order of names beyond the basic plane and the exponents of very large or small numbers, of which
our contents have none.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import cast

from graph.errors import InputError


def canonical_json(content: object) -> str:
    """Return the one text of a content: equal contents give equal texts, whatever the order of their names.

    Raises `InputError` for what JSON cannot hold: numbers that are not finite, names that are not text, half
    characters.
    """
    _check_names(content)
    try:
        text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
        text.encode("utf-8")
    except (TypeError, ValueError) as error:
        raise InputError(f"内容不能冻结：有 JSON 装不下的值（{type(error).__name__}）") from None
    return text


def content_hash(text: str) -> str:
    """Return the SHA-256 of a canonical text (UTF-8), in 64 hexadecimal digits: what a panel cites."""
    return sha256(text.encode("utf-8")).hexdigest()


def _check_names(content: object) -> None:
    # json.dumps turns 1 and None into "1" and "null": two contents would have one text.
    if isinstance(content, dict):
        for name, value in cast("dict[object, object]", content).items():
            if not isinstance(name, str):
                raise InputError("内容不能冻结：名称不是文本")
            _check_names(value)
    elif isinstance(content, list | tuple):
        for value in cast("list[object]", content):
            _check_names(value)
