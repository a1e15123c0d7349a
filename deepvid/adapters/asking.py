"""The answers of a model to many images, some at a time."""

import numpy as np

from deepvid.adapters.contract import Answers, Model
from deepvid.errors import DataError
from deepvid.progress import SILENT, Progress

BATCH = 200  # images between two reports; a model asks in batches of its own


def answers_of(model: Model, images: np.ndarray, *, progress: Progress = SILENT) -> Answers:
    """Of uint8 images (sample, y, x, channel), at least one. Raises DataError where it does not answer."""
    parts = list[Answers]()
    for first in range(0, len(images), BATCH):
        progress.update(first, len(images), f"{first:,} of {len(images):,} images")
        parts.append(_asked(model, images[first : first + BATCH], first))
    progress.update(len(images), len(images), f"{len(images):,} images")
    features = [part.features for part in parts if part.features is not None]
    return Answers(
        np.concatenate([part.logits for part in parts]), np.concatenate(features) if features else None
    )


def _asked(model: Model, images: np.ndarray, first: int) -> Answers:
    """Of a part of the images: what fails is told by its place among all."""
    try:
        return model.answers(images.astype(np.float32) / 255)
    except DataError as error:
        if not first:
            raise
        raise DataError(
            error.must, f"{error.found}, counted from image {first:,} on", error.action
        ) from error
