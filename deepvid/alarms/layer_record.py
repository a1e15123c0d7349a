"""Layers of a training, epoch by epoch, as its record tells of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from deepvid.step_numbers import STATISTICS, measure_names, number_names

if TYPE_CHECKING:
    import xarray as xr

MEAN = STATISTICS.index("mean")


class LayerRecord(NamedTuple):
    """f64, nan of an epoch without a record. Kernels are matrices and convolutions; layers have units."""

    kernels: tuple[str, ...]
    ratio: np.ndarray  # (epoch, kernel): log10 of mean |update| / mean |parameter|, mean over the steps
    rate: np.ndarray  # (epoch,): learning rate, mean over the steps
    layers: tuple[str, ...]
    silent: np.ndarray  # (epoch, layer): share of the units that answered no image of the probe

    @property
    def above_median(self) -> np.ndarray:
        """f64 (epoch, kernel): powers of ten that a kernel's ratio is above the median kernel's."""
        with np.errstate(invalid="ignore"):  # of a network that stands still, all of it
            return np.asarray(self.ratio - np.median(self.ratio, axis=1, keepdims=True))


def layer_record(
    kernels: Sequence[str],
    layers: Sequence[str],
    units: Sequence[int],
    epochs: Iterable[tuple[np.ndarray, np.ndarray]],
) -> LayerRecord:
    """Of each epoch's `step_number` (column, number, statistic) and `tick_number` (tick, measure), with the
    names of the kernels and of the layers, and the units of each layer.
    """
    names, first = number_names(kernels), len(measure_names(layers))
    begins, rate = np.cumsum([0, *units[:-1]]), names.index("learning_rate")
    of_kernel = [names.index(f"update_ratio {kernel}") for kernel in kernels]
    ratios, rates, silent = [], [], []
    for steps, ticks in epochs:
        mean, answered = steps[..., MEAN].astype(np.float64), ticks[:, first:]
        with np.errstate(divide="ignore"):
            ratios.append(np.log10(_mean(mean[:, of_kernel])))
        rates.append(float(_mean(mean[:, [rate]])[0]))
        known = answered[~np.isnan(answered).any(axis=1)]
        never = (known == 0).all(axis=0) if len(known) else np.full(answered.shape[1], np.nan)
        silent.append(np.add.reduceat(never.astype(np.float64), begins) / np.array(units))
    return LayerRecord(tuple(kernels), np.stack(ratios), np.array(rates), tuple(layers), np.stack(silent))


def stored_record(record: xr.Dataset, epochs: int) -> LayerRecord | None:
    """Of so many epochs of the series `training`; None where it has fewer, or numbers of another version."""
    kernels, layers = (tuple(map(str, record.attrs.get(name, ()))) for name in ("kernels", "layers"))
    units = [int(count) for count in record.attrs.get("layer_units", ())]
    steps, ticks = record.get("step_number"), record.get("tick_number")
    if steps is None or ticks is None or min(len(steps), len(ticks)) < epochs or not kernels or not layers:
        return None
    alike = (
        steps.shape[2:] == (len(number_names(kernels)), len(STATISTICS))
        and ticks.shape[2:] == (len(measure_names(layers)) + sum(units),)
        and len(units) == len(layers)
        and min(units) > 0
    )
    if not alike:
        return None
    arrays = ((steps[epoch].to_numpy(), ticks[epoch].to_numpy()) for epoch in range(epochs))
    return layer_record(kernels, layers, units, arrays)


def _mean(values: np.ndarray) -> np.ndarray:
    """Over columns (column, number); nan where none is recorded, which numpy would warn of."""
    known = ~np.isnan(values)
    return np.divide(
        np.where(known, values, 0.0).sum(axis=0),
        known.sum(axis=0),
        out=np.full(values.shape[1], np.nan),
        where=known.any(axis=0),
    )
