"""The mapping language: every conversion, every way to write one wrong, and rows of rubbish (Hypothesis)."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from graph.errors import InputError
from ingest.mapping import load_mapping, parse_mapping, shipped_mappings
from ingest.readers import Record, Unreadable
from ingest.source import HIDDEN, Draft, RejectedRecordError
from ingest.sources.table import TableSource

EXAMPLES = Path(__file__).resolve().parents[3] / "docs" / "examples" / "mappings"
PROJECT = '[[entity]]\ntype = "Project"\nown = "编号"\nset.title = { from = "名称", required = true }\n'


def mapped(text: str, **values: object) -> Draft:
    return parse_mapping(text, "probe").draft(Record("表.csv", "", 2, dict(values)))


def project(setter: str, **values: object) -> tuple[dict[str, Any], list[str]]:
    draft = mapped(f"{PROJECT}{setter}\n", 编号="1", 名称="题目", **values)
    properties = {k: v for k, v in draft.entities[0].properties.items() if k != "title"}
    return properties, [r.reason for r in draft.rejects]


@pytest.mark.parametrize(
    ("setter", "cell", "expected"),
    [
        ('set.kind = "列"', "  青年\u3000项目\n甲 ", {"kind": "青年 项目 甲"}),
        ('set.kind = { const = "重点" }', "", {"kind": "重点"}),
        ('set.kind = { template = "{列}/{编号}" }', "甲", {"kind": "甲/1"}),
        ('set.kind = { from = ["无", "列"] }', "乙", {"kind": "乙"}),
        ('set.kind = { from = "列", map = { "甲" = "A" } }', "甲", {"kind": "A"}),
        ('set.kind = { from = "列", map = { "甲" = "A" } }', "乙", {"kind": "乙"}),
        ('set.kind = { from = "列", map = { "甲" = "A" }, otherwise = "drop" }', "乙", {}),
        ('set.kind = { from = "列", default = "未说明" }', "", {"kind": "未说明"}),
        ('set.kind = { from = "列", remove = "（.*）" }', "面上（2019）", {"kind": "面上"}),
        ('set.kind = { from = "列", find = "（(.*)）" }', "面上（2019）", {"kind": "2019"}),
        ('set.kind = { from = "列", find = "[0-9]+" }', "面上（2019）", {"kind": "2019"}),
        ('set.kind = { from = "列", find = "[0-9]+" }', "面上", {}),
        ('set.keywords = { from = "列", split = "[;；]" }', "甲；乙; 甲;；", {"keywords": ["甲", "乙"]}),
        ('set.keywords = "列"', ["甲", " 乙 "], {"keywords": ["甲", "乙"]}),
        ('set.funding_yuan = { from = "列", times = 10000 }', "1,2.5", {"funding_yuan": 125000}),
        ('set.funding_yuan = { from = "列", times = 10000 }', 30.5, {"funding_yuan": 305000}),
        ('set.funding_yuan = "列"', "３００", {"funding_yuan": 300}),
        ('set.year = { from = "列", as = "year" }', "2019年5月", {"year": 2019}),
        ('set.year = { from = "列", as = "year" }', datetime(2019, 5, 1), {"year": 2019}),  # noqa: DTZ001
        ('set.fictional = "列"', "是", {"fictional": True}),
        ('set.fictional = "列"', "否", {"fictional": False}),
        (
            'period = "列"',
            "2018.01-2020.12",
            {
                "valid_from": "2018-01-01",
                "valid_from_precision": "month",
                "valid_to": "2021-01-01",
                "valid_to_precision": "month",
            },
        ),
        ('period = "列"', "2018", {"valid_from": "2018-01-01", "valid_from_precision": "year"}),
        ('period = "列"', date(2018, 3, 4), {"valid_from": "2018-03-04", "valid_from_precision": "day"}),
        ('period = ["无", "列"]', "2020", {"valid_to": "2021-01-01", "valid_to_precision": "year"}),
    ],
)
def test_every_conversion(setter: str, cell: object, expected: dict[str, object]) -> None:
    assert project(setter, 列=cell) == (expected, [])


@pytest.mark.parametrize(
    ("setter", "cell", "reason"),
    [
        ('set.kind = { from = "列", map = { "甲" = "A" }, otherwise = "reject" }', "乙", "不在可接受的值之内"),
        ('set.kind = { from = "列", pattern = "[0-9]+" }', "a1", "格式不符合要求"),
        ('set.kind = "列"', {"a": 1}, "嵌套的列表或对象"),
        ('set.kind = "列"', [["a"]], "嵌套的列表或对象"),
        ('set.funding_yuan = "列"', "三万", "不是数字"),
        ('set.funding_yuan = "列"', "nan", "超出范围"),
        ('set.funding_yuan = "列"', float("inf"), "超出范围"),
        ('set.funding_yuan = "列"', "1e999999999", "超出范围"),
        ('set.funding_yuan = { from = "列", times = 10000 }', "1e999999999999999999", "超出范围"),
        ('set.year = { from = "列", as = "year" }', "2019.13", "月份 13 不存在"),
        ('set.number = "列"', "号" * 2_001, "超过上限 2000"),
        ('set.abstract = "列"', "长" * 100_001, "超过上限 100000"),
        ('set.fictional = "列"', "也许", "看不出是或否"),
        ('period = "列"', "2019.13", "月份 13 不存在"),
        ('period = "列"', "下个月", "不是日期"),
        ('period = ["列", "编号2"]', "2020", "结束时间早于起始时间"),
    ],
)
def test_a_bad_value_is_named_and_left_out_and_the_rest_is_taken(setter: str, cell: object, reason: str) -> None:
    properties, reasons = project(setter, 列=cell, 编号2="2019")
    assert len(reasons) == 1
    assert reason in reasons[0]
    assert set(properties) <= {"valid_from", "valid_from_precision"}


@pytest.mark.parametrize(
    ("as_", "good", "canonical", "bad"),
    [
        ("doi", "https://doi.org/10.1000/AB", "10.1000/ab", "doi"),
        ("orcid", "https://orcid.org/0000-0002-1825-0097", "0000-0002-1825-0097", "0000-0002-1825-0098"),
        ("ror", "https://ror.org/03vek6s52", "03vek6s52", "03vek6s53"),
        ("uscc", "91110000100001342C", "91110000100001342C", "91110000100001342D"),
        ("region", "130100", "1301", "13x"),
        ("url", "https://例.cn/a", "https://例.cn/a", "javascript:alert(1)"),
        ("date", "2019年5月", "2019-05-01", "2019.13"),
    ],
)
def test_strong_identifiers_take_their_one_form(as_: str, good: str, canonical: str, bad: str) -> None:
    setter = f'set.number = {{ from = "列", as = "{as_}" }}'
    assert project(setter, 列=good) == ({"number": canonical}, [])
    properties, reasons = project(setter, 列=bad)
    assert (properties, len(reasons)) == ({}, 1)


def test_a_missing_required_value_rejects_the_record() -> None:
    with pytest.raises(RejectedRecordError, match="必填项为空"):
        mapped(PROJECT, 编号="1", 名称=" ")
    with pytest.raises(RejectedRecordError, match="行键为空"):
        mapped(f'row_key = ["编号"]\n{PROJECT}', 编号="", 名称="题目")


def test_members_of_two_columns_walk_side_by_side_whatever_repeats() -> None:
    draft = mapped(
        shipped_mappings()["projects"].read_text(), 项目名称="题", 参与人="甲；乙；丙", 参与人单位="A大学；A大学；B大学"
    )
    people = [e for e in draft.entities if e.type.label == "Person"]
    written = [[draft.entities[i].written for i in person.employers] for person in people]
    assert [p.written for p in people] == ["甲", "乙", "丙"]
    assert written == [["A大学"], ["A大学"], ["B大学"]]
    posts = [(x.start, x.end) for x in draft.links if x.type.name == "AFFILIATED_WITH"]
    assert posts == [(draft.entities.index(p), p.employers[0]) for p in people]


def test_an_empty_place_in_a_list_keeps_its_number() -> None:
    draft = mapped(shipped_mappings()["projects"].read_text(), 项目名称="题", 参与人="甲；乙", 参与人单位="；B大学")
    people = [e for e in draft.entities if e.type.label == "Person"]
    # One unit named: it could serve all, but the second place is where it stands.
    assert [[draft.entities[i].written for i in p.employers] for p in people] in ([[], ["B大学"]], [["B大学"]] * 2)


def test_more_units_than_people_are_not_guessed_at() -> None:
    draft = mapped(shipped_mappings()["projects"].read_text(), 项目名称="题", 参与人="甲", 参与人单位="A大学；B大学")
    assert [r.reason for r in draft.rejects] == ["有 2 个单位，却只有 1 人，对不上，未采用"]


def test_the_same_honour_is_one_wherever_it_stands_in_the_list() -> None:
    text = shipped_mappings()["roster"].read_text()
    first = mapped(text, 姓名="甲", 称号="学者（2016）；标兵（2018）")
    second = mapped(text, 姓名="乙", 称号="标兵（2020年）")
    honours = [(e.own, e.slot) for e in first.entities if e.type.label == "Honour"]
    assert [(e.own, e.slot) for e in second.entities if e.type.label == "Honour"] == honours[1:]
    years = [x.properties["year"] for x in (*first.links, *second.links) if x.type.name == "HAS_HONOUR"]
    assert years == [2016, 2018, 2020]


@pytest.mark.parametrize(
    ("written", "name", "role"),
    [
        ("省水利学会：常务理事", "省水利学会", "常务理事"),
        ("省水利学会（副理事长）", "省水利学会", "副理事长"),
        ("省水利学会副秘书长", "省水利学会", "副秘书长"),
        ("省水利学会", "省水利学会", None),
    ],
)
def test_posts_in_societies_are_split_into_body_and_role(written: str, name: str, role: str | None) -> None:
    draft = mapped(shipped_mappings()["roster"].read_text(), 姓名="甲", 学会任职=written)
    link = next(x for x in draft.links if x.type.name == "MEMBER_OF")
    assert draft.entities[link.end].written == name
    assert link.properties.get("role") == role


def test_long_row_keys_stay_different() -> None:
    text = f'row_key = ["编号"]\n{PROJECT}'
    keys = {mapped(text, 编号="长" * 300 + end, 名称="题").row_key for end in "甲乙"}
    assert len(keys) == 2
    assert all(len(key) <= 200 for key in keys)


def test_names_too_long_are_told_not_dropped() -> None:
    draft = mapped(shipped_mappings()["organisations"].read_text(), 代码="1", 名称="甲大学", 别名="长" * 201)
    assert [r.reason for r in draft.rejects] == ["名称长达 201 字"]
    with pytest.raises(RejectedRecordError, match="超过上限"):
        mapped(shipped_mappings()["organisations"].read_text(), 代码="1", 名称="长" * 10_000)


SECRET = "13900001111"


@pytest.mark.parametrize(
    ("column", "value"),
    [("性别", f"男{SECRET}"), ("出生年", SECRET), ("出生年", "3019"), ("手机", f"电{SECRET}"), ("邮箱", SECRET)],
)
def test_restricted_values_stand_in_no_reject(column: str, value: str) -> None:
    draft = mapped(shipped_mappings()["roster"].read_text(), 姓名="甲", **{column: value})
    assert [(r.column, r.value, r.reason) for r in draft.rejects] == [(column, HIDDEN, "值不符合要求")]


def test_restricted_values_stand_in_no_rejected_record_and_no_key() -> None:
    text = """
