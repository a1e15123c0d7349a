"""Contract of every source of images: what it takes and gives."""

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple, Protocol, TypeGuard

import numpy as np
import platformdirs

from deepvid.columns import Columns
from deepvid.config.names import Fit
from deepvid.datasets.white import White
from deepvid.progress import SILENT, Progress


class DataFolder(NamedTuple):
    """One folder, and who named it."""

    path: Path
    origin: str

    def __str__(self) -> str:
        return f"{self.path} ({self.origin}{'' if self.path.is_dir() else ', no such folder'})"


def places(data: Path | None = None) -> tuple[DataFolder, ...]:
    """`data`, then $DEEPVID_DATA, then the user's cache, where downloads go."""
    places = [] if data is None else [DataFolder(data.expanduser(), "--data")]
    if variable := os.environ.get("DEEPVID_DATA"):
        places.append(DataFolder(Path(variable).expanduser(), "$DEEPVID_DATA"))
    return (*places, DataFolder(cache(), "the user's cache"))


def cache() -> Path:
    """The folder that downloads go to, one folder a source inside."""
    return platformdirs.user_cache_path("deepvid") / "data"


def folders(source: str, among: Iterable[DataFolder]) -> Iterator[Path]:
    """In each place the folder that is named after the source, then the place itself."""
    for place in among:
        yield place.path / source
        yield place.path


class Rows(NamedTuple):
    """Which of the images of a source were taken."""

    of: np.ndarray  # int (sample,): the row in the source of each
    total: int  # of rows in the source


class ImageData(NamedTuple):
    """The images of a run; the row is the sample's index everywhere, training images first."""

    images: np.ndarray  # uint8 (sample, y, x, channel)
    labels: np.ndarray | None  # int32 (sample,); None: nobody labeled them
    test: np.ndarray  # bool (sample,)
    class_names: tuple[str, ...]
    checksums: dict[str, str]  # file name -> sha256 of what was read
    files: tuple[str, ...] | None = None  # (sample,): that a picture was read from; None: not from one each
    notes: tuple[str, ...] = ()  # what was changed or passed over, in sentences without their stop
    skipped: Mapping[str, str] = MappingProxyType({})  # file -> why it could not be read
    rows: Rows | None = None  # None: all, in the order of the source
    white: White = White()
    sizes: np.ndarray | None = None  # int32 (sample, 2): y, x of each file; None: as the images
    columns: Columns = ()  # further ones that a table has
    original: np.ndarray | None = None  # int32 (sample,): labels before they were corrected; None: none was


class Pictures(NamedTuple):
    """Pictures as a source has read them, before anybody looked at its values.

    `images` are (sample, y, x) or (sample, y, x, channel), as `pixels_of` takes them. `white` is what they
    were read with; None: it is still to be found.
    `test` is None where the source has no split of its own; `files`, `notes` and `skipped` are as in
    `ImageData`. Without labels there are no class names, and `unlabeled` says what was found instead.
    """

    images: np.ndarray
    labels: np.ndarray | None
    test: np.ndarray | None
    class_names: tuple[str, ...]
    checksums: Mapping[str, str]
    files: tuple[str, ...] | None = None
    notes: tuple[str, ...] = ()
    skipped: Mapping[str, str] = MappingProxyType({})
    unlabeled: str = ""
    white: White | None = None
    sizes: np.ndarray | None = None  # int32 (picture, 2): y, x of each file; None: as the images
    columns: Columns = ()


class Form(NamedTuple):
    """The one size that images are given: (y, x), and how."""

    size: tuple[int, int]
    fit: Fit


class Request(NamedTuple):
    """Request to a source: the path a person gave, the places to look in, and whom to report to."""

    path: Path | None
    places: tuple[DataFolder, ...]
    progress: Progress = SILENT
    beside: Path | None = None  # the folder of the experiment's file, which a relative path may start from
    form: Form | None = None  # None: images have one size already
    skip_unreadable: bool = False


class Source(Protocol):
    """One kind of place where images come from."""

    def read(self, request: Request) -> Pictures:
        """Finds and reads everything. Raises `DataError` for what is absent or broken."""
        ...


class Own(Source, Protocol):
    """A source of a person's own files, which may change from one day to the next."""

    def checksums(self, request: Request) -> Mapping[str, str]:
        """Those that `read` would give, without looking at the images."""
        ...

    def labeled(self, request: Request) -> bool:
        """Whether `read` would give labels, without looking at the images."""
        ...


def is_own(source: Source) -> TypeGuard[Own]:
    """Whether it is `Own`: told by a method, for a published source may have a field of that name."""
    return callable(getattr(source, "checksums", None))
