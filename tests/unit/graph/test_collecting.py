"""The collector is as it was after every way out of the block."""

import gc

import pytest

from graph.collecting import fewer_collections


def test_the_last_block_puts_things_back() -> None:
    before, frozen = gc.get_threshold(), gc.get_freeze_count()
    with fewer_collections():
        inside = gc.get_threshold()
        assert inside[0] > before[0]
        assert gc.get_freeze_count() > frozen
        with pytest.raises(ValueError, match="any"), fewer_collections():
            raise ValueError("any")
        assert gc.get_threshold() == inside
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0


def test_cycles_are_collected_afterwards() -> None:
    with fewer_collections():
        loop: list[object] = []
        loop.append(loop)
        del loop
    assert gc.collect() >= 1
