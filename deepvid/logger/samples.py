"""Arrays of any framework as NumPy's own, and samples of a training made of them, in the store's order."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from deepvid import fields
from deepvid.column_format import ATTRIBUTE, READ, pack_columns
from deepvid.columns import Columns
from deepvid.config.sections.dataset import LARGEST, SMALLEST
from deepvid.datasets.columns import TEXT, columns_of_frame, text_column
from deepvid.datasets.contract import Form, Pictures
from deepvid.datasets.conversion import ClassLabels, class_labels, distinct_names, pixels_of
from deepvid.datasets.validation import check_classes, check_counts, checked_labels, validated
from deepvid.errors import DataError
from deepvid.store import dataset_of


def array_of(value: Any, what: str) -> np.ndarray:
    """Of a tensor on any device, with a gradient or without, an array or a list. Raises DataError."""
    if hasattr(value, "detach"):  # PyTorch
        value = value.detach().cpu()
        if value.dtype.itemsize == 2 and value.dtype.is_floating_point:
            value = value.float()  # NumPy has no bfloat16
    if isinstance(value, str | Path):
        value = [str(value)]  # whoever reads pixels or labels says what these are instead
    try:
        array = np.asarray(value)
    except (TypeError, ValueError, RuntimeError) as error:
        raise _no_array(what, f"{type(value).__name__}: {error}") from error
    if array.dtype == object or array.ndim == 0:
        raise _no_array(what, type(value).__name__ if array.ndim == 0 else "parts of several shapes")
    return array


def floats_of(value: Any, what: str, dims: tuple[str, ...]) -> np.ndarray:
    """float32 with as many dimensions as `dims` names. Raises DataError for what is no such numbers."""
    array = array_of(value, what)
    number = array.dtype.kind in "fiu" or array.dtype.name == "bfloat16"
    if not number or array.ndim != len(dims):
        raise DataError(
            f"{what} are numbers ({', '.join(dims)})",
            f"{array.dtype} of shape {array.shape}",
            "Give one row per sample, as the classifier's last layer reads and gives them"
            if dims[0] == "sample"
            else "Give those of the classifier's last layer",
        )
    return array.astype(np.float32, copy=False)


def _no_array(what: str, found: str) -> DataError:
    return DataError(
        f"{what} are one array or tensor",
        found,
        "Join them first, as numpy.concatenate or torch.cat does with the answers for several batches",
    )


class Samples(NamedTuple):
    """Training images first, then the test images."""

    image: np.ndarray | None  # uint8 (sample, y, x, channel); None: a run without pictures
    label: np.ndarray | None  # int32 (sample,); None: nobody labeled them
    test: np.ndarray  # bool (sample,)
    class_names: tuple[str, ...]
    order: np.ndarray  # (sample,): which row of what was given each sample is
    notes: tuple[str, ...] = ()  # what was made of what
    original: np.ndarray | None = None  # int32 (sample,): labels before some were changed; None: not known
    columns: Columns = ()  # further ones
    reads: str = ""  # name of the column of texts that the classifier reads; empty: it sees images

    @property
    def training(self) -> int:
        """How many are training images."""
        return int(np.count_nonzero(~self.test))

    def key(self) -> str:
        """12 hex digits that are equal where images, labels, split, names and further columns are."""
        digest = hashlib.sha256(repr(self.class_names).encode())
        for array in (self.image, self.label, self.test, self.original):
            if array is not None:
                digest.update(repr(array.shape).encode())
                digest.update(np.ascontiguousarray(array).data)
        if self.columns:
            arrays, lines = pack_columns(self.columns)
            digest.update(repr(lines).encode())
            for array in arrays.values():
                digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()[:12]

    def group(self, source: str = "logged") -> xr.Dataset:
        """Variables of the stage `dataset`."""
        arrays = {"test": self.test} if self.label is None else {"label": self.label, "test": self.test}
        attrs: dict[str, Any] = {"class_names": list(self.class_names), "source": source, "checksums": {}}
        if source == "given" and not np.array_equal(self.order, np.arange(len(self.order))):
            arrays["row"], attrs["rows"] = self.order.astype(np.int32), len(self.order)
        if self.image is not None:
            arrays["image"] = self.image
        if self.original is not None:
            arrays["original_label"] = self.original
        if self.columns:
            further, attrs[ATTRIBUTE] = pack_columns(self.columns)
            arrays |= further
        if self.reads:
            attrs[READ] = self.reads
        if self.notes:
            attrs["notes"] = list(self.notes)
        return dataset_of(fields.DATASET, arrays, attrs)


def samples_of(
    images: Any,
    labels: Any,
    test: Any,
    class_names: Sequence[str] | None,
    *,
    original: Any = None,
    every: bool = False,
    where: str,
) -> Samples:
    """As `log_run` takes them. With `every` of them a test image, `test` is not asked.

    Raises DataError for what cannot be used of what is given, `where` it is.
    """
    names = None if class_names is None else tuple(map(str, class_names))
    if names is not None:
        _check_texts(labels, names, where)
        names = distinct_names(names)
    found, before = _labels(labels, original, names, where)
    if images is None:
        check_classes(found.class_names, where)
        check_counts(len(found.labels), len(found.labels), where)
        image, notes = None, found.notes
        label = checked_labels(found.labels, found.class_names, where)
    else:
        pixels = pixels_of(array_of(images, "Images"), where)
        given = Pictures(pixels.images, found.labels, None, found.class_names, {})
        checked = validated(given, where, _shown(pixels.images.shape))
        assert checked.labels is not None
        image, label, notes = checked.images, checked.labels, (*found.notes, *pixels.notes, *checked.notes)
    held_out, order = _order(test, len(label), every=every)
    return Samples(
        None if image is None else image[order],
        label[order],
        held_out,
        found.class_names,
        order,
        notes,
        None if before is None else before[order],
    )


def with_columns(samples: Samples, meta: Any) -> Samples:
    """With the further columns of `meta` (None: without), in the order of the samples.

    Raises DataError for what are no columns, or of another number of images.
    """
    if meta is None:
        return samples
    columns, notes = columns_of_frame(meta, len(samples.order))
    return samples._replace(
        columns=tuple(column.rows(samples.order) for column in columns), notes=(*samples.notes, *notes)
    )


def with_texts(samples: Samples, texts: Any) -> Samples:
    """With what the classifier reads (None: without), in the order given, as the first column.

    Raises DataError for what are no texts, and beside images or a column of that name.
    """
    if texts is None:
        return samples
    twice = [column.name for column in samples.columns if column.name == TEXT]
    if samples.image is not None or twice:
        raise DataError(
            "A classifier that is logged reads texts or sees images",
            f"a column {TEXT!r} in meta beside texts" if twice else "both",
            "Leave the column out of meta" if twice else "Give images=None, or the texts as a column of meta",
        )
    column, notes = text_column(texts, len(samples.order))
    return samples._replace(
        columns=(column.rows(samples.order), *samples.columns),
        reads=TEXT,
        notes=(*samples.notes, *notes),
    )


def unlabeled_samples(
    images: Any, test: Any, class_names: Sequence[str], *, every: bool = False, where: str
) -> Samples:
    """The same of images that nobody labeled; `class_names` are the classes of a trained classifier."""
    pixels = pixels_of(array_of(images, "Images"), where)
    given = Pictures(pixels.images, None, None, distinct_names(map(str, class_names)), {})
    checked = validated(given, where, _shown(pixels.images.shape))
    held_out, order = _order(test, len(checked.images), every=every)
    notes = (*pixels.notes, *checked.notes)
    return Samples(checked.images[order], None, held_out, checked.class_names, order, notes)


def _order(test: Any, count: int, *, every: bool) -> tuple[np.ndarray, np.ndarray]:
    """bool (sample,), and the row of each sample: training images first."""
    held_out = np.ones(count, np.bool_) if every else _held_out(test, count)
    order = np.argsort(held_out, kind="stable")
    return held_out[order], order


def _labels(
    labels: Any, original: Any, names: tuple[str, ...] | None, where: str
) -> tuple[ClassLabels, np.ndarray | None]:
    """The labels, and int32 (sample,) those before; numbered together, so that an index is one class."""
    given = array_of(labels, "Labels")
    if original is None:
        return class_labels(given, names, where), None
    before = array_of(original, "Original labels")
    if before.shape != given.shape or (before.dtype.kind == "U") != (given.dtype.kind == "U"):
        raise DataError(
            f"Original labels have the form of the labels, here {given.dtype} of shape {given.shape}",
            f"{before.dtype} of shape {before.shape}",
            "Give the label of every image before any was changed, in the order of the images",
        )
    both = class_labels(np.concatenate([given, before]), names, where)
    label, unchanged = np.split(both.labels, 2)
    return both._replace(labels=label), checked_labels(
        unchanged, both.class_names, f"the original of {where}"
    )


def _check_texts(labels: Any, names: tuple[str, ...], where: str) -> None:
    """Raises DataError for labels that are names of several classes."""
    repeated = {name for name, times in Counter(names).items() if times > 1}
    if several := sorted(repeated & set(map(str, array_of(labels, "Labels").ravel()))) if repeated else []:
        raise DataError(
            "A label that is a text is the name of one class",
            f"{', '.join(several[:5])}, which class_names has more than once, in {where}",
            "Give the indices of the classes as labels",
        )


def _shown(shape: tuple[int, ...]) -> Form:
    """The size that images (sample, y, x, channel) are kept in: their own, if it is within bounds."""
    sides = shape[1:3]
    scale = min(LARGEST / max(sides), max(1.0, SMALLEST / min(sides)))
    y, x = (int(np.clip(round(side * scale), SMALLEST, LARGEST)) for side in sides)
    return Form((y, x), "stretch")


def _held_out(test: Any, count: int) -> np.ndarray:
    """bool (sample,) of a mask, or of the rows that are test images."""
    given = array_of(test, "Test images")
    mask = np.zeros(count, np.bool_)
    fits = given.dtype.kind in "iu" and given.ndim == 1 and len(np.unique(given)) == len(given)
    if given.dtype == np.bool_ and given.shape == (count,):
        mask = given.copy()
    elif fits and given.size and given.min() >= 0 and given.max() < count:
        mask[given] = True
    else:
        raise DataError(
            f"Test images are a mask, bool ({count},), or their rows, each once, from 0 to {count - 1}",
            f"{given.dtype} of shape {given.shape}",
            "Give one, such as test=numpy.arange(60_000, 70_000); of a mask of 0 and 1: .astype(bool)",
        )
    if mask.all() or not mask.any():
        raise DataError(
            "Some images are training images, and some are test images",
            f"{np.count_nonzero(mask)} test images of {count}",
            "Hold some out from the training, and say with test= which they are",
        )
    return mask
