"""An archive that a person points to: a path of the server, or an address to fetch it from."""

from pathlib import Path
from typing import Any
from urllib.request import urlopen

import fsspec

from deepvid.errors import StoreError
from deepvid.progress import Progress

BLOCK = 2**22  # bytes
TIMEOUT = 30  # s without a byte


def located(source: str, target: Path, progress: Progress) -> Path:
    """The local file; what has a scheme (`https://`, `s3://`, ...) is copied into `target` first.

    Raises StoreError where there is none, or it cannot be read.
    """
    if "://" not in source:
        path = Path(source).expanduser()
        if not path.is_file():
            raise _refusal("a directory" if path.is_dir() else "no such file", source)
        return path
    try:
        _fetch(source, target, progress)
    except (OSError, ValueError, ImportError) as error:
        target.unlink(missing_ok=True)
        raise _refusal(f"{type(error).__name__}: {error}", source) from error
    return target


def _fetch(source: str, target: Path, progress: Progress) -> None:
    with _opened(source) as remote, target.open("wb") as file:
        total = getattr(remote, "size", None) or getattr(remote, "length", None) or 0
        while block := remote.read(BLOCK):
            file.write(block)
            progress.update(file.tell(), max(total, file.tell()), "fetching it")


def _opened(source: str) -> Any:
    """The web by the standard library: fsspec would want aiohttp for it."""
    if source.startswith(("http://", "https://")):
        return urlopen(source, timeout=TIMEOUT)
    return fsspec.open(source, "rb")


def _refusal(found: str, source: str) -> StoreError:
    return StoreError(
        "An archive is one file that the server can read, by its path or its address",
        f"{found} ({source})",
        "Give the path as the server sees it, an address such as https://host/run.zip, or upload the file",
    )
