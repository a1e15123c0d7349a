"""The models of a run, kept between what is asked of them."""

from functools import lru_cache
from pathlib import Path

import numpy as np

from deepvid.config import Layers, Units
from deepvid.engine.registered_models import registered_model
from deepvid.errors import ConfigError
from deepvid.models import VAE
from deepvid.pipeline.students import Opened, open_trained
from deepvid.pipeline.trained import load_vae
from deepvid.store import Run, open_run

RUNS_KEPT = 4  # runs whose models stay in memory; a few MB each, but seconds to compile


def keys_of(run: Run) -> tuple[str, ...]:
    """What the models depend on: a run that is computed anew gets new ones."""
    return tuple(run.stages[name].key for name in ("teacher", "vae") if name in run.stages)


def keys_of_layers(run: Run, *needed: str) -> tuple[str, ...]:
    """What depends on a teacher and on what its layers and units were found to say.

    Raises ConfigError where layers were not looked into, or for another stage that is `needed`.
    """
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
def models_of(run: str | Path, *keys: str) -> Opened:
    """`keys` are those of `keys_of`."""
    return open_trained(run, registered_model(open_run(run)))


@lru_cache(maxsize=RUNS_KEPT)
def vae_of(run: str | Path, *keys: str) -> tuple[VAE, np.ndarray]:
    """The VAE with its scale, of a run whose teacher cannot be opened."""
    return load_vae(open_run(run))
