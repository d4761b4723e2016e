"""Bring the fictional sample into a store, through the same sources and mappings as anybody's files."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from graph.store import Store
from ingest.people.settling import settle
from ingest.registry import open_source
from ingest.run import RunReport, run
from ingest.source import Source

from .files import SEED, SampleFiles, write_sample


def sample_sources(files: SampleFiles) -> Iterator[tuple[Path, Source]]:
    """The files of a sample in the order in which one refers to another, each with the source that reads it."""
    tables = (
        (files.regions, "regions"),
        (files.organisations, "organisations"),
        (files.societies, "organisations"),
        (files.topics, "topics"),
        (files.roster, "roster"),
    )
    for path, mapping in tables:
        yield path, open_source("table", mapping=mapping, dataset=f"sample-{path.name.partition('.')[0]}")
    yield files.works, open_source("works", dataset="sample-works")
    yield files.projects, open_source("table", mapping="projects", dataset="sample-projects")


def load(
    store: Store,
    *,
    experts: int = 400,
    outputs: int = 2500,
    seed: int = SEED,
    actor: str = "local",
    progress: Callable[[int, str], None] | None = None,
) -> list[RunReport]:
    """Write a sample into a temporary folder, load it and settle who is who; one report per file, in order of loading.

    The same arguments in a store with the same key give the same graph; a second time changes nothing. `progress` is
    given the records read so far of a file and its name. Raises what `write_sample` and `run` raise.
    """
    reports: list[RunReport] = []
    with tempfile.TemporaryDirectory(prefix="zhiku-sample-") as folder:
        files = write_sample(Path(folder), experts=experts, outputs=outputs, seed=seed)
        for path, source in sample_sources(files):
            reports.append(run(store, source, path, actor=actor, progress=_named(progress, path.name)))
    settle(store, actor=actor)
    return reports


def _named(progress: Callable[[int, str], None] | None, name: str) -> Callable[[int, str], None] | None:
    return None if progress is None else lambda records, _phase: progress(records, name)
