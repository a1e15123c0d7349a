"""The file of each image or the text that is read, and a frame in the place of an image that is gone."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import xarray as xr

from deepvid.column_format import texts_read
from deepvid.store import Run, texts_from_bytes


class Files:
    """Names from the folder or table of the data set, or texts; all are decoded once somebody searches."""

    def __init__(self, stored: xr.DataArray) -> None:
        """`stored` is uint8 (sample, byte)."""
        self._stored = stored

    def of(self, samples: Sequence[int] | np.ndarray) -> list[str]:
        """The names of these samples."""
        wanted, back = np.unique(np.asarray(samples, np.intp), return_inverse=True)
        names = texts_from_bytes(self._stored[wanted].to_numpy())
        return [names[index] for index in back]

    def containing(self, text: str) -> np.ndarray:
        """The samples whose name has `text` in it, capital or small: ascending."""
        wanted = text.casefold()
        return np.array([sample for sample, name in enumerate(self._folded) if wanted in name], np.intp)

    @cached_property
    def _folded(self) -> list[str]:
        return [name.casefold() for name in texts_from_bytes(self._stored.to_numpy())]


def read_files(dataset: xr.Dataset) -> Files | None:
    """Of the dataset stage; None for images that have no file each, as all have of published sets."""
    if "file" not in dataset or dataset["file"].dims != ("sample", "byte"):
        return None
    return Files(dataset["file"]) if dataset["file"].dtype == np.uint8 else None


def read_texts(dataset: xr.Dataset) -> Files | None:
    """Texts that the classifier reads; None of one that sees images."""
    texts = texts_read(dataset)
    return None if texts is None or texts.dtype != np.uint8 else Files(texts)


SIDE = 28  # pixels, where nothing says how large the images were
GROUND, MARK = 232, 150


PAPER = (24, 80, 1)  # shape of what a text is written on


def paper(samples: int) -> xr.DataArray:
    """uint8 (sample, y, x, channel): nothing, one for all samples."""
    empty = np.broadcast_to(np.uint8(255), (samples, *PAPER))
    return xr.DataArray(empty, dims=("sample", "y", "x", "channel"))


def absent(run: Run, samples: int) -> xr.DataArray:
    """uint8 (sample, y, x, channel): a crossed-out frame in the shape of the images, one for all samples."""
    y, x, channel = _shape(run)
    picture = np.full((y, x, channel), GROUND, np.uint8)
    picture[[0, -1]] = picture[:, [0, -1]] = MARK
    rows = np.arange(y)
    across = rows * (x - 1) // max(1, y - 1)
    picture[rows, across] = picture[rows, x - 1 - across] = MARK
    everywhere = np.broadcast_to(picture, (samples, y, x, channel))
    return xr.DataArray(everywhere, dims=("sample", "y", "x", "channel"))


def _shape(run: Run) -> tuple[int, int, int]:
    for name in ("teacher", "vae"):
        if name in run.stages and len(shape := run.stages[name].open().attrs.get("image_shape", ())) == 3:
            return shape[0], shape[1], shape[2]
    return SIDE, SIDE, 1
