import itertools
import re
import threading
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.text import STOP_WORDS, fold, highlight_spans, name_key, pinyin_forms, term_counts, tokens

# Letters, Han of every block, invisible and combining marks, operators: what real and hostile questions are made of.
MIXED = st.text(
    st.one_of(
        st.sampled_from(
            "人工智能研究的一二𠀀𰻝㐀豈〇々 ,.，。（）()-—·・*~^:\"'\\/+ＡＢ１２éÖßİ\u0301\u0316\u200b\u202e\u00ad🤖ﷺ㎏"
        ),
        st.sampled_from("abcdefghijklmnopqrstuvwxyz0123456789 ABC"),
        st.characters(),
    ),
    max_size=80,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("人工智能", ["人工", "工智", "智能"]),
        ("水", ["水"]),
        ("水 文", ["水", "文"]),
        ("基于BERT的分类", ["基于", "bert", "的分", "分类"]),
        ("The networks of running tests", ["network", "run", "test"]),
        ("ＡＩ模型２０２２", ["ai", "模型", "2022"]),
        ("Schrödinger schrodinger", ["schroding", "schroding"]),
        ("𠀀𠀁㐀", ["𠀀𠀁", "𠀁㐀"]),
        ("𰻝面", ["𰻝面"]),
        ("人\u200b工\u202e智", ["人工", "工智"]),
        ("pro\u00adcess", ["process"]),
        ("a b c x", []),
        ("(NOT *:* OR title:地震~2) AND [1 TO 9]^3", ["titl", "地震"]),
        ("", []),
    ],
)
def test_tokens_follow_the_recipe(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected


def test_lucenes_thirty_three_stop_words() -> None:
    assert len(STOP_WORDS) == 33
    assert tokens(" ".join(sorted(STOP_WORDS))) == []


@given(MIXED)
def test_a_token_is_a_bigram_a_character_or_a_word(text: str) -> None:
    for token in tokens(text):
        assert re.fullmatch(r"[a-z0-9']+", token) or (len(token) <= 2 and not token.isascii())
        assert not re.search(r"\s", token)
        assert len(token) <= 64


@given(MIXED)
def test_compatibility_forms_and_case_do_not_matter(text: str) -> None:
    assert tokens(unicodedata.normalize("NFKC", text)) == tokens(text)
    assert tokens(text.lower()) == tokens(text)


@given(MIXED, MIXED)
def test_texts_apart_give_the_tokens_of_each(first: str, second: str) -> None:
    assert tokens(f"{first} | {second}") == tokens(first) + tokens(second)


@given(MIXED)
def test_counts_are_the_tokens(text: str) -> None:
    counts = term_counts(text)
    assert sorted(counts.elements()) == sorted(tokens(text))
    assert list(counts) == list(dict.fromkeys(tokens(text)))


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("人" * 50_000, 49_999),
        ("\u0301\u0316" * 25_000, 0),
        ("(" * 50_000, 0),
        ("🤖" * 50_000, 0),
        ("a" * 50_000, 1),
        ("AND " * 12_500, 0),
    ],
)
def test_long_questions_stay_bounded(text: str, count: int) -> None:
    assert len(tokens(text)) == count
    fold(text)
    name_key(text)
    pinyin_forms(text)
    highlight_spans(text, tokens(text[:100]))


def test_threads_get_the_same_stems() -> None:
    words = [f"{prefix}{number}izations" for number in range(300) for prefix in ("re", "un", "dis")]
    results: list[list[str]] = []
    workers = [threading.Thread(target=lambda: results.append(tokens(" ".join(words)))) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(results) == 4
    assert all(result == results[0] for result in results)
    assert results[0][0] == "re0iz"


def test_spans_show_the_matched_words() -> None:
    title = "基于Neural Networks的人工智能 研究"
    spans = highlight_spans(title, tokens("network 人工智能"))
    assert [title[start:end] for start, end in spans] == ["Networks", "人工智能"]
    assert highlight_spans(title, []) == []
    assert highlight_spans("re\u0301sume\u0301s", tokens("résumés")) == [(0, 9)]
    assert highlight_spans("cafe\u0301", {"cafe"}) == [(0, 5)]
    assert [*highlight_spans("ＡＩ与人\u200b工", {"ai", "人工"})] == [(0, 2), (3, 6)]


@given(MIXED)
def test_spans_hold_every_token_and_nothing_is_out_of_place(text: str) -> None:
    own = tokens(text)
    spans = highlight_spans(text, own)
    assert bool(spans) == bool(own)
    ends = [0, *[edge for span in spans for edge in span]]
    assert ends == sorted(ends)
    assert all(start < end <= len(text) for start, end in spans)
    assert all(before[1] < after[0] for before, after in itertools.pairwise(spans))


@given(MIXED, MIXED)
def test_what_lights_up_was_asked_for(text: str, question: str) -> None:
    asked = frozenset(tokens(question))
    assert bool(highlight_spans(text, asked)) == bool(asked & frozenset(tokens(text)))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("中国科学院（北京）", "中国科学院 (北京)"),
        ("北京 大学", "北京大学"),
        ("Univ.  of Science", "UNIV. OF SCIENCE"),
        ("阿卜杜拉・艾力", "阿卜杜拉·艾力"),
        ("《地理 学报》。", "<地理学报>"),
        ("清华大学－深圳", "清华大学—深圳"),
        ("\u200b中山大学\ufeff", "中山大学"),
    ],
)
def test_fold_makes_spellings_equal(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_fold_keeps_what_differs() -> None:
    assert (
        len(
            {
                fold(name)
                for name in ("北京大学", "北京大学(医学部)", "北京大学医学部", "university of x", "universityofx")
            }
        )
        == 5
    )


@given(MIXED)
def test_fold_is_idempotent(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("王伟", "王伟"),
        (" 王\u3000伟1,2* ", "王伟"),
        ("王伟 (Wang Wei)", "王伟"),
        ("王伟（小）", "王伟小"),
        ("买买提・艾力", "买买提·艾力"),
        ("买买提.艾力", "买买提·艾力"),
        ("Jean-Pierre O'Neil", "jeanpierre oneil"),
        ("Smith, John", "john smith"),
        ("John Smith, Jr.", "john smith"),
        ("J.P. Smith", "j p smith"),
        ("Łukasz Ørsted", "lukasz orsted"),
        ("SÉAN  müller", "sean muller"),
        ("Иван Андрей é", "иван андрей e"),
        ("\u110e\u116c 가", "최 가"),
        ("123 **", ""),
        ("", ""),
    ],
)
def test_name_keys(name: str, key: str) -> None:
    assert name_key(name) == key


@given(MIXED)
def test_name_key_is_idempotent(name: str) -> None:
    assert name_key(name_key(name)) == name_key(name)


@pytest.mark.parametrize(
    ("name", "forms"),
    [
        ("王伟", ("wangwei", "ww")),
        ("曾明", ("zengming", "cengming", "zm", "cm")),
        ("单于明", ("chanyuming", "cym")),
        ("尉迟恭", ("yuchigong", "ycg")),
        ("吕布", ("lvbu", "lyubu", "lb")),
        ("曾", ("ceng", "c")),
        ("John Smith", ()),
        ("", ()),
    ],
)
def test_pinyin(name: str, forms: tuple[str, ...]) -> None:
    assert pinyin_forms(name) == forms


@given(MIXED)
def test_pinyin_is_plain_letters(name: str) -> None:
    forms = pinyin_forms(name)
    assert all(form.isascii() and form.isalpha() and form == form.lower() for form in forms)
    assert len(set(forms)) == len(forms)
