"""The vocabulary: what is found by its beginning, sound, slip, inside a text; kept on disk; any text is a question."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.text import fold
from graph.vocabulary import LONGEST_WORD, Vocabulary
from graph.vocabulary_keeping import other_names

WORDS = Vocabulary.of(
    {
        "人工智能": 7,
        "人工林": 12,
        "深度学习": 60,
        "知识图谱": 9,
        "Deep Learning": 3,
        "deep learning": 4,
        "AI芯片": 2,
    },
    [("人工智能", ""), ("演绎逻辑学", ""), ("演绎逻辑学", "符号逻辑学")],
    sequence=5,
)
TEXTS = st.text(alphabet=st.sampled_from("人工智能林深度学习 aiAI-x🙂，的"), max_size=30)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("人工", ["人工林", "人工智能"]),
        ("rengongz", ["人工智能"]),
        ("rgzn", ["人工智能"]),
        ("ren gong", ["人工林", "人工智能"]),
        ("DEEP", ["deep learning"]),
        ("ａｉ芯", ["AI芯片"]),
        ("", []),
        ("无此词", []),
    ],
)
def test_beginnings_in_characters_pinyin_and_initials(typed: str, found: list[str]) -> None:
    assert [word.text for word in WORDS.beginning(typed, 5)] == found


def test_spellings_of_one_word_are_one_and_counted_together() -> None:
    word = WORDS.find("ＤＥＥＰ　learning")
    assert word is not None
    assert (word.text, word.works, word.topic) == ("deep learning", 7, False)


def test_a_topic_is_known_by_its_other_name() -> None:
    other = WORDS.find("符号逻辑学")
    assert other is not None
    assert (other.topic, other.stands_for) == (False, "演绎逻辑学")
    topic = WORDS.find("人工智能")
    assert topic is not None
    assert (topic.topic, topic.works, topic.stands_for) == (True, 7, "")


@pytest.mark.parametrize("slip", ["人工只能", "人工智熊", "人工智", "人工智智能", "人智工能", "rengongzhineng"])
def test_a_slip_of_one_key_and_the_same_sound_are_near(slip: str) -> None:
    assert "人工智能" in [word.text for word in WORDS.near(slip, 3)]


def test_what_is_two_slips_away_is_not_near() -> None:
    assert WORDS.near("人共只会", 3) == []
    assert WORDS.near("人工智能", 3) == []


def test_words_within_a_text_are_whole_words() -> None:
    text = "用Deep  Learning与人工智能做知识图谱；myAI芯片"
    assert [(text[start:end], word.text) for start, end, word in WORDS.within(text)] == [
        ("人工智能", "人工智能"),
        ("知识图谱", "知识图谱"),
    ]
    assert [word.text for _, _, word in WORDS.within("deep learning for AI芯片")] == ["deep learning", "AI芯片"]


@given(st.dictionaries(st.text(max_size=40), st.integers(1, 50), max_size=12))
def test_every_keyword_is_found_by_itself_and_its_beginning(keywords: dict[str, int]) -> None:
    words = Vocabulary.of(keywords)
    for text in words.keywords():
        found = words.find(text)
        assert found is not None
        assert found.works == sum(n for other, n in keywords.items() if fold(other) == fold(text))
        assert fold(text) in {fold(word.text) for word in words.beginning(text, 50)}
        assert len(text) <= LONGEST_WORD
    assert Vocabulary.of(words.keywords()).keywords() == words.keywords()


@given(TEXTS | st.text(max_size=60))
def test_any_text_can_be_asked(text: str) -> None:
    for start, end, word in WORDS.within(text):
        assert fold(text[start:end]) == fold(word.text) or word.stands_for
    for word in [*WORDS.beginning(text, 5), *WORDS.near(text, 5), *WORDS.sounding(text, 5)]:
        assert word.text
    assert len(WORDS.near(text, 2)) <= 2


def test_it_is_kept_whole_and_grows(tmp_path: Path) -> None:
    WORDS.save(tmp_path / "v.npz")
    kept = Vocabulary.load(tmp_path / "v.npz")
    assert kept.keywords() == WORDS.keywords()
    assert sorted(kept.topics()) == sorted(WORDS.topics())
    assert (kept.sequence, kept.counted_to) == (5, 5)
    more = Vocabulary.of({**kept.keywords(), "盐碱地": 1}, kept.topics(), sequence=6, counted_to=5, known_sounds=kept)
    assert [word.text for word in more.beginning("yjd", 3)] == ["盐碱地"]
    assert [word.text for word in more.beginning("rgzn", 3)] == ["人工智能"]
    assert sorted(more.topics()) == sorted(WORDS.topics())


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"no archive at all"])
def test_a_damaged_file_is_said_to_be_one(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "v.npz"
    path.write_bytes(content)
    with pytest.raises(ValueError):  # noqa: PT011
        Vocabulary.load(path)


@pytest.mark.parametrize(
    ("note", "names"),
    [
        ("亦称符号逻辑学", ["符号逻辑学"]),
        ("原名为“甲学”、乙学；包括丙学", ["甲学", "乙学"]),
        ("英文 number theory", ["number theory"]),
        ("包括交换环与交换代数", []),
        ("", []),
    ],
)
def test_other_names_in_the_remarks_of_a_topic(note: str, names: list[str]) -> None:
    assert list(other_names(note)) == names
