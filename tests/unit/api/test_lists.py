"""Lists over HTTP and as pages: kept and frozen by those who may, shown to everybody, hostile texts stay text."""

from __future__ import annotations

import re
from collections.abc import Generator
from typing import Any, TypeVar

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from api.lists import Nominations, PeriodsCleared, SavedLists, SnapshotMade
from api.problems import Problem
from queries.answers import ExpertsAnswer
from queries.availability import WhoCanGoAnswer
from queries.cohorts import CohortTracking
from queries.exposure_report import ExposureReport
from queries.list_comparison import ListComparison
from queries.retrieval import OF_BOOST
from queries.saved_lists import ListVerification, SavedListAnswer
from tests.api_fixtures import EXPERTS, HOSTILE_NAME, SUBJECTS, Served

HOME = "/api/v1"
HOSTILE = "甲'}) DETACH DELETE n // =1+1 <script>alert(1)</script>"
WHY = {"reason": "省里推荐"}
Row = TypeVar("Row", bound=BaseModel)
WRITERS: dict[str, Any] = {
    "/lists": {"name": "无权", "members": []},
    "/lists/from-question": {"name": "无权", "question": {"q": SUBJECTS[0]}},
    "/lists/x/notes": {"member": "P1", "note": "x"},
    "/lists/x/members": {"member": "P1", **WHY},
    "/lists/x/members/remove": {"member": "P1", **WHY},
    "/lists/x/freeze": None,
    "/lists/x/copy": {"name": "无权"},
    "/lists/x/discard": None,
    "/availability/people/x": {"from_day": "2026-06-01", "until_day": "2026-06-02", "state": "free"},
    "/availability/people/x/jobs": {"most": 1},
    "/availability/people/x/clear": None,
    "/nominations": {"person": "P1", "nominator": "某", **WHY},
    "/nominations/x/decision": {"outcome": "accepted", **WHY},
    "/cohorts/x/snapshots": {"year": 2020},
}


@pytest.fixture
def reader(served: Served) -> Generator[httpx2.Client]:
    with served.reader() as client:
        yield client


@pytest.fixture
def editor(served: Served) -> Generator[httpx2.Client]:
    with served.client(token=served.editor) as client:
        yield client


@pytest.fixture
def page(served: Served) -> Generator[httpx2.Client]:
    with served.browser("editor") as client:
        yield client


def fits(response: httpx2.Response, row: type[Row]) -> Row:
    assert response.status_code == 200, response.text
    return row.model_validate_json(response.content)


def problem(response: httpx2.Response, status: int) -> Problem:
    assert response.status_code == status, response.text
    return Problem.model_validate_json(response.content)


def csrf(client: httpx2.Client) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', client.get("/lists").text)
    assert found is not None
    return found[1]


def kept(editor: httpx2.Client, name: str, **more: Any) -> SavedListAnswer:
    members = [{"id": EXPERTS[n], "note": HOSTILE} for n in (7, 3, 1)]
    return fits(editor.post(f"{HOME}/lists", json={"name": name, "members": members, **more}), SavedListAnswer)


def test_a_reader_writes_nothing(reader: httpx2.Client) -> None:
    for address, body in WRITERS.items():
        refused = problem(reader.post(HOME + address, json=body), 403)
        assert "--role editor" in str(refused.hint)
    assert "无权" not in reader.get(f"{HOME}/lists").text


def test_a_list_of_a_question_remembers_it(editor: httpx2.Client, reader: httpx2.Client) -> None:
    asked = {"q": SUBJECTS[0], "limit": 5, "region": "13", "since_year": 2010}
    made = fits(editor.post(f"{HOME}/lists/from-question", json={"name": "问得的", "question": asked}), SavedListAnswer)
    assert (made.card.question, made.filters) == (SUBJECTS[0], {"region": "13", "since_year": 2010})
    assert (made.card.ranking, made.card.sequence > 0, made.card.saved_by) != ("", False, "编辑")
    assert 1 <= len(made.members) <= 5
    again = fits(reader.get(f"{HOME}/lists/{made.card.id}/again"), ListComparison)
    assert (again.same, again.only_left, again.only_right) == (len(made.members), (), ())
    problem(editor.post(f"{HOME}/lists/from-question", json={"name": "问得的", "question": asked}), 409)


