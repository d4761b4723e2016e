"""Real Neo4j servers for the contract tests, from the published jars, without a container engine.

Question answered: "give me a real Neo4j of this release on a loopback port". The jars come from Maven Central once and
are kept in ``$ZHIKU_CACHE`` (else ``~/.cache/zhiku``); the Java runtime is the one inside the ``arcadedb-embedded``
wheel, so no JDK is installed. How the server is started was measured in the design page ``engines.md``; here: start to
first answer 5 s, set the password 1 s, resident memory 0.34 to 0.40 GB (2 cores, heap 512 MB).
"""

import contextlib
import hashlib
import importlib.util
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, get_args

from neo4j import GraphDatabase
from neo4j.exceptions import ClientError, DriverError, Neo4jError

from graph.errors import ZhikuError

Neo4jVersion = Literal["5.26.30", "2026.08.1"]
NEO4J_VERSIONS: Final[tuple[Neo4jVersion, ...]] = get_args(Neo4jVersion)

USER: Final = "neo4j"  # Community edition has this one user until somebody makes another
HEAP_MB: Final = 512  # two cores are shared with the tests and with two more engines; a benchmark asks for more
PAGE_CACHE_MB: Final = 256
START_SECONDS: Final = 180.0  # 7 to 8 s on a quiet machine; this only bounds a server that never answers
FETCH_SECONDS: Final = 900.0
LOG_TAIL_LINES: Final = 30

_RECIPES: Final = Path(__file__).parent / "neo4j_jars"  # a folder named neo4j would shadow the driver for pyright
_HOME_FOLDERS: Final = ("conf", "data", "logs", "plugins", "import", "run", "lib")
_JVM_FLAGS: Final = (
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/java.io=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
    "--add-opens=java.base/java.util.concurrent=ALL-UNNAMED",
    "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED",
)


@dataclass(frozen=True)
class _Release:
    """What differs between the two releases: the recipe's file name, the main class and two more flags."""

    pom: str
    main: str
    flags: tuple[str, ...]


_RELEASES: Final[dict[Neo4jVersion, _Release]] = {
    "5.26.30": _Release("pom-5.26.xml", "org.neo4j.server.CommunityEntryPoint", ()),
    "2026.08.1": _Release(
        "pom-2026.xml",
        "org.neo4j.server.Neo4jCommunity",
        ("--enable-native-access=ALL-UNNAMED", "--add-modules=jdk.incubator.vector"),
    ),
}


class EngineComponentError(ZhikuError):
    """A part that a real Neo4j needs here is absent or broken: Maven, the jars, the Java runtime, the start."""


@dataclass(frozen=True)
class RunningNeo4j:
    """A server that answers: where (``bolt://127.0.0.1:PORT``), as whom, which release, and its Java process."""

    uri: str
    user: str
    password: str
    version: Neo4jVersion
    process: subprocess.Popen[bytes]


def java() -> Path:
    """The Java program inside the ``arcadedb-embedded`` wheel (Corretto 25).

    Raises:
        EngineComponentError: the wheel is not installed (there is none for this platform) or has no runtime in it.
    """
    spec = importlib.util.find_spec("arcadedb_embedded")
    folders = [] if spec is None else [Path(place) for place in spec.submodule_search_locations or ()]
    for folder in folders:
        program = folder / "jre" / "bin" / "java"
        if program.is_file():
            return program
    raise EngineComponentError(
        "没有找到 Java 运行环境：它随 arcadedb-embedded 安装包提供，而这台机器没有装上这个包",
        hint="该安装包只有 Linux x86-64 与 macOS arm64 两种，请在其中之一运行契约测试",
    )


