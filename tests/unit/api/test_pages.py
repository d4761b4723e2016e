"""Coming in, asking, leaving: the pages as a browser without JavaScript sends and gets them."""

import html
import re
from collections.abc import Generator
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from api.access import COOKIE
from graph.accounts import add_account, revoke
from graph.settings import DatabaseSettings
from graph.store import open_store
from queries.quality import KINDS
from tests.api_fixtures import EXPERTS, SUBJECTS, Served, ServedHome


@pytest.fixture
def browser(served: Served) -> Generator[httpx2.Client]:
    with served.browser() as client:
        yield client


def csrf(client: httpx2.Client) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', client.get("/").text)
    assert found is not None
    return found[1]


def test_the_link_sets_a_strict_cookie_and_works_once(served: Served) -> None:
    link = served.link()
    with served.client() as first, served.client() as second:
        came_in = first.get(link)
        assert came_in.status_code == 200
        cookie = came_in.headers["set-cookie"]
        assert cookie.startswith(f"{COOKIE}=")
        for part in ("HttpOnly", "SameSite=strict", "Path=/", "Max-Age=43200"):
            assert part in cookie
        assert "Secure" not in cookie
        assert 'http-equiv="refresh" content="0; url=/"' in came_in.text
        assert first.get("/").status_code == 200
        again = second.get(link)
        assert again.status_code == 401
        assert "已经用过或已过期" in again.text
        assert "set-cookie" not in again.headers
        assert first.get(link).headers["location"] == "/"


def test_without_a_session_every_page_says_how_to_get_in(served: Served) -> None:
    with served.client() as client:
        response = client.get("/search", params={"q": "地下水"})
        assert response.status_code == 401
        assert "zhiku serve" in response.text
        assert "地下水" not in response.text


def test_a_token_opens_a_session_and_a_wrong_one_does_not(served: Served) -> None:
    with served.client() as client:
        wrong = client.post("/enter", data={"token": "wrong"})
        assert wrong.status_code == 401
        assert "无效" in wrong.text
        right = client.post("/enter", data={"token": f" {served.token} "})
        assert right.status_code == 303
        assert client.get("/").status_code == 200
        assert served.token not in client.get("/").text


def test_leaving_needs_the_page_s_own_token_and_ends_the_session(browser: httpx2.Client) -> None:
    token = csrf(browser)
    for data in ({}, {"csrf": "wrong"}, {"csrf": "口令"}):
        assert browser.post("/leave", data=data).status_code == 403
    assert browser.get("/").status_code == 200
    key = browser.cookies[COOKIE]
    left = browser.post("/leave", data={"csrf": token})
    assert left.status_code == 200
    assert "已退出" in left.text
    browser.cookies.set(COOKIE, key)
    assert browser.get("/").status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_forms_of_other_sites_are_refused(served: Served, browser: httpx2.Client, headers: dict[str, str]) -> None:
    assert browser.post("/leave", data={"csrf": csrf(browser)}, headers=headers).status_code == 403
    assert browser.post("/enter", data={"token": served.token}, headers=headers).status_code == 403
    assert browser.get("/").status_code == 200


def test_our_own_form_is_accepted_though_our_policy_hides_its_origin(browser: httpx2.Client) -> None:
    headers = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}  # what Chromium sends under no-referrer
    assert browser.post("/leave", data={"csrf": csrf(browser)}, headers=headers).status_code == 200


def test_a_short_question_moves_into_the_address(browser: httpx2.Client) -> None:
    form = {"q": f"  {SUBJECTS[0]} ", "view": "experts", "csrf": csrf(browser), "region": "", "since_year": ""}
    moved = browser.post("/search", data=form)
    assert moved.status_code == 303
    address = urlsplit(moved.headers["location"])
    assert address.path == "/search"
    assert parse_qs(address.query) == {"q": [SUBJECTS[0]], "view": ["experts"]}
    page = browser.get(moved.headers["location"])
    assert page.status_code == 200
    assert "<mark>" in page.text
    assert page.text.count("虚构示例") >= 5


def test_a_paragraph_is_answered_in_place_and_the_tabs_send_it_again(browser: httpx2.Client) -> None:
    paragraph = f"本课题研究{SUBJECTS[0]}的成因与对策。" * 100
    page = browser.post("/search", data={"q": paragraph, "view": "outputs", "csrf": csrf(browser)})
    assert page.status_code == 200
    assert paragraph in page.text
    assert '<button type="submit" form="ask" name="view" value="projects">' in page.text


def test_a_question_of_fifty_thousand_characters_fits_the_form(browser: httpx2.Client) -> None:
    page = browser.post("/search", data={"q": "水" * 50_000, "view": "experts", "csrf": csrf(browser)})
    assert page.status_code == 200
    longer = browser.post("/search", data={"q": "水" * 50_001, "view": "experts", "csrf": csrf(browser)})
    assert longer.status_code == 422
    assert "最多 50000 个字符" in longer.text


