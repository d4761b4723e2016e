"""`zhiku serve` as a process of its own: link, health, clean end."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

from tests.unit.cli.conftest import CommandLine


def test_serve_prints_a_link_answers_and_stops(demo: CommandLine, cli_home: Path) -> None:
    assert demo("db", "status").code == 0
    process = subprocess.Popen(
        [sys.executable, "-m", "cli.main", "--home", str(cli_home), "--demo", "serve", "--port", "0", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"NO_PROXY": "127.0.0.1"},
        text=True,
    )
    try:
        assert process.stdout is not None
        link: str = json.loads(process.stdout.readline())["link"]
        address = urlsplit(link)
        assert address.hostname == "127.0.0.1"
        with urllib.request.urlopen(f"http://{address.netloc}/healthz", timeout=30) as reply:
            assert reply.status == 200
    finally:
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert "Traceback" not in errors


def test_a_port_that_is_taken_is_told(zhiku: CommandLine) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        ended = zhiku("serve", "--port", str(taken.getsockname()[1]))
    assert ended.code == 1
    assert "--port" in ended.err
