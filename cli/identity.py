"""`zhiku identity`: who is who. Questions that a person has to answer, and the answers."""

from __future__ import annotations

import typer

from cli import people_review
from cli.organisation_review import organisations_app

app = typer.Typer(add_completion=False, no_args_is_help=True, help="谁是谁：待确认的问题与回答")
app.add_typer(organisations_app, name="organisations")
people_review.register(app)


@app.callback()
def identity() -> None:
    """谁是谁：待确认的问题与回答。"""
