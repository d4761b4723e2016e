"""The questions that the contract tests ask of the golden graph; what they must answer is in `golden_answers.json`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, cast

from graph.database import Database
from graph.textindex import TextIndex
from queries.availability import availability_of, experts_who_can_go, people_available
from queries.bridging import experts_between_fields
from queries.cohorts import cohort_figures, cohort_tracking
from queries.commissions import projects_commissioned
from queries.declared import experts_declaring
from queries.demand_matches import demand_matches, matches_for_text
from queries.demand_topics import topics_suggested
from queries.demands import demand_trace, demands_listed, demands_open, demands_overdue, response_times
from queries.expertise import expertise_of
from queries.experts import experts_for_topic
from queries.exposure import ExposureOptions
from queries.exposure_report import Appearance, exposure_report, listed_between
from queries.facets import expert_facets
from queries.filters import ExpertFilters
from queries.known_people import Described, known_people
from queries.legal_entities import legal_entity_root
from queries.list_comparison import compare_lists, list_asked_again
from queries.listing import experts_by_facets
from queries.networks import collaboration_network, collaborators
from queries.nominations import nominations
from queries.organisation_profiles import organisation_profile
from queries.organisations import organisations_for_topic
from queries.profiles import expert_profile
from queries.quality import KINDS, quality_cases, quality_counts
from queries.rising_experts import rising_experts
from queries.saved_lists import list_verification, saved_list, saved_lists
from queries.services import organisations_offering, services_listed
from queries.suggestions import suggestions
from queries.topic_map import topic_map
from queries.topics import topic_tags
from queries.trends import rising_topics, topic_trend
from queries.understanding import understanding
from queries.unverified import unverified_count, unverified_organisations
from queries.works import outputs_for_topic, projects_for_topic
from tests.contract.golden_trends import encode

# Posts are current or former on this day.
DAY: Final = date(2026, 6, 1)


@dataclass(frozen=True)
class Case:
    """One call of a question; `searches` says whether it takes the text index, `dated` whether it takes a day."""

    name: str
    question: Callable[..., Any]
    given: dict[str, Any] = field(default_factory=dict[str, Any])
    searches: bool = True
    dated: bool = True

    def ask(self, db: Database, index: TextIndex) -> Any:
        """Ask, and return plain data without the sequence number, which says how the graph was written."""
        parts = (db, index) if self.searches else (db,)
        answer = self.question(*parts, **self.given, **({"on": DAY} if self.dated else {}))
        if isinstance(answer, set):
            return sorted(cast("set[str]", answer))
        if isinstance(answer, list) and answer and isinstance(answer[0], tuple):
            return [list(cast("tuple[Any, ...]", row)) for row in cast("list[Any]", answer)]
        if isinstance(answer, list):
            return [row.model_dump(mode="json", exclude={"sources"}) for row in answer]  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
        return answer.model_dump(mode="json", exclude={"sequence"})


def _experts(name: str, **given: Any) -> Case:
    return Case(f"experts: {name}", experts_for_topic, given)


def _organisations(name: str, **given: Any) -> Case:
    return Case(f"organisations: {name}", organisations_for_topic, given)


def _legal(name: str, unit: str, on: date, **given: Any) -> Case:
    case = {"unit": unit, "on": on, **given}
    return Case(f"legal entity: {name}", legal_entity_root, case, searches=False, dated=False)


CASES: Final[tuple[Case, ...]] = (
    _experts("a sentence", text="知识图谱的专家推荐"),
    _experts("a word, the best one only", text="知识图谱", limit=1),
    _experts("English, stemmed", text="Solid-state battery interfaces"),
    _experts("without one person", text="知识图谱", exclude=["P林"]),
    _experts("region, padded code, subtree", text="知识图谱 固态电池", region="320000", evidence=1),
    _experts("Hong Kong", text="自动驾驶 batteries", region="81"),
    _experts("organisation by name, departments below", text="知识图谱 自动驾驶", organisation="冀北大学", evidence=1),
    _experts("organisation by English alias", text="自动驾驶", organisation="harbour university"),
    _experts("society, a post in it counts", text="自动驾驶", society="S智能", evidence=0),
    _experts("recent works only", text="知识图谱", since_year=2022, evidence=2),
    _experts("professional title", text="固态电池", professional_title="研究员"),
    _experts("nobody matches the filters", text="知识图谱", region="44", organisation="无此单位"),
    _experts("an unknown topic", text="量子引力"),
    _experts("punctuation only", text='？！……"()*:~^\\'),
    _experts("nothing", text="   "),
    _organisations("a word", text="知识图谱"),
    _organisations("in a province, departments lie with their body", text="知识图谱 固态电池", region="32"),
    _organisations("recent works, limit", text="固态电池", since_year=2021, limit=1),
    _organisations("no body in the region", text="知识图谱", region="3201"),
    Case("declared: a field and a topic", experts_declaring, {"text": "知识图谱"}),
    Case(
        "declared: a text that names a field",
        experts_declaring,
        {"text": "储能材料的知识图谱", "besides": ["P林"]},
    ),
    Case(
        "declared: with a filter",
        experts_declaring,
        {"text": "知识图谱、储能材料", "filters": ExpertFilters(professional_title="研究员")},
    ),
    Case("declared: a tagged topic", experts_declaring, {"text": "材料科学"}),
    Case("declared: a part of a field is not enough", experts_declaring, {"text": "知识产权图谱的材料储存"}),
    Case("outputs: a word", outputs_for_topic, {"text": "固态电池的界面"}, dated=False),
    Case("outputs: tombstones and stubs stay away", outputs_for_topic, {"text": "知识图谱论文手稿"}, dated=False),
    Case("projects: done before?", projects_for_topic, {"text": "知识图谱平台与海洋牧场", "limit": 2}, dated=False),
    Case("projects: since a year", projects_for_topic, {"text": "海洋牧场", "since_year": 2020}, dated=False),
    Case("profile: an expert", expert_profile, {"id": "P林"}, searches=False),
    Case("profile: merged into another, two works", expert_profile, {"id": "P旧林", "works": 2}, searches=False),
    Case("profile: former and observed posts", expert_profile, {"id": "P孙", "works": 0}, searches=False),
    Case("collaborators: an expert", collaborators, {"id": "P林"}, searches=False),
    Case("collaborators: the best one", collaborators, {"id": "P陈", "limit": 1}, searches=False),
    Case("network: one step", collaboration_network, {"id": "P林"}, searches=False),
    Case("network: two steps, capped", collaboration_network, {"id": "P王甲", "steps": 2, "limit": 3}, searches=False),
    _legal("a department", "B电气", DAY),
    _legal("a hospital is one of its own", "B附院", DAY),
    _legal("a renamed university, by its old name", "B工专", DAY),
    _legal("a department of the old name, before the renaming", "B电机", date(1990, 1, 1)),
    _legal("a college before it was merged", "B师专", date(2020, 5, 31)),
    _legal("a college on the day it was merged into a department", "B师专", date(2020, 6, 1), look_back_years=3),
    _legal("a college beyond the look-back window", "B师专", date(2023, 6, 1), look_back_years=3),
    _legal("a college merged nobody knows when", "B农校", DAY),
    _legal("a base housed by a university", "B基地", date(2024, 1, 1)),
    _legal("a base that was housed until last year", "B基地", DAY),
    _legal("a society housed by a university stays its own", "B学会", DAY),
    _legal("a laboratory before it moved", "B搬", date(2014, 12, 31)),
    _legal("a laboratory after it moved", "B搬", date(2015, 1, 1)),
    _legal("a college that was split", "B拆", DAY),
    _legal("a name that went to and fro", "B甲名", DAY),
    _legal("the other name that went to and fro", "B乙名", DAY),
    _legal("two departments that are part of each other", "O环一", DAY),
    _legal("a department below a tombstone", "B残", DAY),
    _legal("a body that was merged into another", "O冀北工", DAY),
    Case("unverified organisations", unverified_organisations, {"limit": 5}, searches=False, dated=False),
    Case("unverified count", unverified_count, {}, searches=False, dated=False),
)

_JUNE: Final[dict[str, Any]] = {"from_day": date(2026, 6, 8), "until_day": date(2026, 6, 8)}


def _kept(name: str, question: Callable[..., Any], *, searches: bool = False, dated: bool = True, **given: Any) -> Case:
    return Case(name, question, given, searches=searches, dated=dated)


# Asked when `golden_lists.py` has been added.
LIST_CASES: Final[tuple[Case, ...]] = (
    _kept("lists: all", saved_lists, dated=False),
    _kept("lists: jobs", saved_lists, dated=False, purpose="job", limit=1),
    _kept("list: open, with somebody merged", saved_list, id="甲单"),
    _kept("list: frozen", saved_list, id="乙单"),
    _kept("list: of bodies", saved_list, id="机构单"),
    _kept("lists compared", compare_lists, left="甲单", right="乙单"),
    _kept("list asked again", list_asked_again, searches=True, id="甲单"),
    _kept("list verified", list_verification, dated=False, id="乙单"),
    _kept("list never frozen", list_verification, dated=False, id="甲单"),
    _kept("who can go: a day", experts_who_can_go, searches=True, dated=False, text="知识图谱平台", **_JUNE),
    _kept(
        "who can go: in a province", experts_who_can_go, searches=True, dated=False, text="知识图谱 固态电池",
        region="32", count=1, evidence=0, **_JUNE,
    ),
    _kept(
        "who can go: ten days", experts_who_can_go, searches=True, dated=False, text="知识图谱平台",
        count=5, evidence=0,
        from_day=date(2026, 6, 1), until_day=date(2026, 6, 10),
    ),
    _kept("available: none", people_available, dated=False, from_day=date(2030, 1, 1), until_day=date(2030, 1, 2)),
    _kept("available: a day", people_available, dated=False, **_JUNE),
    _kept("periods of a person", availability_of, dated=False, id="P林"),
    _kept("nominations: all", nominations, dated=False),
    _kept("nominations: of a person merged since", nominations, dated=False, person="P旧林", status="accepted"),
    _kept("cohort: figures", cohort_figures, dated=False, id="青年梯队", year=2021),
    _kept("cohort: tracking", cohort_tracking, dated=False, id="青年梯队"),
    _kept(
        "exposure: listed in May", listed_between, dated=False, from_day=date(2026, 5, 1), until_day=date(2026, 5, 31)
    ),
    _kept(
        "exposure: report", exposure_report, top=5, questions=4,
        appearances=[
            Appearance("甲", "P林", 1), Appearance("甲", "P陈", 2), Appearance("乙", "P林", 3),
            Appearance("乙", "P林", 3), Appearance("乙", "P密", 4),
        ],
    ),
    _kept(
        "exposure: everybody was shown", experts_for_topic, searches=True, text="知识图谱", evidence=0,
        exposure=ExposureOptions(cap=1), shown={f"P{who}": 1 for who in ("林", "王甲", "陈", "孙", "周", "赵")},
    ),
    # 林 stands on four of the lists saved in May, 孙 on three.
    _kept(
        "exposure: cap and boost in the lookup", experts_for_topic, searches=True, text="知识图谱 固态电池", limit=4,
        evidence=2, exposure=ExposureOptions(cap=4, boost=2.0, newcomer_years=8, year=2026),
    ),
)  # fmt: skip

# Asked when `golden_quality.py` has been added: the figures are small, and the scores above stay what they were.
QUALITY_CASES: Final[tuple[Case, ...]] = (
    Case("quality: counts", quality_counts, searches=False),
    Case("quality: counts, posts of three years", quality_counts, {"stale_years": 3}, searches=False),
    *(Case(f"quality: {kind}", quality_cases, {"kind": kind}, searches=False) for kind in KINDS),
    Case(
        "quality: the worst only", quality_cases, {"kind": "mentions-without-organisation", "limit": 1}, searches=False
    ),
)


def _filtered(name: str, text: str, **filters: Any) -> Case:
    given = {"text": text, "filters": ExpertFilters(**filters), "evidence": 1, "limit": 1}
    return Case(f"filtered: {name}", experts_for_topic, given)


def _listed(name: str, limit: int = 20, offset: int = 0, **filters: Any) -> Case:
    given = {"filters": ExpertFilters(**filters), "limit": limit, "offset": offset}
    return Case(f"listed: {name}", experts_by_facets, given)


def _counted(name: str, text: str, wanted: int = 1, **filters: Any) -> Case:
    given = {"text": text, "filters": ExpertFilters(**filters), "wanted": wanted}
    return Case(f"facets: {name}", expert_facets, given)


FILTER_CASES: Final[tuple[Case, ...]] = (
    _filtered("tier and kind", "知识图谱", tier="Leading", expert_kind="researcher", members_only=True),
    _filtered("legal entity of a merged body", "知识图谱 固态电池", legal_entity="O冀北工"),
    _filtered("a field with its narrower ones", "知识图谱 固态电池", field="计算机科学技术"),
    _filtered("a declared field nobody made a topic", "知识图谱 固态电池", field="储能"),
    _filtered("kinds and years of works", "固态电池", output_kinds=["paper"], since_year=2018, until_year=2019),
    _filtered("a contact on record", "知识图谱", has_contact=True),
    _filtered("without co-authors of three years", "知识图谱", exclude_coauthors_of=["P旧林"], coauthor_years=5),
    _filtered("units left out", "知识图谱 自动驾驶", exclude_units=["冀北大学"], among=["P林", "P孙", "P赵"]),
    _listed("everybody, second page", limit=3, offset=3),
    _listed("a role in a society", society="S智能", society_role="理事"),
    _listed("newcomers", newcomer_years=5),
    _listed("too few", region="32", tier="leading"),
    _counted("a text", "知识图谱 固态电池"),
    _counted("no text, below a province and a field", "", region="13", field="gbt:520"),
    _counted("too few", "知识图谱", wanted=5, has_contact=True, organisation_kind="university"),
)

# Asked when `golden_understanding.py` has been added, too.
UNDERSTANDING_CASES: Final[tuple[Case, ...]] = (
    *(
        Case(f"understanding: {name}", understanding, given, dated=False)
        for name, given in (
            ("two fields, a topic with another name", {"text": "水文学 与 课堂教学"}),
            ("an expansion switched on", {"text": "水文学", "expand": ["地下水文学", "无此词"]}),
            ("a person", {"text": "林海是做什么的"}),
            ("two of one name", {"text": "找王伟"}),
            ("a body before the topic", {"text": "冀北大学知识图谱"}),
            ("traditional characters", {"text": "課堂教學與地下水"}),
            ("pinyin", {"text": "shuiwenxue"}),
            ("a slip", {"text": "课堂教雪"}),
            ("another script", {"text": "искусственный интеллект 🙂"}),
        )
    ),
    _experts("discipline: a narrower topic", text="知识图谱 固态电池", discipline="gbt:520", evidence=1, limit=3),
    _experts("discipline: two kinds of work", text="知识图谱 固态电池", discipline="材料科学", evidence=1, limit=3),
    Case("suggestions: initials", suggestions, {"text": "swx"}, dated=False),
    Case("suggestions: characters, a body", suggestions, {"text": "冀北", "limit": 4}, dated=False),
    Case("suggestions: a person by pinyin", suggestions, {"text": "linha"}, dated=False),
    Case("suggestions: nothing", suggestions, {"text": "  "}, dated=False),
    Case("between: a bridge", experts_between_fields, {"text": "水文学 与 课堂教学", "limit": 2}, dated=False),
    Case("between: given apart, nobody", experts_between_fields, {"text": "固态电池", "other": "教育"}, dated=False),
    Case("between: one field", experts_between_fields, {"text": "地下水"}, dated=False),
    Case("topics: a title", topic_tags, {"text": "地下水径流与洪水预报"}, dated=False),
    Case("topics: unknown words", topic_tags, {"text": "量子引力"}, dated=False),
    Case("topics: nothing", topic_tags, {"text": "！？"}, dated=False),
)


def _trend(name: str, question: Callable[..., Any], **given: Any) -> Case:
    return Case(name, question, given, searches=question in (expertise_of, known_people), dated=False)


# Asked when `golden_trends.py` has been added, the text index built anew.
TREND_CASES: Final[tuple[Case, ...]] = (
    _trend(
        "expertise: several people",
        expertise_of,
        people=["P王甲", "P旧林", "P陈", "P无", "P密", "P林"],
        text="知识图谱的专家推荐",
    ),
    _trend("expertise: with an encoder", expertise_of, people=["P林", "P周"], text="知识图谱", encode=encode),
    _trend("expertise: nothing to search for", expertise_of, people=["P林"], text="？！"),
    _trend(
        "known people",
        known_people,
        people=[
            Described(id="P旧林"),
            Described(name="王伟"),
            Described(name="王伟", organisation="江东理工大学材料学院"),
            Described(name="林海", organisation="别的大学"),
            Described(id="P密"),
            Described(name="密者"),
        ],
    ),
    _trend("trend: a topic without works", topic_trend, topic="测:9"),
    _trend("trend: a topic with those below", topic_trend, topic="测:1"),
    _trend("trend: a topic by name in a province", topic_trend, topic="上升学", region="13", since_year=2019),
    _trend("trend: a keyword", topic_trend, keyword="测词", until_year=2021),
    _trend("rising: topics", rising_topics, until_year=2022),
    _trend("rising: keywords", rising_topics, of="keyword", until_year=2022, fewest=3, limit=2),
    _trend("rising experts: nobody", rising_experts, topic="测:12", until_year=2022),
    _trend("rising experts: a topic", rising_experts, topic="测:11", until_year=2022),
    _trend("rising experts: a keyword", rising_experts, keyword="测词", until_year=2021, window_years=2, fewest=2),
    _trend("rising experts: any subject", rising_experts, until_year=2022, fewest=5),
    _trend("map: a topic with those below", topic_map, topic="测:1"),
    _trend("map: a keyword, some years, the first", topic_map, keyword="测词", since_year=2020, limit=1),
)


def _of_graph(name: str, question: Callable[..., Any], *, dated: bool = True, **given: Any) -> Case:
    return Case(name, question, given, searches=False, dated=dated)


# Asked when `golden_demands.py` has been added; their answers are in `golden_demands_answers.json`.
DEMAND_CASES: Final[tuple[Case, ...]] = (
    _of_graph("demands: waiting", demands_open),
    _of_graph("demands: waiting, for the public, urgent", demands_open, urgency="urgent", seen_by="public"),
    _of_graph("demands: all", demands_listed, status="all", limit=5),
    _of_graph("demands: of a body", demands_listed, status="all", raiser="冀北大学", service_kind="论证"),
    _of_graph("demands: overdue", demands_overdue),
    _of_graph("demand: trace", demand_trace, id="D交通"),
    _of_graph("demand: answered after the day", demand_trace, id="D迟"),
    _of_graph("demand: closed, a restricted answer stays away", demand_trace, id="D办", seen_by="public"),
    _of_graph("response times: by month", response_times, dated=False),
    _of_graph("response times: by raiser, since a day", response_times, dated=False, by="raiser",
              since=date(2026, 1, 1), until=date(2026, 12, 31)),
    _of_graph("response times: all", response_times, dated=False, by="all", seen_by="public"),
    _of_graph("services: newest first", services_listed, dated=False),
    _of_graph("services: words, verified", services_listed, dated=False, text="固态电池标准", verified_only=True),
    _of_graph("services: of a kind, since a year", services_listed, dated=False, kind="评估", since_year=2022),
    Case("offering: words", organisations_offering, {"text": "知识图谱评估"}),
    Case("offering: verified in a province", organisations_offering, {"region": "13", "verified_only": True}),
    Case("offering: nobody", organisations_offering, {"kind": "资格认定"}),
    Case("organisations: services as reasons", organisations_for_topic, {"text": "知识图谱平台评估", "limit": 2}),
    Case("matches: a diagnosed demand", demand_matches, {"demand": "D交通", "limit": 2, "size": 3}),
    Case("matches: a demand by its phrases", demand_matches, {"demand": "D电池", "limit": 1}),
    Case("matches: a text, one of a body, in a province", matches_for_text,
         {"text": "知识图谱、固态电池和自动驾驶", "region": "32", "one_per_organisation": True, "limit": 1}),
    Case("matches: nothing to match", matches_for_text, {"text": "！？", "limit": 1}),
    Case("topics suggested: named and near", topics_suggested, {"text": "人工智能专家推荐与固态电池"}, dated=False),
    Case("commissions: newest first", projects_commissioned, {"commissioner": "江东理工大学"}, dated=False),
    Case("commissions: words, merged body", projects_commissioned, {"commissioner": "O冀北工", "text": "知识图谱"},
         dated=False),
    Case("commissions: nobody", projects_commissioned, {"commissioner": "港湾大学"}, dated=False),
    _of_graph("organisation profile: by a merged id, three shown", organisation_profile, id="O冀北工", shown=1),
    _of_graph("organisation profile: history", organisation_profile, id="B工大"),
    _of_graph("organisation profile: a society", organisation_profile, id="S智能"),
    _of_graph("organisation profile: a university", organisation_profile, id="O冀北"),
)  # fmt: skip

EVERY_CASE: Final = CASES + QUALITY_CASES + UNDERSTANDING_CASES + FILTER_CASES + TREND_CASES + DEMAND_CASES + LIST_CASES
