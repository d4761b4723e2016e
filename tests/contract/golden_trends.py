"""What the trends count, put beside the golden graph last: a small tree of topics, keywords, works of ten years.

Topic 测:1 has 测:11 and 测:12 below it. 测:11 grows (2 works before, 8 after), 测:12 shrinks. People: 甲 began in 2005,
乙 in 2018 and does more, 丙 has one work, one is restricted, one was merged into 乙. Places: a department whose
university lies in Hebei, a university in Jiangsu, a university merged into another, a body without a place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from graph.changes import SourceRef
from graph.claims import NodeClaim, RelationshipClaim, node_claim, relationship_claim
from graph.merge import upsert
from graph.model import NODE_BY_LABEL, RELATIONSHIP_BY_NAME
from graph.store import Store
from graph.text import tokens

ACTOR: Final = "contract"
Facts = dict[str, Any]

TOPICS: Final = {"测:1": ("测试学", ""), "测:11": ("上升学", "测:1"), "测:12": ("下降学", "测:1"), "测:9": ("空学", "")}
PEOPLE: Final[dict[str, Facts]] = {
    "R甲": {"name": "老成"},
    "R乙": {"name": "新进"},
    "R丙": {"name": "偶作"},
    "R旧乙": {"name": "新 进"},
    "Q密人": {"name": "不可说", "visibility": "restricted"},
}
# Work → (topics, year, people with the bodies of the mention), the first person first author.
WORKS: Final[dict[str, tuple[tuple[str, ...], int | None, tuple[tuple[str, tuple[str, ...]], ...]]]] = {
    "U01": (("测:12",), 2005, (("R甲", ("O江东",)),)),
    "U02": (("测:12",), 2017, (("R甲", ("O江东",)),)),
    "U03": (("测:12",), 2017, (("R甲", ("O江东",)),)),
    "U04": (("测:12",), 2018, (("R甲", ("O江东",)), ("Q密人", ("O江东",)))),
    "U05": (("测:11",), 2018, (("R乙", ("O冀北智能",)),)),
    "U06": (("测:11", "测:12"), 2019, (("R甲", ("O江东",)), ("R丙", ()))),
    "U07": (("测:11",), 2020, (("R乙", ("O冀北智能",)),)),
    "U08": (("测:11",), 2020, (("R乙", ("O冀北智能", "O江东")),)),
    "U09": (("测:11",), 2020, (("R乙", ("O冀北工",)), ("R甲", ("O江东",)))),
    "U10": (("测:11",), 2021, (("R乙", ("O冀北智能",)),)),
    "U11": (("测:11",), 2021, (("R旧乙", ("O冀北智能",)),)),
    "U12": (("测:11",), 2022, (("R乙", ("O智源",)),)),
    "U13": (("测:11",), 2022, (("R甲", ("O江东",)), ("R乙", ("O冀北",)))),
    "U14": (("测:12",), 2022, (("R甲", ("O江东",)),)),
    "U15": (("测:1",), None, (("R甲", ("O江东",)),)),
}
PROJECT: Final = ("U项", {"title": "测试学的项目", "year": 2021, "keywords": ["测词"]})


def nodes() -> Iterator[NodeClaim]:
    """Everything one source says of nodes."""
    for id, (name, _) in TOPICS.items():
        facts: Facts = {"name": name, "scheme": "测", "code": id.partition(":")[2]}
        yield node_claim(NODE_BY_LABEL["Topic"], id, facts)
    for id, facts in PEOPLE.items():
        yield node_claim(NODE_BY_LABEL["Person"], id, facts)
    for id, (topics, year, _) in WORKS.items():
        word = "测词" if "测:11" in topics else "旧测词"
        told: Facts = {"title": f"测试之{id[1:]}", "keywords": [word.upper(), " 共词 "]}
        if year is not None:
            told["year"] = year
        yield node_claim(NODE_BY_LABEL["Output"], id, told)
    yield node_claim(
        NODE_BY_LABEL["Output"],
        "V密测",
        {"title": "不可说的测试", "year": 2022, "keywords": ["测词"], "visibility": "restricted"},
    )
    yield node_claim(NODE_BY_LABEL["Project"], *PROJECT)


def relationships() -> Iterator[RelationshipClaim]:
    """Everything one source says of relationships."""

    def claim(
        type: str, start: tuple[str, str], end: tuple[str, str], key: str = "", **facts: Any
    ) -> RelationshipClaim:
        return relationship_claim(RELATIONSHIP_BY_NAME[type], start, end, key=key, properties=facts)

    for id, (_, above) in TOPICS.items():
        if above:
            yield claim("BROADER", ("Topic", id), ("Topic", above))
    for id, (topics, _, people) in WORKS.items():
        for topic in topics:
            yield claim("ABOUT", ("Output", id), ("Topic", topic))
        for position, (person, bodies) in enumerate(people, start=1):
            facts: Facts = {"position": position, "organisations": list(bodies)}
            yield claim("AUTHORED", ("Person", person), ("Output", id), str(position), **facts)
    yield claim("ABOUT", ("Output", "V密测"), ("Topic", "测:11"))
    yield claim("AUTHORED", ("Person", "R乙"), ("Output", "V密测"), "1", position=1, organisations=["O冀北"])
    yield claim("ABOUT", ("Project", PROJECT[0]), ("Topic", "测:11"))
    yield claim("LED", ("Person", "R乙"), ("Project", PROJECT[0]), organisations=["O冀北智能"])
    yield claim("MERGED_INTO", ("Person", "R旧乙"), ("Person", "R乙"))


def say(store: Store, source: SourceRef) -> None:
    """Let one source say everything."""
    upsert(store.audit, source, list(nodes()), list(relationships()), run=f"R{source.dataset}", actor=ACTOR)


def encode(texts: Sequence[str]) -> NDArray[np.float64]:
    """A small real encoder: tokens hashed into 64 places, L2-normalised (Weinberger and others 2009)."""
    rows = np.zeros((len(texts), 64))
    for row, text in enumerate(texts):
        for token in tokens(text):
            rows[row, crc32(token.encode()) % 64] += 1.0
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(lengths > 0, lengths, 1.0)
