"""From the words of a question to the works that hold them: what every question for a topic begins with."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, TypedDict

from graph.errors import InputError
from graph.text import highlight_spans, tokens
from graph.textindex import TextIndex, WorkHit
from queries.answers import ScorePart
from queries.nearness import LITTLE, NearnessWeights, nearness_weights
from queries.ranking import MOST_TERMS, WORKS_RETRIEVED, CollectionStatistics, Hit, Question, Ranked

# Names the recipe of `queries.ranking` in every answer, so that a kept answer says how it was made.
RANKING: Final = "model1-bm25-3"
# An application with its annexes; what is longer is a mistake of the clipboard (issue 3, "Rubbish").
LONGEST_QUESTION: Final = 50_000
MOST_ANSWERS: Final = 200
MOST_EVIDENCE: Final = 50
# Enough to be believed and few enough to be read; the rest is counted (`evidence_total`).
EVIDENCE_SHOWN: Final = 5
PARTS_SHOWN: Final = 12
PHRASES_SHOWN: Final = 8
# Matched phrases are looked for in the beginning of a question; terms that stand only further on are shown as they
# are.
_PHRASES_FROM: Final = 5_000

# The parts of a score that come from the discipline given and from likeness of meaning, beside those of words.
OF_DISCIPLINE: Final = "（所给学科）"
OF_NEARNESS: Final = "（含义相近）"
OF_BOOST: Final = "（新人加权）"

NOTHING_TO_SEARCH: Final = "问题里没有可检索的词（只有标点、空白或单个字母）：请输入主题词、题目或一段文字"
NOTHING_INDEXED: Final = "图谱里还没有成果或项目：先用 zhiku ingest 导入数据，或用 zhiku demo 试用示例数据"
NOTHING_FOUND: Final = "没有找到含有这些词的成果或项目：换用别的说法、减少筛选条件，或先导入相关的成果"

_LATIN_WORD: Final = re.compile(r"[A-Za-z0-9]+")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it was understood: its text (cut if too long), terms with weights, and notes for the asker."""

    text: str
    question: Question
    notes: tuple[str, ...]

    @property
    def boosts(self) -> dict[str, float]:
        """Return term → weight, as the text index takes it."""
        return dict(zip(self.question.terms, self.question.weights, strict=True))


def asked(text: str) -> Asked:
    """Read any text as a question; never raises.

    What is longer than 50,000 characters is cut, with a note; without a word to search for the question has no terms
    and a note says what to do. Lone surrogates (broken copies) become "?".
    """
    whole = text.encode("utf-8", "replace").decode("utf-8").strip()
    notes: list[str] = []
    if len(whole) > LONGEST_QUESTION:
        notes.append(f"问题长达 {len(whole)} 字，只用了前 {LONGEST_QUESTION} 字")
        whole = whole[:LONGEST_QUESTION]
    question = Question.from_text(whole)
    if not question.terms:
        notes.append(NOTHING_TO_SEARCH)
    elif len(question.terms) >= MOST_TERMS:
        notes.append(f"问题里不同的词太多，只用了其中最常出现的 {MOST_TERMS} 个")
    return Asked(whole, question, tuple(notes))


def check_limit(limit: int, *, name: str = "limit", least: int = 1, most: int = MOST_ANSWERS) -> None:
    """Raise `InputError` when a number asked for does not lie between `least` and `most`."""
    if not least <= limit <= most:
        raise InputError(f"{name} 应在 {least} 到 {most} 之间，收到 {limit}")


def works_found(
    index: TextIndex,
    question: Asked,
    *,
    limit: int = WORKS_RETRIEVED,
    kind: str | None = None,
    since_year: int | None = None,
    people: Collection[str] | None = None,
    organisations: Collection[str] | None = None,
    types: Collection[str] | None = None,
    until_year: int | None = None,
) -> list[WorkHit]:
    """Which works hold the words of the question?  The best `limit` by BM25; n'(t) is the boost of a term."""
    if not question.question.terms:
        return []
    kinds = None if kind is None else (kind,)
    return index.search_works(
        question.boosts,
        limit=limit,
        kinds=kinds,
        since_year=since_year,
        people=people,
        organisations=organisations,
        types=types,
        until_year=until_year,
    )


def ranking_hits(found: Iterable[WorkHit]) -> list[Hit]:
    """Return what the text index found as the ranking takes it."""
    return [Hit(hit.id, hit.score, hit.tokens, hit.people, hit.organisations, hit.has_abstract) for hit in found]


class Nearness(NamedTuple):
    """The cosine (−1 to 1) of works with a question by their ids, and how much it counts."""

    cosines: Mapping[str, float]
    weights: NearnessWeights


def nearness_of(index: TextIndex, question: Asked, found: Sequence[WorkHit]) -> Nearness:
    """How near in meaning is each work found?  No cosines when the index has no encoder that knows the text.

    Of two encoders the later one, a sentence encoder, speaks where it knows the language.
    """
    vectors = index.encode(question.text) if found else None
    if vectors is None or True not in vectors.known:
        return Nearness({}, LITTLE)
    column = max(place for place, known in enumerate(vectors.known) if known)
    near: list[float] = vectors.similarities([hit.vector for hit in found])[:, column].tolist()
    sentence = index.encoders.sentence
    of_sentences = sentence is not None and vectors.names[column] == sentence.name
    weights = nearness_weights(len(question.question.terms), sentences=of_sentences)
    return Nearness({hit.id: cosine for hit, cosine in zip(found, near, strict=True)}, weights)


def collection_of(index: TextIndex) -> CollectionStatistics:
    """Return p(t|C)'s numbers of the whole index."""
    return CollectionStatistics(*index.collection)


