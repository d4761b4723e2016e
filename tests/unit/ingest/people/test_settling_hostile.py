"""Hostile names through the whole chain, file → import → settling → questions → report: nothing raises or merges."""

from __future__ import annotations

import tempfile
from collections import Counter, defaultdict
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.audit import Effect
from graph.database import Endpoint, Transaction
from graph.store import Store
from ingest.people import clusters, flagged
from ingest.people.constraints import LARGEST
from ingest.people.names import person_name
from ingest.people.questions import MOST_OF_A_BATCH
from ingest.people.review import question_pairs, review_questions
from ingest.people.settling import SettleReport, settle
from ingest.report import RunReport
from ingest.values import plain_text
from tests.graph_dump import dump
from tests.graph_fixtures import empty_store
from tests.graph_people import redirects
from tests.ingest_runs import run_works
from tests.unit.ingest.people.hostile_names import (
    CIRCLE,
    INVISIBLE,
    NO_AUTHORS,
    NO_NAMES,
    Held,
    circle,
    held,
    hostile_file,
    work,
)

PIECES: Final = (
    "王",
    "伟",
    "Wei",
    "Wang",
    " ",
    ",",
    "<b>",
    "\u202e",
    "\u200b",
    "😀",
    "7",
    "等",
    "·",
    "-",
    "'",
    "{",
    "&lt;",
    "\u0301",
    "课题组",
)
GIVEN: Final = "安邦昌达恩芳光海健康乐明宁平强仁山涛文贤学义忠子"


def settled(store: Store, folder: Path, works: list[dict[str, Any]]) -> tuple[RunReport, SettleReport]:
    report = run_works(store, hostile_file(folder / "works.jsonl", works), dataset="papers")
    return report, settle(store, actor="test")


def holds(store: Store) -> dict[str, list[Held]]:
    """The mentions of each person, after what holds for every store was asserted."""
    people: defaultdict[str, list[Held]] = defaultdict(list)
    for one in held(store):
        people[one.person].append(one)
    asked = {mention for pair in question_pairs(store.database) for mention in pair}
    for mentions in people.values():
        works = Counter(one.work for one in mentions)
        assert max(works.values()) == 1, ("one work, one person twice", mentions)
        for one in mentions:
            if not person_name(one.written).usable:
                assert len(mentions) == 1, ("no name, and merged", mentions)
                assert one.mention not in asked, ("no name, and asked about", one)
    redirects(store)
    verified = store.audit.verify()
    assert verified.ok, verified.faults
    return dict(people)


def people_named(people: dict[str, list[Held]], *names: str) -> list[int]:
    """How many mentions the people bear who are written so, the most first."""
    return sorted((len(own) for own in people.values() if own[0].written in names), reverse=True)


def test_what_is_no_name_is_merged_with_nothing(store: Store, tmp_path: Path) -> None:
    assert [name for name in NO_NAMES if person_name(plain_text(name)).usable] == []
    report, settling = settled(store, tmp_path, circle(("王伟", *NO_NAMES)))
    people = holds(store)
    assert people_named(people, "王伟") == [3]
    # Each of the three has a mention on every work: the names alone are at fault where nothing merges.
    assert {name: people_named(people, name) for name in CIRCLE} == {name: [3 * (1 + len(NO_NAMES))] for name in CIRCLE}
    read = [one for one in held(store) if not person_name(one.written).usable]
    assert settling.no_names == len(read) > 0
    assert report.rejected_values == 3 * len(NO_NAMES) - len(read)
    before = dump(store.database)
    again = settle(store, actor="test", again=True)
    assert (again.merged, again.parted, again.no_names) == (0, 0, len(read))
    assert dump(store.database) == before


def test_an_identifier_does_not_make_a_name_of_what_is_none(store: Store, tmp_path: Path) -> None:
    orcid = {"orcid": "0000-0002-1825-0097"}
    names = ("王伟", "课题组", "et al.", "王", "<b>王伟</b>", "清华大学")
    works = [work(f"{n}-{k}", (name,), body="", a0=orcid) for n, name in enumerate(names) for k in range(3)]
    settled(store, tmp_path, works)
    assert people_named(holds(store), "王伟") == [3]


def test_what_is_no_author_is_left_out_and_said(store: Store, tmp_path: Path) -> None:
    report, _ = settled(store, tmp_path, circle(("王伟", *NO_AUTHORS)))
    people = holds(store)
    assert people_named(people, "王伟") == [3]
    assert {one.written for own in people.values() for one in own} == {"王伟", *CIRCLE}
    assert report.rejected_values + report.rejected_records == 3 * len(NO_AUTHORS)


def test_names_that_differ_by_the_invisible_are_one(store: Store, tmp_path: Path) -> None:
    assert {person_name(name) for name in INVISIBLE} == {person_name("王建国")}
    assert person_name("王建国").usable
    settled(store, tmp_path, circle(INVISIBLE))
    assert people_named(holds(store), *INVISIBLE) == [3 * len(INVISIBLE)]


