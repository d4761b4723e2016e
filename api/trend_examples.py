"""The examples of trends and expertise in the OpenAPI document, made from the row types as those of `api.examples`."""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel

from queries.answers import Post, ScorePart
from queries.expertise import METHOD, ExpertiseAnswer, PersonExpertise, WorkExpertise
from queries.rising_experts import RisingExpert, RisingExperts
from queries.topic_map import MapOrganisation, MapPerson, MapRegion, MapTopic, TopicMap
from queries.trends import (
    RisingScheme,
    RisingTopic,
    RisingTopics,
    Subject,
    TopicTrend,
    TrendRegion,
    TrendYear,
)

_PERSON: Final = "P7h2k4m6q8s0u2w4y6a8c0e2g4i"
_ORGANISATION: Final = "O2c4e6g8i0k2m4o6q8s0u2w4y6a"
_SUBJECT: Final = Subject(kind="topic", name="水利工程", topics=("gbt13745:570",), below=42)
_POST: Final = Post(
    organisation=_ORGANISATION,
    name="示例大学",
    role="教授",
    department="水利学院",
    since="2018-01-01",
    until=None,
    standing="current",
)


def _response(row: BaseModel) -> dict[str, Any]:
    return {"content": {"application/json": {"example": row.model_dump(mode="json")}}}


EXPERTISE_QUESTION: Final[dict[str, Any]] = {"q": "平原区地下水超采的成因与治理", "people": [_PERSON]}
EXPERTISE_ANSWER: Final = _response(
    ExpertiseAnswer(
        question="平原区地下水超采的成因与治理",
        terms=("地下", "下水", "超采", "治理"),
        method=METHOD,
        people=(
            PersonExpertise(
                id=_PERSON,
                asked=_PERSON,
                name="张示例",
                score=1.31,
                m1=1.31,
                d1=None,
                coverage=0.82,
                parts=(ScorePart(term="超采", share=0.34),),
                works=(
                    WorkExpertise(
                        work="W3d5f7h9j1l3n5p7r9t1v3x5z7b",
                        title="平原区地下水超采综合治理的模式与成效",
                        year=2023,
                        share=0.62,
                        has_abstract=True,
                        matched=("地下水超采",),
                    ),
                ),
                works_counted=12,
                works_total=12,
                works_without_abstract=3,
                missing=("12 项中有 3 项没有摘要，只能按题名和关键词判断",),
                fictional=True,
            ),
        ),
        unknown=(),
        notes=(),
        sequence=1204,
    )
)
TOPIC_TREND_ANSWER: Final = _response(
    TopicTrend(
        subject=_SUBJECT,
        region="",
        years=(
            TrendYear(year=2021, works=38, people=95, whole=True),
            TrendYear(year=2022, works=44, people=117, whole=True),
        ),
        regions=(TrendRegion(code="13", name="示例省", works=21, years=((2021, 9, 20), (2022, 12, 31))),),
        until=2022,
        notes=(),
    )
)
RISING_TOPICS_ANSWER: Final = _response(
    RisingTopics(
        window_years=3,
        schemes=(
            RisingScheme(
                scheme="gbt13745",
                recent_years=(2020, 2022),
                before_years=(2017, 2019),
                recent_works=5210,
                before_works=4980,
                tested=310,
                topics=(
                    RisingTopic(
                        id="gbt13745:520.20",
                        name="人工智能",
                        recent=412,
                        before=188,
                        recent_share=0.0791,
                        before_share=0.0378,
                        growth=2.09,
                        p=3.1e-17,
                        q=9.6e-15,
                        significant=True,
                    ),
                ),
            ),
        ),
        notes=(),
    )
)
RISING_EXPERTS_ANSWER: Final = _response(
    RisingExperts(
        subject=_SUBJECT,
        recent_years=(2020, 2022),
        before_years=(2017, 2019),
        first_since=2017,
        candidates=31,
        experts=(
            RisingExpert(
                rank=1,
                id=_PERSON,
                name="张示例",
                first_year=2018,
                recent=9,
                before=2,
                total=11,
                growth=3.6,
                p=0.031,
                leads=5,
                years=((2018, 1), (2019, 1), (2021, 4), (2022, 5)),
                reasons=("图谱里的首项成果在 2018 年", "2020—2022 年 9 项，此前同样长的时间 2 项"),
                posts=(_POST,),
                professional_title="副教授",
                fictional=True,
            ),
        ),
        notes=(),
    )
)
TOPIC_MAP_ANSWER: Final = _response(
    TopicMap(
        subject=_SUBJECT,
        topics=(MapTopic(id="gbt13745:57010", name="水利工程基础学科", works=17),),
        organisations=(
            MapOrganisation(id=_ORGANISATION, name="示例大学", kind="university", region="13", works=21, people=12),
        ),
        organisations_total=1,
        regions=(MapRegion(code="13", name="示例省", works=21, people=12, organisations=1),),
        people=(
            MapPerson(
                id=_PERSON,
                name="张示例",
                works=9,
                leads=5,
                first_year=2018,
                last_year=2022,
                organisations=("示例大学",),
                fictional=True,
            ),
        ),
        notes=(),
    )
)
