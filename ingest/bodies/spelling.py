"""What a written affiliation consists of: noise, parts, addresses, departments, English words. Pure.

Every list here was read off real affiliation strings (9,509 of chinaxiv_zh, 2,503 bodies of ror_china): what is not on
a list is taken for part of a name, so that a gap leads to a question or a new body, never to a wrong match.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from graph.text import HAN, fold

# Names are at most 200 characters (`ingest.source.LONGEST_NAME`); what is longer is no name and is not looked at.
LONGEST: Final = 400
MOST_PARTS: Final = 12
_SHORTEST_BODY: Final = 3
_AROUND_DEPARTMENT: Final = " ,，;；-·()（）"

_NOISE: Final = re.compile(rf"^(?:[^{HAN}A-Za-z(（“\"]|丨)+|[\s\d.,;:、，；：'‘’#*†‡§$]+$")
_NUMBERED: Final = re.compile(r"^\(?[0-9a-hA-H][.)、:：]\s*")
# A footnote mark between two units, "南方医院1妇产科", "文理学院a.数字媒体学院"; "第307医院" is no footnote.
_FOOTNOTE: Final = re.compile(
    rf"(?<=[院学所司局心系])(?:[1-9]|[a-hA-H][.)]|['’*†])+(?=[{HAN}])(?!研究所|医院|中学|小学)"
)
_SEPARATOR: Final = re.compile(r"[,;|/()]|(?<=[^\d]) - ")
_BRACKETED: Final = re.compile(r"([^,;|/()]{3,40}(?:大学|学院))\s*\(([^,;|/()]{1,10})")
_AS_SEPARATORS: Final = str.maketrans("、。《》〈〉【】[]<>", ",,((((((((((")
_POSTCODE: Final = re.compile(r"(?<!\d)[1-9]\d{5}(?!\d)")
_HAN: Final = re.compile(f"[{HAN}]")

# Academies and groups are umbrellas: their "departments" are legal entities of their own (identity page: resolve very
# large bodies down to the institute), so a longer string never means the umbrella.
_UMBRELLA: Final = re.compile(
    r"(科学院|工程院|^中国(?!.*科学院).*(研究院|总院)|集团|集团公司|总公司|委员会|部|局|厅|协会|学会|联合会|政府|兵团|军区|中国人民解放军)$"
)
_UMBRELLA_EN: Final = re.compile(
    r"^(chinese|china|national|[a-z]+) academy( |$)|\bacademy (science|agricultural|medical|social|engineering)|"
    r"\b(ministry|bureau|government|group|corporation|association|society|commission|administration)\b"
)
# What follows a legal entity's name must look like a part of it; hospitals, publishers and companies are bodies of
# their own.
_DEPARTMENT: Final = re.compile(
    r"(学院|学部|系|所|研究院|中心|实验室|部|处|室|馆|院|组|科|校区|教研室|课题组|研究室|基地|平台|工作站|流动站|分院|"
    r"试验站|专业|班|办公室|编辑部|图书馆)$"
)
_OWN_BODY: Final = re.compile(
    r"(医院|公司|出版社|附中|附小|中学|小学|幼儿园|分校|独立学院|卫生院|保健院|疗养院|协会|学会)"
)
_LABORATORY: Final = re.compile(r"(实验室|中心|基地|平台|工作站|观测站|试验站|科学组|学科组)$")
_LABORATORY_EN: Final = re.compile(r"\b(laboratory|center|base|platform|station)\b")
_DEPARTMENT_EN: Final = frozenset(
    ("school", "college", "department", "faculty", "division", "institute", "laboratory", "center", "section", "group")
)
_BODY_EN: Final = frozenset(
    ("university", "academy", "institute", "college", "hospital", "company", "corporation", "ltd", "inc", "ministry",
     "bureau", "observatory", "museum", "garden", "society", "association", "center", "laboratory", "school",
     "department", "faculty", "administration", "foundation", "press")
)  # fmt: skip
_OWN_BODY_EN: Final = frozenset(("hospital", "company", "corporation", "ltd", "inc", "press", "university", "academy"))
# English names that begin so say what a body does, not which one it is: only its upper body tells them apart.
_GENERIC_EN: Final = frozenset(
    ("institute", "center", "laboratory", "academy", "college", "school", "department", "faculty", "research",
     "technical", "key", "state", "hospital")
)  # fmt: skip

# A legal entity at the beginning of an unknown string, and what then may follow as its part.
_ENTITY_ENDS: Final = re.compile("医院|有限公司|有限责任公司|大学|保健院|气象局|供电局")
_ENTITY_WHOLE: Final = re.compile("..(?:研究所|研究院|科学院|医院|公司|大学|植物园|天文台|气象局)$")
_NEXT_PART: Final = re.compile(r"[,，;；、/|]")
_ENTITY_REST: Final = re.compile(r"[\s,，]*[^,，]{1,60}(?:科|系|室|部|中心|学院|实验室|处|研究所|病区|团队|组|馆)$")
_FOOTNOTE_IN_FRONT: Final = re.compile(r"^(?:[1-9]|[a-h][.)]|['’*†])+(?=\D)", re.IGNORECASE)

# Short names that everybody uses and that name one body; two-character ones only where they are the whole string
# ("北大荒" is no university). 华师大, 南大, 东大 … name several and are left to the registers.
SHORT_NAMES: Final = {
    "中科院": "中国科学院", "中国社科院": "中国社会科学院", "中国农科院": "中国农业科学院",
    "中国林科院": "中国林业科学研究院", "中国医科院": "中国医学科学院", "中国热科院": "中国热带农业科学院",
    "中国工物院": "中国工程物理研究院", "中科大": "中国科学技术大学", "国科大": "中国科学院大学",
    "北师大": "北京师范大学", "上海交大": "上海交通大学", "西安交大": "西安交通大学", "哈工大": "哈尔滨工业大学",
    "北航": "北京航空航天大学", "北大": "北京大学", "浙大": "浙江大学", "武大": "武汉大学",
}  # fmt: skip

_PROVINCES: Final = (
    "北京 天津 上海 重庆 河北 山西 辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 "
    "河南 湖北 湖南 广东 海南 四川 贵州 云南 陕西 甘肃 青海 台湾 内蒙古 广西 西藏 "
    "宁夏 新疆 香港 澳门"
)
_CITIES: Final = (
    "石家庄 太原 沈阳 长春 哈尔滨 南京 杭州 合肥 福州 南昌 济南 郑州 武汉 长沙 广州 "
    "海口 成都 贵阳 昆明 西安 兰州 西宁 呼和浩特 南宁 拉萨 银川 乌鲁木齐 大连 青岛 "
    "宁波 厦门 深圳 苏州 无锡 常州 徐州 珠海 东莞 佛山 中山 汕头 温州 绍兴 烟台 "
    "威海 保定 秦皇岛 唐山 洛阳 开封 新乡 桂林 柳州 绵阳 雅安 石河子 阿拉尔 杨凌 "
    "华东 大庆 延吉 泰安 芜湖 镇江 扬州 泰州 南通 廊坊 荆州 宜昌 湛江 惠州"
)
PLACES: Final = frozenset((*_PROVINCES.split(), *_CITIES.split()))
_ANY_PLACE: Final = "|".join(sorted(PLACES, key=len, reverse=True))
_PLACE: Final = re.compile(
    rf"^(?:中国|中华人民共和国)?(?:(?:{_ANY_PLACE})(?:省|市|自治区|特别行政区)?){{0,3}}"
    r"(?:[^院病园校一二三四五六七八九]{1,6}[省市区县州镇])?$"
)
_BEGINS_WITH_PLACE: Final = re.compile(rf"^\(?(?:{_ANY_PLACE})")

_WORDS: Final = re.compile(r"[a-z0-9]+")
_STOP: Final = frozenset(("the", "of", "and", "for", "at", "in", "on", "to", "a"))
_SPELLED_OUT: Final = {
    "univ": "university", "inst": "institute", "institutes": "institute", "acad": "academy", "sci": "science",
    "sciences": "science", "technol": "technology", "tech": "technology", "technologies": "technology",
    "dept": "department", "departments": "department", "lab": "laboratory", "labs": "laboratory",
    "laboratories": "laboratory", "natl": "national", "nat": "national", "hosp": "hospital", "coll": "college",
    "sch": "school", "schools": "school", "chin": "chinese", "agr": "agricultural", "agric": "agricultural",
    "med": "medical", "eng": "engineering", "engn": "engineering", "ctr": "center", "centre": "center",
    "centers": "center", "centres": "center", "resources": "resource", "studies": "study", "fac": "faculty",
    "corp": "corporation", "co": "company", "cas": "cas", "stn": "station", "acadamy": "academy",
}  # fmt: skip
_PLACE_EN: Final = frozenset(
    ("china", "pr", "prc", "p", "r", "people", "s", "republic", "city", "province", "district")
)


def clean(written: str) -> str:
    """Return an organisation string without numbering in front and postcodes behind."""
    return _NOISE.sub("", _NUMBERED.sub("", written[:LONGEST]))


def is_han(text: str) -> bool:
    """Does it hold a Chinese character?"""
    return bool(_HAN.search(text))


def parts_of(text: str) -> list[str]:
    """Return the parts of a cleaned string in its order, folded, without addresses: "College, University, City"."""
    plain = _POSTCODE.sub(" ", _FOOTNOTE.sub(",", unicodedata.normalize("NFKC", text)))
    plain = plain.translate(_AS_SEPARATORS)
    found: list[str] = []
    for piece in _SEPARATOR.split(plain):
        key = fold(_NOISE.sub("", piece))
        if key and not is_place(key):
            found.append(key)
    return found[:MOST_PARTS]


def has_footnotes(text: str) -> bool:
    """Do footnote marks stand between its units?"""
    return bool(_FOOTNOTE.search(text))


def campuses_of(text: str) -> frozenset[str]:
    """Return the folded names of universities behind which a place stands in brackets, "香港中文大学(深圳)"."""
    plain = unicodedata.normalize("NFKC", text)
    return frozenset(
        fold(name) for name, place in _BRACKETED.findall(plain) if is_place(fold(place)) and fold(place) not in name
    )


def is_place(key: str) -> bool:
    """Is this part of a string an address: a city, province or country, or words none of which names a body?"""
    if is_han(key):
        return len(key) < 2 or bool(_PLACE.match(key))
    words = _found(key)
    return not any(_SPELLED_OUT.get(word, word) in _BODY_EN for word in words) and (
        len(words) <= 2 or all(word in _PLACE_EN for word in words)
    )


def begins_with_place(rest: str) -> bool:
    """Does what follows a name begin with a city or province, "(深圳)", "宁波理工学院"?"""
    return bool(_BEGINS_WITH_PLACE.match(rest.strip()))


def english_words(text: str) -> tuple[str, ...]:
    """Return the words of an English name as they are compared: lower case, spelled out, without "the" and "of"."""
    plain = unicodedata.normalize("NFKD", text[:LONGEST]).casefold().replace("'", "").replace("’", "")
    words = [_SPELLED_OUT.get(word, word) for word in _found(plain)]
    return tuple(word for word in words if word not in _STOP)


def english_key(text: str) -> str:
    """Return the key under which two spellings of an English name are equal; "" when fewer than two words remain."""
    words = english_words(text)
    return " ".join(words) if len(words) > 1 else ""


def is_umbrella(key: str) -> bool:
    """Is this the name of an academy, group, ministry or society, whose parts are bodies of their own?"""
    if is_han(key):
        return bool(_UMBRELLA.search(key))
    english = " ".join(english_words(key))
    return bool(_UMBRELLA_EN.search(english)) and not is_generic(english) and "university" not in english


def is_laboratory(key: str) -> bool:
    """Is this the name of a laboratory or centre, which stands inside a legal entity as a rule?"""
    return bool(_LABORATORY.search(key)) if is_han(key) else bool(_LABORATORY_EN.search(key))


def is_inside(key: str) -> bool:
    """Is this the name of a laboratory or station, which a body beside it houses?  (Of centres many are bodies.)"""
    return is_laboratory(key) and not key.endswith(("中心", "center", "centre"))


def is_generic(key: str) -> bool:
    """Does an English key say what a body does, but not which one it is ("institute physics")?"""
    return key.partition(" ")[0] in _GENERIC_EN


def is_department(rest: str) -> bool:
    """Does what follows a legal entity's name look like a part of it?"""
    rest = rest.strip(_AROUND_DEPARTMENT)
    return bool(rest) and bool(_DEPARTMENT.search(rest)) and not is_own_body(rest)


