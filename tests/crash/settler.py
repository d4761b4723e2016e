"""A process that settles who is who: run by the crash tests, killed by them.

    python -m tests.crash.settler HOME URI PASSWORD_FILE

Prints a line whenever people were compared or merged.
"""

import sys
from pathlib import Path

from pydantic import SecretStr

from graph.database import Endpoint
from graph.store import connect
from ingest.people.settling import settle


def main(home: str, uri: str, password_file: str) -> None:
    """Settle, and say how far it is."""
    password = SecretStr(Path(password_file).read_text(encoding="utf-8").strip())

    def tell(number: int, phase: str) -> None:
        sys.stdout.write(f"{phase} {number}\n")
        sys.stdout.flush()

    with connect(Endpoint(uri, "root", password, "zhiku"), Path(home)) as store:
        settle(store, actor="crash", progress=tell, again=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
