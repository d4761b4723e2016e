"""The embedded engine as a process: shared, recovered, refused with a reason, closed to strangers."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Generator
from pathlib import Path

import psutil
import pytest
from pydantic import SecretStr

from graph import schema
from graph.claims import node_claim
from graph.database import Database, Endpoint
from graph.embedded import EmbeddedEngine
from graph.errors import StoreDamagedError, StoreUnavailableError
from graph.merge import SourceRef, upsert
from graph.model import PERSON
from graph.store import connect

ROSTER = SourceRef("table", "roster")


@pytest.fixture
def home(tmp_path: Path) -> Generator[Path]:
    """A home folder of its own; its engine is stopped at the end."""
    yield tmp_path
    engine_of(tmp_path).stop()


def engine_of(home: Path, **options: float) -> EmbeddedEngine:
    return EmbeddedEngine(home, heap_mb=int(options.get("heap_mb", 256)), start_timeout_s=60)


def pid_of(engine: EmbeddedEngine) -> int:
    pid = engine.status().pid
    assert pid is not None
    return pid


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    psutil.wait_procs([psutil.Process(pid)] if psutil.pid_exists(pid) else [], timeout=20)


def test_started_found_stopped_and_started_again(home: Path) -> None:
    engine = engine_of(home)
    assert not engine.status().running
    assert not engine.stop()
    endpoint = engine.ensure_running()
    with connect(endpoint, home) as store:
        upsert(store.audit, ROSTER, [node_claim(PERSON, "P1", {"name": "甲"})], [], run="R", actor="t")
        store_id = store.id
    assert engine_of(home).ensure_running() == endpoint, "another object finds the same engine"
    for private in ("password", "engine.json"):
        assert (engine.folder / private).stat().st_mode & 0o077 == 0
    assert endpoint.password.get_secret_value() not in " ".join(psutil.Process(pid_of(engine)).cmdline())
    assert engine.stop()
    assert not engine.status().running
    with connect(engine.ensure_running(), home) as store:
        assert store.id == store_id
        assert store.audit.verify().events == 1


def test_a_killed_engine_is_recovered_with_all_it_had_acknowledged(home: Path) -> None:
    engine = engine_of(home)
    with connect(engine.ensure_running(), home) as store:
        for number in range(5):
            upsert(store.audit, ROSTER, [node_claim(PERSON, f"P{number}", {"name": "甲"})], [], run="R", actor="t")
    kill(pid_of(engine))
    assert not engine.status().running
    with connect(engine.ensure_running(), home) as store:
        verified = store.audit.verify()
        assert (verified.events, verified.faults) == (5, ())


def test_a_stale_state_file_is_not_believed(home: Path) -> None:
    engine = engine_of(home)
    engine.folder.mkdir(parents=True)
    state = engine.folder / "engine.json"
    me = psutil.Process()
    for stale in (
        "", "{", "[]", '{"pid": 1}',
        json.dumps({"pid": me.pid, "created": me.create_time() - 100, "bolt_port": 1, "http_port": 2, "version": "x"}),
        json.dumps({"pid": 2**22 + 1, "created": 0, "bolt_port": 1, "http_port": 2, "version": "x"}),
    ):  # fmt: skip
        state.write_text(stale)
        assert not engine.status().running, stale
    with Database(engine.ensure_running()) as database:
        database.check()
    assert engine.status().running


def test_a_lost_password_file_is_named_with_the_way_out(home: Path) -> None:
    engine = engine_of(home)
    with connect(engine.ensure_running(), home) as store:
        store_id = store.id
    password = engine.folder / "password"
    kept = password.read_text()
    password.unlink()
    with pytest.raises(StoreUnavailableError, match="密码文件丢失"):
        engine.ensure_running()
    engine.stop()
    with pytest.raises(StoreUnavailableError, match="密码文件丢失"):
        engine.ensure_running()
    password.write_text("wrong-password-of-somebody")
    with pytest.raises(StoreUnavailableError, match="密码文件丢失或不符"):
        engine.ensure_running()
    assert not engine.status().running
    password.write_text(kept)
    with connect(engine.ensure_running(), home) as store:
        assert store.id == store_id
    # The way out without a copy, as the message tells it.
    engine.stop()
    password.unlink()
    (engine.folder / "config" / "server-users.jsonl").unlink()
    with connect(engine.ensure_running(), home) as store:
        assert store.id == store_id
    assert password.read_text() != kept


def test_a_store_of_a_newer_version_is_not_opened(home: Path) -> None:
    engine = engine_of(home)
    engine.ensure_running()
    engine.stop()
    (engine.folder / "version").write_text("99.1.2")
    with pytest.raises(StoreUnavailableError, match="较新的引擎"):
        engine.ensure_running()
    assert not engine.status().running


@contextlib.contextmanager
def read_only(folder: Path) -> Generator[None]:
    """Make a folder read-only even for root, by a bind mount."""
    folder.mkdir(parents=True, exist_ok=True)
    if os.getuid() != 0:
        folder.chmod(0o500)
        try:
            yield
        finally:
            folder.chmod(0o700)
        return
    subprocess.run(["mount", "--bind", str(folder), str(folder)], check=True)
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", str(folder)], check=True)
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_read_only_folder_is_named(home: Path) -> None:
    engine = engine_of(home / "home")
    with read_only(home / "home"), pytest.raises(StoreUnavailableError, match="不可写") as caught:
        engine.ensure_running()
    assert str(home / "home") in caught.value.message
    assert caught.value.hint


def test_too_large_a_heap_is_a_matter_of_memory(home: Path) -> None:
    engine = EmbeddedEngine(home, heap_mb=2**30, start_timeout_s=60)
    with pytest.raises(StoreUnavailableError, match="内存不足"):
        engine.ensure_running()


def spoil_dictionary(databases: Path) -> None:
    for path in databases.glob("zhiku/*.dict"):
        content = bytearray(path.read_bytes())
        content[100:5_000] = b"\xff" * 4_900
        path.write_bytes(content)


def empty_buckets(databases: Path) -> None:
    for path in databases.glob("zhiku/*.bucket"):
        path.write_bytes(b"")


def remove(databases: Path) -> None:
    shutil.rmtree(databases / "zhiku")


@pytest.mark.parametrize("spoil", [spoil_dictionary, empty_buckets, remove])
def test_a_damaged_store_is_refused_and_not_replaced(home: Path, spoil: Callable[[Path], None]) -> None:
    engine = engine_of(home)
    with connect(engine.ensure_running(), home) as store:
        upsert(store.audit, ROSTER, [node_claim(PERSON, "P1", {"name": "甲"})], [], run="R", actor="t")
    engine.stop()
    spoil(engine.folder / "databases")
    with pytest.raises(StoreDamagedError) as caught:
        connect(engine.ensure_running(), home).close()
    assert "备份" in str(caught.value)


def other_addresses() -> list[str]:
    """Addresses of this machine beside loopback."""
    found = [
        address.address
        for addresses in psutil.net_if_addrs().values()
        for address in addresses
        if address.family == socket.AF_INET and not address.address.startswith("127.")
    ]
    # Linux answers on all of 127/8: an engine that listened everywhere would answer here too.
    return [*found, "127.0.0.2"]


def connects(address: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(2)
        return probe.connect_ex((address, port)) == 0


def test_it_listens_on_loopback_only(engine: Endpoint) -> None:
    bolt = int(engine.uri.rsplit(":", 1)[1])
    (process,) = [p for p in psutil.process_iter(["name"]) if is_listening(p, bolt)]
    listening = [c.laddr for c in process.net_connections() if c.status == psutil.CONN_LISTEN]
    assert len(listening) >= 2, "Bolt and HTTP"
    for place in listening:
        assert place.ip.removeprefix("::ffff:") == "127.0.0.1", place
        assert connects("127.0.0.1", place.port)
        for address in other_addresses():
            assert not connects(address, place.port), f"{address}:{place.port}"


def is_listening(process: psutil.Process, port: int) -> bool:
    try:
        return any(
            c.laddr and c.laddr.port == port and c.status == psutil.CONN_LISTEN for c in process.net_connections()
        )
    except psutil.Error:
        return False


def test_strangers_get_nothing(home: Path) -> None:
    engine = engine_of(home)
    endpoint = engine.ensure_running()
    for user, password in (("root", ""), ("root", "root"), ("root", "playwithdata"), ("admin", "admin")):
        stranger = Endpoint(endpoint.uri, user, SecretStr(password), endpoint.database)
        with Database(stranger) as database, pytest.raises(StoreUnavailableError, match="拒绝"):
            database.check()
    port = json.loads((engine.folder / "engine.json").read_text())["http_port"]
    command = json.dumps({"language": "sql", "command": "select from AuditHead"}).encode()
    handshake = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/list"}).encode()
    asked = {
        "/api/v1/server": None, "/api/v1/databases": None, "/api/v1/exists/zhiku": None,
        "/api/v1/query/zhiku/sql/select%201": None,
        "/api/v1/command/zhiku": command, "/api/v1/server?": json.dumps({"command": "list databases"}).encode(),
        "/api/v1/batch/zhiku": b"{}", "/api/v1/mcp": handshake, "/mcp": handshake, "/prometheus": None,
    }  # fmt: skip
    for path, body in asked.items():
        assert answer(port, path, body) in (401, 403, 404, 405), path


def answer(port: int, path: str, body: bytes | None) -> int:
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}", data=body, headers={"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


START = """
import sys
from pathlib import Path
from graph.embedded import EmbeddedEngine
from graph.store import connect
home = Path(sys.argv[1])
engine = EmbeddedEngine(home, heap_mb=256)
with connect(engine.ensure_running(), home) as store:
    print(engine.status().pid, store.id)
"""


def test_processes_that_start_at_once_share_one_engine(home: Path) -> None:
    starters = [
        subprocess.Popen([sys.executable, "-c", START, str(home)], stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]
    said = {starter.communicate(timeout=120)[0] for starter in starters}
    assert [starter.returncode for starter in starters] == [0, 0, 0]
    assert len(said) == 1, said
    assert int(said.pop().split()[0]) == pid_of(engine_of(home)), "it outlives those that started it"


def test_a_first_start_killed_halfway_is_finished_by_the_next(home: Path) -> None:
    """Killed after the password was written, before the engine had made its store."""
    engine = engine_of(home)
    engine.folder.mkdir(parents=True)
    (engine.folder / "password").write_text("made-by-a-start-that-was-killed")
    with Database(engine.ensure_running()) as database:
        schema.apply(database)
    assert (engine.folder / "password").read_text() == "made-by-a-start-that-was-killed"
