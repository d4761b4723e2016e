"""Demands, services and bodies over HTTP and as pages: raised, worked on, answered; by those who may."""

import json
import re
from collections.abc import Generator
from datetime import date, timedelta
from typing import Any, Final, TypeVar

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from api.demands import ResponseTimes, Saved, SuggestedTopics
from api.problems import Problem
from queries.commissions import CommissionsAnswer
from queries.demand_rows import DemandsAnswer, DemandTrace
from queries.match_rows import Matches
from queries.organisation_rows import OrganisationProfile
from queries.services import OfferingAnswer, ServicesAnswer
from tests.api_fixtures import EXPERTS, HOSTILE_NAME, HOSTILE_TITLE, SOCIETY, SUBJECTS, UNIVERSITY, Served

HOME: Final = "/api/v1/demands"
DEADLINE: Final = (date.today() + timedelta(days=30)).isoformat()  # noqa: DTZ011 - the service counts local days
HOSTILE: Final = "<script>alert('需')</script>{{7*7}}\u202e"
Row = TypeVar("Row", bound=BaseModel)


@pytest.fixture(scope="module")
def reader(served: Served) -> Generator[httpx2.Client]:
    with served.reader() as client:
        yield client


@pytest.fixture(scope="module")
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


def refused(response: httpx2.Response, status: int) -> Problem:
    assert response.status_code == status, response.text
    assert "Traceback" not in response.text
    return Problem.model_validate_json(response.content)


def raised(client: httpx2.Client, title: str, **more: Any) -> str:
    return fits(client.post(HOME, json={"title": title, **more}), Saved).id


def csrf(client: httpx2.Client, address: str = "/demands") -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', client.get(address).text)
    assert found is not None
    return found[1]


def test_a_demand_is_raised_matched_answered_and_closed(reader: httpx2.Client, editor: httpx2.Client) -> None:
    demand = raised(editor, f"{SUBJECTS[0]}与{SUBJECTS[3]}", from_whom=SOCIETY, deadline=DEADLINE, kind="problem")
    waiting = fits(reader.get(f"{HOME}/open", params={"limit": 100}), DemandsAnswer)
    assert demand in {each.id for each in waiting.demands}
    found = fits(reader.post(f"{HOME}/{demand}/match", json={"limit": 3, "size": 3}), Matches)
    assert [aspect.name for aspect in found.aspects] == [SUBJECTS[0], SUBJECTS[3]]
    assert found.proposed is not None
    assert len(found.proposed.members) == 3
    assert found.proposed.coverage > 0.5
    assert (len(found.experts), found.demand) == (3, demand)
    diagnosed = editor.post(f"{HOME}/{demand}/diagnose", json={"diagnosis": "两方面都要", "service_kind": "咨询"})
    assert fits(diagnosed, Saved).id == demand
    fits(editor.post(f"{HOME}/{demand}/follow-ups", json={"note": "电话确认", "channel": "电话"}), Saved)
    fits(editor.post(f"{HOME}/{demand}/answers", json={"by": [EXPERTS[0], "Wtest-00"]}), Saved)
    fits(editor.post(f"{HOME}/{demand}/close", json={"outcome": "已采纳"}), Saved)
    traced = fits(reader.get(f"{HOME}/{demand}/trace"), DemandTrace)
    assert [entry.kind for entry in traced.log] == ["raised", "diagnosed", "follow-up", "answered", "closed"]
    assert (traced.response_days, traced.demand.status, traced.demand.raised_by[0].id) == (0, "closed", SOCIETY)
    assert fits(reader.get(f"{HOME}/{demand}"), DemandTrace) == traced
    refused(editor.post(f"{HOME}/{demand}/close", json={"outcome": "再办"}), 409)
    times = fits(reader.get(f"{HOME}/response-times", params={"by": "raiser"}), ResponseTimes)
    assert SOCIETY in {group.group for group in times.groups}
    fits(reader.get(f"{HOME}/{demand}/topics"), SuggestedTopics)


def test_an_overdue_demand_is_listed_on_the_day_after_its_deadline(
    reader: httpx2.Client, editor: httpx2.Client
) -> None:
    demand = raised(editor, "超期的题", deadline=DEADLINE)
    after = (date.fromisoformat(DEADLINE) + timedelta(days=1)).isoformat()

    def late(on: str) -> set[str]:
        return {one.id for one in fits(reader.get(f"{HOME}/overdue", params={"on": on}), DemandsAnswer).demands}

    assert demand not in late(DEADLINE)
    assert demand in late(after)


