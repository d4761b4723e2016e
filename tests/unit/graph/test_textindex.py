"""The text index on the real engine: it follows every change, is swapped under its readers, outlives a full disk."""

import dataclasses
import resource
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from filelock import FileLock
from hypothesis import given, settings
from hypothesis import strategies as st

from graph import textindex
from graph.claims import node_claim, relationship_claim
from graph.database import Endpoint
from graph.documents import Document
from graph.errors import StoreUnavailableError
from graph.merge import SourceRef
from graph.model import AUTHORED, LED, NAME, PROJECT, REGION
from graph.store import Store
from graph.text import tokens
from graph.textindex import TextIndex
from graph.work_mentions import Mention
from tests.graph_claims import (
    OTHER,
    SOURCE,
    Claim,
    authored,
    body,
    located,
    merged,
    named,
    part_of,
    person,
    post,
    put,
    take,
    work,
)
from tests.graph_fixtures import empty_store


def from_scratch(store: Store) -> dict[str, Document]:
    """What an index built anew in another folder holds."""
    with tempfile.TemporaryDirectory() as folder:
        return TextIndex.open(dataclasses.replace(store, folder=Path(folder))).documents()


def boosts(text: str) -> dict[str, float]:
    return dict.fromkeys(tokens(text), 1.0)


def ids(index: TextIndex, text: str, **filters: Any) -> list[str]:
    return [hit.id for hit in index.search_works(boosts(text), **filters)]


# --- following -------------------------------------------------------------------------------------------------------


def test_a_work_is_found_with_its_people_bodies_and_tokens(store: Store) -> None:
    put(store, person("P1", "王伟"), person("P2", "李娜"), body("O1", "虚构大学"), body("O2", "虚构研究院"))
    put(
        store,
        work("W1", "量子计算", abstract="量子纠错码", keywords=["qubits"], year=2020, kind="paper"),
        node_claim(PROJECT, "J1", {"title": "量子通信网络", "year": 2021}),
        authored("P2", "W1", 2, ["O2", "O1"]),
        authored("P1", "W1", 1, ["O1"]),
        relationship_claim(LED, ("Person", "P1"), ("Project", "J1"), key="1"),
    )
    index = TextIndex.open(store)
    hits = {hit.id: hit for hit in index.search_works(boosts("量子"))}
    words = "量子 子计 计算 qubit 量子 子纠 纠错 错码"
    found = hits["W1"]._replace(score=0.0)
    said = '[[["A",1]],[["A",2]]]'
    assert found == ("W1", 0.0, "output", 2020, ("P1", "P2"), ("O1", "O2"), words, 8, True, "paper", b"", said)
    assert found.mentions("P2") == [Mention("AUTHORED", 2, None, None)]
    assert found.mentions("P9") == ()
    assert (hits["J1"].kind, hits["J1"].people, hits["J1"].has_abstract) == ("project", ("P1",), False)
    assert index.sequence == store.audit.head().number
    total, frequency = index.collection
    assert (total, frequency("量子"), frequency("通信"), frequency("没有")) == (8 + 5, 2, 1, 0)


def test_follow_sees_every_kind_of_change(store: Store) -> None:
    index = TextIndex.open(store)
    assert index.documents() == {}
    put(store, person("P1", "王伟"), person("P2", "王维"), work("W1", "量子计算"), authored("P1", "W1"))
    assert ids(index, "量子") == [], "a search shows what was committed to the index, nothing else"
    assert index.follow() == store.audit.head().number
    assert ids(index, "量子") == ["W1"]
    put(store, work("W1", "光学显微"))
    index.follow()
    assert (ids(index, "量子"), ids(index, "显微")) == ([], ["W1"])
    put(store, authored("P2", "W1", 2))
    index.follow()
    assert index.search_works(boosts("显微"))[0].people == ("P1", "P2")
    ends = ("Person", "P1"), ("Output", "W1")
    put(store, relationship_claim(AUTHORED, *ends, key="1", properties={"position": 1, "corresponding": True}))
    index.follow()
    assert index.search_works(boosts("显微"))[0].mentions("P1") == [Mention("AUTHORED", 1, True, None)]
    put(store, work("W1", "光学显微", visibility="restricted"))
    index.follow()
    assert "W1" not in index.documents()
    put(store, work("W1", "光学显微", visibility="staff"))
    put(store, merged("Person", "P2", "P1"))
    index.follow()
    assert index.documents().keys() == {"W1", "P1"}
    take(store, work("W1", "光学显微"))
    index.follow()
    assert index.documents().keys() == {"P1"}
    put(store, node_claim(NAME, "N1", {"text": "王威"}))
    put(store, named("Person", "P1", "N1"))
    index.follow()
    put(store, node_claim(NAME, "N1", {"text": "王巍"}))
    index.follow()
    assert [hit.id for hit in index.find_people("王巍")] == ["P1"], "a Name's new text belongs to its owner's document"
    assert index.documents() == from_scratch(store)


