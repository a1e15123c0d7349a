"""A person's own arrays in one .npz file."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from deepvid.datasets.contract import Pictures, Request
from deepvid.datasets.finding import given
from deepvid.datasets.npz import read_npz
from deepvid.datasets.validation import checksum_of
from deepvid.errors import DataError


@dataclass(frozen=True)
class Arrays:
    """`images` and `labels`; `class_names` where they have names, `split` where it is decided.

    `split` says for each image "train" or "test", or false or true (1) for test.
    """

    name: str

    def read(self, request: Request) -> Pictures:
        path = given(self.name, request)
        arrays = read_npz(path, ("images", "labels"), ("class_names", "split"), progress=request.progress)
        labels = arrays["labels"]
        names = tuple(map(str, arrays["class_names"])) if "class_names" in arrays else _numbered(labels)
        test = _test(arrays["split"], len(labels), str(path)) if "split" in arrays else None
        return Pictures(arrays["images"], labels, test, names, self.checksums(request))

    def checksums(self, request: Request) -> Mapping[str, str]:
        return checksum_of(given(self.name, request))


def _numbered(labels: np.ndarray) -> tuple[str, ...]:
    largest = int(labels.max()) if labels.size and labels.dtype.kind in "iu" else -1
    return tuple(map(str, range(largest + 1)))


def _test(split: np.ndarray, samples: int, where: str) -> np.ndarray:
    test = split == "test" if split.dtype.kind == "U" else split == 1
    train = split == "train" if split.dtype.kind == "U" else split == 0
    if split.shape != (samples,) or not (test | train).all():
        raise DataError(
            "`split` says for each image 'train' or 'test', or 0 or 1",
            f"{split.dtype} {split.shape} for {samples} images in {where}",
            "Correct it, or leave it out for a stratified split",
        )
    return test
