"""Ingest on a real engine: twice is once, interrupted is uninterrupted, nothing is lost, nothing is half."""

import itertools
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from graph.database import Endpoint
from graph.errors import ConflictError
from graph.merge import Counts, upsert
from graph.store import Store
from graph.undo import undo
from ingest.mapping import shipped_mappings
from ingest.people.review import review_questions
from ingest.people.settling import settle
from ingest.registry import open_source
from ingest.run import run
from ingest.sample import SampleFiles, load, sample_sources, write_sample
from tests.graph_dump import dump
from tests.graph_fixtures import STORE_KEY, empty_store
from tests.ingest_runs import ACTOR, REGISTER, bodies, names, rows, run_table, run_works, table_file, works_file


def facts(store: Store) -> dict[str, list[str]]:
    """What the graph says, without which run and write said it."""
    pattern = re.compile(r"'(run|seq)': (?:'[^']*'|\d+)")
    return {part: sorted(pattern.sub(r"'\1'", line) for line in lines) for part, lines in dump(store.database).items()}


def people(store: Store) -> Counter[str]:
    return Counter(
        row["name"] for row in rows(store, "MATCH (p:Person) WHERE p.tombstone IS NULL RETURN p.name AS name")
    )


# --- the sample ------------------------------------------------------------------------------------------------------


def test_the_sample_loads_whole_and_a_second_time_changes_nothing(any_store: Store) -> None:
    first = load(any_store, experts=60, outputs=200, actor=ACTOR)
    assert [r.read for r in first] == [43, 100, 12, 80, 60, 160, 40]
    assert [(r.rejected_records, r.rejected_values, r.conflicts) for r in first] == [(0, 0, 0)] * 7
    unmarked = rows(
        any_store,
        "MATCH (n) WHERE n.library IS NOT NULL AND n.fictional IS NULL RETURN labels(n) AS labels, n.name AS name",
    )
    assert unmarked == []
    before = dump(any_store.database)
    second = load(any_store, experts=60, outputs=200, actor=ACTOR)
    assert [r.written for r in second] == [0] * 7
    # What one source says of two mentions that turned out to be one person's is said once then.
    assert 0 < sum(r.unchanged for r in second) <= sum(r.created for r in first)
    assert dump(any_store.database) == before
    assert any_store.audit.verify().ok


def test_an_expert_of_the_roster_is_the_author_of_its_works(store: Store) -> None:
    load(store, experts=400, outputs=500, actor=ACTOR)
    with_works = rows(store, "MATCH (p:Expert)-[:AUTHORED|LED|PARTICIPATED_IN]->() RETURN count(DISTINCT p) AS number")
    assert with_works[0]["number"] > 300
    named = rows(
        store,
        "MATCH (p:Person) RETURN p.name_key AS name, count(p) AS n, sum(CASE WHEN p:Expert THEN 1 ELSE 0 END) AS e",
    )
    # Nobody of the roster was taken for another, and most names are one person; the rest are questions, not guesses.
    assert sum(row["e"] for row in named) == 400
    assert sum(row["n"] == 1 for row in named if row["e"]) > 300
    asked = {question.name_key for question in review_questions(store.database, limit=1_000)}
    several = {row["name"] for row in named if row["e"] and row["n"] > row["e"]}
    assert len(several & asked) > 0.9 * len(several)
    hosts = rows(store, "MATCH (s:Society)-[:HOSTED_BY]->(o), (g)-[:GUIDES]->(s) RETURN count(*) AS number")
    assert hosts[0]["number"] == 12


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> SampleFiles:
    return write_sample(tmp_path_factory.mktemp("sample"), experts=40, outputs=120)


def test_the_order_of_files_makes_no_other_people(engine: Endpoint, tmp_path: Path, files: SampleFiles) -> None:
    found: list[Counter[str]] = []
    for number, order in enumerate(([0, 1, 2, 3, 4, 5, 6], [0, 1, 2, 3, 6, 5, 4])):
        with empty_store(engine, tmp_path / str(number)) as store:
            sources = list(sample_sources(files))
            for place in order:
                run(store, sources[place][1], sources[place][0], actor=ACTOR)
                settle(store, actor=ACTOR)
            found.append(people(store))
    assert found[0] == found[1]


def test_a_dry_run_counts_and_writes_nothing(store: Store, files: SampleFiles) -> None:
    before, head = dump(store.database), store.audit.head()
    report = run(store, open_source("table", mapping="roster"), files.roster, actor=ACTOR, dry_run=True)
    assert (report.read, report.taken, report.written) == (40, 40, 0)
    assert dump(store.database) == before
    assert store.audit.head() == head
    assert rows(store, "MATCH (n) WHERE n:Run OR n:Job RETURN n") == []


# --- interrupted -----------------------------------------------------------------------------------------------------

