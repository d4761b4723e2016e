"""A question in words: cut by jieba with the graph's own words added, and what each word gives to an answer.

Bigrams retrieve and rank (ranking.md, section 1: words cut by jieba lost .01 to .04 hit@10); words only explain. jieba
is its Rust edition (`rjieba`, MIT, the dictionary and method of jieba 0.42.1, which had no release since 2020, writes a
cache that others can replace into the system's temporary folder, and warns on Python 3.12 and later).
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final, Literal, Protocol, cast

from graph.text import STOP_WORDS, highlight_spans, tokens
from graph.vocabulary import LONGEST_READ, Vocabulary
from queries.answers import ScorePart
from queries.understood import QuestionWord

# More words than a person reads; a paragraph has about 150.
WORDS_SHOWN: Final = 60
# Particles and connectives that stand between words; what they share with a neighbour belongs to the neighbour.
PARTICLES: Final = frozenset("的地得之与和及或在于中上下对为是了而以从到由被把将其各等并也都就")


class _Segmenter(Protocol):
    def tokenize(self, sentence: str) -> list[tuple[str, int, int]]: ...
    def add_word(self, word: str, freq: int | None, tag: str | None) -> int: ...


_mutex = threading.Lock()
_segmenters: list[_Segmenter] = []


def cut(text: str, vocabulary: Vocabulary, names: Collection[str] = ()) -> list[tuple[int, int]]:
    """Return where the words of a text stand: disjoint, ascending, every character in one (first 5,000 characters).

    Words that the graph knows, and `names` found in the text, are added to jieba's dictionary as they are met, so that
    it holds no more of them than were asked for. White space and punctuation are words of their own.
    """
    read = text[:LONGEST_READ].encode("utf-8", "replace").decode()
    known = {read[start:end] for start, end, _ in vocabulary.within(read)} | set(names)
    with _mutex:
        if not _segmenters:
            # The dictionary takes 0.1 s and 58 MB: only when a question is explained.
            import rjieba  # noqa: PLC0415

            _segmenters.append(cast("Any", rjieba).Jieba())
        segmenter = _segmenters[0]
        for word in sorted(known):
            if word not in _added:
                segmenter.add_word(word, None, None)
                _added.add(word)
        return [(start, end) for _, start, end in segmenter.tokenize(read)]


_added: set[str] = set()


def question_words(text: str, vocabulary: Vocabulary, names: Collection[str] = ()) -> tuple[QuestionWord, ...]:
    """Return the first 60 words of a question that can be searched for, each once, in order; particles left out."""
    words: dict[str, QuestionWord] = {}
    for start, end in cut(text, vocabulary, names):
        written = text[start:end]
        if len(words) == WORDS_SHOWN:
            break
        if written in words or written in PARTICLES or not tokens(written):
            continue
        known = vocabulary.find(written)
        kind: Literal["keyword", "topic", "name", "plain"] = "name" if written in names else "plain"
        if known is not None:
            kind = "topic" if known.topic else "keyword"
        words[written] = QuestionWord(
            text=written, start=start, end=end, works=0 if known is None else known.works, kind=kind
        )
    return tuple(words.values())


def parts_by_word(parts: Iterable[ScorePart], text: str, places: Sequence[tuple[int, int]]) -> tuple[ScorePart, ...]:
    """Fold the shares of bigrams into the words they stand in, greatest first; the sum of the shares stays the same.

    `places` are the words of the text (`cut`). A bigram's share is divided evenly over its occurrences, and that of an
    occurrence across two words evenly between them; a particle leaves its half to the other. A term that stands nowhere
    in the words keeps its own share.
    """
    owner = {position: number for number, (start, end) in enumerate(places) for position in range(start, end)}
    shares: defaultdict[str, float] = defaultdict(float)
    for part in parts:
        occurrences = _occurrences(part.term, text, owner, places)
        for names in occurrences:
            for name in names:
                shares[name] += part.share / len(occurrences) / len(names)
        if not occurrences:
            shares[part.term] += part.share
    ordered = sorted(shares.items(), key=lambda each: (-each[1], each[0]))
    return tuple(ScorePart(term=term, share=share) for term, share in ordered)


def _occurrences(term: str, text: str, owner: dict[int, int], places: Sequence[tuple[int, int]]) -> list[list[str]]:
    """Return, for each occurrence of a term, the words that it stands in."""
    found: list[list[str]] = []
    for start, end in _standing(term, text[: places[-1][1]] if places else ""):
        numbers = list(dict.fromkeys(owner[position] for position in range(start, end) if position in owner))
        names = [text[slice(*places[number])] for number in numbers]
        weighty = [name for name in names if name not in PARTICLES and tokens(name)]
        if weighty or names:
            found.append(weighty or names)
    return found


def _standing(term: str, text: str) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    if not term.isascii():
        start = text.find(term)
        while start >= 0:
            found.append((start, start + len(term)))
            start = text.find(term, start + 1)
    if not found and term.casefold() not in STOP_WORDS:
        found = highlight_spans(text, tokens(term))
    return found
