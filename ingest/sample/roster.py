"""The rows of the expert roster: title, tier, honours, society posts, and the columns that are private in real life."""

import random
from collections.abc import Iterable, Iterator
from datetime import date

from .country_places import Places
from .people import Person, region_of
from .places import MARK, PROVINCE, Body, employer

ROSTER_COLUMNS = (
    "专家编号",
    "姓名",
    "性别",
    "出生年",
    "单位",
    "部门",
    "职务",
    "职称",
    "学科",
    "研究方向",
    "层次",
    "专家类型",
    "称号",
    "学会任职",
    "任职起始",
    "曾任单位",
    "曾任起始",
    "曾任结束",
    "手机",
    "邮箱",
    "ORCID",
    "行政区划",
    "行政区划代码",
    "入库时间",
    "状态",
    "备注",
)
_LADDERS = {
    "university": ("教授", "副教授", "讲师"),
    "hospital": ("主任医师", "副主任医师", "主治医师"),
    "enterprise": ("正高级工程师", "高级工程师", "工程师"),
}
_RESEARCH = ("研究员", "副研究员", "助理研究员")
_HONOURS = (
    f"{PROVINCE}科技领军人才",
    "溟江学者特聘教授",
    f"{PROVINCE}优秀科技工作者",
    f"{PROVINCE}科学技术进步奖二等奖",
    f"{PROVINCE}青年拔尖人才",
)
_OFFICES = ("理事长", "秘书长", "副理事长", "副理事长")


def roster_rows(
    rng: random.Random, experts: Iterable[Person], places: Places | None = None
) -> Iterator[tuple[str | int | date, ...]]:
    """Give one row for each expert, under `ROSTER_COLUMNS`; lists in a cell are parted by "；"."""
    places = places or Places()
    region_names = {region.code: region.name for region in places.regions}
    societies: dict[str, list[Body]] = {}
    for society in places.societies:
        societies.setdefault(society.region[:2], []).append(society)
    offices: dict[str, list[str]] = {society.code: list(reversed(_OFFICES)) for society in places.societies}
    for number, person in enumerate(experts, 1):
        post, past = person.posts[-1], person.posts[:-1]
        body = employer(post.body)
        title = _LADDERS.get(body.kind, _RESEARCH)[_step(rng, person.born)]
        tier = _tier(rng, person.born)
        region = region_of(person)
        yield (
            f"ZJ{number:05d}",
            person.name,
            person.gender,
            person.born,
            body.name,
            post.body.name.removeprefix(body.name),
            _duty(rng, tier),
            title,
            person.science.name,
            "；".join(topic.name for topic in person.topics),
            tier,
            _kind(rng, body.kind),
            _honours(rng, tier),
            _society_posts(rng, person, societies.get(region[:2], []), offices),
            f"{post.since:%Y-%m}",
            employer(past[0].body).name if past else "",
            f"{past[0].since:%Y-%m}" if past else "",
            f"{past[0].until:%Y-%m}" if past else "",
            f"000-{number:08d}",
            f"zj{number:05d}@example.org",
            person.orcid,
            f"{region_names[region[:2]]}{region_names[region]}",
            region,
            date(rng.randint(2019, 2026), rng.randint(1, 10), rng.randint(1, 28)),
            "在库" if rng.random() < 0.96 else "暂停",
            MARK,
        )


def _step(rng: random.Random, born: int) -> int:
    if born < 1975:
        return 0 if rng.random() < 0.8 else 1
    return 1 if born < 1985 or rng.random() < 0.4 else 2


def _tier(rng: random.Random, born: int) -> str:
    if born < 1968 and rng.random() < 0.03:
        return "院士"
    if born < 1976 and rng.random() < 0.25:
        return "领军"
    return "青年" if born >= 1984 else "骨干"


def _duty(rng: random.Random, tier: str) -> str:
    leads = tier in {"院士", "领军"} and rng.random() < 0.6
    return rng.choice(("主任", "副主任", "所长", "部门负责人")) if leads else ""


def _kind(rng: random.Random, body: str) -> str:
    if body == "enterprise":
        return rng.choice(("工程技术人员", "工程技术人员", "技术经理人"))
    return "一线科技工作者" if body == "hospital" and rng.random() < 0.4 else "科研人员"


def _honours(rng: random.Random, tier: str) -> str:
    chances = {"院士": 3, "领军": 2, "骨干": int(rng.random() < 0.3), "青年": int(rng.random() < 0.2)}
    held = rng.sample(_HONOURS, chances[tier])
    return "；".join(f"{honour}（{rng.randint(2012, 2025)}）" for honour in held)


def _society_posts(rng: random.Random, person: Person, societies: Iterable[Body], offices: dict[str, list[str]]) -> str:
    held: list[str] = []
    for society in societies:
        if person.science.code in society.disciplines and rng.random() < 0.45:
            free = offices[society.code]
            role = free.pop() if free and person.born < 1980 else rng.choice(("常务理事", "理事", "理事", "会员"))
            held.append(f"{society.name}：{role}")
    return "；".join(held)
