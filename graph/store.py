"""A store: the connected graph, its audit gate, its folder and identity. Entry points open one and pass it on."""

from __future__ import annotations

import getpass
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from pydantic import SecretStr

from graph import schema
from graph.audit import Audit
from graph.database import Database, Endpoint
from graph.embedded import EmbeddedEngine
from graph.errors import InputError, StoreUnavailableError
from graph.settings import DatabaseSettings, HomeSettings, IndexSettings

_SCHEMES = ("bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc")


@dataclass(frozen=True, slots=True)
class Store:
    """What everything above `graph/` is given: ask `database`, write through `audit`, keep files in `folder`."""

    database: Database
    audit: Audit
    folder: Path
    id: str
    key: bytes
    # What the text index compares meanings with (`IndexSettings.encoder`).
    encoder: str = "none"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back; the embedded engine goes on running for others."""
        self.database.close()


def endpoint(settings: DatabaseSettings, home: Path) -> Endpoint:
    """Return where the configured graph answers, starting the embedded engine when no address is set.

    Raises `InputError` for an address of another kind, `StoreUnavailableError` when the engine cannot be started.
    """
    if not settings.uri:
        return embedded(settings, home).ensure_running()
    if settings.uri.partition("://")[0] not in _SCHEMES:
        raise InputError(
            f"ZHIKU_DB_URI 的格式不对：{settings.uri.partition('@')[2] or settings.uri}",
            hint="例如 bolt://127.0.0.1:7687",
        )
    return Endpoint(settings.uri, settings.user, SecretStr(settings.secret()), settings.name or "neo4j")


def embedded(settings: DatabaseSettings, home: Path) -> EmbeddedEngine:
    """Return the embedded engine of this home folder, running or not."""
    return EmbeddedEngine(home, heap_mb=settings.heap_mb, start_timeout_s=settings.start_timeout_s)


def open_store(
    settings: DatabaseSettings | None = None,
    home: Path | None = None,
    *,
    store_key: bytes | None = None,
    encoder: str | None = None,
) -> Store:
    """Open the configured store, making its schema on first sight; `encoder` as in `IndexSettings`.

    `store_key` (32 bytes) fixes ids in tests; a store that has a key keeps it. Raises `StoreUnavailableError`,
    `InputError`.
    """
    settings = settings or DatabaseSettings()  # pyright: ignore[reportCallIssue]
    folder = home or HomeSettings().home  # pyright: ignore[reportCallIssue]
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreUnavailableError(
            f"数据目录建不起来：{folder}（{error.strerror}）", hint="换一个目录（ZHIKU_HOME）或改正权限"
        ) from error
    found = connect(endpoint(settings, folder), folder, settings=settings, store_key=store_key)
    return replace(found, encoder=IndexSettings().encoder if encoder is None else encoder)  # pyright: ignore[reportCallIssue]


def connect(
    where: Endpoint, folder: Path, *, settings: DatabaseSettings | None = None, store_key: bytes | None = None
) -> Store:
    """Open the store at a known address; raises `StoreUnavailableError` at once when nothing listens there."""
    limits = {} if settings is None else {"timeout_s": settings.timeout_s, "pool_size": settings.pool_size}
    database = Database(where, **limits)  # pyright: ignore[reportArgumentType]
    try:
        database.check()
        if not schema.complete(database):
            schema.apply(database, store_key=store_key)
        head = Audit(database, folder / "audit.anchors").head()
        # Named by the store, so that one home folder used with two stores never mixes their chains.
        audit = Audit(database, folder / f"audit-{head.store_id}.anchors")
    except BaseException:
        database.close()
        raise
    return Store(database, audit, folder, head.store_id, head.store_key)


def local_actor() -> str:
    """Who is at this keyboard?  The name that writes of the command line carry."""
    try:
        return f"local:{getpass.getuser()}"
    except (OSError, KeyError):
        return "local"
