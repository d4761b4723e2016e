"""Errors as RFC 9457 problem details: one table from the error family to status, type and Chinese title."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from graph.errors import (
    AccessError,
    ConflictError,
    InputError,
    NotFoundError,
    StoreDamagedError,
    StoreUnavailableError,
    ZhikuError,
)

_log = logging.getLogger("zhiku.problems")

MEDIA_TYPE: Final = "application/problem+json"
_TYPE: Final = "urn:zhiku:problem:"


class NotSignedInError(AccessError):
    """No token, or one that nobody has."""


class FieldProblem(BaseModel):
    """One value of the request that cannot be used: where it stands (`query.limit`, `body.q`) and why."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    field: str
    message: str


class Problem(BaseModel):
    """Problem details (RFC 9457). `type` is stable and meant for programs; `title` and `detail` are for people."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: str = Field(examples=["urn:zhiku:problem:not-found"])
    title: str = Field(examples=["没有找到"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["没有这位专家"])
    hint: str | None = Field(None, examples=["检查编号是否完整"])
    errors: tuple[FieldProblem, ...] = ()
    error_id: str | None = Field(None, description="服务日志里同一错误的编号 (the same error's id in the log)")


@dataclass(frozen=True, slots=True)
class Kind:
    """One sort of problem: HTTP status, last part of its type, title, headers that go with it."""

    status: int
    slug: str
    title: str
    headers: Mapping[str, str]


# The nearest class in an error's ancestry counts, so that a new child of the family always has an answer.
KINDS: Final[dict[type[ZhikuError], Kind]] = {
    ZhikuError: Kind(500, "store-failure", "图数据库未能完成请求", {}),
    InputError: Kind(422, "invalid-input", "请求内容无法使用", {}),
    NotFoundError: Kind(404, "not-found", "没有找到", {}),
    ConflictError: Kind(409, "conflict", "与已有数据冲突", {}),
    NotSignedInError: Kind(401, "not-signed-in", "需要访问令牌", {"WWW-Authenticate": 'Bearer realm="zhiku"'}),
    AccessError: Kind(403, "not-allowed", "没有权限", {}),
    StoreUnavailableError: Kind(503, "store-unavailable", "图数据库暂时不可用", {"Retry-After": "3"}),
    StoreDamagedError: Kind(500, "store-damaged", "图数据库的内容自相矛盾", {}),
}

_HTTP: Final[dict[int, tuple[str, str, str]]] = {
    400: ("bad-request", "请求无法识别", "请求的格式不对"),
    404: ("no-such-address", "没有这个地址", "请检查网址，或从首页开始"),
    405: ("method-not-allowed", "不支持这种请求方法", "这个地址不接受该 HTTP 方法"),
    413: ("too-large", "请求内容过大", "请缩短内容后再试"),
    421: ("wrong-host", "不认识的主机名", "服务不以这个主机名应答；管理员可在 ZHIKU_SERVE_ALLOWED_HOSTS 中加入"),
}

# What pydantic's error types say in Chinese; `{name}` are the values of the error's context.
_FIELD_MESSAGES: Final[dict[str, str]] = {
    "missing": "缺少这一项",
    "string_too_short": "至少 {min_length} 个字符",
    "string_too_long": "最多 {max_length} 个字符",
    "string_type": "应为文本",
    "string_unicode": "含有无法识别的字符",
    "string_pattern_mismatch": "格式不对",
    "int_parsing": "应为整数",
    "int_type": "应为整数",
    "int_from_float": "应为整数",
    "int_parsing_size": "数值过大",
    "greater_than_equal": "不得小于 {ge}",
    "less_than_equal": "不得大于 {le}",
    "too_long": "最多 {max_length} 项",
    "list_type": "应为列表",
    "tuple_type": "应为列表",
    "extra_forbidden": "没有这个参数",
    "json_invalid": "不是有效的 JSON",
    "model_attributes_type": "应为 JSON 对象",
    "dict_type": "应为 JSON 对象",
    "literal_error": "应为其中之一：{expected}",
}


@dataclass(frozen=True, slots=True)
class Reply:
    """A problem with the headers it is sent with."""

    problem: Problem
    headers: Mapping[str, str]


def of_error(error: ZhikuError) -> Reply:
    """Return the problem for an error of ours; errors of the server get an id that stands in the log too."""
    kind = next(KINDS[ancestor] for ancestor in type(error).__mro__ if ancestor in KINDS)
    error_id = _logged(error) if kind.status == 500 else None
    return Reply(
        _problem(kind.status, kind.slug, kind.title, error.message, error.hint, error_id=error_id), kind.headers
    )


def of_http(error: HTTPException) -> Reply:
    """Return the problem for what the framework refuses: unknown address, wrong method, body too large."""
    slug, title, detail = _HTTP.get(error.status_code, ("refused", "请求被拒绝", "服务不接受这个请求"))
    return Reply(_problem(error.status_code, slug, title, detail, None), error.headers or {})


def of_fields(errors: Sequence[Any]) -> Reply:
    """Return the problem for values that do not fit their declaration; the values themselves are never repeated."""
    fields = tuple(_field(error) for error in errors)
    summary = "；".join(f"{field.field}：{field.message}" for field in fields[:5])
    return Reply(_problem(422, "invalid-input", "请求内容无法使用", summary, None, errors=fields), {})


def of_fault(error: BaseException) -> Reply:
    """Return the problem for a fault of ours; what happened stands only in the log, under the same id."""
    error_id = _logged(error)
    detail = f"服务内部出错（编号 {error_id}）"
    return Reply(_problem(500, "internal", "服务内部错误", detail, "请把编号告诉管理员", error_id=error_id), {})


def _problem(
    status: int,
    slug: str,
    title: str,
    detail: str,
    hint: str | None,
    *,
    errors: tuple[FieldProblem, ...] = (),
    error_id: str | None = None,
) -> Problem:
    return Problem(
        type=_TYPE + slug, title=title, status=status, detail=detail, hint=hint, errors=errors, error_id=error_id
    )


def _field(error: Mapping[str, Any]) -> FieldProblem:
    # A place may be a key the client made up: shown short, and only what UTF-8 can hold.
    place = ".".join(str(part) for part in error["loc"])[:80].encode("utf-8", "replace").decode("utf-8")
    context: Mapping[str, object] = error.get("ctx") or {}
    template = _FIELD_MESSAGES.get(error["type"], "值不合要求")
    return FieldProblem(field=place, message=template.format_map({name: str(value) for name, value in context.items()}))


def _logged(error: BaseException) -> str:
    error_id = secrets.token_hex(6)
    _log.error("error %s", error_id, exc_info=(type(error), error, error.__traceback__))
    return error_id


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI `responses` of a route that may answer with these problem statuses."""
    titles = {kind.status: kind.title for kind in reversed(KINDS.values())}
    titles |= {status: title for status, (_, title, _) in _HTTP.items() if status not in titles}
    schema = {"$ref": "#/components/schemas/Problem"}
    return {status: {"description": titles[status], "content": {MEDIA_TYPE: {"schema": schema}}} for status in statuses}


# What may keep a write from being done, for its description.
WRITES: Final = documented(400, 401, 403, 404, 409, 413, 422, 503)
