"""The page of one organisation: names and history, people and works, services, what it houses."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Path
from fastapi.responses import HTMLResponse

from api.console.rendering import page
from api.deps import Open, SignedIn
from api.questions import LONGEST_ID
from queries.organisation_profiles import organisation_profile

router = APIRouter(default_response_class=HTMLResponse)

SHOWN: Final = 20


@router.get("/organisations/{id}")
def organisation(
    session: SignedIn, held: Open, id: Annotated[str, Path(min_length=1, max_length=LONGEST_ID)]
) -> HTMLResponse:
    """One organisation with all that is public of it."""
    body = organisation_profile(held.store.database, id=id, shown=SHOWN)
    return page("organisation.html", {"body": body}, session=session)
