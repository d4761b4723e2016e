"""The console's own files: one style sheet, one optional script, the icon, the vendored Swagger UI."""

from __future__ import annotations

from pathlib import Path

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope


class _Revalidated(StaticFiles):
    """Files that a browser keeps but asks about: they change with a new version of the program."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "no-cache"
        return response


def files() -> StaticFiles:
    """Return the application that serves the folder `static`, and nothing outside of it."""
    return _Revalidated(directory=Path(__file__).parent / "static")
