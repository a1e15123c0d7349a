"""A person's own arrays in one .npz file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from deepvid.datasets.contract import Pictures, Request
from deepvid.datasets.conversion import ClassLabels, class_labels, size_of
from deepvid.datasets.finding import user_path
from deepvid.datasets.npz import ArrayHeader, declared_arrays, names_in, read_npz, require_arrays
from deepvid.datasets.splits import WORDS, TestImages, test_images
from deepvid.datasets.validation import check_class_count, check_counts, checksum_of
from deepvid.errors import DataError
from deepvid.wording import first_few

_SPLIT_IN_FOUR = (
    ("x_train", "y_train", "x_test", "y_test"),
    ("X_train", "y_train", "X_test", "y_test"),
    ("train_images", "train_labels", "test_images", "test_labels"),
    ("x_train", "y_train", "x_val", "y_val"),
    ("X_train", "y_train", "X_val", "y_val"),
    ("train_images", "train_labels", "val_images", "val_labels"),
)


@dataclass(frozen=True)
class Arrays:
    """`images` and, where they are known, `labels`; `class_names` where these have names, `split` where it
    is decided.

    `split` says for each image "train", "validation" or "test", or false or true (1) for test. Four arrays
    that are split already, such as `x_train`, `y_train`, `x_test`, `y_test`, stand for the three.
    """

    name: str

    def read(self, request: Request) -> Pictures:
        path = user_path(self.name, request)
        where = str(path)
        arrays, others = _read(path, request)
        names = tuple(map(str, arrays["class_names"])) if "class_names" in arrays else None
        labels = _numbered(arrays, names, where)
        split = _test(arrays["split"], len(arrays["images"]), where) if "split" in arrays else None
        return Pictures(
            arrays["images"],
            labels and labels.labels,
            None if split is None else np.array(split.test),
            labels.class_names if labels else (),
            self.checksums(request),
            notes=(
                *_unread(others if labels else others.union({"class_names"} & arrays.keys())),
                *(labels.notes if labels else ()),
                *(split.notes if split else ()),
            ),
            unlabeled="images without the array labels in",
        )

    def checksums(self, request: Request) -> Mapping[str, str]:
        return checksum_of(user_path(self.name, request))

    def labeled(self, request: Request) -> bool:
        held = names_in(user_path(self.name, request))
        return "images" not in held or "labels" in held

    def first_size(self, request: Request) -> tuple[int, int] | None:
        """(y, x) of its images, as the file declares them."""
        names = ("images", *(four[0] for four in _SPLIT_IN_FOUR))
        declared = declared_arrays(user_path(self.name, request), names)
        return next((size_of(header.shape) for header in declared.values()), None)


def _numbered(arrays: dict[str, np.ndarray], names: tuple[str, ...] | None, where: str) -> ClassLabels | None:
    if "labels" not in arrays:
        return None
    return class_labels(arrays["labels"], names, where)


def _read(path: Path, request: Request) -> tuple[dict[str, np.ndarray], frozenset[str]]:
    """The arrays by the names of ours, and the names of those that are not read."""
    held = names_in(path)
    four = max(_SPLIT_IN_FOUR, key=lambda names: len(held.intersection(names)))
    if "images" in held or held.isdisjoint(four):
        required: tuple[str, ...] = ("images",) if "images" in held else ("images", "labels")
        optional: tuple[str, ...] = ("labels", "class_names", "split")
        pairs = [("images", "labels")]
    else:
        required, optional, pairs = four, ("class_names",), [four[:2], four[2:]]
    require_arrays(path, required, held)
    _require_lists(declared_arrays(path, (*required, *optional)), pairs, path)
    arrays = read_npz(path, required, optional, progress=request.progress)
    return _joined(arrays, four, path) if required == four else arrays, held - set(arrays)


def _require_lists(declared: Mapping[str, ArrayHeader], pairs: Sequence[tuple[str, ...]], path: Path) -> None:
    """Raises DataError for an array that lists nothing, and for images and labels that are not as many."""
    for name, (shape, _) in declared.items():
        if not shape or (name == "class_names" and len(shape) != 1):
            raise DataError(
                "class_names has one name per class, every other array one entry per image",
                f"{name} of shape {shape} in {path}",
                f"Save {name} as such a list",
            )
    if "class_names" in declared:
        check_class_count(declared["class_names"].shape[0], str(path))
    for pair in pairs:
        counts = [declared[name].shape[0] for name in pair if name in declared]
        check_counts(counts[0], counts[-1], f"{' and '.join(pair)} of {path}")


def _joined(arrays: dict[str, np.ndarray], four: tuple[str, ...], path: Path) -> dict[str, np.ndarray]:
    """Images, labels and split of four arrays that are split already."""
    arrays = dict(arrays)
    x_train, y_train, x_test, y_test = (arrays.pop(name) for name in four)
    for train, test, names in ((x_train, x_test, four[::2]), (y_train, y_test, four[1::2])):
        if train.shape[1:] != test.shape[1:] or train.dtype.kind != test.dtype.kind:
            raise DataError(
                f"{names[0]} and {names[1]} have the same form",
                f"{train.dtype} {train.shape} and {test.dtype} {test.shape} in {path}",
                "Save both in the same form",
            )
    split = np.repeat([False, True], [len(y_train), len(y_test)])
    images, labels = np.concatenate([x_train, x_test]), np.concatenate([y_train, y_test])
    return {**arrays, "images": images, "labels": labels, "split": split}


def _unread(names: frozenset[str]) -> tuple[str, ...]:
    return (f"Arrays that are not read: {first_few(sorted(names))}",) if names else ()


def _test(split: np.ndarray, samples: int, where: str) -> TestImages:
    numbers = np.where(split == 1, 1, np.where(split == 0, 0, -1)) if split.dtype.kind in "bf" else split
    words = [str(word).lower() for word in numbers.ravel().tolist()]
    if split.shape != (samples,) or not all(word in WORDS for word in words):
        raise DataError(
            "`split` is 'train', 'validation' or 'test', or 0 or 1, for each image",
            f"{split.dtype} {split.shape} for {samples} images in {where}",
            "Correct it, or leave it out for a stratified split",
        )
    return test_images([WORDS[word] for word in words])