def test_what_is_for_staff_is_not_shown_to_a_reader(reader: httpx2.Client, editor: httpx2.Client) -> None:
    demand = raised(editor, "只给工作人员看", visibility="staff")
    assert fits(editor.get(f"{HOME}/{demand}"), DemandTrace).demand.visibility == "staff"
    for address in (f"{HOME}/{demand}", f"{HOME}/{demand}/trace", f"{HOME}/{demand}/topics"):
        refused(reader.get(address), 404)
    refused(reader.post(f"{HOME}/{demand}/match", json={}), 404)
    listed = fits(reader.get(HOME, params={"status": "all", "limit": 100}), DemandsAnswer)
    assert demand not in {each.id for each in listed.demands}


def test_a_reader_writes_nothing(served: Served, reader: httpx2.Client, editor: httpx2.Client) -> None:
    demand = raised(editor, "读者不能动")
    before = fits(reader.get(f"{HOME}/{demand}"), DemandTrace)
    bodies: dict[str, Any] = {
        HOME: {"title": "题"},
        f"{HOME}/{demand}/diagnose": {"diagnosis": "意见"},
        f"{HOME}/{demand}/follow-ups": {"note": "记"},
        f"{HOME}/{demand}/answers": {"by": [EXPERTS[0]]},
        f"{HOME}/{demand}/close": {"outcome": "结"},
        "/api/v1/services": {"provider": UNIVERSITY, "title": "评", "kind": "评估"},
        "/api/v1/services/S1/verify": {},
    }
    for address, body in bodies.items():
        assert refused(reader.post(address, json=body), 403).type == "urn:zhiku:problem:not-allowed"
    with served.browser() as browser:
        token = csrf(browser)
        for step in ("", f"/{demand}/close", f"/{demand}/undo"):
            sent = browser.post(f"/demands{step}", data={"csrf": token, "title": "题", "text": "结", "number": "1"})
            assert sent.status_code == 403
        assert "只能查看" in browser.get(f"/demands/{demand}").text
    assert fits(reader.get(f"{HOME}/{demand}"), DemandTrace) == before


def test_services_are_offered_verified_and_found(reader: httpx2.Client, editor: httpx2.Client) -> None:
    offered = {"provider": SOCIETY, "title": "地下水超采治理第三方评估", "kind": "评估", "since": "2024-03-01"}
    service = fits(editor.post("/api/v1/services", json=offered), Saved).id
    question = {"kind": "评估", "q": "超采治理"}
    first = fits(reader.get("/api/v1/services/organisations", params=question), OfferingAnswer).organisations[0]
    assert (first.id, first.services_verified) == (SOCIETY, 0)
    refused(editor.post(f"/api/v1/services/{service}/verify", json={}), 422)
    fits(editor.post(f"/api/v1/services/{service}/verify", json={"evidence": "验收意见"}), Saved)
    listed = fits(reader.get("/api/v1/services", params={**question, "verified": True}), ServicesAnswer)
    assert [row.service.id for row in listed.services] == [service]
    body = fits(reader.get(f"/api/v1/organisations/{SOCIETY}"), OrganisationProfile)
    assert (body.services_verified, body.society) == (1, True)
    refused(reader.get("/api/v1/services", params={"kind": "占卜"}), 422)


def test_a_body_is_shown_with_its_people_and_years(served: Served, reader: httpx2.Client) -> None:
    body = fits(reader.get(f"/api/v1/organisations/{UNIVERSITY}"), OrganisationProfile)
    assert body.people_total >= 10
    assert sum(row.outputs for row in body.works_by_year) == body.outputs_total > 0
    assert body.people[0].works >= body.people[-1].works > 0
    refused(reader.get("/api/v1/organisations/Onobody"), 404)
    nothing = fits(reader.get("/api/v1/projects/commissioned", params={"commissioner": UNIVERSITY}), CommissionsAnswer)
    assert nothing.projects == ()
    with served.browser() as browser:
        shown = browser.get(f"/organisations/{UNIVERSITY}")
        assert shown.status_code == 200
        assert f'href="/experts/{body.people[0].id}"' in shown.text
        assert HOSTILE_NAME not in shown.text
        assert browser.get("/organisations/Onobody").status_code == 404
        assert f"/organisations/{UNIVERSITY}" in browser.get(f"/search?q={SUBJECTS[0]}&view=organisations").text


