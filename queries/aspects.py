"""Of which parts does a demand consist?  Phrases of its text that are looked up one by one. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from graph.text import tokens

MOST_ASPECTS: Final = 6
_LONGEST_PHRASE: Final = 40
_READ: Final = 2_000
# Punctuation, and the particles that join two things in a title (与 和 及 的 …).
_CUTS: Final = re.compile(
    r"[\s,.;:!?()\[\]{}\"'，。；：！？、（）【】《》“”‘’/|·…—\-]+|以及|及其|与|和|及|或|的|对|在|为"
)
# Words of the form of a question, not of its matter.
_FRAME: Final = re.compile(
    r"^(?:关于|如何|怎样|怎么|什么|哪些|请|需要|希望|开展|进行|推动|加强|研究|分析)+"
    r"|(?:怎样|怎么|如何)+|(?:研究|分析|探讨|问题|对策|建议|方案|思考|情况|有关|相关|等)+$"
)


def aspects_of(texts: Iterable[str], *, most: int = MOST_ASPECTS) -> tuple[str, ...]:
    """Cut texts, the most important first, into at most `most` phrases that can be looked up; earlier texts first.

    A phrase is at least two Han characters or one word; one whose tokens all stand in another is left out. The first
    text that gives two phrases or more is enough. A single phrase comes back as it is.
    """
    found: dict[str, frozenset[str]] = {}
    for text in texts:
        for piece in _pieces(text[:_READ]):
            held = frozenset(tokens(piece))
            if all(len(token) < 2 for token in held) or any(held <= other for other in found.values()):
                continue
            found = {name: other for name, other in found.items() if not other < held}
            found[piece] = held
            if len(found) == most:
                break
        if len(found) >= 2:
            break
    return tuple(found)


def _pieces(text: str) -> Iterable[str]:
    if text.isascii():
        # The words of an English phrase belong together; only punctuation parts them.
        yield from (piece.strip()[:_LONGEST_PHRASE] for piece in re.split(r"[,.;:!?()\[\]\n]+| and ", text))
        return
    for piece in _CUTS.split(text):
        yield _FRAME.sub("", piece)[:_LONGEST_PHRASE]
