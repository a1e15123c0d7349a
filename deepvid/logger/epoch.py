"""Answers of a classifier after one epoch, checked where they enter and in the order of the store."""

from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from deepvid import fields
from deepvid.errors import DataError
from deepvid.logger.samples import Samples, array_of, floats_of
from deepvid.metrics import classification_metrics
from deepvid.store import dataset_of
from deepvid.tier import Tier

PROBED = 256  # samples whose logits the head is asked for again
OFF = 0.05  # standard deviations of the logits that half precision may be away


class Head(NamedTuple):
    """logits = features weight + bias; nan: not told."""

    weight: np.ndarray  # float32 (feature, class)
    bias: np.ndarray  # float32 (class,)


class LoggedEpoch(NamedTuple):
    """Samples in the order of the store; a row of nan is a training image that is not in use."""

    logits: np.ndarray  # float32 (sample, class)
    features: np.ndarray  # float32 (sample, feature)
    head: Head | None
    labeled: np.ndarray | None = None  # bool (training,): trained with, with its label; None: not known

    def group(self, samples: Samples) -> xr.Dataset:
        """Variables of an epoch of the series `teacher`."""
        first = samples.training
        arrays = {
            "training_logits": self.logits[:first],
            "training_features": self.features[:first],
            "test_logits": self.logits[first:],
            "test_features": self.features[first:],
            "sample": np.flatnonzero(samples.test).astype(np.int32),
        }
        if self.labeled is not None:
            arrays["labeled"] = self.labeled
        if self.head is not None:
            arrays |= {"head_weight": self.head.weight, "head_bias": self.head.bias}
        return dataset_of(fields.TEACHER_EPOCH, arrays)

    def with_untold_head(self) -> "LoggedEpoch":
        """The same, of a network that did not show its last layer this time: nan."""
        width, classes = self.features.shape[1], self.logits.shape[1]
        untold = (np.full(shape, np.nan, np.float32) for shape in ((width, classes), (classes,)))
        return self._replace(head=Head(*untold))

    def metrics(self, samples: Samples) -> dict[str, float]:
        """Of the training images in use, and of the test images."""
        used, label = ~np.isnan(self.logits[:, 0]), samples.label
        assert label is not None  # a training is logged with its labels
        train, test = (
            classification_metrics(self.logits[part], label[part])
            for part in (used & ~samples.test, samples.test)
        )
        return {
            "train_loss": train["loss"],
            "train_accuracy": train["accuracy"],
            "test_loss": test["loss"],
            "test_accuracy": test["accuracy"],
            "calibration_error": test["calibration_error"],
        }


def epoch_of(logits: Any, features: Any, head: Any, samples: Samples, labeled: Any = None) -> LoggedEpoch:
    """As `LoggedRun.epoch` takes them. Raises DataError for what is not of one epoch of these samples."""
    logits = floats_of(logits, "Logits", ("sample", "class"))
    features = floats_of(features, "Features", ("sample", "feature"))
    _require_shape(logits, features, samples)
    used = _used(logits, features, samples)
    checked = None if head is None else _head(head, logits[used], features[used])
    known = None if labeled is None else _labeled(labeled, samples)
    return LoggedEpoch(logits[samples.order], features[samples.order], checked, known)


def teacher_group(last: xr.Dataset, samples: Samples) -> xr.Dataset:
    """Variables of the stage `teacher`, of its last epoch's training and test images."""
    arrays = {
        name: np.concatenate([last[f"{part}_{name}"].to_numpy() for part in ("training", "test")])
        for name in ("logits", "features")
    }
    attrs: dict[str, Any] = {"tier": Tier.PREDICTIONS.word, "class_names": list(samples.class_names)}
    if samples.image is not None:
        attrs["image_shape"] = list(samples.image.shape[1:])
    if np.array_equal(arrays["features"], arrays["logits"], equal_nan=True):
        attrs["features_of"] = "logits"
    return dataset_of(fields.TEACHER, arrays, attrs)


ALWAYS_OR_NEVER = (
    ("head_weight", "a head", "Give head=(weight, bias) from the first epoch on: Time travel needs it"),
    ("labeled", "a mask of the labeled images", "Give labeled= from the first epoch on"),
)
"""[variable, what it is, what to do]."""


def require_alike(first: xr.Dataset, group: xr.Dataset) -> None:
    """Raises DataError where an epoch has other features than the first, or tells more or less."""
    if (width := first.sizes["feature"]) != group.sizes["feature"]:
        raise DataError(
            f"Every epoch has {width} features, like the first",
            f"{group.sizes['feature']} features",
            "Log a network of another width as a run of its own",
        )
    for name, what, advice in ALWAYS_OR_NEVER:
        if (name in first) != (name in group):
            found = "one after epochs without it" if name in group else "none after epochs with it"
            raise DataError(f"Every epoch has {what}, or none has", found, advice)


