"""The graph, declared once: from here come schema, merge statements, checks of mappings, and `docs/schema.md`.

The labels, relationships and properties are those of the design's graph model; later issues add theirs here and nowhere
else. Dates are ISO text (`2019-01-01`), moments ISO text in UTC: the engines differ in how they give temporals back
(measured: ArcadeDB 26.10 drops the zone of a stored datetime), text compares alike on all of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from math import isfinite
from typing import Final, Literal, cast

from graph.errors import InputError

Scalar = str | int | float | bool
Value = Scalar | list[str] | None

# One property longer than this is a mistake in the file (a whole column in a cell), not a fact.
LONGEST_TEXT: Final = 100_000
# Neo4j refuses to index more than 8,167 bytes (Operations Manual, "Limitations" of range indexes); no name comes near.
LONGEST_INDEXED: Final = 2_000

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")


class Kind(StrEnum):
    """What a property may hold."""

    TEXT = "text"
    TEXTS = "texts"
    INTEGER = "integer"
    NUMBER = "number"
    FLAG = "flag"
    DATE = "date"
    MOMENT = "moment"
    BYTES = "bytes"


@dataclass(frozen=True, slots=True)
class Property:
    """One property: its type, what it means in Chinese and English, and how it is treated.

    `indexed` makes an index; `searched` puts its words into the text index; `restricted` keeps it out of rows, logs,
    errors, exports and pictures unless a caller names a purpose. What a source says of a list that `adds` is put to
    what it said before, where otherwise the newer value stands in the place of the older.
    """

    name: str
    kind: Kind
    zh: str
    en: str
    indexed: bool = False
    searched: bool = False
    restricted: bool = False
    adds: bool = False
    textual: bool = field(init=False, repr=False, compare=False)
    longest: int = field(init=False, repr=False, compare=False)
    """Characters that a text, or each text of a list, may have."""

    def __post_init__(self) -> None:
        _checked(self.name)
        # Looked at for every value that is written: an enum's hash costs more than the check.
        object.__setattr__(self, "textual", self.kind in (Kind.TEXT, Kind.DATE, Kind.MOMENT))
        object.__setattr__(self, "longest", LONGEST_INDEXED if self.indexed else LONGEST_TEXT)


@dataclass(frozen=True, slots=True)
class SecondLabel:
    """A label that a node may carry beside its first one (Expert on Person), with properties of its own."""

    label: str
    zh: str
    en: str
    properties: tuple[Property, ...] = ()

    def __post_init__(self) -> None:
        _checked(self.label)


@dataclass(frozen=True, slots=True)
class NodeType:
    """One label: its key, id prefix, properties, second labels; `working` marks data about data.

    `document` names the kind of text-index document made from it, if any.
    """

    label: str
    zh: str
    en: str
    properties: tuple[Property, ...]
    key: str = "id"
    prefix: str = ""
    seconds: tuple[SecondLabel, ...] = ()
    working: bool = False
    document: Literal["", "work", "person", "organisation"] = ""
    by_name: dict[str, Property] = field(init=False, repr=False, compare=False, hash=False)

    def __post_init__(self) -> None:
        _checked(self.label)
        _checked(self.key)
        everything = [*self.properties, *(p for second in self.seconds for p in second.properties)]
        names = {p.name: p for p in everything}
        if len(names) != len(everything):
            raise ValueError(f"{self.label} declares a property twice")
        object.__setattr__(self, "by_name", names)

    def __hash__(self) -> int:
        return hash(self.label)


@dataclass(frozen=True, slots=True)
class RelationshipType:
    """One relationship type, read from start to end.

    `ends` are the allowed (start label, end label) pairs. `few` names the end with few relationships of this type,
    where MERGE starts (from a hub ArcadeDB scans all edges: 141/s against 24,000/s). `touches` names the end whose
    text-index document changes with it.
    """

    name: str
    zh: str
    en: str
    ends: tuple[tuple[str, str], ...]
    few: Literal["start", "end"]
    properties: tuple[Property, ...] = ()
    touches: Literal["", "start", "end"] = ""
    working: bool = False
    by_name: dict[str, Property] = field(init=False, repr=False, compare=False, hash=False)

    def __post_init__(self) -> None:
        _checked(self.name)
        object.__setattr__(self, "by_name", {p.name: p for p in self.properties})

    def __hash__(self) -> int:
        return hash(self.name)


def _checked(name: str) -> str:
    if not _NAME.match(name):
        raise ValueError(f"not a name: {name!r}")
    return name


def _text(name: str, zh: str, en: str, **flags: bool) -> Property:
    return Property(name, Kind.TEXT, zh, en, **flags)


def _texts(name: str, zh: str, en: str, **flags: bool) -> Property:
    return Property(name, Kind.TEXTS, zh, en, **flags)


def _integer(name: str, zh: str, en: str, **flags: bool) -> Property:
    return Property(name, Kind.INTEGER, zh, en, **flags)


def _flag(name: str, zh: str, en: str) -> Property:
    return Property(name, Kind.FLAG, zh, en)


def _date(name: str, zh: str, en: str) -> Property:
    return Property(name, Kind.DATE, zh, en)


def _moment(name: str, zh: str, en: str) -> Property:
    return Property(name, Kind.MOMENT, zh, en)


# valid_from is the first possible day, valid_to the day after the last possible one; null means unknown (settled).
VALIDITY: Final = (
    _date("valid_from", "最早可能的起始日", "first possible day"),
    _date("valid_to", "最晚可能的结束日的次日", "day after the last possible day"),
    _text("valid_from_precision", "起始日精度（day, month, year）", "precision of valid_from"),
    _text("valid_to_precision", "结束日精度（day, month, year）", "precision of valid_to"),
)

# Carried by every node of the domain; derived when a claim does not say them.
COMMON: Final = (
    _text("library", "所属子库/分库", "sub-library or branch library that owns the record"),
    _text("visibility", "可见范围（public, members, staff, restricted）", "who may see the record"),
    _flag("fictional", "虚构示例数据", "fictional sample data"),
)
COMMON_DEFAULTS: Final[dict[str, Scalar]] = {"library": "main", "visibility": "public"}

# Kept by `merge` itself on every node of the domain.
SYSTEM: Final = (
    _integer("seq", "最近一次改动的审计序号", "number of the last write that changed its document", indexed=True),
    _flag("tombstone", "已无任何来源主张（墓碑）", "no source claims it any more"),
)

PERSON: Final = NodeType(
    "Person",
    "人",
    "anyone the graph knows of",
    (
        _text("name", "姓名", "name as shown", searched=True),
        _text("name_key", "归一化姓名", "normalised name, for matching", indexed=True),
        _text("orcid", "ORCID", "ORCID iD, bare", indexed=True),
        _texts("external_ids", "外部平台编号（平台:编号）", "ids on other platforms, as platform:id", adds=True),
        _texts(
            "records", "登记该人的记录（来源|行|位置）", "mention ids of the rows about the person itself", adds=True
        ),
        _text("work_kind", "工作类型", "kind of work"),
        _text("gender", "性别", "gender, as declared, never inferred", restricted=True),
        _integer("birth_year", "出生年", "year of birth", restricted=True),
        _text("email", "电子邮箱", "e-mail address", restricted=True),
        _text("phone", "电话", "telephone number", restricted=True),
        _integer("max_jobs", "同时最多承担的任务数（自报）", "jobs taken on at a time, as declared", indexed=True),
        *COMMON,
    ),
    prefix="P",
    seconds=(
        SecondLabel(
            "Expert",
            "专家",
            "in or proposed for the expert library",
            (
                _text("professional_title", "职称", "professional title"),
                _text("tier", "层次（院士, leading, backbone, young）", "tier of talent"),
                _text("expert_kind", "专家类别", "researcher, engineer, technology manager, front line"),
                _texts("fields", "研究方向（自报）", "declared fields", searched=True),
                _text("summary", "简介", "summary", searched=True),
                _text("status", "状态（candidate, admitted, suspended, left）", "status in the library"),
                _date("admitted_on", "入库日期", "day of admission"),
                _date("verified_on", "最近核实日期", "day of last verification"),
            ),
        ),
    ),
    document="person",
)

NAME: Final = NodeType(
    "Name",
    "名称",
    "a further name of a person or body, with its time",
    (
        _text("text", "名称", "the name"),
        _text("text_key", "归一化名称", "normalised, for matching", indexed=True),
        _text("lang", "语言", "language"),
        _text("script", "文字", "script"),
        _text("kind", "种类（former 曾用名, alias, english, abbreviation）", "kind of name"),
        *VALIDITY,
        *COMMON,
    ),
    prefix="N",
)

ORGANISATION: Final = NodeType(
    "Organisation",
    "组织机构",
    "any body",
    (
        _text("name", "名称", "name as shown", searched=True),
        _text("name_key", "归一化名称", "normalised, for matching", indexed=True),
        _text("kind", "类别", "university, institute, society, association, hospital, enterprise, department …"),
        _text("level", "层级（national, province, city, county, township）", "level"),
        _flag("is_legal_entity", "是否法人单位", "whether it is a legal entity"),
        _flag("verified", "已核实（非自动由字符串建立）", "known from a register, not made from a bare string"),
        _text("uscc", "统一社会信用代码", "unified social credit code", indexed=True),
        _text("ror", "ROR 编号", "ROR id, bare", indexed=True),
        _texts("external_ids", "外部平台编号（平台:编号）", "ids on other platforms, as platform:id", adds=True),
        _text("status", "状态", "status"),
        _text("grade", "等级", "grade"),
        _text("website", "网址", "website"),
        _integer("founded_year", "成立年份", "year founded"),
        # When it existed, where somebody says so: an abolished body has no successor that could carry the day.
        *VALIDITY,
        *COMMON,
    ),
    prefix="O",
    seconds=(
        SecondLabel(
            "Society",
            "学会",
            "a learned society",
            (
                _text("society_code", "学会代码", "code in the association's register", indexed=True),
                _text("category", "学科门类（理, 工, 农, 医, 交叉）", "category"),
            ),
        ),
    ),
    document="organisation",
)

REGION: Final = NodeType(
    "Region",
    "行政区划与功能区",
    "region by GB/T 2260 or another scheme",
    (
        _text("name", "名称", "name", indexed=True),
        _text("level", "层级（province, city, county）", "level"),
        _text("scheme", "编码体系", "scheme of the code"),
        *VALIDITY,
        *COMMON,
    ),
    key="code",
)

TOPIC: Final = NodeType(
    "Topic",
    "主题/学科",
    "topic in a scheme; id = scheme:code",
    (
        _text("scheme", "体系", "scheme"),
        _text("code", "代码", "code in the scheme"),
        _text("name", "名称", "name", indexed=True, searched=True),
        _integer("level", "层级", "level, 1 = top"),
        _text("note", "说明", "note"),
        *COMMON,
    ),
)

_WORK_TEXT: Final = (
    _text("title", "题名", "title", searched=True),
    _text("abstract", "摘要", "abstract", searched=True),
    _texts("keywords", "关键词", "keywords", searched=True),
    _text("kind", "种类", "kind"),
    _integer("year", "年份", "year"),
)

OUTPUT: Final = NodeType(
    "Output",
    "成果",
    "paper, report, patent, standard, book, proposal, suggestion …",
    (
        *_WORK_TEXT,
        _date("issued_on", "发表日期（最早可能）", "first possible day of issue"),
        _text("issued_precision", "发表日期精度", "precision of issued_on"),
        _text("venue", "刊物/会议/出版社", "venue"),
        _text("doi", "DOI", "DOI, bare, lower case", indexed=True),
        _texts("external_ids", "外部平台编号（平台:编号）", "ids on other platforms, as platform:id", adds=True),
        _text("lang", "语言", "language"),
        *COMMON,
    ),
    prefix="W",
    document="work",
)

PROJECT: Final = NodeType(
    "Project",
    "课题/项目",
    "funded or commissioned work",
    (
        *_WORK_TEXT,
        _text("number", "项目编号", "project number", indexed=True),
        _text("programme", "计划/基金", "programme or fund"),
        _text("discipline", "学科（原文）", "discipline as written"),
        _text("stage", "阶段", "stage"),
        _integer("funding_yuan", "经费（元）", "funding in yuan"),
        *VALIDITY,
        *COMMON,
    ),
    prefix="J",
    document="work",
)

HONOUR: Final = NodeType(
    "Honour",
    "荣誉/称号",
    "talent title or award",
    (
        _text("name", "名称", "name", indexed=True),
        _text("issuer", "授予单位", "issuer"),
        _text("level", "级别", "level"),
        *COMMON,
    ),
    prefix="H",
)

ACCOUNT: Final = NodeType(
    "Account",
    "账户",
    "an actor of writes and panel steps",
    (
        _text("name", "名称", "name", indexed=True),
        _texts("roles", "角色", "roles"),
        Property("token_hash", Kind.TEXT, "令牌散列", "SHA-256 of the token", indexed=True, restricted=True),
        _moment("created_at", "建立时间", "made at"),
        _moment("revoked_at", "撤销时间", "revoked at"),
    ),
    prefix="A",
    working=True,
)

SOURCE: Final = NodeType(
    "Source",
    "来源",
    "a (kind, dataset name) that claims facts",
    (
        _text("kind", "来源种类", "kind of source"),
        _text("dataset", "数据集名", "name of the dataset"),
        _integer("precedence", "优先级，小者优先", "which claim is shown, smaller first"),
    ),
    working=True,
)

RUN: Final = NodeType(
    "Run",
    "导入",
    "one ingest",
    (
        _text("source", "来源", "source id", indexed=True),
        _text("file", "文件名", "name of the file"),
        _text("mapping", "映射名", "name of the mapping"),
        _text("digest", "文件与映射的 SHA-256", "SHA-256 of file and mapping", indexed=True),
        _text("status", "状态（running, complete, undone）", "status"),
        _text("actor", "操作者", "actor"),
        _moment("started_at", "开始时间", "started at"),
        _moment("finished_at", "结束时间", "finished at"),
        _integer("read", "读入记录数", "records read"),
        _integer("created", "新建数", "elements created"),
        _integer("changed", "改动数", "elements changed"),
        _integer("unchanged", "未变数", "elements unchanged"),
        _integer("rejected", "拒收数", "records or values rejected"),
        _integer("cursor", "已写入的记录数", "records whose facts are written; where a resumed run goes on"),
    ),
    working=True,
)

BATCH: Final = NodeType(
    "Batch",
    "批次",
    "one write transaction of a run, with its before-images",
    (
        _integer("seq", "审计序号", "audit number", indexed=True),
        _text("run", "导入", "run id", indexed=True),
        _text("source", "来源", "source id"),
        _integer("elements", "触及的主张与关系数", "claims and relationships touched"),
        Property("images", Kind.BYTES, "前像（压缩 JSON）", "before-images, compressed JSON", restricted=True),
        _integer("undone_by", "撤销它的审计序号", "number of the write that undid it"),
    ),
    working=True,
)

REJECTED: Final = NodeType(
    "Rejected",
    "拒收",
    "a record or value that was not taken, with the reason",
    (
        _text("run", "导入", "run id", indexed=True),
        _text("file", "文件", "file"),
        _text("sheet", "工作表", "sheet"),
        _integer("row", "行", "row"),
        _text("column", "列", "column"),
        Property("value", Kind.TEXT, "值（截短）", "value, shortened", restricted=True),
        _text("reason", "原因", "reason"),
    ),
    working=True,
)

JOB: Final = NodeType(
    "Job",
    "长任务",
    "long work with a lease",
    (
        _text("kind", "种类", "kind", indexed=True),
        _text("status", "状态（queued, running, done, failed, cancelled）", "status", indexed=True),
        _text("parameters", "参数（JSON）", "parameters, JSON"),
        _text("actor", "操作者", "actor"),
        _text("holder", "持有者", "holder of the lease"),
        _moment("expires_at", "租约到期", "end of the lease"),
        _integer("done", "已完成量", "units done"),
        _integer("total", "总量", "units in all"),
        _text("cursor", "续做位置", "where to resume"),
        _flag("cancel_requested", "已请求取消", "cancel was asked for"),
        _text("result", "结果（JSON）", "result, JSON"),
        _text("error", "错误", "error"),
        _moment("created_at", "建立时间", "made at"),
    ),
    working=True,
)

DECISION: Final = NodeType(
    "Decision",
    "身份决定",
    "a person's word on whether two things are the same; outlives undo and import",
    (
        _text("kind", "种类（organisation_name …）", "what subject and object are"),
        _text("subject", "一端（归一化的字符串或提及编号）", "folded string or mention id", indexed=True),
        _text("object", "另一端（机构编号或提及编号）", "id of a body or mention id"),
        _text("outcome", "结论（same 是, different 不是）", "same or different"),
        _text("decided_by", "决定人", "actor"),
        _text("reason", "理由", "reason"),
        _moment("decided_at", "时间", "time"),
        _text("batch", "同时写入的批次", "batch written with it; undone with it", indexed=True),
        _text("replaced_by", "被哪个后来的回答取代", "later answer in its place until undone", indexed=True),
    ),
    working=True,
)
REVIEW_QUESTION: Final = NodeType(
    "ReviewQuestion",
    "待确认问题",
    "what a person is asked about identity; derived anew for the names of every import",
    (
        _text("kind", "种类（same 是否同一人, split 是否两个人）", "same: are two one; split: is one two"),
        _text("name_key", "归一化姓名", "block key", indexed=True),
        _text("left", "一方（人的编号）", "id of a person"),
        _text("right", "另一方（人的编号；split 时为空）", "id of the other person; empty for split"),
        _text("left_mention", "一方的署名", "mention of the left person that speaks most for it"),
        _text("right_mention", "另一方的署名", "mention of the right person that speaks most for it"),
        _texts("mentions", "拟分出的署名（split）", "mentions that would leave (split)"),
        Property("points", Kind.NUMBER, "最像的一对的分数", "points of the best pair"),
        Property("average", Kind.NUMBER, "平均分", "floored average of all pairs"),
        _integer("decides", "回答决定的署名对数", "pairs of mentions that an answer settles"),
        _text("postponed_by", "暂缓的人", "who said later"),
        _text("answered_by", "回答的编号", "number of its answer; taking that back opens the question again"),
    ),
    working=True,
)

ANALYSIS: Final = NodeType(
    "Analysis",
    "分析结果",
    "how far a long computation has come, and on what it stands",
    (
        _text("kind", "种类", "kind"),
        _text("version", "所依据数据的版本", "version of what it was computed with"),
        _text("made_on", "计算日期", "day"),
        _integer("works", "当时的成果与项目数", "outputs and projects at that time"),
        _integer("seq", "已处理到的审计序号", "number of the last write it has seen"),
    ),
    working=True,
)
AUDIT_HEAD: Final = NodeType(
    "AuditHead",
    "审计链头",
    "the last audit number and hash; id of the store",
    (
        _integer("number", "最后序号", "last number"),
        _text("hash", "最后散列", "last hash"),
        _text("store_id", "库编号", "random id of the store"),
        Property("store_key", Kind.TEXT, "库密钥（十六进制）", "key ids are made with, hex", restricted=True),
        _integer("schema", "模型版本", "version of the model"),
    ),
    working=True,
)

AUDIT_EVENT: Final = NodeType(
    "AuditEvent",
    "审计事件",
    "one per write transaction, hash-chained",
    (
        _moment("at", "时间", "time"),
        _text("actor", "操作者", "actor"),
        _text("action", "动作", "action"),
        _text("subject", "对象", "batch or subject"),
        _text("images_sha256", "前像的 SHA-256", "SHA-256 of the before-images"),
        _text(
            "rewritten",
            "改写了前像的批次（批次 散列，每行一个）",
            "batches whose before-images it rewrote: id and SHA-256",
        ),
        _text("previous", "前一事件散列", "hash of the predecessor"),
        _text("hash", "散列", "hash"),
    ),
    key="number",
    working=True,
)

AVAILABILITY: Final = NodeType(
    "Availability",
    "可用时间",
    "a period in which somebody said to be free, or not",
    (
        _text("state", "状态（free 有空, busy 没空）", "free or busy", indexed=True),
        *VALIDITY,
        _text("note", "说明", "note"),
        _date("said_on", "说明日期", "day on which it was said"),
        *COMMON,
    ),
    prefix="T",
)
NOMINATION: Final = NodeType(
    "Nomination",
    "举荐",
    "somebody puts a person forward, with a reason",
    (
        _text("nominator", "举荐人或单位", "who nominates"),
        _text("programme", "举荐到（计划、库、称号）", "for what"),
        _text("reason", "理由", "reason"),
        _date("nominated_on", "举荐日期", "day"),
        _text(
            "status", "状态（proposed 待定, accepted 采纳, declined 未采纳, withdrawn 撤回）", "status", indexed=True
        ),
        _texts("history", "经过（时间|操作者|状态|理由）", "what became of it: moment|actor|status|reason", adds=True),
        _text("entered_by", "录入者", "actor who entered it"),
        *COMMON,
    ),
    prefix="G",
)
SAVED_LIST: Final = NodeType(
    "SavedList",
    "名单",
    "people or organisations kept under a name, with the question that found them",
    (
        _text("name", "名称", "name", indexed=True),
        _text("kind", "列的是什么（experts 专家, organisations 机构）", "what it lists"),
        _text("purpose", "用途（selection 备选, job 任务, cohort 跟踪梯队）", "what it is for", indexed=True),
        _text("question", "问题", "question as asked"),
        _text("filters", "筛选条件（JSON）", "filters, JSON"),
        _text("ranking", "排序版本", "version of the ranking"),
        _integer("sequence", "文本索引所见的审计序号", "number of the last write that the text index had seen"),
        _date("saved_on", "保存日期", "day"),
        _text("saved_by", "保存者", "actor"),
        _date("valid_from", "任务起始日", "first day of the job"),
        _date("valid_to", "任务结束日的次日", "day after the last day of the job"),
        _text("copied_from", "复制自（名单编号）", "list that it was copied from"),
        _text("frozen", "冻结的内容（规范 JSON）", "content as frozen, canonical JSON"),
        _text("frozen_hash", "冻结内容的 SHA-256", "SHA-256 of the frozen content", indexed=True),
        _date("frozen_on", "冻结日期", "day of freezing"),
        _text("frozen_by", "冻结者", "actor who froze it"),
        _integer("frozen_seq", "冻结的审计序号", "number of the write that froze it"),
    ),
    prefix="L",
    working=True,
)
COHORT_SNAPSHOT: Final = NodeType(
    "CohortSnapshot",
    "梯队年度快照",
    "the figures of a cohort's members in a year, frozen",
    (
        _text("list", "名单编号", "list", indexed=True),
        _integer("year", "年份", "year"),
        _date("made_on", "生成日期", "day"),
        _text("made_by", "生成者", "actor"),
        _text("content", "内容（规范 JSON）", "content, canonical JSON"),
        _text("hash", "内容的 SHA-256", "SHA-256 of the content"),
    ),
    prefix="K",
    working=True,
)

_MENTION: Final = (
    _text("mention", "提及编号（来源|行|位置）", "mention id: source | row key | position", indexed=False),
    _text("name_as_written", "原文姓名", "name as written"),
    _text("affiliation_as_written", "原文单位", "affiliation as written"),
    _text("title_as_written", "原文职称", "professional title as written"),
    _texts("organisations", "原文单位对应的机构编号", "ids of the organisations the affiliation was matched to"),
    _integer("position", "次序", "position, from 1"),
)

AUTHORED: Final = RelationshipType(
    "AUTHORED",
    "著",
    "author of an output; a mention",
    (("Person", "Output"),),
    few="end",
    properties=(*_MENTION, _flag("corresponding", "通讯作者", "corresponding author")),
    touches="end",
)
LED: Final = RelationshipType(
    "LED",
    "主持",
    "led a project; a mention",
    (("Person", "Project"),),
    "end",
    (*_MENTION, _text("role", "角色", "role")),
    "end",
)
PARTICIPATED_IN: Final = RelationshipType(
    "PARTICIPATED_IN",
    "参加",
    "took part in a project; a mention",
    (("Person", "Project"),),
    "end",
    (*_MENTION, _text("role", "角色", "role")),
    "end",
)
AFFILIATED_WITH: Final = RelationshipType(
    "AFFILIATED_WITH",
    "任职于",
    "a post in an employer",
    (("Person", "Organisation"),),
    "start",
    (
        _text("role", "职务", "role"),
        _text("mode", "方式（full-time, part-time, 柔性）", "mode"),
        _text("department", "部门（原文）", "department as written"),
        _integer("observed_year", "见于哪一年的成果", "year of the work that says so"),
        *VALIDITY,
    ),
    "start",
)
MEMBER_OF: Final = RelationshipType(
    "MEMBER_OF",
    "属于（学会、联合体等）",
    "person or body in a society or group",
    (("Person", "Organisation"), ("Organisation", "Organisation")),
    "start",
    (_text("role", "职务", "role"), _text("status", "状态", "status"), *VALIDITY),
    "start",
)
HAS_NAME: Final = RelationshipType(
    "HAS_NAME", "又名", "further name", (("Person", "Name"), ("Organisation", "Name")), "end", (), "start"
)
EXPERT_IN: Final = RelationshipType(
    "EXPERT_IN",
    "专长",
    "field of a person",
    (("Person", "Topic"),),
    "start",
    (_text("level", "程度", "level"), _flag("declared", "自报", "declared by the person")),
    "start",
)
HAS_HONOUR: Final = RelationshipType(
    "HAS_HONOUR",
    "获得",
    "holds a title or award",
    (("Person", "Honour"),),
    "start",
    (_integer("year", "年份", "year"), _text("division", "学部/组别", "division")),
    "start",
)
PART_OF: Final = RelationshipType(
    "PART_OF",
    "隶属",
    "department in body, region in region",
    (("Organisation", "Organisation"), ("Region", "Region")),
    "start",
    VALIDITY,
    "start",
)
LOCATED_IN: Final = RelationshipType(
    "LOCATED_IN",
    "位于",
    "body in region",
    (("Organisation", "Region"),),
    "start",
    (),
    "start",
)
SUCCEEDED_BY: Final = RelationshipType(
    "SUCCEEDED_BY",
    "沿革为",
    "renamed, merged, split, abolished",
    (("Organisation", "Organisation"),),
    "start",
    (
        _text("kind", "种类（renamed 更名, merged 并入, split 拆分, abolished 撤销）", "what happened"),
        _date("on", "日期（最早可能的一天）", "first possible day"),
        _text("basis", "依据", "document that says so"),
    ),
    "start",
)
HOSTED_BY: Final = RelationshipType(
    "HOSTED_BY",
    "挂靠于",
    "body that houses a society or platform",
    (("Organisation", "Organisation"),),
    "start",
    VALIDITY,
)
GUIDES: Final = RelationshipType(
    "GUIDES",
    "业务指导",
    "upper body guides lower body",
    (("Organisation", "Organisation"),),
    # One body guides hundreds, each of which has one guide.
    "end",
    VALIDITY,
)
BROADER: Final = RelationshipType("BROADER", "上位", "broader topic", (("Topic", "Topic"),), "start")
ABOUT: Final = RelationshipType(
    "ABOUT",
    "关于",
    "work about a topic, record about a demand",
    (("Output", "Topic"), ("Project", "Topic"), ("Interaction", "Demand")),
    "start",
    (Property("weight", Kind.NUMBER, "权重", "weight"), _text("method", "方法", "how it was found")),
)
PRODUCED: Final = RelationshipType("PRODUCED", "产出", "project's output", (("Project", "Output"),), "end")
OFFERS: Final = RelationshipType(
    "OFFERS",
    "提供",
    "offers or has done a service",
    (("Organisation", "Service"), ("Person", "Service")),
    "end",
)
NEEDS: Final = RelationshipType(
    "NEEDS",
    "需要",
    "demand needs knowledge of a topic, or a service",
    (("Demand", "Topic"), ("Demand", "Service")),
    "start",
    (_text("method", "方法（declared 填报, diagnosed 诊断确认）", "how it was found"),),
)
RAISED_BY: Final = RelationshipType(
    "RAISED_BY",
    "由…提出",
    "who raised the demand",
    (("Demand", "Organisation"), ("Demand", "Person")),
    "start",
)
ANSWERS: Final = RelationshipType(
    "ANSWERS",
    "答复",
    "answers a demand",
    (
        ("Output", "Demand"),
        ("Project", "Demand"),
        ("Person", "Demand"),
        ("Organisation", "Demand"),
        ("Team", "Demand"),
        ("Service", "Demand"),
    ),
    "end",
    (_date("on", "日期", "day"), _text("note", "说明", "note"), _text("actor", "记录人", "who recorded it")),
)
ON_TEAM: Final = RelationshipType(
    "ON_TEAM",
    "团队成员",
    "member of a team",
    (("Person", "Team"),),
    "end",
    (_text("role", "角色", "role"), *VALIDITY),
)
COVERS: Final = RelationshipType("COVERS", "覆盖", "team covers a topic", (("Team", "Topic"),), "start")
SERVES: Final = RelationshipType("SERVES", "服务于", "team serves a region", (("Team", "Region"),), "start")
COMMISSIONED_BY: Final = RelationshipType(
    "COMMISSIONED_BY", "受…委托", "body that commissioned a project", (("Project", "Organisation"),), "start"
)
MERGED_INTO: Final = RelationshipType(
    "MERGED_INTO",
    "并入",
    "the id redirects for ever",
    (("Person", "Person"), ("Organisation", "Organisation"), ("Output", "Output")),
    "start",
    touches="start",
)
HAS_AVAILABILITY: Final = RelationshipType(
    "HAS_AVAILABILITY", "可用时间", "when the person is free or busy", (("Person", "Availability"),), "end"
)
NOMINATES: Final = RelationshipType("NOMINATES", "举荐", "who is put forward", (("Nomination", "Person"),), "start")
CITES_WORK: Final = RelationshipType(
    "CITES_WORK",
    "举荐依据",
    "work that speaks for the nominated",
    (("Nomination", "Output"), ("Nomination", "Project")),
    "start",
)
LISTS: Final = RelationshipType(
    "LISTS",
    "列入",
    "a saved list has this member",
    (("SavedList", "Person"), ("SavedList", "Organisation")),
    "start",
    (
        _integer("rank", "名次", "rank, from 1"),
        Property("score", Kind.NUMBER, "得分", "score"),
        _text("note", "批注", "note"),
        _flag("by_hand", "人工添加", "put in by hand"),
        _text("reason", "人工添加的理由", "why it was put in by hand"),
        _text("added_by", "添加者", "actor"),
        _date("added_on", "添加日期", "day"),
    ),
    working=True,
)

SERVICE: Final = NodeType(
    "Service",
    "科技服务",
    "what a body or person can be asked for or has done",
    (
        _text("kind", "种类（论证, 评估, 标准, 资格认定, 咨询）", "kind, in the words of the register", indexed=True),
        _text("title", "名称", "title"),
        _text("description", "说明", "description"),
        _text("client", "委托方（原文）", "for whom it was done, as written"),
        _text("evidence", "依据（合同、文号、验收意见）", "contract, document or report that shows it"),
        _flag("verified", "依据已核实", "somebody has looked at the evidence"),
        _text("verified_by", "核实人", "who has looked at the evidence"),
        _date("verified_on", "核实日期", "day of the verification"),
        *VALIDITY,
        *COMMON,
    ),
    prefix="S",
)
DEMAND: Final = NodeType(
    "Demand",
    "需求（问题库、选题库）",
    "a problem, need or proposed topic",
    (
        _text("kind", "种类（problem 问题, topic 选题, need 需求）", "kind"),
        _text("title", "题目", "title"),
        _text("description", "说明", "description"),
        _text("from_whom", "提出方（原文）", "who raised it, as written"),
        _text("urgency", "紧急程度（urgent 特急, high 紧急, normal 一般）", "urgency"),
        _text("service_kind", "需要的服务种类", "kind of service asked for"),
        _text("status", "状态（open, diagnosed, answered, closed）", "status", indexed=True),
        _date("raised_on", "提出日期", "day it was raised"),
        _date("deadline", "期限（最后一天）", "last day"),
        _text("diagnosis", "诊断意见", "what is really needed, in words"),
        _date("diagnosed_on", "诊断日期", "day of the diagnosis"),
        _text("diagnosed_by", "诊断人", "who diagnosed it"),
        _date("answered_on", "首次答复日期", "day of the first answer"),
        _date("closed_on", "办结日期", "day it was closed"),
        _text("outcome", "办结说明", "why it was closed"),
        *COMMON,
    ),
    prefix="D",
)
TEAM: Final = NodeType(
    "Team",
    "专家团队",
    "expert group, service corps, advisory committee",
    (
        _text("name", "名称", "name"),
        _text("kind", "种类（group 专家组, corps 服务团, committee 咨询委员会）", "kind"),
        *VALIDITY,
        *COMMON,
    ),
    prefix="T",
)
INTERACTION: Final = NodeType(
    "Interaction",
    "往来记录",
    "a recorded visit, meeting, commission, training, follow-up",
    (
        _text("kind", "种类（follow-up 跟进, visit, meeting, commission, training）", "kind"),
        _date("on", "日期", "day"),
        _text("channel", "方式（电话、走访、会议…）", "channel"),
        _text("actor", "记录人", "who recorded it"),
        _text("note", "内容", "what happened"),
        *COMMON,
    ),
    prefix="I",
)

NODES: Final[tuple[NodeType, ...]] = (
    PERSON, NAME, ORGANISATION, REGION, TOPIC, OUTPUT, PROJECT, HONOUR, ACCOUNT,
    SOURCE, RUN, BATCH, REJECTED, JOB, DECISION, REVIEW_QUESTION, ANALYSIS, AUDIT_HEAD, AUDIT_EVENT,
    SERVICE, DEMAND, TEAM, INTERACTION,
    AVAILABILITY, NOMINATION, SAVED_LIST, COHORT_SNAPSHOT,
)  # fmt: skip
DOMAIN: Final[tuple[NodeType, ...]] = tuple(node for node in NODES if not node.working)

ASSERTS: Final = RelationshipType(
    "ASSERTS",
    "主张",
    "source says this node is so",
    tuple(("Source", node.label) for node in DOMAIN),
    "end",
    (
        _text("run", "导入", "run that said it last"),
        _text("said", "主张内容（JSON）；唯一主张时为空", "what it says, JSON; empty while it is the only claim"),
        _integer("seq", "审计序号", "number of the write that said it last"),
    ),
    working=True,
)
RELATIONSHIPS: Final[tuple[RelationshipType, ...]] = (
    AUTHORED, LED, PARTICIPATED_IN, AFFILIATED_WITH, MEMBER_OF, HAS_NAME, EXPERT_IN, HAS_HONOUR, PART_OF, LOCATED_IN,
    SUCCEEDED_BY, HOSTED_BY, GUIDES, BROADER, ABOUT, PRODUCED, MERGED_INTO, ASSERTS,
    OFFERS, NEEDS, RAISED_BY, ANSWERS, ON_TEAM, COVERS, SERVES, COMMISSIONED_BY,
    HAS_AVAILABILITY, NOMINATES, CITES_WORK, LISTS,
)  # fmt: skip

# A name is one property wherever it stands, so that claims need not know their type to be put together.
ADDING: Final = frozenset(p.name for node in NODES for p in node.by_name.values() if p.adds)
NODE_BY_LABEL: Final[dict[str, NodeType]] = {node.label: node for node in NODES}
RELATIONSHIP_BY_NAME: Final[dict[str, RelationshipType]] = {r.name: r for r in RELATIONSHIPS}
# Beside those of its type, every relationship of the domain carries these, kept by `merge`.
RELATIONSHIP_SYSTEM: Final = ("source", "key", "run", "seq")


def restricted_names() -> Iterator[tuple[str, str]]:
    """Which (label, property) pairs must not leave by default?"""
    for node in NODES:
        for name, prop in node.by_name.items():
            if prop.restricted:
                yield node.label, name


_ACCEPTS: Final[dict[Kind, tuple[type, ...]]] = {
    Kind.TEXT: (str,),
    Kind.TEXTS: (list,),
    Kind.INTEGER: (int,),
    Kind.NUMBER: (int, float),
    Kind.FLAG: (bool,),
    Kind.DATE: (str,),
    Kind.MOMENT: (str,),
    Kind.BYTES: (bytes,),
}


def check_value(owner: str, prop: Property, value: object) -> None:
    """Is `value` of the kind that `prop` declares?  Raises `InputError` without repeating the value."""
    if value.__class__ is str and prop.textual:
        _check_length(owner, prop, cast(str, value))
        return
    accepts = _ACCEPTS[prop.kind]
    if not isinstance(value, accepts) or (isinstance(value, bool) and prop.kind is not Kind.FLAG):
        raise InputError(f"{owner}.{prop.name}（{prop.zh}）的值类型不对，应为 {prop.kind.value}")
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise InputError(f"{owner}.{prop.name}（{prop.zh}）的整数超出 64 位")
    if isinstance(value, float) and not isfinite(value):
        raise InputError(f"{owner}.{prop.name}（{prop.zh}）不是有限的数")
    for text in cast(list[object], value) if isinstance(value, list) else [value] if isinstance(value, str) else []:
        if not isinstance(text, str):
            raise InputError(f"{owner}.{prop.name}（{prop.zh}）的列表中有不是文本的值")
        _check_length(owner, prop, text)


def _check_length(owner: str, prop: Property, text: str) -> None:
    if len(text) > prop.longest:
        raise InputError(f"{owner}.{prop.name}（{prop.zh}）的值长达 {len(text)} 字，超过上限 {prop.longest}")
    if not text.isascii() and not is_whole(text):
        check_text(f"{owner}.{prop.name}（{prop.zh}）", text)


def is_whole(text: str) -> bool:
    """Is there no half of a character in this text?"""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def check_text(where: str, text: str) -> None:
    """Can this text be stored?  Half characters (lone surrogates, from broken JSON) cannot: raises `InputError`."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InputError(f"{where}的值含有残缺的字符（第 {error.start + 1} 字）", hint="改正编码后再导入") from None
