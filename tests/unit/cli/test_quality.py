"""`zhiku doctor` and `zhiku doctor list`: the figures, and the cases behind them."""

from __future__ import annotations

from pathlib import Path

import pytest

from graph.store import open_store
from queries.quality import KINDS
from tests.graph_claims import body, expert_at, put
from tests.unit.cli.conftest import CommandLine

_NAME = "[red]质量甲[/]\x1b[31m"


@pytest.fixture
def graph(cli_home: Path) -> None:
    """Two experts of one name at one institute, with nothing to their name."""
    with open_store(home=cli_home) as store:
        put(store, body("Oquality", "质检感应研究所", verified=True))
        for person in ("Pquality1", "Pquality2"):
            expert, post = expert_at(person, _NAME, "Oquality")
            expert.properties["name_key"] = "质量甲"
            put(store, expert, post)


@pytest.mark.usefixtures("graph")
def test_the_doctor_counts_what_its_list_shows(zhiku: CommandLine) -> None:
    found = zhiku("doctor", "--json")
    assert found.code == 0
    assert tuple(found.json["quality"]) == KINDS
    assert found.json["quality"]["same-name-pairs"] >= 1
    shown = zhiku("doctor").out
    assert all(kind in shown for kind in KINDS)
    listed = zhiku("doctor", "list", "same-name-pairs", "--limit", "200", "--json").json
    (case,) = [case for case in listed["cases"] if case["id"] == "Pquality1"]
    assert [other["id"] for other in case["others"]] == ["Pquality2", "Oquality"]
    assert "质检感应研究所" in case["why"]
    empty = zhiku("doctor", "list", "experts-without-evidence", "--limit", "200", "--json").json["cases"]
    assert {"Pquality1", "Pquality2"} <= {case["id"] for case in empty}


@pytest.mark.usefixtures("graph")
def test_a_list_is_shown_to_people_and_names_stay_text(zhiku: CommandLine) -> None:
    shown = zhiku("doctor", "list", "same-name-pairs")
    assert shown.code == 0
    assert "[red]质量甲[/]" in shown.out
    assert "\x1b" not in shown.out
    assert "Pquality2" in shown.out


@pytest.mark.usefixtures("graph")
def test_what_is_not_there_or_not_a_kind_is_told(zhiku: CommandLine) -> None:
    none = zhiku("doctor", "list", "stale-posts", "--stale-years", "100")
    assert (none.code, none.out) == (3, "")
    assert "没有这样的情况" in none.err
    unknown = zhiku("doctor", "list", "nichts")
    assert unknown.code == 1
    assert "same-name-pairs" in unknown.err
    assert zhiku("doctor", "list").code == 2
    assert zhiku("doctor", "list", "stale-posts", "--limit", "0").code == 2
