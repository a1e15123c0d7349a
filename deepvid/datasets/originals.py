"""Images as they were before they were stored smaller, as a model would have seen them."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from deepvid.config import Dataset
from deepvid.datasets.contract import Form
from deepvid.datasets.conversion import pixels_of
from deepvid.datasets.finding import user_path
from deepvid.datasets.loading import read_raw, request_of
from deepvid.datasets.picture import decode, fit_pictures
from deepvid.datasets.white import White
from deepvid.errors import DataError

MOST = 200  # images: an agreement of .9 is known to .04


class Originals(NamedTuple):
    """Some images of a run in a size that they are not stored in."""

    image: np.ndarray  # uint8 (original, y, x, channel)
    sample: np.ndarray  # int (original,): their indices

    def fitted(self, size: tuple[int, int]) -> "Originals":
        """The same at another size: stretched, for they are shaped already."""
        return self._replace(image=fit_pictures(self.image, Form(size, "stretch")))


class Stored(NamedTuple):
    """A run's images as they are stored."""

    shape: tuple[int, int, int]  # (y, x, channel)
    rows: np.ndarray  # int (sample,): which of the source each is
    files: Sequence[str] | None  # of a picture file each
    white: White = White()


def originals(
    section: Dataset,
    stored: Stored,
    size: tuple[int, int],
    *,
    data: Path | None = None,
    beside: Path | None = None,
) -> Originals | None:
    """At most 200 of them at (y, x), shaped as `section` says; None where they were stored as they are.

    None, too, where they cannot be read any more.
    """
    if not section.own or section.source == "given" or size == stored.shape[:2]:
        return None
    chosen = some(len(stored.rows))
    form = Form(size, section.fit)
    try:
        if stored.files is not None:
            root = user_path(section.source, request_of(section, data, beside))
            folder = root if root.is_dir() else root.parent
            images = [_of_file(folder / stored.files[sample], form, stored) for sample in chosen]
            kept = [number for number, image in enumerate(images) if image is not None]
            image = np.array([images[number] for number in kept])
            return Originals(image, chosen[kept]) if kept else None
        whole = pixels_of(
            read_raw(section, data, beside).images[stored.rows[chosen]], str(section.path), stored.white
        ).images
    except (DataError, OSError, ValueError, IndexError):
        return None
    if not _larger(whole.shape[1:3], stored):
        return None
    return Originals(fit_pictures(whole, form), chosen)


def some(count: int) -> np.ndarray:
    """The indices of at most 200 of `count` images, evenly among them."""
    return np.unique(np.linspace(0, count - 1, MOST).astype(int))


def _of_file(path: Path, form: Form, stored: Stored) -> np.ndarray | None:
    """uint8 (y, x, channel); None of one that was stored as it is."""
    found = decode(path.read_bytes(), form, stored.white)
    if found.pixels is None or not _larger(found.size, stored):
        return None
    return np.broadcast_to(found.pixels, (*found.pixels.shape[:2], stored.shape[2]))


def _larger(size: Sequence[int], stored: Stored) -> bool:
    return size[0] > stored.shape[0] or size[1] > stored.shape[1]