def jars(version: Neo4jVersion) -> Path:
    """The folder with every jar of ``version``, fetched by Maven the first time (about 125 or 155 MB).

    A folder with the final name is always whole: Maven fills one beside it, whose jars are compared by SHA-256 with
    ``tests/neo4j_jars/jars-VERSION.sha256`` before it is renamed. A folder that has lost a jar since is fetched again.

    Raises:
        EngineComponentError: no ``mvn``, the fetch failed, or the jars are not the listed ones.
    """
    expected = _expected_jars(version)
    folder = _cache() / f"neo4j-{version}"
    if folder.is_dir():
        if {jar.name for jar in folder.glob("*.jar")} == expected.keys():
            return folder
        shutil.rmtree(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".neo4j-{version}-") as scratch:
        fresh = Path(scratch) / "jars"
        _fetch(version, fresh)
        _compare(version, fresh, expected)
        # Another process may have finished the same folder meanwhile: theirs passed the same comparison.
        with contextlib.suppress(OSError):
            fresh.rename(folder)
    if not folder.is_dir():
        raise EngineComponentError(f"无法写入 Neo4j 缓存目录 {folder}", hint="请检查磁盘空间与权限")
    return folder


@contextlib.contextmanager
def neo4j_server(
    version: Neo4jVersion,
    home: Path,
    *,
    heap_mb: int = HEAP_MB,
    page_cache_mb: int = PAGE_CACHE_MB,
    password: str = "",
) -> Generator[RunningNeo4j]:
    """A real Neo4j Community server of ``version``, empty, under ``home``, on loopback only, while the block runs.

    A random password, no HTTP. The process is killed when the block ends, and also when this Python process dies in
    any way (a watchdog waits on a pipe that closes with it). With a `password` the store under `home` is one that is
    kept: it has that password from its first start on, and the server is given time to close it.

    Raises:
        EngineComponentError: a component is absent, or the server died or did not answer (with the tail of its log).
    """
    runtime, folder = java(), jars(version)
    port = _free_port()
    kept = bool(password)
    password = password or secrets.token_hex(16)
    _write_home(home, port, heap_mb, page_cache_mb)
    if not (home / "data" / "databases" / "system").exists():
        _set_password(runtime, folder, home, password)
    log = home / "logs" / "console.log"
    with log.open("wb") as sink:
        process = subprocess.Popen(
            _command(runtime, folder, version, home, heap_mb),
            cwd=home,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
        )
    server = RunningNeo4j(f"bolt://127.0.0.1:{port}", USER, password, version, process)
    with _killed_at_exit(process):
        _wait_for_answer(server, home)
        try:
            yield server
        finally:
            if kept:
                _ended(process)


def _ended(process: subprocess.Popen[bytes]) -> None:
    """Let a server close its store; a killed one would recover at the next start."""
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(60)


def _cache() -> Path:
    chosen = os.environ.get("ZHIKU_CACHE")
    return Path(chosen) if chosen else Path.home() / ".cache" / "zhiku"


def _expected_jars(version: Neo4jVersion) -> dict[str, str]:
    """Jar name → SHA-256, from the list in the repository (the format of ``sha256sum``)."""
    lines = (_RECIPES / f"jars-{version}.sha256").read_text(encoding="ascii").splitlines()
    return {name: digest for digest, name in (line.split() for line in lines)}


def _fetch(version: Neo4jVersion, into: Path) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise EngineComponentError(
            "没有找到 mvn（Maven）：契约测试用它下载真实的 Neo4j",
            hint="请运行 make test（它会自动安装），或自行安装 Maven 后重试",
        )
    pom = _RECIPES / _RELEASES[version].pom
    goal = ["dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={into}"]
    done = subprocess.run(
        [maven, "-B", "-q", "-f", str(pom), *goal],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=FETCH_SECONDS,
        check=False,
    )
    if done.returncode != 0:
        tail = "\n".join((done.stdout + done.stderr).splitlines()[-LOG_TAIL_LINES:])
        message = f"下载 Neo4j {version} 失败（mvn 退出码 {done.returncode}）：\n{tail}\n"
        raise EngineComponentError(message, hint="请检查网络后重试")


