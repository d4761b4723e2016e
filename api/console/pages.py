"""The web pages: entering and leaving, the search box, the answers with their reasons, one expert."""

from __future__ import annotations

from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Path, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import SecretStr

from api.access import COOKIE, LONGEST_TOKEN, Session
from api.console.answers import SearchForm, View, answer, tabs
from api.console.rendering import page, sign_in_page
from api.console.understood import offers, word_shares
from api.deps import TURN, Confirmed, Entrance, Open, ServiceState, SignedIn, actor_of_token, same_origin
from api.questions import LONGEST_ID
from api.settings import ServiceSettings
from queries.answers import ExpertsAnswer
from queries.profiles import expert_profile

router = APIRouter(default_response_class=HTMLResponse)

# An address that every browser and proxy takes; a longer question is answered in place.
LONGEST_ADDRESS: Final = 1500
WORKS_SHOWN: Final = 50


@router.get("/")
def home(session: SignedIn) -> HTMLResponse:
    """The search box and what can be asked."""
    return page("home.html", {"form": SearchForm.model_validate({}), "tabs": ()}, session=session)


@router.get("/search", dependencies=[TURN])
def search(session: SignedIn, held: Open, form: Annotated[SearchForm, Query()]) -> HTMLResponse:
    """The answers to a question in the address: can be kept, sent and opened again."""
    return _answered(session, held, form)


@router.post("/search")
def search_text(session: Confirmed, held: Open, form: Annotated[SearchForm, Form()]) -> Response:
    """The answers to a form: a short question moves into the address, a paragraph is answered in place."""
    address = "/search?" + urlencode(
        form.model_dump(mode="json", exclude_defaults=True, exclude={"csrf"}) | {"view": form.view}
    )
    if len(address) <= LONGEST_ADDRESS:
        return RedirectResponse(address, status_code=303)
    return _answered(session, held, form)


@router.get("/experts/{id}")
def expert(
    session: SignedIn, held: Open, id: Annotated[str, Path(min_length=1, max_length=LONGEST_ID)]
) -> HTMLResponse:
    """One expert: facts, posts, works, collaborators, the network."""
    profile = expert_profile(held.store.database, id=id, works=WORKS_SHOWN)
    return page("expert.html", {"expert": profile}, session=session)


@router.get("/enter")
def enter(request: Request, doors: Entrance, code: Annotated[str, Query(max_length=LONGEST_TOKEN)] = "") -> Response:
    """Use the one-time link; without one, show how to get in."""
    if doors.session(request.cookies.get(COOKIE, "")) is not None:
        return RedirectResponse("/", status_code=303)
    if not code:
        return sign_in_page()
    session = doors.use_link(code)
    if session is None:
        return sign_in_page(message="这个进入链接已经用过或已过期。", status=401)
    # A page of our own that moves on, not a redirect: a strict cookie would not travel along a redirect that began
    # in a mail program or on another site.
    return _with_cookie(request, page("enter.html", {}), session)


@router.post("/enter", dependencies=[Depends(same_origin)])
def enter_by_token(
    request: Request,
    doors: Entrance,
    service: ServiceState,
    token: Annotated[str, Form(max_length=LONGEST_TOKEN)] = "",
) -> Response:
    """Open a session with an access token."""
    actor = actor_of_token(service.holdings().store.database, token.strip())
    if actor is None:
        return sign_in_page(message="访问令牌无效或已撤销。", status=401)
    session = doors.open(actor, token=SecretStr(token.strip()))
    return _with_cookie(request, RedirectResponse("/", status_code=303), session)


@router.post("/leave")
def leave(session: Confirmed, doors: Entrance) -> Response:
    """End the session."""
    doors.close(session)
    response = sign_in_page(message="已退出。")
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
    return response


def _answered(session: Session, held: Open, form: SearchForm) -> HTMLResponse:
    listed = form.view == "experts" and form.filtered
    if not form.q and not listed:
        return page("home.html", {"form": form, "tabs": ()}, session=session)
    shown = answer(held, form)
    context: dict[str, object] = {"form": form, "shown": shown, "tabs": tabs(form, LONGEST_ADDRESS)}
    if isinstance(shown.rows, ExpertsAnswer):
        context["shares"] = word_shares(shown.rows)
        context["offers"] = offers(shown.rows.understanding, form.model_dump(exclude_defaults=True))
    template = _TEMPLATES[form.view] if form.q else "experts_list.html"
    return page(template, context, session=session)


_TEMPLATES: Final[dict[View, str]] = {
    "experts": "experts.html",
    "organisations": "organisations.html",
    "outputs": "works.html",
    "projects": "works.html",
}


def _with_cookie(request: Request, response: Response, session: Session) -> Response:
    settings: ServiceSettings = request.app.state.settings
    response.set_cookie(
        COOKIE,
        session.key,
        max_age=int(settings.session_hours * 3600),
        path="/",
        httponly=True,
        samesite="strict",
        secure=settings.secure,
    )
    return response
