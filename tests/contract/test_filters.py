"""Filters on people and works, counts per value, lists without a text: the same on every engine."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.database import Endpoint
from graph.errors import InputError
from graph.store import Store
from graph.textindex import TextIndex, WorkHit
from ingest.commands.lists import Member, discard_list, save_answer, save_list
from queries import facets, reached
from queries.experts import experts_for_topic
from queries.facet_rows import FacetsAnswer
from queries.facets import expert_facets, facets_reached, filters_with
from queries.filters import FILTER_NAMES, ExpertFilters
from queries.kept_questions import kept_question, question_kept, said_of_question
from queries.list_comparison import list_asked_again
from queries.listing import experts_by_facets
from tests.contract import golden_filters
from tests.graph_claims import part_of, person, post, put, take, work
from tests.graph_fixtures import empty_store

DAY: Final = date(2026, 6, 1)


@dataclass(frozen=True)
class Asked:
    """The graph of `golden_filters.py` on one engine."""

    store: Store
    index: TextIndex

    def found(self, text: str = "土壤", **filters: Any) -> set[str]:
        """Who is in the ranked answer under these filters?"""
        answer = experts_for_topic(
            self.store.database, self.index, text=text, limit=200, on=DAY, filters=ExpertFilters(**filters)
        )
        assert answer.candidates == len(answer.experts)
        return {expert.id for expert in answer.experts}

    def listed(self, **filters: Any) -> list[str]:
        """Who is in the list by name under these filters?"""
        answer = experts_by_facets(self.store.database, self.index, limit=200, on=DAY, filters=ExpertFilters(**filters))
        assert answer.total == len(answer.experts)
        return [expert.id for expert in answer.experts]

    def counted(self, text: str, filters: ExpertFilters, **more: Any) -> FacetsAnswer:
        """How many people are there by each value?"""
        return expert_facets(self.store.database, self.index, text=text, filters=filters, on=DAY, **more)


@pytest.fixture(scope="module")
def asked(any_engine: Endpoint, tmp_path_factory: pytest.TempPathFactory) -> Generator[Asked]:
    """The graph on each engine in turn."""
    with empty_store(any_engine, tmp_path_factory.mktemp("filters")) as store:
        golden_filters.say(store)
        yield Asked(store, TextIndex.open(store))


EVERYBODY: Final = {"P甲", "P乙", "P丙", "P丁", "P戊", "P己", "P庚"}
IN_SOIL: Final = EVERYBODY - {"P己"}
WANTED: Final[tuple[tuple[dict[str, Any], set[str]], ...]] = (
    ({}, IN_SOIL),
    ({"region": "13"}, {"P甲", "P乙"}),
    ({"region": "110000"}, {"P丁"}),
    ({"organisation": "农业大学"}, {"P甲", "P乙"}),
    ({"legal_entity": "土壤学院"}, {"P甲", "P乙", "P丙"}),
    ({"legal_entity": "不存在的单位"}, set()),
    ({"society": "S土"}, {"P甲", "P乙", "P丙"}),
    ({"society": "S土青"}, {"P乙", "P丙"}),
    ({"society": "S土", "society_role": "委员"}, {"P乙", "P丙"}),
    ({"society_role": "理事"}, {"P甲"}),
    ({"organisation_level": "province"}, {"P甲", "P乙"}),
    ({"organisation_kind": "Institute"}, {"P丁"}),
    ({"tier": "leading"}, {"P甲", "P丁"}),
    ({"professional_title": "教授"}, {"P甲", "P丁"}),
    ({"expert_kind": "engineer"}, {"P乙"}),
    ({"field": "农学"}, {"P甲", "P丙"}),
    ({"field": "gbt:210.4"}, {"P甲"}),
    ({"field": "修复"}, {"P甲"}),
    ({"field": "没有的方向"}, set()),
    ({"output_kinds": ["patent"]}, {"P丙"}),
    ({"output_kinds": ["standard"]}, {"P丁"}),
    ({"project_kinds": ["applied"]}, {"P乙", "P庚"}),
    ({"output_kinds": ["patent"], "project_kinds": ["applied"]}, {"P乙", "P丙", "P庚"}),
    ({"since_year": 2021}, {"P甲", "P乙", "P丙", "P庚"}),
    ({"since_year": 2021, "until_year": 2021}, {"P甲", "P丙"}),
    ({"until_year": 2015}, {"P甲", "P乙"}),
    ({"since_year": 2020, "until_year": 2010}, set()),
    ({"verified_since": "2026-01-10"}, {"P甲"}),
    ({"newcomer_years": 5}, {"P丙", "P庚"}),
    ({"members_only": True}, {"P甲", "P丙", "P丁"}),
    ({"has_contact": True}, {"P甲", "P乙"}),
    ({"has_contact": False}, IN_SOIL - {"P甲", "P乙"}),
    ({"among": ["P甲", "P己", "P无"]}, {"P甲"}),
    ({"among": []}, set()),
    ({"exclude_units": ["O农大", "土壤研究所"]}, {"P丙", "P戊", "P庚"}),
    ({"exclude_coauthors_of": ["P甲"]}, {"P丁", "P庚"}),
    ({"exclude_coauthors_of": ["P甲"], "coauthor_years": 6}, {"P乙", "P丁", "P庚"}),
    ({"exclude_coauthors_of": ["P旧甲"], "coauthor_years": 1}, {"P乙", "P丙", "P庚", "P丁"}),
    ({"exclude": ["P旧甲", "P庚"]}, {"P乙", "P丙", "P丁", "P戊"}),
)


@pytest.mark.parametrize(("filters", "wanted"), WANTED, ids=str)
def test_each_filter_wants_whom_it_says(asked: Asked, filters: dict[str, Any], wanted: set[str]) -> None:
    assert asked.found(**filters) == wanted


def test_every_filter_is_tried_and_named() -> None:
    tried = {name for filters, _ in WANTED for name in filters} - {"coauthor_years"}
    assert tried == set(FILTER_NAMES) == set(ExpertFilters.model_fields) - {"coauthor_years"}


def test_without_a_text_the_list_is_by_name_and_paged(asked: Asked) -> None:
    assert set(asked.listed()) == EVERYBODY
    assert asked.listed(tier="leading") == ["P丁", "P甲"]
    assert asked.listed(output_kinds=["advice"]) == ["P己"]
    assert asked.listed(since_year=2025) == ["P己"]
    db, index = asked.store.database, asked.index
    pages = [experts_by_facets(db, index, limit=3, offset=offset, on=DAY) for offset in (0, 3, 6, 9)]
    assert [expert.id for page in pages for expert in page.experts] == asked.listed()
    assert {page.total for page in pages} == {len(EVERYBODY)}
    with pytest.raises(InputError, match="offset"):
        experts_by_facets(db, index, offset=-1)


TEXTS: Final = ("", "土壤", "土壤修复与耕地保护", "量子")
SETS: Final[tuple[dict[str, Any], ...]] = (
    {},
    {"region": "13"},
    {"field": "农学"},
    {"since_year": 2015, "until_year": 2022},
    {"tier": "leading"},
)


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("filters", SETS, ids=str)
def test_filtering_by_a_value_leaves_exactly_its_count(asked: Asked, text: str, filters: dict[str, Any]) -> None:
    check_counts(asked, text, ExpertFilters(**filters))


def test_nothing_decided_every_facet_is_there(asked: Asked) -> None:
    for text in ("土壤", ""):
        assert {facet.name for facet in asked.counted(text, ExpertFilters()).facets} == FACETS
    in_soil = {facet.name: facet for facet in asked.counted("土壤", ExpertFilters(field="农学")).facets}
    assert [value.label for value in in_soil["field"].values] == ["土壤学"], "one level further down"
    assert "tier" not in {facet.name for facet in asked.counted("", ExpertFilters(tier="young")).facets}
    cut = asked.counted("土壤", ExpertFilters(), values=1)
    assert all(len(facet.values) == 1 for facet in cut.facets)
    assert next(facet.more for facet in cut.facets if facet.name == "year") > 0


@pytest.mark.parametrize("text", TEXTS[1:3])
def test_counts_stay_exact_where_the_search_is_cut(asked: Asked, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The ranking looks at two works, the counting at three: some values must be asked for by themselves."""
    monkeypatch.setattr(reached, "WORKS_RETRIEVED", 2)
    monkeypatch.setattr(reached.works_wanted, "__defaults__", (2,))
    monkeypatch.setattr(reached, "DEPTH", 3)
    monkeypatch.setattr(facets, "DEPTH", 3)
    for filters in SETS:
        check_counts(asked, text, ExpertFilters(**filters))


