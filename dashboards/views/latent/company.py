"""The images that stand beside the one under study: lines behind its axes, or rows of a heat map."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from dashboards.data.class_labels import shortened
from dashboards.data.latents import Latents, class_means
from dashboards.data.population import Mask, Population
from dashboards.data.spreading import evenly
from dashboards.kit.latents import Axis, LatentRow
from dashboards.theme import CLASS_COLORS

LINES, ROWS = 200, 40
REACH = 3.0
"""Standard deviations from the mean of the run's images to the end of what is told."""
LONGEST = 10  # letters of a class
_LEVELS = 127
_TINY = np.finfo(np.float32).tiny


class Company(NamedTuple):
    """Images by axis."""

    legend: str = ""  # empty: there are none
    rows: tuple[LatentRow, ...] = ()  # of a heat map, means of classes first
    places: bytes = b""  # as `Latents` of the kit has them


def lines(known: Latents, table: Population, mask: Mask | None, row: int, axes: Sequence[Axis]) -> Company:
    """Some of the selected images but `row`; of no selection none."""
    rows = _others(mask, row)
    if mask is None or not len(rows):
        return Company()
    shown = rows[evenly(len(rows), LINES)]
    which = _how_many(shown, rows, mask)
    kind = "true" if table.labeled else "predicted"
    means = known.mean[table.samples[shown]].to_numpy()
    return Company(
        f"faint lines: {which}, in the colors of their {kind} classes",
        places=_packed(means, table.filed[shown], known, axes),
    )


def rows(known: Latents, table: Population, mask: Mask | None, row: int, axes: Sequence[Axis]) -> Company:
    """The means of the predicted and of the true class, then some of the selected images by class.

    Of no selection the means of the other classes, too.
    """
    means, short = class_means(table, known), shortened(table.class_names, LONGEST)
    asked = [int(table.label[row])]
    if table.predicted is not None and table.predicted[row] >= 0:
        asked.insert(0, int(table.predicted[row]))
    chosen = _others(mask, row)
    if mask is None:
        asked += range(table.class_count)
    shown = chosen[evenly(len(chosen), ROWS)]
    shown = shown[np.argsort(table.filed[shown], kind="stable")]
    classes = [index for index in dict.fromkeys(asked) if np.isfinite(means[index]).all()][:ROWS]
    which = f", then {_how_many(shown, chosen, mask)}" if mask is not None and len(shown) else ""
    values = np.concatenate([means[classes], known.mean[table.samples[shown]].to_numpy()])
    labels = np.concatenate([np.array(classes, np.intp), table.filed[shown]])
    return Company(
        f"rows: this image, means of classes{which}",
        (
            *(LatentRow(f"mean {short[index]}", None) for index in classes),
            *(LatentRow(f"#{sample}", sample) for sample in table.samples[shown].tolist()),
        ),
        _packed(values, labels, known, axes),
    )


def _others(mask: Mask | None, row: int) -> np.ndarray:
    chosen = np.empty(0, np.intp) if mask is None else np.flatnonzero(mask)
    return chosen[chosen != row]


def _how_many(shown: np.ndarray, chosen: np.ndarray, mask: Mask) -> str:
    few = len(shown) < len(chosen)
    return f"{len(shown)} of the {np.count_nonzero(mask):,} selected images" if few else "the selected images"


def _packed(means: np.ndarray, label: np.ndarray, known: Latents, axes: Sequence[Axis]) -> bytes:
    """`places` of `means` (image, latent)."""
    along = (
        (means - known.center) @ known.directions.vector.T
        if axes and axes[0].share is not None
        else means[:, [axis.number for axis in axes]]
    )
    center, spread = (np.array([getattr(axis, name) for axis in axes]) for name in ("center", "spread"))
    scores = (along - center) / np.maximum(spread, _TINY) / REACH
    places = np.rint(_LEVELS * np.clip(scores, -1, 1)).astype(np.int8)
    return np.column_stack([(label % len(CLASS_COLORS)).astype(np.int8), places]).tobytes()
