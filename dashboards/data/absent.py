"""What stands where the images were of a run that was archived without them."""

import numpy as np
import xarray as xr

from deepvid.store import Run

SIDE = 28  # pixels, where nothing says how large the images were
GROUND, MARK = 232, 150


def absent(run: Run, samples: int) -> xr.DataArray:
    """uint8 (sample, y, x, channel): a crossed-out frame in the shape of the images, one for all samples."""
    y, x, channel = _shape(run)
    picture = np.full((y, x, channel), GROUND, np.uint8)
    picture[[0, -1]] = picture[:, [0, -1]] = MARK
    rows = np.arange(y)
    across = rows * (x - 1) // max(1, y - 1)
    picture[rows, across] = picture[rows, x - 1 - across] = MARK
    return xr.DataArray(
        np.broadcast_to(picture, (samples, y, x, channel)), dims=("sample", "y", "x", "channel")
    )


def _shape(run: Run) -> tuple[int, int, int]:
    for name in ("teacher", "vae"):
        if name in run.stages and len(shape := run.stages[name].open().attrs.get("image_shape", ())) == 3:
            return shape[0], shape[1], shape[2]
    return SIDE, SIDE, 1
