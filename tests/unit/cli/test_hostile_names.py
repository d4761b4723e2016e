"""Hostile names on the command line: imported, said in the report, asked about; no control character gets through."""

from __future__ import annotations

import re
from collections.abc import Generator
from pathlib import Path

import pytest

from cli.ingest import settled_lines
from graph.embedded import EmbeddedEngine
from ingest.people.settling import SettleReport
from tests.unit.cli.conftest import CommandLine
from tests.unit.ingest.people.hostile_names import CIRCLE, INVISIBLE, NO_AUTHORS, NO_NAMES, circle, hostile_file, work

OTHERS = ("宋知远", "韩立行", "唐一诺", "许望舒")
_UNSAFE = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)


@pytest.fixture
def zhiku(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Generator[CommandLine]:
    """A home of its own: what is asked depends on everything that is in it."""
    monkeypatch.setenv("ZHIKU_DB_HEAP_MB", "384")
    monkeypatch.delenv("ZHIKU_DB_URI", raising=False)
    yield CommandLine(capsys, "--home", str(tmp_path))
    EmbeddedEngine(tmp_path).stop()


def test_hostile_names_are_said_and_harmless(zhiku: CommandLine, tmp_path: Path) -> None:
    # Elsewhere with one colleague each: a question for every spelling that the three works do not settle.
    elsewhere = [work(f"e{n}", (name, CIRCLE[0]), body="乙大学") for n, name in enumerate(INVISIBLE)]
    # One group that holds two authors of one work.
    crowd = [work(f"o{n}", ("钱\u200b学礼", *OTHERS)) for n in range(4)]
    twice = work("o4", ("钱\u200b学礼", "钱\u200b学礼", *OTHERS))
    works = [*circle((*NO_NAMES, *NO_AUTHORS, *INVISIBLE)), *elsewhere, *crowd, twice]
    ended = zhiku("ingest", "works", hostile_file(tmp_path / "works.jsonl", works))
    assert "处署名不是一个人的姓名" in ended.out
    assert "1 组署名自相矛盾或过大，没有自动合并：" in ended.out
    assert "  钱学礼：其中有同一成果上的两人" in ended.out
    settled = zhiku("identity", "settle", "--again", "--json")
    assert [sentence.partition("：")[0] for sentence in settled.json["flagged"]] == ["钱\u200b学礼"]
    queue = zhiku("identity", "queue", "--json")
    assert queue.json
    shown = [zhiku("identity", "show", question["id"]) for question in queue.json[:3]]
    for one in (ended, settled, zhiku("identity", "queue"), queue, *shown):
        assert _UNSAFE.findall(one.out + one.err) == []


def test_three_flags_are_said_and_the_rest_counted() -> None:
    lines = settled_lines(SettleReport(flags=30, flagged=tuple(f"王{n}：过大" for n in range(20))))
    assert lines == [
        "30 组署名自相矛盾或过大，没有自动合并：",
        "  王0：过大",
        "  王1：过大",
        "  王2：过大",
        "  另有 27 组",
    ]
    assert settled_lines(SettleReport()) == []
