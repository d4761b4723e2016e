"""What the questions about understanding need beside the golden graph: tagged works, keywords, other names of topics.

Said after `golden_quality.py`, so that no other answer changes.
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
TOPICS: Final[dict[str, tuple[str, str, str]]] = {
    "试:水": ("水文学", "亦称水文科学", ""),
    "试:地下水": ("地下水文学", "", "试:水"),
    "试:教": ("教育学", "", ""),
}
# Work → (title, keywords, topic); projects begin with K.
WORKS: Final[dict[str, tuple[str, list[str], str]]] = {
    "U1": ("平原区地下水超采治理", ["地下水", "超采"], "试:水"),
    "U2": ("地下水位动态与降水入渗", ["地下水", "水文学"], "试:水"),
    "U3": ("流域径流与洪水预报", ["径流", "水文学"], "试:水"),
    "U4": ("山区洪水预报方法", ["洪水预报"], "试:水"),
    "U5": ("地下水回灌与径流调节", ["地下水"], "试:水"),
    "U6": ("农村小学课堂教学评价", ["课堂教学"], "试:教"),
    "U7": ("中学课堂教学改革", ["课堂教学", "教育学"], "试:教"),
    "U8": ("高校课程评价与教学质量", ["教学质量"], "试:教"),
    "U9": ("学前教育质量评价", ["学前教育"], "试:教"),
    "K1": ("乡村教师与课堂教学质量", ["教师"], "试:教"),
    "U0": ("水文学的课堂教学改革", ["水文学", "课堂教学"], "试:水"),
}
AUTHORS: Final = {"U1": "P周", "U3": "P周", "U6": "P李", "U0": "P孙", "U7": "P孙", "U2": "P孙"}


def nodes() -> Iterator[NodeClaim]:
    """Everything one source says of nodes."""
    for id, (name, note, _) in TOPICS.items():
        facts: dict[str, Any] = {"name": name, "scheme": "试", "code": id.partition(":")[2]}
        yield node_claim(NODE_BY_LABEL["Topic"], id, facts | ({"note": note} if note else {}))
    for id, (title, keywords, _) in WORKS.items():
        label = "Project" if id[0] == "K" else "Output"
        facts = {"title": title, "keywords": keywords, "year": 2020}
        yield node_claim(NODE_BY_LABEL[label], id, facts | ({"discipline": "教育学"} if id[0] == "K" else {}))


def relationships() -> Iterator[RelationshipClaim]:
    """Everything one source says of relationships."""
    for id, (_, _, above) in TOPICS.items():
        if above:
            yield relationship_claim(RELATIONSHIP_BY_NAME["BROADER"], ("Topic", id), ("Topic", above))
    for id, (_, _, topic) in WORKS.items():
        label = "Project" if id[0] == "K" else "Output"
        yield relationship_claim(RELATIONSHIP_BY_NAME["ABOUT"], (label, id), ("Topic", topic))
    yield relationship_claim(RELATIONSHIP_BY_NAME["ABOUT"], ("Project", "J1"), ("Topic", "gbt:520.20"))
    for work, person in AUTHORS.items():
        yield relationship_claim(
            RELATIONSHIP_BY_NAME["AUTHORED"],
            ("Person", person),
            ("Output", work),
            key="1",
            properties={"position": 1, "affiliation_as_written": "试大学"},
        )


def say(store: Store, source: SourceRef) -> None:
    """Let one source say everything."""
    upsert(store.audit, source, list(nodes()), list(relationships()), run=f"R理解{source.dataset}", actor=ACTOR)
