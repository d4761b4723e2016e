"""Lists, periods, nominations and cohorts on every engine: what may be changed, what is frozen, who is followed."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any, Final

import pytest

from graph.claims import relationship_claim
from graph.errors import ConflictError, InputError, NotFoundError, ZhikuError
from graph.joining import join_people
from graph.model import MERGED_INTO
from graph.store import Store
from graph.undo import undo
from ingest.commands.availability import clear_availability, set_availability, set_most_jobs
from ingest.commands.cohorts import cohort_snapshot
from ingest.commands.lists import (
    Member,
    add_member,
    annotate_member,
    copy_list,
    discard_list,
    freeze_list,
    remove_member,
    save_list,
)
from ingest.commands.nominations import decide_nomination, nominate
from ingest.mapping import shipped_mappings
from ingest.people.settling import settle
from queries.availability import availability_of, people_available
from queries.cohorts import cohort_tracking
from queries.exposure_report import Appearance, listed_between
from queries.legal_entities import legal_entity_root
from queries.list_comparison import compare_lists
from queries.merges import all_ids, current_bodies, current_people, current_person
from queries.nominations import nominations
from queries.organisation_profiles import organisation_profile
from queries.saved_lists import HIDDEN_NAME, list_verification, saved_list, saved_lists
from tests.graph_claims import authored, body, person, post, put, work
from tests.graph_dump import run
from tests.ingest_runs import run_table, table_file

WHO: Final[dict[str, Any]] = {"actor": "t"}
DAY = date(2026, 6, 8)
HOSTILE = "'}) DETACH DELETE n // <script>=1+1"


def people(store: Store) -> None:
    put(store, body("O1", "示例大学", is_legal_entity=True), body("O2", "示例研究院", is_legal_entity=True))
    for key, name, where in (("P1", "甲某", "O1"), ("P2", "乙某", "O1"), ("P3", "丙某", "O2"), ("P4", "丁某", "O2")):
        put(
            store,
            person(key, name),
            post(key, where),
            work(f"W{key}", f"{name}的成果", year=2024),
            authored(key, f"W{key}"),
        )


def kept(store: Store, name: str = "甲单", **more: Any) -> str:
    members = [Member("P1", 3.0), Member("P2", 2.0), Member("P3", 1.0)]
    return save_list(store, name=name, members=members, question="水", ranking="r1", on=DAY, **WHO, **more)


def ids(store: Store, id: str) -> list[tuple[int, str]]:
    return [(member.rank, member.id) for member in saved_list(store.database, id=id).members]


def test_a_list_is_kept_changed_and_frozen(any_store: Store) -> None:
    people(any_store)
    id = kept(any_store)
    remove_member(any_store, id="甲单", member="P2", reason="不便", **WHO)
    assert ids(any_store, id) == [(1, "P1"), (2, "P3")]
    assert add_member(any_store, id=id, member="P4", reason=HOSTILE, **WHO) == 3
    annotate_member(any_store, id=id, member="P1", note=HOSTILE, **WHO)
    shown = saved_list(any_store.database, id=id)
    assert shown.members[0].note == shown.members[2].reason == HOSTILE
    assert (shown.members[2].by_hand, shown.members[0].unit) == (True, "示例大学")
    done = freeze_list(any_store, id=id, on=DAY, **WHO)
    assert list_verification(any_store.database, id=id).ok
    changes: list[Callable[[], object]] = [
        lambda: annotate_member(any_store, id=id, member="P1", note="x", **WHO),
        lambda: add_member(any_store, id=id, member="P2", reason="x", **WHO),
        lambda: remove_member(any_store, id=id, member="P1", reason="x", **WHO),
        lambda: freeze_list(any_store, id=id, **WHO),
        lambda: discard_list(any_store, id=id, **WHO),
    ]
    for change in changes:
        with pytest.raises(ConflictError, match="已经冻结"):
            change()
    copy = copy_list(any_store, id=id, name="复制品", **WHO)
    remove_member(any_store, id=copy, member="P1", reason="x", **WHO)
    assert saved_list(any_store.database, id=copy).card.copied_from == id
    assert saved_list(any_store.database, id=id).card.frozen_hash == done.hash
    assert discard_list(any_store, id=copy, **WHO) == copy
    assert [card.id for card in saved_lists(any_store.database)] == [id]
    assert any_store.audit.verify().faults == ()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("MATCH (l:SavedList) SET l.frozen = l.frozen + ' '", "算出的散列与记下的不符"),
        ("MATCH (:SavedList)-[m:LISTS]->(:Person {id: 'P1'}) SET m.note = '改'", "成员与冻结的内容不符"),
        ("MATCH (:SavedList)-[m:LISTS]->(:Person {id: 'P1'}) DELETE m", "成员与冻结的内容不符"),
        ("MATCH (l:SavedList) SET l.frozen_seq = 1", "审计链里没有这次冻结"),
    ],
)
def test_a_frozen_list_that_was_tampered_with_is_found(any_store: Store, text: Any, fault: str) -> None:
    people(any_store)
    id = kept(any_store)
    freeze_list(any_store, id=id, **WHO)
    run(any_store.database, text)
    found = list_verification(any_store.database, id=id)
    assert not found.ok
    assert any(fault in said for said in found.faults)


def test_a_hash_put_in_by_hand_is_not_that_of_the_audit(store: Store) -> None:
    people(store)
    id = kept(store)
    freeze_list(store, id=id, **WHO)
    run(store.database, "MATCH (l:SavedList) SET l.frozen = '{}', l.frozen_hash = "
        "'44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a'")  # fmt: skip
    assert any("审计链" in fault for fault in list_verification(store.database, id=id).faults)


def test_merged_people_are_followed_and_frozen_ones_stay(any_store: Store) -> None:
    people(any_store)
    open_, frozen = kept(any_store), kept(any_store, "冻结的")
    digest = freeze_list(any_store, id=frozen, **WHO).hash
    join_people(any_store, into="P1", others=["P3"], actor="t", run="R")
    shown = saved_list(any_store.database, id=open_)
    assert [(m.id, m.current, m.name, m.same_as) for m in shown.members][2] == ("P3", "P1", "甲某", 1)
    assert any("同一个" in note for note in shown.notes)
    kept_ = saved_list(any_store.database, id=frozen)
    assert [(m.name, m.current) for m in kept_.members][2] == ("丙某", "P1")
    assert "已并入 P1" in kept_.members[2].change
    assert any("冻结时的样子" in note for note in kept_.notes)
    assert (list_verification(any_store.database, id=frozen).ok, kept_.card.frozen_hash) == (True, digest)
    copy = copy_list(any_store, id=frozen, name="复制品", **WHO)
    assert ids(any_store, copy) == [(1, "P1"), (2, "P2")]
    assert compare_lists(any_store.database, left=open_, right=frozen).same == 2
    # By the id of today too.
    annotate_member(any_store, id=open_, member="P1", note="一", **WHO)


def test_whoever_was_merged_twice_is_followed_by_everything(any_store: Store) -> None:
    """P3 went into P2 and O3 into O2, which later went into P1 and O1: all that kept the first ids follows."""
    people(any_store)
    put(any_store, body("O3", "示例所", is_legal_entity=True))
    set_most_jobs(any_store, person="P1", most=1, **WHO)
    job = kept(any_store, "任务", purpose="job", from_day=DAY, until_day=DAY)
    bodies = save_list(any_store, name="机构", kind="organisations", members=[Member("O3"), Member("O1")], **WHO)
    join_people(any_store, into="P2", others=["P3"], actor="t", run="R1")
    join_people(any_store, into="P1", others=["P2"], actor="t", run="R2")
    for stub, into in (("O3", "O2"), ("O2", "O1")):
        put(any_store, relationship_claim(MERGED_INTO, ("Organisation", stub), ("Organisation", into)))
    db = any_store.database
    assert current_people(db, people=["P3", "P2", "P1", "P无"]) == {"P1": "P1", "P2": "P1", "P3": "P1"}
    assert (current_person(db, id="P3"), all_ids(db, people=["P3", "P无"])) == ("P1", {"P1", "P3", "P无"})
    assert [(m.current, m.name, m.same_as) for m in saved_list(db, id=job).members] == [
        ("P1", "甲某", None), ("P1", "甲某", 1), ("P1", "甲某", 1),
    ]  # fmt: skip
    assert [(m.current, m.name, m.same_as) for m in saved_list(db, id=bodies).members] == [
        ("O1", "示例大学", None), ("O1", "示例大学", 1),
    ]  # fmt: skip
    assert listed_between(db, from_day=DAY, until_day=DAY) == [Appearance(job, "P1", 1)]
    set_availability(any_store, person="P3", state="free", from_day=DAY, until_day=DAY, on=DAY, **WHO)
    assert people_available(db, from_day=DAY, until_day=DAY) == set(), "P1 has the job of P3"
    assert current_bodies(db, organisations=["O3", "O无"]) == {"O3": "O1"}
    profile = organisation_profile(db, id="O3", on=DAY)
    assert (profile.id, profile.redirected_from) == ("O1", "O3")
    assert legal_entity_root(db, unit="O3", on=DAY).id == "O1"


def test_nobody_hidden_is_named_again(any_store: Store) -> None:
    people(any_store)
    frozen, open_ = kept(any_store, "冻结的"), kept(any_store)
    freeze_list(any_store, id=frozen, **WHO)
    put(any_store, person("P3", "丙某", visibility="restricted"))
    for id in (frozen, open_):
        shown = saved_list(any_store.database, id=id)
        assert (shown.members[2].name, shown.members[2].current) == (HIDDEN_NAME, "")
        assert "丙某" not in shown.model_dump_json()
    assert list_verification(any_store.database, id=frozen).ok
    with pytest.raises(ConflictError, match="第 3 位"):
        freeze_list(any_store, id=open_, **WHO)
    with pytest.raises(NotFoundError):
        save_list(any_store, name="丙", members=[Member("P3")], **WHO)


def refused(store: Store) -> list[tuple[type[ZhikuError], Callable[[], object]]]:
    long = "长" * 1_001
    return [
        (ConflictError, lambda: kept(store)),
        (InputError, lambda: kept(store, "  \u200b ")),
        (InputError, lambda: kept(store, "名" * 101)),
        (InputError, lambda: kept(store, "半\ud800")),
        (InputError, lambda: kept(store, "丙单", from_day=date(2026, 6, 2), until_day=date(2026, 6, 1))),
        (InputError, lambda: kept(store, "丙单", until_day=date(9999, 12, 31))),
        (InputError, lambda: kept(store, "丙单", purpose="nichts")),
        (InputError, lambda: kept(store, "丙单", filters={"a": float("inf")})),
        (InputError, lambda: save_list(store, name="丙单", members=[Member("P1"), Member("P1 ")], **WHO)),
        (NotFoundError, lambda: save_list(store, name="丙单", members=[Member("P1"), Member("W1")], **WHO)),
        (NotFoundError, lambda: save_list(store, name="丙单", members=[Member("P1")], kind="organisations", **WHO)),
        (ConflictError, lambda: add_member(store, id="甲单", member="P1", reason="x", **WHO)),
        (NotFoundError, lambda: add_member(store, id="甲单", member=HOSTILE, reason="x", **WHO)),
        (InputError, lambda: add_member(store, id="甲单", member="P4", reason="  ", **WHO)),
        (NotFoundError, lambda: remove_member(store, id="甲单", member="P4", reason="x", **WHO)),
        (InputError, lambda: remove_member(store, id="甲单", member="P1", reason="", **WHO)),
        (InputError, lambda: annotate_member(store, id="甲单", member="P1", note=long, **WHO)),
        (NotFoundError, lambda: annotate_member(store, id=HOSTILE, member="P1", note="x", **WHO)),
        (NotFoundError, lambda: saved_list(store.database, id="没有")),
        (ConflictError, lambda: freeze_list(store, id=save_list(store, name="空", members=[], **WHO), **WHO)),
    ]


def test_what_cannot_be_is_refused_and_nothing_is_written(store: Store) -> None:
    people(store)
    kept(store)
    before = ids(store, "甲单")
    for error, change in refused(store):
        with pytest.raises(error):
            change()
    assert ids(store, "甲单") == before
    assert sorted(card.name for card in saved_lists(store.database)) == ["甲单", "空"]
    assert store.audit.verify().faults == ()


def test_periods_are_said_believed_and_taken_back(any_store: Store) -> None:
    people(any_store)
    db, day = any_store.database, {"from_day": DAY, "until_day": DAY}
    said: dict[str, Any] = {"from_day": date(2026, 6, 1), "until_day": date(2026, 6, 30), "actor": "t"}
    set_availability(any_store, person="P1", state="free", on=date(2026, 5, 1), note=HOSTILE, **said)
    set_availability(any_store, person="P2", state="busy", on=date(2026, 5, 1), **said)
    assert people_available(db, **day) == {"P1"}
    set_availability(any_store, person="P2", state="free", on=date(2026, 5, 2), **said)
    assert people_available(db, **day) == {"P1", "P2"}, "who speaks later is believed"
    batch = run(db, "MATCH (b:Batch) RETURN b.id AS id ORDER BY b.seq DESC LIMIT 1")[0]["id"]
    undo(any_store, batch, actor="t")
    assert people_available(db, **day) == {"P1"}
    set_most_jobs(any_store, person="P1", most=1, **WHO)
    save_list(any_store, name="任务", members=[Member("P1")], purpose="job", **day, **WHO)
    assert people_available(db, **day) == set(), "on as many jobs as taken"
    assert people_available(db, from_day=date(2026, 6, 9), until_day=date(2026, 6, 9)) == {"P1"}
    join_people(any_store, into="P3", others=["P1"], actor="t", run="R")
    assert people_available(db, from_day=date(2026, 6, 9), until_day=date(2026, 6, 9)) == {"P3"}
    assert clear_availability(any_store, person="P1", **WHO).removed == 1
    assert availability_of(db, id="P3") == []
    with pytest.raises(NotFoundError):
        clear_availability(any_store, person="P3", **WHO)
    wrongs: list[dict[str, Any]] = [{"person": "P无"}, {"until_day": date(2026, 5, 1)}, {"note": "长" * 201}]
    for wrong in wrongs:
        given: dict[str, Any] = {"person": "P3", "state": "free", **said, **wrong}
        with pytest.raises((NotFoundError, InputError)):
            set_availability(any_store, **given)


_KNOWN: Final = """
MATCH (p:Person)
WHERE p.tombstone IS NULL AND NOT EXISTS { (p)-[:MERGED_INTO]->(:Person) }
RETURN p.id AS id, p.max_jobs AS most
"""


def test_a_table_of_periods_is_imported_for_people_known_by_name_and_unit(any_store: Store, tmp_path: Any) -> None:
    roster = [{"姓名": "丁文江", "单位": "示例大学", "职称": "教授"}]
    run_table(
        any_store, shipped_mappings()["roster"].read_text("utf-8"), table_file(tmp_path / "r.csv", roster), "名册"
    )
    listed = [
        {
            "姓名": "丁文江",
            "单位": "示例大学",
            "开始": "2026-06-01",
            "结束": "2026-06-30",
            "状态": "有空",
            "任务上限": "2",
        },
        {
            "姓名": "丁文江",
            "单位": "示例大学",
            "开始": "2026-06-10",
            "结束": "2026-06-11",
            "状态": "没空",
            "说明": "=1+1",
        },
        {"姓名": "丁文江", "单位": "示例大学", "开始": "2026-07-10", "结束": "2026-07-01", "状态": "有空"},
        {"姓名": "丁文江", "单位": "示例大学", "开始": "2026-08-01", "结束": "2026-08-02", "状态": "也许"},
    ]
    mapping, path = shipped_mappings()["availability"].read_text("utf-8"), table_file(tmp_path / "a.csv", listed)
    report = run_table(any_store, mapping, path, "时间")
    assert report.rejected_records + report.rejected_values == 2, "an end before its begin, an unknown word"
    assert run_table(any_store, mapping, path, "时间").written == 0
    settle(any_store, actor="t")
    (known,) = run(any_store.database, _KNOWN)
    assert known["most"] == 2
    assert people_available(any_store.database, from_day=DAY, until_day=DAY) == {known["id"]}
    assert people_available(any_store.database, from_day=DAY, until_day=date(2026, 6, 10)) == set()


def test_a_nomination_and_what_became_of_it_are_recorded(any_store: Store) -> None:
    people(any_store)
    given: dict[str, Any] = {"person": "P1", "nominator": "示例大学", "reason": HOSTILE, "works": ["WP1"], **WHO}
    id = nominate(any_store, **given, on=DAY)
    with pytest.raises(ConflictError):
        nominate(any_store, **given, on=DAY)
    decide_nomination(any_store, id=id, outcome="declined", reason="名额已满", **WHO)
    decide_nomination(any_store, id=id, outcome="accepted", reason="增补", **WHO)
    (shown,) = nominations(any_store.database, person="P1")
    assert (shown.status, shown.reason, [w.id for w in shown.works]) == ("accepted", HOSTILE, ["WP1"])
    assert [step.status for step in shown.history] == ["proposed", "declined", "accepted"]
    join_people(any_store, into="P2", others=["P1"], actor="t", run="R")
    assert [n.person for n in nominations(any_store.database, person="P1", status="accepted")] == ["P2"]
    wrong: list[dict[str, Any]] = [{"person": "P无"}, {"nominator": " "}, {"reason": ""}, {"works": ["W无"]}]
    for change in wrong:
        with pytest.raises((NotFoundError, InputError)):
            nominate(any_store, **{**given, **change})
    with pytest.raises(NotFoundError):
        decide_nomination(any_store, id="G无", outcome="accepted", reason="x", **WHO)
    with pytest.raises(ConflictError):
        decide_nomination(any_store, id=id, outcome="accepted", reason="x", **WHO)


def test_a_snapshot_stays_as_it_was_made(any_store: Store) -> None:
    people(any_store)
    kept(any_store, purpose="cohort")
    first = cohort_snapshot(any_store, id="甲单", year=2024, on=DAY, **WHO)
    put(
        any_store,
        work("W9", "补录的成果", year=2024),
        authored("P1", "W9"),
        work("W8", "新的", year=2025),
        authored("P1", "W8"),
    )
    with pytest.raises(ConflictError, match="2024"):
        cohort_snapshot(any_store, id="甲单", year=2024, on=DAY, **WHO)
    with pytest.raises(InputError, match="还没有到"):
        cohort_snapshot(any_store, id="甲单", year=2027, on=DAY, **WHO)
    cohort_snapshot(any_store, id="甲单", year=2025, on=DAY, **WHO)
    remove_member(any_store, id="甲单", member="P3", reason="转出", **WHO)
    found = cohort_tracking(any_store.database, id="甲单")
    assert found.hashes[2024] == first.hash
    one = found.members[0].years
    assert [(y.year, y.figures.outputs, y.figures.outputs_total) for y in one] == [(2024, 1, 1), (2025, 1, 3)]
    assert one[1].change is not None
    assert one[1].change["outputs_total"] == 2
    assert [member.left for member in found.members] == [False, False, True]
    run(any_store.database, "MATCH (s:CohortSnapshot {year: 2025}) SET s.content = s.content + ' '")
    changed = cohort_tracking(any_store.database, id="甲单")
    assert (changed.years, any("2025" in note for note in changed.notes)) == ((2024,), True)
    assert json.dumps(changed.model_dump(mode="json"))
