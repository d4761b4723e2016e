"""How do topics develop, who is coming up, and who works where?"""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Path, Query

from api.deps import Open
from api.problems import documented
from api.questions import LONGEST_ID, MOST_ROWS
from api.trend_examples import RISING_EXPERTS_ANSWER, RISING_TOPICS_ANSWER, TOPIC_MAP_ANSWER, TOPIC_TREND_ANSWER
from queries.rising_experts import CAREER_YEARS, FEWEST_RECENT, RisingExperts, rising_experts
from queries.topic_map import TopicMap, topic_map
from queries.trends import (
    FEWEST_WORKS,
    MOST_WINDOW_YEARS,
    WINDOW_YEARS,
    RisingTopics,
    SubjectKind,
    TopicTrend,
    rising_topics,
    topic_trend,
)

router = APIRouter(tags=["趋势 Trends"])

_LONGEST_WORD: Final = 200

Of = Annotated[SubjectKind, Query(description="q 是主题还是关键词 (is q a topic or a keyword)")]
_Q: Final = "主题编号（体系:代码）或准确名称；of=keyword 时是关键词 (topic id or exact name, or a keyword)"
Region = Annotated[
    str | None,
    Query(
        pattern=r"^[1-9][0-9]([0-9]{2}|[0-9]{4}|[0-9]{7}|[0-9]{10})?$",
        description="行政区划代码，含下级 (region code, with its subtree)",
    ),
]
Since = Annotated[int | None, Query(ge=1000, le=2999, description="从这一年起 (first year)")]
Until = Annotated[int | None, Query(ge=1000, le=2999, description="到这一年为止 (last year)")]
Window = Annotated[int, Query(ge=1, le=MOST_WINDOW_YEARS, description="比较的年数 (years in each window)")]
Limit = Annotated[int, Query(ge=1, le=MOST_ROWS, description="最多返回几条 (at most so many answers)")]


@router.get(
    "/topics/trends",
    summary="一个主题逐年、逐地区的成果和人员",
    operation_id="showTopicTrend",
    responses={200: TOPIC_TREND_ANSWER, **documented(401, 404, 422, 503)},
)
def trend(
    held: Open,
    *,
    q: Annotated[str, Query(min_length=1, max_length=_LONGEST_WORD, description=_Q)],
    of: Of = "topic",
    region: Region = None,
    since_year: Since = None,
    until_year: Until = None,
) -> TopicTrend:
    """How many works and people does a topic (or keyword) have, by year and region?"""
    return topic_trend(
        held.store.database,
        topic=q if of == "topic" else None,
        keyword=q if of == "keyword" else None,
        region=region,
        since_year=since_year,
        until_year=until_year,
    )


@router.get(
    "/topics/rising",
    summary="上升的主题或关键词",
    operation_id="listRisingTopics",
    responses={200: RISING_TOPICS_ANSWER, **documented(401, 422, 503)},
)
def rising(
    held: Open,
    *,
    of: Annotated[SubjectKind, Query(description="主题还是关键词 (topics or keywords)")] = "topic",
    window_years: Window = WINDOW_YEARS,
    fewest: Annotated[int, Query(ge=1, le=1000, description="至少多少项才比较 (works in both windows)")] = FEWEST_WORKS,
    until_year: Until = None,
    limit: Limit = 20,
) -> RisingTopics:
    """Which topics take a greater share than before, beyond chance?"""
    return rising_topics(
        held.store.database, of=of, window_years=window_years, fewest=fewest, until_year=until_year, limit=limit
    )


@router.get(
    "/topics/{id}/map",
    summary="谁在哪里做这个主题",
    operation_id="mapTopic",
    responses={200: TOPIC_MAP_ANSWER, **documented(401, 404, 422, 503)},
)
def who_where(
    held: Open,
    id: Annotated[str, Path(min_length=1, max_length=LONGEST_ID, description="主题编号或准确名称 (topic)")],
    since_year: Since = None,
    until_year: Until = None,
    limit: Limit = 20,
) -> TopicMap:
    """Who works where on a topic: organisations, regions, people, topics below."""
    return topic_map(held.store.database, topic=id, since_year=since_year, until_year=until_year, limit=limit)


@router.get(
    "/discover/rising-experts",
    summary="新锐专家",
    operation_id="discoverRisingExperts",
    responses={200: RISING_EXPERTS_ANSWER, **documented(401, 404, 422, 503)},
)
def discover(
    held: Open,
    *,
    q: Annotated[str | None, Query(min_length=1, max_length=_LONGEST_WORD, description=_Q)] = None,
    of: Of = "topic",
    window_years: Window = WINDOW_YEARS,
    career_years: Annotated[
        int, Query(ge=1, le=50, description="首项成果在几年以内 (first work within)")
    ] = CAREER_YEARS,
    fewest: Annotated[int, Query(ge=1, le=1000, description="最近至少多少项 (recent works)")] = FEWEST_RECENT,
    until_year: Until = None,
    limit: Limit = 20,
) -> RisingExperts:
    """Who began recently and does more and more?  With the reasons."""
    return rising_experts(
        held.store.database,
        topic=q if of == "topic" else None,
        keyword=q if of == "keyword" else None,
        window_years=window_years,
        career_years=career_years,
        fewest=fewest,
        until_year=until_year,
        limit=limit,
    )
