"""Command lines run for real: in this process, against an embedded engine in a home folder of their own."""

import json
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cli.main import run
from graph.embedded import EmbeddedEngine


@dataclass(frozen=True)
class Ended:
    """How a command ended: exit code, what it printed, what it said on stderr."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The document on stdout."""
        return json.loads(self.out)


class CommandLine:
    """Runs `zhiku` with the options that name a home folder, and keeps what it printed."""

    def __init__(self, capsys: pytest.CaptureFixture[str], *front: str) -> None:
        self._capsys = capsys
        self._front = front

    def __call__(self, *arguments: str | Path) -> Ended:
        self._capsys.readouterr()
        code = run([*self._front, *(str(argument) for argument in arguments)])
        printed = self._capsys.readouterr()
        assert "Traceback" not in printed.out + printed.err
        return Ended(int(code), printed.out, printed.err)


@pytest.fixture(scope="session")
def cli_home(tmp_path_factory: pytest.TempPathFactory) -> Generator[Path]:
    """A home folder for the session; its engines (own and demo's) are small and stopped at the end."""
    home = tmp_path_factory.mktemp("zhiku-home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ZHIKU_DB_HEAP_MB", "384")
        patch.delenv("ZHIKU_DB_URI", raising=False)
        yield home
        for folder in (home, home / "demo"):
            EmbeddedEngine(folder).stop()


@pytest.fixture
def zhiku(cli_home: Path, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    """`zhiku` on the session's own home."""
    return CommandLine(capsys, "--home", str(cli_home))


@pytest.fixture
def demo(cli_home: Path, capsys: pytest.CaptureFixture[str], loaded_demo: dict[str, Any]) -> CommandLine:
    """`zhiku --demo`, its sample loaded."""
    assert loaded_demo["answer"]["experts"]
    return CommandLine(capsys, "--home", str(cli_home), "--demo")


@pytest.fixture(scope="session")
def loaded_demo(cli_home: Path) -> dict[str, Any]:
    """What the first `zhiku demo` of the session answered."""
    import contextlib
    import io

    out = io.StringIO()
    picture = cli_home / "out" / "network.html"
    with contextlib.redirect_stdout(out):
        code = run(["--home", str(cli_home), "demo", "--out", str(picture), "--json"])
    assert code == 0, out.getvalue()
    return json.loads(out.getvalue())
