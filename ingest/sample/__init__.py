"""A fictional province as files: seeded, plainly marked, in the formats users have; for demo, tests, benchmarks."""

from .files import (
    ORGANISATION_COLUMNS,
    REGION_COLUMNS,
    SEED,
    TOPIC_COLUMNS,
    TOPIC_SCHEME,
    SampleFiles,
    sample_records,
    write_sample,
)
from .loading import load, sample_sources
from .places import MARK, PROVINCE
from .roster import ROSTER_COLUMNS
from .works import PROJECT_COLUMNS, Author, Work

__all__ = [
    "MARK",
    "ORGANISATION_COLUMNS",
    "PROJECT_COLUMNS",
    "PROVINCE",
    "REGION_COLUMNS",
    "ROSTER_COLUMNS",
    "SEED",
    "TOPIC_COLUMNS",
    "TOPIC_SCHEME",
    "Author",
    "SampleFiles",
    "Work",
    "load",
    "sample_records",
    "sample_sources",
    "write_sample",
]
