"""What of a network is shown, where and how? The one thing the HTML, the SVG and the table are all made from; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from queries.networks import Network, NetworkEdge, NetworkNode
from viz import style
from viz.layout import place

NODE_CAP = 300  # a canvas of more is neither read nor dragged smoothly on an office computer
EDGE_CAP = 1500
LARGE_LABELS = 16  # names still readable when the whole of a large network is on the screen
LABEL_HEIGHT = 1.5  # ems from the lower edge of a mark to the lower edge of its label

FICTIONAL_MARK = "虚构示例数据"


@dataclass(frozen=True)
class Mark:
    """One node as drawn: position and radius in px, `colour` a place in GROUP_COLOURS or None for the shared grey."""

    id: str
    label: str
    name: str
    kind: Literal["person", "organisation", "topic"]
    group: str
    detail: str
    weight: float
    distance: int
    x: float
    y: float
    radius: float
    font_size: int
    colour: int | None
    centre: bool

    @property
    def fill(self) -> str:
        """The colour of the mark as #RRGGBB."""
        return style.OTHER_COLOUR if self.colour is None else style.GROUP_COLOURS[self.colour]


@dataclass(frozen=True)
class Line:
    """One edge as drawn between the marks `source` and `target`; `width` in px, `weight` in shared works."""

    source: Mark
    target: Mark
    weight: int
    width: float
    kind: str
    years: tuple[int, int] | None

    @property
    def period(self) -> str:
        """2018–2024, one year alone, or nothing."""
        if self.years is None:
            return ""
        first, last = self.years
        return str(first) if first == last else f"{first}–{last}"

    @property
    def central(self) -> bool:
        """Whether the line ends at the centre."""
        return self.source.centre or self.target.centre


@dataclass(frozen=True)
class LegendEntry:
    """One colour and what it stands for; `colour` as in Mark."""

    colour: int | None
    text: str
    count: int


@dataclass(frozen=True)
class Scene:
    """Everything a picture shows, in the order of importance: centre first, then by distance and weight."""

    marks: tuple[Mark, ...]
    lines: tuple[Line, ...]
    legend: tuple[LegendEntry, ...]
    kinds: tuple[str, ...]
    notices: tuple[str, ...]
    fictional: bool


def scene(network: Network) -> Scene:
    """The network cut to NODE_CAP nodes (nearest first, then heaviest) and EDGE_CAP edges (heaviest first), laid out.

    Nodes with an id already seen, edges to nodes not shown and edges from a node to itself are left out; what the caps
    leave out is said in `notices`.
    """
    shown, hidden = _shown_nodes(network)
    edges, hidden_edges = _shown_edges(network.edges, {node.id for node in shown})
    marks = _marks(network.centre, shown, edges)
    by_id = {mark.id: mark for mark in marks}
    heaviest = max((edge.weight for edge in edges), default=1)
    lines = tuple(
        Line(
            source=by_id[edge.source],
            target=by_id[edge.target],
            weight=edge.weight,
            width=style.edge_width(edge.weight, heaviest),
            kind=style.EDGE_NAMES.get(edge.kind, style.clean(edge.kind, 30)),
            years=edge.years,
        )
        for edge in edges
    )
    return Scene(
        marks=marks,
        lines=lines,
        legend=_legend(marks),
        kinds=tuple(kind for kind in style.KIND_NAMES if any(mark.kind == kind for mark in marks)),
        notices=_notices(len(marks), len(lines), hidden, hidden_edges),
        fictional=network.fictional,
    )


def _shown_nodes(network: Network) -> tuple[list[NetworkNode], int]:
    unique: dict[str, NetworkNode] = {}
    for node in network.nodes:
        unique.setdefault(node.id, node)
    ranked = sorted(unique.values(), key=lambda node: (node.id != network.centre, node.distance, -node.weight, node.id))
    shown = ranked[:NODE_CAP]
    return shown, max(network.total_nodes, len(unique)) - len(shown)


def _shown_edges(edges: Sequence[NetworkEdge], shown: set[str]) -> tuple[list[NetworkEdge], int]:
    kept = [edge for edge in edges if edge.source in shown and edge.target in shown and edge.source != edge.target]
    kept.sort(key=lambda edge: (-edge.weight, edge.source, edge.target, edge.kind))
    return kept[:EDGE_CAP], max(0, len(kept) - EDGE_CAP)


def _marks(centre: str | None, nodes: Sequence[NetworkNode], edges: Sequence[NetworkEdge]) -> tuple[Mark, ...]:
    heaviest = max((node.weight for node in nodes), default=0.0)
    large = {node.id for node in sorted(nodes, key=lambda node: (-node.weight, node.id))[:LARGE_LABELS]}
    zoom = style.zoom(len(nodes))
    colours = style.group_colours(style.clean(node.group) for node in nodes)
    drawn: list[tuple[NetworkNode, str, float, int]] = []
    sizes: dict[str, tuple[float, float]] = {}
    for node in nodes:
        is_centre = node.id == centre
        label = style.clean(node.label, style.LABEL_CHARACTERS) or "（无名称）"
        radius = style.radius(node.weight, heaviest, centre=is_centre) * (zoom if is_centre else 1.0)
        font = round(style.font_size(node.distance, centre=is_centre) * (zoom if is_centre or node.id in large else 1))
        drawn.append((node, label, radius, font))
        # The label stands under the mark; the box holds both.
        sizes[node.id] = (max(2 * radius, style.text_width(label, font)), 2 * radius + font * LABEL_HEIGHT)
    points = place([node.id for node in nodes], [(edge.source, edge.target, edge.weight) for edge in edges], sizes)
    return tuple(
        Mark(
            id=node.id,
            label=label,
            name=style.clean(node.label) or "（无名称）",
            kind=node.kind,
            group=style.clean(node.group),
            detail=style.clean(node.detail),
            weight=node.weight,
            distance=node.distance,
            x=points[node.id][0],
            y=round(points[node.id][1] - sizes[node.id][1] / 2 + radius, 1),
            radius=radius,
            font_size=font,
            colour=colours.get(style.clean(node.group)),
            centre=node.id == centre,
        )
        for node, label, radius, font in drawn
    )


def _legend(marks: Sequence[Mark]) -> tuple[LegendEntry, ...]:
    coloured: dict[int, tuple[str, int]] = {}
    other = unknown = 0
    for mark in marks:
        if mark.colour is not None:
            coloured[mark.colour] = (mark.group, coloured.get(mark.colour, ("", 0))[1] + 1)
        elif mark.group:
            other += 1
        else:
            unknown += 1
    entries = [LegendEntry(colour, *coloured[colour]) for colour in sorted(coloured)]
    if other:
        entries.append(LegendEntry(None, style.OTHER_GROUPS, other))
    if unknown:
        entries.append(LegendEntry(None, style.NO_GROUP, unknown))
    return tuple(entries)


def _notices(nodes: int, lines: int, hidden_nodes: int, hidden_edges: int) -> tuple[str, ...]:
    notices: list[str] = []
    if nodes == 0:
        notices.append("没有可显示的合作关系。")
    if hidden_nodes > 0:
        notices.append(
            f"网络共有 {nodes + hidden_nodes} 个节点，图中只显示离中心最近、成果最多的 {nodes} 个，"
            f"另有 {hidden_nodes} 个未显示。"
        )
    if hidden_edges > 0:
        notices.append(f"连线只显示共同成果最多的 {lines} 条，另有 {hidden_edges} 条未显示。")
    return tuple(notices)
