import json
import math
import os
import subprocess
import sys
from itertools import combinations, pairwise
from random import Random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from viz.layout import Edge, majorise, place, push_apart

NAMES = [f"n{at}" for at in range(24)]


@st.composite
def drawings(draw: st.DrawFn) -> tuple[list[str], list[Edge], dict[str, tuple[float, float]]]:
    nodes = NAMES[: draw(st.integers(0, len(NAMES)))]
    end = st.sampled_from([*nodes, "nobody"])
    edges = draw(st.lists(st.tuples(end, end, st.floats(-1, 1e6, allow_nan=False)), max_size=60))
    side = st.floats(1, 240)
    return nodes, edges, {node: (draw(side), draw(side)) for node in nodes}


@given(drawings())
@settings(max_examples=60, deadline=None)
def test_every_node_has_a_finite_place(drawing: tuple[list[str], list[Edge], dict[str, tuple[float, float]]]) -> None:
    nodes, edges, sizes = drawing
    points = place(nodes, edges, sizes)
    assert set(points) == set(nodes)
    assert all(math.isfinite(value) for point in points.values() for value in point)
    assert place(nodes, edges, sizes) == points


@given(drawings())
@settings(max_examples=60, deadline=None)
def test_no_two_boxes_overlap(drawing: tuple[list[str], list[Edge], dict[str, tuple[float, float]]]) -> None:
    nodes, edges, sizes = drawing
    points = place(nodes, edges, sizes)
    for first, second in combinations(nodes, 2):
        across = abs(points[first][0] - points[second][0]) - (sizes[first][0] + sizes[second][0]) / 2
        down = abs(points[first][1] - points[second][1]) - (sizes[first][1] + sizes[second][1]) / 2
        assert across > -0.2 or down > -0.2, (first, second)


def test_one_node_stands_at_the_origin() -> None:
    assert place(["a"], [("a", "a", 3.0)], {"a": (40, 20)}) == {"a": (0.0, 0.0)}
    assert place([], [], {}) == {}


def test_parts_without_a_connection_stand_beside_each_other() -> None:
    nodes = ["a", "b", "c", "d", "e"]
    points = place(nodes, [("a", "b", 1), ("c", "d", 1)], dict.fromkeys(nodes, (40.0, 30.0)))
    parts = [
        (min(x for x, _ in group), max(x for x, _ in group), min(y for _, y in group), max(y for _, y in group))
        for group in ([points[name] for name in part] for part in ("ab", "cd", "e"))
    ]
    for first, second in combinations(parts, 2):
        assert first[1] < second[0] or second[1] < first[0] or first[3] < second[2] or second[3] < first[2]


def test_the_cap_of_nodes_and_a_hub_are_placed_without_overlap() -> None:
    nodes = [f"n{at}" for at in range(300)]
    points = place(nodes, [("n0", node, 1.0) for node in nodes[1:]], dict.fromkeys(nodes, (45.0, 36.0)))
    assert all(
        abs(points[first][0] - points[second][0]) > 44.8 or abs(points[first][1] - points[second][1]) > 35.8
        for first, second in combinations(nodes, 2)
    )


def test_another_process_draws_the_same_picture() -> None:
    program = (
        "import json; from viz.layout import place; n=[f'n{i}' for i in range(30)];"
        "print(json.dumps(place(n, [(n[i], n[i*7%30], 1+i%4) for i in range(29)], dict.fromkeys(n, (40., 30.)))))"
    )
    drawn = [
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert drawn[0] == drawn[1]
    assert len(json.loads(drawn[0])) == 30


@given(st.integers(2, 12), st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_majorisation_never_raises_the_stress(count: int, random: Random) -> None:
    start = np.array([[random.random(), random.random()] for _ in range(count)])
    lengths = np.abs(np.subtract.outer(np.arange(count), np.arange(count))).astype(np.float64)

    def stress(rounds: int) -> float:
        points = majorise(start, lengths, rounds)
        apart = np.hypot(*(np.subtract.outer(points[:, axis], points[:, axis]) for axis in (0, 1)))
        off = lengths > 0
        return float((((apart - lengths)[off] / lengths[off]) ** 2).sum())

    levels = [stress(rounds) for rounds in (1, 2, 5, 20)]
    assert all(later <= earlier + 1e-6 for earlier, later in pairwise(levels))


def test_points_in_the_same_place_are_parted() -> None:
    points = push_apart(np.zeros((5, 2)), np.full((5, 2), 10.0))
    assert len({(round(float(x), 3), round(float(y), 3)) for x, y in points}) == 5
