"""The command line itself: version, help, misuse, unforeseen errors, locales and pipes."""

import os
import stat
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from cli.main import COMMANDS
from tests.unit.cli.conftest import CommandLine

_ZHIKU = [sys.executable, "-m", "cli.main"]
_HEAVY = ("fastapi", "networkx", "pyvis", "pypinyin", "neo4j", "tantivy", "pydantic", "jinja2", "rich", "graph.store")


@pytest.fixture
def bare(capsys: pytest.CaptureFixture[str]) -> CommandLine:
    return CommandLine(capsys)


def test_version(bare: CommandLine) -> None:
    ended = bare("--version")
    assert (ended.code, ended.err) == (0, "")
    assert version("zhiku") in ended.out


def test_the_version_loads_nothing_heavy() -> None:
    code = f"import sys; from cli.main import run; run(['--version']); print([m for m in {_HEAVY} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_help_lists_every_command_without_loading_one(bare: CommandLine) -> None:
    ended = bare("--help")
    assert ended.code == 0
    for name, (_, help_zh) in COMMANDS.items():
        assert name in ended.out
        assert help_zh[:8] in ended.out


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(bare: CommandLine, name: str) -> None:
    ended = bare(name, "--help")
    assert ended.code == 0
    assert f"zhiku {name}" in ended.out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nichts"], "没有命令"),
        (["--nichts"], "没有选项 --nichts"),
        (["show", "expert"], "缺少 编号"),
        (["find", "experts", "土壤", "--limit", "0"], "--limit/-n 的值不对：不能小于 1"),
        (["find", "experts", "土壤", "--limit", "viele"], "应为整数"),
        (["find", "experts", "土壤", "-n", "201"], "不能大于 200"),
        (["find", "projects", "土壤", "修复"], "多出了参数"),
    ],
)
def test_misuse_is_told_in_two_lines(bare: CommandLine, arguments: list[str], told: str) -> None:
    ended = bare(*arguments)
    assert ended.code == 2
    assert told in ended.err
    assert ended.out == ""
    first, second = ended.err.splitlines()
    assert first.startswith("错误：")
    assert second.startswith("怎么办：")


def test_a_group_without_a_command_shows_its_help_and_ends_with_2(bare: CommandLine) -> None:
    ended = bare("find")
    assert ended.code == 2
    assert "按主题找机构" in ended.out + ended.err


def test_the_unforeseen_shows_an_id_and_goes_to_the_log_alone(
    bare: CommandLine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(COMMANDS, "fail", ("tests.unit.cli.failing_command", "失败"))
    ended = bare("--home", tmp_path, "fail")
    log = tmp_path / "logs" / "errors.log"
    assert ended.code == 1
    assert "13800001111" not in ended.out + ended.err
    number = ended.err.partition("编号 ")[2][:8]
    text = log.read_text(encoding="utf-8")
    assert number in text
    assert "telephone 13800001111" in text
    assert stat.S_IMODE(log.stat().st_mode) == 0o600


def test_the_unforeseen_without_a_place_for_the_log_is_told_too(
    bare: CommandLine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(COMMANDS, "fail", ("tests.unit.cli.failing_command", "失败"))
    (tmp_path / "logs").write_text("a file where the folder should be")
    ended = bare("--home", tmp_path, "fail")
    assert ended.code == 1
    assert "日志也写不进去" in ended.err


@pytest.mark.parametrize(
    ("name", "value"),
    [("ZHIKU_DB_HEAP_MB", "geheim-viel"), ("ZHIKU_SERVE_PORT", "geheim-70000"), ("ZHIKU_DB_TIMEOUT_S", "-1")],
)
def test_a_wrong_setting_is_named_and_its_value_kept_quiet(
    bare: CommandLine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    ended = bare("--home", tmp_path, "serve" if "SERVE" in name else "doctor")
    assert ended.code == 1
    assert name in ended.err
    assert "geheim" not in ended.err


def test_a_store_that_does_not_answer_ends_with_4(
    bare: CommandLine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ZHIKU_DB_URI", "bolt://127.0.0.1:1")
    monkeypatch.setenv("ZHIKU_DB_PASSWORD", "geheim")
    for command in (["find", "experts", "土壤"], ["db", "status", "--json"]):
        ended = bare("--home", tmp_path, *command)
        assert ended.code == 4
        assert "geheim" not in ended.out + ended.err
    assert bare("--home", tmp_path, "db", "start").code == 1


def test_chinese_comes_out_whole_under_lang_c() -> None:
    for locale in ({"LANG": "C"}, {"LC_ALL": "C", "PYTHONUTF8": "0"}, {"LC_ALL": "POSIX", "PYTHONIOENCODING": "ascii"}):
        environment = {"PATH": os.environ["PATH"], **locale}
        done = subprocess.run([*_ZHIKU, "--help"], env=environment, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
        assert "智库图谱" in done.stdout.decode("utf-8")


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    command = f"{sys.executable} -m cli.main mapping list --json | head -c 20; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False, cwd=Path.cwd())
    assert done.returncode == 0
    assert done.stderr == ""
