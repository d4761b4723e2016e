"""A process that saves, shortens and freezes lists and says so: run by the crash tests, killed by them.

    python -m tests.crash.lister HOME URI PASSWORD_FILE NAME

Prints `saved NAME`, `shortened NAME`, `frozen NAME` for each list once that is acknowledged, without end.
"""

import sys
from itertools import count
from pathlib import Path

from pydantic import SecretStr

from graph.database import Endpoint
from graph.store import connect
from ingest.commands.lists import Member, freeze_list, remove_member, save_list

PEOPLE = 40


def main(home: str, uri: str, password_file: str, name: str) -> None:
    """Write lists until somebody stops it."""
    password = SecretStr(Path(password_file).read_text(encoding="utf-8").strip())

    def tell(what: str, title: str) -> None:
        sys.stdout.write(f"{what} {title}\n")
        sys.stdout.flush()

    with connect(Endpoint(uri, "root", password, "zhiku"), Path(home)) as store:
        for number in count():
            title = f"{name}.{number}"
            save_list(store, name=title, members=[Member(f"P{n}", 1.0) for n in range(PEOPLE)], actor="crash")
            tell("saved", title)
            remove_member(store, id=title, member="P0", reason="试", actor="crash")
            tell("shortened", title)
            freeze_list(store, id=title, actor="crash")
            tell("frozen", title)


if __name__ == "__main__":
    main(*sys.argv[1:])
