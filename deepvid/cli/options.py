"""Options and arguments that several commands share."""

import json
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

Store = Annotated[
    Path, typer.Option("--store", envvar="DEEPVID_STORE", help="Where runs are kept.", show_default=True)
]
DEFAULT_STORE = Path("runs")

Data = Annotated[
    Path | None, typer.Option("--data", envvar="DEEPVID_DATA", help="Where data sets are looked for first.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
Run = Annotated[str, typer.Argument(help="A run's id, or the beginning of one.")]


def print_json(value: Any) -> None:
    """One JSON document on standard output; what is not JSON is written as text."""
    json.dump(value, sys.stdout, indent=2, default=str)
    sys.stdout.write(os.linesep)
