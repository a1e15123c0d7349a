"""Names of a run's files and directories, and which names no file can have everywhere."""

import re

from deepvid.errors import StoreError

JOURNAL, MANIFEST, CRATE, TREE = "journal.jsonl", "manifest-sha256.txt", "ro-crate-metadata.json", "data.zarr"
DIRECTORY = "(the directory of the zip)"
"""Stands for a file's name where not a member is at fault but the list of members."""

# Windows: https://learn.microsoft.com/windows/win32/fileio/naming-a-file
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"|?*\\]')
_RUN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,119}")


def names_run(name: str) -> bool:
    """Whether a run can have this id, which becomes the name of a folder wherever it is imported."""
    return _RUN.fullmatch(name) is not None and unsafe(name) is None


def unsafe(name: str) -> str | None:
    """Why a name cannot be a file's on every system; None where it can."""
    steps = name.split("/")
    if name.startswith("/") or _FORBIDDEN.search(name):
        return "has a name that is absolute or not possible everywhere"
    if any(step in ("", ".", "..") for step in steps):
        return "has a name that leads out of its folder"
    if any(step[-1] in ". " or _RESERVED.fullmatch(step) for step in steps):
        return "has a name that Windows cannot have"
    return None


_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*(/[a-z0-9_-]+)?")


def directory_name(name: str, key: str) -> str:
    """The directory of a stage or series. Raises StoreError for a name or key that cannot be one."""
    if not _NAME.fullmatch(name) or not re.fullmatch(r"[0-9a-zA-Z]{8,}", key):
        raise StoreError(
            "A stage is named in small letters, digits, - and _, with at most one /; its key is hexadecimal",
            f"name {name!r}, key {key!r}",
            "Rename it",
        )
    return f"{name.replace('/', '.')}-{key[:12]}"
