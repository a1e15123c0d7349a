"""Groups of the stages `causes` and `modes` that tests make by hand."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from deepvid.causes import CAUSES, FACTS, SENTENCES, causes_with_facts

Found = Mapping[str, tuple[float, ...]]
"""By the name of a cause its strength, and behind it its facts."""


def causes_group(samples: Sequence[int], found: Sequence[Found], *, earlier: bool = False) -> xr.Dataset:
    """Of these errors; causes that are not named are nan. An `earlier` version kept the facts of all."""
    numbers = np.full((len(samples), len(CAUSES), 1 + FACTS), np.nan)
    for error, of in enumerate(found):
        for name, values in of.items():
            numbers[error, list(CAUSES).index(name), : len(values)] = values
    strength, facts = numbers[..., 0].astype(np.float16), numbers[..., 1:].astype(np.float16)
    if not earlier:
        overlap = list(CAUSES).index("overlap")
        kept = np.array([causes_with_facts(one, overlap) for one in strength.tolist()], int).reshape(
            -1, SENTENCES + 1, 1
        )
        facts = np.where(
            kept >= 0, np.take_along_axis(facts, np.maximum(kept, 0), axis=1), np.float16(np.nan)
        )
    return xr.Dataset(
        {
            "sample": ("error", np.array(samples, np.int32)),
            "strength": (("error", "cause"), strength),
            "fact" if earlier else "evidence": (("error", "cause" if earlier else "told", "fact"), facts),
        },
        attrs={"causes": list(CAUSES), "grid": [7, 7], "lacks": [], "asked": len(samples)},
    )


def modes_group(
    samples: Sequence[int], of_error: Sequence[int], modes: Sequence[dict[str, Any]]
) -> xr.Dataset:
    """Of these errors, each of a mode by its place, -1: of none. A mode says what differs from `MODE`. Errors
    are the more alike the nearer they stand.
    """
    return xr.Dataset(
        {
            "sample": ("error", np.array(samples, np.int32)),
            "mode": ("error", np.array(of_error, np.int16)),
            "point": (("error", "component"), np.arange(len(samples), dtype=np.float16)[:, None]),
        },
        attrs={"modes": [{**MODE, **mode} for mode in modes]},
    )


MODE: Mapping[str, Any] = {
    "name": "taken for c1",
    "sentence": "2 errors, taken for c1: darker (+1.8 sd)",
    "rule": "taken for c1",
    "action": "look at these labels",
    "errors": 2,
    "central": [],
    "places": [],
    "rate": [0.4, 0.3, 0.5],
    "usual": 0.1,
    "shuffled": 0.2,
    "confirmed": True,
}
