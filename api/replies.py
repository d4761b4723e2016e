"""How a problem is sent: as problem details to programs, as a Chinese page to people."""

from __future__ import annotations

from typing import cast

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api import problems
from api.console.rendering import problem_page, sign_in_page
from graph.errors import ZhikuError

_FOR_PROGRAMS = ("/api/", "/healthz", "/readyz", "/version", "/openapi.json")


def for_programs(path: str) -> bool:
    """Whether an address is one that programs ask, so that they get problem details instead of a page."""
    return path.startswith(_FOR_PROGRAMS)


def reply(request: Request, answer: problems.Reply) -> Response:
    """Send a problem in the form that the asked address calls for."""
    problem = answer.problem
    headers = dict(answer.headers)
    if for_programs(request.url.path):
        return JSONResponse(
            problem.model_dump(mode="json", exclude_defaults=True),
            status_code=problem.status,
            headers=headers,
            media_type=problems.MEDIA_TYPE,
        )
    if problem.status == 401:
        return sign_in_page(status=401)
    return problem_page(problem, headers=headers)


def refusal(request: Request, error: HTTPException) -> Response:
    """Answer for what the framework or the gate refuses."""
    return reply(request, problems.of_http(error))


def fault(request: Request, error: Exception) -> Response:
    """Answer for a fault of ours."""
    return reply(request, problems.of_fault(error))


def install(app: FastAPI) -> None:
    """Make every error of the application a problem."""
    app.add_exception_handler(ZhikuError, _ours)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _fields)


async def _ours(request: Request, error: Exception) -> Response:
    return reply(request, problems.of_error(cast(ZhikuError, error)))


async def _http(request: Request, error: Exception) -> Response:
    return refusal(request, cast(HTTPException, error))


async def _fields(request: Request, error: Exception) -> Response:
    return reply(request, problems.of_fields(cast(RequestValidationError, error).errors()))
