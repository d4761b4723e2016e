"""What the mappings of the real corpora make of their columns: where a unit lies, a leader's title, joint ventures.

The rows are those of the corpora, cut down to the columns that the mappings read.
"""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from graph.store import Store
from graph.textindex import TextIndex
from ingest.mapping import load_mapping
from ingest.run import run
from ingest.sources.table import TableSource
from queries.experts import experts_for_topic
from queries.legal_entities import legal_entity_root
from tests.ingest_runs import ACTOR, rows, table_file

MAPPINGS = Path(__file__).resolve().parents[2] / "docs" / "examples" / "mappings"
PROVINCES = [
    {"code": "11", "name": "北京市"},
    {"code": "15", "name": "内蒙古自治区"},
    {"code": "32", "name": "江苏省"},
    {"code": "42", "name": "湖北省"},
    {"code": "63", "name": "青海省"},
    {"code": "65", "name": "新疆维吾尔自治区"},
]
PROJECT = {
    "项目批准号": "",
    "项目名称": "藏族生态保护研究",
    "项目负责人": "",
    "专业职务": "",
    "工作单位": "",
    "所在省区市": "",
    "成果名称": "",
    "立项年份": "2014",
}
DUKE, WUHAN, KUNSHAN, LABORATORY, OTHER = (
    f"https://ror.org/{id}" for id in ("00py81415", "033vjfk17", "04sr5ys16", "03vek6s52", "042nb2s44")
)


def loaded(store: Store, mapping: str, path: Path) -> int:
    """Run a file through a shipped mapping; how much did it change?"""
    rules = load_mapping(MAPPINGS / f"{mapping}.toml")
    return run(store, TableSource(rules, rules.dataset), path, actor=ACTOR).written


def projects(store: Store, folder: Path, *listed: Mapping[str, object]) -> None:
    """Load provinces and these projects, a second time without a change."""
    loaded(store, "cn_divisions_provinces", table_file(folder / "provinces.csv", PROVINCES))
    path = table_file(folder / "p.csv", [{**PROJECT, "项目批准号": str(n), **each} for n, each in enumerate(listed, 1)])
    assert loaded(store, "nssfc_projects", path)
    assert loaded(store, "nssfc_projects", path) == 0


def regions(store: Store) -> dict[str, list[str]]:
    """Body → codes of the regions it lies in."""
    text = """
    MATCH (o:Organisation)
    RETURN o.name AS name, [(o)-[l:LOCATED_IN]->(r) | l.source + ' ' + r.code] AS regions
    """
    return {row["name"]: sorted(row["regions"]) for row in rows(store, text)}


def test_the_province_of_a_unit_is_where_it_lies(store: Store, tmp_path: Path) -> None:
    """nssfc_projects: 3,848 of 4,672 units lay nowhere, and the filter by region lost their people."""
    written = {
        "青海省社会科学院": "青海",
        "中共青海省委党校": "青海省",
        "赤峰学院": "内蒙",
        "内蒙古社会科学院": "内蒙古自治区",
        "石河子市委党校": "兵团",
        "塔里木大学": "新疆生产建设兵团",
        "某出版社": "教育部",
        "宜昌市委党校": "湖北宜宾",
        "两地研究会": "北京、上海",
        "广东商学院": "广东",
    }
    projects(
        store,
        tmp_path,
        *({"工作单位": unit, "所在省区市": place, "项目负责人": f"王{unit[:2]}"} for unit, place in written.items()),
    )
    source = "projects:nssfc"
    assert regions(store) == {
        "青海省社会科学院": [f"{source} 63"],
        "中共青海省委党校": [f"{source} 63"],
        "赤峰学院": [f"{source} 15"],
        "内蒙古社会科学院": [f"{source} 15"],
        "石河子市委党校": [f"{source} 65"],
        "塔里木大学": [f"{source} 65"],
        "某出版社": [],
        "宜昌市委党校": [],
        "两地研究会": [],
        # A province that nobody loaded is no reject: the column is not about provinces alone.
        "广东商学院": [],
    }


