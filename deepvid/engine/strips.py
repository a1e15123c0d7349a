"""The way of one image towards another class, or away from its own."""

from collections.abc import Callable

import jax
import numpy as np

from deepvid.adapters.contract import Model
from deepvid.attribution.called import Followed
from deepvid.config import names
from deepvid.cores import use_cores
from deepvid.engine.models import trained_run
from deepvid.engine.requests import DrawStrip, Frames
from deepvid.errors import ConfigError
from deepvid.network.counterfactual_strip import AWAY, CounterfactualStrip, counterfactual_strips
from deepvid.network.spaces import SPACES, Latents
from deepvid.progress import Progress
from deepvid.store import Run
from deepvid.tier import Tier


def draw_strip(request: DrawStrip, progress: Progress) -> Frames:
    """Raises ConfigError for a class or a space that is not there, StoreError for another's teacher."""
    use_cores()  # a person waits for this one
    if request.space not in SPACES:
        raise ConfigError(
            f"Images are changed in {', '.join(SPACES)}", f"{request.space!r}", "Name one of them"
        )
    progress.update(0, 2, "loading the teacher")
    opened = trained_run(request.run)
    run, image, teacher = opened.run, opened.image(request.sample), opened.teacher
    classes = len(run.class_names)
    if request.target is not None and not 0 <= request.target < classes:
        raise ConfigError(
            f"A strip leads to a class of the run, numbered from 0 and below {classes}",
            f"{request.target}",
            "Name one of them",
        )
    if classes < 2:
        raise ConfigError(
            "A strip leads to another class", "a teacher of one class", "Train a teacher of two or more"
        )
    latents = None
    if request.space == "latent":
        if "vae" not in run.stages:
            raise ConfigError(
                "Latents are those of the run's autoencoder",
                f"none in {run.id}",
                "Choose pixels, or continue the run",
            )
        latents = opened.latents

    def leading() -> None:
        progress.update(1, 2, "leading the image to another class")

    leading()
    target = np.array([AWAY if request.target is None else request.target])
    if isinstance(teacher, Model):
        found = _called(run, teacher, latents, request.space, image[None], target, leading)
    else:
        found = counterfactual_strips(teacher, latents, request.space, image[None], target)
    return Frames(found.picture[0] - image.astype(np.float32) / 255, found.logits[0])


def _called(
    run: Run,
    model: Model,
    latents: Latents | None,
    space: names.Space,
    image: np.ndarray,
    target: np.ndarray,
    leading: Callable[[], None],
) -> CounterfactualStrip:
    """Through what JAX knows nothing of, step by step."""
    if model.tier < Tier.GRADIENTS:
        raise ConfigError(
            f"A strip needs a classifier's {Tier.GRADIENTS.word}",
            f"{run.id}, whose {model.name} gives only answers",
            "Explain the PyTorch, Keras or Flax network itself; superpixels and What if need only answers",
        )
    with jax.disable_jit():
        return counterfactual_strips(Followed(model, leading), latents, space, image, target)
