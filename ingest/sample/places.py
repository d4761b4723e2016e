"""The fictional province 云溟省: its regions, bodies and societies. No such place or body exists.

Region codes begin with 98, which GB/T 2260 assigns to no province.
"""

from collections.abc import Iterable
from dataclasses import dataclass

PROVINCE = "云溟省"
MARK = "虚构示例"

_CITIES = {
    "溟都市": "溟东区 溟西区 云阙区 望溟县 青檀溪县",
    "岚港市": "港城区 岚湾区 潮音县 白鹭汀县",
    "霁川市": "霁城区 雪畔县 高梧县 晴川岭县",
    "澜汀市": "澜城区 汀洲区 芦鸣县 澜源县",
    "苍屿市": "苍城区 屿东县 碧螺湾县",
    "砺原市": "砺城区 平砺县 原北县 双灌县",
    "栖梧市": "栖城区 梧岭县 鹿鸣溪县 竹隐县 云栈县",
    "朔垣市": "垣城区 沙泉县 风陵坡县 绿洲县",
}
_DIRECT_COUNTY = "望汐县"


@dataclass(frozen=True, slots=True)
class Region:
    """A region of the tree; `parent` is "" for the province."""

    code: str
    name: str
    level: str
    parent: str


def _regions() -> tuple[Region, ...]:
    regions = [Region("98", PROVINCE, "province", "")]
    for number, (city, counties) in enumerate(_CITIES.items(), 1):
        code = f"98{number:02d}"
        regions.append(Region(code, city, "city", "98"))
        regions.extend(
            Region(f"{code}{place:02d}", county, "county", code) for place, county in enumerate(counties.split(), 1)
        )
    return (*regions, Region("989001", _DIRECT_COUNTY, "county", "98"))


REGIONS = _regions()
REGION_CODES = {region.name: region.code for region in REGIONS}


@dataclass(frozen=True, slots=True)
class Body:
    """An organisation. `parent`, `host` and `guide` are codes; `disciplines` are those of the people who work there."""

    code: str
    name: str
    kind: str
    level: str
    region: str
    alias: tuple[str, ...] = ()
    parent: str = ""
    host: str = ""
    guide: str = ""
    is_legal_entity: bool = True
    disciplines: tuple[str, ...] = ()
    weight: int = 0


# Name; aliases; city; kind; level; weight of the number of its experts; its departments with their disciplines.
_EMPLOYERS: tuple[tuple[str, str, str, str, str, int, str], ...] = (
    (
        "云溟大学",
        "云溟大",
        "溟都市",
        "university",
        "province",
        30,
        "水利水电学院:S01 材料科学学院:S05 计算机学院:S08 环境学院:S07 公共管理学院:S10",
    ),
    (
        "云溟理工大学",
        "云溟理工",
        "溟都市",
        "university",
        "province",
        26,
        "机械工程学院:S04 能源与动力学院:S06 材料与化工学院:S05 自动化学院:S04",
    ),
    (
        "云溟农业大学",
        "云溟农大",
        "砺原市",
        "university",
        "province",
        20,
        "农学院:S02 资源与环境学院:S02,S07 水利与农业工程学院:S01",
    ),
    (
        "云溟医科大学",
        "云溟医大",
        "溟都市",
        "university",
        "province",
        18,
        "公共卫生学院:S09 临床医学院:S09 中医药学院:S03",
    ),
    ("岚港海洋大学", "岚港海大", "岚港市", "university", "province", 12, "海洋与环境学院:S07 海洋能源学院:S06"),
    (
        "溟都财经大学",
        "溟都财大",
        "溟都市",
        "university",
        "province",
        12,
        "经济学院:S10 科技管理学院:S10 大数据学院:S08",
    ),
    ("云溟师范大学", "云溟师大", "澜汀市", "university", "province", 10, "地理科学学院:S07 数据科学学院:S08"),
    ("霁川高原学院", "霁川学院", "霁川市", "university", "city", 6, "高原农学系:S02 信息工程系:S08"),
    (
        "云溟省水利科学研究院",
        "云溟省水科院",
        "溟都市",
        "institute",
        "province",
        14,
        "水资源研究所:S01 防灾减灾研究所:S01",
    ),
    ("云溟省农业科学院", "云溟省农科院", "砺原市", "institute", "province", 16, "土壤肥料研究所:S02 作物研究所:S02"),
    (
        "云溟省生态环境科学研究院",
        "云溟省环科院",
        "溟都市",
        "institute",
        "province",
        12,
        "流域研究所:S07 大气研究所:S07",
    ),
    ("云溟省中医药研究院", "", "栖梧市", "institute", "province", 10, "中药资源研究所:S03 医史文献研究所:S03"),
    ("云溟省新材料研究院", "云溟省材料院", "岚港市", "institute", "province", 10, "电池材料中心:S05 金属材料中心:S05"),
    ("云溟省能源研究院", "", "朔垣市", "institute", "province", 10, "新能源研究所:S06 碳中和研究所:S06"),
    (
        "云溟省智能技术研究院",
        "云溟省智能院",
        "溟都市",
        "institute",
        "province",
        10,
        "智能制造中心:S04 知识工程中心:S08",
    ),
    ("云溟省疾病预防研究院", "", "溟都市", "institute", "province", 10, "传染病研究所:S09 慢性病研究所:S09"),
    (
        "云溟医科大学附属第一医院",
        "云医一附院",
        "溟都市",
        "hospital",
        "province",
        14,
        "心血管内科:S09 影像科:S09 肿瘤科:S09",
    ),
    ("云溟省中医医院", "云溟省中医院", "溟都市", "hospital", "province", 12, "针灸科:S03 治未病中心:S03"),
    ("岚港市中心医院", "", "岚港市", "hospital", "city", 6, "老年病科:S09"),
    ("砺原市人民医院", "", "砺原市", "hospital", "city", 5, "神经内科:S09"),
    ("溟江水电开发集团有限公司", "溟江水电", "栖梧市", "enterprise", "province", 9, "调度中心:S01 新能源事业部:S06"),
    ("云溟智造装备股份有限公司", "云溟智造", "砺原市", "enterprise", "province", 14, "技术中心:S04 工艺研究所:S04"),
    ("岚港新材料科技有限公司", "岚港新材", "岚港市", "enterprise", "city", 6, "研发部:S05"),
    ("朔垣新能源有限公司", "", "朔垣市", "enterprise", "city", 6, "技术部:S06"),
    ("澜汀生物医药有限公司", "", "澜汀市", "enterprise", "city", 5, "药物研发中心:S03"),
    ("溟都数智科技有限公司", "溟都数智", "溟都市", "enterprise", "city", 7, "算法部:S08"),
    ("栖梧山地农业科技有限公司", "栖梧农科", "栖梧市", "enterprise", "city", 5, "种质中心:S02"),
    (
        "云溟省科技发展战略研究院",
        "云溟省战略院",
        "溟都市",
        "think_tank",
        "province",
        9,
        "政策研究部:S10 人才研究部:S10",
    ),
    ("云溟省区域发展研究中心", "", "溟都市", "think_tank", "province", 6, "产业研究部:S10"),
    ("溟江流域发展智库", "", "溟都市", "think_tank", "province", 5, "水安全研究部:S01,S07 区域研究部:S10"),
)
# Name after the province; discipline; code of the employer that hosts it.
_SOCIETIES = (
    ("水利学会", "S01", "云溟省水利科学研究院"),
    ("农学会", "S02", "云溟省农业科学院"),
    ("中医药学会", "S03", "云溟省中医医院"),
    ("机械工程学会", "S04", "云溟理工大学"),
    ("自动化学会", "S04,S08", "云溟省智能技术研究院"),
    ("材料研究学会", "S05", "云溟省新材料研究院"),
    ("能源研究会", "S06", "云溟省能源研究院"),
    ("环境科学学会", "S07", "云溟省生态环境科学研究院"),
    ("海洋学会", "S07", "岚港海洋大学"),
    ("计算机学会", "S08", "云溟大学"),
    ("预防医学会", "S09", "云溟省疾病预防研究院"),
    ("科学学与科技政策研究会", "S10", "云溟省科技发展战略研究院"),
)


