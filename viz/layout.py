"""Where does each node of a network go? Pure, deterministic, in pixels; nothing here knows what a node means."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

Point = tuple[float, float]
Size = tuple[float, float]
Edge = tuple[str, str, float]

EDGE_LENGTH = 120.0  # px between neighbours before labels push them apart: two short Chinese names side by side
STRETCH = 1.8  # width over height: a picture is looked at on a landscape screen (1366x768 less the page's own parts)
ROOM = 2.4  # area of a part over the area of its boxes: looked at; below 2 the pushed boxes line up in rows
SHORTER = 0.12  # 32 shared works draw two people to 1 / 1.6 of the distance of one
STRESS_ROUNDS = 60  # the stress of a 300-node network changes by less than 1 % after 50 rounds
PUSH_ROUNDS = 300
GAP = 6.0  # px kept free between two boxes
COMPONENT_GAP = 60.0


def place(
    nodes: Sequence[str],
    edges: Sequence[Edge],
    sizes: Mapping[str, Size],
    *,
    seed: int = 20240607,
) -> dict[str, Point]:
    """The centre of each node's box in px, round the origin; boxes of the given `sizes` (width, height) do not overlap.

    Each connected part is drawn by stress majorisation (Gansner, Koren & North 2004, "Graph drawing by stress
    majorization") from a seeded spring layout (Fruchterman & Reingold 1991), its boxes are pushed apart, and the parts
    are set side by side. `edges` are (node, node, weight > 0); a heavier edge is drawn shorter. Edges whose ends are
    unknown or the same are left out. The same arguments give the same result.
    """
    order = {node: position for position, node in enumerate(nodes)}
    kept = [
        (source, target, max(float(weight), 1.0))
        for source, target, weight in edges
        if source != target and source in order and target in order
    ]
    graph = _graph(nodes, kept)
    parts: list[list[str]] = [sorted(part, key=order.__getitem__) for part in _networkx().connected_components(graph)]
    parts.sort(key=lambda part: (-len(part), order[part[0]]))
    part_of = {node: at for at, part in enumerate(parts) for node in part}
    inside: list[list[Edge]] = [[] for _ in parts]
    for edge in kept:
        inside[part_of[edge[0]]].append(edge)
    placed: list[tuple[list[str], Floats, Floats]] = []
    for part, part_edges in zip(parts, inside, strict=True):
        boxes = np.array([sizes[node] for node in part], dtype=np.float64)
        points = _roomy(_part(part, part_edges, seed), boxes)
        placed.append((part, push_apart(points, boxes), boxes))
    return _side_by_side(placed)


def _networkx() -> Any:  # noqa: ANN401  # networkx carries no types
    return import_module("networkx")  # half a second to import: only when a picture is asked for


def _graph(nodes: Sequence[str], edges: Sequence[Edge]) -> Any:  # noqa: ANN401
    graph: Any = _networkx().Graph()
    graph.add_nodes_from(nodes)
    for source, target, weight in edges:
        graph.add_edge(source, target, weight=weight, length=1.0 / (1.0 + SHORTER * float(np.log2(weight))))
    return graph


def _part(part: Sequence[str], edges: Sequence[Edge], seed: int) -> Floats:
    if len(part) == 1:
        return np.zeros((1, 2))
    graph = _graph(part, edges)
    spring: Any = _networkx().spring_layout(graph, seed=seed, iterations=50, weight="weight", method="force")
    start: Floats = np.array([spring[node] for node in part], dtype=np.float64)
    lengths: Floats = np.asarray(
        _networkx().floyd_warshall_numpy(graph, nodelist=list(part), weight="length"), dtype=np.float64
    )
    return majorise(start, lengths) * EDGE_LENGTH * np.array([STRETCH, 1.0])


def _roomy(points: Floats, boxes: Floats) -> Floats:
    """The points spread evenly until their rectangle is ROOM times the area of the boxes; never drawn together."""
    width, height = points.max(axis=0) - points.min(axis=0)
    area = float(width * height)
    need = ROOM * float(np.prod(boxes + GAP, axis=1).sum())
    return points * max(1.0, (need / area) ** 0.5) if area > 0 else points


def majorise(start: Floats, lengths: Floats, rounds: int = STRESS_ROUNDS) -> Floats:
    """Points (n, 2) whose distances come close to `lengths` (n, n, symmetric, finite, zero only on the diagonal).

    Minimises the sum over pairs of (distance - length)² / length² by the majorisation of Gansner, Koren & North 2004,
    equation 7, which never raises it.
    """
    weights = np.zeros_like(lengths)
    apart = lengths > 0
    weights[apart] = lengths[apart] ** -2
    laplacian = np.diag(weights.sum(axis=1)) - weights
    inverse = np.linalg.pinv(laplacian, hermitian=True)
    points = start - start.mean(axis=0)
    for _ in range(rounds):
        delta_x = points[:, None, 0] - points[None, :, 0]
        delta_y = points[:, None, 1] - points[None, :, 1]
        pull = (weights * lengths) / np.maximum(np.hypot(delta_x, delta_y), 1e-9)
        points = inverse @ (pull.sum(axis=1)[:, None] * points - pull @ points)
    return points


def push_apart(points: Floats, boxes: Floats) -> Floats:
    """The points moved as little as it takes for boxes (width, height) centred on them to keep GAP px between them.

    Each round moves every overlapping pair apart along the axis with the smaller overlap; a crowd that does not come
    apart is spread by a tenth every 30 rounds. Points in the same place part in the order given.
    """
    count = len(points)
    moved = points.astype(np.float64).copy()
    if count < 2:
        return moved
    first, second = np.triu_indices(count, k=1)
    need = (boxes[first] + boxes[second]) / 2 + GAP
    need_x, need_y = need[:, 0].copy(), need[:, 1].copy()
    for turn in range(1, PUSH_ROUNDS + 1):
        delta_x = moved[first, 0] - moved[second, 0]
        delta_y = moved[first, 1] - moved[second, 1]
        over_x, over_y = need_x - np.abs(delta_x), need_y - np.abs(delta_y)
        hit = np.flatnonzero((over_x > 0.01) & (over_y > 0.01))
        if not len(hit):
            break
        sideways = over_x[hit] <= over_y[hit]
        for axis, over, delta, pairs in ((0, over_x, delta_x, hit[sideways]), (1, over_y, delta_y, hit[~sideways])):
            step = over[pairs] * 0.5 * np.where(delta[pairs] > 0, 1.0, -1.0)
            ends = np.concatenate((first[pairs], second[pairs]))
            shift = np.bincount(ends, weights=np.concatenate((step, -step)), minlength=count)
            crowd = np.bincount(ends, minlength=count) * 0.6
            moved[:, axis] += shift / np.maximum(1.0, crowd)
        if turn % 30 == 0:
            moved *= 1.1
    return moved


def _side_by_side(placed: Sequence[tuple[list[str], Floats, Floats]]) -> dict[str, Point]:
    """The parts in rows, the largest first, about STRETCH times as wide as high; the whole round the origin."""
    corners: list[tuple[Floats, Floats]] = []
    for _, points, boxes in placed:
        corners.append(((points - boxes / 2).min(axis=0), (points + boxes / 2).max(axis=0)))
    area = sum(float(np.prod(high - low + COMPONENT_GAP)) for low, high in corners)
    widest = max((float(high[0] - low[0]) for low, high in corners), default=0.0)
    row_width = max(widest, (area * STRETCH) ** 0.5)
    result: dict[str, Point] = {}
    x = y = row_height = 0.0
    for (part, points, _), (low, high) in zip(placed, corners, strict=True):
        width, height = (float(side) for side in high - low)
        if x > 0 and x + width > row_width:
            x, y, row_height = 0.0, y + row_height + COMPONENT_GAP, 0.0
        for node, point in zip(part, points - low, strict=True):
            result[node] = (x + float(point[0]), y + float(point[1]))
        x, row_height = x + width + COMPONENT_GAP, max(row_height, height)
    return _round_origin(result)


def _round_origin(points: Mapping[str, Point]) -> dict[str, Point]:
    if not points:
        return {}
    xs, ys = [x for x, _ in points.values()], [y for _, y in points.values()]
    middle_x, middle_y = (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2
    return {node: (round(x - middle_x, 1), round(y - middle_y, 1)) for node, (x, y) in points.items()}
