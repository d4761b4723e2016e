"""The same signs through Splink 5 on DuckDB (extra `[splink]`; both MIT): a second opinion, and a first load.

Splink estimates the weights by expectation maximisation (Fellegi and Sunter 1969) without labels. The settings are SQL
over columns. Splink's Spark backend takes the same settings with the two expressions that are DuckDB's written for
Spark (`size(array_intersect(l, r))`, a cosine over arrays): see docs/guide-people.md; not tried here.
"""

from __future__ import annotations

import importlib
from typing import Any, Final

import numpy as np

from graph.errors import InputError
from ingest.people.linkage import components
from ingest.people.mentions import Ints, MentionTable
from ingest.people.statistics import Background
from ingest.people.topics import token_weights

_SHARED: Final = "len(list_intersect({name}_l, {name}_r))"
_TOPIC: Final = "list_cosine_similarity(topic_l, topic_r)"


def _levels(column: str, missing: str, conditions: dict[str, str]) -> dict[str, Any]:
    null = {"sql_condition": missing, "label_for_charts": "unknown", "is_null_level": True}
    rest = [{"sql_condition": sql, "label_for_charts": label} for label, sql in conditions.items()]
    other = {"sql_condition": "ELSE", "label_for_charts": "else"}
    return {"output_column_name": column, "comparison_levels": [null, *rest, other]}


def settings() -> dict[str, Any]:
    """Return Splink's settings: co-authors, organisation, topic, years and venue in grades, blocked by name."""
    coauthors = _SHARED.format(name="coauthors")
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "unique_id",
        "blocking_rules_to_generate_predictions": ["l.block = r.block"],
        "comparisons": [
            _levels(
                "coauthors",
                "len(coauthors_l) = 0 or len(coauthors_r) = 0",
                {"three": f"{coauthors} >= 3", "two": f"{coauthors} = 2", "one": f"{coauthors} = 1"},
            ),
            _levels(
                "organisations",
                "len(organisations_l) = 0 or len(organisations_r) = 0",
                {"same": f"{_SHARED.format(name='organisations')} >= 1"},
            ),
            _levels(
                "topic",
                "topic_l is null or topic_r is null",
                {"near": f"{_TOPIC} >= 0.6", "related": f"{_TOPIC} >= 0.3", "loose": f"{_TOPIC} >= 0.1"},
            ),
            _levels(
                "years",
                "year_l is null or year_r is null",
                {"two": "abs(year_l - year_r) <= 2", "five": "abs(year_l - year_r) <= 5"},
            ),
            _levels("venue", "venue_l is null or venue_r is null", {"same": "venue_l = venue_r"}),
        ],
    }


def cluster(table: MentionTable, background: Background, rows: Ints, *, least: float, prior: float = 0.1) -> Ints:
    """Return for every one of the rows the position of the first row of its group.

    Groups are connected components of pairs whose match probability is at least `least`; `prior` is the share of pairs
    of one name that are one person (17 % on the measured set, identity.md). Raises `InputError` without the extra.
    """
    try:
        duckdb: Any = importlib.import_module("duckdb")
        splink: Any = importlib.import_module("splink")
        backend: Any = importlib.import_module("splink.backends.duckdb")
        arrow: Any = importlib.import_module("pyarrow")
    except ImportError as error:
        raise InputError("没有安装 Splink", hint="pip install 'zhiku[splink]'") from error
    records = arrow.table(_columns(table, background, rows))
    api = backend.DuckDBAPI(connection=duckdb.connect())
    frame = api.register(records)
    options = {**settings(), "probability_two_random_records_match": prior}
    linker = splink.Linker(frame, options)
    linker.training.estimate_u_using_random_sampling(max_pairs=1_000_000, seed=1)
    linker.training.estimate_parameters_using_expectation_maximisation(
        "l.block = r.block", fix_probability_two_random_records_match=True
    )
    predicted = linker.inference.predict(threshold_match_probability=least).as_duckdbpyrelation()
    pairs = predicted.select("unique_id_l, unique_id_r").fetchnumpy()
    left, right = (np.asarray(pairs[f"unique_id_{side}"], dtype=np.int64) for side in "lr")
    return components(len(rows), left, right)


def _columns(table: MentionTable, background: Background, rows: Ints) -> dict[str, object]:
    arrow: Any = importlib.import_module("pyarrow")
    works = table.work[rows].astype(np.int64)
    owners, slots, weights = token_weights(table, works, background.idf)
    vectors = background.topics.vectors(owners, slots, weights, len(rows))
    known = np.abs(vectors).sum(axis=1) > 0 if vectors.shape[1] else np.zeros(len(rows), dtype=np.bool_)
    coauthors = [
        sorted(set(table.work_people.of(int(table.work[row])).tolist()) - {int(table.block[row])}) for row in rows
    ]
    years, venues = table.work_year[works].tolist(), table.work_venue[works].tolist()
    return {
        "unique_id": np.arange(len(rows)),
        "block": table.block[rows],
        "coauthors": arrow.array(coauthors, arrow.list_(arrow.int64())),
        "organisations": arrow.array(
            [table.mention_orgs.of(int(row)).tolist() for row in rows], arrow.list_(arrow.int64())
        ),
        "topic": arrow.array(
            [vector.tolist() if has else None for vector, has in zip(vectors, known, strict=True)],
            arrow.list_(arrow.float64()),
        ),
        "year": arrow.array([year or None for year in years], arrow.int64()),
        "venue": arrow.array([venue or None for venue in venues], arrow.int64()),
    }