def _associations() -> list[Body]:
    top = Body("KX98", f"{PROVINCE}科学技术协会", "association", "province", "98", (f"{PROVINCE}科协",))
    cities = [region for region in REGIONS if region.level == "city"]
    return [
        top,
        *(
            Body(
                f"KX{city.code}",
                f"{city.name}科学技术协会",
                "association",
                "city",
                city.code,
                (f"{city.name}科协",),
                guide=top.code,
            )
            for city in cities
        ),
    ]


def _employers() -> list[Body]:
    bodies: list[Body] = []
    for number, (name, aliases, city, kind, level, weight, parts) in enumerate(_EMPLOYERS, 1):
        code, region = f"DW{number:03d}", REGION_CODES[city]
        names = (aliases,) if aliases else ()
        bodies.append(Body(code, name, kind, level, region, names, weight=weight))
        for place, part in enumerate(parts.split(), 1):
            title, _, fields = part.partition(":")
            bodies.append(
                Body(
                    f"{code}-{place:02d}",
                    name + title,
                    "department",
                    level,
                    region,
                    parent=code,
                    is_legal_entity=False,
                    disciplines=tuple(fields.split(",")),
                )
            )
    return bodies


ORGANISATIONS: tuple[Body, ...] = (*_associations(), *_employers())
_CODES = {body.name: body.code for body in ORGANISATIONS}
SOCIETIES: tuple[Body, ...] = tuple(
    Body(
        f"XH{number:03d}",
        PROVINCE + name,
        "society",
        "province",
        "98",
        host=_CODES[host],
        guide="KX98",
        disciplines=tuple(fields.split(",")),
    )
    for number, (name, fields, host) in enumerate(_SOCIETIES, 1)
)
BODIES = {body.code: body for body in (*ORGANISATIONS, *SOCIETIES)}
DEPARTMENTS: tuple[Body, ...] = tuple(body for body in ORGANISATIONS if body.kind == "department")
# Bodies that works name but no list holds, as happens in every real file.
UNLISTED = (
    "海岳省青冥大学（虚构）",
    "海岳省陵光研究院（虚构）",
    "远岫国际联合实验室（虚构）",
    "沧浪省扶摇科技公司（虚构）",
)


def employer(body: Body) -> Body:
    """Return the body that employs the people of a department, or the body itself."""
    return BODIES[body.parent] if body.parent else body


def register(bodies: Iterable[Body]) -> None:
    """Make further bodies known to `employer`, by code."""
    BODIES.update((body.code, body) for body in bodies)
