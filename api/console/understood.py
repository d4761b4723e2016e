"""How a question was understood, as the experts page shows it: each part with the address that acts on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple
from urllib.parse import urlencode

from api.service import Holdings
from queries.answers import ExpertsAnswer, ScorePart
from queries.bridging import BridgingAnswer, experts_between_fields
from queries.expansion import RELATION_WORDS
from queries.understood import NamedOrganisation, Understanding
from queries.words import parts_by_word

BETWEEN_TERMS: Final = "、"
BRIDGES_SHOWN: Final = 5


class Choice(NamedTuple):
    """Something that can be chosen: what is shown, where it comes from, the address, whether it is on."""

    text: str
    reason: str
    address: str
    on: bool = False


class Offers(NamedTuple):
    """What the page offers for a question."""

    slips: tuple[Choice, ...]
    bodies: tuple[Choice, ...]
    expansions: tuple[Choice, ...]


def bridges(held: Holdings, answer: ExpertsAnswer) -> BridgingAnswer | None:
    """Return who stands between the two fields of a question; None when it has not two."""
    read = answer.understanding
    if read is None or len(read.fields) < 2:
        return None
    one, other = read.fields
    return experts_between_fields(held.store.database, held.index, text=one, other=other, limit=BRIDGES_SHOWN)


def offers(read: Understanding | None, asked: Mapping[str, object]) -> Offers:
    """Return the addresses of what a question could be instead; `asked` is the form as it was sent."""
    if read is None:
        return Offers((), (), ())
    slips = tuple(Choice(text, "", _address(asked, q=text)) for text in read.did_you_mean)
    bodies = tuple(_body(asked, body) for body in read.organisations if body.rest)
    on = [each.term for each in read.expansions if each.applied]
    expansions = tuple(
        Choice(
            each.term,
            f"{each.topic_name}（{each.scheme}）的{RELATION_WORDS[each.relation]}，{each.works} 项成果以它为关键词",
            _address(
                asked,
                expand=BETWEEN_TERMS.join(
                    [term for term in on if term != each.term] if each.applied else [*on, each.term]
                ),
            ),
            each.applied,
        )
        for each in read.expansions
    )
    return Offers(slips, bodies, expansions)


def word_shares(answer: ExpertsAnswer) -> dict[str, tuple[ScorePart, ...]]:
    """Return, by expert, what each word of the question gives to the score, in place of its pairs of characters."""
    read = answer.understanding
    text = answer.question if read is None else read.simplified or answer.question
    places = [] if read is None else [(word.start, word.end) for word in read.words]
    return {expert.id: parts_by_word(expert.parts, text, places) for expert in answer.experts}


def _body(asked: Mapping[str, object], body: NamedOrganisation) -> Choice:
    return Choice(body.name, f"只在该单位里找“{body.rest}”", _address(asked, q=body.rest, organisation=body.id))


def _address(asked: Mapping[str, object], **changed: str) -> str:
    fields = {name: value for name, value in {**asked, **changed}.items() if value not in (None, "")}
    return "/search?" + urlencode(fields)
