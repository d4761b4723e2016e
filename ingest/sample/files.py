"""Write the fictional sample as the files a clerk would have: CSV lists, an Excel roster, works as JSON Lines."""

import csv
import json
import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter  # pyright: ignore[reportMissingTypeStubs]

from graph.errors import InputError

from .country import country_people, country_written
from .people import DISCIPLINES, World, people_and_teams
from .places import MARK, PROVINCE, Body
from .roster import ROSTER_COLUMNS, roster_rows
from .works import PROJECT_COLUMNS, projects, works

REGION_COLUMNS = ("code", "name", "level", "parent", "备注")
ORGANISATION_COLUMNS = (
    "code",
    "name",
    "kind",
    "level",
    "region",
    "parent",
    "alias",
    "is_legal_entity",
    "hosted_by",
    "guided_by",
    "备注",
)
TOPIC_COLUMNS = ("scheme", "code", "name", "level", "parent", "备注")
TOPIC_SCHEME = "local"
SEED = 20261123
# One output in five is a project.
PROJECT_SHARE = 0.2
# More than these in one province would be a crowd: from here on it is a country.
_PROVINCE_EXPERTS, _PROVINCE_OUTPUTS = 10_000, 100_000


@dataclass(frozen=True, slots=True)
class SampleFiles:
    """Where the parts of a sample were written, in the order in which they load; `counts` are rows per file name."""

    folder: Path
    regions: Path
    organisations: Path
    societies: Path
    topics: Path
    roster: Path
    works: Path
    projects: Path
    counts: dict[str, int]


def write_sample(folder: Path, *, experts: int = 400, outputs: int = 2500, seed: int = SEED) -> SampleFiles:
    """Write a fictional province into a folder (made if absent, files of the same name replaced).

    `experts`: 1 to 100,000 people in the roster; `outputs`: 0 to 1,000,000 works and projects together (one in five is
    a project). Above 10,000 or 100,000 it is the fictional country of `country` instead of the one province. The same
    arguments give the same bytes. Raises `InputError` for numbers out of range or a folder that cannot be written.
    """
    world = _world(experts, outputs, seed)
    places = world.places
    project_count = round(outputs * PROJECT_SHARE)
    names = (
        "regions.csv",
        "organisations.csv",
        "societies.csv",
        "topics.csv",
        "roster.xlsx",
        "works.jsonl",
        "projects.csv",
    )
    paths = [folder / name for name in names]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        counts = [
            _write_csv(paths[0], REGION_COLUMNS, ((r.code, r.name, r.level, r.parent, MARK) for r in places.regions)),
            _write_csv(paths[1], ORGANISATION_COLUMNS, map(_body_row, places.organisations)),
            _write_csv(paths[2], ORGANISATION_COLUMNS, map(_body_row, places.societies)),
            _write_csv(paths[3], TOPIC_COLUMNS, _topic_rows()),
            _write_roster(paths[4], world, seed),
            _write_works(paths[5], world, outputs - project_count, seed),
            _write_csv(paths[6], PROJECT_COLUMNS, (row.values() for row in _projects(world, project_count, seed))),
        ]
    except OSError as error:
        raise InputError(
            f"无法写入示例数据文件夹“{folder}”：{error.strerror or error}", hint="请检查权限和磁盘空间"
        ) from error
    return SampleFiles(folder, *paths, counts=dict(zip(names, counts, strict=True)))


def sample_records(
    *, experts: int = 400, outputs: int = 2500, seed: int = SEED
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give the same works and projects as `write_sample` writes, as ("work" | "project", row), without any file."""
    world = _world(experts, outputs, seed)
    project_count = round(outputs * PROJECT_SHARE)
    for work in _works(world, outputs - project_count, seed):
        yield "work", dict(work)
    for project in _projects(world, project_count, seed):
        yield "project", dict(project)


def _world(experts: int, outputs: int, seed: int) -> World:
    if not 1 <= experts <= 100_000 or not 0 <= outputs <= 1_000_000:
        raise InputError("示例数据的专家数应为 1 到 100000，成果数应为 0 到 1000000", hint="请改小后重试")
    national = experts > _PROVINCE_EXPERTS or outputs > _PROVINCE_OUTPUTS
    return country_people(experts, seed) if national else people_and_teams(experts, seed)


def _works(world: World, count: int, seed: int) -> Iterator[Mapping[str, Any]]:
    if world.national:
        return (written.row for written in country_written(world, count, 0, seed))
    return works(world, count, seed)


def _projects(world: World, count: int, seed: int) -> Iterator[dict[str, Any]]:
    if world.national:
        return (written.row for written in country_written(world, 0, count, seed))
    return projects(world, count, seed)


def _body_row(body: Body) -> tuple[str, ...]:
    return (
        body.code,
        body.name,
        body.kind,
        body.level,
        body.region,
        body.parent,
        "；".join(body.alias),
        "是" if body.is_legal_entity else "否",
        body.host,
        body.guide,
        MARK,
    )


def _topic_rows() -> Iterator[tuple[object, ...]]:
    for science in DISCIPLINES:
        yield TOPIC_SCHEME, science.code, science.name, 1, "", MARK
        for topic in science.topics:
            yield TOPIC_SCHEME, topic.code, topic.name, 2, science.code, MARK


def _write_csv(path: Path, columns: Iterable[str], rows: Iterable[Iterable[object]]) -> int:
    count = 0
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for row in rows:
            writer.writerow(row)
            count += 1
    return count


def _write_works(path: Path, world: World, count: int, seed: int) -> int:
    encode = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for work in _works(world, count, seed):
            file.write(encode(work) + "\n")
    return count


def _write_roster(path: Path, world: World, seed: int) -> int:
    book: Any = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    # The time of writing would make two runs differ.
    book.set_properties({"title": f"{PROVINCE}专家库（{MARK}）", "created": datetime(2026, 1, 1)})  # noqa: DTZ001
    sheet = book.add_worksheet("专家名册")
    bold = book.add_format({"bold": True})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.freeze_panes(2, 2)
    sheet.set_column(0, len(ROSTER_COLUMNS) - 1, 14)
    sheet.write_string(0, 0, f"{PROVINCE}科技智库专家库名册（{MARK}，人物与单位均不存在）", bold)
    sheet.write_row(1, 0, ROSTER_COLUMNS, bold)
    rows = roster_rows(random.Random(f"{seed}/roster"), world.experts, world.places)
    count = 0
    for count, row in enumerate(rows, 1):
        for column, value in enumerate(row):
            if isinstance(value, date):
                sheet.write_datetime(count + 1, column, value, day)
            elif isinstance(value, int):
                sheet.write_number(count + 1, column, value)
            elif value:
                sheet.write_string(count + 1, column, value)
    book.close()
    return count
