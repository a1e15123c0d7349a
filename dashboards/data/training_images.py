"""Which training images speak for what a run's teacher says: read once for all, and asked without JAX."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import xarray as xr

from dashboards.data.predictions import resident
from dashboards.data.recent import Recent
from deepvid.network.influence import Head, restored
from deepvid.network.training_images import (
    Product,
    Snapshot,
    Term,
    by_influence,
    by_representer,
    by_similarity,
    by_tracin,
    gradients,
)
from deepvid.store import Run, Series

LAYERS, STAGE = "layers", "influence"
"""Which training images were neighbors, and what of the last layer was found with them."""
MEASURES = ("influence", "tracin", "representer", "similarity")


@dataclass(frozen=True, eq=False)
class TrainingImages:
    """The training images that can be asked, in the order of `sample`."""

    run: Run
    sample: np.ndarray  # int32 (training,)
    label: np.ndarray  # int32 (training,)
    predicted: np.ndarray  # int32 (training,): by the teacher
    features: xr.DataArray  # f32 (every sample, feature)
    said: np.ndarray  # int32 (every sample,): by the teacher
    attrs: Mapping[str, Any]  # attributes of the stage
    classes: int

    @cached_property
    def head(self) -> Head | None:
        """The last layer fitted again; None where it has too many numbers, or is archived without."""
        group = self.run.together(STAGE)
        if "head" not in group or "inverse_hessian" not in group:
            return None
        l2 = float(self.attrs["influence"]["l2"])
        weight, inverse = group["head"].to_numpy(), group["inverse_hessian"].to_numpy()
        return restored(weight, inverse, self._trained, self.label, l2=l2)

    @cached_property
    def snapshots(self) -> list[Product] | None:
        """Gradients of the training images at each epoch that is kept; None where none is."""
        group = self.run.together(STAGE)
        if "snapshot_features" not in group or "snapshot_logits" not in group or self._series is None:
            return None
        features, logits = group["snapshot_features"].to_numpy(), group["snapshot_logits"].to_numpy()
        return [gradients(*pair, self.label) for pair in zip(features, logits, strict=True)]

    def lacks(self, measure: str) -> str:
        """Why it cannot be asked, as a sentence; empty: it can."""
        if measure in ("influence", "representer") and self.head is None:
            return "Its last layer was not fitted again: it has too many numbers, or is archived without."
        if measure == "tracin" and self.run.teacher_source != "trained":
            return "It follows the training from epoch to epoch, and another program trained this classifier."
        if measure == "tracin" and self.snapshots is None:
            return "This run stored no snapshots of its training images (influence.snapshots)."
        return ""

    def terms(self, measure: str, samples: np.ndarray) -> list[Term]:
        """Terms of a measure, for what the teacher says of these samples. It must not lack."""
        features, said = self.features[samples].to_numpy(), self.said[samples]
        if measure == "similarity":
            return by_similarity(self._trained, self.label, features, said, self.classes)
        if measure == "tracin":
            return by_tracin(self._asked_of(samples, said))
        head = self.head
        assert head is not None
        return (by_influence if measure == "influence" else by_representer)(head, features, said)

    def can_ask(self, samples: np.ndarray) -> np.ndarray:
        """bool (sample,): which are known at every epoch."""
        return np.asarray(self._row[samples] >= 0)

    def _asked_of(self, samples: np.ndarray, said: np.ndarray) -> Sequence[Snapshot]:
        series, trained = self._series, self.snapshots
        assert series is not None
        assert trained is not None
        rows = self._row[samples]
        told = series.open("test_features", "test_logits")
        found = []
        for one, training in zip(self.attrs["snapshots"], trained, strict=True):
            epoch = one["epoch"] - 1
            features = told["test_features"][epoch].to_numpy()[rows]
            queries = gradients(features, told["test_logits"][epoch].to_numpy()[rows], said)
            found.append(Snapshot(one["rate"], training, queries))
        return found

    @cached_property
    def _trained(self) -> np.ndarray:
        return self.features[self.sample].to_numpy()

    @cached_property
    def _series(self) -> Series | None:
        series = self.run.series("teacher")
        known = series is not None and {"test_features", "test_logits"} <= set(series.open())
        return series if known else None

    @cached_property
    def _row(self) -> np.ndarray:
        """int (every sample,): where the series has it; -1: it has not."""
        row = np.full(len(self.said), -1, np.intp)
        if self._series is not None:
            samples = self._series.open("sample")["sample"].to_numpy()
            row[samples] = np.arange(len(samples))
        return row


def key_of(run: Run) -> tuple[str, ...]:
    """Key that differs where other training images are asked, or in another way."""
    stages = (run.stage(name) for name in (LAYERS, STAGE, "teacher"))
    return str(run.address), *("" if stage is None else stage.key for stage in stages)


def training_images(run: Run) -> TrainingImages:
    """Those of a run that has the stage with `training`; the same object until it has other stages."""
    return _images.get(key_of(run), lambda: _read(run))


_images: Recent[TrainingImages] = Recent(2)  # runs


def _read(run: Run) -> TrainingImages:
    stage = run.together(LAYERS, STAGE)
    teacher = run.stages["teacher"].open("features", "logits")
    logits, sample = teacher["logits"].to_numpy(), stage["training"].to_numpy()
    label = run.stages["dataset"].open("label")["label"].to_numpy()
    said = logits.argmax(axis=1).astype(np.int32)
    features, classes = resident(teacher["features"]), logits.shape[1]
    return TrainingImages(run, sample, label[sample], said[sample], features, said, stage.attrs, classes)
