"""Labels against real graphs on every engine: which mention is meant, what the figures are, why a pair is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from graph.errors import InputError, NotFoundError
from graph.joining import join_people
from graph.store import Store
from ingest.commands.evaluation import evaluate_identity
from ingest.commands.labelled_mentions import labelled_mentions
from ingest.mapping import shipped_mappings
from ingest.people.labels import Labelled
from ingest.people.review import postpone, question_pairs, review_questions
from ingest.people.settling import settle
from tests.graph_claims import merged, person, put, take, work
from tests.graph_dump import dump
from tests.ingest_runs import rows, run_table, run_works, table_file, works_file

NORTH, SOUTH, OWN = "山北工业大学", "海南渔业研究所", "山北传感器技术研究所"

# Two people of one name in one body (`load_joined` joins them), one person in two bodies (apart).
WORKS: Final[tuple[dict[str, Any], ...]] = (
    {
        "id": "a1",
        "title": "水库群联合调度",
        "year": 2018,
        "venue": "水利学报",
        "doi": "10.1000/A1",
        "authors": [{"name": "王伟", "affiliations": NORTH}, {"name": "李梅", "affiliations": NORTH}],
    },
    {
        "id": "a2",
        "title": "水库泥沙淤积",
        "year": 2019,
        "ids": {"cnki": "SLXB-7"},
        "authors": [{"name": "王伟", "affiliations": NORTH}, {"name": "李梅", "affiliations": NORTH}],
    },
    {
        "id": "a3",
        "title": "对虾养殖的水质",
        "year": 2020,
        "authors": [{"name": "赵强", "affiliations": SOUTH}, {"name": "王伟", "affiliations": SOUTH}],
    },
    {"id": "a4", "title": "光纤传感", "year": 2001, "authors": [{"name": "王伟", "affiliations": NORTH}]},
    {"id": "竖|线", "title": "竖线的编号", "authors": [{"name": "孙权", "affiliations": OWN}]},
)


def label(place: str, person_: str) -> Labelled:
    """`work#position`, and who it is."""
    work_, _, position = place.rpartition("#")
    return Labelled(work_, position, person_)


def known(said: Mapping[str, str]) -> list[Labelled]:
    return [label(place, who) for place, who in said.items()]


def load(store: Store, folder: Path, works: Iterable[Mapping[str, object]] = WORKS, dataset: str = "probe") -> None:
    run_works(store, works_file(folder / f"{dataset}.jsonl", works), dataset)


def load_joined(store: Store, folder: Path) -> None:
    """The works, with the two 王伟 of the same body taken for one person and 李梅 for one: who errs is known."""
    load(store, folder)
    join(store, "a1|1", "a2|1", "a4|1")
    join(store, "a1|2", "a2|2")


def join(store: Store, *places: str) -> None:
    """Let the people at these rows and positions be the first of them."""
    text = "MATCH (p:Person)-[:AUTHORED {mention: $id}]->(:Output) RETURN p.id AS id"
    first, *others = (rows(store, text, id=f"works:probe|{place}")[0]["id"] for place in places)
    join_people(store, into=first, others=others, actor="test", run="join")


def found(store: Store, *places: str) -> list[str]:
    """Mention ids that places mean, or the reasons why they mean none."""
    result = labelled_mentions(store, [label(place, "甲") for place in places])
    assert result.not_found == len(result.unlocated)
    return [m.mention for m in result.mentions] + [u.reason for u in result.unlocated]


TRUTH: Final = {"a1#1": "大王", "a2#1": "大王", "a4#1": "小王", "a3#2": "大王", "a1#2": "李", "a2#2": "李"}


def test_wrong_merges_and_splits_are_counted_and_explained(any_store: Store, tmp_path: Path) -> None:
    load_joined(any_store, tmp_path)
    before = dump(any_store.database)
    report = evaluate_identity(any_store, known(TRUTH))
    assert dump(any_store.database) == before, "nothing is written"
    assert (report.labels, report.mentions, report.not_found, report.repeated) == (6, 6, 0, 0)
    assert (report.names, report.people) == (2, 3)
    # 王伟: groups {a1, a2, a4} and {a3}; people {a1, a2, a3} and {a4}. 李梅: all right.
    assert (report.pooled.precision, report.pooled.recall) == (pytest.approx(2 / 4), pytest.approx(2 / 4))
    assert (report.mean.precision, report.mean.recall) == (pytest.approx(2 / 3), pytest.approx(2 / 3))
    b_cubed = (2 * 2 / 3 + 1 / 3 + 1) / 4
    assert report.mean_bcubed.precision == pytest.approx((b_cubed + 1) / 2)
    assert report.pooled_bcubed.precision == pytest.approx((4 * b_cubed + 2) / 6)
    assert report.automatic_share == pytest.approx(5 / 6)
    assert (report.questions, report.questions_per_1000) == (None, None)
    (worst,) = report.worst
    assert (worst.name, worst.wrong, worst.missed, worst.groups, worst.people) == ("王伟", 2, 2, 2, 2)
    assert worst.joined is not None
    assert worst.separate is not None
    joined = {m.title: (m.year, m.name, m.affiliation, m.known) for m in (worst.joined.left, worst.joined.right)}
    assert joined["光纤传感"] == (2001, "王伟", NORTH, "小王")
    assert worst.joined.left.person == worst.joined.right.person
    assert any(f"单位相同：{NORTH}" in reason for reason in worst.joined.reasons)
    assert worst.joined.score is not None
    separate = {worst.separate.left.title, worst.separate.right.title}
    assert "对虾养殖的水质" in separate
    assert worst.separate.left.person != worst.separate.right.person
    assert any("单位不同" in reason for reason in worst.separate.reasons)


def test_a_work_is_known_by_each_of_its_ids(any_store: Store, tmp_path: Path) -> None:
    load(any_store, tmp_path)
    ids = {row["title"]: row["id"] for row in rows(any_store, "MATCH (w:Output) RETURN w.title AS title, w.id AS id")}
    first = "works:probe|a1|1"
    for place in (
        ids["水库群联合调度"],
        "10.1000/a1",
        "https://doi.org/10.1000/A1",
        "a1",
        "probe:a1",
        "works:probe|a1",
    ):
        assert found(any_store, f"{place}#1") == [first], place
    for place in ("cnki:SLXB-7", "SLXB-7"):
        assert found(any_store, f"{place}#2") == ["works:probe|a2|2"], place
    assert found(any_store, "竖|线#1", "竖/线#1") == ["works:probe|竖/线|1"]


def test_projects_and_rows_about_people_have_mentions_too(any_store: Store, tmp_path: Path) -> None:
    listed = [
        {"项目编号": "J-1", "项目名称": "水库", "负责人": "王伟", "参与人": "李梅；王伟"},
        {"项目编号": "J-2", "项目名称": "泥沙", "负责人": "王伟", "参与人": ""},
    ]
    mapping = shipped_mappings()["projects"].read_text(encoding="utf-8")
    run_table(any_store, mapping, table_file(tmp_path / "p.csv", listed))
    mentions = found(any_store, "J-1#leader1", "J-1#1", "J-1#member2", "J-2#leader1")
    assert [mention.rpartition("|")[2] for mention in mentions] == ["leader1", "member1", "member2", "leader1"]
    put(any_store, person("P1", "王伟", name_key="王伟", records=["table:roster|7|expert"]))
    put(any_store, person("P2", "王伟", name_key="王伟", records=["table:roster|8|expert"]))
    assert found(any_store, "7#expert", "table:roster|8#expert") == ["table:roster|7|expert", "table:roster|8|expert"]
    report = evaluate_identity(any_store, known({"7#expert": "甲", "8#expert": "甲", "J-1#leader1": "甲"}))
    (worst,) = report.worst
    assert worst.missed == 3
    assert worst.separate is not None
    assert worst.separate.left.name == "王伟"


def test_two_postings_of_a_paper_are_two_mentions_of_the_labelled_person(any_store: Store, tmp_path: Path) -> None:
    load(any_store, tmp_path)
    posted = {**WORKS[0], "id": "p9", "authors": [{"name": "王伟"}, {"name": "李梅"}]}
    load(any_store, tmp_path, [posted], "preprints")
    both = ["works:preprints|p9|1", "works:probe|a1|1"]
    assert found(any_store, "10.1000/a1#1") == both
    assert found(any_store, "a1#1") == both[1:]
    assert found(any_store, "p9#1") == both[:1]
    said_twice = labelled_mentions(any_store, known({"a1#1": "甲", "10.1000/a1#1": "甲"}))
    assert ([m.mention for m in said_twice.mentions], said_twice.repeated) == ([both[1], both[0]], 0)
    said_again = labelled_mentions(any_store, known({"10.1000/a1#1": "甲", "a1#1": "甲"}))
    assert (len(said_again.mentions), said_again.repeated) == (2, 1)


def test_of_two_postings_in_one_source_the_first_names_the_mention_and_both_ids_are_known(
    any_store: Store, tmp_path: Path
) -> None:
    load(any_store, tmp_path, [WORKS[0]])
    load(any_store, tmp_path, [{**WORKS[0], "id": "a1v2"}])
    assert rows(any_store, "MATCH (w:Output) RETURN count(w) AS n") == [{"n": 1}]
    for place in ("a1#1", "probe:a1#1", "a1v2#1", "10.1000/a1#1"):
        assert found(any_store, place) == ["works:probe|a1|1"], place


def test_merged_people_and_works_count_as_what_they_lead_to(any_store: Store, tmp_path: Path) -> None:
    load_joined(any_store, tmp_path)
    text = "MATCH (p:Person {name: '王伟'})-[r:AUTHORED]->(w:Output) RETURN DISTINCT p.id AS id ORDER BY id"
    one, other = (row["id"] for row in rows(any_store, text))
    put(any_store, merged("Person", one, other))
    report = evaluate_identity(any_store, known({"a1#1": "大王", "a3#2": "大王"}))
    assert report.pooled.recall == 1
    put(any_store, work("Wstub", "旧题"), merged("Output", "Wstub", _id(any_store, "水库泥沙淤积")))
    assert found(any_store, "Wstub#1") == ["works:probe|a2|1"]
    take(any_store, merged("Person", one, other))
    put(any_store, merged("Person", one, other), merged("Person", other, one))
    assert evaluate_identity(any_store, known(TRUTH)).mentions == 6, "a circle is not followed for ever"


def _id(store: Store, title: str) -> str:
    return rows(store, "MATCH (w:Output {title: $title}) RETURN w.id AS id", title=title)[0]["id"]


def test_what_is_not_found_is_listed_with_the_reason(any_store: Store, tmp_path: Path) -> None:
    load(any_store, tmp_path)
    load(any_store, tmp_path, [{"id": "a1", "title": "另一份资料的一号", "authors": ["周瑜"]}], "second")
    reversed_ = {**WORKS[2], "id": "r1", "doi": "10.1000/77r", "authors": ["赵强", "王伟"]}
    load(any_store, tmp_path, [reversed_], "third")
    load(any_store, tmp_path, [{**reversed_, "id": "r2", "authors": ["王伟", "赵强"]}], "fourth")
    result = labelled_mentions(
        any_store,
        known({"无#1": "x", "a2#9": "x", "a1#1": "x", "10.1000/77r#1": "x", "a3#1": "x", "works:probe|a3#1": "y"}),
    )
    assert [m.mention for m in result.mentions] == ["works:probe|a3|1"]
    reasons = {u.mention: u.reason for u in result.unlocated}
    assert result.not_found == len(reasons) == 5
    assert "没有这项成果" in reasons["无#1"]
    assert reasons["a2#9"] == "成果在图中，但没有位置 9 的署名（有 1、2）"
    assert "几项成果" in reasons["a1#1"]
    assert "不同的姓名" in reasons["10.1000/77r#1"]
    assert "标为另一人" in reasons["works:probe|a3#1"]
    assert found(any_store, "works:second|a1#1") == ["works:second|a1|1"]


HOSTILE: Final = (
    "", "'", '"', "\\", "|", "||", "a1|", "`) DETACH DELETE (n) //", "{id: 'x'}", "\x00", "\u202e", "\U0001f642",
    "a" * 500, "%", "*", "null", "10.1000/", "$keys", "works:probe|", ":", "probe:",
)  # fmt: skip


def test_hostile_labels_name_nothing(any_store: Store, tmp_path: Path) -> None:
    load(any_store, tmp_path)
    before = dump(any_store.database)
    listed = [Labelled(text, position, "x") for text in HOSTILE for position in ("1", "-1", "1 OR 1=1", "\x00", "")]
    result = labelled_mentions(any_store, listed)
    assert (result.mentions, result.not_found) == ([], len(listed))
    assert dump(any_store.database) == before
    with pytest.raises(NotFoundError, match=r"没有一条能在图中找到"):
        evaluate_identity(any_store, listed)
    with pytest.raises(NotFoundError):
        evaluate_identity(any_store, [])
    for limit in (-1, 201):
        with pytest.raises(InputError):
            evaluate_identity(any_store, listed, limit=limit)


def test_an_odd_mention_id_ends_nothing(any_store: Store, tmp_path: Path) -> None:
    load(any_store, tmp_path)
    put(any_store, person("P1", "甲", records=["no mention id", "table:roster|7|expert", "a|b|c|d"]))
    assert found(any_store, "7#expert") == ["table:roster|7|expert"]
    assert found(any_store, "no mention id#1")[0].startswith("成果在图中，但没有位置 1")


def test_restricted_people_are_counted_and_not_shown(any_store: Store, tmp_path: Path) -> None:
    load_joined(any_store, tmp_path)
    (lee,) = (
        row["id"] for row in rows(any_store, "MATCH (p:Person {name: '李梅'})-->(:Output) RETURN DISTINCT p.id AS id")
    )
    put(any_store, person(lee, "李梅", name_key="李梅", visibility="restricted"))
    truth = {**TRUTH, "a2#2": "另一位李"}
    report = evaluate_identity(any_store, known(truth))
    assert report.mentions == 6
    assert [row.name for row in report.worst] == ["王伟"]
    assert report.hidden == 1
    assert "李梅" not in report.model_dump_json()
    assert evaluate_identity(any_store, known(truth), limit=0).worst == []


def test_open_questions_about_labelled_mentions_are_counted(store: Store, tmp_path: Path) -> None:
    load(store, tmp_path)
    questions = [("works:probe|a1|1", "works:probe|a3|2"), ("works:x|1|1", "works:probe|a4|1"), ("x|1|1", "x|2|1")]
    report = evaluate_identity(store, known({"a1#1": "甲", "a3#2": "甲", "a4#1": "乙"}), questions=iter(questions))
    assert (report.questions, report.questions_per_1000) == (2, pytest.approx(2000 / 3))


def settled(store: Store, folder: Path) -> None:
    """The works, the first of them posted a second time (its ids come first and name both), and people settled."""
    load(store, folder)
    load(store, folder, [{**WORKS[0], "id": "p9", "authors": [{"name": "王伟"}, {"name": "李梅"}]}], "another")
    assert settle(store, actor="test").questions == 3


def pairs(store: Store, page: int = 1_000) -> set[frozenset[str]]:
    return {frozenset(pair) for pair in question_pairs(store.database, page=page)}


WANG, WANG_2, WANG_4 = "works:another|p9|1", "works:probe|a2|1", "works:probe|a4|1"
LEE, LEE_2 = "works:another|p9|2", "works:probe|a2|2"


def test_questions_that_settling_leaves_open_are_counted(any_store: Store, tmp_path: Path) -> None:
    settled(any_store, tmp_path)
    for page in (1, 2, 1_000):
        assert pairs(any_store, page) == {
            frozenset({WANG, WANG_2}),
            frozenset({WANG, WANG_4}),
            frozenset({LEE, LEE_2}),
        }, page
    asked = question_pairs(any_store.database)
    whole = evaluate_identity(
        any_store, known({"10.1000/a1#1": "大王", "a2#1": "大王", "a4#1": "小王"}), questions=asked
    )
    assert (whole.mentions, whole.questions, whole.questions_per_1000) == (4, 2, pytest.approx(500))
    # The question names the other posting; the label means the same place.
    one = evaluate_identity(any_store, known({"works:probe|a1#1": "大王"}), questions=asked)
    assert (one.mentions, one.questions, one.questions_per_1000) == (1, 2, pytest.approx(2000))
    none = evaluate_identity(any_store, known({"a3#1": "赵"}), questions=asked)
    assert (none.questions, none.questions_per_1000) == (0, 0)


def test_a_question_put_off_is_still_open_and_one_that_a_join_made_pointless_is_not(
    any_store: Store, tmp_path: Path
) -> None:
    settled(any_store, tmp_path)
    for question in review_questions(any_store.database):
        postpone(any_store, question.id, actor="test")
    assert review_questions(any_store.database) == []
    assert len(pairs(any_store)) == 3
    join(any_store, "a2|1", "a1|1")
    assert pairs(any_store) == {frozenset({WANG, WANG_4}), frozenset({LEE, LEE_2})}, "王伟 of a1 is followed to a2"
    lee = rows(any_store, "MATCH (p:Person)-[:AUTHORED {mention: $id}]->() RETURN p.id AS id", id=LEE)[0]["id"]
    put(any_store, person(lee, "李梅", name_key="李梅", visibility="restricted"))
    assert pairs(any_store) == {frozenset({WANG, WANG_4})}


def test_progress_reaches_the_last_audit_number(store: Store, tmp_path: Path) -> None:
    load(store, tmp_path)
    told: list[tuple[int, str]] = []
    labelled_mentions(store, known(TRUTH), lambda done, phase: told.append((done, phase)))
    assert told[0] == (4, "按编号查找")
    assert told[-2][0] == store.audit.head().number
    assert told[-1] == (0, "读取署名")