def test_where_a_registered_body_lies_its_register_says(store: Store, tmp_path: Path) -> None:
    """nssfc_projects has 华东师范大学 342 times in 上海 and once in 江苏; the register alone says where it lies."""
    loaded(store, "cn_divisions_provinces", table_file(tmp_path / "provinces.csv", PROVINCES))
    register = table_file(tmp_path / "u.csv", [{"province": "湖北", "name": "武汉大学", "website": ""}])
    loaded(store, "cn_universities", register)
    projects(store, tmp_path, {"工作单位": "武汉大学", "所在省区市": "江苏", "项目负责人": "甲乙"})
    assert regions(store) == {"武汉大学": ["organisations:cn_universities 42"]}


def test_a_title_beside_a_project_is_the_leaders_and_can_be_asked_for(store: Store, tmp_path: Path) -> None:
    """Asked for 正高级, the filter found nobody: the column stood on the project's relationship only."""
    written = {"王甲": "正高级", "王乙": "副高级", "王丙": "正高", "王丁": "正高级、副高级", "王戊": "无", "王己": ""}
    projects(
        store,
        tmp_path,
        *({"工作单位": "青海大学", "所在省区市": "青海", "项目负责人": n, "专业职务": t} for n, t in written.items()),
    )
    shown = rows(store, "MATCH (p:Person) RETURN p.name AS name, p.professional_title AS title")
    assert {row["name"]: row["title"] for row in shown} == {
        "王甲": "正高级",
        "王乙": "副高级",
        "王丙": "正高级",
        "王丁": None,
        "王戊": None,
        "王己": None,
    }
    index = TextIndex.open(store)
    index.follow()
    answer = experts_for_topic(store.database, index, text="藏族 生态保护", region="63", professional_title="正高级")
    assert {expert.name for expert in answer.experts} == {"王甲", "王丙"}


@pytest.fixture
def registered(store: Store, tmp_path: Path) -> Store:
    """ROR records: a university, a joint venture of two, a laboratory of two, an institute in a village."""

    def record(ror: str, name: str, kind: str, place: tuple[str | None, str], *parents: str) -> str:
        return json.dumps(
            {
                "ror": ror,
                "name": name,
                "name_zh": name,
                "types": [kind],
                "status": "active",
                "country": "CN",
                "province": place[0],
                "city": place[1],
                "relationships": [
                    {"type": "related", "ror": OTHER},
                    *({"type": "parent", "ror": parent} for parent in parents),
                ],
            },
            ensure_ascii=False,
        )

    listed = [
        record(DUKE, "杜克示例大学", "education", (None, "Durham")),
        record(WUHAN, "武汉大学", "education", ("Hubei", "Wuhan")),
        record(KUNSHAN, "昆山杜克大学", "education", ("Jiangsu", "Kunshan"), DUKE, WUHAN),
        record(LABORATORY, "病毒学国家重点实验室", "facility", (None, "Wuhan"), WUHAN, DUKE),
        record(OTHER, "北京某研究所", "facility", ("Beijing", "Shanxi"), WUHAN),
    ]
    loaded(store, "cn_divisions_provinces", table_file(tmp_path / "provinces.csv", PROVINCES))
    path = tmp_path / "ror.jsonl"
    path.write_text("\n".join(listed), encoding="utf-8")
    assert loaded(store, "ror_china", path)
    assert loaded(store, "ror_china", path) == 0
    return store


def test_a_joint_venture_is_part_of_none_of_its_founders(registered: Store) -> None:
    """昆山杜克大学 was part of 武汉大学, and its people came out when asked for those of 武汉大学."""
    text = """
    MATCH (o:Organisation) RETURN o.name AS name, o.id AS id, [(o)-[:PART_OF]->(p) | p.name] AS above
    """
    found = {row["name"]: row for row in rows(registered, text)}
    assert {name: sorted(row["above"]) for name, row in found.items()} == {
        "杜克示例大学": [],
        "武汉大学": [],
        "昆山杜克大学": [],
        "病毒学国家重点实验室": ["杜克示例大学", "武汉大学"],
        "北京某研究所": ["武汉大学"],
    }
    venture = found["昆山杜克大学"]["id"]
    assert legal_entity_root(registered.database, unit=venture).id == venture


def test_the_place_of_a_ror_record_is_where_the_body_lies(registered: Store) -> None:
    source = "organisations:ror_china"
    assert regions(registered) == {
        "杜克示例大学": [],
        "武汉大学": [f"{source} 42"],
        "昆山杜克大学": [f"{source} 32"],
        "病毒学国家重点实验室": [f"{source} 42"],
        # Looked up by the name of a province: nobody knows where it is.
        "北京某研究所": [],
    }
