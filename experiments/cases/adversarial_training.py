"""Adversarial training: what becomes of the boundary while a classifier learns to resist an attack?

    .venv/bin/python experiments/cases/adversarial_training.py [--source fashion_mnist_small]

The classifier is trained as usual, then with images that projected gradient descent has changed against it.
Test images that the attack has changed against the classifier of the beginning are samples of the run, too:
`adversarial` below. Robustness is the accuracy under an attack on the classifier as it is.

Source: the case study of DeepVisualInsight; Madry et al. (2018), Towards Deep Learning Models Resistant to
Adversarial Attacks, ICLR, for the attack.
"""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import nnx
from jaxtyping import Array
from lab import Learner, Population, arguments, images_of, log_epoch, percent, print_table, share, travelled

import deepvid

REACH, STEP, STEPS = 8 / 255, 2 / 255, 7


@partial(jax.jit, static_argnames=("steps",))
def attacked(network: nnx.Module, images: Array, labels: Array, steps: int = STEPS) -> Array:
    """Images (0 to 1) within `REACH` of the given ones, moved up the loss; from where they are."""

    def loss(changed: Array) -> Array:
        logits = network.head(network.features(changed))  # type: ignore[attr-defined]
        return optax.softmax_cross_entropy_with_integer_labels(logits, labels).sum()

    def step(_: int, changed: Array) -> Array:
        moved = changed + STEP * jnp.sign(jax.grad(loss)(changed))
        return jnp.clip(jnp.clip(moved, images - REACH, images + REACH), 0, 1)

    return jax.lax.fori_loop(0, steps, step, images)


def against(learner: Learner, images: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """uint8 images that the attack makes of these against the learner as it is."""
    network, made = learner.network(), []
    for begin in range(0, len(images), 200):
        rows = slice(begin, begin + 200)
        changed = attacked(network, jnp.asarray(images[rows], jnp.float32) / 255, jnp.asarray(labels[rows]))
        made.append(np.round(255 * np.asarray(changed)).astype(np.uint8))
    return np.concatenate(made)


def main() -> None:
    options = arguments(__doc__, train=5000, test=2000, epochs=20, iterations=3)
    given = images_of(options)
    train, test = given.images[~given.test], given.images[given.test]
    train_label, test_label = given.labels[~given.test], given.labels[given.test]
    learner = Learner(given, seed=options.seed)
    for _ in range(options.epochs):
        learner.epoch(train, train_label)
    adversarial = against(learner, test, test_label)
    population = Population.of((train, train_label), (test, test_label), (adversarial, test_label))
    robust = []
    with population.logged("adversarial_training", 1 + options.iterations, given, options.store) as run:
        for iteration in range(1 + options.iterations):
            if iteration:
                learner.epoch(train, train_label, change=attacked)
            attack = against(learner, test, test_label)
            robust.append(learner.answers(attack).logits.argmax(axis=1) == test_label)
            log_epoch(run, learner, population, robust_accuracy=float(robust[-1].mean()))
    maps = travelled(run.path, options)
    clean, changed = np.split(population.held_out, [len(test)])
    teacher = deepvid.open_run(run.path).series("teacher").open()  # type: ignore[union-attr]
    predicted = teacher["test_logits"].to_numpy().argmax(axis=2)
    print(f"\n{options.source}, {len(train):,} training and {len(test):,} test images, seed {options.seed}\n")
    print_table(
        (
            "iteration",
            "robust accuracy",
            "test accuracy",
            "accuracy on adversarial",
            "own color: adversarial",
            "own color: test",
        ),
        (
            (
                iteration,
                percent(share(robust[iteration])),
                percent(share(predicted[iteration][: len(test)] == test_label)),
                percent(share(predicted[iteration][len(test) :] == test_label)),
                percent(share(maps.colors(iteration)[maps.rows(changed)] == test_label)),
                percent(share(maps.colors(iteration)[maps.rows(clean)] == test_label)),
            )
            for iteration in range(1 + options.iterations)
        ),
    )


if __name__ == "__main__":
    main()
