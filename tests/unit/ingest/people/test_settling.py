"""Settling over a real store: any order of imports, answers, undo; what holds whatever happens."""

from __future__ import annotations

import contextlib
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.database import Endpoint
from graph.decisions import PERSON_MENTIONS, decisions_about
from graph.errors import ConflictError, InputError, NotFoundError
from graph.store import Store
from graph.undo import runs, undo
from ingest.commands.people import (
    Answered,
    answer_different,
    answer_same,
    different_people,
    same_person,
    split_person,
    take_back,
)
from ingest.people.review import review_questions
from ingest.people.settling import settle
from tests.graph_dump import dump
from tests.graph_fixtures import empty_store
from tests.graph_people import redirects
from tests.ingest_runs import run_works, works_file

NAMES: Final = ("王伟", "王伟", "王伟", "张三", "李四", "赵五", "钱六", "孙七")
BODIES: Final = ("", "甲大学", "乙大学")
TITLES: Final = ("图神经网络推荐系统", "知识图谱推荐方法", "水稻育种产量研究")
REFUSED: Final = (ConflictError, InputError, NotFoundError)
_SETTINGS: Final = settings(
    max_examples=8, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], deadline=None
)

Work = dict[str, Any]


@st.composite
def works(draw: st.DrawFn) -> list[Work]:
    """Works by circles of people who often meet, so that merges, bridges and contradictions all come up."""
    made: list[Work] = []
    for number in range(draw(st.integers(4, 12))):
        people = draw(st.lists(st.sampled_from(NAMES), min_size=2, max_size=6))
        body = draw(st.sampled_from(BODIES))
        authors = [{"name": name, "affiliations": body} if body else {"name": name} for name in people]
        title = f"{draw(st.sampled_from(TITLES))}{number}"
        made.append({"id": f"w{number}", "title": title, "year": draw(st.integers(2015, 2020)), "authors": authors})
    return made


def persons(store: Store) -> set[frozenset[str]]:
    """Who stands for which mentions."""
    found: dict[str, set[str]] = {}
    for _, mention, person in _held(store):
        found.setdefault(person, set()).add(mention)
    return {frozenset(mentions) for mentions in found.values()}


def _held(store: Store) -> list[tuple[str, str, str]]:
    rows = store.database.records(
        "held",
        "MATCH (p:Person)-[r:AUTHORED]->() WHERE r.mention IS NOT NULL "
        "RETURN r.source AS source, r.mention AS mention, p.id AS person",
    )
    return [(str(row["source"]), str(row["mention"]), str(row["person"])) for row in rows]


@_SETTINGS
@given(works(), st.data())
def test_any_order_of_five_batches_gives_the_same_people(
    engine: Endpoint, made: list[Work], data: st.DataObject
) -> None:
    batch_of = [data.draw(st.integers(0, 4)) for _ in made]
    orders = [list(range(5)), data.draw(st.permutations(range(5)))]
    outcomes: list[set[frozenset[str]]] = []
    for order in orders:
        with tempfile.TemporaryDirectory() as folder, empty_store(engine, Path(folder)) as store:
            for batch in order:
                listed = [work for work, number in zip(made, batch_of, strict=True) if number == batch]
                if listed:
                    run_works(store, works_file(Path(folder) / f"{batch}.jsonl", listed), dataset="papers")
                    settle(store, actor="test")
            outcomes.append(persons(store))
            redirects(store)
    with tempfile.TemporaryDirectory() as folder, empty_store(engine, Path(folder)) as store:
        run_works(store, works_file(Path(folder) / "all.jsonl", made), dataset="papers")
        settle(store, actor="test")
        outcomes.append(persons(store))
        assert settle(store, actor="test", again=True).merged == 0
        assert settle(store, actor="test", again=True).parted == 0
    assert outcomes[0] == outcomes[1] == outcomes[2]


