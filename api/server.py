"""How the service is run: bound to its address, a one-time link for the browser, stopped cleanly."""

from __future__ import annotations

import ctypes
import logging
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import uvicorn
from fastapi import FastAPI

from api.access import EDITOR, Actor
from api.app import create_app
from api.settings import ServiceSettings
from graph.collecting import fewer_collections
from graph.errors import InputError
from graph.settings import DatabaseSettings
from graph.store import local_actor

_log = logging.getLogger("zhiku.serve")

# Requests under way get this long to end when the service is stopped.
GRACE_S = 5
# <malloc.h> of glibc.
_M_ARENA_MAX: Final = -8


def serve(
    settings: ServiceSettings,
    *,
    open_link: Callable[[str], None] = print,
    database: DatabaseSettings | None = None,
    home: Path | None = None,
) -> None:
    """Serve until interrupted; `open_link` is given the address that lets one browser in, once, as an editor
    with the name that the command line writes by.

    Raises `InputError` when the address cannot be bound.
    """
    with bound(settings) as listener:
        port: int = listener.getsockname()[1]
        if not settings.loopback:
            _log.warning(
                "服务监听在 %s，其他机器也能访问（须凭进入链接或访问令牌）；请放在 https 反向代理之后使用。",
                settings.host,
            )
        _share_memory()
        app = create_app(settings, database=database, home=home)
        # Whoever sees this link sits at the keyboard, where the command line answers and imports without asking.
        code = app.state.doors.new_link(Actor(local_actor(), frozenset({EDITOR})))
        open_link(f"{settings.origin(port)}/enter?code={code}")
        try:
            # Answers are thousands of small things without cycles: looking for some took 4 of 47 ms of a question.
            with fewer_collections():
                uvicorn.Server(configuration(app)).run(sockets=[listener])
        except KeyboardInterrupt:
            _log.info("stopped from the keyboard")


def _share_memory() -> None:
    """Let threads take memory from two places, where glibc keeps what each once needed to itself (8 for each core).

    At 1,000,000 works the service kept 549 MB of its own with two, 650 without; answers a second were the same. Other
    C libraries have no such setting.
    """
    if sys.platform == "linux":
        mallopt: Callable[[int, int], int] | None = getattr(ctypes.CDLL(None), "mallopt", None)
        if mallopt is not None:
            mallopt(_M_ARENA_MAX, 2)


def configuration(app: FastAPI) -> uvicorn.Config:
    """Return how uvicorn runs the application.

    Questions are people's business: no access log, and no name of the program in the answers.
    """
    return uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE_S,
    )


def bound(settings: ServiceSettings) -> socket.socket:
    """Return a socket bound to the settings' address; raises `InputError` when it is taken or not ours."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        listener = socket.create_server((settings.host, settings.port), family=family, backlog=2048)
        # asyncio does so only for sockets made with the protocol's number; without it the body of every answer waits
        # for the delayed acknowledgement of its head: 44 ms for an answer of one line.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listener
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "主机名无法识别"
        raise InputError(
            f"无法在 {settings.host}:{settings.port} 上监听（{reason}）", hint="用 --port 换一个端口，或检查 --host"
        ) from error
