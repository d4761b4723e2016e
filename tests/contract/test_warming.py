"""Warming up asks real questions of a real graph, writes nothing, and knows when to stop."""

from itertools import count

import pytest
import tantivy

from api.warming import warm_up
from graph import index_snapshot
from graph.claims import NodeClaim, RelationshipClaim, node_claim, relationship_claim
from graph.index_people import read_columns
from graph.index_warming import read_index_files
from graph.merge import SourceRef, upsert
from graph.model import AUTHORED, OUTPUT, PERSON
from graph.people_columns import PeopleColumns
from graph.store import Store
from graph.textindex import TextIndex
from queries.experts import experts_for_topic
from queries.facets import expert_facets
from queries.filters import ExpertFilters

SOURCE = SourceRef("works", "warm", 600)
SECRET = "绝密课题的题名"


def fill(store: Store, writes: int) -> None:
    upsert(store.audit, SOURCE, [node_claim(PERSON, "P1", {"name": "示例甲"})], [], run="r", actor="test")
    for number in range(writes):
        title, visibility = (SECRET, "restricted") if number % 2 else (f"地下水超采治理研究之{number}", "public")
        works: list[NodeClaim] = [node_claim(OUTPUT, f"W{number}", {"title": title, "visibility": visibility})]
        written: list[RelationshipClaim] = [relationship_claim(AUTHORED, ("Person", "P1"), ("Output", f"W{number}"))]
        upsert(store.audit, SOURCE, works, written, run="r", actor="test")


def test_titles_of_the_graph_are_asked_and_nothing_is_written(any_store: Store) -> None:
    fill(any_store, 12)
    index = TextIndex.open(any_store)
    head = any_store.audit.head()
    assert warm_up(any_store, index, questions=4, longest_s=60) == 4
    # Six of twelve titles are public: a restricted one is not even asked for.
    assert warm_up(any_store, index, questions=50, longest_s=60) == 6
    assert any_store.audit.head() == head


def test_it_ends_when_told_to_or_out_of_time(store: Store) -> None:
    fill(store, 8)
    index = TextIndex.open(store)
    looks = count()
    # The index files are looked at first: two of them, more or less, before the first question.
    assert warm_up(store, index, questions=4, longest_s=60, stopped=lambda: next(looks) > 100) == 4
    assert warm_up(store, index, questions=4, longest_s=60, stopped=lambda: True) == 0
    assert warm_up(store, index, questions=4, longest_s=-1) == 0
    assert warm_up(store, index, questions=0, longest_s=60) == 0


def test_the_first_filtered_question_reads_no_columns(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """At 100,000 people that is seconds, which the first person to filter would wait."""
    fill(store, 12)
    read: list[int] = []

    def counted(names: tantivy.Searcher, written: int, earlier: PeopleColumns | None) -> PeopleColumns:
        read.append(written)
        return read_columns(names, written, earlier)

    monkeypatch.setattr(index_snapshot, "read_columns", counted)
    index = TextIndex.open(store)
    asked = count()
    stop_after_the_files = warm_up(store, index, questions=3, longest_s=60, stopped=lambda: next(asked) > 0)
    assert (stop_after_the_files, read) == (0, [])
    assert warm_up(store, index, questions=3, longest_s=60) == 3
    assert len(read) == 1
    filters = ExpertFilters(members_only=True)
    experts_for_topic(store.database, index, text="地下水", filters=filters)
    expert_facets(store.database, index, text="地下水", filters=filters)
    assert len(read) == 1


def test_an_empty_graph_has_no_questions(store: Store) -> None:
    index = TextIndex.open(store)
    assert warm_up(store, index, questions=4, longest_s=60) == 0


def test_a_lost_engine_ends_it_quietly(store: Store) -> None:
    fill(store, 2)
    index = TextIndex.open(store)
    store.close()
    assert warm_up(store, index, questions=4, longest_s=60) == 0


def test_the_index_is_read_once_and_whole(store: Store) -> None:
    assert read_index_files(store) == 0
    fill(store, 4)
    TextIndex.open(store)
    root = store.folder / "text"
    files = [path for name in ("works", "names") for path in root.glob(f"*/g-*/{name}/*") if path.is_file()]
    files += root.glob("*/g-*/records")
    assert read_index_files(store) == sum(path.stat().st_size for path in files) > 0
    assert read_index_files(store, stopped=lambda: True) <= max(path.stat().st_size for path in files)
