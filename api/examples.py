"""The examples in the OpenAPI document: made from the row types themselves, so that they cannot drift from them."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from pydantic import BaseModel

from api.identity import AnswerGiven, AnswerTakenBack, OpenQuestions
from ingest.commands.people import IdentityStats
from ingest.commands.people_records import MentionShown, PersonRecord, QuestionShown, Reason
from ingest.people.review import OpenQuestion
from queries.answers import (
    Collaborator,
    Evidence,
    ExpertProfile,
    ExpertsAnswer,
    FoundExpert,
    FoundOrganisation,
    FoundWork,
    OrganisationsAnswer,
    PersonCount,
    Post,
    ScorePart,
    SourceClaim,
    WorksAnswer,
)
from queries.networks import Network, NetworkEdge, NetworkNode
from queries.quality import Named, QualityCase, QualityCases, QualityCounts, QualityFigure

_QUESTION: Final = "地下水超采治理"
_TERMS: Final = ("地下", "下水", "超采", "治理")
_PERSON: Final = "P7h2k4m6q8s0u2w4y6a8c0e2g4i"
_OTHER: Final = "P1b3d5f7h9j1l3n5p7r9t1v3x5z"
_ORGANISATION: Final = "O2c4e6g8i0k2m4o6q8s0u2w4y6a"

_EVIDENCE: Final = Evidence(
    work="W3d5f7h9j1l3n5p7r9t1v3x5z7b",
    kind="output",
    title="平原区地下水超采综合治理的模式与成效",
    year=2023,
    role="第一作者",
    venue="水利示例学报",
    share=0.62,
    matched=_TERMS,
)
_POST: Final = Post(
    organisation=_ORGANISATION,
    name="示例大学",
    role="教授",
    department="水利学院",
    since="2015-01-01",
    until=None,
    standing="current",
)
_MEMBERSHIP: Final = _POST.model_copy(
    update={"organisation": "O9z7x5v3t1r9p7n5l3j1h9f7d5b", "name": "示例省水利学会", "role": "理事", "department": ""}
)
_PARTS: Final = (
    ScorePart(term="超采", share=0.4),
    ScorePart(term="地下", share=0.25),
    ScorePart(term="治理", share=0.15),
)


def _response(row: BaseModel) -> dict[str, Any]:
    return {"content": {"application/json": {"example": row.model_dump(mode="json")}}}


EXPERTS_QUESTION: Final[dict[str, Any]] = {
    "q": "拟研究平原区地下水超采的成因、治理模式与生态补偿机制……",
    "limit": 10,
    "region": "13",
    "since_year": 2018,
}
EXPERTS_ANSWER: Final = _response(
    ExpertsAnswer(
        question=_QUESTION,
        terms=_TERMS,
        candidates=134,
        experts=(
            FoundExpert(
                rank=1,
                id=_PERSON,
                name="张示例",
                score=0.83,
                coverage=0.9,
                parts=_PARTS,
                evidence=(_EVIDENCE,),
                evidence_total=6,
                posts=(_POST,),
                memberships=(_MEMBERSHIP,),
                topics=("水资源",),
                fields=("地下水", "水资源管理"),
                professional_title="教授",
                honours=(),
                works_without_abstract=1,
                fictional=True,
            ),
        ),
        notes=(),
        ranking="works-1",
        sequence=412,
    )
)
ORGANISATIONS_ANSWER: Final = _response(
    OrganisationsAnswer(
        question=_QUESTION,
        terms=_TERMS,
        candidates=21,
        organisations=(
            FoundOrganisation(
                rank=1,
                id=_ORGANISATION,
                name="示例大学",
                kind="university",
                region="示例省",
                verified=True,
                score=0.9,
                coverage=1.0,
                parts=_PARTS,
                evidence=(_EVIDENCE,),
                evidence_total=14,
                people=(PersonCount(id=_PERSON, name="张示例", works=6),),
                fictional=True,
            ),
        ),
        notes=(),
        ranking="works-1",
        sequence=412,
    )
)
WORKS_ANSWER: Final = _response(
    WorksAnswer(
        question=_QUESTION,
        terms=_TERMS,
        works=(
            FoundWork(
                rank=1,
                id=_EVIDENCE.work,
                kind="output",
                type="paper",
                title=_EVIDENCE.title,
                year=2023,
                venue=_EVIDENCE.venue,
                score=18.2,
                matched=_TERMS,
                people=(PersonCount(id=_PERSON, name="张示例", works=1),),
                organisations=("示例大学",),
                fictional=True,
            ),
        ),
        notes=(),
        sequence=412,
    )
)
EXPERT_PROFILE: Final = _response(
    ExpertProfile(
        id=_PERSON,
        redirected_from=None,
        name="张示例",
        other_names=("Zhang Shili",),
        is_expert=True,
        professional_title="教授",
        tier="骨干",
        expert_kind="科研人员",
        summary="从事平原区水资源研究。",
        fields=("地下水", "水资源管理"),
        orcid="",
        posts=(_POST,),
        memberships=(_MEMBERSHIP,),
        honours=(),
        topics=("水资源",),
        works=(_EVIDENCE,),
        works_total=6,
        collaborators=(
            Collaborator(id=_OTHER, name="李示例", organisation="示例大学", works=3, first_year=2018, last_year=2023),
        ),
        collaborators_total=9,
        sources=(SourceClaim(source="sample:虚构示例", run="R5f7h9j1l3n5p7r9t1v3x5z7b9d"),),
        fictional=True,
    )
)
NETWORK: Final = _response(
    Network(
        centre=_PERSON,
        nodes=(
            NetworkNode(
                id=_PERSON, label="张示例", kind="person", group="示例大学", weight=6, distance=0, detail="教授"
            ),
            NetworkNode(id=_OTHER, label="李示例", kind="person", group="示例大学", weight=4, distance=1, detail=""),
        ),
        edges=(NetworkEdge(source=_PERSON, target=_OTHER, weight=3, years=(2018, 2023)),),
        total_nodes=2,
        truncated=False,
        fictional=True,
    )
)
_FIGURE: Final = QualityFigure(
    kind="same-name-pairs",
    title="同名、可能是同一人",
    meaning="姓名相同、又有共同单位或共同合作者的两个人（对）",
    number=12,
)
_DAY: Final = date(2026, 6, 1)
QUALITY_COUNTS: Final = _response(QualityCounts(on=_DAY, stale_years=5, figures=(_FIGURE,)))
QUALITY_CASES: Final = _response(
    QualityCases(
        kind=_FIGURE.kind,
        title=_FIGURE.title,
        meaning=_FIGURE.meaning,
        on=_DAY,
        stale_years=5,
        cases=(
            QualityCase(
                id=_PERSON,
                name="张示例",
                label="person",
                why="共同的单位 1 个：示例大学",
                weight=1,
                others=(
                    Named(id="P3d5f7h9j1l3n5p7r9t1v3x5z7b", name="张示例", label="person"),
                    Named(id=_ORGANISATION, name="示例大学", label="organisation"),
                ),
            ),
        ),
    )
)
_SAME_NAME: Final = "P3d5f7h9j1l3n5p7r9t1v3x5z7b"
_OPEN_QUESTION: Final = OpenQuestion(
    id="Q50e5e5ef4987117c",
    kind="same",
    name_key="张示例",
    left=_PERSON,
    right=_SAME_NAME,
    left_mention="works:示例|a1|1",
    right_mention="works:示例|b7|2",
    points=1.5,
    average=1.1,
    decides=6,
    left_name="张示例",
    right_name="张示例",
    left_posts=["示例大学水利学院"],
    right_posts=["示例省水利科学研究院"],
)
OPEN_QUESTIONS: Final = _response(OpenQuestions(questions=[_OPEN_QUESTION]))


def _record(id_: str, mention: str, affiliation: str) -> PersonRecord:
    shown = MentionShown(
        mention=mention,
        work=_EVIDENCE.work,
        kind="output",
        title=_EVIDENCE.title,
        year=_EVIDENCE.year,
        venue=_EVIDENCE.venue,
        name="张示例",
        affiliation=affiliation,
        others=["李示例"],
    )
    return PersonRecord(
        id=id_,
        name="张示例",
        works=1,
        first_year=shown.year,
        last_year=shown.year,
        posts=[affiliation],
        fields=["地下水"],
        collaborators=["李示例"],
        mentions=[shown],
        records=[],
    )


QUESTION_SHOWN: Final = _response(
    QuestionShown(
        question=_OPEN_QUESTION,
        left=_record(_PERSON, _OPEN_QUESTION.left_mention, "示例大学水利学院"),
        right=_record(_SAME_NAME, _OPEN_QUESTION.right_mention, "示例省水利科学研究院"),
        hard=[],
        reasons=[
            Reason(points=3.5, sentence="有 1 位共同合作者：李示例"),
            Reason(points=-2.0, sentence="单位不同：“示例大学水利学院”与“示例省水利科学研究院”"),
        ],
    )
)
ANSWER_GIVEN: Final = _response(
    AnswerGiven(outcome="same", number="413", person=_PERSON, other=_SAME_NAME, decisions=1)
)
ANSWER_TAKEN_BACK: Final = _response(AnswerTakenBack(number="413", restored=7))
IDENTITY_STATS: Final = _response(
    IdentityStats(
        people=1204,
        mentions=3310,
        merged=417,
        questions=38,
        postponed=2,
        decided_same=21,
        decided_different=64,
        settled_on="2026-06-01",
    )
)