def test_a_list_of_a_question_remembers_every_filter_and_option(editor: httpx2.Client, reader: httpx2.Client) -> None:
    plain = {"q": SUBJECTS[0], "limit": 3}
    options = {"until_year": 2022, "exclude": [EXPERTS[0]], "discipline": "水利", "expand": [SUBJECTS[1]]}
    found = {"members_only": True, "professional_title": "教授", **options}
    made = fits(
        editor.post(f"{HOME}/lists/from-question", json={"name": "筛过的", "question": {**plain, **found}}),
        SavedListAnswer,
    )
    assert made.filters == found
    answer = reader.post(f"{HOME}/experts/search", json={**plain, **found}).json()
    assert [member.id for member in made.members] == [expert["id"] for expert in answer["experts"]]
    again = fits(reader.get(f"{HOME}/lists/{made.card.id}/again"), ListComparison)
    assert (again.same, again.only_left, again.only_right, again.notes) == (len(made.members), (), (), ())


def test_a_list_is_annotated_frozen_verified_and_cited_by_its_hash(
    editor: httpx2.Client, reader: httpx2.Client
) -> None:
    made = kept(editor, "接口名单")
    address = f"{HOME}/lists/{made.card.id}"
    assert [m.id for m in made.members] == [EXPERTS[7], EXPERTS[3], EXPERTS[1]]
    fits(editor.post(f"{address}/notes", json={"member": EXPERTS[3], "note": "先联系"}), SavedListAnswer)
    fits(editor.post(f"{address}/members", json={"member": EXPERTS[5], **WHY}), SavedListAnswer)
    short = fits(editor.post(f"{address}/members/remove", json={"member": EXPERTS[1], **WHY}), SavedListAnswer)
    assert [m.rank for m in short.members] == [1, 2, 3]
    frozen = fits(editor.post(f"{address}/freeze"), SavedListAnswer)
    found = fits(reader.get(f"{address}/verification"), ListVerification)
    assert found.ok
    assert found.frozen_hash == frozen.card.frozen_hash
    for change in ("freeze", "discard"):
        problem(editor.post(f"{address}/{change}"), 409)
    copy = fits(editor.post(f"{address}/copy", json={"name": "接口复制品"}), SavedListAnswer)
    compared = fits(reader.get(f"{address}/comparison", params={"other": copy.card.id}), ListComparison)
    assert compared.same == 3
    editor.post(f"{HOME}/lists/{copy.card.id}/discard")
    problem(reader.get(f"{HOME}/lists/{copy.card.id}"), 404)
    assert "接口名单" in {card.name for card in fits(reader.get(f"{HOME}/lists"), SavedLists).lists}


