"""The embedded engine: ArcadeDB from the wheel `arcadedb-embedded`, as a child process on loopback.

The only module that knows it exists. The first process that needs the graph starts it; it goes on running for the next
ones (CLI, service, notebook) until `zhiku db stop`. Flags and readiness as measured in the design's engine page.
"""

from __future__ import annotations

import atexit
import importlib.metadata
import importlib.util
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import psutil
from filelock import FileLock, Timeout
from pydantic import SecretStr

from graph.database import Database, Endpoint
from graph.errors import StoreDamagedError, StoreUnavailableError, ZhikuError

DATABASE: Final = "zhiku"
_WHEEL: Final = "arcadedb-embedded"
# Below this the engine cannot even write its log and first pages.
_LEAST_FREE_BYTES: Final = 64 * 1024 * 1024
_LARGEST_LOG_BYTES: Final = 20 * 1024 * 1024
_START_TRIES: Final = 3
# Engines that this process started. They outlive it, so nobody waits for them; without a reference the garbage
# collector would warn about each.
_CHILDREN: Final[dict[int, subprocess.Popen[bytes]]] = {}


@atexit.register
def _leave_running() -> None:
    """Let go of engines that go on for others: at exit Python would warn of each, after the last line of a program."""
    for child in _CHILDREN.values():
        child.returncode = child.returncode or 0


@dataclass(frozen=True, slots=True)
class Running:
    """A started engine, as its state file describes it."""

    pid: int
    created: float
    bolt_port: int
    http_port: int
    version: str


@dataclass(frozen=True, slots=True)
class Status:
    """What `zhiku db status` shows."""

    running: bool
    pid: int | None
    port: int | None
    folder: Path
    version: str
    log: Path


