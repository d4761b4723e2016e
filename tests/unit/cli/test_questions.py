"""find and show on the demo's store: tables, JSON, filters, many questions at once, nothing found."""

import json
from pathlib import Path
from typing import Any

import pytest

from cli.many import LONGEST_LINE
from queries.answers import ExpertProfile, ExpertsAnswer, OrganisationsAnswer, WorksAnswer
from queries.facet_rows import FacetsAnswer, ListAnswer
from tests.unit.cli.conftest import CommandLine

_QUESTION = "盐碱地土壤改良"


@pytest.fixture
def expert(loaded_demo: dict[str, Any]) -> dict[str, Any]:
    return loaded_demo["answer"]["experts"][0]


def test_find_experts_as_table_and_as_json(demo: CommandLine) -> None:
    answer = ExpertsAnswer.model_validate_json(demo("find", "experts", _QUESTION, "-n", "5", "--json").out)
    assert len(answer.experts) == 5
    shown = demo("find", "experts", _QUESTION, "-n", "5")
    assert shown.code == 0
    for found in answer.experts:
        assert found.name in shown.out
        assert found.id in shown.out
        assert found.evidence[0].title[:6] in shown.out


def test_the_filters_reach_the_question(demo: CommandLine) -> None:
    everyone = ExpertsAnswer.model_validate_json(demo("find", "experts", _QUESTION, "-n", "50", "--json").out)
    first = everyone.experts[0]
    without = ExpertsAnswer.model_validate_json(
        demo("find", "experts", _QUESTION, "-n", "50", "--exclude", first.id, "--json").out
    )
    assert first.id not in {e.id for e in without.experts}
    title = next(e.professional_title for e in everyone.experts if e.professional_title)
    titled = demo("find", "experts", _QUESTION, "--title", title, "--json").json
    assert {e["professional_title"] for e in titled["experts"]} == {title}
    late = ExpertsAnswer.model_validate_json(demo("find", "experts", _QUESTION, "--since-year", "2022", "--json").out)
    assert all(work.year is not None and work.year >= 2022 for e in late.experts for work in e.evidence)
    employer = first.posts[0].name
    employed = demo("find", "experts", _QUESTION, "--organisation", employer, "--json").json
    assert 0 < employed["candidates"] < everyone.candidates
    nowhere = demo("find", "experts", _QUESTION, "--region", "659999", "--json")
    assert (nowhere.code, nowhere.json["experts"]) == (3, [])


def test_find_organisations_outputs_and_projects(demo: CommandLine) -> None:
    organisations = OrganisationsAnswer.model_validate_json(demo("find", "organisations", _QUESTION, "--json").out)
    assert organisations.organisations[0].name in demo("find", "organisations", _QUESTION).out
    for command in ("outputs", "projects"):
        works = WorksAnswer.model_validate_json(demo("find", command, _QUESTION, "--json").out)
        assert {work.kind for work in works.works} == {command.removesuffix("s")}
        assert works.works[0].id in demo("find", command, _QUESTION).out.replace("\n", "")


@pytest.mark.parametrize("command", ["experts", "organisations", "outputs", "projects"])
def test_nothing_found_ends_with_3_and_says_what_to_do(demo: CommandLine, command: str) -> None:
    ended = demo("find", command, "！？。、")
    assert ended.code == 3
    assert ended.out == ""
    assert "没有找到" in ended.err


@pytest.mark.parametrize(
    "text", ["的" * 50_000, '+-&|!(){}[]^"~*?:\\/' * 500, "MATCH (n) DETACH DELETE n", "\ud800坝\x1b[2J"]
)
def test_strange_questions_get_a_sensible_end(demo: CommandLine, text: str) -> None:
    ended = demo("find", "experts", text)
    assert ended.code in {0, 3}
    assert "\x1b" not in ended.out + ended.err


