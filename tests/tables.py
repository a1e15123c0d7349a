"""A table of rows that tests make by hand."""

from collections.abc import Sequence

import numpy as np
import xarray as xr

from dashboards.data.population import Population
from dashboards.data.predictions import Predictions, softmax


def a_table(label: Sequence[int], predicted: Sequence[int] | None = None, classes: int = 3) -> Population:
    """Rows 0, 1, ... of these true classes, each a black pixel; without `predicted` there is no teacher."""
    labels = np.array(label, np.int32)
    rows = np.arange(len(labels), dtype=np.int32)
    logits = xr.DataArray(np.zeros((len(labels), classes), np.float32), dims=("sample", "class"))
    said = (
        Predictions(
            np.array(predicted, np.int32), np.ones(len(labels), np.float32), logits, rows, None, softmax
        )
        if predicted is not None
        else None
    )
    pictures = xr.DataArray(np.zeros((len(labels), 1, 1, 1), np.uint8), dims=("sample", "y", "x", "channel"))
    return Population(rows, labels, tuple(f"c{k}" for k in range(classes)), {}, said, pictures, rows)
