"""How does a network look on a page without JavaScript? As one SVG element; pure, every text escaped."""

from collections.abc import Iterator
from html import escape

from viz import style
from viz.scene import FICTIONAL_MARK, LegendEntry, Line, Mark, Scene

MARGIN = 24.0
LEGEND_ROW = 26.0
LEGEND_FONT = 15


def scene_svg(shown: Scene, *, title: str, legend: bool) -> str:
    """The scene as an SVG element with a title and a description for those who do not see it.

    Styled by attributes alone, so that no Content-Security-Policy blocks it. With `legend`, the notices, the meaning of
    the colours and the mark of fictional data stand below the picture.
    """
    left, top, right, bottom = _bounds(shown)
    foot = list(_foot(shown, left, right, bottom + LEGEND_ROW)) if legend else []
    rows = 1 + max((row for row, _ in foot), default=-1)
    width, height = right - left, bottom - top + (LEGEND_ROW * (rows + 0.5) if rows else 0)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{left:.1f} {top:.1f} {width:.1f} {height:.1f}" role="img" '
        f'aria-labelledby="network-title network-description" font-family="{escape(style.FONTS)}">'
        f'<title id="network-title">{_text(title)}</title>'
        f'<desc id="network-description">{_text(_description(shown))}</desc>'
        f'<rect x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{style.BACKGROUND}"/>'
    )
    lines = "".join(_line(line) for line in shown.lines)
    # The least important first, so that the centre is drawn over everybody else.
    marks = "".join(_mark(mark) for mark in reversed(shown.marks))
    labels = "".join(_label(mark) for mark in reversed(shown.marks))
    return f"{head}<g>{lines}</g><g>{marks}</g><g>{labels}</g>{''.join(text for _, text in foot)}</svg>"


def _text(value: str) -> str:
    return escape(style.clean(value), quote=True)


def _description(shown: Scene) -> str:
    centre = next((mark.name for mark in shown.marks if mark.centre), None)
    around = f"以{centre}为中心，" if centre else ""
    mark = f"{FICTIONAL_MARK}。" if shown.fictional else ""
    return f"{mark}{around}{len(shown.marks)} 个节点，{len(shown.lines)} 条连线。{''.join(shown.notices)}"


def _bounds(shown: Scene) -> tuple[float, float, float, float]:
    if not shown.marks:
        return -300.0, -40.0, 300.0, 40.0
    half = [max(mark.radius, style.text_width(mark.label, mark.font_size) / 2) for mark in shown.marks]
    below = [mark.radius + mark.font_size * 1.6 for mark in shown.marks]
    xs = [mark.x for mark in shown.marks]
    ys = [mark.y for mark in shown.marks]
    left = min(x - side for x, side in zip(xs, half, strict=True)) - MARGIN
    right = max(x + side for x, side in zip(xs, half, strict=True)) + MARGIN
    top = min(mark.y - mark.radius for mark in shown.marks) - MARGIN
    bottom = max(y + depth for y, depth in zip(ys, below, strict=True)) + MARGIN
    short = max(0.0, 600.0 - (right - left)) / 2  # room for the legend beside a very small network
    return left - short, top, right + short, bottom


def _line(line: Line) -> str:
    colour = style.CENTRE_EDGE if line.central else style.EDGE
    return (
        f'<line x1="{line.source.x:.1f}" y1="{line.source.y:.1f}" x2="{line.target.x:.1f}" y2="{line.target.y:.1f}" '
        f'stroke="{colour}" stroke-width="{line.width}" stroke-opacity="0.7"/>'
    )


def _mark(mark: Mark) -> str:
    outline, stroke = (style.CENTRE_OUTLINE, 5.0) if mark.centre else (style.OUTLINE, 1.5)
    paint = f'fill="{mark.fill}" stroke="{outline}" stroke-width="{stroke}"'
    x, y, size = mark.x, mark.y, mark.radius
    if mark.kind == "person":
        shape = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size:.1f}" {paint}>'
    elif mark.kind == "organisation":
        corner = f'x="{x - size:.1f}" y="{y - size:.1f}" width="{2 * size:.1f}" height="{2 * size:.1f}"'
        shape = f"<rect {corner} {paint}>"
    else:
        corners = f"{x:.1f},{y - size:.1f} {x + size:.1f},{y:.1f} {x:.1f},{y + size:.1f} {x - size:.1f},{y:.1f}"
        shape = f'<polygon points="{corners}" {paint}>'
    told = " · ".join(part for part in (mark.name, mark.detail or mark.group) if part)
    name = shape[1 : shape.index(" ")]
    return f"{shape}<title>{_text(told)}</title></{name}>"


def _label(mark: Mark) -> str:
    weight = ' font-weight="700"' if mark.centre else ""
    return (
        f'<text x="{mark.x:.1f}" y="{mark.y + mark.radius + mark.font_size + 4:.1f}" text-anchor="middle" '
        f'font-size="{mark.font_size}"{weight} fill="{style.TEXT}" stroke="{style.BACKGROUND}" stroke-width="4" '
        f'stroke-linejoin="round" paint-order="stroke">{_text(mark.label)}</text>'
    )


def _foot(shown: Scene, left: float, right: float, top: float) -> Iterator[tuple[int, str]]:
    row = 0
    texts = ([FICTIONAL_MARK] if shown.fictional else []) + list(shown.notices)
    for text in texts:
        y = top + row * LEGEND_ROW
        yield row, _plain(text, left + MARGIN, y, style.CENTRE_OUTLINE if text == FICTIONAL_MARK else style.TEXT)
        row += 1
    x = left + MARGIN
    for entry in shown.legend:
        text = f"{style.clean(entry.text, 30)}（{entry.count}）"
        width = 44 + style.text_width(text, LEGEND_FONT)
        if x > left + MARGIN and x + width > right:
            x, row = left + MARGIN, row + 1
        y = top + row * LEGEND_ROW
        yield row, _swatch(entry, x, y) + _plain(text, x + 18, y, style.TEXT)
        x += width


def _swatch(entry: LegendEntry, x: float, y: float) -> str:
    fill = style.OTHER_COLOUR if entry.colour is None else style.GROUP_COLOURS[entry.colour]
    return (
        f'<circle cx="{x + 6:.1f}" cy="{y - 5:.1f}" r="6" fill="{fill}" stroke="{style.OUTLINE}" stroke-width="1.5"/>'
    )


def _plain(text: str, x: float, y: float, colour: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{LEGEND_FONT}" fill="{colour}">{_text(text)}</text>'
