"""The maps of a run: positions in row order, ready for gestures, with their measured quality."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from dashboards.data.placing import at_middle
from dashboards.data.spreading import over_rows
from dashboards.kernels import seen, tiles

_METHODS = {"tsne": "t-SNE", "umap": "UMAP", "pca": "PCA", "axes": "own axes", "given": "given map"}


class Measure(NamedTuple):
    """A quality measure with its 95 % interval and what a random map would reach."""

    value: float
    low: float
    high: float
    chance: float


class Hits(NamedTuple):
    """Of each row, the share of its nearest that have its label: f32 (row,), NaN where it is not measured."""

    on_map: np.ndarray
    in_data: np.ndarray  # in what the map was made of


@dataclass(frozen=True, eq=False)
class Map:
    """One two-dimensional projection. Rows without a position are at NaN."""

    name: str
    x: np.ndarray  # f32 (row,)
    y: np.ndarray  # f32 (row,)
    quality: dict[str, Measure]
    settings: dict[str, Any]
    hits: Hits | None = None  # None: an older version measured it
    placed: bool = False  # some rows that it was not made of stand amid those that are like them

    @property
    def title(self) -> str:
        """As a person names it: `t-SNE of features`."""
        return _title(self.name, self.settings)

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


@dataclass(frozen=True, eq=False)
class Map3D:
    """One three-dimensional projection. Rows without a position are at NaN."""

    name: str
    position: np.ndarray  # f32 (row, 3)
    quality: dict[str, Measure]
    settings: dict[str, Any]
    hits: Hits | None = None  # None: an older version measured it
    placed: bool = False  # some rows that it was not made of stand amid those that are like them

    @property
    def title(self) -> str:
        """As a person names it: `t-SNE of features, 3-D`."""
        return f"{_title(self.name, self.settings)}, 3-D"

    def inside(self, view: np.ndarray, x: Any, y: Any) -> np.ndarray:
        """bool (row,): the rows inside a polygon on the screen.

        `view` is float64 (3, 4): it takes (position, 1) to (a, b, w), which is seen at (a / w, b / w) where w
        is positive, and not at all elsewhere.
        """
        return seen.inside_polygon(self.position, np.asarray(view), np.asarray(x), np.asarray(y))


class Projected(NamedTuple):
    """A projection as stored: f32 (sample, dimension) and the samples that have a position."""

    name: str
    position: np.ndarray
    samples: np.ndarray
    quality: dict[str, Measure]
    settings: dict[str, Any]
    hits: Hits | None  # by the samples


def read_projection(name: str, dataset: xr.Dataset) -> Projected:
    """Reads one committed `projection-<name>` group."""
    quality = {
        measure: Measure(**{field: float(values[field]) for field in Measure._fields})
        for measure, values in dataset.attrs.get("quality", {}).items()
        if values["value"] is not None  # not finite, as with too few samples
    }
    measured = "hit" in dataset and "data_hit" in dataset
    return Projected(
        name,
        dataset["position"].to_numpy(),
        dataset["sample"].to_numpy(),
        quality,
        _settings(dataset),
        Hits(dataset["hit"].to_numpy(), dataset["data_hit"].to_numpy()) if measured else None,
    )


def by_row(projected: Projected, row_of_sample: np.ndarray, rows: int, like: np.ndarray | None = None) -> Map:
    """A flat projection in row order; `row_of_sample` is int32 (sample,), -1 where a sample has no row. Rows
    that it was not made of stand amid the samples `like` them, int (row, few), -1: none.
    """
    row, position, placed = _placed(projected, row_of_sample, rows, like)
    x, y = np.ascontiguousarray(position.T)
    return Map(projected.name, x, y, *_facts(projected, row, rows), placed)


def by_row_3d(
    projected: Projected, row_of_sample: np.ndarray, rows: int, like: np.ndarray | None = None
) -> Map3D:
    """A projection of three dimensions in row order, as `by_row`."""
    row, position, placed = _placed(projected, row_of_sample, rows, like)
    return Map3D(projected.name, position, *_facts(projected, row, rows), placed)


def _placed(
    projected: Projected, row_of_sample: np.ndarray, rows: int, like: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray, bool]:
    row = row_of_sample[projected.samples]
    position = over_rows(projected.position, row, rows)
    lacking = np.isnan(position).any(axis=1)
    if like is None or not lacking.any():
        return row, position, False
    of_sample = over_rows(projected.position, projected.samples, len(row_of_sample))
    position[lacking] = at_middle(of_sample, like[lacking])
    return row, position, True


def _facts(
    projected: Projected, row: np.ndarray, rows: int
) -> tuple[dict[str, Measure], dict[str, Any], Hits | None]:
    hits = projected.hits and Hits(*(over_rows(share, row, rows) for share in projected.hits))
    return projected.quality, projected.settings, hits


def _settings(dataset: xr.Dataset) -> dict[str, Any]:
    """Those of the projection; `shown` stands for features that a model does not show, `note` says what few
    images changed."""
    others = {"shown": dataset.attrs.get("features_of"), "note": dataset.attrs.get("note")}
    return {
        **dataset.attrs.get("projection", {}),
        **{name: text for name, text in others.items() if text is not None},
    }


def _title(name: str, settings: dict[str, Any]) -> str:
    method = str(settings.get("method", name))
    of, words = settings.get("shown", settings.get("of")), _METHODS.get(method, method)
    return f"{words} of {of}" if of else words
