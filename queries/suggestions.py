"""What could somebody mean who types this?  Topics, keywords, people and bodies, by characters, pinyin or initials."""

from __future__ import annotations

from typing import Final, Literal

from graph.database import Database
from graph.text import fold
from graph.textindex import NameHit, TextIndex
from graph.vocabulary import LONGEST_WORD
from graph.vocabulary_keeping import vocabulary_of
from queries.answers import Answer
from queries.expansion import simplified
from queries.retrieval import asked, check_limit

MOST_SUGGESTIONS: Final = 50
# A name begins like this or sounds like this (`NameHit.score`); what only shares a word is no completion.
_BEGINS: Final = 2.0


class Suggestion(Answer):
    """One completion: `kind`, the text, the id of a person or body ("" otherwise), works that have it as a keyword."""

    kind: Literal["topic", "keyword", "person", "organisation"]
    text: str
    id: str
    works: int


class Suggestions(Answer):
    """The completions of what was typed, best first within each kind."""

    typed: str
    suggestions: tuple[Suggestion, ...]
    sequence: int


def suggestions(db: Database, index: TextIndex, *, text: str, limit: int = 10) -> Suggestions:
    """Which topics, keywords, people and organisations begin like this?

    `text` in Han characters (traditional ones, too), pinyin without tones or initials; longer than 32 characters or
    empty gives none. At most `limit` (1 to 50): words by number of works fill what names leave, at least half. The
    last word completes where the beginning as a whole does not ("地下水 chao").

    Raises `InputError` for a limit out of bounds, `StoreUnavailableError`.
    """
    check_limit(limit, most=MOST_SUGGESTIONS)
    typed = simplified(asked(text).text[: 2 * LONGEST_WORD]).strip()
    if not fold(typed) or len(typed) > LONGEST_WORD:
        return Suggestions(typed=typed, suggestions=(), sequence=index.sequence)
    vocabulary = vocabulary_of(db, index)
    words = vocabulary.beginning(typed, limit)
    if not words and " " in typed:
        before, _, last = typed.rpartition(" ")
        words = [word._replace(text=f"{before} {word.text}") for word in vocabulary.beginning(last, limit)]
    completions = [
        Suggestion(kind="topic" if word.topic else "keyword", text=word.text, id="", works=word.works) for word in words
    ]
    # One letter begins the initials of thousands.
    named = len(typed) > 1 or not typed.isascii()
    people = _named("person", index.find_people(typed, limit)) if named else []
    bodies = _named("organisation", index.find_organisations(typed, limit)) if named else []
    room = max(limit - len(completions), limit // 2)
    names = [*people[: room - min(len(bodies), room // 2)], *bodies][:room]
    kept = completions[: limit - len(names)]
    return Suggestions(typed=typed, suggestions=(*kept, *names), sequence=index.sequence)


def _named(kind: Literal["person", "organisation"], hits: list[NameHit]) -> list[Suggestion]:
    """Return names that begin so; of several bearers of one name the first, the page of names shows the others."""
    found: dict[str, Suggestion] = {}
    for hit in hits:
        if hit.score >= _BEGINS and hit.name:
            found.setdefault(fold(hit.name), Suggestion(kind=kind, text=hit.name, id=hit.id, works=0))
    return list(found.values())
