"""Under which key is a person's name compared, and is the text a person's name at all?  Pure.

The key is no proof of identity, only a reason to compare (design page identity.md, recipe 1): two mentions are scored
only when their keys are equal. What `person_name` calls unusable may stand alone in the graph, never be joined
automatically.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from importlib import import_module
from typing import Any, Final, NamedTuple

from graph.text import HAN, name_key, pinyin_forms

# Variants that OpenCC 1.4 leaves apart or takes for the common word. 喆, 堃 and 昇 are no variants of 哲, 坤 and 升 but
# names of their own (通用规范汉字表, 2013); 昇 is 升 all the same because traditional text cannot tell.
_VARIANTS: Final = {"峯": "峰", "勲": "勋", "甯": "宁", "鎔": "镕"}
# 乾 (qián) is a character of its own in names; OpenCC alone makes it 干 unless it knows the word.
_KEPT: Final = frozenset("乾")
# Compound surnames in pinyin, as one word or two (百家姓, those still borne by ten thousand people or more).
_COMPOUND: Final = frozenset(
    [
        "ouyang",
        "shangguan",
        "situ",
        "zhuge",
        "linghu",
        "sima",
        "huangfu",
        "dongfang",
        "duanmu",
        "murong",
        "xiahou",
        "gongsun",
        "zhangsun",
        "yuwen",
    ]
)
# The surnames of nine in ten people of Han nationality (第六次人口普查, the 100 most frequent), in pinyin.
_SURNAMES: Final = frozenset(
    [
        "wang",
        "li",
        "zhang",
        "liu",
        "chen",
        "yang",
        "huang",
        "zhao",
        "wu",
        "zhou",
        "xu",
        "sun",
        "ma",
        "zhu",
        "hu",
        "guo",
        "he",
        "lin",
        "gao",
        "luo",
        "zheng",
        "liang",
        "xie",
        "song",
        "tang",
        "deng",
        "han",
        "feng",
        "cao",
        "peng",
        "zeng",
        "xiao",
        "tian",
        "dong",
        "yuan",
        "pan",
        "jiang",
        "cai",
        "yu",
        "du",
        "ye",
        "cheng",
        "wei",
        "su",
        "lv",
        "lu",
        "lyu",
        "ding",
        "ren",
        "shen",
        "yao",
        "cui",
        "zhong",
        "tan",
        "wan",
        "jia",
        "fan",
        "jin",
        "shi",
        "liao",
        "bai",
        "qin",
        "qiu",
        "hou",
        "jiang",
        "yin",
        "xue",
        "yan",
        "duan",
        "lei",
        "long",
        "shi",
        "tao",
        "he",
        "mao",
        "hao",
        "gu",
        "shao",
        "wan",
        "qian",
        "dai",
        "mo",
        "kong",
        "xiang",
        "chang",
        "kang",
        "qiao",
        "lai",
        "gong",
        "wen",
        "pang",
        "fan",
        "lan",
        "yin",
        "shi",
        "hong",
        "di",
        "an",
        "ni",
        "fang",
        "zou",
        "xiong",
        "meng",
        "xia",
        "fu",
        "jiang",
        "hui",
        "tu",
        "ge",
        "zuo",
        "qi",
        "cui",
        "mei",
        "sheng",
        "ou",
        "diao",
        "ning",
        "cen",
        "ji",
        "jing",
    ]
)
_SYLLABLE: Final = (
    "(?:(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?"
    "(?:iang|iong|uang|ang|eng|ing|ong|iao|ian|uai|uan|ai|ei|ao|ou|an|en|er|ia|ie|iu|in|ua|uo|ui|un|ue|ve|vn|a|o|e|i|u|v))"
)
_PINYIN: Final = re.compile(f"{_SYLLABLE}{{1,2}}")
_HAN: Final = re.compile(f"[{HAN}]")
_NO_HAN_LETTER: Final = re.compile(f"[^{HAN}]")
_MARKUP: Final = re.compile(r"[<>{}\\=|]|&#?\w+;|https?:|www\.|@")
# Between names; after one they are footnotes.
_SEVERAL: Final = re.compile(r"[、;；/／]")
_DIRECTION: Final = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_FOOTNOTE: Final = re.compile(r"[\s\d,，、;；*†‡§¶#＊※①-⑳⁰¹²³⁴-⁹()（）\[\]]+$")
_OTHERS: Final = re.compile(
    r"(?:[,，\s]\s*|^)et\.?\s*al\b|\band others\b|等(?:人|著|编)?\s*$|等\s*\d+\s*人|"
    r"^(?:others?|anonymous|anon|unknown|"
    r"n/?a|nil|none|null|test)\.?$|佚名|无名氏|不详|匿名|^(?:作者|姓名|无|未知|其他|测试)$",
    re.IGNORECASE,
)
_BODY_ZH: Final = re.compile(
    r"(?:大学|学院|研究院|研究所|研究中心|医院|公司|集团|中心|实验室|课题组|项目组|研究组|工作组|编辑部|编写组|编委会|协作组|"
    r"委员会|协会|学会|学组|联盟|基金会|出版社|办公室|科学院|工程院|党委|政府|小组|团队|专家组|分会|大队|支队|本刊|编者)"
)
_BODY_EN: Final = re.compile(
    r"\b(?:universit\w*|institut\w*|colleges?|consortium|collaborations?|groups?|teams?|committees?|associations?|"
    r"departments?|laborator\w*|cent(?:er|re)s?|hospitals?|societ\w*|projects?|networks?|inc|ltd|corporation|academy|"
    r"working|investigators|initiative|editors?|the)\b"
)
# The longest personal names in the real corpora: 9 Han characters with dots, 6 Latin words.
_LONGEST_HAN, _LONGEST_DOTTED, _MOST_WORDS, _LONGEST = 6, 20, 6, 80


class PersonName(NamedTuple):
    """A name read: its block key ("" when no letter is left), whether it may be joined automatically, else why not."""

    key: str
    usable: bool
    reason: str = ""


@lru_cache(maxsize=200_000)
def person_name(text: str) -> PersonName:
    """Return the block key of a name and whether it is one person's name; the reason is a Chinese sentence part.

    Unusable are "et al.", 等 and other stand-ins, bodies as authors, one character or one Latin word, digits other than
    footnote marks, markup, emoji, direction marks, whole sentences. They keep a key, so that they can be looked up.
    """
    key = block_key(text)
    reason = "看不出姓名" if not key else _why_not(text[: _LONGEST * 4], key)
    return PersonName(key, not reason, reason)


@lru_cache(maxsize=200_000)
def block_key(text: str) -> str:
    """Return the key under which every usual spelling of a name is one; "" when there is no letter.

    Han names: the simplified Han string, variants folded, without dots and spaces ("歐陽 修" → "欧阳修"). Latin names:
    words folded, hyphens and apostrophes gone, in an order that does not depend on which came first ("Wei Wang",
    "Wang, Wei" and "WANG Wei" → "wang wei"; "Xiao-Ming Li" and "Li Xiao Ming" → "li xiaoming").
    """
    key = name_key(text[: _LONGEST * 4])
    if _HAN.search(key):
        return _NO_HAN_LETTER.sub("", key).translate(_simplified())[:_LONGEST]
    words = key[:_LONGEST].split()
    if len(words) > 2 and all(_PINYIN.fullmatch(word) for word in words):
        words = _pinyin_name(words, text)
    return " ".join(sorted(words))


def cross_keys(text: str) -> tuple[str, ...]:
    """Return keys that a Han name and its own pinyin share: for questions only, for pinyin never decides.

    "王伟" → ("wangwei",); "Wei Wang" → ("wangwei", "weiwang"). Other readings of a surname come too.
    """
    if _HAN.search(text):
        key = block_key(text)
        initials = len(key)
        return tuple(form for form in pinyin_forms(key) if len(form) > initials)
    words = block_key(text).split()
    if len(words) != 2:
        return ()
    return tuple(sorted({"".join(words), "".join(reversed(words))}))


def may_be_one(one: str, other: str) -> bool:
    """Can two block keys be spellings of one person's name?  Han and its pinyin; Latin names with a word in common."""
    if one == other or set(cross_keys(one)) & set(cross_keys(other)):
        return True
    words = set(one.split()) & set(other.split()) if one.isascii() and other.isascii() else set[str]()
    return any(len(word) > 1 for word in words)


