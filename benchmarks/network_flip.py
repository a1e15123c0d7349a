"""The rows of `benchmarks/network.py` on distances to another answer, and on strips.

The baseline takes 60 steps of fixed length down the same slope, until the answer changes, then bisects.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from records import Baseline, Record, at_most, higher_is_better, lower_is_better

from deepvid.config import names
from deepvid.network import adversarial_distance
from deepvid.network.counterfactual_strip import FRAMES, counterfactual_strips, evidence_of
from deepvid.network.spaces import SPACES, Latents, clipped, length, slope, space_of, stretched
from deepvid.pipeline.trained import TrainedRun
from deepvid.store import Run
from deepvid.training.batches import unit

STEPS = 60
FARTHEST: dict[names.Space, float] = {"pixel": 2.0, "latent": 2.6}  # of those steps
MOST = {True: 32, False: 128}  # images, by whether it is to be quick

Cpu = Callable[[Callable[[], object], int], float]


def changes(run: Run, cpu: Cpu, *, quick: bool) -> Iterator[Record]:
    """Half of the images are errors; in the order of their margins, as the stage asks."""
    dataset, teacher = run.stages["dataset"].open(), run.stages["teacher"].open()
    test = np.flatnonzero(dataset["test"].to_numpy())
    logits, label = teacher["logits"].to_numpy()[test], dataset["label"].to_numpy()[test]
    rows, answer = _drawn(logits, label, MOST[quick]), logits.argmax(axis=1)
    images = dataset["image"].isel(sample=test[rows]).to_numpy()
    network, latents = TrainedRun(run).network, TrainedRun(run).latents
    for space in FARTHEST:
        yield from _flips(network, latents, space, images, cpu)
    wrong = rows[answer[rows] != label[rows]][: MOST[quick] // 8]
    errors = dataset["image"].isel(sample=test[wrong]).to_numpy()
    yield from _strips(network, latents, errors, answer[wrong], label[wrong], cpu)


def _flips(
    network: Any, latents: Latents, space: names.Space, images: np.ndarray, cpu: Cpu
) -> Iterator[Record]:
    ask = partial(adversarial_distance.adversarial_distances, network, latents, space, images)
    fixed = partial(_fixed, network, latents, space, images)
    own, theirs = (1e3 / len(images) * cpu(act, 1) for act in (ask, fixed))
    name, baseline = f"distance to flip in {space}s", f"{STEPS} fixed steps and bisection"
    yield lower_is_better(f"{name}, an image", own, "ms", Baseline(baseline, theirs), budget=2)
    short, fixed_short = ask().distance, fixed()
    both = np.isfinite(short) & np.isfinite(fixed_short)
    longer = float((short[both] / fixed_short[both]).mean())
    yield lower_is_better(
        f"{name}: length, mean ratio", longer, "", Baseline(baseline, 1), budget=at_most(1.03)
    )
    flipped, fixed_flipped = (float(np.isfinite(found).mean()) for found in (short, fixed_short))
    yield higher_is_better(f"{name}: images flipped", flipped, "", Baseline(baseline, fixed_flipped))


def _strips(
    network: Any, latents: Latents, images: np.ndarray, answer: np.ndarray, target: np.ndarray, cpu: Cpu
) -> Iterator[Record]:
    """How even the frames are, and what one strip costs."""
    for space in SPACES:
        ask = partial(counterfactual_strips, network, latents, space, images, target)
        yield lower_is_better(f"strip in {space}s, an image", 1e3 / len(images) * cpu(ask, 1), "ms")
        found = ask()
        uneven = []
        for logits, own, aim in zip(found.logits, answer, target, strict=True):
            evidence = evidence_of(logits, int(own), int(aim))
            goals = np.linspace(evidence[0], max(2, evidence[0] + 2), FRAMES)
            uneven.append(float(np.abs(evidence - goals).max() / (goals[1] - goals[0])))
        name, worst = f"strip in {space}s: frame from its evidence, in steps", float(np.quantile(uneven, 0.9))
        yield lower_is_better(f"{name}, p90", worst, "", Baseline("0.02", 0.02), budget=1)


def _drawn(logits: np.ndarray, label: np.ndarray, most: int) -> np.ndarray:
    wrong, rng = logits.argmax(axis=1) != label, np.random.default_rng(0)
    rows = np.concatenate([rng.permutation(np.flatnonzero(kind))[: most // 2] for kind in (wrong, ~wrong)])
    second, first = np.partition(logits[rows], -2, axis=1)[:, -2:].T
    return np.asarray(rows[np.argsort(first - second)])


def _fixed(network: Any, latents: Latents, space: names.Space, images: np.ndarray) -> np.ndarray:
    few = images.reshape(-1, adversarial_distance.TOGETHER, *images.shape[1:])
    return np.concatenate([np.asarray(_fixed_few(network, latents, some, space)) for some in few])


@partial(jax.jit, static_argnames="space")
def _fixed_few(network: Any, latents: Any, images: Any, space: names.Space) -> jax.Array:
    """‖u‖ (sample,), nan where the answer has not changed."""
    where = space_of(space, unit(images), latents)
    answer = network.logits(unit(images)).argmax(axis=1)
    excess = partial(adversarial_distance.excess, network, answer)
    size = FARTHEST[space] / STEPS

    def walk(_: int, u: jax.Array) -> jax.Array:
        value, gradient = slope(where, u, excess)
        by = stretched(size / jnp.maximum(length(gradient), adversarial_distance.FLAT), u)
        return jnp.where(stretched(value > 0, u), u, where.project(u + by * gradient))

    u = lax.fori_loop(0, STEPS, walk, where.start)
    u = stretched(adversarial_distance.crossing(where, u, excess), u) * u
    flipped = network.logits(clipped(where, u)).argmax(axis=1) != answer
    return jnp.where(flipped, length(u), jnp.nan)
