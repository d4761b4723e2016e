"""The hash of frozen content: the same whatever the order of names, another with any other content."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from graph.errors import InputError
from queries.freezing import canonical_json, content_hash

LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8)
)
MEMBER = st.fixed_dictionaries({"id": st.text("abc甲乙", min_size=1), "note": st.text("x=\"'{}", max_size=6)})
CONTENT: st.SearchStrategy[Any] = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


def whole(content: object) -> bool:
    return json.dumps(content, ensure_ascii=False).encode("utf-8", "ignore").decode() == json.dumps(
        content, ensure_ascii=False
    )


def reversed_names(content: Any) -> Any:
    if isinstance(content, dict):
        pairs: list[tuple[str, Any]] = [*content.items()]  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
        return {name: reversed_names(value) for name, value in reversed(pairs)}
    return [reversed_names(each) for each in content] if isinstance(content, list) else content  # pyright: ignore[reportUnknownVariableType]


@given(content=CONTENT)
def test_the_order_of_names_is_no_content(content: Any) -> None:
    assume(whole(content))
    text = canonical_json(content)
    assert canonical_json(reversed_names(content)) == text
    assert canonical_json(json.loads(text)) == text, "reads back as the same"
    assert len(content_hash(text)) == 64


@given(one=CONTENT, other=CONTENT)
def test_other_content_has_another_hash(one: Any, other: Any) -> None:
    assume(whole(one))
    assume(whole(other))
    first, second = canonical_json(one), canonical_json(other)
    # 1, 1.0 and True are equal in Python and not in JSON: the texts decide what is one content.
    assert (content_hash(first) == content_hash(second)) == (first == second)
    if first == second:
        assert json.loads(first) == json.loads(second)


@given(members=st.lists(MEMBER, min_size=2, max_size=5), data=st.data())
def test_any_change_of_a_member_or_their_order_changes_the_hash(
    members: list[dict[str, str]], data: st.DataObject
) -> None:
    content = {"members": members}
    before = content_hash(canonical_json(content))
    changed = copy.deepcopy(content)
    place = data.draw(st.integers(0, len(members) - 1))
    changed["members"][place]["note"] += "！"
    assert content_hash(canonical_json(changed)) != before
    turned = {"members": [*members[1:], members[0]]}
    assert (content_hash(canonical_json(turned)) == before) == (turned == content)


@pytest.mark.parametrize("content", [{"a": float("nan")}, {"a": {1: "x"}}, {"a": "\ud800"}, {"a": object()}, {None: 1}])
def test_what_json_cannot_hold_is_refused(content: Any) -> None:
    with pytest.raises(InputError, match="不能冻结"):
        canonical_json(content)


def test_the_text_is_the_one_that_is_documented() -> None:
    text = canonical_json({"乙": 1, "甲": [1.5, None, True, 'a"b'], "a": {"z": 0, "b": "水"}})
    assert text == '{"a":{"b":"水","z":0},"乙":1,"甲":[1.5,null,true,"a\\"b"]}'
    assert content_hash("{}") == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
