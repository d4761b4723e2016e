"""Understanding on a real store: any text gets a sensible or empty answer; the vocabulary follows the graph."""

from __future__ import annotations

from collections.abc import Generator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.claims import node_claim
from graph.database import Endpoint
from graph.errors import InputError
from graph.model import OUTPUT
from graph.store import Store
from graph.textindex import TextIndex
from graph.vocabulary_keeping import FILE, follow_vocabulary, vocabulary_of
from queries.bridging import experts_between_fields
from queries.experts import experts_for_topic
from queries.suggestions import suggestions
from queries.topics import topic_tags
from queries.understanding import LONGEST_ASKED, understanding, with_understanding
from tests.contract import golden_understanding
from tests.contract.golden import SOURCES, say, take_away
from tests.graph_claims import put, work
from tests.graph_fixtures import empty_store

RUBBISH = {
    "emoji": "🙂🙃🧪" * 50,
    "fifty thousand characters": "地下水超采治理与课堂教学" * 4_500,
    "fifty thousand letters": "a" * 50_000,
    "stop words": "the and of is 的 了 与",
    "mixed scripts": "課堂教学與地下水的機器学习",
    "full width": "ＡＩ　与　地下水（２０２０）",
    "pinyin": "ditangjiaoxue ketangjiaoxue",
    "a slip": "课堂教雪",
    "Russian": "искусственный интеллект",
    "Japanese": "機械学習の応用について",
    "Arabic": "الذكاء الاصطناعي والطب",
    "operators": '+-&&||!(){}[]^"~*?:\\/ AND OR NOT NEAR',
    "broken characters": "\ud800知识\x00图谱\u202e",
    "Cypher": "'}) MATCH (n) DETACH DELETE n //",
    "connectives": "与和及跟同×+&" * 20,
    "many bodies": "大学学院研究所" * 28,
    "nothing": " \t\n",
}
LETTERS = "地下水课堂教学与和×林海冀北大学 ketang🙂"


@pytest.fixture(scope="module")
def asked(any_engine: Endpoint, tmp_path_factory: pytest.TempPathFactory) -> Generator[tuple[Store, TextIndex]]:
    """The golden graph with what is said for understanding, on each engine in turn."""
    with empty_store(any_engine, tmp_path_factory.mktemp("understanding")) as store:
        for source in SOURCES:
            say(store, source)
            take_away(store, source)
            golden_understanding.say(store, source)
        yield store, TextIndex.open(store)


@pytest.mark.parametrize("text", RUBBISH.values(), ids=RUBBISH.keys())
def test_rubbish_is_answered_or_clearly_empty(asked: tuple[Store, TextIndex], text: str) -> None:
    store, index = asked
    _ask_everything(store, index, text)
    answer = experts_for_topic(store.database, index, text=text, expand=[text[:64]])
    assert answer.experts or answer.notes


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    text=st.text(max_size=120)
    | st.text(alphabet=st.sampled_from("地下水课堂教学与和×林海冀北大学 ketang🙂"), max_size=30)
)
def test_any_text_is_understood(asked: tuple[Store, TextIndex], text: str) -> None:
    _ask_everything(*asked, text)


def _ask_everything(store: Store, index: TextIndex, text: str) -> None:
    read = understanding(store.database, index, text=text, expand=[text[:20]])
    assert read.model_dump_json()
    for word in read.words:
        assert word.text
        assert word.end - word.start == len(word.text)
    assert len(read.fields) in {0, 2}
    assert read.people_total >= len(read.people)
    assert len(read.did_you_mean) <= 3
    if len(text.strip()) > LONGEST_ASKED:
        assert not any((read.people, read.organisations, read.fields, read.expansions, read.did_you_mean))
    assert suggestions(store.database, index, text=text).model_dump_json()
    between = experts_between_fields(store.database, index, text=text)
    assert between.experts or between.notes
    for expert in between.experts:
        assert expert.one_score > 0
        assert expert.other_score > 0
        assert expert.works_in_both or (expert.one and expert.other)
    tags = topic_tags(store.database, index, text=text)
    assert tags.tags or tags.notes


def test_traditional_characters_find_the_same_people(asked: tuple[Store, TextIndex]) -> None:
    store, index = asked
    simple = experts_for_topic(store.database, index, text="课堂教学改革")
    other = experts_for_topic(store.database, index, text="課堂教學改革")
    assert [expert.id for expert in other.experts] == [expert.id for expert in simple.experts]
    assert [expert.score for expert in other.experts] == pytest.approx([expert.score for expert in simple.experts])


def test_an_expansion_counts_only_when_it_is_switched_on(asked: tuple[Store, TextIndex]) -> None:
    store, index = asked
    plain = experts_for_topic(store.database, index, text="水文科学")
    wide = experts_for_topic(store.database, index, text="水文科学", expand=["水文学"])
    assert "文学" not in plain.terms
    assert set(wide.terms) - set(plain.terms) == {"文学"}
    read = with_understanding(store.database, index, wide, expand=["水文学"]).understanding
    assert read is not None
    assert [(each.term, each.applied) for each in read.expansions if each.applied] == [("水文学", True)]
    assert "understanding" not in plain.model_dump()


def test_numbers_out_of_bounds_are_refused(asked: tuple[Store, TextIndex]) -> None:
    store, index = asked
    for limit in (0, 201):
        with pytest.raises(InputError, match="limit"):
            experts_between_fields(store.database, index, text="甲 与 乙", limit=limit)
        with pytest.raises(InputError, match="limit"):
            suggestions(store.database, index, text="甲", limit=limit)
        with pytest.raises(InputError, match="limit"):
            topic_tags(store.database, index, text="甲", limit=limit)


def test_the_vocabulary_follows_what_is_written(any_store: Store) -> None:
    put(
        any_store,
        work("W1", "土壤", keywords=["盐碱地改良"]),
        work("W2", "水", visibility="restricted", keywords=["密级"]),
    )
    index = TextIndex.open(any_store)
    words = vocabulary_of(any_store.database, index)
    assert words.keywords() == {"盐碱地改良": 1}
    assert (index.folder / FILE).is_file()
    put(any_store, node_claim(OUTPUT, "W3", {"title": "改良", "keywords": ["盐碱地改良", "耐盐作物"]}))
    index.follow()
    later = vocabulary_of(any_store.database, index)
    assert later.keywords() == {"盐碱地改良": 2, "耐盐作物": 1}
    # Another process finds what this one has kept, and a damaged file is counted anew.
    assert follow_vocabulary(any_store.database, TextIndex.open(any_store)).keywords() == later.keywords()
    (index.folder / FILE).write_bytes(b"damaged")
    assert follow_vocabulary(any_store.database, TextIndex.open(any_store)).keywords() == later.keywords()
