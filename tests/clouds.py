"""Epochs of a toy classifier: clouds of samples that come apart, and the linear head that names them."""

import numpy as np

from deepvid.timetravel.boundary import boundary_features
from deepvid.timetravel.contract import Epoch, Head

CLASSES, EACH, WIDTH = 3, 40, 6


def clouds(epochs: int = 3, boundary: int = 30) -> list[Epoch]:
    """Features of three clouds of 40 samples around axes of six dimensions, farther out every epoch."""
    labels = np.repeat(np.arange(CLASSES), EACH)
    noise = np.random.default_rng(0).normal(size=(len(labels), WIDTH))
    head = Head(np.eye(WIDTH, CLASSES, dtype=np.float32), np.zeros(CLASSES, np.float32))
    made = []
    for number in range(epochs):
        features = (2 * (number + 1) * np.eye(WIDTH)[labels] + noise).astype(np.float32)
        between = boundary_features(head, features, boundary, seed=number).features
        made.append(Epoch(np.arange(len(labels)), features, between, head))
    return made
