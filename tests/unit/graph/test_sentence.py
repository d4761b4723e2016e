"""Sentence encoders in numpy: MiniLM as published, small models made here, and what cannot be read."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph import sentence_kept
from graph.encoding import WorkText, quantised
from graph.errors import InputError
from graph.sentence import SentenceEncoder
from graph.sentence_kept import MINILM, KeptSentenceEncoder, loaded
from graph.wordpiece import WordPieces

VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "soil", "##s", "cadmium", "in", "rice", ",", "土", "壤", "naive"]


def texts(*written: str) -> list[WorkText]:
    return [WorkText("", each) for each in written]


def write_model(folder: Path, **changes: Any) -> Path:
    """A BERT of one layer with random weights."""
    width, inner, chance = 8, 16, np.random.default_rng(1)
    config = {
        "model_type": "bert",
        "hidden_act": "gelu",
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "layer_norm_eps": 1e-12,
        "max_position_embeddings": 32,
    }
    (folder / "config.json").write_text(json.dumps(config | changes), encoding="utf-8")
    (folder / "vocab.txt").write_text("\n".join(VOCABULARY), encoding="utf-8")
    shapes: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (len(VOCABULARY), width),
        "embeddings.position_embeddings.weight": (32, width),
        "embeddings.token_type_embeddings.weight": (2, width),
        "embeddings.LayerNorm.weight": (width,),
        "embeddings.LayerNorm.bias": (width,),
    }
    at = "encoder.layer.0."
    for name, shape in {
        **{f"attention.self.{part}": (width, width) for part in ("query", "key", "value")},
        "attention.output.dense": (width, width),
        "intermediate.dense": (inner, width),
        "output.dense": (width, inner),
    }.items():
        shapes |= {f"{at}{name}.weight": shape, f"{at}{name}.bias": shape[:1]}
    for name in ("attention.output.LayerNorm", "output.LayerNorm"):
        shapes |= {f"{at}{name}.weight": (width,), f"{at}{name}.bias": (width,)}
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    content = b""
    for name, shape in shapes.items():
        numbers = chance.standard_normal(shape).astype("<f4").tobytes()
        places = [len(content), len(content) + len(numbers)]
        header[f"bert.{name}"] = {"dtype": "F32", "shape": shape, "data_offsets": places}
        content += numbers
    head = json.dumps(header).encode()
    (folder / "model.safetensors").write_bytes(len(head).to_bytes(8, "little") + head + content)
    return folder


def test_minilm_gives_the_published_similarities() -> None:
    # The three sentences of the quickstart of sentence-transformers (sbert.net) and what it prints for them.
    encoder = loaded(MINILM)
    vectors = encoder.encode(
        texts("The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium.")
    )
    expected = [[1, 0.6660, 0.1046], [0.6660, 1, 0.1411], [0.1046, 0.1411, 1]]
    np.testing.assert_allclose(vectors @ vectors.T, expected, atol=1e-4)
    assert encoder.dimensions == 384
    assert not encoder.encode(texts("土壤重金属污染的修复 (cadmium)", "")).any(), "it knows no Chinese"


def test_a_text_means_the_same_alone_and_in_a_batch(tmp_path: Path) -> None:
    encoder = SentenceEncoder(write_model(tmp_path))
    some = texts("soils in rice", "cadmium", "rice, rice, cadmium in soils", "soil " * 60)
    together = encoder.encode(some)
    np.testing.assert_allclose(together, np.vstack([encoder.encode([each]) for each in some]), atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)


def test_pooling_is_what_the_folder_says(tmp_path: Path) -> None:
    write_model(tmp_path)
    mean = SentenceEncoder(tmp_path).encode(texts("cadmium in rice"))
    (tmp_path / "1_Pooling").mkdir()
    pooling = {"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}
    (tmp_path / "1_Pooling" / "config.json").write_text(json.dumps(pooling), encoding="utf-8")
    first = SentenceEncoder(tmp_path).encode(texts("cadmium in rice"))
    assert float(np.abs(mean - first).max()) > 0.001


@pytest.mark.parametrize(
    ("changes", "told"),
    [({"model_type": "roberta"}, "roberta"), ({"hidden_act": "relu"}, "relu"), ({"num_hidden_layers": 2}, "layer.1")],
)
def test_another_kind_of_model_is_told(tmp_path: Path, changes: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError, match=told):
        SentenceEncoder(write_model(tmp_path, **changes))


@pytest.mark.parametrize("file", ["config.json", "model.safetensors", "vocab.txt"])
@pytest.mark.parametrize("content", [None, b"", b"rubbish", b"\xff\xff\xff\xff\xff\xff\xff\xff{}", b"[1, 2]"])
def test_a_broken_folder_is_told(tmp_path: Path, file: str, content: bytes | None) -> None:
    write_model(tmp_path)
    if content is None:
        (tmp_path / file).unlink()
    else:
        (tmp_path / file).write_bytes(content)
    with pytest.raises(InputError, match="读不了文件夹"):
        SentenceEncoder(tmp_path)
    with pytest.raises(InputError):
        loaded(str(tmp_path / "nowhere"))


def test_without_the_package_it_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sentence_kept, "MINILM_PACKAGE", "no_such_package_here")
    with pytest.raises(InputError, match="没有安装"):
        loaded(MINILM)


# --- word pieces -----------------------------------------------------------------------------------------------------

PIECES = WordPieces({piece: number for number, piece in enumerate(VOCABULARY)}, lower=True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Soils in RICE", ["soil", "##s", "in", "rice"]),
        ("naïve,soil", ["naive", ",", "soil"]),
        ("土壤soil", ["土", "壤", "soil"]),
        ("soilx in\u00a0rice\u200b", ["[UNK]", "in", "rice"]),
        ("x" * 101, ["[UNK]"]),
        ("", []),
    ],
)
def test_word_pieces(text: str, expected: list[str]) -> None:
    wanted = [VOCABULARY.index(piece) for piece in ["[CLS]", *expected, "[SEP]"]]
    assert PIECES.numbers(text, 100) == wanted


@given(st.text(), st.integers(2, 20))
def test_any_text_has_a_bounded_number_of_known_pieces(text: str, most: int) -> None:
    numbers = PIECES.numbers(text, most)
    assert 2 <= len(numbers) <= most
    assert all(0 <= number < len(VOCABULARY) for number in numbers)
    assert (numbers[0], numbers[-1]) == (2, 3)


# --- kept vectors ----------------------------------------------------------------------------------------------------


def works(*written: str, kept: bytes = b"") -> list[WorkText]:
    return [WorkText("", each, kept) for each in written]


def test_no_text_of_a_work_is_encoded_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_model(tmp_path)
    kept = KeptSentenceEncoder.of(str(tmp_path), tmp_path)
    some = works("soils in rice", "cadmium")
    first = kept.encode(some)
    again = KeptSentenceEncoder.of(str(tmp_path), tmp_path)
    asked: list[str] = []
    encode = SentenceEncoder.encode

    def counted(self: SentenceEncoder, wanted: list[WorkText]) -> Any:
        asked.extend(text.written for text in wanted)
        return encode(self, wanted)

    monkeypatch.setattr(SentenceEncoder, "encode", counted)
    second = again.encode([*some, *works("rice")])
    assert asked == ["rice"]
    assert np.array_equal(quantised(first), quantised(second[:2]))
    part = quantised(first)[0].tobytes()
    assert np.array_equal(quantised(again.encode(works("", kept=part))), quantised(first[:1]))
    again.encode(texts("in rice"))
    again.encode(texts("in rice"))
    assert asked == ["rice", "in rice", "in rice"], "nothing of a question is kept"


def test_a_damaged_file_of_kept_vectors_is_made_again(tmp_path: Path) -> None:
    write_model(tmp_path)
    kept = KeptSentenceEncoder.of(str(tmp_path), tmp_path)
    first = kept.encode(works("soils"))
    (file,) = tmp_path.glob("*.sqlite")
    file.write_bytes(b"no database" * 1000)
    np.testing.assert_allclose(kept.encode(works("soils")), first, atol=1e-6)
    kept.encode(works("rice"))
    with sqlite3.connect(file) as opened:
        assert opened.execute("SELECT count(*) FROM vectors").fetchone()[0] >= 1
    opened.close()


def test_an_encoder_that_is_gone_or_another_says_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    write_model(tmp_path)
    name = SentenceEncoder(tmp_path).name
    another = KeptSentenceEncoder(str(tmp_path), "bert-8-32-another", 8, tmp_path)
    assert not another.encode(works("soils")).any()
    (tmp_path / "model.safetensors").unlink()
    gone = KeptSentenceEncoder(str(tmp_path), name, 8, tmp_path)
    assert not gone.encode(works("soils")).any()
    assert len([record for record in caplog.records if "句向量模型用不了" in record.message]) == 2
