"""Questions about people over HTTP and as pages: asked, answered by those who may, taken back."""

import json
import re
from collections.abc import Generator
from typing import Any, TypeVar

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from api.identity import LONGEST_REASON, AnswerGiven, AnswerTakenBack, OpenQuestions
from api.problems import Problem
from ingest.commands.people import IdentityStats
from ingest.commands.people_records import QuestionShown
from ingest.people.review import OpenQuestion
from tests.api_fixtures import Served
from tests.identity_fixtures import BESIDE_SECRET, HOSTILE, JOINED, SECRET_COLLABORATOR, SECRET_PERSON, asked

__all__ = ["asked"]

HOME = "/api/v1/identity"
WHY = {"reason": "单位主页的履历"}
WRITERS = {
    "/questions/Qmarkup/answer": {"answer": "later", **WHY},
    "/people/same": {"left": "P1", "right": "P2", **WHY},
    "/people/different": {"left": "P1", "right": "P2", **WHY},
    "/people/split": {"person": "P1", "mentions": ["a"], **WHY},
    "/answers/1/undo": None,
}
Row = TypeVar("Row", bound=BaseModel)


@pytest.fixture
def reader(asked: Served) -> Generator[httpx2.Client]:
    with asked.reader() as client:
        yield client


@pytest.fixture
def editor(asked: Served) -> Generator[httpx2.Client]:
    with asked.client(token=asked.editor) as client:
        yield client


@pytest.fixture
def page(asked: Served) -> Generator[httpx2.Client]:
    with asked.browser("editor") as client:
        yield client


def fits(response: httpx2.Response, row: type[Row]) -> Row:
    assert response.status_code == 200, response.text
    return row.model_validate_json(response.content)


def problem(response: httpx2.Response, status: int) -> Problem:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    return Problem.model_validate_json(response.content)


def questions(client: httpx2.Client, **asked: Any) -> list[OpenQuestion]:
    return fits(client.get(f"{HOME}/questions", params={"limit": 100, **asked}), OpenQuestions).questions


def about(client: httpx2.Client, name: str) -> OpenQuestion:
    (found,) = questions(client, name=name)
    return found


def post(client: httpx2.Client, address: str, body: Any) -> httpx2.Response:
    """Post as JSON in ASCII: broken characters travel escaped."""
    return client.post(HOME + address, content=json.dumps(body), headers={"Content-Type": "application/json"})


def stats(client: httpx2.Client) -> IdentityStats:
    return fits(client.get(f"{HOME}/stats"), IdentityStats)


def csrf(client: httpx2.Client) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', client.get("/identity").text)
    assert found is not None
    return found[1]


def test_the_queue_lists_what_settles_most_first(reader: httpx2.Client) -> None:
    found = questions(reader)
    assert [one.decides for one in found] == sorted((one.decides for one in found), reverse=True)
    assert {one.kind for one in found} == {"same", "split"}
    assert len(questions(reader, limit=3)) == 3
    assert about(reader, "王伟").left_name == "王伟"
    assert about(reader, " 王 偉 ").id == about(reader, "王伟").id, "any spelling"
    assert questions(reader, name="李世民") == questions(reader, name="!!") == []


def test_a_question_shows_both_records_and_its_reasons(reader: httpx2.Client) -> None:
    asked = about(reader, "王伟")
    shown = fits(reader.get(f"{HOME}/questions/{asked.id}"), QuestionShown)
    assert shown.question == asked
    assert sorted([shown.left.works, shown.right.works]) == [1, 9]
    assert sum(part.points for part in shown.reasons) == pytest.approx(asked.points, abs=1e-3)  # pyright: ignore[reportUnknownMemberType]
    split = next(one for one in questions(reader) if one.kind == "split")
    sides = fits(reader.get(f"{HOME}/questions/{split.id}"), QuestionShown)
    assert split.left_name == JOINED
    assert [side.mentions[0].mention for side in (sides.left, sides.right)] == [split.left_mention, *split.mentions]


def test_a_reader_decides_nothing(asked: Served, reader: httpx2.Client) -> None:
    before = stats(reader)
    for address, body in WRITERS.items():
        refused = problem(reader.post(HOME + address, json=body), 403)
        assert refused.type == "urn:zhiku:problem:not-allowed"
        assert "读者" in refused.detail
        assert "--role editor" in str(refused.hint)
    with asked.browser() as page:
        shown = page.get("/identity/Qmarkup")
        assert "只能查看" in shown.text
        assert "以后再说</button>" not in shown.text
        token = csrf(page)
        said = {"csrf": token, "answer": "same", **WHY}
        assert page.post("/identity/Qmarkup", data=said).status_code == 403
        assert page.post("/identity/answers/1/undo", data={"csrf": token}).status_code == 403
    assert stats(reader) == before


