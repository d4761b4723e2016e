"""The examples of demands, services and bodies in the OpenAPI document, made from the row types themselves."""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel

from api.demands import ResponseTimes, Saved, SuggestedTopics
from queries.answers import PersonCount, ServiceEvidence, SourceClaim
from queries.commissions import Commission, CommissionsAnswer
from queries.demand_rows import DemandsAnswer, DemandTrace, LogEntry, ResponseTime, ShownDemand
from queries.demand_topics import SuggestedTopic
from queries.expert_facts import NamedThing
from queries.match_rows import Aspect, Matches, ProposedMember, ProposedTeam
from queries.organisation_rows import BodyTie, NameShown, OrganisationProfile, WorksOfYear
from queries.services import OfferingAnswer, OfferingOrganisation, RegisteredService, ServicesAnswer
from queries.teams import MatchedTeam

_PERSON: Final = "P7h2k4m6q8s0u2w4y6a8c0e2g4i"
_BODY: Final = NamedThing(id="O2c4e6g8i0k2m4o6q8s0u2w4y6a", name="示例省水利学会")
_TOPIC: Final = NamedThing(id="gbt:570", name="水利工程")
_DEMAND_ID: Final = "D5b7d9f1h3j5m7p9r1t3v5x7z9b"
_TITLE: Final = "平原区地下水超采治理与生态补偿机制"


def _response(row: BaseModel) -> dict[str, Any]:
    return {"content": {"application/json": {"example": row.model_dump(mode="json")}}}


_DEMAND: Final = ShownDemand(
    id=_DEMAND_ID,
    kind="problem",
    title=_TITLE,
    raised_by=(_BODY,),
    from_whom="",
    urgency="high",
    service_kind="咨询",
    status="diagnosed",
    visibility="public",
    topics=(_TOPIC,),
    raised_on="2026-04-01",
    deadline="2026-06-10",
    answered_on=None,
    closed_on=None,
    days_open=61,
    days_left=9,
    fictional=True,
)
_SERVICE: Final = ServiceEvidence(
    id="S1b3d5f7h9j1m3p5r7t9v1x3z5b",
    kind="评估",
    title="示例灌区节水改造第三方评估",
    client="示例省水利厅",
    evidence="合同〔2024〕0号（虚构）",
    verified=True,
    since="2024-03",
    until="2024-09",
    matched=("节水",),
    share=0.4,
)
_PROVIDER: Final = OfferingOrganisation(
    rank=1,
    id=_BODY.id,
    name=_BODY.name,
    kind="society",
    region="示例省",
    verified=True,
    score=0.4,
    services=(_SERVICE,),
    services_total=1,
    services_verified=1,
    fictional=True,
)