class EmbeddedEngine:
    """Starts, finds and stops the engine whose store lies in `home`/engine."""

    def __init__(self, home: Path, *, heap_mb: int = 1024, start_timeout_s: float = 60.0) -> None:
        self.folder = home / "engine"
        self._heap_mb = heap_mb
        self._start_timeout_s = start_timeout_s
        self._state_file = self.folder / "engine.json"
        self._password_file = self.folder / "password"
        self._version_file = self.folder / "version"
        self.log_file = self.folder / "engine.log"

    def ensure_running(self) -> Endpoint:
        """Return where the engine answers, starting it when it does not run; raises `StoreUnavailableError`."""
        if running := self._running():
            return self._endpoint(running)
        self._prepare_folder()
        with self._lock():
            running = self._running() or self._start()
        return self._endpoint(running)

    def stop(self) -> bool:
        """Stop the engine cleanly; False when it did not run."""
        if not self._state_file.exists():
            return False
        with self._lock():
            running = self._running()
            if running is None:
                self._state_file.unlink(missing_ok=True)
                return False
            _terminate(running.pid)
            self._state_file.unlink(missing_ok=True)
            return True

    def status(self) -> Status:
        """Is it running, where, since which version?"""
        running = self._running()
        return Status(
            running=running is not None,
            pid=running.pid if running else None,
            port=running.bolt_port if running else None,
            folder=self.folder,
            version=_wheel_version(),
            log=self.log_file,
        )

    def _running(self) -> Running | None:
        """The engine of the state file, if that very process still lives (a pid may have been given away again)."""
        try:
            running = Running(**json.loads(self._state_file.read_text(encoding="utf-8")))
            process = psutil.Process(running.pid)
            alive = process.is_running() and process.status() != psutil.STATUS_ZOMBIE
            if alive and abs(process.create_time() - running.created) < 2:
                return running
        except (OSError, ValueError, TypeError, psutil.Error):
            return None
        return None

    def _prepare_folder(self) -> None:
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            probe = self.folder / f".probe-{os.getpid()}"
            probe.write_bytes(b"zhiku")
            probe.unlink()
        except OSError as error:
            raise StoreUnavailableError(
                f"数据目录不可写：{self.folder}（{error.strerror}）",
                hint="换一个目录（ZHIKU_HOME）或改正权限、腾出磁盘空间",
            ) from error
        free = shutil.disk_usage(self.folder).free
        if free < _LEAST_FREE_BYTES:
            raise StoreUnavailableError(
                f"磁盘空间不足：{self.folder} 只剩 {free // 2**20} MiB", hint="至少腾出 64 MiB 再启动"
            )

    @contextmanager
    def _lock(self) -> Generator[None]:
        lock = FileLock(self.folder / "engine.lock", timeout=self._start_timeout_s * 2)
        try:
            with lock:
                yield
        except Timeout as error:
            raise StoreUnavailableError(
                "另一个进程正在启动或停止内嵌引擎，等待超时", hint=f"稍后再试；日志在 {self.log_file}"
            ) from error

    def _start(self) -> Running:
        java, jars, version = _installation()
        self._check_version(version)
        self._check_present()
        password = self._password()
        for attempt in range(1, _START_TRIES + 1):
            bolt_port, http_port = _free_port(), _free_port()
            began = self._log_size()
            process = self._launch(java, jars, bolt_port, http_port)
            endpoint = Endpoint(f"bolt://127.0.0.1:{bolt_port}", "root", password, DATABASE)
            try:
                self._wait(process, endpoint, began)
            except _PortTakenError:
                if attempt == _START_TRIES:
                    raise StoreUnavailableError("内嵌引擎三次都没有得到空闲端口", hint="稍后再试") from None
                continue
            running = Running(process.pid, psutil.Process(process.pid).create_time(), bolt_port, http_port, version)
            _write_private(self._state_file, json.dumps(asdict(running)))
            _write_private(self._version_file, version)
            return running
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _log_size(self) -> int:
        """Where the next start's words will begin in the log, a grown one put aside first."""
        size = self.log_file.stat().st_size if self.log_file.exists() else 0
        if size > _LARGEST_LOG_BYTES:
            self.log_file.replace(self.log_file.with_suffix(".log.1"))
            return 0
        return size

    def _launch(self, java: Path, jars: Path, bolt_port: int, http_port: int) -> subprocess.Popen[bytes]:
        options = {
            "server.rootPath": self.folder,
            "server.databaseDirectory": self.folder / "databases",
            "server.rootPasswordPath": self._password_file,
            "server.defaultDatabases": f"{DATABASE}[root]",
            "server.plugins": "Bolt:com.arcadedb.bolt.BoltProtocolPlugin",
            "bolt.host": "127.0.0.1",
            "bolt.port": bolt_port,
            "server.httpIncomingHost": "127.0.0.1",
            "server.httpIncomingPort": http_port,
            "server.mode": "production",
            "server.name": "zhiku",
        }
        command = [
            str(java),
            f"-Xmx{self._heap_mb}m",
            "-XX:+ExitOnOutOfMemoryError",
            "-Djava.awt.headless=true",
            "--add-modules",
            "jdk.incubator.vector",
            "--enable-native-access=ALL-UNNAMED",
            "--add-opens=java.base/java.nio=ALL-UNNAMED",
            *(f"-Darcadedb.{name}={value}" for name, value in options.items()),
            "-cp",
            f"{jars}{os.sep}*",
            "com.arcadedb.server.ArcadeDBServer",
        ]
        with self.log_file.open("ab") as log:
            # A session of its own: Ctrl-C in the terminal that started it must not stop the others' engine.
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder, start_new_session=True
            )
        _CHILDREN[process.pid] = process
        return process

    def _wait(self, process: subprocess.Popen[bytes], endpoint: Endpoint, began: int) -> None:
        deadline = time.monotonic() + self._start_timeout_s
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise self._start_failure(began)
            if _port_open(endpoint):
                try:
                    with Database(endpoint, timeout_s=10) as database:
                        database.check()
                    return
                except StoreUnavailableError as error:
                    if "拒绝" in error.message:
                        _terminate(process.pid)
                        raise self._lost_password() from error
                except ZhikuError:
                    pass
            time.sleep(0.1)
        _terminate(process.pid)
        raise self._start_failure(began)

    def _start_failure(self, began: int) -> ZhikuError:
        """What the engine's own last words mean, for the person who has to act on them."""
        tail = self._log_tail(began)
        if "BindException" in tail or "Address already in use" in tail:
            return _PortTakenError("端口被占用")
        if "Could not reserve enough space" in tail or "OutOfMemoryError" in tail or "insufficient memory" in tail:
            return StoreUnavailableError(
                f"内存不足，内嵌引擎要不到 {self._heap_mb} MiB",
                hint="关掉别的程序，或调小 ZHIKU_DB_HEAP_MB（不低于 256）",
            )
        if "No space left on device" in tail:
            return StoreUnavailableError(f"磁盘已满：{self.folder}", hint="腾出空间后再启动；已确认的数据没有丢失")
        if "LockException" in tail or "is locked" in tail:
            return StoreUnavailableError(
                f"数据目录正被另一个引擎使用：{self.folder}", hint="先停掉它（zhiku db stop），或换 ZHIKU_HOME"
            )
        if "Exception" in tail:
            return StoreDamagedError(
                f"内嵌引擎打不开数据目录 {self.folder}",
                hint=f"不要删除该目录；把日志 {self.log_file} 交给工程师，从备份恢复",
            )
        return StoreUnavailableError("内嵌引擎没有在时限内启动", hint=f"看日志 {self.log_file}")

    def _log_tail(self, began: int) -> str:
        try:
            with self.log_file.open("rb") as log:
                log.seek(max(began, log.seek(0, os.SEEK_END) - 64_000))
                return log.read().decode("utf-8", "replace")
        except OSError:
            return ""

    def _password(self) -> SecretStr:
        try:
            password = self._password_file.read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            password = ""
        except (OSError, UnicodeDecodeError) as error:
            raise self._lost_password() from error
        if not password:
            # The engine reads the file only when it makes the store: with a store there, a new one opens nothing.
            if (self.folder / "config" / "server-users.jsonl").exists():
                raise self._lost_password()
            password = secrets.token_urlsafe(24)
            _write_private(self._password_file, password)
        return SecretStr(password)

    def _lost_password(self) -> StoreUnavailableError:
        return StoreUnavailableError(
            f"内嵌引擎的密码文件丢失或不符：{self._password_file}",
            hint=f"从备份放回该文件；没有备份时，停止引擎后删除 {self.folder / 'config' / 'server-users.jsonl'} "
            "再启动，会生成新密码，数据不受影响",
        )

    def _check_version(self, version: str) -> None:
        try:
            made_by = self._version_file.read_text(encoding="utf-8").strip()
        except OSError:
            return
        if _version_key(made_by) > _version_key(version):
            raise StoreUnavailableError(
                f"数据由较新的引擎 {made_by} 写成，当前安装的是 {version}", hint="升级本软件后再打开，以免损坏数据"
            )

    def _check_present(self) -> None:
        """A store that was here and is gone must not be replaced by an empty one in silence."""
        if self._version_file.exists() and not (self.folder / "databases" / DATABASE).is_dir():
            raise StoreDamagedError(
                f"数据目录 {self.folder} 中的图数据不见了", hint=f"从备份恢复；确实要从空库开始时，删除 {self.folder}"
            )

    def _endpoint(self, running: Running) -> Endpoint:
        return Endpoint(f"bolt://127.0.0.1:{running.bolt_port}", "root", self._password(), DATABASE)