def test_people_of_one_work_stay_as_many_as_it_names(store: Store, tmp_path: Path) -> None:
    many = [f"王{one}{two}" for one in GIVEN[:20] for two in GIVEN[:10]]
    thrice = ("王伟", "王伟", "王伟", *CIRCLE)
    settled(store, tmp_path, [work("many", many), *(work(f"m{k}", thrice) for k in range(2)), *circle(("王伟",))])
    people = holds(store)
    assert len(people_named(people, *many)) == 200
    # Which of the three is the 王伟 of the other works nobody can tell: no automatic group may hold two of one work.
    assert len(people_named(people, "王伟")) >= 3
    assert sum(people_named(people, "王伟")) == 9


@settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], deadline=None)
@given(
    st.lists(
        st.one_of(st.lists(st.sampled_from(PIECES), min_size=1, max_size=6).map("".join), st.text(max_size=30)),
        min_size=3,
        max_size=12,
    )
)
def test_any_text_as_a_name_ends_in_a_sound_graph(engine: Endpoint, names: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder, empty_store(engine, Path(folder)) as store:
        settled(store, Path(folder), [*circle(names, times=2), work("all", names)])
        holds(store)
        again = settle(store, actor="test", again=True)
        assert (again.merged, again.parted) == (0, 0)


def test_thousands_of_mentions_of_one_name_are_bounded(store: Store, tmp_path: Path) -> None:
    random, number = Random(0), 2_000
    partners = ["".join((random.choice("赵钱孙李周吴郑陈"), *random.choices(GIVEN, k=2))) for _ in range(number)]
    assert len(set(partners)) > number / 2
    _, settling = settled(store, tmp_path, [work(n, ("王伟", name), body="") for n, name in enumerate(partners)])
    people = holds(store)
    alike = Counter(person_name(name).key for name in partners)
    pairs = number * (number - 1) // 2 + sum(count * (count - 1) // 2 for count in alike.values())
    assert settling.pairs == pairs
    assert settling.mentions == 2 * number
    assert max(people_named(people, "王伟")) <= LARGEST
    assert sum(people_named(people, "王伟")) == number
    assert settling.questions <= MOST_OF_A_BATCH
    assert len(review_questions(store.database, limit=100_000)) <= settling.questions
    again = settle(store, actor="test", again=True)
    assert (again.merged, again.parted, again.pairs) == (0, 0, pairs)


def contradictory() -> list[dict[str, Any]]:
    """Works of always the same people, on the last of which one name stands twice."""
    return [work(n, ("王伟", *CIRCLE)) for n in range(4)] + [work(4, ("王伟", "王伟", *CIRCLE))]


def test_a_group_that_contradicts_itself_is_said_by_name_and_reason(store: Store, tmp_path: Path) -> None:
    _, settling = settled(store, tmp_path, contradictory())
    assert settling.flags == 1
    assert settling.flagged[0].startswith("王伟：")
    assert "同一成果上的两人" in settling.flagged[0]


def test_one_identifier_holds_any_number_together(store: Store, tmp_path: Path) -> None:
    orcid = {"orcid": "0000-0002-1825-0097"}
    _, settling = settled(store, tmp_path, [work(n, ("王伟",), a0=orcid) for n in range(LARGEST + 1)])
    assert people_named(holds(store), "王伟") == [LARGEST + 1]
    assert (settling.flags, settling.merged) == (0, LARGEST)


def test_a_name_of_too_many_is_joined_by_identifiers_only_and_said(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clusters, "TOO_MANY", 40)
    monkeypatch.setattr(flagged, "TOO_MANY", 40)
    monkeypatch.setattr(clusters, "_TILE", 10)
    orcid = {"orcid": "0000-0002-1825-0097"}
    works = [work(n, ("王伟", "张三丰"), a0=orcid if n < 3 else {}) for n in range(60)]
    _, settling = settled(store, tmp_path, works)
    people = holds(store)
    assert people_named(people, "王伟") == [3] + [1] * 57
    assert people_named(people, "张三丰") == [1] * 60
    assert (settling.pairs, settling.questions) == (0, 0)
    assert sorted(settling.flagged) == [
        f"{name}：同名 60 处，超过 40，只按编号和人工判断合并" for name in ("张三丰", "王伟")
    ]
    restrict(store, people_of(people, "王伟")[:1] + people_of(people, "张三丰"))
    again = settle(store, actor="test", again=True)
    assert [sentence.partition("：")[0] for sentence in sorted(again.flagged)] == ["王伟", "（不公开的姓名）"]


def test_no_sentence_names_somebody_restricted(store: Store, tmp_path: Path) -> None:
    _, settling = settled(store, tmp_path, contradictory())
    restrict(store, people_of(holds(store), "王伟")[-1:])
    again = settle(store, actor="test", again=True)
    assert again.flags == settling.flags == 1
    assert [sentence.partition("：")[0] for sentence in again.flagged] == ["（不公开的姓名）"]
    assert "王伟" in settling.flagged[0]


def people_of(people: dict[str, list[Held]], name: str) -> list[str]:
    return sorted((person for person, own in people.items() if own[0].written == name), key=lambda p: len(people[p]))


def restrict(store: Store, people: list[str]) -> None:
    def hide(transaction: Transaction, _number: int) -> Effect[None]:
        transaction.run("UNWIND $ids AS id MATCH (p:Person {id: id}) SET p.visibility = 'restricted'", {"ids": people})
        return Effect(None)

    store.audit.write(actor="test", action="test", subject="test", work=hide)
