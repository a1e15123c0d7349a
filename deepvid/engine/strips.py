"""The way of one image towards another class, or away from its own."""

from functools import lru_cache
from pathlib import Path

import numpy as np

from deepvid.cores import use_cores
from deepvid.engine.requests import DrawStrip, Frames
from deepvid.engine.samples import image_of
from deepvid.errors import ConfigError
from deepvid.models import Classifier
from deepvid.network.spaces import SPACES, Latents
from deepvid.network.strip import AWAY, strips
from deepvid.pipeline.trained import load_network, load_vae
from deepvid.progress import Progress
from deepvid.store import open_run

RUNS_KEPT = 4


def draw_strip(request: DrawStrip, progress: Progress) -> Frames:
    """Raises ConfigError for a class or a space that is not there, StoreError for another's teacher."""
    use_cores()  # a person waits for this one
    if request.space not in SPACES:
        raise ConfigError(
            f"Images are changed in {', '.join(SPACES)}", f"{request.space!r}", "Name one of them"
        )
    progress.update(0, 2, "loading the teacher")
    run = open_run(request.run)
    image = image_of(run, request.sample)
    teacher = _teacher(request.run, run.stages["teacher"].key)
    classes = len(teacher.class_names)
    if request.target is not None and not 0 <= request.target < classes:
        raise ConfigError(
            f"A strip leads to a class of the run, numbered from 0 and below {classes}",
            f"{request.target}",
            "Name one of them",
        )
    if classes < 2:
        raise ConfigError(
            "A strip leads to another class", "a teacher of one class", "Train one of two or more"
        )
    latents = None
    if request.space == "latent":
        if "vae" not in run.stages:
            raise ConfigError(
                "Latents are those of the run's autoencoder",
                f"none in {run.id}",
                "Choose pixels, or continue the run",
            )
        latents = _latents(request.run, run.stages["vae"].key)
    progress.update(1, 2, "leading the image to another class")
    target = np.array([AWAY if request.target is None else request.target])
    found = strips(teacher, latents, request.space, image[None], target)
    return Frames(found.picture[0] - image.astype(np.float32) / 255, found.logits[0])


@lru_cache(maxsize=RUNS_KEPT)
def _teacher(run: str | Path, key: str) -> Classifier:
    return load_network(open_run(run))


@lru_cache(maxsize=RUNS_KEPT)
def _latents(run: str | Path, key: str) -> Latents:
    return Latents(*load_vae(open_run(run)))
