"""How many by year?  Bars and a line as one SVG element for a page without JavaScript; pure, every text escaped."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final, NamedTuple

from viz import style

WIDTH: Final = 960.0
HEIGHT: Final = 360.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 64.0, 24.0, 44.0, 44.0
_FONT: Final = 15
_TICKS: Final = 4
# A label of four figures needs this much room.
_YEAR_WIDTH: Final = 46.0
WORKS_COLOUR: Final = "#1D4E89"
PART_COLOUR: Final = "#BFD2E8"
PEOPLE_COLOUR: Final = "#B35900"
# Years between two with works are drawn empty; beyond this the picture would be a smear.
MOST_YEARS: Final = 80


class YearBar(NamedTuple):
    """One year: works (bar), people (line); `whole` = the year is complete."""

    year: int
    works: int
    people: int
    whole: bool = True


def years_svg(bars: Sequence[YearBar], *, title: str) -> str:
    """Draw works as bars and people as a line over the years, each with its numbers as a tooltip.

    Years without works between the first and the last are shown as 0; of more than 80 years the last 80. Incomplete
    years are pale with a dashed outline. Styled by attributes alone, so that no Content-Security-Policy blocks it.
    """
    shown = _filled(bars)
    top = _nice(max((max(bar.works, bar.people) for bar in shown), default=1))
    drawn = (
        "".join(_grid(top)) + "".join(_bars(shown, top)) + _line(shown, top) + "".join(_years(shown)) + _legend(shown)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:.0f} {HEIGHT:.0f}" role="img" '
        f'aria-labelledby="chart-title chart-description" font-family="{escape(style.FONTS)}" font-size="{_FONT}">'
        f'<title id="chart-title">{_text(title)}</title>'
        f'<desc id="chart-description">{_text(_description(shown))}</desc>'
        f'<rect x="0" y="0" width="{WIDTH:.0f}" height="{HEIGHT:.0f}" fill="{style.BACKGROUND}"/>{drawn}</svg>'
    )


def _text(value: str) -> str:
    return escape(style.clean(value), quote=True)


def _filled(bars: Sequence[YearBar]) -> list[YearBar]:
    known = {bar.year: bar for bar in bars}
    if not known:
        return []
    last = max(known)
    first = max(min(known), last - MOST_YEARS + 1)
    return [known.get(year, YearBar(year, 0, 0)) for year in range(first, last + 1)]


def _nice(greatest: int) -> int:
    """The least of 1, 2, 4, 5, 8 × 10^k (and at least the ticks) that is not below: ticks are whole numbers."""
    size = max(greatest, _TICKS)
    power = 10 ** (len(str(size)) - 1)
    return next(step for step in (power, 2 * power, 4 * power, 6 * power, 8 * power, 10 * power) if step >= size)


def _description(shown: Sequence[YearBar]) -> str:
    if not shown:
        return "没有成果"
    most = max(shown, key=lambda bar: (bar.works, bar.year))
    span = f"{shown[0].year}—{shown[-1].year} 年"
    return f"{span}，共 {sum(bar.works for bar in shown)} 项成果和课题，最多的是 {most.year} 年，{most.works} 项"


def _slot(count: int) -> float:
    return (WIDTH - _LEFT - _RIGHT) / max(1, count)


def _middle(place: int, count: int) -> float:
    return _LEFT + (place + 0.5) * _slot(count)


def _height(value: int, top: int) -> float:
    return value / top * (HEIGHT - _TOP - _BOTTOM)


def _grid(top: int) -> list[str]:
    parts: list[str] = []
    for tick in range(_TICKS + 1):
        value = top * tick / _TICKS
        y = HEIGHT - _BOTTOM - _height(top, top) * tick / _TICKS
        parts.append(
            f'<line x1="{_LEFT}" y1="{y:.1f}" x2="{WIDTH - _RIGHT}" y2="{y:.1f}" stroke="{style.EDGE}" '
            f'stroke-width="{1.5 if tick == 0 else 0.5}"/>'
            f'<text x="{_LEFT - 8}" y="{y + 5:.1f}" text-anchor="end" fill="{style.TEXT}">{style.number(value)}</text>'
        )
    return parts


def _bars(shown: Sequence[YearBar], top: int) -> list[str]:
    wide = min(_slot(len(shown)) * 0.7, 60.0)
    parts: list[str] = []
    for place, bar in enumerate(shown):
        high = _height(bar.works, top)
        paint = f'fill="{WORKS_COLOUR}"'
        if not bar.whole:
            paint = f'fill="{PART_COLOUR}" stroke="{WORKS_COLOUR}" stroke-width="1.5" stroke-dasharray="5 3"'
        told = f"{bar.year} 年：{bar.works} 项，{bar.people} 人" + ("" if bar.whole else "（资料不完整）")
        parts.append(
            f'<rect x="{_middle(place, len(shown)) - wide / 2:.1f}" y="{HEIGHT - _BOTTOM - high:.1f}" '
            f'width="{wide:.1f}" height="{high:.1f}" {paint}><title>{_text(told)}</title></rect>'
        )
    return parts


def _line(shown: Sequence[YearBar], top: int) -> str:
    places = [
        (_middle(place, len(shown)), HEIGHT - _BOTTOM - _height(bar.people, top)) for place, bar in enumerate(shown)
    ]
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{PEOPLE_COLOUR}"/>' for x, y in places)
    return f'<polyline points="{points}" fill="none" stroke="{PEOPLE_COLOUR}" stroke-width="2.5"/>{dots}'


def _years(shown: Sequence[YearBar]) -> list[str]:
    every = max(1, -(-int(_YEAR_WIDTH) // max(1, int(_slot(len(shown))))))
    return [
        f'<text x="{_middle(place, len(shown)):.1f}" y="{HEIGHT - _BOTTOM + 22:.1f}" text-anchor="middle" '
        f'fill="{style.TEXT}">{bar.year}</text>'
        for place, bar in enumerate(shown)
        if (len(shown) - 1 - place) % every == 0
    ]


def _legend(shown: Sequence[YearBar]) -> str:
    y = 24
    parts = [
        f'<rect x="{_LEFT}" y="{y - 12}" width="16" height="14" fill="{WORKS_COLOUR}"/>',
        f'<text x="{_LEFT + 22}" y="{y}" fill="{style.TEXT}">成果和课题（项）</text>',
        f'<line x1="{_LEFT + 168}" y1="{y - 5}" x2="{_LEFT + 192}" y2="{y - 5}" stroke="{PEOPLE_COLOUR}" '
        'stroke-width="2.5"/>',
        f'<text x="{_LEFT + 198}" y="{y}" fill="{style.TEXT}">人员（人）</text>',
    ]
    if any(not bar.whole for bar in shown):
        parts.append(
            f'<rect x="{_LEFT + 300}" y="{y - 12}" width="16" height="14" fill="{PART_COLOUR}" '
            f'stroke="{WORKS_COLOUR}" stroke-dasharray="5 3"/>'
            f'<text x="{_LEFT + 322}" y="{y}" fill="{style.TEXT}">资料还不完整的年份</text>'
        )
    return "".join(parts)
