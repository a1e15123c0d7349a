"""The errors whose students are compared, with the models that they are errors of."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.special import softmax
from student_world import world

from deepvid import config
from deepvid.models import VAE, Classifier
from deepvid.pipeline.trained import TrainedRun
from deepvid.store import open_run
from deepvid.training import predict


class Errors(NamedTuple):
    """Misclassified test images."""

    classifier: Classifier
    vae: VAE
    band: np.ndarray
    mean_color: np.ndarray  # float32 (channel,)
    images: np.ndarray
    rows: np.ndarray
    labels: np.ndarray


def of_run(path: Path, count: int) -> Errors:
    run = open_run(path)
    models = TrainedRun(run)
    dataset = run.stages["dataset"].open()
    images, labels, test = (dataset[name].to_numpy() for name in ("image", "label", "test"))
    rows = other_half(run.stages["teacher"].open()["logits"].to_numpy(), labels, test)[:count]
    band = config.Students().band * models.scale
    return Errors(
        models.teacher, models.vae, band, _mean_color(images[~test]), images[rows], rows, labels[rows]
    )


def of_training(folder: Path | None, count: int) -> Errors:
    shared = world(folder)
    images, labels, test = shared.data.images, shared.data.labels, shared.data.test
    logits = predict(shared.classifier, images).logits
    rows = other_half(logits, labels, test)[:count]
    mean = _mean_color(images[~test])
    return Errors(shared.classifier, shared.vae, shared.band, mean, images[rows], rows, labels[rows])


def other_half(logits: np.ndarray, labels: np.ndarray, test: np.ndarray) -> np.ndarray:
    """In random order, the errors on which no setting was chosen."""
    wrong = np.flatnonzero(test & (logits.argmax(axis=1) != labels))
    confident = wrong[np.argsort(-softmax(logits[wrong], axis=1).max(axis=1), kind="stable")]
    return np.random.default_rng(0).permutation(confident)[1::2]


def _mean_color(training: np.ndarray) -> np.ndarray:
    return (training[:2000].mean(axis=(0, 1, 2)) / 255).astype(np.float32)