class _PortTakenError(StoreUnavailableError):
    """Somebody took the port between our look and the engine's start."""


def _installation() -> tuple[Path, Path, str]:
    spec = importlib.util.find_spec("arcadedb_embedded")
    if spec is None or not spec.submodule_search_locations:
        raise StoreUnavailableError(
            "这个平台没有内嵌引擎（arcadedb-embedded 只有 Linux x86-64 和 macOS arm64 的安装包）",
            hint="请设置 ZHIKU_DB_URI 指向一个 Neo4j",
        )
    root = Path(spec.submodule_search_locations[0])
    java = root / "jre" / "bin" / "java"
    if not java.exists():
        raise StoreUnavailableError("内嵌引擎的安装包不完整（缺少 jre）", hint="重新安装 arcadedb-embedded")
    return java, root / "jars", _wheel_version()


def _wheel_version() -> str:
    try:
        return importlib.metadata.version(_WHEEL)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _version_key(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _port_open(endpoint: Endpoint) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", int(endpoint.uri.rsplit(":", 1)[1]))) == 0


def _write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    temporary.replace(path)


def _terminate(pid: int) -> None:
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except psutil.TimeoutExpired:
            process.kill()
            process.wait(10)
    if child := _CHILDREN.pop(pid, None):
        child.wait()
