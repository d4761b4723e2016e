"""Who is one person, asked and answered, the same on all engines: queue, records side by side, answers, taking back."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest

from graph.audit import Effect
from graph.database import Transaction
from graph.decisions import PERSON_MENTIONS, decisions_about
from graph.errors import ConflictError, InputError, NotFoundError
from graph.store import Store
from ingest.commands.people import (
    answer_different,
    answer_same,
    different_people,
    identity_stats,
    same_person,
    split_person,
    take_back,
)
from ingest.commands.people_records import person_record, question_shown
from ingest.mapping import shipped_mappings
from ingest.people.review import postpone, review_question, review_questions
from ingest.people.settling import settle
from tests.graph_dump import dump
from tests.ingest_runs import run_table, run_works, table_file, works_file

ACTOR: Final = "审核员"
WHY: Final = "对照过原文"


def paper(key: str, year: int, body: str, *names: str) -> dict[str, Any]:
    authors = [{"name": name, "affiliations": body} if body else {"name": name} for name in names]
    return {"id": key, "title": f"盐碱地土壤改良{key}", "year": year, "authors": authors}


# 王伟 of one circle on a, b, c; perhaps the same on d (one shared collaborator, another body); another one on e.
PAPERS: Final = [
    paper("a", 2018, "甲大学", "王伟", "张三", "李四", "赵五"),
    paper("b", 2019, "甲大学", "王伟", "张三", "李四", "赵五"),
    paper("c", 2020, "甲大学", "王伟", "张三", "李四", "赵五"),
    paper("d", 2020, "乙大学", "王伟", "张三"),
    paper("e", 1990, "丙研究院", "王伟", "钱六", "孙七", "周八", "吴九"),
]


def load(store: Store, folder: Path, papers: list[dict[str, Any]] = PAPERS) -> None:
    run_works(store, works_file(folder / "papers.jsonl", papers), dataset="papers")
    settle(store, actor=ACTOR)


def wangs(store: Store) -> set[frozenset[str]]:
    """The works of each 王伟."""
    rows = store.database.records(
        "wangs", "MATCH (p:Person {name_key: '王伟'})-[r:AUTHORED]->(w) RETURN p.id AS id, r.mention AS mention"
    )
    found: dict[str, set[str]] = {}
    for row in rows:
        found.setdefault(row["id"], set()).add(str(row["mention"]).split("|")[1])
    return {frozenset(works) for works in found.values()}


def test_what_is_sure_is_merged_and_the_rest_is_asked(any_store: Store, tmp_path: Path) -> None:
    load(any_store, tmp_path)
    assert wangs(any_store) == {frozenset("abc"), frozenset("d"), frozenset("e")}
    asked = review_questions(any_store.database, name_key="王伟")
    assert [(one.kind, one.left_name, one.right_name, one.decides) for one in asked] == [("same", "王伟", "王伟", 3)]
    shown = question_shown(any_store, asked[0])
    sides = sorted((shown.left, shown.right), key=lambda side: side.works)
    assert [(side.works, side.first_year, side.last_year, side.posts) for side in sides] == [
        (1, 2020, 2020, ["乙大学"]),
        (3, 2018, 2020, ["甲大学"]),
    ]
    assert [side.collaborators for side in sides] == [["张三"], ["张三", "李四", "赵五"]]
    assert [mention.affiliation for mention in sides[1].mentions] == ["甲大学"] * 3
    words = "；".join(reason.sentence for reason in shown.reasons)
    assert "共同合作者：张三" in words
    assert "单位不同：“甲大学”与“乙大学”" in words
    assert sum(reason.points for reason in shown.reasons) == pytest.approx(asked[0].points, abs=0.01)


def test_a_no_holds_through_import_and_new_counts(any_store: Store, tmp_path: Path) -> None:
    load(any_store, tmp_path)
    asked = review_questions(any_store.database, name_key="王伟")[0]
    done = answer_different(any_store, asked.id, actor=ACTOR, reason=WHY)
    assert (done.outcome, done.decisions) == ("different", 3)
    with pytest.raises(NotFoundError, match=asked.id):
        review_question(any_store.database, asked.id)
    load(any_store, tmp_path, [*PAPERS, paper("f", 2021, "甲大学", "王伟", "张三", "李四", "赵五")])
    settle(any_store, actor=ACTOR, again=True)
    assert review_questions(any_store.database, name_key="王伟") == []
    assert wangs(any_store) == {frozenset("abcf"), frozenset("d"), frozenset("e")}
    said = decisions_about(any_store.database, PERSON_MENTIONS)
    assert {(one.outcome, one.decided_by, one.reason, one.batch) for one in said} == {
        ("different", ACTOR, WHY, done.batch)
    }
    assert take_back(any_store, done.batch, actor=ACTOR) == 1
    assert decisions_about(any_store.database, PERSON_MENTIONS) == []
    settle(any_store, actor=ACTOR, again=True)
    assert [one.kind for one in review_questions(any_store.database, name_key="王伟")] == ["same"]
    with pytest.raises(NotFoundError):
        take_back(any_store, done.batch, actor=ACTOR)


def test_a_yes_merges_and_taking_it_back_restores(any_store: Store, tmp_path: Path) -> None:
    load(any_store, tmp_path)
    before = dump(any_store.database)
    asked = review_questions(any_store.database, name_key="王伟")[0]
    done = answer_same(any_store, asked.id, actor=ACTOR, reason=WHY)
    assert wangs(any_store) == {frozenset("abcd"), frozenset("e")}
    assert person_record(any_store.database, done.person).works == 4
    stats = identity_stats(any_store.database)
    assert (stats.decided_same, stats.decided_different, stats.mentions) == (1, 0, 19)
    assert settle(any_store, actor=ACTOR, again=True).parted == 0
    assert wangs(any_store) == {frozenset("abcd"), frozenset("e")}
    with pytest.raises(InputError, match="同一个人"):
        same_person(any_store, done.person, done.other, actor=ACTOR, reason=WHY)
    take_back(any_store, done.batch, actor=ACTOR)
    assert dump(any_store.database) == before
    assert decisions_about(any_store.database, PERSON_MENTIONS) == []


def test_a_split_holds_through_new_counts_and_can_be_taken_back(any_store: Store, tmp_path: Path) -> None:
    load(any_store, tmp_path)
    before = dump(any_store.database)
    whole = next(
        row["id"]
        for row in any_store.database.records(
            "three", "MATCH (p:Person {name_key: '王伟'})-[r:AUTHORED]->() RETURN p.id AS id, count(r) AS n"
        )
        if row["n"] == 3
    )
    leaving = next(m.mention for m in person_record(any_store.database, whole).mentions if "|b|" in m.mention)
    with pytest.raises(InputError, match="理由"):
        split_person(any_store, whole, [leaving], actor=ACTOR, reason=" ")
    with pytest.raises(InputError, match="不是这个人的"):
        split_person(any_store, whole, ["works:papers|e|1"], actor=ACTOR, reason=WHY)
    assert dump(any_store.database) == before
    done = split_person(any_store, whole, [leaving], actor=ACTOR, reason=WHY)
    settle(any_store, actor=ACTOR, again=True)
    assert wangs(any_store) == {frozenset("ac"), frozenset("b"), frozenset("d"), frozenset("e")}
    with pytest.raises(ConflictError, match=rf"不是同一人.*{WHY}"):
        same_person(any_store, done.person, done.other, actor=ACTOR, reason=WHY)
    take_back(any_store, done.batch, actor=ACTOR)
    assert dump(any_store.database) == before


def test_a_second_no_taken_back_leaves_the_first(any_store: Store, tmp_path: Path) -> None:
    load(any_store, tmp_path)
    asked = review_questions(any_store.database, name_key="王伟")[0]
    first = answer_different(any_store, asked.id, actor="甲", reason="不是一个单位")
    said = decisions_about(any_store.database, PERSON_MENTIONS)
    second = different_people(any_store, asked.right, asked.left, actor="乙", reason="问过本人")
    again = decisions_about(any_store.database, PERSON_MENTIONS)
    assert {one.decided_by for one in again} == {"乙"}
    assert identity_stats(any_store.database).decided_different == len(again) == len(said)
    take_back(any_store, second.batch, actor="乙")
    assert decisions_about(any_store.database, PERSON_MENTIONS) == said
    with pytest.raises(ConflictError, match=r"甲.*不是一个单位"):
        same_person(any_store, asked.left, asked.right, actor="丙", reason=WHY)
    third = different_people(any_store, asked.left, asked.right, actor="乙", reason="又问过本人")
    assert take_back(any_store, first.batch, actor="甲") == 1
    assert {one.reason for one in decisions_about(any_store.database, PERSON_MENTIONS)} == {"又问过本人"}
    take_back(any_store, third.batch, actor="乙")
    assert decisions_about(any_store.database, PERSON_MENTIONS) == []


def test_of_three_noes_the_middle_one_goes_first(any_store: Store, tmp_path: Path) -> None:
    load(any_store, tmp_path)
    asked = review_questions(any_store.database, name_key="王伟")[0]
    noes = [different_people(any_store, asked.left, asked.right, actor=who, reason=WHY) for who in "甲乙丙"]
    for number, holds in ((1, "丙"), (2, "甲")):
        take_back(any_store, noes[number].batch, actor=ACTOR)
        assert {one.decided_by for one in decisions_about(any_store.database, PERSON_MENTIONS)} == {holds}
    take_back(any_store, noes[0].batch, actor=ACTOR)
    assert decisions_about(any_store.database, PERSON_MENTIONS) == []


def test_a_split_taken_back_leaves_the_yes_before_it(any_store: Store, tmp_path: Path) -> None:
    load(any_store, tmp_path)
    asked = review_questions(any_store.database, name_key="王伟")[0]
    joined = answer_same(any_store, asked.id, actor=ACTOR, reason=WHY)
    said = decisions_about(any_store.database, PERSON_MENTIONS)
    leaving = next(m.mention for m in person_record(any_store.database, joined.person).mentions if "|d|" in m.mention)
    done = split_person(any_store, joined.person, [leaving], actor=ACTOR, reason="看错了")
    take_back(any_store, done.batch, actor=ACTOR)
    assert decisions_about(any_store.database, PERSON_MENTIONS) == said
    assert settle(any_store, actor=ACTOR, again=True).parted == 0
    assert wangs(any_store) == {frozenset("abcd"), frozenset("e")}


def test_later_leaves_the_queue_until_asked_for(any_store: Store, tmp_path: Path) -> None:
    load(any_store, tmp_path)
    asked, *others = review_questions(any_store.database)
    postpone(any_store, asked.id, actor=ACTOR)
    assert asked.id not in {one.id for one in review_questions(any_store.database)}
    assert asked.id in {one.id for one in review_questions(any_store.database, later=True)}
    stats = identity_stats(any_store.database)
    assert (stats.questions, stats.postponed) == (len(others), 1)


def test_rosters_projects_and_papers_are_weighed_together(any_store: Store, tmp_path: Path) -> None:
    roster = shipped_mappings()["roster"].read_text(encoding="utf-8")
    row = {"专家编号": "Z1", "姓名": "王 伟", "单位": "甲大学", "ORCID": "0000-0002-1825-0097"}
    run_table(any_store, roster, table_file(tmp_path / "r.csv", [row]), dataset="roster")
    papers = [dict(one) for one in PAPERS]
    papers[0]["authors"] = [
        {"name": "王伟", "affiliations": "甲大学", "orcid": "0000-0002-1825-0097"}, *PAPERS[0]["authors"][1:]
    ]  # fmt: skip
    load(any_store, tmp_path, papers)
    experts = any_store.database.records(
        "experts", "MATCH (p:Expert)-[r:AUTHORED]->() RETURN p.id AS id, p.name AS name, count(r) AS works"
    )
    assert [(row["name"], row["works"]) for row in experts] == [("王 伟", 3)]


def test_restricted_people_are_never_asked_about(any_store: Store, tmp_path: Path) -> None:
    load(any_store, tmp_path)
    asked = review_questions(any_store.database, name_key="王伟")[0]

    def hide(transaction: Transaction, _number: int) -> Effect[None]:
        transaction.run("MATCH (p:Person {id: $id}) SET p.visibility = 'restricted'", {"id": asked.right})
        return Effect(None)

    any_store.audit.write(actor=ACTOR, action="test", subject="x", work=hide)
    assert review_questions(any_store.database, name_key="王伟") == []
    with pytest.raises(NotFoundError):
        review_question(any_store.database, asked.id)
    for way in (same_person, different_people):
        with pytest.raises(NotFoundError):
            way(any_store, asked.left, asked.right, actor=ACTOR, reason=WHY)
    assert person_record(any_store.database, asked.right).name == ""


@pytest.mark.parametrize("id_", ["", "Q1", "'; MATCH (n) DETACH DELETE n //", "Q" * 5_000, "\u202e"])
def test_odd_ids_are_not_found(store: Store, id_: str) -> None:
    for ask in (answer_same, answer_different):
        with pytest.raises(NotFoundError):
            ask(store, id_, actor=ACTOR, reason=WHY)
    with pytest.raises(NotFoundError):
        same_person(store, id_, "P2", actor=ACTOR, reason=WHY)
    with pytest.raises(NotFoundError):
        take_back(store, id_, actor=ACTOR)
