"""What commands print: lines for people, JSON for programs, errors on stderr; all data as harmless text."""

from __future__ import annotations

import json
import os
import re
import sys
from io import TextIOWrapper
from typing import Final

# Terminal control: C0 and C1 (0x9B starts a sequence by itself), bidirectional overrides and marks that reorder or hide
# text (Unicode TR 9 and TR 36), line and paragraph separators, lone surrogates, byte order marks.
_UNSAFE: Final = "\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff"
_SURROGATES: Final = re.compile("[\ud800-\udfff]")
_CONTROLS: Final = re.compile(f"[{_UNSAFE}]")
_SPACES: Final = re.compile(r"[\t\n\r\x0b\x0c\x85\u2028\u2029]+")
_JSON_CONTROLS: Final = re.compile(f"[{_UNSAFE[_UNSAFE.index(chr(0x7F)) :]}]")


def plain(value: object) -> str:
    """Return a value as one line of text that cannot steer a terminal; None as nothing."""
    if value is None:
        return ""
    return _CONTROLS.sub("", _SPACES.sub(" ", str(value)))


def utf8_text(text: str) -> str:
    """Return text that can be written as UTF-8.

    Under a locale that is not UTF-8, Python hands the bytes of an argument over as lone surrogates: those are put
    together again; others (from JSON) become question marks.
    """
    if not _SURROGATES.search(text):
        return text
    try:
        return os.fsencode(text).decode("utf-8", "replace")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode("utf-8")


def utf8_streams() -> None:
    """Make stdout and stderr take Chinese under LANG=C too; what cannot be written becomes a question mark."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")


def say(*lines: str) -> None:
    """Print lines for a person on stdout."""
    sys.stdout.writelines(f"{plain(line)}\n" for line in lines)
    sys.stdout.flush()


def mark_fictional(fictional: bool) -> None:
    """Say, below a table, that some of it is sample data."""
    if fictional:
        say("※ 含虚构示例数据：其中的人物、单位和成果均不存在。")


def note(*lines: str) -> None:
    """Print lines beside the answer, on stderr."""
    sys.stdout.flush()
    sys.stderr.writelines(f"{plain(line)}\n" for line in lines)
    sys.stderr.flush()


def complain(message: str, hint: str | None = None) -> None:
    """Print an error the way all commands do: what happened, what to do."""
    note(f"错误：{message}", *([f"怎么办：{hint}"] if hint else []))


def json_text(value: object, *, indent: int | None = 2) -> str:
    """Return JSON; characters that would steer a terminal are written as escapes, so that the data stay the same."""
    text = json.dumps(value, ensure_ascii=False, indent=indent, default=str)
    return _JSON_CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def emit(value: object) -> None:
    """Print a JSON document on stdout."""
    sys.stdout.write(json_text(value) + "\n")


def percent(share: float) -> str:
    """Return a share between 0 and 1 as a whole percentage; what is above nothing never shows as 0 %."""
    return "<1%" if 0 < share < 0.005 else f"{share:.0%}"
