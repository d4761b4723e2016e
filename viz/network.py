"""How do I show a collaboration network? As an offline HTML document, as a static SVG and as rows of a table."""

import base64
import hashlib
import os
import re
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib import import_module, resources
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from queries.networks import Network
from viz import style
from viz.scene import FICTIONAL_MARK, Line, Mark, Scene, scene
from viz.svg import scene_svg

VIS_FILE = ("templates", "lib", "vis-9.1.2", "vis-network.min.js")

_HERE = Path(__file__).parent

# Constant for every picture: positions are ours, so the browser runs no physics and computes no layout.
OPTIONS: dict[str, Any] = {
    "physics": {"enabled": False},
    "layout": {"improvedLayout": False},
    "interaction": {"hover": True, "tooltipDelay": 120, "hideEdgesOnDrag": False, "multiselect": False},
    "nodes": {
        "borderWidthSelected": 4,
        "font": {"face": style.FONTS, "strokeWidth": 4, "strokeColor": style.BACKGROUND, "vadjust": -2},
        "scaling": {"label": {"enabled": False, "drawThreshold": 7}},
    },
    "edges": {"smooth": False, "selectionWidth": 2, "hoverWidth": 1},
}


class PictureNotWrittenError(OSError):
    """The picture could not be written; the message, in Chinese, says where, why and what to do."""


@dataclass(frozen=True)
class PictureDocument:
    """A complete HTML document in UTF-8 and the Content-Security-Policy header to serve it with.

    The policy names the document's own inline scripts and style by hash, allows nothing to be loaded, and lets only
    pages of the same origin frame it.
    """

    html: bytes
    csp: str


@dataclass(frozen=True)
class Partner:
    """Somebody a node shares works with: `weight` works in `period` ("2018–2024", or "" when unknown)."""

    name: str
    kind: str
    weight: int
    period: str


@dataclass(frozen=True)
class NetworkTableRow:
    """One node in words; `weight` is a number of works as text, `partners` those shown, heaviest first."""

    id: str
    name: str
    kind: str
    group: str
    detail: str
    weight: str
    distance: int
    partners: tuple[Partner, ...]


@dataclass(frozen=True)
class _Page:
    """What the template asks for beside the nodes and edges that pyvis hands it."""

    title: str
    scene: Scene
    rows: Sequence[NetworkTableRow]
    has_centre: bool
    svg: Markup
    css: Markup
    vis: Markup
    script: Markup
    meta_csp: str
    options: dict[str, Any]
    kind_names: dict[str, str]
    fictional_mark: str


def network_html(network: Network, *, title: str) -> PictureDocument:
    """What a browser opens, from a file or in a sandboxed frame: the picture, its legend and the same data as tables.

    Nothing is fetched from anywhere; without JavaScript the picture is the static SVG.
    """
    shown = scene(network)
    heading = style.clean(title) or "合作网络"
    page = _Page(
        title=heading,
        scene=shown,
        rows=_rows(shown),
        has_centre=any(mark.centre for mark in shown.marks),
        svg=Markup(scene_svg(shown, title=heading, legend=False)),  # noqa: S704  # escaped where it is made
        css=Markup(_css()),  # noqa: S704  # our own file
        vis=Markup(_vis()),  # noqa: S704  # pyvis's file
        script=Markup(_script()),  # noqa: S704  # our own file
        meta_csp=_policy(),
        options=OPTIONS,
        kind_names=style.KIND_NAMES,
        fictional_mark=FICTIONAL_MARK,
    )
    return PictureDocument(html=_render(shown, page).encode("utf-8"), csp=f"{_policy()}; frame-ancestors 'self'")


def network_svg(network: Network, *, title: str) -> str:
    """The picture as a static SVG element with legend and notices: for pages without JavaScript, and for printing."""
    return scene_svg(scene(network), title=style.clean(title) or "合作网络", legend=True)


def network_table(network: Network) -> list[NetworkTableRow]:
    """The nodes the picture shows, as rows: the centre first, then the nearest and those with most works."""
    return _rows(scene(network))


def write_picture(document: PictureDocument, path: Path) -> None:
    """Write the document as a whole or not at all: a reader of `path` never sees a part of it.

    Raises PictureNotWrittenError when the folder is missing, read-only or full.
    """
    temporary = path.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        with temporary.open("xb") as file:
            file.write(document.html)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        reason = error.strerror or str(error)
        raise PictureNotWrittenError(
            f"图片没有写成：{path}（{reason}）。请检查文件夹是否存在、可写、有剩余空间，或换一个位置再试。"
        ) from error