def nothing_found(index: TextIndex) -> str:
    """Why is the answer to a question with words empty?  As a note."""
    return NOTHING_FOUND if index.collection.total_tokens else NOTHING_INDEXED


def answers_with_facts(
    best: Callable[[Collection[str]], list[Ranked]], facts: Callable[[Sequence[Ranked]], Mapping[str, object]]
) -> tuple[list[Ranked], int]:
    """Rank, and rank again without those whose facts the graph does not show: stubs, tombstones, hidden records.

    Mentions keep the ids of people who were merged or taken away since, so the ranking cannot leave them out by itself.
    `best` ranks without some ids, `facts` reads what is shown of the ranked; almost always each is called once. Returns
    the ranked and how many were left out.
    """
    hidden: set[str] = set()
    while True:
        ranked = best(hidden)
        known = facts(ranked)
        missing = {each.id for each in ranked if each.id not in known}
        if not missing:
            return ranked, len(hidden)
        hidden |= missing


class FactsWanted(TypedDict):
    """A person or body of whom facts are wanted, with the ids of the works to show."""

    id: str
    outputs: Sequence[str]
    projects: Sequence[str]


class Reasons:
    """Why the answers to one question are its answers, in the question's own words."""

    def __init__(self, question: Asked, found: Iterable[WorkHit]) -> None:
        self._words = written_words(question.text)
        self._phrases = phrase_finder(question)
        self._found = {hit.id: hit for hit in found}
        self._matched: dict[str, tuple[str, ...]] = {}

    def parts(self, ranked: Ranked) -> tuple[ScorePart, ...]:
        """Return the greatest parts of a score by term, then what discipline, meaning and boost add.

        Words as written; the parts of all terms and these add up to 1; at most `PARTS_SHOWN` terms are shown.
        """
        parts = [
            ScorePart(term=self._words.get(match.term, match.term), share=match.score / ranked.score)
            for match in ranked.terms[:PARTS_SHOWN]
        ]
        if ranked.discipline:
            parts.append(ScorePart(term=OF_DISCIPLINE, share=ranked.discipline / ranked.score))
        if ranked.nearness:
            parts.append(ScorePart(term=OF_NEARNESS, share=ranked.nearness / ranked.score))
        if ranked.boost:
            parts.append(ScorePart(term=OF_BOOST, share=ranked.boost / ranked.score))
        return tuple(parts)

    def without_abstract(self, ranked: Ranked) -> int:
        """Return how many of the works behind an answer are a title and keywords only."""
        return sum(not self._found[share.work_id].has_abstract for share in ranked.evidence)

    def works_of(self, ranked: Iterable[Ranked], shown: int) -> list[WorkHit]:
        """Return the `shown` greatest works of each answer, each work once."""
        works = dict.fromkeys(share.work_id for each in ranked for share in each.evidence[:shown])
        return [self._found[work] for work in works]

    def wanted(self, ranked: Iterable[Ranked], shown: int) -> list[FactsWanted]:
        """Return what facts are wanted of: each answer with its `shown` greatest works."""
        rows: list[FactsWanted] = []
        for each in ranked:
            works = [share.work_id for share in each.evidence[:shown]]
            projects = [work for work in works if self._found[work].kind == "project"]
            rows.append({"id": each.id, "outputs": [w for w in works if w not in projects], "projects": projects})
        return rows

    def matched(self, work: str) -> tuple[str, ...]:
        """Return the phrases of the question that a work found holds."""
        known = self._matched.get(work)
        if known is None:
            known = self._matched[work] = self._phrases(self._found[work].tokens)
        return known


def written_words(text: str) -> dict[str, str]:
    """Return token → how the question writes it, for the tokens that are stems of Latin words."""
    written: dict[str, str] = {}
    for word in _LATIN_WORD.findall(text[:_PHRASES_FROM]):
        for token in tokens(word):
            written.setdefault(token, word)
    return written


def phrase_finder(asked_: Asked) -> Callable[[str], tuple[str, ...]]:
    """Return a function from a work's stored tokens to the phrases of the question that the work holds.

    Neighbouring Han bigrams that the work holds are put together again ("人工", "工智", "智能" → "人工智能"), longest
    phrase first, at most eight.
    """
    terms = frozenset(asked_.question.terms)
    head = asked_.text[:_PHRASES_FROM]
    written = [tokens(head[start:end]) for start, end in highlight_spans(head, terms)]
    standing = {token for run in written for token in run}
    words = written_words(head)
    pieces = [_Piece(token, words.get(token, token), False) for token in asked_.question.terms if token not in standing]
    for run in written:
        for before, token in zip(["", *run], run, strict=False):
            pieces.append(_Piece(token, words.get(token, token), _overlap(before, token)))

    def phrases(stored: str) -> tuple[str, ...]:
        held = terms.intersection(stored.split())
        found: list[str] = []
        open_end = False
        for token, word, continues in pieces:
            if token not in held:
                open_end = False
                continue
            if continues and open_end:
                found[-1] += token[1]
            else:
                found.append(word)
            open_end = True
        longest: list[str] = []
        for phrase in sorted(dict.fromkeys(found), key=len, reverse=True):
            if len(longest) == PHRASES_SHOWN:
                break
            if not any(phrase in longer for longer in longest):
                longest.append(phrase)
        return tuple(longest)

    return phrases


class _Piece(NamedTuple):
    """A token of the question in its order, how it is written, and whether it goes on where the one before it ends."""

    token: str
    word: str
    continues: bool


def _overlap(before: str, token: str) -> bool:
    return len(before) == len(token) == 2 and not token.isascii() and before[-1] == token[0]
