"""`--classes`: names of classes as people type them, or a file of them as models are published with."""

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deepvid.errors import DataError

_MUST = "A file of class names is text with a name a line, or JSON: a list, or names by their numbers"


def class_names(text: str) -> list[str]:
    """Of `A,B,...`, or of the file of that path. A name that comes again is told apart: crane, crane 2.

    Raises DataError for a file that is no list of names.
    """
    path = Path(text)
    names = _in_file(path) if path.suffix.lower() in (".txt", ".json") else text.split(",")
    while names and not names[-1].strip():
        names.pop()
    return _told_apart([name.strip() for name in names])


def _in_file(path: Path) -> list[str]:
    try:
        text = path.read_text(encoding="utf-8-sig")
        return _in_json(json.loads(text)) if path.suffix.lower() == ".json" else text.splitlines()
    except (OSError, ValueError) as error:
        found = error.strerror if isinstance(error, OSError) else error
        raise DataError(_MUST, f"{path}: {found}", "Give one, in the order of the model's outputs") from error


def _in_json(found: Any) -> list[str]:
    """Of a list, or of a mapping from numbers; a value may be a pair whose last part is the name."""
    if isinstance(found, Mapping):
        found = [found[number] for number in sorted(found, key=int)]
    if not isinstance(found, list):
        raise ValueError(f"a {type(found).__name__}")
    return [str(name[-1] if isinstance(name, list) and name else name) for name in found]


def _told_apart(names: list[str]) -> list[str]:
    seen: Counter[str] = Counter()
    told = []
    for name in names:
        seen[name] += 1
        told.append(name if seen[name] == 1 else f"{name} {seen[name]}")
    return told