def test_the_declared_options_are_named_and_a_list_remembers_them(
    editor: httpx2.Client, reader: httpx2.Client, page: httpx2.Client
) -> None:
    asked = {"q": SUBJECTS[3], "limit": 6}
    plain = fits(reader.get(f"{HOME}/experts/search", params=asked), ExpertsAnswer)
    assert plain.exposure is None
    assert "exposure" not in reader.get(f"{HOME}/experts/search", params=asked).json()
    first = plain.experts[0].id
    made = editor.post(f"{HOME}/lists", json={"name": "露面的", "members": [{"id": first}]})
    times = 1 + sum(
        first in {member.id for member in fits(reader.get(f"{HOME}/lists/{card.id}"), SavedListAnswer).members}
        for card in fits(reader.get(f"{HOME}/lists"), SavedLists).lists
        if card.id != made.json()["card"]["id"]
    )
    options = {"exposure_cap": times, "newcomer_boost": 2.0, "newcomer_boost_years": 50}
    answer = fits(reader.post(f"{HOME}/experts/search", json={**asked, **options}), ExpertsAnswer)
    assert answer.exposure is not None
    assert answer.exposure.statement in answer.notes[0]
    assert next((out.id, out.shown, out.rank) for out in answer.exposure.left_out) == (first, times, 1)
    assert first not in {expert.id for expert in answer.experts}
    places = {expert.id: expert.rank for expert in plain.experts}
    for expert in answer.experts:
        assert expert.moved is not None, "all are new within fifty years"
        assert expert.moved.rank_without == places.get(expert.id, expert.moved.rank_without)
        assert expert.moved.boost == 2.0
        assert any(part.term == OF_BOOST for part in expert.parts)
    shown = page.get("/search", params={**asked, **options}).text
    assert "曝光上限：近 365 天" in shown
    assert "新人加权 ×2" in shown
    assert "没有列出 " in shown
    assert "声明选项：曝光上限、新人加权（默认不用）" in page.get("/search", params=asked).text
    kept_ = {"name": "带选项的", "question": {**asked, **options}}
    saved = fits(editor.post(f"{HOME}/lists/from-question", json=kept_), SavedListAnswer)
    assert saved.filters == options
    assert "新人加权：首项成果在近 50 年内" in page.get(f"/lists/{saved.card.id}").text
    again = fits(reader.get(f"{HOME}/lists/{saved.card.id}/again"), ListComparison)
    assert (again.same, again.only_left) == (len(saved.members), ()), "the list itself is no appearance"
    assert any("曝光上限" in note for note in again.notes)
    problem(reader.get(f"{HOME}/experts/search", params={**asked, "newcomer_boost": 9}), 422)
    assert page.get("/search", params={**asked, "exposure_cap": "0"}).status_code == 422


def test_who_can_go_over_http(editor: httpx2.Client, reader: httpx2.Client) -> None:
    person, days = EXPERTS[2], {"from_day": "2027-03-01", "until_day": "2027-03-05"}
    assert editor.post(f"{HOME}/availability/people/{person}", json={**days, "state": "free"}).status_code == 200
    assert editor.post(f"{HOME}/availability/people/{person}/jobs", json={"most": 2}).status_code == 200
    asked = {"q": "地下水 托育 电商 光伏 耕地", **days, "limit": 5}
    answer = fits(reader.get(f"{HOME}/availability/experts", params=asked), WhoCanGoAnswer)
    assert [going.expert.id for going in answer.can_go] == [person]
    assert answer.can_go[0].max_jobs == 2
    assert len(answer.to_ask) == 5
    assert all("询问" in going.reasons[-1] for going in answer.to_ask)
    assert len(reader.get(f"{HOME}/availability/people/{person}").json()) == 1
    wrong = {**asked, "until_day": "2027-02-01"}
    assert "时段" in problem(reader.get(f"{HOME}/availability/experts", params=wrong), 422).detail
    cleared = fits(editor.post(f"{HOME}/availability/people/{person}/clear"), PeriodsCleared)
    assert cleared.removed == 1
    assert "secret" not in answer.model_dump_json()


def test_nominations_cohorts_and_exposure_over_http(editor: httpx2.Client, reader: httpx2.Client) -> None:
    given_ = {"person": EXPERTS[4], "nominator": "示例大学", "reason": HOSTILE}
    (one,) = fits(editor.post(f"{HOME}/nominations", json=given_), Nominations).nominations
    problem(editor.post(f"{HOME}/nominations", json=given_), 409)
    decided = editor.post(f"{HOME}/nominations/{one.id}/decision", json={"outcome": "accepted", **WHY})
    assert [step.status for step in fits(decided, Nominations).nominations[0].history] == ["proposed", "accepted"]
    cohort = kept(editor, "接口梯队", purpose="cohort").card.id
    made = fits(editor.post(f"{HOME}/cohorts/{cohort}/snapshots", json={"year": 2020}), SnapshotMade)
    assert fits(reader.get(f"{HOME}/cohorts/{cohort}/tracking"), CohortTracking).hashes == {2020: made.hash}
    report = fits(reader.get(f"{HOME}/exposure", params={"purpose": "cohort"}), ExposureReport)
    assert (report.appearances, report.questions) == (3, 1)
    assert report.shown + report.never == report.library


