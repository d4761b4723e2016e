"""Who says of themselves that they know a topic, whether or not a work speaks for it?

A roster of experts often holds fields and no works; whoever is on it must be found. What people declare is no evidence,
so it weighs 0 in the score of `queries.ranking`: these people stand beside the ranked answer, marked, in an order of
their own. The order is by the share of the question that a declared field, or a topic a person is tagged with, holds:

    share = Σ_t n'(t) · −ln p(t|C) over the terms of the field ÷ the same sum over the terms of the question

a field counts when all its terms stand in the question, or all terms of the question stand in it. Of several fields the
best one counts, so that a long list of fields gains nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from graph.database import Database
from graph.people_columns import Mask, PeopleColumns
from graph.text import tokens
from graph.textindex import TextIndex
from queries.answers import DeclaredAnswer, DeclaredExpert
from queries.expert_facts import ExpertFacts, expert_facts
from queries.filters import ExpertFilters, given
from queries.posts import posts_and_memberships, today
from queries.ranking import Question
from queries.reached import listed
from queries.retrieval import asked, check_limit, collection_of
from queries.selection import selected
from queries.topic_tree import topic_tree

# Enough to be asked for works; the list of everybody who declares a field is a filter (`field`).
DECLARED_SHOWN: Final = 10
# Shares that differ by less are sums of the same numbers in another order.
_ALIKE: Final = 1e9
# In the column of people, not of the question: fields are few and repeat.
_TEXTS_KEPT: Final = 65_536

Shares = NDArray[np.float64]


@lru_cache(maxsize=_TEXTS_KEPT)
def _terms(text: str) -> frozenset[str]:
    return frozenset(tokens(text))


def shares_of(question: Question, rarity: Sequence[float], texts: Iterable[str]) -> Shares:
    """Which share (0 to 1) of a question does each text hold?  0 unless one of the two stands in the other.

    `rarity`: −ln p(t|C) (at least 0) of each term of the question, so that common words count little. Pure.
    """
    worth = {term: weight * rare for term, weight, rare in zip(question.terms, question.weights, rarity, strict=True)}
    asked_for, whole = worth.keys(), sum(worth.values())
    found: list[float] = []
    for text in texts:
        held = _terms(text)
        related = held and asked_for and (held <= asked_for or asked_for <= held)
        # Where no term is rare, every related text is as good.
        share = sum(worth[term] for term in held & asked_for) / whole if related and whole else float(bool(related))
        found.append(share)
    return np.array(found, dtype=np.float64)


class Declaring:
    """Who says to know what one question is about, found in the index; `shown` makes rows of what the graph knows."""

    def __init__(self, db: Database, index: TextIndex, question: Question, allowed: Mask | None) -> None:
        """Take the question; only `allowed` people count (None: everybody)."""
        self._people, self._question = index.people, question
        chance = collection_of(index).probabilities(question.terms)
        self._rarity: list[float] = np.maximum(0.0, -np.log(np.minimum(1.0, chance))).tolist()
        names = topic_tree(db, index).names if len(self._people.topics.rows) else dict[str, str]()
        self._best = _best(self._people, question, self._rarity, names)
        self._chosen = self._best > 0 if allowed is None else (self._best > 0) & allowed

    def people(self, besides: Collection[str], limit: int) -> tuple[list[str], int]:
        """Return the ids of the first `limit`, and how many there are, without those `besides`."""
        rows = np.flatnonzero(self._chosen & ~self._people.of_ids(besides))
        return [self._people.ids[row] for row in _first(self._people, rows, self._best, limit)], len(rows)

    def shown(self, ids: Sequence[str], facts: Mapping[str, ExpertFacts], on: date) -> tuple[DeclaredExpert, ...]:
        """Return those of whom the graph knows something, in their order."""
        return tuple(self._declared(facts[id], on) for id in ids if id in facts)

    def _declared(self, person: ExpertFacts, on: date) -> DeclaredExpert:
        said = tuple(dict.fromkeys((*person.fields, *(topic.name for topic in person.topics))))
        fitting = shares_of(self._question, self._rarity, said)
        posts, _ = posts_and_memberships(person.affiliations, on)
        return DeclaredExpert(
            id=person.id,
            name=person.name,
            share=float(self._best[self._people.row_of[person.id]]),
            fields=tuple(text for text, fits in zip(said, fitting.tolist(), strict=True) if fits > 0),
            posts=posts,
            professional_title=person.professional_title,
            fictional=person.fictional,
        )


def experts_declaring(
    db: Database,
    index: TextIndex,
    *,
    text: str,
    limit: int = DECLARED_SHOWN,
    filters: ExpertFilters | None = None,
    besides: Collection[str] = (),
    on: date | None = None,
) -> DeclaredAnswer:
    """Who declares a field that the text names (or is tagged with such a topic), most of the question first?

    At most `limit` (1 to 200) people whom the `filters` want (those on works leave out who has no such work), nobody of
    `besides` (person ids); experts of a register first among equals, then by id. Posts hold on the day `on`, today by
    default. Raises `InputError` for a number or a region out of bounds, `StoreUnavailableError`.
    """
    check_limit(limit)
    question, day = asked(text).question, on or today()
    if not question.terms or not len(index.people):
        return DeclaredAnswer(question=text, total=0, experts=(), sequence=index.sequence)
    wanted = filters is not None and given(filters)
    allowed = listed(index, selected(db, index, filters=filters, on=day)) if filters is not None and wanted else None
    declaring = Declaring(db, index, question, allowed)
    ids, total = declaring.people(besides, limit)
    facts = expert_facts(db, ids)
    return DeclaredAnswer(question=text, total=total, experts=declaring.shown(ids, facts, day), sequence=index.sequence)


def _first(people: PeopleColumns, rows: NDArray[np.intp], best: Shares, limit: int) -> list[int]:
    """Return the first rows: greatest share, then those of a register, then by id; tens of thousands may tie."""
    worth = 2 * np.rint(best[rows] * _ALIKE).astype(np.int64) + people.expert[rows]
    if len(rows) > limit:
        kept = worth >= np.partition(worth, -limit)[-limit]
        rows, worth = rows[kept], worth[kept]
    first: list[int] = rows[np.lexsort((people.by_id[rows], -worth))][:limit].tolist()
    return first


def _best(
    people: PeopleColumns, question: Question, rarity: Sequence[float], names: Mapping[str, str]
) -> NDArray[np.float64]:
    """Return the greatest share of each person, 0 where nothing fits."""
    best = np.zeros(len(people), dtype=np.float64)
    # Fields are written freely, tens of thousands of texts: only those with a word of the question are compared.
    declared, topics = people.codes["declared"], list(people.codes["topic"].texts)
    fitting = sorted(declared.holding(question.terms))
    fields = np.zeros(len(declared.texts), dtype=np.float64)
    fields[fitting] = shares_of(question, rarity, [declared.texts[number] for number in fitting])
    tagged = shares_of(question, rarity, [names.get(id, "") for id in topics])
    for having, shares in ((people.declared, fields), (people.topics, tagged)):
        worth = shares[having.values]
        fits = np.flatnonzero(worth)
        np.maximum.at(best, having.rows[fits], worth[fits])
    return best
