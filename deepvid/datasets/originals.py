"""Images as they were before they were stored smaller, as a model would have seen them."""

from collections.abc import Iterator, Sequence
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

MOST = 200  # images that a check asks: an agreement of .9 is known to .04
PART = 100  # images at once


class Originals(NamedTuple):
    """Some images of a run in a size that they are not stored in."""

    image: np.ndarray  # uint8 (original, y, x, channel)
    sample: np.ndarray  # int (original,): their indices


class Larger(NamedTuple):
    """Images that a program gave, which are stored smaller."""

    image: np.ndarray  # uint8 (given, y, x, channel)
    order: np.ndarray  # int (sample,): which of them each sample is

    def parts(self, size: tuple[int, int]) -> Iterator[Originals]:
        """All samples, some at a time, at another size: stretched, for they are shaped already."""
        for sample in _parts(np.arange(len(self.order))):
            yield Originals(fit_pictures(self.image[self.order[sample]], Form(size, "stretch")), sample)


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
    chosen: np.ndarray | None = None,
    data: Path | None = None,
    beside: Path | None = None,
) -> Iterator[Originals]:
    """Those of the samples `chosen` (None: all) at (y, x), some at a time, shaped as `section` says.

    What was stored as it is, and what cannot be read any more, is not among them.
    """
    if not section.own or section.source == "given" or size == stored.shape[:2]:
        return
    chosen = np.arange(len(stored.rows)) if chosen is None else chosen
    form = Form(size, section.fit)
    try:
        if stored.files is None:
            raw = read_raw(section, data, beside).images
            for sample in _parts(chosen):
                whole = pixels_of(raw[stored.rows[sample]], str(section.path), stored.white).images
                if not _larger(whole.shape[1:3], stored):
                    return
                yield Originals(fit_pictures(whole, form), sample)
            return
        root = user_path(section.source, request_of(section, data, beside))
    except (DataError, OSError, ValueError, IndexError):
        return
    folder = root if root.is_dir() else root.parent
    for sample in _parts(chosen):
        images = [_of_file(folder / stored.files[one], form, stored) for one in sample]
        kept = [number for number, image in enumerate(images) if image is not None]
        if kept:
            yield Originals(np.array([images[number] for number in kept]), sample[kept])


def some(count: int) -> np.ndarray:
    """The indices of at most 200 of `count` images, evenly among them."""
    return np.unique(np.linspace(0, count - 1, MOST).astype(int))


def _parts(samples: np.ndarray) -> Iterator[np.ndarray]:
    return (samples[first : first + PART] for first in range(0, len(samples), PART))


def _of_file(path: Path, form: Form, stored: Stored) -> np.ndarray | None:
    """uint8 (y, x, channel); None of one that was stored as it is, or cannot be read."""
    try:
        found = decode(path.read_bytes(), form, stored.white)
    except (DataError, OSError, ValueError):
        return None
    if found.pixels is None or not _larger(found.size, stored):
        return None
    return np.broadcast_to(found.pixels, (*found.pixels.shape[:2], stored.shape[2]))


def _larger(size: Sequence[int], stored: Stored) -> bool:
    return size[0] > stored.shape[0] or size[1] > stored.shape[1]
