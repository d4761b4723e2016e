"""The stored works are one growing file: what the index points to is whole, whoever writes, dies or reads meanwhile."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.documents import Change, WorkDocument
from graph.encoders import NONE, made
from graph.index_folder import Generation, Marker
from graph.index_records import Records, RecordsWriter
from graph.index_snapshot import Snapshot


def written(path: Path, *records: bytes) -> tuple[list[int], int]:
    with RecordsWriter(path) as writer:
        return [writer.add(record) for record in records], writer.flush()


@given(
    batches=st.lists(
        st.lists(st.binary(max_size=300) | st.binary(min_size=2_040, max_size=2_060), max_size=5), max_size=5
    )
)
def test_what_was_added_is_read_again(batches: list[list[bytes]], tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("records") / "records"
    path.touch()
    reader, begins, all_records = Records(path), list[int](), list[bytes]()
    for batch in batches:
        added, end = written(path, *batch)
        reader.check(end)
        begins += added
        all_records += batch
        assert reader.read(begins) == all_records
        assert reader.read(begins[::-1]) == all_records[::-1]


def test_threads_share_a_reader(tmp_path: Path) -> None:
    # Shorter and longer than what one call reads.
    records = [bytes([number]) * (40 * number) for number in range(100)]
    begins, _ = written(tmp_path / "records", *records)
    reader = Records(tmp_path / "records")
    with ThreadPoolExecutor(4) as readers:
        assert all(found == records for found in readers.map(reader.read, [begins] * 50))


def test_what_a_killed_write_left_belongs_to_nobody(tmp_path: Path) -> None:
    path = tmp_path / "records"
    (first,), _ = written(path, "水稻".encode())
    with path.open("ab") as torn:
        torn.write((400).to_bytes(4, "big") + b"half")
    (second,), end = written(path, "土壤".encode())
    reader = Records(path)
    reader.check(end)
    assert [each.decode() for each in reader.read([second, first])] == ["土壤", "水稻"]


def test_a_removed_folder_is_read_on(tmp_path: Path) -> None:
    (tmp_path / "g").mkdir()
    begins, end = written(tmp_path / "g" / "records", b"one", b"two")
    reader = Records(tmp_path / "g" / "records")
    shutil.rmtree(tmp_path / "g")
    reader.check(end)
    assert reader.read(begins) == [b"one", b"two"]


def work(key: str, text: str) -> Change:
    return Change(key, WorkDocument(key, "output", 2020, True, len(text.split()), ("P1",), (), text))


def texts(snapshot: Snapshot) -> dict[str, str]:
    return {hit.id: hit.tokens for hit in snapshot.search_works({"水稻": 1.0, "土壤": 1.0}, limit=10)}


def test_a_state_stays_what_it_was_while_works_are_replaced(tmp_path: Path) -> None:
    generation = Generation.create(tmp_path / "g", made(NONE, (), tmp_path))
    generation.write([work("W1", "水稻"), work("W2", "土壤")], Marker("s", 1, "e"), fresh=True)
    before = Snapshot(generation)
    Generation.open(tmp_path / "g").write([work("W1", "土壤 土壤"), Change("W2", None)], Marker("s", 2, "e"))
    assert texts(before) == {"W1": "水稻", "W2": "土壤"}
    assert texts(before.followed_by()) == {"W1": "土壤 土壤"}
    assert [change.id for change in before.documents()] == ["W1", "W2"]


def test_a_file_cut_short_is_no_index(tmp_path: Path) -> None:
    generation = Generation.create(tmp_path / "g", made(NONE, (), tmp_path))
    generation.write([work("W1", "水稻"), work("W2", "土壤")], Marker("s", 1, "e"), fresh=True)
    size = (tmp_path / "g" / "records").stat().st_size
    with (tmp_path / "g" / "records").open("r+b") as file:
        file.truncate(size - 1)
    with pytest.raises(ValueError, match="shorter"):
        Snapshot(Generation.open(tmp_path / "g"))
