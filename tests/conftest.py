"""What every test run shares: the honest-skip rule, Hypothesis without a clock, the number of crash rounds."""

import os
from collections.abc import Generator
from typing import Final

import pytest
from hypothesis import HealthCheck, settings

ALLOWED_SKIP: Final = "共享数据"  # the one thing a fresh clone may lack: the folder beside it with real corpora
COMPONENTS_REQUIRED: Final = "ZHIKU_REQUIRE_COMPONENTS"
_MAKETEST_ROUNDS: Final = 2

pytest_plugins = ["tests.graph_fixtures"]

# The clock of a shared two-core machine says nothing about the code, and a build must not differ from the last by luck.
settings.register_profile(
    "zhiku",
    deadline=None,
    derandomize="CI" in os.environ,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("zhiku")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--crash-rounds N`: how many times each crash test kills; `make crash` asks for 20."""
    parser.addoption(
        "--crash-rounds",
        type=int,
        default=_MAKETEST_ROUNDS,
        help="每个崩溃测试 kill -9 的次数 (make crash: 20)",
    )


@pytest.fixture(scope="session")
def crash_rounds(request: pytest.FixtureRequest) -> int:
    """How many times a crash test kills the process it is about."""
    return int(request.config.getoption("--crash-rounds") or _MAKETEST_ROUNDS)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Under `make test` a test that skips for want of a component has failed."""
    report = yield
    if not hasattr(report, "wasxfail"):
        _fail_if_skipped_for_a_component(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a module that skips itself as a whole."""
    report = yield
    _fail_if_skipped_for_a_component(report)
    return report


def _fail_if_skipped_for_a_component(report: pytest.TestReport | pytest.CollectReport) -> None:
    if not report.skipped or not os.environ.get(COMPONENTS_REQUIRED):
        return
    where = report.longrepr
    reason = str(where[2] if isinstance(where, tuple) else where).removeprefix("Skipped: ")
    if reason.startswith(ALLOWED_SKIP):
        return
    report.outcome = "failed"
    report.longrepr = f"{reason}\n{COMPONENTS_REQUIRED} 已设置：测试只可因缺少共享数据而跳过，不可因缺少组件而跳过。"
