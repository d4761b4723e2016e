"""`zhiku serve` as a process of its own: link, health, clean end."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import httpx2

from graph.store import local_actor
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
        with httpx2.Client(trust_env=False, timeout=30, base_url=f"http://{address.netloc}") as browser:
            browser.get(link)
            asked = browser.get("/identity?later=true").text
            token = re.search(r'name="csrf" value="([^"]+)"', asked)
            question = re.search(r'href="/identity/(Q[0-9a-f]+)"', asked)
            assert token is not None
            assert question is not None
            form = {"csrf": token[1], "answer": "later"}
            assert "以后再说" in browser.get(f"/identity/{question[1]}").text
            assert browser.post(f"/identity/{question[1]}", data=form).status_code == 303
        put_off = demo("identity", "queue", "--later", "--limit", "200", "--json").json
        assert {one["postponed_by"] for one in put_off if one["id"] == question[1]} == {local_actor()}
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
