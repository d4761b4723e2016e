"""One batch of several sources' changes on each engine: labels that one source puts on and another takes off."""

from typing import Final

import pytest

from graph.batches import apply_changes_of_sources
from graph.changes import IDENTITY, NodeChange, SourceChanges
from graph.claims import Said
from graph.errors import ConflictError
from graph.model import PERSON
from graph.store import Store
from graph.undo import batches, undo
from tests.graph_dump import dump
from tests.graph_people import GRANTS, PAPERS, ROSTER, person, rows, say

PLAIN: Final = Said({"name": "甲"})
EXPERT: Final = Said({"name": "乙", "tier": "院士"}, ("Expert",))


def change(store: Store, both: tuple[Said | None, Said | None]) -> str:
    """Let two sources say these of one person, all in one batch."""
    changes = [
        SourceChanges(source, [NodeChange(PERSON, "N", said)])
        for source, said in zip((PAPERS, ROSTER), both, strict=True)
    ]
    done = store.audit.write(
        actor="test",
        action="test",
        subject="N",
        work=lambda tx, seq: apply_changes_of_sources(tx, seq, changes, batch=IDENTITY, run="R2"),
    )
    assert done is not None
    return f"{done.number}"


def labels(store: Store) -> list[list[str]]:
    return [sorted(row["l"]) for row in rows(store, "MATCH (n:Person {id: 'N'}) RETURN labels(n) AS l")]


@pytest.mark.parametrize("there", ["new", "tombstone", "plain", "expert", "both"])
@pytest.mark.parametrize("both", [(PLAIN, EXPERT), (EXPERT, PLAIN), (EXPERT, EXPERT), (None, EXPERT), (EXPERT, None)])
def test_labels_are_those_of_all_sources(any_store: Store, there: str, both: tuple[Said | None, Said | None]) -> None:
    for source in (PAPERS, ROSTER):
        say(any_store, source, [person("A")])
    if there == "tombstone":
        undo(any_store, say(any_store, GRANTS, [person("N", expert=True)]), actor="test")
    elif there != "new":
        say(any_store, PAPERS, [person("N", expert=there != "plain")])
        if there == "both":
            say(any_store, ROSTER, [person("N", expert=True)])
    before = dump(any_store.database)
    batch = change(any_store, both)
    assert labels(any_store) == [["Expert", "Person"]]
    (kept,) = batches(any_store.database, "R2")
    assert (kept.id, kept.source) == (batch, IDENTITY.id)
    assert kept.elements == sum(said is not None or there == "both" for said in both) + (
        there in ("plain", "expert") and both[0] is None
    )
    undo(any_store, batch, actor="test")
    assert dump(any_store.database) == before
    assert any_store.audit.verify().ok


def test_a_batch_that_cannot_be_undone_yet_says_which_stands_in_the_way(any_store: Store) -> None:
    for source in (PAPERS, ROSTER):
        say(any_store, source, [person("A")])
    first, second = change(any_store, (PLAIN, EXPERT)), change(any_store, (EXPERT, PLAIN))
    with pytest.raises(ConflictError, match=second):
        undo(any_store, first, actor="test")
    undo(any_store, second, actor="test")
    undo(any_store, first, actor="test")
    assert labels(any_store) == [["Person"]]
