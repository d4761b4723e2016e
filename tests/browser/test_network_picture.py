"""The picture in a real browser: drawn, harmless, offline, and fitting the screen."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Browser, Dialog, Page, expect

from queries.networks import Network, NetworkNode
from tests.unit.viz.networks import HOSTILE, hostile, star
from viz.network import PictureDocument, network_html, network_svg, write_picture

READY = "html[data-picture=ready]"
INK = """() => {
  const canvas = document.querySelector('#network canvas');
  const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  let ink = 0;
  for (let at = 3; at < pixels.length; at += 4) { if (pixels[at] > 0) { ink += 1; } }
  return ink;
}"""
FRAME_PAGE = (
    b'<!DOCTYPE html><meta charset="utf-8"><iframe src="/picture" sandbox="allow-scripts" width=900 height=700>'
)


class Watched:
    """A page that remembers what it asked for, what it complained about, and every dialog."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.dialogs: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

        def refuse(dialog: Dialog) -> None:
            self.dialogs.append(dialog.message)
            dialog.dismiss()

        page.on("dialog", refuse)

    def assert_harmless(self) -> None:
        assert self.dialogs == []
        assert self.complaints == []


@contextmanager
def opened(browser: Browser, document: PictureDocument, folder: Path, width: int, height: int) -> Generator[Watched]:
    path = folder / "图.html"
    write_picture(document, path)
    page = browser.new_page(viewport={"width": width, "height": height})
    watched = Watched(page)
    page.goto(path.as_uri())
    try:
        yield watched
    finally:
        page.close()


def wait_for_ink(page: Page, pixels: int) -> None:
    # Not wait_for_function: it evaluates a string inside the page, which the picture's own policy forbids.
    for _ in range(100):
        if page.evaluate(INK) > pixels:
            return
        page.wait_for_timeout(50)
    pytest.fail("nothing was drawn")


def one(text: str) -> Network:
    node = NetworkNode(id=text or "e", label=text, kind="person", group=text, weight=1, distance=0, detail=text)
    return Network(centre=node.id, nodes=(node,), edges=(), total_nodes=1, truncated=False)


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (390, 844)])
def test_the_picture_is_drawn_and_fits_the_screen(browser: Browser, tmp_path: Path, width: int, height: int) -> None:
    with opened(browser, network_html(star(60), title="王伟的合作网络"), tmp_path, width, height) as watched:
        watched.page.wait_for_selector(READY)
        wait_for_ink(watched.page, 2000)
        assert watched.page.evaluate("document.documentElement.scrollWidth") == width
        assert len(watched.requests) == 1
        watched.assert_harmless()
        canvas = watched.page.locator("#network canvas").bounding_box()
        assert canvas is not None
        assert canvas["height"] >= 320
        assert canvas["height"] < height


def test_no_text_of_the_data_becomes_an_element_or_runs(browser: Browser, tmp_path: Path) -> None:
    with opened(browser, network_html(hostile(), title=HOSTILE[0]), tmp_path, 1366, 768) as watched:
        watched.page.wait_for_selector(READY)
        for selector in ("img", "a", "iframe", "object", "[onerror]", "[onload]", "[onmouseover]", "main svg"):
            assert watched.page.locator(selector).count() == 0, selector
        assert watched.page.locator("script").count() == 3
        assert "<img src=x onerror=alert(2)>" in watched.page.locator("table").first.inner_text()
        assert watched.page.evaluate("document.documentElement.scrollWidth") == 1366
        assert len(watched.requests) == 1
        watched.assert_harmless()


@pytest.mark.parametrize("text", [text for text in HOSTILE if "alert" in text or "href" in text])
def test_a_tooltip_shows_hostile_text_as_text(browser: Browser, tmp_path: Path, text: str) -> None:
    with opened(browser, network_html(one(text), title="图"), tmp_path, 1000, 700) as watched:
        watched.page.wait_for_selector(READY)
        box = watched.page.locator("#network canvas").bounding_box()
        assert box is not None
        middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2 - 20)
        watched.page.mouse.move(middle[0] - 5, middle[1])
        watched.page.mouse.move(*middle)
        tooltip = watched.page.locator("div.vis-tooltip")
        expect(tooltip).to_be_visible()
        assert text in tooltip.inner_text()
        assert tooltip.locator("*:not(br)").count() == 0
        watched.page.mouse.click(*middle)
        expect(watched.page.locator("#chosen")).to_contain_text("成果 1 项")
        assert text in str(watched.page.locator("#chosen").text_content())
        assert watched.page.locator("#chosen *").count() == 0
        watched.assert_harmless()


def test_buttons_zoom_and_the_keyboard_reaches_them(browser: Browser, tmp_path: Path) -> None:
    with opened(browser, network_html(star(30), title="图"), tmp_path, 1366, 768) as watched:
        page = watched.page
        page.wait_for_selector(READY)
        wait_for_ink(page, 1000)
        before = page.locator("#network canvas").screenshot()
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.id") == "zoom-in"
        page.keyboard.press("Enter")
        page.wait_for_timeout(400)
        assert page.locator("#network canvas").screenshot() != before
        watched.assert_harmless()


def test_without_javascript_the_svg_and_the_tables_are_there(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    write_picture(network_html(star(20), title="图"), path)
    for width in (1366, 390):
        page = browser.new_page(java_script_enabled=False, viewport={"width": width, "height": 800})
        page.goto(path.as_uri())
        assert page.locator("#network svg circle").count() == 20
        assert page.locator("tbody").first.locator("tr").count() == 20
        assert not page.locator(".tools").is_visible()
        box = page.locator("main").bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= width
        page.close()


def test_hostile_text_stays_text_in_the_svg(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_text(
        f'<!DOCTYPE html><meta charset="utf-8">{network_svg(hostile(), title=HOSTILE[0])}', encoding="utf-8"
    )
    page = browser.new_page()
    watched = Watched(page)
    page.goto(path.as_uri())
    assert page.locator("svg").count() == 1
    assert page.locator("img, a, script, [onload], [onerror]").count() == 0
    watched.assert_harmless()
    page.close()


@pytest.fixture
def served() -> Iterator[str]:
    """The address of a page that frames the picture as the service does: sandboxed, with the policy as a header."""
    document = network_html(hostile(), title="图")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            picture = self.path == "/picture"
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header(
                "Content-Security-Policy", document.csp if picture else "default-src 'none'; frame-src 'self'"
            )
            self.end_headers()
            self.wfile.write(document.html if picture else FRAME_PAGE)

        def log_message(self, format: str, *args: object) -> None:
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_in_a_sandboxed_frame_the_policy_lets_the_picture_and_nothing_else_run(browser: Browser, served: str) -> None:
    page = browser.new_page()
    watched = Watched(page)
    page.goto(f"{served}/page")
    frame = page.frame_locator("iframe")
    frame.locator("#network canvas").wait_for()
    frame.locator(READY).wait_for()
    assert [url.removeprefix(served) for url in watched.requests if "favicon" not in url] == ["/page", "/picture"]
    inner = page.frames[1]
    refused = inner.evaluate(
        "() => new Promise(done => {"
        " document.addEventListener('securitypolicyviolation', e => done(e.effectiveDirective));"
        " const s = document.createElement('script'); s.textContent = 'alert(9)'; document.body.append(s); })"
    )
    assert refused.startswith("script-src")
    assert watched.dialogs == []
    page.close()
