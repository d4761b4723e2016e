"""The chart of years: well formed, true to its numbers, hostile names stay text."""

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from viz.chart import HEIGHT, MOST_YEARS, WIDTH, YearBar, years_svg

SVG = "{http://www.w3.org/2000/svg}"
bars = st.lists(
    st.builds(YearBar, st.integers(1000, 2999), st.integers(0, 10**7), st.integers(0, 10**7), st.booleans()),
    max_size=20,
)


def parsed(drawn: str) -> ElementTree.Element:
    return ElementTree.fromstring(drawn)


@given(bars, st.text(max_size=60))
def test_any_years_and_any_title_are_drawn_inside_the_picture(years: list[YearBar], title: str) -> None:
    root = parsed(years_svg(years, title=title))
    rects = [each for each in root.iter(f"{SVG}rect") if each.find(f"{SVG}title") is not None]
    known = {bar.year: bar for bar in years}
    span = min(max(known) - min(known) + 1, MOST_YEARS) if known else 0
    assert len(rects) == span
    for rect in rects:
        assert float(rect.get("x", "")) >= 0
        assert float(rect.get("x", "")) + float(rect.get("width", "")) <= WIDTH
        assert 0 <= float(rect.get("y", "")) <= HEIGHT
    assert not list(root.iter(f"{SVG}script"))
    assert not [name for each in root.iter() for name in each.keys() if name in ("style", "href") or name[:2] == "on"]  # noqa: SIM118 - an element's keys are its attributes


def test_heights_are_in_proportion_and_years_between_are_empty() -> None:
    root = parsed(years_svg([YearBar(2018, 10, 5), YearBar(2020, 5, 20, False)], title="图"))
    rects = {
        (each.findtext(f"{SVG}title") or "")[:4]: each
        for each in root.iter(f"{SVG}rect")
        if each.find(f"{SVG}title") is not None
    }
    heights = {year: float(each.get("height", "")) for year, each in rects.items()}
    assert heights["2018"] == pytest.approx(2 * heights["2020"], rel=0.01)
    assert heights["2019"] == 0
    assert rects["2020"].get("stroke-dasharray")
    assert "资料不完整" in (rects["2020"].findtext(f"{SVG}title") or "")
    assert "资料还不完整的年份" in "".join(root.itertext())


def test_a_hostile_title_stays_text() -> None:
    hostile = '</title><script>alert(1)</script>"\u202e<img src=x onerror=alert(1)>'
    drawn = years_svg([YearBar(2020, 1, 1)], title=hostile)
    assert "<script" not in drawn
    assert "<img" not in drawn
    assert "\u202e" not in drawn
    assert "alert(1)" in (parsed(drawn).findtext(f"{SVG}title") or "")


def test_nothing_is_drawn_of_nothing() -> None:
    assert "没有成果" in (parsed(years_svg([], title="空")).findtext(f"{SVG}desc") or "")
