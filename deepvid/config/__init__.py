"""The experiment description: models, names, limits, reading and hashing; no computing package."""

from deepvid.config.experiment import (
    Dataset,
    Experiment,
    Mlp,
    Network,
    Projection,
    ResNet,
    ResNet50,
    Students,
    Teacher,
    Vae,
)
from deepvid.config.hashing import digest, run_id
from deepvid.config.reading import experiment_from, read_experiment

__all__ = [
    "Dataset",
    "Experiment",
    "Mlp",
    "Network",
    "Projection",
    "ResNet",
    "ResNet50",
    "Students",
    "Teacher",
    "Vae",
    "digest",
    "experiment_from",
    "read_experiment",
    "run_id",
]
