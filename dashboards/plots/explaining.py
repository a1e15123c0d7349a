"""Explanations of one image."""

from typing import Any

import holoviews as hv
import numpy as np

from dashboards.data.explanations import explanations
from dashboards.data.population import population
from dashboards.theme import LIGHT, mixed
from deepvid.errors import DataError
from deepvid.store import Run

SIDE = 220  # px
INSIDE = 0.995  # share of all pixels inside the scale: a few bright ones must not gray out the rest
DIVERGING = [
    mixed(LIGHT.surface, LIGHT.negative if step < 0 else LIGHT.positive, abs(step))
    for step in np.linspace(-1, 1, 255)
]


def explanation(run: Run, sample: int, methods: tuple[str, ...] = ()) -> hv.Layout:
    """The image, and beside it what each method says of the margin between its two classes.

    Blue pixels speak for the first class and orange ones for the second. Each map is divided by its mean
    magnitude, so that all are on one scale and differ in shape alone, as on the page. `methods` are names of
    the run's configuration; empty: all that it has.
    Raises DataError where the image has no explanation, or none by one of the methods.
    """
    table, found = population(run), explanations(run).get(sample)
    known = () if found is None else found.methods
    if table is None or found is None or not set(methods) <= set(known):
        raise DataError(
            f"Image {sample} is explained" + (f" by {', '.join(methods)}" if methods else ""),
            f"{', '.join(known) or 'no explanation'} in {run.id}",
            "Explain it: deepvid evaluate RUN",
        )
    rows = [known.index(method) for method in methods or known]
    maps = found.read()[rows]
    size = np.abs(maps).mean(axis=(1, 2), keepdims=True)
    maps = np.divide(maps, size, out=np.zeros_like(maps), where=size > 0)
    end = float(np.quantile(np.abs(maps), INSIDE)) or 1.0
    first, second = (table.class_names[index] for index in found.contrast)
    image = table.images_of(np.array([sample]))[0]
    pictures = [_picture(image if image.shape[-1] == 3 else image[..., 0], f"#{sample}", cmap="gray")]
    pictures += [
        _picture(values, found.labels[row], cmap=DIVERGING, clim=(-end, end))
        for row, values in zip(rows, maps, strict=True)
    ]
    return hv.Layout(pictures).opts(title=f"{first}, not {second}").cols(len(pictures))


def _picture(values: np.ndarray, label: str, **look: Any) -> hv.Image | hv.RGB:
    """Pixels (y, x) or (y, x, channel), the first row on top."""
    height, width = values.shape[:2]
    bare = {"width": SIDE, "height": SIDE, "data_aspect": 1, "xaxis": None, "yaxis": None}
    plain = {**bare, "fontsize": {"title": 9}}
    if values.ndim == 3:
        return hv.RGB(values, ["column", "row"], bounds=(0, 0, width, height), label=label).opts(**plain)
    picture = hv.Image(values, ["column", "row"], "times the mean", bounds=(0, 0, width, height), label=label)
    return picture.opts(tools=["hover"], **plain, **look)
