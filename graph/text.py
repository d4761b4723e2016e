"""What text looks like to the search: tokens, normalised names, pinyin, matched spans. Pure, no state but caches.

One recipe for documents and questions (../shared/design/ranking.md, section 1, where bigrams were measured against
words cut by jieba, which lost .01 to .04 hit@10). A change of the recipe needs another index format.
"""

import re
import threading
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from functools import lru_cache
from operator import add
from typing import cast

import snowballstemmer  # pyright: ignore[reportMissingTypeStubs]

# Planes 2 and 3 are wholly ideographic (Unicode 17, chapter 18): extensions B to J and what comes after them.
HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fffd"

# The 33 words of Lucene's EnglishAnalyzer.ENGLISH_STOP_WORDS_SET.
STOP_WORDS = frozenset(
    [
        "a", "an", "and", "are", "as", "at", "be", "but", "by", "for", "if", "in", "into", "is", "it", "no", "not",
        "of", "on", "or", "such", "that", "the", "their", "then", "there", "these", "they", "this", "to", "was", "will",
        "with",
    ]
)  # fmt: skip

# Longer runs of letters and digits are data (base64, sequences), not words; only their beginning is kept.
LONGEST_WORD = 64

_RUN = re.compile(f"[{HAN}]+|[a-z0-9]{{2,}}")
_HAN = re.compile(f"[{HAN}]")
# Zero-width, soft-hyphen and direction marks stand inside words copied from PDFs and web pages.
_INVISIBLE = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]")
# Normalising n combining marks in a row takes n² steps in CPython; UAX #15 (stream-safe text) allows 30.
_LONG_NON_WORD = re.compile(r"\W{31,}")
_ACCENTED = re.compile("[\u0080-\u024f\u0300-\u036f\u1e00-\u1eff]")
_ACCENTS = re.compile("(?<=[a-z])[\u0300-\u036f]+")
_LETTERS_WITHOUT_DECOMPOSITION = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "þ": "th", "ı": "i", "ħ": "h"}
)


def tokens(text: str) -> list[str]:
    """Return the search tokens of a text, in order, repeats kept.

    NFKC and lower case, accents off; every run of Han characters gives its character bigrams (a single character gives
    itself); `[a-z0-9]+` of two characters or more gives its Snowball English stem unless it is one of Lucene's 33
    stop words. Everything else (punctuation, emoji, operators, direction marks, other scripts) separates. Any string
    is accepted; the time is linear in its length. A token never contains white space.
    """
    found: list[str] = []
    for run in _RUN.findall(_plain(text)):
        if run[0] > "z":
            if len(run) == 1:
                found.append(run)
            else:
                found.extend(map(add, run, run[1:]))
        elif run not in STOP_WORDS:
            found.append(_stem(run))
    return found


def term_counts(text: str) -> Counter[str]:
    """Return how often each token of `tokens` stands in the text, in order of first appearance."""
    return Counter(tokens(text))


def highlight_spans(text: str, terms: Collection[str]) -> list[tuple[int, int]]:
    """Return where the terms (tokens, as `tokens` makes them) stand in a text, as (start, end) in its own characters.

    Spans are disjoint and ascending; those that overlap or touch are one ("人工" and "工智" light up
    "人工智" once).
    """
    wanted = terms if isinstance(terms, (set, frozenset)) else frozenset(terms)
    spans: list[tuple[int, int]] = []
    if not wanted:
        return spans
    plain, origin = _plain_with_origin(text)
    for run in _RUN.finditer(plain):
        for start, end in _matches(run[0], run.start(), wanted):
            first, last = origin[start], max(origin[end - 1] + 1, origin[end])
            if spans and first <= spans[-1][1]:
                spans[-1] = (spans[-1][0], max(last, spans[-1][1]))
            else:
                spans.append((first, last))
    return spans


