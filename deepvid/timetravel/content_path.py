"""A DVI content path: the folder in which its tools keep a training, read without running what is in it.

```
Training_data/training_dataset_label.pth          Testing_data/testing_dataset_label.pth
             /training_dataset_data.pth                       /testing_dataset_data.pth      images
Model/Epoch_<n>/index.json                        rows of the training set in use at that epoch
               /subject_model.pth                 parameters by name
               /train_data.npy  test_data.npy     features
               /border_centers.npy                features of boundary points, where there are any
```

`Model/model.py` is code, and is not looked at.
Source: Yang et al. (2022), `README.md` and `singleVis/data.py` of its code.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, Int

from deepvid.errors import DataError
from deepvid.timetravel.contract import Epoch, Head, check
from deepvid.timetravel.tensors import read_tensors

NO_BIAS = np.zeros((0, 0))


class ContentPath(NamedTuple):
    """A training as it is known before its epochs are read."""

    folder: Path
    epochs: tuple[int, ...]  # as their folders are numbered, in order
    label: Int[np.ndarray, " sample"]  # training samples, then test samples
    test: Int[np.ndarray, " test"]  # names of the test samples


def open_content_path(folder: Path) -> ContentPath:
    """Raises `DataError` where the folder is no content path."""
    numbers = [
        int(found[1])
        for entry in sorted((folder / "Model").glob("Epoch_*"))
        if (found := re.fullmatch(r"Epoch_(\d+)", entry.name))
    ]
    if not numbers:
        raise DataError(
            "A content path has a folder Model/Epoch_<n> for each epoch",
            f"none in {folder}",
            "Give the folder that the training wrote Training_data, Testing_data and Model into",
        )
    train, test = (
        _labels(folder / f"{name}_data" / f"{name.lower()}_dataset_label.pth")
        for name in ("Training", "Testing")
    )
    names = len(train) + np.arange(len(test))
    return ContentPath(folder, tuple(sorted(numbers)), np.concatenate([train, test]), names)


def read_epoch(content: ContentPath, number: int) -> tuple[Epoch, Float[np.ndarray, "test feature"]]:
    """One epoch of the training samples in use, and the features of the test samples.

    Raises `DataError` where a file is missing, or is not what it should be.
    """
    folder = content.folder / "Model" / f"Epoch_{number}"
    features, test = (_array(folder / f"{name}_data.npy") for name in ("train", "test"))
    rows = _rows(folder / "index.json", len(content.label) - len(content.test))
    if len(features) != len(rows) and len(features) <= rows.max():
        raise _unequal(folder / "train_data.npy", len(features), len(rows), "samples in index.json")
    if test.shape[1] != features.shape[1]:
        raise DataError(
            "Training and test samples have the same features",
            f"{features.shape[1]} and {test.shape[1]} in {folder}",
            "Save for both what the classifier's last dense layer reads",
        )
    if len(test) != len(content.test):
        raise _unequal(folder / "test_data.npy", len(test), len(content.test), "labels of test samples")
    # Some versions save the features of all training samples, others of those in use.
    used = features if len(features) == len(rows) else features[rows]
    border = folder / "border_centers.npy"
    boundary = _array(border) if border.exists() else used[:0]
    head = last_dense_layer(read_tensors(_existing(folder / "subject_model.pth")), used.shape[1], folder)
    epoch = Epoch(rows, used, boundary, head)
    check(epoch)
    return epoch, test


def last_dense_layer(parameters: Any, width: int, where: Path) -> Head:
    """The last of the `parameters` by name that reads `width` features, as `fc.weight` and `fc.bias`."""
    named: Mapping[str, Any] = parameters if isinstance(parameters, Mapping) else {}
    arrays = {name: value for name, value in named.items() if isinstance(value, np.ndarray)}
    for name in reversed([name for name in arrays if isinstance(name, str) and name.endswith("weight")]):
        weight, bias = arrays[name], arrays.get(name.removesuffix("weight") + "bias", NO_BIAS)
        if weight.shape[1:] == (width,) and bias.shape == weight.shape[:1]:
            return Head(jnp.asarray(weight, jnp.float32).T, jnp.asarray(bias, jnp.float32))
    raise DataError(
        f"The parameters have a last dense layer that reads {width} features, a weight and a bias by name",
        f"{len(named)} parameters in {where / 'subject_model.pth'}, none of them such",
        "Save the classifier's state_dict(), and as features what its last dense layer reads",
    )


def _labels(path: Path) -> Int[np.ndarray, " sample"]:
    labels = read_tensors(_existing(path))
    if not isinstance(labels, np.ndarray) or labels.ndim != 1 or not _whole(labels):
        found = (
            f"{labels.dtype} of shape {labels.shape}"
            if isinstance(labels, np.ndarray)
            else type(labels).__name__
        )
        raise DataError(
            "Labels are one whole number per sample", f"{found} in {path}", "Save them as one tensor"
        )
    return labels.astype(np.int64)


def _whole(numbers: np.ndarray) -> bool:
    """Whole floats are whole numbers: torch.cat makes them of labels that are collected in a new tensor."""
    if numbers.dtype.kind == "f":
        return bool((numbers == np.round(numbers)).all() and np.isfinite(numbers).all())
    return numbers.dtype.kind in "iu"


def _rows(path: Path, samples: int) -> Int[np.ndarray, " sample"]:
    try:
        listed = json.loads(_existing(path).read_text())
    except (ValueError, RecursionError) as error:
        raise DataError("index.json is a list of rows", f"{path}: {error}", "Save it as a list") from error
    whole = isinstance(listed, list) and len(listed) > 0 and all(type(row) is int for row in listed)
    if not whole or min(listed) < 0 or max(listed) >= samples or len(set(listed)) < len(listed):
        raise DataError(
            f"index.json lists each training sample in use once, by its row from 0 to {samples - 1}",
            f"{len(listed)} rows from {min(listed)} to {max(listed)} in {path}"
            if whole
            else f"no such list in {path}",
            "Save the rows of the training set that the epoch was trained with",
        )
    return np.array(listed, np.int64)


def _array(path: Path) -> Float[np.ndarray, "sample feature"]:
    try:
        array = np.lib.format.open_memmap(_existing(path), mode="r")  # no file declares more than it has
    except DataError:
        raise
    except Exception as error:  # a forged header can fail in any way
        raise DataError(
            "A .npy file holds numbers, and nothing that has to be run",
            f"{path}: {str(error).rstrip('.')}",
            "Save float32 arrays",
        ) from error
    if array.ndim != 2 or array.dtype.kind != "f":
        raise DataError(
            "Features are numbers (sample, feature)",
            f"{array.dtype} of shape {array.shape} in {path}",
            "Save what the classifier's last dense layer reads",
        )
    return np.array(array, np.float32)


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise DataError(
            "A content path has all the files of each of its epochs",
            f"no file {path}",
            "Copy the whole folder, or leave out the epoch that lacks it",
        )
    return path


def _unequal(path: Path, found: int, expected: int, of: str) -> DataError:
    return DataError(
        f"{path.name} has a row for each of the {expected} {of}",
        f"{found} rows in {path}",
        "Save both from the same training",
    )