def test_a_question_comes_from_stdin(demo: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    import io

    monkeypatch.setattr("sys.stdin", io.StringIO(_QUESTION))
    assert demo("find", "experts", "-", "--json").json["question"] == _QUESTION


def test_either_a_text_or_a_file(demo: CommandLine, tmp_path: Path) -> None:
    assert demo("find", "experts").code == 1
    assert demo("find", "experts", "坝", "--queries", tmp_path / "x.jsonl").code == 1
    assert demo("find", "experts", "坝", "--out", tmp_path / "x.jsonl").code == 1
    assert demo("find", "experts", "--queries", tmp_path / "missing.jsonl").code == 1
    assert demo("find", "experts", "--queries", tmp_path).code == 1


def test_many_questions_give_a_line_each(demo: CommandLine, tmp_path: Path) -> None:
    questions = tmp_path / "q.jsonl"
    lines = [
        json.dumps({"id": f"申请{n}", "text": _QUESTION if n % 2 else "大坝安全监测"}, ensure_ascii=False)
        for n in range(30)
    ]
    questions.write_text("\ufeff" + "\n\n".join(lines), encoding="utf-8")
    ended = demo("find", "experts", "--queries", questions, "--limit", "3")
    assert ended.code == 0
    replies = [json.loads(line) for line in ended.out.splitlines()]
    assert [reply["id"] for reply in replies] == [f"申请{n}" for n in range(30)]
    single = demo("find", "experts", _QUESTION, "-n", "3", "--json").json
    shown = [{k: e[k] for k in ("id", "name", "score", "evidence")} for e in single["experts"]]
    assert [{k: v for k, v in e.items() if k != "organisations"} for e in replies[1]["experts"]] == shown
    assert all(e["organisations"] for e in replies[1]["experts"])


def test_bad_lines_are_answered_with_an_error_and_the_others_go_on(demo: CommandLine, tmp_path: Path) -> None:
    questions, out = tmp_path / "q.jsonl", tmp_path / "a.jsonl"
    good = json.dumps({"id": 7, "text": _QUESTION}).encode()
    bad = [
        b"{",
        b"[1]",
        b'{"text": "x"}',
        b'{"id": true, "text": "x"}',
        b'{"id": "k"}',
        b'{"id": "k", "text": " "}',
        b"\xff\xfe",
        b'{"id": "k", "text": "' + b"x" * LONGEST_LINE + b'"}',
        b"[" * 100_000,
    ]
    questions.write_bytes(b"\n".join([good, *bad, good]))
    ended = demo("find", "experts", "--queries", questions, "--out", out, "-n", "1")
    assert ended.code == 5
    assert ended.out == ""
    replies = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [("error" in r, r.get("line")) for r in replies[1:-1]] == [(True, n) for n in range(2, len(bad) + 2)]
    assert replies[0] == replies[-1]
    assert replies[0]["experts"]
    assert [r["id"] for r in replies[5:7]] == ["k", "k"]


def test_lone_surrogates_in_a_line_do_not_stop_the_others(demo: CommandLine, tmp_path: Path) -> None:
    lines = [{"id": "\ud800", "text": "\ud800\udfffx 盐碱地"}, {"id": 2, "text": _QUESTION}]
    (tmp_path / "q.jsonl").write_text("\n".join(json.dumps(line) for line in lines), encoding="ascii")
    ended = demo("find", "experts", "--queries", tmp_path / "q.jsonl", "-n", "1")
    assert ended.code == 0
    assert [json.loads(line)["id"] for line in ended.out.splitlines()] == ["\ud800", 2]


def test_an_id_that_cannot_be_written_is_told(demo: CommandLine) -> None:
    ended = demo("show", "expert", "P\ud800")
    assert ended.code in {1, 3}
    assert "没有料到" not in ended.err


def test_an_empty_file_of_questions_ends_with_3(demo: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "q.jsonl").write_text("\n\n")
    assert demo("find", "experts", "--queries", tmp_path / "q.jsonl").code == 3


def test_answers_that_cannot_be_written_are_told(demo: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "q.jsonl").write_text('{"id": 1, "text": "x"}')
    ended = demo("find", "experts", "--queries", tmp_path / "q.jsonl", "--out", tmp_path / "no" / "a.jsonl")
    assert ended.code == 1
    assert "写不出文件" in ended.err


def test_show_expert(demo: CommandLine, expert: dict[str, Any]) -> None:
    profile = ExpertProfile.model_validate_json(demo("show", "expert", expert["id"], "--json").out)
    assert profile.name == expert["name"]
    shown = demo("show", "expert", expert["id"]).out
    for text in (profile.name, profile.works[0].title[:6], profile.collaborators[0].name, profile.sources[0].source):
        assert text in shown
    missing = demo("show", "expert", "Pnobody")
    assert missing.code == 3
    assert "错误：" in missing.err


def test_show_network_writes_a_picture_whole_or_not_at_all(
    demo: CommandLine, expert: dict[str, Any], tmp_path: Path
) -> None:
    out = tmp_path / "new" / "net.html"
    found = demo("show", "network", expert["id"], "--out", out, "--json").json
    assert Path(found["file"]) == out.resolve()
    assert found["network"]["centre"] == expert["id"]
    assert expert["name"] in out.read_text(encoding="utf-8")
    assert demo("show", "network", expert["id"], "-o", out, "--steps", "2", "-n", "10").code == 0
    assert demo("show", "network", "Pnobody", "--out", tmp_path / "x.html").code == 3
    assert demo("show", "network", expert["id"], "--out", "/proc/none/x.html").code == 1
    assert not (tmp_path / "x.html").exists()
    assert [p.name for p in out.parent.iterdir()] == ["net.html"]


def test_filters_alone_list_people_by_name_and_counts_lead_to_them(demo: CommandLine) -> None:
    counts = FacetsAnswer.model_validate_json(demo("find", "experts", "--facets", "--json").out)
    assert counts.total > 0
    by_title = next(facet for facet in counts.facets if facet.name == "professional_title")
    value = by_title.values[0]
    listed = ListAnswer.model_validate_json(demo("find", "experts", "--title", value.value, "-n", "200", "--json").out)
    assert listed.total == len(listed.experts) == value.count
    second = ListAnswer.model_validate_json(
        demo("find", "experts", "--title", value.value, "-n", "1", "--offset", "1", "--json").out
    )
    assert second.experts == listed.experts[1:2]
    shown = demo("find", "experts", "--title", value.value)
    assert f"共 {value.count} 人" in shown.out
    assert "按姓名" in shown.out
    assert by_title.title in demo("find", "experts", _QUESTION, "--facets").out


def test_too_few_names_the_filter_that_costs_most(demo: CommandLine) -> None:
    ended = demo("find", "experts", _QUESTION, "--tier", "没有这种层次")
    assert ended.code == 3
    assert "层次：没有这种层次" in ended.err
    counts = demo("find", "experts", _QUESTION, "--tier", "没有这种层次", "--facets")
    assert "去掉“层次：没有这种层次”后有" in counts.err


@pytest.mark.parametrize(
    "given",
    [
        ("--since-year", "99999"),
        ("--verified-since", "昨天"),
        ("--newcomer", "0"),
        ("--region", "河北"),
        ("--title", "x" * 300),
    ],
)
def test_a_filter_that_makes_no_sense_is_said_in_chinese(demo: CommandLine, given: tuple[str, str]) -> None:
    ended = demo("find", "experts", _QUESTION, *given)
    assert ended.code == 1
    assert "错误" in ended.err or "不" in ended.err
    assert "Traceback" not in ended.err
