"""Is this known person expert enough for this text?  A score that may be compared between questions and people.

Section 2 of ../shared/design/ranking.md, where it was measured on the reviewers' own ratings of Stelmakh, Wieting,
Neubig and Shah 2023 (arXiv 2303.16750): Model 1 of Balog, Azzopardi and de Rijke 2006 with the mean over a person's
newest works (`model1_mean`), with an encoder also the cosines of the works (`dense_part`), put together as S
(`combined`). Unlike the score of `queries.ranking` it is normalised neither by the question nor by the other
candidates, so thresholds and eligibility bands may stand on it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from graph.database import Database, Query
from graph.errors import InputError
from graph.text import tokens
from graph.textindex import TextIndex
from queries.answers import Answer, ScorePart
from queries.merges import current_people
from queries.ranking import CollectionStatistics
from queries.retrieval import (
    MOST_ANSWERS,
    PARTS_SHOWN,
    Asked,
    asked,
    collection_of,
    phrase_finder,
    written_words,
)

# ranking.md section 2: λ, the newest works, and the standardisation of S (means and deviations of M₁ and D₁ and the
# weight w, on the 477 ratings of the benchmark with all-MiniLM-L6-v2; another encoder needs its own).
LAMBDA: Final = 0.5
NEWEST_WORKS: Final = 20
D1_MEAN, D1_DEVIATION = 0.415, 0.107
M1_MEAN, M1_DEVIATION = 0.728, 0.273
DENSE_WEIGHT: Final = 0.6
NEAREST_WEIGHT: Final = 0.3
METHOD: Final = "model1-mean-1"
METHOD_WITH_ENCODER: Final = "model1-mean-dense-1"

# Works of all people asked about, without a cut: 200 people of 1,000 works each.
_ALL_WORKS: Final = 200_000
_EVIDENCE_SHOWN: Final = 5

Encode = Callable[[Sequence[str]], NDArray[np.float64]]
"""Texts → one L2-normalised row each."""


class JudgedWork(BaseModel):
    """One of a person's newest works; `known_text` = it has an abstract."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    title: str
    year: int | None
    has_abstract: bool


class PersonWorks(BaseModel):
    """A person with the newest works (newest first, equal years by id; unknown years last) and the number of all."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    fictional: bool
    total: int
    works: list[JudgedWork]


class WorkText(BaseModel):
    """What an encoder reads of a work."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    text: str


NEWEST_WORKS_OF: Final = Query(
    "newest_works_of",
    """
UNWIND $people AS wanted
MATCH (p:Person {id: wanted})
WHERE p.tombstone IS NULL AND coalesce(p.visibility, '') <> 'restricted'
RETURN p.id AS id, coalesce(p.name, '') AS name, coalesce(p.fictional, false) AS fictional,
  COUNT {
    MATCH (p)-[:AUTHORED|LED|PARTICIPATED_IN]->(w)
    WHERE w.tombstone IS NULL AND coalesce(w.visibility, '') <> 'restricted'
      AND NOT EXISTS { (w)-[:MERGED_INTO]->(:Output) }
    RETURN DISTINCT w.id AS work
  } AS total,
  COLLECT {
    MATCH (p)-[:AUTHORED|LED|PARTICIPATED_IN]->(w)
    WHERE w.tombstone IS NULL AND coalesce(w.visibility, '') <> 'restricted'
      AND NOT EXISTS { (w)-[:MERGED_INTO]->(:Output) }
    WITH DISTINCT w
    ORDER BY coalesce(w.year, 0) DESC, w.id
    LIMIT $newest
    RETURN {
      id: w.id, title: coalesce(w.title, ''), year: w.year, has_abstract: coalesce(w.abstract, '') <> ''
    }
  } AS works
""",
    PersonWorks,
)

WORK_TEXTS: Final = Query(
    "work_texts",
    """
UNWIND $works AS wanted
MATCH (w:Output {id: wanted})
RETURN w.id AS id, coalesce(w.title, '') + ' ' + coalesce(w.abstract, '') AS text
UNION ALL
UNWIND $works AS wanted
MATCH (w:Project {id: wanted})
RETURN w.id AS id, coalesce(w.title, '') + ' ' + coalesce(w.abstract, '') AS text
""",
    WorkText,
)


class WorkExpertise(Answer):
    """A work that speaks for the person: its share (0 to 1) of M₁ and the phrases of the text it holds."""

    work: str
    title: str
    year: int | None
    share: float
    has_abstract: bool
    matched: tuple[str, ...]


