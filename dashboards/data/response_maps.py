"""Where the units of a run answer its test images: the maps that its stage `unit-maps` has stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from deepvid.caching import newest_per_owner
from deepvid.store import Run


@dataclass(frozen=True, eq=False)
class ResponseMaps:
    """Those of a run; units in the order of the stage."""

    group: xr.Dataset
    row: Mapping[int, int]  # of each sample that has maps
    grids: Mapping[str, tuple[int, int] | None]  # places (y, x) of a layer's maps; None: it has none
    low: np.ndarray  # f32 (unit,)
    step: np.ndarray  # f32 (unit,)
    deviation: np.ndarray  # f32 (unit,): how far images usually differ at a place

    def of(self, sample: int, units: np.ndarray) -> np.ndarray | None:
        """f32 (place, unit) of units that stand together; None of a sample whose maps are not stored."""
        row = self.row.get(sample)
        if row is None:
            return None
        chosen = slice(int(units[0]), int(units[-1]) + 1)
        byte = self.group["response_map"][row, :, chosen].to_numpy()
        return np.asarray(self.low[chosen] + self.step[chosen] * byte, np.float32)

    def usual(self, units: np.ndarray) -> np.ndarray:
        """f32 (unit,): how far the maps of any two images differ, by their standard deviation."""
        return np.asarray(self.deviation[units])


def response_maps(run: Run) -> ResponseMaps | None:
    """What is read once is shared by all sessions; None of a run without maps."""
    stage = run.stage("unit-maps")
    return None if stage is None else _read(run, stage.key)


@newest_per_owner
def _read(run: Run, key: str) -> ResponseMaps | None:
    group = run.together("unit-maps")
    told = group.attrs.get("maps")
    if "response_map" not in group or not told:
        return None
    samples: Sequence[int] = group["map_sample"].to_numpy().tolist()
    return ResponseMaps(
        group,
        {sample: row for row, sample in enumerate(samples)},
        {name: None if grid is None else (grid[0], grid[1]) for name, grid in told["grids"].items()},
        *(group[name].to_numpy() for name in ("map_low", "map_step", "map_deviation")),
    )
