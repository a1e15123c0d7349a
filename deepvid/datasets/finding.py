"""From a source's file names to paths: what a person gave, then the places, then a download to the cache."""

import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, NamedTuple

from deepvid.datasets.contract import DataFolder, Request, folders
from deepvid.errors import DataError, MissingExtraError
from deepvid.progress import SILENT, Progress
from deepvid.wording import path_hint

_BLOCK = 1 << 16
_TIMEOUT = 30.0  # seconds without a byte


class Original(NamedTuple):
    """A published file: the sha256 of its bytes and, where it can be had, its address."""

    checksum: str
    address: str | None = None


def download(address: str, checksum: str, folder: Path, progress: Progress = SILENT) -> Path:
    """Fetches one file into `folder` under its own name, verified and whole, unless it is there already.

    A broken transfer is kept in `<name>.part` and continued by the next call. Raises `OSError` where nothing
    answers, and `DataError` where what came does not have the sha256 `checksum` (it is removed).
    """
    try:
        import pooch
    except ImportError as error:
        raise MissingExtraError.of("A download", "compute", "pooch") from error
    pooch.get_logger().setLevel("ERROR")  # it announces every file; our progress does
    name = address.rsplit("/", 1)[1]
    registry = pooch.create(
        folder, base_url="", registry={name: f"sha256:{checksum}"}, urls={name: address}, retry_if_failed=1
    )
    try:
        return Path(registry.fetch(name, downloader=_ResumingDownloader(folder / f"{name}.part", progress)))
    except ValueError as error:
        raise DataError(
            f"The sha256 of {address} is {checksum}",
            "other bytes, twice; they were removed",
            "Try again later, or put the file into one of the data folders yourself",
        ) from error


class _ResumingDownloader:
    """A downloader for pooch, which names a new temporary file each time, that keeps what arrived."""

    def __init__(self, part: Path, progress: Progress) -> None:
        self._part, self._progress = part, progress

    def __call__(self, url: str, output_file: str, pooch: Any) -> None:
        import requests
        from urllib3.exceptions import HTTPError

        try:
            self._receive(url)
        except HTTPError as error:
            raise requests.ConnectionError(f"the transfer broke off: {error}") from error
        shutil.move(self._part, output_file)

    def _receive(self, url: str) -> None:
        import requests

        have = self._part.stat().st_size if self._part.exists() else 0
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
        with requests.get(url, headers=headers, stream=True, timeout=_TIMEOUT) as response:
            if response.status_code == requests.codes.requested_range_not_satisfiable:
                self._part.unlink()  # longer than the file: it cannot be its beginning
            response.raise_for_status()
            if response.status_code != requests.codes.partial_content:
                have = 0
            total = have + int(response.headers.get("Content-Length", 0))
            with self._part.open("ab" if have else "wb") as file:
                self._copy(response.raw, file, have, total)

    def _copy(self, stream: Any, file: IO[bytes], done: int, total: int) -> None:
        # The raw stream: `iter_content` would unpack a .gz file that is served as Content-Encoding: gzip.
        for block in stream.stream(_BLOCK, decode_content=False):
            file.write(block)
            done += len(block)
            self._progress.update(done, max(done, total), f"Downloading {self._part.stem}")


def find_files(
    source: str, names: Iterable[str], originals: Mapping[str, Original], request: Request
) -> list[Path]:
    """The paths of all `names`, which lie in one folder. Raises `DataError` where they do not."""
    wanted = tuple(names)
    around = folders(source, request.places) if request.path is None else [user_path(source, request)]
    for folder in around:
        if all((folder / name).is_file() for name in wanted):
            return [folder / name for name in wanted]
    if request.path is not None:
        raise absent(source, wanted, request, f"not all of them in {request.path}")
    return [_downloaded(source, name, wanted, originals, request) for name in wanted]


def find_one(source: str, names: Sequence[str], originals: Mapping[str, Original], request: Request) -> Path:
    """The first of `names`, any of which will do; or the path that a person gave."""
    around = folders(source, request.places) if request.path is None else [user_path(source, request)]
    for folder in around:
        for name in names:
            if (folder / name).exists():
                return folder / name
    if request.path is not None:
        return user_path(source, request)
    original = next((name for name in names if name in originals), names[0])
    return _downloaded(source, original, names, originals, request)


def user_path(source: str, request: Request) -> Path:
    """The path that a person gave: as it stands, beside the experiment, or inside one of the places."""
    assert request.path is not None
    path = request.path.expanduser()
    beside = [] if request.beside is None else [request.beside / path]
    candidates = [path, *beside, *(folder / path for folder in folders(source, request.places))]
    existing = next((candidate for candidate in candidates if candidate.exists()), None)
    if existing is None:
        raise DataError(
            "dataset.path is a file or folder: from the current folder, from that of the experiment's file, "
            "or inside a place that is looked in",
            f"no {path}{path_hint(str(path))}"
            + ("" if path.is_absolute() else f"; looked in {_around(request)}"),
            "Correct the path, or name another folder with --data or $DEEPVID_DATA",
        )
    return existing


def absent(source: str, names: Sequence[str], request: Request, found: str) -> DataError:
    """The one error for images that are nowhere."""
    return DataError(
        f"The images of {source} lie in one of the data folders, or in a folder {source} there",
        f"{found}; looked in {_looked(request)}",
        f"Put {' or '.join(names) if len(names) < 4 else ', '.join(names)} there, "
        "or name another folder with --data or $DEEPVID_DATA",
    )


def _around(request: Request) -> str:
    """Every folder that a relative path may start from."""
    folders = [DataFolder(Path.cwd(), "the current folder")]
    if request.beside is not None and request.beside.resolve() != Path.cwd():
        folders.append(DataFolder(request.beside.resolve(), "of the experiment's file"))
    return "; ".join([*map(str, folders), _looked(request)])


def _looked(request: Request) -> str:
    named = any(place.origin == "$DEEPVID_DATA" for place in request.places)
    unset = () if named else ("$DEEPVID_DATA is not set",)
    return "; ".join([*map(str, request.places), *unset])


def _downloaded(
    source: str, name: str, names: Sequence[str], originals: Mapping[str, Original], request: Request
) -> Path:
    original = originals.get(name)
    if original is None or original.address is None:
        raise absent(source, names, request, "none of them, and there is no address to get them from")
    try:
        return download(
            original.address, original.checksum, request.places[-1].path / source, request.progress
        )
    except OSError as error:
        raise absent(
            source,
            names,
            request,
            f"none of them, and {original.address} gives nothing ({_innermost(error)})",
        ) from error


def _innermost(error: OSError) -> str:
    """The words of the system, without the layers that requests wraps around them."""
    wrapped = error.args[0] if error.args else error
    return str(getattr(wrapped, "reason", error)).rpartition("): ")[2]