def fold(text: str) -> str:
    """Return the form in which two spellings of one name of a body, place or title are equal.

    NFKC and case folding (full-width forms become ASCII); brackets, dashes, quotes and middle dots of all kinds become
    `( ) - " ' ·`; invisible marks go; white space beside a Han character, bracket, dash or dot goes, other white
    space becomes one space; punctuation at the ends goes, but for brackets. `fold(fold(x)) == fold(x)`.
    """
    return _folded_again(text) if len(text) <= _LONGEST_KEPT else _folded(text)


def name_key(name: str) -> str:
    """Return the key under which two spellings of one person's name are equal; "" when the text holds no letter.

    A name with a Han character: its letters without spaces, digits and footnote marks; the dots of transliterated names
    ("买买提・艾力", "买买提.艾力") become "·"; a bracket without Han ("王伟 (Wang Wei)") is left out.
    Any other name: lower-case words without accents, joined by one space; hyphens and apostrophes go ("Jean-Pierre" →
    "jeanpierre"), full stops separate ("J.P. Smith" → "j p smith"), "Smith, John" is turned round, titles of succession
    (Jr., III) and degrees after a comma are left out. The key is no proof of identity, only a reason to compare.
    """
    return _key_again(name) if len(name) <= _LONGEST_KEPT else _key(name)


def pinyin_forms(name: str) -> tuple[str, ...]:
    """Return what a person types in Latin letters to find a Chinese name: full pinyin without tones, then initials.

    "王伟" → ("wangwei", "ww"). A surname that is read differently from the common word gets its reading as a surname
    first, the common one after it ("曾明" → "zengming", "cengming", "zm", "cm"); ü is given as v (keyboards) and as yu
    (passports, GB/T 28039-2011). A name without Han characters gives (); other characters are passed over. At most 64
    characters are read.
    """
    han = "".join(_HAN.findall(_normalise(name)[:256]))[:64]
    if not han:
        return ()
    from pypinyin import lazy_pinyin  # noqa: PLC0415  (70 000 readings: only when a name is indexed or looked up)

    common = lazy_pinyin(han, errors="ignore")
    readings = [common]
    surname = _SURNAME_READINGS.get(han[0])
    if surname and len(common) == len(han) > 1 and han[:2] not in _COMPOUND_SURNAMES:
        readings.insert(0, [surname, *common[1:]])
    full = ["".join(syllables) for syllables in readings]
    passport = ["".join(syllable.replace("v", "yu") for syllable in syllables) for syllables in readings]
    initials = ["".join(syllable[0] for syllable in syllables if syllable) for syllables in readings]
    return tuple(dict.fromkeys(form for form in (*full, *passport, *initials) if form))


# Where pypinyin 0.55 gives the common reading: the reading as a surname (现代汉语词典, 7th edition, entries marked 姓).
_SURNAME_READINGS = {
    "曾": "zeng", "单": "shan", "仇": "qiu", "解": "xie", "查": "zha", "区": "ou", "朴": "piao", "翟": "zhai",
    "盖": "ge", "缪": "miao", "乐": "yue", "员": "yun", "秘": "bi", "繁": "po", "种": "chong", "黑": "he",
    "召": "shao", "折": "she", "隗": "wei", "覃": "qin", "卜": "bu", "洗": "xian", "祭": "zhai", "都": "du",
    "句": "gou", "能": "nai",
}  # fmt: skip
# Two characters that are a surname together and read as one though the first has a reading above.
_COMPOUND_SURNAMES = frozenset(("单于",))

_PUNCTUATION_VARIANTS = str.maketrans(
    {
        **dict.fromkeys("[{<〈《「『【〔〖〘〚", "("),
        **dict.fromkeys("]}>〉》」』】〕〗〙〛", ")"),
        **dict.fromkeys("‐‑‒–—―−─~〜～", "-"),
        **dict.fromkeys("“”„«»″", '"'),
        **dict.fromkeys("‘’‛`´′", "'"),
        **dict.fromkeys("•‧∙⋅・･●", "·"),
        "、": ",",
        "。": ".",
    }
)
_SPACES = re.compile(r"\s+")
_LOOSE_SPACE = re.compile(f"(?<=[{HAN}()·-]) | (?=[{HAN}()·-])")
_END_PUNCTUATION = " ,.;:!?-·\"'*"
_BRACKETS = re.compile(r"[(\[（【][^()\[\]（）【】]*[)\]）】]")
_DOTS = re.compile("[.·•‧∙⋅・･●]+")
_NOT_IN_HAN_NAME = re.compile("[^a-z\u00df-\u024f.·•‧∙⋅・･●" + HAN + "]+")
_JOINED_IN_WORD = re.compile("[-‐‑‒–'’`´ʼ]")
_WORD_OF_NAME = re.compile(r"[^\W\d_]+")
_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv", "phd", "ph d", "md", "m d"})


