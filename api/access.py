"""Who is asking?  Tokens for programs, one-time links and cookie sessions, kept in memory, for the pages."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from pydantic import SecretStr

COOKIE: Final = "zhiku_session"
EDITOR: Final = "editor"
EDITORS: Final = frozenset({"editor", "admin"})
LONGEST_TOKEN: Final = 512
# More than the staff of an association; the oldest goes when a script opens sessions without end.
MOST_SESSIONS: Final = 1000
_SECRET_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks: the name that stands in the audit, and the roles."""

    name: str
    roles: frozenset[str]

    @property
    def may_edit(self) -> bool:
        """Whether what this one says is kept: answers about people, merges, splits."""
        return not self.roles.isdisjoint(EDITORS)


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in browser. `token` is the account's, asked again on every page; None for the one-time link."""

    key: str
    csrf: str
    actor: Actor
    token: SecretStr | None
    expires_at: float


class Doors:
    """The one-time links and the sessions of one running service; times in seconds of a clock that never goes back."""

    def __init__(self, *, session_s: float, link_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._session_s = session_s
        self._link_s = link_s
        self._clock = clock
        self._lock = threading.Lock()
        self._links: dict[str, tuple[Actor, float]] = {}
        self._sessions: dict[str, Session] = {}

    def new_link(self, actor: Actor) -> str:
        """Make the code of a one-time link that lets its bearer in as `actor`."""
        code = secrets.token_urlsafe(_SECRET_BYTES)
        with self._lock:
            self._links[_digest(code)] = (actor, self._clock() + self._link_s)
        return code

    def use_link(self, code: str) -> Session | None:
        """Open a session for a code not used before and not expired; None otherwise."""
        with self._lock:
            actor, expires_at = self._links.pop(_digest(code), (None, 0.0))
        return None if actor is None or self._clock() >= expires_at else self.open(actor, token=None)

    def open(self, actor: Actor, *, token: SecretStr | None) -> Session:
        """Open a session for somebody who has shown who they are."""
        key = secrets.token_urlsafe(_SECRET_BYTES)
        csrf = secrets.token_urlsafe(_SECRET_BYTES)
        session = Session(key, csrf, actor, token, self._clock() + self._session_s)
        with self._lock:
            self._forget_expired()
            if len(self._sessions) >= MOST_SESSIONS:
                del self._sessions[next(iter(self._sessions))]
            self._sessions[_digest(key)] = session
        return session

    def session(self, key: str) -> Session | None:
        """Return the session of a cookie; None when unknown or expired."""
        with self._lock:
            session = self._sessions.get(_digest(key))
        return session if session is not None and self._clock() < session.expires_at else None

    def close(self, session: Session) -> None:
        """End a session."""
        with self._lock:
            self._sessions.pop(_digest(session.key), None)

    def _forget_expired(self) -> None:
        now = self._clock()
        self._sessions = {place: session for place, session in self._sessions.items() if now < session.expires_at}
        self._links = {place: link for place, link in self._links.items() if now < link[1]}


def _digest(secret: str) -> str:
    # Looked up by digest, so that the time a lookup takes says nothing about the secret.
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
