"""People for filters and counts: every filter parts them, two departments share a legal entity, works of many kinds."""

from __future__ import annotations

from typing import Any, Final

from graph.claims import node_claim, relationship_claim
from graph.model import (
    BROADER,
    EXPERT_IN,
    HOSTED_BY,
    LED,
    MEMBER_OF,
    ORGANISATION,
    PERSON,
    PROJECT,
    REGION,
    TOPIC,
)
from graph.store import Store
from tests.graph_claims import authored, body, located, merged, part_of, person, post, put, work

Facts = dict[str, Any]

EXPERTS: Final[dict[str, Facts]] = {
    "P甲": {
        "name": "甲",
        "tier": "leading",
        "expert_kind": "researcher",
        "status": "admitted",
        "professional_title": "教授",
        "verified_on": "2026-01-10",
        "admitted_on": "2015-03-01",
        "phone": "restricted-1",
        "fields": ["土壤修复"],
    },
    "P乙": {
        "name": "乙",
        "tier": "backbone",
        "expert_kind": "engineer",
        "status": "candidate",
        "professional_title": "高级工程师",
        "verified_on": "2023-05-05",
        "email": "restricted-2",
    },
    "P丙": {"name": "丙", "tier": "young", "status": "admitted", "admitted_on": "2025-09-01", "fields": ["农学"]},
    "P丁": {"name": "丁", "tier": "leading", "expert_kind": "researcher", "professional_title": "教授"},
    "P戊": {"name": "戊", "status": "suspended"},
    "P己": {"name": "己"},
}
# Work → (title, kind, year, authors).
WORKS: Final[dict[str, tuple[str, str, int | None, tuple[str, ...]]]] = {
    "F1": ("土壤改良的方法", "paper", 2015, ("P甲", "P乙")),
    "F2": ("土壤污染与修复", "paper", 2021, ("P甲", "P丙")),
    "F3": ("土壤检测装置", "patent", 2024, ("P丙",)),
    "F4": ("土壤质量标准", "standard", 2019, ("P丁", "P旧甲")),
    "F5": ("土壤普查手稿", "", None, ("P戊", "P甲")),
    "F6": ("耕地保护建议", "advice", 2025, ("P己",)),
}


def say(store: Store) -> None:
    """Write the graph in one transaction, the merge in a second."""
    nodes = [
        *[node_claim(REGION, code, {"name": name}) for code, name in _REGIONS.items()],
        *[node_claim(TOPIC, id, {"name": name, "scheme": "gbt"}) for id, (name, _) in _TOPICS.items()],
        body("O农大", "农业大学", kind="university", level="province", is_legal_entity=True),
        body("O农大土", "土壤学院", kind="department"),
        body("O农大园", "园艺学院", kind="department"),
        body("O基地", "实验基地", kind="base"),
        body("O所", "土壤研究所", kind="institute", level="national", is_legal_entity=True),
        node_claim(ORGANISATION, "S土", {"name": "土壤学会", "kind": "society"}, ["Society"]),
        body("S土青", "青年工作委员会", kind="committee"),
        *[person(key, **facts) for key, facts in EXPERTS.items()],
        node_claim(PERSON, "P庚", {"name": "庚"}),
        node_claim(PERSON, "P旧甲", {"name": "甲"}),
        *[work(id, title, kind=kind, year=year) for id, (title, kind, year, _) in WORKS.items()],
        node_claim(PROJECT, "K1", {"title": "土壤改良工程", "kind": "applied", "year": 2022}),
    ]
    ties = [
        located("O农大", "130102"),
        located("O所", "11"),
        part_of("O农大土", "O农大"),
        part_of("O农大园", "O农大"),
        part_of("S土青", "S土"),
        relationship_claim(HOSTED_BY, ("Organisation", "O基地"), ("Organisation", "O农大")),
        *[relationship_claim(BROADER, ("Topic", id), ("Topic", up)) for id, (_, up) in _TOPICS.items() if up],
        post("P甲", "O农大土"),
        post("P乙", "O农大园", valid_from="2018-01-01"),
        post("P丙", "O基地"),
        post("P丁", "O所", valid_to="2026-06-02"),
        post("P戊", "O所", valid_to="2026-06-01"),
        _member("P甲", "S土", "副理事长"),
        _member("P乙", "S土青", "委员"),
        _member("P丙", "S土青", "主任委员"),
        relationship_claim(EXPERT_IN, ("Person", "P甲"), ("Topic", "gbt:210.4")),
        relationship_claim(EXPERT_IN, ("Person", "P丁"), ("Topic", "gbt:610")),
        *[authored(p, id, n, []) for id, (_, _, _, people) in WORKS.items() for n, p in enumerate(people, 1)],
        relationship_claim(LED, ("Person", "P乙"), ("Project", "K1"), key="1", properties={"position": 1}),
        relationship_claim(LED, ("Person", "P庚"), ("Project", "K1"), key="2", properties={"position": 2}),
    ]
    put(store, *nodes, *ties)
    put(store, merged("Person", "P旧甲", "P甲"))


_REGIONS: Final = {"13": "河北省", "1301": "石家庄市", "130102": "长安区", "11": "北京市"}
_TOPICS: Final = {
    "gbt:210": ("农学", ""),
    "gbt:210.4": ("土壤学", "gbt:210"),
    "gbt:210.41": ("土壤修复", "gbt:210.4"),
    "gbt:610": ("环境科学", ""),
}


def _member(key: str, society: str, role: str) -> Any:
    return relationship_claim(MEMBER_OF, ("Person", key), ("Organisation", society), properties={"role": role})