def _normalise(text: str) -> str:
    if text.isascii():
        return text
    return unicodedata.normalize("NFKC", _INVISIBLE.sub("", _LONG_NON_WORD.sub(" ", text)))


def _folded(text: str) -> str:
    folded = _normalise(text).casefold().translate(_PUNCTUATION_VARIANTS)
    folded = _SPACES.sub(" ", unicodedata.normalize("NFKC", folded))
    return _LOOSE_SPACE.sub("", folded).strip(_END_PUNCTUATION)


def _key(name: str) -> str:
    plain = _normalise(name).casefold()
    if _HAN.search(plain):
        plain = _BRACKETS.sub(lambda found: found[0] if _HAN.search(found[0]) else "", plain)
        return _DOTS.sub("·", _NOT_IN_HAN_NAME.sub("", plain)).strip("·")
    parts = [_western_words(part) for part in plain.split(",")]
    parts = [part for part in parts if part and part not in _SUFFIXES]
    return " ".join(parts[1:2] + parts[:1] + parts[2:])


# The names of a file repeat (a body's stands beside each of its people); 16,384 short ones take about 4 MB.
_LONGEST_KEPT = 200
_folded_again = lru_cache(maxsize=16_384)(_folded)
_key_again = lru_cache(maxsize=16_384)(_key)


def _plain(text: str) -> str:
    return _without_accents(_normalise(text).lower())


def _without_accents(text: str) -> str:
    if text.isascii() or not _ACCENTED.search(text):
        return text
    letters = unicodedata.normalize("NFD", text).translate(_LETTERS_WITHOUT_DECOMPOSITION)
    return unicodedata.normalize("NFC", _ACCENTS.sub("", letters))


def _plain_with_origin(text: str) -> tuple[str, list[int]]:
    """Return the plain text and where each of its characters (and its end) stands in the text."""
    plain: list[str] = []
    origin: list[int] = []
    last = ""
    for position, character in enumerate(text):
        piece = character.lower() if character.isascii() else _plain(character)
        if "a" <= last <= "z" and unicodedata.combining(character):
            continue
        last = piece[-1:] or last
        plain.append(piece)
        origin.extend([position] * len(piece))
    return "".join(plain), [*origin, len(text)]


def _matches(run: str, offset: int, wanted: Collection[str]) -> Iterator[tuple[int, int]]:
    if run[0] <= "z":
        if run not in STOP_WORDS and _stem(run) in wanted:
            yield offset, offset + len(run)
        return
    width = min(2, len(run))
    for start in range(len(run) - width + 1):
        if run[start : start + width] in wanted:
            yield offset + start, offset + start + width


def _western_words(text: str) -> str:
    joined = _JOINED_IN_WORD.sub("", _without_accents(text))
    return " ".join(_WORD_OF_NAME.findall(joined))


# The package has no types; one stemmer holds the word it works on, so threads take turns.
_stem_english = cast("Callable[[str], str]", snowballstemmer.stemmer("english").stemWord)  # pyright: ignore[reportUnknownMemberType]
_one_at_a_time = threading.Lock()


# 65 536 stems hold the words of 100 000 abstracts in about 10 MB; a stem costs 25 µs, a cached one 60 ns.
@lru_cache(maxsize=65_536)
def _stem(word: str) -> str:
    if len(word) > LONGEST_WORD:
        return word[:LONGEST_WORD]
    with _one_at_a_time:
        return _stem_english(word)
