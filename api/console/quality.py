"""The pages on data quality: the figures, and the cases behind each of them."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Path
from fastapi.responses import HTMLResponse

from api.console.rendering import page
from api.deps import Open, SignedIn
from queries.quality import QualityKind, quality_cases, quality_counts

router = APIRouter(default_response_class=HTMLResponse)

CASES_SHOWN: Final = 100


@router.get("/quality")
def figures(session: SignedIn, held: Open) -> HTMLResponse:
    """What is wrong, doubtful or missing, and how much of it."""
    return page("quality.html", {"quality": quality_counts(held.store.database)}, session=session)


@router.get("/quality/{kind}")
def cases(session: SignedIn, held: Open, kind: Annotated[QualityKind, Path(description="which kind")]) -> HTMLResponse:
    """The worst cases of one kind, with the reason for each."""
    found = quality_cases(held.store.database, kind=kind, limit=CASES_SHOWN)
    return page("quality_cases.html", {"found": found, "most": CASES_SHOWN}, session=session)