def _compare(version: Neo4jVersion, folder: Path, expected: dict[str, str]) -> None:
    found = {jar.name: hashlib.sha256(jar.read_bytes()).hexdigest() for jar in folder.glob("*.jar")}
    if found == expected:
        return
    wrong = sorted(name for name in found.keys() | expected.keys() if found.get(name) != expected.get(name))
    raise EngineComponentError(
        f"下载的 Neo4j {version} 与 tests/neo4j_jars/jars-{version}.sha256 不一致，共 {len(wrong)} 个文件："
        f"{'、'.join(wrong[:5])}",
        hint="请检查网络或 Maven 镜像后重试",
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _write_home(home: Path, port: int, heap_mb: int, page_cache_mb: int) -> None:
    for name in _HOME_FOLDERS:
        (home / name).mkdir(parents=True, exist_ok=True)
    (home / "conf" / "neo4j.conf").write_text(
        "server.default_listen_address=127.0.0.1\n"
        "server.default_advertised_address=127.0.0.1\n"
        f"server.bolt.listen_address=127.0.0.1:{port}\n"
        f"server.bolt.advertised_address=127.0.0.1:{port}\n"
        "server.http.enabled=false\n"
        "server.https.enabled=false\n"
        f"server.memory.heap.max_size={heap_mb}m\n"
        f"server.memory.pagecache.size={page_cache_mb}m\n"
        "dbms.usage_report.enabled=false\n",
        encoding="utf-8",
    )


def _set_password(runtime: Path, folder: Path, home: Path, password: str) -> None:
    done = subprocess.run(
        [
            str(runtime),
            *_JVM_FLAGS,
            "-cp",
            f"{folder}/*",
            "org.neo4j.cli.AdminTool",
            "dbms",
            "set-initial-password",
            password,
        ],
        cwd=home,
        env={**os.environ, "NEO4J_HOME": str(home), "NEO4J_CONF": str(home / "conf")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
        check=False,
    )
    if done.returncode != 0:
        raise EngineComponentError(f"无法为测试用 Neo4j 设置口令（目录 {home}）：\n{done.stdout}{done.stderr}")


def _command(runtime: Path, folder: Path, version: Neo4jVersion, home: Path, heap_mb: int) -> list[str]:
    release = _RELEASES[version]
    memory = [f"-Xms{heap_mb // 2}m", f"-Xmx{heap_mb}m", *(["-XX:+UseSerialGC"] if heap_mb <= HEAP_MB else [])]
    place = [f"--home-dir={home}", f"--config-dir={home / 'conf'}"]
    return [str(runtime), *memory, *_JVM_FLAGS, *release.flags, "-cp", f"{folder}/*", release.main, *place]


@contextlib.contextmanager
def _killed_at_exit(process: subprocess.Popen[bytes]) -> Generator[None]:
    """Kill ``process`` when the block ends, or when this Python process is gone, even by ``kill -9``."""
    watchdog = subprocess.Popen(
        ["/bin/sh", "-c", 'read _; kill -9 "$1"', "sh", str(process.pid)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # else Ctrl-C at the terminal would take it away before its work
    )
    try:
        yield
    finally:
        # First, so that it can never aim at a process id that somebody else has been given.
        watchdog.kill()
        watchdog.communicate()
        process.kill()
        process.wait()


def _wait_for_answer(server: RunningNeo4j, home: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        code = server.process.poll()
        if code is not None:
            raise EngineComponentError(f"Neo4j {server.version} 启动后退出（退出码 {code}）。日志末尾：\n{_tail(home)}")
        try:
            # A session's own run is tried once; execute_query would retry unseen for half a minute after a death.
            with (
                # The driver leaves its **config without types.
                GraphDatabase.driver(server.uri, auth=(server.user, server.password)) as driver,  # pyright: ignore[reportUnknownMemberType]
                driver.session(database="neo4j") as session,  # pyright: ignore[reportUnknownMemberType]
            ):
                session.run("RETURN 1").consume()
            return
        except ClientError as error:
            raise EngineComponentError(f"Neo4j {server.version} 拒绝了测试账户：{error}") from error
        except (DriverError, Neo4jError):
            # Not listening yet, or listening while the store is still being opened.
            if time.monotonic() > deadline:
                message = f"Neo4j {server.version} 在 {START_SECONDS:.0f} 秒内没有应答。日志末尾：\n{_tail(home)}"
                raise EngineComponentError(message) from None
        time.sleep(0.1)


def _tail(home: Path) -> str:
    lines: list[str] = []
    for name in ("console.log", "neo4j.log"):
        log = home / "logs" / name
        if log.is_file():
            lines += log.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(lines[-LOG_TAIL_LINES:])