def test_the_pages_go_the_whole_way(page: httpx2.Client) -> None:
    token = csrf(page)
    sent = page.post("/demands", data={"csrf": token, "title": HOSTILE, "description": "行\r\n行", "deadline": ""})
    assert sent.status_code == 303
    address = sent.headers["location"].partition("?")[0]
    shown = page.get(sent.headers["location"]).text
    assert "已登记" in shown
    assert "<script>alert" not in shown
    assert "&lt;script&gt;" in shown
    assert "49" not in re.sub(r"\d{5,}|value=\"[^\"]*\"|[A-Za-z0-9]{20,}", "", shown)
    for step, data, told in [
        ("diagnose", {"text": "既要水，也要电", "service_kind": "咨询"}, "诊断已保存"),
        ("follow-up", {"text": HOSTILE, "channel": "电话", "on": ""}, "跟进已记下"),
        ("answer", {"ids": f"{EXPERTS[0]} {UNIVERSITY}", "text": ""}, "答复已记下"),
        ("close", {"text": "采纳"}, "已办结"),
    ]:
        done = page.post(f"{address}/{step}", data={"csrf": token, **data})
        assert done.status_code == 303, done.text
        assert told in page.get(done.headers["location"]).text
    number = done.headers["location"].rpartition("=")[2]
    undone = page.post(f"{address}/undo", data={"csrf": token, "number": number})
    assert undone.status_code == 303
    assert "已撤销" in page.get(undone.headers["location"]).text
    assert "办结说明（必填）" in page.get(address).text, "it is open again"
    matched = page.get(f"{address}/match")
    assert matched.status_code == 200
    assert "<script>alert" not in matched.text
    assert page.get("/demands?status=all").status_code == page.get("/demands?status=overdue").status_code == 200


def test_what_cannot_be_kept_comes_back_with_what_was_written(page: httpx2.Client) -> None:
    token = csrf(page)
    lost = page.post("/demands", data={"csrf": token, "title": "旧期限的题", "deadline": "2001-01-01"})
    assert lost.status_code == 422
    assert "早于提出日期" in lost.text
    assert 'value="旧期限的题"' in lost.text
    made = page.post("/demands", data={"csrf": token, "title": "题"})
    address = made.headers["location"].partition("?")[0]
    for step, data, status in [
        ("diagnose", {"text": "写好的意见", "ids": "gbt:没有"}, 404),
        ("answer", {"ids": "没有这个编号", "text": "写好的说明"}, 404),
        ("close", {"text": "  "}, 422),
    ]:
        back = page.post(f"{address}/{step}", data={"csrf": token, **data})
        assert back.status_code == status
        assert 'role="alert"' in back.text
        assert data["text"] in back.text
    assert page.post(f"{address}/close", data={"csrf": "别人的", "text": "结"}).status_code == 403
    assert page.get(f"{address}/match?region=河北").status_code == 422
    assert page.post(f"{address}/undo", data={"csrf": token, "number": "1"}).status_code == 404
    assert page.get("/demands/Dnobody").status_code == 404


def test_the_matches_of_a_hostile_title_are_text(page: httpx2.Client, editor: httpx2.Client) -> None:
    demand = raised(editor, "地下水超采治理")
    shown = page.get(f"/demands/{demand}/match").text
    assert HOSTILE_TITLE not in shown
    assert "<script>alert(document.domain)" not in shown
    assert "建议的团队" in shown


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(title=st.text(max_size=60), text=st.text(max_size=200))
def test_any_text_is_kept_as_it_is_or_refused(editor: httpx2.Client, title: str, text: str) -> None:
    body = json.dumps({"title": title, "description": text})
    sent = editor.post(HOME, content=body, headers={"Content-Type": "application/json"})
    if sent.status_code != 200:
        refused(sent, 422)
        assert not title.strip() or not re.search(r"\S", title)
        return
    traced = fits(editor.get(f"{HOME}/{fits(sent, Saved).id}"), DemandTrace)
    assert (traced.demand.title, traced.description) == (title.strip(), text.strip())
    wanted = json.dumps({"text": title, "limit": 1})
    fits(editor.post(f"{HOME}/match", content=wanted, headers={"Content-Type": "application/json"}), Matches)
