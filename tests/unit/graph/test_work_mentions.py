"""What people did in a work comes back from the index as it was, whatever a source wrote."""

from hypothesis import given
from hypothesis import strategies as st

from graph.documents import FIELD, ITEM
from graph.work_mentions import Mention, packed_mentions, unpacked_mentions

_MENTIONS = st.builds(
    Mention,
    st.sampled_from(["AUTHORED", "LED", "PARTICIPATED_IN"]),
    st.none() | st.integers(1, 3_000),
    st.none() | st.booleans(),
    st.none() | st.text(),
)


@given(st.lists(st.lists(_MENTIONS, max_size=3), max_size=5))
def test_each_person_keeps_the_mentions(of_people: list[list[Mention]]) -> None:
    packed = packed_mentions(of_people)
    for place, mentions in enumerate(of_people):
        found = unpacked_mentions(packed, place)
        assert len(found) == len(set(found))
        assert set(found) == set(mentions)


@given(st.lists(st.lists(_MENTIONS, max_size=3), max_size=5))
def test_no_role_ends_a_field_of_the_stored_work(of_people: list[list[Mention]]) -> None:
    assert not {FIELD, ITEM} & set(packed_mentions(of_people))


@given(
    st.permutations([Mention("LED", None, None, "首席"), Mention("LED", 1, None, None), Mention("LED", 1, None, "")])
)
def test_the_order_of_two_sources_changes_nothing(mentions: list[Mention]) -> None:
    assert packed_mentions([mentions]) == packed_mentions([sorted(mentions, key=repr)])
