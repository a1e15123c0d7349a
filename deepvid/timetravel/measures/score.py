"""What every measure gives."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from deepvid.statistics import bootstrap_mean


class Score(NamedTuple):
    """The mean of a measure over samples, with its 95 % interval; nan where there are none."""

    value: float
    low: float
    high: float
    chance: float  # what a map that knows nothing of the features would reach
    number: int  # samples
    published: float  # the same as the code of DVI computes it: for its published numbers alone


def mean_score(
    values: Float[np.ndarray, " sample"],
    *,
    chance: float,
    published: float,
    seed: int,
    rows: Int[np.ndarray, " row"] | None = None,
) -> Score:
    """Of the samples in `rows`, or of all. Samples without a value (nan) are left out."""
    of_rows = values if rows is None else values[rows]
    known = of_rows[~np.isnan(of_rows)]
    if not len(known):
        return Score(np.nan, np.nan, np.nan, chance, 0, published)
    return Score(*bootstrap_mean(known, seed=seed), chance, len(known), published)
