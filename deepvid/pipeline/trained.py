"""The teacher and the VAE of a run, ready to answer."""

from typing import NamedTuple

import numpy as np
from pydantic import TypeAdapter

from deepvid import config, models
from deepvid.errors import StoreError
from deepvid.models import VAE, Classifier
from deepvid.store import Run, Stage


class Trained(NamedTuple):
    """What students are fitted with."""

    classifier: Classifier
    vae: VAE
    scale: np.ndarray  # (latent,) standard deviation of the latent means over the training images


def load_trained(run: Run) -> Trained:
    """Restores both models. Raises `StoreError` where one is not committed yet."""
    return Trained(load_teacher(run), *_load_vae(run))


def load_teacher(run: Run) -> Classifier:
    """Restores the teacher. Raises `StoreError` where it is not committed yet."""
    group = _stage(run, "teacher").open()
    network: config.Network = TypeAdapter(config.Network).validate_python(group.attrs["network"])
    return models.restore(
        network,
        image_shape=tuple(group.attrs["image_shape"]),
        class_names=tuple(group.attrs["class_names"]),
        vector=group["parameters"].to_numpy(),
    )


def _load_vae(run: Run) -> tuple[VAE, np.ndarray]:
    group = _stage(run, "vae").open()
    vae = models.restore_vae(
        config.Vae.model_validate(group.attrs["settings"]),
        image_shape=tuple(group.attrs["image_shape"]),
        vector=group["parameters"].to_numpy(),
    )
    return vae, group["scale"].to_numpy()


def _stage(run: Run, name: str) -> Stage:
    if name not in run.stages:
        raise StoreError(
            "Students need a trained teacher and a trained VAE",
            f"run {run.id} has no committed stage {name!r}",
            "Continue the run first: deepvid run EXPERIMENT.toml --store STORE",
        )
    return run.stages[name]
