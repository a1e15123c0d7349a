"""Groups of the stage `causes` that tests make by hand."""

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from deepvid.causes import CAUSES, FACTS

Found = Mapping[str, tuple[float, ...]]
"""By the name of a cause its strength, and behind it its facts."""


def causes_group(samples: Sequence[int], found: Sequence[Found]) -> xr.Dataset:
    """Of these errors; causes that are not named are nan."""
    numbers = np.full((len(samples), len(CAUSES), 1 + FACTS), np.nan)
    for error, of in enumerate(found):
        for name, values in of.items():
            numbers[error, list(CAUSES).index(name), : len(values)] = values
    return xr.Dataset(
        {
            "sample": ("error", np.array(samples, np.int32)),
            "strength": (("error", "cause"), numbers[..., 0].astype(np.float16)),
            "fact": (("error", "cause", "fact"), numbers[..., 1:].astype(np.float16)),
        },
        attrs={"causes": list(CAUSES), "grid": [7, 7], "lacks": [], "asked": len(samples)},
    )
