"""Pages on who can go, exposure, cohorts, nominations and known people: for clerks, without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Generator
from datetime import timedelta

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.console.cohorts import changes
from queries.cohorts import CohortTracking
from queries.posts import today
from tests.api_fixtures import EXPERTS, HOSTILE_NAME, SUBJECTS, Served
from tests.unit.api.test_lists import HOME, HOSTILE, csrf, fits

TOPIC = "地下水 托育 电商 光伏 耕地"


@pytest.fixture
def editor(served: Served) -> Generator[httpx2.Client]:
    with served.client(token=served.editor) as client:
        yield client


@pytest.fixture
def page(served: Served) -> Generator[httpx2.Client]:
    with served.browser("editor") as client:
        client.follow_redirects = True
        yield client


def test_three_hydrologists_within_the_province_next_week(editor: httpx2.Client, page: httpx2.Client) -> None:
    monday = today() - timedelta(days=today().weekday()) + timedelta(weeks=1)
    days = {"from_day": monday.isoformat(), "until_day": (monday + timedelta(days=6)).isoformat()}
    said = editor.post(
        f"{HOME}/availability/people/{EXPERTS[2]}", json={**days, "state": "free", "note": "<script>alert(1)</script>"}
    )
    assert said.status_code == 200
    asked = {"q": TOPIC, "region": "13"}
    for when in ({"when": "下周"}, days, {"region": "示例省"}, {"region": "示例"}):
        shown = page.get("/availability", params={**asked, **when}).text
        assert f"{days['from_day']} 至 {days['until_day']}：要 3 位，登记有空的 1 位" in shown
        can_go = shown.partition("情况未知，可以询问</h3>")[0].partition("情况未知，可以询问 <")[0]
        assert EXPERTS[2] in can_go
        assert "请询问本人" in shown
        assert "<script>alert" not in shown
        assert HOSTILE_NAME not in shown
    assert page.get("/availability", params={**asked, "region": "没有的省"}).status_code == 422
    one_day = page.get("/availability", params={**asked, "from_day": days["from_day"]}).text
    assert f"{days['from_day']} 至 {days['from_day']}" in one_day
    wrong = page.get("/availability", params={**asked, "when": "很快"})
    assert wrong.status_code == 422
    assert 'role="alert"' in wrong.text
    assert page.get("/availability").status_code == 200
    assert editor.post(f"{HOME}/availability/people/{EXPERTS[2]}/clear").status_code == 200


def test_a_cohort_is_frozen_and_two_years_compared(editor: httpx2.Client, page: httpx2.Client) -> None:
    members = [{"id": EXPERTS[n]} for n in (4, 6)]
    made = editor.post(f"{HOME}/lists", json={"name": "网页梯队", "purpose": "cohort", "members": members})
    address = f"/cohorts/{made.json()['card']['id']}"
    assert "还没有年度快照" in page.get(address).text
    token = csrf(page)
    for year in ("2005", "2024"):
        assert "已冻结这一年的数据" in page.post(f"{address}/snapshots", data={"csrf": token, "year": year}).text
    again = page.post(f"{address}/snapshots", data={"csrf": token, "year": "2024"})
    assert (again.status_code, again.text.count('role="alert"')) == (409, 1)
    shown = page.get(address, params={"before": "2005", "after": "2024"}).text
    tracking = fits(editor.get(f"{HOME}/cohorts/{made.json()['card']['id']}/tracking"), CohortTracking)
    first, *_ = changes(tracking, 2005, 2024)
    before, after = first.figures[3]
    assert before is not None
    assert after is not None
    assert f"{before} → {after} <strong>{after - before:+d}</strong>" in shown
    assert "2005 年与 2024 年" in page.get(address).text, "the last two, when none are named"
    assert "有一年没有快照" in page.get(address, params={"before": "2005", "after": "2010"}).text
    assert "2005、2024" in page.get("/cohorts").text
    assert page.get("/cohorts/%3Cscript%3E").status_code == 404
    assert editor.post(f"{HOME}/lists/{made.json()['card']['id']}/discard").status_code == 200


def test_a_nomination_is_recorded_and_decided_on_the_page(page: httpx2.Client) -> None:
    token = csrf(page)
    form = {"csrf": token, "person": EXPERTS[8], "nominator": "示例省水利学会", "reason": HOSTILE}
    done = page.post("/nominations", data=form)
    assert "已记下举荐" in done.text
    assert "<script>alert" not in done.text
    twice = page.post("/nominations", data=form)
    assert twice.status_code == 409
    assert 'value="示例省水利学会"' in twice.text, "what was written is still there"
    assert page.post("/nominations", data={**form, "person": "P无"}).status_code == 404
    mine = page.get("/nominations", params={"person": EXPERTS[8]}).text
    decide = re.search(r'action="(/nominations/[^"]+/decision)"', mine)
    assert decide is not None
    decided = page.post(decide[1], data={"csrf": token, "outcome": "accepted", "reason": "评审通过"})
    assert "结果已记下" in decided.text
    assert "评审通过" in page.get("/nominations", params={"status": "accepted"}).text
    assert page.get("/nominations", params={"person": "P无"}).status_code == 404


def test_the_exposure_page_counts_what_the_report_counts(editor: httpx2.Client, page: httpx2.Client) -> None:
    made = editor.post(f"{HOME}/lists", json={"name": "露面一次", "members": [{"id": EXPERTS[9]}]})
    assert made.status_code == 200
    report = editor.get(f"{HOME}/exposure", params={"top": 20}).json()
    shown = page.get("/exposure").text
    assert f"{report['questions']} 个名单，{report['appearances']} 人次" in shown
    assert f"从未出现 <strong>{report['never']}</strong> 人" in shown
    assert shown.count('class="pair-bar"') == len(report["units"]) + len(report["regions"])
    assert "没有保存过专家名单" in page.get("/exposure", params={"until_day": "1999-12-31"}).text
    wrong = page.get("/exposure", params={"from_day": "2026-02-01", "until_day": "2026-01-01"})
    assert (wrong.status_code, wrong.text.count('role="alert"')) == (422, 1)


def test_known_people_are_judged_on_a_text(page: httpx2.Client) -> None:
    form = {"csrf": csrf(page), "q": SUBJECTS[0], "people": f"{EXPERTS[0]}\r\n{EXPERTS[1]}\nP无此人<script>"}
    shown = page.post("/judge", data=form)
    assert shown.status_code == 200
    assert "没有这个编号或姓名的人" in shown.text
    assert "<script>\n" not in shown.text
    assert "P无此人&lt;script&gt;" in shown.text
    scores = [float(each) for each in re.findall(r'"figure">([0-9]+\.[0-9]{3})<', shown.text)]
    assert scores == sorted(scores, reverse=True)
    assert len(scores) == 2
    assert page.post("/judge", data={**form, "people": " "}).status_code == 422
    assert page.post("/judge", data={"q": "x", "people": "y"}).status_code == 403


def test_a_reader_looks_and_changes_nothing(served: Served, page: httpx2.Client) -> None:
    with served.browser() as reading:
        token = csrf(reading)
        for address in ("/nominations", "/cohorts/x/snapshots", "/nominations/x/decision"):
            data = {"csrf": token, "year": "2020", "outcome": "accepted", "reason": "无权"}
            assert reading.post(address, data=data).status_code == 403
        assert "只能查看" in reading.get("/nominations").text
    assert "无权" not in page.get("/nominations").text


TEXTS = st.text(st.characters(codec="utf-8"), max_size=20) | st.sampled_from(["下周", "2026-01-01", "13", "3", "-1"])
FIELDS = st.sampled_from(
    ["q", "when", "from_day", "until_day", "region", "limit", "purpose", "status", "person", "before", "after", "done",
     "exposure_cap", "newcomer_boost"]
)  # fmt: skip
ADDRESSES = st.sampled_from(["/availability", "/exposure", "/cohorts", "/nominations", "/judge", "/search"])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(form=st.dictionaries(FIELDS, TEXTS, max_size=5), address=ADDRESSES)
def test_no_address_breaks_a_page(page: httpx2.Client, form: dict[str, str], address: str) -> None:
    response = page.get(address, params=form)
    assert response.status_code in {200, 404, 422}, response.text
    assert "Traceback" not in response.text
