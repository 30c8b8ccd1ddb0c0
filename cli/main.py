"""The `hall` program: every door of the house behind one name."""

from __future__ import annotations

import typer

app = typer.Typer(no_args_is_help=True, add_completion=False)
