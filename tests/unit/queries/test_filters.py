"""What a form or an address may say in a filter."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from queries.filters import LONGEST_NAME, FilterFields


@pytest.mark.parametrize("written", ["", "  ", "\x1c\t"])
def test_a_blank_field_asks_for_nothing(written: str) -> None:
    assert FilterFields(organisation_kind=written).organisation_kind is None


@pytest.mark.parametrize("letter", ["\x1c", " ", "学"])
def test_a_field_that_is_too_long_is_refused_whatever_stands_in_it(letter: str) -> None:
    with pytest.raises(ValidationError):
        FilterFields(organisation_kind=letter * (LONGEST_NAME + 1))