row_key = ["电话"]
[[entity]]
type = "Person"
written = "姓名"
set.phone = { from = "电话", required = true, pattern = "[0-9]{3}" }
"""
    with pytest.raises(RejectedRecordError) as caught:
        mapped(text, 姓名="甲", 电话=SECRET)
    assert SECRET not in f"{caught.value.value}{caught.value.reason}"
    assert "139" not in mapped(text, 姓名="甲", 电话="139").row_key


def test_the_text_of_an_unreadable_row_is_hidden_where_the_table_has_restricted_columns(tmp_path: Path) -> None:
    path = tmp_path / "名册.csv"
    path.write_text(f"姓名,手机\n甲,1\n{SECRET},乙,多,余\n", encoding="utf-8")
    source = TableSource(load_mapping(shipped_mappings()["roster"]))
    bad = [item for item in source.fetch(path) if isinstance(item, Unreadable)]
    assert bad
    assert all(SECRET not in item.value for item in bad)


# --- mappings that are wrong -----------------------------------------------------------------------------------------

ENTITY = '[[entity]]\ntype = "Organisation"\nwritten = "单位"\n'
PERSON = '[[entity]]\nas = "p"\ntype = "Person"\nwritten = "姓名"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "没有任何 entity"),
        ("a = [", "不是正确的 TOML"),
        ("a = " + "[" * 5_000, "不是正确的 TOML"),
        (f'typo = 1\n{ENTITY}', "不认识的项：typo"),
        (f'{ENTITY}typo = 1', "不认识的项：typo"),
        (f'zh = 3\n{ENTITY}', "zh 应是一段文字"),
        (f'precedence = "x"\n{ENTITY}', "precedence"),
        (f'precedence = 0\n{ENTITY}', "precedence"),
        (f'header_row = true\n{ENTITY}', "header_row"),
        (f'format = "doc"\n{ENTITY}', "format 只能是"),
        (f'encoding = "latin-1"\n{ENTITY}', "encoding 只能是"),
        (f'sheet = 1\n{ENTITY}', "sheet"),
        (f'unique = 1\n{ENTITY}', "unique 应是 true 或 false"),
        (f'aliases = 3\n{ENTITY}', "aliases 应是一个表"),
        (f'aliases."单位" = [1]\n{ENTITY}', "应是一段文字或文字的列表"),
        (f'row_key = [[1]]\n{ENTITY}', "应是列名或一个表"),
        (f'set.name = "x"\n{ENTITY}', "没有属性 name"),
        ('entity = 3', "entity 应是一个表"),
        ('[[entity]]\ntype = "Unicorn"', "没有可导入的类型 Unicorn"),
        ('[[entity]]\ntype = "Account"', "没有可导入的类型 Account"),
        ('[[entity]]\ntype = "Person"', "要写 written"),
        ('[[entity]]\ntype = "Region"', "要写 key"),
        (f'{ENTITY}reference = "guess"', "reference 只能是"),
        (f'{ENTITY}reference = "key"', "要写 key"),
        (f'{PERSON}reference = "name"', "不能引用"),
        (f'{ENTITY}labels = ["Expert"]', "没有附加标签 Expert"),
        (f'{ENTITY}set.colour = "x"', "没有属性 colour"),
        (f'{ENTITY}set.founded_year = {{ const = "很久以前" }}', "const 不能用"),
        (f'{ENTITY}set.name = {{ typo = 1, from = "x" }}', "不认识的项：typo"),
        (f'{ENTITY}set.name = {{ map = 3, from = "x" }}', "应是一个表"),
        (f'{ENTITY}set.name = {{ map = {{ a = [1] }}, from = "x" }}', "应是一个值"),
        (f'{ENTITY}set.name = {{ from = 3 }}', "应是一段文字"),
        (f'{ENTITY}set.name = {{ }}', "没有说值从哪里来"),
        (f'{ENTITY}set.name = {{ from = "x", times = "很多" }}', "times 应是一个数"),
        (f'{ENTITY}set.name = {{ from = "x", as = "magic" }}', "不认识 as"),
        (f'{ENTITY}set.name = {{ from = "x", split = "(" }}', "正则表达式不对"),
        (f'{ENTITY}set.name = {{ from = "x", split = "a{{99999999999999}}" }}', "正则表达式不对"),
        (f'{ENTITY}set.name = {{ from = "x", otherwise = "maybe" }}', "otherwise 只能是"),
        (f'{ENTITY}set.name = {{ from = "x", required = "ja" }}', "required 应是"),
        (f'{ENTITY}issued = "x"', "不能写 issued"),
        ('[[entity]]\ntype = "Honour"\nkey = "x"\nperiod = "x"', "不能写 period"),
        (f'{ENTITY}employers = ["x"]', "只有 Person 可写 employers"),
        (f'{PERSON}employers = ["x"]', "不是 Organisation"),
        (f'{PERSON}employers = ["organisation"]\n{ENTITY}', "没有对应的 AFFILIATED_WITH"),
        (f'{PERSON}register = true', "不能写 register"),
        (f'{ENTITY}{ENTITY}', "有两个名为 organisation 的 entity"),
        (f'{ENTITY}[[link]]\ntype = "LOVES"', "没有关系 LOVES"),
        (f'{ENTITY}[[link]]\ntype = "ASSERTS"', "没有关系 ASSERTS"),
        (f'{ENTITY}[[link]]\ntype = "PART_OF"\nstart = "organisation"\nend = "x"', "没有名为 x 的 entity"),
        (f'{ENTITY}{PERSON}[[link]]\ntype = "PART_OF"\nstart = "p"\nend = "organisation"', "不能从 Person 到"),
    ],
)  # fmt: skip
def test_every_kind_of_broken_mapping_says_what_is_wrong(text: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_mapping(text, "坏映射")
    assert said in str(caught.value)


def test_files_that_are_no_mapping(tmp_path: Path) -> None:
    (tmp_path / "gbk.toml").write_bytes("zh = '机构'".encode("gbk"))
    for path in (tmp_path / "无.toml", tmp_path, tmp_path / "gbk.toml"):
        with pytest.raises(InputError, match="读不到映射文件"):
            load_mapping(path)


def test_shipped_and_example_mappings_compile() -> None:
    paths = [*shipped_mappings().values(), *sorted(EXAMPLES.glob("*.toml"))]
    assert len(paths) >= 17
    for path in paths:
        mapping = load_mapping(path)
        assert mapping.columns()
        assert mapping.zh != mapping.name
