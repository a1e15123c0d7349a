"""The samples of a run as one HoloViews table, and what is drawn of it: the map and the confusion matrix."""

from collections.abc import Sequence

import datashader as ds
import holoviews as hv
import numpy as np
from holoviews.operation.datashader import datashade, dynspread

from dashboards.data.maps import Map
from dashboards.data.population import Population, population
from dashboards.theme import class_color
from deepvid.errors import DataError
from deepvid.store import Run

MANY = 20_000  # points; more are aggregated by Datashader
SIDE = 450  # px
NOBODY = "not asked yet"  # predicted class of an image that the teacher has not seen


def samples(run: Run, projection: str = "") -> hv.Dataset:
    """A row for each sample of a map, by its index: x, y, true, predicted, confidence and images, which is 1.

    `projection` is the name of a stage `projection-<name>` of two dimensions; empty: the one that the page
    shows first. Without labels the true class is the teacher's runner-up, as on the page.
    Raises DataError where the run has no such map.
    """
    table = population(run)
    chosen = _map_of(run, table, projection)
    assert table is not None
    on_map = np.flatnonzero(np.isfinite(chosen.x))
    predicted = np.full(table.rows, -1) if table.predicted is None else table.predicted
    confidence = np.full(table.rows, np.nan) if table.confidence is None else table.confidence
    names = np.array([*table.class_names, *([NOBODY] if (predicted[on_map] < 0).any() else [])])
    columns = {
        "sample": table.samples[on_map],
        "x": chosen.x[on_map],
        "y": chosen.y[on_map],
        "true": names[table.label[on_map]],
        "predicted": names[predicted[on_map]],
        "confidence": confidence[on_map],
        "images": np.ones(len(on_map), np.int64),
    }
    classes = [hv.Dimension(name, values=list(names)) for name in ("true", "predicted")]
    return hv.Dataset(columns, "sample", ["x", "y", *classes, "confidence", "images"], label=chosen.title)


def map(table: hv.Dataset, color: str = "true") -> hv.Element | hv.DynamicMap:
    """Every row of `samples` as a point in the color of its class, `true` or `predicted`.

    More than 20,000 are aggregated by Datashader, anew for every part of the map that comes into view.
    """
    points = table.to(hv.Points, ["x", "y"], ["sample", "true", "predicted", "confidence"], [])
    colors = _colors(table, color)
    bare = hv.opts.Points(
        color=color, cmap=colors, size=4, alpha=0.8, tools=["hover"], width=SIDE, height=SIDE, data_aspect=1,
        xaxis=None, yaxis=None, show_legend=False,
    )  # fmt: skip
    if len(table) <= MANY:
        return points.opts(bare)
    picture = datashade(points, aggregator=ds.by(color, ds.count()), color_key=colors)
    return dynspread(picture).opts(width=SIDE, height=SIDE, data_aspect=1, xaxis=None, yaxis=None)


def confusion(table: hv.Dataset) -> hv.HeatMap:
    """How many rows of `samples` are of a true class and predicted to be another, the true ones by row."""
    counted = table.reindex(["predicted", "true"], ["images"]).aggregate(function=np.sum)
    classes = _classes(table)
    return counted.to(hv.HeatMap, ["predicted", "true"], "images", []).opts(
        cmap="blues", cnorm="log", tools=["hover"], width=SIDE, height=SIDE, xrotation=45, invert_yaxis=True,
        xlim=(-0.5, len(classes) - 0.5), clipping_colors={"NaN": "transparent"}, colorbar=True,
    )  # fmt: skip


def _map_of(run: Run, table: Population | None, projection: str) -> Map:
    maps = {} if table is None else table.maps
    chosen = maps.get(projection) if projection or table is None else table.default_map
    if chosen is None:
        raise DataError(
            f"The run has a map {projection!r}" if projection else "The run has a map of two dimensions",
            f"{', '.join(maps) or 'none'} in {run.id}",
            "Make one: deepvid project RUN --method tsne",
        )
    return chosen


def _classes(table: hv.Dataset) -> Sequence[str]:
    return table.get_dimension("true").values


def _colors(table: hv.Dataset, dimension: str) -> dict[str, str]:
    return {name: class_color(index) for index, name in enumerate(_classes(table))}
