"""The description of the interface: complete, true, and readable offline. Schemathesis asks what nobody thought of."""

from copy import deepcopy
from typing import Any, cast

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.specs.openapi import checks

from api.app import create_app
from api.settings import ServiceSettings
from tests.api_fixtures import Served

DOCUMENT: dict[str, Any] = create_app(ServiceSettings()).openapi()  # pyright: ignore[reportCallIssue]
OPERATIONS: list[tuple[str, str, dict[str, Any]]] = [
    (path, method, operation) for path, methods in DOCUMENT["paths"].items() for method, operation in methods.items()
]


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS)
def test_every_operation_is_described(path: str, method: str, operation: dict[str, Any]) -> None:
    assert operation["summary"]
    assert operation["description"]
    assert operation["tags"]
    assert "HTTPValidationError" not in str(operation)
    if path.startswith("/api/v1"):
        assert operation["security"] == [{"token": []}]
        assert {"200", "401", "422", "503"} <= set(operation["responses"])
        assert "example" in operation["responses"]["200"]["content"]["application/json"]
    for status, response in operation["responses"].items():
        if status != "200":
            assert list(response["content"]) == ["application/problem+json"], (path, method, status)
    for parameter in operation.get("parameters", []):
        assert parameter["schema"].get("description") or parameter.get("description"), parameter["name"]


def test_it_is_openapi_3_1_and_names_nothing_outside() -> None:
    assert DOCUMENT["openapi"].startswith("3.1")
    assert "ValidationError" not in DOCUMENT["components"]["schemas"]
    assert "http://" not in str(DOCUMENT)


def test_it_is_served_with_its_page(served: Served) -> None:
    with served.client() as client:
        assert client.get("/openapi.json").json() == DOCUMENT
        page = client.get("/docs").text
        assert "//" not in page.replace("<!DOCTYPE html>", "")
        for file in ("swagger-ui.css", "swagger-ui-bundle.js"):
            assert client.get(f"/static/vendor/swagger-ui/{file}").status_code == 200


def without_security() -> dict[str, Any]:
    """The document without its locks (`test_routes.py` walks those): each generated request has an editor's token."""
    document = deepcopy(DOCUMENT)
    for methods in document["paths"].values():
        for operation in methods.values():
            operation.pop("security", None)
    return document


# Partly untyped where they are declared.
NEGATIVE: Any = getattr(checks, "negative_data_rejection")  # noqa: B009
POSITIVE: Any = getattr(checks, "positive_data_acceptance")  # noqa: B009

LOOSE = {
    "exclude", "expand", "exclude_units", "exclude_coauthors_of", "output_kinds", "project_kinds", "types",
    "members_only", "has_contact", "verified_since",
}  # fmt: skip

schema: Any = schemathesis.openapi.from_dict(without_security())


@schema.parametrize()
@settings(
    max_examples=20,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
def test_schemathesis_finds_no_surprise(case: Any, served: Served) -> None:
    response = case.call(base_url=served.url, headers={"Authorization": f"Bearer {served.editor}"})
    excluded: list[Any] = []
    # A list of one in an address cannot be told from its only value, so ?exclude=1 breaks no rule there; nor can 0
    # be told from false, or a number from the day it stands for.
    sent: object = case.body
    body = cast("dict[str, Any]", sent) if isinstance(sent, dict) else dict[str, Any]()
    if LOOSE & {*(case.query or {}), *body}:
        excluded.append(NEGATIVE)
    # A code such as 130001 has the shape of a region's and is none: no pattern says that.
    # Nor does a schema say that a period has its end after its beginning and is no longer than a year.
    if "行政区划代码" in response.text or "时段" in response.text:
        excluded.append(POSITIVE)
    # Two days of a request may contradict each other, or lie outside all history: no pattern says that either.
    if "早于" in response.text or "年份" in response.text:
        excluded.append(POSITIVE)
    case.validate_response(response, excluded_checks=excluded)
    assert "Traceback" not in response.text
