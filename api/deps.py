"""What routes ask for: the open store and index, the reader with a token, the signed-in browser."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from secrets import compare_digest
from typing import Annotated, Final, cast
from urllib.parse import urlsplit

from anyio import Semaphore
from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.access import COOKIE, LONGEST_TOKEN, Actor, Doors, Session
from api.problems import NotSignedInError
from api.service import Holdings, Service
from graph.accounts import account_for_token
from graph.database import Database
from graph.errors import AccessError

_BEARER = HTTPBearer(
    auto_error=False,
    scheme_name="token",
    description="用 `zhiku token add 名称 --role reader` 得到的访问令牌 (token of an account)",
)

_EDITORS_TOKEN: Final = "请管理员用 zhiku token add 名称 --role editor 发一个可以编辑的令牌"  # noqa: S105 - says how to get one


def running_service(request: Request) -> Service:
    """Return what the service holds, open or not."""
    return cast(Service, request.app.state.service)


def open_holdings(service: Annotated[Service, Depends(running_service)]) -> Holdings:
    """Return the open store and index; raises `StoreUnavailableError`."""
    return service.holdings()


async def turn(request: Request) -> AsyncGenerator[None]:
    """Wait until few enough other questions for a topic are being worked on.

    They share one interpreter: eight at once took 90 ms of CPU each where two took 56 (bench/lookup_scale), 12 answers
    a second instead of 19.
    """
    turns: Semaphore = request.app.state.turns
    async with turns:
        yield


def doors(request: Request) -> Doors:
    """Return the service's one-time links and sessions."""
    return cast(Doors, request.app.state.doors)


def actor_of_token(database: Database, token: str) -> Actor | None:
    """Whose token is this?  None when nobody's, or revoked."""
    if not token or len(token) > LONGEST_TOKEN or not token.isascii() or not token.isprintable():
        return None
    account = account_for_token(database, token)
    return None if account is None else Actor(account.name, frozenset(account.roles))


def reader(
    service: Annotated[Service, Depends(running_service)],
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)],
) -> Actor:
    """Return who asks by bearer token: every account may read. Raises `NotSignedInError`."""
    if credentials is None:
        raise NotSignedInError("请求没有访问令牌", hint="加上请求头 Authorization: Bearer <令牌>")
    actor = actor_of_token(service.holdings().store.database, credentials.credentials)
    if actor is None:
        raise NotSignedInError("访问令牌无效或已撤销", hint="用 zhiku token add 重新获取")
    return actor


def signed_in(
    request: Request,
    doors: Annotated[Doors, Depends(doors)],
    service: Annotated[Service, Depends(running_service)],
) -> Session:
    """Return the session of the browser's cookie; raises `NotSignedInError`, which shows the page on how to enter."""
    session = doors.session(request.cookies.get(COOKIE, ""))
    if session is None:
        raise NotSignedInError("尚未进入", hint="请使用进入链接或访问令牌")
    # A revoked token ends the sessions that it opened.
    token = session.token
    if token is not None and actor_of_token(service.holdings().store.database, token.get_secret_value()) is None:
        doors.close(session)
        raise NotSignedInError("访问令牌已撤销", hint="请使用新的访问令牌")
    return session


def same_origin(request: Request) -> None:
    """Refuse a form that another site's page sent.

    Browsers say where a form comes from in Sec-Fetch-Site. Older ones have Origin alone, which our own Referrer-Policy
    turns into "null" on our own pages: then the CSRF token, or the access token given, has to do.
    """
    site = request.headers.get("sec-fetch-site")
    sender = request.headers.get("origin", "null")
    host = request.headers.get("host", "")
    foreign = sender != "null" and urlsplit(sender).netloc.lower() != host.lower()
    if foreign if site is None else site not in {"same-origin", "none"}:
        raise AccessError("这个表单来自另一个网站，没有处理", hint="请从本系统的页面操作")


async def confirmed(
    request: Request,
    session: Annotated[Session, Depends(signed_in)],
    _origin: Annotated[None, Depends(same_origin)],
) -> Session:
    """Return the session of a form that our own page sent; raises `AccessError` when its CSRF token is not ours."""
    form = await request.form(max_fields=50)
    given = form.get("csrf", "")
    if not isinstance(given, str) or not compare_digest(given.encode("utf-8", "replace"), session.csrf.encode()):
        raise AccessError("页面已过期，没有处理这次提交", hint="请重新打开页面再试")
    return session


def editor(actor: Annotated[Actor, Depends(reader)]) -> Actor:
    """Return who asks, when allowed to decide; raises `AccessError` for one who may only read."""
    if not actor.may_edit:
        raise AccessError(f"令牌“{actor.name}”只能查看，没有保存任何内容", hint=_EDITORS_TOKEN)
    return actor


def confirmed_editor(session: Annotated[Session, Depends(confirmed)]) -> Session:
    """Return the session of a form whose sender is allowed to decide; raises `AccessError` otherwise."""
    if not session.actor.may_edit:
        raise AccessError(f"“{session.actor.name}”只能查看，没有保存任何内容", hint=_EDITORS_TOKEN)
    return session


ServiceState = Annotated[Service, Depends(running_service)]
Open = Annotated[Holdings, Depends(open_holdings)]
# Given back before the answer is sent: a slow reader of it keeps nobody waiting.
TURN: Final = Depends(turn, scope="function")
Entrance = Annotated[Doors, Depends(doors)]
Reader = Annotated[Actor, Depends(reader)]
Editor = Annotated[Actor, Depends(editor)]
SignedIn = Annotated[Session, Depends(signed_in)]
Confirmed = Annotated[Session, Depends(confirmed)]
ConfirmedEditor = Annotated[Session, Depends(confirmed_editor)]
