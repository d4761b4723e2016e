import math
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from viz import style


@given(st.text(), st.integers(1, 60))
def test_clean_text_is_one_short_writable_line(text: str, characters: int) -> None:
    line = style.clean(text, characters)
    assert len(line) <= characters
    assert not any(unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"} for letter in line)
    assert not any(letter in line for letter in "\u202e\u202d\u2066\u200f")
    line.encode("utf-8")


def test_rare_characters_of_names_stay() -> None:
    assert style.clean("𬎆\U000323af王") == "𬎆\U000323af王"


@given(st.floats(), st.floats())
def test_sizes_are_finite_whatever_the_weights(weight: float, heaviest: float) -> None:
    assert 7 <= style.radius(weight, heaviest, centre=False) <= 20


@given(st.integers(-5, 10**12), st.integers(-5, 10**12))
def test_edge_widths_stay_drawable(weight: int, heaviest: int) -> None:
    assert 1 <= style.edge_width(weight, heaviest) <= 7


def test_heavier_is_wider_and_larger() -> None:
    assert style.edge_width(1, 50) < style.edge_width(8, 50) < style.edge_width(50, 50)
    assert style.radius(1, 50, centre=False) < style.radius(50, 50, centre=False) < style.radius(1, 50, centre=True)


def test_groups_with_most_members_get_a_colour_of_their_own() -> None:
    groups = ["", "", ""] + [f"g{place:02}" for place in range(20) for _ in range(20 - place)]
    assert style.group_colours(groups) == {f"g{place:02}": place for place in range(len(style.GROUP_COLOURS))}


@pytest.mark.parametrize("colour", [style.OUTLINE, style.CENTRE_OUTLINE, style.CENTRE_EDGE])
def test_outlines_can_be_told_from_the_background(colour: str) -> None:
    assert style.contrast(colour, style.BACKGROUND) >= 3


@pytest.mark.parametrize("colour", [style.TEXT, style.CENTRE_OUTLINE])
def test_text_can_be_read(colour: str) -> None:
    assert style.contrast(colour, style.BACKGROUND) >= 4.5


def test_contrast_of_black_on_white_is_21() -> None:
    assert math.isclose(style.contrast("#000000", "#FFFFFF"), 21)


@pytest.mark.parametrize(
    ("value", "text"), [(3.0, "3"), (2.5, "2.5"), (1 / 3, "0.333"), (math.nan, "—"), (math.inf, "—")]
)
def test_numbers_without_a_needless_fraction(value: float, text: str) -> None:
    assert style.number(value) == text