def test_the_pages_of_a_list_from_saving_to_freezing(page: httpx2.Client) -> None:
    found = page.get("/search", params={"q": SUBJECTS[1]}).text
    assert "存为名单" in found
    token = csrf(page)
    page.follow_redirects = True
    saved = page.post("/lists", data={"csrf": token, "q": SUBJECTS[1], "limit": "6", "name": "网页名单"})
    assert saved.history[0].status_code == 303
    address = str(saved.url).partition("?")[0]
    assert "已保存" in saved.text
    assert "<script>alert" not in saved.text
    member = re.search(r'name="member" value="([^"]+)"', saved.text)
    assert member is not None
    form = {"csrf": token, "member": member[1]}
    noted = page.post(f"{address}/notes", data={**form, "note": HOSTILE})
    assert "&lt;script&gt;alert" in noted.text
    refused = page.post(f"{address}/remove", data={**form, "reason": " "})
    assert refused.status_code == 422
    assert "没有写理由" in refused.text
    assert page.post("/lists", data={"csrf": token, "q": SUBJECTS[1], "name": "网页名单"}).status_code == 409
    frozen = page.post(f"{address}/freeze", data={"csrf": token})
    assert "已冻结" in frozen.text
    assert f'action="{address.partition("127.0.0.1")[2]}' not in frozen.text
    assert "与冻结时一致" in page.get(f"{address}/verify").text
    assert "名次不变 6 位" in page.get(f"{address}/again").text
    printed = page.get(f"{address}/print")
    assert "/static/print.css" in printed.text
    assert "&lt;script&gt;alert" in printed.text
    assert "<script" not in printed.text
    sheet = page.get(f"{address}/export.xlsx")
    assert sheet.content[:2] == b"PK"
    assert sheet.headers["content-disposition"].startswith("attachment")
    copied = page.post(f"{address}/copy", data={"csrf": token, "name": "网页复制品"})
    gone = page.post(f"{str(copied.url).partition('?')[0]}/discard", data={"csrf": token})
    assert "名单已删除" in gone.text


def test_a_form_without_its_token_and_a_reader_change_nothing(served: Served, page: httpx2.Client) -> None:
    id = re.findall(r'href="/lists/([^"/?]+)"', page.get("/lists").text)
    for address in ("/lists", *(f"/lists/{each}/freeze" for each in id[:1])):
        assert page.post(address, data={"csrf": "x", "name": "无权", "q": "水"}).status_code == 403
    with served.browser() as reading:
        assert "存为名单" not in reading.get("/search", params={"q": SUBJECTS[1]}).text
        token = csrf(reading)
        assert reading.post("/lists", data={"csrf": token, "name": "无权", "q": "水"}).status_code == 403
        for each in id[:1]:
            shown = reading.get(f"/lists/{each}").text
            assert "只能查看" in shown
            assert "/freeze" not in shown
    assert "无权" not in page.get("/lists").text


def test_hostile_names_are_text_on_the_pages(editor: httpx2.Client, page: httpx2.Client) -> None:
    id = kept(editor, HOSTILE[:60]).card.id
    for address in ("/lists", f"/lists/{id}", f"/lists/{id}/print"):
        text = page.get(address).text
        assert "<script>alert" not in text
        assert HOSTILE_NAME not in text
    assert page.get("/lists/%3Cscript%3E").status_code == 404
    assert page.get(f"/lists/{id}/again").status_code == 409


TEXTS = st.text(st.characters(codec="utf-8"), max_size=30)


FIELDS = st.sampled_from(["name", "member", "note", "reason", "q", "limit", "region"])
ACTIONS = st.sampled_from(["", "/x/notes", "/x/add", "/x/remove", "/x/freeze", "/x/copy", "/x/discard"])


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(form=st.dictionaries(FIELDS, TEXTS), action=ACTIONS)
def test_no_form_breaks_a_page(page: httpx2.Client, form: dict[str, str], action: str) -> None:
    token = csrf(page)
    response = page.post(f"/lists{action}", data={**form, "csrf": token})
    assert response.status_code in {200, 404, 409, 422}, response.text
    assert "Traceback" not in response.text
