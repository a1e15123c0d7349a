"""From a public address into the user's cache: resumed, verified, and there only when it is whole."""

import shutil
from pathlib import Path
from typing import IO, Any, NamedTuple

from deepvid.errors import DataError, MissingExtraError
from deepvid.progress import SILENT, Progress

_BLOCK = 1 << 16
_TIMEOUT = 30.0  # seconds without a byte


class Original(NamedTuple):
    """A published file: the sha256 of its bytes and, where it can be had, its address."""

    checksum: str
    address: str | None = None


def download(address: str, checksum: str, folder: Path, progress: Progress = SILENT) -> Path:
    """Fetches one file into `folder` under its own name, unless it is there already.

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
        return Path(registry.fetch(name, downloader=_Resuming(folder / f"{name}.part", progress)))
    except ValueError as error:
        raise DataError(
            f"The sha256 of {address} is {checksum}",
            "other bytes, twice; they were removed",
            "Try again later, or put the file into one of the data folders yourself",
        ) from error


class _Resuming:
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
