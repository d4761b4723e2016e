"""A command that fails as no command should: what the last resort of the command line is for."""

import typer

app = typer.Typer(add_completion=False)


@app.command()
def fail() -> None:
    secret = "13800001111"
    raise ValueError(f"telephone {secret}")
