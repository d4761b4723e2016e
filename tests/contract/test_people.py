"""Joining and separating people on each engine: what moves, what stays, and that undo restores it to the letter."""

import pytest

from graph.changes import IDENTITY, LOCAL, RelationshipChange
from graph.claims import node_claim, relationship_claim
from graph.errors import ConflictError, InputError, NotFoundError
from graph.joining import join_many, join_people
from graph.merge import apply_changes
from graph.model import EXPERT_IN, HAS_NAME, LED, NAME, ORGANISATION, OUTPUT, PROJECT, TOPIC
from graph.separating import separate_people
from graph.store import Store
from graph.textindex import TextIndex
from graph.undo import batches, undo
from queries.experts import experts_for_topic
from queries.networks import collaboration_network, collaborators
from queries.profiles import expert_profile
from tests.graph_dump import dump
from tests.graph_people import (
    GRANTS,
    PAPERS,
    ROSTER,
    holders,
    mention,
    person,
    post,
    redirects,
    rows,
    say,
    wrote,
)

RECORD = "table:roster|r1|1"


def small(store: Store) -> None:
    """A: in the roster and two papers. B: two papers. C: a grant and a paper. D: wrote with A."""
    works = [node_claim(OUTPUT, f"W{n}", {"title": f"土壤改良研究{n}", "year": 2019}) for n in range(1, 6)]
    bodies = [node_claim(ORGANISATION, key, {"name": f"{key}研究所"}) for key in ("O1", "O2")]
    say(
        store,
        PAPERS,
        [*works, *bodies, person("A"), person("B", orcid="0000-0002-1825-0097"), person("C"), person("D", "李娜")],
        [
            wrote(PAPERS, "A", "W1", 1, ["O1"]),
            wrote(PAPERS, "A", "W2", 1, ["O1"]),
            wrote(PAPERS, "B", "W3", 1, ["O1"]),
            wrote(PAPERS, "B", "W4", 1, ["O2"]),
            wrote(PAPERS, "C", "W5", 1),
            wrote(PAPERS, "D", "W1", 2),
            post("A", "O1"),
            post("B", "O1"),
            post("B", "O2"),
        ],
    )
    say(
        store,
        ROSTER,
        [
            person("A", "王 伟", expert=True, professional_title="教授", fields=["土壤"], records=[RECORD]),
            node_claim(TOPIC, "t:1", {"name": "土壤"}),
            node_claim(NAME, "N1", {"text": "Wang Wei"}),
        ],
        [
            relationship_claim(EXPERT_IN, ("Person", "A"), ("Topic", "t:1")),
            relationship_claim(HAS_NAME, ("Person", "A"), ("Name", "N1")),
        ],
    )
    say(
        store,
        GRANTS,
        [node_claim(PROJECT, "J1", {"title": "土壤"}), person("C", gender="男"), person("B", phone="1")],
        [relationship_claim(LED, ("Person", "C"), ("Project", "J1"), properties={"mention": "table:grants|j1|1"})],
    )


def join(store: Store, into: str, *others: str) -> str:
    joined = join_people(store, into=into, others=others, actor="审核员", run="identity")
    assert joined.batch is not None
    return joined.batch


def separate(store: Store, who: str, *mentions: str) -> str:
    return separate_people(store, person=who, mentions=mentions, actor="审核员", run="identity").new


def has(store: Store, who: str) -> list[str]:
    return sorted(name[1] for name, holder in holders(store).items() if holder == who)


def shown(store: Store, who: str, name: str) -> object:
    return rows(store, "MATCH (p:Person {id: $id}) RETURN properties(p) AS p", id=who)[0]["p"].get(name)


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
