"""The schema on the real engines: applied twice it changes nothing, and an interrupted making is finished."""

from pathlib import Path

import pytest

from graph import schema
from graph.claims import node_claim
from graph.database import Database, Endpoint
from graph.errors import StoreDamagedError
from graph.merge import SourceRef, upsert
from graph.model import NODES, PERSON
from graph.store import Store, connect
from tests.graph_dump import run
from tests.graph_fixtures import STORE_KEY, erase


def write(store: Store, key: str) -> None:
    upsert(store.audit, SourceRef("t", "d"), [node_claim(PERSON, key, {"name": "甲"})], [], run="R", actor="t")


def test_applied_twice_changes_nothing(any_store: Store) -> None:
    database = any_store.database
    before = schema.present(database), any_store.audit.head()
    assert schema.missing(database) == []
    assert schema.complete(database)
    assert schema.apply(database) == 0
    assert (schema.present(database), any_store.audit.head()) == before
    assert set(schema.declared()) <= set(before[0])


def test_every_key_is_unique_on_every_engine(any_store: Store) -> None:
    write(any_store, "P1")
    unique = {(index.label, index.property) for index in schema.declared() if index.unique}
    assert unique == {(node.label, node.key) for node in NODES}
    with pytest.raises(Exception, match="ConstraintValidationFailed"):
        run(any_store.database, "CREATE (:Person {id: 'P1'})")
    assert any_store.database.records("t", "MATCH (p:Person) RETURN count(p) AS n") == [{"n": 1}]


def test_an_interrupted_making_is_finished(engine: Endpoint, tmp_path: Path) -> None:
    """Killed between the last index and the head: the next start plants it instead of calling the store damaged."""
    with Database(engine) as database:
        schema.apply(database)
        erase(database)
        assert schema.missing(database) == []
        assert not schema.complete(database)
    with connect(engine, tmp_path, store_key=STORE_KEY) as store:
        assert store.key == STORE_KEY
        assert store.audit.verify().ok


def test_a_removed_head_is_not_replaced_by_a_new_one(store: Store) -> None:
    write(store, "P1")
    run(store.database, "MATCH (h:AuditHead) DETACH DELETE h")
    with pytest.raises(StoreDamagedError):
        connect(store.database.endpoint, store.folder)
    with pytest.raises(StoreDamagedError):
        store.audit.verify()
    with pytest.raises(StoreDamagedError):
        write(store, "P2")


def test_a_store_keeps_its_key(store: Store, tmp_path: Path) -> None:
    with connect(store.database.endpoint, tmp_path, store_key=b"o" * 32) as again:
        assert again.key == STORE_KEY
        assert again.id == store.id
