"""From text to the word pieces of a BERT vocabulary, as its authors' tokeniser makes them. Pure.

Devlin et al. 2019 (BERT, arXiv 1810.04805) with the basic and the WordPiece tokeniser of their published code: control
characters away, a space around every Han character, lower case without accents where the model wants it, punctuation
apart, then the longest piece of the vocabulary from the left.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final

# Of Devlin et al.'s code: a longer word is unknown as a whole.
_LONGEST_WORD: Final = 100
# bert-base-chinese has 7,321 Han characters in its vocabulary, the English one 250.
_HAN_OF_A_CHINESE_VOCABULARY: Final = 3_000
_HAN: Final = re.compile("[\u4e00-\u9fff\u3400-\u4dbf\U00020000-\U0002ceaf\uf900-\ufaff\U0002f800-\U0002fa1f]")


def is_han(character: str) -> bool:
    """Is it a Han character, by the ranges of the published code?"""
    return _HAN.match(character) is not None


class WordPieces:
    """The tokeniser of one vocabulary (piece → number)."""

    def __init__(self, vocabulary: Mapping[str, int], *, lower: bool) -> None:
        self._vocabulary = vocabulary
        self._lower = lower
        # Raises `KeyError` when the vocabulary is not one of BERT.
        self._begin, self._end, self._unknown = (vocabulary[each] for each in ("[CLS]", "[SEP]", "[UNK]"))
        self.reads_chinese = sum(len(each) == 1 and is_han(each) for each in vocabulary) >= _HAN_OF_A_CHINESE_VOCABULARY
        self._pieces = lru_cache(maxsize=65_536)(self._of_word)

    def numbers(self, text: str, most: int) -> list[int]:
        """Return the numbers of a text's pieces between [CLS] and [SEP], at most `most` in all."""
        found = [self._begin]
        for word in _words(text, lower=self._lower):
            found.extend(self._pieces(word))
            if len(found) >= most:
                break
        return [*found[: most - 1], self._end]

    def _of_word(self, word: str) -> Sequence[int]:
        if len(word) > _LONGEST_WORD:
            return (self._unknown,)
        found: list[int] = []
        start = 0
        while start < len(word):
            for end in range(len(word), start, -1):
                number = self._vocabulary.get(word[start:end] if start == 0 else f"##{word[start:end]}")
                if number is not None:
                    found.append(number)
                    start = end
                    break
            else:
                return (self._unknown,)
        return tuple(found)


def _words(text: str, *, lower: bool) -> Iterator[str]:
    plain = "".join(_spaced(character) for character in text)
    for chunk in plain.split():
        yield from _apart(_without_accents(chunk.lower()) if lower else chunk)


def _spaced(character: str) -> str:
    if character in "\t\n\r" or unicodedata.category(character) == "Zs":
        return " "
    if character in "\0\ufffd" or unicodedata.category(character).startswith("C"):
        return ""
    return f" {character} " if is_han(character) else character


def _without_accents(word: str) -> str:
    if word.isascii():
        return word
    return "".join(each for each in unicodedata.normalize("NFD", word) if unicodedata.category(each) != "Mn")


def _apart(word: str) -> Iterator[str]:
    begun = 0
    for place, character in enumerate(word):
        if _is_punctuation(character):
            if begun < place:
                yield word[begun:place]
            yield character
            begun = place + 1
    if begun < len(word):
        yield word[begun:]


def _is_punctuation(character: str) -> bool:
    if character.isascii():
        return not character.isalnum() and character.isprintable() and character != " "
    return unicodedata.category(character).startswith("P")