class PersonExpertise(Answer):
    """How expert a person is in a text, with the reasons and what is missing.

    `score` is S with an encoder, M₁ without one; None when the graph knows no work. `coverage`: which share of the
    text's words (repeats counted) the works hold. `parts`: terms with their share of M₁.
    """

    id: str
    asked: str
    name: str
    score: float | None
    m1: float | None
    d1: float | None
    coverage: float
    parts: tuple[ScorePart, ...]
    works: tuple[WorkExpertise, ...]
    works_counted: int
    works_total: int
    works_without_abstract: int
    missing: tuple[str, ...]
    fictional: bool


class ExpertiseAnswer(Answer):
    """The people asked about, most expert first, those without works last; `unknown` ids are nobody's."""

    question: str
    terms: tuple[str, ...]
    method: str
    people: tuple[PersonExpertise, ...]
    unknown: tuple[str, ...]
    notes: tuple[str, ...]
    sequence: int


def expertise_of(
    db: Database, index: TextIndex, *, people: Sequence[str], text: str, encode: Encode | None = None
) -> ExpertiseAnswer:
    """How expert is each of these people in this text, and why?

    `people`: 1 to 200 person ids, merges followed, repeats counted once. M₁ from the person's 20 newest works in the
    text index; with `encode` also D₁ and S. Scores may be compared between questions, and with a threshold, as long as
    the `method` is the same. Raises `InputError` for no or too many people, `StoreUnavailableError`.
    """
    if not 1 <= len(people) <= MOST_ANSWERS:
        raise InputError(f"people 应有 1 到 {MOST_ANSWERS} 人，收到 {len(people)} 人")
    question = asked(text)
    current = current_people(db, people=people)
    wanted = list(dict.fromkeys(current[each] for each in people if each in current))
    rows = {row.id: row for row in db.read(NEWEST_WORKS_OF, people=wanted, newest=NEWEST_WORKS)} if wanted else {}
    newest = {work.id for row in rows.values() for work in row.works}
    stored: dict[str, str] = {}
    if question.question.terms and newest:
        found = index.search_works(question.boosts, limit=_ALL_WORKS, people=list(rows))
        stored = {hit.id: hit.tokens for hit in found if hit.id in newest}
    judge = _Judge(question, collection_of(index), stored, _cosines(db, question, newest, encode))
    asked_as = {current[each]: each for each in reversed(people) if each in current}
    judged = [judge.person(row, asked_as[row.id]) for row in rows.values()]
    judged.sort(key=lambda each: (each.score is None, -(each.score or 0.0), each.id))
    return ExpertiseAnswer(
        question=question.text,
        terms=question.question.terms,
        method=METHOD if encode is None else METHOD_WITH_ENCODER,
        people=tuple(judged),
        unknown=tuple(dict.fromkeys(each for each in people if current.get(each) not in rows)),
        notes=question.notes,
        sequence=index.sequence,
    )


def _cosines(db: Database, question: Asked, works: set[str], encode: Encode | None) -> Mapping[str, float] | None:
    if encode is None:
        return None
    rows = db.read(WORK_TEXTS, works=sorted(works)) if works and question.text else []
    if not rows:
        return {}
    vectors = encode([question.text, *(row.text for row in rows)])
    return dict(zip((row.id for row in rows), (vectors[1:] @ vectors[0]).tolist(), strict=True))


class _Judge:
    """One question against people's works."""

    def __init__(
        self,
        question: Asked,
        collection: CollectionStatistics,
        stored: Mapping[str, str],
        cosines: Mapping[str, float] | None,
    ) -> None:
        terms = frozenset(question.question.terms)
        self._counts = Counter(token for token in tokens(question.text) if token in terms)
        self._collection = collection
        self._stored = stored
        self._cosines = cosines
        self._words = written_words(question.text)
        self._phrases = phrase_finder(question)

    def person(self, row: PersonWorks, asked_as: str) -> PersonExpertise:
        found = model1_mean(self._counts, [self._stored.get(work.id, "") for work in row.works], self._collection)
        m1 = found.score if row.works and self._counts else None
        cosines = [] if self._cosines is None else [self._cosines.get(work.id, 0.0) for work in row.works]
        d1 = dense_part(cosines) if cosines and m1 is not None else None
        bare = sum(not work.has_abstract for work in row.works)
        return PersonExpertise(
            id=row.id,
            asked=asked_as,
            name=row.name,
            score=m1 if m1 is None or d1 is None else combined(m1, d1),
            m1=m1,
            d1=d1,
            coverage=found.coverage,
            parts=tuple(
                ScorePart(term=self._words.get(term, term), share=share) for term, share in found.terms[:PARTS_SHOWN]
            ),
            works=self._works(row.works, found.works),
            works_counted=len(row.works),
            works_total=row.total,
            works_without_abstract=bare,
            missing=tuple(_missing(row, bare, matched=bool(found.terms) or not self._counts)),
            fictional=row.fictional,
        )

    def _works(self, works: Sequence[JudgedWork], shares: Sequence[float]) -> tuple[WorkExpertise, ...]:
        best = sorted(zip(works, shares, strict=True), key=lambda pair: (-pair[1], pair[0].id))[:_EVIDENCE_SHOWN]
        return tuple(
            WorkExpertise(
                work=work.id,
                title=work.title,
                year=work.year,
                share=share,
                has_abstract=work.has_abstract,
                matched=self._phrases(self._stored[work.id]),
            )
            for work, share in best
            if share > 0
        )


