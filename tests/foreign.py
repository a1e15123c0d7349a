"""A small network of ours, and the same as a stranger would hand it over: NumPy in, NumPy out."""

from dataclasses import dataclass, field
from functools import cache

import jax
import jax.numpy as jnp
import numpy as np

from deepvid import config
from deepvid.adapters.contract import Answers, Slopes
from deepvid.models import VAE, Classifier, build, build_vae
from deepvid.students.teachers import Teacher
from deepvid.tier import Tier

SHAPE = (8, 9, 1)
BAND = np.full(3, 1.0, np.float32)
SAMPLES = np.array([11, 5, 7, 2], np.int32)
IMAGES = np.random.default_rng(0).integers(0, 256, (4, *SHAPE), dtype=np.uint8)


@cache
def models() -> tuple[Classifier, VAE]:
    keys = jax.random.split(jax.random.key(3))
    network = config.Mlp(hidden=(12,))
    classifier = build(network, image_shape=SHAPE, class_names=("a", "b", "c"), dropout=0.0, key=keys[0])
    vae = build_vae(config.Vae(latent=3, width=4, hidden=16), image_shape=SHAPE, key=keys[1])
    classifier.eval()
    vae.eval()
    return classifier, vae


def cosine(first: np.ndarray, second: np.ndarray) -> float:
    first, second = (array.astype(np.float64).ravel() for array in (first, second))
    return float(first @ second / np.linalg.norm(first) / np.linalg.norm(second))


@dataclass
class Wrapped:
    """A `Model` of what JAX traces; it keeps how many images it was asked about in each call."""

    teacher: Teacher
    tier: Tier = Tier.GRADIENTS
    name: str = "my_net:build"
    answered: list[int] = field(default_factory=list)
    differentiated: list[int] = field(default_factory=list)

    def answers(self, images: np.ndarray) -> Answers:
        assert type(images) is np.ndarray
        assert images.dtype == np.float32
        self.answered.append(len(images))
        return Answers(np.asarray(self.teacher.logits(jnp.asarray(images))), None)

    def slopes(self, images: np.ndarray, classes: np.ndarray) -> Slopes:
        assert type(images) is np.ndarray
        assert type(classes) is np.ndarray
        assert self.tier >= Tier.GRADIENTS
        self.differentiated.append(len(images))
        logits, pull = jax.vjp(self.teacher.logits, jnp.asarray(images))
        slopes = [pull(jnp.zeros_like(logits).at[:, index].set(1.0))[0] for index in classes]
        return Slopes(np.asarray(logits), np.stack(slopes, axis=1))

    def digest(self) -> str | None:
        return None
