"""What are regions called?"""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel, ConfigDict

from graph.database import Query


class RegionName(BaseModel):
    """What a region is called."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    name: str


REGION_NAMES: Final = Query(
    "region_names",
    """
UNWIND $codes AS wanted
MATCH (r:Region {code: wanted})
WHERE r.tombstone IS NULL
RETURN r.code AS code, coalesce(r.name, r.code) AS name
""",
    RegionName,
)
