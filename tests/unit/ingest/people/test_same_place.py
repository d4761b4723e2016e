"""Which mentions of a work stand at one place: what several postings say of it."""

from __future__ import annotations

from typing import Any

import pytest

from graph.identity import mention_id
from ingest.people.stored import same_place

Place = tuple[str, str, int]


def groups(*places: Place) -> list[list[str]]:
    """Ids of the mentions of one name at these places (source, row, position), as they come together."""
    made: list[dict[str, Any]] = [
        {"id": mention_id(*place), "block": "王伟", "source": place[0], "position": place[2], "key": f"{place[1]}{n}"}
        for n, place in enumerate(places)
    ]
    return [[mention["id"] for mention in group] for group in same_place(made)]


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ([("a", "r", 1), ("b", "s", 1)], [["a|r|1", "b|s|1"]]),
        # One source posts the work twice: nobody is a second person because of it.
        ([("a", "r", 6), ("a", "s", 6)], [["a|r|6", "a|s|6"]]),
        ([("a", "r", 1), ("a", "r", 2)], [["a|r|1"], ["a|r|2"]]),
        ([("a", "r", 1), ("a", "r", 2), ("b", "s", 4)], [["a|r|1", "b|s|4"], ["a|r|2"]]),
        # LED and PARTICIPATED_IN of one person.
        ([("a", "r", 1), ("a", "r", 1)], [["a|r|1"]]),
    ],
)
def test_a_place_is_the_kth_mention_of_a_name_in_every_posting(places: list[Place], expected: list[list[str]]) -> None:
    assert groups(*places) == expected
