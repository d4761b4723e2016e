"""The questions that the contract tests ask of the golden graph; what they must answer is in `golden_answers.json`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, cast

from graph.database import Database
from graph.textindex import TextIndex
from queries.availability import availability_of, experts_who_can_go, people_available
from queries.cohorts import cohort_figures, cohort_tracking
from queries.experts import experts_for_topic
from queries.exposure_report import Appearance, exposure_report, listed_between
from queries.legal_entities import legal_entity_root
from queries.list_comparison import compare_lists, list_asked_again
from queries.networks import collaboration_network, collaborators
from queries.nominations import nominations
from queries.organisations import organisations_for_topic
from queries.profiles import expert_profile
from queries.quality import KINDS, quality_cases, quality_counts
from queries.saved_lists import list_verification, saved_list, saved_lists
from queries.unverified import unverified_count, unverified_organisations
from queries.works import outputs_for_topic, projects_for_topic

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
EVERY_CASE: Final = CASES + QUALITY_CASES + LIST_CASES
