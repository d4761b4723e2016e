"""The golden graph: small, made through `graph.merge.upsert`, every fact of it claimed by two sources.

Ids are readable, so that the expected rows in `golden_answers.json` can be checked by eye. It holds: namesakes (王伟
twice), three universities with departments, an institute known from a bare string only, a merged university, two
departments that are part of each other, bodies with a history (`golden_bodies.py`), two societies,
regions of three levels and Hong Kong, dated, observed and
undated posts, a person and an output without any claim left (tombstones), a person and an organisation merged into
others, and a restricted person.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from graph.changes import NodeChange, SourceRef
from graph.claims import NodeClaim, RelationshipClaim, node_claim, relationship_claim
from graph.merge import apply_changes, upsert
from graph.model import NODE_BY_LABEL, RELATIONSHIP_BY_NAME
from graph.store import Store
from tests.contract import golden_bodies

SOURCES: Final = (SourceRef("table", "甲", 300), SourceRef("works", "乙", 500))
ACTOR: Final = "contract"
Facts = dict[str, Any]

REGIONS: Final[dict[str, tuple[str, str, str]]] = {
    "13": ("河北省", "province", ""),
    "1301": ("石家庄市", "city", "13"),
    "130102": ("长安区", "county", "1301"),
    "32": ("江苏省", "province", ""),
    "3201": ("南京市", "city", "32"),
    "81": ("香港特别行政区", "province", ""),
}
TOPICS: Final[dict[str, tuple[str, str]]] = {
    "gbt:520": ("计算机科学技术", ""),
    "gbt:520.20": ("人工智能", "gbt:520"),
    "gbt:430": ("材料科学", ""),
}
HONOURS: Final = {"H长江": "长江学者", "H杰青": "国家杰出青年"}

ORGANISATIONS: Final[dict[str, Facts]] = {
    "O冀北": {"name": "冀北大学", "kind": "university", "is_legal_entity": True, "verified": True},
    "O冀北智能": {"name": "冀北大学人工智能学院", "kind": "department"},
    "O冀北工": {"name": "冀北工学院", "kind": "university", "is_legal_entity": True},
    "O江东": {"name": "江东理工大学", "kind": "university", "is_legal_entity": True, "verified": True},
    "O江东材料": {"name": "江东理工大学材料学院", "kind": "department"},
    "O港湾": {"name": "港湾大学", "kind": "university", "is_legal_entity": True, "verified": True},
    "O智源": {"name": "智源自动化所"},
    "O环一": {"name": "循环一部", "kind": "department"},
    "O环二": {"name": "循环二部", "kind": "department"},
    "S智能": {"name": "河北省人工智能学会", "kind": "society", "is_legal_entity": True, "society_code": "H-01"},
    "S材料": {"name": "中国材料研究学会", "kind": "society", "is_legal_entity": True, "category": "工"},
}
PLACES: Final = {"O冀北": "130102", "O江东": "3201", "O港湾": "81", "S智能": "1301"}
PARTS: Final = {"O冀北智能": "O冀北", "O江东材料": "O江东", "O环一": "O环二", "O环二": "O环一"}

EXPERTS: Final[dict[str, Facts]] = {
    "P林": {
        "name": "林海",
        "professional_title": "教授",
        "tier": "leading",
        "expert_kind": "researcher",
        "fields": ["自动驾驶", "知识图谱"],
        "summary": "长期研究智能交通。",
        "orcid": "0000-0001-5109-3700",
        "status": "admitted",
        # Restricted: no answer may hold it.
        "email": "lin@jibei.example",
        "birth_year": 1970,
    },
    "P陈": {"name": "陈静", "professional_title": "研究员", "fields": ["储能材料"], "fictional": True},
}
PEOPLE: Final[dict[str, Facts]] = {
    "P王甲": {"name": "王伟"},
    "P王乙": {"name": "王伟"},
    "P赵": {"name": "赵敏"},
    "P孙": {"name": "孙立"},
    "P周": {"name": "周涛"},
    "P李": {"name": "李娜"},
    "P旧林": {"name": "林 海"},
    "P去": {"name": "去者"},
    "P密": {"name": "密者", "visibility": "restricted"},
}

OUTPUTS: Final[dict[str, Facts]] = {
    "W1": {
        "title": "知识图谱驱动的专家推荐方法",
        "abstract": "针对科技评审中专家难以精准匹配的问题，提出一种基于知识图谱的专家推荐方法。",
        "keywords": ["知识图谱", "专家推荐"],
        "year": 2021,
        "venue": "情报学报",
        "kind": "paper",
    },
    "W2": {
        "title": "知识图谱构建技术综述",
        "abstract": "综述了知识图谱的构建、融合与推理技术。",
        "keywords": ["知识图谱"],
        "year": 2019,
        "venue": "计算机学报",
        "kind": "paper",
    },
    "W3": {"title": "城市交通知识图谱", "year": 2023, "kind": "report"},
    "W4": {
        "title": "自动驾驶场景下的多传感器融合",
        "abstract": "研究激光雷达与视觉融合的感知方法。",
        "year": 2022,
        "venue": "自动化学报",
        "kind": "paper",
    },
    "W5": {
        "title": "固态电池电解质材料的界面稳定性",
        "abstract": "研究固态电池中电解质与电极界面的稳定性机理。",
        "keywords": ["固态电池", "界面"],
        "year": 2020,
        "venue": "材料研究学报",
        "kind": "paper",
    },
    "W6": {"title": "固态电池产业发展建议", "year": 2023, "kind": "suggestion"},
    "W7": {
        "title": "Solid-state batteries for electric vehicles",
        "abstract": "We review solid-state batteries and their interfaces.",
        "year": 2018,
        "venue": "Joule",
        "kind": "paper",
        "fictional": True,
    },
    "W8": {"title": "海洋牧场的智能监测", "abstract": "利用水下机器人监测海洋牧场。", "year": 2017, "kind": "paper"},
    "W9": {"title": "年份不详的知识图谱手稿", "kind": "paper"},
    "W去": {"title": "已撤回的知识图谱论文", "year": 2020, "kind": "paper"},
}
PROJECTS: Final[dict[str, Facts]] = {
    "J1": {
        "title": "面向科技智库的知识图谱平台",
        "abstract": "建设科技智库知识图谱，支撑专家推荐与评审。",
        "year": 2022,
        "programme": "省重点研发计划",
        "kind": "applied",
    },
    "J2": {"title": "固态电池关键材料研究", "year": 2021, "programme": "国家自然科学基金", "kind": "basic"},
    "J3": {"title": "海洋牧场装备研制", "year": 2016, "programme": "市科技计划", "kind": "applied"},
}

# Work → (person, organisations of the mention, corresponding), by position.
AUTHORS: Final[dict[str, tuple[tuple[str, list[str], bool], ...]]] = {
    "W1": (("P林", ["O冀北智能"], False), ("P王甲", ["O冀北"], True), ("P密", ["O冀北"], False)),
    "W2": (("P王甲", ["O冀北"], False), ("P林", ["O冀北智能"], False)),
    "W3": (("P孙", ["O智源"], False),),
    "W4": (("P林", ["O冀北工"], False), ("P赵", ["O港湾"], False)),
    "W5": (("P陈", ["O江东材料"], True), ("P王乙", ["O江东"], False)),
    "W6": (("P陈", ["O江东材料", "O环一"], False), ("P李", [], False)),
    "W7": (("P赵", ["O港湾"], False), ("P陈", ["O江东"], False)),
    "W8": (("P李", [], False), ("P去", [], False)),
    "W9": (("P旧林", ["O环一"], False),),
    "W去": (("P林", ["O冀北"], False),),
}
PROJECT_PEOPLE: Final[dict[str, tuple[tuple[str, str, str, list[str]], ...]]] = {
    "J1": (("LED", "P林", "", ["O冀北"]), ("PARTICIPATED_IN", "P周", "数据负责人", ["O智源"])),
    "J2": (("LED", "P陈", "首席科学家", ["O江东"]), ("PARTICIPATED_IN", "P王乙", "", ["O江东"])),
    "J3": (("LED", "P周", "", []),),
}
# Type, person, organisation, key, properties.
POSTS: Final[tuple[tuple[str, str, str, str, Facts], ...]] = (
    ("AFFILIATED_WITH", "P林", "O冀北智能", "2019", {"observed_year": 2019}),
    ("AFFILIATED_WITH", "P林", "O冀北智能", "2021", {"observed_year": 2021, "department": "智能系统系"}),
    (
        "AFFILIATED_WITH",
        "P林",
        "O冀北智能",
        "院长",
        {"role": "院长", "valid_from": "2020-01-01", "valid_from_precision": "year"},
    ),
    (
        "AFFILIATED_WITH",
        "P孙",
        "O冀北",
        "",
        {
            "role": "讲师",
            "valid_from": "2012-09-01",
            "valid_from_precision": "month",
            "valid_to": "2019-01-01",
            "valid_to_precision": "year",
        },
    ),
    ("AFFILIATED_WITH", "P孙", "O智源", "2023", {"observed_year": 2023}),
    ("AFFILIATED_WITH", "P王甲", "O冀北", "", {}),
    ("AFFILIATED_WITH", "P王乙", "O江东", "2020", {"observed_year": 2020}),
    ("AFFILIATED_WITH", "P陈", "O江东材料", "", {"role": "研究员", "valid_from": "2015-03-02"}),
    ("AFFILIATED_WITH", "P赵", "O港湾", "2018", {"observed_year": 2018}),
    ("AFFILIATED_WITH", "P赵", "S智能", "", {"role": "秘书"}),
    (
        "MEMBER_OF",
        "P林",
        "S智能",
        "理事长",
        {"role": "理事长", "valid_from": "2022-05-01", "valid_to": "2027-05-01", "valid_to_precision": "month"},
    ),
    ("MEMBER_OF", "P陈", "S材料", "", {}),
)
EXPERT_IN: Final = (("P林", "gbt:520.20"), ("P林", "gbt:520"), ("P陈", "gbt:430"))
HAS_HONOUR: Final = (("P林", "H长江"), ("P陈", "H杰青"))
NAMES: Final = {"N林": ("P林", "Lin Hai"), "N港湾": ("O港湾", "Harbour University")}
MERGED: Final = (("Person", "P旧林", "P林"), ("Organisation", "O冀北工", "O冀北"))
TAKEN_AWAY: Final = (
    ("Person", "P去"),
    ("Output", "W去"),
    *(("Organisation", id) for id in golden_bodies.TAKEN_AWAY),
)


def nodes() -> Iterator[NodeClaim]:
    """Everything one source says of nodes."""

    def claim(label: str, key: str, facts: Facts, *seconds: str) -> NodeClaim:
        return node_claim(NODE_BY_LABEL[label], key, facts, seconds)

    for code, (name, level, _) in REGIONS.items():
        yield claim("Region", code, {"name": name, "level": level, "scheme": "GB/T 2260"})
    for id, (name, _) in TOPICS.items():
        yield claim("Topic", id, {"name": name, "scheme": "gbt", "code": id.partition(":")[2]})
    for id, name in HONOURS.items():
        yield claim("Honour", id, {"name": name})
    for id, facts in ORGANISATIONS.items():
        yield claim("Organisation", id, facts, *(["Society"] if facts.get("kind") == "society" else []))
    for id, facts in golden_bodies.BODIES.items():
        yield claim("Organisation", id, facts)
    for id, facts in EXPERTS.items():
        yield claim("Person", id, facts, "Expert")
    for id, facts in PEOPLE.items():
        yield claim("Person", id, facts)
    for id, facts in OUTPUTS.items():
        yield claim("Output", id, facts)
    for id, facts in PROJECTS.items():
        yield claim("Project", id, facts)
    for id, (_, text) in NAMES.items():
        yield claim("Name", id, {"text": text, "kind": "english"})


def relationships() -> Iterator[RelationshipClaim]:
    """Everything one source says of relationships."""

    def claim(
        name: str, start: tuple[str, str], end: tuple[str, str], key: str = "", **facts: Any
    ) -> RelationshipClaim:
        return relationship_claim(RELATIONSHIP_BY_NAME[name], start, end, key=key, properties=facts)

    for code, (_, _, above) in REGIONS.items():
        if above:
            yield claim("PART_OF", ("Region", code), ("Region", above))
    for id, (_, above) in TOPICS.items():
        if above:
            yield claim("BROADER", ("Topic", id), ("Topic", above))
    for id, above in PARTS.items():
        yield claim("PART_OF", ("Organisation", id), ("Organisation", above))
    for type, lower, upper, facts in golden_bodies.TIES:
        yield claim(type, ("Organisation", lower), ("Organisation", upper), **facts)
    for id, code in PLACES.items():
        yield claim("LOCATED_IN", ("Organisation", id), ("Region", code))
    for type, person, body, key, facts in POSTS:
        yield claim(type, ("Person", person), ("Organisation", body), key, **facts)
    for person, topic in EXPERT_IN:
        yield claim("EXPERT_IN", ("Person", person), ("Topic", topic))
    for person, honour in HAS_HONOUR:
        yield claim("HAS_HONOUR", ("Person", person), ("Honour", honour))
    for id, (owner, _) in NAMES.items():
        yield claim("HAS_NAME", ("Person" if owner[0] == "P" else "Organisation", owner), ("Name", id))
    for label, old, new in MERGED:
        yield claim("MERGED_INTO", (label, old), (label, new))
    yield from _mentions()


def _mentions() -> Iterator[RelationshipClaim]:
    for work, authors in AUTHORS.items():
        for position, (person, bodies, corresponding) in enumerate(authors, start=1):
            facts = {"position": position, "organisations": bodies, "corresponding": corresponding}
            yield relationship_claim(
                RELATIONSHIP_BY_NAME["AUTHORED"],
                ("Person", person),
                ("Output", work),
                key=str(position),
                properties=facts,
            )
    for project, people in PROJECT_PEOPLE.items():
        for type, person, role, bodies in people:
            yield relationship_claim(
                RELATIONSHIP_BY_NAME[type],
                ("Person", person),
                ("Project", project),
                properties={"role": role, "organisations": bodies},
            )


def say(store: Store, source: SourceRef) -> None:
    """Let one source say everything."""
    upsert(store.audit, source, list(nodes()), list(relationships()), run=f"R{source.dataset}", actor=ACTOR)


def take_away(store: Store, *sources: SourceRef) -> None:
    """Withdraw what the sources said of the nodes that are to be tombstones."""
    changes = [NodeChange(NODE_BY_LABEL[label], key, None) for label, key in TAKEN_AWAY]
    for source in sources:
        store.audit.write(
            actor=ACTOR,
            action="sweep",
            subject=source.id,
            work=lambda tx, seq, source=source: apply_changes(tx, seq, source, changes, [], run="R撤", adding=False),
        )
