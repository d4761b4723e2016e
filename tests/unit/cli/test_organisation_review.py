"""`zhiku identity organisations`, as a group of its own: asked, answered, taken back, refused in words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cli.options import GlobalOptions
from cli.organisation_review import organisations_app
from graph.errors import ConflictError, InputError
from graph.store import open_store
from tests.graph_claims import body, expert_at, put


@pytest.fixture
def home(cli_home: Path) -> Path:
    """A home whose graph holds a registered institute and a misprint of its name with one person."""
    with open_store(home=cli_home) as store:
        name, misprint = "评审山感应技术研究所", "评审山惑应技术研究所"
        put(
            store,
            body("Oreview", name, name_key=name, verified=True),
            body("Oreviewx", misprint, name_key=misprint),
            *expert_at("Preview", "甲", "Oreviewx"),
        )
    return cli_home


def asked(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(organisations_app, arguments, obj=GlobalOptions(home=home))


def document(result: Result) -> Any:
    assert result.exception is None, result.output
    return json.loads(result.stdout)


def ours(home: Path) -> list[dict[str, Any]]:
    result = asked(home, "queue", "--limit", "200", "--json")
    return [q for q in json.loads(result.stdout) if q["id"] == "Oreviewx"]


def test_a_name_is_asked_about_answered_and_taken_back(home: Path) -> None:
    (question,) = ours(home)
    assert (question["people"], question["proposals"][0]["id"]) == (1, "Oreview")
    assert all(part["sentence"] for part in question["proposals"][0]["parts"])
    shown = asked(home, "queue")
    assert "评审山惑应技术研究所" in shown.stdout
    assert "只差一个字" in shown.stdout
    told = asked(home, "same", "Oreviewx", "Oreview", "--reason", "对照官网")
    assert "并入了 1 个" in told.stdout
    assert ours(home) == []
    with pytest.raises(ConflictError):
        raise asked(home, "same", "Oreview", "Oreviewx", "--reason", "反过来").exception or AssertionError
    back = document(asked(home, "different", "评审山惑应技术研究所", "Oreview", "--reason", "认错了", "--json"))
    assert (back["outcome"], back["bodies"]) == ("different", ["Oreviewx"])
    assert ours(home) == [], "a person said that it is another one"


def test_a_decision_needs_a_reason(home: Path) -> None:
    with pytest.raises(InputError, match="没有写理由"):
        raise asked(home, "same", "Oreviewx", "Oreview").exception or AssertionError