CHILD = """
import os, signal, sys
from pathlib import Path
from pydantic import SecretStr
from graph.database import Endpoint
from graph.store import connect
from ingest.registry import open_source
from ingest.run import run

folder, path, batches = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
uri, user, secret, name = (os.environ[f"PROBE_{part}"] for part in ("URI", "USER", "SECRET", "NAME"))
endpoint = Endpoint(uri, user, SecretStr(secret), name)
store = connect(endpoint, folder, store_key=b"k" * 32)
done = 0

def after_write(_records, phase):
    global done
    done += phase == "write"
    if phase == "write" and done == batches:
        os.kill(os.getpid(), signal.SIGKILL)

run(store, open_source("works", dataset="works"), path, actor="local:test", progress=after_write)
"""


def killed_ingest(endpoint: Endpoint, folder: Path, path: Path, batches: int) -> None:
    """Load works in another process that is killed (kill -9) after its n-th write."""
    secrets = {
        "PROBE_URI": endpoint.uri,
        "PROBE_USER": endpoint.user,
        "PROBE_SECRET": endpoint.password.get_secret_value(),
        "PROBE_NAME": endpoint.database,
    }
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(folder), str(path), str(batches)], env={**os.environ, **secrets}, check=False
    )
    assert done.returncode == -signal.SIGKILL


def test_an_interrupted_ingest_goes_on_to_the_same_graph(engine: Endpoint, tmp_path: Path) -> None:
    assert STORE_KEY == b"k" * 32
    works = write_sample(tmp_path / "sample", experts=60, outputs=800).works
    source = open_source("works", dataset="works")
    with empty_store(engine, tmp_path / "whole") as store:
        whole = run(store, source, works, actor=ACTOR)
        expected = facts(store)
    with empty_store(engine, tmp_path / "killed") as store:
        for batches in (1, 1):
            killed_ingest(engine, tmp_path / "killed", works, batches)
        assert facts(store) != expected
        resumed = run(store, source, works, actor=ACTOR)
        assert 0 < resumed.resumed_at < whole.read
        assert 0 < resumed.created < whole.created
        assert facts(store) == expected
        assert len(rows(store, "MATCH (r:Run) WHERE r.status = 'complete' RETURN r.id AS id")) == 1
        assert run(store, source, works, actor=ACTOR).written == 0
        assert store.audit.verify().ok


