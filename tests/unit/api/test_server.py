"""The service as a process of its own: prints its link, lets one browser in, ends cleanly when told."""

import os
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

PROGRAM = """
import sys
from api.server import serve
from api.settings import ServiceSettings
serve(ServiceSettings(port=0, host=sys.argv[1]), open_link=lambda link: print(link, flush=True))
"""
ROOT = Path(__file__).parents[3]


@contextmanager
def process(home: Path, host: str) -> Generator[subprocess.Popen[str]]:
    environment = {**os.environ, "ZHIKU_HOME": str(home), "ZHIKU_DB_URI": "bolt://127.0.0.1:1"}
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, host],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as service:
        try:
            yield service
        finally:
            service.kill()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_prints_a_link_lets_in_once_and_ends_when_told(tmp_path: Path, how: signal.Signals) -> None:
    with process(tmp_path, "127.0.0.1") as service:
        assert service.stdout is not None
        link = service.stdout.readline().strip()
        assert link.startswith("http://127.0.0.1:")
        with httpx2.Client(trust_env=False, timeout=30) as client:
            assert client.get(link).status_code == 200
            assert "Set-Cookie" not in client.get(link).headers
        service.send_signal(how)
        _, complaints = service.communicate(timeout=60)
        assert service.returncode in {0, -how}
        assert "Traceback" not in complaints


def test_listening_to_everybody_is_warned_about(tmp_path: Path) -> None:
    with process(tmp_path, "0.0.0.0") as service:
        assert service.stdout is not None
        assert service.stdout.readline().startswith("http://127.0.0.1:")
        service.send_signal(signal.SIGINT)
        _, complaints = service.communicate(timeout=60)
        assert "其他机器也能访问" in complaints
