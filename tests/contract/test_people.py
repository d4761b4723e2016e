"""Joining and separating people on each engine: what moves, what stays, and that undo restores it to the letter."""

import pytest

from graph.changes import IDENTITY, LOCAL, RelationshipChange
from graph.errors import ConflictError, InputError, NotFoundError
from graph.joining import join_many, join_people
from graph.merge import apply_changes
from graph.store import Store
from graph.undo import batches, undo
from queries.profiles import expert_profile
from tests.graph_dump import dump
from tests.graph_people import (
    GRANTS,
    PAPERS,
    RECORD,
    ROSTER,
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
    wrote,
)


def test_all_that_every_source_claims_moves_and_undo_restores_it(any_store: Store) -> None:
    small(any_store)
    before, head = dump(any_store.database), any_store.audit.head().number
    joined = join_people(any_store, into="B", others=["A", "C"], actor="审核员", run="identity")
    assert (joined.into, joined.others, joined.batch) == ("B", ("A", "C"), f"{head + 1}")
    assert any_store.audit.head().number == head + 1
    event = rows(any_store, "MATCH (e:AuditEvent {number: $n}) RETURN e.action AS a, e.subject AS s", n=head + 1)
    assert event == [{"a": "join", "s": "B"}]
    assert len(has(any_store, "B")) == 7
    assert redirects(any_store) == {"A": "B", "C": "B"}
    posts = rows(any_store, "MATCH (:Person {id: 'B'})-[r:AFFILIATED_WITH]->(o) RETURN o.id AS o ORDER BY o")
    assert posts == [{"o": "O1"}, {"o": "O2"}], "one of two equal posts stays"
    assert shown(any_store, "B", "name") == "王 伟"
    assert shown(any_store, "B", "professional_title") == "教授"
    assert (shown(any_store, "B", "gender"), shown(any_store, "B", "phone")) == ("男", "1")
    assert rows(any_store, "MATCH (p:Expert) RETURN p.id AS id") == [{"id": "B"}]
    (batch,) = batches(any_store.database, "identity")
    assert batch.source == IDENTITY.id
    report = undo(any_store, joined.batch or "", actor="test")
    assert report.kept == 0
    assert dump(any_store.database) == before
    verified = any_store.audit.verify()
    assert verified.ok, verified.faults


def test_joining_again_does_nothing_and_a_stub_stands_for_its_survivor(any_store: Store) -> None:
    small(any_store)
    join(any_store, "B", "A")
    head = any_store.audit.head().number
    again = join_people(any_store, into="B", others=["A"], actor="test", run="identity")
    assert (again.into, again.others, again.batch) == ("B", (), None)
    assert join_people(any_store, into="A", others=["B"], actor="test", run="identity").batch is None
    assert any_store.audit.head().number == head
    before = dump(any_store.database)
    batch = join(any_store, "A", "C")
    assert redirects(any_store) == {"A": "B", "C": "B"}
    undo(any_store, batch, actor="test")
    assert dump(any_store.database) == before
    join(any_store, "C", "A")
    assert redirects(any_store) == {"A": "B", "B": "C"}
    assert len(has(any_store, "C")) == 7


def test_what_an_import_wrote_to_a_stub_moves_with_the_next_join(any_store: Store) -> None:
    small(any_store)
    join(any_store, "B", "A")
    say(any_store, ROSTER, [person("A", "王伟", email="a@b.example")])
    before = dump(any_store.database)
    batch = join(any_store, "B", "A")
    assert redirects(any_store) == {"A": "B"}
    assert shown(any_store, "B", "email") == "a@b.example"
    assert shown(any_store, "B", "name") == "王 伟", "the survivor's claim stands"
    undo(any_store, batch, actor="test")
    assert dump(any_store.database) == before


def test_the_claim_of_the_survivor_stands_and_lists_are_united(any_store: Store) -> None:
    one = person("A", "甲", expert=True, tier="院士", external_ids=["x:1"], records=["t|1|1"], fields=["b", "a"])
    other = person("B", "乙", expert=True, external_ids=["x:2", "x:1"], records=["t|2|1"], fields=["a", "c"])
    say(any_store, ROSTER, [one, other])
    join(any_store, "A", "B")
    assert shown(any_store, "A", "name") == "甲"
    assert shown(any_store, "A", "tier") == "院士"
    assert shown(any_store, "A", "external_ids") == ["x:1", "x:2"]
    assert shown(any_store, "A", "records") == ["t|1|1", "t|2|1"]
    assert shown(any_store, "A", "fields") == ["b", "a", "c"]
    assert say(any_store, ROSTER, [person("A", "甲", external_ids=["x:2"])]) == str(any_store.audit.head().number)
    with pytest.raises(ConflictError, match="分不清"):
        separate(any_store, "A", "t|2|1")


