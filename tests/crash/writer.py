"""A process that writes batches and says so: run by the crash tests, killed by them.

    python -m tests.crash.writer HOME URI PASSWORD_FILE NAME COUNT

Prints `ready`, then the name of each batch once it is acknowledged. A batch is one person, ten outputs and ten
mentions: all of it or nothing may be found afterwards.
"""

import sys
from pathlib import Path

from pydantic import SecretStr

from graph.claims import node_claim, relationship_claim
from graph.database import Endpoint
from graph.merge import SourceRef, upsert
from graph.model import AUTHORED, OUTPUT, PERSON
from graph.store import Store, connect

WORKS = 10


def write_batch(store: Store, source: str, name: str) -> None:
    """Write one batch: a person with ten outputs."""
    nodes = [node_claim(PERSON, f"P-{name}", {"name": "作者"})]
    nodes += [node_claim(OUTPUT, f"W-{name}-{n}", {"title": "题名" * 20}) for n in range(WORKS)]
    mentions = [
        relationship_claim(AUTHORED, ("Person", f"P-{name}"), ("Output", f"W-{name}-{n}"), key="1")
        for n in range(WORKS)
    ]
    upsert(store.audit, SourceRef("crash", source), nodes, mentions, run=source, actor=source)


def main(home: str, uri: str, password_file: str, name: str, count: str) -> None:
    """Write `count` batches."""
    password = SecretStr(Path(password_file).read_text(encoding="utf-8").strip())
    with connect(Endpoint(uri, "root", password, "zhiku"), Path(home)) as store:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        for number in range(int(count)):
            write_batch(store, name, f"{name}.{number}")
            sys.stdout.write(f"{name}.{number}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