WORKS: Final = ("W0", "W1", "W2", "W3")
PEOPLE: Final = ("P0", "P1", "P2")
BODIES: Final = ("O0", "O1", "O2")
TEXTS: Final = ("量子计算", "深度学习", "graph mining", "土壤", "ÄÖ <b>", "1")
DAYS: Final = ("2019-01-01", "2030-01-01")


@st.composite
def claims(draw: st.DrawFn) -> Claim:
    """Any claim that may change a document."""
    one, other = draw(st.sampled_from(PEOPLE)), draw(st.sampled_from(PEOPLE))
    what, where, above = draw(st.sampled_from(WORKS)), draw(st.sampled_from(BODIES)), draw(st.sampled_from(BODIES))
    text, visibility = draw(st.sampled_from(TEXTS)), draw(st.sampled_from(["public", "members", "restricted"]))
    bodies, position = draw(st.lists(st.sampled_from(BODIES), max_size=2)), draw(st.integers(1, 2))
    return draw(
        st.sampled_from(
            [
                work(what, text, visibility=visibility),
                person(one, text, visibility=visibility),
                body(where, text, visibility=visibility),
                node_claim(NAME, "N1", {"text": text}),
                authored(one, what, position, bodies),
                post(one, where, valid_to=draw(st.sampled_from(DAYS))),
                part_of(where, above),
                merged("Person", one, other),
                located(where, "1301"),
                named("Person", one, "N1"),
                named("Organisation", where, "N1"),
            ]
        )
    )


Step = tuple[str, Claim, SourceRef]
steps_of_a_day: Final[st.SearchStrategy[list[Step]]] = st.lists(
    st.tuples(st.sampled_from(["put", "put", "put", "take", "follow"]), claims(), st.sampled_from([SOURCE, OTHER])),
    min_size=5,
    max_size=25,
)


@settings(max_examples=20)
@given(steps=steps_of_a_day)
def test_a_followed_index_equals_one_built_from_scratch(engine: Endpoint, steps: list[Step]) -> None:
    with tempfile.TemporaryDirectory() as folder, empty_store(engine, Path(folder)) as store:
        put(store, *[work(key, "题") for key in WORKS], *[person(key, "某") for key in PEOPLE])
        put(store, *[body(key, "单位") for key in BODIES], node_claim(NAME, "N1", {"text": "别名"}))
        put(store, node_claim(REGION, "1301", {"name": "虚构市"}))
        index = TextIndex.open(store)
        for action, claim, source in steps:
            if action == "put":
                put(store, claim, source=source)
            elif action == "take":
                take(store, claim, source=source)
            else:
                index.follow()
        assert index.follow() == store.audit.head().number
        assert index.documents() == from_scratch(store)


# --- folders, readers, writers ---------------------------------------------------------------------------------------


def test_readers_go_on_while_the_index_is_built_anew(store: Store) -> None:
    put(store, work("W1", "量子计算"))
    writer, reader = TextIndex.open(store), TextIndex.open(store)
    old = next(store.folder.glob("text/*/g-*"))
    put(store, work("W2", "量子通信"))
    seen: list[list[str]] = []
    writer.rebuild(lambda done, total: seen.append(ids(reader, "量子")))
    assert seen == [["W1"], ["W1"]]
    assert sorted(ids(reader, "量子")) == ["W1", "W2"]
    assert reader.sequence == writer.sequence
    writer.rebuild()
    assert not old.exists()
    assert sorted(ids(reader, "量子")) == ["W1", "W2"]
    assert len(list(store.folder.glob("text/*/g-*"))) == 2, "the current one and the one readers may still have open"


def test_a_deleted_or_damaged_folder_comes_back(store: Store) -> None:
    put(store, work("W1", "量子计算"))
    index = TextIndex.open(store)
    root = next(store.folder.glob("text/*"))
    for file in root.glob("g-*/works/meta.json"):
        file.write_text("{", encoding="utf-8")
    assert ids(TextIndex.open(store), "量子") == ["W1"]
    (root / "CURRENT").write_text("../../..", encoding="utf-8")
    assert ids(TextIndex.open(store), "量子") == ["W1"]
    (root / "CURRENT").unlink()
    assert index.follow() == store.audit.head().number
    assert ids(index, "量子") == ["W1"]


