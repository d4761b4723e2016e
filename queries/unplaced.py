"""Whom does a filter on the region pass over because nobody says where they are?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import reduce

import numpy as np

from graph.index_folder import day_number
from graph.people_columns import Mask
from graph.textindex import TextIndex
from queries.reached import people_reached
from queries.retrieval import Asked
from queries.selection import Selection


def unplaced_note(
    index: TextIndex, question: Asked, selection: Selection | None, found: int, *, wanted: int, on: date
) -> str:
    """How many more people match all but the region, and are in no region known?  A sentence for an answer's notes.

    "" where no region is asked for or there is nobody of that kind. Where fewer people were `found` than `wanted`, and
    where there is no text, those who match are counted: with a text that is a search of its own (10 to 60 ms at a
    million works). Else the sentence says how many of everybody whom the other filters on people want are in no region
    known, which costs no search. Raises `StoreUnavailableError`.
    """
    if selection is None or "region" not in selection.wanted_by:
        return ""
    people = selection.people
    others = {name: mask for name, mask in selection.wanted_by.items() if name != "region"}
    nowhere = ~people.placed(day_number(on.isoformat(), 0))
    everybody = reduce(np.logical_and, others.values(), people.everybody())
    number = int((nowhere & everybody).sum())
    if not number:
        return ""
    if question.question.terms and found >= wanted:
        return _of_everybody(number, int(everybody.sum()), others)
    number = people_reached(index, question, Selection(people, selection.filters, {**others, "region": nowhere}))
    return f"另有 {number} 人的单位没有写明所在地区（或没有写单位），未计入" if number else ""


def _of_everybody(number: int, everybody: int, others: Mapping[str, Mask]) -> str:
    of = "对人的其余条件选出的" if others else "图谱的"
    return f"{of} {everybody} 人中，有 {number} 人的单位没有写明所在地区（或没有写单位），其中与问题相符的未计入"


__all__ = ["unplaced_note"]