@pytest.mark.parametrize("answer", ["same", "different"])
def test_an_answered_question_is_gone_and_comes_back_when_taken_back(editor: httpx2.Client, answer: str) -> None:
    asked, before = about(editor, "李娜"), stats(editor)
    said = fits(editor.post(f"{HOME}/questions/{asked.id}/answer", json={"answer": answer, **WHY}), AnswerGiven)
    assert {said.person, said.other} == {asked.left, asked.right}
    assert (said.outcome, said.decisions) == (answer, 1)
    assert questions(editor, name="李娜") == []
    problem(editor.get(f"{HOME}/questions/{asked.id}"), 404)
    problem(editor.post(f"{HOME}/questions/{asked.id}/answer", json={"answer": answer, **WHY}), 404)
    after = stats(editor)
    assert after.people == before.people - (answer == "same")
    assert editor.get(f"/api/v1/experts/{said.other}").json()["id"] == (said.person if answer == "same" else said.other)
    taken = fits(editor.post(f"{HOME}/answers/{said.number}/undo"), AnswerTakenBack)
    assert taken.number == said.number
    assert taken.restored >= 1
    assert about(editor, "李娜") == asked
    assert stats(editor) == before
    again = editor.post(f"{HOME}/answers/{said.number}/undo")
    assert problem(again, again.status_code).status in {404, 409}


def test_what_was_told_apart_is_not_joined_before_that_is_taken_back(editor: httpx2.Client) -> None:
    asked = about(editor, "张敏")
    pair = {"left": asked.left, "right": asked.right, **WHY}
    apart = fits(editor.post(f"{HOME}/people/different", json=pair), AnswerGiven)
    assert WHY["reason"] in problem(editor.post(f"{HOME}/people/same", json=pair), 409).detail
    assert (
        "确认过"
        in problem(editor.post(f"{HOME}/questions/{asked.id}/answer", json={"answer": "same", **WHY}), 409).detail
    )
    fits(editor.post(f"{HOME}/answers/{apart.number}/undo"), AnswerTakenBack)
    joined = fits(editor.post(f"{HOME}/people/same", json=pair), AnswerGiven)
    assert joined.outcome == "same"
    problem(editor.post(f"{HOME}/people/same", json=pair), 422)
    fits(editor.post(f"{HOME}/answers/{joined.number}/undo"), AnswerTakenBack)
    assert about(editor, "张敏") == asked


def test_a_split_takes_mentions_out_and_back(editor: httpx2.Client) -> None:
    asked, before = about(editor, JOINED), stats(editor)
    wanted = {"person": asked.left, "mentions": asked.mentions, **WHY}
    done = fits(editor.post(f"{HOME}/people/split", json=wanted), AnswerGiven)
    assert (done.outcome, done.person) == ("split", asked.left)
    assert editor.get(f"/api/v1/experts/{done.other}").json()["works_total"] == 1
    fits(editor.post(f"{HOME}/answers/{done.number}/undo"), AnswerTakenBack)
    assert stats(editor) == before
    by_question = editor.post(f"{HOME}/questions/{asked.id}/answer", json={"answer": "different", **WHY})
    assert fits(by_question, AnswerGiven).outcome == "split"
    fits(editor.post(f"{HOME}/answers/{by_question.json()['number']}/undo"), AnswerTakenBack)
    assert about(editor, JOINED) == asked
    problem(editor.post(f"{HOME}/people/split", json=wanted | {"mentions": ["works:other|1|1"]}), 422)


def test_later_puts_a_question_off(editor: httpx2.Client) -> None:
    asked = about(editor, "刘洋")
    said = fits(editor.post(f"{HOME}/questions/{asked.id}/answer", json={"answer": "later"}), AnswerGiven)
    assert (said.outcome, said.number, said.decisions) == ("later", "", 0)
    assert questions(editor, name="刘洋") == []
    (put_off,) = questions(editor, name="刘洋", later=True)
    assert put_off.postponed_by == "编辑"


