"""Is the service alive, can it answer, which version is it?"""

from __future__ import annotations

from importlib.metadata import version as package_version
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from api.deps import ServiceState
from api.problems import documented
from graph.errors import StoreUnavailableError, ZhikuError

router = APIRouter(tags=["运行状态 Health"])


class Alive(BaseModel):
    """The process answers; says nothing of the graph."""

    model_config = ConfigDict(frozen=True)

    status: Literal["alive"]


class Ready(BaseModel):
    """The graph answers and the text index is open; `sequence` is the last write that the index has seen."""

    model_config = ConfigDict(frozen=True)

    status: Literal["ready"]
    sequence: int


class Version(BaseModel):
    """Which program and which version of its HTTP interface answer."""

    model_config = ConfigDict(frozen=True)

    name: Literal["zhiku"]
    version: str
    api: Literal["v1"]


@router.get("/healthz", summary="进程是否存活", operation_id="healthz")
def alive() -> Alive:
    """Does the process answer?"""
    return Alive(status="alive")


@router.get("/readyz", summary="能否回答问题", operation_id="readyz", responses=documented(503))
def ready(service: ServiceState) -> Ready:
    """Can questions be answered: does the graph answer, is the text index open?"""
    try:
        return Ready(status="ready", sequence=service.check().index.sequence)
    except ZhikuError as error:
        # Whoever watches the service knows one answer for "not now", whatever the reason.
        raise StoreUnavailableError(error.message, hint=error.hint) from error


@router.get("/version", summary="版本", operation_id="version")
def version() -> Version:
    """Which version is this?"""
    return Version(name="zhiku", version=package_version("zhiku"), api="v1")
