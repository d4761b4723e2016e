"""The description of the HTTP interface, for programs and, offline, for people."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse

from api.console.rendering import page

router = APIRouter()

# The page of Swagger UI alone talks to this service from the browser, and its icons are data addresses.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


@router.get("/openapi.json")
def openapi(request: Request) -> JSONResponse:
    """The OpenAPI 3.1 document."""
    document: dict[str, Any] = request.app.openapi()
    return JSONResponse(document)


@router.get("/docs")
def read() -> HTMLResponse:
    """The same document to read and to try, from files of this service alone."""
    return page("docs.html", {}, headers={"Content-Security-Policy": _POLICY})
