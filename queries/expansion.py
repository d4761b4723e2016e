"""What else could be asked for?  Topics named in a question, with their other names and narrower topics.

A proposal is shown with where it comes from and counts only when somebody switches it on (or the caller does): see
`bench/understanding.py` for what it does to one-word questions. A question in traditional characters is always asked in
simplified ones, too; the same words in another script are no other question.
"""

from __future__ import annotations

import re
import threading
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any, Final, cast

from pydantic import BaseModel, ConfigDict

from graph.database import Database, Query
from graph.text import HAN, fold, tokens
from graph.textindex import TextIndex
from graph.vocabulary import Vocabulary, Word
from graph.vocabulary_keeping import other_names
from queries.ranking import MOST_TERMS, Question
from queries.retrieval import Asked
from queries.understood import Expansion, Relation

# An added word counts as much as this share of a word of the question (13 questions of the tuning half could tell:
# .1 to .4 did no harm, 1 did; bench/understanding.py).
ADDED_WEIGHT: Final = 0.2
PROPOSALS_SHOWN: Final = 12
_TOPICS_READ: Final = 8

RELATION_WORDS: Final[dict[Relation, str]] = {"same": "主题本名", "other_name": "又名", "narrower": "下位主题"}
_HAN: Final = re.compile(f"[{HAN}]")
_REST_OF_A_FIELD: Final = re.compile("其他学科$|其他$")


class NarrowerTopic(BaseModel):
    """A topic below one that is named in the question."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str


class TopicNamed(BaseModel):
    """A topic whose name stands in the question."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    scheme: str
    note: str
    narrower: list[NarrowerTopic]


TOPICS_NAMED: Final = Query(
    "topics_named",
    """
UNWIND $names AS name
MATCH (t:Topic {name: name})
WHERE t.tombstone IS NULL AND coalesce(t.visibility, '') <> 'restricted'
RETURN t.id AS id, t.name AS name, coalesce(t.scheme, '') AS scheme, coalesce(t.note, '') AS note,
  [(t)<-[:BROADER]-(n:Topic) WHERE n.tombstone IS NULL AND n.name IS NOT NULL | {id: n.id, name: n.name}] AS narrower
""",
    TopicNamed,
)


def proposed_expansions(
    db: Database, vocabulary: Vocabulary, *, text: str, applied: Collection[str] = ()
) -> tuple[Expansion, ...]:
    """Which terms would widen this question?  Other names first, then narrower topics, most works first; at most 12.

    A term is proposed when it brings a word that the question has not. `applied` are the terms switched on; those that
    nobody proposed are left out. Raises `StoreUnavailableError`.
    """
    names = topic_names(vocabulary, text)
    if not names:
        return ()
    switched_on = {fold(term) for term in applied}
    asked_for = set(tokens(text))
    found: dict[str, Expansion] = {}
    rows = {row.id: row for row in db.read(TOPICS_NAMED, names=names)}
    for row in sorted(rows.values(), key=lambda row: (names.index(row.name), row.id)):
        for relation, term in _terms_of(row):
            known = vocabulary.find(term)
            key = fold(term)
            if key in found or asked_for.issuperset(tokens(term)):
                continue
            found[key] = Expansion(
                term=term,
                topic=row.id,
                topic_name=row.name,
                scheme=row.scheme,
                relation=relation,
                works=0 if known is None else known.works,
                applied=key in switched_on,
            )
    order = {"other_name": 0, "same": 0, "narrower": 1}
    ranked = sorted(found.values(), key=lambda each: (not each.applied, order[each.relation], -each.works, each.term))
    return tuple(ranked[:PROPOSALS_SHOWN])


def topic_names(vocabulary: Vocabulary, text: str) -> list[str]:
    """Which topics does a question name?  The longest names, disjoint, in order; at most eight, other names followed.

    Only in the first 200 characters: an application's text names dozens in passing.
    """
    standing = [(start, end, word) for start, end, word in vocabulary.within(text[:200]) if _is_topic(word)]
    names: list[str] = []
    taken: set[int] = set()
    for start, end, word in sorted(standing, key=lambda each: (each[0] - each[1], each[0])):
        if taken.isdisjoint(range(start, end)):
            taken.update(range(start, end))
            names.append(word.stands_for or word.text)
    return list(dict.fromkeys(names))[:_TOPICS_READ]


def _is_topic(word: Word) -> bool:
    return word.topic or bool(word.stands_for)


def _terms_of(row: TopicNamed) -> Iterable[tuple[Relation, str]]:
    yield "same", row.name
    for name in other_names(row.note):
        yield "other_name", name
    for below in sorted(row.narrower, key=lambda each: each.id):
        if not _REST_OF_A_FIELD.search(below.name):
            yield "narrower", below.name


# --- the question itself ---------------------------------------------------------------------------------------------

_mutex = threading.Lock()
_converters: defaultdict[str, list[Any]] = defaultdict(list)


def simplified(text: str, *, words: bool = False) -> str:
    """Return a text in simplified characters; with `words`, in the words of the mainland, too (人工智慧 → 人工智能)."""
    if not _HAN.search(text):
        return text
    scheme = "tw2sp" if words else "t2s"
    with _mutex:
        if not _converters[scheme]:
            import opencc  # noqa: PLC0415  # pyright: ignore[reportMissingTypeStubs]

            _converters[scheme].append(cast("Any", opencc).OpenCC(scheme))
        return str(_converters[scheme][0].convert(text))


def in_both_scripts(index: TextIndex, question: Asked) -> Asked:
    """Return a question in traditional characters as one that is asked in simplified ones as well.

    The simplified words lead, with their weights; words as they were written are kept where a work holds them. A
    question in simplified characters comes back as it is.
    """
    plain = simplified(question.text)
    if plain == question.text:
        return question
    base = Question.from_text(plain)
    frequency = index.collection.frequency
    terms = dict(zip(base.terms, base.weights, strict=True))
    for term, weight in zip(question.question.terms, question.question.weights, strict=True):
        if term not in terms and len(terms) < MOST_TERMS and frequency(term):
            terms[term] = weight
    return replace(question, question=Question(tuple(terms), tuple(terms.values())))


def widened(question: Asked, terms: Sequence[str], weight: float = ADDED_WEIGHT) -> Asked:
    """Return the question with the words of further terms, each at `weight` times what it would weigh alone."""
    known = dict(zip(question.question.terms, question.question.weights, strict=True))
    if not known or not terms:
        return question
    added = Question.from_text(" ".join(terms[:PROPOSALS_SHOWN]))
    for term, own in zip(added.terms, added.weights, strict=True):
        if term not in known and len(known) < MOST_TERMS:
            known[term] = weight * own
    return replace(question, question=Question(tuple(known), tuple(known.values())))
