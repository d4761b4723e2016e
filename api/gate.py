"""What every request passes: host check, limit of the body, security headers, the last resort for faults of ours."""

from __future__ import annotations

import re
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.replies import fault, refusal

# RFC 9110 section 7.2: a name or an address, an IPv6 address in brackets, then perhaps a port.
_HOST: Final = re.compile(r"(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::\d{1,5})?\Z")

PAGE_POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; form-action 'self'; frame-src 'self'; "
    "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS: Final = {
    "Content-Security-Policy": PAGE_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    # Nearly every answer is about people: nothing is left in a cache unless a route says otherwise.
    "Cache-Control": "no-store",
}


class Gate:
    """The outermost ASGI layer; a route's own headers stand, these fill in what it does not say."""

    def __init__(self, app: ASGIApp, *, hosts: frozenset[str], body_limit: int) -> None:
        self._app = app
        self._hosts = hosts
        self._body_limit = body_limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request; other kinds of ASGI messages pass."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        request = Request(scope)
        refused = self._refused(Headers(scope=scope))
        if refused is not None:
            await refusal(request, refused)(scope, receive, guarded)
            return
        try:
            await self._app(scope, self._limited(receive), guarded)
        except Exception as error:  # noqa: BLE001 - the last resort: the log has it, the client gets its number
            response = fault(request, error)
            if not started:
                await response(scope, receive, guarded)

    def _refused(self, headers: Headers) -> HTTPException | None:
        host = _HOST.match(headers.get("host", ""))
        if host is None or host[1].lower() not in self._hosts:
            return HTTPException(421)
        length = headers.get("content-length", "0")
        if length.isascii() and length.isdigit() and int(length[:20]) > self._body_limit:
            return HTTPException(413)
        return None

    def _limited(self, receive: Receive) -> Receive:
        received = 0

        async def limited() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._body_limit:
                raise HTTPException(413)
            return message

        return limited
