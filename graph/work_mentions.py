"""What each person did in a work: the mentions, and the short form in which the text index keeps them with the work."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

MentionType = Literal["AUTHORED", "LED", "PARTICIPATED_IN"]
_TYPES: Final[dict[str, MentionType]] = {"A": "AUTHORED", "L": "LED", "P": "PARTICIPATED_IN"}
_NOTHING: Final = (None, None, None)


@dataclass(frozen=True, slots=True)
class Mention:
    """One AUTHORED, LED or PARTICIPATED_IN relationship; the same one may come from two sources."""

    type: MentionType
    position: int | None
    corresponding: bool | None
    role: str | None


def packed_mentions(of_people: Iterable[Iterable[Mention]]) -> str:
    """Return the mentions of each person of a work as one JSON text, which holds no control character."""
    packed = [sorted({_packed(mention) for mention in mentions}) for mentions in of_people]
    return "[" + ",".join("[" + ",".join(each) + "]" for each in packed) + "]"


def unpacked_mentions(packed: str, place: int) -> Sequence[Mention]:
    """Return the mentions of the person at this place among the people of the work."""
    found = json.loads(packed)[place] if packed else ()
    return [Mention(_TYPES[kind], *facts, *_NOTHING[len(facts) :]) for kind, *facts in found]


def _packed(mention: Mention) -> str:
    facts = [mention.type[0], mention.position, mention.corresponding, mention.role]
    while facts[-1] is None:
        facts.pop()
    return json.dumps(facts, ensure_ascii=False, separators=(",", ":"))