def is_department_en(words: tuple[str, ...]) -> bool:
    """Do the English words before or behind a body's name name a part of it?"""
    return bool(words) and not _DEPARTMENT_EN.isdisjoint(words) and _OWN_BODY_EN.isdisjoint(words)


def is_own_body(key: str) -> bool:
    """Does this part of a string name a body of its own: a hospital, a company, a university?"""
    if is_han(key):
        return bool(_OWN_BODY.search(key))
    return not _OWN_BODY_EN.isdisjoint(english_words(key))


def split_entity(text: str) -> tuple[str, str]:
    """Cut an unknown string into (legal entity, department): "某某医院麻醉科" → ("某某医院", "麻醉科").

    Only where the grammar is plain; everything else stays whole, with the department "".
    """
    first = _NEXT_PART.split(text, maxsplit=1)[0]
    for found in _ENTITY_ENDS.finditer(first):
        body, rest = text[: found.end()], first[found.end() :]
        if len(body) > _SHORTEST_BODY and _ENTITY_REST.match(rest) and not is_own_body(rest):
            return (text, "") if begins_with_place(rest) else (body, _bare(text[found.end() :]))
    further = text[len(first) :]
    if _ENTITY_WHOLE.search(first) and is_department(further):
        return first, _bare(further)
    return text, ""


def department(key: str, length: int, text: str) -> str:
    """Return what follows the first `length` characters of a folded name, as written where folding kept the length."""
    return _bare(text[length:] if len(text) == len(key) else key[length:])


def _bare(rest: str) -> str:
    return _FOOTNOTE_IN_FRONT.sub("", rest.strip(_AROUND_DEPARTMENT)).strip(_AROUND_DEPARTMENT)


def joined(first: str, second: str) -> str:
    """Return two departments as one text."""
    return " ".join(part for part in (first, second) if part)


def _found(text: str) -> list[str]:
    return [found[0] for found in _WORDS.finditer(text)]
