"""Latent semantic analysis: the linear algebra is right, the same twice, and words that go together are near."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.latent import FEWEST_WORKS, Floats, Sparse, right_singular_vectors, train

FIELDS = (("土壤", "镉", "修复", "水稻"), ("量子", "纠缠", "光子", "比特"), ("肿瘤", "免疫", "细胞", "靶点"))


def corpus(works: int = 60, seed: int = 0) -> list[str]:
    """Texts of three fields, each of words of its own and some that all have."""
    chance = np.random.default_rng(seed)
    texts: list[str] = []
    for number in range(works):
        own = chance.choice(FIELDS[number % 3], 3)
        texts.append(" ".join([*own, *chance.choice(["研究", "方法", "分析", "应用"], 2)]))
    return texts


def sparse(dense: Floats) -> Sparse:
    rows, columns = np.nonzero(dense)
    starts = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=len(dense)))]).astype(np.int64)
    return Sparse(starts, columns.astype(np.int32), dense[rows, columns], dense.shape[1])


@st.composite
def matrices(draw: st.DrawFn) -> Floats:
    height, width = draw(st.integers(1, 40)), draw(st.integers(1, 40))
    chance = np.random.default_rng(draw(st.integers(0, 2**32)))
    dense = chance.standard_normal((height, width)) * (chance.random((height, width)) < draw(st.floats(0, 1)))
    return dense.astype(np.float32)


@given(matrices(), st.integers(1, 8))
def test_products_are_those_of_the_dense_matrix(dense: Floats, columns: int) -> None:
    other = np.random.default_rng(1).standard_normal((dense.shape[1], columns)).astype(np.float32)
    matrix = sparse(dense)
    np.testing.assert_allclose(matrix.times(other), dense @ other, atol=1e-4)
    turned = matrix.transposed()
    assert (turned.height, turned.width) == (dense.shape[1], dense.shape[0])
    np.testing.assert_allclose(turned.times(np.eye(len(dense), dtype=np.float32)), dense.T, atol=1e-6)


@given(matrices(), st.integers(1, 45))
def test_singular_vectors_are_orthonormal_and_the_same_twice(dense: Floats, rank: int) -> None:
    vectors = right_singular_vectors(sparse(dense), rank)
    assert vectors.shape[0] == dense.shape[1]
    assert vectors.shape[1] <= min(rank, *dense.shape)
    np.testing.assert_allclose(vectors.T @ vectors, np.eye(vectors.shape[1]), atol=1e-4)
    assert np.array_equal(vectors, right_singular_vectors(sparse(dense), rank))


@settings(max_examples=50)
@given(st.integers(2, 60), st.integers(2, 60), st.integers(1, 5), st.integers(0, 2**32))
def test_a_matrix_of_small_rank_is_found_exactly(height: int, width: int, rank: int, seed: int) -> None:
    # Any method must find these: the projection on the vectors gives the matrix back.
    chance = np.random.default_rng(seed)
    dense = (chance.standard_normal((height, rank)) @ chance.standard_normal((rank, width))).astype(np.float32)
    vectors = right_singular_vectors(sparse(dense), rank)
    np.testing.assert_allclose(dense @ vectors @ vectors.T, dense, atol=1e-3 * float(np.abs(dense).max()))


def test_the_greatest_singular_values_are_those_of_lapack() -> None:
    dense = np.random.default_rng(5).standard_normal((80, 50)).astype(np.float32) * np.linspace(3, 0.1, 50, dtype="f")
    vectors = right_singular_vectors(sparse(dense), 10)
    expected = np.linalg.svd(dense, compute_uv=False)[:10]
    np.testing.assert_allclose(np.linalg.norm(dense @ vectors, axis=0), expected, rtol=0.02)


def test_texts_of_one_field_are_nearer_than_texts_of_two() -> None:
    model = train(corpus(), dimensions=3, fewest=1)
    assert model is not None
    soil, quantum, tumour = model.encode(["镉 土壤", "光子 纠缠", "免疫 靶点"])
    other_soil, *_ = model.encode(["修复 水稻"])
    assert float(soil @ other_soil) > 0.9
    assert max(float(soil @ quantum), float(soil @ tumour)) < 0.3


@given(st.lists(st.lists(st.sampled_from([*FIELDS[0], *FIELDS[1], "没见过"]), max_size=8), min_size=1, max_size=5))
def test_vectors_have_length_one_or_are_nothing_and_order_of_words_is_nothing(texts: list[list[str]]) -> None:
    model = train(corpus(), dimensions=8, fewest=1)
    assert model is not None
    vectors = model.encode([" ".join(text) for text in texts])
    known = [bool(set(text) & model.terms.keys()) for text in texts]
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), known, atol=1e-5)
    turned = model.encode([" ".join(reversed(text)) for text in texts])
    np.testing.assert_allclose(vectors, turned, atol=1e-5)


def test_the_same_corpus_gives_the_same_model() -> None:
    one, two = train(corpus(), dimensions=8, fewest=1), train(corpus(), dimensions=8, fewest=1)
    assert one is not None
    assert two is not None
    assert one.terms == two.terms
    assert np.array_equal(one.basis, two.basis)


def test_too_few_texts_teach_nothing() -> None:
    assert train(corpus(FEWEST_WORKS - 1)) is None
    assert train([*corpus(FEWEST_WORKS - 1), "", " "]) is None, "empty texts do not count"
    model = train(corpus(FEWEST_WORKS))
    assert model is not None
    assert model.trained_on == FEWEST_WORKS
    assert train([f"独{number}" for number in range(FEWEST_WORKS)]) is None, "no word is in two texts"


@pytest.mark.parametrize("most", [1, 5])
def test_the_vocabulary_is_bounded_and_keeps_the_most_frequent(most: int) -> None:
    model = train(corpus(), dimensions=3, most_tokens=most, fewest=1)
    assert model is not None
    assert len(model.terms) == most
    assert set(model.terms) <= {"研究", "方法", "分析", "应用", *FIELDS[0], *FIELDS[1], *FIELDS[2]}
