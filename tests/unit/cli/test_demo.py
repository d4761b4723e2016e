"""The demo from an empty home to table and picture, twice."""

from pathlib import Path
from typing import Any

from tests.unit.cli.conftest import CommandLine


def test_the_first_run_loads_answers_and_draws(loaded_demo: dict[str, Any], cli_home: Path) -> None:
    assert loaded_demo["loaded"]["skipped"] == 0
    assert loaded_demo["loaded"]["rejected"] == 0
    assert loaded_demo["loaded"]["written"] > 10_000
    experts = loaded_demo["answer"]["experts"]
    assert [expert["rank"] for expert in experts] == list(range(1, 11))
    assert all(expert["evidence"] and expert["posts"] and expert["fictional"] for expert in experts)
    page = Path(loaded_demo["picture"]).read_text(encoding="utf-8")
    assert experts[0]["name"] in page
    assert "虚构示例数据" in page
    assert not (cli_home / "engine").exists(), "the demo must stay out of the real store"


def test_the_second_run_writes_nothing_and_answers_the_same(
    zhiku: CommandLine, loaded_demo: dict[str, Any], tmp_path: Path
) -> None:
    again = zhiku("demo", "--out", tmp_path / "n.html", "--json").json
    assert again["loaded"] == {"files": 7, "skipped": 7, "written": 0, "rejected": 0}
    # Other tests of this session may have written since: the number of the last write is not compared.
    first = {**loaded_demo["answer"], "sequence": again["answer"]["sequence"]}
    assert again["answer"] == first


def test_what_a_person_sees(zhiku: CommandLine, loaded_demo: dict[str, Any], tmp_path: Path) -> None:
    ended = zhiku("demo", "--out", tmp_path / "n.html")
    assert ended.code == 0
    assert ended.err == ""
    for text in ("虚构", "0 changes", "依据", "《", "--demo serve", "template roster", "db stop", "n.html"):
        assert text in ended.out
    assert loaded_demo["answer"]["experts"][0]["name"] in ended.out


def test_a_question_nobody_can_answer_is_no_crash(demo: CommandLine, tmp_path: Path) -> None:
    ended = demo("demo", "--question", "！？", "--out", tmp_path / "n.html")
    assert ended.code == 0
    assert "注：" in ended.out
    assert not (tmp_path / "n.html").exists()
