"""The examples of lists, who can go, nominations, cohorts and exposure in the OpenAPI document."""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel

from api.examples import EXPERTS_ANSWER
from api.lists import Discarded, Nominations, PeriodsCleared, SaidOf, SavedLists, SnapshotMade
from queries.answers import ExpertsAnswer
from queries.availability import GoingExpert, StatedPeriod, WhoCanGoAnswer
from queries.cohorts import CohortFigures, CohortTracking, TrackedMember, TrackedYear
from queries.exposure_report import ExposedGroup, ExposedPerson, ExposureReport
from queries.list_comparison import ListComparison, Placed
from queries.nominations import CitedWork, NominationShown, NominationStep
from queries.saved_lists import ListCard, ListedMember, ListVerification, SavedListAnswer

_FOUND: Final = ExpertsAnswer.model_validate(EXPERTS_ANSWER["content"]["application/json"]["example"])
_EXPERT: Final = _FOUND.experts[0]
_LIST: Final = "L2c4e6g8i0k2m4o6q8s0u2w4y6a"
_HASH: Final = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


def _response(row: BaseModel) -> dict[str, Any]:
    return {"content": {"application/json": {"example": row.model_dump(mode="json")}}}


_CARD: Final = ListCard(
    id=_LIST, name="地下水专题备选专家", kind="experts", purpose="selection", question=_FOUND.question,
    filters='{"region":"13"}', ranking=_FOUND.ranking, sequence=412, saved_on="2026-06-01", saved_by="编辑",
    from_day=None, until_day=None, copied_from="", frozen_hash=_HASH, frozen_on="2026-06-02", frozen_by="编辑",
    members=1,
)  # fmt: skip
_MEMBER: Final = ListedMember(
    rank=1, id=_EXPERT.id, current=_EXPERT.id, name=_EXPERT.name, unit="示例大学", title="教授", score=0.83,
    note="先联系", by_hand=False, reason="", added_by="编辑", added_on="2026-06-01", change="", same_as=None,
)  # fmt: skip
SAVED_LISTS: Final = _response(SavedLists(lists=[_CARD]))
SAVED_LIST: Final = _response(
    SavedListAnswer(card=_CARD, filters={"region": "13"}, members=(_MEMBER,), notes=("名单已于 2026-06-02 冻结",))
)
LIST_VERIFICATION: Final = _response(
    ListVerification(id=_LIST, name=_CARD.name, frozen_hash=_HASH, computed_hash=_HASH, faults=(), ok=True)
)
LIST_COMPARISON: Final = _response(
    ListComparison(
        left=_CARD.name,
        right="另一个名单",
        only_left=(),
        only_right=(),
        moved=(Placed(id=_EXPERT.id, name=_EXPERT.name, unit="示例大学", left_rank=1, right_rank=3, change=-2),),
        same=8,
        notes=(),
    )
)
DISCARDED: Final = _response(Discarded(id=_LIST))
_PERIOD: Final = StatedPeriod(
    person=_EXPERT.id, id="T2c4e6g8i0k2m4o6q8s0u2w4y6a", state="free", from_day="2026-12-01", until_day="2026-12-05",
    note="", said_on="2026-11-20", sources=("local:manual",),
)  # fmt: skip
WHO_CAN_GO: Final = _response(
    WhoCanGoAnswer(
        question=_FOUND.question,
        from_day="2026-12-01",
        until_day="2026-12-03",
        count=3,
        missing=2,
        can_go=(
            GoingExpert(
                expert=_EXPERT, standing="free", jobs=0, max_jobs=2, periods=(_PERIOD,),
                reasons=("2026-12-01 至 2026-12-05 有空（2026-11-20 登记）",),
            ),
        ),
        to_ask=(),
        cannot_go=(),
        notes=("要 3 位，登记有空的只有 1 位",),
        ranking=_FOUND.ranking,
        sequence=412,
    )
)  # fmt: skip
PERIODS: Final[dict[str, Any]] = {"content": {"application/json": {"example": [_PERIOD.model_dump(mode="json")]}}}
SAID_OF: Final = _response(SaidOf(person=_EXPERT.id))
PERIODS_CLEARED: Final = _response(PeriodsCleared(person=_EXPERT.id, removed=1, others=0))
_NOMINATION: Final = NominationShown(
    id="G2c4e6g8i0k2m4o6q8s0u2w4y6a",
    person=_EXPERT.id,
    name=_EXPERT.name,
    nominator="示例大学",
    programme="省优秀青年科技人才",
    reason="近三年成果突出",
    nominated_on="2026-03-01",
    status="accepted",
    entered_by="编辑",
    works=(CitedWork(id="W3d5f7h9j1l3n5p7r9t1v3x5z7b", title="平原区地下水超采综合治理", year=2023),),
    history=(NominationStep(at="2026-03-01T02:00:00.000+00:00", actor="编辑", status="proposed", reason="成果突出"),),
)
NOMINATIONS: Final = _response(Nominations(nominations=[_NOMINATION]))
_FIGURES: Final = CohortFigures(
    id=_EXPERT.id, name=_EXPERT.name, outputs=3, projects=1, honours=0, outputs_total=12, projects_total=4,
    honours_total=1, adopted=None, posts=("示例大学教授",),
)  # fmt: skip
COHORT_TRACKING: Final = _response(
    CohortTracking(
        list=_LIST,
        name="青年梯队",
        years=(2025,),
        hashes={2025: _HASH},
        members=(
            TrackedMember(
                id=_EXPERT.id,
                name=_EXPERT.name,
                left=False,
                years=(TrackedYear(year=2025, figures=_FIGURES, change=None),),
            ),
        ),
        notes=(),
    )
)
SNAPSHOT_MADE: Final = _response(SnapshotMade(list=_LIST, year=2025, hash=_HASH, members=12))
_GROUP: Final = ExposedGroup(
    id="13", name="示例省", library=300, shown=20, times=60, library_share=0.25, shown_share=0.6, ratio=2.4
)
EXPOSURE_REPORT: Final = _response(
    ExposureReport(
        questions=12,
        appearances=100,
        library=1200,
        shown=48,
        never=1152,
        gini=0.97,
        most=(
            ExposedPerson(
                id=_EXPERT.id, name=_EXPERT.name, unit="示例大学", region="示例省", works=6, times=9, share=0.75,
                mean_rank=1.8,
            ),
        ),
        never_shown=(),
        units=(_GROUP.model_copy(update={"id": "O2c4e6g8i0k2m4o6q8s0u2w4y6a", "name": "示例大学"}),),
        regions=(_GROUP,),
        notes=(),
    )
)  # fmt: skip
