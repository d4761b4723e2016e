"""Organisations on real engines: history, ids of platforms, dated names, decisions that outlive imports."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.decisions import ORGANISATION_NAMES, decisions_about
from graph.errors import ConflictError, InputError, NotFoundError
from graph.store import Store
from graph.undo import undo
from ingest.commands.organisations import different_organisation, name_questions, same_organisation
from ingest.commands.people_records import question_shown
from ingest.mapping import shipped_mappings
from ingest.people.review import review_questions
from ingest.people.settling import settle
from queries.legal_entities import legal_entities, legal_entity_root
from tests.graph_claims import body, post, put
from tests.graph_claims import person as expert
from tests.graph_dump import dump
from tests.ingest_runs import ACTOR, names, rows, run_table, run_works, table_file, works_file

WHY: Final = {"actor": ACTOR, "reason": "对照官网"}


def mapping(name: str) -> str:
    """Text of a shipped mapping."""
    return shipped_mappings()[name].read_text(encoding="utf-8")


def register(store: Store, folder: Path, *listed: Mapping[str, object]) -> None:
    """Load rows of the organisation register."""
    run_table(store, mapping("organisations"), table_file(folder / "register.csv", listed), "register")


def by_name(store: Store) -> dict[str, str]:
    """Name → id of all living bodies."""
    found = rows(store, "MATCH (o:Organisation) WHERE o.tombstone IS NULL RETURN o.name AS name, o.id AS id")
    return {row["name"]: row["id"] for row in found}


def works(folder: Path, *affiliations: str) -> Path:
    """A paper a affiliation, by 甲, 乙, 丙 …"""
    return works_file(
        folder / "works.jsonl",
        [
            {"id": str(n), "title": f"题{n}", "authors": [{"name": f"{'甲乙丙丁戊'[n]}某", "affiliations": text}]}
            for n, text in enumerate(affiliations)
        ],
    )


def employers(store: Store) -> set[tuple[str, str]]:
    """Who has a post where."""
    found = rows(store, "MATCH (p:Person)-[:AFFILIATED_WITH]->(o:Organisation) RETURN p.name AS p, o.name AS o")
    return {(row["p"], row["o"]) for row in found}


# --- history ----------------------------------------------------------------------------------------------------------

HISTORY: Final = (
    {"原单位": "山北工学院", "新单位": "山北工业大学", "类型": "更名", "日期": "1995年9月", "依据": "文〔1995〕1号"},
    {"原单位": "山北师专", "新单位": "山北工业大学", "类型": "合并", "日期": "2020-06"},
    {"原单位": "山北总院", "新单位": "山北一院", "类型": "拆分", "日期": ""},
    {"原单位": "山北旧局", "新单位": "", "类型": "撤销", "日期": "2018"},
    {"原单位": "山北怪院", "新单位": "山北二院", "类型": "消失", "日期": "2018"},
)


def test_a_history_is_loaded_and_a_second_time_changes_nothing(any_store: Store, tmp_path: Path) -> None:
    register(any_store, tmp_path, {"代码": "1", "名称": "山北工业大学", "类别": "高校", "法人": "是"})
    path = table_file(tmp_path / "h.csv", HISTORY)
    first = run_table(any_store, mapping("organisation_history"), path)
    assert (first.read, first.rejected_records) == (5, 1)
    assert run_table(any_store, mapping("organisation_history"), path).written == 0
    ids = by_name(any_store)
    assert set(ids) == {"山北工业大学", "山北工学院", "山北师专", "山北总院", "山北一院", "山北旧局"}
    found = rows(
        any_store,
        "MATCH (a:Organisation)-[s:SUCCEEDED_BY]->(b:Organisation) "
        "RETURN a.name AS a, b.name AS b, s.kind AS kind, s.on AS day, s.basis AS basis ORDER BY a",
    )
    assert [tuple(row.values()) for row in found] == [
        ("山北工学院", "山北工业大学", "renamed", "1995-09-01", "文〔1995〕1号"),
        ("山北师专", "山北工业大学", "merged", "2020-06-01", None),
        ("山北总院", "山北一院", "split", None, None),
    ]
    gone = rows(any_store, "MATCH (o:Organisation) WHERE o.status = 'abolished' RETURN o.name AS n, o.valid_to AS t")
    assert gone == [{"n": "山北旧局", "t": "2018-01-01"}]
    university = ids["山北工业大学"]
    counted = legal_entities(any_store.database, organisations=ids.values(), on=date(2021, 1, 1))
    assert {name for name, id_ in ids.items() if counted[id_] == university} == {
        "山北工业大学",
        "山北工学院",
        "山北师专",
    }
    before = legal_entity_root(any_store.database, unit=ids["山北师专"], on=date(2020, 5, 31))
    assert before.counts_as == ids["山北师专"]


def test_the_old_and_the_new_name_are_one_body_for_a_person(store: Store, tmp_path: Path) -> None:
    run_table(store, mapping("organisation_history"), table_file(tmp_path / "h.csv", HISTORY[:1]))
    listed = [
        {"id": str(n), "title": f"题{n}", "authors": [{"name": "张三", "affiliations": unit}]}
        for n, unit in enumerate(("山北工学院", "山北工业大学机械系", "山北一院"))
    ]
    run_works(store, works_file(tmp_path / "w.jsonl", listed))
    settle(store, actor="test")
    asked = review_questions(store.database)
    assert [question.left_name for question in asked] == ["张三"]
    shown = question_shown(store, asked[0])
    assert {one.affiliation for side in (shown.left, shown.right) for one in side.mentions} == {
        "山北工学院",
        "山北工业大学机械系",
    }
    assert any("单位相同" in reason.sentence for reason in shown.reasons)


# --- names and ids ----------------------------------------------------------------------------------------------------


def test_names_have_their_time_and_bodies_their_ids_of_every_platform(any_store: Store, tmp_path: Path) -> None:
    register(
        any_store,
        tmp_path,
        {
            "代码": "1",
            "名称": "山北工业大学",
            "简称": "北工",
            "曾用名": "山北工学院（1958—1995）；山北工专（筹）",
            "英文名": "Shanbei University of Technology",
            "智汇中国编号": "ZH 1",
            "科创中国编号": "KC-2",
            "科协系统编号": "",
        },
    )
    found = rows(
        any_store,
        "MATCH (o:Organisation)-[:HAS_NAME]->(n:Name) "
        "RETURN n.text AS text, n.kind AS kind, n.valid_from AS start, n.valid_to AS until ORDER BY text",
    )
    assert [tuple(row.values()) for row in found] == [
        ("Shanbei University of Technology", "english", None, None),
        ("北工", "abbreviation", None, None),
        ("山北工专（筹）", "former", None, None),
        ("山北工学院", "former", "1958-01-01", "1996-01-01"),
    ]
    ids = rows(any_store, "MATCH (o:Organisation) RETURN o.external_ids AS ids")
    assert ids == [{"ids": ["code:1", "智汇中国:ZH 1", "科创中国:KC-2"]}]
    run_works(
        any_store, works(tmp_path, "山北工学院", "北工", "Dept. of Physics, Shanbei Univ. Technol., Shanbei, China")
    )
    assert names(any_store) == {"山北工业大学"}


def test_one_body_in_two_registers_is_known_by_a_platforms_id(store: Store, tmp_path: Path) -> None:
    register(store, tmp_path, {"代码": "1", "名称": "山北工业大学", "智汇中国编号": "9"})
    other = table_file(tmp_path / "b.csv", [{"代码": "x", "名称": "山北工大", "智汇中国编号": "9"}])
    run_table(store, mapping("organisations"), other, "second")
    assert rows(store, "MATCH (o:Organisation) RETURN count(o) AS n") == [{"n": 1}]
    assert run_table(store, mapping("organisations"), other, "second").written == 0


# --- decisions --------------------------------------------------------------------------------------------------------


def questioned(store: Store, folder: Path) -> tuple[Path, str]:
    """A register, and works whose affiliation is a misprint of a registered name; returns works and the body's id."""
    register(store, folder, {"代码": "1", "名称": "山北传感器技术研究所"}, {"代码": "2", "名称": "山北声学研究所"})
    path = works(folder, "山北传惑器技术研究所", "山北传惑器技术研究所", "山北声学研究所")
    run_works(store, path)
    return path, by_name(store)["山北传感器技术研究所"]


