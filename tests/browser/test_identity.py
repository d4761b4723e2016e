"""Questions about people in a real browser: both records beside each other, answered and taken back by forms alone."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.api_fixtures import Served
from tests.browser.test_console import DESK, TELEPHONE, visit
from tests.identity_fixtures import HOSTILE_TITLE, JOINED, NORTH, REGISTERED, asked

__all__ = ["asked"]


def open_question(page: Page, name: str) -> None:
    """Go to a name's question as a clerk does: from the head of the page, by the name."""
    page.get_by_role("link", name="同名辨认", exact=True).click()
    page.get_by_role("textbox", name="只看一个姓名").fill(name)
    page.get_by_role("button", name="查看").click()
    page.get_by_role("rowheader").get_by_role("link").click()


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
@pytest.mark.parametrize("size", [DESK, TELEPHONE], ids=["desk", "telephone"])
def test_an_editor_answers_and_takes_it_back(
    browser: Browser, asked: Served, size: tuple[int, int], javascript: bool, tmp_path: Path
) -> None:
    with visit(browser, asked, size=size, javascript=javascript, role="editor") as seen:
        page = seen.page
        open_question(page, "王伟")
        expect(page.get_by_role("heading", level=1)).to_have_text("王伟 与 王伟，是同一人吗？")
        expect(page.get_by_role("region", name="甲：王伟")).to_contain_text(HOSTILE_TITLE)
        assert page.locator(".pair mark").count() >= 4
        one, other = (page.get_by_role("region", name=f"{side}：王伟").bounding_box() for side in "甲乙")
        assert one is not None
        assert other is not None
        assert (one["y"] == other["y"]) == (size == DESK), "beside each other at a desk, stacked on a telephone"
        page.get_by_text("再看 3 项").click()
        seen.assert_fits()
        page.screenshot(path=tmp_path / "question.png", full_page=True)

        address = page.url
        page.get_by_role("button", name="不是同一人").click()
        assert page.url == address, "nothing is sent without a reason"
        page.get_by_role("textbox", name="理由").fill("两处主页")
        page.get_by_role("button", name="不是同一人").click()
        expect(page.get_by_role("status")).to_contain_text("已记下：不是同一人")
        seen.assert_fits()
        expect(page.get_by_role("link", name="王伟 与 王伟")).to_have_count(0)
        page.get_by_role("button", name="撤回这次回答").click()
        expect(page.get_by_role("status")).to_contain_text("已撤回")
        expect(page.get_by_role("link", name="王伟 与 王伟")).to_have_count(1)
        seen.assert_calm()


def test_a_split_is_put_off_without_a_reason(browser: Browser, asked: Served) -> None:
    with visit(browser, asked, role="editor") as seen:
        page = seen.page
        open_question(page, JOINED)
        expect(page.get_by_role("button", name="是别人，拆出")).to_be_visible()
        page.get_by_role("button", name="以后再说").click()
        expect(page.get_by_role("status")).to_contain_text("以后再说")
        page.get_by_label("也列出“以后再说”的").check()
        page.get_by_role("button", name="查看").click()
        expect(page.get_by_role("row").filter(has_text=JOINED).locator(".badge")).to_have_text("以后再说")
        seen.assert_calm()


@pytest.mark.parametrize("size", [DESK, TELEPHONE], ids=["desk", "telephone"])
def test_who_stands_on_a_roster_alone_is_no_empty_side(
    browser: Browser, asked: Served, size: tuple[int, int], tmp_path: Path
) -> None:
    with visit(browser, asked, size=size) as seen:
        page = seen.page
        seen.open("/identity")
        expect(page.get_by_role("row").filter(has_text="李娜")).to_contain_text(NORTH[:6])
        seen.assert_fits()
        page.screenshot(path=tmp_path / "queue.png", full_page=True)
        open_question(page, REGISTERED)
        side = page.get_by_role("region", name=f"甲：{REGISTERED}")
        expect(side).to_contain_text("教授级高级工程师")
        expect(side).to_contain_text("领军人才")
        expect(side).to_contain_text("<b>灌区")
        expect(page.locator("body")).not_to_contain_text("13800001111")
        seen.assert_fits()
        page.screenshot(path=tmp_path / "row.png", full_page=True)
        seen.assert_calm()


@pytest.mark.parametrize("size", [DESK, TELEPHONE], ids=["desk", "telephone"])
def test_a_reader_looks_and_is_told_why_there_are_no_buttons(
    browser: Browser, asked: Served, size: tuple[int, int]
) -> None:
    with visit(browser, asked, size=size) as seen:
        seen.open("/identity/Qmarkup")
        expect(seen.page.get_by_text("只能查看")).to_be_visible()
        expect(seen.page.locator("main button")).to_have_count(0)
        seen.assert_fits()
        seen.open("/identity?later=true")
        seen.assert_fits()
        seen.assert_calm()
