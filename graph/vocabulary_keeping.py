"""The vocabulary of one text index, kept beside it and brought up to date from the graph when the index has moved on.

It lies in the folder of the index's generation, so that an index that was built anew has a vocabulary that is, too.
A word of a work that was changed is counted again until the next full count: the numbers of works are for the eye.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final, LiteralString
from weakref import WeakKeyDictionary

from graph.database import Database
from graph.errors import ZhikuError
from graph.textindex import TextIndex
from graph.vocabulary import Vocabulary

Progress = Callable[[int, int], None]

FILE: Final = "vocabulary-1.npz"
# A question waits for at most about a second (5,000 works have 20,000 keywords): above these a thread counts, and the
# question goes on with what there is.
_WORKS_AT_ONCE: Final = 5_000
# One audit number is a batch of at most 2,000 changes.
_NUMBERS: Final = 20
# After so much was written since the last full count, everything is counted anew.
_RECOUNT_SHARE: Final = 0.1
_RECOUNT_NUMBERS: Final = 200

_KEYWORDS: Final[tuple[LiteralString, ...]] = (
    """UNWIND range($first, $last) AS number MATCH (n:Output {seq: number})
       WHERE n.tombstone IS NULL AND coalesce(n.visibility, '') <> 'restricted' AND n.keywords IS NOT NULL
       UNWIND n.keywords AS word RETURN word, count(*) AS works""",
    """UNWIND range($first, $last) AS number MATCH (n:Project {seq: number})
       WHERE n.tombstone IS NULL AND coalesce(n.visibility, '') <> 'restricted' AND n.keywords IS NOT NULL
       UNWIND n.keywords AS word RETURN word, count(*) AS works""",
)
_TOPICS: Final[LiteralString] = """
UNWIND range($first, $last) AS number MATCH (n:Topic {seq: number})
WHERE n.tombstone IS NULL AND coalesce(n.visibility, '') <> 'restricted' AND n.name IS NOT NULL
RETURN n.name AS name, n.note AS note"""

# What stands in the remarks of GB/T 13745 and of the NSFC codes as mapped in docs/examples/mappings.
_OTHER_NAMES: Final = re.compile(r"(?:亦称|又称|也称|原名为|原名|英文)[:：]?\s*([^\n；;。]+)")
_BETWEEN_NAMES: Final = re.compile("[、，,/]|或(?:称)?")


class _Kept:
    def __init__(self) -> None:
        self.mutex = threading.Lock()
        self.vocabulary: Vocabulary | None = None
        self.place: Path | None = None
        self.counting: threading.Thread | None = None


_kept: WeakKeyDictionary[TextIndex, _Kept] = WeakKeyDictionary()
_keeping = threading.Lock()
_NOTHING: Final = Vocabulary.of({})


def vocabulary_of(database: Database, index: TextIndex) -> Vocabulary:
    """Return the words of this index's graph, caught up when that takes a moment.

    On a large graph a thread counts what is new (or everything, the first time) while questions go on with the words
    known so far: none at all until the first count has ended. Raises `StoreUnavailableError`.
    """
    kept = _of(index)
    known = _known(kept, index)
    if known is not None and known.sequence == index.sequence:
        return known
    if index.works <= _WORKS_AT_ONCE:
        return follow_vocabulary(database, index)
    with kept.mutex:
        if kept.counting is None or not kept.counting.is_alive():
            kept.counting = threading.Thread(
                target=_in_background, args=(database, index), name="zhiku-vocabulary", daemon=True
            )
            kept.counting.start()
    return known or _NOTHING


def follow_vocabulary(database: Database, index: TextIndex, progress: Progress | None = None) -> Vocabulary:
    """Count the words written since the last call (all of them, the first time), keep them, and return them.

    `progress(done, total)` is called in audit numbers. A folder that cannot be written only costs the next process its
    own count. Raises `StoreUnavailableError`.
    """
    kept = _of(index)
    known = _known(kept, index)
    folder, until = index.folder, index.sequence
    if known is not None and known.sequence == until:
        return known
    anew = known is None or known.sequence > until or _much_since(known, until)
    made = _counted(database, None if anew else known, until, progress, sounds=known)
    with kept.mutex:
        kept.vocabulary, kept.place = made, folder
        # The generation may have been swapped away, or the disk be full.
        with suppress(OSError):
            made.save(folder / FILE)
    return made


def _of(index: TextIndex) -> _Kept:
    with _keeping:
        return _kept.setdefault(index, _Kept())


def _known(kept: _Kept, index: TextIndex) -> Vocabulary | None:
    """Return what this process has of the index's present generation, or what another one has left in its folder."""
    folder = index.folder
    with kept.mutex:
        if kept.place == folder and kept.vocabulary is not None:
            return kept.vocabulary
        try:
            kept.vocabulary, kept.place = Vocabulary.load(folder / FILE), folder
        except (OSError, ValueError):
            return None
        return kept.vocabulary


def _much_since(known: Vocabulary, until: int) -> bool:
    return until - known.counted_to > max(_RECOUNT_NUMBERS, _RECOUNT_SHARE * known.counted_to)


def _in_background(database: Database, index: TextIndex) -> None:
    try:
        follow_vocabulary(database, index)
    except ZhikuError:
        # The engine has gone; the next question begins again, and says so itself.
        return


def _counted(
    database: Database, known: Vocabulary | None, until: int, progress: Progress | None, *, sounds: Vocabulary | None
) -> Vocabulary:
    words: Counter[str] = Counter()
    topics: list[tuple[str, str]] = []
    after = 0
    if known is not None:
        words.update(known.keywords())
        topics.extend(known.topics())
        after = known.sequence
    for first in range(after + 1, until + 1, _NUMBERS):
        last = min(until, first + _NUMBERS - 1)
        for text in _KEYWORDS:
            for row in database.records("vocabulary_keywords", text, first=first, last=last):
                words[row["word"]] += row["works"]
        for row in database.records("vocabulary_topics", _TOPICS, first=first, last=last):
            topics.append((row["name"], ""))
            topics.extend((row["name"], further) for further in other_names(row["note"] or ""))
        if progress is not None:
            progress(last, until)
    counted_to = until if known is None else known.counted_to
    return Vocabulary.of(words, topics, sequence=until, counted_to=counted_to, known_sounds=sounds)


def other_names(note: str) -> Iterator[str]:
    """Which further names does a topic's remark give ("亦称符号逻辑学", "英文 number theory")?"""
    for found in _OTHER_NAMES.finditer(note):
        for name in _BETWEEN_NAMES.split(found[1]):
            plain = name.strip(" “”\"'（）()")
            if len(plain) > 1:
                yield plain
