"""Options and arguments that several commands share."""

import json
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from deepvid.errors import UserError


def require_address(text: str) -> str:
    """Raises `UserError` for an empty text, as of a variable that is not set: it is no folder one is in."""
    if not text:
        raise UserError("A store or a run has an address", "an empty text", "Name a folder or a file")
    return text


def folder(text: str | Path) -> Path:
    """Raises `UserError` for a URL, for a run is only written on this machine, and for an empty text."""
    if "://" in str(text):
        raise UserError(
            "Runs are written to a folder of this machine",
            str(text),
            "Give a folder; list, show and serve also read URLs",
        )
    return Path(require_address(str(text)))


Store = Annotated[
    Path,
    typer.Option(
        "--store",
        envvar="DEEPVID_STORE",
        help="Where runs are kept.",
        show_default=True,
        parser=folder,
        metavar="PATH",
    ),
]
ReadStore = Annotated[
    str,
    typer.Option(
        "--store",
        envvar="DEEPVID_STORE",
        help="Where runs are kept: a folder, an archive or a URL.",
        show_default=True,
        parser=require_address,
        metavar="PATH|URL",
    ),
]
DEFAULT_STORE = Path("runs")
READ_STORE = str(DEFAULT_STORE)


def existing(text: str | Path) -> Path:
    """Raises `UserError` unless it is a folder."""
    path = Path(require_address(str(text)))
    if not path.is_dir():
        found = f"{str(path)!r} {'is a file' if path.exists() else 'does not exist'}"
        raise UserError("--data names a folder", found, "Correct the path, or leave --data out")
    return path


def port(text: str | int) -> int:
    """Raises `UserError` for what is no port."""
    number = str(text)
    if not number.isdecimal() or not 1 <= int(number) <= 65535:
        raise UserError("A port is a number from 1 to 65535", repr(number), "Give one, such as --port 5006")
    return int(number)


Data = Annotated[
    Path | None,
    typer.Option(
        "--data",
        parser=existing,
        metavar="PATH",
        help="Where data sets are looked for first; $DEEPVID_DATA is next.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
ReadRun = Annotated[
    str, typer.Argument(help="A run's id, the beginning of one, or its folder; an archive; a URL.")
]
Run = Annotated[str, typer.Argument(help="A run's id, the beginning of one, or its folder.")]


def print_json(value: Any) -> None:
    """One JSON document on standard output; what is not JSON is written as text."""
    json.dump(value, sys.stdout, indent=2, default=str)
    sys.stdout.write(os.linesep)