@pytest.mark.parametrize("into", ["A", "B"])
def test_the_strictest_visibility_and_status_win(any_store: Store, into: str) -> None:
    say(any_store, ROSTER, [person("A", expert=True, status="admitted"), person("B", visibility="staff")])
    say(any_store, PAPERS, [person("A", visibility="members"), person("B", expert=True, status="suspended")])
    # Even before a person's correction of one of them.
    say(any_store, LOCAL, [person("A", expert=True, status="admitted")])
    before = dump(any_store.database)
    batch = join(any_store, into, "B" if into == "A" else "A")
    assert (shown(any_store, into, "visibility"), shown(any_store, into, "status")) == ("staff", "suspended")
    say(any_store, LOCAL, [person(into, expert=True, tier="院士", status="admitted")])
    assert shown(any_store, into, "status") == "suspended"
    undo(any_store, str(any_store.audit.head().number), actor="test")
    undo(any_store, batch, actor="test")
    assert dump(any_store.database) == before


def test_two_sources_mentions_on_one_work_stay_two(any_store: Store) -> None:
    small(any_store)
    say(any_store, GRANTS, [person("E")], [wrote(GRANTS, "E", "W1", 1)])
    before = dump(any_store.database)
    batch = join(any_store, "A", "E")
    assert has(any_store, "A") == sorted(
        [RECORD, mention(PAPERS, "W1", 1), mention(PAPERS, "W2", 1), mention(GRANTS, "W1", 1)]
    )
    undo(any_store, batch, actor="test")
    assert dump(any_store.database) == before


def test_an_import_before_a_join_is_undone_without_losing_what_the_join_brought(any_store: Store) -> None:
    small(any_store)
    # B's post at O1 is from this batch as well; A brought one that is equal.
    papers = batches(any_store.database, "R1")[-1].id
    batch = join(any_store, "B", "A")
    joined = dump(any_store.database)
    later = say(any_store, PAPERS, [person("B", "王伟", phone="9")], run="R2")
    undo(any_store, later, actor="test")
    assert dump(any_store.database) == joined
    report = undo(any_store, papers, actor="test")
    assert batch in {kept.batch for kept in report.kept_elements}
    assert mention(PAPERS, "W1", 1) in has(any_store, "B")
    assert any_store.audit.verify().ok
    undo(any_store, batch, actor="test")
    left = dump(any_store.database)
    assert [row for row in left["relationships"] if "works:papers" in row] == []
    assert [row for row in left["claims"] if "works:papers" in row] == []
    assert len([row for row in left["claims"] if "table:roster" in row]) == 3
    assert any_store.audit.verify().ok


def test_a_mention_changed_after_a_join_goes_back_as_it_is(any_store: Store) -> None:
    small(any_store)
    before = dump(any_store.database)
    batch = join(any_store, "B", "A")
    later = say(any_store, PAPERS, [], [wrote(PAPERS, "B", "W1", 1, ["O2"], corresponding=True)], run="R2")
    undo(any_store, batch, actor="test")
    assert mention(PAPERS, "W1", 1) in has(any_store, "A")
    found = rows(any_store, "MATCH (p:Person {id: 'A'})-[r:AUTHORED]->(w {id: 'W1'}) RETURN r.corresponding AS c")
    assert found == [{"c": True}], "the later import holds"
    assert any_store.audit.verify().ok
    undo(any_store, later, actor="test")
    assert dump(any_store.database) == before
    assert any_store.audit.verify().ok


def test_a_claim_changed_after_a_join_is_kept_and_listed(any_store: Store) -> None:
    small(any_store)
    before = dump(any_store.database)
    batch = join(any_store, "B", "A")
    later = say(any_store, PAPERS, [person("B", "王伟", email="later@b.example")], run="R2")
    report = undo(any_store, batch, actor="test")
    assert [(kept.element, kept.batch) for kept in report.kept_elements] == [("Person B", later)]
    assert (shown(any_store, "A", "name"), shown(any_store, "B", "email")) == ("王 伟", "later@b.example")
    assert redirects(any_store) == {}
    undo(any_store, later, actor="test")
    assert dump(any_store.database) == before
    assert any_store.audit.verify().ok