SAVED: Final = _response(Saved(id=_DEMAND_ID, batch="412"))
DEMANDS_ANSWER: Final = _response(DemandsAnswer(on="2026-06-01", total=1, demands=(_DEMAND,)))
DEMAND_TRACE: Final = _response(
    DemandTrace(
        demand=_DEMAND,
        description="连年超采，水位下降，需要可操作的建议。",
        diagnosis="既要水文，也要补偿政策。",
        diagnosed_by="示例编辑",
        services=(),
        log=(
            LogEntry(on="2026-04-01", kind="raised", actor=_BODY.name, channel="", note=_TITLE),
            LogEntry(on="2026-04-20", kind="follow-up", actor="示例编辑", channel="走访", note="到现场看了灌区。"),
        ),
        response_days=None,
        overdue_days=0,
        sources=(SourceClaim(source="local:manual", run="demand_raise"),),
    )
)
RESPONSE_TIMES: Final = _response(
    ResponseTimes(
        groups=(
            ResponseTime(
                group="2026-03",
                name="2026-03",
                raised=9,
                answered=7,
                median_days=21.0,
                p90_days=48,
                with_deadline=6,
                in_time=5,
            ),
        )
    )
)
SUGGESTED_TOPICS: Final = _response(
    SuggestedTopics(
        topics=(SuggestedTopic(id=_TOPIC.id, name=_TOPIC.name, scheme="gbt", named=False, works=12, share=0.4),)
    )
)
MATCHES: Final = _response(
    Matches(
        demand=_DEMAND_ID,
        text=_TITLE,
        aspects=(Aspect(name="地下水超采治理", topic=None, people=31, coverage=0.9),),
        experts=(),
        organisations=(),
        providers=(_PROVIDER,),
        outputs=(),
        projects=(),
        teams=(
            MatchedTeam(
                rank=1,
                id="T3b5d7f9h1j3m5p7r9t1v3x5z7b",
                name="示例省水资源专家服务团",
                kind="corps",
                standing="current",
                members=(NamedThing(id=_PERSON, name="张示例"),),
                topics_covered=0.5,
                covers=(_TOPIC.name,),
                lacks=("生态学",),
                coverage=0.6,
                regions=(NamedThing(id="13", name="示例省"),),
                fictional=True,
            ),
        ),
        proposed=ProposedTeam(
            members=(
                ProposedMember(
                    id=_PERSON,
                    name="张示例",
                    professional_title="教授",
                    organisation="示例大学",
                    in_library=True,
                    best_for=("地下水超采治理",),
                    fits=(1.0,),
                    fictional=True,
                ),
            ),
            coverage=0.67,
            single=1.0,
            weakest="地下水超采治理",
            weakest_coverage=0.67,
            dearest=_PERSON,
            after_loss=0.0,
            proven=True,
            looked_at=30,
        ),
        notes=(),
        ranking="works-1",
        sequence=412,
    )
)
SERVICES_ANSWER: Final = _response(
    ServicesAnswer(
        total=1,
        verified=1,
        services=(
            RegisteredService(service=_SERVICE, organisations=((_BODY.id, _BODY.name),), people=(), fictional=True),
        ),
        notes=(),
    )
)
OFFERING_ANSWER: Final = _response(
    OfferingAnswer(question="节水 评估", candidates=1, organisations=(_PROVIDER,), notes=())
)
COMMISSIONS_ANSWER: Final = _response(
    CommissionsAnswer(
        commissioner="示例省水利厅",
        total=1,
        projects=(
            Commission(
                rank=1,
                id="J3d5f7h9j1l3n5p7r9t1v3x5z7b",
                title="平原区地下水超采综合治理研究",
                year=2024,
                programme="委托课题",
                type="applied",
                commissioners=(NamedThing(id=_BODY.id, name="示例省水利厅"),),
                leaders=(NamedThing(id=_PERSON, name="张示例"),),
                score=0.0,
                matched=(),
                fictional=True,
            ),
        ),
        notes=(),
    )
)
_PARENT: Final = BodyTie(
    id="O9z7x5v3t1r9p7n5l3j1h9f7d5b",
    name="示例省水利水电学会",
    kind="society",
    how="renamed",
    on="1998-05-01",
    since=None,
    until=None,
    standing="unconfirmed",
)
ORGANISATION_PROFILE: Final = _response(
    OrganisationProfile(
        id=_BODY.id,
        redirected_from=None,
        name=_BODY.name,
        names=(NameShown(text="示例省水利水电学会", kind="former", since=None, until="1998-04-30"),),
        kind="society",
        level="province",
        status="",
        grade="",
        website="",
        uscc="",
        ror="",
        founded_year=1956,
        verified=True,
        society=True,
        legal_entity=_BODY,
        counts_as=_BODY.id,
        regions=(NamedThing(id="13", name="示例省"),),
        predecessors=(_PARENT,),
        successors=(),
        part_of=(),
        parts=(),
        parts_total=0,
        hosted_by=(),
        hosts=(),
        hosts_total=0,
        guided_by=(),
        guides_total=0,
        people=(PersonCount(id=_PERSON, name="张示例", works=6),),
        people_total=1,
        works_by_year=(WorksOfYear(year=2023, outputs=4, projects=2, led=1),),
        outputs_total=4,
        projects_total=2,
        projects_led=1,
        services=(_SERVICE,),
        services_total=1,
        services_verified=1,
        commissioned=(),
        commissioned_total=0,
        sources=(SourceClaim(source="sample:虚构示例", run="R5f7h9j1l3n5p7r9t1v3x5z7b9d"),),
        fictional=True,
    )
)
