"""Vectors in the text index: they follow every change, come with their model, and a damaged model is made again."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from graph.encoders import SAMPLE, in_sample, made
from graph.errors import InputError
from graph.latent import FEWEST_WORKS
from graph.store import Store
from graph.text import tokens
from graph.textindex import TextIndex, WorkHit
from tests.graph_claims import Claim, put, take, work
from tests.unit.graph.test_sentence import write_model

SUBJECTS = ("土壤重金属污染修复", "量子纠缠态的制备", "肿瘤免疫治疗靶点")


@pytest.fixture
def store(store: Store) -> Store:
    """A store whose index learns what its words mean."""
    return dataclasses.replace(store, encoder="latent")


def many(count: int = FEWEST_WORKS, first: int = 0) -> list[Claim]:
    """Works of three subjects."""
    return [work(f"W{number}", f"{SUBJECTS[number % 3]}研究之{number % 17}") for number in range(first, first + count)]


def hits(index: TextIndex, text: str) -> dict[str, WorkHit]:
    return {hit.id: hit for hit in index.search_works(dict.fromkeys(tokens(text), 1.0), limit=1000)}


def cosine(index: TextIndex, text: str, key: str) -> float:
    question = index.encode(text)
    assert question is not None
    return float(question.similarities([hits(index, text)[key].vector])[0, 0])


def encoders_folder(store: Store) -> Path:
    (folder,) = store.folder.glob("text/*/g-*/encoders")
    return folder


def test_works_have_vectors_and_changed_works_new_ones(store: Store) -> None:
    put(store, *many())
    index = TextIndex.open(store)
    (fact,) = index.encoders.facts
    assert (fact.trained_on, fact.name.startswith("lsa-")) == (FEWEST_WORKS, True)
    assert cosine(index, f"{SUBJECTS[0]}研究之0", "W0") == pytest.approx(1, abs=0.001)
    assert cosine(index, f"{SUBJECTS[1]}研究", "W0") < 0.5
    put(store, work("W0", f"{SUBJECTS[1]}研究之5"), work("W900", f"{SUBJECTS[2]}研究之5"))
    take(store, work("W1", f"{SUBJECTS[1]}研究之1"))
    index.follow()
    assert index.encoders.facts == (fact,), "a changed work is encoded by the model of the others"
    assert cosine(index, f"{SUBJECTS[1]}研究之5", "W0") == pytest.approx(1, abs=0.001)
    assert cosine(index, f"{SUBJECTS[2]}研究之5", "W900") == pytest.approx(1, abs=0.001)
    assert "W1" not in hits(index, SUBJECTS[1])


def test_a_model_is_learnt_when_there_are_enough_works_and_again_when_they_doubled(store: Store) -> None:
    put(store, *many(FEWEST_WORKS - 1))
    index = TextIndex.open(store)
    assert index.encoders.facts == ()
    assert index.encode(SUBJECTS[0]) is None
    assert {hit.vector for hit in hits(index, SUBJECTS[0]).values()} == {b""}
    put(store, *many(1, FEWEST_WORKS))
    index.follow()
    assert [fact.trained_on for fact in index.encoders.facts] == [FEWEST_WORKS]
    assert b"" not in {hit.vector for hit in hits(index, SUBJECTS[0]).values()}
    put(store, *many(FEWEST_WORKS, 1000))
    index.follow()
    assert [fact.trained_on for fact in index.encoders.facts] == [FEWEST_WORKS]
    put(store, *many(1, 5000))
    index.follow()
    assert [fact.trained_on for fact in index.encoders.facts] == [2 * FEWEST_WORKS + 1]
    before = index.documents()
    index.rebuild()
    assert index.documents().keys() == before.keys()


def test_the_same_graph_gives_the_same_model_and_vectors(store: Store) -> None:
    put(store, *many())
    index = TextIndex.open(store)
    before, facts = index.documents(), index.encoders.facts
    index.rebuild()
    assert (index.documents(), index.encoders.facts) == (before, facts)


@pytest.mark.parametrize("damage", ["facts.json", "latent-basis.npy", "latent-terms.txt", "half", "folder"])
def test_a_damaged_model_is_made_again(store: Store, damage: str) -> None:
    put(store, *many())
    names = [fact.name for fact in TextIndex.open(store).encoders.facts]
    folder = encoders_folder(store)
    if damage == "folder":
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()
    elif damage == "half":
        whole = (folder / "latent-basis.npy").read_bytes()
        (folder / "latent-basis.npy").write_bytes(whole[: len(whole) // 2])
    else:
        content = bytearray((folder / damage).read_bytes())
        content[len(content) // 2] ^= 1
        (folder / damage).write_bytes(content)
    index = TextIndex.open(store)
    assert [fact.name for fact in index.encoders.facts] == names
    assert cosine(index, f"{SUBJECTS[0]}研究之0", "W0") == pytest.approx(1, abs=0.001)


def test_without_an_encoder_there_are_no_vectors_until_the_setting_is_changed_and_the_index_rebuilt(
    store: Store,
) -> None:
    put(store, *many())
    plain = TextIndex.open(dataclasses.replace(store, encoder="none"))
    assert (plain.encoders.facts, plain.encode(SUBJECTS[0])) == ((), None)
    index = TextIndex.open(store)
    put(store, *many(FEWEST_WORKS, 1000))
    index.follow()
    assert index.encoders.setting == "none", "the setting of the index counts until it is built anew"
    index.rebuild()
    assert index.encoders.setting == "latent"
    assert index.encode(SUBJECTS[0]) is not None


def test_an_unknown_encoder_is_told_and_the_index_stays(store: Store) -> None:
    put(store, *many())
    index = TextIndex.open(store)
    names = index.encoders.facts
    wrong = TextIndex.open(dataclasses.replace(store, encoder="word2vec"))
    with pytest.raises(InputError, match="word2vec"):
        wrong.rebuild()
    assert wrong.encoders.facts == names
    assert TextIndex.open(store).encoders.facts == names
    with pytest.raises(InputError, match="word2vec"):
        made("word2vec", [], store.folder)


def test_a_sentence_encoder_stands_beside_the_latent_one(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    both = dataclasses.replace(store, encoder=str(write_model(folder)))
    put(both, *many(), work("E1", "Cadmium in soils", abstract="rice"), work("E2", "Rice, rice"))
    index = TextIndex.open(both)
    assert [fact.name[:4] for fact in index.encoders.facts] == ["lsa-", "bert"]
    found = hits(index, "cadmium rice")
    question = index.encode("Cadmium in soils rice")
    assert question is not None
    assert question.known == (True, True)
    assert question.similarities([found["E1"].vector])[0, 1] == pytest.approx(1, abs=0.01)
    name = index.encoders.facts[1].name
    assert len({index.encoders.encoding.part(name, found[key].vector) for key in ("E1", "E2")}) == 2
    chinese = index.encode(SUBJECTS[0])
    assert chinese is not None
    assert chinese.known == (True, False), "an English encoder says nothing of a Chinese question"
    put(both, work("E2", "Cadmium in soils", abstract="rice"))
    index.follow()
    vectors = [hits(index, "cadmium rice")[key].vector for key in ("E1", "E2")]
    assert len({index.encoders.encoding.part(name, vector) for vector in vectors}) == 1
    # Written anew from its own documents, which do not hold what the encoder reads; and the encoder is gone.
    (folder / "model.safetensors").unlink()
    put(both, *many(FEWEST_WORKS + 10, 2000))
    index = TextIndex.open(both)
    assert index.encoders.facts[0].trained_on > 2 * FEWEST_WORKS
    assert index.encoders.facts[1].name == name
    again = index.encode("Cadmium in soils rice")
    assert again is not None
    vectors = [hits(index, "cadmium rice")[key].vector for key in ("E1", "E2")]
    assert again.known == (True, False)
    parts = {index.encoders.encoding.part(name, vector) for vector in vectors}
    assert len(parts) == 1
    assert b"" not in parts


def test_the_sample_is_bounded_and_the_same_every_time() -> None:
    assert all(in_sample(f"W{number}", SAMPLE) for number in range(1000))
    chosen = [number for number in range(100_000) if in_sample(f"W{number}", 10 * SAMPLE)]
    assert len(chosen) == pytest.approx(10_000, rel=0.05)
    assert np.mean(chosen) == pytest.approx(50_000, rel=0.05)
