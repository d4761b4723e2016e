"""Strings and the bodies they mean: invented registers, real ways of writing; bounded, blind to order."""

from __future__ import annotations

from typing import Final, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.decisions import ORGANISATION_NAMES, Decision, decision
from graph.text import fold
from ingest.bodies import scoring, spelling
from ingest.bodies.names import Names
from ingest.organisations import Match, Organisations

# Id → (name, kind, further names, parent).
REGISTER: Final[dict[str, tuple[str, str, dict[str, str], str]]] = {
    "CAS": ("中国科学院", "institute", {"Chinese Academy of Sciences": "english", "CAS": "abbreviation"}, ""),
    "ICT": (
        "中国科学院计算技术研究所",
        "institute",
        {"Institute of Computing Technology": "english", "ICT": "abbreviation"},
        "CAS",
    ),
    "SPACE": ("国家空间科学中心", "institute", {}, "CAS"),
    "UCAS": ("中国科学院大学", "university", {"University of Chinese Academy of Sciences": "english"}, ""),
    "PKU": ("北京大学", "university", {"Peking University": "english", "燕园大学": "former"}, ""),
    "PKU3": ("北京大学第三医院", "hospital", {"Peking University Third Hospital": "english"}, "PKU"),
    "CUG": ("中国地质大学", "university", {}, ""),
    "CUGB": ("中国地质大学(北京)", "university", {}, ""),
    "GUILIN": ("桂林理工大学", "university", {}, ""),
    "LAB": ("流域污染控制国家重点实验室", "institute", {}, ""),
    "CUP1": ("中国石油大学", "university", {}, ""),
    "CUP2": ("中国石油大学", "university", {}, ""),
    "SHANTOU": ("汕头大学", "university", {}, ""),
    "XJ": ("中国科学院新疆生态与地理研究所", "institute", {}, "CAS"),
}


def known(*, order: list[str] | None = None) -> Organisations:
    """The register, its rows in any order."""
    found = Organisations()
    for id_ in order or REGISTER:
        name, kind, further, _ = REGISTER[id_]
        legal = True if kind == "university" else None
        found.add(id_, name_key=fold(name), verified=True, kind=kind, legal=legal, ror=id_.lower())
        for text, sort in further.items():
            found.add_alias(id_, fold(text), sort)
    for id_ in order or REGISTER:
        if parent := REGISTER[id_][3]:
            found.add_parent(id_, parent)
    return found


KNOWN: Final = known()


@pytest.mark.parametrize(
    ("written", "id_", "department"),
    [
        ("北京大学", "PKU", ""),
        ("1. 北京大学 100871", "PKU", ""),
        ("丨北京大学图书馆", "PKU", "图书馆"),
        ("北京大学物理学院", "PKU", "物理学院"),
        ("北京大学，物理学院", "PKU", "物理学院"),
        ("物理学院、北京大学", "PKU", "物理学院"),
        ("物理学院/北京大学/北京市", "PKU", "物理学院"),
        ("北京大学a.数字媒体学院", "PKU", "数字媒体学院"),
        ("某某教育部重点实验室北京大学", "PKU", "某某教育部重点实验室"),
        ("某某教育部重点实验室（北京大学", "PKU", "某某教育部重点实验室"),
        ("燕园大学", "PKU", ""),
        ("北大", "PKU", ""),
        ("Peking Univ", "PKU", ""),
        ("School of Physics, Peking University, Beijing 100871, P. R. China", "PKU", "school of physics"),
        ("Peking University School of Physics", "PKU", "school physics"),
        ("北京大学第三医院麻醉科", "PKU3", "麻醉科"),
        ("中科院", "CAS", ""),
        ("中国科学院，北京 100864", "CAS", ""),
        ("Chinese Academy of Sciences, Beijing, China", "CAS", ""),
        ("中科院计算技术研究所", "ICT", ""),
        ("计算技术研究所，中国科学院，北京", "ICT", ""),
        ("中国科学院计算技术研究所网络数据实验室", "ICT", "网络数据实验室"),
        ("Institute of Computing Technology, Chinese Academy of Sciences, Beijing 100190, China", "ICT", ""),
        ("中国科学院国家空间科学中心微波实验室", "SPACE", "微波实验室"),
        ("中国科学院大学资源与环境学院", "UCAS", "资源与环境学院"),
        ("中国地质大学（北京）信息学院", "CUGB", "信息学院"),
        ("流域污染控制国家重点实验室，北京大学环境学院", "PKU", "环境学院"),
        ("流域污染控制国家重点实验室", "LAB", ""),
    ],
)
def test_a_string_means_a_body(written: str, id_: str, department: str) -> None:
    assert KNOWN.match(written) == Match(id_, department)


