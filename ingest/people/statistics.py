"""How often is a name, an organisation, a word in the store? A dated snapshot for every pair score.

The score of two mentions depends on the two and on this snapshot only, never on what else arrived since. So components
only grow while batches come, the order of batches cannot matter, and no automatic split is ever needed. A new snapshot
is a decision of its own: everything is scored again.
"""

from __future__ import annotations

import io
import json
import math
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from hashlib import blake2b
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from graph.errors import InputError
from ingest.people.mentions import TOKEN_SLOTS, Floats, MentionTable
from ingest.people.topics import COMMON, Dense, TopicModel, learn_topics, no_topics

FORMAT: Final = 1
# The values at which the rarity terms of the recipe are zero (ln(N/df) = 6, ln(M/df) = 4, ln(mentions) = 4): what a
# store knows nothing about is neither rare nor frequent.
_NEUTRAL_NAME: Final = math.exp(6)
_NEUTRAL_ORGANISATION: Final = math.exp(4)
# Below this many works counts say nothing about rarity.
_FEWEST_WORKS: Final = 200


@dataclass(frozen=True, slots=True)
class Frequencies:
    """Counts by a 64-bit hash of a string; what is not in it counts as `unknown`."""

    hashes: NDArray[np.uint64]
    counts: NDArray[np.int32]
    unknown: float

    def of(self, keys: list[str]) -> Floats:
        """Return the count of each key."""
        if not len(self.hashes) or not keys:
            return np.full(len(keys), self.unknown, dtype=np.float64)
        asked = hashed(keys)
        place = np.minimum(np.searchsorted(self.hashes, asked), len(self.hashes) - 1)
        return np.where(self.hashes[place] == asked, self.counts[place], self.unknown)


@dataclass(frozen=True)
class Background:
    """N works, M mentions, document frequencies of names, mention frequencies of organisations, words and topics.

    `made_on` is a day, `version` a digest of the contents: the same counts give the same version.
    """

    works: int
    mentions: int
    names: Frequencies
    organisations: Frequencies
    token_frequency: NDArray[np.int32]
    topics: TopicModel
    made_on: str

    @cached_property
    def idf(self) -> Dense:
        """ln(N / df) of every token slot; 0 for tokens on more than 5 % of the works and for all without counts."""
        frequency = self.token_frequency
        known = (frequency > 0) & (frequency <= max(2.0, COMMON * self.works))
        values = np.log(np.maximum(self.works, 1) / np.maximum(frequency, 1))
        return np.where(known, values, 0).astype(np.float32)

    @cached_property
    def version(self) -> str:
        """Digest of the contents, 16 hexadecimal digits."""
        parts = (self.names.hashes, self.names.counts, self.organisations.hashes, self.organisations.counts)
        digest = blake2b(f"{FORMAT} {self.works} {self.mentions}".encode(), digest_size=8)
        for part in (*parts, self.token_frequency, self.topics.projection):
            digest.update(np.ascontiguousarray(part).tobytes())
        return digest.hexdigest()

    def to_bytes(self) -> bytes:
        """Return the snapshot as an .npz file (numpy's format, no pickles)."""
        head = {
            "format": FORMAT, "works": self.works, "mentions": self.mentions, "made_on": self.made_on,
            "unknown_name": self.names.unknown, "unknown_organisation": self.organisations.unknown,
            "version": self.version,
        }  # fmt: skip
        kept = np.flatnonzero(self.topics.row_of >= 0).astype(np.int32)
        file = io.BytesIO()
        np.savez_compressed(
            file,
            head=np.frombuffer(json.dumps(head).encode(), dtype=np.uint8),
            name_hashes=self.names.hashes,
            name_counts=self.names.counts,
            organisation_hashes=self.organisations.hashes,
            organisation_counts=self.organisations.counts,
            token_frequency=self.token_frequency,
            slots=kept[np.argsort(self.topics.row_of[kept])],
            projection=self.topics.projection.astype(np.float16),
            mean=self.topics.mean,
        )
        return file.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> Background:
        """Read a snapshot; raises `InputError` when it is none, or of another format."""
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as file:
                parts = {name: file[name] for name in file.files}
            head = cast("dict[str, Any]", json.loads(bytes(parts["head"])))
            if head["format"] != FORMAT:
                raise InputError(f"同名统计快照的格式是 {head['format']}，本版本读 {FORMAT}", hint="请重新统计")
            row_of = np.full(TOKEN_SLOTS, -1, dtype=np.int32)
            row_of[parts["slots"]] = np.arange(len(parts["slots"]), dtype=np.int32)
            found = cls(
                int(head["works"]),
                int(head["mentions"]),
                Frequencies(parts["name_hashes"], parts["name_counts"], float(head["unknown_name"])),
                Frequencies(
                    parts["organisation_hashes"], parts["organisation_counts"], float(head["unknown_organisation"])
                ),
                parts["token_frequency"],
                TopicModel(row_of, parts["projection"].astype(np.float32), parts["mean"]),
                str(head["made_on"]),
            )
            damaged = found.token_frequency.shape != (TOKEN_SLOTS,) or found.version != head["version"]
        except InputError:
            raise
        except Exception as error:
            raise InputError("不是同名统计快照，或已损坏", hint="请重新统计") from error
        if damaged:
            raise InputError("同名统计快照已损坏：内容与校验值不符", hint="请重新统计")
        return found


def count_background(table: MentionTable, *, made_on: str = "", topics: bool = True, seed: int = 0) -> Background:
    """Return the snapshot of a whole store; `made_on` is a day (today without one).

    Names are counted by works, organisations by mentions, tokens by works. Below 200 works there is nothing to count
    on: rarity stays neutral.
    """
    if table.works < _FEWEST_WORKS:
        return default_background(made_on)
    names = np.bincount(table.work_people.items, minlength=len(table.names)).astype(np.int32)
    organisations = np.bincount(table.mention_orgs.items, minlength=len(table.organisations)).astype(np.int32)
    frequency = np.bincount(table.work_tokens.items, minlength=TOKEN_SLOTS).astype(np.int32)
    found = Background(
        table.works,
        len(table),
        _frequencies(table.names, names, 1.0),
        _frequencies(table.organisations, organisations, 1.0),
        frequency,
        no_topics(),
        made_on or datetime.now(UTC).date().isoformat(),
    )
    if not topics:
        return found
    model = learn_topics(table, found.idf, frequency, seed)
    return Background(found.works, found.mentions, found.names, found.organisations, frequency, model, found.made_on)


def default_background(made_on: str = "") -> Background:
    """Return the snapshot of a store about which nothing is known: every rarity term is zero, topics say nothing."""
    nothing = np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int32)
    works, mentions = 10_000, 45_000
    return Background(
        works,
        mentions,
        Frequencies(*nothing, works / _NEUTRAL_NAME),
        Frequencies(*nothing, mentions / _NEUTRAL_ORGANISATION),
        np.zeros(TOKEN_SLOTS, dtype=np.int32),
        no_topics(),
        made_on or datetime.now(UTC).date().isoformat(),
    )


def hashed(keys: list[str]) -> NDArray[np.uint64]:
    """Return 64-bit hashes of strings, the same on every machine."""
    digests = b"".join(blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest() for key in keys)
    return np.frombuffer(digests, dtype="<u8").astype(np.uint64)


def _frequencies(keys: list[str], counts: NDArray[np.int32], unknown: float) -> Frequencies:
    chosen = np.flatnonzero(counts > 0)
    hashes = hashed([keys[code] for code in chosen])
    order = np.argsort(hashes, kind="stable")
    return Frequencies(hashes[order], counts[chosen][order], unknown)