def test_another_format_has_another_folder(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    put(store, work("W1", "量子计算"))
    TextIndex.open(store)
    monkeypatch.setattr("graph.index_folder.FORMAT", 99)
    assert ids(TextIndex.open(store), "量子") == ["W1"]
    assert len(list(store.folder.glob("text/*"))) == 2


def test_a_graph_with_another_history_means_rebuild(store: Store) -> None:
    put(store, work("W1", "量子计算"))
    before = store.audit.head()
    put(store, work("W2", "量子通信"))
    index = TextIndex.open(store)
    # The graph goes back to the state of an older backup, then on with other writes.
    store.database.write(
        "restore",
        lambda tx: (
            tx.run("MATCH (n:Output {id: 'W2'}) DETACH DELETE n"),
            tx.run("MATCH (e:AuditEvent) WHERE e.number > $number DELETE e", {"number": before.number}),
            tx.run("MATCH (b:Batch) WHERE b.seq > $number DELETE b", {"number": before.number}),
            tx.run("MATCH (h:AuditHead) SET h.number = $n, h.hash = $h", {"n": before.number, "h": before.hash}),
        ),
    )
    index.follow()
    assert index.documents().keys() == {"W1"}
    put(store, work("W3", "土壤"))
    put(store, work("W4", "土壤"))
    index.follow()
    assert index.documents() == from_scratch(store)


def test_while_another_process_indexes_the_old_state_is_read(store: Store) -> None:
    put(store, work("W1", "量子计算"))
    index = TextIndex.open(store)
    seen = index.sequence
    put(store, work("W2", "量子通信"))
    lock = next(store.folder.glob("text/*")) / "writer.lock"
    with FileLock(lock):
        assert index.follow(wait_s=0) == seen
        assert ids(index, "量子") == ["W1"]
        with pytest.raises(StoreUnavailableError, match="另一个进程"):
            index.rebuild(wait_s=0)
    assert index.follow(wait_s=0) == store.audit.head().number


def test_the_first_index_in_the_making_is_said_so(store: Store) -> None:
    folder = store.folder / "text" / f"{store.id}-f{textindex.FORMAT}"
    folder.mkdir(parents=True)
    with FileLock(folder / "writer.lock"), pytest.raises(StoreUnavailableError, match="正在建立"):
        TextIndex.open(store, wait_s=0)


@contextmanager
def _no_file_larger_than(size: int) -> Generator[None]:
    """The operating system refuses to write beyond `size` bytes of a file, as it does on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_disk_that_refuses_leaves_the_old_index_usable(store: Store) -> None:
    put(store, work("W1", "量子计算"))
    index = TextIndex.open(store)
    put(store, *[work(f"V{n}", "".join(chr(0x4E00 + (n * k) % 9_000) for k in range(400))) for n in range(60)])
    with _no_file_larger_than(20_000):
        with pytest.raises(StoreUnavailableError, match="文本索引写不进去"):
            index.follow()
        with pytest.raises(StoreUnavailableError, match="文本索引写不进去"):
            index.rebuild()
        assert ids(index, "量子") == ["W1"]
        assert ids(TextIndex.open(store), "量子") == ["W1"]
    index.follow()
    assert index.documents() == from_scratch(store)


def test_a_folder_that_cannot_be_made_is_reported(store: Store) -> None:
    (store.folder / "text").write_text("a file in the way", encoding="utf-8")
    with pytest.raises(StoreUnavailableError, match="文本索引写不进去"):
        TextIndex.open(store)


def test_many_replaced_documents_make_the_index_write_itself_anew(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(textindex, "_FEWEST_DELETED", 3)
    put(store, *[work(f"W{n}", "旧题") for n in range(10)], person("P1", "王伟"), body("O1", "甲"))
    index = TextIndex.open(store)
    put(store, *[work(f"W{n}", "新题") for n in range(3)])
    index.follow()
    assert index.collection.frequency("旧题") == 10, "replaced documents still count, as BM25 counts them"
    put(store, *[work(f"W{n}", "再题") for n in range(3, 6)])
    index.follow()
    total, frequency = index.collection
    assert (total, frequency("旧题"), frequency("新题"), frequency("再题")) == (10, 4, 3, 3)
    assert index.documents() == from_scratch(store)
    assert index.follow() == store.audit.head().number
