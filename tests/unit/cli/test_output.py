"""What is printed cannot steer a terminal, and JSON stays the same data."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.output import json_text, percent, plain, utf8_text
from cli.tables import table

_STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_ANYTHING = st.text(st.characters(exclude_categories=()))
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | _ANYTHING,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_ANYTHING, inner, max_size=4),
)


@given(_ANYTHING)
def test_plain_text_holds_nothing_that_steers(text: str) -> None:
    assert not _STEERING.search(plain(text))


@given(st.text(st.characters(categories=("L", "N", "P"))))
def test_plain_keeps_letters_numbers_and_punctuation(text: str) -> None:
    assert plain(text) == text


@given(_ANYTHING)
def test_any_text_can_be_written_and_good_text_stays(text: str) -> None:
    written = utf8_text(text).encode("utf-8")
    assert written.decode("utf-8") == text or re.search("[\ud800-\udfff]", text)


def test_bytes_that_python_took_for_another_locale_are_put_together_again() -> None:
    assert utf8_text("大坝".encode().decode("ascii", "surrogateescape")) == "大坝"


@given(_JSON)
def test_json_is_the_same_data_and_steers_nothing(value: object) -> None:
    for indent in (None, 2):
        text = json_text(value, indent=indent)
        assert json.loads(text) == value
        assert not _STEERING.search(text.replace("\n", ""))
        text.encode("utf-8")


def test_a_table_shows_markup_links_and_escapes_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    hostile = [
        "[bold red]赵[/bold red]",
        "[link=https://example.org]钱[/link]",
        ":smile:",
        "\x1b[31m孙\x1b[0m\x9b2J",
        "李\u202e周",
    ]
    table("[b]题[/b]\x1b]0;x\x07", ["[i]列[/i]"], [[hostile]])
    out = capsys.readouterr().out
    for text in ("[b]题[/b]", "[i]列[/i]", *hostile[:3], "[31m孙[0m", "李周"):
        assert text in out
    assert not _STEERING.search(out.replace("\n", ""))


@pytest.mark.parametrize(("share", "shown"), [(0, "0%"), (0.004, "<1%"), (0.005, "0%"), (0.126, "13%"), (1, "100%")])
def test_percent(share: float, shown: str) -> None:
    assert percent(share) == shown
