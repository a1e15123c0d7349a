"""An archive that a person points to: a path of the server, or an address to fetch it from."""

from pathlib import Path
from typing import Any
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    UnknownHandler,
)

import fsspec

from deepvid.errors import DeepVIDError, StoreError
from deepvid.progress import Progress

BLOCK = 2**22  # bytes
TIMEOUT = 30  # s without a byte
WEB = "https://"
ADDRESSES = (WEB, "s3://")
_WEB_HANDLERS = (
    ProxyHandler,
    HTTPSHandler,
    HTTPRedirectHandler,
    HTTPErrorProcessor,
    HTTPDefaultErrorHandler,
    UnknownHandler,
)  # without those for http, files and FTP, to which a redirect could lead


def located(source: str, store: Path, target: Path, progress: Progress, *, anywhere: bool = False) -> Path:
    """The local file that `source` names; what an https or s3 address names is copied into `target`.

    A path is one below `store`, to which it is relative; `anywhere` takes any. Of other paths nothing is
    said, not even whether they exist. Raises StoreError where there is no such file, or it cannot be read.
    """
    if "::" in source or ("://" in source and not source.startswith(ADDRESSES)):
        raise _refusal("an address of another kind", source)
    if not source.startswith(ADDRESSES):
        return _below(store, source, anywhere)
    try:
        _fetch(source, target, progress)
    except DeepVIDError:  # cancelled
        target.unlink(missing_ok=True)
        raise
    except Exception as error:  # OSError of the web, and whatever the packages for S3 raise
        target.unlink(missing_ok=True)
        raise _refusal(f"{type(error).__name__}: {error}", source) from error
    return target


def _below(store: Path, source: str, anywhere: bool) -> Path:
    try:
        path = (store / Path(source).expanduser()).resolve()
        inside = path.is_relative_to(store.resolve())
    except (OSError, ValueError, RuntimeError):
        raise _refusal("no path", source) from None
    if not (inside or anywhere):
        raise _refusal("a path outside the store, which only deepvid serve --allow-paths takes", source)
    try:
        readable = path.is_file()
    except OSError:
        readable = False
    if not readable:
        raise _refusal("no file that the server can read", source)
    return path


def _fetch(source: str, target: Path, progress: Progress) -> None:
    with _opened(source) as remote, target.open("wb") as file:
        total = getattr(remote, "size", None) or getattr(remote, "length", None) or 0
        while block := remote.read(BLOCK):
            file.write(block)
            progress.update(file.tell(), max(total, file.tell()), "fetching it")


def _opened(source: str) -> Any:
    """The web by the standard library: fsspec would want aiohttp for it."""
    if not source.startswith(WEB):
        return fsspec.open(source, "rb")
    opener = OpenerDirector()
    for handler in _WEB_HANDLERS:
        opener.add_handler(handler())
    return opener.open(source, timeout=TIMEOUT)


def _refusal(found: str, source: str) -> StoreError:
    return StoreError(
        "An archive comes from a file below the store, an https or s3 address, or an upload",
        f"{found} ({source})",
        "Give the path below the store, an address such as https://host/run.zip, or upload the file",
    )