@pytest.mark.parametrize(
    ("address", "body", "status"),
    [
        ("/questions/Qnone/answer", {"answer": "same", **WHY}, 404),
        ("/questions/Qnone/answer", {"answer": "later"}, 404),
        ("/questions/Qmarkup/answer", {"answer": "same"}, 422),
        ("/questions/Qmarkup/answer", {"answer": "different", "reason": " \n"}, 422),
        ("/questions/Qmarkup/answer", {"answer": "same", "reason": "理" * (LONGEST_REASON + 1)}, 422),
        ("/questions/Qmarkup/answer", {"answer": "maybe", **WHY}, 422),
        ("/questions/Qmarkup/answer", {"answer": "same", "reason": "\ud800"}, 422),
        ("/questions/Qmarkup/answer", {"answer": "same", **WHY, "actor": "别人"}, 422),
        ("/people/same", {"left": "Pnone", "right": "Pnone", **WHY}, 404),
        ("/people/different", {"left": "Pnone", "right": "Pnone"}, 422),
        ("/people/split", {"person": "Pnone", "mentions": [], **WHY}, 422),
        ("/people/split", {"person": "Pnone", "mentions": ["a"] * 501, **WHY}, 422),
        ("/people/split", {"person": "Pnone", "mentions": ["a" * 501], **WHY}, 422),
        ("/people/split", {"person": "Pnone", "mentions": ["a"], **WHY}, 404),
        ("/answers/none/undo", None, 404),
        ("/answers/999999999/undo", None, 404),
        ("/answers/1/undo", None, 404),
    ],
)
def test_what_cannot_be_kept_is_a_problem(editor: httpx2.Client, address: str, body: Any, status: int) -> None:
    before = stats(editor)
    found = problem(post(editor, address, body), status)
    assert any("\u4e00" <= letter <= "\u9fff" for letter in found.detail)
    assert stats(editor) == before


def test_restricted_people_are_in_no_answer(editor: httpx2.Client, page: httpx2.Client) -> None:
    assert questions(editor, name=SECRET_PERSON, later=True) == []
    assert questions(editor, name=SECRET_COLLABORATOR, later=True) == []
    beside = about(editor, BESIDE_SECRET).id
    for client, address in [
        (editor, f"{HOME}/questions?limit=100&later=true"),
        (editor, f"{HOME}/questions/{beside}"),
        (page, "/identity?later=true"),
        (page, f"/identity/{beside}"),
    ]:
        answer = client.get(address)
        assert answer.status_code == 200
        assert BESIDE_SECRET in answer.text
        assert SECRET_COLLABORATOR not in answer.text
        assert SECRET_PERSON not in answer.text


def test_markup_in_names_and_titles_is_text(editor: httpx2.Client, page: httpx2.Client) -> None:
    assert about(editor, HOSTILE).left_name == HOSTILE
    for address in ("/identity", "/identity/Qmarkup", f"/identity/{about(editor, '王伟').id}"):
        shown = page.get(address).text
        assert "<img" not in shown
        assert "<script>" not in shown
        assert "{{" not in shown or "{{7*7}}" in shown
        assert "&lt;img src=x" in shown
    echoed = page.get("/identity", params={"name": HOSTILE}).text
    assert "<img" not in echoed


def test_a_form_answers_and_its_notice_takes_it_back(editor: httpx2.Client, page: httpx2.Client) -> None:
    asked, token = about(editor, "陈静"), csrf(page)
    form = {"csrf": token, "answer": "same", "reason": "同一主页\r\n两段履历"}
    moved = page.post(f"/identity/{asked.id}", data=form)
    assert moved.status_code == 303
    front = page.get(moved.headers["location"]).text
    number = re.search(r"number=(\d+)$", moved.headers["location"])
    assert number is not None
    assert f"编号是 <strong>{number[1]}</strong>" in front
    assert f'action="/identity/answers/{number[1]}/undo"' in front
    assert questions(editor, name="陈静") == []
    back = page.post(f"/identity/answers/{number[1]}/undo", data={"csrf": token})
    assert back.status_code == 303
    assert f"已撤回编号为 {number[1]}" in page.get(back.headers["location"]).text
    assert about(editor, "陈静") == asked
    assert page.post(f"/identity/answers/{number[1]}/undo", data={"csrf": token}).status_code in {404, 409}


