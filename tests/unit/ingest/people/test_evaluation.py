"""Figures against labels, and the reader of labels against rubbish."""

import json
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.errors import InputError
from ingest.people.evaluation import count_pairs, evaluate_identity, wrong_pairs
from ingest.people.labels import Labelled, parse_labels, read_labels

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just("w#1"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["mention", "work", "position", "person", "x"]), inner, max_size=4)
    ),
    max_leaves=8,
)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=12))
def test_pairs_are_counted_as_by_hand(pairs: list[tuple[int, int]]) -> None:
    people, groups = [p for p, _ in pairs], [g for _, g in pairs]
    found = count_pairs(people, groups)
    both = list(combinations(range(len(pairs)), 2))
    assert found.joined == sum(groups[i] == groups[j] for i, j in both)
    assert found.true == sum(people[i] == people[j] for i, j in both)
    assert found.right == sum(groups[i] == groups[j] and people[i] == people[j] for i, j in both)
    for i in range(len(pairs)):
        assert 0 < found.bcubed.precision <= 1
        assert groups[i] in groups
    assert (found.bcubed.precision == 1) == (found.joined == found.right) or not pairs


def test_a_report_names_the_worst() -> None:
    labels = [Labelled("a", "1", "x"), Labelled("b", "1", "y"), Labelled("c", "1", "x"), Labelled("d", "1", "z")]
    group = {"a#1": 1, "b#1": 1, "c#1": 2}
    report = evaluate_identity(labels, group, dict.fromkeys(group, "王伟"), questions=3)
    assert (report.mentions, report.not_found, report.names, report.people) == (3, 1, 1, 2)
    assert report.pooled.precision == 0
    assert report.questions_per_1000 == 1000
    assert (report.worst[0].wrong, report.worst[0].missed) == (1, 1)
    assert evaluate_identity(labels, group, {}, worst=0).worst == []
    assert evaluate_identity(labels, group, {}).questions_per_1000 is None
    assert wrong_pairs(labels[:3], group, 5) == ([("a#1", "b#1")], [("a#1", "c#1")])


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=12), st.integers(0, 4))
def test_wrong_pairs_are_wrong_and_found_when_there_are_any(pairs: list[tuple[int, int]], most: int) -> None:
    labels = [Labelled("w", str(n), str(person)) for n, (person, _) in enumerate(pairs)]
    group = {label.mention: found for label, (_, found) in zip(labels, pairs, strict=True)}
    person = {label.mention: label.person for label in labels}
    joined, apart = wrong_pairs(labels, group, most)
    assert all(group[a] == group[b] and person[a] != person[b] for a, b in joined)
    assert all(group[a] != group[b] and person[a] == person[b] for a, b in apart)
    count = count_pairs(list(person.values()), list(group.values()))
    assert bool(joined) == (count.joined > count.right and most > 0)
    assert bool(apart) == (count.true > count.right and most > 0)
    assert max(len(joined), len(apart)) <= most


def test_both_ways_of_writing_a_mention_are_read(tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    path.write_text(
        '{"mention": "ChinaXiv-1#2", "person": "甲"}\n{"mention": {"work": "w", "position": 3}, "person": 7}\n'
        '\n{"work": "v", "position": "1", "person": "乙"}\nrubbish\n{"mention": "ChinaXiv-1#2", "person": "丙"}\n',
        encoding="utf-8",
    )
    labels = read_labels(path)
    assert labels.mentions == [Labelled("ChinaXiv-1", "2", "甲"), Labelled("w", "3", "7"), Labelled("v", "1", "乙")]
    assert [(error.line, error.file) for error in labels.errors] == [(5, "labels.jsonl"), (6, "labels.jsonl")]


@pytest.mark.parametrize("text", ["\\ud800", "x\\udfff"])
@pytest.mark.parametrize("field", ["work", "position", "person"])
def test_half_a_character_is_no_label(field: str, text: str) -> None:
    row = {"work": "w", "position": "1", "person": "p", field: "?"}
    labels = parse_labels([json.dumps(row).replace("?", text).encode()], "f")
    assert labels.mentions == []
    assert "残缺的字符" in labels.errors[0].reason


@pytest.mark.parametrize("content", [b"", b"\n\n", b"x" * 50_000, b"[]\n"])
def test_a_file_without_labels_is_an_input_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "labels.jsonl"
    path.write_bytes(content)
    with pytest.raises(InputError):
        read_labels(path)
    with pytest.raises(InputError):
        read_labels(tmp_path / "missing.jsonl")


@given(st.lists(VALUES.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=40), max_size=6))
def test_any_lines_are_labels_or_errors(lines: list[bytes]) -> None:
    labels = parse_labels(lines, "f")
    assert len(labels.errors) == labels.rejected
    assert len(labels.mentions) + labels.rejected <= len(lines)
    assert all(label.work and label.position and label.person for label in labels.mentions)
