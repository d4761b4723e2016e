"""Demands, services, teams and commissions, put beside the golden graph when the other answers are in.

Six demands (waiting, overdue, answered late, answered elsewhere and closed, staff only, restricted), services verified
and not, of a department, a person and a body known only by its old name, three teams (one over, one for another
region), commissioned projects. People, bodies and works are those of `golden.py` and `golden_quality.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from graph.changes import SourceRef
from graph.claims import NodeClaim, RelationshipClaim, node_claim, relationship_claim
from graph.merge import upsert
from graph.model import NODE_BY_LABEL, RELATIONSHIP_BY_NAME
from graph.store import Store

ACTOR: Final = "contract"
Facts = dict[str, Any]

SERVICES: Final[dict[str, Facts]] = {
    "S论": {
        "title": "城市交通知识图谱建设方案科学论证",
        "kind": "论证",
        "client": "石家庄市示例局",
        "evidence": "合同〔2023〕1号（虚构）",
        "verified": True,
        "verified_by": "核实员",
        "verified_on": "2024-01-05",
        "valid_from": "2023-03-01",
        "valid_from_precision": "month",
        "valid_to": "2023-10-01",
        "valid_to_precision": "month",
    },
    "S评": {
        "title": "知识图谱平台第三方评估",
        "kind": "评估",
        "client": "冀北示例厅",
        "valid_from": "2022-01-01",
        "valid_from_precision": "year",
        "valid_to": "2023-01-01",
        "valid_to_precision": "year",
        "fictional": True,
    },
    "S旧评": {
        "title": "固态电池中试线评估",
        "kind": "评估",
        "verified": True,
        "evidence": "验收意见（虚构）",
        "valid_to": "2019-01-01",
        "valid_to_precision": "year",
    },
    "S标": {"title": "固态电池安全团体标准", "kind": "标准", "verified": True, "evidence": "团标（虚构）"},
    "S密": {"title": "密件评估", "kind": "评估", "visibility": "restricted"},
}
OFFERS: Final = (
    ("Organisation", "S智能", "S论"),
    ("Organisation", "O冀北智能", "S评"),
    ("Organisation", "O冀北工", "S旧评"),
    ("Organisation", "O江东", "S标"),
    ("Person", "P陈", "S标"),
    ("Person", "P密", "S标"),
    ("Organisation", "O江东", "S密"),
)
DEMANDS: Final[dict[str, Facts]] = {
    "D交通": {
        "title": "城市交通知识图谱与自动驾驶感知怎样结合",
        "description": "希望请专家论证建设方案。",
        "kind": "problem",
        "urgency": "high",
        "status": "diagnosed",
        "service_kind": "论证",
        "raised_on": "2026-04-01",
        "deadline": "2026-06-10",
        "diagnosis": "既要知识图谱，也要材料测试。",
        "diagnosed_on": "2026-04-08",
        "diagnosed_by": "诊断员",
    },
    "D电池": {
        "title": "固态电池界面稳定性和海洋牧场监测",
        "kind": "need",
        "urgency": "urgent",
        "status": "open",
        "raised_on": "2026-03-02",
        "deadline": "2026-05-01",
        "from_whom": "某县科协",
    },
    "D迟": {
        "title": "知识图谱怎样用于专家推荐",
        "kind": "topic",
        "status": "answered",
        "raised_on": "2026-03-10",
        "deadline": "2026-05-20",
        "answered_on": "2026-06-20",
    },
    "D办": {
        "title": "固态电池产业发展建议",
        "kind": "topic",
        "status": "closed",
        "raised_on": "2025-12-01",
        "deadline": "2026-01-31",
        "answered_on": "2026-01-10",
        "closed_on": "2026-01-15",
        "outcome": "建议已采纳",
        "fictional": True,
    },
    "D内": {"title": "内部选题", "kind": "topic", "status": "open", "raised_on": "2026-05-30", "visibility": "staff"},
    "D密": {"title": "密题", "status": "open", "raised_on": "2026-05-30", "visibility": "restricted"},
}
RAISED_BY: Final = (("D交通", "Organisation", "O冀北"), ("D迟", "Organisation", "O冀北"), ("D办", "Person", "P周"))
NEEDS: Final = (
    ("D交通", "Topic", "gbt:520.20", "diagnosed"),
    ("D交通", "Topic", "gbt:430", "diagnosed"),
    ("D交通", "Service", "S论", "diagnosed"),
    ("D电池", "Topic", "gbt:430", "declared"),
)
FOLLOW_UPS: Final[dict[str, tuple[str, Facts]]] = {
    "I访": ("D交通", {"on": "2026-04-20", "channel": "走访", "actor": "跟进员", "note": "到现场看了测试场。"}),
    "I电": ("D交通", {"on": "2026-05-06", "channel": "电话", "actor": "跟进员", "note": "对方希望六月给答复。"}),
    "I密": ("D办", {"on": "2026-01-05", "note": "密谈", "visibility": "restricted"}),
}
ANSWERS: Final = (
    ("Output", "W1", "D迟", {"on": "2026-06-20", "note": "见论文", "actor": "答复员"}),
    ("Person", "P林", "D迟", {"on": "2026-06-20", "note": "见论文", "actor": "答复员"}),
    ("Output", "W6", "D办", {"on": "2026-01-10"}),
    ("Person", "P密", "D办", {"on": "2026-01-10"}),
)
TEAMS: Final[dict[str, Facts]] = {
    "T智": {"name": "人工智能服务团", "kind": "corps", "valid_from": "2025-01-01", "valid_to": "2028-01-01"},
    "T材": {"name": "材料专家组", "kind": "group", "valid_from": "2020-01-01", "valid_to": "2025-01-01"},
    "T苏": {"name": "江苏电池咨询委员会", "kind": "committee", "fictional": True},
    "T密": {"name": "密团", "visibility": "restricted"},
}
SEATS: Final[tuple[tuple[str, str, Facts], ...]] = (
    ("P林", "T智", {"role": "团长"}),
    ("P王甲", "T智", {"role": "成员"}),
    ("P孙", "T智", {"role": "成员", "valid_to": "2025-06-01"}),
    ("P密", "T智", {}),
    ("P陈", "T材", {"role": "组长"}),
    ("P陈", "T苏", {}),
    ("P王乙", "T苏", {}),
)
COVERS: Final = (("T智", "gbt:520"), ("T材", "gbt:430"), ("T苏", "gbt:430"))
SERVES: Final = (("T智", "13"), ("T苏", "3201"))
COMMISSIONED: Final = (("J1", "O冀北工"), ("J2", "O江东"), ("V项", "O江东"))
# Asked about by nobody: Neo4j warns of a property or relationship that no record has.
BODIES: Final[dict[str, Facts]] = {
    "K指": {
        "name": "指导示例协会",
        "level": "province",
        "status": "active",
        "grade": "3A",
        "website": "https://example.org",
        "uscc": "511300005000000000",
        "ror": "000000000",
        "founded_year": 1958,
    },
    "K受": {"name": "受指导示例协会"},
}
ABOUT: Final = (("Output", "W1", "gbt:520.20"), ("Output", "W5", "gbt:430"), ("Project", "J2", "gbt:430"))


def nodes() -> Iterator[NodeClaim]:
    """Everything one source says of nodes."""
    for label, facts in (("Service", SERVICES), ("Demand", DEMANDS), ("Team", TEAMS)):
        for id, properties in facts.items():
            yield node_claim(NODE_BY_LABEL[label], id, properties)
    for id, properties in BODIES.items():
        yield node_claim(NODE_BY_LABEL["Organisation"], id, properties)
    for id, (_, properties) in FOLLOW_UPS.items():
        yield node_claim(NODE_BY_LABEL["Interaction"], id, {"kind": "follow-up", **properties})


def relationships() -> Iterator[RelationshipClaim]:
    """Everything one source says of relationships."""

    def claim(type: str, start: tuple[str, str], end: tuple[str, str], facts: Facts | None = None) -> RelationshipClaim:
        return relationship_claim(RELATIONSHIP_BY_NAME[type], start, end, properties=facts)

    for label, id, service in OFFERS:
        yield claim("OFFERS", (label, id), ("Service", service))
    for demand, label, id in RAISED_BY:
        yield claim("RAISED_BY", ("Demand", demand), (label, id))
    for demand, label, id, method in NEEDS:
        yield claim("NEEDS", ("Demand", demand), (label, id), {"method": method})
    for id, (demand, _) in FOLLOW_UPS.items():
        yield claim("ABOUT", ("Interaction", id), ("Demand", demand))
    for label, id, demand, facts in ANSWERS:
        yield claim("ANSWERS", (label, id), ("Demand", demand), facts)
    for person, team, facts in SEATS:
        yield claim("ON_TEAM", ("Person", person), ("Team", team), facts)
    for team, topic in COVERS:
        yield claim("COVERS", ("Team", team), ("Topic", topic))
    for team, code in SERVES:
        yield claim("SERVES", ("Team", team), ("Region", code))
    yield claim("GUIDES", ("Organisation", "K指"), ("Organisation", "K受"))
    for project, body in COMMISSIONED:
        yield claim("COMMISSIONED_BY", ("Project", project), ("Organisation", body))
    for label, id, topic in ABOUT:
        yield claim("ABOUT", (label, id), ("Topic", topic))


def say(store: Store, source: SourceRef) -> None:
    """Let one source say everything."""
    upsert(store.audit, source, list(nodes()), list(relationships()), run=f"R{source.dataset}", actor=ACTOR)