def _require_shape(logits: np.ndarray, features: np.ndarray, samples: Samples) -> None:
    count, classes = len(samples.test), len(samples.class_names)
    for what, array in (("Logits", logits), ("Features", features)):
        if len(array) != count:
            raise DataError(
                f"{what} have a row for each of the {count:,} images, in the order the images were given in",
                f"{len(array):,} rows",
                "Ask the classifier about all of them, without shuffling or dropping a last batch; "
                "for those that are not in use, give rows of NaN",
            )
    if logits.shape[1] != classes:
        raise DataError(
            f"Logits have a column for each of the {classes} classes",
            f"{logits.shape[1]} columns",
            "Name all classes when the run begins: log_run(..., class_names=[...])",
        )
    if not features.shape[1]:
        raise DataError("A sample has features", "none", "Give what the classifier's last layer reads")


def _used(logits: np.ndarray, features: np.ndarray, samples: Samples) -> np.ndarray:
    """bool (row,), in the order given: what the classifier was asked about."""
    both = np.isfinite(logits).all(axis=1) & np.isfinite(features).all(axis=1)
    unused = np.isnan(logits).all(axis=1) & np.isnan(features).all(axis=1)
    broken = np.flatnonzero(~both & ~unused)
    if len(broken):
        raise DataError(
            "Logits and features are finite, or a whole row of both is NaN: an image that is not in use",
            f"{len(broken):,} of {len(both):,} rows with other NaN or infinity, the first is row {broken[0]}",
            "If the training has diverged, lower its learning rate",
        )
    test = np.zeros(len(both), np.bool_)
    test[samples.order[samples.training :]] = True
    if (unused & test).any():
        raise DataError(
            "Every test image has answers at every epoch",
            f"{np.count_nonzero(unused & test):,} test images with rows of NaN",
            "Give their logits and features too: only training images may be out of use",
        )
    if not (both & ~test).any():
        raise DataError(
            "Some training images are in use at every epoch",
            "rows of NaN for all of them",
            "Give the logits and features of those that the classifier was trained with",
        )
    return both


def _labeled(labeled: Any, samples: Samples) -> np.ndarray:
    """bool (training,), in the order of the store."""
    given, count = array_of(labeled, "Labeled images"), len(samples.test)
    if given.dtype != np.bool_ or given.shape != (count,):
        raise DataError(
            f"Labeled images are a mask, bool ({count},), in the order the images were given in",
            f"{given.dtype} of shape {given.shape}",
            "Give one that is False for every test image; of a mask of 0 and 1: .astype(bool)",
        )
    ordered = given[samples.order]
    if wrong := np.count_nonzero(ordered[samples.training :]):
        raise DataError(
            "Labeled images are training images",
            f"{wrong:,} test images among them",
            "Give those that the classifier was trained with: labeled & ~test",
        )
    return ordered[: samples.training]


def _head(head: Any, logits: np.ndarray, features: np.ndarray) -> Head:
    """In the orientation that gives the `logits` of the `features`: PyTorch has (class, feature)."""
    weight, bias = _parts(head)
    width, classes = features.shape[1], logits.shape[1]
    given = floats_of(weight, "The head's weights", ("feature", "class"))
    kept = np.zeros(classes, np.float32) if bias is None else floats_of(bias, "The head's bias", ("class",))
    turned = [matrix for matrix in (given, given.T) if matrix.shape == (width, classes)]
    if not turned or kept.shape != (classes,):
        raise DataError(
            f"The head has weights ({width}, {classes}) or ({classes}, {width}) and a bias ({classes},)",
            f"weights {given.shape} and a bias {kept.shape}",
            "Give those of the last layer, and as features what that layer reads",
        )
    probe = np.linspace(0, len(logits) - 1, min(PROBED, len(logits))).astype(int)
    expected = logits[probe].astype(np.float64)
    off = [
        np.abs(features[probe].astype(np.float64) @ matrix + kept - expected).max(initial=0)
        for matrix in turned
    ]
    best = int(np.argmin(off))
    if not off[best] <= OFF * max(float(expected.std()), 1e-3):
        raise DataError(
            "Logits are the features times the head's weights plus its bias",
            f"logits that are up to {off[best]:.3g} away from that",
            "Give all three from the same moment, in evaluation mode, the features as the last layer reads "
            "them, and logits before any softmax",
        )
    return Head(np.ascontiguousarray(turned[best]), kept)


def _parts(head: Any) -> tuple[Any, Any]:
    try:
        weight, *rest = head
    except TypeError:
        weight, rest = None, []
    if weight is None or len(rest) > 1:
        raise DataError(
            "The head is a pair (weight, bias)",
            type(head).__name__,
            "Give those of the last layer; a layer without a bias: (weight, None)",
        )
    return weight, rest[0] if rest else None
