"""Examples of counts and lists in the description of the interface; all of it fictional."""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel

from queries.facet_rows import Facet, FacetsAnswer, FacetValue, FilterCost, ListAnswer, ListedExpert


def _response(row: BaseModel) -> dict[str, Any]:
    return {"content": {"application/json": {"example": row.model_dump(mode="json")}}}


EXPERTS_FACETS: Final = _response(
    FacetsAnswer(
        question="地下水超采治理",
        total=12,
        facets=(
            Facet(
                name="region",
                title="地区",
                values=(
                    FacetValue(value="13", label="示例省", count=9),
                    FacetValue(value="11", label="示例市", count=4),
                ),
                more=0,
            ),
        ),
        too_few=(FilterCost(name="tier", title="层次", value="leading", people=134),),
        notes=("只有 12 人（要 20 人）：去掉“层次：leading”后有 134 人",),
        sequence=1024,
    )
)
EXPERTS_LIST: Final = _response(
    ListAnswer(
        total=9,
        offset=0,
        experts=(
            ListedExpert(
                id="P2F7K",
                name="张示例",
                professional_title="教授",
                posts=(),
                memberships=(),
                topics=("水资源",),
                fields=("地下水",),
                honours=(),
                fictional=True,
            ),
        ),
        notes=(),
        sequence=1024,
    )
)
