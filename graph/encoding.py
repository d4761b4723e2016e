"""From texts to vectors: the one seam behind which an encoder stands, and how vectors are stored with works.

A work's stored vectors are those of every encoder of its generation, one after the other, each number one byte. Texts
are near when their cosine is great. Nothing here reads a file: `graph.encoders` keeps encoders in a folder.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from graph.latent import Floats, LatentModel
from graph.text import tokens

Codes = NDArray[np.int8]
_LARGEST: Final = 127
# Says which encoders made the vectors behind it, so that those of another generation are never compared.
_TAG_BYTES: Final = 4


class WorkText(NamedTuple):
    """What an encoder may read: `tokens` by one space, and title and abstract as `written` ("" when not at hand).

    `kept` is the part of the last encoder of what was stored of a work before, b"" when nothing was; None for a
    question.
    """

    tokens: str
    written: str
    kept: bytes | None = None


class Encoder(Protocol):
    """What makes vectors. Two with the same `name` make the same vectors: it says kind, version and what was learnt."""

    @property
    def name(self) -> str:
        """What names the vectors?"""
        ...

    @property
    def dimensions(self) -> int:
        """How many numbers is a vector?"""
        ...

    def encode(self, texts: Sequence[WorkText]) -> Floats:
        """Return a vector of length 1 for each text, shape (texts, dimensions); 0 for one it cannot say anything of."""
        ...


@dataclass(frozen=True, slots=True)
class LatentEncoder:
    """The encoder learnt from the graph's own works (`graph.latent`); it reads the tokens."""

    name: str
    model: LatentModel

    @property
    def dimensions(self) -> int:
        """See `Encoder.dimensions`."""
        return self.model.dimensions

    def encode(self, texts: Sequence[WorkText]) -> Floats:
        """See `Encoder.encode`."""
        return self.model.encode([text.tokens for text in texts])


@dataclass(frozen=True, slots=True)
class QuestionVectors:
    """One text as every encoder sees it, to be compared with stored vectors of the same encoders.

    `names`: the encoders, in the order of the columns of `similarities`; `known`: which of them could say anything of
    the text (an English encoder cannot of a Chinese one).
    """

    names: tuple[str, ...]
    known: tuple[bool, ...]
    _tag: bytes = field(repr=False)
    _vectors: tuple[Floats, ...] = field(repr=False)

    def similarities(self, stored: Sequence[bytes]) -> Floats:
        """Return the cosine (−1 to 1) of each stored work with the text by each encoder, shape (works, encoders).

        0 for a work without a vector, and where the encoder does not know the text. 500 works take 1 ms.
        """
        result = np.zeros((len(stored), len(self.names)), dtype=np.float32)
        size = _TAG_BYTES + sum(len(vector) for vector in self._vectors)
        rows = [row for row, each in enumerate(stored) if len(each) == size and each[:_TAG_BYTES] == self._tag]
        if not rows:
            return result
        codes = np.frombuffer(b"".join([stored[row] for row in rows]), dtype=np.int8).reshape(len(rows), size)
        first = _TAG_BYTES
        for column, vector in enumerate(self._vectors):
            if self.known[column]:
                # Not by BLAS: its threads wait for each other longer than this takes.
                part = codes[:, first : first + len(vector)].astype(np.float32)
                lengths = np.sqrt(np.einsum("ij,ij->i", part, part))
                result[rows, column] = np.einsum("ij,j->i", part, vector) / np.maximum(lengths, 1)
            first += len(vector)
        return result


class Encoding:
    """The encoders of one generation of the text index; none at all is one, too."""

    def __init__(self, encoders: Sequence[Encoder]) -> None:
        self.encoders = tuple(encoders)
        names = "\n".join(encoder.name for encoder in encoders)
        self._tag = zlib.crc32(names.encode()).to_bytes(_TAG_BYTES, "big")

    def question(self, text: str) -> QuestionVectors | None:
        """Return the vectors of a question; None when no encoder can say anything of it."""
        vectors = self._vectors([WorkText(" ".join(tokens(text)), text)])
        known = tuple(bool(each[0].any()) for each in vectors)
        if not any(known):
            return None
        names = tuple(encoder.name for encoder in self.encoders)
        return QuestionVectors(names, known, self._tag, tuple(each[0] for each in vectors))

    def stored(self, texts: Sequence[WorkText]) -> list[bytes]:
        """Return the stored form of the vectors of each text; b"" where no encoder can say anything of it."""
        if not self.encoders or not texts:
            return [b""] * len(texts)
        codes = np.hstack([quantised(each) for each in self._vectors(texts)])
        return [self._tag + row.tobytes() if np.count_nonzero(row) else b"" for row in codes]

    def part(self, name: str, stored: bytes) -> bytes:
        """Return the part of an encoder in what these encoders stored of a work; b"" when there is none."""
        first = _TAG_BYTES
        for encoder in self.encoders:
            if encoder.name == name and stored[:_TAG_BYTES] == self._tag:
                return stored[first : first + encoder.dimensions]
            first += encoder.dimensions
        return b""

    def _vectors(self, texts: Sequence[WorkText]) -> list[Floats]:
        return [encoder.encode(texts) for encoder in self.encoders]


def quantised(vectors: Floats) -> Codes:
    """Return vectors with one byte a number, the greatest of each ±127; lengths are lost, directions kept.

    Each number is off by at most half a step of its vector's greatest m, so a cosine by at most m · √dimensions / 254
    (worst case; on 9,354 real works with 300 dimensions the greatest of 9 million errors was .009).
    """
    greatest = np.abs(vectors).max(axis=1, initial=0.0, keepdims=True)
    greatest[greatest == 0] = 1
    return np.rint(vectors / greatest * _LARGEST).astype(np.int8)
