"""Tables and progress for people at a terminal, drawn with rich; cells are text, never markup."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from typing import Final, cast

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from cli.output import plain

# A file or pipe has no width; wide enough for a title and its evidence on one line.
PIPED_WIDTH: Final = 160


def console(*, stderr: bool = False) -> Console:
    """Return a console that shows text as it is: no markup, no emoji codes, no highlighting."""
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() or "COLUMNS" in os.environ else PIPED_WIDTH
    return Console(file=stream, width=width, markup=False, emoji=False, highlight=False)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]], *, lines: bool = False) -> None:
    """Print a table; a cell that is a list takes one line an item. `lines` draws a line between the rows."""
    drawn = Table(title=Text(plain(title)), title_justify="left", show_lines=lines)
    for column in columns:
        # Ids are copied into the next command, so they stay on one line.
        drawn.add_column(Text(plain(column)), overflow="fold", no_wrap=column.endswith("编号"))
    for row in rows:
        drawn.add_row(*(_cell(value) for value in row))
    console().print(drawn)


def _cell(value: object) -> Text:
    if isinstance(value, list | tuple):
        items = cast(Sequence[object], value)
        return Text("\n".join(plain(item) for item in items))
    return Text(plain(value))


@contextmanager
def progress_bar(what: str, total: int | None = None) -> Generator[Callable[[int, str], None]]:
    """Show on stderr how far work has come; gives a function of (units done, phase). Nothing is shown in a pipe."""
    bar = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console(stderr=True),
        disable=not sys.stderr.isatty(),
        transient=True,
    )
    with bar:
        task = bar.add_task(plain(what), total=total)

        def moved(done: int, phase: str) -> None:
            bar.update(task, completed=done, description=plain(f"{what} {phase}"))

        yield moved
