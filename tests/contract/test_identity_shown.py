"""What a question shows, on every engine: rows about a person, employers, the count, and no name that is restricted."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from graph.claims import node_claim
from graph.merge import SourceRef, upsert
from graph.model import ORGANISATION, PERSON
from graph.store import Store
from ingest.commands.people import identity_stats, same_person
from ingest.commands.people_records import person_record, question_shown
from ingest.mapping import shipped_mappings
from ingest.people.review import (
    OpenQuestion,
    ReviewQuestion,
    keep_questions,
    postpone,
    review_question,
    review_questions,
)
from ingest.people.settling import settle
from tests.identity_fixtures import people
from tests.ingest_runs import run_table, run_works, table_file, works_file

NAME, BODY, OTHER_BODY = "李娜", "山北工业大学", "海南渔业研究所"
ROW: Final = {
    "专家编号": "Z1",
    "姓名": NAME,
    "单位": BODY,
    "职称": "教授级高级工程师",
    "层次": "骨干",
    "研究方向": "水库调度；灌区",
    "性别": "女",
    "出生年": "1971",
    "手机": "13800001111",
    "邮箱": "lina@example.cn",
}
RESTRICTED: Final = ("女", "1971", "13800001111", "lina@example.cn")


def works(store: Store, folder: Path, bodies: Sequence[str]) -> None:
    """A work for each of these employers, by one name with one further person of its own."""
    rows = [
        {
            "id": f"{number}",
            "title": f"{title}之{number}",
            "year": 2001 + 8 * number,
            "venue": title,
            "authors": [{"name": name, "affiliations": body} for name in (NAME, f"{other}某")],
        }
        for number, (body, title, other) in enumerate(
            zip(bodies, ("水库调度", "对虾养殖", "中药炮制"), "陈孙葛", strict=False)
        )
    ]
    run_works(store, works_file(folder / "works.jsonl", rows))
    settle(store, actor="test")


def mentions(store: Store, person: str) -> list[str]:
    record = person_record(store.database, person)
    return sorted([one.mention for one in record.mentions] + [one.mention for one in record.records])


def ask(store: Store, id_: str, left: str, right: str = "", leaving: Sequence[str] = ()) -> OpenQuestion:
    """Put a question into the queue: settling need not be unsure for it to be looked at."""
    held = mentions(store, left)
    made = ReviewQuestion(
        id=id_,
        kind="same" if right else "split",
        name_key=NAME,
        left=left,
        right=right,
        left_mention=next(one for one in held if one not in leaving),
        right_mention=mentions(store, right)[0] if right else leaving[0],
        mentions=list(leaving),
        points=1.0,
        average=1.0,
        decides=1,
    )
    keep_questions(store, [], [made], actor="test")
    return review_question(store.database, id_)


def roster(store: Store, folder: Path, *rows: dict[str, str]) -> str:
    """Import rows of a roster; returns the expert."""
    mapping = shipped_mappings()["roster"].read_text(encoding="utf-8")
    run_table(store, mapping, table_file(folder / "roster.csv", rows or [ROW]), dataset="roster")
    (expert,) = store.database.records("test", "MATCH (p:Expert) WHERE p.tombstone IS NULL RETURN p.id AS id")
    return str(expert["id"])


def hide(store: Store, node: Any, ids: Sequence[str]) -> None:
    claims = [node_claim(node, one, {"visibility": "restricted"}) for one in ids]
    upsert(store.audit, SourceRef("test", "hidden", 50), claims, [], run="Rtest", actor="test")


def bodies(store: Store, name: str) -> list[str]:
    rows = store.database.records("test", "MATCH (o:Organisation {name: $name}) RETURN o.id AS id", name=name)
    return [str(row["id"]) for row in rows]


def test_who_stands_on_a_roster_is_shown_by_that_row(any_store: Store, tmp_path: Path) -> None:
    expert = roster(any_store, tmp_path)
    works(any_store, tmp_path, [OTHER_BODY])
    (author,) = set(people(any_store, NAME)) - {expert}
    shown = question_shown(any_store, ask(any_store, "Qrow", expert, author))
    assert shown.left.mentions == shown.right.records == []
    (row,) = shown.left.records
    assert (row.name, row.title, row.tier, row.posts) == (NAME, "教授级高级工程师", "backbone", [BODY])
    assert sorted(row.fields) == ["水库调度", "灌区"]
    assert row.source == "roster:roster"
    assert row.mention.startswith("roster:roster|")
    told = shown.model_dump_json()
    assert not [value for value in RESTRICTED if value in told]


def test_a_row_about_a_person_is_on_the_side_it_is_split_to(any_store: Store, tmp_path: Path) -> None:
    expert = roster(any_store, tmp_path)
    works(any_store, tmp_path, [OTHER_BODY])
    (author,) = set(people(any_store, NAME)) - {expert}
    # Now two sources speak of one person: what the roster said stands in its own claim.
    whole = same_person(any_store, expert, author, actor="test", reason="同一人").person
    (row,) = person_record(any_store.database, whole).records
    assert (row.posts, row.title) == ([BODY], "教授级高级工程师")
    shown = question_shown(any_store, ask(any_store, "Qrow", whole, leaving=[row.mention]))
    assert (shown.left.records, len(shown.left.mentions)) == ([], 1)
    assert (shown.right.records, shown.right.mentions) == ([row], [])


def test_a_row_says_nothing_of_what_may_not_be_shown(any_store: Store, tmp_path: Path) -> None:
    expert = roster(any_store, tmp_path)
    hide(any_store, ORGANISATION, bodies(any_store, BODY))
    (row,) = person_record(any_store.database, expert).records
    assert row.posts == []
    hide(any_store, PERSON, [expert])
    assert person_record(any_store.database, expert).records == []


def test_the_queue_says_where_they_work(any_store: Store, tmp_path: Path) -> None:
    works(any_store, tmp_path, [BODY, OTHER_BODY])
    left, right = people(any_store, NAME)
    ask(any_store, "Qtwo", left, right)
    (listed,) = review_questions(any_store.database, name_key=NAME)
    assert {tuple(listed.left_posts), tuple(listed.right_posts)} == {(BODY,), (OTHER_BODY,)}
    assert listed == review_question(any_store.database, listed.id)
    hide(any_store, ORGANISATION, bodies(any_store, BODY))
    (listed,) = review_questions(any_store.database, name_key=NAME)
    assert sorted([listed.left_posts, listed.right_posts]) == [[], [OTHER_BODY]]


def test_of_many_employers_the_queue_names_two(any_store: Store, tmp_path: Path) -> None:
    works(any_store, tmp_path, [BODY, OTHER_BODY, "岭南中医药大学"])
    one, two, three = people(any_store, NAME)
    whole = same_person(any_store, one, two, actor="test", reason="同一人").person
    whole = same_person(any_store, whole, three, actor="test", reason="同一人").person
    listed = ask(any_store, "Qmany", whole, leaving=mentions(any_store, whole)[:1])
    assert len(person_record(any_store.database, whole).posts) == 3
    assert (len(listed.left_posts), listed.right_posts) == (2, [])


def test_what_is_counted_is_what_the_queue_lists(any_store: Store, tmp_path: Path) -> None:
    works(any_store, tmp_path, [BODY, OTHER_BODY, "岭南中医药大学"])
    one, two, three = people(any_store, NAME)
    for number, pair in enumerate([(one, two), (one, three), (two, three)]):
        ask(any_store, f"Q{number}", *pair)

    def counted() -> tuple[int, int]:
        stats = identity_stats(any_store.database)
        queue, all_ = (len(review_questions(any_store.database, limit=99, later=later)) for later in (False, True))
        assert (stats.questions, stats.questions + stats.postponed) == (queue, all_)
        return stats.questions, stats.postponed

    before = counted()
    postpone(any_store, "Q0", actor="test")
    assert counted() == (before[0] - 1, before[1] + 1)
    # Two questions lose a person, one of them put off; none was answered.
    hide(any_store, PERSON, [one])
    assert counted() == (before[0] - 2, before[1])
    same_person(any_store, two, three, actor="test", reason="同一人")
    assert counted() == (before[0] - 3, before[1])


def test_the_reasons_count_bodies_that_may_not_be_shown(any_store: Store, tmp_path: Path) -> None:
    works(any_store, tmp_path, [BODY, BODY, OTHER_BODY])
    of_body = {one: person_record(any_store.database, one).posts for one in people(any_store, NAME)}
    one, two = (id_ for id_, posts in of_body.items() if posts == [BODY])
    (other,) = (id_ for id_, posts in of_body.items() if posts == [OTHER_BODY])
    asked = [ask(any_store, "Qsame", one, two), ask(any_store, "Qother", one, other)]
    before = [question_shown(any_store, question).reasons for question in asked]
    hide(any_store, ORGANISATION, bodies(any_store, BODY))
    after = [question_shown(any_store, question).reasons for question in asked]
    for known, told, words in zip(before, after, ("有 1 个单位相同", f"“{OTHER_BODY}”"), strict=True):
        assert any(BODY in part.sentence for part in known)
        sentences = [part.sentence for part in told]
        assert not [sentence for sentence in sentences if BODY in sentence]
        assert any(words in sentence for sentence in sentences)
        assert [part.points for part in told] == [part.points for part in known]
