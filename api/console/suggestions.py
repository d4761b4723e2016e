"""Completions for the search box, asked by the page's script with the browser's own session."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Query

from api.deps import Open, SignedIn
from queries.suggestions import Suggestions, suggestions
from queries.understanding import LONGEST_ASKED

router = APIRouter()

SHOWN: Final = 8


@router.get("/suggest")
def suggest(_session: SignedIn, held: Open, q: Annotated[str, Query(max_length=LONGEST_ASKED)] = "") -> Suggestions:
    """What could be meant by what was typed so far?"""
    return suggestions(held.store.database, held.index, text=q, limit=SHOWN)
