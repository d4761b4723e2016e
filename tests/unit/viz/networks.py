"""Networks for the tests of viz: small made ones, hostile ones, and a Hypothesis strategy for any."""

from itertools import pairwise

from hypothesis import strategies as st

from queries.networks import Network, NetworkEdge, NetworkNode

HOSTILE = (
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(2)>",
    '"><svg onload=alert(3)>',
    "' onmouseover='alert(4)",
    '<a href="javascript:alert(5)">href</a>',
    "<!-- <script>",
    "]]>&lt;b&gt;&amp;",
    "{{ 7*7 }}{% raw %}",
    "\u202egnp.exe\u202c \u200f\u05d0",
    "👩‍👩‍👧‍👦🐉",
    "\u2028line\u2029para\r\n\x00\x07tab\t",
    "`${alert(6)}`\\u003cscript\\u003e\\",
    "龘" * 10_000,
    "https://example.org/x.js",
    "__proto__",
    "",
)


def node(
    key: str, label: str = "", *, group: str = "江州大学", weight: float = 3, distance: int = 1, detail: str = ""
) -> NetworkNode:
    return NetworkNode(
        id=key, label=label or key, kind="person", group=group, weight=weight, distance=distance, detail=detail
    )


def star(count: int, *, fictional: bool = False) -> Network:
    """A centre with `count` - 1 neighbours in a ring."""
    names = [f"n{place}" for place in range(count)]
    spokes = [NetworkEdge(source="n0", target=name, weight=2, years=(2018, 2021)) for name in names[1:]]
    ring = [NetworkEdge(source=first, target=second, weight=1, years=None) for first, second in pairwise(names[1:])]
    nodes = tuple(
        node(name, f"专家{place}", distance=min(place, 1), weight=count - place, group=f"单位{place % 12}")
        for place, name in enumerate(names)
    )
    return Network(
        centre="n0",
        nodes=nodes,
        edges=(*spokes, *ring),
        total_nodes=count,
        truncated=False,
        fictional=fictional,
    )


def hostile() -> Network:
    """Every hostile text in every field that carries text, ids among them."""
    nodes = tuple(
        NetworkNode(
            id=text or "empty", label=text, kind="person", group=text, weight=1, distance=min(place, 1), detail=text
        )
        for place, text in enumerate(HOSTILE)
    )
    edges = tuple(
        NetworkEdge(source=nodes[0].id, target=other.id, weight=1, kind=other.label, years=None) for other in nodes[1:]
    )
    return Network(centre=nodes[0].id, nodes=nodes, edges=edges, total_nodes=len(nodes), truncated=False)


TEXTS = st.one_of(st.text(st.characters(exclude_categories=["Cs"]), max_size=30), st.sampled_from(HOSTILE))


@st.composite
def any_network(draw: st.DrawFn) -> Network:
    ids = draw(st.lists(TEXTS, max_size=12))
    nodes = tuple(
        NetworkNode(
            id=key,
            label=draw(TEXTS),
            kind=draw(st.sampled_from(["person", "organisation", "topic"])),
            group=draw(TEXTS),
            weight=draw(st.floats()),
            distance=draw(st.integers(0, 4)),
            detail=draw(TEXTS),
        )
        for key in ids
    )
    ends = st.sampled_from([*ids, "nobody"])
    edges = tuple(
        NetworkEdge(
            source=draw(ends),
            target=draw(ends),
            weight=draw(st.integers(-3, 10**9)),
            kind=draw(TEXTS),
            years=draw(st.none() | st.tuples(st.integers(1900, 2100), st.integers(1900, 2100))),
        )
        for _ in range(draw(st.integers(0, 15)))
    )
    centre = draw(st.none() | ends)
    total = draw(st.integers(0, 2000))
    return Network(
        centre=centre,
        nodes=nodes,
        edges=edges,
        total_nodes=total,
        truncated=total > len(ids),
        fictional=draw(st.booleans()),
    )
