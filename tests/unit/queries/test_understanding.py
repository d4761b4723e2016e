"""The pure parts of understanding: words and their shares, names, fields, bridges, expansions, the classifier."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.text import tokens
from graph.vocabulary import Vocabulary
from queries.answers import ScorePart
from queries.bridging import bridges, two_fields
from queries.expansion import ADDED_WEIGHT, simplified, topic_names, widened
from queries.retrieval import asked
from queries.topics import LEAST_CONFIDENCE, Classifier
from queries.understanding import bodies_asked, names_asked
from queries.words import cut, parts_by_word, question_words

WORDS = Vocabulary.of(
    {"知识图谱": 9, "中医": 5, "人工智能": 7, "影响": 3, "地下水超采": 2, "和平": 4},
    [("人工智能", ""), ("中医学", ""), ("中医学", "中国医学"), ("智能", "")],
)
QUESTIONS = st.text(alphabet=st.sampled_from("知识图谱的中医人工智能与超采 AIdeep，。🙂"), max_size=40)


# --- words


def test_words_of_the_graph_stay_whole() -> None:
    text = "知识图谱的地下水超采"
    assert [text[start:end] for start, end in cut(text, WORDS)] == ["知识图谱", "的", "地下水超采"]
    assert [(word.text, word.works, word.kind) for word in question_words(text, WORDS)] == [
        ("知识图谱", 9, "keyword"),
        ("地下水超采", 2, "keyword"),
    ]


def test_shares_of_bigrams_become_shares_of_words() -> None:
    text = "知识图谱的推荐"
    parts = [
        ScorePart(term="知识", share=0.2),
        ScorePart(term="识图", share=0.1),
        ScorePart(term="谱的", share=0.1),
        ScorePart(term="的推", share=0.1),
        ScorePart(term="推荐", share=0.3),
        ScorePart(term="别处", share=0.2),
    ]
    folded = {part.term: part.share for part in parts_by_word(parts, text, cut(text, WORDS))}
    assert folded == pytest.approx({"知识图谱": 0.4, "推荐": 0.4, "别处": 0.2})


@given(QUESTIONS, st.data())
def test_folding_keeps_the_sum_and_every_character_has_its_word(text: str, data: st.DataObject) -> None:
    places = cut(text, WORDS)
    assert [position for start, end in places for position in range(start, end)] == list(range(len(text)))
    terms = sorted(set(tokens(text)) | {"别处", "elsewhere"})
    shares = data.draw(st.lists(st.floats(0, 1), min_size=len(terms), max_size=len(terms)))
    parts = [ScorePart(term=term, share=share) for term, share in zip(terms, shares, strict=True)]
    folded = parts_by_word(parts, text, places)
    assert math.isclose(sum(part.share for part in folded), sum(shares), abs_tol=1e-9)
    assert [part.share for part in folded] == sorted((part.share for part in folded), reverse=True)


# --- names


@pytest.mark.parametrize(
    ("text", "name", "stated"),
    [
        ("张三 做什么", "张三", True),
        ("张三是做什么的？", "张三", True),
        ("找张三", "张三", True),
        ("请问张晓林教授的研究方向", "张晓林", True),
        ("高山 冰川变化", "高山", False),
        ("买买提·艾力", "买买提·艾力", True),
    ],
)
def test_a_name_in_a_question(text: str, name: str, stated: bool) -> None:
    assert dict(names_asked(text).values())[name] == stated


@pytest.mark.parametrize("text", ["", "地下水超采治理的生态补偿机制研究", "🙂", "what is AI", "的" * 200])
def test_no_name_in_a_question(text: str) -> None:
    assert names_asked(text) == {}


def test_parts_that_may_be_bodies() -> None:
    found = bodies_asked("清华大学人工智能")
    assert found["清华大学"] == [(0, 4)]
    assert {"华大学", "清华大学人工智能"} < found.keys()
    assert bodies_asked("Tsinghua University")["tsinghua university"] == [(0, 19)]


@given(st.text(max_size=200))
def test_names_and_bodies_of_any_text(text: str) -> None:
    for written, _ in names_asked(text).values():
        assert written
    for places in bodies_asked(text).values():
        assert all(0 <= start < end <= len(text) for start, end in places)


# --- two fields


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("人工智能 与 中医", ("人工智能", "中医")),
        ("人工智能×中医", ("人工智能", "中医")),
        ("人工智能 x 中医", ("人工智能", "中医")),
        ("AI and traditional medicine", ("AI", "traditional medicine")),
        ("人工智能与中医", ("人工智能", "中医")),
        ("人工智能和中医的交叉研究", ("人工智能", "中医")),
        ("人工智能在中医中的应用", ("人工智能", "中医")),
        ("ＡＩ　与　地下水（２０２０）", ("ＡＩ", "地下水")),
        ("区块链 与 人工智能 的 专家", ("区块链", "人工智能")),
    ],
)
def test_two_fields_side_by_side(text: str, fields: tuple[str, str]) -> None:
    assert two_fields(text, WORDS) == fields


@pytest.mark.parametrize(
    "text",
    [
        "",
        "人工智能",
        "和平",
        "地下水的成因与治理对策",
        "人工智能 与 人工智能",
        "与",
        "a + b + c",
        "土壤 改良",
        "与" * 500,
    ],
)
def test_one_thing_is_not_two_fields(text: str) -> None:
    assert two_fields(text, WORDS) is None


SCORES = st.dictionaries(st.sampled_from("ABCDEFGH"), st.floats(0, 5, allow_subnormal=False))


@given(SCORES, SCORES)
def test_bridges_are_symmetric_and_have_both_sides(one: dict[str, float], other: dict[str, float]) -> None:
    found = bridges(one, other)
    turned = bridges(other, one)
    assert [(b.id, b.score, b.one, b.other) for b in found] == [(b.id, b.score, b.other, b.one) for b in turned]
    for bridge in found:
        assert one[bridge.id] > 0
        assert other[bridge.id] > 0
        assert 0 <= bridge.score <= 1 + 1e-12
        assert min(bridge.one, bridge.other) <= bridge.score * (1 + 1e-9)
    assert [b.score for b in found] == sorted((b.score for b in found), reverse=True)


@given(SCORES, SCORES, st.floats(0.01, 100))
def test_bridges_do_not_depend_on_the_scale_of_a_side(
    one: dict[str, float], other: dict[str, float], scale: float
) -> None:
    scaled = bridges({each: score * scale for each, score in one.items()}, other)
    expected = {b.id: b.score for b in bridges(one, other)}
    assert {b.id: b.score for b in scaled} == pytest.approx(expected, rel=1e-6, abs=1e-9)


# --- expansions


def test_topics_named_are_the_longest_and_other_names_are_followed() -> None:
    assert topic_names(WORDS, "人工智能与中国医学") == ["人工智能", "中医学"]
    assert topic_names(WORDS, "无关") == []


def test_added_words_count_for_less_and_known_ones_stay() -> None:
    question = widened(asked("知识图谱"), ["知识工程", "图谱"])
    weights = dict(zip(question.question.terms, question.question.weights, strict=True))
    assert weights == {"知识": 1, "识图": 1, "图谱": 1, "识工": ADDED_WEIGHT, "工程": ADDED_WEIGHT}
    assert widened(asked("！"), ["知识"]) == asked("！")
    assert widened(asked("知识"), []) == asked("知识")


def test_traditional_characters() -> None:
    assert simplified("機器學習 and AI") == "机器学习 and AI"
    assert simplified("plain") == "plain"


# --- topics

TAGGED = [(tokens(text), "水") for text in ("地下水超采", "地下水位变化", "洪水预报方法", "径流与洪水", "水库径流调节")]
TAGGED_TOO = [(tokens(text), "教") for text in ("课堂教学改革", "教学质量评价", "课程教学", "小学课堂", "教师课程评价")]


def test_the_classifier_names_what_it_learnt_and_is_silent_otherwise() -> None:
    classifier = Classifier.trained([*TAGGED, *TAGGED_TOO])
    assert classifier is not None
    best = classifier.guesses(tokens("洪水与地下水"))
    assert best[0].label == "水"
    assert best[0].probability > 0.5
    assert {"洪水", "地下"} & set(best[0].tokens)
    assert sum(guess.probability for guess in best) == pytest.approx(1)
    for unknown in ("量子引力波", "quantum gravity", "", "地下", "量子引力波探测器的地下水"):
        assert classifier.guesses(tokens(unknown)) == []


def test_one_label_teaches_nothing() -> None:
    assert Classifier.trained(TAGGED[:5]) is None
    assert Classifier.trained([]) is None
    assert Classifier.trained([*TAGGED[:5], *TAGGED[5:7]]) is None


@given(QUESTIONS | st.text(max_size=80))
def test_guesses_of_any_text_are_probabilities(text: str) -> None:
    classifier = Classifier.trained([*TAGGED, *TAGGED_TOO])
    assert classifier is not None
    guesses = classifier.guesses(tokens(text), 5)
    assert all(0 <= guess.probability <= 1 for guess in guesses)
    assert sum(guess.probability for guess in guesses) <= 1 + 1e-9
    assert [g.probability for g in guesses] == sorted((g.probability for g in guesses), reverse=True)
    assert 0 < LEAST_CONFIDENCE < 1
