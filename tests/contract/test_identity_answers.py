"""Answers to questions about people on every engine: kept, taken back, and what is never told."""

from pathlib import Path

from graph.claims import node_claim
from graph.merge import SourceRef, upsert
from graph.model import OUTPUT, PERSON
from graph.store import Store
from ingest.commands.people import answer_different, answer_same, identity_stats, take_back
from ingest.commands.people_records import question_shown
from ingest.people.review import OpenQuestion, question_pairs, review_question, review_questions
from ingest.people.settling import settle
from tests.identity_fixtures import people
from tests.ingest_runs import run_works, works_file

NAME, COLLABORATOR = "李娜", "何芳"


def load(store: Store, folder: Path) -> OpenQuestion:
    """Two works by one name: too near for two people, too far for one."""
    works = [
        {
            "id": f"{number}",
            "title": title,
            "year": 2018 + number,
            "venue": title,
            "authors": [{"name": name, "affiliations": body} for name in (NAME, COLLABORATOR, other)],
        }
        for number, (title, body, other) in enumerate(
            [("水库调度", "山北工业大学", "陈某"), ("对虾养殖", "海南渔业研究所", "孙某")]
        )
    ]
    run_works(store, works_file(folder / "works.jsonl", works))
    settle(store, actor="test")
    (asked,) = review_questions(store.database, name_key=NAME)
    return asked


def test_an_answer_taken_back_asks_the_question_again(any_store: Store, tmp_path: Path) -> None:
    """No fact changes when two are told apart: settling would not look at the name again."""
    asked = load(any_store, tmp_path)
    before, pair = identity_stats(any_store.database), (asked.left_mention, asked.right_mention)
    for answer in (answer_different, answer_same):
        done = answer(any_store, asked.id, actor="test", reason="单位主页")
        assert identity_stats(any_store.database).questions == before.questions - 1
        settle(any_store, actor="test", again=True)
        assert review_questions(any_store.database, name_key=NAME) == []
        assert pair not in question_pairs(any_store.database)
        take_back(any_store, done.batch, actor="test")
        assert pair in question_pairs(any_store.database)
        assert review_questions(any_store.database, name_key=NAME) == [asked]
        assert review_question(any_store.database, asked.id) == asked
        settle(any_store, actor="test")
        assert review_questions(any_store.database, name_key=NAME) == [asked]
    assert identity_stats(any_store.database) == before


def test_the_reasons_name_nobody_who_may_not_be_shown(any_store: Store, tmp_path: Path) -> None:
    asked = load(any_store, tmp_path)
    shown = question_shown(any_store, asked)
    assert COLLABORATOR in shown.model_dump_json()
    hidden = [node_claim(PERSON, one, {"visibility": "restricted"}) for one in people(any_store, COLLABORATOR)]
    upsert(any_store.audit, SourceRef("test", "hidden", 50), hidden, [], run="Rtest", actor="test")
    told = question_shown(any_store, asked)
    assert COLLABORATOR not in told.model_dump_json()
    assert "有 1 位共同合作者" in [part.sentence for part in told.reasons]
    assert [part.points for part in told.reasons] == [part.points for part in shown.reasons]


def test_a_work_that_may_not_be_shown_gives_no_reasons(any_store: Store, tmp_path: Path) -> None:
    asked = load(any_store, tmp_path)
    work = question_shown(any_store, asked).left.mentions[0].work
    claim = node_claim(OUTPUT, work, {"visibility": "restricted"})
    upsert(any_store.audit, SourceRef("test", "hidden", 50), [claim], [], run="Rtest", actor="test")
    told = question_shown(any_store, asked)
    assert (told.left.mentions, told.hard, told.reasons) == ([], [], [])
    assert len(told.right.mentions) == 1
