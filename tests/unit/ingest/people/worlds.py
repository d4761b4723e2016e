"""Small worlds of works for the tests: few names, few people, so that everything collides."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from ingest.people.mentions import Named, Work

NAMES = ("王伟", "张三", "李四", "赵五", "钱六", "孙七", "Wei Wang", "et al.")
BODIES = ("甲大学", "乙大学", "丙研究院")
TEXTS = ("", "图神经网络 推荐", "图神经网络 知识图谱 推荐系统", "水稻 育种 产量")


@st.composite
def works(draw: st.DrawFn, most: int = 10) -> list[Work]:
    """Works by up to four of eight names; some with ORCID or e-mail."""
    made: list[Work] = []
    for number in range(draw(st.integers(1, most))):
        people = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4))
        named: list[Named] = []
        for place, name in enumerate(people):
            bodies: Any = draw(st.lists(st.sampled_from(BODIES), max_size=2, unique=True))
            strong = draw(st.sampled_from(((), (), (), ("orcid:1",), ("orcid:2",), ("mail:a",))))
            named.append(Named(f"w{number}#{place}", name, tuple(bodies), "；".join(bodies), strong))
        year = draw(st.sampled_from((None, 2000, 2005, 2020)))
        venue = draw(st.sampled_from(("", "自动化学报")))
        made.append(Work(f"w{number}", tuple(named), year=year, venue=venue, text=draw(st.sampled_from(TEXTS))))
    return made


def circle(
    works_of: int, *, prefix: str = "p", name: str = "王伟", partners: tuple[str, ...] = ("张三", "李四", "赵五")
) -> list[Work]:
    """Works of one person with always the same partners."""
    return [
        Work(
            f"{prefix}{number}",
            tuple(
                Named(f"{prefix}{number}#{place}", who, ("甲大学",), "甲大学")
                for place, who in enumerate((name, *partners))
            ),
            year=2010 + number,
            text=TEXTS[2],
        )
        for number in range(works_of)
    ]
