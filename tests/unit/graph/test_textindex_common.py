"""A long question to very many works goes without the words that stand nearly everywhere; any other keeps them all."""

from pathlib import Path

import pytest

from graph import index_costs
from graph.documents import Change, WorkDocument
from graph.encoders import NONE, made
from graph.index_costs import largest_sent
from graph.index_folder import Generation, Marker
from graph.index_snapshot import Snapshot

WORKS = 40


@pytest.fixture
def snapshot(tmp_path: Path) -> Snapshot:
    """Forty works that all hold "常见", each a word of its own and one that a tenth of them share."""
    works: list[Change] = []
    for number in range(WORKS):
        words = f"常见 w{number} tenth{number % 10}"
        works.append(
            Change(f"W{number:02}", WorkDocument(f"W{number:02}", "output", 2020, True, 3, ("P1",), (), words))
        )
    generation = Generation.create(tmp_path / "g", made(NONE, (), tmp_path))
    generation.write(works, Marker("s", 1, "e"), fresh=True)
    return Snapshot(generation)


def terms(count: int) -> dict[str, float]:
    return {"常见": 1.0, **{f"w{number}": 1.0 for number in range(count - 1)}}


def test_the_words_of_most_works_are_left_out_of_a_long_question(
    snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_costs, "MANY_WORKS", WORKS)
    monkeypatch.setattr(index_costs, "MANY_TERMS", 20)
    assert "常见" not in snapshot.rarest(terms(21))
    assert len(snapshot.rarest(terms(21))) == 20
    found = snapshot.search_works(terms(21), limit=100)
    # Only who holds one of the telling words is found, not all forty.
    assert {hit.id for hit in found} == {f"W{number:02}" for number in range(20)}


def test_short_questions_and_small_collections_keep_every_word(
    snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_costs, "MANY_TERMS", 20)
    assert snapshot.rarest(terms(30)) == terms(30)
    monkeypatch.setattr(index_costs, "MANY_WORKS", WORKS)
    assert snapshot.rarest(terms(20)) == terms(20)


def test_a_question_of_common_words_only_is_asked_as_it_is(snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_costs, "MANY_WORKS", WORKS)
    monkeypatch.setattr(index_costs, "MANY_TERMS", 5)
    assert snapshot.rarest(terms(10)) == terms(10)


def test_a_large_share_of_everybody_is_compared_a_small_one_sent() -> None:
    assert 9_000 < largest_sent(150_000, 500) < 9_500
    assert largest_sent(0, 500) == 0
    sizes = [largest_sent(everybody, 500) for everybody in (10, 1_000, 100_000, 10_000_000)]
    assert sizes == sorted(sizes)
    assert all(size < everybody for size, everybody in zip(sizes, (10, 1_000, 100_000, 10_000_000), strict=True))
