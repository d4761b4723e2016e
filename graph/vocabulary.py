"""Which words does this graph know?  Keywords of works and names of topics, sorted for look-ups as somebody types.

Derived, like the text index, and kept beside it; segmentation, suggestions and explanations read it, retrieval never
does (bigrams retrieve). A look-up is a binary search in one sorted run of bytes: 300,000 words with pinyin and initials
are about 40 MB and one prefix takes some microseconds.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from itertools import accumulate
from pathlib import Path
from typing import Final, NamedTuple
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from graph.text import HAN, fold, pinyin_forms, tokens

_Numbers = NDArray[np.int64]
_Hashes = NDArray[np.uint64]

# Raise it with every change of the file's arrays or of what a key is.
VERSION: Final = 1
# The most frequent ones stay; a word of one work among a million helps nobody who types its beginning.
MOST_WORDS: Final = 300_000
# Keywords of real works: 99.9 % of those of chinaxiv_zh are shorter; what is longer is a sentence in the wrong field.
LONGEST_WORD: Final = 32
# Words are looked for in the beginning of a text: an application's title and summary.
LONGEST_READ: Final = 5_000
_LONGEST_WITHIN: Final = 16
# Candidates that share one half with a mistyped word, the most frequent first; comparing one takes about 5 µs.
_MOST_COMPARED: Final = 2_000
# Any odd number does: positions must not commute. Wraps at 2⁶⁴; every hit is compared letter by letter.
_BASE: Final = 0x9E3779B97F4A7C15
_KEYWORD, _TOPIC = 1, 2
_NAME, _SOUND = 0, 1
_ONLY_HAN: Final = re.compile(f"[{HAN}]+")


class Word(NamedTuple):
    """One known word: in how many works it is a keyword, and whether a topic bears it.

    `stands_for` is the topic's name when the word is another name of it ("符号逻辑学" for "演绎逻辑学"), else "".
    """

    text: str
    works: int
    topic: bool
    stands_for: str = ""


class Vocabulary:
    """The known words at one number of the audit sequence. Immutable; safe to share between threads."""

    def __init__(self, arrays: Mapping[str, NDArray[np.generic]]) -> None:
        self._arrays = arrays
        self._texts = _Texts(arrays["texts"], arrays["text_ends"])
        self._keys = _Texts(arrays["keys"], arrays["key_ends"])
        self._backwards = _Texts(arrays["backwards"], arrays["backward_ends"])
        self._owners: _Numbers = arrays["owners"].astype(np.int64)
        self._key_kinds = arrays["key_kinds"]
        self._backward_owners: _Numbers = arrays["backward_owners"].astype(np.int64)
        self._works: _Numbers = arrays["works"].astype(np.int64)
        self._kinds = arrays["kinds"]
        self._targets: _Numbers = arrays["targets"].astype(np.int64)
        self._hashes: _Hashes = arrays["hashes"].astype(np.uint64)
        self.sequence = int(arrays["sequence"][0])
        self.counted_to = int(arrays["sequence"][1])

    def __len__(self) -> int:
        return len(self._texts)

    # --- making and keeping

    @classmethod
    def of(
        cls,
        keywords: Mapping[str, int],
        topics: Iterable[tuple[str, str]] = (),
        *,
        sequence: int = 0,
        counted_to: int | None = None,
        known_sounds: Vocabulary | None = None,
    ) -> Vocabulary:
        """Make it from keyword → number of works, and (name, further name) of topics ("" = no further name).

        Spellings that `fold` makes equal are one word, shown as the most frequent one is written. `known_sounds` lends
        the pinyin that it has (a word's pinyin takes 30 µs, 300,000 of them ten seconds).
        """
        words = _merged(keywords, topics)
        keys = sorted(words, key=lambda key: (-words[key].works, key))
        place = {key: number for number, key in enumerate(keys)}
        shown = [words[key].text for key in keys]
        sounds = {} if known_sounds is None else known_sounds.sounds()
        pairs: list[tuple[bytes, int, int]] = []
        for number, key in enumerate(keys):
            pairs.append((key.encode(), _NAME, number))
            pairs.extend((sound.encode(), _SOUND, number) for sound in sounds.get(key) or _pinyin(key))
        pairs.sort()
        backwards = sorted((key[::-1].encode(), number) for number, key in enumerate(keys))
        kinds = [_TOPIC * words[key].topic + _KEYWORD * (words[key].works > 0) for key in keys]
        arrays: dict[str, NDArray[np.generic]] = {
            **_packed("texts", "text_ends", [text.encode() for text in shown]),
            **_packed("keys", "key_ends", [key for key, _, _ in pairs]),
            "owners": np.array([number for _, _, number in pairs], dtype=np.uint32),
            "key_kinds": np.array([kind for _, kind, _ in pairs], dtype=np.uint8),
            **_packed("backwards", "backward_ends", [key for key, _ in backwards]),
            "backward_owners": np.array([number for _, number in backwards], dtype=np.uint32),
            "works": np.array([words[key].works for key in keys], dtype=np.uint32),
            "kinds": np.array(kinds, dtype=np.uint8),
            "targets": np.array([place.get(words[key].target, -1) for key in keys], dtype=np.int32),
            "hashes": np.sort(np.array([_hash(key) for key in keys], dtype=np.uint64)),
            "sequence": np.array([sequence, sequence if counted_to is None else counted_to], dtype=np.int64),
        }
        return cls(arrays)

    def save(self, path: Path) -> None:
        """Write it whole or not at all; raises `OSError`."""
        temporary = path.with_suffix(".new")
        with temporary.open("wb") as out:
            np.savez(out, allow_pickle=False, **self._arrays)
        temporary.replace(path)

    @classmethod
    def load(cls, path: Path) -> Vocabulary:
        """Read what `save` wrote; raises `OSError`, and `ValueError` for anything else."""
        try:
            # Read whole: an archive that is none would leave the file open.
            with np.load(BytesIO(path.read_bytes()), allow_pickle=False) as file:
                return cls({name: file[name] for name in file.files})
        except (EOFError, KeyError, AttributeError, BadZipFile) as error:
            raise ValueError("no vocabulary") from error

    def keywords(self) -> dict[str, int]:
        """Return every keyword as shown, with its number of works."""
        return {self._texts.text(number): int(count) for number, count in enumerate(self._works.tolist()) if count}

    def sounds(self) -> dict[str, list[str]]:
        """Return key → pinyin and initials, of every word that has them."""
        found: dict[str, list[str]] = {}
        kinds = self._key_kinds.tolist()
        keys = {owner: self._keys.text(place) for place, owner in enumerate(self._owners.tolist()) if not kinds[place]}
        for place, owner in enumerate(self._owners.tolist()):
            if kinds[place]:
                found.setdefault(keys[owner], []).append(self._keys.text(place))
        return found

    def topics(self) -> list[tuple[str, str]]:
        """Return the names and further names of topics as `of` takes them."""
        found: list[tuple[str, str]] = []
        targets = self._targets.tolist()
        for number, kind in enumerate(self._kinds.tolist()):
            if kind & _TOPIC:
                found.append((self._texts.text(number), ""))
            elif targets[number] >= 0:
                found.append((self._texts.text(targets[number]), self._texts.text(number)))
        return found

    # --- asking

    def find(self, text: str) -> Word | None:
        """Is this a known word, however it is written (full width, capitals, spaces)?"""
        key = fold(text[: 4 * LONGEST_WORD])
        number = self._number(key)
        return None if number is None else self._word(number)

    def beginning(self, text: str, limit: int) -> list[Word]:
        """Which words begin like this, in characters, pinyin or initials?  Most works first, topics before ties."""
        key = fold(text[: 4 * LONGEST_WORD])
        if not key or limit <= 0:
            return []
        first, last = self._keys.range(key.encode())
        owners = self._owners[first:last]
        if not len(owners):
            plain = key.replace(" ", "").replace("'", "")
            if plain == key or not plain.isascii():
                return []
            first, last = self._keys.range(plain.encode())
            owners = self._owners[first:last]
        # Numbers ascend as works fall, so the smallest are the best.
        best = np.unique(owners)
        exact = self._number(key)
        chosen = [number for number in best[: limit + 1].tolist() if number != exact]
        return [self._word(number) for number in ([exact] if exact is not None else []) + chosen][:limit]

    def sounding(self, text: str, limit: int) -> list[Word]:
        """Which words are read exactly like this pinyin (without tones, "rengongzhineng") or these characters?"""
        found: list[int] = []
        for sound in self._readings(text):
            first, last = self._keys.range(sound.encode(), whole=True)
            kinds = self._key_kinds[first:last]
            found.extend(self._owners[first:last][kinds == _SOUND].tolist())
        return [self._word(number) for number in sorted(set(found))[:limit]]

    def near(self, text: str, limit: int) -> list[Word]:
        """Which words may have been meant?  Those that sound the same, then those one slip of a key away.

        One slip: a character wrong, missing, too many, or two neighbours exchanged (Damerau 1964, "A technique for
        computer detection and correction of spelling errors", CACM 7(3): 80 % of errors). It leaves the beginning
        or the end as it is, so that only words that share one of them are compared.
        """
        key = fold(text[: 4 * LONGEST_WORD])
        if len(key) < 2:
            return []
        sounding = [word for word in self.sounding(key, limit + 1) if fold(word.text) != key]
        numbers = self._sharing_half(key) if len(key) >= 3 else []
        slips = [number for number in numbers if _one_slip(key, fold(self._texts.text(number)))]
        words = {word.text: word for word in [*sounding, *map(self._word, slips[: limit + 1])]}
        return list(words.values())[:limit]

    def within(self, text: str) -> list[tuple[int, int, Word]]:
        """Which known words stand in a text?  (start, end, word) in its first 5,000 characters, overlaps included.

        Words of 2 to 16 characters; a Latin word only where it begins and ends as a word.
        """
        read = text[:LONGEST_READ]
        plain = "".join(_one_for_one(letter) for letter in read)
        found: list[tuple[int, int, Word]] = []
        for start, end in self._hits(plain):
            part = plain[start:end]
            if (part[0].isascii() and _inside_a_word(plain, start)) or (
                part[-1].isascii() and _inside_a_word(plain, end)
            ):
                continue
            number = self._number(part)
            if number is not None:
                found.append((start, end, self._word(number)))
        return found

    # --- parts

    def _hits(self, plain: str) -> list[tuple[int, int]]:
        """Return where a substring has the hash of a word, all lengths in one pass of array arithmetic each."""
        if not len(self._hashes):
            return []
        codes = np.frombuffer(plain.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)
        rolling = np.zeros(len(codes), dtype=np.uint64)
        found: list[tuple[int, int]] = []
        for length in range(1, min(_LONGEST_WITHIN, len(codes)) + 1):
            count = len(codes) - length + 1
            rolling = rolling[:count] * np.uint64(_BASE) + codes[length - 1 :] + np.uint64(1)
            if length > 1:
                places = np.searchsorted(self._hashes, rolling).clip(max=len(self._hashes) - 1)
                starts = np.flatnonzero(self._hashes[places] == rolling)
                found.extend((start, start + length) for start in starts.tolist())
        return sorted(found)

    def _number(self, key: str) -> int | None:
        if not key:
            return None
        first, last = self._keys.range(key.encode("utf-8", "replace"), whole=True)
        named = self._owners[first:last][self._key_kinds[first:last] == _NAME]
        return int(named[0]) if len(named) else None

    def _word(self, number: int) -> Word:
        target = int(self._targets[number])
        return Word(
            self._texts.text(number),
            int(self._works[number]),
            bool(int(self._kinds[number]) & _TOPIC),
            self._texts.text(target) if target >= 0 else "",
        )

    def _readings(self, text: str) -> list[str]:
        plain = fold(text[: 4 * LONGEST_WORD])
        if plain.isascii():
            letters = plain.replace(" ", "").replace("'", "")
            return [letters] if letters.isalpha() else []
        return [form for form in _pinyin(plain) if len(form) > len(plain)]

    def _sharing_half(self, key: str) -> list[int]:
        # Two neighbours exchanged in the middle leave a little less than half.
        half = max(1, (len(key) - 1) // 2)
        first, last = self._keys.range(key[:half].encode("utf-8", "replace"))
        begun = self._owners[first:last][self._key_kinds[first:last] == _NAME]
        first, last = self._backwards.range(key[::-1][:half].encode("utf-8", "replace"))
        return np.union1d(begun, self._backward_owners[first:last])[:_MOST_COMPARED].tolist()


class _Texts:
    """Texts in one run of bytes with their ends: as fast to search as a list, a third of its size."""

    def __init__(self, run: NDArray[np.generic], ends: NDArray[np.generic]) -> None:
        self._run = run.tobytes()
        self._ends: _Numbers = ends.astype(np.int64)

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __getitem__(self, place: int) -> bytes:
        return self._run[self._ends[place] : self._ends[place + 1]]

    def text(self, place: int) -> str:
        return self[place].decode()

    def range(self, beginning: bytes, *, whole: bool = False) -> tuple[int, int]:
        """Return where the texts with this beginning (or the very ones) stand."""
        # 0xFF is in no UTF-8 text, and 0x00 below every letter.
        return bisect_left(self, beginning), bisect_left(self, beginning + (b"\x00" if whole else b"\xff"))


class _Merged:
    __slots__ = ("best", "target", "text", "topic", "works")

    def __init__(self, text: str) -> None:
        self.text, self.works, self.best, self.topic, self.target = text, 0, 0, False, ""


def _merged(keywords: Mapping[str, int], topics: Iterable[tuple[str, str]]) -> dict[str, _Merged]:
    """Return key → word; the words beyond `MOST_WORDS`, the rarest keywords, are left out."""
    words: dict[str, _Merged] = {}
    for text, works in sorted(keywords.items(), key=lambda each: (-each[1], each[0])):
        key = _key(text)
        if key:
            word = words.setdefault(key, _Merged(_shown(text)))
            word.works += works
    if len(words) > MOST_WORDS:
        kept = sorted(words, key=lambda key: (-words[key].works, key))[:MOST_WORDS]
        words = {key: words[key] for key in kept}
    for name, further in topics:
        key = _key(name)
        if key:
            words.setdefault(key, _Merged(_shown(name))).topic = True
            other = _key(further)
            if other and other != key and other not in words:
                words[other] = _Merged(_shown(further))
                words[other].target = key
    for word in words.values():
        if word.target and word.topic:
            word.target = ""
    return words


def _key(text: str) -> str:
    if not text or len(text) > LONGEST_WORD:
        return ""
    key = fold(text.encode("utf-8", "replace").decode())
    # A single letter or a run of punctuation is a fault of the file.
    return key if len(key) > 1 and tokens(key) else ""


def _shown(text: str) -> str:
    return " ".join(text.encode("utf-8", "replace").decode().split())


def _pinyin(key: str) -> tuple[str, ...]:
    # Mixed words ("AI芯片") are typed with their letters, which the pinyin of the Han characters alone would not match.
    return pinyin_forms(key) if _ONLY_HAN.fullmatch(key) else ()


def _packed(run: str, ends: str, texts: Sequence[bytes]) -> dict[str, NDArray[np.generic]]:
    sizes = [0, *accumulate(len(text) for text in texts)]
    return {run: np.frombuffer(b"".join(texts), dtype=np.uint8), ends: np.array(sizes, dtype=np.uint32)}


def _hash(key: str) -> int:
    value = 0
    for letter in key:
        value = (value * _BASE + ord(letter) + 1) & 0xFFFFFFFFFFFFFFFF
    return value


def _one_for_one(letter: str) -> str:
    plain = fold(letter) if letter > " " else " "
    return plain if len(plain) == 1 else letter.lower() if len(letter.lower()) == 1 else letter


def _inside_a_word(text: str, place: int) -> bool:
    return 0 < place < len(text) and all(each.isascii() and each.isalnum() for each in text[place - 1 : place + 1])


def _one_slip(one: str, other: str) -> bool:
    """Is the Damerau distance of two different words 1?"""
    if one == other or abs(len(one) - len(other)) > 1:
        return False
    begin = 0
    while begin < min(len(one), len(other)) and one[begin] == other[begin]:
        begin += 1
    rest, rest_other = one[begin:], other[begin:]
    if len(one) == len(other):
        exchanged = rest[1::-1] == rest_other[:2] and len(rest) > 1 and rest[2:] == rest_other[2:]
        return exchanged or rest[1:] == rest_other[1:]
    return rest[1:] == rest_other if len(one) > len(other) else rest == rest_other[1:]
