"""Pictures that a unit answers as strongly as one can be made to, while a person waits."""

from functools import lru_cache
from typing import get_args

import numpy as np

from deepvid.config import Layers, Units, names
from deepvid.cores import use_cores
from deepvid.engine.models import RUNS_KEPT, trained_run, training_images
from deepvid.engine.requests import Maximize, MaximizedImages
from deepvid.errors import ConfigError, StoreError
from deepvid.models import LayeredClassifier
from deepvid.network.activation_maximization import (
    AVERAGED,
    MaximizedPictures,
    maximized,
    maximized_latent,
    ninth,
)
from deepvid.network.layers import layers_of
from deepvid.network.spaces import Latents
from deepvid.network.switches import MOST, NONE
from deepvid.pipeline.trained import TrainedRun
from deepvid.progress import Progress
from deepvid.store import Run

MAKINGS: tuple[names.Making, ...] = get_args(names.Making)


def maximize(request: Maximize, progress: Progress) -> MaximizedImages:
    """One after another. Raises ConfigError for a unit, a switch or a making that is not there."""
    use_cores()
    progress.update(0, 1 + len(request.made), "loading the teacher")
    opened = trained_run(request.run)
    _require(request, opened.network)
    found = []
    for number, name in enumerate(request.made):
        part = progress.part(1 + number, 2 + number, 1 + len(request.made))
        found.append(_made(name, request, opened, part))
    pictures, responses = (np.concatenate(each) for each in zip(*found, strict=True))
    return MaximizedImages(pictures, responses, _measure(opened.run, request.layer, request.unit))


def _made(name: names.Making, request: Maximize, opened: TrainedRun, progress: Progress) -> MaximizedPictures:
    unit, network = np.array([request.unit]), opened.network
    if name == "latent":
        return maximized_latent(network, request.layer, unit, _latents(opened), seed=0, progress=progress)
    held = request.switches if name == "held" else NONE
    return maximized(network, request.layer, unit, _mean_image(opened), held, seed=0, progress=progress)


def _require(request: Maximize, network: LayeredClassifier) -> None:
    width = {layer.name: layer.shape[-1] for layer in layers_of(network, len(network.layers))}
    layers = [name for name in width if name in network.layers]
    if request.layer not in layers:
        raise ConfigError(
            f"A maximized unit is one of a layer: {', '.join(layers)}",
            f"{request.layer!r}",
            "Name one of them",
        )
    if not 0 <= request.unit < width[request.layer]:
        raise ConfigError(
            f"Units of {request.layer} are numbered from 0 and below {width[request.layer]}",
            f"{request.unit}",
            "Name one of them",
        )
    if not request.made or not set(request.made) <= set(MAKINGS):
        raise ConfigError(
            f"A picture is made in one of {', '.join(MAKINGS)}", f"{request.made}", "Name some of them"
        )
    for name, value in request.switches._asdict().items():
        if not 0 <= value <= getattr(MOST, name):
            raise ConfigError(
                f"The switch {name} is from 0 to {getattr(MOST, name)}", f"{value}", "Move it there"
            )


def _measure(run: Run, layer: str, unit: int) -> float:
    """NaN where the unit's responses are not kept."""
    group = run.together(Layers.stage, Units.stage)
    columns = [column["name"] for column in group.attrs.get("columns", [])]
    if layer not in columns or "response_max" not in group:
        return float("nan")
    at = (group["unit_column"].to_numpy() == columns.index(layer)) & (group["unit_index"].to_numpy() == unit)
    if not at.any():
        return float("nan")
    return float(ninth(group["response_max"][:, np.flatnonzero(at)].to_numpy().astype(np.float32))[0])


def _latents(opened: TrainedRun) -> Latents:
    if "vae" not in opened.run.stages:
        raise StoreError(
            "Latents are those of the run's autoencoder",
            f"none in {opened.run.id}",
            "Ask for pixels, or continue the run",
        )
    return opened.latents


@lru_cache(maxsize=RUNS_KEPT)
def _mean_image(opened: TrainedRun) -> np.ndarray:
    """f32 (y, x, channel)."""
    return np.asarray(training_images(opened, AVERAGED).mean(axis=0), np.float32) / np.float32(255)
