"""The only module that touches the driver: typed reads, retried writes; name, limit and access mode for each call."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Generic, LiteralString, Self, TypeVar, cast

import neo4j
from neo4j import GraphDatabase, ManagedTransaction, RoutingControl
from neo4j import exceptions as driver_errors
from neo4j.graph import Node as DriverNode
from pydantic import BaseModel, SecretStr, TypeAdapter

from graph.errors import StoreUnavailableError, ZhikuError

Row = TypeVar("Row", bound=BaseModel)
Result = TypeVar("Result")
Record = dict[str, Any]

_log = logging.getLogger("zhiku.database")

# Measured on ArcadeDB: two MERGEs of one key end as ConstraintValidationFailed, which the driver does not retry;
# with at most five tries of ours 48 of 48 came through. A genuine duplicate fails five times in some milliseconds.
CONSTRAINT_RETRIES: Final = 5
# 200 contending writes: 0.75 s with this first delay, 2.77 s with the driver's default of one second.
FIRST_RETRY_DELAY_S: Final = 0.02
RETRY_TIME_S: Final = 15.0
_CONSTRAINT: Final = "Neo.ClientError.Schema.ConstraintValidationFailed"
_PARAMETER: Final = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)")


@dataclass(frozen=True)
class Query(Generic[Row]):
    """A named reading question: one literal Cypher text and the type of the rows it returns."""

    name: str
    text: LiteralString
    row: type[Row]
    rows: TypeAdapter[list[Row]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "rows", TypeAdapter(cast(Any, list)[self.row]))

    @property
    def parameters(self) -> frozenset[str]:
        """Names of the `$parameters` in the text."""
        return frozenset(_PARAMETER.findall(self.text))


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a graph answers: address, user, password, database name."""

    uri: str
    user: str
    password: SecretStr
    database: str


class Transaction:
    """One managed write transaction; everything run in it is committed together or not at all."""

    def __init__(self, inner: ManagedTransaction) -> None:
        self._inner = inner

    def run(self, text: LiteralString, parameters: Mapping[str, object] | None = None) -> list[Record]:
        """Run one statement and return all its rows as plain dictionaries."""
        return _rows(self._inner.run(text, dict(parameters or {})))


class RollbackRequest(Exception):
    """Raised inside a write to end it without committing anything."""


