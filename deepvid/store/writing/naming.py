"""What the directory of a stage or series is called."""

import re

from deepvid.errors import StoreError

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
