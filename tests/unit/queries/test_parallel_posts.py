"""Which two employers of one year does nothing tie?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queries.parallel_posts import BodiesOfWork, untied

# Two departments of one university, an institute, and a body that the graph must not show.
ENTITIES = {"U系": "U", "U院": "U", "U": "U", "I": "I", "K": "K"}


def work(key: str, year: int | None, *bodies: str) -> BodiesOfWork:
    return BodiesOfWork(work=key, year=year, organisations=list(bodies) or None)


@pytest.mark.parametrize(
    ("works", "posts", "expected"),
    [
        ([work("a", 2020, "U"), work("b", 2020, "I")], [], {("I", "U"): (2020,)}),
        ([work("a", 2020, "U系"), work("b", 2020, "I"), work("c", 2021, "U院"), work("d", 2021, "I")], [],
         {("I", "U"): (2020, 2021)}),
        ([work("a", 2020, "U"), work("b", 2021, "I")], [], {}),
        ([work("a", 2020, "U系"), work("b", 2020, "U院")], [], {}),
        ([work("a", 2020, "U"), work("b", 2020, "I"), work("c", 2009, "U院", "I")], [], {}),
        ([work("a", 2020, "U"), work("b", 2020, "I"), work("c", None, "U", "I")], [], {}),
        # Two sources of one work, each naming another body.
        ([work("a", 2020, "U"), work("a", 2020, "I")], [], {}),
        ([work("a", 2020, "U"), work("b", 2020, "I")], ["U系", "I"], {}),
        ([work("a", 2020, "U"), work("b", 2020, "I")], ["U", "K"], {("I", "U"): (2020,)}),
        ([work("a", 2020, "U"), work("b", 2020, "unknown")], [], {}),
        ([work("a", 2020), work("b", None, "I")], [], {}),
    ],
)  # fmt: skip
def test_untied(works: list[BodiesOfWork], posts: list[str], expected: dict[tuple[str, str], tuple[int, ...]]) -> None:
    assert untied(works, posts, ENTITIES) == expected


WORKS = st.lists(
    st.builds(
        BodiesOfWork,
        work=st.sampled_from("abcd"),
        year=st.none() | st.integers(2019, 2021),
        organisations=st.none() | st.lists(st.sampled_from([*ENTITIES, "unknown"]), max_size=3),
    ),
    max_size=6,
)


@given(WORKS, st.lists(st.sampled_from([*ENTITIES]), max_size=2))
def test_a_tie_is_a_tie_wherever_it_comes_from(works: list[BodiesOfWork], posts: list[str]) -> None:
    found = untied(works, posts, ENTITIES)
    assert untied([*works[::-1], *works], posts[::-1], ENTITIES) == found
    for pair, years in found.items():
        assert years
        assert pair[0] < pair[1]
        tied = untied([*works, work("z", None, *pair)], posts, ENTITIES)
        assert tied == {other: seen for other, seen in found.items() if other != pair}
        assert pair not in untied(works, pair, ENTITIES)
