"""Where images are looked for, in order."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import platformdirs


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
