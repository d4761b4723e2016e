"""What all commands share on the command line: the options before the command, and the flags spelt alike everywhere."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON，供程序读取")]
Limit = Annotated[int, typer.Option("--limit", "-n", min=1, max=200, help="最多列出多少条")]


@dataclass(slots=True)
class GlobalOptions:
    """Options given before the command: which home folder, and whether it is the demo's."""

    home: Path | None = None
    demo: bool = False
