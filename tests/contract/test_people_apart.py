"""Separating people on each engine, and that every question follows redirects."""

import pytest

from graph.errors import InputError, NotFoundError
from graph.separating import separate_people
from graph.store import Store
from graph.textindex import TextIndex
from graph.undo import undo
from queries.experts import experts_for_topic
from queries.networks import collaboration_network, collaborators
from queries.profiles import expert_profile
from tests.graph_dump import dump
from tests.graph_people import (
    GRANTS,
    PAPERS,
    RECORD,
    has,
    join,
    mention,
    person,
    redirects,
    rows,
    say,
    separate,
    shown,
    small,
)


def test_what_was_joined_is_separated_into_the_stub_that_it_was(any_store: Store) -> None:
    small(any_store)
    apart = dump(any_store.database)
    join(any_store, "B", "A")
    together = dump(any_store.database)
    new = separate(any_store, "B", RECORD, mention(PAPERS, "W1", 1), mention(PAPERS, "W2", 1))
    assert new == "A"
    assert redirects(any_store) == {}
    assert has(any_store, "A") == sorted([RECORD, mention(PAPERS, "W1", 1), mention(PAPERS, "W2", 1)])
    assert (shown(any_store, "A", "name"), shown(any_store, "B", "professional_title")) == ("王 伟", None)

    def posts(who: str) -> list[str]:
        text = "MATCH (p:Person {id: $id})-[r:AFFILIATED_WITH]->(o) RETURN o.id AS o ORDER BY o"
        return [row["o"] for row in rows(any_store, text, id=who)]

    assert (posts("A"), posts("B")) == (["O1"], ["O1", "O2"])
    facts = [row for row in apart["relationships"] if "EXPERT_IN" in row or "HAS_NAME" in row]
    assert len(facts) == 2
    assert rows(any_store, "MATCH (:Person {id: 'A'})-[r:EXPERT_IN|HAS_NAME]->() RETURN count(r) AS n") == [{"n": 2}]
    undo(any_store, str(any_store.audit.head().number), actor="test")
    assert dump(any_store.database) == together
    assert any_store.audit.verify().ok


def test_a_part_that_never_was_a_person_gets_an_id_of_its_first_mention(any_store: Store) -> None:
    small(any_store)
    before = dump(any_store.database)
    wanted = mention(PAPERS, "W4", 1)
    done = separate_people(
        any_store, person="B", mentions=[wanted], actor="test", run="identity", name_key=lambda name: name.lower()
    )
    assert (done.person, has(any_store, done.new)) == ("B", [wanted])
    assert (shown(any_store, done.new, "name"), shown(any_store, done.new, "name_key")) == ("W4第1作者", "w4第1作者")
    assert shown(any_store, "B", "phone") == "1"
    posts = rows(any_store, "MATCH (p:Person)-[:AFFILIATED_WITH]->({id: 'O2'}) RETURN p.id AS p")
    assert posts == [{"p": done.new}], "only the mention that left named this body"
    undo(any_store, done.batch, actor="test")
    assert dump(any_store.database) == before
    assert separate(any_store, "B", wanted) == done.new, "the same id again"


def test_a_separation_that_makes_no_sense_is_refused(any_store: Store) -> None:
    small(any_store)
    before = dump(any_store.database)
    for mentions in ([mention(PAPERS, "W5", 1)], ["无"], []):
        with pytest.raises(InputError):
            separate_people(any_store, person="B", mentions=mentions, actor="test", run="identity")
    with pytest.raises(InputError, match="全部"):
        separate(any_store, "B", mention(PAPERS, "W3", 1), mention(PAPERS, "W4", 1))
    with pytest.raises(NotFoundError):
        separate(any_store, "无", mention(PAPERS, "W3", 1))
    assert dump(any_store.database) == before


def test_a_strict_status_goes_with_the_one_it_is_about(any_store: Store) -> None:
    small(any_store)
    say(any_store, GRANTS, [person("C", expert=True, status="suspended", visibility="restricted")])
    join(any_store, "A", "C")
    assert (shown(any_store, "A", "status"), shown(any_store, "A", "visibility")) == ("suspended", "restricted")
    assert separate(any_store, "C", "table:grants|j1|1", mention(PAPERS, "W5", 1)) == "C"
    assert (shown(any_store, "A", "status"), shown(any_store, "A", "visibility")) == (None, "public")
    assert (shown(any_store, "C", "status"), shown(any_store, "C", "visibility")) == ("suspended", "restricted")


def test_every_question_follows_a_redirect_and_shows_no_stub(any_store: Store) -> None:
    small(any_store)
    index = TextIndex.open(any_store)
    index.rebuild()
    join(any_store, "B", "A")
    join(any_store, "C", "B")
    index.follow()
    db = any_store.database
    profile = expert_profile(db, id="A")
    assert (profile.id, profile.redirected_from, profile.works_total) == ("C", "A", 6)
    assert [row.id for row in collaborators(db, id="A")] == ["D"]
    assert collaborators(db, id="D")[0].id == "C"
    assert {node.id for node in collaboration_network(db, id="B").nodes} == {"C", "D"}
    found = experts_for_topic(db, index, text="土壤改良")
    assert {each.id for each in found.experts} == {"C", "D"}
    for excluded in ("A", "B", "C"):
        left = experts_for_topic(db, index, text="土壤改良", exclude=[excluded])
        assert ({each.id for each in left.experts}, left.candidates) == ({"D"}, 1)
