"""Stored vectors: one byte a number loses little, and vectors of other encoders are never compared."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from graph.encoding import Encoding, LatentEncoder, WorkText, quantised
from graph.latent import Floats, LatentModel


def unit(rows: Floats) -> Floats:
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), np.finfo(np.float32).tiny)


@st.composite
def vectors(draw: st.DrawFn, rows: int = 2) -> Floats:
    width = draw(st.integers(1, 400))
    chance = np.random.default_rng(draw(st.integers(0, 2**32)))
    # From nearly equal numbers to a few that tower above the others.
    power = draw(st.floats(0.2, 5))
    numbers = chance.standard_normal((rows, width))
    return unit((np.sign(numbers) * np.abs(numbers) ** power).astype(np.float32))


@given(vectors())
def test_one_byte_a_number_keeps_the_cosine(pair: Floats) -> None:
    codes = quantised(pair)
    assert codes.dtype == np.int8
    restored = unit(codes[1:].astype(np.float32))[0]
    bound = np.abs(pair[1]).max() * np.sqrt(pair.shape[1]) / 254
    # The stated bound is of the direction before it is made of length 1 again, hence twice.
    assert abs(float(pair[0] @ restored - pair[0] @ pair[1])) <= 2 * bound + 1e-5


@given(st.integers(0, 2**32))
def test_the_error_is_below_one_hundredth_for_what_models_make(seed: int) -> None:
    pair = unit(np.random.default_rng(seed).standard_normal((2, 300)).astype(np.float32))
    restored = unit(quantised(pair).astype(np.float32))
    assert abs(float(pair[0] @ restored[1] - pair[0] @ pair[1])) < 0.01


def test_nothing_stays_nothing() -> None:
    assert not quantised(np.zeros((2, 3), dtype=np.float32)).any()
    assert quantised(np.zeros((0, 3), dtype=np.float32)).shape == (0, 3)


MODEL = LatentModel({"土壤": 0, "量子": 1}, np.array([[1, 0, 0], [0.6, 0.8, 0]], dtype=np.float32), 2)


@dataclass(frozen=True)
class Letters:
    """An encoder of written texts: how many a and b."""

    name: str = "letters-1"
    dimensions: int = 2

    def encode(self, texts: Sequence[WorkText]) -> Floats:
        return unit(np.array([[text.written.count("a"), text.written.count("b")] for text in texts], dtype=np.float32))


def test_several_encoders_stand_side_by_side() -> None:
    encoding = Encoding([LatentEncoder("lsa-x", MODEL), Letters()])
    stored = encoding.stored([WorkText("土壤", "aab"), WorkText("量子", ""), WorkText("无", "")])
    assert [len(each) for each in stored] == [4 + 3 + 2, 4 + 3 + 2, 0]
    question = encoding.question("土壤 aab")
    assert question is not None
    assert question.names == ("lsa-x", "letters-1")
    assert question.known == (True, True)
    cosines = question.similarities(stored)
    np.testing.assert_allclose(cosines, [[1, 1], [0.6, 0], [0, 0]], atol=0.01)
    only_written = encoding.question("bbb")
    assert only_written is not None
    assert only_written.known == (False, True)
    np.testing.assert_allclose(only_written.similarities(stored)[:, 0], 0)
    assert encoding.question("无关") is None


def test_equal_texts_have_the_cosine_one() -> None:
    encoding = Encoding([LatentEncoder("lsa-x", MODEL)])
    (stored,) = encoding.stored([WorkText("土壤 量子 量子", "")])
    question = encoding.question("土壤；量子，量子")
    assert question is not None
    assert abs(float(question.similarities([stored])[0, 0]) - 1) < 0.001


def test_vectors_of_other_encoders_are_never_compared() -> None:
    old, new = (Encoding([LatentEncoder(name, MODEL)]) for name in ("lsa-a", "lsa-b"))
    stored = old.stored([WorkText("土壤", "")])
    question = new.question("土壤")
    assert question is not None
    assert question.similarities([*stored, b"", b"rubbish"]).tolist() == [[0.0], [0.0], [0.0]]
    assert question.similarities([]).shape == (0, 1)


def test_without_an_encoder_nothing_is_stored_or_compared() -> None:
    none = Encoding([])
    assert none.stored([WorkText("土壤", "x")]) == [b""]
    assert none.question("土壤") is None
