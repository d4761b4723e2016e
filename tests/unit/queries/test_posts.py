"""Posts made of relationships: the same for any order and any number of sources, honest about what is not known."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queries.posts import Affiliation, posts_and_memberships

DAY = date(2026, 6, 1)


def seen(**facts: Any) -> Affiliation:
    """One relationship to 大学, nothing known but what is given."""
    plain: dict[str, Any] = dict.fromkeys(Affiliation.model_fields)
    return Affiliation.model_validate(
        {**plain, "organisation": "O1", "name": "大学", "society": False, "member": False, **facts}
    )


_DAYS = st.none() | st.sampled_from(["2010-01-01", "2019-03-01", "2026-06-01", "2027-01-01"])
_PRECISIONS = st.none() | st.sampled_from(["day", "month", "year"])


def _at(body: str, facts: dict[str, Any]) -> Affiliation:
    return seen(organisation=body, name=f"名{body}", **facts)


FACTS = st.fixed_dictionaries(
    {
        "society": st.booleans(),
        "member": st.booleans(),
        "role": st.none() | st.sampled_from(["院长", "教授"]),
        "department": st.none() | st.sampled_from(["甲系", "乙系"]),
        "observed_year": st.none() | st.integers(2005, 2026),
        "valid_from": _DAYS,
        "valid_from_precision": _PRECISIONS,
        "valid_to": _DAYS,
        "valid_to_precision": _PRECISIONS,
    }
)
AFFILIATIONS = st.builds(_at, st.sampled_from(["O1", "O2"]), FACTS)


@given(st.lists(AFFILIATIONS, max_size=8), st.randoms())
def test_order_and_repetition_change_nothing(rows: list[Affiliation], random: Any) -> None:
    shuffled = rows + rows
    random.shuffle(shuffled)
    assert posts_and_memberships(shuffled, DAY) == posts_and_memberships(rows, DAY)


@given(st.lists(AFFILIATIONS, max_size=8))
def test_every_body_is_there_and_no_role_is_invented(rows: list[Affiliation]) -> None:
    posts, memberships = posts_and_memberships(rows, DAY)
    assert {post.organisation for post in posts + memberships} == {row.organisation for row in rows}
    assert {post.role for post in posts + memberships} <= {row.role or "" for row in rows}
    assert {row.role for row in rows if row.role} <= {post.role for post in posts + memberships}


@pytest.mark.parametrize(
    ("rows", "since", "until", "standing"),
    [
        ([seen()], None, None, "unconfirmed"),
        ([seen(observed_year=2019), seen(observed_year=2021)], "2019", None, "unconfirmed"),
        ([seen(valid_from="2020-01-01", valid_from_precision="year", role="院长"), seen(observed_year=2015)],
         "2020", None, "unconfirmed"),
        ([seen(valid_from="2015-03-01", valid_to="2019-01-01", valid_to_precision="year")],
         "2015-03-01", "2018", "former"),
        ([seen(valid_to="2026-06-01", valid_to_precision="month")], None, "2026-05", "former"),
        ([seen(valid_to="2026-06-02")], None, "2026-06-01", "current"),
        ([seen(valid_to="2019-01-01"), seen(observed_year=2018)], "2018", "2018-12-31", "former"),
        ([seen(valid_to="2019-01-01"), seen(observed_year=2022)], "2022", None, "unconfirmed"),
    ],
)  # fmt: skip
def test_what_holds_on_a_day(rows: list[Affiliation], since: str | None, until: str | None, standing: str) -> None:
    ((post,), memberships) = posts_and_memberships(rows, DAY)
    assert (post.since, post.until, post.standing) == (since, until, standing)
    assert memberships == ()


def test_two_roles_in_one_body_are_two_posts_the_latest_first() -> None:
    rows = [
        seen(role="副院长", valid_from="2010-01-01", valid_to="2020-01-01"),
        seen(role="院长", valid_from="2020-01-01"),
        seen(observed_year=2012, department="甲系"),
    ]
    posts, _ = posts_and_memberships(rows, DAY)
    assert [(post.role, post.standing) for post in posts] == [("院长", "unconfirmed"), ("副院长", "former")]


def test_a_post_in_a_society_is_a_membership() -> None:
    assert [len(part) for part in posts_and_memberships([seen(society=True), seen(member=True)], DAY)] == [0, 1]
