"""The examples of the understanding's answers in the OpenAPI document, made from the row types themselves."""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel

from queries.answers import Evidence
from queries.bridging import BridgingAnswer, BridgingExpert, SideExpert
from queries.suggestions import Suggestion, Suggestions
from queries.topics import TopicTag, TopicTags
from queries.understood import Expansion, NamedOrganisation, NamedPerson, QuestionWord, Understanding

_PERSON: Final = "P7h2k4m6q8s0u2w4y6a8c0e2g4i"
_ORGANISATION: Final = "O2c4e6g8i0k2m4o6q8s0u2w4y6a"


def _response(example: BaseModel) -> dict[str, Any]:
    return {"content": {"application/json": {"example": example.model_dump(mode="json")}}}


_EVIDENCE: Final = Evidence(
    work="W3d5f7h9j1l3n5p7r9t1v3x5z7b",
    kind="output",
    title="基于深度学习的中医舌象分类",
    year=2021,
    role="第一作者",
    venue="示例学报",
    share=0.4,
    matched=("深度学习", "中医"),
)
SUGGESTIONS: Final = _response(
    Suggestions(
        typed="rengong",
        suggestions=(
            Suggestion(kind="topic", text="人工智能", id="", works=7),
            Suggestion(kind="organisation", text="人工智能研究院", id=_ORGANISATION, works=0),
        ),
        sequence=412,
    )
)
UNDERSTANDING: Final = _response(
    Understanding(
        words=(QuestionWord(text="人工智能", start=0, end=4, works=7, kind="topic"),),
        simplified="",
        did_you_mean=(),
        people=(
            NamedPerson(asked="张示例", id=_PERSON, name="张示例", organisation="示例大学", professional_title="教授"),
        ),
        people_total=1,
        organisations=(NamedOrganisation(asked="示例大学", id=_ORGANISATION, name="示例大学", rest="人工智能"),),
        fields=(),
        expansions=(
            Expansion(
                term="模式识别",
                topic="gbt13745:52020",
                topic_name="人工智能",
                scheme="gbt13745",
                relation="narrower",
                works=4,
                applied=False,
            ),
        ),
        sequence=412,
    )
)
BRIDGING_ANSWER: Final = _response(
    BridgingAnswer(
        question="人工智能 与 中医",
        fields=("人工智能", "中医"),
        candidates=12,
        experts=(
            BridgingExpert(
                rank=1,
                id=_PERSON,
                name="张示例",
                organisations=("示例大学",),
                professional_title="教授",
                score=0.71,
                one_score=0.6,
                other_score=0.84,
                works_in_both=(_EVIDENCE,),
                works_in_both_total=1,
                one=(),
                other=(),
                fictional=True,
            ),
        ),
        one=(SideExpert(rank=1, id=_PERSON, name="张示例", organisations=("示例大学",), score=0.8, bridging=True),),
        other=(),
        notes=(),
        ranking="works-1",
        sequence=412,
    )
)
TOPIC_TAGS: Final = _response(
    TopicTags(
        text="地下水超采治理",
        tags=(
            TopicTag(topic="gbt13745:570", name="水利工程", scheme="gbt13745", confidence=0.83, words=("地下", "下水")),
        ),
        learnt_from=5120,
        notes=(),
    )
)
