"""The console in a real browser: asked in Chinese, with and without JavaScript, at a desk and on a telephone."""

from collections.abc import Generator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from tests.api_fixtures import EXPERTS, SUBJECTS, Served, served, served_home

__all__ = ["served", "served_home"]

DESK, TELEPHONE = (1366, 768), (390, 844)
PICTURE_READY = "html[data-picture=ready]"


class Visit:
    """A page that remembers every request and every complaint of the browser."""

    def __init__(self, page: Page, service: Served) -> None:
        self.page = page
        self.service = service
        self.foreign: list[str] = []
        self.complaints: list[str] = []
        page.on("request", self._requested)
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("requestfailed", self._failed)

    def _requested(self, request: Request) -> None:
        if not request.url.startswith((self.service.url, "data:")):
            self.foreign.append(request.url)

    def _failed(self, request: Request) -> None:
        # Moving on to another page gives up what the last one was still fetching.
        if request.failure != "net::ERR_ABORTED":
            self.complaints.append(f"{request.failure}: {request.url}")

    def open(self, address: str) -> None:
        self.page.goto(self.service.url + address)

    def assert_calm(self) -> None:
        assert self.foreign == []
        assert self.complaints == []

    def assert_fits(self) -> None:
        width = self.page.viewport_size
        assert width is not None
        assert self.page.evaluate("document.documentElement.scrollWidth") <= width["width"]


