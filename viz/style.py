"""How does a picture look? Colours, sizes, fonts and the text a label may carry; pure."""

import math
import unicodedata
from collections.abc import Iterable

# Paul Tol's "muted" scheme (SRON/EPS/TN/09-002, issue 3.2): told apart with every common colour blindness.
GROUP_COLOURS = ("#332288", "#44AA99", "#CC6677", "#999933", "#88CCEE", "#882255", "#117733", "#DDCC77", "#AA4499")
OTHER_COLOUR = "#DDDDDD"
OUTLINE = "#2F3A48"  # carries the contrast (11 : 1 on white) where a fill is pale: WCAG 2.2, 1.4.11 asks for 3 : 1
CENTRE_OUTLINE = "#B3261E"
TEXT = "#1B2430"
EDGE = "#9AA5B1"
CENTRE_EDGE = "#5B6B7F"
BACKGROUND = "#FFFFFF"
FONTS = (
    "'Noto Sans CJK SC', 'Noto Sans SC', 'Source Han Sans SC', 'PingFang SC', 'Microsoft YaHei', "
    "'WenQuanYi Micro Hei', system-ui, sans-serif"
)

KIND_NAMES = {"person": "人员", "organisation": "单位", "topic": "主题"}
KIND_SHAPES = {"person": "dot", "organisation": "square", "topic": "diamond"}
EDGE_NAMES = {"collaborated": "合作"}
OTHER_GROUPS = "其他单位"
NO_GROUP = "单位不详"

LABEL_CHARACTERS = 12  # a person's name and most short names of organisations; the rest is in the tooltip and the table
TEXT_CHARACTERS = 300

# Marks that would turn round or hide the text after them (Unicode TR 36, "bidirectional text spoofing").
_DIRECTION_MARKS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def clean(text: str, characters: int = TEXT_CHARACTERS) -> str:
    """The text on one line without control, direction and surrogate characters, cut after `characters` with an …."""
    kept = "".join(
        " " if unicodedata.category(letter) in {"Cc", "Zl", "Zp"} else letter
        for letter in text[: characters * 4]
        if letter not in _DIRECTION_MARKS and not _unwritable(letter)
    )
    line = " ".join(kept.split())
    return line if len(line) <= characters else line[: characters - 1].rstrip() + "…"


def _unwritable(letter: str) -> bool:
    # Surrogates cannot be UTF-8 and noncharacters cannot be XML. Unassigned code points stay: rare characters of
    # Chinese names are assigned by newer versions of Unicode than Python's.
    return unicodedata.category(letter) == "Cs" or ord(letter) & 0xFFFE == 0xFFFE


def text_width(text: str, font_size: float) -> float:
    """About how wide the text is drawn, in px: a wide character is one em, any other .58 em (Noto Sans, measured)."""
    wide = sum(1.0 if unicodedata.east_asian_width(letter) in "WFA" else 0.58 for letter in text)
    return wide * font_size


def radius(weight: float, heaviest: float, *, centre: bool) -> float:
    """Px from 7 to 20 by the logarithm of the weight, lest one prolific node flatten the rest; the centre 26."""
    if centre:
        return 26.0
    if not (math.isfinite(weight) and math.isfinite(heaviest)) or heaviest <= 0:
        return 7.0
    share = math.log1p(max(weight, 0.0)) / math.log1p(heaviest)
    return round(7.0 + 13.0 * min(share, 1.0), 1)


def edge_width(weight: float, heaviest: float) -> float:
    """Px from 1 to 7, by the logarithm: one joint work must stay visible beside fifty."""
    if heaviest <= 1:
        return 1.2
    share = math.log(max(weight, 1.0)) / math.log(heaviest)
    return round(1.0 + 6.0 * min(max(share, 0.0), 1.0), 2)


def font_size(distance: int, *, centre: bool) -> int:
    """Px: the centre 20, its neighbours 15, everybody else 14."""
    if centre:
        return 20
    return 15 if distance <= 1 else 14


def zoom(nodes: int) -> float:
    """How many times larger important labels are drawn, as many nodes are seen from further away: 1 to 2.4."""
    return min(max(math.sqrt(nodes / 50), 1.0), 2.4)


def group_colours(groups: Iterable[str]) -> dict[str, int]:
    """The place in GROUP_COLOURS of each group that gets a colour of its own: those with most members, then by name.

    Groups beyond the palette, and the empty one, have no entry and share OTHER_COLOUR.
    """
    counts: dict[str, int] = {}
    for group in groups:
        if group:
            counts[group] = counts.get(group, 0) + 1
    ranked = sorted(counts, key=lambda group: (-counts[group], group))
    return {group: place for place, group in enumerate(ranked[: len(GROUP_COLOURS)])}


def number(value: float) -> str:
    """The number without a needless fraction: 3, 2.5, 0.333."""
    if not math.isfinite(value):
        return "—"
    return str(int(value)) if float(value).is_integer() else f"{value:.3g}"


def contrast(first: str, second: str) -> float:
    """The contrast ratio of two #RRGGBB colours, 1 to 21 (WCAG 2.2, "contrast ratio")."""
    light, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