def test_a_question_is_answered_remembered_and_taken_back(any_store: Store, tmp_path: Path) -> None:
    path, target = questioned(any_store, tmp_path)
    (question,) = name_questions(any_store.database)
    assert (question.name, question.people, question.proposals[0].id) == ("山北传惑器技术研究所", 2, target)
    assert question.proposals[0].name == "山北传感器技术研究所"
    before = dump(any_store.database)
    done = same_organisation(any_store, written=question.id, body=target, **WHY)
    assert (done.subject, done.bodies) == ("山北传惑器技术研究所", (question.id,))
    assert name_questions(any_store.database) == []
    assert legal_entity_root(any_store.database, unit=question.id).counts_as == target
    run_works(any_store, path)
    assert ("甲某", "山北传感器技术研究所") in employers(any_store)
    assert run_works(any_store, path).written == 0
    different_organisation(any_store, written="山北传惑器技术研究所", body=target, **WHY)
    assert legal_entity_root(any_store.database, unit=question.id).counts_as == question.id
    assert name_questions(any_store.database) == []
    assert [d.outcome for d in decisions_about(any_store.database, ORGANISATION_NAMES)] == ["different"]
    assert any_store.audit.verify().ok
    assert dump(any_store.database) != before, "the decision stays on record"


def test_same_then_different_restores_the_graph(any_store: Store, tmp_path: Path) -> None:
    _, target = questioned(any_store, tmp_path)
    ties = (
        "MATCH (a)-[r]->(b) "
        "RETURN type(r) AS type, a.id AS start, b.id AS end, r.key AS key ORDER BY type, start, end, key"
    )
    before = rows(any_store, ties)
    same_organisation(any_store, written="山北传惑器技术研究所", body=target, **WHY)
    assert rows(any_store, ties) != before
    different_organisation(any_store, written="山北传惑器技术研究所", body=target, **WHY)
    assert rows(any_store, ties) == before


