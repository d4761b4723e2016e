"""Groups, questions and guards: order of arrival never matters, hard signs always do."""

from itertools import combinations
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.people import clusters
from ingest.people.clusters import Resolution, resolve_blocks, score_new
from ingest.people.constraints import Decisions
from ingest.people.mentions import MentionTable, MentionTableBuilder, Named, Work, build_table
from ingest.people.statistics import default_background
from tests.unit.ingest.people.test_scoring import BACKGROUND
from tests.unit.ingest.people.worlds import circle, works


def groups(table: MentionTable, found: Resolution) -> set[frozenset[str]]:
    sets: dict[int, set[str]] = {}
    for id_, label in zip(table.ids, found.component.tolist(), strict=True):
        sets.setdefault(label, set()).add(id_)
    return {frozenset(own) for own in sets.values()}


def together(table: MentionTable, found: Resolution, one: str, other: str) -> bool:
    return found.component[table.ids.index(one)] == found.component[table.ids.index(other)]


IDS = [f"w{work}#{place}" for work in range(10) for place in range(4)]
PAIRS = st.frozensets(st.tuples(st.sampled_from(IDS), st.sampled_from(IDS)), max_size=4)


@settings(max_examples=150)
@given(works(), PAIRS, PAIRS, st.integers(), st.sampled_from((-9.0, 1.0, 4.5)))
def test_order_of_arrival_does_not_matter_and_what_is_apart_stays_apart(
    made: list[Work], same: frozenset[tuple[str, str]], different: frozenset[tuple[str, str]], seed: int, cut: float
) -> None:
    decisions = Decisions(same, different)
    table = build_table(made)
    found = resolve_blocks(table, BACKGROUND, decisions, cut=cut)
    shuffled = list(made)
    Random(seed).shuffle(shuffled)
    builder = MentionTableBuilder()
    for work in shuffled:
        builder.add(work)
        builder.table()
    again = builder.table()
    other = resolve_blocks(again, BACKGROUND, decisions, cut=cut)
    assert groups(table, found) == groups(again, other)
    asked = [sorted((table.ids[i], table.ids[j])) for i, j in (q.pair for q in found.questions)]
    assert sorted(asked) == sorted(sorted((again.ids[i], again.ids[j])) for i, j in (q.pair for q in other.questions))
    for one, two in different:
        if one != two and one in table.ids and two in table.ids:
            assert not together(table, found, one, two)
    said = same or different
    if not said:
        for group in groups(table, found):
            assert len({id_.split("#")[0] for id_ in group}) == len(group)
            owned = {code for id_ in group for code in table.strong.of(table.ids.index(id_)).tolist()}
            identifiers = [table.identifiers[int(code)] for code in owned]
            assert len([identifier for identifier in identifiers if identifier.startswith("orcid")]) <= 1


@given(works(), st.sampled_from(IDS), st.sampled_from(IDS))
def test_a_yes_joins(made: list[Work], one: str, other: str) -> None:
    table = build_table(made)
    if one in table.ids and other in table.ids:
        assert together(table, resolve_blocks(table, BACKGROUND, Decisions(frozenset({(one, other)}))), one, other)


@given(works())
def test_touched_blocks_come_out_as_in_the_whole(made: list[Work]) -> None:
    table = build_table(made)
    whole = resolve_blocks(table, BACKGROUND)
    part = resolve_blocks(table, BACKGROUND, blocks=["王伟"])
    rows = [row for row, code in enumerate(table.block) if table.names[code] == "王伟"]
    ids = {table.ids[row] for row in rows}
    assert {g for g in groups(table, whole) if g & ids} == {g for g in groups(table, part) if g & ids}


@given(works())
def test_names_that_are_no_names_stay_alone(made: list[Work]) -> None:
    table = build_table(made)
    found = resolve_blocks(table, BACKGROUND, cut=-9, bridge=-9)
    sizes = np.bincount(found.component, minlength=len(table))
    assert all(sizes[found.component[row]] == 1 for row in np.flatnonzero(table.alone))


