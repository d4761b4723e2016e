"""Which disciplines is a text about?  A classifier trained on the graph's own tagged works, with calibrated confidence.

Multinomial naive Bayes over the search tokens (McCallum and Nigam 1998, "A comparison of event models for naive Bayes
text classification"), each token once a text (Rennie et al. 2003, section 4), probabilities made honest by temperature
scaling (Guo et al. 2017, "On calibration of modern neural networks", section 4.2) on a tenth of the works that the
counts did not see. Measured in `bench/topics.py`.
"""

from __future__ import annotations

import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Final
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from graph.database import Database, Query
from graph.text import tokens
from graph.textindex import TextIndex
from queries.answers import Answer
from queries.expansion import simplified
from queries.retrieval import asked, check_limit

_Matrix = NDArray[np.float64]

# Works read for one topic: keeps the first call to seconds; the rest is left out.
WORKS_PER_TOPIC: Final = 1_000
# A topic with fewer tagged works is not learnt from; a classifier needs two topics.
FEWEST_WORKS: Final = 5
MOST_TOPICS_LEARNT: Final = 500
MOST_TAGS: Final = 20
# Below this nothing is said: one in five is no advice.
LEAST_CONFIDENCE: Final = 0.2
# A text of which fewer tokens were ever seen, or a smaller share, is not known.
FEWEST_KNOWN: Final = 2
LEAST_KNOWN_SHARE: Final = 0.4
# Lidstone smoothing: of .01, .1 and .5 on the tuning halves the greater ones were better for titles (.597, .618, .632
# on nssfc_projects), the smaller for abstracts (.800, .789, .781 on chinaxiv_zh).
SMOOTHING: Final = 0.3
_TEMPERATURES: Final = (0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.25, 1.5, 2.0, 3.0, 4.0)
_HELD_OUT: Final = 10
# Too few to set a temperature by: then about what the corpora of bench/topics.py came to, divided by √n.
_FEWEST_HELD_OUT: Final = 30
UNTESTED_TEMPERATURE: Final = 1.25
# As much as the beginning of a text says; an abstract has 300 tokens.
_MOST_TOKENS: Final = 2_000

NOTHING_LEARNT: Final = "图谱里还没有标了学科的成果或项目，无法判断学科：先导入带学科的数据（如课题的学科分类）"
UNKNOWN_TEXT: Final = "这段文字里的词很少在已标学科的成果中出现，不作判断"
UNSURE: Final = "几个学科都不够有把握，不作判断；写得更具体一些再试"


class TaggedTopic(BaseModel):
    """A topic that works are about, its place in its scheme, and how many works."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    scheme: str
    above: list[str]
    works: int


class TaggedWork(BaseModel):
    """The words of one work that is about a topic."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    title: str
    abstract: str
    keywords: list[str]


TAGGED_TOPICS: Final = Query(
    "tagged_topics",
    """
MATCH (t:Topic)
WHERE t.tombstone IS NULL AND coalesce(t.visibility, '') <> 'restricted'
WITH t, COUNT { (t)<-[:ABOUT]-() } AS works
WHERE works > 0
RETURN t.id AS id, coalesce(t.name, t.id) AS name, coalesce(t.scheme, '') AS scheme,
  [(t)-[:BROADER]->(u:Topic) WHERE u.tombstone IS NULL | u.id] AS above, works AS works
""",
    TaggedTopic,
)
OUTPUTS_ABOUT: Final = Query(
    "outputs_about",
    """
MATCH (t:Topic {id: $topic})<-[:ABOUT]-(w:Output)
WHERE w.tombstone IS NULL AND coalesce(w.visibility, '') <> 'restricted'
WITH DISTINCT w LIMIT $most
RETURN w.id AS id, coalesce(w.title, '') AS title, coalesce(w.abstract, '') AS abstract,
  coalesce(w.keywords, []) AS keywords
""",
    TaggedWork,
)
PROJECTS_ABOUT: Final = Query(
    "projects_about",
    """
MATCH (t:Topic {id: $topic})<-[:ABOUT]-(w:Project)
WHERE w.tombstone IS NULL AND coalesce(w.visibility, '') <> 'restricted'
WITH DISTINCT w LIMIT $most
RETURN w.id AS id, coalesce(w.title, '') AS title, coalesce(w.abstract, '') AS abstract,
  coalesce(w.keywords, []) AS keywords
""",
    TaggedWork,
)