def test_no_write_overtakes_one_that_failed(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    works = write_sample(tmp_path / "sample", experts=60, outputs=800).works
    source = open_source("works", dataset="works")
    calls = itertools.count(1)

    def failing_once(*given: Any, **named: Any) -> Counts:
        if next(calls) == 2:
            raise ConflictError("磁盘已满")
        return upsert(*given, **named)

    with monkeypatch.context() as patch:
        patch.setattr("ingest.run.upsert", failing_once)
        with pytest.raises(ConflictError, match="磁盘已满"):
            run(store, source, works, actor=ACTOR)
    assert next(calls) == 3, "what waited behind it must not be written"
    resumed = run(store, source, works, actor=ACTOR)
    assert 0 < resumed.resumed_at < resumed.read
    found = facts(store)
    with empty_store(store.database.endpoint, tmp_path / "whole") as whole:
        run(whole, source, works, actor=ACTOR)
        assert facts(whole) == found


def test_a_run_that_was_undone_in_part_starts_again(engine: Endpoint, tmp_path: Path) -> None:
    works = write_sample(tmp_path / "sample", experts=60, outputs=800).works
    with empty_store(engine, tmp_path / "home") as store:
        killed_ingest(engine, tmp_path / "home", works, 2)
        batches = rows(store, "MATCH (b:Batch) RETURN b.id AS id ORDER BY b.seq")
        undo(store, batches[0]["id"], actor=ACTOR)
        report = run(store, open_source("works", dataset="works"), works, actor=ACTOR)
        assert report.resumed_at == 0
        assert rows(store, "MATCH (w:Output) WHERE w.tombstone IS NULL RETURN count(w) AS n")[0]["n"] == report.read


# --- complete sources, undo, duplicates, precedence ------------------------------------------------------------------


def test_a_complete_source_takes_away_what_it_no_longer_says(store: Store, tmp_path: Path) -> None:
    run_table(store, REGISTER, table_file(tmp_path / "a.csv", bodies(20)))
    added = run_table(store, REGISTER, table_file(tmp_path / "b.csv", bodies(19)))
    assert (added.removed, len(names(store))) == (0, 20)
    swept = run_table(store, REGISTER, table_file(tmp_path / "c.csv", bodies(19)), complete=True)
    assert (swept.removed, len(names(store))) == (1, 19)
    with pytest.raises(ConflictError, match="超过 10%"):
        run_table(store, REGISTER, table_file(tmp_path / "d.csv", bodies(5)), complete=True)
    assert len(names(store)) == 19
    forced = run_table(store, REGISTER, table_file(tmp_path / "d.csv", bodies(5)), complete=True, confirm_sweep=True)
    assert (forced.removed, len(names(store))) == (14, 5)
    undo(store, forced.run, actor=ACTOR)
    assert len(names(store)) == 19


def test_rejected_records_do_not_count_as_gone(store: Store, tmp_path: Path) -> None:
    run_table(store, REGISTER, table_file(tmp_path / "a.csv", bodies(20)))
    broken = [*bodies(19), {"code": "019", "name": "", "kind": "institute"}]
    with pytest.raises(ConflictError, match="1 条记录被拒收"):
        run_table(store, REGISTER, table_file(tmp_path / "b.csv", broken), complete=True)
    assert len(names(store)) == 20


def test_a_string_known_from_two_sources_outlives_one_of_them(store: Store, tmp_path: Path) -> None:
    work = {"id": "1", "title": "题目", "authors": [{"name": "张三", "affiliations": "某某研究所"}]}
    first = run_works(store, works_file(tmp_path / "a.jsonl", [work]), "a")
    run_works(store, works_file(tmp_path / "b.jsonl", [{**work, "id": "2"}]), "b")
    undo(store, first.run, actor=ACTOR)
    assert names(store) == {"某某研究所"}
    assert people(store) == {"张三": 1}


def test_undoing_a_run_restores_what_was(store: Store, files: SampleFiles) -> None:
    sources = list(sample_sources(files))
    for path, source in sources[:5]:
        run(store, source, path, actor=ACTOR)
    before = facts(store)
    report = run(store, sources[5][1], sources[5][0], actor=ACTOR)
    assert facts(store) != before
    undo(store, report.run, actor=ACTOR)
    assert facts(store) == before


def test_two_rows_of_one_key_are_told(store: Store, tmp_path: Path) -> None:
    twice = [*bodies(2), {"code": "001", "name": "冒名研究院", "kind": "institute"}]
    report = run_table(store, REGISTER, table_file(tmp_path / "a.csv", twice))
    assert (report.read, report.taken, report.rejected_records) == (3, 2, 1)
    assert report.rejects[0].reason == "与本文件第 2 条记录的键重复"
    assert report.rejects_file is not None
    assert "001" in report.rejects_file.read_text(encoding="utf-8-sig")
    assert names(store) == {"第0研究院", "第1研究院"}


def test_contradictions_within_a_file_are_counted_once_and_the_first_stands(store: Store, tmp_path: Path) -> None:
    mapping = REGISTER.replace("unique = true", "").replace('row_key = ["code"]', "")
    contradicting = [{"code": "1", "name": "甲院", "kind": kind} for kind in ("institute", "university", "university")]
    path = table_file(tmp_path / "a.csv", contradicting)
    report = run_table(store, mapping, path)
    assert (report.conflicts, report.rejected_values) == (1, 0)
    assert rows(store, "MATCH (o:Organisation) RETURN o.kind AS kind") == [{"kind": "institute"}]
    assert run_table(store, mapping, path).written == 0


def test_the_source_of_smaller_precedence_is_shown_whatever_came_first(store: Store, tmp_path: Path) -> None:
    better = REGISTER.replace("precedence = 200", "precedence = 100")
    run_table(store, REGISTER, table_file(tmp_path / "a.csv", [{"code": "1", "name": "甲院", "kind": "hospital"}]), "a")
    run_table(store, better, table_file(tmp_path / "b.csv", [{"code": "9", "name": "甲院", "kind": "institute"}]), "b")
    run_table(store, REGISTER, table_file(tmp_path / "a.csv", [{"code": "1", "name": "甲院", "kind": "company"}]), "a")
    assert rows(store, "MATCH (o:Organisation) RETURN o.kind AS kind") == [{"kind": "institute"}]


def test_two_people_of_one_name_in_one_unit_of_a_roster_stay_two(store: Store, tmp_path: Path) -> None:
    roster = shipped_mappings()["roster"].read_text(encoding="utf-8")
    works = works_file(
        tmp_path / "w.jsonl", [{"id": "1", "title": "题", "authors": [{"name": "张三", "affiliations": "甲研究院"}]}]
    )
    run_works(store, works)
    path = table_file(tmp_path / "r.csv", [{"专家编号": n, "姓名": "张三", "单位": "甲研究院"} for n in ("Z1", "Z2")])
    run_table(store, roster, path)
    settle(store, actor=ACTOR)
    assert people(store) == {"张三": 3}
    assert [run_table(store, roster, path).written, run_works(store, works).written] == [0, 0]
    assert settle(store, actor=ACTOR, again=True).merged == 0
    assert people(store) == {"张三": 3}
