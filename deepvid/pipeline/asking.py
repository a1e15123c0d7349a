"""The answers of a teacher to many images, whoever trained it."""

import numpy as np

from deepvid import training
from deepvid.adapters import contract
from deepvid.adapters.contract import Answers, Model
from deepvid.models import Classifier
from deepvid.progress import SILENT, Progress


def answers_of(teacher: Classifier | Model, images: np.ndarray, *, progress: Progress = SILENT) -> Answers:
    """Of uint8 images (sample, y, x, channel)."""
    if isinstance(teacher, Model):
        return contract.answers_of(teacher, images, progress=progress)
    return Answers(*training.predict(teacher, images, progress=progress))