def test_one_person_is_one_group_and_a_namesake_elsewhere_is_not() -> None:
    far = [
        Work(
            f"q{n}",
            (Named(f"q{n}#0", "王伟", ("丁公司",)), Named(f"q{n}#1", "周八", ("丁公司",))),
            year=2020,
            text="水稻",
        )
        for n in range(3)
    ]
    table = build_table([*circle(4), *far])
    found = resolve_blocks(table, BACKGROUND)
    assert frozenset(f"p{n}#0" for n in range(4)) in groups(table, found)
    assert not together(table, found, "p0#0", "q0#0")


def test_one_bridge_does_not_join_two_circles() -> None:
    one, other = circle(4, prefix="p"), circle(4, prefix="q", partners=("周八", "吴九", "郑十"))
    other = [
        Work(w.id, tuple(Named(p.id, p.name, ("乙大学",), "乙大学") for p in w.people), year=w.year, text="水稻 育种")
        for w in other
    ]
    bridge = Work(
        "x0",
        tuple(
            Named(f"x0#{place}", name, ("甲大学", "乙大学"), "甲大学；乙大学")
            for place, name in enumerate(("王伟", "张三", "李四", "赵五", "周八", "吴九", "郑十"))
        ),
        year=2012,
    )
    table = build_table([*one, *other, bridge])
    held = resolve_blocks(table, BACKGROUND, cut=3)
    loose = resolve_blocks(table, BACKGROUND, cut=3, bridge=-9)
    assert together(table, loose, "p0#0", "q0#0")
    assert not together(table, held, "p0#0", "q0#0")
    assert held.flags
    assert any({table.ids[i] for i in (*q.left, *q.right)} >= {"p0#0", "q0#0"} for q in held.questions)


def test_a_huge_group_goes_to_a_person() -> None:
    table = build_table(circle(30))
    found = resolve_blocks(table, BACKGROUND, largest=20)
    assert max(np.bincount(found.component)) <= 20
    assert any("超过 20" in flag.reason for flag in found.flags)


def test_ten_thousand_mentions_of_one_name_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "TOO_MANY", 50)
    monkeypatch.setattr(clusters, "_TILE", 10)
    made = [Work(f"w{n}", (Named(f"w{n}#0", "王伟", ("甲大学",)),), text="同一个题目") for n in range(60)]
    table = build_table(made)
    found = resolve_blocks(table, default_background())
    assert found.pairs_scored == 0
    assert len(groups(table, found)) == 60
    assert "超过 50" in found.flags[0].reason


def test_tiles_give_what_one_piece_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    made = [*circle(7), *circle(6, prefix="q", partners=("周八", "吴九"))]
    table = build_table(made)
    whole = resolve_blocks(table, BACKGROUND)
    monkeypatch.setattr(clusters, "_TILE", 4)
    tiled = resolve_blocks(table, BACKGROUND)
    assert groups(table, whole) == groups(table, tiled)
    assert whole.pairs_scored == tiled.pairs_scored


@given(works(), st.data())
def test_new_mentions_are_scored_with_every_other_once(made: list[Work], data: st.DataObject) -> None:
    table = build_table(made)
    new = data.draw(st.lists(st.integers(0, len(table) - 1), unique=True, min_size=1))
    pairs = [
        frozenset((int(i), int(j)))
        for scores in score_new(table, BACKGROUND, np.array(new))
        for i, j in zip(scores.left, scores.right, strict=True)
    ]
    usable = [row for row in range(len(table)) if not table.alone[row]]
    wanted = {
        frozenset(pair)
        for pair in combinations(usable, 2)
        if table.block[pair[0]] == table.block[pair[1]] and set(pair) & set(new)
    }
    assert len(pairs) == len(set(pairs))
    assert set(pairs) == wanted


def test_an_identifier_joins_names_that_can_be_one_and_no_others() -> None:
    names = ("王伟", "Wei Wang", "李娜", "课题组")
    made = [Work(f"w{n}", (Named(f"w{n}#0", name, strong=("orcid:1", "mail:a")),)) for n, name in enumerate(names)]
    table = build_table(made)
    assert groups(table, resolve_blocks(table, BACKGROUND)) == {
        frozenset({"w0#0", "w1#0"}), frozenset({"w2#0"}), frozenset({"w3#0"})
    }  # fmt: skip