@contextmanager
def visit(
    browser: Browser, service: Served, *, size: tuple[int, int] = DESK, javascript: bool = True, role: str = "reader"
) -> Generator[Visit]:
    """A browser that came in by the link."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, java_script_enabled=javascript, locale="zh-CN"
    )
    try:
        seen = Visit(context.new_page(), service)
        seen.page.goto(service.link(role))
        seen.page.wait_for_url(f"{service.url}/")
        yield seen
    finally:
        context.close()


def test_a_clerk_asks_in_chinese_and_opens_an_expert(browser: Browser, served: Served) -> None:
    with visit(browser, served) as seen:
        page = seen.page
        box = page.get_by_role("textbox", name="写下一个词、一句话，或粘贴一整段文字")
        expect(box).to_be_focused()
        page.keyboard.type(SUBJECTS[1])
        page.keyboard.press("Enter")
        page.wait_for_url("**/search?*")
        first = page.locator("li.answer").first
        expect(first.get_by_role("heading", level=2)).to_contain_text("虚构示例")
        expect(first.locator("mark").first).to_contain_text(SUBJECTS[1][:2])
        first.get_by_text("为什么是").click()
        expect(first.get_by_text("得分来自哪些词")).to_be_visible()
        for name in ("机构", "成果", "项目", "专家"):
            page.get_by_role("navigation", name="查找结果的种类").get_by_role("link", name=name).click()
            expect(page.locator("nav.tabs [aria-current=page]")).to_have_text(name)
        page.locator("li.answer h2 a").first.click()
        page.wait_for_url("**/experts/*")
        page.locator(".network").scroll_into_view_if_needed()
        frame = page.frame_locator(".network iframe")
        expect(frame.locator(PICTURE_READY)).to_be_attached(timeout=30_000)
        expect(frame.locator("canvas").first).to_be_visible()
        seen.assert_calm()


def test_the_frame_can_reach_neither_page_nor_cookie(browser: Browser, served: Served) -> None:
    with visit(browser, served) as seen:
        seen.open(f"/experts/{EXPERTS[7]}")
        seen.page.locator(".network").scroll_into_view_if_needed()
        expect(seen.page.frame_locator(".network iframe").locator(PICTURE_READY)).to_be_attached(timeout=30_000)
        assert seen.page.evaluate("document.querySelector('.network iframe').contentDocument") is None
        assert seen.page.evaluate("document.cookie") == ""
        seen.assert_calm()


def test_everything_works_without_javascript(browser: Browser, served: Served) -> None:
    with visit(browser, served, javascript=False) as seen:
        page = seen.page
        page.locator("#q").fill(SUBJECTS[0])
        page.get_by_role("button", name="查找").click()
        page.wait_for_url("**/search?*")
        page.locator("li.answer h2 a").first.click()
        page.wait_for_url("**/experts/*")
        drawing = page.locator(".network img")
        drawing.scroll_into_view_if_needed()
        expect(drawing).to_be_visible()
        size = drawing.bounding_box()
        assert size is not None
        assert size["height"] > 200
        expect(page.locator(".network iframe")).to_be_hidden()
        expect(page.get_by_role("table", name="主要合作者")).to_be_visible()
        page.get_by_role("button", name="退出").click()
        expect(page.get_by_text("已退出")).to_be_visible()
        seen.open("/")
        expect(page.get_by_role("heading", name="请先进入系统")).to_be_visible()
        assert seen.foreign == []


def test_a_clerk_looks_into_a_figure_without_javascript(browser: Browser, served: Served) -> None:
    with visit(browser, served, javascript=False) as seen:
        page = seen.page
        page.get_by_role("link", name="数据质量").click()
        page.wait_for_url("**/quality")
        row = page.get_by_role("row").filter(has_text="多年没有依据的任职")
        assert int(row.get_by_role("cell").first.inner_text()) >= len(EXPERTS[::3])
        row.get_by_role("link").click()
        page.wait_for_url("**/quality/stale-posts")
        expect(page.get_by_role("heading", level=1)).to_have_text("多年没有依据的任职")
        page.get_by_role("rowheader").get_by_role("link").first.click()
        page.wait_for_url("**/experts/*")
        seen.assert_calm()


def test_a_paragraph_and_its_tabs_without_javascript(browser: Browser, served: Served) -> None:
    with visit(browser, served, javascript=False) as seen:
        seen.page.locator("#q").fill(f"本课题研究{SUBJECTS[0]}的成因与对策。\n" * 100)
        seen.page.get_by_role("button", name="查找").click()
        expect(seen.page.locator("li.answer").first).to_be_visible()
        seen.page.get_by_role("button", name="成果", exact=True).click()
        expect(seen.page.locator("nav.tabs [aria-current=page]")).to_have_text("成果")
        expect(seen.page.locator("li.answer mark").first).to_be_visible()


@pytest.mark.parametrize("size", [DESK, TELEPHONE], ids=["desk", "telephone"])
@pytest.mark.parametrize(
    "address",
    [
        "/",
        f"/search?q={SUBJECTS[2]}&limit=100",
        f"/search?q={SUBJECTS[2]}&view=organisations&region=13&since_year=2008",
        f"/search?q={SUBJECTS[0]}&view=outputs",
        "/search?q=qwxzjkvb",
        f"/experts/{EXPERTS[7]}",
        "/quality",
        "/quality/stale-posts",
        "/quality/works-without-abstract",
        "/trends",
        "/trends?keyword=" + SUBJECTS[1],
        "/trends/experts",
        "/trends/map?keyword=" + SUBJECTS[1],
        f"/availability?q={SUBJECTS[0]}&when=下周&region=13",
        f"/search?q={SUBJECTS[0]}&newcomer_boost=2&newcomer_boost_years=50",
        "/exposure",
        "/cohorts",
        "/nominations",
        "/judge",
        "/experts/nobody",
    ],
)
def test_no_page_scrolls_sideways_or_complains(
    browser: Browser, served: Served, size: tuple[int, int], address: str
) -> None:
    with visit(browser, served, size=size) as seen:
        seen.open(address)
        for details in seen.page.locator("details").all():
            details.evaluate("each => { each.open = true; }")
        seen.assert_fits()
        if address != "/experts/nobody":  # Chromium itself notes the 404 of a page
            seen.assert_calm()


def test_the_keyboard_reaches_everything_and_focus_is_seen(browser: Browser, served: Served) -> None:
    with visit(browser, served) as seen:
        seen.open("/search?q=" + SUBJECTS[0])
        reached: list[str] = []
        for _ in range(18):
            seen.page.keyboard.press("Tab")
            reached.append(seen.page.evaluate("document.activeElement.innerText || document.activeElement.id"))
        assert reached[0] == "跳到正文"
        assert {"智库图谱", "数据质量", "接口文档", "退出", "q", "查找", "筛选条件", "专家", "机构"} <= set(reached)
        outline = seen.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid"


def test_the_interface_description_opens_offline(browser: Browser, served: Served) -> None:
    with visit(browser, served) as seen:
        seen.open("/docs")
        operation = seen.page.get_by_text("按主题找专家", exact=True)
        expect(operation).to_be_visible(timeout=30_000)
        operation.click()
        expect(seen.page.get_by_text("Try it out").first).to_be_visible()
        seen.assert_calm()
