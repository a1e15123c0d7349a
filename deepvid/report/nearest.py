"""Nearest training images by a classifier's features, which may be more than fit into memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from deepvid.fitted import fitted
from deepvid.neighbors import k_smallest

if TYPE_CHECKING:
    import xarray as xr
    from jaxtyping import Bool, Float, Int

BLOCK = 1 << 14  # samples whose features are held at once


class Nearest(NamedTuple):
    """Of each query, the nearest first; as far as each other, by their index."""

    sample: Int[np.ndarray, "query near"]
    distance: Float[np.ndarray, "query near"]  # inf: there are no more


def nearest_training(
    features: xr.DataArray,
    test: Bool[np.ndarray, " sample"],
    queries: Float[np.ndarray, "query feature"],
    count: int,
    *,
    own: Int[np.ndarray, " query"] | None = None,
) -> Nearest:
    """The `count` nearest training images of each query, of few all, without `own`, the sample that it is.

    Where every image is a test image, its model was trained elsewhere, and all stand for those.
    """
    queries = queries.astype(np.float64)
    square, near = np.empty((len(queries), 0)), np.empty((len(queries), 0), int)
    known = fitted(test)
    for begin in range(0, len(test), BLOCK):
        rows = begin + np.flatnonzero(known[begin : begin + BLOCK])
        block = features[begin : begin + BLOCK].to_numpy().astype(np.float64)[rows - begin]
        further = np.stack([((block - query) ** 2).sum(axis=1) for query in queries])
        further[np.isnan(further)] = np.inf  # the classifier was not asked about it
        if own is not None:
            further[rows == own[:, None]] = np.inf
        square = np.concatenate([square, further], axis=1)
        near = np.concatenate([near, np.broadcast_to(rows, further.shape)], axis=1)
        kept = k_smallest(square, count)
        square, near = (np.take_along_axis(side, kept, 1) for side in (square, near))
    return Nearest(near, np.sqrt(square))
