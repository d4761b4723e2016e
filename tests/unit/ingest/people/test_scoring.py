"""The score of two mentions: symmetric, additive, explained, and independent of what else is in the table."""

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.people.explain import Explainer, explain
from ingest.people.mentions import Kind, MentionTable, Named, Work, build_table
from ingest.people.pairs import PairSet
from ingest.people.scoring import ELSEWHERE, PARTS, Scorer, Scores
from ingest.people.statistics import Background, count_background, default_background
from ingest.people.weights import ASK, CUT, DEFAULT, IDENTITY_PAGE
from tests.unit.ingest.people.worlds import circle, works


def many_works(count: int = 300) -> list[Work]:
    """Enough works for rarity and topics to be counted."""
    words = [f"词{number}" for number in range(40)]
    return [
        Work(
            f"b{number}",
            tuple(
                Named(
                    f"b{number}#{place}",
                    f"{'赵钱孙李'[number % 4]}{chr(0x4E00 + (number * 7 + place) % 90)}",
                    ("甲大学",),
                )
                for place in range(3)
            ),
            year=2000 + number % 20,
            text=" ".join(words[(number * 3 + step) % 40] for step in range(8)),
        )
        for number in range(count)
    ]


BACKGROUND: Background = count_background(build_table([*many_works(), *circle(5)]), made_on="2026-01-01")


def all_pairs(table: MentionTable) -> Scores:
    rows = np.lexsort((table.rank, table.block))
    return Scorer(table, BACKGROUND).score(PairSet.within(rows, table.block[rows].astype(np.int64)))


def by_ids(table: MentionTable, scores: Scores) -> dict[frozenset[str], float]:
    return {
        frozenset((table.ids[int(i)], table.ids[int(j)])): float(total)
        for i, j, total in zip(scores.left, scores.right, scores.total, strict=True)
    }


@given(works(), st.randoms())
def test_a_pair_scores_alike_in_any_order_and_company(made: list[Work], random: Random) -> None:
    whole = build_table(made)
    together = by_ids(whole, all_pairs(whole))
    shuffled = list(made)
    random.shuffle(shuffled)
    again = build_table(shuffled)
    assert by_ids(again, all_pairs(again)) == together
    part = build_table(made[: len(made) // 2])
    alone = by_ids(part, all_pairs(part))
    assert {pair: together[pair] for pair in alone} == alone


@given(works(4))
def test_left_and_right_may_be_exchanged_and_the_parts_add_up(made: list[Work]) -> None:
    table = build_table(made)
    explainer = Explainer(table, BACKGROUND)
    rows = range(min(6, len(table)))
    for left in rows:
        for right in rows:
            if left < right:
                found = explainer.compare(left, right)
                assert found == explainer.compare(right, left)
                assert abs(sum(part.points for part in found.parts) - found.score) < 1e-6
                assert all(part.name in PARTS for part in found.parts)
                assert len(explain(found.parts)) == len(found.parts)


@given(works())
def test_across_gives_what_within_gives(made: list[Work]) -> None:
    table = build_table(made)
    order = np.lexsort((table.rank, table.block))
    block = table.block[order].astype(np.int64)
    half = np.arange(len(order)) % 2 == 0
    crossed = Scorer(table, BACKGROUND).score(PairSet.across(order[half], block[half], order[~half], block[~half]))
    within = by_ids(table, all_pairs(table))
    assert {pair: within[pair] for pair in by_ids(table, crossed)} == by_ids(table, crossed)


def test_sentences_name_the_evidence() -> None:
    table = build_table(circle(2))
    found = Explainer(table, BACKGROUND).compare(0, 4)
    sentences = explain(found.parts)
    assert any(sentence.startswith("有 3 位共同合作者：张三、李四、赵五（+8.0）") for sentence in sentences)
    assert any("单位相同：甲大学" in sentence for sentence in sentences)


def test_without_a_common_coauthor_or_organisation_the_score_is_capped() -> None:
    text = "图神经网络 推荐系统 知识图谱"
    made = [Work(f"w{n}", (Named(f"w{n}#0", "王伟"),), year=2020, venue="甲刊", text=text) for n in range(2)]
    table = build_table(made)
    page = Scorer(table, BACKGROUND, IDENTITY_PAGE).score(PairSet.within(np.arange(2), np.ones(2, dtype=np.int64)))
    assert page.total[0] <= 0


def lone(key: str, name: str, body: str, kind: Kind = Kind.PROJECT) -> Work:
    return Work(key, (Named(f"{key}#1", name, (body,), body),), kind, 2010)


def points(*made: Work) -> float:
    table = build_table(list(made))
    return float(all_pairs(table).total[0])


def test_a_project_that_names_its_leader_alone_counts_as_a_record() -> None:
    weights, years = DEFAULT, 0.5
    long = points(lone("p1", "欧阳修远", "乙大学"), lone("p2", "欧阳修远", "乙大学"))
    short = points(lone("p1", "王伟", "乙大学"), lone("p2", "王伟", "乙大学"))
    assert long == pytest.approx(weights.record + years, abs=0.01)
    assert short == pytest.approx(weights.record_two + years, abs=0.01)
    # Name and employer alone never decide: that takes a like subject.
    assert long < CUT
    apart = points(lone("p1", "欧阳修远", "乙大学"), lone("p2", "欧阳修远", "丙研究院"))
    assert apart < ASK
    # Of a paper the missing collaborators are a sign, of a project they are not told.
    papers = points(lone("p1", "欧阳修远", "乙大学", Kind.PAPER), lone("p2", "欧阳修远", "乙大学", Kind.PAPER))
    assert papers != long
    roster = points(lone("p1", "欧阳修远", "乙大学", Kind.ROSTER), lone("p2", "欧阳修远", "乙大学"))
    assert roster == pytest.approx(long + weights.all_organisations - years, abs=0.6)


def test_a_snapshot_survives_being_written() -> None:
    again = Background.from_bytes(BACKGROUND.to_bytes())
    assert again.version == BACKGROUND.version
    table = build_table(circle(3))
    rows = np.lexsort((table.rank, table.block))
    pairs = PairSet.within(rows, table.block[rows].astype(np.int64))
    assert np.array_equal(Scorer(table, again).score(pairs).total, Scorer(table, BACKGROUND).score(pairs).total)


def test_a_store_without_works_has_neutral_rarity() -> None:
    table = build_table(circle(2))
    rows = np.array([0, 4])
    scores = Scorer(table, default_background()).score(PairSet.within(rows, np.ones(2, dtype=np.int64)))
    parts = dict(zip(PARTS, scores.parts[0], strict=True))
    assert parts["name"] == parts["coauthor_rarity"] == parts["topic"] == parts["words"] == 0


@given(works())
def test_only_those_who_met_are_the_same_pairs_with_the_same_points(made: list[Work]) -> None:
    table = build_table(made)
    rows = np.lexsort((table.rank, table.block))
    pairs = PairSet.within(rows, table.block[rows].astype(np.int64))
    every, met = (Scorer(table, BACKGROUND).score(pairs, met=only) for only in (False, True))
    kept = (every.coauthors > 0) | (every.organisation >= ELSEWHERE)
    assert np.array_equal(met.left, every.left[kept])
    assert np.array_equal(met.right, every.right[kept])
    assert np.array_equal(met.parts, every.parts[kept])
