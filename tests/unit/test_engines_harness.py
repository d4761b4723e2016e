"""The Neo4j harness: whole jars only, clear errors, loopback only, nothing left behind however a run ends."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from neo4j import GraphDatabase

from tests import engines
from tests.engines import NEO4J_VERSIONS, EngineComponentError, Neo4jVersion, neo4j_server

_ROOT = Path(__file__).parents[2]
_HOLD_A_SERVER = """
import sys, time
from pathlib import Path
from tests.engines import neo4j_server
with neo4j_server("5.26.30", Path(sys.argv[1])) as server:
    print(server.process.pid, flush=True)
    time.sleep(600)
"""


def _gone(pid: int) -> bool:
    # A killed orphan stays a zombie for as long as the init process of a container does not collect it.
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


@pytest.mark.parametrize("version", NEO4J_VERSIONS)
def test_a_real_server_of_the_release_answers_on_loopback_only(version: Neo4jVersion, tmp_path: Path) -> None:
    with neo4j_server(version, tmp_path / "home") as server:
        java = psutil.Process(server.process.pid)
        listening = [c.laddr.ip for c in java.net_connections(kind="tcp") if c.status == psutil.CONN_LISTEN]
        assert listening
        assert all(address.removeprefix("::ffff:") in {"127.0.0.1", "::1"} for address in listening)
        with GraphDatabase.driver(server.uri, auth=(server.user, server.password)) as driver:  # pyright: ignore[reportUnknownMemberType]
            answer = driver.execute_query("CALL dbms.components() YIELD name, versions RETURN name, versions")
            assert {"name": "Neo4j Kernel", "versions": [version]} in [record.data() for record in answer.records]
    assert server.process.returncode is not None


def test_the_server_dies_with_a_killed_test_run(tmp_path: Path) -> None:
    run = subprocess.Popen(
        [sys.executable, "-c", _HOLD_A_SERVER, str(tmp_path / "home")],
        cwd=_ROOT,
        env={**os.environ, "PYTHONPATH": str(_ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert run.stdout is not None
    with run.stdout:
        java = int(run.stdout.readline())
    assert not _gone(java)
    run.send_signal(signal.SIGKILL)
    run.wait()
    for _ in range(200):
        if _gone(java):
            break
        time.sleep(0.05)
    assert _gone(java)


def test_without_maven_the_error_names_make_test(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ZHIKU_CACHE", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EngineComponentError, match="make test"):
        engines.jars("5.26.30")


def test_a_cache_that_lost_a_jar_is_not_taken_for_whole(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    whole = engines.jars("5.26.30")
    torn = tmp_path / whole.name
    torn.mkdir()
    for jar in sorted(whole.glob("*.jar"))[1:]:
        (torn / jar.name).symlink_to(jar)
    monkeypatch.setenv("ZHIKU_CACHE", str(tmp_path))
    fetched = engines.jars("5.26.30")
    assert fetched == torn
    assert {jar.name for jar in fetched.iterdir()} == {jar.name for jar in whole.iterdir()}
    assert [path.name for path in tmp_path.iterdir()] == [torn.name]


def test_a_server_that_dies_is_reported_with_its_log(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def not_a_setting(home: Path, port: int, *_: object) -> None:
        (home / "logs").mkdir(parents=True)
        (home / "conf").mkdir()
        (home / "conf" / "neo4j.conf").write_text(f"server.bolt.listen_address=127.0.0.1:{port}\nno.such.setting=1\n")

    def no_password(*_: object) -> None:
        """The admin tool would stumble over the same file before the server does."""

    monkeypatch.setattr(engines, "_write_home", not_a_setting)
    monkeypatch.setattr(engines, "_set_password", no_password)
    with pytest.raises(EngineComponentError, match=r"no\.such\.setting"), neo4j_server("5.26.30", tmp_path / "home"):
        pytest.fail("it must not start")