def test_a_decision_outlives_undo_and_import(store: Store, tmp_path: Path) -> None:
    register(store, tmp_path, {"代码": "1", "名称": "山北传感器技术研究所"})
    target = by_name(store)["山北传感器技术研究所"]
    path = works(tmp_path, "山北传惑器技术研究所")
    same_organisation(store, written="山北传惑器技术研究所", body=target, **WHY)
    first = run_works(store, path)
    assert names(store) == {"山北传感器技术研究所"}
    undo(store, first.run, actor=ACTOR)
    run_works(store, path)
    assert employers(store) == {("甲某", "山北传感器技术研究所")}
    different_organisation(store, written="山北传惑器技术研究所", body=target, **WHY)
    run_works(
        store,
        works_file(
            tmp_path / "b.jsonl",
            [{"id": "9", "title": "新", "authors": [{"name": "戊某", "affiliations": "山北传惑器技术研究所"}]}],
        ),
        "b",
    )
    assert ("戊某", "山北传惑器技术研究所") in employers(store)
    assert name_questions(store.database) == []


def test_a_decision_is_refused_that_contradicts_or_says_nothing(store: Store, tmp_path: Path) -> None:
    _, target = questioned(store, tmp_path)
    ids = by_name(store)
    stub, other = ids["山北传惑器技术研究所"], ids["山北声学研究所"]
    head = store.audit.head().number
    with pytest.raises(InputError, match="没有写理由"):
        same_organisation(store, written=stub, body=target, actor=ACTOR, reason="  ")
    with pytest.raises(NotFoundError, match="没有编号为"):
        same_organisation(store, written=stub, body="O无", **WHY)
    with pytest.raises(InputError, match="同一个机构"):
        same_organisation(store, written=target, body=target, **WHY)
    for written in ("！？", "", "长" * 300):
        with pytest.raises(InputError):
            same_organisation(store, written=written, body=target, **WHY)
    assert store.audit.head().number == head, "nothing was written"
    same_organisation(store, written=stub, body=target, **WHY)
    with pytest.raises(ConflictError, match="认定为另一个机构"):
        same_organisation(store, written=stub, body=other, **WHY)
    with pytest.raises(ConflictError, match="已并入"):
        same_organisation(store, written=target, body=stub, **WHY)


def test_two_registered_bodies_can_be_one_and_two_again(store: Store, tmp_path: Path) -> None:
    _, target = questioned(store, tmp_path)
    other = by_name(store)["山北声学研究所"]
    same_organisation(store, written=other, body=target, **WHY)
    run_works(
        store,
        works_file(
            tmp_path / "b.jsonl",
            [{"id": "9", "title": "新", "authors": [{"name": "戊某", "affiliations": "山北声学研究所"}]}],
        ),
        "b",
    )
    assert ("戊某", "山北传感器技术研究所") in employers(store)
    different_organisation(store, written=other, body=target, **WHY)
    assert legal_entity_root(store.database, unit=other).counts_as == other


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 3), st.integers(0, 3)), max_size=10))
def test_redirects_never_form_a_circle(store: Store, steps: list[tuple[bool, int, int]]) -> None:
    put(store, *(body(f"O{n}", f"第{n}研究所", name_key=f"第{n}研究所", verified=n % 2 == 0) for n in range(4)))
    put(store, expert("P1", "甲"), post("P1", "O1"))
    for same, start, end in steps:
        decide: Any = same_organisation if same else different_organisation
        try:
            decide(store, written=f"O{start}", body=f"O{end}", **WHY)
        except (ConflictError, InputError):
            continue
    found = rows(store, "MATCH (a:Organisation)-[:MERGED_INTO]->(b:Organisation) RETURN a.id AS a, b.id AS b")
    leads = {row["a"]: row["b"] for row in found}
    assert len(leads) == len(found), "a body leads to one other"
    for start in leads:
        seen = [start]
        while seen[-1] in leads:
            seen.append(leads[seen[-1]])
            assert len(seen) == len(set(seen)), seen
    for id_, target in leads.items():
        different_organisation(store, written=id_, body=target, **WHY)
    assert rows(store, "MATCH (:Organisation)-[m:MERGED_INTO]->() RETURN count(m) AS n") == [{"n": 0}]
