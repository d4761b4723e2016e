"""From groups of namesakes to pairs: what counting by bit masks and listing give is what enumerating gives."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from queries.namesakes import Shared, count_pairs, listed_pairs

PEOPLE = st.lists(st.sampled_from("ABCDEF"), min_size=1, max_size=5, unique=True)
SHARED = st.builds(
    Shared,
    name_key=st.sampled_from(["甲", "乙"]),
    kind=st.sampled_from(["organisation", "co-author"]),
    shared=st.sampled_from(["O1", "O2", "P9"]),
    name=st.just("名"),
    people=PEOPLE,
).map(lambda row: row.model_copy(update={"people": [row.name_key + person for person in row.people]}))
APART = st.lists(PEOPLE.map(lambda people: ["甲" + person for person in people]), max_size=3)


def enumerated(shared: list[Shared], apart: list[list[str]]) -> set[tuple[str, str]]:
    def pairs(groups: list[list[str]]) -> set[tuple[str, str]]:
        return {pair for group in groups for pair in combinations(sorted(group), 2)}

    return pairs([row.people for row in shared]) - pairs(apart)


@given(st.lists(SHARED, max_size=6), APART)
def test_the_count_is_that_of_the_pairs(shared: list[Shared], apart: list[list[str]]) -> None:
    assert count_pairs(shared, apart=apart) == len(enumerated(shared, apart))


@given(st.lists(SHARED, max_size=6), APART)
def test_the_list_is_of_these_pairs_with_all_they_share_in_any_order(
    shared: list[Shared], apart: list[list[str]]
) -> None:
    listed = listed_pairs(shared, apart=apart, limit=1_000)
    assert {pair for pair, _ in listed} == enumerated(shared, apart)
    assert len(listed) == len({pair for pair, _ in listed})
    for (one, other), things in listed:
        assert things == [row for row in shared if {one, other} <= set(row.people)]
    assert [len(things) for _, things in listed] == sorted((len(things) for _, things in listed), reverse=True)
    assert [pair for pair, _ in listed_pairs(shared[::-1], apart=apart[::-1], limit=3)] == [
        pair for pair, _ in listed[:3]
    ]


def test_ten_thousand_of_one_name_are_counted_not_listed() -> None:
    crowd = Shared(name_key="甲", kind="organisation", shared="O1", name="名", people=[f"P{n}" for n in range(10_000)])
    two = Shared(name_key="甲", kind="co-author", shared="P9", name="名", people=["P1", "P2"])
    assert count_pairs([crowd, two], apart=[["P3", "P4"]]) == 10_000 * 9_999 // 2 - 1
    assert listed_pairs([crowd, two], limit=10) == [(("P1", "P2"), [two])]
