"""Whom does a filter on the region pass over because nobody says where they are?"""

from __future__ import annotations

from datetime import date

from graph.index_folder import day_number
from graph.people_columns import Mask
from graph.textindex import TextIndex
from queries.reached import people_reached
from queries.retrieval import Asked
from queries.selection import Selection


def unplaced_note(index: TextIndex, question: Asked, selection: Selection, *, on: date) -> str:
    """How many more people match the question and all filters but the region, and are in no region known?

    A sentence for the notes of an answer; "" where no region is asked for or there is nobody of that kind. Raises
    `StoreUnavailableError`.
    """
    if "region" not in selection.wanted_by:
        return ""
    wanted = {**selection.wanted_by, "region": ~_placed(selection, on)}
    number = people_reached(index, question, Selection(selection.people, selection.filters, wanted))
    return f"另有 {number} 人的单位没有写明所在地区（或没有写单位），未计入" if number else ""


def _placed(selection: Selection, on: date) -> Mask:
    """Who has a post on a day in a body of a known region?  Every code begins with no digits at all."""
    people = selection.people
    return people.tied(people.bodies.within(""), day_number(on.isoformat(), 0))


__all__ = ["unplaced_note"]
