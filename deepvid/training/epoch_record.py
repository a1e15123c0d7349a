"""Records of a training as it goes: how far every kernel moves, in an epoch's columns of steps."""

from collections.abc import Mapping
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx
from jaxtyping import Array, Float, Int

from deepvid.models import LayeredClassifier
from deepvid.step_numbers import OF_KERNEL, OF_STEP
from deepvid.training.probe import Ticks


class EpochRecord(NamedTuple):
    """Record of one epoch."""

    steps: int
    kernels: tuple[str, ...]  # by their path in the network, as `stage1.block1.convs.0`
    numbers: Float[np.ndarray, "column number statistic"]  # as `step_numbers.number_names` orders them
    ticks: Ticks
    judged: Int[np.ndarray, " image"]  # some of the training images, the same in every epoch
    judged_logits: Float[np.ndarray, "image class"]  # in evaluation mode


def kernel_numbers(before: nnx.State, after: nnx.State, gradient: nnx.State) -> dict[str, Array]:
    """mean |w' - w| / mean |w| and |dL/dw| of each kernel w, which a step makes w': two arrays (kernel,).

    From w' and not from the optimizer's update: another use of that could keep XLA from fusing it into w',
    and change the last digits of the training. Source of the ratio: the training page of Deeplearning4j,
    https://deeplearning4j.konduit.ai/deeplearning4j/how-to-guides/tuning-and-training/visualization.
    """
    old, new, slope = (
        [leaf for leaf in jax.tree.leaves(state) if leaf.ndim > 1] for state in (before, after, gradient)
    )
    ratios = [jnp.abs(b - a).mean() / jnp.abs(a).mean() for a, b in zip(old, new, strict=True)]
    norms = [jnp.sqrt((leaf**2).sum()) for leaf in slope]
    return {"update_ratio": jnp.stack(ratios), "gradient_norm": jnp.stack(norms)}


def kernel_names(classifier: LayeredClassifier) -> tuple[str, ...]:
    """The kernels in the order of `kernel_numbers`, each by its block and the path in it."""
    leaves, _ = jax.tree_util.tree_flatten_with_path(nnx.state(classifier, nnx.Param))
    paths = [jax.tree_util.keystr(path, simple=True, separator="/") for path, leaf in leaves if leaf.ndim > 1]
    return tuple(dotted_name(path, classifier.layers).removesuffix(".kernel") for path in paths)


def step_numbers(
    steps: Mapping[str, np.ndarray], rates: Float[np.ndarray, " step"]
) -> Float[np.ndarray, "step number"]:
    """In the order of `number_names`; `steps` has arrays (step,) or (step, kernel)."""
    known = {**steps, "learning_rate": rates}
    parts = [known[number.name].reshape(len(rates), -1) for number in (*OF_STEP, *OF_KERNEL)]
    return np.concatenate(parts, axis=1, dtype=np.float64)


def dotted_name(path: str, layers: tuple[str, ...]) -> str:
    """As `stage1.block1.convs.0.kernel` of `blocks/1/convs/0/kernel/value`."""
    steps = path.removesuffix("/value").split("/")
    if steps[0] == "blocks":
        steps = [layers[int(steps[1])], *steps[2:]]
    return ".".join(steps)
