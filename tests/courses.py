"""A training of a toy run: the classes that its epochs give to the test images, and the journal's numbers."""

from collections.abc import Sequence

import numpy as np
import xarray as xr

from deepvid.step_numbers import STATISTICS, measure_names, number_names
from deepvid.store import RunWriter

SURE = 3.0  # logit of the class that is said; the others have 0


def epoch_group(said: np.ndarray, classes: int, samples: np.ndarray) -> xr.Dataset:
    """An epoch of the teacher's series that gives these classes, (sample,), to the test images."""
    logits = SURE * np.eye(classes, dtype="f4")[said]
    return xr.Dataset(
        {
            "parameters": ("parameter", np.zeros(1, "f4")),
            "test_logits": (("sample", "class"), logits),
            "test_features": (("sample", "feature"), logits[:, :2]),
        },
        coords={"sample": samples.astype("i4")},
    )


def numbers(said: np.ndarray, label: np.ndarray, epoch: int) -> dict[str, float]:
    """Of an epoch, from 0, as a training here has them."""
    right = said == label
    classes = int(label.max()) + 1
    likely = np.log(np.exp(SURE) + classes - 1)
    return {
        "train_loss": 2.0 / (epoch + 1),
        "train_accuracy": min(0.9, 0.5 + 0.1 * epoch),
        "test_loss": float(np.where(right, likely - SURE, likely).mean()),
        "test_accuracy": float(right.mean()),
        "learning_rate": 0.01 / (epoch + 1),
        "seconds": 10.0 + epoch,
    }


def commit_training(
    writer: RunWriter,
    said: Sequence[np.ndarray],
    label: np.ndarray,
    samples: np.ndarray,
    *,
    planned: int = 0,
    key: str = "5" * 12,
) -> None:
    """The epochs that are not there yet, of as many as planned; `label` is (sample,) of these samples."""
    classes = int(label.max()) + 1
    groups = [epoch_group(one, classes, samples) for one in said]
    series = writer.series("teacher", key, groups[0], planned or len(said))
    for number in range(series.committed, len(groups)):
        series.append(groups[number], metrics=numbers(said[number], label, number))


KERNELS, LAYERS, UNITS = ("stem.conv", "dense"), ("stem", "pool"), (3, 2)


def commit_record(writer: RunWriter, epochs: int, *, steps: int = 40, still: bool = False) -> None:
    """The record of such a training: the loss falls, and the dense layer moves more than the stem, which in a
    `still` one hardly moves at all.
    """
    names, measures = number_names(KERNELS), measure_names(LAYERS)
    series = None
    for epoch in range(epochs):
        at = epoch + np.arange(1, steps + 1) / steps
        ratio = np.full(steps, 1e-6 if still else 1e-3)
        columns = [2 / (1 + at), 0.5 + 0.1 * at, 0.01 / (1 + at), ratio, np.full(steps, 3e-3), at, at]
        numbers = np.repeat(np.stack(columns, axis=1)[..., None], 3, axis=2).astype("f4")
        ticks = np.full((2, len(measures) + sum(UNITS)), 0.5, "f4")
        ticks[:, 0] = (20, 40)
        group = xr.Dataset(
            {
                "step_number": (("column", "number", "statistic"), numbers),
                "tick_number": (("tick", "measure"), ticks),
            },
            attrs={
                "numbers": list(names),
                "units": ["1"] * len(names),
                "kernels": list(KERNELS),
                "statistics": list(STATISTICS),
                "measures": list(measures),
                "layers": list(LAYERS),
                "layer_units": list(UNITS),
            },
        )
        series = series or writer.series("training", "5" * 12, group, epochs)
        series.append(group, metrics={"steps": steps})
