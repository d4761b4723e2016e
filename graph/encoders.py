"""The encoders of one generation of the text index: chosen by a setting, trained, kept in its folder, opened again.

    g-…/encoders/facts.json           the setting, the encoders in the order of their vectors, length and hash of files
                /latent-terms.txt     a token a line, in the order of the rows of
                /latent-basis.npy     float32 (tokens, dimensions)

They are made before the first document of a generation and never change: index and model are swapped together, and a
work that changes is encoded by the model of the others.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple, cast

import numpy as np

from graph.documents import Change, Document, WorkDocument
from graph.encoding import Encoder, Encoding, LatentEncoder, WorkText
from graph.errors import InputError
from graph.latent import FEWEST_WORKS, LatentModel, train

NONE: Final = "none"
LATENT: Final = "latent"
# A model of 50,000 works of a million is read and trained in a minute or two (measured: see docs/guide of the index).
SAMPLE: Final = 50_000
# A matrix product of more works at once was not faster, and holds more memory.
_BATCH: Final = 256
_FACTS: Final = "facts.json"
_TERMS: Final = "latent-terms.txt"
_BASIS: Final = "latent-basis.npy"


class EncoderFacts(NamedTuple):
    """One encoder: its name (kind, version, hash), length of a vector, and works and tokens it was trained on."""

    name: str
    dimensions: int
    trained_on: int
    tokens: int


@dataclass(frozen=True, slots=True)
class Encoders:
    """What makes the vectors of a generation, the setting it was made with, and how many works could be learnt from."""

    setting: str
    works: int
    encoding: Encoding
    latent: LatentEncoder | None = None

    @property
    def facts(self) -> tuple[EncoderFacts, ...]:
        """Return what is to be said of each encoder, in the order of their vectors."""
        return tuple(_facts(encoder) for encoder in self.encoding.encoders)

    def save(self, folder: Path) -> None:
        """Write everything into a new folder; raises `OSError`."""
        folder.mkdir(parents=True)
        if self.latent is not None:
            terms = sorted(self.latent.model.terms, key=self.latent.model.terms.__getitem__)
            (folder / _TERMS).write_text("\n".join(terms), encoding="utf-8")
            np.save(folder / _BASIS, self.latent.model.basis, allow_pickle=False)
        facts = {
            "setting": self.setting,
            "works": self.works,
            "encoders": [fact._asdict() for fact in self.facts],
            "files": {path.name: _file_facts(path) for path in sorted(folder.iterdir())},
        }
        (folder / _FACTS).write_text(json.dumps(facts, ensure_ascii=False, indent=1), encoding="utf-8")

    def outgrown(self, works: int) -> bool:
        """Were there less than half of the works when the model was made, as far as it would see them?"""
        return self.setting != NONE and works >= FEWEST_WORKS and 2 * self.works < min(works, SAMPLE)


def checked(setting: str) -> str:
    """Return the setting of the encoder; raises `InputError` when there is none of that name."""
    if setting in {NONE, LATENT}:
        return setting
    raise InputError(
        f"设置 ZHIKU_INDEX_ENCODER 不对：没有名为 {setting} 的编码器",
        hint="可用的值：none、latent、minilm 或本机文件夹的路径",
    )


def trained(setting: str, texts: Iterable[str]) -> Encoders:
    """Make the encoders that a setting asks for, learning from texts (tokens by one space).

    With fewer than 300 texts nothing is learnt, and there is no latent encoder. Raises `InputError` for a setting that
    names no encoder.
    """
    if checked(setting) == NONE:
        return Encoders(setting, 0, Encoding(()))
    seen = 0

    def counted() -> Iterator[str]:
        nonlocal seen
        for text in texts:
            seen += 1
            yield text

    model = train(counted())
    latent = None if model is None else LatentEncoder(_name(model), model)
    return Encoders(setting, seen, Encoding(() if latent is None else (latent,)), latent)


def opened(folder: Path) -> Encoders:
    """Read what `Encoders.save` wrote; raises `ValueError` or `OSError` when it is damaged or missing."""
    try:
        facts = cast("dict[str, Any]", json.loads((folder / _FACTS).read_text(encoding="utf-8")))
        for name, fact in cast("dict[str, dict[str, object]]", facts["files"]).items():
            if _file_facts(folder / name) != fact:
                raise ValueError(f"{name} is damaged")
        listed = [EncoderFacts(**each) for each in facts["encoders"]]
        encoders: list[Encoder] = []
        latent = None
        if listed:
            terms = (folder / _TERMS).read_text(encoding="utf-8").split("\n")
            # Mapped, so that a reader holds only the rows of the tokens that are asked for.
            basis = np.load(folder / _BASIS, mmap_mode="r", allow_pickle=False)
            model = LatentModel({term: row for row, term in enumerate(terms)}, basis, listed[0].trained_on)
            latent = LatentEncoder(listed[0].name, model)
            encoders.append(latent)
        return Encoders(str(facts["setting"]), int(facts["works"]), Encoding(encoders), latent)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("the facts of the encoders are damaged") from error


def in_sample(work: str, works: int) -> bool:
    """Is this work (by id) one of those a model of so many works is trained on?  All up to 50,000, then about those."""
    return zlib.crc32(work.encode()) * works < SAMPLE << 32


def learnt_from(setting: str, changes: Iterable[Change]) -> Encoders:
    """Make the encoders that a setting asks for, learning from the works among these documents; see `trained`."""
    return trained(setting, (each.document.tokens for each in changes if isinstance(each.document, WorkDocument)))


def vectored(changes: Iterable[Change], encoding: Encoding) -> Iterator[tuple[str, Document | None]]:
    """Give every work its vectors, and everything else as it is, in the order given."""
    waiting = iter(changes)
    while batch := list(islice(waiting, _BATCH)):
        works = [change.document for change in batch if isinstance(change.document, WorkDocument)]
        written = [change.written for change in batch if isinstance(change.document, WorkDocument)]
        texts = [WorkText(work.tokens, text) for work, text in zip(works, written, strict=True)]
        vectors = iter(encoding.stored(texts))
        for change in batch:
            document = change.document
            if isinstance(document, WorkDocument):
                document = document._replace(vector=next(vectors))
            yield change.id, document


def _name(model: LatentModel) -> str:
    learnt = hashlib.sha256(np.ascontiguousarray(model.basis).tobytes()).hexdigest()
    return f"lsa-{model.dimensions}-{learnt[:12]}"


def _facts(encoder: Encoder) -> EncoderFacts:
    if isinstance(encoder, LatentEncoder):
        return EncoderFacts(encoder.name, encoder.dimensions, encoder.model.trained_on, len(encoder.model.terms))
    return EncoderFacts(encoder.name, encoder.dimensions, 0, 0)


def _file_facts(path: Path) -> dict[str, object]:
    with path.open("rb") as file:
        return {"bytes": path.stat().st_size, "sha256": hashlib.file_digest(file, "sha256").hexdigest()}
