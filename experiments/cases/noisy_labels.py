"""Noisy labels: do images with a wrong label show themselves by how they travel?

    .venv/bin/python experiments/cases/noisy_labels.py [--source fashion_mnist_small]

A share of the training labels is flipped to another class. Each way of finding them gives every training
image a score, and is judged by the area under its ROC curve (.5 is chance) and by how many of as many images
as were flipped are among those of the highest score. The ways:

- loss, last epoch: the cross-entropy with the given label, which a classifier learns last
- loss, mean over epochs
- color, late: the share of epochs in which an image lies on a cell of another class than it is labeled
- clusters of motion: Birch over the map velocity of all epochs; the three largest clusters are presumed
  clean, other images score by their distance to them (DeepDebugger)

Source: the case study of DeepDebugger: Yang et al. (2023), ESEC/FSE 31.
"""

import numpy as np
from lab import (
    Learner,
    Maps,
    Population,
    arguments,
    images_of,
    log_epoch,
    percent,
    print_table,
    share,
    travelled,
)
from sklearn.cluster import Birch
from sklearn.metrics import roc_auc_score

from deepvid.statistics import Interval

LARGEST = 3  # clusters that are presumed clean
CLUSTERS = 10
DRAWS = 500  # of the bootstrap


def main() -> None:
    options = arguments(__doc__, train=5000, test=2000, epochs=12, percent=20)
    given = images_of(options)
    train, test = given.images[~given.test], given.images[given.test]
    true, test_label = given.labels[~given.test], given.labels[given.test]
    rng = np.random.default_rng(options.seed)
    flipped = np.zeros(len(true), bool)
    flipped[rng.choice(len(true), len(true) * options.percent // 100, replace=False)] = True
    classes = len(given.class_names)
    label = np.where(flipped, (true + rng.integers(1, classes, len(true))) % classes, true)
    population = Population.of((train, label), (test, test_label))
    learner = Learner(given, seed=options.seed)
    losses, original = [], np.append(true, test_label)
    with population.logged("noisy_labels", options.epochs, given, options.store, original) as run:
        for _ in range(options.epochs):
            learner.epoch(train, label)
            answers = log_epoch(run, learner, population)
            losses.append(_loss(answers.logits[: len(train)], label))
    maps = travelled(run.path, options)
    scores = {
        "loss, last epoch": losses[-1],
        "loss, mean over epochs": np.mean(losses, axis=0),
        "color, late": late(maps, label),
        "clusters of motion": by_motion(maps, len(train), seed=options.seed),
        "chance": rng.random(len(train)),
    }
    print(
        f"\n{options.source}, {len(train):,} training images, {flipped.sum():,} of them flipped, "
        f"{options.epochs} epochs, seed {options.seed}\n"
    )
    print_table(
        ("way", "area under ROC", f"precision at {flipped.sum():,}"),
        (
            (name, _area(score, flipped, seed=options.seed), percent(share(flipped[_first(score, flipped)])))
            for name, score in scores.items()
        ),
    )


def _loss(logits: np.ndarray, label: np.ndarray) -> np.ndarray:
    """Cross-entropy (sample,) of the given labels."""
    highest = logits.max(axis=1, keepdims=True)
    total = highest[:, 0] + np.log(np.exp(logits - highest).sum(axis=1))
    return total - logits[np.arange(len(label)), label]


def late(maps: Maps, label: np.ndarray) -> np.ndarray:
    """The share of epochs in which an image lies on another color than its given label's."""
    epochs = range(maps.data.sizes["epoch"])
    return np.mean([maps.colors(epoch)[: len(label)] != label for epoch in epochs], axis=0)


def by_motion(maps: Maps, images: int, *, seed: int) -> np.ndarray:
    """Distance of an image's velocity over all epochs to the nearest middle of the largest clusters."""
    position = maps.data["position"].to_numpy().astype(np.float32)[:, :images]
    velocity = np.diff(position, axis=0).transpose(1, 0, 2).reshape(images, -1)
    velocity /= velocity.std()
    cluster = Birch(n_clusters=CLUSTERS).fit_predict(velocity)
    largest = np.bincount(cluster).argsort()[::-1][:LARGEST]
    middles = np.stack([velocity[cluster == one].mean(axis=0) for one in largest])
    far = np.linalg.norm(velocity[:, None] - middles, axis=2).min(axis=1)
    return far + 1e3 * ~np.isin(cluster, largest)  # those of other clusters first


def _first(score: np.ndarray, flipped: np.ndarray) -> np.ndarray:
    """As many images as are flipped, of the highest score."""
    return score.argsort(kind="stable")[::-1][: flipped.sum()]


def _area(score: np.ndarray, flipped: np.ndarray, *, seed: int) -> str:
    """With its 95 % percentile bootstrap."""
    rng, areas = np.random.default_rng(seed), []
    for _ in range(DRAWS):
        rows = rng.integers(0, len(score), len(score))
        areas.append(roc_auc_score(flipped[rows], score[rows]))
    interval = Interval(float(roc_auc_score(flipped, score)), *map(float, np.percentile(areas, [2.5, 97.5])))
    return f"{interval.value:.3f} [{interval.low:.3f}, {interval.high:.3f}]"


if __name__ == "__main__":
    main()