@pytest.mark.parametrize(
    "written",
    [
        "中国科学院光学天文重点实验室",
        "中国科学院某某研究所",
        "Chinese Academy of Sciences, Institute of Foo",
        "Inst Psychol, Chinese Acad Sci",
        "北京大学附属小学",
        "北京大学某某医院",
        "北京大学出版社",
        "某某市人民医院，北京大学医学部",
        "北大荒农业研究所",
        "北京大",
        "京大学",
        "大学",
        "桂林理工大学博文管理学院分校",
        "Institute of Computing Technology, University of Nowhere",
        "中国科学院新疆生态与地理研",
    ],
)
def test_a_string_means_no_known_body(written: str) -> None:
    assert KNOWN.match(written) is None


@pytest.mark.parametrize(
    ("written", "id_", "sentence"),
    [
        ("中国石油大学", "CUP1", "不止一个单位"),
        ("中国石油大学地球科学学院", "CUP1", "不止一个单位"),
        ("Institute of Computing Technology", "ICT", "不说明是哪一个"),
        ("ICT", "ICT", "字母缩写"),
        ("北京大学深圳研究院", "PKU", "另一个法人"),
        ("中国地质大学（武汉）", "CUG", "另一个法人"),
        ("新疆生态与地理研究所", "XJ", "少了前面的上级单位"),
        ("中国科学院新疆生态与地理研", "XJ", "截去了后半"),
        ("国科学院新疆生态与地理研究所", "XJ", "截去了开头"),
        ("中国科学院新疆生杰与地理研究所", "XJ", "只差一个字"),
        ("北京大学1附属第一医院麻醉科", "PKU", "不认识的医院"),
    ],
)
def test_a_doubtful_string_is_a_question_and_no_match(written: str, id_: str, sentence: str) -> None:
    judged = KNOWN.doubts(spelling.clean(written))
    assert judged.outcome == "ask"
    assert id_ in {candidate.id for candidate in judged.candidates}
    best = next(candidate for candidate in judged.candidates if candidate.id == id_)
    assert any(sentence in part.sentence for part in best.parts), best
    assert KNOWN.match(written) is None


def test_a_hint_counts_only_where_the_string_begins_with_it_and_is_no_academy() -> None:
    assert KNOWN.match("北京大学后勤集团汽车队", "北京大学") == Match("PKU", "后勤集团汽车队")
    assert KNOWN.match("某某汽车队", "北京大学") is None
    assert KNOWN.match("中国科学院光学天文重点实验室", "中国科学院") is None
    assert KNOWN.match("北京大学深圳研究院", "北京大学") is None, "a guess does not answer a question"
    assert KNOWN.unknown_name("某某大学医院麻醉科", "某某大学医院") == ("某某大学医院", "麻醉科")


def test_an_unknown_string_is_cut_where_the_grammar_is_plain() -> None:
    assert KNOWN.unknown_name("甲乙市人民医院麻醉科") == ("甲乙市人民医院", "麻醉科")
    assert KNOWN.unknown_name("甲乙大学丙丁学院") == ("甲乙大学", "丙丁学院")
    assert KNOWN.unknown_name("甲乙大学附属医院麻醉科") == ("甲乙大学附属医院", "麻醉科")
    assert KNOWN.unknown_name("甲乙研究所") == ("甲乙研究所", "")
    assert KNOWN.unknown_name("甲乙研究所，丙丁重点实验室") == ("甲乙研究所", "丙丁重点实验室")
    assert KNOWN.unknown_name("甲乙研究所，丙丁医院") == ("甲乙研究所，丙丁医院", "")
    assert KNOWN.unknown_name("甲乙市医院骨科，丙丁研究室") == ("甲乙市医院", "骨科，丙丁研究室")


def test_what_is_known_from_strings_is_found_by_its_very_name_only() -> None:
    found = known()
    found.add("U1", name_key=fold("甲乙市人民医院"))
    assert found.match("甲乙市人民医院麻醉科") == Match("U1", "麻醉科")
    assert found.match("甲乙市人民医院分院医院") is None
    assert found.is_unregistered("U1", fold("甲乙市人民医院"))