def test_of_two_joins_of_one_person_the_later_is_undone_first(any_store: Store) -> None:
    small(any_store)
    before = dump(any_store.database)
    first, second = join(any_store, "B", "A"), join(any_store, "C", "B")
    with pytest.raises(ConflictError, match=f"批次 {second}"):
        undo(any_store, first, actor="test")
    undo(any_store, second, actor="test")
    undo(any_store, first, actor="test")
    assert dump(any_store.database) == before


def test_what_an_undo_gives_back_to_a_stub_waits_for_the_join_to_be_undone(any_store: Store) -> None:
    small(any_store)
    before = dump(any_store.database)
    gone = [RelationshipChange(wrote(PAPERS, "A", "W2", 1, ["O1"]), None)]
    any_store.audit.write(
        actor="test",
        action="sweep",
        subject="R2",
        work=lambda tx, seq: apply_changes(tx, seq, PAPERS, [], gone, run="R2", adding=False),
    )
    swept = str(any_store.audit.head().number)
    batch = join(any_store, "B", "A")
    report = undo(any_store, swept, actor="test")
    assert [kept.batch for kept in report.kept_elements] == [batch]
    assert redirects(any_store) == {"A": "B"}
    undo(any_store, batch, actor="test")
    assert dump(any_store.database) == before
    assert any_store.audit.verify().ok


def test_many_joins_share_transactions_of_some_2000_elements(any_store: Store) -> None:
    people = [person(f"P{n}") for n in range(1500)]
    say(any_store, PAPERS, people)
    before, head = dump(any_store.database), any_store.audit.head().number
    seen: list[tuple[int, int]] = []
    done = join_many(
        any_store,
        [(f"P{n}", [f"P{n + 1}"]) for n in range(0, 1500, 2)],
        actor="test",
        run="J1",
        progress=lambda made, total: seen.append((made, total)),
    )
    assert (len(done), done[0].into, done[0].others) == (750, "P0", ("P1",))
    assert any_store.audit.head().number == head + 2, "3 elements each: a claim in two places and the redirect"
    assert seen[-1] == (750, 750)
    assert len(redirects(any_store)) == 750
    assert join_many(any_store, [("P0", ["P1"]), ("P3", ["P2"])], actor="test", run="J1") == []
    assert undo(any_store, "J1", actor="test").batches == 2
    assert dump(any_store.database) == before


def test_joins_that_share_people_are_one(any_store: Store) -> None:
    small(any_store)
    done = join_many(any_store, [("B", ["A"]), ("C", ["B"]), ("D", ["A"])], actor="test", run="J1")
    assert [(one.into, sorted(one.others)) for one in done] == [("D", ["A", "B", "C"])]
    assert redirects(any_store) == {"A": "D", "B": "D", "C": "D"}


def test_a_long_chain_of_redirects_stays_within_the_steps_that_queries_follow(any_store: Store) -> None:
    say(any_store, PAPERS, [person(f"P{n:02}") for n in range(25)])
    made: list[str] = []
    before = dump(any_store.database)
    for number in range(24):
        made.append(join(any_store, f"P{number + 1:02}", f"P{number:02}"))
        redirects(any_store)
    assert expert_profile(any_store.database, id="P00").id == "P24"
    for batch in reversed(made):
        undo(any_store, batch, actor="test")
    assert dump(any_store.database) == before


def test_nothing_is_joined_that_is_not_there(any_store: Store) -> None:
    small(any_store)
    before = dump(any_store.database)
    for into, others in (("A", ["无"]), ("无", ["A"]), ("W1", ["A"])):
        with pytest.raises(NotFoundError, match="没有编号"):
            join_people(any_store, into=into, others=others, actor="test", run="identity")
    with pytest.raises(InputError):
        join_people(any_store, into="A", others=[], actor="test", run="identity")
    with pytest.raises(InputError):
        join_many(any_store, [("A", [])], actor="test", run="identity")
    assert join_people(any_store, into="A", others=["A"], actor="test", run="identity").batch is None
    assert dump(any_store.database) == before
