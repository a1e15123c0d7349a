"""The runs that are asked about, their models kept between requests."""

from functools import lru_cache

import numpy as np

from deepvid.config import Layers, Units
from deepvid.errors import ConfigError
from deepvid.fitted import fitted
from deepvid.pipeline.trained import TrainedRun
from deepvid.pipeline.user_model import registered_model, registered_models
from deepvid.store import Address, open_run

RUNS_KEPT = 4  # runs whose models stay in memory; a few MB each, but seconds to compile


def trained_run(address: Address) -> TrainedRun:
    """The run of a request as it is now: the one opened before, unless its models are others by now."""
    run = open_run(address)
    keys = (run.stages[name].key for name in ("dataset", "teacher", "vae") if name in run.stages)
    opened = _opened(address, len(registered_models), *keys)
    opened.run.poll()
    return opened


def training_images(opened: TrainedRun, most: int) -> np.ndarray:
    """uint8 (image, y, x, channel): so many, evenly spread over all, for they may come class after class."""
    group = opened.run.stages["dataset"].open("image", "test")
    training = np.flatnonzero(fitted(group["test"].to_numpy()))
    chosen = training[np.linspace(0, len(training) - 1, min(most, len(training))).astype(np.intp)]
    return np.asarray(group["image"].isel(sample=chosen).to_numpy())


def keys_of_layers(opened: TrainedRun, *needed: str) -> tuple[str, ...]:
    """Keys of what depends on a teacher and on what its layers and units were found to say.

    Raises ConfigError where layers were not looked into, or for another stage that is `needed`.
    """
    run = opened.run
    for name in ("teacher", Layers.stage, *needed):
        if run.stage(name) is None:
            raise ConfigError(
                f"Asking about layers needs the stage {Layers.stage!r}",
                f"{run.id}, which has no stage {name!r}",
                "Look into them first: deepvid network RUN",
            )
    stages = [run.stage(name) for name in ("teacher", Layers.stage, Units.stage)]
    return tuple(stage.key for stage in stages if stage is not None)


@lru_cache(maxsize=RUNS_KEPT)
def _opened(address: Address, registrations: int, *keys: str) -> TrainedRun:
    run = open_run(address)
    return TrainedRun(run, registered_model(run))
