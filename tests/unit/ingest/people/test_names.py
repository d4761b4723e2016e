"""Which spellings are one name, and what is no name at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.people.names import block_key, cross_keys, person_name


@pytest.mark.parametrize(
    "spellings",
    [
        ["Wei Wang", "Wang, Wei", "WANG Wei", "Wang Wei", "wei wang1"],
        ["Xiao-Ming Li", "Xiaoming Li", "LI Xiaoming", "Li, Xiao-Ming", "Xiao Ming Li", "LI Xiao Ming"],
        ["欧阳修", "歐陽修", "欧 阳 修", "欧阳修*"],
        ["买买提·艾力", "买买提・艾力", "买买提.艾力", "买买提艾力"],
        ["陈峰", "陳峯", "陳峰"],
        ["Ouyang Xiu", "Ou-Yang Xiu", "Xiu Ouyang", "OUYANG Xiu"],
        ["Jean-Pierre O'Neil", "O’Neil, Jean Pierre".replace("Jean Pierre", "Jean-Pierre")],
    ],
)
def test_spellings_of_one_name_have_one_key(spellings: list[str]) -> None:
    assert len({block_key(text) for text in spellings}) == 1
    assert all(person_name(text).usable for text in spellings)


def test_names_that_are_two_stay_two() -> None:
    assert (
        len({block_key(text) for text in ("王伟", "王维", "王喆", "王哲", "李乾", "李干", "Wei Wang", "Wen Wang")}) == 8
    )


def test_pinyin_meets_its_han_name_only_through_the_cross_key() -> None:
    assert block_key("王伟") != block_key("Wei Wang")
    assert set(cross_keys("王伟")) & set(cross_keys("Wei Wang"))
    assert "zengming" in cross_keys("曾明")
    assert cross_keys("Wang") == ()


@pytest.mark.parametrize(
    "text",
    [
        "et al.", "等", "王伟等", "王伟 等3人", "Anonymous", "佚名", "课题组", "水稻育种课题组", "清华大学",
        "本刊编辑部",
        "The BES Collaboration", "University of X", "王", "W", "Wang", "W. W.", "王3伟", "<b>王伟</b>", "王伟😀",
        "王\u202e伟", "\u200f王伟", "x" * 500, "一二三四五六七八九十", "https://a.b", "wang@x.cn", "", "123",
        "王&nbsp;伟", "作者2", "Anonymous 1", "王伟、李四", "王伟;李四", "Wei Wang / Si Li",
    ],
)  # fmt: skip
def test_what_is_no_name_may_only_stand_alone(text: str) -> None:
    found = person_name(text)
    assert not found.usable
    assert found.reason


@given(st.text(max_size=60))
def test_any_text_has_a_key_that_is_its_own_key(text: str) -> None:
    found = person_name(text)
    assert found.usable == (found.reason == "")
    assert not found.usable or found.key
    assert len(found.key) <= 80
    assert all(cross_keys(text))
    if found.key.isascii() and len(found.key.split()) == 2:
        assert block_key(" ".join(reversed(found.key.split()))) == found.key
