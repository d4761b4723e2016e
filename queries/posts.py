"""Posts and memberships as people read them, made of the relationships that several sources and years left. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

from queries.answers import Post

_ORDER: Final = {"current": 0, "unconfirmed": 1, "former": 2}


class Affiliation(BaseModel):
    """One AFFILIATED_WITH or MEMBER_OF relationship of a person, as a query returns it; dates as the graph has them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    organisation: str
    name: str
    society: bool
    member: bool
    role: str | None
    department: str | None
    observed_year: int | None
    valid_from: str | None
    valid_from_precision: str | None
    valid_to: str | None
    valid_to_precision: str | None


def today() -> date:
    """Return the day on this machine's clock, where "current" is asked without a day."""
    return datetime.now().astimezone().date()


def posts_and_memberships(found: Iterable[Affiliation], on: date) -> tuple[tuple[Post, ...], tuple[Post, ...]]:
    """Which posts in employers and which places in societies and groups does a person have on a day?

    A membership is a MEMBER_OF, or any relationship to a society. Relationships to one organisation with the same role
    are one post, whatever their number of sources and years; those without a role and dates belong to the latest post
    with a role. `since` is the first day of dated relationships, else the first year in which a work says so.
    """
    rows = list(found)
    employers = [row for row in rows if not (row.member or row.society)]
    groups = [row for row in rows if row.member or row.society]
    return _posts(employers, on), _posts(groups, on)


def _posts(rows: Iterable[Affiliation], on: date) -> tuple[Post, ...]:
    by_body: dict[str, list[Affiliation]] = defaultdict(list)
    for row in rows:
        by_body[row.organisation].append(row)
    posts = [_post(group, on) for body in by_body.values() for group in _by_role(body)]
    # Three stable sorts: the latest first within a standing, names only where that leaves a tie.
    posts.sort(key=lambda post: (post.name, post.organisation, post.role))
    posts.sort(key=lambda post: post.since or "", reverse=True)
    posts.sort(key=lambda post: _ORDER[post.standing])
    return tuple(posts)


def _by_role(rows: Sequence[Affiliation]) -> list[list[Affiliation]]:
    roles: dict[str, list[Affiliation]] = defaultdict(list)
    for row in rows:
        roles[row.role or ""].append(row)
    named = [role for role in roles if role]
    if named and "" in roles:
        # Being seen somewhere in a year says nothing of the role then; a dated post without a role is one of its own.
        nameless = roles.pop("")
        latest = max(named, key=lambda role: (max(_start(row) for row in roles[role]), role))
        for row in nameless:
            roles["" if row.valid_from or row.valid_to else latest].append(row)
    return list(roles.values())


def _start(row: Affiliation) -> str:
    return row.valid_from or (f"{row.observed_year:04d}" if row.observed_year else "")


def _post(rows: Sequence[Affiliation], on: date) -> Post:
    # Of two sources with the same day the finer precision stands ("day" < "month" < "year").
    coarse_first = sorted(rows, key=lambda row: row.valid_to_precision or "day", reverse=True)
    ends = {row.valid_to: row.valid_to_precision for row in coarse_first if row.valid_to}
    end = max(ends, default=None)
    standing = _standing(rows, end, on.isoformat())
    dated = [row for row in rows if row.valid_from]
    first = min(
        dated or [row for row in rows if _start(row)],
        key=lambda row: (_start(row), row.valid_from_precision or "day"),
        default=None,
    )
    departments = sorted((_start(row), row.department) for row in rows if row.department)
    return Post(
        organisation=rows[0].organisation,
        name=rows[0].name,
        role=max(row.role or "" for row in rows),
        department=departments[-1][1] if departments else "",
        since=None if first is None else _written(_start(first), first.valid_from_precision),
        until=None if end is None or standing == "unconfirmed" else _written(_day_before(end), ends[end]),
        standing=standing,
    )


def _standing(rows: Sequence[Affiliation], end: str | None, on: str) -> Literal["current", "former", "unconfirmed"]:
    """Known end after `on` → current; no source sees it open and the end has come → former; else nobody knows."""
    if end is None:
        return "unconfirmed"
    for row in rows:
        if row.valid_to is None and (row.observed_year is None or f"{row.observed_year:04d}-01-01" >= end):
            return "unconfirmed"
    return "former" if end <= on else "current"


def _day_before(day: str) -> str:
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()


def _written(day: str, precision: str | None) -> str:
    return day[: {"year": 4, "month": 7}.get(precision or "day", 10)]
