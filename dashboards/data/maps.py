"""The maps of a run: positions in row order, tiled for gestures, with their measured quality."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from dashboards.kernels import tiles

_METHODS = {"tsne": "t-SNE", "umap": "UMAP", "pca": "PCA"}


class Measure(NamedTuple):
    """A quality measure with its 95 % interval and what a random map would reach."""

    value: float
    low: float
    high: float
    chance: float


@dataclass(frozen=True, eq=False)
class Map:
    """One two-dimensional projection. Rows without a position are at NaN."""

    name: str
    x: np.ndarray  # f32 (row,)
    y: np.ndarray  # f32 (row,)
    quality: dict[str, Measure]
    settings: dict[str, Any]

    @property
    def title(self) -> str:
        """As a person names it: `t-SNE of features`."""
        method = str(self.settings.get("method", self.name))
        of = self.settings.get("of")
        return f"{_METHODS.get(method, method)} of {of}" if of else method

    @cached_property
    def tiles(self) -> tiles.Tiles:
        """The grid that gestures use; made on first use, 12 bytes a row."""
        return tiles.tile(self.x, self.y)

    def inside(self, x: Any, y: Any) -> np.ndarray:
        """bool (row,): the rows inside a polygon of data coordinates."""
        return tiles.inside_polygon(self.tiles, np.asarray(x, float), np.asarray(y, float), len(self.x))

    def nearest(self, x: float, y: float, radius_x: float, radius_y: float) -> int | None:
        """The row nearest to a point, inside an ellipse; None where there is none."""
        return tiles.nearest(self.tiles, x, y, radius_x, radius_y)


class Projected(NamedTuple):
    """A projection as stored: f32 (sample, 2) and the samples that have a position."""

    name: str
    position: np.ndarray
    samples: np.ndarray
    quality: dict[str, Measure]
    settings: dict[str, Any]


def read_projection(name: str, dataset: xr.Dataset) -> Projected:
    """Reads one committed `projection-<name>` group."""
    quality = {
        measure: Measure(**{field: float(values[field]) for field in Measure._fields})
        for measure, values in dataset.attrs.get("quality", {}).items()
        if values["value"] is not None  # not finite, as with too few samples
    }
    return Projected(
        name,
        dataset["position"].to_numpy(),
        dataset["sample"].to_numpy(),
        quality,
        dict(dataset.attrs.get("projection", {})),
    )


def by_row(projected: Projected, row_of_sample: np.ndarray, rows: int) -> Map:
    """A projection in row order; `row_of_sample` is int32 (sample,), -1 where a sample has no row."""
    position = np.full((rows, 2), np.nan, np.float32)
    target = row_of_sample[projected.samples]
    position[target[target >= 0]] = projected.position[target >= 0]
    x, y = (np.ascontiguousarray(side) for side in position.T)
    return Map(projected.name, x, y, projected.quality, projected.settings)
