"""The teacher and the VAE of a run, ready to answer."""

from typing import Any, NamedTuple

import numpy as np
from pydantic import TypeAdapter, ValidationError

from deepvid import config, models
from deepvid.adapters.contract import Model
from deepvid.config import experiment_from
from deepvid.config.faults import describe
from deepvid.errors import StoreError
from deepvid.models import VAE, Classifier, LayeredClassifier
from deepvid.pipeline.logged import require_model
from deepvid.pipeline.user_model import UserModel, require_named, require_same
from deepvid.store import Run, Stage


class Trained(NamedTuple):
    """What students are fitted with."""

    classifier: Classifier | Model
    vae: VAE
    scale: np.ndarray  # (latent,) standard deviation of the latent means over the training images


def load_trained(run: Run, named: UserModel | None = None) -> Trained:
    """Restores both models. Raises `StoreError` where one is not committed yet."""
    return Trained(load_teacher(run, named), *load_vae(run))


def load_teacher(run: Run, named: UserModel | None = None) -> Classifier | Model:
    """The teacher of a run: restored, read from the file that the run holds, or else the one that is `named`.

    Raises `StoreError` where it is not committed yet, where it was logged, and where nobody names it.
    """
    require_model(run, "This needs")
    group = _stage(run, "teacher").open()
    if "model" not in group.attrs:
        return load_network(run)
    shape, class_names = tuple(group.attrs["image_shape"]), tuple(group.attrs["class_names"])
    section = experiment_from(run.config).teacher
    if named is None and "model" in group and isinstance(section, config.Onnx):  # no other is data
        return UserModel(section, group["model"].to_numpy().tobytes()).open(shape, class_names)
    model = require_named(run, "This needs", named).open(shape, class_names)
    require_same(model, run)
    return model


def load_network(run: Run) -> LayeredClassifier:
    """Restores a teacher of our own, whose layers can be looked into. Raises `StoreError` for others."""
    require_model(run, "This needs")
    group = _stage(run, "teacher").open()
    if "network" not in group.attrs and "model" in group.attrs:
        raise StoreError(
            "This needs the layers of a network that DeepVID trained",
            f"{run.id}, which explains {group.attrs['model']['name']}",
            "Use its map, its students and its confusions, which need no layers",
        )
    group = _stage(run, "teacher").open("parameters", "network", "image_shape", "class_names")
    network: config.Network = _settings(config.Network, group.attrs["network"], run)
    return models.restore(
        network,
        image_shape=tuple(group.attrs["image_shape"]),
        class_names=tuple(group.attrs["class_names"]),
        vector=group["parameters"].to_numpy(),
    )


def load_vae(run: Run) -> tuple[VAE, np.ndarray]:
    """The VAE alone, and the scale of its latents. Raises as `load_trained` does."""
    group = _stage(run, "vae").open("parameters", "scale", "settings", "image_shape")
    vae = models.restore_vae(
        _settings(config.Vae, group.attrs["settings"], run),
        image_shape=tuple(group.attrs["image_shape"]),
        vector=group["parameters"].to_numpy(),
    )
    return vae, group["scale"].to_numpy()


def _settings(kind: Any, stored: Any, run: Run) -> Any:
    try:
        return TypeAdapter(kind).validate_python(stored)
    except ValidationError as error:
        raise StoreError(
            f"The models of {run.id} have settings that this DeepVID knows",
            "; ".join(describe(error)),
            "Use the version that trained them, which its provenance names: deepvid show RUN --json",
        ) from error


def _stage(run: Run, name: str) -> Stage:
    if name not in run.stages:
        raise StoreError(
            "Students need a trained teacher and a trained VAE",
            f"run {run.id} has no committed stage {name!r}",
            "Continue the run first: deepvid run EXPERIMENT.toml --store STORE",
        )
    return run.stages[name]