def _render(shown: Scene, page: _Page) -> str:
    # pyvis brings IPython along, most of a second: only when a picture is asked for.
    pyvis: Any = import_module("pyvis.network")
    drawing: Any = pyvis.Network(directed=False, cdn_resources="in_line")
    # add_node and add_edge look through everything added before (quadratic), and pyvis's own template loads bootstrap
    # from a CDN and shows a tooltip with "href" in it as HTML: its lists are filled in bulk and the template is ours.
    drawing.nodes = [_node(place, mark) for place, mark in enumerate(shown.marks)]
    places = {mark.id: place for place, mark in enumerate(shown.marks)}
    drawing.edges = [_edge(places, line) for line in shown.lines]
    templates: Any = Environment(
        loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, auto_reload=False
    )
    templates.globals["page"] = page
    drawing.templateEnv = templates
    drawing.path = "network_picture.html"
    html: str = drawing.generate_html()
    return html


def _node(place: int, mark: Mark) -> dict[str, Any]:
    border = style.CENTRE_OUTLINE if mark.centre else style.OUTLINE
    colour = {"background": mark.fill, "border": border}
    return {
        "id": place,  # never the id of the graph: "__proto__" would be one
        "label": mark.label,
        "title": _tooltip(mark),
        "shape": style.KIND_SHAPES[mark.kind],
        "x": mark.x,
        "y": mark.y,
        "size": mark.radius,
        "borderWidth": 5 if mark.centre else 1.5,
        "color": {**colour, "highlight": colour, "hover": colour},
        "font": {"size": mark.font_size, "color": style.TEXT},
    }


def _edge(places: dict[str, int], line: Line) -> dict[str, Any]:
    colour = style.CENTRE_EDGE if line.central else style.EDGE
    names = f"{line.source.name} — {line.target.name}"
    period = f"，{line.period}" if line.period else ""
    return {
        "from": places[line.source.id],
        "to": places[line.target.id],
        "width": line.width,
        "color": {"color": colour, "highlight": style.CENTRE_OUTLINE, "hover": style.OUTLINE, "opacity": 0.75},
        "title": f"{names}：{line.kind}，共同成果 {line.weight} 项{period}",
    }


def _tooltip(mark: Mark) -> str:
    lines = [mark.name, mark.detail or mark.group, f"成果 {style.number(mark.weight)} 项"]
    return "\n".join(line for line in lines if line)


def _rows(shown: Scene) -> list[NetworkTableRow]:
    partners: dict[str, list[Partner]] = {mark.id: [] for mark in shown.marks}
    for line in shown.lines:
        partners[line.source.id].append(Partner(line.target.name, line.kind, line.weight, line.period))
        partners[line.target.id].append(Partner(line.source.name, line.kind, line.weight, line.period))
    return [
        NetworkTableRow(
            id=mark.id,
            name=mark.name,
            kind=style.KIND_NAMES[mark.kind],
            group=mark.group,
            detail=mark.detail,
            weight=style.number(mark.weight),
            distance=mark.distance,
            partners=tuple(partners[mark.id]),
        )
        for mark in shown.marks
    ]


@cache
def _css() -> str:
    colours = "\n".join(
        f".swatch.c{place} {{ background: {colour}; }}" for place, colour in enumerate(style.GROUP_COLOURS)
    )
    return (_HERE / "network_picture.css").read_text(encoding="utf-8").replace("/*COLOURS*/", colours)


@cache
def _script() -> str:
    return (_HERE / "network_picture.js").read_text(encoding="utf-8")


@cache
def _vis() -> str:
    # Read with universal newlines: an HTML parser turns CRLF into LF, and the hash is of what the parser sees.
    text = resources.files("pyvis").joinpath(*VIS_FILE).read_text(encoding="utf-8")
    return re.sub(r"\n//# sourceMappingURL=\S*\s*$", "\n", text)


@cache
def _policy() -> str:
    scripts = " ".join(_hash(text) for text in (_vis(), _script()))
    return (
        f"default-src 'none'; script-src {scripts}; style-src {_hash(_css())}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode('utf-8')).digest()).decode('ascii')}'"