def _missing(row: PersonWorks, bare: int, *, matched: bool) -> list[str]:
    if not row.works:
        return ["图谱里没有此人的成果和课题，无法判断：不等于不内行"]
    told: list[str] = []
    if row.total > len(row.works):
        told.append(f"共 {row.total} 项成果和课题，只看最近的 {len(row.works)} 项")
    if bare:
        told.append(f"{len(row.works)} 项中有 {bare} 项没有摘要，只能按题名和关键词判断")
    if len(row.works) < 3:
        told.append(f"只有 {len(row.works)} 项成果和课题，依据很少")
    if not matched:
        told.append("所看的成果和课题都不含这段文字里的词")
    return told


# --- the score, pure --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Model1:
    """M₁ with its parts: shares of terms (greatest first) and of works (in the order given); each adds up to 1, or 0.

    `coverage` is the share of the text's tokens whose term a work holds.
    """

    score: float
    coverage: float
    terms: tuple[tuple[str, float], ...]
    works: tuple[float, ...]


def model1_mean(counts: Mapping[str, int], works: Sequence[str], collection: CollectionStatistics) -> Model1:
    """Return how well works speak for a text.

        M₁ = (1/|q|) · Σ_t n(t, q) · ln(1 + (1−λ)/λ · p(t|e) / p(t|C)),   p(t|e) = mean over works of tf / |d|

    `counts`: term → n(t, q) > 0; `works`: the stored tokens of each, separated by one space ("" = none of the terms).
    0 without terms, works or a match; it grows with every further occurrence of a term in a work of the same length.
    The order of works and terms changes nothing but the order of the parts.
    """
    terms = sorted(counts)
    if not terms or not works:
        return Model1(0.0, 0.0, (), (0.0,) * len(works))
    column = {term: place for place, term in enumerate(terms)}
    shares = np.zeros((len(works), len(terms)))
    for row, work in enumerate(works):
        words = work.split()
        for word in words:
            if (place := column.get(word)) is not None:
                shares[row, place] += 1 / len(words)
    weights = np.array([counts[term] for term in terms], dtype=np.float64)
    mean = shares.mean(axis=0)
    summands = weights * np.log1p((1 - LAMBDA) / LAMBDA * mean / collection.probabilities(terms))
    total = float(summands.sum())
    if total <= 0:
        return Model1(0.0, 0.0, (), (0.0,) * len(works))
    of_works = shares @ (summands / np.maximum(shares.sum(axis=0), np.finfo(np.float64).tiny)) / total
    order = sorted(range(len(terms)), key=lambda place: (-summands[place], terms[place]))
    return Model1(
        total / float(weights.sum()),
        float(weights[mean > 0].sum() / weights.sum()),
        tuple((terms[place], float(summands[place]) / total) for place in order if summands[place] > 0),
        tuple(of_works.tolist()),
    )


def dense_part(cosines: Sequence[float]) -> float:
    """D₁ = .3 · max cos + .7 · mean cos over a person's works. Raises `ValueError` without a work."""
    return NEAREST_WEIGHT * max(cosines) + (1 - NEAREST_WEIGHT) * sum(cosines) / len(cosines)


def combined(m1: float, d1: float) -> float:
    """S = w · (D₁ − .415)/.107 + (1 − w) · (M₁ − .728)/.273, w = .6: 0 is the benchmark's average."""
    dense = (d1 - D1_MEAN) / D1_DEVIATION
    return DENSE_WEIGHT * dense + (1 - DENSE_WEIGHT) * (m1 - M1_MEAN) / M1_DEVIATION
