"""Understanding over HTTP and in the pages: offered, removable, complete without JavaScript."""

import re
from urllib.parse import unquote

import httpx2

from queries.answers import ExpertsAnswer
from queries.bridging import BridgingAnswer
from queries.suggestions import Suggestions
from queries.topics import TopicTags
from queries.understood import Understanding
from tests.api_fixtures import SUBJECTS, Served


def _ok(response: httpx2.Response) -> bytes:
    assert response.status_code == 200, response.text
    return response.content


def test_each_part_is_answered(served: Served) -> None:
    with served.reader() as client:
        named = client.get("/api/v1/understand", params={"q": "燕北理工大学 地下水"})
        read = Understanding.model_validate_json(_ok(named))
        assert [body.rest for body in read.organisations] == ["地下水"]
        typed = Suggestions.model_validate_json(_ok(client.get("/api/v1/suggest", params={"q": "yanbei"})))
        assert "燕北理工大学" in [each.text for each in typed.suggestions]
        fields = {"q": SUBJECTS[0], "other": SUBJECTS[1]}
        between = BridgingAnswer.model_validate_json(_ok(client.get("/api/v1/between", params=fields)))
        assert between.fields == tuple(fields.values())
        tags = TopicTags.model_validate_json(_ok(client.post("/api/v1/topics/tag", json={"text": "地下水"})))
        assert tags.tags or tags.notes
        asked = {"q": SUBJECTS[0], "expand": ["盐碱地"]}
        answer = ExpertsAnswer.model_validate_json(_ok(client.get("/api/v1/experts/search", params=asked)))
        assert answer.understanding is not None
        assert "盐碱" in answer.terms


def test_the_page_offers_what_was_understood(served: Served) -> None:
    with served.browser() as client:
        page = client.get("/search", params={"q": "燕北理工大学 地下水"}).text
        assert "题目里有单位" in page
        address = next(each for each in re.findall(r'href="(/search[^"]*)"', page) if "organisation=" in each)
        assert "q=地下水&amp;organisation=" in unquote(address)
        assert client.get(address.replace("&amp;", "&")).status_code == 200
        two = client.get("/search", params={"q": f"{SUBJECTS[0]} 与 {SUBJECTS[1]}"}).text
        assert "两个领域之间" in two
        hostile = client.get("/search", params={"q": "<script>alert(1)</script> 与 <b>地下水"}).text
        assert "<script>alert" not in hostile
        assert "<b>地下水" not in hostile


def test_completions_need_a_session(served: Served) -> None:
    with served.client() as client:
        assert client.get("/suggest", params={"q": "燕北"}).status_code == 401
    with served.browser() as browser:
        found = browser.get("/suggest", params={"q": "燕北"}).json()
        assert "燕北理工大学" in [each["text"] for each in found["suggestions"]]