class Database:
    """A connected graph. `read` and `write` are the only two ways to it."""

    def __init__(self, endpoint: Endpoint, *, timeout_s: float = 120.0, pool_size: int = 20) -> None:
        self.endpoint = endpoint
        self._timeout_s = timeout_s
        secret = endpoint.password.get_secret_value()
        self._driver = GraphDatabase.driver(  # pyright: ignore[reportUnknownMemberType] - untyped config
            endpoint.uri,
            auth=(endpoint.user, secret) if secret else None,
            max_connection_pool_size=pool_size,
            # A dead store is told after seconds, not after the driver's half minute.
            max_transaction_retry_time=RETRY_TIME_S,
            initial_retry_delay=FIRST_RETRY_DELAY_S,
            retry_delay_multiplier=1.6,
            connection_timeout=10.0,
            user_agent="zhiku",
            notifications_min_severity="OFF",
            telemetry_disabled=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give all connections back."""
        self._driver.close()

    def check(self) -> None:
        """Does the graph answer?  Raises `StoreUnavailableError` when not."""
        with self._reported("check"):
            # First without retries: a refused port is told at once.
            self._driver.verify_connectivity()  # pyright: ignore[reportUnknownMemberType]
            self._driver.execute_query("RETURN 1 AS one", database_=self.endpoint.database)

    def read(self, query: Query[Row], /, **parameters: object) -> list[Row]:
        """Ask `query` and return its rows; raises `StoreUnavailableError` or `ZhikuError`."""
        return query.rows.validate_python(self.records(query.name, query.text, **parameters))

    def records(self, name: str, text: LiteralString, /, **parameters: object) -> list[Record]:
        """Read plain records; for the graph's own bookkeeping. Questions use `read`.

        First in one exchange (RUN with its commit; a transaction takes two, 1 to 3 ms more), again as a transaction
        with the driver's retries when that ended with an error that passes, such as a connection closed meanwhile.
        """
        query = neo4j.Query(text, metadata={"query": name}, timeout=self._timeout_s)
        with self._reported(name):
            try:
                with self._driver.session(  # pyright: ignore[reportUnknownMemberType]
                    database=self.endpoint.database, default_access_mode=neo4j.READ_ACCESS, fetch_size=-1
                ) as session:
                    return _rows(session.run(query, parameters))
            except (driver_errors.DriverError, driver_errors.Neo4jError) as error:
                if not error.is_retryable():
                    raise
            result = self._driver.execute_query(
                query, parameters, routing_=RoutingControl.READ, database_=self.endpoint.database
            )
            return _rows(result.records)

    def write(self, name: str, work: Callable[[Transaction], Result]) -> Result | None:
        """Run `work` in one transaction and commit; None when it asked for a rollback.

        `work` may run several times (lost races are retried), so it must not keep state between calls.
        """

        def run(inner: ManagedTransaction) -> Result:
            return work(Transaction(inner))

        unit = neo4j.unit_of_work(metadata={"query": name}, timeout=self._timeout_s)(run)
        for attempt in range(1, CONSTRAINT_RETRIES + 1):
            with self._reported(name), self._session() as session:
                try:
                    return session.execute_write(unit)
                except RollbackRequest:
                    return None
                except driver_errors.ClientError as error:
                    if error.code != _CONSTRAINT or attempt == CONSTRAINT_RETRIES:
                        raise
                    time.sleep(FIRST_RETRY_DELAY_S * attempt)
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _session(self) -> neo4j.Session:
        return self._driver.session(database=self.endpoint.database)  # pyright: ignore[reportUnknownMemberType]

    def define(self, name: str, text: str) -> None:
        """Run one schema statement outside a transaction function (DDL is its own transaction on Neo4j)."""
        with self._reported(name), self._session() as session:
            session.run(cast(LiteralString, text)).consume()

    @contextmanager
    def _reported(self, name: str) -> Generator[None]:
        """Turn the driver's errors into ours; the engine's words go to the log, never to the user."""
        try:
            yield
        except (driver_errors.ServiceUnavailable, driver_errors.SessionExpired, OSError) as error:
            _log.info("%s: store unavailable: %s", name, type(error).__name__)
            raise StoreUnavailableError(
                "图数据库没有应答", hint="用 zhiku db status 查看；内嵌引擎可用 zhiku db start 启动"
            ) from error
        except driver_errors.AuthError as error:
            raise StoreUnavailableError(
                "图数据库拒绝了用户名或密码", hint="检查 ZHIKU_DB_USER 和 ZHIKU_DB_PASSWORD_FILE"
            ) from error
        except driver_errors.ConfigurationError as error:
            raise StoreUnavailableError(f"图数据库地址不可用：{error}", hint="检查 ZHIKU_DB_URI") from error
        except (driver_errors.Neo4jError, driver_errors.DriverError) as error:
            code = getattr(error, "code", None) or type(error).__name__
            _log.info("%s failed: %s", name, code)
            raise ZhikuError(f"图数据库未能完成 {name}（{code}）", hint="详情见引擎日志") from error


def _rows(records: Iterable[neo4j.Record]) -> list[Record]:
    # Record.data() walks every value with isinstance: 45 % of the time of a lookup before this (bench/lookup).
    return [dict(zip(record.keys(), map(_plain, record.values()), strict=True)) for record in records]


_ATOMS: Final = frozenset({str, int, float, bool, type(None), bytes})


def _plain(value: Any) -> Any:  # noqa: ANN401, PLR0911 - whatever a driver may give, by kind, quickest first
    """Convert driver types to Python's, at this one place."""
    kind: type[object] = value.__class__
    if kind in _ATOMS:
        return value
    if kind is list:
        return [item if type(item) in _ATOMS else _plain(item) for item in cast(list[Any], value)]
    if kind is dict:
        pairs = cast(dict[str, Any], value).items()
        return {name: item if type(item) in _ATOMS else _plain(item) for name, item in pairs}
    if isinstance(value, bytearray):
        return bytes(value)
    if isinstance(value, DriverNode):
        return _plain(dict(value.items()))
    if isinstance(value, neo4j.time.Date | neo4j.time.DateTime | neo4j.time.Time):
        return value.to_native()
    return str(value)
