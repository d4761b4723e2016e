"""Every question answers the golden graph with the same rows and scores on ArcadeDB, Neo4j 5.26 and Neo4j 2026."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any, Final, LiteralString, cast

import pytest
from neo4j import GraphDatabase

from graph.database import Database, Endpoint, Query, Record
from graph.decisions import DECISIONS_ABOUT
from graph.errors import InputError, NotFoundError
from graph.store import Store
from graph.textindex import TextIndex
from queries.experts import experts_for_topic
from queries.legal_entities import legal_entity_root
from queries.networks import collaboration_network, collaborators
from queries.organisations import organisations_for_topic
from queries.profiles import expert_profile
from queries.registry import QUERIES, QUESTIONS
from queries.works import outputs_for_topic, projects_for_topic
from tests.contract import golden_demands, golden_lists, golden_quality, golden_trends, golden_understanding
from tests.contract.cases import (
    CASES,
    DAY,
    DEMAND_CASES,
    EVERY_CASE,
    FILTER_CASES,
    LIST_CASES,
    QUALITY_CASES,
    TREND_CASES,
    UNDERSTANDING_CASES,
    Case,
)
from tests.contract.golden import SOURCES, say, take_away
from tests.graph_fixtures import empty_store

# Read by eye against `golden.py` when it was made, ids being readable; scores to nine places.
GOLDEN: Final = cast(
    "dict[str, Any]", json.loads(Path(__file__).with_name("golden_answers.json").read_text(encoding="utf-8"))
) | cast(
    "dict[str, Any]", json.loads(Path(__file__).with_name("golden_demands_answers.json").read_text(encoding="utf-8"))
)
GOLDEN.update(json.loads(Path(__file__).with_name("golden_lists_answers.json").read_text(encoding="utf-8")))
PRECISION: Final = 1e-9
# Of `golden_demands.py`.
SECRETS: Final = ("S密", "密件", "D密", "密题", "I密", "密谈", "T密", "密团")


class Watched(Database):
    """The real database, noting which queries it was asked."""

    def __init__(self, endpoint: Endpoint) -> None:
        super().__init__(endpoint)
        self.asked: dict[str, Mapping[str, object]] = {}

    def records(self, name: str, text: LiteralString, /, **parameters: object) -> list[Record]:
        self.asked[name] = parameters
        return super().records(name, text, **parameters)


@dataclasses.dataclass(frozen=True)
class Golden:
    """The golden graph on one engine, and what every case answered with one source and then with both."""

    store: Store
    database: Watched
    index: TextIndex
    from_one: dict[str, Any]
    from_both: dict[str, Any]
    sequences: tuple[int, int]


@pytest.fixture(scope="module")
def golden(any_engine: Endpoint, tmp_path_factory: pytest.TempPathFactory) -> Generator[Golden]:
    """The golden graph on each engine in turn."""
    with empty_store(any_engine, tmp_path_factory.mktemp("golden")) as store, Watched(any_engine) as database:
        answers: list[dict[str, Any]] = []
        sequences: list[int] = []
        for source in SOURCES:
            say(store, source)
            take_away(store, source)
            index = TextIndex.open(store)
            # Fresh, since document frequencies count replaced documents.
            sequences.append(index.rebuild())
            answers.append({case.name: case.ask(database, index) for case in (*CASES, *FILTER_CASES)})
        golden_quality.decide(store)
        for source, answered in zip(SOURCES, answers, strict=True):
            golden_quality.say(store, source)
            index = TextIndex.open(store)
            answered |= {case.name: case.ask(database, index) for case in QUALITY_CASES}
        for source, answered in zip(SOURCES, answers, strict=True):
            golden_demands.say(store, source)
            index = TextIndex.open(store)
            index.rebuild()
            answered |= {case.name: case.ask(database, index) for case in DEMAND_CASES}
        for source, answered in zip(SOURCES, answers, strict=True):
            golden_understanding.say(store, source)
            index = TextIndex.open(store)
            index.rebuild()
            answered |= {case.name: case.ask(database, index) for case in UNDERSTANDING_CASES}
        for source, answered in zip(SOURCES, answers, strict=True):
            golden_trends.say(store, source)
            index = TextIndex.open(store)
            index.rebuild()
            answered |= {case.name: case.ask(database, index) for case in TREND_CASES}
        golden_lists.keep(store)
        for source, answered in zip(SOURCES, answers, strict=True):
            golden_lists.say(store, source)
            index = TextIndex.open(store)
            index.rebuild()
            answered |= {case.name: case.ask(database, index) for case in LIST_CASES}
        sequences[-1] = TextIndex.open(store).rebuild()
        yield Golden(store, database, TextIndex.open(store), answers[0], answers[1], (sequences[0], sequences[1]))


@pytest.mark.parametrize("case", EVERY_CASE, ids=lambda case: case.name)
def test_the_answer_is_the_golden_one(golden: Golden, case: Case) -> None:
    assert_same(golden.from_both[case.name], GOLDEN[case.name], case.name)


@pytest.mark.parametrize("case", EVERY_CASE, ids=lambda case: case.name)
def test_a_second_source_of_every_fact_changes_nothing(golden: Golden, case: Case) -> None:
    one, both = golden.from_one[case.name], golden.from_both[case.name]
    if "sources" in both:
        # The second source has spoken of the first graph before demands are asked about.
        told = ["table:甲"] if case not in DEMAND_CASES or case.name.startswith("demand") else ["table:甲", "works:乙"]
        assert [claim["source"] for claim in one.pop("sources")] == told
        both = {name: value for name, value in both.items() if name != "sources"}
    assert_same(both, one, case.name)


def test_every_query_was_asked_by_a_case_and_is_registered(golden: Golden) -> None:
    # Asked along; their own tests are in test_organisations.py and test_understanding.py.
    of_graph = {DECISIONS_ABOUT.name, "vocabulary_keywords", "vocabulary_topics"}
    assert {query.name for query in QUERIES} == golden.database.asked.keys() - of_graph


def test_every_question_has_a_case_and_every_case_an_answer() -> None:
    assert {case.question for case in EVERY_CASE} == set(QUESTIONS)
    assert [case.name for case in EVERY_CASE] == list(GOLDEN)


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
def test_neo4j_explains_the_query_without_a_warning(golden: Golden, query: Query[Any]) -> None:
    parameters = golden.database.asked[query.name]
    if golden.store.database.endpoint.database == "neo4j":
        assert _notifications(golden.store.database.endpoint, query, parameters) == []
    else:
        assert golden.database.read(query, **parameters), "ArcadeDB has no notifications; the query answers"


def test_the_answer_says_up_to_which_write_it_holds(golden: Golden) -> None:
    answer = experts_for_topic(golden.database, golden.index, text="知识图谱", on=DAY)
    assert answer.sequence == golden.sequences[1] == golden.index.sequence


def test_no_answer_holds_a_restricted_record_or_value(golden: Golden) -> None:
    # Two answers give back whom they were asked about and do not know.
    told = {name: _without_the_asked(answer) for name, answer in golden.from_both.items()}
    said = json.dumps(told, ensure_ascii=False)
    for hidden in (
        "P密",
        "密者",
        "P去",
        "去者",
        "W去",
        "lin@jibei.example",
        "1970",
        "Q密",
        "密专",
        "V密",
        "密作",
        *SECRETS,
    ):
        assert hidden not in said, hidden
    with pytest.raises(NotFoundError):
        expert_profile(golden.database, id="P密")


def _without_the_asked(answer: object) -> object:
    if isinstance(answer, dict):
        rows = cast("dict[str, object]", answer)
        return {key: _without_the_asked(each) for key, each in rows.items() if key not in {"unknown", "described"}}
    return [_without_the_asked(each) for each in cast("list[object]", answer)] if isinstance(answer, list) else answer


@pytest.mark.parametrize("id", ["P无", "", "P去", "W1", "'}) DETACH DELETE n //"])
def test_an_unknown_person_is_said_to_be_unknown(golden: Golden, id: str) -> None:
    for question in (expert_profile, collaborators, collaboration_network):
        with pytest.raises(NotFoundError, match="没有这个编号的人"):
            question(golden.database, id=id)


@pytest.mark.parametrize("unit", ["B无", "", "B撤", "P林", "'}) DETACH DELETE n //"])
def test_an_unknown_unit_has_no_legal_entity(golden: Golden, unit: str) -> None:
    with pytest.raises(NotFoundError, match="没有这个编号的机构"):
        legal_entity_root(golden.database, unit=unit)


@pytest.mark.parametrize("limit", [0, -1, 201])
def test_a_limit_out_of_bounds_is_refused(golden: Golden, limit: int) -> None:
    for question in (experts_for_topic, organisations_for_topic, outputs_for_topic, projects_for_topic):
        with pytest.raises(InputError, match="limit 应在 1 到 200 之间"):
            question(golden.database, golden.index, text="知识图谱", limit=limit)
    with pytest.raises(InputError, match="steps 应在 1 到 2 之间"):
        collaboration_network(golden.database, id="P林", steps=cast("Any", 3))


def test_a_region_that_is_no_code_is_refused(golden: Golden) -> None:
    with pytest.raises(InputError, match="行政区划代码"):
        experts_for_topic(golden.database, golden.index, text="知识图谱", region="河北")


@pytest.mark.parametrize(
    "text",
    [
        "知识图谱" * 15_000,
        '+-&&||!(){}[]^"~*?:\\/ ' * 500,
        "\ud800知识\x00图谱",
        "MATCH (n) DETACH DELETE n",
        "é" * 60_000,
    ],
    ids=["too long", "operators", "broken characters", "Cypher", "one letter"],
)
def test_any_text_is_answered(golden: Golden, text: str) -> None:
    for question in (experts_for_topic, organisations_for_topic, outputs_for_topic, projects_for_topic):
        answer = question(golden.database, golden.index, text=text)
        assert answer.model_dump_json()
        assert len(answer.question) <= 50_000
        if len(text) > 50_000:
            assert any("50000" in note for note in answer.notes)
        if not answer.terms:
            assert any("没有可检索的词" in note for note in answer.notes)


def _notifications(endpoint: Endpoint, query: Query[Any], parameters: Mapping[str, object]) -> list[str]:
    with (
        # The driver leaves its **config without types.
        GraphDatabase.driver(endpoint.uri, auth=(endpoint.user, endpoint.password.get_secret_value())) as driver  # pyright: ignore[reportUnknownMemberType]
    ):
        text = "EXPLAIN " + query.text
        summary = driver.execute_query(text, dict(parameters), database_=endpoint.database).summary
        return [f"{s.gql_status}: {s.status_description}" for s in summary.gql_status_objects if s.is_notification]


def assert_same(actual: Any, expected: Any, where: str) -> None:
    """Compare plain data, numbers to nine places."""
    if isinstance(expected, dict):
        named = cast("dict[str, Any]", expected)
        assert actual.keys() == named.keys(), where
        for name, value in named.items():
            assert_same(actual[name], value, f"{where} / {name}")
    elif isinstance(expected, list):
        listed = cast("list[Any]", expected)
        assert len(actual) == len(listed), (where, actual)
        for place, value in enumerate(listed):
            assert_same(actual[place], value, f"{where} / {place}")
    elif isinstance(expected, float):
        assert actual == pytest.approx(expected, rel=PRECISION, abs=PRECISION), where
    else:
        assert actual == expected, where