@dataclass
class History:
    """A store on its way: what was answered, what still stands."""

    store: Store
    folder: Path
    made: list[Work]
    answers: list[str] = field(default_factory=list[str])

    def step(self, kind: str, number: int) -> None:
        """Do one thing; what is refused leaves the graph as it was."""
        before = dump(self.store.database)
        try:
            self._do(kind, number)
        except REFUSED:
            assert dump(self.store.database) == before

    def _do(self, kind: str, number: int) -> None:
        store = self.store
        if kind == "import":
            self.load(number % len(self.made) + 1)
            settle(store, actor="test")
        elif kind == "again":
            settle(store, actor="test", again=True)
        elif kind == "undo import":
            listed = [run.id for run in runs(store.database)]
            undo(store, listed[number % len(listed)], actor="test")
        elif kind == "take back":
            if self.answers:
                batch = self.answers[number % len(self.answers)]
                take_back(store, batch, actor="test")
                self.answers.remove(batch)
        else:
            self.answers.append(self._answer(kind, number).batch)

    def _answer(self, kind: str, number: int) -> Answered:
        store = self.store
        if kind in ("yes", "no"):
            asked = review_questions(store.database)
            if not asked:
                raise NotFoundError("none")
            answer = answer_same if kind == "yes" else answer_different
            return answer(store, asked[number % len(asked)].id, actor="test", reason="看过")
        people = sorted(persons(store), key=sorted)
        if not people:
            raise NotFoundError("none")
        ids = {mention: person for _, mention, person in _held(store)}
        one, other = people[number % len(people)], people[(number // 7) % len(people)]
        left, right = ids[min(one)], ids[min(other)]
        if kind == "split":
            return split_person(store, left, sorted(one)[: number % len(one) or 1], actor="test", reason="看过")
        way = same_person if kind == "same" else different_people
        return way(store, left, right, actor="test", reason="看过")

    def load(self, most: int) -> None:
        """Import the first works."""
        path = works_file(self.folder / f"{most}.jsonl", self.made[:most])
        run_works(self.store, path, dataset="papers")

    def check(self) -> None:
        """What holds whatever happened."""
        held = _held(self.store)
        holder = {mention: person for _, mention, person in held}
        assert len(holder) == len(held), "each mention stands at one person"
        for one in decisions_about(self.store.database, PERSON_MENTIONS):
            if one.outcome == "different" and one.subject in holder and one.object in holder:
                assert holder[one.subject] != holder[one.object], one
        redirects(self.store)


KINDS: Final = ("import", "again", "undo import", "take back", "yes", "no", "same", "different", "split")


@_SETTINGS
@given(works(), st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 60)), min_size=3, max_size=9))
def test_no_import_and_no_count_joins_what_a_person_told_apart(
    engine: Endpoint, made: list[Work], plan: list[tuple[str, int]]
) -> None:
    with tempfile.TemporaryDirectory() as folder, empty_store(engine, Path(folder)) as store:
        history = History(store, Path(folder), made)
        history.load(len(made))
        settle(store, actor="test")
        for kind, number in plan:
            history.step(kind, number)
            history.check()
        history.load(len(made))
        settle(store, actor="test", again=True)
        history.check()
        verified = store.audit.verify()
        assert verified.ok, verified.faults


@_SETTINGS
@given(works(), st.lists(st.tuples(st.sampled_from(KINDS[4:]), st.integers(0, 60)), min_size=1, max_size=5))
def test_answers_taken_back_leave_the_graph_as_it_was(
    engine: Endpoint, made: list[Work], plan: list[tuple[str, int]]
) -> None:
    with tempfile.TemporaryDirectory() as folder, empty_store(engine, Path(folder)) as store:
        history = History(store, Path(folder), made)
        history.load(len(made))
        settle(store, actor="test")
        before = dump(store.database)
        decided = decisions_about(store.database, PERSON_MENTIONS)
        for kind, number in plan:
            history.step(kind, number)
        for batch in reversed(history.answers):
            take_back(store, batch, actor="test")
        assert dump(store.database) == before
        assert decisions_about(store.database, PERSON_MENTIONS) == decided


def test_a_later_answer_is_refused_where_a_person_said_no(engine: Endpoint, tmp_path: Path) -> None:
    listed = [{"id": str(n), "title": f"题{n}", "authors": [{"name": "王伟"}]} for n in range(2)]
    with empty_store(engine, tmp_path) as store:
        run_works(store, works_file(tmp_path / "w.jsonl", listed), dataset="papers")
        one, other = sorted({person for _, _, person in _held(store)})
        said = different_people(store, one, other, actor="甲", reason="不是一个单位")
        before = dump(store.database)
        with pytest.raises(ConflictError, match=r"甲.*不是同一人.*不是一个单位"):
            same_person(store, one, other, actor="乙", reason="像")
        assert dump(store.database) == before
        take_back(store, said.batch, actor="甲")
        joined = same_person(store, one, other, actor="乙", reason="像")
        assert len(persons(store)) == 1
        with contextlib.suppress(NotFoundError):
            take_back(store, said.batch, actor="甲")
        take_back(store, joined.batch, actor="乙")
        assert dump(store.database) == before
        assert decisions_about(store.database, PERSON_MENTIONS) == []
