"""Every error of the family has a status, and no answer says more than it may."""

import logging

import pytest
from starlette.exceptions import HTTPException

from api import problems
from graph import errors
from graph.errors import InputError, ZhikuError


def family() -> list[type[ZhikuError]]:
    named = [one for one in vars(errors).values() if isinstance(one, type)]
    return sorted({one for one in named if issubclass(one, ZhikuError)}, key=str)


@pytest.mark.parametrize("kind", family())
def test_every_error_of_the_family_stands_in_the_table(kind: type[ZhikuError]) -> None:
    assert kind in problems.KINDS
    reply = problems.of_error(kind("发生了什么", hint="怎么办"))
    assert reply.problem.detail == "发生了什么"
    assert reply.problem.hint == "怎么办"
    assert reply.problem.status == problems.KINDS[kind].status
    assert (reply.problem.error_id is not None) == (reply.problem.status == 500)


def test_types_are_distinct_and_stable() -> None:
    assert {kind.__name__: found.slug for kind, found in problems.KINDS.items()} == {
        "ZhikuError": "store-failure",
        "InputError": "invalid-input",
        "NotFoundError": "not-found",
        "ConflictError": "conflict",
        "NotSignedInError": "not-signed-in",
        "AccessError": "not-allowed",
        "StoreUnavailableError": "store-unavailable",
        "StoreDamagedError": "store-damaged",
    }


def test_a_new_child_is_answered_like_its_parent() -> None:
    class OddFileError(InputError):
        pass

    assert problems.of_error(OddFileError("坏文件")).problem.status == 422


def test_a_fault_says_only_its_number_and_the_log_says_the_rest(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        problem = problems.of_fault(ValueError("secret value 13800000000")).problem
    assert problem.status == 500
    assert problem.error_id is not None
    assert "13800000000" not in problem.model_dump_json()
    assert problem.error_id in caplog.text
    assert "13800000000" in caplog.text


@pytest.mark.parametrize("status", [400, 404, 405, 413, 418, 421])
def test_refusals_of_the_framework_are_chinese_sentences(status: int) -> None:
    problem = problems.of_http(HTTPException(status, detail="English words")).problem
    assert problem.status == status
    assert "English" not in problem.model_dump_json()
    assert any("\u4e00" <= letter <= "\u9fff" for letter in problem.title)


def test_values_that_do_not_fit_are_named_but_never_repeated() -> None:
    errors_ = [
        {"type": "less_than_equal", "loc": ("query", "limit"), "ctx": {"le": 100}, "input": "secret", "msg": "x"},
        {"type": "unheard_of", "loc": ("body", "\ud800"), "input": "secret", "msg": "x"},
    ]
    problem = problems.of_fields(errors_).problem
    assert problem.errors[0] == problems.FieldProblem(field="query.limit", message="不得大于 100")
    assert problem.errors[1] == problems.FieldProblem(field="body.?", message="值不合要求")
    assert "secret" not in problem.model_dump_json()
