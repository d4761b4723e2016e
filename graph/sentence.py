"""A sentence encoder from a folder, run in numpy: a text as one vector, by a trained model of the BERT family.

    config.json, model.safetensors, vocab.txt        as sentence-transformers writes them
    tokenizer_config.json, sentence_bert_config.json, modules.json, 1_Pooling/config.json    read where they are

Devlin et al. 2019 (arXiv 1810.04805), Reimers and Gurevych 2019 (Sentence-BERT, arXiv 1908.10084): the hidden states of
the last layer are averaged over the pieces (or that of [CLS] is taken, where the folder says so) and made of length 1.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

import numpy as np
from threadpoolctl import threadpool_limits  # pyright: ignore[reportMissingTypeStubs]

from graph.encoding import WorkText
from graph.errors import InputError
from graph.latent import Floats
from graph.wordpiece import WordPieces, is_han

# Pieces of one batch: more were not faster on two cores, and hold more memory.
_PIECES: Final = 2_048
_THREADS: Final = max(1, min(4, os.cpu_count() or 1))
_LONGEST: Final = 256
_LATIN_WORD: Final = re.compile(r"[A-Za-z]{2,}")
_NUMBERS: Final = {"F32": np.dtype("<f4"), "F16": np.dtype("<f2")}


@dataclass(frozen=True, slots=True)
class Shape:
    """What a folder says of its model."""

    layers: int
    heads: int
    epsilon: float
    longest: int
    by_first: bool
    lower: bool


class SentenceEncoder:
    """A model read from a folder; `name` ends with a hash of its weights, so that it names the vectors."""

    def __init__(self, folder: Path) -> None:
        """Read everything; raises `InputError` saying what of it cannot be read."""
        self.folder = folder
        try:
            self._shape = _shape(folder)
            self._weights = _weights(folder / "model.safetensors")
            # Only "\n" ends a line: some vocabularies hold other line separators as pieces.
            lines = (folder / "vocab.txt").read_text(encoding="utf-8").split("\n")
            self._pieces = WordPieces(
                {piece.rstrip("\r"): number for number, piece in enumerate(lines) if piece}, lower=self._shape.lower
            )
            self.dimensions = self._weights["embeddings.word_embeddings.weight"].shape[1]
            with (folder / "model.safetensors").open("rb") as file:
                self.sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            self.name = f"bert-{self.dimensions}-{self._shape.longest}-{self.sha256[:12]}"
            self._states([[self._pieces.numbers("a", 3)[0]]])
        except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
            raise InputError(
                f"读不了文件夹 {folder} 里的句向量模型（{error}）",
                hint="需要 BERT 类模型：config.json、model.safetensors、vocab.txt（sentence-transformers 的保存格式）",
            ) from error

    def encode(self, texts: Sequence[WorkText]) -> Floats:
        """See `graph.encoding.Encoder.encode`: a Chinese text is nothing to a model without Han characters."""
        result = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        numbers = {
            row: self._pieces.numbers(text.written, self._shape.longest)
            for row, text in enumerate(texts)
            if self.reads(text.written)
        }
        # Sorted by length, so that little is padded.
        rows = sorted(numbers, key=lambda row: len(numbers[row]))
        batches: list[list[int]] = []
        while rows:
            count = max(1, _PIECES // len(numbers[rows[-1]]))
            batches.append(rows[-count:])
            rows = rows[:-count]

        def encoded(batch: list[int]) -> None:
            result[batch] = self._pooled([numbers[row] for row in batch])

        # Our own threads, each with one of BLAS: those of BLAS wait for each other (a title took 510 ms in place of 79
        # on a machine with ten times more work than cores), and leave everything that is no product to one.
        with threadpool_limits(1, "blas"), ThreadPoolExecutor(min(_THREADS, max(1, len(batches)))) as workers:
            for _ in workers.map(encoded, batches):
                pass
        return result

    def reads(self, text: str) -> bool:
        """Can it say anything of the text?  A model without Han characters reads what is mostly Latin words."""
        if self._pieces.reads_chinese:
            return bool(text.strip())
        return len(_LATIN_WORD.findall(text)) > sum(map(is_han, text))

    def _pooled(self, batch: Sequence[Sequence[int]]) -> Floats:
        states = self._states(batch)
        if self._shape.by_first:
            pooled = states[:, 0]
        else:
            mask = _mask(batch)
            pooled = np.einsum("npd,np->nd", states, mask) / mask.sum(axis=1, keepdims=True)
        lengths = np.sqrt(np.einsum("nd,nd->n", pooled, pooled))
        return (pooled / np.maximum(lengths, 1e-12)[:, None]).astype(np.float32)

    def _states(self, batch: Sequence[Sequence[int]]) -> Floats:
        """Return the hidden states of the last layer (texts, pieces, dimensions)."""
        weights, mask = self._weights, _mask(batch)
        numbers = np.zeros(mask.shape, dtype=np.int64)
        for row, each in enumerate(batch):
            numbers[row, : len(each)] = each
        states = weights["embeddings.word_embeddings.weight"][numbers].astype(np.float32)
        states += weights["embeddings.position_embeddings.weight"][: mask.shape[1]]
        states += weights["embeddings.token_type_embeddings.weight"][0]
        states = self._normed(states, "embeddings.LayerNorm")
        hidden = np.where(mask[:, None, None, :] > 0, np.float32(0), np.float32(-1e9))
        for layer in range(self._shape.layers):
            at = f"encoder.layer.{layer}."
            context = self._attended(states, hidden, f"{at}attention.self.")
            states = self._normed(
                states + self._linear(context, f"{at}attention.output.dense"), f"{at}attention.output.LayerNorm"
            )
            inner = _gelu(self._linear(states, f"{at}intermediate.dense"))
            states = self._normed(states + self._linear(inner, f"{at}output.dense"), f"{at}output.LayerNorm")
        return states

    def _attended(self, states: Floats, hidden: Floats, at: str) -> Floats:
        texts, pieces, width = states.shape
        heads = self._shape.heads

        def of_heads(name: str) -> Floats:
            found = self._linear(states, at + name).reshape(texts, pieces, heads, width // heads)
            return np.ascontiguousarray(found.transpose(0, 2, 1, 3))

        scores = of_heads("query") @ of_heads("key").transpose(0, 1, 3, 2)
        scores *= np.float32(1 / math.sqrt(width // heads))
        scores += hidden
        scores -= scores.max(axis=-1, keepdims=True)
        np.exp(scores, out=scores)
        scores /= scores.sum(axis=-1, keepdims=True)
        return (scores @ of_heads("value")).transpose(0, 2, 1, 3).reshape(texts, pieces, width)

    def _linear(self, states: Floats, name: str) -> Floats:
        weight = self._weights[f"{name}.weight"]
        product = states.reshape(-1, states.shape[-1]) @ weight.T
        product += self._weights[f"{name}.bias"]
        return product.reshape(*states.shape[:-1], len(weight))

    def _normed(self, states: Floats, name: str) -> Floats:
        states = states - states.mean(axis=-1, keepdims=True)
        spread = np.sqrt(np.square(states).mean(axis=-1, keepdims=True) + np.float32(self._shape.epsilon))
        return states / spread * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]


def _mask(batch: Sequence[Sequence[int]]) -> Floats:
    mask = np.zeros((len(batch), max(len(each) for each in batch)), dtype=np.float32)
    for row, each in enumerate(batch):
        mask[row, : len(each)] = 1
    return mask


def _gelu(x: Floats) -> Floats:
    """Return x · Φ(x), Φ by Abramowitz and Stegun 1964, formula 7.1.26 (error below 1.5e-7)."""
    size = np.abs(x) * np.float32(1 / math.sqrt(2))
    t = 1 / (1 + np.float32(0.3275911) * size)
    series = np.float32(1.061405429) * t - np.float32(1.453152027)
    for coefficient in (1.421413741, -0.284496736, 0.254829592):
        series = series * t + np.float32(coefficient)
    tail = series * t * np.exp(-np.square(size))
    return x * np.where(x < 0, tail, 2 - tail) * np.float32(0.5)


def _shape(folder: Path) -> Shape:
    config = _json(folder / "config.json")
    for name, wanted in (("model_type", "bert"), ("hidden_act", "gelu")):
        if config.get(name) != wanted:
            raise ValueError(f"config.json: {name} = {config.get(name)!r}, not {wanted!r}")
    if config.get("position_embedding_type", "absolute") != "absolute":
        raise ValueError("config.json: only absolute positions are known")
    modules = cast("list[dict[str, Any]]", _json(folder / "modules.json")) if (folder / "modules.json").exists() else []
    kinds = [str(module["type"]).rsplit(".", 1)[-1] for module in modules]
    if unknown := set(kinds) - {"Transformer", "Pooling", "Normalize"}:
        raise ValueError(f"modules.json: {'、'.join(sorted(unknown))}")
    pooling = _json(folder / "1_Pooling" / "config.json") if (folder / "1_Pooling" / "config.json").exists() else {}
    by_first, by_mean = pooling.get("pooling_mode_cls_token", False), pooling.get("pooling_mode_mean_tokens", True)
    if by_first == by_mean:
        raise ValueError("1_Pooling/config.json: neither the mean nor [CLS]")
    limits = folder / "sentence_bert_config.json"
    longest = int(_json(limits).get("max_seq_length") or _LONGEST) if limits.exists() else _LONGEST
    words = folder / "tokenizer_config.json"
    lower = bool(_json(words).get("do_lower_case", True)) if words.exists() else True
    return Shape(
        int(config["num_hidden_layers"]),
        int(config["num_attention_heads"]),
        float(config["layer_norm_eps"]),
        max(2, min(longest, _LONGEST, int(config["max_position_embeddings"]))),
        bool(by_first),
        lower,
    )


def _json(path: Path) -> dict[str, Any]:
    return cast("dict[str, Any]", json.loads(path.read_text(encoding="utf-8")))


def _weights(path: Path) -> Mapping[str, Floats]:
    """Read a safetensors file: eight bytes of length, a JSON header of names, types, shapes and places, the numbers."""
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        if not 0 < size < path.stat().st_size:
            raise ValueError("model.safetensors is no safetensors file")
        header = cast("dict[str, Any]", json.loads(file.read(size)))
    numbers = np.memmap(path, dtype=np.uint8, mode="r", offset=8 + size)
    found: dict[str, Floats] = {}
    for name, entry in header.items():
        if name == "__metadata__" or entry["dtype"] not in _NUMBERS:
            continue
        first, last = entry["data_offsets"]
        values = numbers[first:last].view(_NUMBERS[entry["dtype"]]).reshape(entry["shape"])
        found[name.removeprefix("bert.")] = values.astype(np.float32)
    return found
