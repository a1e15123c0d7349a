"""A classifier's answers for many images."""

from typing import NamedTuple

import jax
import numpy as np
from jaxtyping import Array, Float, UInt8

from deepvid.models import Classifier
from deepvid.progress import SILENT, Progress
from deepvid.training.batches import in_batches, unit

BATCH = 200  # labeling on a CPU is fastest from 25 to 200 images at once


class Predictions(NamedTuple):
    """What a classifier says of each sample."""

    logits: Float[np.ndarray, "sample class"]
    features: Float[np.ndarray, "sample feature"]


def predict(
    classifier: Classifier,
    images: UInt8[np.ndarray, "sample y x channel"],
    *,
    progress: Progress = SILENT,
) -> Predictions:
    """Runs `classifier`, in evaluation mode, over all images."""
    return Predictions(*in_batches(_outputs, classifier, images, size=BATCH, progress=progress))


@jax.jit
def _outputs(classifier: Classifier, images: UInt8[Array, "sample y x channel"]) -> tuple[Array, Array]:
    features = classifier.features(unit(images))
    return classifier.head(features), features