def test_a_decision_comes_first_whatever_the_points_say() -> None:
    found = known()
    found.decide(said("中国石油大学", "CUP2", "same"))
    assert found.match("中国石油大学") == Match("CUP2")
    assert found.match("中国石油大学地球科学学院") == Match("CUP2", "地球科学学院")
    found = known()
    found.decide(said("中国石油大学", "CUP1", "different"))
    assert [c.id for c in found.judge("中国石油大学").candidates] == ["CUP2"]
    found.decide(said("北京大学", "PKU", "different"))
    assert found.match("北京大学") is None


def said(written: str, body: str, outcome: Literal["same", "different"]) -> Decision:
    """A decision on a string."""
    return decision(ORGANISATION_NAMES, fold(written), body, outcome, decided_by="t", reason="r")


def test_what_was_merged_leads_on_and_a_circle_ends() -> None:
    found = known()
    found.add("U1", name_key=fold("燕大物理系"))
    found.redirect("U1", "PKU")
    assert found.match("燕大物理系") == Match("PKU")
    assert found.root("U1") == "PKU"
    names = Names()
    names.redirect("a", "b")
    names.redirect("b", "c")
    names.redirect("c", "a")
    assert {names.target(id_) for id_ in "abc"} == {"a"}


def test_the_root_of_a_renamed_body_is_what_it_became() -> None:
    found = known()
    found.add("OLD", name_key=fold("燕京学堂"), verified=True)
    found.add_successor("OLD", "PKU", "renamed")
    found.add("SPLIT", name_key=fold("燕京总校"), verified=True)
    found.add_successor("SPLIT", "PKU", "split")
    found.add("DEP", name_key=fold("燕京学堂史学系"), kind="department", parents=("OLD",))
    assert [found.root(id_) for id_ in ("OLD", "SPLIT", "DEP")] == ["PKU", "SPLIT", "PKU"]
    found.add_successor("PKU", "OLD", "renamed")
    assert found.root("OLD") == found.root("PKU")


WORDS: Final = (
    "北京大学", "中国科学院", "中科院", "物理学院", "重点实验室", "附属医院", "，", "、", "(", "）", "北京", "深圳",
    "1", "'", " ", "Institute of", "Chinese Academy of Sciences", "Peking University", ", ", "/", "计算技术研究所",
    "有限公司", "研", "心", "室", "\u202e", "<b>", "'}) DETACH DELETE n //", "\x00", "100871", "大学", "所", "a.",
)  # fmt: skip
PIECES: Final = st.lists(st.sampled_from(WORDS), max_size=40).map("".join)


@settings(max_examples=300)
@given(st.one_of(PIECES, st.text(max_size=300)), st.one_of(st.just(""), PIECES))
def test_any_string_is_answered_the_same_way_twice(written: str, hint: str) -> None:
    first = KNOWN.match(written, hint)
    assert KNOWN.match(written, hint) == first
    judged = KNOWN.doubts(spelling.clean(written))
    for candidate in judged.candidates:
        assert candidate.id in REGISTER
        assert candidate.points == sum(part.points for part in candidate.parts)
        assert all(part.sentence for part in candidate.parts)
    if judged.outcome == "same":
        assert judged.candidates[0].points >= scoring.SAME
    name, rest = KNOWN.unknown_name(written, hint)
    assert len(name) <= len(written) + len(hint)
    # What is made of an unknown string is found again by its name: a second run changes nothing.
    if first is None and fold(name):
        again = known()
        again.add("U", name_key=fold(name))
        assert again.match(written, hint) == Match("U", rest)


@settings(max_examples=60)
@given(st.permutations(list(REGISTER)), st.lists(PIECES, min_size=1, max_size=5))
def test_the_order_of_rows_does_not_decide(order: list[str], strings: list[str]) -> None:
    found = known(order=order)
    for text in [*strings, "中国石油大学", "中国科学院大学物理学院"]:
        assert found.doubts(spelling.clean(text)) == KNOWN.doubts(spelling.clean(text))
        assert found.match(text) == KNOWN.match(text)


@pytest.mark.parametrize(
    "written",
    [
        "室" * 10_000,
        "重点实验室" * 2_000,
        "中国科学院" * 2_000,
        "北京大学，" * 2_000,
        "Peking University, " * 500,
        "(" * 10_000,
        "大学医院科" * 60,
        "<script>alert(1)</script>" * 400,
        "\u202e学大京北",
        "！？。，、；：…—" * 10,
        "",
        " ",
        "'}) DETACH DELETE n //",
        "\ud800北京大学",
    ],
)
def test_hostile_strings_mean_nothing_known(written: str) -> None:
    assert KNOWN.doubts(spelling.clean(written)).outcome in {"new", "same"}
    if "北京大学" not in written and "Peking" not in written:
        assert KNOWN.match(written) is None
