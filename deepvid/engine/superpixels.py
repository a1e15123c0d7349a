"""Which squares of one image speak for the teacher's answer against another class: LIME on a coarse grid."""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from deepvid.adapters.contract import Model
from deepvid.attribution.called import asking
from deepvid.attribution.lime import LimeGrid, Surrogate
from deepvid.attribution.method import Case, bare_case
from deepvid.cores import use_cores
from deepvid.engine.models import trained_run
from deepvid.engine.requests import Superpixels, SuperpixelWeights
from deepvid.errors import ConfigError
from deepvid.models import Classifier
from deepvid.progress import Progress

ACROSS = 4  # squares along the longer side: of finer ones the fitted masks say more than held-out ones
MASKS = 300


def superpixels(request: Superpixels, progress: Progress) -> SuperpixelWeights:
    """Fits the surrogate twice, to masks of its own each. Raises ConfigError for what is no other class."""
    use_cores()
    progress.update(0, 2, "loading the teacher")
    opened = trained_run(request.run)
    image, teacher = opened.image(request.sample), opened.teacher
    logits = _logits(teacher, image[None] / np.float32(255))[0]
    answer = int(logits.argmax())
    if not 0 <= request.target < len(logits) or request.target == answer:
        raise ConfigError(
            f"Superpixels compare the answer with another class, numbered from 0 and below {len(logits)}",
            f"{request.target}",
            "Name another one",
        )
    progress.update(1, 2, "covering squares")
    cell = -(-max(image.shape[:2]) // ACROSS)
    keys = jax.random.split(jax.random.key(request.sample))
    pair = jnp.array([answer, request.target])
    cases = [_case(jnp.asarray(image), pair, key) for key in keys]
    found = [_fitted(teacher, case, cell) for case in cases]
    first, again = (_by_square(np.asarray(one.map), cell) for one in found)
    alike = np.ptp(first) == 0 or np.ptp(again) == 0
    repeated = np.nan if alike else float(np.corrcoef(first.ravel(), again.ravel())[0, 1])
    return SuperpixelWeights(first, cell, MASKS, float(found[0].r2), repeated)


def _logits(teacher: Classifier | Model, images: np.ndarray) -> np.ndarray:
    if isinstance(teacher, Model):
        return teacher.answers(images).logits
    return np.asarray(teacher.logits(jnp.asarray(images)))


def _fitted(teacher: Classifier | Model, case: Case, cell: int) -> Surrogate:
    if isinstance(teacher, Model):
        return asking(teacher, case, LimeGrid(masks=MASKS, cell=cell).surrogate)
    return _traced(teacher, case, cell)


@partial(jax.jit, static_argnames="cell")
def _traced(teacher: Any, case: Case, cell: int) -> Surrogate:
    return LimeGrid(masks=MASKS, cell=cell).surrogate(teacher, case)


def _case(image: Array, pair: Array, key: Array) -> Case:
    pixels = jnp.asarray(image, jnp.float32) / 255
    return bare_case(pixels, pair, key, pixels.mean(axis=(0, 1)))


def _by_square(pixels: np.ndarray, cell: int) -> np.ndarray:
    """f32 (v, u): what the pixels (y, x, channel) of each square sum to."""
    rows = np.add.reduceat(pixels.sum(axis=-1), np.arange(0, pixels.shape[0], cell), axis=0)
    return np.asarray(np.add.reduceat(rows, np.arange(0, pixels.shape[1], cell), axis=1), np.float32)
