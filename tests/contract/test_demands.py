"""What people write of demands, services and teams, on every engine: kept, audited, taken back; workbooks read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import pytest

from graph.claims import node_claim
from graph.errors import ConflictError, InputError, NotFoundError
from graph.merge import upsert
from graph.model import ORGANISATION
from graph.store import Store
from graph.textindex import TextIndex
from graph.undo import undo
from ingest.commands.demands import (
    answer_demand,
    close_demand,
    diagnose_demand,
    log_follow_up,
    raise_demand,
    take_back,
)
from ingest.commands.services import offer_service, verify_service
from ingest.commands.teams import Seat, form_team
from ingest.mapping import shipped_mappings
from queries.commissions import projects_commissioned
from queries.demand_matches import demand_matches
from queries.demand_rows import DemandTrace
from queries.demands import demand_trace, demands_listed, demands_overdue, response_times
from queries.organisation_profiles import organisation_profile
from queries.services import organisations_offering, services_listed
from tests.contract.golden import SOURCES, say, take_away
from tests.ingest_runs import rows, run_table
from viz.workbooks import DEMANDS, SERVICES, TEAMS, EntryForm, entry_form

ACTOR: Final = "local:编辑"
DAY: Final = date(2026, 6, 1)
HOSTILE: Final = (
    '<script>alert("题")</script>{{7*7}}',
    "'}) DETACH DELETE n //",
    '=HYPERLINK("http://x","点")',
    "\u202e反\u0000序\x1b[2J",
)


@pytest.fixture
def store(any_store: Store) -> Store:
    """The golden graph from one source, on each engine in turn."""
    say(any_store, SOURCES[0])
    take_away(any_store, SOURCES[0])
    # As a register gives it: by it a written name is found.
    keyed = node_claim(ORGANISATION, "O冀北", {"name_key": "冀北大学"})
    upsert(any_store.audit, SOURCES[0], [keyed], [], run="R甲", actor=ACTOR)
    return any_store


@dataclass(frozen=True)
class Dump:
    """Every domain node and relationship as the graph shows it, without when it was written."""

    nodes: list[Any]
    ties: list[Any]


def dump(store: Store) -> Dump:
    nodes = rows(
        store,
        """MATCH (n)<-[:ASSERTS]-(:Source) WHERE n.tombstone IS NULL
           RETURN DISTINCT coalesce(n.id, n.code) AS id, coalesce(n.status, '') AS status,
             coalesce(n.diagnosis, '') AS diagnosis, coalesce(n.verified, false) AS verified ORDER BY id""",
    )
    ties = rows(
        store,
        """MATCH (a)-[r:NEEDS|RAISED_BY|ANSWERS|OFFERS|ON_TEAM|COVERS|SERVES|ABOUT]->(b)
           RETURN coalesce(a.id, '') AS a, type(r) AS type, coalesce(b.id, b.code) AS b,
             coalesce(r.method, '') AS method ORDER BY a, type, b""",
    )
    return Dump(nodes, ties)


def trace(store: Store, demand: str) -> DemandTrace:
    return demand_trace(store.database, id=demand, on=DAY)


def test_a_demand_goes_its_way_and_every_step_can_be_taken_back(store: Store) -> None:
    states = [dump(store)]
    raised = raise_demand(
        store, title=" 知识图谱怎样用于评审 ", actor=ACTOR, from_whom="冀北大学", urgency="urgent", topics=["gbt:520"],
        deadline=date(2026, 5, 20), raised_on=date(2026, 5, 1), description="背景",
    )  # fmt: skip
    batches = [raised.batch]
    states.append(dump(store))
    batches.append(
        diagnose_demand(
            store, raised.id, diagnosis="先要材料", actor=ACTOR, topics=["gbt:430"], on=date(2026, 5, 2)
        ).batch
    )
    states.append(dump(store))
    batches.append(
        diagnose_demand(
            store, raised.id, diagnosis="要智能", actor=ACTOR, topics=["gbt:520.20"], service_kind="论证",
            on=date(2026, 5, 3),
        ).batch
    )  # fmt: skip
    shown = trace(store, raised.id)
    assert shown.demand.title == "知识图谱怎样用于评审"
    assert [each.id for each in shown.demand.raised_by] == ["O冀北"]
    assert {topic.id for topic in shown.demand.topics} == {"gbt:520", "gbt:520.20"}, "the first diagnosis gave way"
    assert (shown.demand.status, shown.demand.service_kind, shown.diagnosis) == ("diagnosed", "论证", "要智能")
    assert [row.id for row in demands_overdue(store.database, on=DAY).demands] == [raised.id]
    states.append(dump(store))
    batches.append(log_follow_up(store, raised.id, note="去看过", actor=ACTOR, on=date(2026, 5, 9)).batch)
    states.append(dump(store))
    by = ["W1", "P旧林", "O冀北工"]
    batches.append(answer_demand(store, raised.id, by=by, actor=ACTOR, note="见附件", on=date(2026, 5, 11)).batch)
    states.append(dump(store))
    batches.append(close_demand(store, raised.id, outcome="采纳", actor=ACTOR, on=date(2026, 5, 12)).batch)
    shown = trace(store, raised.id)
    assert [entry.kind for entry in shown.log] == ["raised", "diagnosed", "follow-up", "answered", "closed"]
    assert [id_ for id_, _, _ in shown.log[3].what] == ["O冀北", "P林", "W1"], "merged ids lead on"
    assert (shown.response_days, shown.overdue_days, shown.demand.status) == (10, 0, "closed")
    (time,) = response_times(store.database, by="all")
    assert (time.raised, time.answered, time.median_days, time.p90_days, time.in_time) == (1, 1, 10.0, 10, 1)
    for batch, before in zip(reversed(batches), reversed(states), strict=True):
        undo(store, batch, actor=ACTOR)
        assert dump(store) == before, batch
    assert store.audit.verify().ok
    with pytest.raises(NotFoundError):
        trace(store, raised.id)


def test_what_cannot_be_kept_leaves_nothing_behind(store: Store) -> None:
    demand = raise_demand(store, title="题", actor=ACTOR, raised_on=DAY).id
    closed = raise_demand(store, title="已结", actor=ACTOR, raised_on=DAY).id
    close_demand(store, closed, outcome="撤回", actor=ACTOR, on=DAY)
    before, head = dump(store), store.audit.head().number
    refused: list[tuple[type[Exception], Any]] = [
        (InputError, lambda: raise_demand(store, title="  ", actor=ACTOR)),
        (InputError, lambda: raise_demand(store, title="长" * 501, actor=ACTOR)),
        (InputError, lambda: raise_demand(store, title="残\ud800", actor=ACTOR)),
        (InputError, lambda: raise_demand(store, title="题", actor=ACTOR, kind="谜")),
        (InputError, lambda: raise_demand(store, title="题", actor=ACTOR, visibility="restricted")),
        (InputError, lambda: raise_demand(store, title="题", actor=ACTOR, deadline=date(2020, 1, 1))),
        (NotFoundError, lambda: raise_demand(store, title="题", actor=ACTOR, topics=["gbt:无"])),
        (InputError, lambda: diagnose_demand(store, demand, diagnosis=" ", actor=ACTOR)),
        (NotFoundError, lambda: diagnose_demand(store, "D无", diagnosis="有", actor=ACTOR)),
        (NotFoundError, lambda: diagnose_demand(store, demand, diagnosis="有", actor=ACTOR, services=["S无"])),
        (ConflictError, lambda: diagnose_demand(store, closed, diagnosis="有", actor=ACTOR)),
        (InputError, lambda: log_follow_up(store, demand, note="", actor=ACTOR)),
        (NotFoundError, lambda: log_follow_up(store, "P林", note="有", actor=ACTOR)),
        (InputError, lambda: answer_demand(store, demand, by=[], actor=ACTOR)),
        (InputError, lambda: answer_demand(store, demand, by=["W1"], actor=ACTOR, on=date(2026, 5, 31))),
        (NotFoundError, lambda: answer_demand(store, demand, by=["W1", "P密"], actor=ACTOR, on=DAY)),
        (NotFoundError, lambda: answer_demand(store, demand, by=["W去"], actor=ACTOR, on=DAY)),
        (ConflictError, lambda: close_demand(store, closed, outcome="再结", actor=ACTOR)),
        (InputError, lambda: offer_service(store, provider="O冀北", title="评", kind="占卜", actor=ACTOR)),
        (
            InputError,
            lambda: offer_service(store, provider="O冀北", title="评", kind="评估", actor=ACTOR, since="昨天"),
        ),
        (NotFoundError, lambda: offer_service(store, provider="P密", title="评", kind="评估", actor=ACTOR)),
        (NotFoundError, lambda: verify_service(store, "S无", actor=ACTOR)),
        (InputError, lambda: form_team(store, name="团", members=[], actor=ACTOR)),
        (NotFoundError, lambda: form_team(store, name="团", members=[Seat("P密")], actor=ACTOR)),
        (NotFoundError, lambda: form_team(store, name="团", members=[Seat("P林")], regions=["44"], actor=ACTOR)),
        (NotFoundError, lambda: take_back(store, demand, "1", actor=ACTOR)),
        (NotFoundError, lambda: take_back(store, demand, "x", actor=ACTOR)),
    ]
    for kind, attempt in refused:
        with pytest.raises(kind) as error:
            attempt()
        assert any("\u4e00" <= letter <= "\u9fff" for letter in str(error.value))
    assert (dump(store), store.audit.head().number) == (before, head)


def test_a_service_counts_as_verified_once_its_evidence_was_seen(store: Store) -> None:
    made = offer_service(
        store, provider="O冀北工", title="知识图谱评估", kind="评估", actor=ACTOR, since="2023", until="2024-03"
    )
    index = TextIndex.open(store)

    def offering(**asked: Any) -> list[tuple[str, int, int]]:
        found = organisations_offering(store.database, index, kind="评估", text="知识图谱", on=DAY, **asked)
        return [(body.id, body.services_verified, body.services_total) for body in found.organisations]

    assert offering() == [("O冀北", 0, 1)]
    assert offering(verified_only=True) == []
    with pytest.raises(InputError, match="没有写依据"):
        verify_service(store, made.id, actor=ACTOR)
    verified = verify_service(store, made.id, actor=ACTOR, evidence="合同〔2023〕1号（虚构）", on=DAY)
    with pytest.raises(ConflictError, match="已经登记过"):
        verify_service(store, made.id, actor=ACTOR, on=DAY)
    assert offering(verified_only=True) == [("O冀北", 1, 1)]
    assert offering(since_year=2024) == [("O冀北", 1, 1)]
    assert offering(since_year=2025) == offering(region="32") == []
    undo(store, verified.batch, actor=ACTOR)
    assert offering() == [("O冀北", 0, 1)]


def test_a_team_is_matched_by_its_topics_and_serves_its_region(store: Store) -> None:
    demand = raise_demand(store, title="知识图谱与固态电池", actor=ACTOR, topics=["gbt:520.20", "gbt:430"]).id
    seats = [Seat("P林", "组长"), Seat("P旧林"), Seat("P王甲")]
    made = form_team(
        store, name="智能组", members=seats, topics=["gbt:520"], regions=["130000"], since="2025", actor=ACTOR
    )
    index = TextIndex.open(store)
    (team,) = demand_matches(store.database, index, demand=demand, region="13", on=DAY).teams
    assert (team.id, team.topics_covered, team.covers, team.lacks) == (made.id, 0.5, ("人工智能",), ("材料科学",))
    assert [member.id for member in team.members] == ["P林", "P王甲"], "one seat, whichever id was given"
    assert demand_matches(store.database, index, demand=demand, region="32", on=DAY).teams == ()


def _filled(folder: Path, form: EntryForm) -> Path:
    path = folder / f"{form.sheet}.xlsx"
    path.write_bytes(entry_form(form))
    return path


def test_the_filled_workbooks_are_read_whole_and_taken_back(store: Store, tmp_path: Path) -> None:
    mappings = shipped_mappings()
    before = dump(store)
    runs: list[str] = []
    for form, name in ((SERVICES, "services"), (DEMANDS, "demands"), (TEAMS, "teams")):
        text = mappings[name].read_text(encoding="utf-8")
        report = run_table(store, text, _filled(tmp_path, form), dataset=name)
        # The topics of the examples are no topics of this graph.
        assert {reject.column for reject in report.rejects} <= {"主题"}
        assert run_table(store, text, _filled(tmp_path, form), dataset=name).written == 0
        runs.append(report.run)
    (service,) = services_listed(store.database).services
    assert (service.service.kind, service.service.verified, service.fictional) == ("论证", True, True)
    assert (service.service.since, service.service.until) == ("2024-03", "2024-09")
    assert [name for _, name in service.people] == ["示例甲（虚构）"]
    (demand,) = demands_listed(store.database, on=DAY).demands
    assert (demand.kind, demand.urgency, demand.deadline) == ("problem", "high", "2026-06-30")
    assert demand.raised_by[0].name == demand.from_whom == "虚构省示例水利厅"
    answer_demand(store, demand.id, by=["W1"], actor=ACTOR, on=DAY)
    assert trace(store, demand.id).demand.status == "answered", "a person's word is shown before the table's"
    for run in reversed(runs):
        undo(store, run, actor=ACTOR)
    left = {node["id"] for node in dump(store).nodes} - {node["id"] for node in before.nodes}
    assert left == {demand.id}, "what a person said stays"


def test_projects_remember_who_commissioned_them(store: Store, tmp_path: Path) -> None:
    table = tmp_path / "课题.csv"
    table.write_text("项目编号,项目名称,委托方\nK1,示例灌区节水研究,冀北大学\nK2,另一项,\n", encoding="utf-8")
    run_table(store, shipped_mappings()["projects"].read_text(encoding="utf-8"), table)
    index = TextIndex.open(store)
    (found,) = projects_commissioned(store.database, index, commissioner="冀北大学", text="节水").projects
    assert (found.title, found.matched) == ("示例灌区节水研究", ("节水",))
    assert organisation_profile(store.database, id="O冀北").commissioned_total == 1
    assert projects_commissioned(store.database, index, commissioner="冀北大学", text="养猪").projects == ()


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(store: Store, text: str) -> None:
    people = rows(store, "MATCH (p:Person) RETURN count(p) AS number")
    demand = raise_demand(store, title=text, description=text, from_whom=text[:200], actor=ACTOR).id
    diagnose_demand(store, demand, diagnosis=text, actor=ACTOR)
    log_follow_up(store, demand, note=text, channel=text, actor=ACTOR)
    offer_service(store, provider="O冀北", title=text, client=text, evidence=text, kind="咨询", actor=ACTOR)
    form_team(store, name=text, members=[Seat("P林", text[:50])], actor=ACTOR)
    shown = demand_trace(store.database, id=demand)
    assert (shown.demand.title, shown.diagnosis, shown.log[-1].note) == (text.strip(),) * 3
    index = TextIndex.open(store)
    assert demand_matches(store.database, index, demand=demand).demand == demand
    assert services_listed(store.database, text=text).total <= 1
    with pytest.raises(NotFoundError):
        demand_trace(store.database, id=text)
    with pytest.raises(NotFoundError):
        organisation_profile(store.database, id=text)
    assert rows(store, "MATCH (p:Person) RETURN count(p) AS number") == people