def check_counts(asked: Asked, text: str, filters: ExpertFilters) -> None:
    """Is each count the number of people that filtering by the value leaves?"""
    answer = asked.counted(text, filters)
    for facet in answer.facets:
        for value in facet.values:
            narrowed = filters_with(filters, facet.name, value.value)
            more = narrowed.model_dump(exclude_unset=True)
            left = len(asked.found(text, **more)) if text else len(asked.listed(**more))
            assert value.count == left, (facet.name, value.value)
            assert asked.counted(text, narrowed).total == left


FACETS: Final = {
    "region", "field", "organisation_kind", "organisation_level", "tier", "professional_title", "expert_kind",
    "society", "output_kinds", "project_kinds", "year",
}  # fmt: skip


@pytest.mark.parametrize("filters", [{}, {"tier": "leading"}, {"region": "13"}], ids=str)
def test_what_was_counted_is_not_searched_for_again(
    asked: Asked, filters: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    given, db, index = ExpertFilters(**filters), asked.store.database, asked.index
    # One is enough for `limit`: what fewer would have cost is searched for, too.
    asking: dict[str, Any] = {"limit": 1, "on": DAY}
    wanted = experts_for_topic(db, index, text="土壤", filters=given, **asking)
    other = experts_for_topic(db, index, text="修复", filters=given, **asking)
    searches: list[int] = []
    plain = TextIndex.search_works

    def searched(index: TextIndex, *arguments: Any, **options: Any) -> list[WorkHit]:
        searches.append(options["limit"])
        return plain(index, *arguments, **options)

    monkeypatch.setattr(TextIndex, "search_works", searched)
    _, counted = facets_reached(db, index, text="土壤", filters=given, wanted=1, on=DAY)
    found = experts_for_topic(db, index, text="土壤", filters=given, counted=counted, **asking)
    assert (found, searches) == (wanted, [reached.DEPTH])
    assert experts_for_topic(db, index, text="修复", filters=given, counted=counted, **asking) == other
    assert len(searches) > 1, "another question is searched for"
    del searches[:]
    experts_for_topic(db, index, text="土壤", filters=ExpertFilters(region="11"), counted=counted, **asking)
    assert searches, "other filters are, too"


def test_too_few_says_which_filter_costs_most(asked: Asked) -> None:
    filters = ExpertFilters(tier="leading", region="13")
    answer = asked.counted("土壤", filters, wanted=3)
    assert answer.total == 1
    costs = {cost.name: cost.people for cost in answer.too_few}
    for name, people in costs.items():
        others = filters.model_dump(exclude_unset=True, exclude={name})
        assert people == len(asked.found(**others)) > answer.total
    assert max(costs.values()) == answer.too_few[0].people
    best = answer.too_few[0]
    assert answer.notes == (f"只有 1 人（要 3 人）：去掉“{best.title}：{best.value}”后有 {best.people} 人",)
    ranked = experts_for_topic(
        asked.store.database,
        asked.index,
        text="土壤",
        limit=3,
        on=DAY,
        filters=ExpertFilters(tier="leading", region="13"),
    )
    assert any("去掉" in note for note in ranked.notes)
    assert asked.counted("土壤", filters, wanted=1).too_few == ()


def test_a_list_asks_again_with_all_it_was_asked_with(asked: Asked) -> None:
    options: dict[str, Any] = {"discipline": "农学", "expand": ("耕地",)}
    for filters, wanted in WANTED:
        if not wanted:
            continue
        given = ExpertFilters(**filters)
        db, store = asked.store.database, asked.store
        answer = experts_for_topic(db, asked.index, text="土壤", on=DAY, filters=given, **options)
        id = save_answer(store, answer, name="再问", actor="t", filters=question_kept(given, **options))
        again = list_asked_again(db, asked.index, id=id, on=DAY)
        changed = (again.only_left, again.only_right, again.moved, again.notes)
        assert (again.same, changed) == (len(answer.experts), ((), (), (), ())), filters
        discard_list(store, id=id, actor="t")


def test_a_list_of_an_earlier_version_is_read_too(asked: Asked) -> None:
    """The page kept what its form sent: several names as one text."""
    old = {"tier": "leading", "exclude": "P旧甲、P庚", "expand": "耕地、农田", "discipline": "农学", "offset": 20}
    read = kept_question(old)
    assert read.filters == ExpertFilters(tier="leading", exclude=("P旧甲", "P庚"))
    assert (read.discipline, read.expand, read.unknown) == ("农学", ("耕地", "农田"), ("offset",))
    wrong = {"since_year": "去年", "exclude": {"a": 1}, "expand": [1], "discipline": 7, "region": ["13"]}
    assert kept_question(wrong).unknown == tuple(sorted(wrong))
    assert kept_question({"tier": "leading", "region": "13"}, organisations=True).unknown == ("tier",)
    id = save_list(asked.store, name="旧单", members=[Member("P丁", 1.0)], question="土壤", filters=old, actor="t")
    again = list_asked_again(asked.store.database, asked.index, id=id, on=DAY)
    assert (again.same, again.only_right) == (1, ()), "P旧甲 is P甲 today"
    discard_list(asked.store, id=id, actor="t")


@given(
    st.dictionaries(
        st.sampled_from([*ExpertFilters.model_fields, "discipline", "expand", "x"]),
        st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), st.lists, max_leaves=3),
    )
)
def test_whatever_was_kept_is_read_or_said_to_be_unknown(kept: dict[str, Any]) -> None:
    read = kept_question(kept)
    said = question_kept(read.filters, discipline=read.discipline, expand=read.expand)
    assert set(said) | set(read.unknown) <= set(kept)
    assert kept_question(said) == read._replace(unknown=())
    assert len(said_of_question(said)) == len(said)


