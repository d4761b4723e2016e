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
from graph.latent import FEWEST_WORKS, LatentModel, train
from graph.sentence_kept import KeptSentenceEncoder

NONE: Final = "none"
LATENT: Final = "latent"
# Training on 50,000 works held 730 MB and took 32 s of one core; this leaves a build of a million works below 1 GB.
SAMPLE: Final = 30_000
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
    sentence: KeptSentenceEncoder | None = None

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


def made(setting: str, works: Iterable[Change], folder: Path, former: Encoders | None = None) -> Encoders:
    """Make the encoders that a setting asks for, learning from these works (see `in_sample`).

    With fewer than 300 works nothing is learnt, and there is no latent encoder. A sentence encoder keeps its vectors in
    `folder`; one that the `former` encoders have is taken over. Raises `InputError` for a setting that names none.
    """
    if setting == NONE:
        return Encoders(setting, 0, Encoding(()))
    sentence = None if former is None else former.sentence
    if setting != LATENT and sentence is None:
        sentence = KeptSentenceEncoder.of(setting, folder)
    seen = 0

    def texts() -> Iterator[str]:
        nonlocal seen
        for change in works:
            if isinstance(change.document, WorkDocument):
                seen += 1
                yield change.document.tokens

    model = train(texts())
    latent = None if model is None else LatentEncoder(_name(model), model)
    return _together(setting, seen, latent, sentence)


def _together(setting: str, works: int, latent: LatentEncoder | None, sentence: KeptSentenceEncoder | None) -> Encoders:
    # The sentence encoder is the last one: `WorkText.kept` is its part.
    both: list[Encoder | None] = [latent, sentence]
    return Encoders(setting, works, Encoding([each for each in both if each is not None]), latent, sentence)


def opened(folder: Path) -> Encoders:
    """Read what `Encoders.save` wrote; raises `ValueError` or `OSError` when it is damaged or missing."""
    try:
        facts = cast("dict[str, Any]", json.loads((folder / _FACTS).read_text(encoding="utf-8")))
        for name, fact in cast("dict[str, dict[str, object]]", facts["files"]).items():
            if _file_facts(folder / name) != fact:
                raise ValueError(f"{name} is damaged")
        listed = [EncoderFacts(**each) for each in facts["encoders"]]
        setting, latent, sentence = str(facts["setting"]), None, None
        for fact in listed:
            if fact.trained_on:
                terms = (folder / _TERMS).read_text(encoding="utf-8").split("\n")
                # Mapped, so that a reader holds only the rows of the tokens that are asked for.
                basis = np.load(folder / _BASIS, mmap_mode="r", allow_pickle=False)
                model = LatentModel({term: row for row, term in enumerate(terms)}, basis, fact.trained_on)
                latent = LatentEncoder(fact.name, model)
            else:
                sentence = KeptSentenceEncoder(setting, fact.name, fact.dimensions, folder.parents[2])
        return _together(setting, int(facts["works"]), latent, sentence)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("the facts of the encoders are damaged") from error


def in_sample(work: str, works: int) -> bool:
    """Is this work (by id) one of those a model of so many works is trained on?  All up to 30,000, then about those."""
    return zlib.crc32(work.encode()) * works < SAMPLE << 32


def vectored(changes: Iterable[Change], encoding: Encoding) -> Iterator[tuple[str, Document | None]]:
    """Give every work its vectors, and everything else as it is, in the order given.

    What a work has as its vector before is taken for the part of the last encoder (see `kept_parts`).
    """
    waiting = iter(changes)
    while batch := list(islice(waiting, _BATCH)):
        works = [change.document for change in batch if isinstance(change.document, WorkDocument)]
        written = [change.written for change in batch if isinstance(change.document, WorkDocument)]
        texts = [WorkText(work.tokens, text, work.vector) for work, text in zip(works, written, strict=True)]
        vectors = iter(encoding.stored(texts))
        for change in batch:
            document = change.document
            if isinstance(document, WorkDocument):
                document = document._replace(vector=next(vectors))
            yield change.id, document


def kept_parts(changes: Iterable[Change], former: Encoders) -> Iterator[Change]:
    """Leave of the vectors of stored works only the part of the sentence encoder, whose texts are not stored."""
    name = "" if former.sentence is None else former.sentence.name
    for change in changes:
        document = change.document
        if isinstance(document, WorkDocument):
            document = document._replace(vector=former.encoding.part(name, document.vector))
        yield Change(change.id, document, change.written)


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
