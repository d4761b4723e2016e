import base64
import hashlib
import json
import os
import re
from html.parser import HTMLParser
from importlib import resources
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings

from queries.networks import Network, NetworkEdge
from tests.unit.viz.networks import HOSTILE, any_network, hostile, node, star
from viz import style
from viz.network import (
    VIS_FILE,
    PictureDocument,
    PictureNotWrittenError,
    network_html,
    network_svg,
    network_table,
    write_picture,
)
from viz.scene import EDGE_CAP, FICTIONAL_MARK, NODE_CAP, scene

EMPTY = Network(centre=None, nodes=(), edges=(), total_nodes=0, truncated=False)
VIS_DIGEST = "f3c1229464749a6f5a80c80867189edfdc0198be0d015c3d770aff196cb6c0a1"  # of version 9.1.2 with LF
LOADING = {"src", "href", "srcset", "data", "action", "formaction", "poster", "background", "ping", "xlink:href"}


class Elements(HTMLParser):
    """What a browser would see: elements with their attributes, and the text of scripts and styles."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.inline: list[tuple[str, dict[str, str | None], str]] = []
        self.texts: list[str] = []
        self._open: tuple[str, dict[str, str | None]] | None = None
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._open = (tag, dict(attrs)) if tag in {"script", "style"} else None

    def handle_endtag(self, tag: str) -> None:
        self._open = None

    def handle_data(self, data: str) -> None:
        if self._open is not None:
            self.inline.append((*self._open, data))
        else:
            self.texts.append(data)


def seen(document: PictureDocument) -> Elements:
    return Elements(document.html.decode("utf-8"))


def data_of(document: PictureDocument) -> dict[str, Any]:
    (data,) = [text for _, attributes, text in seen(document).inline if attributes.get("id") == "picture-data"]
    parsed: dict[str, Any] = json.loads(data)
    return parsed


def test_the_document_is_chinese_and_fits_a_phone() -> None:
    elements = seen(network_html(star(5), title="王伟的合作网络")).elements
    assert ("html", {"lang": "zh-CN"}) in elements
    assert ("meta", {"charset": "utf-8"}) in elements
    assert any(attributes.get("name") == "viewport" for _, attributes in elements)


def test_the_title_says_what_is_shown_and_that_it_is_fictional() -> None:
    html = network_html(star(5, fictional=True), title="王伟的合作网络").html.decode()
    assert f"<title>王伟的合作网络（{FICTIONAL_MARK}） · 智库图谱</title>" in html
    assert FICTIONAL_MARK in network_svg(star(5, fictional=True), title="图")
    assert FICTIONAL_MARK not in network_html(star(5), title="王伟的合作网络").html.decode()


@pytest.mark.parametrize("network", [star(5), hostile(), EMPTY], ids=["star", "hostile", "empty"])
def test_nothing_is_loaded_from_anywhere(network: Network) -> None:
    page = seen(network_html(network, title="图"))
    loads = [
        (tag, name, value)
        for tag, attributes in page.elements
        for name, value in attributes.items()
        if name in LOADING and value != "data:,"
    ]
    assert loads == []
    assert not {tag for tag, _ in page.elements} & {"iframe", "object", "embed", "base", "img", "form", "image", "use"}
    for tag, attributes, text in page.inline:
        if attributes.get("type") != "application/json":
            assert "sourceMappingURL" not in text, tag
            assert "@import" not in text, tag
            assert "url(" not in text or tag != "style"


def test_the_policy_allows_the_documents_own_scripts_and_style_and_nothing_else() -> None:
    document = network_html(star(5), title="图")
    page = seen(document)
    executed = [(tag, text) for tag, attributes, text in page.inline if attributes.get("type") is None]
    assert [tag for tag, _ in executed] == ["style", "script", "script"]
    for tag, text in executed:
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        (directive,) = re.findall(rf"{tag}-src ([^;]*)", document.csp)
        assert f"'sha256-{digest}'" in directive
        assert "\r" not in text
    assert document.csp.startswith("default-src 'none';")
    assert "unsafe" not in document.csp
    assert document.csp.endswith("frame-ancestors 'self'")
    in_page = [a["content"] for t, a in page.elements if t == "meta" and a.get("http-equiv") is not None]
    assert in_page == [document.csp.removesuffix("; frame-ancestors 'self'")]
    assert not [
        name for _, attributes in page.elements for name in attributes if name.startswith("on") or name == "style"
    ]


def test_the_policy_does_not_depend_on_the_data() -> None:
    assert network_html(star(5), title="一").csp == network_html(hostile(), title="二").csp


def test_vis_network_is_the_one_listed_in_notice() -> None:
    file = resources.files("pyvis").joinpath(*VIS_FILE)
    assert file.is_file(), "pyvis moved vis-network: change VIS_FILE and NOTICE"
    content = file.read_bytes()
    assert b"@version 9.1.2" in content
    digest = hashlib.sha256(content.replace(b"\r\n", b"\n")).hexdigest()
    assert digest == VIS_DIGEST, "pyvis changed vis-network: review it, then change this digest and NOTICE"


def test_hostile_text_is_text_in_the_document() -> None:
    document = network_html(hostile(), title=HOSTILE[0])
    page = seen(document)
    plain = seen(network_html(star(len(HOSTILE)), title="图"))
    assert {tag for tag, _ in page.elements} == {tag for tag, _ in plain.elements}
    assert [text for text in page.texts if "alert(2)" in text]
    data = data_of(document)
    assert {one["label"] for one in data["nodes"]} == {style.clean(text, 12) or "（无名称）" for text in HOSTILE}
    (raw,) = [text for _, attributes, text in page.inline if attributes.get("id") == "picture-data"]
    assert not set("<>&\u2028\u2029") & set(raw)
    assert {one["id"] for one in data["nodes"]} == set(range(len(HOSTILE)))


@given(any_network())
@settings(max_examples=60, deadline=None)
def test_any_network_becomes_a_document_an_svg_and_a_table(network: Network) -> None:
    shown = scene(network)
    document = network_html(network, title="图")
    page = seen(document)
    if shown.marks:
        data = data_of(document)
        assert len(data["nodes"]) == len(shown.marks)
        assert len(data["edges"]) == len(shown.lines)
    assert not {tag for tag, _ in page.elements} & {"img", "a", "b", "iframe"}
    root = ElementTree.fromstring(network_svg(network, title="图"))
    assert root.tag.endswith("svg")
    assert len(network_table(network)) == len(shown.marks) == len({one.id for one in network.nodes})


def test_the_svg_says_what_it_shows() -> None:
    root = ElementTree.fromstring(network_svg(star(5), title="王伟的合作网络"))
    space = {"s": "http://www.w3.org/2000/svg"}
    assert root.attrib["role"] == "img"
    assert root.findtext("s:title", namespaces=space) == "王伟的合作网络"
    assert "5 个节点" in str(root.findtext("s:desc", namespaces=space))
    assert len(root.findall(".//s:circle", space)) >= 5
    assert len(root.findall(".//s:line", space)) == 7
    assert not [name for element in root.iter() for name in element.attrib if name == "style" or name.startswith("on")]


def test_an_empty_network_says_so() -> None:
    assert "没有可显示的合作关系" in network_html(EMPTY, title="图").html.decode()
    assert "没有可显示的合作关系" in network_svg(EMPTY, title="图")
    assert network_table(EMPTY) == []


def test_the_cap_keeps_the_nearest_and_heaviest_and_says_how_many_are_left_out() -> None:
    near = tuple(node(f"a{place}", distance=1, weight=place) for place in range(NODE_CAP))
    far = tuple(node(f"b{place}", distance=2, weight=9999) for place in range(20))
    centre = node("centre", distance=0, weight=0)
    network = Network(centre="centre", nodes=(*far, *near, centre), edges=(), total_nodes=1000, truncated=True)
    rows = network_table(network)
    assert [row.id for row in rows] == ["centre", *(f"a{place}" for place in range(NODE_CAP - 1, 0, -1))]
    notice = "另有 700 个未显示"
    assert notice in network_html(network, title="图").html.decode()
    assert notice in network_svg(network, title="图")


def test_too_many_edges_are_cut_with_a_notice() -> None:
    names = [f"n{place}" for place in range(60)]
    edges = tuple(
        NetworkEdge(source=first, target=second, weight=place + other, years=None)
        for place, first in enumerate(names)
        for other, second in enumerate(names)
        if place < other
    )
    shown = scene(Network(centre=None, nodes=tuple(map(node, names)), edges=edges, total_nodes=60, truncated=False))
    assert len(shown.lines) == EDGE_CAP
    assert f"另有 {len(edges) - EDGE_CAP} 条未显示" in shown.notices[0]
    assert min(line.weight for line in shown.lines) >= sorted(edge.weight for edge in edges)[len(edges) - EDGE_CAP]


def test_the_table_tells_who_worked_with_whom() -> None:
    network = Network(
        centre="a",
        nodes=(node("a", "王伟", distance=0, weight=9), node("b", "李娜", weight=2.5), node("c", "张磊")),
        edges=(
            NetworkEdge(source="a", target="b", weight=2, years=(2019, 2019)),
            NetworkEdge(source="c", target="a", weight=5, years=(2018, 2024)),
            NetworkEdge(source="a", target="a", weight=5, years=None),
            NetworkEdge(source="a", target="nobody", weight=5, years=None),
        ),
        total_nodes=3,
        truncated=False,
    )
    first, second, third = network_table(network)
    assert [(one.name, one.weight, one.period) for one in first.partners] == [
        ("张磊", 5, "2018–2024"),
        ("李娜", 2, "2019"),
    ]
    assert (first.name, second.name, third.name) == ("王伟", "张磊", "李娜")
    assert (third.kind, third.weight, third.group) == ("人员", "2.5", "江州大学")


def test_a_colour_stands_for_the_same_group_in_picture_and_legend() -> None:
    shown = scene(star(40))
    names = {entry.colour: entry.text for entry in shown.legend}
    assert all(names[mark.colour] == mark.group for mark in shown.marks if mark.colour is not None)
    assert sum(entry.count for entry in shown.legend) == 40
    assert names[None] == style.OTHER_GROUPS


def test_a_picture_is_written_whole(tmp_path: Path) -> None:
    document = network_html(star(5), title="图")
    target = tmp_path / "图.html"
    target.write_bytes(b"old")
    write_picture(document, target)
    assert target.read_bytes() == document.html
    assert list(tmp_path.iterdir()) == [target]


def test_a_picture_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    document = network_html(star(3), title="图")
    with pytest.raises(PictureNotWrittenError, match=r"图片没有写成.*请检查文件夹"):
        write_picture(document, tmp_path / "missing" / "a.html")
    folder = tmp_path / "a.html"
    folder.mkdir()
    with pytest.raises(PictureNotWrittenError, match="图片没有写成"):
        write_picture(document, folder)
    assert [name for name in os.listdir(tmp_path) if name != "a.html"] == []
