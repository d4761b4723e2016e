"""Who is named on a work: rows of one source that say the same thing are one mention, of another unit they are two."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from graph.claims import node_claim, relationship_claim
from graph.identity import mention_id
from graph.merge import SourceRef, upsert
from graph.model import LED, PERSON
from graph.store import Store
from tests.ingest_runs import ACTOR, rows, run_table, run_works, table_file, works_file

PROJECT_ROWS = """
kind = "projects"
row_key = ["number", "leader", "output"]
[[entity]]
as = "project"
type = "Project"
own = ["number"]
set.title = { from = "title", required = true }
[[entity]]
as = "unit"
type = "Organisation"
written = "unit"
[[entity]]
as = "leader"
type = "Person"
written = { from = "leader", required = true }
employers = ["unit"]
[[entity]]
as = "member"
type = "Person"
each = { from = "members", split = ";" }
written = "."
employers = ["unit"]
[[link]]
type = "LED"
start = "leader"
end = "project"
[[link]]
type = "PARTICIPATED_IN"
start = "member"
end = "project"
[[link]]
type = "AFFILIATED_WITH"
start = "leader"
end = "unit"
[[link]]
type = "AFFILIATED_WITH"
start = "member"
end = "unit"
"""
ROW = {
    "number": "14BSH121",
    "title": "养老服务体系研究",
    "leader": "青连斌",
    "unit": "甲市委党校",
    "output": "第一部书",
    "members": "",
}
SOURCE = "projects:probe"


def led(store: Store) -> dict[str, str]:
    """Mention id → person."""
    found = rows(store, "MATCH (p:Person)-[r:LED]->(:Project) RETURN r.mention AS mention, p.id AS person")
    return {row["mention"]: row["person"] for row in found}


def loaded(store: Store, path: Path, *listed: Mapping[str, object]) -> int:
    """Run a table of these rows; how much did it change?"""
    return run_table(store, PROJECT_ROWS, table_file(path, listed)).written


def test_a_project_in_a_row_for_each_output_has_one_leader(any_store: Store, tmp_path: Path) -> None:
    """nssfc_projects: 3,251 of 58,098 projects had their leader twice, as two people."""
    path = tmp_path / "p.csv"
    both = (ROW, {**ROW, "output": "第二部书"}, {**ROW, "output": "第二部书"})
    assert loaded(any_store, path, *both)
    mention = mention_id(SOURCE, "14BSH121|青连斌|第一部书", "leader1")
    assert list(led(any_store)) == [mention]
    assert rows(any_store, "MATCH (p:Person) RETURN count(p) AS n")[0]["n"] == 1
    assert loaded(any_store, path, *both) == 0
    # Rows in another order, or some of them only, are the same mention too.
    assert loaded(any_store, path, *reversed(both)) == 0
    assert loaded(any_store, path, both[1], {**ROW, "output": "第三部书"}) == 0


def test_namesakes_of_one_unit_in_one_row_stay_two_people_in_all_rows(store: Store, tmp_path: Path) -> None:
    one = {**ROW, "members": "王伟;李娜;王伟"}
    path = tmp_path / "p.csv"
    assert loaded(store, path, one, {**one, "output": "第二部书", "members": "王伟;王伟;李娜"})
    took_part = rows(
        store, "MATCH (p:Person)-[r:PARTICIPATED_IN]->() RETURN p.id AS id, r.name_as_written AS name ORDER BY name"
    )
    assert [row["name"] for row in took_part] == ["李娜", "王伟", "王伟"]
    assert len({row["id"] for row in took_part}) == 3
    assert loaded(store, path, {**one, "output": "第三部书"}) == 0


def test_two_rows_of_one_key_and_two_units_are_two_mentions_and_a_second_run_changes_nothing(
    store: Store, tmp_path: Path
) -> None:
    """nssfc_projects: the second run gave the second row's project to the first row's person."""
    both = (ROW, {**ROW, "unit": "乙省委党校"})
    assert loaded(store, tmp_path / "p.csv", *both)
    assert loaded(store, tmp_path / "p.csv", *both) == 0
    assert len(led(store)) == len({*led(store).values()}) == 2


def test_another_unit_in_a_later_file_is_another_person(store: Store, tmp_path: Path) -> None:
    loaded(store, tmp_path / "p.csv", ROW)
    loaded(store, tmp_path / "p.csv", {**ROW, "unit": "乙省委党校", "output": "第二部书"})
    assert len({*led(store).values()}) == 2


def test_mentions_of_an_earlier_import_keep_their_ids_and_people(store: Store, tmp_path: Path) -> None:
    """Before, each row made a mention: decisions on their ids must go on meaning what they meant."""
    loaded(store, tmp_path / "p.csv", ROW)
    project = rows(store, "MATCH (w:Project) RETURN w.id AS id")[0]["id"]
    second = mention_id(SOURCE, "14BSH121|青连斌|第二部书", "leader1")
    claim = relationship_claim(
        LED,
        ("Person", "P-earlier"),
        ("Project", project),
        key="leader1",
        properties={"mention": second, "name_as_written": "青连斌", "role": ""},
    )
    person = node_claim(PERSON, "P-earlier", {"name": "青连斌", "name_key": "青连斌"})
    upsert(store.audit, SourceRef("projects", "probe", 500), [person], [claim], run="earlier", actor=ACTOR)
    before = led(store)
    loaded(store, tmp_path / "p.csv", ROW, {**ROW, "output": "第二部书"})
    assert led(store) == before
    assert before[second] == "P-earlier"


def test_two_postings_of_one_paper_are_one_work_and_a_second_run_changes_nothing(store: Store, tmp_path: Path) -> None:
    """chinaxiv_zh: the second posting's author became a namesake of the first's at the second run."""
    people = [f"赵{given}" for given in "甲乙丙丁戊己庚辛"]
    paper = {
        "title": "秸秆还田与旋耕对土壤物理性状的影响",
        "doi": "10.16819/j.1001-7216.2017.1",
        "affiliations": ["四川农学院"],
    }
    once = [{"name": name, "affiliations": [0]} for name in people]
    works = [{"id": "a", **paper, "authors": once}, {"id": "b", **paper, "authors": once}]
    twice = [author for author in once for _ in range(2)]
    works.append({"id": "c", "title": "另一篇论文", "affiliations": ["四川农学院"], "authors": twice})
    path = works_file(tmp_path / "w.jsonl", works)
    assert run_works(store, path).created
    assert run_works(store, path).written == 0
    assert len(rows(store, "MATCH (w:Output) RETURN w.id AS id")) == 2
    people_of = rows(store, "MATCH (p:Person)-[:AUTHORED]->(w:Output) RETURN w.title AS title, p.id AS id")
    assert Counter(row["title"] for row in people_of) == {str(paper["title"]): 8, "另一篇论文": 16}
    assert len({row["id"] for row in people_of}) == 24
