"""A training that any program could make: three classes whose features part from epoch to epoch."""

from typing import Any, NamedTuple

import numpy as np

SAMPLES, CLASSES, WIDTH = 60, 3, 5
LABELS = np.arange(SAMPLES) % CLASSES
TEST = np.arange(SAMPLES) % 4 == 1  # every fourth: the store has them last
IMAGES = np.random.default_rng(0).integers(0, 256, (SAMPLES, 9, 8, 3), dtype=np.uint8)
NAMES = ["ant", "bee", "cat"]


def quick(students: int, *, explanations: int = 0) -> dict[str, Any]:
    """Settings with which `explain` is done in seconds, with so many students."""
    return {
        "soft_tree": {"depth": 2, "epochs": 2, "trees": 2},
        "vae": {"latent": 3, "width": 2, "hidden": 4, "epochs": 1, "batch": 20},
        "projections": [{"method": "pca"}],
        "students": {"limit": students, "neighbors": 20},
        "explanations": {"limit": explanations},
        "causes": {"limit": 0},
    }


class Answers(NamedTuple):
    """Arguments of `run.epoch`, in the order of `IMAGES`."""

    logits: np.ndarray
    features: np.ndarray
    head: tuple[np.ndarray, np.ndarray]


def answers(epoch: int) -> Answers:
    """After an epoch, counted from 0."""
    rng = np.random.default_rng(epoch)
    weight, bias = rng.normal(size=(WIDTH, CLASSES)), rng.normal(size=CLASSES)
    features = rng.normal(size=(SAMPLES, WIDTH)) + epoch * weight.T[LABELS]
    return Answers(features @ weight + bias, features, (weight, bias))


def given(epoch: int) -> dict[str, Any]:
    """`answers` as keywords."""
    return answers(epoch)._asdict()
