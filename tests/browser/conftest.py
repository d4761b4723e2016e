"""A real Chromium for the tests that look at pages: from ZHIKU_CHROMIUM, else where Debian puts it."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

ARGUMENTS = [
    "--no-sandbox",  # the machines that run the tests are containers, often as root
    "--headless",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the whole run; every test opens its own context."""
    program = Path(os.environ.get("ZHIKU_CHROMIUM", "/usr/bin/chromium"))
    if not program.exists():
        pytest.skip(f"没有 Chromium：{program}；请安装 chromium，或用 ZHIKU_CHROMIUM 指明它的位置")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield chromium
        chromium.close()