def test_what_is_given_beside_the_filters_comes_first(asked: Asked) -> None:
    answer = experts_for_topic(
        asked.store.database, asked.index, text="土壤", region="11", on=DAY, filters=ExpertFilters(region="13")
    )
    assert [expert.id for expert in answer.experts] == ["P丁"]


VALUES: Final = st.one_of(st.text(max_size=8), st.sampled_from(["O农大", "P甲", "农学", "13", "\x00", "'}) //", "土"]))
TEXT_FILTERS: Final = (
    "organisation", "legal_entity", "society", "society_role", "organisation_level", "tier", "field",
    "professional_title", "organisation_kind", "expert_kind",
)  # fmt: skip


@given(
    st.dictionaries(st.sampled_from(TEXT_FILTERS), VALUES, max_size=3),
    st.dictionaries(
        st.sampled_from(["exclude_units", "exclude_coauthors_of", "output_kinds", "exclude"]),
        st.lists(VALUES, max_size=3),
        max_size=2,
    ),
    st.sampled_from(["土壤", ""]),
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_value_is_answered_and_counted(
    asked: Asked, texts: dict[str, str], lists: dict[str, list[str]], text: str
) -> None:
    filters = ExpertFilters.model_validate({**texts, **lists})
    answer = asked.counted(text, filters)
    assert answer.model_dump_json()
    more = filters.model_dump(exclude_unset=True)
    assert answer.total == (len(asked.found(text, **more)) if text else len(asked.listed(**more)))


def test_a_region_says_how_many_people_it_passes_over(asked: Asked) -> None:
    """Of 8,165 bodies with people 7,160 lay in no region: whoever asked for one lost their people without a word."""
    in_region = [asked.found(region=code) for code in ("11", "12", "13", "81")]
    nowhere = IN_SOIL - set[str]().union(*in_region)
    assert nowhere
    assert [asked.found(region=code) for code in ("99",)] == [set()]
    note = f"另有 {len(nowhere)} 人的单位没有写明所在地区（或没有写单位），未计入"
    for region in ("13", "99"):
        answer = experts_for_topic(asked.store.database, asked.index, text="土壤", region=region, on=DAY)
        assert note in answer.notes
        assert note in asked.counted("土壤", ExpertFilters(region=region)).notes
    for tier in (None, "young"):
        filters = ExpertFilters(region="13", tier=tier)
        everybody = set(asked.listed(tier=tier)) - {p for code in ("11", "12", "13") for p in asked.listed(region=code)}
        listed = experts_by_facets(asked.store.database, asked.index, on=DAY, filters=filters)
        assert [each for each in listed.notes if each.startswith("另有")] == (
            [f"另有 {len(everybody)} 人的单位没有写明所在地区（或没有写单位），未计入"] if everybody else []
        )
    answer = experts_for_topic(asked.store.database, asked.index, text="土壤", on=DAY)
    assert not [each for each in answer.notes if each.startswith("另有")]


def test_where_enough_are_found_a_region_says_how_many_people_are_in_none(asked: Asked) -> None:
    """Who of them matches would be a search of its own (`test_what_was_counted_is_not_searched_for_again`)."""
    placed = {p for code in ("11", "12", "13") for p in asked.listed(region=code)}
    for tier, of in ((None, "图谱的"), ("young", "对人的其余条件选出的")):
        filters, everybody = ExpertFilters(region="13", tier=tier), asked.listed(tier=tier)
        nowhere = set(everybody) - placed
        nobody_says = f"有 {len(nowhere)} 人的单位没有写明所在地区（或没有写单位），其中与问题相符的未计入"
        note = f"{of} {len(everybody)} 人中，{nobody_says}"
        counted = asked.counted("土壤", filters, wanted=1)
        answer = experts_for_topic(asked.store.database, asked.index, text="土壤", limit=1, filters=filters, on=DAY)
        assert (note in counted.notes) == (note in answer.notes) == bool(nowhere and answer.candidates)
        assert not answer.candidates or not [each for each in answer.notes if each.startswith("另有")]


def test_what_changes_is_seen_after_the_index_followed(any_store: Store) -> None:
    golden_filters.say(any_store)
    asked = Asked(any_store, TextIndex.open(any_store))
    assert asked.found(tier="young") == {"P丙"}
    first = asked.index.people
    put(any_store, person("P戊", "戊", tier="young", status="admitted", verified_on="2026-05-01"), post("P戊", "O农大"))
    asked.index.follow()
    assert asked.found(tier="young") == {"P丙", "P戊"}
    assert asked.found(verified_since="2026-05-01") == {"P戊"}
    assert asked.found(region="13") == {"P甲", "P乙", "P戊"}
    assert asked.index.people.row_of is not first.row_of
    assert asked.index.people.row_of["P甲"] == first.row_of["P甲"], "carried along, not read anew"
    take(any_store, part_of("O农大园", "O农大"), person("P庚", "庚"))
    put(any_store, person("P辛", "辛", tier="young"), work("F9", "土壤"))
    asked.index.follow()
    assert asked.found(region="13") == {"P甲", "P戊"}
    assert "P辛" in asked.listed()
    fresh = TextIndex.open(any_store)
    fresh.rebuild()
    assert set(fresh.people.ids) == set(asked.index.people.ids)