def test_a_part_of_a_name_is_taken_for_the_nearest_body_and_says_so(browser: httpx2.Client) -> None:
    page = browser.get("/search", params={"q": SUBJECTS[0], "organisation": "燕北理工", "limit": "100"})
    assert "单位“燕北理工”按“燕北理工大学”查找" in page.text
    exact = browser.get("/search", params={"q": SUBJECTS[0], "organisation": "燕北理工大学", "limit": "100"})
    assert "查找；" not in exact.text
    people = re.compile(r'href="/experts/(Ptest-\d\d)"')
    assert set(people.findall(page.text)) == set(people.findall(exact.text)) != set()


def test_nothing_found_helps_on(browser: httpx2.Client) -> None:
    page = browser.get("/search", params={"q": "qwxzjkvb"})
    assert page.status_code == 200
    assert "没有找到" in page.text


@pytest.mark.parametrize(
    "filters", [{"since_year": "abc"}, {"limit": "0"}, {"view": "nothing"}, {"since_year": "9" * 40}]
)
def test_a_filter_that_makes_no_sense_is_a_page_in_chinese(browser: httpx2.Client, filters: dict[str, str]) -> None:
    page = browser.get("/search", params={"q": "水", **filters})
    assert page.status_code == 422
    assert "请求内容无法使用" in page.text


def test_the_expert_page_has_the_picture_both_ways_and_the_table(browser: httpx2.Client) -> None:
    page = browser.get(f"/experts/{EXPERTS[1]}").text
    assert f'<iframe src="/experts/{EXPERTS[1]}/network.html"' in page
    assert 'sandbox="allow-scripts"' in page
    assert f'<noscript><img src="/experts/{EXPERTS[1]}/network.svg"' in page
    assert "主要合作者" in page
    assert "虚构示例" in page
    drawing = browser.get(f"/experts/{EXPERTS[1]}/network.svg")
    assert drawing.headers["content-type"] == "image/svg+xml"
    assert drawing.text.startswith("<svg ")


def test_an_unknown_expert_is_a_page(browser: httpx2.Client) -> None:
    for address in ("/experts/nobody", "/experts/nobody/network.html", "/experts/nobody/network.svg", "/nowhere"):
        page = browser.get(address)
        assert page.status_code == 404
        assert page.headers["content-type"].startswith("text/html")
        assert 'lang="zh-CN"' in page.text


def test_a_revoked_token_opens_nothing_any_more_and_ends_its_sessions(served: Served, served_home: ServedHome) -> None:
    with open_store(DatabaseSettings(heap_mb=512), served_home.path) as store:  # pyright: ignore[reportCallIssue]
        token = add_account(store, "临时", ["reader"], actor="test")
        with served.client() as page, served.client(token=token) as program:
            assert page.post("/enter", data={"token": token}).status_code == 303
            assert page.get("/").status_code == 200
            assert program.get("/api/v1/outputs/search?q=x").status_code == 200
            revoke(store, "临时", actor="test")
            assert page.get("/").status_code == 401
            assert page.post("/enter", data={"token": token}).status_code == 401
            assert program.get("/api/v1/outputs/search?q=x").status_code == 401


def test_the_quality_page_leads_to_the_cases(browser: httpx2.Client) -> None:
    assert 'href="/quality"' in browser.get("/").text
    front = browser.get("/quality").text
    links = re.findall(r'href="(/quality/[^"]+)"', front)
    assert links == [f"/quality/{kind}" for kind in KINDS]
    for link in links:
        assert browser.get(link).status_code == 200
    stale = browser.get("/quality/stale-posts").text
    assert f'href="/experts/{EXPERTS[0]}"' in stale
    assert "示例省水利科学研究院" in stale
    unknown = browser.get("/quality/unheard-of")
    assert unknown.status_code == 422
    assert "text/html" in unknown.headers["content-type"]


def test_counts_beside_the_answer_are_links_that_keep_their_word(browser: httpx2.Client) -> None:
    page = browser.get("/search", params={"q": SUBJECTS[0], "limit": "100"})
    links = re.findall(
        r'<li><a href="(/search\?[^"]+)"><bdi>([^<]+)</bdi></a> <span class="count">(\d+)</span>', page.text
    )
    assert len(links) > 3
    for address, _, count in links[:6]:
        narrowed = browser.get(html.unescape(address))
        assert narrowed.status_code == 200
        assert f"共 <strong>{count}</strong> 人" in narrowed.text, address
        assert 'class="chip"' in narrowed.text


def test_filters_without_a_text_list_people_by_name(browser: httpx2.Client) -> None:
    page = browser.get("/search", params={"q": "", "has_contact": "true", "limit": "2"})
    assert page.status_code == 200
    assert "按姓名列出" in page.text
    following = re.search(r'<a class="button" href="([^"]+)">下一页</a>', page.text)
    assert following is not None
    assert "第 3 至" in browser.get(html.unescape(following[1])).text


@pytest.mark.parametrize("filters", [{"verified_since": "昨天"}, {"newcomer_years": "0"}, {"has_contact": "perhaps"}])
def test_a_further_filter_that_makes_no_sense_is_a_page_in_chinese(
    browser: httpx2.Client, filters: dict[str, str]
) -> None:
    page = browser.get("/search", params={"q": "水", **filters})
    assert page.status_code == 422
    assert "Traceback" not in page.text
