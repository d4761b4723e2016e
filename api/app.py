"""The HTTP service: one application with its resources, routes, pages and error answers."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from anyio import Semaphore, to_thread
from fastapi import APIRouter, Depends, FastAPI
from fastapi.openapi.utils import get_openapi

from api import replies
from api.access import Doors
from api.console import availability as availability_pages
from api.console import cohorts as cohort_pages
from api.console import demands as demand_pages
from api.console import exposure as exposure_pages
from api.console import identity as identity_pages
from api.console import judging as judging_pages
from api.console import lists as list_pages
from api.console import nominations as nomination_pages
from api.console import organisations as organisation_pages
from api.console import pages, pictures, static
from api.console import quality as quality_pages
from api.console import suggestions as typing_pages
from api.console import trends as trend_pages
from api.deps import reader
from api.gate import Gate
from api.problems import Problem
from api.routes import (
    availability,
    commissions,
    demands,
    docs,
    expertise,
    experts,
    identity,
    lists,
    networks,
    organisations,
    quality,
    services,
    system,
    trends,
    understanding,
    works,
)
from api.service import Service
from api.settings import ServiceSettings
from graph.settings import DatabaseSettings
from graph.store import open_store

_DESCRIPTION = """\
智库图谱的 HTTP 接口：按主题找专家、机构、成果与项目，每个答案都带依据；查看一位专家与谁合作；
回答哪些同名的人是同一人。

除运行状态外，每个地址都需要访问令牌（`Authorization: Bearer …`）。错误一律为 RFC 9457 问题详情
（`application/problem+json`），`type` 供程序判断，`title` 与 `detail` 供人阅读。

*HTTP interface of Zhiku: experts, organisations, outputs and projects for a topic, each with its reasons; which people
of one name are one person.*
"""


def create_app(
    settings: ServiceSettings, *, database: DatabaseSettings | None = None, home: Path | None = None
) -> FastAPI:
    """Make the application; it opens the store that `database` and `home` name (else the environment) when it starts.

    `app.state.doors` makes one-time links; `app.state.service` holds the store and index.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        service = Service(
            lambda: open_store(database, home),
            follow_s=settings.follow_seconds,
            wait_s=settings.opening_wait_s,
            warm_up_questions=settings.warm_up_questions,
        )
        app.state.service = service
        service.start()
        try:
            yield
        finally:
            await to_thread.run_sync(service.stop)

    app = FastAPI(
        title="智库图谱 Zhiku",
        version=version("zhiku"),
        description=_DESCRIPTION,
        lifespan=lifespan,
        openapi_url=None,  # served by routes/docs.py, without a CDN
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.settings = settings
    app.state.turns = Semaphore(settings.questions_at_once)
    app.state.doors = Doors(session_s=settings.session_hours * 3600, link_s=settings.link_minutes * 60)
    app.add_middleware(Gate, hosts=settings.hosts, body_limit=settings.body_limit_bytes)
    replies.install(app)
    _include_routes(app)
    app.openapi = lambda: _openapi(app)
    return app


def _include_routes(app: FastAPI) -> None:
    interface = APIRouter(prefix="/api/v1", dependencies=[Depends(reader)])
    for room in (
        experts,
        organisations,
        works,
        networks,
        quality,
        identity,
        understanding,
        expertise,
        trends,
        demands,
        services,
        commissions,
        lists,
        availability,
    ):
        interface.include_router(room.router)
    app.include_router(interface)
    app.include_router(system.router)
    for room in (
        docs,
        pages,
        pictures,
        quality_pages,
        identity_pages,
        typing_pages,
        trend_pages,
        demand_pages,
        organisation_pages,
        list_pages,
        availability_pages,
        cohort_pages,
        nomination_pages,
        exposure_pages,
        judging_pages,
    ):
        app.include_router(room.router, include_in_schema=False)
    app.mount("/static", static.files(), name="static")


def _openapi(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document, made once; FastAPI's own shape of a 422 answer gives way to problem details."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title,
            version=app.version,
            description=app.description,
            routes=app.routes,
            openapi_version="3.1.0",
        )
        schemas: dict[str, Any] = document["components"]["schemas"]
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas |= problem.pop("$defs", {}) | {"Problem": problem}
        document["components"]["schemas"] = schemas
        app.openapi_schema = document
    return app.openapi_schema
