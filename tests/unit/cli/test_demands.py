"""`zhiku demand`, `service`, `team`, `show organisation`, `find projects --commissioner` on the demo's store."""

from pathlib import Path
from typing import Any

import pytest

from ingest.mapping import load_mapping, shipped_mappings
from queries.demand_rows import DemandsAnswer, DemandTrace
from queries.match_rows import Matches
from queries.organisation_rows import OrganisationProfile
from queries.services import OfferingAnswer
from tests.unit.cli.conftest import CommandLine
from viz.workbooks import DEMANDS, SERVICES, TEAMS, EntryForm

_TITLE = "盐碱地土壤改良与水环境治理"


@pytest.fixture
def demand(demo: CommandLine) -> str:
    asked = ("demand", "raise", _TITLE, "--from", "虚构县科协", "--urgency", "high", "--on", "2026-01-05")
    return demo(*asked, "--deadline", "2026-03", "--json").json["id"]


def test_a_demand_from_the_first_word_to_the_last(demo: CommandLine, demand: str, loaded_demo: dict[str, Any]) -> None:
    listed = DemandsAnswer.model_validate_json(demo("demand", "list", "--on", "2026-02-01", "--json").out)
    mine = next(each for each in listed.demands if each.id == demand)
    assert (mine.deadline, mine.days_left, mine.from_whom) == ("2026-03-31", 58, "虚构县科协")
    assert demand in demo("demand", "overdue", "--on", "2026-04-01").out
    suggested = demo("demand", "diagnose", demand, "--json")
    assert suggested.code == 0
    topic = suggested.json[0]["id"]
    assert demo("demand", "diagnose", demand, "--topic", topic).code == 1
    kept = demo("demand", "diagnose", demand, "--diagnosis", "土和水都要", "--topic", topic)
    assert "zhiku batch undo" in kept.out
    found = Matches.model_validate_json(demo("demand", "match", demand, "--size", "3", "--json").out)
    assert [aspect.topic for aspect in found.aspects] == [topic, None, None]
    assert found.proposed is not None
    assert len(found.proposed.members) == 3
    shown = demo("demand", "match", demand)
    assert "建议的团队" in shown.out
    assert found.experts[0].name in shown.out
    assert demo("demand", "follow-up", demand, "去看过", "--channel", "走访").code == 0
    expert = loaded_demo["answer"]["experts"][0]["id"]
    done = demo("demand", "answer", demand, "--by", expert, "--on", "2026-02-04", "--json").json
    assert demo("demand", "close", demand, "--outcome", "采纳").code == 0
    traced = DemandTrace.model_validate_json(demo("demand", "show", demand, "--json").out)
    assert (traced.response_days, traced.demand.status) == (30, "closed")
    assert "去看过" in demo("demand", "show", demand).out
    assert demo("demand", "stats", "--by", "all").code == 0
    assert demo("demand", "answer", demand, "--by", expert).code == 1, "closed"
    assert demo("batch", "undo", done["batch"]).code == 0


def test_a_text_is_matched_without_a_demand(demo: CommandLine) -> None:
    found = Matches.model_validate_json(demo("demand", "match", "--text", _TITLE, "-n", "2", "--json").out)
    assert (found.demand, len(found.experts)) == (None, 2)
    assert demo("demand", "match").code == 1
    assert demo("demand", "match", "D无").code == 3
    assert demo("demand", "show", "D无").code == 3


def test_services_teams_and_bodies(demo: CommandLine, loaded_demo: dict[str, Any]) -> None:
    expert = loaded_demo["answer"]["experts"][0]
    body = expert["posts"][0]["organisation"]
    offered = demo("service", "offer", body, "[red]灌区改造评估[/]", "--kind", "评估", "--since", "2024", "--json").json
    assert "未核实" in demo("service", "find", "灌区改造", "--kind", "评估").out
    assert demo("service", "verify", offered["id"]).code == 1
    assert demo("service", "verify", offered["id"], "--evidence", "验收意见").code == 0
    found = OfferingAnswer.model_validate_json(demo("service", "find", "灌区改造", "--verified", "--json").out)
    assert found.organisations[0].services[0].title == "[red]灌区改造评估[/]"
    assert "[red]灌区改造评估[/]" in demo("service", "list", "--kind", "评估").out
    assert demo("service", "list", "--kind", "占卜").code == 1
    profile = OrganisationProfile.model_validate_json(demo("show", "organisation", body, "--json").out)
    assert profile.people_total > 0
    assert profile.name in demo("show", "organisation", body).out
    assert demo("show", "organisation", "O无").code == 3
    formed = demo("team", "form", "虚构服务团", "--member", f"{expert['id']}：团长", "--kind", "corps", "--json")
    assert formed.json["id"].startswith("T")
    assert demo("team", "form", "空团", "--member", "P无").code == 3
    assert demo("find", "projects", "--commissioner", "没有这个机构").code == 3
    assert demo("find", "projects").code == 1


@pytest.mark.parametrize("form", [SERVICES, DEMANDS, TEAMS], ids=lambda form: form.sheet)
def test_the_templates_are_what_the_mappings_read(zhiku: CommandLine, tmp_path: Path, form: EntryForm) -> None:
    name = {SERVICES: "services", DEMANDS: "demands", TEAMS: "teams"}[form]
    made = zhiku("template", name, "--out", tmp_path / "表.xlsx", "--json").json
    assert made["columns"] == [column.header for column in form.columns]
    assert [
        column for column in made["columns"] if column not in load_mapping(shipped_mappings()[name]).columns()
    ] == []


def test_hostile_text_stays_text(demo: CommandLine) -> None:
    title = "[bold]题[/]\x1b[2J\u202e=1+1"
    made = demo("demand", "raise", title, "--json")
    shown = demo("demand", "show", made.json["id"])
    assert "\x1b" not in shown.out + shown.err
    assert "\u202e" not in shown.out
    assert "[bold]题[/]" in shown.out
    assert demo("demand", "raise", "题", "--deadline", "昨天").code == 1
    assert demo("demand", "raise", "题", "--on", "2026-02-01", "--deadline", "2026-01-01").code == 1
