"""The images of a run, read once for a stage that needs all of them."""

from typing import NamedTuple

import numpy as np
import xarray as xr

from deepvid.pipeline.stage import StageContext


class Images(NamedTuple):
    """What the dataset stage committed, in memory."""

    image: np.ndarray  # uint8 (sample, y, x, channel)
    label: np.ndarray | None  # int32 (sample,); None: they have no labels
    test: np.ndarray  # bool (sample,)
    class_names: tuple[str, ...]

    @property
    def labels(self) -> np.ndarray:
        """`label`, where it was made sure that they have some."""
        assert self.label is not None
        return self.label

    @property
    def shape(self) -> tuple[int, int, int]:
        """(y, x, channel) of one image."""
        y, x, channel = self.image.shape[1:]
        return y, x, channel

    @property
    def test_samples(self) -> np.ndarray:
        """The indices of the test images."""
        return np.flatnonzero(self.test).astype(np.int32)


def load_images(context: StageContext) -> Images:
    """Reads the dataset stage of the run."""
    group = context.open("dataset", "image", "test", "class_names").load()
    return Images(
        group["image"].to_numpy(),
        labels_of(group),
        group["test"].to_numpy(),
        tuple(group.attrs["class_names"]),
    )


def labels_of(dataset: xr.Dataset) -> np.ndarray | None:
    """int32 (sample,), of the group that the dataset stage wrote; None: they have no labels."""
    return dataset["label"].to_numpy() if "label" in dataset else None
