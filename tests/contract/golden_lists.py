"""Lists, periods, nominations put beside the golden graph when all earlier answers are in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from graph.changes import SourceRef
from graph.claims import NodeClaim, RelationshipClaim, node_claim, relationship_claim
from graph.merge import upsert
from graph.model import AVAILABILITY, CITES_WORK, HAS_AVAILABILITY, NOMINATES, NOMINATION, PERSON
from graph.store import Store
from ingest.commands.cohorts import cohort_snapshot
from ingest.commands.lists import Member, add_member, annotate_member, freeze_list, remove_member, save_list

ACTOR: Final = "contract"
SAVED_ON: Final = date(2026, 5, 4)
Facts = dict[str, Any]

# Person, id, facts: the same period said twice, days that only month or year are known of, an open end.
PERIODS: Final[tuple[tuple[str, str, Facts], ...]] = (
    ("P林", "T林一", {"state": "free", "valid_from": "2026-06-01", "valid_to": "2026-06-11", "said_on": "2026-05-01"}),
    ("P林", "T林二", {"state": "free", "valid_from": "2026-06-01", "valid_to": "2026-06-11", "said_on": "2026-05-01"}),
    ("P王甲", "T王", {"state": "busy", "valid_from": "2026-06-05", "valid_to": "2026-06-06", "note": "出差"}),
    ("P孙", "T孙一", {"state": "busy", "valid_from": "2026-01-01", "said_on": "2026-01-01"}),
    ("P孙", "T孙二", {"state": "free", "valid_from": "2026-06-01", "valid_to": "2026-07-01", "said_on": "2026-05-20"}),
    ("P陈", "T陈", {"state": "free", "valid_to": "2026-06-20", "said_on": "2026-05-01", "note": "之前都可以"}),
    ("P周", "T周", {"state": "free", "valid_from": "2026-06-08", "valid_to": "2026-06-09"}),
    ("P密", "T密", {"state": "free", "valid_from": "2026-01-01", "valid_to": "2027-01-01"}),
    ("P旧林", "T旧林", {"state": "busy", "valid_from": "2026-09-01", "valid_to": "2026-10-01"}),
)
NOMINATED: Final[tuple[tuple[str, str, Facts, tuple[tuple[str, str], ...]], ...]] = (
    (
        "G林",
        "P林",
        {"nominator": "冀北大学", "programme": "省优秀青年", "reason": "成果突出", "nominated_on": "2026-03-01",
         "status": "accepted", "history": ["2026-04-01|contract|accepted|评审通过"], "entered_by": ACTOR},
        (("Output", "W1"), ("Project", "J1"), ("Output", "W去")),
    ),
    (
        "G旧",
        "P旧林",
        {"nominator": "省智能学会", "reason": "青年骨干", "nominated_on": "2025-03-01", "status": "proposed"},
        (),
    ),
    ("G密", "P密", {"nominator": "某单位", "reason": "不公开的人", "nominated_on": "2026-01-01"}, ()),
)  # fmt: skip


def nodes() -> Iterator[NodeClaim]:
    """Everything one source says of nodes."""
    for _, id, facts in PERIODS:
        yield node_claim(AVAILABILITY, id, facts)
    for id, _, facts, _ in NOMINATED:
        yield node_claim(NOMINATION, id, facts)
    yield node_claim(PERSON, "P林", {"max_jobs": 2}, ["Expert"])
    yield node_claim(PERSON, "P孙", {"max_jobs": 1})
    yield node_claim(PERSON, "P赵", {"max_jobs": 0})


def relationships() -> Iterator[RelationshipClaim]:
    """Everything one source says of relationships."""
    for person, id, _ in PERIODS:
        yield relationship_claim(HAS_AVAILABILITY, ("Person", person), ("Availability", id))
    for id, person, _, works in NOMINATED:
        yield relationship_claim(NOMINATES, ("Nomination", id), ("Person", person))
        for work in works:
            yield relationship_claim(CITES_WORK, ("Nomination", id), work)


def say(store: Store, source: SourceRef) -> None:
    """Let one source say everything."""
    upsert(store.audit, source, list(nodes()), list(relationships()), run=f"R{source.dataset}名单", actor=ACTOR)


def keep(store: Store) -> None:
    """Let a person save lists: an open one, a frozen one, a job in June, a cohort, one of bodies."""
    given: dict[str, Any] = {"actor": ACTOR, "on": SAVED_ON}
    save_list(
        store,
        name="甲单",
        members=[Member("P林", 2.5), Member("P王甲", 1.5), Member("P旧林", 1.0), Member("P孙", 0.5)],
        question="知识图谱",
        filters={"region": "13", "将来的条件": "x"},
        ranking="model1-lexical-1",
        sequence=7,
        **given,
    )
    annotate_member(store, id="甲单", member="P王甲", note="先联系", actor=ACTOR)
    add_member(store, id="甲单", member="P陈", reason="省里推荐", actor=ACTOR, on=SAVED_ON)
    save_list(
        store,
        name="乙单",
        members=[Member("P孙", 3.0), Member("P林", 2.0), Member("P陈", 1.0), Member("P周", 0.5)],
        question="知识图谱",
        ranking="model1-lexical-0",
        **given,
    )
    remove_member(store, id="乙单", member="P陈", reason="不愿参加", actor=ACTOR)
    freeze_list(store, id="乙单", actor=ACTOR, on=SAVED_ON)
    for name, member in (("一号任务", "P孙"), ("二号任务", "P林")):
        days = {"from_day": date(2026, 6, 5), "until_day": date(2026, 6, 12)}
        save_list(store, name=name, members=[Member(member)], purpose="job", **days, **given)
    save_list(
        store, name="青年梯队", members=[Member("P林"), Member("P旧林"), Member("P陈")], purpose="cohort", **given
    )
    for year in (2020, 2022):
        cohort_snapshot(store, id="青年梯队", year=year, actor=ACTOR, on=SAVED_ON)
    save_list(
        store, name="机构单", members=[Member("O冀北", 1.0), Member("O冀北工", 0.5)], kind="organisations", **given
    )
