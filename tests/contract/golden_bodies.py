"""Bodies of the golden graph whose legal entity is asked for: nobody works there, so no other answer knows them.

A university renamed in 1995, its department, its hospital (a legal entity of its own), a college merged into it in 2020
(and one of which nobody knows when), a base it houses until 2025, a laboratory that moved to it in 2015, a college that
was split, a name that went to and fro, and a department below a body that is a tombstone.
"""

from __future__ import annotations

from typing import Any, Final

Facts = dict[str, Any]

BODIES: Final[dict[str, Facts]] = {
    "B工大": {"name": "山南工业大学", "kind": "university", "is_legal_entity": True, "verified": True},
    "B工专": {"name": "山南工业专科学校", "is_legal_entity": True, "verified": True},
    "B电气": {"name": "山南工业大学电气学院", "kind": "department", "verified": True},
    "B电机": {"name": "山南工业专科学校电机科", "kind": "department", "verified": True},
    "B附院": {"name": "山南工业大学附属医院", "kind": "hospital", "is_legal_entity": True, "verified": True},
    "B师专": {"name": "山南师范专科学校", "is_legal_entity": True, "verified": True},
    "B农校": {"name": "山南农业学校", "is_legal_entity": True, "verified": True},
    "B基地": {"name": "山南科技智库基地", "kind": "base", "verified": True},
    "B学会": {"name": "山南电机学会", "kind": "society", "is_legal_entity": True, "verified": True},
    "B搬": {"name": "山南传感实验室", "kind": "department", "verified": True},
    "B拆": {"name": "山南综合学院", "is_legal_entity": True, "verified": True},
    "B甲名": {"name": "山南甲名研究所", "is_legal_entity": True, "verified": True},
    "B乙名": {"name": "山南乙名研究所", "is_legal_entity": True, "verified": True},
    "B撤": {"name": "山南已撤系", "kind": "department"},
    "B残": {"name": "山南残留教研室", "kind": "department", "verified": True},
}
TAKEN_AWAY: Final = ("B撤",)
# Type, start, end, properties.
TIES: Final[tuple[tuple[str, str, str, Facts], ...]] = (
    ("PART_OF", "B电气", "B工大", {"valid_from": "2000-01-01", "valid_to": "2030-01-01"}),
    ("PART_OF", "B电机", "B工专", {}),
    ("PART_OF", "B附院", "B工大", {}),
    ("PART_OF", "B搬", "B师专", {"valid_to": "2015-01-01"}),
    ("PART_OF", "B搬", "B工大", {"valid_from": "2015-01-01"}),
    ("PART_OF", "B残", "B撤", {}),
    ("PART_OF", "B撤", "B工大", {}),
    ("HOSTED_BY", "B基地", "B工大", {"valid_from": "2021-01-01", "valid_to": "2025-01-01"}),
    ("HOSTED_BY", "B学会", "B工大", {}),
    ("SUCCEEDED_BY", "B工专", "B工大", {"kind": "renamed", "on": "1995-09-01", "basis": "教计〔1995〕1号（虚构）"}),
    ("SUCCEEDED_BY", "B师专", "B电气", {"kind": "merged", "on": "2020-06-01"}),
    ("SUCCEEDED_BY", "B农校", "B工大", {"kind": "merged"}),
    ("SUCCEEDED_BY", "B拆", "B工大", {"kind": "split", "on": "2001-01-01"}),
    ("SUCCEEDED_BY", "B拆", "B师专", {"kind": "split", "on": "2001-01-01"}),
    ("SUCCEEDED_BY", "B甲名", "B乙名", {"kind": "renamed", "on": "1990-01-01"}),
    ("SUCCEEDED_BY", "B乙名", "B甲名", {"kind": "renamed", "on": "2010-01-01"}),
)