class TopicTag(Answer):
    """One discipline of a text: `confidence` (0 to 1) is how often such a statement is right; `words` speak for it."""

    topic: str
    name: str
    scheme: str
    confidence: float
    words: tuple[str, ...]


class TopicTags(Answer):
    """The disciplines of a text, surest first within each scheme; `learnt_from` counts the works behind them."""

    text: str
    tags: tuple[TopicTag, ...]
    learnt_from: int
    notes: tuple[str, ...]


# --- the classifier (pure) -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Guess:
    """One label with its probability, and the tokens that speak for it most."""

    label: str
    probability: float
    tokens: tuple[str, ...]


class Classifier:
    """Naive Bayes over tokens, calibrated. Immutable."""

    def __init__(self, labels: Sequence[str], columns: Mapping[str, int], weights: _Matrix, temperature: float) -> None:
        self.labels = tuple(labels)
        self.temperature = temperature
        self._columns = columns
        self._weights = weights

    @classmethod
    def trained(cls, texts: Iterable[tuple[Sequence[str], str]], *, smoothing: float = SMOOTHING) -> Classifier | None:
        """Learn from (tokens, label); None with fewer than two labels of at least five texts each.

        A tenth of the texts, by a hash of their tokens, sets the temperature; the final counts are of all texts.
        """
        known = [(frozenset(words[:_MOST_TOKENS]), label) for words, label in texts if words]
        sizes = Counter(label for _, label in known)
        labels = sorted(label for label, size in sizes.items() if size >= FEWEST_WORKS)
        if len(labels) < 2:
            return None
        known = [(words, label) for words, label in known if sizes[label] >= FEWEST_WORKS]
        held = [(words, label) for words, label in known if _part(words) == 0]
        seen = [(words, label) for words, label in known if _part(words) != 0]
        temperature = UNTESTED_TEMPERATURE
        if len(held) >= _FEWEST_HELD_OUT and seen:
            temperature = cls._counted(seen, labels, smoothing, 1.0)._best_temperature(held)
        return cls._counted(known, labels, smoothing, temperature)

    @classmethod
    def _counted(
        cls, texts: Sequence[tuple[frozenset[str], str]], labels: Sequence[str], smoothing: float, temperature: float
    ) -> Classifier:
        # A token of a single text says nothing about a discipline.
        counts = Counter(word for words, _ in texts for word in words)
        columns = {word: column for column, word in enumerate(sorted(word for word, n in counts.items() if n > 1))}
        rows = {label: row for row, label in enumerate(labels)}
        table = np.full((len(labels), len(columns)), smoothing)
        for words, label in texts:
            places = [columns[word] for word in words if word in columns]
            table[rows[label], places] += 1.0
        if columns:
            table /= table.sum(axis=1, keepdims=True)
        return cls(labels, columns, np.log(table), temperature)

    def _logits(self, words: Iterable[str]) -> _Matrix:
        places = sorted(self._columns[word] for word in set(words) if word in self._columns)
        # Tokens of one text repeat each other: the sum of n of them says about √n as much as it claims. Without this a
        # temperature that fits abstracts (24) is eight times that of titles (3).
        return self._weights[:, places].sum(axis=1) / sqrt(max(1, len(places)))

    def _best_temperature(self, held: Sequence[tuple[frozenset[str], str]]) -> float:
        rows = {label: row for row, label in enumerate(self.labels)}
        logits = np.array([self._logits(words) for words, _ in held])
        right = np.array([rows[label] for _, label in held])

        def loss(temperature: float) -> float:
            scaled = logits / temperature
            scaled -= scaled.max(axis=1, keepdims=True)
            return float((np.log(np.exp(scaled).sum(axis=1)) - scaled[np.arange(len(right)), right]).mean())

        return min(_TEMPERATURES, key=loss)

    def knows(self, words: Sequence[str]) -> bool:
        """Were enough of these tokens ever seen: at least two, and two fifths of the distinct ones?"""
        distinct = set(words[:_MOST_TOKENS])
        known = sum(word in self._columns for word in distinct)
        return known >= FEWEST_KNOWN and known >= LEAST_KNOWN_SHARE * len(distinct)

    def guesses(self, words: Sequence[str], limit: int = 3) -> list[Guess]:
        """Return the likeliest labels, surest first, equal ones by name; none for a text it does not know."""
        read = words[:_MOST_TOKENS]
        if limit <= 0 or not self.knows(read):
            return []
        scaled = self._logits(read) / self.temperature
        odds = np.exp(scaled - scaled.max())
        odds /= odds.sum()
        best = sorted(range(len(self.labels)), key=lambda row: (-float(odds[row]), self.labels[row]))[:limit]
        return [Guess(self.labels[row], float(odds[row]), self._reasons(read, row)) for row in best]

    def _reasons(self, words: Sequence[str], row: int) -> tuple[str, ...]:
        """Return up to five tokens that the label has oftener than the labels on average do, strongest first."""
        known = sorted({word for word in words if word in self._columns})
        gains = [float(self._weights[row, self._columns[w]] - self._weights[:, self._columns[w]].mean()) for w in known]
        order = sorted(range(len(known)), key=lambda place: (-gains[place], known[place]))
        return tuple(known[place] for place in order[:5] if gains[place] > 0)


