"""Who works with whom: the rows a collaboration network is made of, from the person, organisation or topic outwards."""

from typing import Literal

from pydantic import BaseModel


class NetworkNode(BaseModel, frozen=True):
    """One person, organisation or topic of a network.

    `label` is the name shown, `group` the organisation's name (empty when unknown), `weight` the number of works,
    `distance` the number of steps from the centre (0 = the centre itself), `detail` one line such as "organisation ·
    title".
    """

    id: str
    label: str
    kind: Literal["person", "organisation", "topic"]
    group: str
    weight: float
    distance: int
    detail: str


class NetworkEdge(BaseModel, frozen=True):
    """One relationship between two nodes: `weight` shared works between the first and the last year of `years`."""

    source: str
    target: str
    weight: int
    kind: str = "collaborated"
    years: tuple[int, int] | None


class Network(BaseModel, frozen=True):
    """A network around `centre` (None: around nothing in particular).

    `total_nodes` is the number of nodes before the cap and `truncated` whether the cap left any out; `fictional` makes
    every picture carry the mark 虚构示例数据.
    """

    centre: str | None
    nodes: tuple[NetworkNode, ...]
    edges: tuple[NetworkEdge, ...]
    total_nodes: int
    truncated: bool
    fictional: bool = False
