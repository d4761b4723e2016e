"""What the quality figures count, put beside the golden graph when the other answers are in: their scores stay theirs.

Four people named 李刚 in one university (one restricted, one merged into another), a fifth beside the same co-author,
one pair of them separated by a decision; two namesakes in one work; people with two employers in one year, tied and
not; posts of every age and end; experts with and without evidence.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from graph.audit import Effect
from graph.changes import SourceRef
from graph.claims import NodeClaim, RelationshipClaim, node_claim, relationship_claim
from graph.decisions import PERSON_MENTIONS, decision, keep_decision
from graph.merge import upsert
from graph.model import NODE_BY_LABEL, RELATIONSHIP_BY_NAME
from graph.store import Store

ACTOR: Final = "contract"
Facts = dict[str, Any]

PEOPLE: Final[dict[str, Facts]] = {
    "Q李甲": {"name": "李刚", "name_key": "李刚"},
    "Q李乙": {"name": "李 刚", "name_key": "李刚", "records": ["table:甲|名册|7"]},
    "Q李丙": {"name": "李刚", "name_key": "李刚"},
    "Q密李": {"name": "李刚", "name_key": "李刚", "visibility": "restricted"},
    "Q旧李": {"name": "李刚", "name_key": "李刚"},
    "Q合": {"name": "何合", "name_key": "何合"},
    "Q周一": {"name": "周同", "name_key": "周同"},
    "Q周二": {"name": "周同", "name_key": "周同"},
    "Q双": {"name": "双方"},
    "Q兼": {"name": "兼任"},
    "Q记": {"name": "记载"},
    "Q系": {"name": "系里"},
    "Q旧": {"name": "旧任"},
    "Q新": {"name": "新证"},
    "Q止": {"name": "已止"},
    "Q复": {"name": "复见"},
    "Q无": {"name": "无期"},
}
EXPERTS: Final[dict[str, Facts]] = {
    "Q空": {"name": "空白", "status": "admitted"},
    "Q候": {"name": "候选", "status": "candidate"},
    "Q荣": {"name": "荣者", "status": "candidate"},
    "Q密专": {"name": "密专", "status": "admitted", "visibility": "restricted"},
}
OUTPUTS: Final[dict[str, Facts]] = {
    "V1": {"title": "合作之一", "abstract": "一。", "year": 2010},
    "V2": {"title": "合作之二", "abstract": "二。", "year": 2011},
    "V3": {"title": "合作之三", "abstract": "三。", "year": 2012},
    "V4": {"title": "同名同作", "abstract": "四。", "year": 2013},
    "V5": {"title": "东边的成果", "abstract": "五。", "year": 2020},
    "V6": {"title": "海边的成果", "abstract": "六。", "year": 2020},
    "V7": {"title": "两边的成果", "abstract": "七。", "year": 2015},
    "V8": {"title": "东边又一项", "abstract": "八。", "year": 2022},
    "V9": {"title": "海边又一项", "abstract": "", "year": 2022},
    "V密": {"title": "密作", "year": 2024, "visibility": "restricted"},
}
PROJECT: Final = ("V项", {"title": "新近的项目", "abstract": "九。", "year": 2023})

# Work → (person, organisations of the mention), by position.
AUTHORS: Final[dict[str, tuple[tuple[str, list[str]], ...]]] = {
    "V1": (("Q李甲", ["O冀北"]), ("Q合", ["O冀北"])),
    "V2": (("Q李乙", []), ("Q合", ["O冀北"])),
    "V3": (("Q李丙", []), ("Q合", [])),
    "V4": (("Q周一", ["O港湾"]), ("Q周二", ["O港湾"])),
    "V5": (("Q双", ["O江东"]), ("Q兼", ["O江东"]), ("Q记", ["O江东"]), ("Q系", ["O江东"])),
    "V6": (("Q双", ["O港湾"]), ("Q兼", ["O港湾"]), ("Q记", ["O港湾"]), ("Q系", ["O江东材料"])),
    "V7": (("Q兼", ["O港湾", "O江东"]),),
    "V8": (("Q双", ["O江东材料"]),),
    "V9": (("Q双", ["O港湾"]),),
    "V密": (("Q旧", ["O港湾"]),),
}
# Person, organisation, key, properties.
POSTS: Final[tuple[tuple[str, str, str, Facts], ...]] = (
    ("Q李甲", "O冀北", "", {}),
    ("Q李乙", "O冀北", "", {}),
    ("Q密李", "O冀北", "", {}),
    ("Q旧李", "O冀北", "", {}),
    ("Q周一", "O港湾", "", {}),
    ("Q周二", "O港湾", "", {}),
    ("Q双", "O江东", "2020", {"observed_year": 2020}),
    ("Q双", "O港湾", "2020", {"observed_year": 2020}),
    ("Q双", "O江东材料", "2022", {"observed_year": 2022}),
    ("Q双", "O港湾", "2022", {"observed_year": 2022}),
    ("Q兼", "O江东", "2020", {"observed_year": 2020}),
    ("Q兼", "O港湾", "2020", {"observed_year": 2020}),
    ("Q系", "O江东", "2020", {"observed_year": 2020}),
    ("Q系", "O江东材料", "2020", {"observed_year": 2020}),
    ("Q记", "O江东", "", {"role": "教授"}),
    ("Q记", "O港湾", "", {"role": "客座教授"}),
    ("Q旧", "O港湾", "2009", {"observed_year": 2009}),
    ("Q旧", "O港湾", "2010", {"observed_year": 2010}),
    ("Q新", "O港湾", "2010", {"observed_year": 2010}),
    ("Q止", "O港湾", "", {"valid_from": "2005-01-01", "valid_to": "2012-01-01"}),
    ("Q止", "O港湾", "2010", {"observed_year": 2010}),
    ("Q复", "O港湾", "", {"valid_from": "2005-01-01", "valid_to": "2012-01-01"}),
    ("Q复", "O港湾", "2015", {"observed_year": 2015}),
    ("Q无", "O港湾", "", {"role": "研究员"}),
)


def nodes() -> Iterator[NodeClaim]:
    """Everything one source says of nodes."""
    for id, facts in PEOPLE.items():
        yield node_claim(NODE_BY_LABEL["Person"], id, facts)
    for id, facts in EXPERTS.items():
        yield node_claim(NODE_BY_LABEL["Person"], id, facts, ["Expert"])
    for id, facts in OUTPUTS.items():
        yield node_claim(NODE_BY_LABEL["Output"], id, facts)
    yield node_claim(NODE_BY_LABEL["Project"], *PROJECT)


def relationships() -> Iterator[RelationshipClaim]:
    """Everything one source says of relationships."""

    def claim(type: str, person: str, end: tuple[str, str], key: str = "", **facts: Any) -> RelationshipClaim:
        return relationship_claim(RELATIONSHIP_BY_NAME[type], ("Person", person), end, key=key, properties=facts)

    for work, authors in AUTHORS.items():
        for position, (person, bodies) in enumerate(authors, start=1):
            mention = {"mention": mention_of(work, position), "position": position, "organisations": bodies}
            yield claim("AUTHORED", person, ("Output", work), str(position), **mention)
    for person, body, key, facts in POSTS:
        yield claim("AFFILIATED_WITH", person, ("Organisation", body), key, **facts)
    yield claim("LED", "Q新", ("Project", PROJECT[0]), organisations=["O港湾"])
    yield claim("HAS_HONOUR", "Q荣", ("Honour", "H杰青"))
    yield claim("MERGED_INTO", "Q旧李", ("Person", "Q李甲"))


def mention_of(work: str, position: int) -> str:
    """The mention id of an author."""
    return f"works:丙|{work}|{position}"


def say(store: Store, source: SourceRef) -> None:
    """Let one source say everything."""
    upsert(store.audit, source, list(nodes()), list(relationships()), run=f"R{source.dataset}", actor=ACTOR)


def decide(store: Store) -> None:
    """Let a person say that the 李刚 of a roster's row is not the one of the third work."""
    made = decision(
        PERSON_MENTIONS,
        "table:甲|名册|7",
        mention_of("V3", 1),
        "different",
        decided_by=ACTOR,
        reason="不同专业",
    )
    store.audit.write(
        actor=ACTOR, action="decide", subject="李刚", work=lambda tx, _seq: Effect(keep_decision(tx, made))
    )