def _pinyin_name(words: list[str], text: str) -> list[str]:
    """Return [surname, given name] of three or more pinyin words: by capitals, else known surnames, else Western."""
    for cut in (2, -2):
        pair = words[:2] if cut == 2 else words[-2:]
        rest = words[2:] if cut == 2 else words[:-2]
        if "".join(pair) in _COMPOUND and rest:
            return ["".join(pair), "".join(rest)]
    capitals = {word.lower() for word in re.findall(r"\b[A-Z]{2,}\b", text)}
    first = words[0] in _SURNAMES, words[-1] in _SURNAMES
    if len(capitals) == 1 and words[0] in capitals:
        first = True, False
    if first == (True, False):
        return [words[0], "".join(words[1:])]
    return [words[-1], "".join(words[:-1])]


def _why_not(text: str, key: str) -> str:
    bare = _FOOTNOTE.sub("", text)
    if _MARKUP.search(text):
        return "含网页标记或网址"
    if _DIRECTION.search(text):
        return "含书写方向控制符"
    if any(unicodedata.category(character) in {"So", "Cs", "Co", "Cn", "Cc"} for character in text):
        return "含表情或控制字符"
    if any(character.isdigit() for character in bare):
        return "姓名中含数字"
    if found := _not_one(text.strip(), bare.strip()):
        return found
    return _why_not_han(text, key) if _HAN.search(key) else _why_not_latin(text, key)


def _not_one(text: str, bare: str) -> str:
    if _OTHERS.search(text) or _OTHERS.search(bare):
        return "是“等”或代称，不是一个人"
    return "含分隔号，像是几个人" if _SEVERAL.search(bare) else ""


def _why_not_han(text: str, key: str) -> str:
    if _BODY_ZH.search(key):
        return "是机构或小组，不是一个人"
    if len(key) < 2:
        return "只有一个字"
    dotted = "·" in name_key(text)
    if len(key) > (_LONGEST_DOTTED if dotted else _LONGEST_HAN):
        return f"长达 {len(key)} 字，不像一个人的姓名"
    return ""


def _why_not_latin(text: str, key: str) -> str:
    words = key.split()
    if _BODY_EN.search(text.lower()):
        return "是机构或小组，不是一个人"
    if len(words) < 2:
        return "只有一个词，分不出姓和名"
    if all(len(word) == 1 for word in words):
        return "只有首字母"
    if len(words) > _MOST_WORDS or len(key) >= _LONGEST:
        return "太长，不像一个人的姓名"
    return ""


@cache
def _simplified() -> dict[int, str]:
    """Character for character, for a name is no running text in which neighbours tell the meaning."""
    characters = [chr(code) for code in range(0x3400, 0xA000)]
    # Reads its dictionaries, and has no types: only when a Han name is first seen.
    opencc: Any = import_module("opencc")
    converter = opencc.OpenCC("t2s")
    simple = str(converter.convert("\n".join(characters))).split("\n")
    table = {ord(old): new for old, new in zip(characters, simple, strict=True) if old != new and old not in _KEPT}
    return {**table, **{ord(old): new for old, new in _VARIANTS.items()}}