def _part(words: frozenset[str]) -> int:
    return zlib.crc32(" ".join(sorted(words)).encode("utf-8", "replace")) % _HELD_OUT


# --- the graph's own works -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Learnt:
    sequence: int
    works: int
    topics: Mapping[str, TaggedTopic]
    by_scheme: Mapping[str, Classifier]


_learnt: WeakKeyDictionary[TextIndex, _Learnt] = WeakKeyDictionary()
# Learning takes some seconds for 40,000 works: again when so many writes have come since.
_WRITES_BETWEEN: Final = 20


def topic_tags(db: Database, index: TextIndex, *, text: str, limit: int = 3) -> TopicTags:
    """Which disciplines is this text (a title, an abstract) about, and how sure is that?

    For every scheme that works of the graph are tagged with, at most `limit` (1 to 20) topics of confidence .2 and
    more. A text whose words the tagged works do not have gets none, with a note. The first call of a process reads up
    to 1,000 works of each topic. Raises `InputError`, `StoreUnavailableError`.
    """
    check_limit(limit, most=MOST_TAGS)
    question = asked(text)
    if not question.question.terms:
        return TopicTags(text=question.text, tags=(), learnt_from=0, notes=question.notes)
    learnt = _learning(db, index)
    words = tokens(simplified(question.text))
    tags: list[TopicTag] = []
    known = False
    for scheme, classifier in sorted(learnt.by_scheme.items()):
        known = known or classifier.knows(words)
        for guess in classifier.guesses(words, limit):
            if guess.probability >= LEAST_CONFIDENCE:
                name = learnt.topics[guess.label].name
                tags.append(_tag(guess, name, scheme))
    notes = question.notes
    if not tags:
        notes = (*notes, UNSURE if known else UNKNOWN_TEXT if learnt.by_scheme else NOTHING_LEARNT)
    return TopicTags(text=question.text, tags=tuple(tags), learnt_from=learnt.works, notes=notes)


def _tag(guess: Guess, name: str, scheme: str) -> TopicTag:
    return TopicTag(topic=guess.label, name=name, scheme=scheme, confidence=guess.probability, words=guess.tokens)


def _learning(db: Database, index: TextIndex) -> _Learnt:
    known = _learnt.get(index)
    now = index.sequence
    if known is not None and known.sequence <= now <= known.sequence + _WRITES_BETWEEN:
        return known
    rows = sorted(db.read(TAGGED_TOPICS), key=lambda row: (-row.works, row.id))[:MOST_TOPICS_LEARNT]
    texts: defaultdict[str, list[tuple[Sequence[str], str]]] = defaultdict(list)
    works = 0
    for row in rows:
        about = db.read(OUTPUTS_ABOUT, topic=row.id, most=WORKS_PER_TOPIC)
        about += db.read(PROJECTS_ABOUT, topic=row.id, most=WORKS_PER_TOPIC)
        works += len(about)
        texts[row.scheme] += [
            (tokens(" ".join([work.title, *work.keywords, work.abstract])), row.id)
            for work in sorted(about, key=lambda work: work.id)
        ]
    trained = {scheme: Classifier.trained(each) for scheme, each in texts.items()}
    by_scheme = {scheme: classifier for scheme, classifier in trained.items() if classifier is not None}
    learnt = _Learnt(now, works, {row.id: row for row in rows}, by_scheme)
    _learnt[index] = learnt
    return learnt