def test_a_form_that_cannot_be_kept_comes_back_with_what_was_written(
    editor: httpx2.Client, page: httpx2.Client
) -> None:
    asked, token = about(editor, "杨磊"), csrf(page)
    address = f"/identity/{asked.id}"
    empty = page.post(address, data={"csrf": token, "answer": "same", "reason": "  "})
    assert empty.status_code == 422
    assert "没有写理由" in empty.text
    pair = {"left": asked.left, "right": asked.right, **WHY}
    fits(editor.post(f"{HOME}/people/different", json=pair), AnswerGiven)
    against = page.post(address, data={"csrf": token, "answer": "same", "reason": "<b>我看是"})
    assert against.status_code == 409
    assert "确认过" in against.text
    assert "&lt;b&gt;我看是</textarea>" in against.text


def test_forms_of_other_pages_are_refused(page: httpx2.Client) -> None:
    said = {"answer": "same", **WHY}
    assert page.post("/identity/Qmarkup", data=said).status_code == 403
    assert page.post("/identity/Qmarkup", data=said | {"csrf": "wrong"}).status_code == 403
    foreign = {"Sec-Fetch-Site": "cross-site"}
    assert page.post("/identity/Qmarkup", data=said | {"csrf": csrf(page)}, headers=foreign).status_code == 403
    assert page.post("/identity/answers/1/undo", data={}).status_code == 403
    assert page.get("/identity/Qmarkup").status_code == 200


@pytest.mark.parametrize("query", ["done=lost", "number=<b>", "later=perhaps", "name=" + "王" * 201])
def test_a_queue_asked_for_nonsense_is_a_page_in_chinese(page: httpx2.Client, query: str) -> None:
    shown = page.get(f"/identity?{query}")
    assert shown.status_code == 422
    assert "请求内容无法使用" in shown.text


def test_an_unknown_question_is_a_page(page: httpx2.Client) -> None:
    assert page.get("/identity/Qnone").status_code == 404
    late = page.post("/identity/Qnone", data={"csrf": csrf(page), "answer": "same", **WHY})
    assert late.status_code == 404
    assert "text/html" in late.headers["content-type"]


ANYTHING = st.text(max_size=30) | st.sampled_from(["same", "different", "later", HOSTILE, "Qmarkup", "\ud800", "\x00"])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    address=st.sampled_from(sorted(WRITERS)),
    body=st.dictionaries(
        st.sampled_from(["answer", "reason", "person", "mentions", "left", "right", "x"]),
        ANYTHING | st.lists(ANYTHING, max_size=3) | st.none() | st.integers(),
    ),
)
def test_whatever_is_sent_is_answered_in_kind(editor: httpx2.Client, address: str, body: dict[str, Any]) -> None:
    answer = post(editor, address, body)
    assert answer.status_code in {200, 404, 409, 422}, answer.text
    if answer.status_code != 200:
        problem(answer, answer.status_code)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=ANYTHING, answer=ANYTHING, reason=ANYTHING, number=ANYTHING)
def test_whatever_a_form_sends_is_a_page(page: httpx2.Client, name: str, answer: str, reason: str, number: str) -> None:
    token = csrf(page)
    form = {key: value.encode("utf-8", "replace").decode() for key, value in (("answer", answer), ("reason", reason))}
    shown = [
        page.get("/identity", params={"name": name.encode("utf-8", "replace").decode()}),
        page.post("/identity/Qnone", data={"csrf": token, **form}),
        page.get("/identity", params={"done": "same", "number": number.encode("utf-8", "replace").decode()}),
    ]
    for one in shown:
        assert one.status_code in {200, 404, 422}, one.text
        assert one.headers["content-type"].startswith("text/html")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(others=st.lists(ANYTHING, max_size=2), chosen=st.lists(st.integers(0, 9), max_size=4))
def test_whatever_is_split_comes_back_whole(editor: httpx2.Client, others: list[str], chosen: list[int]) -> None:
    asked, before = about(editor, "王伟"), stats(editor)
    shown = fits(editor.get(f"{HOME}/questions/{asked.id}"), QuestionShown)
    person = max(shown.left, shown.right, key=lambda side: side.works)
    mentions = [one.mention for one in person.mentions]
    wanted = [*(mentions[place] for place in chosen if place < len(mentions)), *others]
    answer = post(editor, "/people/split", {"person": person.id, "mentions": wanted, **WHY})
    if answer.status_code == 200:
        done = fits(answer, AnswerGiven)
        assert stats(editor).people == before.people + 1
        fits(editor.post(f"{HOME}/answers/{done.number}/undo"), AnswerTakenBack)
    else:
        assert not set(wanted) <= set(mentions) or not wanted
        problem(answer, 422)
    assert stats(editor) == before
    assert fits(editor.get(f"{HOME}/questions/{asked.id}"), QuestionShown) == shown
